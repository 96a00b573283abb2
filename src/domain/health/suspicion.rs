//! What is odd about a run that found listings, against the past of its source.
//!
//! A doubt either speaks of what the page does not show any more (it is told to the operator, and what was read
//! is used), or of values that may be wrong: then the run is held, and nothing of it is recorded or told.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::compared::Compared;
use super::counts::RunCounts;
use super::profile::{Profile, share};
use super::signs::Sign;

/// Good runs that a source needs before its shares mean something.
const KNOWN_AFTER: u64 = 3;
/// Below this share of the usual number of items a page has collapsed, if it had at least eight.
const COLLAPSED: f64 = 0.25;
/// The same for sources whose number never went below.
const HALVED: f64 = 0.6;
/// A page must have held at least this many items for their number to mean something.
const COLLAPSE_FROM: u64 = 8;

/// One doubt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Suspicion {
    /// Far fewer listings than usual.
    Collapsed {
        /// Listings now.
        items: u64,
        /// Listings as a rule.
        usual: u64,
    },
    /// A field that used to be there is not.
    Missing {
        /// Which.
        field: String,
        /// Items without it now.
        missing: u64,
        /// Items.
        of: u64,
        /// Percent of items that have it as a rule.
        usual: u64,
    },
    /// A field comes from another place of the page than it used to: the first one may be about to go.
    Moved {
        /// Which.
        field: String,
        /// The usual place.
        from: String,
        /// The place now.
        to: String,
    },
    /// The page ends early.
    Cut,
    /// Most listings are new although few of them are as a rule.
    Storm {
        /// New ones.
        new: u64,
        /// Listings.
        of: u64,
    },
    /// Most prices of known listings moved by the same power of ten.
    Prices {
        /// The power: 2 is a hundredfold, -2 a hundredth.
        power: i32,
        /// Known listings whose prices moved so.
        most: u64,
        /// Known listings with two prices.
        of: u64,
    },
    /// Most prices of known listings are in another currency.
    Currency {
        /// The one now.
        to: String,
        /// Known listings with it.
        most: u64,
        /// Known listings with two prices.
        of: u64,
    },
    /// The offers are the same, their ids are not.
    NewIds {
        /// Unknown ids under which known offers stand.
        same: u64,
        /// Listings.
        of: u64,
    },
    /// Letters are broken: the page was read in the wrong encoding.
    Rubbish {
        /// Titles with broken letters.
        titles: u64,
        /// Listings.
        of: u64,
    },
    /// The page shows an older state than the last run saw.
    OldPage {
        /// How much older its newest listing is, hours.
        hours: i64,
    },
}

impl Suspicion {
    /// Which sign of illness it is.
    pub fn sign(&self) -> Sign {
        match self {
            Self::Collapsed { .. } => Sign::Fewer,
            Self::Missing { .. } => Sign::Fields,
            Self::Moved { .. } => Sign::Moved,
            Self::Cut => Sign::Cut,
            Self::Storm { .. } => Sign::Storm,
            Self::Prices { .. } | Self::Currency { .. } => Sign::Prices,
            Self::NewIds { .. } => Sign::Ids,
            Self::Rubbish { .. } => Sign::Letters,
            Self::OldPage { .. } => Sign::Old,
        }
    }

    /// Whether values may be wrong, so that the run is held.
    pub fn holds(&self) -> bool {
        matches!(
            self,
            Self::Prices { .. }
                | Self::Currency { .. }
                | Self::NewIds { .. }
                | Self::Rubbish { .. }
                | Self::OldPage { .. }
        )
    }

    /// Whether a later run says the same thing.
    pub fn agrees(&self, later: &Self) -> bool {
        match (self, later) {
            (Self::Prices { power: a, .. }, Self::Prices { power: b, .. }) => a == b,
            (Self::Currency { to: a, .. }, Self::Currency { to: b, .. }) => a == b,
            (a, b) => a.sign() == b.sign(),
        }
    }

    /// Whether it says that this field is missing.
    pub fn misses(&self, name: &str) -> bool {
        matches!(self, Self::Missing { field, .. } if field == name)
    }
}

impl fmt::Display for Suspicion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Collapsed { items, usual } => {
                write!(f, "only {items} listings where there are {usual} as a rule")
            }
            Self::Missing { field, missing, of, usual } => {
                write!(
                    f,
                    "{missing} of {of} listings have no {field} (as a rule {usual} % have it)"
                )
            }
            Self::Moved { field, from, to } => {
                write!(f, "{field} comes from {to} now and not from {from}")
            }
            Self::Cut => f.write_str("the page ends early"),
            Self::Storm { new, of } => write!(f, "{new} of {of} listings are new at once"),
            Self::Prices { power, most, of } => {
                let factor = 10u64.saturating_pow(power.unsigned_abs());
                let way = if *power > 0 { "multiplied" } else { "divided" };
                write!(f, "{most} of {of} known prices are {way} by {factor}")
            }
            Self::Currency { to, most, of } => {
                write!(f, "{most} of {of} known prices are in {to} now")
            }
            Self::NewIds { same, of } => {
                write!(f, "{same} of {of} listings are known ones under new ids")
            }
            Self::Rubbish { titles, of } => {
                write!(f, "{titles} of {of} titles have broken letters")
            }
            Self::OldPage { hours } => {
                write!(f, "the page is about {hours} h older than the one before")
            }
        }
    }
}

