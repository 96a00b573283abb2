//! Decisions that all stores take in the same way: when messages may go, and names for what has none.
//! Moments are milliseconds.

use crate::domain::pace::{Window, next_fit};
use crate::domain::{ChatId, ChatKind};

/// By how many messages replies may exceed the window of their chat.
pub(crate) const BURST: usize = 3;
/// A reply that would have to wait longer than this is left to the senders.
pub(crate) const PATIENCE: i64 = 2_000;
/// Replies never push the overall pace further ahead than this; otherwise a flood of them would stop
/// alerts for as long as it lasts and longer.
const DEBT: i64 = 5_000;

/// The overall pace: the next free slot, and the gap between two (0 switches it off).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Pace {
    pub next_at: i64,
    pub gap: i64,
}

impl Pace {
    /// The next free slot, not before `now`.
    pub fn slot(&self, now: i64) -> i64 {
        if self.gap == 0 { now } else { now.max(self.next_at) }
    }

    /// Takes the slot.
    pub fn take(&mut self, slot: i64) {
        if self.gap > 0 {
            self.next_at = slot + self.gap;
        }
    }

    /// Pays for a message that does not wait for its slot.
    pub fn pay(&mut self, now: i64) {
        let ceiling = self.next_at.max(now + DEBT);
        self.take(self.slot(now));
        self.next_at = self.next_at.min(ceiling);
    }
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
        from = next_fit(&recent, wide, from);
        recent.push(from);
        recent.sort_unstable();
        slots.push(from);
    }
    slots
}

/// Adds slots to the last moments of a chat and answers when its window opens again.
pub(crate) fn remember(recent: &mut Vec<i64>, slots: &[i64], window: Window) -> i64 {
    if window.count == 0 {
        return 0;
    }
    recent.extend_from_slice(slots);
    recent.sort_unstable();
    recent.drain(..recent.len().saturating_sub(window.count + BURST));
    next_fit(recent, window, 0)
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

    #[test]
    fn a_flood_of_replies_owes_at_most_some_seconds() {
        let mut pace = Pace { next_at: 0, gap: 40 };
        (0..10_000).for_each(|_| pace.pay(1_000));
        assert_eq!(pace.next_at, 1_000 + DEBT);
        let mut ahead = Pace { next_at: 90_000, gap: 40 };
        ahead.pay(1_000);
        assert_eq!(ahead.next_at, 90_000);
    }

    proptest! {
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
