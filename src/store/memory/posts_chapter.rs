//! See [`PostRecord`].

use std::collections::BTreeMap;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use sites::ListingKey;

use super::{Key, MemoryDb, State};
use crate::domain::delivery::{Content, Latest, Outcome, Settlement};
use crate::domain::preferences::{Mute, MuteKind, Pictures};
use crate::domain::{ChangeKind, ChatId, DeliveryId, EventId, NewDelivery, Post, UserId};
use crate::store::chapters::{listing_subject, seller_subject};
use crate::store::{About, DbError, PostRecord, Saved};

/// What the chapter keeps.
#[derive(Debug, Default)]
pub(super) struct Posts {
    /// In order of writing.
    standing: Vec<(Post, DateTime<Utc>)>,
    saved: BTreeMap<(UserId, Key), DateTime<Utc>>,
}

#[async_trait]
impl PostRecord for MemoryDb {
    async fn posts_of(&self, listings: &[ListingKey]) -> Result<Vec<Post>, DbError> {
        let state = self.state();
        let active = |chat| state.chats.get(&chat).is_none_or(|chat| chat.active);
        let wanted = |post: &&Post| listings.contains(&post.key) && active(post.chat);
        let posts = state.posts.standing.iter().map(|(post, _)| post);
        let replies = |post: &Post| {
            let said = state.preferences_said((post.chat, post.thread));
            said.is_some_and(|preferences| preferences.replies)
        };
        let posts = posts.filter(wanted);
        Ok(posts.map(|post| Post { replies: replies(post), ..post.clone() }).collect())
    }

    async fn album_places(
        &self,
        places: &[(ChatId, Option<i64>)],
    ) -> Result<Vec<(ChatId, Option<i64>)>, DbError> {
        let state = self.state();
        let wanted = |place: &&(ChatId, Option<i64>)| {
            let said = state.preferences_said(**place);
            said.is_some_and(|preferences| preferences.pictures == Pictures::Album)
        };
        Ok(places.iter().filter(wanted).copied().collect())
    }
}

impl State {
    /// The listing of a delivery's change as it is known now.
    pub(super) fn latest_of_event(&self, event: &EventId) -> Option<Latest> {
        let change = self.events.get(event)?;
        let known = self.listings.get(&(change.key.site.clone(), change.key.id.clone()))?;
        let (listing, version) = (known.listing.clone(), known.version);
        Some(Latest { listing, version, gone: known.gone })
    }

    /// What the end of an attempt means for standing messages.
    pub(super) fn stand(&mut self, settlement: &Settlement, now: DateTime<Utc>) {
        let of_claim = |id: &DeliveryId| *id == settlement.id;
        let Some(one) = self.deliveries.iter().find(|one| of_claim(&one.new.id)) else { return };
        let new = one.new.clone();
        match (&settlement.outcome, &new.content) {
            (
                Outcome::Sent { message_id, form, version },
                Content::Change { event, watches, .. },
            ) if *version > 0 && *message_id > 0 => {
                let Some(change) = self.events.get(event) else { return };
                let post = Post {
                    chat: new.chat,
                    thread: new.thread,
                    message_id: *message_id,
                    key: change.key.clone(),
                    form: *form,
                    version: *version,
                    language: new.language,
                    watches: watches.clone(),
                    replies: false,
                };
                let place = (post.chat, post.message_id);
                if self.posts.standing.iter().all(|(one, _)| (one.chat, one.message_id) != place) {
                    self.catch_up(&post, now);
                    self.posts.standing.push((post, now));
                }
            }
            (Outcome::Sent { version, .. }, Content::Amend { message_id, .. }) => {
                let is = |post: &Post| post.chat == new.chat && post.message_id == *message_id;
                for (post, _) in self.posts.standing.iter_mut().filter(|(post, _)| is(post)) {
                    post.version = post.version.max(*version);
                }
            }
            (Outcome::Dropped { .. }, Content::Amend { message_id, .. }) => {
                let is = |post: &Post| post.chat == new.chat && post.message_id == *message_id;
                self.posts.standing.retain(|(post, _)| !is(post));
            }
            _ => {}
        }
    }

    /// What happened while the message was on its way found no message to amend.
    fn catch_up(&mut self, post: &Post, now: DateTime<Utc>) {
        let later = self.events.iter().filter(|(_, change)| {
            change.key == post.key
                && change.version > post.version
                && change.kind != ChangeKind::New
        });
        let Some((event, _)) = later.max_by_key(|(_, change)| change.version) else { return };
        let amend = NewDelivery::amend(post, event.clone(), now);
        self.insert(&amend, None, now);
    }

    /// What a person sees of the listing of a change.
    pub(super) fn about(
        &self,
        event: &EventId,
        (chat, thread): (ChatId, Option<i64>),
        user: Option<UserId>,
    ) -> Option<About> {
        let change = self.events.get(event)?.clone();
        let key: Key = (change.key.site.clone(), change.key.id.clone());
        let listing = self.listings.get(&key).map(|known| known.listing.clone());
        let seller = seller_subject(&change.key.site, listing.as_ref().unwrap_or(&change.listing));
        let hushed = |kind: MuteKind, subject: String| {
            let mute = Mute { kind, subject, ends_at: None };
            self.is_muted((chat, thread), &mute)
        };
        let saved = user.is_some_and(|user| self.posts.saved.contains_key(&(user, key)));
        let muted = hushed(MuteKind::Listing, listing_subject(&change.key));
        let hidden = seller.is_some_and(|seller| hushed(MuteKind::Seller, seller));
        Some(About { change, listing, saved, muted, hidden })
    }

    /// What a person keeps, newest first.
    pub(super) fn saved_by(&self, user: UserId) -> Vec<Saved> {
        let own = self.posts.saved.iter().filter(|((who, _), _)| *who == user);
        let one = |((_, key), at): (&(UserId, Key), &DateTime<Utc>)| {
            let known = self.listings.get(key)?;
            let (site, id) = key.clone();
            let listing = known.listing.clone();
            Some(Saved { key: ListingKey { site, id }, listing, gone: known.gone, saved_at: *at })
        };
        let mut all: Vec<Saved> = own.filter_map(one).collect();
        all.sort_by(|a, b| b.saved_at.cmp(&a.saved_at).then_with(|| a.key.cmp(&b.key)));
        all.truncate(200);
        all
    }

    pub(super) fn keep(&mut self, user: UserId, key: &ListingKey, kept: bool, now: DateTime<Utc>) {
        let key = (user, (key.site.clone(), key.id.clone()));
        if kept {
            self.posts.saved.entry(key).or_insert(now);
        } else {
            self.posts.saved.remove(&key);
        }
    }

    /// A message of a group that moved cannot be edited under the new id.
    pub(super) fn forget_posts(&mut self, chat: ChatId) {
        self.posts.standing.retain(|(post, _)| post.chat != chat);
    }
}
