//! Readings: listings with their fingerprints. Pure.

use std::collections::HashSet;

use sites::Listing;

use crate::domain::change::fingerprint;
use crate::domain::source::Source;
use crate::store::SeenItem;

/// One in this many seen readings is looked at in each run anyway.
const CHECK_ONE_IN: i64 = 100;

/// A listing as it stands on the page now.
#[derive(Debug, Clone, PartialEq)]
pub struct Reading {
    /// The listing.
    pub listing: Listing,
    /// See [`fingerprint`].
    pub fingerprint: i64,
}

impl Reading {
    /// The reading as the seen-set knows it.
    pub fn item(&self) -> SeenItem {
        SeenItem { id: self.listing.id.clone(), fingerprint: self.fingerprint }
    }
}

/// Fingerprints listings in page order; of equal ids the first counts.
pub fn readings(listings: Vec<Listing>) -> Vec<Reading> {
    let mut ids = HashSet::new();
    listings
        .into_iter()
        .filter(|listing| ids.insert(listing.id.clone()))
        .map(|listing| Reading { fingerprint: fingerprint(&listing), listing })
        .collect()
}

/// Whether this run looks at a seen listing anyway. It depends on the number of the run, so that each listing
/// has its turn once in a hundred runs.
pub fn standing_check(source: &Source, id: &str) -> bool {
    let place = id.bytes().fold(0i64, |sum, byte| (sum * 31 + i64::from(byte)) % CHECK_ONE_IN);
    (place + source.epoch).rem_euclid(CHECK_ONE_IN) == 0
}
