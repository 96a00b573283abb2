//! See [`RhythmRecord`].

use async_trait::async_trait;

use super::SqlDb;
use crate::store::RhythmRecord;

#[async_trait]
impl RhythmRecord for SqlDb {}
