//! See [`FeedRecord`].

use async_trait::async_trait;

use super::MemoryDb;
use crate::store::FeedRecord;

#[async_trait]
impl FeedRecord for MemoryDb {}
