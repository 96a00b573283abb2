//! The chapter of the record about which watches exist and change, for the match index.

use async_trait::async_trait;

/// See the module.
#[async_trait]
pub trait FeedRecord: Send + Sync {}
