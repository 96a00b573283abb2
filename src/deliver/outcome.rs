//! What an error means for a delivery. Pure: error, delivery and time in, [`Outcome`] out.
//!
//! | error | outcome |
//! |---|---|
//! | the person or the chat is gone | [`Outcome::ChatGone`]: this and the rest for the chat is dropped |
//! | the group moved | [`Outcome::Migrated`], once: a group that moves to itself is dead |
//! | 429 | [`Outcome::ChatWaits`] until the time asked for, plus a little so that not all come back at once |
//! | done already | [`Outcome::Sent`] |
//! | content, picture or topic refused after all fall-backs | [`Outcome::Dead`] |
//! | somebody else polls (no sending method says so) | [`Outcome::Retry`] from 1 s doubling to 60 s, then dead |
//! | the token is wrong, or nobody was reached | [`Outcome::Later`]: not an attempt; the brake waits, not the row |
//! | nobody knows | [`Outcome::Doubt`] in 2 s, doubling to 60 s while doubts go on |

use chrono::{DateTime, TimeDelta, Utc};

use crate::domain::delivery::{Delivery, Outcome};
use crate::domain::{ChatId, DeliveryId, PostForm};
use crate::telegram::SendError;

/// Telegram names at most 14 days; more is a mistake of somebody in between.
const LONGEST_WAIT_S: u64 = 14 * 24 * 3_600;

/// A 429 is waited out for up to this much longer, by the name of the delivery, milliseconds.
const JITTER_MS: u64 = 500;

/// The pause before a doubtful message is repeated.
const DOUBT_WAIT_S: i64 = 2;

/// Longest pause between repeats, seconds.
const LONGEST_BACKOFF_S: i64 = 60;

/// Refusals after which a person must look.
const MOST_REFUSALS: i64 = 12;

/// What `error`, after all fall-backs, means for `delivery`.
pub fn outcome_of(error: &SendError, delivery: &Delivery, now: DateTime<Utc>) -> Outcome {
    let reason = error.to_string();
    match error {
        SendError::Blocked(_) | SendError::ChatGone(_) => Outcome::ChatGone { reason },
        SendError::Migrated(to) if ChatId(*to) == delivery.new.chat => Outcome::Dead { reason },
        SendError::Migrated(to) => Outcome::Migrated { to: ChatId(*to) },
        SendError::RetryAfter(seconds) => {
            Outcome::ChatWaits { until: wait_until(*seconds, &delivery.new.id, now) }
        }
        SendError::Benign(_) => Outcome::Sent { message_id: 0, form: PostForm::Text, version: 0 },
        SendError::BadMedia(_) | SendError::BadThread(_) | SendError::BadRequest(_) => {
            Outcome::Dead { reason }
        }
        SendError::Conflict(_) if delivery.attempts_refused + 1 >= MOST_REFUSALS => {
            Outcome::Dead { reason }
        }
        SendError::Conflict(_) => {
            Outcome::Retry { at: now + backoff(1, delivery.attempts_refused), reason }
        }
        // Due at once, so that it stays in front of what was written for the chat after it: the sender's
        // brake is what waits.
        SendError::Auth(_) | SendError::Unreached(_) => Outcome::Later { at: now, reason },
        SendError::Doubt(_) => {
            Outcome::Doubt { at: now + backoff(DOUBT_WAIT_S, delivery.doubts), reason }
        }
    }
}

/// When a 429 that asked for `seconds` is over for the delivery `id`.
fn wait_until(seconds: u64, id: &DeliveryId, now: DateTime<Utc>) -> DateTime<Utc> {
    let seconds = i64::try_from(seconds.min(LONGEST_WAIT_S)).unwrap_or(0);
    now + TimeDelta::seconds(seconds) + TimeDelta::milliseconds(jitter_ms(id))
}

/// A number below [`JITTER_MS`] that is the same for the same delivery: names are digests, so they are spread.
fn jitter_ms(id: &DeliveryId) -> i64 {
    let sum = id
        .as_str()
        .bytes()
        .fold(0u64, |sum, byte| sum.wrapping_mul(31).wrapping_add(u64::from(byte)));
    i64::try_from(sum % JITTER_MS).unwrap_or(0)
}

