//! What a person may do: the terms of plans, which of them hold, and what they mean for watches. Pure.
//!
//! ```text
//! free terms ─┐
//! plan A ─────┼─► best of each ─► terms of the person now ─► room for one more watch?
//! plan B ─────┘                                          └─► downgrade: the newest rest, none is deleted
//! ```
//!
//! A plan that says nothing of something leaves it as it is without the plan; 0 means "without limit". Watches of a
//! person count whether they run or rest: otherwise everybody could keep a thousand and take turns.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::ids::{SourceId, WatchId};
use super::watch::{PausedBy, Watch};

/// The terms of a plan: a JSON document in the record, so names are contracts. Keys that this version does not
/// know are kept.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Terms {
    /// Time between two looks at a search, seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interval_s: Option<u64>,
    /// Watches of a person; 0: without limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub watches: Option<u64>,
    /// Different searches that the watches of a person look at; 0: without limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sources: Option<u64>,
    /// Alerts in a day; 0: without limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alerts_per_day: Option<u64>,
    /// How much later than others the person is told, seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delay_s: Option<u64>,
    /// Days of price history; 0: without limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub history_days: Option<u64>,
    /// What the Mini App offers beyond lists, words of [`FEATURES`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub features: Option<BTreeSet<String>>,
    /// What this version does not know.
    #[serde(flatten)]
    pub other: BTreeMap<String, serde_json::Value>,
}

/// What a plan can open in the Mini App: the radius on the map, charts of prices, files.
pub const FEATURES: [&str; 3] = ["map", "charts", "export"];

impl Terms {
    /// The keys that this version knows.
    pub const KEYS: [&'static str; 7] = [
        "interval_s",
        "watches",
        "sources",
        "alerts_per_day",
        "delay_s",
        "history_days",
        "features",
    ];

    /// These terms, and where they say nothing, those of `base`.
    #[must_use]
    pub fn over(&self, base: &Self) -> Self {
        let mut other = base.other.clone();
        other.extend(self.other.clone());
        Self {
            interval_s: self.interval_s.or(base.interval_s),
            watches: self.watches.or(base.watches),
            sources: self.sources.or(base.sources),
            alerts_per_day: self.alerts_per_day.or(base.alerts_per_day),
            delay_s: self.delay_s.or(base.delay_s),
            history_days: self.history_days.or(base.history_days),
            features: self.features.clone().or_else(|| base.features.clone()),
            other,
        }
    }

    /// Terms that limit watches and searches, and nothing else.
    pub fn of_watches(watches: u64, sources: u64) -> Self {
        Self { watches: Some(watches), sources: Some(sources), ..Self::default() }
    }

    /// The better of both in each point. Of a key that this version does not know, the value of `self` stays.
    pub fn or_better(&self, other: &Self) -> Self {
        let mut unknown = other.other.clone();
        unknown.extend(self.other.clone());
        Self {
            interval_s: shorter(self.interval_s, other.interval_s),
            watches: wider(self.watches, other.watches),
            sources: wider(self.sources, other.sources),
            alerts_per_day: wider(self.alerts_per_day, other.alerts_per_day),
            delay_s: shorter(self.delay_s, other.delay_s),
            history_days: wider(self.history_days, other.history_days),
            features: joined(self.features.as_ref(), other.features.as_ref()),
            other: unknown,
        }
    }
}

/// The limit that lets more through; 0 lets everything through.
fn wider(one: Option<u64>, other: Option<u64>) -> Option<u64> {
    match (one, other) {
        (Some(0), _) | (_, Some(0)) => Some(0),
        (one, other) => one.max(other),
    }
}

fn joined(
    one: Option<&BTreeSet<String>>,
    other: Option<&BTreeSet<String>>,
) -> Option<BTreeSet<String>> {
    let any = one.or(other)?;
    let all = any.iter().chain(other.into_iter().flatten());
    Some(all.cloned().collect())
}

fn shorter(one: Option<u64>, other: Option<u64>) -> Option<u64> {
    [one, other].into_iter().flatten().min()
}

/// A limit as a number, if there is one.
fn limit(stated: Option<u64>) -> Option<u64> {
    stated.filter(|most| *most > 0)
}

/// A plan that a person has, for a time.
#[derive(Debug, Clone, PartialEq)]
pub struct Entitled {
    /// From when.
    pub since: DateTime<Utc>,
    /// Until when.
    pub until: DateTime<Utc>,
    /// What it allows.
    pub terms: Terms,
}

/// Why a watch is not made or changed. Nothing is written then.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The person has as many watches as the plan allows.
    #[error(
        "there are {has} watches and the plan allows {limit}; remove one or choose a larger plan"
    )]
    Watches {
        /// How many the plan allows.
        limit: u64,
        /// How many there are.
        has: u64,
    },
    /// The watches would look at more searches than the plan allows.
    #[error(
        "the watches would look at {needs} different searches and the plan allows {limit}; \
         remove one or choose a larger plan"
    )]
    Sources {
        /// How many the plan allows.
        limit: u64,
        /// How many there would be.
        needs: u64,
    },
    /// Somebody above has paused it.
    #[error("it was paused by {}, who alone lets it go on", by_words(*.0))]
    PausedBy(PausedBy),
    /// A watch looks at one search at least.
    #[error("a watch looks at one search at least")]
    NoSources,
}

