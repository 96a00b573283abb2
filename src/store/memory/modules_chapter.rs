//! See [`ModuleRecord`].

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use sites::Listing;

use super::{MemoryDb, State};
use crate::domain::{NewDelivery, SourceId};
use crate::store::{DbError, Decision, ModuleRecord, ModuleState, ModuleVersion, NewModule};

#[async_trait]
impl ModuleRecord for MemoryDb {
    async fn last_shown(&self, source: &SourceId, limit: u32) -> Result<Vec<Listing>, DbError> {
        Ok(self.state().last_shown(source, limit as usize))
    }

    async fn propose_module(
        &self,
        new: &NewModule,
        now: DateTime<Utc>,
    ) -> Result<Option<i64>, DbError> {
        let mut state = self.state_at(now);
        let refused = |one: &&ModuleVersion| {
            let known = !matches!(one.state, ModuleState::Retired) && one.new.toml == new.toml;
            one.new.site == new.site && (one.state.is_open() || known)
        };
        if state.modules.iter().any(|one| refused(&one)) {
            return Ok(None);
        }
        let version = 1 + state.versions_of(&new.site).map(|one| one.version).max().unwrap_or(0);
        state.modules.push(ModuleVersion {
            new: new.clone(),
            version,
            state: ModuleState::Shadow,
            created_at: now,
            decided_at: None,
            decided_by: None,
        });
        Ok(Some(version))
    }

    async fn report_module(
        &self,
        seen: &ModuleVersion,
        report: &str,
        to: ModuleState,
        told: &[NewDelivery],
        now: DateTime<Utc>,
    ) -> Result<bool, DbError> {
        let mut state = self.state_at(now);
        let one = state.modules.iter_mut().find(|one| {
            one.new.site == seen.new.site
                && one.version == seen.version
                && one.state == ModuleState::Shadow
                && one.new.report == seen.new.report
        });
        let Some(one) = one else { return Ok(false) };
        report.clone_into(&mut one.new.report);
        one.state = to;
        if to != ModuleState::Shadow {
            one.decided_at = Some(now);
        }
        for delivery in told {
            state.insert(delivery, None, now);
        }
        Ok(true)
    }

    async fn decide_module(
        &self,
        site: &str,
        decision: Decision,
        by: &str,
        now: DateTime<Utc>,
    ) -> Result<bool, DbError> {
        let mut state = self.state_at(now);
        let of = |state: &State, wanted: ModuleState| -> Vec<i64> {
            let all = state.versions_of(site).filter(|one| one.state == wanted);
            all.map(|one| one.version).collect()
        };
        let active = of(&state, ModuleState::Active).pop();
        let is_proposed =
            |state: &State, version| of(state, ModuleState::Proposed).contains(&version);
        let put = |state: &mut State, version: i64, to: ModuleState| {
            let all = state.modules.iter_mut();
            for one in all.filter(|one| one.new.site == site && one.version == version) {
                one.state = to;
                one.decided_at = Some(now);
                one.decided_by = Some(by.to_owned());
            }
        };
        match decision {
            Decision::Approve(version) | Decision::Reject(version)
                if !is_proposed(&state, version) =>
            {
                return Ok(false);
            }
            Decision::Reject(version) => {
                put(&mut state, version, ModuleState::Rejected);
                return Ok(true);
            }
            Decision::Approve(version) => {
                if let Some(active) = active {
                    put(&mut state, active, ModuleState::Retired);
                }
                put(&mut state, version, ModuleState::Active);
            }
            Decision::RollBack => {
                let Some(active) = active else { return Ok(false) };
                let retired = of(&state, ModuleState::Retired).into_iter();
                let earlier = retired.filter(|version| *version < active).max();
                put(&mut state, active, ModuleState::Retired);
                if let Some(earlier) = earlier {
                    put(&mut state, earlier, ModuleState::Active);
                }
            }
        }
        for held in state.sources.values_mut() {
            if held.source.spec.site == site && !held.source.paused {
                held.source.next_due_at = now;
            }
        }
        Ok(true)
    }

    async fn module_versions(&self, site: Option<&str>) -> Result<Vec<ModuleVersion>, DbError> {
        let state = self.state();
        let wanted = |one: &&ModuleVersion| site.is_none_or(|site| site == one.new.site);
        let mut all: Vec<_> = state.modules.iter().filter(wanted).cloned().collect();
        all.sort_by(|a, b| a.new.site.cmp(&b.new.site).then(b.version.cmp(&a.version)));
        Ok(all)
    }

    async fn modules_revision(&self) -> Result<String, DbError> {
        let state = self.state();
        let words =
            state.modules.iter().map(|one| format!("{}{}", one.version, one.state.as_str()));
        Ok(words.collect::<Vec<_>>().join(" "))
    }
}

impl State {
    fn versions_of(&self, site: &str) -> impl Iterator<Item = &ModuleVersion> {
        self.modules.iter().filter(move |one| one.new.site == site)
    }

    fn last_shown(&self, source: &SourceId, limit: usize) -> Vec<Listing> {
        let mut shown: Vec<_> = self.shown.iter().filter(|((of, _), _)| of == source).collect();
        shown.sort_by_key(|((_, key), (at, place))| (std::cmp::Reverse(*at), *place, key.clone()));
        let known = shown.into_iter().filter_map(|((_, key), _)| self.listings.get(key));
        known.filter(|known| !known.gone).take(limit).map(|known| known.listing.clone()).collect()
    }
}
