//! People, chats and their languages.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::ids::{ChatId, UserId};

/// A language that the bot speaks.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Language {
    /// English, the fallback.
    #[default]
    En,
    /// Russian.
    Ru,
    /// Ukrainian.
    Uk,
}

impl Language {
    /// All languages.
    pub const ALL: [Self; 3] = [Self::En, Self::Ru, Self::Uk];

    /// Two-letter code (ISO 639-1), as stored.
    pub fn code(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Ru => "ru",
            Self::Uk => "uk",
        }
    }

    /// The best language for an IETF tag such as `uk-UA`; English when we do not speak it.
    pub fn from_tag(tag: &str) -> Self {
        let primary = tag.split(['-', '_']).next().unwrap_or("").to_ascii_lowercase();
        Self::ALL.into_iter().find(|language| language.code() == primary).unwrap_or_default()
    }
}

/// The type of a chat as Telegram says it; the sign of the id says nothing (channels are negative too).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChatKind {
    /// One person.
    #[default]
    Private,
    /// A group or supergroup.
    Group,
    /// A channel.
    Channel,
}

impl ChatKind {
    /// The stored word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Private => "private",
            Self::Group => "group",
            Self::Channel => "channel",
        }
    }

    /// The kind of a stored word or of Telegram's `type`.
    pub fn from_word(word: &str) -> Option<Self> {
        match word {
            "private" => Some(Self::Private),
            "group" | "supergroup" => Some(Self::Group),
            "channel" => Some(Self::Channel),
            _ => None,
        }
    }
}

/// A chat that we write to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chat {
    /// Telegram's id.
    pub id: ChatId,
    /// Its type.
    pub kind: ChatKind,
    /// Whether we may write: false after a block, a kick or deletion.
    pub active: bool,
}

/// A person who talked to the bot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// Telegram's id.
    pub id: UserId,
    /// Language of what we say.
    pub language: Language,
    /// When the person first came.
    pub created_at: DateTime<Utc>,
    /// Barred by an operator.
    pub banned: bool,
    /// Name at Telegram, as people see it.
    pub name: String,
    /// Name without `@`, if the person has one.
    pub username: Option<String>,
}
