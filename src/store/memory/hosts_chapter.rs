//! See [`HostRecord`].

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::MemoryDb;
use crate::domain::host::{HostPace, HostSlot, HostStep};
use crate::store::{DbError, HostRecord};

#[async_trait]
impl HostRecord for MemoryDb {
    async fn step_host(
        &self,
        host: &str,
        step: &HostStep,
        _: DateTime<Utc>,
    ) -> Result<(HostPace, Option<HostSlot>), DbError> {
        Ok(self.hosts.take(host, step))
    }

    async fn host_paces(&self) -> Result<Vec<(String, HostPace)>, DbError> {
        Ok(self.hosts.all())
    }
}
