//! The chapter of the record about how chats want to be told, digests, and why something was (not) sent.

use async_trait::async_trait;

/// See the module.
#[async_trait]
pub trait PreferenceRecord: Send + Sync {}
