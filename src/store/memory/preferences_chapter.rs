//! See [`PreferenceRecord`].

use async_trait::async_trait;

use super::MemoryDb;
use crate::store::PreferenceRecord;

#[async_trait]
impl PreferenceRecord for MemoryDb {}
