//! The port of the record. One method is one transaction.

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::chapters::{
    AccountRecord, CampaignRecord, FeedRecord, HostRecord, MarketRecord, ModuleRecord,
    OperateRecord, PanelRecord, PostRecord, PreferenceRecord, PriceRecord, ProbeRecord,
    QuotaRecord, RhythmRecord, SessionRecord, SiteRecord, ThingRecord, TicketRecord, WatchRecord,
};
use super::records::{
    Buried, ClaimRequest, Committed, DeadLetters, DeliveryFilter, Instance, MatchBatch,
    OutboxStats, PoisonUpdate, Recorded, RunRecord, SettleReport, SourceFilter, SourceOrder,
    UpdateCommit, View, ViewRequest,
};
use crate::domain::change::KnownListing;
use crate::domain::delivery::{Claimed, Delivery, Settlement};
use crate::domain::source::{Source, SourceSpec};
use crate::domain::{DeliveryId, OwnerId, SourceId, Watch};

/// Why the record could not answer.
#[derive(Debug, thiserror::Error)]
pub enum DbError {
    /// It cannot be reached, is locked or out of space: the same call may work later.
    #[error("the database does not answer: {0}; the call may be repeated")]
    Unavailable(String),
    /// It answered nonsense or refused the statement: a defect, here or in the file.
    #[error("the database refused: {0}")]
    Broken(String),
    /// What an order was decided on has changed meanwhile; nothing was written. Load and decide again.
    #[error("the record has moved on since this was decided")]
    Stale,
    /// The schema is newer than this program.
    #[error(
        "the database was written by a newer version (schema {found}, known {known}): upgrade this program"
    )]
    Newer {
        /// Version in the database.
        found: i64,
        /// Newest version that this program knows.
        known: i64,
    },
}

impl DbError {
    /// Whether the same call may work later.
    pub fn is_transient(&self) -> bool {
        matches!(self, Self::Unavailable(_))
    }
}

