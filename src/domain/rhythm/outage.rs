//! After a pause of the whole installation, and while the whole internet is gone: no herd, one alarm.

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use super::{Rhythm, first_from, grid};

/// How far back an outcome counts for [`offline`].
const MINUTE: TimeDelta = TimeDelta::minutes(1);

/// Bad runs make an interval sixteen times as long, and its next point may be two of these away.
const LONGEST_BACK_OFF: u32 = 32;

/// Longest pause that anybody else may ask for: a server, an operator's repair.
const PATIENCE: TimeDelta = TimeDelta::days(7);

/// With fewer hosts than this nobody can tell the internet from the host.
const HOSTS: usize = 2;

/// Whether a host could be reached, whatever it answered then.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reach {
    /// Which host.
    pub host: String,
    /// When the try ended.
    pub at: DateTime<Utc>,
    /// False when its name did not resolve or no connection came about.
    pub reached: bool,
}

/// Whether we are offline: in the last minute at least two hosts were tried, and none could be reached. Then one
/// alarm is due instead of one for each site.
pub fn offline(tries: &[Reach], now: DateTime<Utc>) -> bool {
    let mut last: BTreeMap<&str, &Reach> = BTreeMap::new();
    for one in tries.iter().filter(|one| now - one.at <= MINUTE) {
        let kept = last.entry(&one.host).or_insert(one);
        if one.at >= kept.at {
            *kept = one;
        }
    }
    last.len() >= HOSTS && last.values().all(|one| !one.reached)
}

/// A moment for a source among many that come back at once: inside one interval from `now`, by its seed.
pub fn spread(rhythm: &Rhythm, pace: Duration, seed: u64, now: DateTime<Utc>) -> DateTime<Utc> {
    if rhythm.cron.is_some() {
        return first_from(rhythm, pace, now, seed);
    }
    first_from(rhythm, pace, grid::spread(now, pace, seed), seed)
}

/// When a source that nobody claimed for more than a whole interval should run, so that a start after a pause is
/// no burst; `None` when it is not that late.
pub fn overdue(
    rhythm: &Rhythm,
    pace: Duration,
    due: DateTime<Utc>,
    seed: u64,
    now: DateTime<Utc>,
) -> Option<DateTime<Utc>> {
    let late = (now - due).to_std().unwrap_or_default();
    let missed = match &rhythm.cron {
        // One moment was missed: it is made up for at once. More than one: the next one is soon enough.
        Some(_) => super::next_due(rhythm, pace, due, seed, due) <= now,
        None => late > pace,
    };
    missed.then(|| spread(rhythm, pace, seed, now))
}

/// When a source should run whose due time no rhythm, back-off or pause can have named: it was written while the
/// clock was wrong. `None` when its due time makes sense.
pub fn astray(
    rhythm: &Rhythm,
    pace: Duration,
    due: DateTime<Utc>,
    seed: u64,
    now: DateTime<Utc>,
) -> Option<DateTime<Utc>> {
    let pause = TimeDelta::from_std(pace.saturating_mul(LONGEST_BACK_OFF)).ok()?;
    let from = now.checked_add_signed(pause)?.checked_add_signed(PATIENCE)?;
    let latest = super::next_due(rhythm, pace, from, seed, from);
    (due > latest).then(|| spread(rhythm, pace, seed, now))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> DateTime<Utc> {
        "2026-03-01T12:00:00Z".parse().expect("a moment")
    }

    fn tried(host: &str, seconds_ago: i64, reached: bool) -> Reach {
        Reach { host: host.into(), at: now() - TimeDelta::seconds(seconds_ago), reached }
    }

    #[test]
    fn offline_is_when_no_host_of_several_can_be_reached() {
        let both = [tried("a", 50, false), tried("b", 1, false)];
        assert!(offline(&both, now()));
        assert!(!offline(&both[..1], now()), "one host may be down by itself");
        assert!(!offline(&[tried("a", 50, false), tried("b", 1, true)], now()));
        assert!(!offline(&[tried("a", 90, false), tried("b", 1, false)], now()), "too long ago");
        let lost = [tried("a", 50, true), tried("a", 5, false), tried("b", 1, false)];
        assert!(offline(&lost, now()), "the last try of each host counts");
        let back = [tried("a", 5, true), tried("a", 50, false), tried("b", 1, false)];
        assert!(!offline(&back, now()));
        assert!(!offline(&[], now()));
    }

    #[test]
    fn a_long_pause_is_followed_by_no_burst() {
        let (rhythm, pace) = (Rhythm::default(), Duration::from_secs(360));
        let due = now() - TimeDelta::hours(5);
        let mut minutes = [0; 6];
        for seed in 0..600u64 {
            let moved =
                overdue(&rhythm, pace, due, seed.wrapping_mul(0x9e37_79b9_7f4a_7c15), now());
            let wait = (moved.expect("it is late") - now()).num_seconds();
            minutes[usize::try_from(wait / 60).expect("inside one interval")] += 1;
        }
        assert!(minutes.iter().all(|count| (60..=140).contains(count)), "{minutes:?}");
    }

    #[test]
    fn a_due_time_from_a_wrong_clock_is_mended() {
        let (plain, pace) = (Rhythm::default(), Duration::from_secs(360));
        let moved = astray(&plain, pace, now() + TimeDelta::days(300), 7, now()).expect("astray");
        assert!(moved >= now() && moved - now() <= TimeDelta::seconds(360), "{moved}");
        assert_eq!(astray(&plain, pace, now() + TimeDelta::days(6), 7, now()), None);
        let yearly = Rhythm { cron: "0 9 1 1 *".parse().ok(), ..Rhythm::default() };
        let next = super::super::next_due(&yearly, pace, now(), 7, now());
        assert_eq!(astray(&yearly, pace, next, 7, now()), None);
    }

    #[test]
    fn what_is_hardly_late_runs_at_once_and_windows_count() {
        let (plain, pace) = (Rhythm::default(), Duration::from_secs(360));
        assert_eq!(overdue(&plain, pace, now() - TimeDelta::seconds(300), 7, now()), None);
        assert_eq!(overdue(&plain, pace, now() + TimeDelta::seconds(300), 7, now()), None);
        let night: super::super::Window = "22:00-23:00 UTC".parse().expect("a window");
        let night = Rhythm { windows: vec![night], ..Rhythm::default() };
        let moved = overdue(&night, pace, now() - TimeDelta::hours(20), 7, now()).expect("late");
        assert!(night.is_open(moved), "{moved}");
        let daily = Rhythm { cron: "0 9 * * *".parse().ok(), ..Rhythm::default() };
        let missed_one = overdue(&daily, pace, now() - TimeDelta::hours(3), 7, now());
        assert_eq!(missed_one, None, "the round of today is made up for");
        let missed_two = overdue(&daily, pace, now() - TimeDelta::hours(27), 7, now());
        assert_eq!(missed_two, "2026-03-02T09:00:00Z".parse().ok());
    }
}