/// `first_s` seconds, doubled for each time before, at most a minute: 1, 2, 4, 8, 16, 32, 60, 60, …
pub fn backoff(first_s: i64, times_before: i64) -> TimeDelta {
    let doublings = u32::try_from(times_before.clamp(0, 6)).unwrap_or(0);
    TimeDelta::seconds((first_s << doublings).min(LONGEST_BACKOFF_S))
}

/// The word of an outcome for metrics.
pub fn outcome_word(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::Sent { .. } => "sent",
        Outcome::Later { .. } => "later",
        Outcome::Held { .. } => "held",
        Outcome::ChatWaits { .. } => "chat_waits",
        Outcome::Retry { .. } => "retry",
        Outcome::Doubt { .. } => "doubt",
        Outcome::ChatGone { .. } => "chat_gone",
        Outcome::Migrated { .. } => "migrated",
        Outcome::Dropped { .. } => "dropped",
        Outcome::Dead { .. } => "dead",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::deliver::testing::{delivery, moment};

    fn after(error: SendError, change: impl FnOnce(&mut Delivery)) -> Outcome {
        let mut delivery = delivery(5);
        change(&mut delivery);
        outcome_of(&error, &delivery, moment(0))
    }

    #[test]
    fn each_class_of_error_ends_in_its_outcome() {
        let text = || "why".to_owned();
        let cases = [
            (SendError::Blocked(text()), "chat_gone"),
            (SendError::ChatGone(text()), "chat_gone"),
            (SendError::Migrated(-100), "migrated"),
            (SendError::Migrated(5), "dead"),
            (SendError::RetryAfter(3), "chat_waits"),
            (SendError::Benign(text()), "sent"),
            (SendError::BadMedia(text()), "dead"),
            (SendError::BadThread(text()), "dead"),
            (SendError::BadRequest(text()), "dead"),
            (SendError::Conflict(text()), "retry"),
            (SendError::Auth(text()), "later"),
            (SendError::Doubt(text()), "doubt"),
            (SendError::Unreached(text()), "later"),
        ];
        for (error, word) in cases {
            let outcome = after(error.clone(), |_| ());
            assert_eq!(outcome_word(&outcome), word, "{error}");
        }
    }

    #[test]
    fn a_wait_is_the_asked_time_and_a_little_more() {
        for (asked, least) in [(0, 0), (7, 7), (70_000, 70_000), (u64::MAX, 1_209_600)] {
            let Outcome::ChatWaits { until } = after(SendError::RetryAfter(asked), |_| ()) else {
                panic!("a 429 makes the chat wait");
            };
            let extra = until - moment(0) - TimeDelta::seconds(least);
            assert!(extra >= TimeDelta::zero() && extra < TimeDelta::milliseconds(500), "{extra}");
        }
    }

    #[test]
    fn refusals_are_repeated_from_one_second_to_a_minute_and_then_left_to_a_person() {
        let waits: Vec<i64> = (0..9).map(|before| backoff(1, before).num_seconds()).collect();
        assert_eq!(waits, [1, 2, 4, 8, 16, 32, 60, 60, 60]);
        let conflict = || SendError::Conflict("other".into());
        let Outcome::Retry { at, .. } = after(conflict(), |delivery| delivery.attempts_refused = 2)
        else {
            panic!("a refusal for now is repeated");
        };
        assert_eq!(at, moment(4_000));
        let last = after(conflict(), |delivery| delivery.attempts_refused = 11);
        assert_eq!(outcome_word(&last), "dead");
    }

    #[test]
    fn a_doubt_waits_two_seconds_and_longer_while_doubts_go_on() {
        for (doubts, wait) in [(0, 2_000), (1, 4_000), (9, 60_000), (i64::MAX, 60_000)] {
            let outcome =
                after(SendError::Doubt("cut".into()), |delivery| delivery.doubts = doubts);
            let Outcome::Doubt { at, .. } = outcome else { panic!("a doubt stays a doubt") };
            assert_eq!(at, moment(wait));
        }
    }

    #[test]
    fn what_never_left_keeps_its_place_and_is_no_attempt() {
        for error in [SendError::Unreached("refused".into()), SendError::Auth("401".into())] {
            let outcome = after(error, |_| ());
            assert!(matches!(outcome, Outcome::Later { at, .. } if at == moment(0)), "{outcome:?}");
        }
    }
}
