//! See [`ProbeRecord`].

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::{Key, MemoryDb, State};
use crate::domain::{DeliveryId, DeliveryState, EventId, SourceId};
use crate::store::{DbError, ProbeBatch, ProbeRecord, Recorded, StaleListing, StaleQuery};

#[async_trait]
impl ProbeRecord for MemoryDb {
    async fn note_shown(
        &self,
        source: &SourceId,
        epoch: i64,
        site: &str,
        ids: &[String],
        now: DateTime<Utc>,
    ) -> Result<bool, DbError> {
        let mut state = self.state_at(now);
        if !state.is_latest(source, epoch) {
            return Ok(false);
        }
        for id in ids {
            let key: Key = (site.to_owned(), id.clone());
            if let Some((_, missing)) = state.asked.get_mut(&key) {
                *missing = 0;
            }
            if let Some(at) = state.sighted.get_mut(&(source.clone(), key)) {
                *at = now;
            }
        }
        Ok(true)
    }

    async fn stale_listings(&self, query: &StaleQuery) -> Result<Vec<StaleListing>, DbError> {
        Ok(self.state().stale(query))
    }

    async fn told(&self, deliveries: &[DeliveryId]) -> Result<Vec<DeliveryId>, DbError> {
        let given_up = [DeliveryState::Dropped, DeliveryState::Dead];
        let state = self.state();
        let told = state.deliveries.iter().filter(|one| !given_up.contains(&one.state));
        let told = told.map(|one| one.new.id.clone()).filter(|id| deliveries.contains(id));
        Ok(told.collect())
    }

    async fn record_probes(&self, batch: &ProbeBatch) -> Result<Recorded, DbError> {
        let matches = &batch.matches;
        let mut state = self.state_at(matches.now);
        if !state.is_latest(&matches.source, matches.epoch) {
            return Ok(Recorded { fenced: true, ..Recorded::default() });
        }
        for asked in &batch.asked {
            let key: Key = (matches.site.clone(), asked.id.clone());
            if state.listings.contains_key(&key) {
                state.asked.insert(key, (matches.now, asked.missing));
            }
        }
        Ok(state.write(matches))
    }
}

impl State {
    fn is_latest(&self, source: &SourceId, epoch: i64) -> bool {
        self.sources.get(source).is_some_and(|held| held.source.epoch == epoch)
    }

    fn stale(&self, query: &StaleQuery) -> Vec<StaleListing> {
        let is_ours = |source: &SourceId, key: &Key| *source == query.source && key.0 == query.site;
        let of_source = || self.sighted.iter().filter(|((source, key), _)| is_ours(source, key));
        let latest = of_source().map(|(_, at)| *at).max().filter(|_| query.spare_latest);
        let mut found: Vec<_> = of_source()
            .filter(|(_, at)| **at < query.seen_before && **at > query.seen_after)
            .filter(|((_, key), _)| !self.shown_anywhere(key, query.seen_before))
            .filter(|(_, at)| latest.is_none_or(|latest| **at < latest))
            .filter_map(|((_, key), at)| {
                let known = self.listings.get(key).filter(|known| !known.gone)?;
                let never = (DateTime::UNIX_EPOCH, 0);
                let (asked_at, missing) = self.asked.get(key).copied().unwrap_or(never);
                let events = self.events_of(key);
                let order =
                    (missing == 0, events.is_empty(), asked_at, *at, known.listing.id.clone());
                let is_due = asked_at < query.asked_before || missing > 0;
                is_due.then(|| (order, self.stale_listing(key, missing, events)))
            })
            .collect();
        found.sort_by(|a, b| a.0.cmp(&b.0));
        found.into_iter().filter_map(|(_, one)| one).take(query.limit).collect()
    }

    fn shown_anywhere(&self, key: &Key, since: DateTime<Utc>) -> bool {
        self.sighted.iter().any(|((_, other), at)| other == key && *at >= since)
    }

    pub(super) fn events_of(&self, (site, id): &Key) -> Vec<EventId> {
        let of_listing = self.events.iter().filter(|(_, c)| c.key.site == *site && c.key.id == *id);
        of_listing.map(|(event, _)| event.clone()).collect()
    }

    fn stale_listing(&self, key: &Key, missing: i64, events: Vec<EventId>) -> Option<StaleListing> {
        let mut known = self.listings.get(key)?.clone();
        known.in_source = true;
        let shown_in = self.shown.keys().filter(|(_, other)| other == key);
        let shown_in = shown_in.map(|(source, _)| source.clone()).collect();
        Some(StaleListing { known, missing, events, shown_in })
    }
}
