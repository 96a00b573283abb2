//! Albums: the pictures of a listing as a delivery of their own, right before the words.
//!
//! An album carries no buttons, so the words come after it, as a message of their own that can be edited. It is one
//! delivery whose name comes from the change: a repeated run sends it once, and a crash between the two costs
//! neither. It makes no sound; the words do. What is sent is decided when it is written; a chat that changes its
//! mind in the meantime gets the album that it asked for. An album is held with its words, and dropped with them; what
//! is collected for a digest has none, and shows its first picture should it be sent alone after all.

use std::collections::{HashMap, HashSet};

use super::audience::Place;
use crate::domain::delivery::{Content, album_id};
use crate::domain::preferences::Telling;
use crate::domain::{Change, EventId, NewDelivery, Outgoing};
use crate::store::{Db, DbError};
use crate::texts::builder::web_address;

/// Pictures of an album (api "sendMediaGroup").
const ALBUM: std::ops::RangeInclusive<usize> = 2..=10;

/// Puts the albums of `changes` in front of the alerts of those chats that want them.
pub async fn albums(
    db: &dyn Db,
    changes: impl Iterator<Item = &Change>,
    deliveries: &mut Vec<NewDelivery>,
) -> Result<(), DbError> {
    let albums: HashMap<EventId, Vec<String>> = changes.filter_map(album).collect();
    if albums.is_empty() {
        return Ok(());
    }
    let told = deliveries.iter().filter(|one| pictures(one, &albums).is_some());
    let places: HashSet<Place> = told.map(|one| (one.chat, one.thread)).collect();
    if places.is_empty() {
        return Ok(());
    }
    let places: Vec<Place> = places.into_iter().collect();
    let wanted: HashSet<Place> = db.album_places(&places).await?.into_iter().collect();
    *deliveries = with_albums(std::mem::take(deliveries), &albums, &wanted);
    Ok(())
}

/// The pictures of a change that is told with its pictures.
fn album(change: &Change) -> Option<(EventId, Vec<String>)> {
    if change.kind.ends() {
        return None;
    }
    let images = change.listing.images.iter().filter_map(|image| web_address(image));
    let images: Vec<String> = images.map(String::from).take(*ALBUM.end()).collect();
    ALBUM.contains(&images.len()).then(|| (change.id(), images))
}

fn pictures<'a>(
    delivery: &NewDelivery,
    albums: &'a HashMap<EventId, Vec<String>>,
) -> Option<&'a Vec<String>> {
    match &delivery.content {
        Content::Change { event, .. } => albums.get(event),
        _ => None,
    }
}

fn with_albums(
    deliveries: Vec<NewDelivery>,
    albums: &HashMap<EventId, Vec<String>>,
    wanted: &HashSet<Place>,
) -> Vec<NewDelivery> {
    let mut all = Vec::with_capacity(deliveries.len());
    for words in deliveries {
        let place = (words.chat, words.thread);
        let goes_alone = matches!(words.fate, Telling::Send | Telling::Hold { .. });
        let album = pictures(&words, albums).filter(|_| wanted.contains(&place) && goes_alone);
        if let (Some(album), Content::Change { event, .. }) = (album, &words.content) {
            let id = album_id(words.chat, words.thread, event);
            let album = Outgoing { album: album.clone(), silent: true, ..Outgoing::default() };
            all.push(NewDelivery { id, content: Content::Message(album), ..words.clone() });
        }
        all.push(words);
    }
    all
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use sites::{Listing, ListingKey};

    use super::*;
    use crate::domain::{ChangeKind, ChatId, Language};

    fn change(kind: ChangeKind, images: usize) -> Change {
        let key = ListingKey { site: "demo".into(), id: "7".into() };
        let images = (0..images).map(|n| format!("https://demo.example/{n}.jpg"));
        let listing = Listing {
            images: images.chain(["data:image/png;base64,AA".into()]).collect(),
            ..Listing::new("7", "https://demo.example/7", "Flat")
        };
        Change::new(key, kind, 1, DateTime::UNIX_EPOCH, listing)
    }

    fn alert(chat: i64, change: &Change) -> NewDelivery {
        let (now, language) = (DateTime::UNIX_EPOCH, Language::Uk);
        NewDelivery::alert(ChatId(chat), None, language, change.id(), vec![], now)
    }

    #[test]
    fn an_album_stands_right_before_its_words_where_it_is_wanted() {
        let change = change(ChangeKind::New, 12);
        let albums: HashMap<_, _> = album(&change).into_iter().collect();
        let wanted = HashSet::from([(ChatId(2), None)]);
        let told = (1..=3).map(|chat| alert(chat, &change)).collect();
        let all = with_albums(told, &albums, &wanted);
        let pictures = |one: &NewDelivery| match &one.content {
            Content::Message(message) => message.album.len(),
            _ => 0,
        };
        let seen: Vec<_> = all.iter().map(|one| (one.chat.0, pictures(one))).collect();
        assert_eq!(seen, [(1, 0), (2, 10), (2, 0), (3, 0)]);
        let why = crate::domain::preferences::Stop::Quiet;
        let late = Telling::Hold { until: DateTime::UNIX_EPOCH, why };
        let held = NewDelivery { fate: late, ..alert(2, &change) };
        let held = with_albums(vec![held], &albums, &wanted);
        assert_eq!(held.iter().map(|one| one.fate).collect::<Vec<_>>(), [late, late]);
        let slot = Telling::Collect { slot: DateTime::UNIX_EPOCH, why };
        let collected = NewDelivery { fate: slot, ..alert(2, &change) };
        assert_eq!(with_albums(vec![collected], &albums, &wanted).len(), 1);
        let again = with_albums(vec![alert(2, &change)], &albums, &wanted);
        assert_eq!(again[0].id, all[1].id, "a repeated run names it alike");
    }

    #[test]
    fn one_picture_is_no_album_and_what_is_gone_needs_none() {
        assert!(album(&change(ChangeKind::New, 1)).is_none());
        assert!(album(&change(ChangeKind::New, 2)).is_some());
        assert!(album(&change(ChangeKind::Gone, 5)).is_none());
        assert!(album(&change(ChangeKind::Reserved, 5)).is_none());
    }
}
