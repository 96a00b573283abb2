//! See [`crate::store::QuotaRecord`].

use async_trait::async_trait;

use super::SqlDb;
use crate::store::QuotaRecord;

#[async_trait]
impl QuotaRecord for SqlDb {}
