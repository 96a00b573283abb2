//! What a watch wants of a listing, and why it does or does not.
//!
//! ```text
//! Filter ─► conditions ─► Prepared (words folded, expressions compiled) ─┐
//!                                                                       ├─► yes, no, unknown for each
//! Listing ─► Facts (texts folded once, shared by all filters) ──────────┘
//! ```
//!
//! A condition about a value that is not known is neither met nor broken: it is *unknown* ([`truth`]), and an
//! unknown condition does not drop a listing unless [`Filter::must_know`] names the field. So a listing is
//! wanted when no condition says no.
//!
//! Texts are what we have of them: a word that does not stand in title or description does not stand there. Before
//! a listing's own page is read, more text may come; [`Filter::may_want`] takes that for unknown.
//!
//! In reading order: [`truth`], [`fold`] (spellings), [`facts`] (a listing prepared), [`condition`] (one wish),
//! [`prepared`] (a filter prepared), [`finding`] (why), [`expert`] (the boolean language), [`check`] (limits).
//! For people: `docs/FILTERS.md`.

pub mod check;
pub mod condition;
pub mod expert;
pub mod facts;
pub mod finding;
pub mod fold;
pub mod geo;
pub mod pattern;
pub mod prepared;
pub mod seller;
pub mod truth;

#[cfg(test)]
mod document_tests;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use sites::Listing;

use super::change::ChangeKind;

pub use condition::Condition;
pub use facts::Facts;
pub use finding::{Finding, Seen};
pub use prepared::{Prepared, Read};
pub use truth::Truth;

/// A range of numbers, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Range {
    /// Lowest.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min: Option<f64>,
    /// Highest.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max: Option<f64>,
}

/// Where a listing must be; any of the given ways is enough.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Place {
    /// Names of cities, districts or postcodes that the printed place contains as whole words, case-insensitive.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub names: Vec<String>,
    /// Circles.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub near: Vec<Circle>,
    /// Polygons of [latitude, longitude] corners, at least 3 and at most 100 each.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub inside: Vec<Vec<[f64; 2]>>,
}

impl Place {
    /// Whether nothing is asked of the place.
    pub fn is_anywhere(&self) -> bool {
        self.names.is_empty() && self.near.is_empty() && self.inside.is_empty()
    }
}

/// A circle on the earth.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Circle {
    /// Latitude of its centre, degrees.
    pub lat: f64,
    /// Longitude of its centre, degrees.
    pub lon: f64,
    /// Radius, kilometres.
    pub km: f64,
}

/// Who offers something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SellerKind {
    /// A private person.
    Private,
    /// A dealer, agency or shop.
    Dealer,
}

/// The conditions of a watch; all given ones must hold.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Filter {
    /// Lowest price, minor units of the listing's currency.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_price: Option<i64>,
    /// Highest price, minor units of the listing's currency.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_price: Option<i64>,
    /// Currency that the prices above are meant in (ISO 4217); a listing in another one is of unknown price.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
    /// Ranges of other numbers by field: `area` (m²), `rooms`, `price_per_m2` (minor units), or the name of an
    /// attribute (`year`, `mileage`, …), both ends included.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub ranges: BTreeMap<String, Range>,
    /// All of these words are in title or description, case-insensitive.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub all_words: Vec<String>,
    /// At least one of these words is in title or description, case-insensitive.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub any_words: Vec<String>,
    /// None of these words is in title or description, case-insensitive.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub none_words: Vec<String>,
    /// A regular expression (linear time, at most 256 bytes, no look-around) that title or description must match.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub regex: Option<String>,
    /// Where it must be.
    #[serde(skip_serializing_if = "Place::is_anywhere")]
    pub place: Place,
    /// Who must offer it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seller: Option<SellerKind>,
    /// Only with a picture.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub with_photo: bool,
    /// Only of these sites; empty means all that the watch looks at.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub sites: Vec<String>,
    /// Fields whose value must be known (`price`, `place`, `seller`, or a name of `ranges`): without it the listing
    /// is not wanted.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub must_know: Vec<String>,
    /// A boolean expression for experts, in force beside all others; see `domain::filter::expert`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expert: Option<String>,
    /// Only these kinds of change; empty means all.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<ChangeKind>,
}

impl Filter {
    /// Whether a listing of the module `site` with a change of `kind` is wanted. Prepares the filter for one
    /// listing; whoever has many keeps a [`Prepared`].
    pub fn wants(&self, kind: ChangeKind, site: &str, listing: &Listing) -> bool {
        Prepared::new(self).wants(kind, &Facts::new(site, listing))
    }

    /// Whether the listing could be wanted once its own page is read.
    pub fn may_want(&self, kind: ChangeKind, site: &str, listing: &Listing) -> bool {
        Prepared::new(self).may_want(kind, &Facts::new(site, listing))
    }

    /// What each condition says of the listing, with the value that it looked at.
    pub fn explain(&self, kind: ChangeKind, site: &str, listing: &Listing) -> Vec<Finding> {
        finding::explain(self, kind, &Facts::new(site, listing))
    }
}
