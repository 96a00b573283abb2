//! Alerts that stand in chats: pictures known by name, albums, amends, answers, and every kind of chat.

use std::sync::Arc;

use magpie::domain::delivery::{Content, delivery_id};
use magpie::domain::{
    Change, ChangeKind, ChatId, Class, DeliveryState, EventId, Language, NewDelivery, Outgoing,
    PostForm,
};
use serde_json::{Value, json};
use sites::{Listing, ListingKey, Money};

use super::post::{Post, begin};
use super::town::TOKEN;

const ANNA: i64 = 501;
const BORYS: i64 = 502;
const GROUP: i64 = -700;
const FORUM: i64 = -100_701;
const CHANNEL: i64 = -100_702;

fn change(kind: ChangeKind, version: i64, minor: i64, images: Vec<String>) -> Change {
    let euros = |minor| Money { minor, currency: "EUR".into() };
    Change {
        key: ListingKey { site: "example".into(), id: "7".into() },
        kind,
        version,
        at: begin(),
        price_before: (kind == ChangeKind::PriceDown).then(|| euros(50_000_000)),
        same_as: None,
        told_before: vec![],
        fields: vec![],
        listing: Listing {
            price: Some(euros(minor)),
            images,
            ..Listing::new("7", "https://example.com/7", "Flat with balcony")
        },
    }
}

fn alert(chat: i64, thread: Option<i64>, event: EventId) -> NewDelivery {
    let watches = vec!["balcony".into(), "cheap".into()];
    NewDelivery::alert(ChatId(chat), thread, Language::En, event, watches, begin())
}

/// Amends of all standing messages for a change that is written with them.
async fn amend_all(post: &Post, change: Change) {
    let posts = post.context.db.posts_of(std::slice::from_ref(&change.key)).await.expect("posts");
    let amends = posts.iter().map(|one| NewDelivery::amend(one, change.id(), begin())).collect();
    post.write_all(amends, Some(change)).await;
    post.drain_to_the_end().await;
}

fn words(message: &Value) -> &str {
    message["text"].as_str().or(message["caption"].as_str()).unwrap_or_default()
}

#[tokio::test]
async fn a_picture_is_loaded_once_and_a_body_made_once_for_all_readers() {
    let post = Post::with_people(&[ANNA, BORYS]).await;
    let new = change(ChangeKind::New, 1, 50_000_000, vec![post.town.picture("g-1001")]);
    let first = alert(ANNA, None, new.id());
    post.write_all(vec![first], Some(new.clone())).await;
    post.drain_to_the_end().await;
    let second = alert(BORYS, None, new.id());
    post.write_all(vec![second], None).await;
    post.drain_to_the_end().await;
    let photo =
        |calls: &[Value]| calls[0]["params"]["photo"].as_str().unwrap_or_default().to_owned();
    let (by_url, by_name) =
        (photo(&post.town.sends(ANNA).await), photo(&post.town.sends(BORYS).await));
    assert!(by_url.starts_with("http") && !by_name.starts_with("http"), "{by_url} {by_name}");
    assert_eq!(post.options.desk.renderer.rendered(), 1);
    let seen = [post.town.messages(ANNA).await, post.town.messages(BORYS).await];
    assert_eq!(words(&seen[0][0]), words(&seen[1][0]));
    assert!(words(&seen[0][0]).contains("Watches: balcony, cheap"), "{:?}", seen[0]);
}

