//! See [`CampaignRecord`].

use async_trait::async_trait;

use super::SqlDb;
use crate::store::CampaignRecord;

#[async_trait]
impl CampaignRecord for SqlDb {}
