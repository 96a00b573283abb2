//! See [`ThingRecord`].

use async_trait::async_trait;

use super::MemoryDb;
use crate::store::ThingRecord;

#[async_trait]
impl ThingRecord for MemoryDb {}
