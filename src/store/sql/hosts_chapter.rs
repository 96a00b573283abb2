//! See [`HostRecord`].

use async_trait::async_trait;

use super::SqlDb;
use crate::store::HostRecord;

#[async_trait]
impl HostRecord for SqlDb {}
