//! Chats: private ones, groups, supergroups with topics, channels.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::message::Message;
use crate::clock::Millis;

/// Where messages live: a private chat belongs to one bot, any other chat to all (`bot` is 0).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Room {
    /// Bot id, or 0 for a chat that bots share.
    pub bot: i64,
    /// Chat id as the Bot API shows it.
    pub chat: i64,
}

/// Type of a chat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// One person and one bot.
    Private,
    /// A small group.
    Group,
    /// A large group; may have topics.
    Supergroup,
    /// A channel.
    Channel,
}

impl Kind {
    /// The word of the Bot API.
    pub fn word(self) -> &'static str {
        match self {
            Self::Private => "private",
            Self::Group => "group",
            Self::Supergroup => "supergroup",
            Self::Channel => "channel",
        }
    }

    /// The kind of a word.
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Private, Self::Group, Self::Supergroup, Self::Channel]
            .into_iter()
            .find(|kind| kind.word() == word)
    }

    /// Supergroups and channels number their messages themselves.
    pub fn counts_alone(self) -> bool {
        matches!(self, Self::Supergroup | Self::Channel)
    }

    /// Groups have a limit per minute.
    pub fn is_group(self) -> bool {
        matches!(self, Self::Group | Self::Supergroup)
    }
}

/// What somebody is in a chat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// May do everything.
    Administrator,
    /// May write.
    Member,
    /// Not there, but may come back.
    Left,
    /// Removed; in a private chat: blocked.
    Kicked,
}

impl Status {
    /// The word of the Bot API.
    pub fn word(self) -> &'static str {
        match self {
            Self::Administrator => "administrator",
            Self::Member => "member",
            Self::Left => "left",
            Self::Kicked => "kicked",
        }
    }

    /// The status of a word.
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Administrator, Self::Member, Self::Left, Self::Kicked]
            .into_iter()
            .find(|status| status.word() == word)
    }

    /// May read and write.
    pub fn inside(self) -> bool {
        matches!(self, Self::Administrator | Self::Member)
    }
}

/// A topic of a forum.
#[derive(Clone, Debug)]
pub struct Topic {
    /// Its name.
    pub name: String,
    /// Colour of its icon, one of six.
    pub color: i64,
    /// Nobody but administrators may write.
    pub closed: bool,
}

/// A chat with all its messages.
#[derive(Clone, Debug)]
pub struct Chat {
    /// Where it is.
    pub room: Room,
    /// Its type.
    pub kind: Kind,
    /// Title of a group or channel.
    pub title: String,
    /// Public name after `@`.
    pub username: Option<String>,
    /// Has topics.
    pub forum: bool,
    /// Private chats: the person has pressed Start at some time.
    pub started: bool,
    /// Private chats: the person has blocked the bot.
    pub blocked: bool,
    /// The group was deleted.
    pub deleted: bool,
    /// The supergroup that this group became.
    pub migrated_to: Option<i64>,
    /// Bots in the chat.
    pub bots: BTreeMap<i64, Status>,
    /// People in the chat.
    pub people: BTreeSet<i64>,
    /// Messages by id.
    pub messages: BTreeMap<i64, Message>,
    /// Topics by thread id.
    pub topics: BTreeMap<i64, Topic>,
    /// The reply keyboard that shows now.
    pub keyboard: Option<Value>,
    /// What the bot is doing (`typing`, …) and until when.
    pub action: Option<(String, Millis)>,
    /// The newest message id, where the chat counts itself.
    pub last_message: i64,
    /// The version of the world at the last change.
    pub version: u64,
}

impl Chat {
    /// An empty chat.
    pub fn new(room: Room, kind: Kind) -> Self {
        Self {
            room,
            kind,
            title: String::new(),
            username: None,
            forum: false,
            started: false,
            blocked: false,
            deleted: false,
            migrated_to: None,
            bots: BTreeMap::new(),
            people: BTreeSet::new(),
            messages: BTreeMap::new(),
            topics: BTreeMap::new(),
            keyboard: None,
            action: None,
            last_message: 0,
            version: 0,
        }
    }
}
