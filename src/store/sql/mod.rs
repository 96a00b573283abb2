//! The record in SQL: SQLite now, with text that serves PostgreSQL too.
//!
//! - `watch_life`, `watch_waiting`: watches, and what waits for them.
//! - `engine`: connections and error classes; `statement`: statements, values, rows; `migrate`: the schema.
//! - `writer`: one task owns the one writing connection and makes many commits durable at once.
//! - `readers`: connections for questions.
//! - `claims`, `settle`, `lanes`, `outbox`: deliveries; `standing`: what is known when one is claimed. `sources`, `listings`: runs. `updates`, `effects`,
//!   `chats`: conversations. `care`: life and retention. `rows`: rows to values.
//!
//! Every function takes a connection and runs inside a transaction of the writer, or on a reader that sees
//! what is committed. No transaction leaves this module.

mod account_endings;
mod account_invites;
mod account_ledger;
mod account_orders;
mod account_plans;
mod account_promos;
mod accounts_chapter;
mod audience;
mod campaign_queue;
mod campaigns_chapter;
mod care;
mod chats;
mod claims;
mod daily;
mod digests;
mod effects;
mod engine;
mod failures;
mod feed_chapter;
mod file;
mod hosts_chapter;
mod lanes;
mod listings;
mod market_chapter;
mod migrate;
mod modules_chapter;
mod operate_chapter;
mod outbox;
mod panel_chapter;
mod panel_figures;
mod panel_people;
mod posts_chapter;
mod preferences_chapter;
mod prices;
mod prices_chapter;
mod probes_chapter;
mod quotas_chapter;
mod readers;
mod rhythms_chapter;
mod rows;
mod seen;
mod sessions_chapter;
mod settle;
mod site_chapter;
mod site_health;
mod sources;
mod standing;
mod statement;
mod things_chapter;
mod tickets_chapter;
mod updates;
mod waiting;
mod watch_life;
mod watch_limits;
mod watch_waiting;
mod watches_chapter;
mod why;
mod writer;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use self::engine::Place;
use self::file::File;
use self::readers::Readers;
use self::writer::Writer;
use super::records::{
    Buried, ClaimRequest, Committed, DeadLetters, DeliveryFilter, Instance, MatchBatch,
    OutboxStats, PoisonUpdate, Recorded, RunRecord, SettleReport, SourceFilter, SourceOrder,
    UpdateCommit, View, ViewRequest,
};
use super::{Db, DbError};
use crate::domain::change::KnownListing;
use crate::domain::delivery::{Claimed, Delivery, Settlement};
use crate::domain::source::{Source, SourceSpec};
use crate::domain::{DeliveryId, OwnerId, SourceId, Terms, Watch};

pub use self::seen::SqlSeen;

/// How the database is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SqlOptions {
    /// Connections for reading.
    pub readers: u32,
    /// How long the writer gathers waiting commits, at most.
    pub gather: Duration,
    /// How long a file that another process writes is waited for.
    pub busy_timeout: Duration,
}

impl Default for SqlOptions {
    fn default() -> Self {
        Self { readers: 2, gather: Duration::from_millis(4), busy_timeout: Duration::from_secs(5) }
    }
}

/// The record in an SQL database. Cheap to clone; all clones share the writer and the readers.
#[derive(Debug, Clone)]
pub struct SqlDb {
    writer: Writer,
    readers: Readers,
    file: File,
    /// Terms of people without a plan.
    free: Arc<Terms>,
}

impl SqlDb {
    /// Opens `sqlite://path` (creating it), brings the schema up to date and starts the writer.
    ///
    /// # Errors
    /// [`DbError::Newer`] when the schema is newer than this program; [`DbError::Unavailable`] when the file
    /// cannot be opened now; [`DbError::Broken`] for an unusable address or an edited migration.
    pub async fn open(url: &str, options: SqlOptions) -> Result<Self, DbError> {
        let place = Place::parse(url, options.busy_timeout)?;
        let mut conn = place.writer().await?;
        migrate::migrate(&mut conn).await?;
        let file = File::of(&place.path);
        let readers = Readers::new(place.clone(), options.readers);
        let writer = Writer::start(place, conn, options.gather)?;
        Ok(Self { writer, readers, file, free: Arc::default() })
    }