#[tokio::test]
async fn a_standing_message_follows_its_listing_and_keeps_its_buttons() {
    let post = Post::with_people(&[ANNA, BORYS]).await;
    let new = change(ChangeKind::New, 1, 50_000_000, vec![post.town.picture("g-1001")]);
    post.write_all(vec![alert(ANNA, None, new.id())], Some(new.clone())).await;
    post.drain_to_the_end().await;
    let before = post.town.messages(ANNA).await;
    amend_all(&post, change(ChangeKind::PriceDown, 2, 45_000_000, vec![])).await;
    let cheaper = post.town.messages(ANNA).await;
    assert_eq!(cheaper.len(), 1, "edited, not said anew");
    let lines: Vec<&str> = words(&cheaper[0]).lines().collect();
    assert_eq!(lines[0], "📉 Cheaper");
    assert_eq!(lines[2], "€500,000 → €450,000 (−10%)");
    assert!(words(&cheaper[0]).contains("Watches: balcony, cheap"));
    let struck = cheaper[0]["caption_entities"].as_array().expect("entities");
    assert!(struck.iter().any(|entity| entity["type"] == "strikethrough"), "{struck:?}");
    let rows = |message: &Value| {
        let rows = message["reply_markup"]["inline_keyboard"].as_array();
        rows.map(Vec::len).unwrap_or_default()
    };
    assert_eq!((rows(&before[0]), rows(&cheaper[0])), (3, 3));
    amend_all(&post, change(ChangeKind::Gone, 3, 45_000_000, vec![])).await;
    let gone = post.town.messages(ANNA).await;
    assert!(words(&gone[0]).starts_with("⛔ No longer on offer\n"), "{gone:?}");
    assert!(gone[0]["photo"].is_array(), "the picture stays");
    let posts = post.context.db.posts_of(&[new.key]).await.expect("posts");
    assert_eq!((posts[0].version, posts[0].form), (3, PostForm::Caption));
}

#[tokio::test]
async fn a_message_that_the_person_deleted_is_forgotten_without_a_word() {
    let post = Post::with_people(&[ANNA]).await;
    let new = change(ChangeKind::New, 1, 50_000_000, vec![]);
    post.write_all(vec![alert(ANNA, None, new.id())], Some(new.clone())).await;
    post.drain_to_the_end().await;
    let error = json!({"code": 400, "description": "Bad Request: message to edit not found"});
    post.town.fault(json!({"chat": ANNA, "times": 1}), json!({"error": error})).await;
    amend_all(&post, change(ChangeKind::Gone, 2, 50_000_000, vec![])).await;
    assert_eq!(post.town.messages(ANNA).await.len(), 1);
    assert_eq!(post.states(ANNA).await, [DeliveryState::Sent, DeliveryState::Dropped]);
    assert_eq!(post.context.db.posts_of(&[new.key]).await.expect("posts"), []);
}

#[tokio::test]
async fn an_alert_that_waited_says_what_happened_meanwhile() {
    let post = Post::with_people(&[ANNA]).await;
    let new = change(ChangeKind::New, 1, 50_000_000, vec![]);
    post.write_all(vec![alert(ANNA, None, new.id())], Some(new)).await;
    post.write_all(vec![], Some(change(ChangeKind::Gone, 2, 50_000_000, vec![]))).await;
    post.drain_to_the_end().await;
    let texts = post.texts(ANNA).await;
    assert!(texts[0].starts_with("🆕 New — meanwhile gone\n"), "{texts:?}");
}

#[tokio::test]
async fn an_answer_quotes_the_standing_message_and_says_only_what_is_new() {
    let post = Post::with_people(&[ANNA]).await;
    let new = change(ChangeKind::New, 1, 50_000_000, vec![]);
    post.write_all(vec![alert(ANNA, None, new.id())], Some(new.clone())).await;
    post.drain_to_the_end().await;
    let stands = post.town.messages(ANNA).await[0]["message_id"].as_i64();
    let gone = change(ChangeKind::Gone, 2, 50_000_000, vec![]);
    let mut answer = alert(ANNA, None, gone.id());
    if let Content::Change { answers, .. } = &mut answer.content {
        *answers = stands;
    }
    post.write_all(vec![answer], Some(gone)).await;
    post.drain_to_the_end().await;
    let messages = post.town.messages(ANNA).await;
    let said = messages.last().expect("an answer");
    assert_eq!(words(said), "⛔ No longer on offer\nFlat with balcony");
    assert_eq!(said["reply_to_message"]["message_id"].as_i64(), stands);
    let posts = post.context.db.posts_of(&[new.key]).await.expect("posts");
    assert_eq!(posts.len(), 1, "the answer is no standing message");
}

