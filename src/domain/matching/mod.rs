//! Who wants a listing.

use super::filter::Filter;
use super::ids::{SourceId, WatchId};

/// What the index knows of a watch.
#[derive(Debug, Clone, PartialEq)]
pub struct WatchSpec {
    /// Its name.
    pub id: WatchId,
    /// What it looks at.
    pub sources: Vec<SourceId>,
    /// What it wants.
    pub filter: Filter,
}
