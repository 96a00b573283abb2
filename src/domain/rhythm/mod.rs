//! When a source runs: interval or cron expression, weekly windows, jitter, even spread. Pure.
//!
//! ```text
//! plain interval ─► grid of its own ─┐                         ┌─► spread over the opening
//! cron expression ─► next moment ────┴─► open by its windows? ─┴─► that moment
//! ```
//!
//! [`next_due`] is the one decision; the claim in the record, the back-off after bad runs and the operator's
//! preview all ask it. How long the interval is at present is decided in [`mod@tune`], from what subscribers are
//! entitled to and from how often the source changes ([`mod@rate`], [`mod@season`], [`mod@allocate`]).

pub mod allocate;
mod cron;
mod grid;
mod outage;
pub mod rate;
pub mod season;
#[cfg(test)]
mod simulation;
#[cfg(test)]
mod tests;
pub mod tune;
mod window;

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

pub use cron::Cron;
pub use outage::{Reach, astray, offline, overdue, spread};
pub use rate::{Rate, Sighting};
pub use tune::{Choice, Demand, PaceChange, Policy, Why, changes, tune};
pub use window::{Gate, Opening, Window, zone_of};

use super::source::back_off;

/// After bad runs a source with a cron expression leaves out moments for at most this long.
const LONGEST_PAUSE: Duration = Duration::from_secs(6 * 60 * 60);

/// Openings that are tried for a moment of a cron expression.
const TRIES: usize = 1_000;

/// A text that is no cron expression, window or zone: what is wrong, and what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what}; {remedy}")]
pub struct Unreadable {
    /// What is wrong.
    pub what: String,
    /// What to write instead.
    pub remedy: &'static str,
}

impl Unreadable {
    fn new(what: String, remedy: &'static str) -> Self {
        Self { what, remedy }
    }
}

/// What the rhythm of a source is beyond its interval. The default is a plain interval.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Rhythm {
    /// Runs at the moments of this expression instead of at an interval.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cron: Option<Cron>,
    /// Runs only inside one of these; empty: at all times.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub windows: Vec<Window>,
    /// The zone of the expression, and of windows that name none; `None`: UTC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub zone: Option<Tz>,
    /// Width of the random shift of each moment: around it for an interval, after it for an expression.
    #[serde(skip_serializing_if = "Option::is_none", with = "in_ms", rename = "jitter_ms")]
    pub jitter: Option<Duration>,
    /// The interval is kept as it was asked for: neither tuned to the rate of change nor slowed down when nobody
    /// watches.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub exact: bool,
}

impl Rhythm {
    /// Whether it is a plain interval, of which nothing needs to be stored.
    pub fn is_plain(&self) -> bool {
        *self == Self::default()
    }

    /// The same with `zone` for what names none.
    #[must_use]
    pub fn in_zone(mut self, zone: Tz) -> Self {
        if self.cron.is_some() || !self.windows.is_empty() {
            self.zone.get_or_insert(zone);
        }
        self
    }

    /// The zone in which people read its moments.
    pub fn zone(&self) -> Tz {
        self.zone.or_else(|| self.windows.iter().find_map(|window| window.zone)).unwrap_or(Tz::UTC)
    }

    /// How its windows stand at `at`.
    pub fn gate(&self, at: DateTime<Utc>) -> Gate {
        window::gate(&self.windows, self.zone.unwrap_or(Tz::UTC), at)
    }

    /// Whether it may run at `at`.
    pub fn is_open(&self, at: DateTime<Utc>) -> bool {
        matches!(self.gate(at), Gate::Open(_))
    }

    /// Whether its parts go together.
    pub fn check(&self) -> Result<(), Unreadable> {
        let reference = DateTime::UNIX_EPOCH + TimeDelta::days(365 * 54);
        match &self.cron {
            Some(cron) if self.tick(cron, reference).is_none() => Err(Unreadable::new(
                format!("\"{cron}\" never falls into a window"),
                "make the windows wider, or leave out the expression or the windows",
            )),
            _ => Ok(()),
        }
    }

    /// The first moment of the expression after `at` that is open, unshifted.
    fn tick(&self, cron: &Cron, at: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let mut from = at;
        for _ in 0..TRIES {
            let tick = cron.after(self.zone.unwrap_or(Tz::UTC), from)?;
            match self.gate(tick) {
                Gate::Open(_) => return Some(tick),
                Gate::Closed(next) => from = next.from - TimeDelta::seconds(1),
            }
        }
        None
    }

