//! See [`FeedRecord`].

use std::collections::BTreeSet;

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::{MemoryDb, State};
use crate::domain::matching::WatchSpec;
use crate::domain::{Watch, WatchId};
use crate::store::{DbError, FeedRecord, Showing, WatchNews};

/// An entry of the log of watches.
#[derive(Debug)]
pub(super) struct Entry {
    seq: i64,
    watch: WatchId,
    pub(super) at: DateTime<Utc>,
}

impl State {
    /// Notes that a watch was made, changed or ended. Everything that does so calls it.
    pub(super) fn log_watch(&mut self, watch: &WatchId, now: DateTime<Utc>) {
        let seq = self.watch_log.last().map_or(1, |last| last.seq + 1);
        self.watch_log.push(Entry { seq, watch: watch.clone(), at: now });
    }

    /// Forgets entries of before `since`, and never the last one: positions only grow.
    pub(super) fn prune_watch_log(&mut self, since: DateTime<Utc>) {
        let last = self.watch_log.len().saturating_sub(1);
        let kept = self.watch_log.iter().position(|entry| entry.at >= since).unwrap_or(last);
        self.watch_log.drain(..kept);
    }

    fn spec(watch: &Watch) -> WatchSpec {
        let Watch { id, sources, filter, .. } = watch;
        WatchSpec { id: id.clone(), sources: sources.clone(), filter: filter.clone() }
    }

    fn news(&self, seq: i64, limit: usize) -> Option<WatchNews> {
        let oldest = self.watch_log.first().map_or(1, |entry| entry.seq);
        let newest = self.watch_log.last().map_or(0, |entry| entry.seq);
        if seq + 1 < oldest || seq > newest {
            return None;
        }
        let read = || self.watch_log.iter().filter(|entry| entry.seq > seq).take(limit);
        let upto = read().last().map_or(seq, |entry| entry.seq);
        let mut news = WatchNews { upto, more: upto < newest, ..WatchNews::default() };
        for id in read().map(|entry| &entry.watch).collect::<BTreeSet<_>>() {
            match self.watches.get(id).filter(|watch| !watch.paused) {
                Some(watch) => news.present.push(Self::spec(watch)),
                None => news.gone.push(id.clone()),
            }
        }
        Some(news)
    }
}

#[async_trait]
impl FeedRecord for MemoryDb {
    async fn watch_head(&self) -> Result<i64, DbError> {
        Ok(self.state().watch_log.last().map_or(0, |entry| entry.seq))
    }

    async fn watches_changed_since(
        &self,
        seq: i64,
        limit: usize,
    ) -> Result<Option<WatchNews>, DbError> {
        Ok(self.state().news(seq, limit))
    }

    async fn watches_page(
        &self,
        after: Option<&WatchId>,
        limit: usize,
    ) -> Result<Vec<WatchSpec>, DbError> {
        let state = self.state();
        let rest = state.watches.values().filter(|watch| after.is_none_or(|id| watch.id > *id));
        Ok(rest.filter(|watch| !watch.paused).take(limit).map(State::spec).collect())
    }

    async fn watches_by_id(&self, ids: &[WatchId]) -> Result<Vec<Watch>, DbError> {
        let state = self.state();
        let ids: BTreeSet<&WatchId> = ids.iter().collect();
        let named = ids.into_iter().filter_map(|id| state.watches.get(id));
        let told = named.filter(|watch| state.may_be_told(watch) && !watch.sources.is_empty());
        Ok(told.map(|watch| state.in_own_language(watch)).collect())
    }

    async fn shown_by(&self, site: &str, ids: &[String]) -> Result<Vec<Showing>, DbError> {
        let state = self.state();
        let based = |id| state.sources.get(id).is_some_and(|held| held.source.baseline_done);
        let found = state
            .shown
            .keys()
            .filter(|(source, key)| key.0 == site && ids.contains(&key.1) && based(source));
        let found =
            found.map(|(source, key)| Showing { listing: key.1.clone(), source: source.clone() });
        Ok(found.collect::<BTreeSet<_>>().into_iter().collect())
    }
}
