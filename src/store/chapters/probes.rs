//! The chapter of the record about stages beyond the list: details, and whether old listings are still there.

use async_trait::async_trait;

/// See the module.
#[async_trait]
pub trait ProbeRecord: Send + Sync {}
