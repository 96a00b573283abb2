//! Messages.

use serde_json::{Map, Value};

use crate::clock::Millis;
use crate::entities::Rich;

/// What a message carries.
#[derive(Clone, Debug, PartialEq)]
pub enum Body {
    /// Text only.
    Text(Rich),
    /// A picture or a file with a caption.
    Media(Media),
    /// A service message; the fields that make it one.
    Service(Map<String, Value>),
}

/// A picture or file in a message.
#[derive(Clone, Debug, PartialEq)]
pub struct Media {
    /// Photo or document.
    pub kind: MediaKind,
    /// Unique id of the stored file.
    pub file: String,
    /// Text under (or above) it.
    pub caption: Rich,
    /// Caption above the picture.
    pub above: bool,
    /// Hidden until tapped.
    pub spoiler: bool,
}

/// Kinds of media that the sandbox imitates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MediaKind {
    /// A picture that is shown.
    Photo,
    /// A file that is offered.
    Document,
}

/// A message in a chat.
#[derive(Clone, Debug)]
pub struct Message {
    /// Id within the chat.
    pub id: i64,
    /// Id of the person or bot who wrote it.
    pub author: i64,
    /// Seconds since 1970.
    pub date: i64,
    /// Seconds since 1970 of the last edit.
    pub edited: Option<i64>,
    /// The topic.
    pub thread: Option<i64>,
    /// The content.
    pub body: Body,
    /// The inline keyboard.
    pub inline: Option<Value>,
    /// The message that this one answers.
    pub reply_to: Option<i64>,
    /// Written in the name of the group.
    pub anonymous: bool,
    /// Messages of one album share this id.
    pub album: Option<String>,
    /// `MessageOrigin` of a forwarded message.
    pub origin: Option<Value>,
    /// May not be forwarded or copied.
    pub protected: bool,
    /// Sent without a sound.
    pub silent: bool,
    /// Reactions set by bots.
    pub reactions: Vec<Value>,
}

impl Message {
    /// A message with nothing but its content; `now` is in milliseconds.
    pub fn new(id: i64, author: i64, now: Millis, body: Body) -> Self {
        Self {
            id,
            author,
            date: now / 1_000,
            edited: None,
            thread: None,
            body,
            inline: None,
            reply_to: None,
            anonymous: false,
            album: None,
            origin: None,
            protected: false,
            silent: false,
            reactions: Vec::new(),
        }
    }

    /// The text or caption.
    pub fn rich(&self) -> Option<&Rich> {
        match &self.body {
            Body::Text(rich) => Some(rich),
            Body::Media(media) => Some(&media.caption),
            Body::Service(_) => None,
        }
    }
}
