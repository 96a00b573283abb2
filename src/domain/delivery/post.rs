//! A message about a listing that stands in a chat.

use sites::ListingKey;

use super::PostForm;
use crate::domain::ids::ChatId;
use crate::domain::user::Language;

/// A standing message: it is edited when the listing sells or its price moves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Post {
    /// Where.
    pub chat: ChatId,
    /// Forum topic, if any.
    pub thread: Option<i64>,
    /// Id of the message.
    pub message_id: i64,
    /// About which listing.
    pub key: ListingKey,
    /// What of it can be edited.
    pub form: PostForm,
    /// Version of the listing that it shows.
    pub version: i64,
    /// Language in which it was written.
    pub language: Language,
    /// Names of the watches that it names.
    pub watches: Vec<String>,
    /// Whether the chat wants to be told of later changes as an answer to it.
    pub replies: bool,
}
