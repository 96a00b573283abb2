//! The chapter of the record about what listings a search would have found lately, and watches that are shared by a
//! link.
//!
//! - What a search found lately is read, never counted in SQL: the same evaluator that judges news judges it.
//! - A link is a random token, made by the record and written only when somebody shares: a decision has no dice. One
//!   watch has one link; it goes with the watch. Whoever has the token sees what the watch looks at and wants, and
//!   nothing of its owner or of where it tells.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use sites::Listing;

use crate::domain::source::SourceSpec;
use crate::domain::{Filter, SourceId, UserId, WatchId};
use crate::store::DbError;

/// Listings of a week that are read at most.
pub const MOST_RECENT: u32 = 2_000;
/// Listings that are read at most to find a sample among them.
pub const MOST_SHOWN: u32 = 500;

/// What a decision asks to see; what is not asked for is not loaded.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct MarketAsk {
    /// What these searches have shown for the first time since then.
    pub recent: Option<(Vec<SourceId>, DateTime<Utc>)>,
    /// What these searches show, if they were seen since then.
    pub shown: Option<(Vec<SourceId>, DateTime<Utc>)>,
    /// The link of this watch.
    pub link_of: Option<WatchId>,
    /// The watch behind this token.
    pub token: Option<String>,
}

/// What a new watch is made from.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct MarketView {
    /// See [`MarketAsk::recent`].
    pub recent: Option<Recent>,
    /// See [`MarketAsk::shown`]: with the ids of their sites, newest first.
    pub shown: Option<Vec<(String, Listing)>>,
    /// See [`MarketAsk::link_of`].
    pub link: Option<Link>,
    /// See [`MarketAsk::token`]; `None` also when there is no such watch any more.
    pub shared: Option<SharedWatch>,
}

/// What searches have found lately.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Recent {
    /// Listings with the ids of their sites, newest first, each once, gone ones too.
    pub listings: Vec<(String, Listing)>,
    /// There are more than [`MOST_RECENT`].
    pub is_cut: bool,
    /// Searches that had a good run already.
    pub looked_at: usize,
}

/// The link of a watch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// Its token: the present one, or one that it may get.
    pub token: String,
    /// Whether the watch is shared by it now.
    pub is_shared: bool,
}

/// A watch as whoever has its link may see it; the owner is for the program alone.
#[derive(Debug, Clone, PartialEq)]
pub struct SharedWatch {
    /// Which.
    pub watch: WatchId,
    /// Whose.
    pub owner: UserId,
    /// What it is called.
    pub name: String,
    /// What it looks at.
    pub searches: Vec<SourceSpec>,
    /// What it wants.
    pub filter: Filter,
}

/// A change of what is shared.
#[derive(Debug, Clone, PartialEq)]
pub enum ShareEffect {
    /// A watch is shared from now on. [`DbError::Stale`] when it is shared already, gone or somebody else's.
    Begin {
        /// Which.
        watch: WatchId,
        /// Whose.
        user: UserId,
        /// By this token.
        token: String,
    },
    /// It is shared no longer.
    End {
        /// Which.
        watch: WatchId,
        /// Whose: another person's watch is not touched.
        user: UserId,
    },
}

/// See the module.
#[async_trait]
pub trait MarketRecord: Send + Sync {
    /// What a decision may look at.
    async fn market(&self, ask: &MarketAsk) -> Result<MarketView, DbError>;
}