    /// Sets the terms of people without a plan; without this nothing is limited.
    #[must_use]
    pub fn with_free(self, terms: Terms) -> Self {
        Self { free: Arc::new(terms), ..self }
    }

    /// The folder of the database file. What guards its claims lies there too, so that all who share the file see it.
    pub fn folder(&self) -> &std::path::Path {
        self.file.folder()
    }

    /// Finishes what waits and closes all connections. Later calls answer [`DbError::Unavailable`].
    pub async fn close(&self) {
        self.readers.close().await;
        self.writer.close().await;
    }
}

#[async_trait]
impl Db for SqlDb {
    async fn ping(&self) -> Result<(), DbError> {
        if !self.file.is_the_same() {
            let path = self.file.path.display();
            return Err(DbError::Broken(format!("{path} was removed or replaced while open")));
        }
        self.writer.run(|conn| Box::pin(care::pulse(conn))).await
    }

    async fn identity(&self) -> Result<String, DbError> {
        self.readers.run(|conn| Box::pin(care::identity(conn))).await
    }

    async fn register_instance(&self, instance: &Instance) -> Result<(), DbError> {
        let instance = instance.clone();
        self.writer
            .run(move |conn| Box::pin(async move { care::register(conn, &instance).await }))
            .await
    }

    async fn instances(&self) -> Result<Vec<Instance>, DbError> {
        self.readers.run(|conn| Box::pin(care::instances(conn))).await
    }

    async fn bury_instance(&self, owner: &OwnerId, now: DateTime<Utc>) -> Result<Buried, DbError> {
        let owner = owner.clone();
        self.writer
            .run(move |conn| Box::pin(async move { settle::bury(conn, &owner, now).await }))
            .await
    }

    async fn put_sources(&self, specs: &[SourceSpec], now: DateTime<Utc>) -> Result<(), DbError> {
        let specs = specs.to_vec();
        self.writer
            .run(move |conn| Box::pin(async move { sources::put(conn, &specs, now).await }))
            .await
    }

    async fn sources(&self, filter: &SourceFilter) -> Result<Vec<Source>, DbError> {
        let filter = filter.clone();
        self.readers
            .run(move |conn| Box::pin(async move { sources::list(conn, &filter).await }))
            .await
    }

    async fn order_source(
        &self,
        id: &SourceId,
        order: SourceOrder,
        now: DateTime<Utc>,
    ) -> Result<bool, DbError> {
        let id = id.clone();
        self.writer
            .run(move |conn| Box::pin(async move { sources::order(conn, &id, order, now).await }))
            .await
    }

    async fn claim_due_sources(
        &self,
        owner: &OwnerId,
        now: DateTime<Utc>,
        limit: usize,
    ) -> Result<Vec<Source>, DbError> {
        let owner = owner.clone();
        self.writer
            .run(move |conn| {
                Box::pin(async move { sources::claim_due(conn, &owner, now, limit).await })
            })
            .await
    }

    async fn release_source(
        &self,
        id: &SourceId,
        epoch: i64,
        now: DateTime<Utc>,
    ) -> Result<(), DbError> {
        let id = id.clone();
        self.writer
            .run(move |conn| Box::pin(async move { sources::release(conn, &id, epoch, now).await }))
            .await
    }

    async fn record_run(&self, run: &RunRecord) -> Result<bool, DbError> {
        let run = run.clone();
        self.writer
            .run(move |conn| Box::pin(async move { sources::record_run(conn, &run).await }))
            .await
    }

    async fn runs(&self, source: &SourceId, limit: u32) -> Result<Vec<RunRecord>, DbError> {
        let source = source.clone();
        self.readers
            .run(move |conn| Box::pin(async move { sources::runs(conn, &source, limit).await }))
            .await
    }

    async fn known_listings(
        &self,
        source: &SourceId,
        site: &str,
        ids: &[String],
    ) -> Result<Vec<KnownListing>, DbError> {
        let (source, site, ids) = (source.clone(), site.to_owned(), ids.to_vec());
        self.readers
            .run(move |conn| {
                Box::pin(async move { listings::known(conn, &source, &site, &ids).await })
            })
            .await
    }

    async fn watches_of(&self, source: &SourceId) -> Result<Vec<Watch>, DbError> {
        let source = source.clone();
        self.readers
            .run(move |conn| Box::pin(async move { listings::watches_of(conn, &source).await }))
            .await
    }

