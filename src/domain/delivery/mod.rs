//! The outbox: one change for one chat, and what may happen to it.
//!
//! ```text
//! pending ──claim──► sending ──accepted──► sent
//!    ▲                  │ refused before a byte left ──► pending (same attempt count)
//!    │                  │ 429 ──► pending (the chat's lane waits)
//!    │                  │ final refusal ──► dropped      refused content, fallbacks used ──► dead
//!    └─ resend ── doubt ◄── killed, timeout, reset, 5xx after the bytes left
//!                   └─ skip ──► unknown
//! ```
//!
//! Two more states for what is told with others: `collected` waits for the digest of its slot, `folded` was told
//! in it (or in the summary that `folded_in` names).

mod content;
mod post;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::ids::{ChatId, DeliveryId, EventId, OwnerId, digest};
use super::message::Outgoing;
use super::preferences::Telling;
use super::user::Language;
pub use post::Post;

pub use content::{Content, Latest, PostForm, PricePoint, Standing};

/// Why something is sent; decides priority and what a doubt means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    /// The bot answers a person.
    Reply,
    /// A receipt or another word about money.
    Payment,
    /// Support, either way.
    Support,
    /// A change of a listing.
    Alert,
    /// A message that stands in the chat is made true again: the listing sold, its price moved. Silent.
    Amend,
    /// A collection of changes.
    Digest,
    /// A message to many.
    Broadcast,
}

/// What to do with a delivery of which nobody knows whether it arrived.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DoubtPolicy {
    /// Send again: better twice than never.
    Resend,
    /// Leave it as unknown: never twice.
    Skip,
}

impl Class {
    /// All classes, most urgent first.
    pub const ALL: [Self; 7] = [
        Self::Reply,
        Self::Payment,
        Self::Support,
        Self::Alert,
        Self::Amend,
        Self::Digest,
        Self::Broadcast,
    ];

    /// The stored word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Reply => "reply",
            Self::Payment => "payment",
            Self::Support => "support",
            Self::Alert => "alert",
            Self::Amend => "amend",
            Self::Digest => "digest",
            Self::Broadcast => "broadcast",
        }
    }

    /// The class of a stored word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|class| class.as_str() == word)
    }

    /// Lower goes first.
    pub fn priority(self) -> i64 {
        match self {
            Self::Reply | Self::Payment => 0,
            Self::Support => 1,
            Self::Alert => 2,
            Self::Amend => 3,
            Self::Digest => 4,
            Self::Broadcast => 5,
        }
    }

    /// What a doubt means for this class.
    pub fn doubt_policy(self) -> DoubtPolicy {
        match self {
            Self::Reply | Self::Payment | Self::Support | Self::Alert | Self::Amend => {
                DoubtPolicy::Resend
            }
            Self::Digest | Self::Broadcast => DoubtPolicy::Skip,
        }
    }
}

/// Where a delivery is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryState {
    /// Waits for a sender.
    Pending,
    /// Intent is committed; bytes may be on their way.
    Sending,
    /// Accepted by Telegram.
    Sent,
    /// Finally refused, with a reason; nothing to repair.
    Dropped,
    /// In doubt and not to be repeated.
    Unknown,
    /// Needs a person: refused content or poison.
    Dead,
    /// Waits for the digest of its slot.
    Collected,
    /// Told in a digest or a summary.
    Folded,
}

impl DeliveryState {
    /// All states.
    pub const ALL: [Self; 8] = [
        Self::Pending,
        Self::Sending,
        Self::Sent,
        Self::Dropped,
        Self::Unknown,
        Self::Dead,
        Self::Collected,
        Self::Folded,
    ];

    /// The stored word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Sending => "sending",
            Self::Sent => "sent",
            Self::Dropped => "dropped",
            Self::Unknown => "unknown",
            Self::Dead => "dead",
            Self::Collected => "collected",
            Self::Folded => "folded",
        }
    }

    /// The state of a stored word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == word)
    }
}

/// A delivery to be written.
#[derive(Debug, Clone, PartialEq)]
pub struct NewDelivery {
    /// Unique name; a second one of the same name is ignored.
    pub id: DeliveryId,
    /// Why.
    pub class: Class,
    /// To whom.
    pub chat: ChatId,
    /// Forum topic, if any (never 1: General has no id).
    pub thread: Option<i64>,
    /// In which language a change is rendered.
    pub language: Language,
    /// What.
    pub content: Content,
    /// Not before this moment.
    pub not_before: DateTime<Utc>,
    /// What becomes of it when it is written; `Send` for what is read from the record.
    pub fate: Telling,
}

/// Paid broadcasts go last: what is left of the free pace is theirs, and then their own.
pub const PAID_PRIORITY: i64 = 6;

impl NewDelivery {
    /// Lower goes first: that of the class, and [`PAID_PRIORITY`] for a broadcast that may be paid for.
    pub fn priority(&self) -> i64 {
        if self.may_be_paid() { PAID_PRIORITY } else { self.class.priority() }
    }

    /// Whether it may go against Stars.
    pub fn may_be_paid(&self) -> bool {
        let asked = match &self.content {
            Content::Message(message) => message.paid,
            Content::Campaign { paid, .. } => *paid,
            _ => false,
        };
        asked && self.class == Class::Broadcast
    }

    /// The alert of a change for a chat: the subject is the listing's change, not the watch, so two
    /// matching watches give one message.
    pub fn alert(
        chat: ChatId,
        thread: Option<i64>,
        language: Language,
        event: EventId,
        watches: Vec<String>,
        now: DateTime<Utc>,
    ) -> Self {
        let id = delivery_id(Class::Alert, chat, thread, event.as_str());
        let content = Content::Change { event, watches, ids: vec![], answers: None, urgent: false };
        let (class, fate) = (Class::Alert, Telling::Send);
        Self { id, class, chat, thread, language, content, not_before: now, fate }
    }