/// Everything that is odd about a run, against what is usual and against the known listings.
pub fn suspicions(profile: &Profile, counts: &RunCounts, compared: &Compared) -> Vec<Suspicion> {
    let mut found = compared.doubts(profile, counts);
    found.extend(collapsed(profile, counts.items));
    found.extend(missing(profile, counts, compared));
    found.extend(moved(profile, counts));
    if profile.runs >= KNOWN_AFTER && profile.whole > 0.95 && !counts.whole {
        found.push(Suspicion::Cut);
    }
    found
}

fn collapsed(profile: &Profile, items: u64) -> Option<Suspicion> {
    let usual = profile.items.median();
    let least = profile.items.least();
    let below = |of: u64, part: f64| share(items, of) < part && of >= COLLAPSE_FROM;
    let steady = profile.runs >= KNOWN_AFTER && below(least, HALVED);
    (items < usual && (below(usual, COLLAPSED) || steady))
        .then_some(Suspicion::Collapsed { items, usual })
}

fn missing(profile: &Profile, counts: &RunCounts, compared: &Compared) -> Vec<Suspicion> {
    let mut found = Vec::new();
    for (name, past) in &profile.fields {
        let field = counts.fields.get(name);
        let of = field.map_or(0, |field| field.of).max(counts.items);
        let filled = field.map_or(0, |field| field.filled);
        let missing = of.saturating_sub(filled);
        let now = share(filled, of);
        // Nearly always there, and now more than a fifth is without; or often there, and now hardly at all.
        let required = past.share >= 0.9 && now < 0.8 && (missing >= 3 || filled == 0 && of >= 2);
        let often = past.share >= 0.5 && now < past.share * 0.3 && of >= 8;
        let known = profile.runs >= KNOWN_AFTER && (required || often);
        if known || compared.lost(name) {
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to 100")]
            let usual = (past.share * 100.0).round() as u64;
            found.push(Suspicion::Missing { field: name.clone(), missing, of, usual });
        }
    }
    found
}

fn moved(profile: &Profile, counts: &RunCounts) -> Vec<Suspicion> {
    let mut found = Vec::new();
    // Another road has other places.
    if profile.rung != counts.rung {
        return found;
    }
    for (name, field) in &counts.fields {
        let Some(past) = profile.fields.get(name) else { continue };
        let won: u64 = field.by.values().sum();
        let Some((to, count)) = field.by.iter().max_by_key(|(_, count)| **count) else { continue };
        let own = field.by.get(&past.lead).copied().unwrap_or(0);
        if profile.runs >= KNOWN_AFTER
            && past.lead_share >= 0.5
            && won >= 2
            && *to != past.lead
            && share(own, won) < 0.2
            && share(*count, won) >= 0.8
        {
            found.push(Suspicion::Moved {
                field: name.clone(),
                from: past.lead.clone(),
                to: to.clone(),
            });
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::health::counts::FieldCount;

    fn counts(items: u64, priced: u64, by: &str) -> RunCounts {
        let field = FieldCount { filled: priced, of: items, by: [(by.to_owned(), priced)].into() };
        let fields = [("price".to_owned(), field)].into();
        RunCounts { items, fields, whole: true, ..RunCounts::default() }
    }

    fn usual() -> Profile {
        let mut profile = Profile::default();
        for _ in 0..5 {
            profile.learn(&counts(30, 30, "json_ld"), 0.1, &[]);
        }
        profile
    }

    fn odd(now: &RunCounts) -> Vec<Sign> {
        let found = suspicions(&usual(), now, &Compared::default());
        found.iter().map(Suspicion::sign).collect()
    }

    #[test]
    fn what_is_usual_is_not_odd() {
        assert_eq!(odd(&counts(30, 30, "json_ld")), []);
        assert_eq!(odd(&counts(25, 22, "json_ld")), []);
        assert_eq!(odd(&counts(60, 60, "json_ld")), []);
    }

    #[test]
    fn a_new_source_has_no_past_to_be_judged_by() {
        let now = counts(2, 0, "dom");
        assert_eq!(suspicions(&Profile::default(), &now, &Compared::default()), []);
    }

    #[test]
    fn each_illness_has_its_sign() {
        assert_eq!(odd(&counts(6, 6, "json_ld")), [Sign::Fewer]);
        assert_eq!(odd(&counts(15, 15, "json_ld")), [Sign::Fewer]);
        assert_eq!(odd(&counts(30, 23, "json_ld")), [Sign::Fields]);
        assert_eq!(odd(&counts(30, 0, "json_ld")), [Sign::Fields]);
        assert_eq!(odd(&counts(30, 30, "dom")), [Sign::Moved]);
        assert_eq!(odd(&RunCounts { rung: "browser".into(), ..counts(30, 30, "dom") }), []);
        assert_eq!(odd(&RunCounts { whole: false, ..counts(30, 30, "json_ld") }), [Sign::Cut]);
    }

    #[test]
    fn a_doubt_reads_like_a_sentence() {
        let prices = Suspicion::Prices { power: -2, most: 9, of: 10 };
        assert_eq!(prices.to_string(), "9 of 10 known prices are divided by 100");
        let text = odd_text();
        assert!(
            text.contains("7 of 30 listings have no price (as a rule 100 % have it)"),
            "{text}"
        );
    }

    fn odd_text() -> String {
        let found = suspicions(&usual(), &counts(30, 23, "json_ld"), &Compared::default());
        found.iter().map(ToString::to_string).collect()
    }
}
