//! From a claim to an attempt: waits for the slot, and for room in the last second.
//!
//! Slots are absolute and shared by all processes, so nothing that happens here moves those of others. What a
//! process itself does late (a timer, a busy machine) shows only here: [`Departures`] remembers when its last
//! messages really went and lets none go that would be one too many in a second counted from them.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use chrono::TimeDelta;
use tokio::time::Instant;

use super::report::record;
use super::send_one::{Attempt, attempt};
use crate::context::Context;
use crate::domain::delivery::{Claimed, Content, Outcome, Settlement};
use crate::domain::pace::Limits;
use crate::shutdown::Stage;
use crate::telegram::PhotoSource;

/// A slot further off than this is not waited for in memory: the delivery goes back with its time, so that a
/// kill in the meantime leaves no doubt. Only replies to a chat that was told to wait have such slots.
const LONGEST_HOLD: Duration = Duration::from_secs(5);

/// The window of departures. Shorter than that of the slots: who is late once is even again some seconds later.
const WINDOW: Duration = Duration::from_millis(1_004);

/// When the last messages of this process went.
#[derive(Debug)]
pub struct Departures {
    most: usize,
    last: Mutex<VecDeque<Instant>>,
}

impl Departures {
    /// At most as many in the window as the limits have in theirs; a limit of 0 lets all go.
    pub fn new(limits: &Limits) -> Self {
        Self { most: limits.most, last: Mutex::default() }
    }

    /// Notes that one goes now; or answers when it may.
    fn go(&self, now: Instant) -> Result<(), Instant> {
        if self.most == 0 {
            return Ok(());
        }
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        while last.len() > self.most {
            last.pop_front();
        }
        if last.len() == self.most {
            match last.front().map(|first| *first + WINDOW) {
                Some(at) if at > now => return Err(at),
                _ => last.pop_front(),
            };
        }
        last.push_back(now);
        Ok(())
    }

    /// Returns when one more may go, and notes it.
    async fn turn(&self) {
        while let Err(at) = self.go(Instant::now()) {
            tokio::time::sleep_until(at).await;
        }
    }
}

/// Waits for the slot, attempts, counts and logs.
pub(super) async fn deliver(
    context: &Context,
    photos: &dyn PhotoSource,
    departures: Option<&Departures>,
    claimed: &Claimed,
) -> Attempt {
    let attempt = deliver_or_cut(context, photos, departures, claimed).await;
    record(claimed, &attempt);
    attempt
}

async fn deliver_or_cut(
    context: &Context,
    photos: &dyn PhotoSource,
    departures: Option<&Departures>,
    claimed: &Claimed,
) -> Attempt {
    let cut = context.shutdown.reached(Stage::Cut);
    tokio::pin!(cut);
    let until_slot = (claimed.send_at - context.clock.now()).to_std().unwrap_or_default();
    if until_slot > LONGEST_HOLD {
        let reason = "its slot is far off".to_owned();
        return interrupted(claimed, Outcome::Later { at: claimed.send_at, reason });
    }
    let departures = departures.filter(|_| !is_paid(claimed));
    if !until_slot.is_zero() || departures.is_some() {
        let turn = async {
            tokio::time::sleep(until_slot).await;
            if let Some(departures) = departures {
                departures.turn().await;
            }
        };
        tokio::select! {
            () = turn => {}
            () = &mut cut => {
                let at = context.clock.now();
                let reason = "the process went down before the slot".to_owned();
                return interrupted(claimed, Outcome::Later { at, reason });
            }
        }
    }
    let begun = tokio::time::Instant::now();
    let attempt = tokio::select! {
        attempt = attempt(&*context.messenger, photos, &*context.clock, claimed) => attempt,
        () = &mut cut => {
            let at = context.clock.now() + TimeDelta::seconds(2);
            let reason = "the process went down while it was under way".to_owned();
            interrupted(claimed, Outcome::Doubt { at, reason })
        }
    };
    metrics::histogram!("magpie_send_seconds").record(begun.elapsed().as_secs_f64());
    attempt
}

fn interrupted(claimed: &Claimed, outcome: Outcome) -> Attempt {
    let delivery = &claimed.delivery;
    let settlement = Settlement {
        id: delivery.new.id.clone(),
        chat: delivery.new.chat,
        epoch: delivery.epoch,
        outcome,
    };
    Attempt { settlement, error: None }
}

/// Whether it has a slot of the paid pool, which the free window does not count.
fn is_paid(claimed: &Claimed) -> bool {
    matches!(&claimed.delivery.new.content, Content::Message(message) if message.paid)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_late_message_holds_the_one_that_would_be_too_many_after_it() {
        let departures = Departures::new(&Limits { most: 2, ..Limits::default() });
        let begin = Instant::now();
        let at = |ms| begin + Duration::from_millis(ms);
        assert_eq!(departures.go(at(0)), Ok(()));
        assert_eq!(departures.go(at(530)), Ok(()));
        assert_eq!(departures.go(at(1_000)), Err(at(1_004)));
        assert_eq!(departures.go(at(1_004)), Ok(()));
        assert_eq!(departures.go(at(1_500)), Err(at(1_534)));
        let free = Departures::new(&Limits::OFF);
        assert!((0..1_000).all(|_| free.go(begin).is_ok()));
    }
}
