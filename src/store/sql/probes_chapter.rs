//! See [`ProbeRecord`].

use async_trait::async_trait;

use super::SqlDb;
use crate::store::ProbeRecord;

#[async_trait]
impl ProbeRecord for SqlDb {}