fn by_words(by: PausedBy) -> &'static str {
    match by {
        PausedBy::Nobody => "nobody",
        PausedBy::Owner => "its owner",
        PausedBy::Plan => "the limit of the plan",
        PausedBy::Operator => "an operator",
    }
}

/// What a person has and may have.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Allowance {
    /// Terms of everybody.
    pub free: Terms,
    /// Plans of the person, ended ones too.
    pub held: Vec<Entitled>,
    /// Number of the person's watches, wherever they tell and whether they run or not.
    pub watches: u64,
    /// Searches that they look at.
    pub sources: BTreeSet<SourceId>,
}

impl Allowance {
    /// The allowance of a person with these watches.
    pub fn of(free: Terms, held: Vec<Entitled>, watches: &[Watch]) -> Self {
        let sources = watches.iter().flat_map(|watch| watch.sources.iter().cloned()).collect();
        let watches = u64::try_from(watches.len()).unwrap_or(u64::MAX);
        Self { free, held, watches, sources }
    }

    /// The terms of the person at `now`.
    pub fn terms(&self, now: DateTime<Utc>) -> Terms {
        terms_at(&self.free, &self.held, now)
    }

    /// Whether there is room for one more watch on `sources`.
    pub fn room_for(&self, sources: &[SourceId], now: DateTime<Utc>) -> Result<(), Refusal> {
        if let Some(limit) = limit(self.terms(now).watches)
            && self.watches >= limit
        {
            return Err(Refusal::Watches { limit, has: self.watches });
        }
        self.room_for_sources(sources, now)
    }

    /// Whether a watch of this person may look at `sources`.
    pub fn room_for_sources(
        &self,
        sources: &[SourceId],
        now: DateTime<Utc>,
    ) -> Result<(), Refusal> {
        if sources.is_empty() {
            return Err(Refusal::NoSources);
        }
        let fresh: BTreeSet<_> = sources.iter().filter(|one| !self.sources.contains(one)).collect();
        let needs = u64::try_from(self.sources.len() + fresh.len()).unwrap_or(u64::MAX);
        match limit(self.terms(now).sources) {
            Some(limit) if !fresh.is_empty() && needs > limit => {
                Err(Refusal::Sources { limit, needs })
            }
            _ => Ok(()),
        }
    }

    /// Counts a watch that is made.
    pub fn take(&mut self, sources: &[SourceId]) {
        self.watches += 1;
        self.sources.extend(sources.iter().cloned());
    }
}

/// The terms of a person: in each point the best of the free terms and of the plans that hold at `now`.
pub fn terms_at(free: &Terms, held: &[Entitled], now: DateTime<Utc>) -> Terms {
    let holds = held.iter().filter(|one| one.since <= now && one.until > now);
    holds.fold(free.clone(), |best, one| one.terms.or_better(&best))
}

/// Whether the resting watch `id` of a person may run beside those that run.
pub fn may_run(watches: &[Watch], id: &WatchId, terms: &Terms) -> Result<(), Refusal> {
    let running = || watches.iter().filter(|watch| !watch.paused && watch.id != *id);
    let has = u64::try_from(running().count()).unwrap_or(u64::MAX);
    if let Some(limit) = limit(terms.watches)
        && has >= limit
    {
        return Err(Refusal::Watches { limit, has });
    }
    let own = watches.iter().filter(|watch| watch.id == *id);
    let together: BTreeSet<_> = running().chain(own).flat_map(|watch| &watch.sources).collect();
    let needs = u64::try_from(together.len()).unwrap_or(u64::MAX);
    match limit(terms.sources) {
        Some(limit) if needs > limit => Err(Refusal::Sources { limit, needs }),
        _ => Ok(()),
    }
}

/// What the limits mean for the watches of a person: who pauses each watch whose state must change. The oldest run;
/// the newest above a limit rest by [`PausedBy::Plan`], and go on, oldest first, as soon as there is room. What the
/// person or an operator has paused takes no room and stays as it is.
pub fn settle(watches: &[Watch], terms: &Terms) -> Vec<(WatchId, PausedBy)> {
    let mut ours: Vec<&Watch> = watches
        .iter()
        .filter(|watch| matches!(watch.paused_by, PausedBy::Nobody | PausedBy::Plan))
        .collect();
    ours.sort_by(|one, other| (one.created_at, &one.id).cmp(&(other.created_at, &other.id)));
    let (most, widest) = (limit(terms.watches), limit(terms.sources));
    let (mut running, mut looked_at) = (0, BTreeSet::new());
    let mut changes = Vec::new();
    for watch in ours {
        let together: BTreeSet<&SourceId> =
            looked_at.iter().copied().chain(&watch.sources).collect();
        let fits = most.is_none_or(|most| running < most)
            && widest.is_none_or(|widest| together.len() as u64 <= widest);
        if fits {
            running += 1;
            looked_at = together;
        }
        let by = if fits { PausedBy::Nobody } else { PausedBy::Plan };
        if watch.paused_by != by {
            changes.push((watch.id.clone(), by));
        }
    }
    changes
}

#[cfg(test)]
#[path = "plan_tests.rs"]
mod tests;
