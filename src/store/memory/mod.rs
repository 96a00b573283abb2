//! The record and the seen-set in plain memory, for tests: the simplest thing that keeps the contract.
//!
//! Every question is answered by looking at everything, so this is also the yardstick for the SQL record:
//! both pass one suite. Nothing outlives the value.

mod campaigns_chapter;
mod conversation;
mod feed_chapter;
mod hosts_chapter;
mod modules_chapter;
mod outbox;
mod posts_chapter;
mod preferences_chapter;
mod prices_chapter;
mod probes_chapter;
mod rhythms_chapter;
mod runs;
mod seen;
mod sessions_chapter;
mod site_chapter;
mod things_chapter;
mod watches_chapter;
mod why;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};

use super::records::{
    Buried, ClaimRequest, Committed, DeadLetters, DeliveryFilter, Instance, MatchBatch,
    OutboxStats, PoisonUpdate, Recorded, RunRecord, SettleReport, SourceFilter, SourceOrder,
    UpdateCommit, View, ViewRequest,
};
use super::{Db, DbError, MemoryClock, StoredSession};
use crate::domain::change::KnownListing;
use crate::domain::delivery::{Claimed, Delivery, Settlement};
use crate::domain::dialogue::Dialogue;
use crate::domain::source::{Source, SourceSpec};
use crate::domain::{
    Change, ChatId, ChatKind, DeliveryId, EventId, OwnerId, SourceId, Terms, User, UserId, Watch,
    WatchId,
};

pub use self::seen::MemorySeen;

/// The record in memory.
#[derive(Debug)]
pub struct MemoryDb {
    identity: String,
    state: Mutex<State>,
    hosts: MemoryClock,
}

/// Site and the site's id of a listing.
type Key = (String, String);

#[derive(Debug, Default)]
struct State {
    instances: BTreeMap<OwnerId, Instance>,
    sources: BTreeMap<SourceId, Held>,
    runs: BTreeMap<(SourceId, i64), RunRecord>,
    listings: BTreeMap<Key, KnownListing>,
    /// When and at which place of its batch a source first showed a listing.
    shown: BTreeMap<(SourceId, Key), (DateTime<Utc>, usize)>,
    /// When a source last showed a listing.
    sighted: BTreeMap<(SourceId, Key), DateTime<Utc>>,
    /// When a listing's own page was asked for, and how often in a row it was not there.
    asked: BTreeMap<Key, (DateTime<Utc>, i64)>,
    things: things_chapter::Things,
    events: BTreeMap<EventId, Change>,
    users: BTreeMap<UserId, User>,
    chats: BTreeMap<ChatId, ChatState>,
    watches: BTreeMap<WatchId, Watch>,
    /// Which watches changed, in order.
    watch_log: Vec<feed_chapter::Entry>,
    /// Terms of everybody.
    free: Terms,
    /// Sources that were made for a watch.
    by_watch: BTreeSet<SourceId>,
    dialogues: BTreeMap<(ChatId, UserId), Dialogue>,
    inbox: BTreeMap<(i64, i64), DateTime<Utc>>,
    /// Messages to support: each once.
    tickets: BTreeMap<(ChatId, i64), (UserId, String)>,
    polling: BTreeMap<i64, i64>,
    /// Versions of field maps, in order of writing.
    modules: Vec<super::ModuleVersion>,
    /// By site and name.
    sessions: BTreeMap<Key, StoredSession>,
    /// In order of writing.
    deliveries: Vec<Delivery>,
    lanes: BTreeMap<ChatId, LaneState>,
    said: preferences_chapter::Said,
    health: site_chapter::Health,
    posts: posts_chapter::Posts,
    /// The overall pace: its next slot and the last ones (µs).
    pace: (i64, Vec<i64>),
    /// The paid pace: its next slot (µs), tenths of a Star spent, and on which day.
    paid: (i64, i64, i64),
    campaigns: campaigns_chapter::Campaigns,
    /// When a chat last said something.
    heard: BTreeMap<ChatId, DateTime<Utc>>,
    /// The latest moment that anybody named.
    latest: DateTime<Utc>,
}

/// A source and who has claimed it.
#[derive(Debug)]
struct Held {
    source: Source,
    by: Option<OwnerId>,
}

#[derive(Debug, Clone, Copy)]
struct ChatState {
    kind: ChatKind,
    active: bool,
    at: DateTime<Utc>,
}

/// See the lanes of the SQL record; moments in ms.
#[derive(Debug, Default)]
struct LaneState {
    recent: Vec<i64>,
    open_at: i64,
    wait_until: i64,
}

impl Default for MemoryDb {
    fn default() -> Self {
        let identity = uuid::Uuid::now_v7().simple().to_string();
        Self { identity, state: Mutex::default(), hosts: MemoryClock::default() }
    }
}

impl MemoryDb {
    /// An empty record with an identity of its own.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the terms of everybody; without this nothing is limited.
    #[must_use]
    pub fn with_free(self, terms: Terms) -> Self {
        self.state().free = terms;
        self
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // A test that panicked elsewhere does not make the values wrong.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn state_at(&self, now: DateTime<Utc>) -> MutexGuard<'_, State> {
        let mut state = self.state();
        state.latest = state.latest.max(now);
        state
    }
}

#[async_trait]
impl Db for MemoryDb {
    async fn ping(&self) -> Result<(), DbError> {
        Ok(())
    }

    async fn identity(&self) -> Result<String, DbError> {
        Ok(self.identity.clone())
    }

    async fn register_instance(&self, instance: &Instance) -> Result<(), DbError> {
        self.state().instances.insert(instance.owner.clone(), instance.clone());
        Ok(())
    }

