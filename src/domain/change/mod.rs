//! What happened to a listing between two readings, always with positive proof on the page.
//!
//! ```text
//! reading ─► gate: is its price believed? ─► status: gone, reserved, back ─► price against the one told last
//!         ─► edited: chosen fields, in sense and not in spelling ─► one change, or none
//! ```
//!
//! An unread value is unknown: it changes nothing, and reading it again is no edit. Where several things happened
//! at once the first of that line names the change; its edited fields go with it.

mod compare;
mod edit;
pub mod gate;
pub mod prices;
mod status;
mod worth;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use sites::{Listing, ListingKey, Money};

use super::identity::SameAs;
use super::ids::{EventId, digest};

pub use compare::{Event, Judged, Sight, ended, judge};
pub use edit::{Field, Fields};
pub use gate::{Doubt, Held};
pub use prices::{Point, PriceWrite, Prices};
pub use status::{STATE, Status};
pub use worth::{Rules, worth};

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
    /// It was gone or reserved and is offered again.
    Back,
    /// Another chosen field changed.
    Edited,
    /// Sold or removed: [`Status::stated`] of the listing says which.
    Gone,
    /// Promised to somebody, still shown: it may come back.
    Reserved,
}

impl ChangeKind {
    /// All kinds.
    pub const ALL: [Self; 7] = [
        Self::New,
        Self::PriceDown,
        Self::PriceUp,
        Self::Back,
        Self::Edited,
        Self::Gone,
        Self::Reserved,
    ];

    /// The stored word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::PriceDown => "price_down",
            Self::PriceUp => "price_up",
            Self::Back => "back",
            Self::Edited => "edited",
            Self::Gone => "gone",
            Self::Reserved => "reserved",
        }
    }

    /// The kind of a stored word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }

    /// Whether the asking price is the news.
    pub fn is_price(self) -> bool {
        matches!(self, Self::PriceDown | Self::PriceUp)
    }

    /// Whether it is news only to those who were told of the listing before: who was not has nothing to strike off.
    pub fn ends(self) -> bool {
        matches!(self, Self::Gone | Self::Reserved)
    }
}

/// A chosen field that changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldChange {
    /// Which one, by the word of [`Field`].
    pub name: String,
    /// What it was, as text: numbers in plain digits, areas in square metres.
    pub before: String,
    /// What it is.
    pub after: String,
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
    /// The price before, for price changes: the one that was told last, so that small steps add up.
    pub price_before: Option<Money>,
    /// The prices that were told before, oldest first, at most [`prices::KEPT`], for price changes: by them a watch
    /// with a larger smallest move adds up the steps that it was not told of.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub told_before: Vec<Money>,
    /// The chosen fields that changed, whatever the kind.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<FieldChange>,
    /// The listing after the change.
    pub listing: Listing,
    /// The known listing of which this one is another copy: on another site, or before it was reposted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub same_as: Option<SameAs>,
}

impl Change {
    /// A change of a kind, without what only some kinds have.
    pub fn new(
        key: ListingKey,
        kind: ChangeKind,
        version: i64,
        at: DateTime<Utc>,
        listing: Listing,
    ) -> Self {
        Self {
            key,
            kind,
            version,
            at,
            price_before: None,
            told_before: vec![],
            fields: vec![],
            listing,
            same_as: None,
        }
    }

    /// The stable name of this change.
    pub fn id(&self) -> EventId {
        event_id(&self.key, self.kind, self.version)
    }
}

/// The stable name of a change.
pub fn event_id(key: &ListingKey, kind: ChangeKind, version: i64) -> EventId {
    EventId(digest(&[&key.site, &key.id, kind.as_str(), &version.to_string()]))
}

/// What the store knows of a listing before a run.
#[derive(Debug, Clone, PartialEq)]
pub struct KnownListing {
    /// The last reading.
    pub listing: Listing,
    /// Version after the last change, from 1. An accepted move of the price that nobody is told of counts, too.
    pub version: i64,
    /// Whether the source at hand has shown it before.
    pub in_source: bool,
    /// Whether it counts as gone.
    pub gone: bool,
    /// Its asking prices so far, and the reading that waits for another one to agree.
    pub prices: Prices,
}

impl KnownListing {
    /// A listing that its source shows, with one price at most.
    pub fn new(listing: Listing, version: i64) -> Self {
        Self { listing, version, in_source: true, gone: false, prices: Prices::default() }
    }
}

/// A fingerprint of the values whose change matters: equal readings have equal fingerprints, in every
/// process and version of the program.
pub fn fingerprint(listing: &Listing) -> i64 {
    let price = listing.price.as_ref().map(|p| format!("{} {}", p.minor, p.currency));
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    let number = |value: Option<f64>| value.map(|value| value.to_string()).unwrap_or_default();
    let hex = digest(&[
        &listing.title,
        price.as_deref().unwrap_or(""),
        &text(&listing.location),
        &text(&listing.seller),
        &number(listing.area.map(|area| area.0)),
        &number(listing.rooms),
        listing.attributes.get(STATE).map_or("", String::as_str),
    ]);
    let bytes = hex::decode(&hex[..16]).unwrap_or_default();
    bytes.iter().fold(0i64, |sum, byte| (sum << 8) | i64::from(*byte))
}
