//! What a delivery says, and what is known when it is about to be said.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use sites::{Listing, ListingKey, Money};

use crate::domain::campaign::CampaignId;
use crate::domain::figures::Board;
use crate::domain::ids::{ChatId, EventId, UserId, WatchId};
use crate::domain::message::Outgoing;
use crate::domain::preferences::Preferences;
use crate::domain::ticket::{ForStaff, TicketId};

/// What a delivery says: ready-made, or a change that is rendered when it is sent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Content {
    /// Ready to send.
    Message(Outgoing),
    /// Rendered from the stored change in the recipient's language, naming the watches that matched.
    Change {
        /// Which change.
        event: EventId,
        /// Names of the recipient's watches that matched.
        watches: Vec<String>,
        /// Their ids, in the same order.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        ids: Vec<WatchId>,
        /// The standing message about the listing that this one answers, if the person wants replies.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        answers: Option<i64>,
        /// One of the watches is urgent: quiet hours do not hold it.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        urgent: bool,
    },
    /// A standing message about a listing is made true again after this change.
    Amend {
        /// The change.
        event: EventId,
        /// The message.
        message_id: i64,
        /// What of it can be edited.
        form: PostForm,
        /// Names of the watches that it names.
        watches: Vec<String>,
    },
    /// The message of a broadcast, in the recipient's language.
    Campaign {
        /// Which broadcast.
        id: CampaignId,
        /// It may be sent against Stars.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        paid: bool,
        /// As how many messages it counts, if not as one: the copy of an album.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        count: Option<usize>,
    },
    /// A message of another chat, copied without a word of where it comes from.
    Copy {
        /// The chat that it stands in.
        from: ChatId,
        /// Its id there.
        message_id: i64,
        /// The message that this one answers in the chat it goes to.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reply_to: Option<i64>,
    },
    /// Something about a ticket, for those who hear of it: its place is found when it is sent.
    ToStaff {
        /// Which ticket.
        ticket: TicketId,
        /// Whose: the topic is the person's.
        user: UserId,
        /// The message of the person that it is about, whose copy it answers.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        about: Option<i64>,
        /// What.
        what: ForStaff,
    },
    /// The asking price of a listing over time, as a picture.
    Chart {
        /// Which listing.
        key: ListingKey,
        /// On a dark ground.
        dark: bool,
    },
    /// The figures of the service over time, as a picture.
    Figures(Box<Board>),
}

/// What of a standing message can be edited.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PostForm {
    /// Its text.
    Text,
    /// The caption of its picture.
    Caption,
}

impl PostForm {
    /// The stored word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Caption => "caption",
        }
    }

    /// The form of a stored word.
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Text, Self::Caption].into_iter().find(|form| form.as_str() == word)
    }
}

/// What is known when a delivery is claimed: the last chance to see that it should wait, or say something else.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Standing {
    /// How the chat wants to be told; `None` when it never said.
    pub preferences: Option<Preferences>,
    /// Whether the album of the change went out before these words, see [`super::album_id`].
    pub has_album: bool,
    /// The listing as it is known now, which may be later than the change.
    pub latest: Option<Latest>,
    /// Asking prices over time, oldest first, for [`Content::Chart`].
    pub prices: Vec<PricePoint>,
    /// The message, for [`Content::Campaign`]; `None` when the broadcast is gone.
    pub message: Option<Outgoing>,
}

/// A listing as it is known now.
#[derive(Debug, Clone, PartialEq)]
pub struct Latest {
    /// The last reading.
    pub listing: Listing,
    /// Version after its last change.
    pub version: i64,
    /// Whether it is gone.
    pub gone: bool,
}

/// An asking price and when it was first seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PricePoint {
    /// Version of the listing.
    pub version: i64,
    /// When.
    pub at: DateTime<Utc>,
    /// How much.
    pub price: Money,
}
