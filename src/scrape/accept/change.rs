//! What happened to each listing of a page. Pure.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sites::{Listing, ListingKey};

use super::reading::Reading;
use crate::domain::change::{KnownListing, compare};
use crate::domain::source::Source;
use crate::domain::{Change, ChangeKind};
use crate::scrape::stages::merge::with_known;

/// As what the watches of the source at hand take a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Interest {
    /// They are not told: the baseline is silent.
    None,
    /// As what it is.
    Change,
    /// As a new listing, even if the site showed it elsewhere before.
    New,
}

/// A listing to be written, and what happened to it.
#[derive(Debug, Clone, PartialEq)]
pub struct Happening {
    /// The reading, completed by what was known where the page says nothing now.
    pub listing: Listing,
    /// Its fingerprint as read.
    pub fingerprint: i64,
    /// What happened, if it is worth telling.
    pub change: Option<Change>,
    /// As what the source's own watches take it.
    pub interest: Interest,
    /// Whether it was unknown to this source: the storm guard counts these.
    pub is_new_here: bool,
}

impl Happening {
    /// Whether people who watch other searches of the site may want to hear of it.
    pub fn concerns_other_sources(&self) -> bool {
        self.change.as_ref().is_some_and(|change| change.kind != ChangeKind::New)
    }
}

/// What happened to each reading, in page order.
pub fn happenings(
    source: &Source,
    readings: &[Reading],
    known: &HashMap<String, KnownListing>,
    at: DateTime<Utc>,
) -> Vec<Happening> {
    readings
        .iter()
        .map(|reading| happening(source, reading, known.get(&reading.listing.id), at))
        .collect()
}

fn happening(
    source: &Source,
    reading: &Reading,
    known: Option<&KnownListing>,
    at: DateTime<Utc>,
) -> Happening {
    let listing = match known {
        Some(known) => with_known(&reading.listing, &known.listing),
        None => reading.listing.clone(),
    };
    let in_source = known.is_some_and(|known| known.in_source);
    let (event, interest) = match (compare(known, &listing), source.baseline_done) {
        // What is there at the beginning is no news; news about a listing known from elsewhere is, elsewhere.
        (Some((ChangeKind::New, _)) | None, false) => (None, Interest::None),
        (Some(event), false) => (Some(event), Interest::None),
        (Some(event), true) if in_source => (Some(event), Interest::Change),
        (Some(event), true) => (Some(event), Interest::New),
        (None, true) if in_source => (None, Interest::None),
        // Known from another search, new in this one. The version stays: for a chat that was told of it
        // there, it is the same event and the same message.
        (None, true) => (known.map(|known| (ChangeKind::New, known.version)), Interest::New),
    };
    let change = event.map(|(kind, version)| Change {
        key: ListingKey { site: source.spec.site.clone(), id: listing.id.clone() },
        kind,
        version,
        at,
        price_before: known
            .filter(|_| matches!(kind, ChangeKind::PriceDown | ChangeKind::PriceUp))
            .and_then(|known| known.listing.price.clone()),
        listing: listing.clone(),
        same_as: None,
    });
    let fingerprint = reading.fingerprint;
    Happening { listing, fingerprint, change, interest, is_new_here: !in_source }
}
