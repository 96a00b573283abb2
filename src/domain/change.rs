//! What happened to a listing between two readings, always with positive proof on the page.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use sites::{Listing, ListingKey, Money};

use super::identity::SameAs;
use super::ids::{EventId, digest};

/// The kind of a change. The stored words outlive the names in the code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChangeKind {
    /// Seen for the first time.
    New,
    /// The asking price fell.
    PriceDown,
    /// The asking price rose.
    PriceUp,
    /// It was gone and is offered again.
    Back,
    /// Another chosen field changed.
    Edited,
    /// Sold, reserved or removed.
    Gone,
}

impl ChangeKind {
    /// The stored word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::PriceDown => "price_down",
            Self::PriceUp => "price_up",
            Self::Back => "back",
            Self::Edited => "edited",
            Self::Gone => "gone",
        }
    }

    /// The kind of a stored word.
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::New, Self::PriceDown, Self::PriceUp, Self::Back, Self::Edited, Self::Gone]
            .into_iter()
            .find(|kind| kind.as_str() == word)
    }
}

/// One change of one listing.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Change {
    /// Which listing.
    pub key: ListingKey,
    /// What happened.
    pub kind: ChangeKind,
    /// Version of the listing after the change, from 1. Unique with key and kind.
    pub version: i64,
    /// When the run that saw it was fetched.
    pub at: DateTime<Utc>,
    /// The price before, for price changes.
    pub price_before: Option<Money>,
    /// The listing after the change.
    pub listing: Listing,
    /// The known listing of which this one is another copy: on another site, or before it was reposted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub same_as: Option<SameAs>,
}

impl Change {
    /// The stable name of this change.
    pub fn id(&self) -> EventId {
        let version = self.version.to_string();
        EventId(digest(&[&self.key.site, &self.key.id, self.kind.as_str(), &version]))
    }
}

/// What the store knows of a listing before a run.
#[derive(Debug, Clone, PartialEq)]
pub struct KnownListing {
    /// The last reading.
    pub listing: Listing,
    /// Version after the last change, from 1.
    pub version: i64,
    /// Whether the source at hand has shown it before.
    pub in_source: bool,
    /// Whether it counts as gone.
    pub gone: bool,
}

/// The change between what is known and what is seen now, if it is one worth telling: an unread value is
/// unknown and changes nothing; prices in different currencies are not compared.
pub fn compare(known: Option<&KnownListing>, seen: &Listing) -> Option<(ChangeKind, i64)> {
    let Some(known) = known else { return Some((ChangeKind::New, 1)) };
    if known.gone {
        return Some((ChangeKind::Back, known.version + 1));
    }
    match (&known.listing.price, &seen.price) {
        (Some(before), Some(now)) if before.currency == now.currency => {
            match now.minor.cmp(&before.minor) {
                std::cmp::Ordering::Less => Some((ChangeKind::PriceDown, known.version + 1)),
                std::cmp::Ordering::Greater => Some((ChangeKind::PriceUp, known.version + 1)),
                std::cmp::Ordering::Equal => None,
            }
        }
        _ => None,
    }
}

/// A fingerprint of the values whose change matters: equal readings have equal fingerprints, in every
/// process and version of the program.
pub fn fingerprint(listing: &Listing) -> i64 {
    let price = listing.price.as_ref().map(|p| format!("{} {}", p.minor, p.currency));
    let hex = digest(&[&listing.title, price.as_deref().unwrap_or("")]);
    let bytes = hex::decode(&hex[..16]).unwrap_or_default();
    bytes.iter().fold(0i64, |sum, byte| (sum << 8) | i64::from(*byte))
}
