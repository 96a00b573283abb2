//! The chapter of the record about which watches exist and change, for the match index.
//!
//! Every transaction that makes, changes or ends a watch appends its name to the log of watches. A process reads the
//! head of the log, then all watches in pages, and follows the log from that head: what changed in between is read
//! twice, which is harmless, because an entry says *that* something changed and the state is read anew.
//!
//! What is followed are watches that are not paused. Whether their chat can be written to and their owner is not
//! banned is not in the log: [`watches_by_id`](FeedRecord::watches_by_id) decides that at the last moment.

use async_trait::async_trait;

use crate::domain::matching::WatchSpec;
use crate::domain::{SourceId, Watch, WatchId};
use crate::store::DbError;

/// What the log of watches says after a position.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct WatchNews {
    /// The position of the last entry that was read: where to go on.
    pub upto: i64,
    /// Whether there are entries beyond it.
    pub more: bool,
    /// Watches that changed and are in force, as they are now.
    pub present: Vec<WatchSpec>,
    /// Watches that changed and are paused or gone.
    pub gone: Vec<WatchId>,
}

/// A search that shows a listing.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Showing {
    /// The site's id of the listing.
    pub listing: String,
    /// Which search.
    pub source: SourceId,
}

/// See the module.
#[async_trait]
pub trait FeedRecord: Send + Sync {
    /// Position of the newest entry of the log of watches; 0 when nothing was ever written.
    async fn watch_head(&self) -> Result<i64, DbError>;

    /// What the next `limit` entries after position `seq` say. `None` when the log does not reach back that far, or
    /// ends before: all watches must be read anew.
    async fn watches_changed_since(
        &self,
        seq: i64,
        limit: usize,
    ) -> Result<Option<WatchNews>, DbError>;

    /// The next watches by name that are not paused; an empty page is the end.
    async fn watches_page(
        &self,
        after: Option<&WatchId>,
        limit: usize,
    ) -> Result<Vec<WatchSpec>, DbError>;

    /// Those of the named watches that may be told: not paused, chat active, user not banned. In the order of their
    /// names. The final word at the time of matching.
    async fn watches_by_id(&self, ids: &[WatchId]) -> Result<Vec<Watch>, DbError>;

    /// Which searches of the site, that have their baseline, show these listings.
    async fn shown_by(&self, site: &str, ids: &[String]) -> Result<Vec<Showing>, DbError>;
}
