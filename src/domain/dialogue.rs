//! What a conversation remembers between two updates. The states themselves belong to the bot; here is
//! only what the store keeps.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::ids::{ChatId, UserId};

/// The stored state of one person's conversation in one chat.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dialogue {
    /// Where.
    pub chat: ChatId,
    /// With whom.
    pub user: UserId,
    /// The bot's state as JSON.
    pub state: String,
    /// When it was written: an old one is over.
    pub at: DateTime<Utc>,
    /// Grows by one with each commit; 0 means there was none. A commit for another version is refused.
    pub version: i64,
}
