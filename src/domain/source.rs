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
    /// Whether a first good run has recorded what was there, silently.
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
}

/// When a source that was due at `due` and is claimed at `now` is due again: missed rounds coalesce into
/// one, the rhythm stays on its own grid, and every source has its own offset, so equal intervals spread.
///
/// `seed` is any stable number of the source; the jitter is at most a twentieth of the interval.
pub fn next_due(
    due: DateTime<Utc>,
    interval: Duration,
    seed: u64,
    now: DateTime<Utc>,
) -> DateTime<Utc> {
    let interval = i64::try_from(interval.as_millis()).unwrap_or(i64::MAX).max(1_000);
    let late = (now - due).num_milliseconds().max(0);
    let rounds = late / interval + 1;
    let spread = interval / 20;
    let round = due.timestamp_millis() / interval + rounds;
    let jitter =
        if spread == 0 { 0 } else { mix(seed ^ round.cast_unsigned()) % spread.cast_unsigned() };
    let base = due + chrono::TimeDelta::milliseconds(rounds.saturating_mul(interval));
    let next = base + chrono::TimeDelta::milliseconds(jitter.cast_signed() - spread / 2);
    next.max(now + chrono::TimeDelta::milliseconds(interval / 2))
}

/// After `failures` bad runs in a row the interval grows: double each time, at most sixteen-fold.
pub fn back_off(interval: Duration, failures: i64) -> Duration {
    let doublings = u32::try_from(failures.clamp(0, 4)).unwrap_or(0);
    interval * 2u32.pow(doublings)
}

/// SplitMix64's finaliser: spreads a counter over all bits.
fn mix(mut x: u64) -> u64 {
    x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}
