//! See [`CampaignRecord`].

use async_trait::async_trait;

use super::MemoryDb;
use crate::store::CampaignRecord;

#[async_trait]
impl CampaignRecord for MemoryDb {}
