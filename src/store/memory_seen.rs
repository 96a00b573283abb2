//! The seen-set in memory.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};

use crate::clock::Clock;
use crate::domain::SourceId;
use crate::store::{Seen, SeenError, SeenItem};

/// Source and the site's id of an offer.
type Key = (SourceId, String);
/// Fingerprint, and when it was marked.
type Reading = (i64, DateTime<Utc>);

/// Remembers readings in a map; for tests.
pub struct MemorySeen {
    clock: Arc<dyn Clock>,
    ttl: TimeDelta,
    known: Mutex<HashMap<Key, Reading>>,
}

impl MemorySeen {
    /// An empty set; a reading is forgotten `ttl` after it was last marked.
    pub fn new(clock: Arc<dyn Clock>, ttl: Duration) -> Self {
        let ttl = TimeDelta::from_std(ttl).unwrap_or(TimeDelta::MAX);
        Self { clock, ttl, known: Mutex::default() }
    }
}

#[async_trait]
impl Seen for MemorySeen {
    async fn unseen(&self, source: &SourceId, items: &[SeenItem]) -> Result<Vec<bool>, SeenError> {
        let now = self.clock.now();
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let is_unseen = |item: &SeenItem| match known.get(&(source.clone(), item.id.clone())) {
            Some((fingerprint, at)) => *fingerprint != item.fingerprint || now - *at > self.ttl,
            None => true,
        };
        Ok(items.iter().map(is_unseen).collect())
    }

    async fn mark(&self, source: &SourceId, items: &[SeenItem]) -> Result<(), SeenError> {
        let now = self.clock.now();
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        for item in items {
            known.insert((source.clone(), item.id.clone()), (item.fingerprint, now));
        }
        Ok(())
    }

    async fn ping(&self) -> Result<(), SeenError> {
        Ok(())
    }
}
