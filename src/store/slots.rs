//! Decisions that all stores take in the same way: when messages may go, and names for what has none.
//! Moments of chats are milliseconds, those of the overall pace microseconds.

use chrono::{DateTime, Utc};

use crate::domain::delivery::{Claimed, Content};
use crate::domain::pace::{Limits, Paid, STRICT_US, Window, next_fit};
use crate::domain::{ChatId, ChatKind, Delivery};

/// By how many messages replies may exceed the window of their chat.
pub(crate) const BURST: usize = 3;
/// A reply that would have to wait longer than this is left to the senders.
pub(crate) const PATIENCE: i64 = 2_000;
/// Replies never push the overall pace further ahead than this (µs); otherwise a flood of them would stop
/// alerts for as long as it lasts and longer.
const DEBT: i64 = 5_000_000;
/// A slot that is used at most this late (µs) moves none of those after it: a sender that was held up makes good
/// what it missed. After a longer pause the even spacing begins anew.
const CREDIT: i64 = 500_000;
/// A day in milliseconds.
const DAY_MS: i64 = 24 * 3_600_000;

/// The overall pace: slots that are evenly spaced, and never too many in the strict window.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Pace {
    /// The next even slot.
    pub next_at: i64,
    /// The last slots, ascending; at most `most` of them.
    pub recent: Vec<i64>,
    gap: i64,
    most: usize,
}

impl Pace {
    /// The pace of `limits` that stands at `next_at` after the slots `recent`.
    pub fn new(limits: &Limits, next_at: i64, recent: Vec<i64>) -> Self {
        Self { next_at, recent, gap: limits.gap_us, most: limits.most }
    }

    /// Whether nothing is limited, so that there is nothing to remember.
    pub fn is_off(&self) -> bool {
        self.gap == 0
    }

    /// The next free slot for a message of `weight`, not before `now`.
    pub fn slot(&self, now: i64, weight: usize) -> i64 {
        if self.is_off() {
            return now;
        }
        next_fit(&self.recent, self.most, STRICT_US, weight, now.max(self.next_at))
    }

    /// Takes the slot.
    pub fn take(&mut self, slot: i64, weight: usize) {
        if self.is_off() {
            return;
        }
        let from = if slot - self.next_at > CREDIT { slot } else { self.next_at };
        self.next_at = from + self.gap * i64::try_from(weight).unwrap_or(1);
        self.note(slot, weight);
    }

    /// Pays for a message that goes at `now` without waiting for its slot.
    pub fn pay(&mut self, now: i64) {
        if self.is_off() {
            return;
        }
        let ceiling = self.next_at.max(now + DEBT);
        self.next_at = (self.next_at.max(now) + self.gap).min(ceiling);
        self.note(now, 1);
    }

    fn note(&mut self, at: i64, weight: usize) {
        self.recent.extend(std::iter::repeat_n(at, weight));
        self.recent.sort_unstable();
        self.recent.drain(..self.recent.len().saturating_sub(self.most));
    }
}

/// The pool of slots that cost Stars, with what was spent today.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct PaidPace {
    /// The next slot.
    pub next_at: i64,
    /// Tenths of a Star spent on `day`.
    pub spent: i64,
    /// The day (since 1970, UTC) that `spent` is about.
    pub day: i64,
    gap: i64,
    per_day: i64,
}

impl PaidPace {
    /// The pool of `paid` as stored, brought to the day of `now`: another day begins with nothing spent.
    pub fn new(paid: Paid, next_at: i64, spent: i64, day: i64, now: DateTime<Utc>) -> Self {
        let today = now.timestamp_millis().div_euclid(DAY_MS);
        let spent = if day == today { spent } else { 0 };
        Self { next_at, spent, day: today, gap: paid.gap_us, per_day: paid.per_day }
    }

