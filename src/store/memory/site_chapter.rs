//! See [`SiteRecord`]. Kept in a value of its own beside the rest of the state.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use sites::Listing;

use super::{MemoryDb, State};
use crate::domain::health::{Alarm, FailurePage, SiteHealth, SourceHealth};
use crate::domain::{ChatId, DeliveryId, SourceId};
use crate::store::{DbError, HealthWrite, LifeView, Recipient, RunBrief, SiteRecord};

/// What is known of the health of sites.
#[derive(Debug, Default)]
pub(super) struct Health {
    sites: BTreeMap<String, SiteHealth>,
    sources: BTreeMap<SourceId, SourceHealth>,
    alarms: BTreeMap<String, Alarm>,
    failures: BTreeMap<(String, String), FailurePage>,
}

#[async_trait]
impl SiteRecord for MemoryDb {
    async fn life_of(&self, source: &SourceId, site: &str) -> Result<LifeView, DbError> {
        let state = self.state();
        let of_site = |held: &&super::Held| held.source.spec.site == site && !held.source.paused;
        Ok(LifeView {
            site: state.health.sites.get(site).cloned(),
            source: state.health.sources.get(source).cloned(),
            sources: u32::try_from(state.sources.values().filter(of_site).count())
                .unwrap_or(u32::MAX),
        })
    }

    async fn site_healths(&self) -> Result<Vec<SiteHealth>, DbError> {
        Ok(self.state().health.sites.values().cloned().collect())
    }

    async fn record_health(
        &self,
        write: &HealthWrite,
        now: DateTime<Utc>,
    ) -> Result<bool, DbError> {
        Ok(self.state_at(now).record_health(write, now))
    }

    async fn alarms(&self) -> Result<Vec<Alarm>, DbError> {
        Ok(self.state().health.alarms.values().cloned().collect())
    }

    async fn site_audience(&self, site: &str) -> Result<Vec<Recipient>, DbError> {
        Ok(self.state().site_audience(site))
    }

    async fn latest_listings(
        &self,
        source: &SourceId,
        limit: u32,
    ) -> Result<Vec<Listing>, DbError> {
        let state = self.state();
        let mut shown: Vec<_> = state.shown.iter().filter(|((of, _), _)| of == source).collect();
        shown.sort_by_key(|(_, (at, place))| (Reverse(*at), *place));
        let known = shown.into_iter().filter_map(|((_, key), _)| state.listings.get(key));
        let present = known.filter(|known| !known.gone).map(|known| known.listing.clone());
        Ok(present.take(limit as usize).collect())
    }

    async fn wake_sources(&self, site: &str, due: DateTime<Utc>) -> Result<u64, DbError> {
        let mut woken = 0;
        for held in self.state().sources.values_mut() {
            let source = &mut held.source;
            if source.spec.site == site && !source.paused && source.next_due_at > due {
                source.next_due_at = due;
                woken += 1;
            }
        }
        Ok(woken)
    }

    async fn count_failure(
        &self,
        site: &str,
        group: &str,
        picture: Option<&str>,
        at: DateTime<Utc>,
    ) -> Result<bool, DbError> {
        let mut state = self.state();
        let key = (site.to_owned(), group.to_owned());
        let Some(page) = state.health.failures.get_mut(&key) else { return Ok(false) };
        page.times += 1;
        page.last_at = at;
        page.picture = page.picture.take().or_else(|| picture.map(str::to_owned));
        Ok(true)
    }

    async fn keep_failure(&self, page: &FailurePage) -> Result<(), DbError> {
        let mut state = self.state();
        let key = (page.site.clone(), page.group.clone());
        match state.health.failures.get_mut(&key) {
            Some(known) => {
                known.times += 1;
                known.last_at = page.last_at;
            }
            None => {
                state.health.failures.insert(key, page.clone());
            }
        }
        Ok(())
    }

    async fn failures(&self, site: Option<&str>) -> Result<Vec<FailurePage>, DbError> {
        let state = self.state();
        let wanted = |page: &&FailurePage| site.is_none_or(|site| page.site == site);
        let mut found: Vec<_> = state.health.failures.values().filter(wanted).cloned().collect();
        found.sort_by_key(|page| Reverse(page.last_at));
        Ok(found)
    }

    async fn forget_failures(&self, site: &str, groups: &[String]) -> Result<(), DbError> {
        let mut state = self.state();
        state.health.failures.retain(|(of, group), _| of != site || !groups.contains(group));
        Ok(())
    }

    async fn site_runs(
        &self,
        site: &str,
        since: DateTime<Utc>,
        limit: u32,
    ) -> Result<Vec<RunBrief>, DbError> {
        let state = self.state();
        let mut runs: Vec<RunBrief> = state
            .runs
            .values()
            .filter(|run| run.finished_at >= since)
            .filter(|run| {
                state.sources.get(&run.source).is_some_and(|held| held.source.spec.site == site)
            })
            .map(|run| RunBrief {
                source: run.source.clone(),
                started_at: run.started_at,
                finished_at: run.finished_at,
                verdict: run.verdict,
                items: run.items,
                rung: run.rung.clone(),
                won: run.won.clone(),
            })
            .collect();
        runs.sort_by_key(|run| Reverse(run.finished_at));
        runs.truncate(limit as usize);
        Ok(runs)
    }
}

impl State {
    fn record_health(&mut self, write: &HealthWrite, now: DateTime<Utc>) -> bool {
        if let Some(site) = &write.site {
            let stored = self.health.sites.get(&site.site);
            if stored.is_some_and(|stored| stored.revision != site.revision) {
                return false;
            }
            let next = SiteHealth { revision: site.revision + 1, ..site.clone() };
            self.health.sites.insert(site.site.clone(), next);
        }
        if let Some(source) = &write.source {
            let stored = self.health.sources.get(&source.source);
            if stored.is_none_or(|stored| stored.epoch < source.epoch) {
                self.health.sources.insert(source.source.clone(), source.clone());
            }
        }
        for alarm in &write.alarms {
            self.health.alarms.insert(alarm.name.clone(), alarm.clone());
        }
        for notice in &write.notices {
            let told = |id: &DeliveryId| self.deliveries.iter().any(|one| one.new.id == *id);
            if notice.after.as_ref().is_none_or(told) {
                self.insert(&notice.delivery, None, now);
            }
        }
        true
    }

    fn site_audience(&self, site: &str) -> Vec<Recipient> {
        let mut found: BTreeMap<ChatId, (DateTime<Utc>, Recipient)> = BTreeMap::new();
        let of_site = self.sources.values().filter(|held| held.source.spec.site == site);
        for watch in of_site.flat_map(|held| self.watches_of(&held.source.id)) {
            let (chat, thread, language) = (watch.chat, watch.thread, watch.language);
            let recipient = Recipient { chat, thread, language };
            let entry = (watch.created_at, recipient);
            let known = found.entry(watch.chat).or_insert_with(|| entry.clone());
            if entry.0 < known.0 {
                *known = entry;
            }
        }
        found.into_values().map(|(_, recipient)| recipient).collect()
    }
}
