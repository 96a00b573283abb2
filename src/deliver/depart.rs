//! From a claim to an attempt: waits for the slot, and for room in the last second.
//!
//! Slots are absolute and shared by all processes, so nothing that happens here moves those of others. What a
//! process itself does late (a timer, a busy machine) shows only here: [`Departures`] remembers when its last
//! messages really went and lets none go that would be one too many in a second counted from them.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::TimeDelta;
use tokio::time::Instant;

use super::desk::Desk;
use super::report::record;
use super::send_one::{Attempt, attempt};
use super::staff;
use crate::context::Context;
use crate::domain::delivery::{Claimed, Content, Outcome, Settlement};
use crate::domain::pace::Limits;
use crate::shutdown::Stage;

/// A slot further off than this is not waited for in memory: the delivery goes back with its time, so that a
/// kill in the meantime leaves no doubt. Only replies to a chat that was told to wait have such slots.
const LONGEST_HOLD: Duration = Duration::from_secs(5);

/// The window of departures. Shorter than that of the slots: who is late once is even again some seconds later.
const WINDOW: Duration = Duration::from_millis(1_004);

/// By how much a slow answer moves a departure at most. A message whose answer took longer than usual may have
/// arrived as much later.
const SLOWEST: Duration = Duration::from_millis(20);

/// When the last messages of this process went.
#[derive(Debug)]
pub struct Departures {
    most: usize,
    last: Mutex<Last>,
}

#[derive(Debug, Default)]
struct Last {
    /// Number of the departure, and when it is taken to have arrived, less the way there.
    gone: VecDeque<(u64, Instant)>,
    /// Number of the last one.
    count: u64,
    /// The quickest answer of late.
    quickest: Option<Duration>,
}

impl Departures {
    /// At most as many in the window as the limits have in theirs; a limit of 0 lets all go.
    pub fn new(limits: &Limits) -> Self {
        Self { most: limits.most, last: Mutex::default() }
    }

    fn last(&self) -> MutexGuard<'_, Last> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes that a message of `weight` goes now, and answers its number; or answers when it may.
    fn go(&self, now: Instant, weight: usize) -> Result<u64, Instant> {
        let mut last = self.last();
        let surplus = last.gone.len().saturating_sub(self.most);
        last.gone.drain(..surplus);
        let needed = (last.gone.len() + weight.min(self.most)).saturating_sub(self.most);
        let room = last.gone.iter().take(needed).map(|(_, at)| *at + WINDOW).max();
        if let Some(at) = room.filter(|at| *at > now) {
            return Err(at);
        }
        last.count += 1;
        let number = last.count;
        last.gone.extend(std::iter::repeat_n((number, now), weight));
        Ok(number)
    }

    /// Notes how long the answer to a departure took.
    fn answered(&self, number: u64, took: Duration) {
        let mut last = self.last();
        // The quickest fades by a thousandth each time, so that it follows a way that has become longer.
        let quickest = last.quickest.map_or(took, |quickest| (quickest * 1_001 / 1_000).min(took));
        last.quickest = Some(quickest);
        let late = (took - quickest).min(SLOWEST);
        for (_, at) in last.gone.iter_mut().filter(|(of, _)| *of == number) {
            *at += late;
        }
    }

    /// Returns when a message of `weight` may go, and notes it.
    async fn turn(&self, weight: usize) -> u64 {
        loop {
            match self.go(Instant::now(), weight) {
                Ok(number) => return number,
                Err(at) => tokio::time::sleep_until(at).await,
            }
        }
    }
}

/// Waits for the slot, attempts, counts and logs.
pub(super) async fn deliver(
    context: &Context,
    desk: &Desk,
    departures: Option<&Departures>,
    claimed: &Claimed,
) -> Attempt {
    let attempt = deliver_or_cut(context, desk, departures, claimed).await;
    record(claimed, &attempt);
    attempt
}

