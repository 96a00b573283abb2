//! What one update causes, as it goes into the record.

use chrono::{DateTime, Utc};

use super::chapters::{Dues, Overdrawn};
use super::records::Effect;
use crate::domain::delivery::{Claimed, NewDelivery};
use crate::domain::dialogue::Dialogue;
use crate::domain::pace::Limits;
use crate::domain::{ChatId, OwnerId};

/// Everything one update causes, committed in one transaction before it is answered.
#[derive(Debug, Clone, PartialEq)]
pub struct UpdateCommit {
    /// Id of the bot.
    pub bot: i64,
    /// Telegram's id of the update.
    pub update: i64,
    /// Kind, for operators (`message`, `callback_query`, …).
    pub kind: String,
    /// When it came.
    pub received_at: DateTime<Utc>,
    /// The new state of the conversation: the version is the one that was read; the store adds one.
    pub dialogue: Option<Dialogue>,
    /// What changes.
    pub effects: Vec<Effect>,
    /// What is answered. They are written as `sending` of `owner`: their intent is part of this commit.
    pub replies: Vec<NewDelivery>,
    /// The bot process.
    pub owner: OwnerId,
    /// Limits under which the replies take their slots (they pay, but do not wait for others).
    pub limits: Limits,
    /// What it owes to the quotas of its person.
    pub dues: Dues,
}

impl UpdateCommit {
    /// The chat that said something, if one did.
    pub fn heard_from(&self) -> Option<ChatId> {
        let dialogue = self.dialogue.as_ref().map(|dialogue| dialogue.chat);
        dialogue.or_else(|| self.replies.first().map(|reply| reply.chat))
    }
}

/// How a commit of an update ended.
#[derive(Debug, Clone, PartialEq)]
pub enum Committed {
    /// Applied; these replies are claimed by the caller and to be sent now.
    Applied {
        /// In order.
        replies: Vec<Claimed>,
    },
    /// This update was applied before: nothing changed.
    Repeat,
    /// The conversation moved on in the meantime: load again and decide again.
    Conflict,
    /// The person's quota is used up: nothing was written.
    Refused(Overdrawn),
}

/// An update that nobody can use, kept for people to look at.
#[derive(Debug, Clone, PartialEq)]
pub struct PoisonUpdate {
    /// Id of the bot.
    pub bot: i64,
    /// Id of the update, if one could be read.
    pub update: Option<i64>,
    /// When it came.
    pub received_at: DateTime<Utc>,
    /// The body, at most 64 kB of it.
    pub body: Vec<u8>,
    /// Why it could not be used.
    pub reason: String,
}
