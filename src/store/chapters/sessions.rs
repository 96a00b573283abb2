//! The chapter of the record about log-ins at sites.

use async_trait::async_trait;

/// See the module.
#[async_trait]
pub trait SessionRecord: Send + Sync {}
