//! A message to a chat: text plus entities, never markup, so that no foreign text can break it.

use serde::{Deserialize, Serialize};

use super::ids::ChatId;

/// How a piece of the text looks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EntityKind {
    /// Bold.
    Bold,
    /// Italic.
    Italic,
    /// Struck through (a former price).
    Strikethrough,
    /// Monospaced.
    Code,
    /// A link behind the text; http or https only.
    Link(String),
}

/// A formatted piece of the text. Offset and length are in UTF-16 code units, as the Bot API counts
/// (api "MessageEntity").
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entity {
    /// The look.
    pub kind: EntityKind,
    /// Start, in UTF-16 code units.
    pub offset: usize,
    /// Length, in UTF-16 code units.
    pub length: usize,
}

/// What a button does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// Comes back as callback data, 1–64 bytes.
    Callback(String),
    /// Opens an address.
    Url(String),
    /// Opens the Mini App at this address; in private chats only (api "WebAppInfo").
    App(String),
}

/// A key of the keyboard below the chat: pressing it says its text (api "KeyboardButton").
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Key {
    /// What it says.
    pub text: String,
    /// Opens the Mini App at this address instead, which can answer with data.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub app: Option<String>,
}

/// An inline button.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Button {
    /// What it says.
    pub text: String,
    /// What it does.
    pub action: Action,
}

/// A file that goes with a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attachment {
    /// Its name; ours, of letters, digits and dots.
    pub name: String,
    /// What is in it: text in UTF-8.
    pub content: String,
}

/// A message that stands in a chat already and is said again by copying it, without a word of where it comes from
/// (api "copyMessage", "copyMessages").
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Copied {
    /// The chat that it stands in.
    pub from: ChatId,
    /// Its ids there, ascending: one, or those of an album (at most ten).
    pub ids: Vec<i64>,
}

/// What is sent. Stored as JSON in the outbox, so names are contracts.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Outgoing {
    /// The text, or the caption when there is a photo.
    pub text: String,
    /// Formatted pieces of the text.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub entities: Vec<Entity>,
    /// Address of a picture to show above the text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub photo: Option<String>,
    /// Rows of inline buttons.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub buttons: Vec<Vec<Button>>,
    /// Rows of keys that stand below the chat from now on; a message with inline buttons has none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub keyboard: Vec<Vec<Key>>,
    /// Edit this message instead of sending a new one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub edit: Option<i64>,
    /// The message to be edited is a picture: its caption is what changes.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub edit_caption: bool,
    /// Answer this message; sent without the quote when it is gone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply_to: Option<i64>,
    /// Without sound.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub silent: bool,
    /// Pictures of an album (2 to 10, http or https addresses); the text is the caption of the first. An album
    /// carries no buttons and counts as many messages as it has pictures.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub album: Vec<String>,
    /// A file with the text as its caption; ours, never foreign. It goes alone: no picture, no buttons.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document: Option<Attachment>,
    /// A copy of another message goes out instead of text, pictures and files; the buttons go under it. An album has
    /// none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub copy: Option<Copied>,
    /// Sent against Stars, beyond the free limits (api "allow_paid_broadcast").
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub paid: bool,
}

impl Outgoing {
    /// A plain text message.
    pub fn text(text: impl Into<String>) -> Self {
        Self { text: text.into(), ..Self::default() }
    }

    /// As how many messages it counts: an album as many as it has pictures.
    pub fn count(&self) -> usize {
        let copied = self.copy.as_ref().map_or(1, |copied| copied.ids.len());
        self.album.len().max(copied).max(1)
    }
}
