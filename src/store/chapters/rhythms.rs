//! The chapter of the record about when sources run: rhythms, demands, chosen intervals.

use async_trait::async_trait;

/// See the module.
#[async_trait]
pub trait RhythmRecord: Send + Sync {}
