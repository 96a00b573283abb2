//! See [`WatchRecord`].

use async_trait::async_trait;

use super::SqlDb;
use crate::store::WatchRecord;

#[async_trait]
impl WatchRecord for SqlDb {}
