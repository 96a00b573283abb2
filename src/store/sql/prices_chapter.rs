//! See [`PriceRecord`].

use async_trait::async_trait;

use super::SqlDb;
use crate::store::PriceRecord;

#[async_trait]
impl PriceRecord for SqlDb {}
