//! A source: one search page of a site, scraped on a schedule, and what a run says about it.

use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::ids::SourceId;

/// How a run ended. "Empty" has proof on the page; silence is a fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Listings were found.
    Ok,
    /// The page says that nothing matches.
    Empty,
    /// Nothing has changed since the last run, by the server's word.
    Unchanged,
    /// A captcha, a block page, 403 or 429.
    Blocked,
    /// The page is none we know: the layout may have changed.
    Changed,
    /// The page could not be had.
    Failed,
}

impl Verdict {
    /// All verdicts.
    pub const ALL: [Self; 6] =
        [Self::Ok, Self::Empty, Self::Unchanged, Self::Blocked, Self::Changed, Self::Failed];

    /// The stored word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Empty => "empty",
            Self::Unchanged => "unchanged",
            Self::Blocked => "blocked",
            Self::Changed => "changed",
            Self::Failed => "failed",
        }
    }

    /// The verdict of a stored word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|verdict| verdict.as_str() == word)
    }

    /// Whether the run told us something about the listings.
    pub fn is_good(self) -> bool {
        matches!(self, Self::Ok | Self::Empty | Self::Unchanged)
    }
}

/// What an operator or a subscriber asks to be watched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceSpec {
    /// Id of the site module.
    pub site: String,
    /// Canonical address of the search page.
    pub url: String,
    /// What people call it.
    pub title: String,
    /// Time between two runs.
    pub interval: Duration,
    /// Offered to everybody in the bot's list of searches.
    pub offered: bool,
}

impl SourceSpec {
    /// The name of the source: equal searches are one.
    pub fn id(&self) -> SourceId {
        SourceId::of(&self.site, &self.url)
    }
}

/// A source as stored.
#[derive(Debug, Clone, PartialEq)]
pub struct Source {
    /// Its name.
    pub id: SourceId,
    /// What was asked for.
    pub spec: SourceSpec,
    /// Not scraped while paused.
    pub paused: bool,
    /// When it is due.
    pub next_due_at: DateTime<Utc>,
    /// Fence of the present claim; results of an older one are refused.
    pub epoch: i64,
    /// Whether a first good run has recorded what was there, as no news.
    pub baseline_done: bool,
    /// Runs in a row without a good verdict.
    pub failures: i64,
    /// The last verdict.
    pub verdict: Option<Verdict>,
    /// When the last run ended.
    pub last_run_at: Option<DateTime<Utc>>,
    /// Number of listings in the last good run.
    pub last_count: Option<i64>,
    /// Validator of the last answer (`ETag`).
    pub etag: Option<String>,
    /// Validator of the last answer (`Last-Modified`).
    pub last_modified: Option<String>,
    /// The road that worked last: `http` or `browser`.
    pub rung: Option<String>,
    /// The last complaint, for operators.
    pub last_error: Option<String>,
    /// What was learned about the ways to this source: a JSON document of the scraper.
    pub road: Option<String>,
    /// What is known of how often it changes: a JSON document of the scheduler.
    pub rate: Option<String>,
    /// The interval that tuning chose; `None`: the one that was asked for.
    pub pace: Option<Duration>,
}

impl Source {
    /// A source that nobody has looked at yet; it is due at `due`.
    pub fn new(spec: SourceSpec, due: DateTime<Utc>) -> Self {
        Self {
            id: spec.id(),
            spec,
            paused: false,
            next_due_at: due,
            epoch: 0,
            baseline_done: false,
            failures: 0,
            verdict: None,
            last_run_at: None,
            last_count: None,
            etag: None,
            last_modified: None,
            rung: None,
            last_error: None,
            road: None,
            rate: None,
            pace: None,
        }
    }

    /// The time between two runs at present.
    pub fn interval(&self) -> Duration {
        self.pace.unwrap_or(self.spec.interval)
    }
}

/// When a source that was due at `due` and is claimed at `now` is due again.
///
/// Each source has a grid of its own: one point per interval, at an offset that its `seed` decides, so equal
/// intervals spread over the whole interval and the rhythm never drifts. Missed rounds coalesce into one. The
/// next moment is at the first grid point that is at least half an interval away and later than the round of
/// `due`, moved by a jitter of at most a fortieth of the interval, and never nearer than half an interval.
pub fn next_due(
    due: DateTime<Utc>,
    interval: Duration,
    seed: u64,
    now: DateTime<Utc>,
) -> DateTime<Utc> {
    let interval =
        i64::try_from(interval.as_millis()).unwrap_or(LONGEST_MS).clamp(1_000, LONGEST_MS);
    let offset = (mix(seed) % interval.cast_unsigned()).cast_signed();
    let nearest = now.timestamp_millis() + interval / 2;
    let from_now = (nearest - offset).div_euclid(interval) + 1;
    // A clock that was set back must not repeat the round that is claimed right now. One set back by far
    // counts for no more than one interval, or the source would sleep until the old time comes again.
    let claimed = (due.timestamp_millis() - offset + interval / 2).div_euclid(interval);
    let round = from_now.max((claimed + 1).min(from_now + 1));
    let spread = interval / 20;
    let jitter = match spread.cast_unsigned() {
        0 => 0,
        width => (mix(seed ^ round.cast_unsigned()) % width).cast_signed() - spread / 2,
    };
    let next = (round * interval + offset + jitter).max(nearest);
    DateTime::from_timestamp_millis(next).unwrap_or(now + chrono::TimeDelta::days(1))
}

