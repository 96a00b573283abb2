//! See [`WatchRecord`].

use async_trait::async_trait;

use super::MemoryDb;
use crate::store::WatchRecord;

#[async_trait]
impl WatchRecord for MemoryDb {}
