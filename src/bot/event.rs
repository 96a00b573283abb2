//! What an update means to us: a closed set of events, read tolerantly.
//!
//! ```text
//! bytes ──► JSON ──► Update { id, kind, who, place, event }
//!   │         └──► an object we know nothing of ──► Event::Ignored (answered 200, counted)
//!   └──► no JSON, no object, no update_id ──► Poison (kept for people, answered 200)
//! ```
//!
//! A field that is missing or has another type than documented counts as absent; nothing here fails because
//! Telegram added something.

mod read;

use chrono::{DateTime, Utc};

use crate::domain::import::{FileProblem, Problem, Wanted};
use crate::domain::{ChatId, ChatKind, UserId};

pub use read::{parse, read};

/// One update, as far as we understand it.
#[derive(Debug, Clone, PartialEq)]
pub struct Update {
    /// Telegram's id of the update (api "Update").
    pub id: i64,
    /// Telegram's name of the kind (`message`, `callback_query`, …), `unknown` for one we do not know.
    pub kind: &'static str,
    /// Who caused it, if a person or a bot did.
    pub who: Option<Person>,
    /// Where it happened.
    pub place: Option<Place>,
    /// The message that this one answers.
    pub answers: Option<i64>,
    /// The album that the message is a part of (api "Message", `media_group_id`).
    pub album: Option<String>,
    /// What happened.
    pub event: Event,
}

/// Who caused an update.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// Telegram's id.
    pub id: UserId,
    /// Name as people see it.
    pub name: String,
    /// Name without `@`, if the person has one.
    pub username: Option<String>,
    /// IETF tag of the app's language, if Telegram tells.
    pub language_tag: Option<String>,
    /// Pays Telegram for its premium app.
    pub premium: bool,
    /// Another bot, or an anonymous administrator (Telegram shows them as a bot).
    pub is_bot: bool,
    /// An administrator who writes in the name of the group (api "Message", `sender_chat`): shown as a bot.
    pub is_anonymous: bool,
}

/// Where something happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// The chat.
    pub chat: ChatId,
    /// Its type.
    pub kind: ChatKind,
    /// Forum topic; `None` for the General topic, which has no id of its own.
    pub thread: Option<i64>,
}

/// What happened.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// `/start`, with what a deep link carried.
    Start {
        /// See [`Payload`].
        payload: Payload,
    },
    /// Another command.
    Command {
        /// Its name, lower case, without `/` and `@bot`.
        name: String,
        /// The words after it.
        rest: String,
        /// Id of the message.
        message_id: i64,
        /// Whether it named us (`/help@our_bot`).
        addressed: bool,
    },
    /// A message in words.
    Text {
        /// Id of the message.
        message_id: i64,
        /// What it says.
        text: String,
    },
    /// A message that is more than words: a photo, a voice message.
    Media {
        /// Id of the message.
        message_id: i64,
        /// Telegram's name of the content (`photo`, `voice`, …).
        content: &'static str,
        /// The words below it, if any.
        caption: String,
    },
    /// Somebody has changed the words of a message.
    Edited {
        /// Id of the message.
        message_id: i64,
        /// What it says now.
        text: String,
    },
    /// A place on the map.
    Location {
        /// Id of the message.
        message_id: i64,
        /// Degrees north.
        latitude: f64,
        /// Degrees east.
        longitude: f64,
    },
    /// What the Mini App sends when it is closed by its button (api "WebAppData"): untrusted words.
    AppData {
        /// The words.
        data: String,
    },
    /// A file.
    Document {
        /// Id of the message.
        message_id: i64,
        /// The file.
        file: Document,
        /// The words below it, if any.
        caption: String,
    },
    /// A pressed button.
    Press {
        /// Id to answer it by.
        id: String,
        /// What the button carried.
        data: String,
        /// The message that holds the button; `None` when it can no longer be edited.
        message_id: Option<i64>,
    },
    /// Somebody is about to pay an invoice (api "PreCheckoutQuery"); answered within 10 s, or the payment fails.
    PreCheckout {
        /// Id to answer it by.
        id: String,
    },
    /// Whether we may write to the chat has changed.
    Membership {
        /// Whether we may write now.
        active: bool,
        /// When it changed.
        at: DateTime<Utc>,
    },
    /// A group became a supergroup and has a new id.
    Migrated {
        /// Old id.
        from: ChatId,
        /// New id.
        to: ChatId,
    },
    /// Nothing for us: an edit, a channel post, a kind we do not know, a command for another bot.
    Ignored {
        /// Why, as a metric label.
        why: &'static str,
    },
}

/// A file that somebody sent (api "Document").
#[derive(Debug, Clone, PartialEq)]
pub struct Document {
    /// By which it is asked for; good for this bot only.
    pub id: String,
    /// Its name, as the sender's app says.
    pub name: String,
    /// Bytes, if Telegram tells.
    pub size: Option<u64>,
    /// What became of reading it.
    pub body: Body,
}

/// What became of reading a file. The shell reads it before anything is decided.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Body {
    /// Not ours to read: no file of watches.
    #[default]
    Rest,
    /// It could not be got.
    Lost,
    /// It cannot be used as a whole.
    Refused(FileProblem),
    /// Its rows, checked.
    Rows(Vec<CheckedRow>),
}

/// The line of a row and the watch it asks for, or its problems.
pub type CheckedRow = (u64, Result<Wanted, Vec<Problem>>);

/// What a deep link (`t.me/<bot>?start=<payload>`) carried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Payload {
    /// Nothing.
    None,
    /// A search: `s_<source id>`.
    Search(crate::domain::SourceId),
    /// A watch that somebody shares: `c_<token>`.
    Shared(String),
    /// An invitation: `r_<code>`.
    Invited(String),
    /// A plan: `p_<plan id>`.
    Plan(String),
    /// A promo code: `k_<code>`.
    Promo(String),
    /// Anything else: treated like nothing.
    Unknown,
}

/// An update that nobody can use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Poison {
    /// The id, if one could be read.
    pub update: Option<i64>,
    /// Why it cannot be used.
    pub reason: String,
}