    async fn record_matches(&self, batch: &MatchBatch) -> Result<Recorded, DbError> {
        let batch = batch.clone();
        self.writer
            .run(move |conn| Box::pin(async move { listings::record(conn, &batch).await }))
            .await
    }

    async fn claim_deliveries(&self, request: &ClaimRequest) -> Result<Vec<Claimed>, DbError> {
        let request = request.clone();
        self.writer
            .run(move |conn| Box::pin(async move { claims::claim(conn, &request).await }))
            .await
    }

    async fn settle_deliveries(
        &self,
        settlements: &[Settlement],
        now: DateTime<Utc>,
    ) -> Result<SettleReport, DbError> {
        let settlements = settlements.to_vec();
        self.writer
            .run(move |conn| Box::pin(async move { settle::settle(conn, &settlements, now).await }))
            .await
    }

    async fn next_delivery_at(&self) -> Result<Option<DateTime<Utc>>, DbError> {
        self.readers.run(|conn| Box::pin(claims::next_at(conn))).await
    }

    async fn deliveries(&self, filter: &DeliveryFilter) -> Result<Vec<Delivery>, DbError> {
        let filter = filter.clone();
        self.readers
            .run(move |conn| Box::pin(async move { outbox::list(conn, &filter).await }))
            .await
    }

    async fn count_deliveries(&self, filter: &DeliveryFilter) -> Result<u64, DbError> {
        let filter = filter.clone();
        self.readers
            .run(move |conn| Box::pin(async move { outbox::count(conn, &filter).await }))
            .await
    }

    async fn dead_letters(&self) -> Result<DeadLetters, DbError> {
        self.readers.run(|conn| Box::pin(outbox::dead_letters(conn))).await
    }

    async fn outbox_stats(&self) -> Result<OutboxStats, DbError> {
        self.readers.run(|conn| Box::pin(outbox::stats(conn))).await
    }

    async fn requeue_delivery(&self, id: &DeliveryId, now: DateTime<Utc>) -> Result<bool, DbError> {
        let id = id.clone();
        self.writer
            .run(move |conn| Box::pin(async move { outbox::requeue(conn, &id, now).await }))
            .await
    }

    async fn discard_delivery(&self, id: &DeliveryId, now: DateTime<Utc>) -> Result<bool, DbError> {
        let id = id.clone();
        self.writer
            .run(move |conn| Box::pin(async move { outbox::discard(conn, &id, now).await }))
            .await
    }

    async fn load_view(&self, request: &ViewRequest) -> Result<View, DbError> {
        let asked = Arc::new((request.clone(), Arc::clone(&self.free)));
        // What operators look at counts whole tables: not on a thread that others wait for.
        let is_quick = request.look.panel.is_none();
        self.readers
            .glance_if(is_quick, move |conn| {
                let asked = Arc::clone(&asked);
                Box::pin(async move { updates::load_view(conn, &asked.0, &asked.1).await })
            })
            .await
    }

    async fn commit_update(&self, commit: &UpdateCommit) -> Result<Committed, DbError> {
        let (commit, free) = (commit.clone(), Arc::clone(&self.free));
        self.writer
            .run(move |conn| Box::pin(async move { updates::commit(conn, &commit, &free).await }))
            .await
            .or_else(|error| match error {
                DbError::Stale => Ok(Committed::Conflict),
                other => Err(other),
            })
    }

    async fn keep_poison(&self, poison: &PoisonUpdate) -> Result<(), DbError> {
        let poison = poison.clone();
        self.writer
            .run(move |conn| Box::pin(async move { updates::keep_poison(conn, &poison).await }))
            .await
    }

    async fn polling_offset(&self, bot: i64) -> Result<Option<i64>, DbError> {
        self.readers
            .run(move |conn| Box::pin(async move { updates::polling_offset(conn, bot).await }))
            .await
    }

    async fn set_polling_offset(&self, bot: i64, offset: i64) -> Result<(), DbError> {
        self.writer
            .run(move |conn| {
                Box::pin(async move { updates::set_polling_offset(conn, bot, offset).await })
            })
            .await
    }

    async fn prune(&self, now: DateTime<Utc>) -> Result<u64, DbError> {
        care::prune(&self.writer, now).await
    }
}
