//! See [`SessionRecord`].

use async_trait::async_trait;

use super::SqlDb;
use crate::store::SessionRecord;

#[async_trait]
impl SessionRecord for SqlDb {}
