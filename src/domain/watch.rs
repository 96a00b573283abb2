//! A subscriber's saved search.

use chrono::{DateTime, Utc};

use super::filter::Filter;
use super::ids::{ChatId, SourceId, UserId, WatchId};
use super::user::Language;

/// A saved search: sources, filter, and where to tell.
#[derive(Debug, Clone, PartialEq)]
pub struct Watch {
    /// Its name in the store.
    pub id: WatchId,
    /// Whose.
    pub user: UserId,
    /// Where to tell.
    pub chat: ChatId,
    /// Forum topic, if any.
    pub thread: Option<i64>,
    /// What the person calls it.
    pub name: String,
    /// What it looks at.
    pub sources: Vec<SourceId>,
    /// What it wants.
    pub filter: Filter,
    /// Told nothing while paused.
    pub paused: bool,
    /// Language of the owner.
    pub language: Language,
    /// When it was made.
    pub created_at: DateTime<Utc>,
}