    /// The next slot for a message of `weight`, if it is still in the budget.
    pub fn slot(&self, now: i64, weight: usize) -> Option<i64> {
        let cost = i64::try_from(weight).unwrap_or(1);
        let affordable = self.gap > 0 && self.spent + cost <= self.per_day;
        affordable.then(|| now.max(self.next_at))
    }

    /// Takes the slot and counts its price.
    pub fn take(&mut self, slot: i64, weight: usize) {
        let cost = i64::try_from(weight).unwrap_or(1);
        self.next_at = slot + self.gap * cost;
        self.spent += cost;
    }
}

/// How many messages a delivery counts as: an album is as many as it has pictures.
pub(crate) fn weight(delivery: &Delivery) -> usize {
    match &delivery.new.content {
        Content::Message(message) => message.count(),
        Content::Campaign { count, .. } => count.unwrap_or(1),
        _ => 1,
    }
}

/// How many messages a delivery of `weight` counts as in the window of its own chat: Telegram counts the
/// pictures of an album in groups only.
pub(crate) fn weight_in(kind: ChatKind, weight: usize) -> usize {
    if kind == ChatKind::Group { weight } else { 1 }
}

/// Marks what was claimed as paid, or as not: only what was given a paid slot is paid for.
pub(crate) fn mark_paid(claimed: &mut Claimed, paid: bool) {
    match &mut claimed.delivery.new.content {
        Content::Message(message) => message.paid = paid,
        Content::Campaign { paid: mark, .. } => *mark = paid,
        _ => {}
    }
    if let Some(message) = &mut claimed.standing.message {
        message.paid = paid;
    }
}

/// The stored form of moments.
pub(crate) fn list_text(moments: &[i64]) -> String {
    moments.iter().map(i64::to_string).collect::<Vec<_>>().join(",")
}

/// The moments of a stored list.
pub(crate) fn read_list(text: &str) -> Vec<i64> {
    text.split(',').filter_map(|moment| moment.parse().ok()).collect()
}

/// When `count` replies may go: at once, unless the chat's window is exceeded by more than [`BURST`].
/// Ascending, none before `from`.
pub(crate) fn reply_slots(recent: &[i64], window: Window, from: i64, count: usize) -> Vec<i64> {
    let wide = match window.count {
        0 => window,
        narrow => Window { count: narrow + BURST, per_ms: window.per_ms },
    };
    let mut recent = recent.to_vec();
    let mut from = from;
    let mut slots = Vec::with_capacity(count);
    for _ in 0..count {
        from = next_fit(&recent, wide.count, wide.per_ms, 1, from);
        recent.push(from);
        recent.sort_unstable();
        slots.push(from);
    }
    slots
}

/// Adds slots to the last moments of a chat.
pub(crate) fn remember(recent: &mut Vec<i64>, slots: &[i64], window: Window) {
    if window.count == 0 {
        return;
    }
    recent.extend_from_slice(slots);
    recent.sort_unstable();
    recent.drain(..recent.len().saturating_sub(window.count + BURST));
}

/// The kind of a chat that nobody told us about. Private chats have positive ids; for the rest we take the
/// stricter of the two.
pub(crate) fn assumed_kind(chat: ChatId) -> ChatKind {
    if chat.0 > 0 { ChatKind::Private } else { ChatKind::Group }
}