    /// The moment of the expression, shifted: before the next one, and inside the window.
    fn shifted(&self, cron: &Cron, tick: DateTime<Utc>, seed: u64) -> DateTime<Utc> {
        let Some(width) = self.jitter else { return tick };
        let until = match self.gate(tick) {
            Gate::Open(until) => until,
            Gate::Closed(_) => Some(tick),
        };
        let room = [cron.after(self.zone.unwrap_or(Tz::UTC), tick), until];
        let room = room.into_iter().flatten().filter_map(|end| (end - tick).to_std().ok()).min();
        grid::spread(tick, width.min(room.unwrap_or(width)), seed)
    }
}

/// When a source that was due at `due` and is claimed at `now` is due again; `pace` is the present interval.
///
/// Outside of all windows nothing runs: a moment that falls between two openings moves to the second one, spread
/// over one interval of it. A cron expression decides alone, without `pace`. Missed rounds coalesce into one. A
/// clock that was set back does not repeat the round of `due`, and lets the source sleep for no more than one
/// round longer.
pub fn next_due(
    rhythm: &Rhythm,
    pace: Duration,
    due: DateTime<Utc>,
    seed: u64,
    now: DateTime<Utc>,
) -> DateTime<Utc> {
    let Some(cron) = &rhythm.cron else {
        let next = grid::next(pace, rhythm.jitter, due, seed, now);
        return first_from(rhythm, pace, next, seed);
    };
    let next = rhythm.tick(cron, now);
    let next = match next {
        Some(next) if next <= due => rhythm.tick(cron, next),
        next => next,
    };
    next.map_or_else(|| no_tick(rhythm, now), |next| rhythm.shifted(cron, next, seed))
}

/// The first moment not before `at` at which the rhythm lets the source run.
pub fn first_from(rhythm: &Rhythm, pace: Duration, at: DateTime<Utc>, seed: u64) -> DateTime<Utc> {
    if let Some(cron) = &rhythm.cron {
        let tick = rhythm.tick(cron, at - TimeDelta::seconds(1));
        return tick
            .map_or_else(|| no_tick(rhythm, at), |tick| rhythm.shifted(cron, tick, seed))
            .max(at);
    }
    match rhythm.gate(at) {
        Gate::Open(_) => at,
        Gate::Closed(next) => {
            let length = (next.until - next.from).to_std().unwrap_or_default();
            grid::spread(next.from, pace.min(length), seed)
        }
    }
}

/// When a source is due after `failures` bad runs in a row: at an interval that grows, inside its windows.
pub fn after_failure(
    rhythm: &Rhythm,
    interval: Duration,
    failures: i64,
    seed: u64,
    now: DateTime<Utc>,
) -> DateTime<Utc> {
    let Some(cron) = &rhythm.cron else {
        return next_due(rhythm, back_off(interval, failures), now, seed, now);
    };
    let gap = rhythm
        .tick(cron, now)
        .and_then(|one| (rhythm.tick(cron, one)? - one).to_std().ok())
        .unwrap_or_default();
    let pause = back_off(gap, failures).saturating_sub(gap).min(LONGEST_PAUSE);
    let from = now + TimeDelta::from_std(pause).unwrap_or_default();
    next_due(rhythm, interval, from, seed, from)
}

/// The next `count` moments of a source that is due at `due`.
pub fn moments(
    rhythm: &Rhythm,
    pace: Duration,
    due: DateTime<Utc>,
    seed: u64,
    count: usize,
) -> Vec<DateTime<Utc>> {
    let next = |at: &DateTime<Utc>| Some(next_due(rhythm, pace, *at, seed, *at));
    let open = if rhythm.is_open(due) { due } else { first_from(rhythm, pace, due, seed) };
    std::iter::successors(Some(open), next).take(count).collect()
}

/// An expression that has no moment any more: look again in a day, when a window is open.
fn no_tick(rhythm: &Rhythm, now: DateTime<Utc>) -> DateTime<Utc> {
    let tomorrow = now + TimeDelta::days(1);
    match rhythm.gate(tomorrow) {
        Gate::Open(_) => tomorrow,
        Gate::Closed(next) => next.from,
    }
}

/// Durations as whole milliseconds.
mod in_ms {
    use super::{Deserialize, Duration};
    use serde::{Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(
        span: &Option<Duration>,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        to.serialize_u64(span.map_or(0, |span| u64::try_from(span.as_millis()).unwrap_or(u64::MAX)))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<Option<Duration>, D::Error> {
        Ok(Some(Duration::from_millis(u64::deserialize(from)?)))
    }
}
