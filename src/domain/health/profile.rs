//! What is usual for a source: a running picture of its good runs, stored as JSON.
//!
//! Counts are kept as the last few values, of which the middle one counts: one odd run moves nothing. Shares move
//! by a tenth with each run. A run that is doubted teaches nothing about what it is doubted for, until it has
//! been so for long: then it is how things are.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::counts::{FieldCount, RunCounts};
use super::suspicion::Suspicion;

/// Values that are kept of each count.
const KEPT: usize = 15;
/// Weight of the newest run in a share.
const WEIGHT: f64 = 0.1;
/// Runs in a row after which fewer items are how things are.
const FEWER_FOR: u32 = 8;
/// Runs in a row after which a missing field is how things are: a day at the usual interval.
const MISSING_FOR: u32 = 240;

/// The last values of a count, oldest first.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Recent(Vec<u64>);

impl Recent {
    fn push(&mut self, value: u64) {
        self.0.push(value);
        if self.0.len() > KEPT {
            self.0.remove(0);
        }
    }

    /// The middle one; 0 without any.
    pub fn median(&self) -> u64 {
        let mut sorted = self.0.clone();
        sorted.sort_unstable();
        sorted.get(sorted.len() / 2).copied().unwrap_or(0)
    }

    /// The smallest one; 0 without any.
    pub fn least(&self) -> u64 {
        self.0.iter().copied().min().unwrap_or(0)
    }

    /// The newest one.
    pub fn last(&self) -> Option<u64> {
        self.0.last().copied()
    }
}

/// What is usual for a field.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct FieldPast {
    /// Share of items that have it, 0 to 1.
    pub share: f64,
    /// The place of the page that usually gives it.
    pub lead: String,
    /// Share of its values that come from there.
    pub lead_share: f64,
    /// Runs in a row in which it was missing.
    pub missing_for: u32,
}

/// What is usual for a source.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Profile {
    /// Good runs that taught something.
    pub runs: u64,
    /// Listings on the page.
    pub items: Recent,
    /// Bytes of the page.
    pub bytes: Recent,
    /// How long a run takes, ms.
    pub millis: Recent,
    /// By which road its pages come; other roads have other places for a field.
    pub rung: String,
    /// Fields by name.
    pub fields: BTreeMap<String, FieldPast>,
    /// Share of pages that had their end.
    pub whole: f64,
    /// Share of a page's listings that are new to the source.
    pub fresh: f64,
    /// When the latest listing of the last run was published.
    pub newest: Option<DateTime<Utc>>,
    /// Runs in a row with far fewer items than usual.
    pub fewer_for: u32,
}

impl Profile {
    /// Learns from a run that is not held. `fresh` is the share of its listings that were new to the source.
    pub fn learn(&mut self, counts: &RunCounts, fresh: f64, doubts: &[Suspicion]) {
        let weight = if self.runs == 0 { 1.0 } else { WEIGHT };
        if self.rung != counts.rung {
            self.rung.clone_from(&counts.rung);
            self.fields.values_mut().for_each(|past| past.lead.clear());
        }
        self.learn_items(counts, doubts);
        self.bytes.push(counts.bytes);
        self.millis.push(counts.millis);
        if counts.items > 0 {
            for name in counts.fields.keys() {
                self.fields.entry(name.clone()).or_default();
            }
            for (name, past) in &mut self.fields {
                let field = counts.fields.get(name).cloned().unwrap_or_default();
                let missing = doubts.iter().any(|doubt| doubt.misses(name));
                past.learn(&field, counts.items, missing, weight);
            }
        }
        self.whole += weight * (f64::from(u8::from(counts.whole)) - self.whole);
        // The first run is all new by nature.
        if self.runs > 0 {
            let weight = if self.runs == 1 { 1.0 } else { WEIGHT };
            self.fresh += weight * (fresh - self.fresh);
        }
        self.newest = counts.newest.or(self.newest);
        self.runs += 1;
    }

    fn learn_items(&mut self, counts: &RunCounts, doubts: &[Suspicion]) {
        if !doubts.iter().any(|doubt| matches!(doubt, Suspicion::Collapsed { .. })) {
            self.fewer_for = 0;
            self.items.push(counts.items);
            return;
        }
        self.fewer_for += 1;
        if self.fewer_for >= FEWER_FOR {
            self.fewer_for = 0;
            self.items = Recent(vec![counts.items]);
        }
    }
}

impl FieldPast {
    fn learn(&mut self, field: &FieldCount, items: u64, missing: bool, weight: f64) {
        if missing && self.missing_for < MISSING_FOR {
            self.missing_for += 1;
            return;
        }
        self.missing_for = 0;
        let share = share(field.filled, field.of.max(items));
        self.share += weight * (share - self.share);
        let won: u64 = field.by.values().sum();
        let Some((top, _)) = field.by.iter().max_by_key(|(_, count)| **count) else { return };
        if self.lead.is_empty() {
            self.lead.clone_from(top);
            self.lead_share = 1.0;
        }
        let own = field.by.get(&self.lead).copied().unwrap_or(0);
        self.lead_share += weight * (super::profile::share(own, won) - self.lead_share);
        if self.lead_share < 0.5 {
            self.lead.clone_from(top);
            self.lead_share = super::profile::share(field.by[top], won);
        }
    }
}

/// `part` of `whole`; 0 of nothing.
pub fn share(part: u64, whole: u64) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "counts of a page are small")]
    let (part, whole) = (part as f64, whole as f64);
    if whole > 0.0 { (part / whole).clamp(0.0, 1.0) } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(items: u64, by: &str) -> RunCounts {
        let field = FieldCount { filled: items, of: items, by: [(by.to_owned(), items)].into() };
        RunCounts { items, fields: [("price".to_owned(), field)].into(), ..RunCounts::default() }
    }

    #[test]
    fn one_odd_run_moves_no_median() {
        let mut profile = Profile::default();
        for items in [30, 30, 29, 2, 30] {
            profile.learn(&counts(items, "dom"), 0.0, &[]);
        }
        assert_eq!((profile.items.median(), profile.items.least()), (30, 2));
        assert_eq!(profile.items.last(), Some(30));
    }

    #[test]
    fn another_place_becomes_the_usual_one_after_some_runs() {
        let mut profile = Profile::default();
        profile.learn(&counts(10, "json_ld"), 0.0, &[]);
        let mut runs = 0;
        while profile.fields["price"].lead != "dom" {
            profile.learn(&counts(10, "dom"), 0.0, &[]);
            runs += 1;
        }
        assert_eq!(runs, 7);
        assert!(profile.fields["price"].lead_share > 0.9);
    }

    #[test]
    fn fewer_items_become_usual_only_after_a_while() {
        let mut profile = Profile::default();
        profile.learn(&counts(30, "dom"), 0.0, &[]);
        let doubt = [Suspicion::Collapsed { items: 3, usual: 30 }];
        for _ in 0..7 {
            profile.learn(&counts(3, "dom"), 0.0, &doubt);
            assert_eq!(profile.items.median(), 30);
        }
        profile.learn(&counts(3, "dom"), 0.0, &doubt);
        assert_eq!(profile.items.median(), 3);
    }

    #[test]
    fn it_is_stored_as_json_and_read_back() {
        let mut profile = Profile::default();
        profile.learn(&counts(3, "dom"), 0.5, &[]);
        let text = serde_json::to_string(&profile).expect("JSON");
        assert_eq!(serde_json::from_str::<Profile>(&text).expect("a profile"), profile);
        assert_eq!(serde_json::from_str::<Profile>("{}").expect("an old one"), Profile::default());
    }
}