    async fn instances(&self) -> Result<Vec<Instance>, DbError> {
        let mut all: Vec<_> = self.state().instances.values().cloned().collect();
        all.sort_by_key(|instance| instance.started_at);
        Ok(all)
    }

    async fn bury_instance(&self, owner: &OwnerId, now: DateTime<Utc>) -> Result<Buried, DbError> {
        let mut state = self.state_at(now);
        state.instances.remove(owner);
        let sources = state.give_sources_back(owner, now);
        Ok(Buried { doubts: state.doubt_all_of(owner, now), sources })
    }

    async fn put_sources(&self, specs: &[SourceSpec], now: DateTime<Utc>) -> Result<(), DbError> {
        self.state_at(now).put_sources(specs, now);
        Ok(())
    }

    async fn sources(&self, filter: &SourceFilter) -> Result<Vec<Source>, DbError> {
        Ok(self.state().list_sources(filter))
    }

    async fn order_source(
        &self,
        id: &SourceId,
        order: SourceOrder,
        now: DateTime<Utc>,
    ) -> Result<bool, DbError> {
        Ok(self.state_at(now).order_source(id, order, now))
    }

    async fn claim_due_sources(
        &self,
        owner: &OwnerId,
        now: DateTime<Utc>,
        limit: usize,
    ) -> Result<Vec<Source>, DbError> {
        Ok(self.state().claim_due(owner, now, limit))
    }

    async fn release_source(
        &self,
        id: &SourceId,
        epoch: i64,
        now: DateTime<Utc>,
    ) -> Result<(), DbError> {
        self.state_at(now).release(id, epoch, now);
        Ok(())
    }

    async fn record_run(&self, run: &RunRecord) -> Result<bool, DbError> {
        Ok(self.state().record_run(run))
    }

    async fn runs(&self, source: &SourceId, limit: u32) -> Result<Vec<RunRecord>, DbError> {
        let state = self.state();
        let of_source = state.runs.values().rev().filter(|run| run.source == *source);
        Ok(of_source.take(limit as usize).cloned().collect())
    }

    async fn known_listings(
        &self,
        source: &SourceId,
        site: &str,
        ids: &[String],
    ) -> Result<Vec<KnownListing>, DbError> {
        Ok(self.state().known(source, site, ids))
    }

    async fn watches_of(&self, source: &SourceId) -> Result<Vec<Watch>, DbError> {
        Ok(self.state().watches_of(source))
    }

    async fn record_matches(&self, batch: &MatchBatch) -> Result<Recorded, DbError> {
        Ok(self.state_at(batch.now).record(batch))
    }

    async fn claim_deliveries(&self, request: &ClaimRequest) -> Result<Vec<Claimed>, DbError> {
        Ok(self.state_at(request.now).claim(request))
    }

    async fn settle_deliveries(
        &self,
        settlements: &[Settlement],
        now: DateTime<Utc>,
    ) -> Result<SettleReport, DbError> {
        Ok(self.state_at(now).settle(settlements, now))
    }

    async fn next_delivery_at(&self) -> Result<Option<DateTime<Utc>>, DbError> {
        Ok(self.state().next_delivery_at())
    }

    async fn deliveries(&self, filter: &DeliveryFilter) -> Result<Vec<Delivery>, DbError> {
        Ok(self.state().list_deliveries(filter))
    }

    async fn count_deliveries(&self, filter: &DeliveryFilter) -> Result<u64, DbError> {
        Ok(self.state().fitting(filter).len() as u64)
    }

    async fn dead_letters(&self) -> Result<DeadLetters, DbError> {
        Ok(self.state().dead_letters())
    }

    async fn outbox_stats(&self) -> Result<OutboxStats, DbError> {
        Ok(self.state().stats())
    }

    async fn requeue_delivery(&self, id: &DeliveryId, now: DateTime<Utc>) -> Result<bool, DbError> {
        Ok(self.state_at(now).requeue(id, now))
    }

    async fn discard_delivery(&self, id: &DeliveryId, now: DateTime<Utc>) -> Result<bool, DbError> {
        Ok(self.state_at(now).discard(id, now))
    }

    async fn load_view(&self, request: &ViewRequest) -> Result<View, DbError> {
        Ok(self.state().view(request))
    }

    async fn commit_update(&self, commit: &UpdateCommit) -> Result<Committed, DbError> {
        Ok(self.state_at(commit.received_at).commit(commit))
    }

    async fn keep_poison(&self, poison: &PoisonUpdate) -> Result<(), DbError> {
        let id = poison.update.unwrap_or_else(|| super::slots::number_of(&poison.body));
        self.state().inbox.entry((poison.bot, id)).or_insert(poison.received_at);
        Ok(())
    }

    async fn polling_offset(&self, bot: i64) -> Result<Option<i64>, DbError> {
        Ok(self.state().polling.get(&bot).copied())
    }

    async fn set_polling_offset(&self, bot: i64, offset: i64) -> Result<(), DbError> {
        self.state().polling.insert(bot, offset);
        Ok(())
    }

    async fn prune(&self, now: DateTime<Utc>) -> Result<u64, DbError> {
        let mut state = self.state();
        let size = |state: &State| {
            state.inbox.len() + state.runs.len() + state.deliveries.len() + state.watch_log.len()
        };
        let before = size(&state);
        let since = |days| now - TimeDelta::days(days);
        state.inbox.retain(|_, received_at| *received_at >= since(14));
        state.runs.retain(|_, run| run.finished_at >= since(30));
        state.prune_watch_log(since(1));
        state.deliveries.retain(|one| one.done_at.is_none_or(|done_at| done_at >= since(180)));
        let mutes = state.prune_mutes(since(1));
        let sketches = state.things.prune(now);
        Ok((before - size(&state) + mutes + sketches) as u64)
    }
}
