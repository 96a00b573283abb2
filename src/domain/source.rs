//! A source: one search page of a site, scraped on a schedule, and what a run says about it.

use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::ids::SourceId;
use super::rhythm::{Rhythm, next_due};

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
    /// Time between two runs that is asked for; one with a cron expression does without.
    pub interval: Duration,
    /// Offered to everybody in the bot's list of searches.
    pub offered: bool,
    /// Cron expression, windows and jitter, if it has any.
    pub rhythm: Rhythm,
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

    /// Takes another wish for the same search; history stays. When the rhythm changes, the tuned interval is
    /// forgotten, and the next run is no later than the new rhythm has it.
    pub fn take(&mut self, spec: SourceSpec, now: DateTime<Utc>) {
        let same = self.spec.interval == spec.interval && self.spec.rhythm == spec.rhythm;
        self.spec = spec;
        if !same {
            self.pace = None;
            let interval = self.spec.interval;
            let next = next_due(&self.spec.rhythm, interval, now, self.seed(), now);
            self.next_due_at = self.next_due_at.min(next);
        }
    }

    /// A stable number of the source: the first 64 bits of its name. It decides its place among others.
    pub fn seed(&self) -> u64 {
        let bits = self.id.as_str().get(..16);
        bits.and_then(|hex| u64::from_str_radix(hex, 16).ok()).unwrap_or(0)
    }
}

/// After `failures` bad runs in a row the interval grows: double each time, at most sixteen-fold.
pub fn back_off(interval: Duration, failures: i64) -> Duration {
    let doublings = u32::try_from(failures.clamp(0, 4)).unwrap_or(0);
    interval.saturating_mul(2u32.pow(doublings))
}

#[cfg(test)]
mod tests {
    use super::*;
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