/// A negative number made from a body; Telegram's ids are positive.
pub(crate) fn number_of(body: &[u8]) -> i64 {
    use sha2::{Digest, Sha256};
    let digest = Sha256::digest(body);
    let number = digest.iter().take(8).fold(0i64, |sum, byte| (sum << 8) | i64::from(*byte));
    number | i64::MIN
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn pace(gap_us: i64, most: usize, next_at: i64) -> Pace {
        Pace::new(&Limits { gap_us, most, ..Limits::OFF }, next_at, vec![])
    }

    #[test]
    fn a_flood_of_replies_owes_at_most_some_seconds() {
        let mut owing = pace(40_000, 0, 0);
        (0..10_000).for_each(|_| owing.pay(1_000));
        assert_eq!(owing.next_at, 1_000 + DEBT);
        let mut ahead = pace(40_000, 0, 90_000_000);
        ahead.pay(1_000);
        assert_eq!(ahead.next_at, 90_000_000);
    }

    #[test]
    fn what_a_sender_missed_is_made_good_and_an_idle_time_is_not() {
        let mut pace = pace(33_334, 30, 1_000_000);
        let mut take = |now| {
            let slot = pace.slot(now, 1);
            pace.take(slot, 1);
            slot
        };
        // Held up for 100 ms: three at once, then even again.
        assert_eq!([take(1_000_000), take(1_133_000)], [1_000_000, 1_133_000]);
        assert_eq!([take(1_133_000), take(1_133_000)], [1_133_000, 1_133_000]);
        assert_eq!(take(1_133_000), 1_133_336);
        // Idle for ten seconds: no burst.
        assert_eq!([take(11_000_000), take(11_000_000)], [11_000_000, 11_033_334]);
    }

    #[test]
    fn an_album_takes_as_many_slots_as_it_has_pictures() {
        let mut pace = pace(10, 0, 0);
        pace.take(CREDIT * 2, 4);
        assert_eq!(pace.slot(0, 1), CREDIT * 2 + 40);
    }

    #[test]
    fn the_budget_ends_at_its_last_tenth_and_begins_anew_the_next_day() {
        let day = |ms: i64| DateTime::from_timestamp_millis(ms).unwrap_or_default();
        let paid = Paid { gap_us: 1_000, per_day: 3 };
        let mut pool = PaidPace::new(paid, 0, 0, 0, day(5));
        for slot in [0, 1_000, 2_000] {
            assert_eq!(pool.slot(0, 1), Some(slot));
            pool.take(slot, 1);
        }
        assert_eq!(pool.slot(0, 1), None);
        let again = PaidPace::new(paid, pool.next_at, pool.spent, pool.day, day(DAY_MS - 1));
        assert_eq!((again.slot(0, 1), again.spent), (None, 3));
        let next = PaidPace::new(paid, pool.next_at, pool.spent, pool.day, day(DAY_MS));
        assert_eq!((next.slot(0, 1), next.spent), (Some(3_000), 0));
        assert_eq!(next.slot(0, 4), None, "an album that costs more than is left");
    }

    proptest! {
        #[test]
        fn no_second_holds_more_than_its_worth_whatever_the_rhythm(
            steps in prop::collection::vec((0i64..700_000, 1usize..4, prop::bool::ANY), 1..300),
        ) {
            let mut pace = Pace::new(&Limits::default(), 0, vec![]);
            let (mut now, mut slots) = (10_000_000, Vec::new());
            for (step, weight, late) in steps {
                now += if late { step } else { step / 20 };
                let slot = pace.slot(now, weight);
                prop_assert!(slot >= now);
                pace.take(slot, weight);
                slots.extend(std::iter::repeat_n(slot, weight));
            }
            prop_assert!(slots.windows(31).all(|part| part[30] - part[0] >= STRICT_US));
        }

        #[test]
        fn replies_never_exceed_the_window_by_more_than_the_burst(
            steps in prop::collection::vec((0i64..400, 1usize..5), 1..40),
            narrow in 1usize..6,
        ) {
            let window = Window { count: narrow, per_ms: 500 };
            let (mut recent, mut all, mut now) = (Vec::new(), Vec::new(), 0);
            for (step, count) in steps {
                now += step;
                let slots = reply_slots(&recent, window, now, count);
                prop_assert!(slots.iter().all(|slot| *slot >= now));
                remember(&mut recent, &slots, window);
                all.extend(slots);
            }
            all.sort_unstable();
            let most = narrow + BURST;
            prop_assert!(all.windows(most + 1).all(|part| part[most] - part[0] >= 500));
        }
    }
}
