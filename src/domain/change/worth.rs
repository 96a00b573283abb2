//! Which moves of a price are worth a message.
//!
//! The installation has a smallest move, and each watch may have a larger one. Both are measured from the price that
//! was told last, not from the last reading: a price that creeps is told when its steps have added up. A watch
//! of its own smallest move was perhaps not told of that last one; which prices it was told of follows from
//! the ones that were, in their order.

use std::cmp::Ordering;

use sites::Money;
use sites::transform::currency::exponent;

use super::edit::{Field, Fields};
use super::{Change, ChangeKind};
use crate::domain::preferences::WatchTelling;

/// What counts as a change in this installation.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rules {
    /// Fields whose edits are told.
    pub edited: Fields,
    /// Smallest move of a price worth a message, percent of the price told before.
    pub min_move: f64,
    /// The same as an amount in whole units of the currency; a move must reach both.
    pub min_amount: f64,
}

impl Default for Rules {
    fn default() -> Self {
        let edited = [Field::Title, Field::Area, Field::Rooms, Field::Location];
        Self { edited: edited.into_iter().collect(), min_move: 1.0, min_amount: 0.0 }
    }
}

impl Rules {
    /// The kind of the move between two prices; `None` when it is too small, or when they cannot be compared.
    pub fn move_of(&self, before: &Money, now: &Money) -> Option<ChangeKind> {
        let amount = self.min_amount * 10f64.powi(exponent(&now.currency).cast_signed());
        move_of(before, now, self.min_move, amount)
    }
}

#[expect(clippy::cast_precision_loss, reason = "prices are far below 2^53 minor units")]
fn move_of(before: &Money, now: &Money, percent: f64, minor: f64) -> Option<ChangeKind> {
    if before.currency != now.currency {
        return None;
    }
    let kind = match now.minor.cmp(&before.minor) {
        Ordering::Less => ChangeKind::PriceDown,
        Ordering::Greater => ChangeKind::PriceUp,
        Ordering::Equal => return None,
    };
    let step = (now.minor.abs_diff(before.minor)) as f64;
    (step >= minor && step * 100.0 >= percent * before.minor.unsigned_abs() as f64).then_some(kind)
}

/// Whether a watch that is told in this way hears of a change. Only moves of a price can be too small.
pub fn worth(change: &Change, telling: &WatchTelling) -> bool {
    let (Some(percent), Some(before), Some(now)) =
        (telling.min_move_percent, &change.price_before, &change.listing.price)
    else {
        return true;
    };
    if !change.kind.is_price() || percent.is_nan() || percent <= 0.0 {
        return true;
    }
    let steps = match change.told_before.as_slice() {
        [] => std::slice::from_ref(before),
        steps => steps,
    };
    let mut heard: Option<&Money> = None;
    for price in steps {
        let is_heard = heard.is_none_or(|last| {
            last.currency != price.currency || move_of(last, price, percent, 0.0).is_some()
        });
        if is_heard {
            heard = Some(price);
        }
    }
    heard.is_none_or(|last| move_of(last, now, percent, 0.0).is_some())
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use proptest::prelude::*;
    use sites::{Listing, ListingKey};

    use super::*;

    fn euros(minor: i64) -> Money {
        Money { minor, currency: "EUR".into() }
    }

    fn change(told: &[i64], now: i64) -> Change {
        let price = Some(euros(now));
        let listing = Listing { price, ..Listing::new("7", "https://example.com/7", "Bike") };
        let key = ListingKey { site: "demo".into(), id: "7".into() };
        let last = told.last().copied().unwrap_or(now);
        let kind = if now < last { ChangeKind::PriceDown } else { ChangeKind::PriceUp };
        Change {
            price_before: Some(euros(last)),
            same_as: None,
            told_before: told.iter().map(|minor| euros(*minor)).collect(),
            ..Change::new(key, kind, 2, DateTime::UNIX_EPOCH, listing)
        }
    }

    fn telling(percent: f64) -> WatchTelling {
        WatchTelling { min_move_percent: Some(percent), ..WatchTelling::default() }
    }

    #[test]
    fn a_move_must_reach_both_measures() {
        let rules = Rules { min_move: 1.0, min_amount: 5.0, ..Rules::default() };
        let kind = |before, now| rules.move_of(&euros(before), &euros(now));
        assert_eq!(kind(100_000, 99_000), Some(ChangeKind::PriceDown));
        assert_eq!(kind(100_000, 101_000), Some(ChangeKind::PriceUp));
        assert_eq!(kind(100_000, 99_001), None, "below a percent");
        assert_eq!(kind(10_000, 9_501), None, "below five euros");
        assert_eq!(kind(10_000, 9_500), Some(ChangeKind::PriceDown));
        let yen = |minor| Money { minor, currency: "JPY".into() };
        assert_eq!(rules.move_of(&yen(100), &yen(95)), Some(ChangeKind::PriceDown));
        assert_eq!(rules.move_of(&yen(100), &euros(50)), None);
    }

    #[test]
    fn a_watch_may_want_larger_moves_and_loses_no_creep() {
        assert!(worth(&change(&[1_000], 900), &WatchTelling::default()));
        assert!(!worth(&change(&[1_000], 960), &telling(5.0)));
        assert!(worth(&change(&[1_000], 950), &telling(5.0)));
        // Told to others in steps of a percent or two: this watch hears when they are five.
        assert!(!worth(&change(&[1_000, 985], 970), &telling(5.0)));
        assert!(worth(&change(&[1_000, 985, 970], 950), &telling(5.0)));
        assert!(!worth(&change(&[1_000, 985, 970, 950], 940), &telling(5.0)));
    }

    #[test]
    fn what_is_no_move_of_a_price_is_never_too_small() {
        let back = Change { kind: ChangeKind::Back, ..change(&[1_000], 999) };
        assert!(worth(&back, &telling(50.0)));
        assert!(worth(&change(&[1_000], 999), &telling(f64::NAN)));
    }

    proptest! {
        #[test]
        fn what_a_watch_last_heard_is_never_far_from_the_truth(
            percent in 0.5f64..30.0, steps in proptest::collection::vec(1_000i64..100_000, 2..12),
        ) {
            let mut heard = steps[0];
            for end in 1..steps.len() {
                if worth(&change(&steps[..end], steps[end]), &telling(percent)) {
                    heard = steps[end];
                }
                #[expect(clippy::cast_precision_loss, reason = "small")]
                let off = (steps[end] - heard).abs() as f64 * 100.0 / heard as f64;
                prop_assert!(off < percent, "{} off at {}", off, percent);
            }
        }
    }
}
