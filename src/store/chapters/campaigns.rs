//! The chapter of the record about broadcasts.

use async_trait::async_trait;

/// See the module.
#[async_trait]
pub trait CampaignRecord: Send + Sync {}
