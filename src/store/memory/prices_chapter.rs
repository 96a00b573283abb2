//! See [`PriceRecord`].

use async_trait::async_trait;

use super::MemoryDb;
use crate::store::PriceRecord;

#[async_trait]
impl PriceRecord for MemoryDb {}
