//! The chapter of the record about asking prices over time.

use async_trait::async_trait;

/// See the module.
#[async_trait]
pub trait PriceRecord: Send + Sync {}
