//! Kinds of things, each with its own gates and weights.

use serde::{Deserialize, Serialize};
use sites::{Kind, Listing};

use super::traits::{mileage_of, year_of};

/// What a listing offers, as far as comparing is concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Form {
    /// A flat, a house, a room.
    Home,
    /// A car.
    Car,
    /// A job.
    Job,
    /// A product in a shop: the same product elsewhere is the same thing.
    Goods,
    /// A single thing that a person sells: another one of its kind is another thing.
    Advert,
}

impl Form {
    /// All forms.
    pub const ALL: [Self; 5] = [Self::Home, Self::Car, Self::Job, Self::Goods, Self::Advert];

    /// The form of a listing on a site of this kind. Sites for everything do not say what they offer; the
    /// listing's own values do.
    pub fn of(kind: Option<Kind>, listing: &Listing) -> Self {
        match kind {
            Some(Kind::Home) => Self::Home,
            Some(Kind::Car) => Self::Car,
            Some(Kind::Job) => Self::Job,
            Some(Kind::Goods) => Self::Goods,
            Some(Kind::Classified) | None => guess(listing),
        }
    }

    /// The word that begins the names of its buckets.
    pub(super) fn letter(self) -> char {
        match self {
            Self::Home => 'h',
            Self::Car => 'c',
            Self::Job => 'j',
            Self::Goods => 'g',
            Self::Advert => 'a',
        }
    }
}

fn guess(listing: &Listing) -> Form {
    if mileage_of(listing).is_some() && year_of(listing).is_some() {
        Form::Car
    } else if listing.area.is_some() || listing.rooms.is_some() {
        Form::Home
    } else {
        Form::Advert
    }
}
