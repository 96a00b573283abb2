//! A subscriber's saved search.

use chrono::{DateTime, Utc};

use super::filter::Filter;
use super::ids::{ChatId, SourceId, UserId, WatchId};
use super::preferences::WatchTelling;
use super::user::Language;

/// Who paused a watch: only they, or somebody above, let it go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum PausedBy {
    /// It is not paused.
    #[default]
    Nobody,
    /// The person.
    Owner,
    /// The limit of the plan: the newest watches rest, none is deleted.
    Plan,
    /// An operator.
    Operator,
}

impl PausedBy {
    /// The stored word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Nobody => "",
            Self::Owner => "owner",
            Self::Plan => "plan",
            Self::Operator => "operator",
        }
    }

    /// The value of a stored word.
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Nobody, Self::Owner, Self::Plan, Self::Operator]
            .into_iter()
            .find(|by| by.as_str() == word)
    }
}

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
    /// Who paused it; [`PausedBy::Nobody`] when it is not paused.
    pub paused_by: PausedBy,
    /// Told nothing before this moment.
    pub muted_until: Option<DateTime<Utc>>,
    /// How it is told, where it differs from the chat.
    pub telling: WatchTelling,
    /// Language of the owner.
    pub language: Language,
    /// When it was made.
    pub created_at: DateTime<Utc>,
}
