//! See [`ThingRecord`].

use async_trait::async_trait;

use super::SqlDb;
use crate::store::ThingRecord;

#[async_trait]
impl ThingRecord for SqlDb {}
