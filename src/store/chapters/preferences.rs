//! The chapter of the record about how chats want to be told, digests, and why something was (not) sent.
//!
//! A place is a chat or one of its topics. A topic without preferences of its own has those of its chat; what is
//! muted in the chat is muted in all its topics.
//!
//! A digest is a row of its own, an occurrence: it is written with the first alert that waits for it, claimed when
//! its slot has come, and done in the transaction that writes the message and folds the alerts into it.

use std::collections::HashMap;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use sites::ListingKey;

use crate::domain::change::Change;
use crate::domain::delivery::{Delivery, Latest, NewDelivery};
use crate::domain::preferences::{HowTold, Mute, Patch, Preferences};
use crate::domain::why::WhyFacts;
use crate::domain::{ChatId, DeliveryId, OwnerId, WatchId};
use crate::store::DbError;

/// A chat, or a topic of it.
pub type Place = (ChatId, Option<i64>);

/// Alerts that one digest tells at most; the rest comes in the next one, at once.
pub const DIGEST_ROWS: usize = 500;

/// A digest that was claimed longer ago than this is claimed again: whoever had it is gone or fenced.
pub const DIGEST_LEASE_S: i64 = 60;

/// A digest whose slot has come, claimed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DigestDue {
    /// Where it is told.
    pub place: Place,
    /// Its slot.
    pub slot: DateTime<Utc>,
    /// Epoch of the claim.
    pub epoch: i64,
}

/// An alert that waits for a digest.
#[derive(Debug, Clone, PartialEq)]
pub struct Collected {
    /// The delivery, in state `collected`.
    pub delivery: Delivery,
    /// The change that it tells.
    pub change: Option<Change>,
    /// The listing as it is known now.
    pub latest: Option<Latest>,
}

/// A message of a digest, and the alerts that it tells.
#[derive(Debug, Clone, PartialEq)]
pub struct Folding {
    /// The message.
    pub message: NewDelivery,
    /// What it tells.
    pub rows: Vec<DeliveryId>,
}

/// How writing a digest ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DigestWritten {
    /// Written, and its alerts are folded.
    Done,
    /// Somebody else has the claim now: nothing was written.
    Fenced,
    /// Another alert was muted or sent in the meantime: nothing was written, load again.
    Moved,
}

/// Asks why something was, or was not, told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WhyAsk {
    /// About which listing.
    pub listing: ListingKey,
    /// To which chat; `None`: to the chats of the watch, or to anybody.
    pub chat: Option<ChatId>,
    /// Because of which watch; `None`: of any.
    pub watch: Option<WatchId>,
}

/// See the module.
#[async_trait]
pub trait PreferenceRecord: Send + Sync {
    /// Names the zone in which hours are meant where a chat names none (or one that cannot be read).
    async fn set_zone(&self, zone: &str) -> Result<(), DbError>;

    /// How these places want to be told and what they were told; absent are those that said nothing.
    async fn how_told(
        &self,
        places: &[Place],
        now: DateTime<Utc>,
    ) -> Result<HashMap<Place, HowTold>, DbError>;

    /// The preferences that hold in a place, with a zone that can be read.
    async fn preferences_of(&self, place: Place) -> Result<Preferences, DbError>;

    /// Changes preferences of a place and decides again about all alerts that wait for its chat; answers how many
    /// of them moved.
    async fn prefer(
        &self,
        place: Place,
        patches: &[Patch],
        now: DateTime<Utc>,
    ) -> Result<u64, DbError>;

    /// Mutes, and drops what waits and is muted by it; answers how many alerts. The same mute again has the new end.
    async fn mute(&self, place: Place, mute: &Mute, now: DateTime<Utc>) -> Result<u64, DbError>;

    /// Ends a mute; false when there is none. What it dropped stays dropped.
    async fn unmute(&self, place: Place, mute: &Mute) -> Result<bool, DbError>;

    /// The mutes of a place that hold at `now`.
    async fn mutes_of(&self, place: Place, now: DateTime<Utc>) -> Result<Vec<Mute>, DbError>;

    /// Claims digests whose slot has come, longest due first, and those whose claim is older than
    /// [`DIGEST_LEASE_S`]. A claim raises the epoch.
    async fn claim_digests(
        &self,
        owner: &OwnerId,
        now: DateTime<Utc>,
        limit: usize,
    ) -> Result<Vec<DigestDue>, DbError>;

    /// The alerts that wait for this slot of a place or an earlier one, oldest first, at most [`DIGEST_ROWS`].
    async fn load_digest(&self, due: &DigestDue) -> Result<Vec<Collected>, DbError>;

    /// Writes the messages of a claimed digest and folds their alerts, all or nothing. The digest is done then;
    /// alerts that came in the meantime, or were too many, make it due again at once.
    async fn write_digest(
        &self,
        due: &DigestDue,
        foldings: &[Folding],
        now: DateTime<Utc>,
    ) -> Result<DigestWritten, DbError>;

    /// What is known about a listing and who might have been told of it.
    async fn why_facts(&self, ask: &WhyAsk) -> Result<WhyFacts, DbError>;
}