/// The record of everything.
#[async_trait]
pub trait Db:
    SiteRecord
    + ProbeRecord
    + RhythmRecord
    + SessionRecord
    + HostRecord
    + ModuleRecord
    + FeedRecord
    + WatchRecord
    + PreferenceRecord
    + PostRecord
    + ThingRecord
    + PriceRecord
    + CampaignRecord
    + AccountRecord
    + TicketRecord
    + PanelRecord
    + OperateRecord
    + MarketRecord
    + QuotaRecord
{
    // --- life ---

    /// Whether it can be written: a durable round trip.
    async fn ping(&self) -> Result<(), DbError>;

    /// Identity of this database, made when it was created; part of every cache key.
    async fn identity(&self) -> Result<String, DbError>;

    /// Announces a process before it claims anything.
    async fn register_instance(&self, instance: &Instance) -> Result<(), DbError>;

    /// Processes that announced themselves and were not buried.
    async fn instances(&self) -> Result<Vec<Instance>, DbError>;

    /// Takes back what a dead process held: its `sending` deliveries go to doubt and, by their class's
    /// policy, to `pending` (two seconds from `now`), `unknown`, or `dead` after the second crash of the same
    /// row; its source claims are released and due at once. Final and idempotent.
    async fn bury_instance(&self, owner: &OwnerId, now: DateTime<Utc>) -> Result<Buried, DbError>;

    // --- sources and runs ---

    /// Writes searches; those that exist keep their history and take the new title, interval and offer. A new
    /// one is due at once.
    async fn put_sources(&self, specs: &[SourceSpec], now: DateTime<Utc>) -> Result<(), DbError>;

    /// Lists sources by site and title.
    async fn sources(&self, filter: &SourceFilter) -> Result<Vec<Source>, DbError>;

    /// An operator's order; false when there is no such source.
    async fn order_source(
        &self,
        id: &SourceId,
        order: SourceOrder,
        now: DateTime<Utc>,
    ) -> Result<bool, DbError>;

    /// Claims due sources for `owner`, longest due first: not paused, not held by anybody. The same statement
    /// moves the next due time forward (see [`crate::domain::source::next_due`]) and raises the epoch, so a
    /// crash delays a round instead of hammering the site.
    async fn claim_due_sources(
        &self,
        owner: &OwnerId,
        now: DateTime<Utc>,
        limit: usize,
    ) -> Result<Vec<Source>, DbError>;

    /// Releases a claim without a run (shutdown, a host that is left alone); due again at `due`, fenced by epoch.
    async fn release_source(
        &self,
        id: &SourceId,
        epoch: i64,
        due: DateTime<Utc>,
    ) -> Result<(), DbError>;

    /// Stores the verdict of a run that found no listings to write, and releases the claim. Fenced: false
    /// when the epoch is old.
    async fn record_run(&self, run: &RunRecord) -> Result<bool, DbError>;

    /// The last runs of a source, newest first.
    async fn runs(&self, source: &SourceId, limit: u32) -> Result<Vec<RunRecord>, DbError>;

    /// What is known of these listings (by the site's ids); unknown ones are absent.
    async fn known_listings(
        &self,
        source: &SourceId,
        site: &str,
        ids: &[String],
    ) -> Result<Vec<KnownListing>, DbError>;

    /// Watches on a source that are to be told: not paused, chat active, user not banned.
    async fn watches_of(&self, source: &SourceId) -> Result<Vec<Watch>, DbError>;

    /// Writes a chunk of a run: listings, price points, changes, deliveries, and with the last chunk the
    /// verdict and the release of the claim. A repetition inserts nothing new.
    async fn record_matches(&self, batch: &MatchBatch) -> Result<Recorded, DbError>;

    // --- outbox ---

    /// Commits the intent for ready deliveries: at most one in flight per chat, most urgent class first, then
    /// the oldest; takes their slots under the limits in the same transaction.
    async fn claim_deliveries(&self, request: &ClaimRequest) -> Result<Vec<Claimed>, DbError>;

    /// Writes how attempts ended. Final and idempotent per (id, epoch).
    async fn settle_deliveries(
        &self,
        settlements: &[Settlement],
        now: DateTime<Utc>,
    ) -> Result<SettleReport, DbError>;

    /// When the earliest pending delivery can be claimed, if there is one.
    async fn next_delivery_at(&self) -> Result<Option<DateTime<Utc>>, DbError>;

    /// Lists deliveries, newest first.
    async fn deliveries(&self, filter: &DeliveryFilter) -> Result<Vec<Delivery>, DbError>;

    /// How many deliveries fit (`limit` does not count).
    async fn count_deliveries(&self, filter: &DeliveryFilter) -> Result<u64, DbError>;

    /// How many deliveries need a person, and since when.
    async fn dead_letters(&self) -> Result<DeadLetters, DbError>;

    /// Counts of the outbox.
    async fn outbox_stats(&self) -> Result<OutboxStats, DbError>;

    /// Sends an ended delivery (dead, unknown or dropped) again; false when it is in no such state.
    async fn requeue_delivery(&self, id: &DeliveryId, now: DateTime<Utc>) -> Result<bool, DbError>;

    /// Closes a pending or dead delivery without sending; false when it is in no such state.
    async fn discard_delivery(&self, id: &DeliveryId, now: DateTime<Utc>) -> Result<bool, DbError>;

    // --- conversation ---

    /// What a decision may look at.
    async fn load_view(&self, request: &ViewRequest) -> Result<View, DbError>;

    /// Applies an update: id, state with version, effects and replies, all or nothing.
    async fn commit_update(&self, commit: &UpdateCommit) -> Result<Committed, DbError>;

    /// Keeps an update that nobody can use. A repeat is kept once.
    async fn keep_poison(&self, poison: &PoisonUpdate) -> Result<(), DbError>;

    /// The highest contiguous polling position: the next `offset` for getUpdates, if we ever polled.
    async fn polling_offset(&self, bot: i64) -> Result<Option<i64>, DbError>;

    /// Moves the polling position.
    async fn set_polling_offset(&self, bot: i64, offset: i64) -> Result<(), DbError>;

    // --- care ---

    /// Deletes what has outlived its retention (inbox 14 days, runs 30 days, ended deliveries 180 days);
    /// listings with what hangs on them 180 days after they
    /// were last seen, lanes of chats that nothing was written to for 30 days); answers how many rows went. Works in
    /// short chunks.
    async fn prune(&self, now: DateTime<Utc>) -> Result<u64, DbError>;
}
