//! The gate in memory: who is not heard at all for a while.
//!
//! It is wide: several times the quota of somebody who holds a plan, since it does not know who is who. It keeps a
//! flood away from the record, and it remembers for a moment that the record has refused a person. Losing it, or
//! having several processes with one each, costs work and changes no count: the quotas are in the record.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use crate::domain::UserId;
use crate::domain::quota::{Act, Quotas, Standing};

/// How many times wider the gate is than the widest quota.
const WIDTH: i64 = 5;
/// People above whom those who are quiet are forgotten.
const CROWD: usize = 10_000;

/// What the gate says to an update.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Passage {
    /// Go on.
    Open,
    /// The record refused this person a moment ago, who knows it.
    Empty,
    /// Far too much.
    Flood {
        /// Not said yet.
        first: bool,
        /// When the next one may pass, microseconds from now.
        wait: i64,
    },
}

#[derive(Debug, Clone, Copy, Default)]
struct Entry {
    full_at: i64,
    closed_until: i64,
    told: bool,
}

impl Entry {
    fn is_quiet(&self, now: i64) -> bool {
        self.full_at <= now && self.closed_until <= now
    }
}

/// See the module.
#[derive(Debug, Default)]
pub struct Gate {
    entries: Mutex<HashMap<(UserId, Act), Entry>>,
}

impl Gate {
    /// Counts an update of a person at `now` (microseconds) and says whether it is heard.
    pub fn pass(&self, quotas: &Quotas, user: UserId, act: Act, now: i64) -> Passage {
        let Some(bucket) = quotas.bucket(act, Standing::Premium) else { return Passage::Open };
        let bucket = bucket.times(WIDTH);
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        if entries.len() >= CROWD && !entries.contains_key(&(user, act)) {
            forget(&mut entries, now);
        }
        let entry = entries.entry((user, act)).or_default();
        if entry.full_at <= now {
            entry.told = false;
        }
        match bucket.take(entry.full_at, now) {
            Ok(full_at) => {
                entry.full_at = full_at;
                if entry.closed_until > now { Passage::Empty } else { Passage::Open }
            }
            Err(again) => {
                let first = !std::mem::replace(&mut entry.told, true);
                Passage::Flood { first, wait: again - now }
            }
        }
    }

    /// The record has refused the person, and they know it: until `until` (microseconds) there is nothing to ask it.
    pub fn close(&self, user: UserId, act: Act, until: i64) {
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        entries.entry((user, act)).or_default().closed_until = until;
    }

    /// People and acts that are remembered.
    pub fn len(&self) -> usize {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    /// Whether nobody is remembered.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// Forgets who has been quiet. Where that frees little, everybody: a look at all of a large crowd for each newcomer
/// would cost more than the gate saves.
fn forget(entries: &mut HashMap<(UserId, Act), Entry>, now: i64) {
    entries.retain(|_, entry| !entry.is_quiet(now));
    if entries.len() > CROWD / 2 {
        entries.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const QUOTAS: Quotas = Quotas {
        messages: 30,
        operations: 20,
        payments: 5,
        support: 10,
        searches: 30,
        burst: 1_000,
        premium: 2_000,
        newcomer: 500,
        newcomer_for: 0,
    };
    const ANNA: UserId = UserId(1);

    #[test]
    fn a_flood_is_told_once_and_hurts_nobody_else() {
        let gate = Gate::default();
        let press = |user, now| gate.pass(&QUOTAS, user, Act::Operation, now);
        assert!((0..200).all(|_| press(ANNA, 0) == Passage::Open), "ten times the quota");
        assert!(matches!(press(ANNA, 0), Passage::Flood { first: true, wait: 1.. }));
        assert!((0..1_000).all(|_| matches!(press(ANNA, 0), Passage::Flood { first: false, .. })));
        assert_eq!(press(UserId(2), 0), Passage::Open);
        assert_eq!(gate.pass(&QUOTAS, ANNA, Act::Message, 0), Passage::Open);
        assert_eq!(press(ANNA, 60_000_000), Passage::Open, "a minute later");
    }

    #[test]
    fn whom_the_record_refused_is_not_heard_until_there_is_room() {
        let gate = Gate::default();
        gate.close(ANNA, Act::Message, 2_000_000);
        let say = |now| gate.pass(&QUOTAS, ANNA, Act::Message, now);
        assert_eq!(
            [say(0), say(1_999_999), say(2_000_000)].map(|one| one == Passage::Open),
            [false, false, true]
        );
    }

    #[test]
    fn a_crowd_of_passers_by_is_forgotten() {
        let gate = Gate::default();
        for user in 0..100_000 {
            gate.pass(&QUOTAS, UserId(user), Act::Message, user * 100_000);
        }
        assert!(gate.len() <= CROWD, "{}", gate.len());
    }

    #[test]
    fn what_is_not_counted_is_not_remembered() {
        let gate = Gate::default();
        assert_eq!(gate.pass(&Quotas::default(), ANNA, Act::Message, 0), Passage::Open);
        assert!(gate.is_empty());
    }
}
