//! See [`ProbeRecord`].

use async_trait::async_trait;

use super::MemoryDb;
use crate::store::ProbeRecord;

#[async_trait]
impl ProbeRecord for MemoryDb {}
