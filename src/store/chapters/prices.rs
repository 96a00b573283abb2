//! The chapter of the record about asking prices over time.

use async_trait::async_trait;
use sites::{Listing, ListingKey};

use crate::domain::EventId;
use crate::domain::delivery::{Latest, PricePoint};
use crate::store::DbError;

/// Points of one listing that are read: the latest. A chart could not show more.
pub const PRICE_POINTS: usize = 500;

/// What is known of a listing's asking price.
#[derive(Debug, Clone, PartialEq)]
pub struct PriceHistory {
    /// The listing as it is known now.
    pub latest: Latest,
    /// Asking prices, oldest first; at most [`PRICE_POINTS`], the latest.
    pub points: Vec<PricePoint>,
}

/// Changes of a chat that are looked through for listings to show.
pub const TOLD: usize = 40;

/// A listing that a chat was told of, for [`View::told`](crate::store::View).
#[derive(Debug, Clone, PartialEq)]
pub struct Told {
    /// The change that was told.
    pub event: EventId,
    /// Which listing.
    pub key: ListingKey,
    /// The listing as it is known now.
    pub listing: Listing,
}

/// Asking prices over time.
#[async_trait]
pub trait PriceRecord: Send + Sync {
    /// Asking prices of a listing, oldest first; empty for an unknown one and for one without a price.
    async fn price_points(&self, key: &ListingKey) -> Result<Vec<PricePoint>, DbError>;

    /// The listing with its asking prices; `None` for an unknown one.
    async fn price_history(&self, key: &ListingKey) -> Result<Option<PriceHistory>, DbError>;
}
