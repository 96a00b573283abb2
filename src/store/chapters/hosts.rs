//! The chapter of the record about the clocks of hosts, shared by all processes.

use async_trait::async_trait;

/// See the module.
#[async_trait]
pub trait HostRecord: Send + Sync {}
