//! See [`SiteRecord`].

use async_trait::async_trait;

use super::SqlDb;
use crate::store::SiteRecord;

#[async_trait]
impl SiteRecord for SqlDb {}
