//! One wish of a filter, as data: to be judged, to be explained, to be put into words.

use super::{Filter, Place, Range, SellerKind};
use crate::domain::change::ChangeKind;

/// One wish. All wishes of a filter must hold.
#[derive(Debug, Clone, PartialEq)]
pub enum Condition {
    /// One of these kinds of change.
    Changes(Vec<ChangeKind>),
    /// On one of these sites.
    Sites(Vec<String>),
    /// The price, minor units; both ends included.
    Price {
        /// Lowest.
        min: Option<i64>,
        /// Highest.
        max: Option<i64>,
        /// In this currency.
        currency: Option<String>,
    },
    /// Another number; both ends included.
    Number {
        /// `area`, `rooms`, `price_per_m2` (minor units) or the name of an attribute.
        field: String,
        /// From and to.
        range: Range,
        /// Of amounts of money: in this currency.
        currency: Option<String>,
    },
    /// Who offers it.
    Seller(SellerKind),
    /// With a picture.
    Photo,
    /// Where it is.
    Place(Place),
    /// All of these words.
    AllWords(Vec<String>),
    /// One of these words at least.
    AnyWords(Vec<String>),
    /// None of these words.
    NoneWords(Vec<String>),
    /// A regular expression.
    Matches(String),
    /// The boolean expression; amounts of money in this currency unless they name one.
    Expert {
        /// As written.
        text: String,
        /// In this currency.
        currency: Option<String>,
    },
    /// A field whose value must be known.
    Known(Field),
}

/// A field whose value must be known, and as what it is asked for.
#[derive(Debug, Clone, PartialEq)]
pub enum Field {
    /// A number, as [`Condition::Number`] has it; `price` too.
    Number(String, Option<String>),
    /// The place: known when the ways that are asked for can be judged, or simply known if none is asked for.
    Place(Place),
    /// The seller's kind.
    Seller,
}

impl Field {
    /// Its name in `must_know`.
    pub fn name(&self) -> &str {
        match self {
            Self::Number(name, _) => name,
            Self::Place(_) => "place",
            Self::Seller => "seller",
        }
    }
}

impl Filter {
    /// The wishes, the cheapest to judge first.
    pub fn conditions(&self) -> Vec<Condition> {
        let mut all = Vec::new();
        let lists = [
            (!self.changes.is_empty()).then(|| Condition::Changes(self.changes.clone())),
            (!self.sites.is_empty()).then(|| Condition::Sites(self.sites.clone())),
        ];
        all.extend(lists.into_iter().flatten());
        if self.min_price.is_some() || self.max_price.is_some() {
            let currency = self.currency.clone();
            all.push(Condition::Price { min: self.min_price, max: self.max_price, currency });
        }
        all.extend(self.ranges.iter().map(|(field, range)| Condition::Number {
            field: field.clone(),
            range: *range,
            currency: self.currency.clone(),
        }));
        all.extend(self.seller.map(Condition::Seller));
        all.extend(self.with_photo.then_some(Condition::Photo));
        if !self.place.is_anywhere() {
            all.push(Condition::Place(self.place.clone()));
        }
        let words = [
            Condition::AllWords(self.all_words.clone()),
            Condition::AnyWords(self.any_words.clone()),
            Condition::NoneWords(self.none_words.clone()),
        ];
        let given =
            [&self.all_words, &self.any_words, &self.none_words].map(|list| !list.is_empty());
        all.extend(words.into_iter().zip(given).filter(|(_, given)| *given).map(|(one, _)| one));
        all.extend(self.regex.clone().map(Condition::Matches));
        all.extend(
            self.expert
                .clone()
                .map(|text| Condition::Expert { text, currency: self.currency.clone() }),
        );
        all.extend(self.must_know.iter().map(|name| Condition::Known(self.field(name))));
        all
    }

    fn field(&self, name: &str) -> Field {
        match name {
            "place" => Field::Place(self.place.clone()),
            "seller" => Field::Seller,
            name => Field::Number(name.to_owned(), self.currency.clone()),
        }
    }
}