    /// A standing message about a listing, made true again after the change named `event`: one for each message and
    /// change.
    pub fn amend(post: &Post, event: EventId, now: DateTime<Utc>) -> Self {
        let (chat, thread, message_id) = (post.chat, post.thread, post.message_id);
        let id = delivery_id(Class::Amend, chat, thread, &format!("{message_id}/{event}"));
        let (form, watches) = (post.form, post.watches.clone());
        let content = Content::Amend { event, message_id, form, watches };
        let language = post.language;
        let (class, fate) = (Class::Amend, Telling::Send);
        Self { id, class, chat, thread, language, content, not_before: now, fate }
    }

    /// A reply to an update: unique by the update and its position among the replies.
    pub fn reply(
        update: i64,
        position: usize,
        chat: ChatId,
        thread: Option<i64>,
        language: Language,
        message: Outgoing,
        now: DateTime<Utc>,
    ) -> Self {
        let id = delivery_id(Class::Reply, chat, thread, &format!("{update}/{position}"));
        let content = Content::Message(message);
        let (class, fate) = (Class::Reply, Telling::Send);
        Self { id, class, chat, thread, language, content, not_before: now, fate }
    }
}

/// The unique name of a delivery: class, chat (with topic) and subject.
pub fn delivery_id(class: Class, chat: ChatId, thread: Option<i64>, subject: &str) -> DeliveryId {
    let chat = format!("{chat}/{}", thread.unwrap_or(0));
    DeliveryId(digest(&[class.as_str(), &chat, subject]))
}

/// A delivery as stored.
#[derive(Debug, Clone, PartialEq)]
pub struct Delivery {
    /// What was asked for.
    pub new: NewDelivery,
    /// Where it is in its life.
    pub state: DeliveryState,
    /// Fence: a settlement counts only for the epoch of its claim.
    pub epoch: i64,
    /// Who holds it while `Sending`.
    pub owner: Option<OwnerId>,
    /// The slot that the intent was committed for (whole milliseconds): it does not begin before.
    pub intent_at: Option<DateTime<Utc>>,
    /// How often Telegram refused it for now.
    pub attempts_refused: i64,
    /// How often its owner died while it was `Sending`.
    pub attempts_crashed: i64,
    /// How often it was in doubt: copies beyond the first can be at most this many.
    pub doubts: i64,
    /// Id of the accepted message.
    pub message_id: Option<i64>,
    /// Why it ended, or why it waits.
    pub reason: Option<String>,
    /// When it was written.
    pub created_at: DateTime<Utc>,
    /// When it ended.
    pub done_at: Option<DateTime<Utc>>,
    /// The digest that it waits for, or was told in.
    pub slot: Option<DateTime<Utc>>,
    /// The delivery that told it.
    pub folded_in: Option<DeliveryId>,
}

/// A claimed delivery, ready to be sent at its slot.
#[derive(Debug, Clone, PartialEq)]
pub struct Claimed {
    /// The delivery, in state `Sending`.
    pub delivery: Delivery,
    /// Its slot under the limits: not to be sent before.
    pub send_at: DateTime<Utc>,
    /// For [`Content::Change`]: the change itself, so that rendering needs no second read.
    pub change: Option<super::change::Change>,
    /// What else is known at the time of the claim.
    pub standing: Standing,
}

/// How an attempt ended. `owner died` is not here: recovery decides that.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// Telegram accepted it.
    Sent {
        /// Id of the message; of an album, of its first.
        message_id: i64,
        /// How it stands in the chat: what of it can be edited.
        form: PostForm,
        /// Version of the listing that it shows; 0 when it is not about one.
        version: i64,
    },
    /// No byte left, or refused before it counted: again at `at`, not an attempt.
    Later {
        /// Not before.
        at: DateTime<Utc>,
        /// Why.
        reason: String,
    },
    /// The person does not want it now (quiet hours): again at `until`, and others of the chat may go before it.
    Held {
        /// Not before.
        until: DateTime<Utc>,
        /// Why.
        reason: String,
    },
    /// 429: the whole chat waits until `until`.
    ChatWaits {
        /// Not before.
        until: DateTime<Utc>,
    },
    /// Telegram refused for now (an attempt): again at `at`.
    Retry {
        /// Not before.
        at: DateTime<Utc>,
        /// Why.
        reason: String,
    },
    /// Nobody knows whether it arrived; the class's [`DoubtPolicy`] decides.
    Doubt {
        /// Earliest resend.
        at: DateTime<Utc>,
        /// Why.
        reason: String,
    },
    /// The person blocked the bot or is gone: this and all that waits for the chat is dropped.
    ChatGone {
        /// Why.
        reason: String,
    },
    /// The group became a supergroup: everything moves to the new id, this one is sent again.
    Migrated {
        /// The new id.
        to: ChatId,
    },
    /// Finally refused.
    Dropped {
        /// Why.
        reason: String,
    },
    /// A person must look.
    Dead {
        /// Why.
        reason: String,
    },
}

/// The end of one attempt, fenced by the epoch of its claim.
#[derive(Debug, Clone, PartialEq)]
pub struct Settlement {
    /// Which delivery.
    pub id: DeliveryId,
    /// Its chat.
    pub chat: ChatId,
    /// The epoch of the claim.
    pub epoch: i64,
    /// How it ended.
    pub outcome: Outcome,
}