async fn deliver_or_cut(
    context: &Context,
    desk: &Desk,
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
    let departures = departures.filter(|all| all.most > 0 && !is_paid(claimed));
    let mut number = 0;
    if !until_slot.is_zero() || departures.is_some() {
        let turn = async {
            tokio::time::sleep(until_slot).await;
            match departures {
                Some(departures) => departures.turn(weight(claimed)).await,
                None => 0,
            }
        };
        tokio::select! {
            turn = turn => number = turn,
            () = &mut cut => {
                let at = context.clock.now();
                let reason = "the process went down before the slot".to_owned();
                return interrupted(claimed, Outcome::Later { at, reason });
            }
        }
    }
    if !has_begun(context, claimed) {
        let at = context.clock.now() + TimeDelta::seconds(1);
        let reason = "how far sending has begun cannot be noted".to_owned();
        return interrupted(claimed, Outcome::Later { at, reason });
    }
    let begun = tokio::time::Instant::now();
    let attempt = tokio::select! {
        attempt = attempt_any(context, desk, claimed) => attempt,
        () = &mut cut => {
            let at = context.clock.now() + TimeDelta::seconds(2);
            let reason = "the process went down while it was under way".to_owned();
            interrupted(claimed, Outcome::Doubt { at, reason })
        }
    };
    if let Some(departures) = departures {
        departures.answered(number, begun.elapsed());
    }
    metrics::histogram!("magpie_send_seconds").record(begun.elapsed().as_secs_f64());
    attempt
}

/// What is for staff needs the record to find its place.
async fn attempt_any(context: &Context, desk: &Desk, claimed: &Claimed) -> Attempt {
    let now = context.clock.now();
    match staff::attempt(&*context.messenger, &*context.db, claimed, now).await {
        Some(attempt) => attempt,
        None => attempt(&*context.messenger, desk, &*context.clock, claimed).await,
    }
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

/// How many messages it counts as.
fn weight(claimed: &Claimed) -> usize {
    match &claimed.delivery.new.content {
        Content::Message(message) => message.count(),
        Content::Campaign { count, .. } => count.unwrap_or(1),
        _ => 1,
    }
}

/// Notes that the delivery begins; false when that cannot be done, so that it must not.
fn has_begun(context: &Context, claimed: &Claimed) -> bool {
    claimed.delivery.intent_at.is_none_or(|slot| context.begun.note(slot))
}

/// Whether it has a slot of the paid pool, which the free window does not count.
fn is_paid(claimed: &Claimed) -> bool {
    match &claimed.delivery.new.content {
        Content::Message(message) => message.paid,
        Content::Campaign { paid, .. } => *paid,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ms(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    #[test]
    fn a_late_message_holds_the_one_that_would_be_too_many_after_it() {
        let departures = Departures::new(&Limits { most: 2, ..Limits::default() });
        let begin = Instant::now();
        let go = |at| departures.go(begin + ms(at), 1).map_err(|at| at - begin);
        assert_eq!((go(0), go(530)), (Ok(1), Ok(2)));
        assert_eq!(go(1_000), Err(ms(1_004)));
        assert_eq!(go(1_004), Ok(3));
        assert_eq!(go(1_500), Err(ms(1_534)));
    }

    #[test]
    fn a_slow_answer_counts_as_a_late_arrival() {
        let departures = Departures::new(&Limits { most: 1, ..Limits::default() });
        let begin = Instant::now();
        let go = |at| departures.go(begin + ms(at), 1).map_err(|at| at - begin);
        assert_eq!(go(0), Ok(1));
        departures.answered(1, ms(10));
        assert_eq!((go(1_003), go(1_004)), (Err(ms(1_004)), Ok(2)));
        departures.answered(2, ms(10) + ms(10) / 1_000 + ms(9));
        assert!(go(2_008).is_err_and(|at| at >= ms(2_016) && at <= ms(2_018)));
        assert_eq!(go(2_100), Ok(3));
        departures.answered(3, ms(5_000));
        assert_eq!(go(3_104), Err(ms(3_124)), "no more than the most");
    }

    #[test]
    fn an_album_takes_the_place_of_its_pictures() {
        let departures = Departures::new(&Limits { most: 5, ..Limits::default() });
        let begin = Instant::now();
        let go = |at, weight| departures.go(begin + ms(at), weight).map_err(|at| at - begin);
        assert_eq!((go(0, 1), go(100, 3)), (Ok(1), Ok(2)));
        assert_eq!(go(200, 3), Err(ms(1_104)));
        assert_eq!(go(200, 1), Ok(3));
        assert_eq!(go(1_204, 9), Ok(4), "heavier than the window: it waits until that is empty");
    }
}
