//! The chapter of the record about the clocks of hosts, shared by all processes.

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use crate::domain::host::{HostPace, HostSlot, HostStep};
use crate::store::DbError;

/// See the module.
#[async_trait]
pub trait HostRecord: Send + Sync {
    /// Takes a step with the clocks of a host (see [`HostPace::step`]) and answers them afterwards, with the slot
    /// of those steps that take one. Two that step at once do so one after the other.
    async fn step_host(
        &self,
        host: &str,
        step: &HostStep,
        now: DateTime<Utc>,
    ) -> Result<(HostPace, Option<HostSlot>), DbError>;

    /// The clocks of all hosts, by name. Hosts that were not asked for 30 days are forgotten by pruning.
    async fn host_paces(&self) -> Result<Vec<(String, HostPace)>, DbError>;
}
