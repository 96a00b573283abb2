//! What is known of a version, as it is stored and shown. Pure.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use sites::Listing;
use sites::repair::{FieldChange, Repair};

use crate::domain::ids::SourceId;
use crate::store::ModuleState;

/// So many runs in shadow must be good before an operator is asked.
pub const SHADOW_RUNS: usize = 2;

/// Listings shown as a sample.
const SAMPLE: usize = 5;

/// What is known of a version.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// The search on whose page it was made.
    pub source: SourceId,
    /// The address of that page.
    pub url: String,
    /// Values of the field map, before and after.
    pub changes: Vec<FieldChange>,
    /// Fields that the page does not show any more.
    pub lost: Vec<String>,
    /// Known listings that were read again with equal values.
    pub found: usize,
    /// Known listings that were looked for.
    pub of: usize,
    /// Saved cases that read as before.
    pub cases: usize,
    /// Some of what it reads.
    pub sample: Vec<Sample>,
    /// Runs in shadow.
    pub shadow: Vec<ShadowRun>,
    /// Why it did not stand its trial.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failed: Option<String>,
}

/// A listing in short.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Sample {
    /// Its id.
    pub id: String,
    /// Its title.
    pub title: String,
    /// The price as printed.
    pub price: Option<String>,
}

/// What a run in shadow has read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShadowRun {
    /// Of which search.
    pub source: SourceId,
    /// When.
    pub at: DateTime<Utc>,
    /// Listings on the page.
    pub read: usize,
    /// Known ones among them, with equal values.
    pub found: usize,
}

impl Report {
    /// The first report of a repair, with what it reads of the page.
    pub fn new(
        source: &SourceId,
        url: &str,
        repair: &Repair,
        cases: usize,
        read: &[Listing],
    ) -> Self {
        let sample = |listing: &Listing| Sample {
            id: listing.id.clone(),
            title: listing.title.clone(),
            price: listing.price_text.clone(),
        };
        Self {
            source: source.clone(),
            url: url.to_owned(),
            changes: repair.changes.clone(),
            lost: repair.lost.clone(),
            found: repair.found,
            of: repair.of,
            cases,
            sample: read.iter().take(SAMPLE).map(sample).collect(),
            shadow: Vec::new(),
            failed: None,
        }
    }

    /// Adds a run in shadow; answers the state of the version after it.
    pub fn after(mut self, run: Result<ShadowRun, String>) -> (Self, ModuleState) {
        match run {
            Ok(run) => self.shadow.push(run),
            Err(why) => {
                self.failed = Some(why);
                return (self, ModuleState::Withdrawn);
            }
        }
        let state = if self.shadow.len() >= SHADOW_RUNS {
            ModuleState::Proposed
        } else {
            ModuleState::Shadow
        };
        (self, state)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report() -> Report {
        let repair = Repair { toml: String::new(), changes: vec![], lost: vec![], found: 3, of: 4 };
        Report::new(&SourceId("s".into()), "https://x.example/", &repair, 2, &[])
    }

    fn run() -> ShadowRun {
        ShadowRun { source: SourceId("s".into()), at: DateTime::UNIX_EPOCH, read: 9, found: 4 }
    }

    #[test]
    fn nobody_is_asked_before_enough_runs_in_shadow_and_one_bad_run_ends_it() {
        let (one, state) = report().after(Ok(run()));
        assert_eq!(state, ModuleState::Shadow);
        let (two, state) = one.clone().after(Ok(run()));
        assert_eq!((state, two.shadow.len()), (ModuleState::Proposed, 2));
        let (bad, state) = one.after(Err("title of 7 would be `x`".into()));
        assert_eq!(state, ModuleState::Withdrawn);
        assert!(bad.failed.is_some_and(|why| why.contains("title")));
    }
}
