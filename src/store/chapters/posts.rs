//! The chapter of the record about messages that stand in chats and what people do with listings.
//!
//! ```text
//! an alert is settled as sent ──same transaction──► a post ──the listing changes──► an amend for each post
//!                                   └ the listing has changed meanwhile: an amend at once
//! an amend is settled as sent ──► the post shows that version; as dropped ──► the post is forgotten
//! ```
//!
//! Who hears less or keeps something says so by an [`Effect`](crate::store::Effect) of an update.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use sites::{Listing, ListingKey};

use crate::domain::{Change, ChatId, Post};
use crate::store::DbError;

/// What a person may do with the listing of a change, and has done.
#[derive(Debug, Clone, PartialEq)]
pub struct About {
    /// The change.
    pub change: Change,
    /// The listing as it is known now, if it still is.
    pub listing: Option<Listing>,
    /// The person keeps it.
    pub saved: bool,
    /// The chat does not want to hear of it.
    pub muted: bool,
    /// The chat does not want to hear of its seller.
    pub hidden: bool,
}

/// A listing that a person keeps.
#[derive(Debug, Clone, PartialEq)]
pub struct Saved {
    /// Which.
    pub key: ListingKey,
    /// As it is known now.
    pub listing: Listing,
    /// Whether it is gone.
    pub gone: bool,
    /// Since when.
    pub saved_at: DateTime<Utc>,
}

/// See the module.
#[async_trait]
pub trait PostRecord: Send + Sync {
    /// The messages about these listings that stand in chats which may be written to, oldest first.
    async fn posts_of(&self, listings: &[ListingKey]) -> Result<Vec<Post>, DbError>;

    /// Those of these places that want an album of pictures before the words of an alert.
    async fn album_places(
        &self,
        places: &[(ChatId, Option<i64>)],
    ) -> Result<Vec<(ChatId, Option<i64>)>, DbError>;
}

/// The subject under which a chat mutes a listing.
pub fn listing_subject(key: &ListingKey) -> String {
    format!("{}/{}", key.site, key.id)
}

/// The subject under which a chat mutes a seller of a site; `None` when the page names none.
pub fn seller_subject(site: &str, listing: &Listing) -> Option<String> {
    let seller = listing.seller.as_deref()?.trim();
    (!seller.is_empty()).then(|| format!("{site}/{seller}"))
}