/// Longest interval that the grid is kept for, ms: a year.
const LONGEST_MS: i64 = 366 * 24 * 60 * 60 * 1_000;

/// After `failures` bad runs in a row the interval grows: double each time, at most sixteen-fold.
pub fn back_off(interval: Duration, failures: i64) -> Duration {
    let doublings = u32::try_from(failures.clamp(0, 4)).unwrap_or(0);
    interval.saturating_mul(2u32.pow(doublings))
}

/// SplitMix64's finaliser: spreads a counter over all bits.
fn mix(mut x: u64) -> u64 {
    x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(millis: i64) -> DateTime<Utc> {
        DateTime::from_timestamp_millis(millis).expect("a moment")
    }

    /// Moments between 2001 and 2096.
    fn moments() -> impl Strategy<Value = i64> {
        1_000_000_000_000i64..4_000_000_000_000
    }

    fn intervals() -> impl Strategy<Value = u64> {
        1_000u64..7 * 24 * 60 * 60 * 1_000
    }

    proptest! {
        #[test]
        fn it_is_never_nearer_than_half_an_interval_and_never_farther_than_two(
            now in moments(), late in 0i64..10_000_000_000, every in intervals(), seed: u64
        ) {
            let next = next_due(at(now - late), Duration::from_millis(every), seed, at(now));
            let wait = (next - at(now)).num_milliseconds().cast_unsigned();
            prop_assert!(wait >= every / 2, "{wait} of {every}");
            prop_assert!(wait <= every * 2, "{wait} of {every}");
        }

        #[test]
        fn missed_rounds_coalesce_into_one(
            now in moments(), late in 0i64..10_000_000_000, every in intervals(), seed: u64
        ) {
            let every = Duration::from_millis(every);
            let missed_many = next_due(at(now - late), every, seed, at(now));
            prop_assert_eq!(missed_many, next_due(at(now - late / 3), every, seed, at(now)));
        }

        #[test]
        fn punctual_runs_stay_on_the_grid_for_ever(
            start in moments(), every in intervals(), seed: u64, delay in 0u64..100
        ) {
            let interval = Duration::from_millis(every);
            let first = next_due(at(start), interval, seed, at(start));
            let mut due = first;
            for _ in 0..50 {
                // Claimed at most an eighth of an interval late.
                let now = due + Duration::from_millis(every / 8 * delay / 100);
                due = next_due(due, interval, seed, now);
            }
            let drift = (due - first).num_milliseconds() - 50 * every.cast_signed();
            prop_assert!(drift.unsigned_abs() <= every / 20 + 1, "{drift} of {every}");
        }

        #[test]
        fn it_moves_forward_even_when_the_clock_was_set_back(
            now in moments(), back in 0i64..100_000_000_000, every in intervals(), seed: u64
        ) {
            let interval = Duration::from_millis(every);
            let next = next_due(at(now + back), interval, seed, at(now));
            prop_assert!(next > at(now));
            prop_assert!((next - at(now)).num_milliseconds().cast_unsigned() <= every * 3);
        }
    }

    #[test]
    fn equal_intervals_spread_over_the_whole_interval() {
        let (now, interval) = (at(1_700_000_000_000), Duration::from_secs(360));
        let mut tenths = [0; 10];
        for seed in 0..1_000 {
            let wait = next_due(now, interval, seed, now) - now;
            let since_half = (wait.num_milliseconds() - 180_000).clamp(0, 359_999);
            tenths[usize::try_from(since_half / 36_000).expect("a tenth")] += 1;
        }
        assert!(tenths.iter().all(|count| (50..=200).contains(count)), "{tenths:?}");
    }

    #[test]
    fn the_interval_doubles_with_bad_runs_up_to_sixteenfold() {
        let minute = Duration::from_secs(60);
        let minutes: Vec<u64> = [-1, 0, 1, 2, 3, 4, 5, i64::MAX]
            .into_iter()
            .map(|failures| back_off(minute, failures).as_secs() / 60)
            .collect();
        assert_eq!(minutes, [1, 1, 2, 4, 8, 16, 16, 16]);
    }
}
