//! See [`PostRecord`].

use async_trait::async_trait;

use super::SqlDb;
use crate::store::PostRecord;

#[async_trait]
impl PostRecord for SqlDb {}
