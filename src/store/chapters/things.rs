//! The chapter of the record about identity: the same thing on two sites or under a new id.
//!
//! Written after the run that saw the listings, in a transaction of its own: a crash in between loses sketches and
//! links, which costs a missed merge and is healed for the sketch when the listing changes. The opposite order would
//! link listings that were never recorded.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use sites::{Listing, ListingKey};

use crate::domain::EventId;
use crate::domain::identity::{Candidate, Traits};
use crate::store::DbError;

/// Listings under one name of a bucket at most: the oldest go.
pub const BUCKET: usize = 40;

/// What identity keeps of a listing.
#[derive(Debug, Clone, PartialEq)]
pub struct Sketched {
    /// Which listing.
    pub key: ListingKey,
    /// What is compared.
    pub traits: Traits,
}

/// Two listings were found to be one thing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SameLink {
    /// The new one.
    pub new: ListingKey,
    /// The known one, whose thing it joins.
    pub known: ListingKey,
}

/// A listing of a thing, as it is known now.
#[derive(Debug, Clone, PartialEq)]
pub struct Member {
    /// Which listing.
    pub key: ListingKey,
    /// Its last reading.
    pub listing: Listing,
    /// Version after its last change.
    pub version: i64,
    /// Whether it is gone.
    pub gone: bool,
    /// The names of its changes.
    pub events: Vec<EventId>,
}

/// Identity in the record.
#[async_trait]
pub trait ThingRecord: Send + Sync {
    /// Known listings under any of these names of buckets, each once.
    async fn candidates(&self, buckets: &[String]) -> Result<Vec<Candidate>, DbError>;

    /// Writes sketches (a later one replaces an earlier one of the same listing) and links. A repetition changes
    /// nothing. Links of listings that are not recorded are ignored.
    async fn note_things(
        &self,
        sketches: &[Sketched],
        links: &[SameLink],
        now: DateTime<Utc>,
    ) -> Result<(), DbError>;

    /// The listings of the thing that this one belongs to, itself included, by site and id; empty when the listing
    /// is unknown.
    async fn thing_of(&self, key: &ListingKey) -> Result<Vec<Member>, DbError>;

    /// Takes a listing out of its thing; a thing of one listing is none. False when it belongs to none.
    async fn split_thing(&self, key: &ListingKey) -> Result<bool, DbError>;
}
