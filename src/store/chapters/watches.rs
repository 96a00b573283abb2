//! The chapter of the record about the life of watches: edits, limits, import.

use async_trait::async_trait;

/// See the module.
#[async_trait]
pub trait WatchRecord: Send + Sync {}
