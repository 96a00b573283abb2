//! What a watch wants. A missing value does not drop a listing unless the person says so.

use serde::{Deserialize, Serialize};
use sites::Listing;

use super::change::ChangeKind;

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
    /// At least one of these words is in title or description, case-insensitive.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub any_words: Vec<String>,
    /// None of these words is in title or description, case-insensitive.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub none_words: Vec<String>,
    /// Only these kinds of change; empty means all.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<ChangeKind>,
}

impl Filter {
    /// Whether `listing` with a change of `kind` is wanted.
    pub fn wants(&self, kind: ChangeKind, listing: &Listing) -> bool {
        let price = listing.price.as_ref().map(|price| price.minor);
        let above = |low: i64| price.is_none_or(|price| price >= low);
        let below = |high: i64| price.is_none_or(|price| price <= high);
        (self.changes.is_empty() || self.changes.contains(&kind))
            && self.min_price.is_none_or(above)
            && self.max_price.is_none_or(below)
            && self.words_match(listing)
    }

    /// Whether `listing` with a change of `kind` could be wanted once all of its text is known: words that it must
    /// have may stand where nobody has looked yet.
    pub fn may_want(&self, kind: ChangeKind, listing: &Listing) -> bool {
        let open = Self { any_words: vec![], ..self.clone() };
        open.wants(kind, listing)
    }

    fn words_match(&self, listing: &Listing) -> bool {
        if self.any_words.is_empty() && self.none_words.is_empty() {
            return true;
        }
        let mut text = listing.title.to_lowercase();
        if let Some(description) = &listing.description {
            text.push('\n');
            text.push_str(&description.to_lowercase());
        }
        let has = |word: &String| text.contains(&word.to_lowercase());
        (self.any_words.is_empty() || self.any_words.iter().any(has))
            && !self.none_words.iter().any(has)
    }
}
