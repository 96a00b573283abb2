//! See [`PreferenceRecord`].

use async_trait::async_trait;

use super::SqlDb;
use crate::store::PreferenceRecord;

#[async_trait]
impl PreferenceRecord for SqlDb {}
