//! See [`FeedRecord`].

use async_trait::async_trait;

use super::SqlDb;
use crate::store::FeedRecord;

#[async_trait]
impl FeedRecord for SqlDb {}
