//! The chapter of the record about messages that stand in chats and what people do with listings.

use async_trait::async_trait;

/// See the module.
#[async_trait]
pub trait PostRecord: Send + Sync {}
