//! See [`RhythmRecord`].

use async_trait::async_trait;

use super::MemoryDb;
use crate::store::RhythmRecord;

#[async_trait]
impl RhythmRecord for MemoryDb {}
