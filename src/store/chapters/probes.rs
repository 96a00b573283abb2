//! The chapter of the record about old listings: which ones a source no longer shows, who was told of them, and
//! what their own pages said when they were asked.
//!
//! Each listing remembers when its own page was last asked for and how often in a row the site said that there
//! is no such page. Being shown by a search again ends such a row.

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use crate::domain::change::KnownListing;
use crate::domain::{DeliveryId, EventId, SourceId};
use crate::store::{DbError, MatchBatch, Recorded};

/// Which old listings a source would like to ask about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StaleQuery {
    /// Listings that this source has shown.
    pub source: SourceId,
    /// Its site.
    pub site: String,
    /// Not shown by it since then, nor by any other source.
    pub seen_before: DateTime<Utc>,
    /// Shown by it after that: older ones are left alone for ever.
    pub seen_after: DateTime<Utc>,
    /// Also leave out what it showed when it was last read: nobody has looked at its pages since.
    pub spare_latest: bool,
    /// Not asked about since then, unless there is a doubt to be cleared.
    pub asked_before: DateTime<Utc>,
    /// At most this many.
    pub limit: usize,
}

/// A listing that its source no longer shows.
#[derive(Debug, Clone, PartialEq)]
pub struct StaleListing {
    /// What is known of it; the source at hand has shown it, and it does not count as gone.
    pub known: KnownListing,
    /// How often in a row its page was not there.
    pub missing: i64,
    /// The changes of it that were recorded.
    pub events: Vec<EventId>,
    /// All sources that have shown it.
    pub shown_in: Vec<SourceId>,
}

/// A listing whose page was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// The site's id of the offer.
    pub id: String,
    /// How often in a row its page was not there, this time included.
    pub missing: i64,
}

/// What a run learned from pages of old listings.
#[derive(Debug, Clone, PartialEq)]
pub struct ProbeBatch {
    /// Every listing that was asked about, whatever came of it.
    pub asked: Vec<Asked>,
    /// The listings that have changed or are gone, and whom to tell. Its `run` is left alone: the run has been
    /// recorded before.
    pub matches: MatchBatch,
}

/// See the module.
#[async_trait]
pub trait ProbeRecord: Send + Sync {
    /// Notes which listings a source shows now, known ones among `ids` only; ends their rows of missing pages.
    /// Fenced: false when another run of the source has begun since `epoch`.
    async fn note_shown(
        &self,
        source: &SourceId,
        epoch: i64,
        site: &str,
        ids: &[String],
        now: DateTime<Utc>,
    ) -> Result<bool, DbError>;

    /// Listings to ask about: those in doubt first, then those of which changes were told, the longest unasked
    /// first.
    async fn stale_listings(&self, query: &StaleQuery) -> Result<Vec<StaleListing>, DbError>;

    /// Those of the named deliveries that exist and were not given up: what a chat was told, or will be.
    async fn told(&self, deliveries: &[DeliveryId]) -> Result<Vec<DeliveryId>, DbError>;

    /// Writes what was learned, changes and deliveries included. Fenced by the epoch: another run of the source
    /// that has begun since knows better. A repetition inserts nothing new.
    async fn record_probes(&self, batch: &ProbeBatch) -> Result<Recorded, DbError>;
}
