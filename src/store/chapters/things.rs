//! The chapter of the record about identity: the same thing on two sites or under a new id.

use async_trait::async_trait;

/// See the module.
#[async_trait]
pub trait ThingRecord: Send + Sync {}
