//! Signs of illness: which sources of a site show what, and for how many runs in a row.
//!
//! Each sign has its own patience: a price that moved a hundredfold is told after the second run, a missing field
//! at once, a block page after the third. A sign is over when no source shows it any more.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use crate::domain::SourceId;

/// Sources that are remembered for one sign.
const MOST_SOURCES: usize = 50;
/// A source that has not run for so long shows nothing any more: it was paused or removed.
const FORGET_DAYS: i64 = 2;

/// One sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sign {
    /// Pages are not understood.
    Changed,
    /// The module panics or hangs.
    Broken,
    /// The search page itself is gone (404, 410).
    Gone,
    /// The site refuses us.
    Blocked,
    /// The site cannot be reached.
    Unreachable,
    /// Far fewer listings.
    Fewer,
    /// A field is missing.
    Fields,
    /// A field comes from another place.
    Moved,
    /// Pages end early.
    Cut,
    /// Most listings are new at once.
    Storm,
    /// Prices moved by a power of ten, or their currency changed.
    Prices,
    /// Offers have other ids.
    Ids,
    /// Letters are broken.
    Letters,
    /// Pages of an older day.
    Old,
}

impl Sign {
    /// All signs.
    pub const ALL: [Self; 14] = [
        Self::Changed,
        Self::Broken,
        Self::Gone,
        Self::Blocked,
        Self::Unreachable,
        Self::Fewer,
        Self::Fields,
        Self::Moved,
        Self::Cut,
        Self::Storm,
        Self::Prices,
        Self::Ids,
        Self::Letters,
        Self::Old,
    ];

    /// The stored and printed word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Changed => "changed",
            Self::Broken => "broken",
            Self::Gone => "gone",
            Self::Blocked => "blocked",
            Self::Unreachable => "unreachable",
            Self::Fewer => "fewer",
            Self::Fields => "fields",
            Self::Moved => "moved",
            Self::Cut => "cut",
            Self::Storm => "storm",
            Self::Prices => "prices",
            Self::Ids => "ids",
            Self::Letters => "letters",
            Self::Old => "old",
        }
    }

    /// Whether it speaks of getting a page at all; the others speak of what is on it.
    pub fn is_access(self) -> bool {
        matches!(
            self,
            Self::Changed | Self::Broken | Self::Gone | Self::Blocked | Self::Unreachable
        )
    }

    /// Runs (in a row for a source, or over several sources) after which an operator hears of it.
    pub fn patience(self) -> u32 {
        match self {
            Self::Fields | Self::Moved | Self::Storm => 1,
            Self::Changed | Self::Broken | Self::Prices | Self::Ids | Self::Letters => 2,
            Self::Fewer | Self::Cut | Self::Old => 3,
            Self::Gone | Self::Blocked => 4,
            Self::Unreachable => 6,
        }
    }

    /// Whether an operator hears of its end too. A field that has moved is simply elsewhere from now on.
    pub fn has_end(self) -> bool {
        !matches!(self, Self::Moved | Self::Storm)
    }
}

/// What a source shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shown {
    /// Runs in a row.
    pub runs: u32,
    /// In words, for operators.
    pub text: String,
    /// When it was last seen.
    pub at: DateTime<Utc>,
}

/// The signs of a site.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Signs(BTreeMap<Sign, BTreeMap<SourceId, Shown>>);

impl Signs {
    /// Notes what a run of `source` shows. A run that read a page (`read`) says of every sign whether it is there;
    /// one that did not says so only of those about access.
    pub fn observe(
        &mut self,
        source: &SourceId,
        shown: &[(Sign, String)],
        read: bool,
        at: DateTime<Utc>,
    ) {
        for sign in Sign::ALL {
            let sources = self.0.entry(sign).or_default();
            let oldest = at - TimeDelta::days(FORGET_DAYS);
            sources.retain(|_, shown| shown.at >= oldest);
            match shown.iter().find(|(shown, _)| *shown == sign) {
                Some((_, text)) if sources.len() < MOST_SOURCES || sources.contains_key(source) => {
                    let runs = sources.get(source).map_or(0, |shown| shown.runs);
                    let now = Shown { runs: runs.saturating_add(1), text: text.clone(), at };
                    sources.insert(source.clone(), now);
                }
                Some(_) => {}
                None if read || sign.is_access() => {
                    sources.remove(source);
                }
                None => {}
            }
        }
        self.0.retain(|_, sources| !sources.is_empty());
    }

    /// The sources that show a sign.
    pub fn of(&self, sign: Sign) -> impl Iterator<Item = (&SourceId, &Shown)> {
        self.0.get(&sign).into_iter().flatten()
    }

    /// All signs that are shown.
    pub fn shown(&self) -> impl Iterator<Item = Sign> + '_ {
        self.0.keys().copied()
    }

    /// Whether an operator should hear of it: one source shows it long enough, or several together.
    pub fn is_due(&self, sign: Sign) -> bool {
        self.of(sign).map(|(_, shown)| shown.runs).sum::<u32>() >= sign.patience()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(name: &str) -> SourceId {
        SourceId(name.into())
    }

    fn at(hours: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_760_000_000 + hours * 3_600, 0).expect("a moment")
    }

    #[test]
    fn a_sign_is_due_after_its_patience_and_over_with_its_last_source() {
        let mut signs = Signs::default();
        let blocked = [(Sign::Blocked, "HTTP 403".to_owned())];
        for _ in 0..3 {
            signs.observe(&source("a"), &blocked, false, at(0));
        }
        assert!(!signs.is_due(Sign::Blocked));
        signs.observe(&source("b"), &blocked, false, at(0));
        assert!(signs.is_due(Sign::Blocked));
        signs.observe(&source("a"), &[], true, at(1));
        assert_eq!(signs.of(Sign::Blocked).count(), 1);
        signs.observe(&source("b"), &[], true, at(1));
        assert_eq!(signs, Signs::default());
    }

    #[test]
    fn a_run_without_a_page_says_nothing_about_fields() {
        let mut signs = Signs::default();
        signs.observe(&source("a"), &[(Sign::Fields, "no price".into())], true, at(0));
        signs.observe(&source("a"), &[(Sign::Unreachable, "dns".into())], false, at(1));
        assert_eq!(signs.shown().collect::<Vec<_>>(), [Sign::Unreachable, Sign::Fields]);
    }

    #[test]
    fn a_source_that_runs_no_more_is_forgotten() {
        let mut signs = Signs::default();
        signs.observe(&source("a"), &[(Sign::Gone, "404".into())], false, at(0));
        signs.observe(&source("b"), &[], true, at(49));
        assert_eq!(signs, Signs::default());
    }

    #[test]
    fn it_is_stored_as_json_and_read_back() {
        let mut signs = Signs::default();
        signs.observe(&source("a"), &[(Sign::Gone, "404".into())], false, at(0));
        let text = serde_json::to_string(&signs).expect("JSON");
        assert!(text.starts_with("{\"gone\":{\"a\":{\"runs\":1"), "{text}");
        assert_eq!(serde_json::from_str::<Signs>(&text).expect("signs"), signs);
    }
}
