//! See [`HostRecord`].

use async_trait::async_trait;

use super::MemoryDb;
use crate::store::HostRecord;

#[async_trait]
impl HostRecord for MemoryDb {}
