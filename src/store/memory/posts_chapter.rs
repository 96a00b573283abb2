//! See [`PostRecord`].

use async_trait::async_trait;

use super::MemoryDb;
use crate::store::PostRecord;

#[async_trait]
impl PostRecord for MemoryDb {}
