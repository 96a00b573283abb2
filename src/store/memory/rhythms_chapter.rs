//! See [`RhythmRecord`].

use std::collections::BTreeMap;

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::MemoryDb;
use crate::domain::SourceId;
use crate::domain::rhythm::{Demand, PaceChange};
use crate::store::{DbError, Reschedule, RhythmRecord};

#[async_trait]
impl RhythmRecord for MemoryDb {
    /// Nobody can be sold anything here: there are no plans in memory.
    async fn demands(&self, now: DateTime<Utc>) -> Result<Vec<Demand>, DbError> {
        let state = self.state_at(now);
        let mut found: BTreeMap<SourceId, Demand> = BTreeMap::new();
        for source in state.watches.values().flat_map(|watch| &watch.sources) {
            let watches = u32::try_from(state.watches_of(source).len()).unwrap_or(u32::MAX);
            if watches > 0 {
                let demand =
                    Demand { source: source.clone(), watches, unsold: watches, sold: None };
                found.insert(source.clone(), demand);
            }
        }
        Ok(found.into_values().collect())
    }

    async fn set_paces(&self, changes: &[PaceChange]) -> Result<(), DbError> {
        let mut state = self.state();
        for change in changes {
            let Some(held) = state.sources.get_mut(&change.source) else { continue };
            held.source.pace = change.pace;
            if let Some(due) = change.due.filter(|_| held.by.is_none()) {
                held.source.next_due_at = held.source.next_due_at.min(due);
            }
        }
        Ok(())
    }

    async fn reschedule(&self, moves: &[Reschedule]) -> Result<u64, DbError> {
        let mut state = self.state();
        let mut moved = 0;
        for one in moves {
            let held = state.sources.get_mut(&one.source);
            let free =
                |held: &&mut super::Held| held.by.is_none() && held.source.epoch == one.epoch;
            if let Some(held) = held.filter(free) {
                held.source.next_due_at = one.due;
                moved += 1;
            }
        }
        Ok(moved)
    }
}
