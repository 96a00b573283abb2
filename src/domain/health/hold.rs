//! Whether a doubtful run is told. Values that may be wrong are held: nothing of the run is recorded, known prices
//! stay. The next run that says the same confirms it, and then the values are taken without telling what would
//! be a wrong message: a price "fell" by a factor of a hundred for nobody.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::profile::Profile;
use super::suspicion::Suspicion;
use crate::domain::SourceId;

/// Broken letters are never what a site means: they are taken only after so many runs.
const LETTERS_AFTER: u32 = 20;

/// What is known of the health of a source.
#[derive(Debug, Clone, PartialEq)]
pub struct SourceHealth {
    /// Which source.
    pub source: SourceId,
    /// Epoch of the last run that counted.
    pub epoch: i64,
    /// What is usual.
    pub profile: Profile,
    /// The run that waits for another one to agree.
    pub held: Option<Held>,
    /// Mark of the module that read the last good page (see [`sites::Site::mark`]).
    pub module: String,
}

impl SourceHealth {
    /// A source of which nothing is known.
    pub fn new(source: SourceId) -> Self {
        Self { source, epoch: 0, profile: Profile::default(), held: None, module: String::new() }
    }

    /// Whether another module read its last good page: the first good run after a repair.
    pub fn is_repaired(&self, module: &str) -> bool {
        !self.module.is_empty() && self.module != module
    }
}

/// A held run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Held {
    /// Why.
    pub doubt: Suspicion,
    /// Runs in a row that said so.
    pub runs: u32,
    /// Since when.
    pub since: DateTime<Utc>,
}

/// Which news of a run may be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum News {
    /// All.
    All,
    /// Unknown listings only: changes of known ones are ours, not the site's.
    NewOnly,
    /// None: what looks new is known.
    Nothing,
}

/// What becomes of a run that found listings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ruling {
    /// It is recorded, and this is told.
    Take(News),
    /// It is held.
    Hold(Held),
}

/// Rules on a run with these doubts. `before` is the held run before it; a `repaired` module reads other values
/// on purpose.
pub fn rule(
    before: Option<&Held>,
    doubts: &[Suspicion],
    repaired: bool,
    now: DateTime<Utc>,
) -> Ruling {
    let Some(doubt) = doubts.iter().find(|doubt| doubt.holds()) else {
        return Ruling::Take(News::All);
    };
    let agreeing = before.filter(|held| held.doubt.agrees(doubt));
    let needed = if matches!(doubt, Suspicion::Rubbish { .. }) { LETTERS_AFTER } else { 1 };
    let confirmed = agreeing.is_some_and(|held| held.runs >= needed);
    if confirmed || repaired {
        let same_offers = matches!(doubt, Suspicion::NewIds { .. });
        return Ruling::Take(if same_offers { News::Nothing } else { News::NewOnly });
    }
    Ruling::Hold(Held {
        doubt: doubt.clone(),
        runs: agreeing.map_or(0, |held| held.runs) + 1,
        since: agreeing.map_or(now, |held| held.since),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> DateTime<Utc> {
        "2026-03-01T12:00:00Z".parse().expect("a moment")
    }

    fn prices(power: i32) -> Suspicion {
        Suspicion::Prices { power, most: 9, of: 10 }
    }

    fn held(doubt: Suspicion, runs: u32) -> Held {
        Held { doubt, runs, since: now() }
    }

    #[test]
    fn the_first_doubtful_run_is_held_and_an_agreeing_one_confirms_it() {
        let Ruling::Hold(first) = rule(None, &[prices(2)], false, now()) else {
            panic!("not held");
        };
        assert_eq!(first.runs, 1);
        assert_eq!(rule(Some(&first), &[prices(2)], false, now()), Ruling::Take(News::NewOnly));
        let other = rule(Some(&first), &[prices(-2)], false, now());
        assert_eq!(other, Ruling::Hold(held(prices(-2), 1)));
    }

    #[test]
    fn what_only_speaks_of_the_page_holds_nothing() {
        let doubts = [Suspicion::Cut, Suspicion::Collapsed { items: 2, usual: 30 }];
        assert_eq!(rule(None, &doubts, false, now()), Ruling::Take(News::All));
    }

    #[test]
    fn a_repaired_module_is_believed_but_its_corrections_are_no_news() {
        assert_eq!(rule(None, &[prices(2)], true, now()), Ruling::Take(News::NewOnly));
        let ids = [Suspicion::NewIds { same: 9, of: 9 }];
        assert_eq!(rule(None, &ids, true, now()), Ruling::Take(News::Nothing));
    }

    #[test]
    fn broken_letters_wait_long() {
        let doubts = [Suspicion::Rubbish { titles: 9, of: 9 }];
        let before = held(doubts[0].clone(), 19);
        assert!(matches!(rule(Some(&before), &doubts, false, now()), Ruling::Hold(_)));
        let before = held(doubts[0].clone(), 20);
        assert_eq!(rule(Some(&before), &doubts, false, now()), Ruling::Take(News::NewOnly));
    }
}
