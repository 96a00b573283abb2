//! See [`ThingRecord`].

use std::collections::BTreeMap;

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use sites::ListingKey;

use super::{Key, MemoryDb, State};
use crate::domain::identity::{Candidate, Traits, thing_name};
use crate::store::chapters::BUCKET;
use crate::store::{DbError, Member, SameLink, Sketched, ThingRecord};

/// Identity in memory.
#[derive(Debug, Default)]
pub(super) struct Things {
    sketches: BTreeMap<Key, (Traits, DateTime<Utc>)>,
    buckets: BTreeMap<String, BTreeMap<Key, DateTime<Utc>>>,
    /// Names of things by listing.
    linked: BTreeMap<Key, String>,
}

impl Things {
    fn put(&mut self, one: &Sketched, now: DateTime<Utc>) {
        let key = key_of(&one.key);
        self.sketches.insert(key.clone(), (one.traits.clone(), now));
        for listings in self.buckets.values_mut() {
            listings.remove(&key);
        }
        for name in one.traits.buckets() {
            let bucket = self.buckets.entry(name).or_default();
            bucket.insert(key.clone(), now);
            while bucket.len() > BUCKET {
                let oldest = bucket.iter().min_by_key(|(key, at)| (**at, (*key).clone()));
                let oldest = oldest.map(|(key, _)| key.clone());
                oldest.and_then(|key| bucket.remove(&key));
            }
        }
    }

    /// Forgets sketches that were not written for 180 days; answers how many.
    pub(super) fn prune(&mut self, now: DateTime<Utc>) -> usize {
        let before = self.sketches.len();
        let since = now - TimeDelta::days(180);
        self.sketches.retain(|_, (_, at)| *at >= since);
        let known = &self.sketches;
        for bucket in self.buckets.values_mut() {
            bucket.retain(|key, _| known.contains_key(key));
        }
        before - self.sketches.len()
    }
}

fn key_of(key: &ListingKey) -> Key {
    (key.site.clone(), key.id.clone())
}

impl State {
    fn candidates(&self, buckets: &[String]) -> Vec<Candidate> {
        let named = buckets.iter().filter_map(|name| self.things.buckets.get(name));
        let keys: std::collections::BTreeSet<&Key> = named.flat_map(BTreeMap::keys).collect();
        let candidate = |key: &Key| {
            Some(Candidate {
                key: ListingKey { site: key.0.clone(), id: key.1.clone() },
                traits: self.things.sketches.get(key)?.0.clone(),
                gone: self.listings.get(key)?.gone,
                thing: self.things.linked.get(key).cloned(),
            })
        };
        keys.into_iter().filter_map(candidate).collect()
    }

    fn link(&mut self, link: &SameLink) {
        let (new, known) = (key_of(&link.new), key_of(&link.known));
        if self.listings.contains_key(&new) && self.listings.contains_key(&known) {
            let name = self.things.linked.get(&known).cloned();
            let name = name.unwrap_or_else(|| thing_name(&link.known));
            self.things.linked.insert(known, name.clone());
            self.things.linked.insert(new, name);
        }
    }

    fn members(&self, key: &ListingKey) -> Vec<Member> {
        let own = key_of(key);
        let thing = self.things.linked.get(&own);
        let belongs = |other: &Key| match thing {
            Some(name) => self.things.linked.get(other) == Some(name),
            None => *other == own,
        };
        let member = |key: &Key| {
            let known = self.listings.get(key)?;
            Some(Member {
                key: ListingKey { site: key.0.clone(), id: key.1.clone() },
                listing: known.listing.clone(),
                version: known.version,
                gone: known.gone,
                events: self.events_of(key),
            })
        };
        self.listings.keys().filter(|key| belongs(key)).filter_map(member).collect()
    }
}

#[async_trait]
impl ThingRecord for MemoryDb {
    async fn candidates(&self, buckets: &[String]) -> Result<Vec<Candidate>, DbError> {
        Ok(self.state().candidates(buckets))
    }

    async fn note_things(
        &self,
        sketches: &[Sketched],
        links: &[SameLink],
        now: DateTime<Utc>,
    ) -> Result<(), DbError> {
        let mut state = self.state();
        for one in sketches {
            state.things.put(one, now);
        }
        for one in links {
            state.link(one);
        }
        Ok(())
    }

    async fn thing_of(&self, key: &ListingKey) -> Result<Vec<Member>, DbError> {
        Ok(self.state().members(key))
    }

    async fn split_thing(&self, key: &ListingKey) -> Result<bool, DbError> {
        let linked = &mut self.state().things.linked;
        let Some(name) = linked.remove(&key_of(key)) else { return Ok(false) };
        if linked.values().filter(|other| **other == name).count() == 1 {
            linked.retain(|_, other| *other != name);
        }
        Ok(true)
    }
}