#[tokio::test]
async fn an_album_goes_as_one_call_without_a_sound_and_its_pictures_are_known_then() {
    let post = Post::with_people(&[ANNA, BORYS]).await;
    let album: Vec<String> = (1..=3).map(|n| post.town.picture(&format!("g-100{n}"))).collect();
    for chat in [ANNA, BORYS] {
        let message = Outgoing { album: album.clone(), silent: true, ..Outgoing::default() };
        let delivery = NewDelivery {
            id: delivery_id(Class::Alert, ChatId(chat), None, "album"),
            class: Class::Alert,
            chat: ChatId(chat),
            thread: None,
            language: Language::En,
            content: Content::Message(message),
            not_before: begin(),
            fate: magpie::domain::preferences::Telling::Send,
        };
        post.write_all(vec![delivery], None).await;
        post.drain_to_the_end().await;
    }
    let calls = [post.town.sends(ANNA).await, post.town.sends(BORYS).await].concat();
    assert_eq!(calls.len(), 2, "{calls:?}");
    assert!(calls.iter().all(|call| call["method"] == "sendMediaGroup"));
    assert!(!calls[1]["params"]["media"].to_string().contains("http"), "{:?}", calls[1]["params"]);
    let shown = post.town.messages(BORYS).await;
    assert_eq!(shown.len(), 3);
    assert!(shown.iter().all(|one| one["media_group_id"] == shown[0]["media_group_id"]));
}

#[tokio::test]
async fn alerts_stand_and_follow_in_groups_channels_and_topics() {
    let mut post = Post::with_people(&[ANNA]).await;
    post.options.desk = Arc::default();
    let group = |kind: &str, forum: bool| json!({"type": kind, "title": "Flats", "forum": forum});
    for (chat, about) in [
        (GROUP, group("group", false)),
        (FORUM, group("supergroup", true)),
        (CHANNEL, group("channel", false)),
    ] {
        post.town.say(json!({"bot": TOKEN, "user": ANNA, "chat": chat, "group": about})).await;
        let status = json!({
            "bot": TOKEN, "user": ANNA, "chat": chat, "bot_status": "administrator"
        });
        post.town.say(status).await;
    }
    let topic = post.town.topic(FORUM, "Alerts").await;
    let new = change(ChangeKind::New, 1, 50_000_000, vec![]);
    let places = [(GROUP, None), (FORUM, Some(topic)), (FORUM, None), (CHANNEL, None)];
    let alerts = places.iter().map(|(chat, thread)| alert(*chat, *thread, new.id())).collect();
    post.write_all(alerts, Some(new.clone())).await;
    post.drain_to_the_end().await;
    let in_topic = post.town.messages(FORUM).await;
    let threads: Vec<_> = in_topic
        .iter()
        .filter(|one| one["text"].is_string())
        .map(|one| one["message_thread_id"].as_i64())
        .collect();
    assert_eq!(threads, [Some(topic), None], "General has no id");
    amend_all(&post, change(ChangeKind::Gone, 2, 50_000_000, vec![])).await;
    for chat in [GROUP, FORUM, CHANNEL] {
        let messages = post.town.messages(chat).await;
        let alerts: Vec<&str> =
            messages.iter().map(words).filter(|text| !text.is_empty()).collect();
        assert!(
            !alerts.is_empty() && alerts.iter().all(|text| text.starts_with("⛔")),
            "{alerts:?}"
        );
    }
    assert_eq!(post.context.db.posts_of(&[new.key]).await.expect("posts").len(), 4);
}
