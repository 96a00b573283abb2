//! Whether the price of a reading is believed.
//!
//! | the price read is | it is |
//! |---|---|
//! | not there | unknown: nothing happens |
//! | zero, negative, or beyond all bounds | rejected: as good as unread |
//! | in another currency, or below a fifth or above five times of both the known price and the median of the known ones | held |
//! | anything else | accepted |
//!
//! A held price stays away from record and people until [`AGREEING`] readings in a row agree on it, or two do that
//! are [`LONG`] apart: a true jump is told a few runs late, a slip of the decimal mark never. A reading that
//! is believed ends the wait; one that is held for another value begins it anew.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use sites::Money;

use super::prices::Prices;

/// Readings that must agree, the first one included.
pub const AGREEING: u32 = 3;
/// Two readings that are so far apart suffice.
pub const LONG: TimeDelta = TimeDelta::hours(24);
/// Readings of several searches within this time are one: they share what may be wrong.
const APART: TimeDelta = TimeDelta::minutes(1);
/// A wait that nobody has confirmed for so long is over.
const STALE: TimeDelta = TimeDelta::days(14);
/// So many times more, or less, is not believed at once.
const FACTOR: i128 = 5;
/// Held readings agree when they differ by less than this share, percent.
const ALIKE_PERCENT: i128 = 10;
/// Prices above this are mistakes in any currency, minor units.
const MOST: i64 = 100_000_000_000_000;

/// Why a price is not believed at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Doubt {
    /// Zero, negative or beyond all bounds.
    NoPrice,
    /// Another currency.
    Currency,
    /// A power of ten times the known price: the decimal mark was misread.
    Power,
    /// Too far from all that is known.
    Far,
}

impl Doubt {
    /// The word for logs and metrics.
    pub fn word(self) -> &'static str {
        match self {
            Self::NoPrice => "no_price",
            Self::Currency => "currency",
            Self::Power => "power_of_ten",
            Self::Far => "far",
        }
    }
}

/// A price that waits for readings that agree.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Held {
    /// The price as read last.
    pub price: Money,
    /// Readings in a row that agree on it.
    pub reads: u32,
    /// When the first one was.
    pub since: DateTime<Utc>,
    /// When the last one was that counted.
    pub last: DateTime<Utc>,
}

/// What becomes of a price.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ruling {
    /// None was read: nothing happens, neither to the known price nor to a wait.
    Unread,
    /// It is believed.
    Accept,
    /// It waits.
    Hold(Held, Doubt),
    /// It is no price: as good as unread.
    Reject(Doubt),
}

/// Whether a number can be an asking price at all.
pub fn is_plausible(price: &Money) -> bool {
    (1..=MOST).contains(&price.minor)
}

/// Rules on the price `read` at `at`, given the price known now and those before.
pub fn rule(
    known: Option<&Money>,
    prices: &Prices,
    read: Option<&Money>,
    at: DateTime<Utc>,
) -> Ruling {
    let Some(read) = read else { return Ruling::Unread };
    if !is_plausible(read) {
        return Ruling::Reject(Doubt::NoPrice);
    }
    let Some(doubt) = known.and_then(|known| doubt(known, prices, read)) else {
        return Ruling::Accept;
    };
    let held = after(prices.held.as_ref(), read, at);
    let is_long = held.reads >= 2 && at - held.since >= LONG;
    if held.reads >= AGREEING || is_long { Ruling::Accept } else { Ruling::Hold(held, doubt) }
}

/// What is wrong with a price, if anything.
fn doubt(known: &Money, prices: &Prices, read: &Money) -> Option<Doubt> {
    if !is_plausible(known) {
        return None;
    }
    if read.currency != known.currency {
        return Some(Doubt::Currency);
    }
    // Also against the known price alone: many honest steps may have led far away from the median.
    if !is_far(read.minor, known.minor) || !is_far(read.minor, prices.median(known)) {
        return None;
    }
    Some(if is_power_of_ten(read.minor, known.minor) { Doubt::Power } else { Doubt::Far })
}

fn is_far(read: i64, from: i64) -> bool {
    let (read, from) = (i128::from(read), i128::from(from));
    read * FACTOR < from || read > from * FACTOR
}

fn is_power_of_ten(a: i64, b: i64) -> bool {
    let (low, high) = (i128::from(a.min(b)), i128::from(a.max(b)));
    let mut power = low * 10;
    while power * 24 < high * 23 {
        power *= 10;
    }
    power * 23 <= high * 24
}

/// The wait after another reading.
fn after(held: Option<&Held>, read: &Money, at: DateTime<Utc>) -> Held {
    let agrees = |held: &&Held| is_alike(&held.price, read) && at - held.last < STALE;
    match held.filter(agrees) {
        Some(held) if at - held.last < APART => Held { price: read.clone(), ..held.clone() },
        Some(held) => {
            Held { price: read.clone(), reads: held.reads + 1, since: held.since, last: at }
        }
        None => Held { price: read.clone(), reads: 1, since: at, last: at },
    }
}

fn is_alike(a: &Money, b: &Money) -> bool {
    let (x, y) = (i128::from(a.minor), i128::from(b.minor));
    a.currency == b.currency && (x - y).abs() * 100 <= x.min(y) * ALIKE_PERCENT
}

#[cfg(test)]
#[path = "gate_tests.rs"]
mod tests;
