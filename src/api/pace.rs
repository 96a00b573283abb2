//! How fast one person may call: ten calls a second, thirty at once. Counted by each process for itself.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};

use crate::domain::UserId;

/// Time that a call takes of its person.
const CALL: TimeDelta = TimeDelta::milliseconds(100);
/// How far ahead of the clock a person's calls may be.
const AHEAD: TimeDelta = TimeDelta::milliseconds(2_900);
/// Persons after whose number those whose calls are paid for are forgotten.
const MANY: usize = 10_000;

/// When the calls of each person are paid for.
#[derive(Debug, Default)]
pub struct Pace(Mutex<HashMap<UserId, DateTime<Utc>>>);

impl Pace {
    /// Whether the person may call at `now`; a call that may not costs nothing.
    pub fn take(&self, user: UserId, now: DateTime<Utc>) -> bool {
        let mut paid = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if paid.len() >= MANY {
            paid.retain(|_, until| *until > now);
        }
        let until = paid.entry(user).or_insert(now);
        let next = (*until).max(now) + CALL;
        let may = next <= now + AHEAD + CALL;
        if may {
            *until = next;
        }
        may
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thirty_at_once_then_ten_a_second_and_everybody_for_themselves() {
        let (pace, now) = (Pace::default(), DateTime::UNIX_EPOCH);
        let many = |user, now| (0..100).filter(|_| pace.take(UserId(user), now)).count();
        assert_eq!(many(1, now), 30);
        assert_eq!(many(2, now), 30);
        assert_eq!(many(1, now + TimeDelta::seconds(1)), 10);
        assert_eq!(many(1, now + TimeDelta::hours(1)), 30);
    }
}
