//! The chapter of the record about site modules: their health, the pages of failures, versions of field maps.

use async_trait::async_trait;

/// See the module.
#[async_trait]
pub trait SiteRecord: Send + Sync {}
