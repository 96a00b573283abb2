//! See [`SiteRecord`].

use async_trait::async_trait;

use super::MemoryDb;
use crate::store::SiteRecord;

#[async_trait]
impl SiteRecord for MemoryDb {}
