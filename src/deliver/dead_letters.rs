//! Tells operators of deliveries that need a person: a gauge of how many and how old, and a line of log when one
//! has waited for longer than an hour, at most once an hour.

use chrono::{DateTime, TimeDelta, Utc};

use crate::context::Context;
use crate::store::DeadLetters;

/// Time between two looks.
const EVERY: TimeDelta = TimeDelta::seconds(60);
/// A dead letter that is older than this is an alarm, and so long one alarm is enough.
const PATIENCE: TimeDelta = TimeDelta::hours(1);

/// When was looked and told last.
#[derive(Debug, Clone, Default)]
pub struct Watcher {
    looked_at: Option<DateTime<Utc>>,
    told_at: Option<DateTime<Utc>>,
}

impl Watcher {
    /// Looks, unless that was done a moment ago.
    pub async fn look(&mut self, context: &Context) {
        let now = context.clock.now();
        if !self.is_due(now) {
            return;
        }
        match context.db.dead_letters().await {
            Ok(letters) => self.tell(&letters, now),
            Err(error) => tracing::debug!(%error, "dead letters cannot be counted now"),
        }
    }

    fn is_due(&mut self, now: DateTime<Utc>) -> bool {
        let due = self.looked_at.is_none_or(|at| now - at >= EVERY);
        if due {
            self.looked_at = Some(now);
        }
        due
    }

    fn tell(&mut self, letters: &DeadLetters, now: DateTime<Utc>) {
        let age = letters.oldest.map_or(TimeDelta::zero(), |at| now - at);
        metrics::gauge!("magpie_dead_letters").set(letters.count as f64);
        metrics::gauge!("magpie_dead_letter_oldest_seconds").set(age.num_seconds() as f64);
        if self.alarms(age, now) {
            tracing::error!(
                count = letters.count,
                hours = age.num_hours(),
                "deliveries wait for a person: look at them with `magpie outbox list --state dead`, \
                 then requeue or discard them"
            );
        }
    }

    fn alarms(&mut self, age: TimeDelta, now: DateTime<Utc>) -> bool {
        let alarms = age > PATIENCE && self.told_at.is_none_or(|at| now - at >= PATIENCE);
        if alarms {
            self.told_at = Some(now);
        }
        alarms
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::deliver::testing::moment;

    #[test]
    fn an_old_dead_letter_is_told_once_an_hour() {
        let mut watcher = Watcher::default();
        let minutes = |minutes: i64| moment(minutes * 60_000);
        assert!(!watcher.alarms(TimeDelta::minutes(60), minutes(0)));
        assert!(watcher.alarms(TimeDelta::minutes(61), minutes(1)));
        assert!(!watcher.alarms(TimeDelta::minutes(100), minutes(60)));
        assert!(watcher.alarms(TimeDelta::minutes(121), minutes(61)));
        assert!(!watcher.alarms(TimeDelta::zero(), minutes(200)), "nothing waits");
    }

    #[test]
    fn a_look_a_minute_is_enough() {
        let mut watcher = Watcher::default();
        assert!(watcher.is_due(moment(0)) && !watcher.is_due(moment(59_999)));
        assert!(watcher.is_due(moment(60_000)));
    }
}
