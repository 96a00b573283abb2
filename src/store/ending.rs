//! What outcomes and deaths make of a delivery: decisions that all stores take in the same way.

use chrono::{DateTime, TimeDelta, Utc};

use crate::domain::delivery::{Content, DoubtPolicy, Outcome};
use crate::domain::{Class, DeliveryState, WatchId};

/// After this many crashes of its owner a delivery is poison.
pub(crate) const POISON_CRASHES: i64 = 2;
/// A doubtful delivery of a dead process waits this long before it goes again.
const RESEND_AFTER: TimeDelta = TimeDelta::seconds(2);

/// What becomes of a delivery.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Ending {
    pub state: DeliveryState,
    pub not_before: Option<DateTime<Utc>>,
    pub refused: i64,
    pub crashed: i64,
    pub doubts: i64,
    pub message_id: Option<i64>,
    pub reason: Option<String>,
    /// It waits beside its lane: what was written after it may go first.
    pub aside: bool,
}

impl Ending {
    fn new(state: DeliveryState) -> Self {
        let (not_before, message_id, reason) = (None, None, None);
        Self {
            state,
            not_before,
            refused: 0,
            crashed: 0,
            doubts: 0,
            message_id,
            reason,
            aside: false,
        }
    }

    fn because(mut self, reason: &str) -> Self {
        self.reason = Some(reason.to_owned());
        self
    }

    fn at(mut self, at: DateTime<Utc>) -> Self {
        self.not_before = Some(at);
        self
    }

    fn doubted(mut self) -> Self {
        self.doubts = 1;
        self
    }
}

/// What an outcome makes of a delivery of `class`.
pub(crate) fn ending(outcome: &Outcome, class: Class, now: DateTime<Utc>) -> Ending {
    use DeliveryState::{Dead, Dropped, Pending, Sent, Unknown};
    match outcome {
        Outcome::Sent { message_id, .. } => {
            Ending { message_id: Some(*message_id), ..Ending::new(Sent) }
        }
        Outcome::Later { at, reason } => Ending::new(Pending).at(*at).because(reason),
        Outcome::Held { until, reason } => {
            Ending { aside: true, ..Ending::new(Pending) }.at(*until).because(reason)
        }
        Outcome::ChatWaits { .. } => {
            Ending::new(Pending).because("Telegram asked this chat to wait")
        }
        Outcome::Retry { at, reason } => {
            Ending { refused: 1, ..Ending::new(Pending) }.at(*at).because(reason)
        }
        Outcome::Doubt { at, reason } => match class.doubt_policy() {
            DoubtPolicy::Resend => Ending::new(Pending).at(*at).because(reason).doubted(),
            DoubtPolicy::Skip => Ending::new(Unknown).because(reason).doubted(),
        },
        Outcome::ChatGone { reason } | Outcome::Dropped { reason } => {
            Ending::new(Dropped).because(reason)
        }
        Outcome::Migrated { .. } => {
            Ending::new(Pending).at(now).because("the group became a supergroup")
        }
        Outcome::Dead { reason } => Ending::new(Dead).because(reason),
    }
}

/// What the death of its owner makes of a delivery of `class` that has crashed `crashes` times before.
pub(crate) fn ending_of_crash(class: Class, crashes: i64, now: DateTime<Utc>) -> Ending {
    use DeliveryState::{Dead, Pending, Unknown};
    let ending = if crashes + 1 >= POISON_CRASHES {
        Ending::new(Dead).because("poison: its owner died twice while sending it")
    } else if class.doubt_policy() == DoubtPolicy::Skip {
        Ending::new(Unknown).because("its owner died while sending it")
    } else {
        Ending::new(Pending).at(now + RESEND_AFTER).because("its owner died while sending it")
    };
    Ending { crashed: 1, ..ending }.doubted()
}

/// A delivery without the watch `id`: `None` when it has nothing to do with the watch, and nothing left inside when
/// no other watch wanted it.
pub(crate) fn without_watch(content: Content, id: &WatchId) -> Option<Option<Content>> {
    let Content::Change { event, watches, ids, answers, urgent } = content else { return None };
    if !ids.contains(id) || ids.len() != watches.len() {
        return None;
    }
    let (watches, ids): (Vec<_>, Vec<_>) =
        watches.into_iter().zip(ids).filter(|(_, other)| other != id).unzip();
    let is_wanted = !ids.is_empty();
    Some(is_wanted.then_some(Content::Change { event, watches, ids, answers, urgent }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> DateTime<Utc> {
        DateTime::from_timestamp_millis(1_000_000).unwrap()
    }

    #[test]
    fn a_doubt_sends_alerts_again_and_leaves_broadcasts() {
        let doubt = Outcome::Doubt { at: now(), reason: "reset".into() };
        for class in Class::ALL {
            let ending = ending(&doubt, class, now());
            let expected = match class.doubt_policy() {
                DoubtPolicy::Resend => DeliveryState::Pending,
                DoubtPolicy::Skip => DeliveryState::Unknown,
            };
            assert_eq!((ending.state, ending.doubts), (expected, 1), "{class:?}");
        }
    }

    #[test]
    fn being_told_to_wait_is_not_an_attempt() {
        let later = Outcome::Later { at: now(), reason: "no connection".into() };
        let waits = Outcome::ChatWaits { until: now() };
        for outcome in [later, waits] {
            let ending = ending(&outcome, Class::Alert, now());
            assert_eq!((ending.refused, ending.doubts), (0, 0));
            assert_eq!(ending.state, DeliveryState::Pending);
        }
    }

    #[test]
    fn the_second_crash_is_poison_for_every_class() {
        for class in Class::ALL {
            assert_ne!(ending_of_crash(class, 0, now()).state, DeliveryState::Dead);
            assert_eq!(ending_of_crash(class, 1, now()).state, DeliveryState::Dead);
        }
    }
}
