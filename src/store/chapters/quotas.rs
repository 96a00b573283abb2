//! The chapter of the record about how much a person may ask of us in a time.

use async_trait::async_trait;

/// See the module.
#[async_trait]
pub trait QuotaRecord: Send + Sync {}
