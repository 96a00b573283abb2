//! What a change means for the messages that already stand in chats.
//!
//! ```text
//! a listing moves, sells, comes back or is edited ──► its standing messages
//!    each that shows an older version ──► an amend: the same message, made true again, without a sound
//!    the chat gets an alert of the change too ──► it wants answers: the alert answers the message
//!                                             └─► it does not, and the listing is gone: the amend says it all
//! ```
//!
//! Loading is one question for all changes of a transaction; what follows from it is plain ([`follow`]).

use std::collections::HashMap;

use chrono::{DateTime, Utc};

use super::audience::Place;
use crate::domain::delivery::{Content, Post};
use crate::domain::{Change, ChangeKind, EventId, NewDelivery};
use crate::store::{Db, DbError};

/// Adds the amends that `changes` cause to `deliveries`, and makes answers of the alerts that are answers.
pub async fn amend(
    db: &dyn Db,
    changes: impl Iterator<Item = &Change>,
    deliveries: &mut Vec<NewDelivery>,
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    let changes: Vec<&Change> = changes.filter(|one| one.kind != ChangeKind::New).collect();
    if changes.is_empty() {
        return Ok(());
    }
    let keys: Vec<_> = changes.iter().map(|change| change.key.clone()).collect();
    let posts = db.posts_of(&keys).await?;
    if !posts.is_empty() {
        follow(&changes, &posts, deliveries, now);
    }
    Ok(())
}

/// See [`amend`]. Pure.
fn follow(
    changes: &[&Change],
    posts: &[Post],
    deliveries: &mut Vec<NewDelivery>,
    now: DateTime<Utc>,
) {
    // The last message about the listing in each place: that is the one to be answered.
    let mut standing: HashMap<(EventId, Place), (&Change, &Post)> = HashMap::new();
    let mut amends = Vec::new();
    for change in changes {
        let event = change.id();
        for post in posts.iter().filter(|post| post.key == change.key) {
            standing.insert((event.clone(), (post.chat, post.thread)), (change, post));
            if post.version < change.version {
                amends.push(NewDelivery::amend(post, event.clone(), now));
            }
        }
    }
    deliveries.retain_mut(|delivery| {
        let place = (delivery.chat, delivery.thread);
        let Content::Change { event, answers, .. } = &mut delivery.content else { return true };
        let Some((change, post)) = standing.get(&(event.clone(), place)) else { return true };
        if post.replies {
            *answers = Some(post.message_id);
        }
        post.replies || !change.kind.ends()
    });
    deliveries.extend(amends);
}

#[cfg(test)]
mod tests {
    use sites::{Listing, ListingKey};

    use super::*;
    use crate::domain::{ChatId, Class, Language, PostForm};

    fn change(kind: ChangeKind) -> Change {
        let key = ListingKey { site: "demo".into(), id: "7".into() };
        let listing = Listing::new("7", "https://demo.example/7", "Flat");
        Change::new(key, kind, 2, DateTime::UNIX_EPOCH, listing)
    }

    fn post(chat: i64, message_id: i64, version: i64, replies: bool) -> Post {
        Post {
            chat: ChatId(chat),
            thread: None,
            message_id,
            key: change(ChangeKind::Gone).key,
            form: PostForm::Text,
            version,
            language: Language::Uk,
            watches: vec!["balcony".into()],
            replies,
        }
    }

    fn alert(chat: i64, change: &Change) -> NewDelivery {
        let (now, language) = (DateTime::UNIX_EPOCH, Language::Uk);
        NewDelivery::alert(ChatId(chat), None, language, change.id(), vec![], now)
    }

    /// Chat, class and answered message of what comes out of alerts to chats 1 to 3.
    fn outcome(kind: ChangeKind, posts: &[Post]) -> Vec<(i64, Class, Option<i64>)> {
        let change = change(kind);
        let mut deliveries: Vec<_> = (1..=3).map(|chat| alert(chat, &change)).collect();
        follow(&[&change], posts, &mut deliveries, DateTime::UNIX_EPOCH);
        let answered = |content: &Content| match content {
            Content::Change { answers, .. } => *answers,
            Content::Amend { message_id, .. } => Some(*message_id),
            _ => None,
        };
        deliveries.iter().map(|one| (one.chat.0, one.class, answered(&one.content))).collect()
    }

    #[test]
    fn a_cheaper_listing_is_amended_and_told_and_answers_where_answers_are_wanted() {
        let posts = [post(1, 10, 1, true), post(1, 11, 1, true), post(2, 20, 1, false)];
        assert_eq!(
            outcome(ChangeKind::PriceDown, &posts),
            [
                (1, Class::Alert, Some(11)),
                (2, Class::Alert, None),
                (3, Class::Alert, None),
                (1, Class::Amend, Some(10)),
                (1, Class::Amend, Some(11)),
                (2, Class::Amend, Some(20)),
            ]
        );
    }

    #[test]
    fn what_is_gone_is_told_anew_only_where_no_message_says_so_or_answers_are_wanted() {
        let posts = [post(1, 10, 1, true), post(2, 20, 1, false)];
        assert_eq!(
            outcome(ChangeKind::Gone, &posts),
            [
                (1, Class::Alert, Some(10)),
                (3, Class::Alert, None),
                (1, Class::Amend, Some(10)),
                (2, Class::Amend, Some(20)),
            ]
        );
    }

    #[test]
    fn a_message_that_shows_the_change_already_is_left_alone() {
        let outcome = outcome(ChangeKind::PriceUp, &[post(1, 10, 2, false)]);
        assert!(outcome.iter().all(|(_, class, _)| *class == Class::Alert), "{outcome:?}");
    }

    #[test]
    fn a_repeated_run_names_its_amends_alike() {
        let change = change(ChangeKind::Gone);
        let name =
            || NewDelivery::amend(&post(1, 10, 1, false), change.id(), DateTime::UNIX_EPOCH).id;
        assert_eq!(name(), name());
        let other =
            NewDelivery::amend(&post(1, 11, 1, false), change.id(), DateTime::UNIX_EPOCH).id;
        assert_ne!(name(), other);
    }
}
