//! The port of the clocks of hosts: who asks which host next is agreed upon by all processes.
//!
//! ```text
//! reserve a slot ─► HostClock ─► ask the host at that moment ─► report how it ended ─► HostClock
//! ```
//!
//! Implementations: [`DbClock`] (the record), [`RedisClock`](super::RedisClock) where Redis is configured,
//! [`MemoryClock`] for a process that shares with nobody. All of them take the decisions of
//! [`HostPace::step`]; they differ in where the numbers lie and in how two steps at once are kept apart. The
//! machines' own clocks must agree to within a second or so, as `magpie doctor` checks.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::Db;
use crate::domain::host::{HostPace, HostSlot, HostStep};

/// Hosts that a process remembers at most; beyond it those whose clocks have run out are forgotten.
const MOST_HOSTS: usize = 4_096;

/// Why the clocks could not answer. Callers go on with those of their own process.
#[derive(Debug, thiserror::Error)]
#[error("the clocks of hosts cannot be read: {0}")]
pub struct HostClockError(pub String);

/// The clocks of all hosts.
#[async_trait]
pub trait HostClock: Send + Sync {
    /// Takes a step with the clocks of `host`, and answers them afterwards, with the slot of those steps that
    /// take one.
    async fn step(
        &self,
        host: &str,
        step: &HostStep,
        now: DateTime<Utc>,
    ) -> Result<(HostPace, Option<HostSlot>), HostClockError>;

    /// The clocks of all hosts, by name.
    async fn hosts(&self) -> Result<Vec<(String, HostPace)>, HostClockError>;
}

/// The clocks of one process.
#[derive(Debug, Default)]
pub struct MemoryClock {
    hosts: Mutex<HashMap<String, HostPace>>,
}

impl MemoryClock {
    /// See [`HostClock::step`]; it always answers.
    pub fn take(&self, host: &str, step: &HostStep) -> (HostPace, Option<HostSlot>) {
        // A panic while the lock is held leaves plain numbers behind: still usable.
        let mut hosts = self.hosts.lock().unwrap_or_else(PoisonError::into_inner);
        if hosts.len() >= MOST_HOSTS && !hosts.contains_key(host) {
            let now = moment_of(step);
            hosts.retain(|_, pace| pace.next_at.max(pace.held_until) > now);
        }
        let pace = hosts.entry(host.to_owned()).or_default();
        let slot = pace.step(step);
        (pace.clone(), slot)
    }

    /// The clocks of all hosts, by name.
    pub fn all(&self) -> Vec<(String, HostPace)> {
        let hosts = self.hosts.lock().unwrap_or_else(PoisonError::into_inner);
        let mut all: Vec<_> =
            hosts.iter().map(|(name, pace)| (name.clone(), pace.clone())).collect();
        all.sort_by(|a, b| a.0.cmp(&b.0));
        all
    }
}

fn moment_of(step: &HostStep) -> i64 {
    match step {
        HostStep::Reserve(ask) | HostStep::Queue(ask) => ask.now,
        HostStep::Report(report) => report.now,
        HostStep::Look => i64::MIN,
    }
}

#[async_trait]
impl HostClock for MemoryClock {
    async fn step(
        &self,
        host: &str,
        step: &HostStep,
        _: DateTime<Utc>,
    ) -> Result<(HostPace, Option<HostSlot>), HostClockError> {
        Ok(self.take(host, step))
    }

    async fn hosts(&self) -> Result<Vec<(String, HostPace)>, HostClockError> {
        Ok(self.all())
    }
}

/// The clocks in the record.
pub struct DbClock(pub Arc<dyn Db>);

#[async_trait]
impl HostClock for DbClock {
    async fn step(
        &self,
        host: &str,
        step: &HostStep,
        now: DateTime<Utc>,
    ) -> Result<(HostPace, Option<HostSlot>), HostClockError> {
        self.0.step_host(host, step, now).await.map_err(|error| HostClockError(error.to_string()))
    }

    async fn hosts(&self) -> Result<Vec<(String, HostPace)>, HostClockError> {
        self.0.host_paces().await.map_err(|error| HostClockError(error.to_string()))
    }
}
