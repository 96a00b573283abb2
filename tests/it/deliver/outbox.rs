//! The sender's steps over a real outbox: what each misbehaviour of Telegram costs, and whom.

use std::sync::Arc;

use async_trait::async_trait;
use chrono::TimeDelta;
use magpie::clock::Clock;
use magpie::deliver::render::Renderer;
use magpie::deliver::{Desk, recovery};
use magpie::domain::pace::Limits;
use magpie::domain::{
    Change, ChangeKind, Class, DeliveryState, Entity, EntityKind, Language, Outgoing, OwnerId,
};
use magpie::store::begun::Begun;
use magpie::store::lock::InstanceLock;
use magpie::store::{ClaimRequest, Instance};
use magpie::telegram::{Photo, PhotoKind, PhotoSource};
use serde_json::json;

use super::post::{Post, begin};
use super::town::{TOKEN, png};

const ANNA: i64 = 501;
const BORYS: i64 = 502;

use DeliveryState::{Dead, Dropped, Pending, Sent, Unknown};

#[tokio::test]
async fn a_429_makes_only_its_chat_wait() {
    let post = Post::with_people(&[ANNA, BORYS]).await;
    post.town.fault(json!({"chat": ANNA, "times": 1}), json!({"retry_after": 7})).await;
    post.write(Class::Alert, &[(ANNA, "a1"), (ANNA, "a2"), (BORYS, "b1"), (BORYS, "b2")]).await;
    let next = post.drain().await.expect("one chat waits");
    assert_eq!(post.texts(BORYS).await, ["b1", "b2"]);
    assert_eq!(post.town.sends(ANNA).await.len(), 1, "no call before the time asked for");
    let wait = next - begin();
    assert!(wait >= TimeDelta::seconds(7) && wait < TimeDelta::seconds(8), "{wait}");
    post.drain_to_the_end().await;
    assert_eq!(post.texts(ANNA).await, ["a1", "a2"]);
    let attempts: Vec<i64> =
        post.deliveries(ANNA).await.iter().map(|delivery| delivery.attempts_refused).collect();
    assert_eq!(attempts, [0, 0], "waiting because of a limit is no attempt");
}

#[tokio::test]
async fn a_wait_of_two_weeks_is_written_down_and_not_slept() {
    let post = Post::with_people(&[ANNA]).await;
    post.town.fault(json!({"chat": ANNA, "times": 1}), json!({"retry_after": 1_209_600})).await;
    post.write(Class::Alert, &[(ANNA, "a1")]).await;
    let next = post.drain().await.expect("the chat waits");
    assert!(next - begin() >= TimeDelta::days(14));
    assert_eq!(post.states(ANNA).await, [Pending]);
}

#[tokio::test]
async fn a_person_who_blocked_the_bot_gets_no_further_calls() {
    let post = Post::with_people(&[ANNA, BORYS]).await;
    post.town.say(json!({"bot": TOKEN, "user": ANNA, "block": true})).await;
    post.write(Class::Alert, &[(ANNA, "a1"), (ANNA, "a2"), (ANNA, "a3"), (BORYS, "b1")]).await;
    post.drain_to_the_end().await;
    assert_eq!(post.states(ANNA).await, [Dropped, Dropped, Dropped]);
    assert_eq!(post.town.sends(ANNA).await.len(), 1);
    assert_eq!(post.states(BORYS).await, [Sent]);
}

#[tokio::test]
async fn a_group_that_moved_gets_each_message_once_under_its_new_id() {
    const OLD: i64 = -500;
    const NEW: i64 = -1_000_000_000_500;
    let post = Post::with_people(&[ANNA]).await;
    let group = json!({"type": "group", "title": "Flats"});
    post.town.say(json!({"bot": TOKEN, "chat": OLD, "group": group})).await;
    let join = json!({"bot": TOKEN, "user": ANNA, "chat": OLD, "bot_status": "member"});
    post.town.say(join).await;
    post.town.say(json!({"bot": TOKEN, "chat": OLD, "migrate_to": NEW})).await;
    post.write(Class::Alert, &[(OLD, "g1"), (OLD, "g2")]).await;
    post.drain_to_the_end().await;
    assert_eq!(post.states(NEW).await, [Sent, Sent]);
    assert_eq!(post.states(OLD).await, []);
    let mut texts = post.texts(NEW).await;
    texts.retain(|text| !text.is_empty());
    assert_eq!(texts, ["g1", "g2"]);
    assert_eq!(post.town.sends(OLD).await.len(), 1, "one hop");
}

#[tokio::test]
async fn a_lost_answer_is_a_doubt_that_is_listed_and_sent_once_more() {
    let post = Post::with_people(&[ANNA]).await;
    let once = json!({"chat": ANNA, "times": 1});
    post.town.fault(once, json!({"eat_answer": true, "hold_ms": 50})).await;
    post.write(Class::Alert, &[(ANNA, "a1")]).await;
    let next = post.drain().await.expect("a resend is due");
    assert_eq!(next - begin(), TimeDelta::seconds(2));
    let listed = post.doubted().await;
    assert_eq!((listed.len(), listed[0].state, listed[0].doubts), (1, Pending, 1));
    post.drain_to_the_end().await;
    assert_eq!(post.texts(ANNA).await, ["a1", "a1"], "the second copy that the list announces");
    assert_eq!(post.doubted().await[0].state, Sent);
}

#[tokio::test]
async fn a_broadcast_in_doubt_is_never_sent_twice() {
    let post = Post::with_people(&[ANNA]).await;
    post.town.fault(json!({"chat": ANNA, "times": 1}), json!({"reset": "after"})).await;
    post.write(Class::Broadcast, &[(ANNA, "news")]).await;
    post.drain_to_the_end().await;
    assert_eq!(post.states(ANNA).await, [Unknown]);
    assert_eq!(post.texts(ANNA).await, ["news"]);
}

#[tokio::test]
async fn what_the_server_did_not_process_arrives_once() {
    for action in
        [json!({"status": 502, "html": true}), json!({"status": 500}), json!({"reset": "before"})]
    {
        let post = Post::with_people(&[ANNA]).await;
        post.town.fault(json!({"chat": ANNA, "times": 1}), action.clone()).await;
        post.write(Class::Alert, &[(ANNA, "a1"), (ANNA, "a2")]).await;
        post.drain_to_the_end().await;
        assert_eq!(post.states(ANNA).await, [Sent, Sent], "{action}");
        let mut texts = post.texts(ANNA).await;
        texts.sort();
        assert_eq!(texts, ["a1", "a2"], "{action}");
        assert_eq!(post.doubted().await.len(), 1, "{action}");
    }
}

#[tokio::test]
async fn a_telegram_that_cannot_be_reached_costs_no_attempt_and_no_order() {
    let mut post = Post::with_people(&[ANNA]).await;
    let good = Arc::clone(&post.context.messenger);
    let (gone, _) = super::wire::closed_client();
    post.send_by(gone);
    post.write(Class::Alert, &[(ANNA, "a1"), (ANNA, "a2")]).await;
    for _ in 0..3 {
        post.step().await;
    }
    for delivery in post.deliveries(ANNA).await {
        let counts = (delivery.attempts_refused, delivery.attempts_crashed, delivery.doubts);
        assert_eq!((delivery.state, counts), (Pending, (0, 0, 0)));
    }
    post.context.messenger = good;
    post.drain_to_the_end().await;
    assert_eq!(post.texts(ANNA).await, ["a1", "a2"]);
}

#[tokio::test]
async fn each_chat_reads_in_the_order_of_writing() {
    let post = Post::with_people(&[ANNA, BORYS]).await;
    let numbers: Vec<String> = (0..12).map(|number| number.to_string()).collect();
    let mut messages = vec![];
    for number in &numbers {
        messages.push((ANNA, number.as_str()));
        messages.push((BORYS, number.as_str()));
    }
    post.write(Class::Alert, &messages).await;
    post.drain_to_the_end().await;
    assert_eq!(post.texts(ANNA).await, numbers);
    assert_eq!(post.texts(BORYS).await, numbers);
}

/// Has one picture for every address.
struct OnePhoto;

#[async_trait]
impl PhotoSource for OnePhoto {
    async fn photo(&self, _: &str) -> Option<Photo> {
        Some(Photo { bytes: png(), kind: PhotoKind::Png })
    }
}

fn with_picture() -> Outgoing {
    Outgoing {
        entities: vec![Entity { kind: EntityKind::Bold, offset: 0, length: 4 }],
        // Nobody listens there: Telegram's fetcher fails.
        photo: Some("http://127.0.0.1:9/7.jpg".into()),
        ..Outgoing::text("Flat")
    }
}

async fn methods(post: &Post) -> Vec<String> {
    let calls = post.town.sends(ANNA).await;
    calls.iter().map(|call| call["method"].as_str().unwrap_or_default().to_owned()).collect()
}

#[tokio::test]
async fn a_picture_that_telegram_cannot_load_is_uploaded() {
    let mut post = Post::with_people(&[ANNA]).await;
    post.options.desk = Arc::new(Desk::new(Renderer::default(), Arc::new(OnePhoto)));
    post.write_message(ANNA, with_picture()).await;
    post.drain_to_the_end().await;
    assert_eq!(methods(&post).await, ["sendPhoto", "sendPhoto"]);
    let message = post.town.messages(ANNA).await.pop().expect("a message");
    assert!(message["photo"].is_array() && message["caption"] == "Flat", "{message}");
}

#[tokio::test]
async fn a_picture_that_nobody_can_load_is_left_out() {
    let post = Post::with_people(&[ANNA]).await;
    post.write_message(ANNA, with_picture()).await;
    post.drain_to_the_end().await;
    assert_eq!(methods(&post).await, ["sendPhoto", "sendMessage"]);
    let message = post.town.messages(ANNA).await.pop().expect("a message");
    assert_eq!(
        (&message["text"], &message["entities"][0]["type"]),
        (&json!("Flat"), &json!("bold"))
    );
}

#[tokio::test]
async fn content_that_is_refused_in_every_form_needs_a_person() {
    let post = Post::with_people(&[ANNA]).await;
    let error = json!({"code": 400, "description": "Bad Request: message is strange"});
    post.town.fault(json!({"chat": ANNA, "times": 2}), json!({"error": error})).await;
    post.write(Class::Alert, &[(ANNA, "a1"), (ANNA, "a2")]).await;
    post.drain_to_the_end().await;
    assert_eq!(post.states(ANNA).await, [Dead, Sent], "the rest of the chat goes on");
    let reason = post.deliveries(ANNA).await[0].reason.clone().unwrap_or_default();
    assert!(reason.contains("message is strange"), "{reason}");
}

#[tokio::test]
async fn a_change_arrives_rendered_for_its_reader() {
    let post = Post::with_people(&[ANNA]).await;
    let listing: sites::Listing = serde_json::from_value(json!({
        "id": "7", "url": "https://www.example.com/7", "title": "Дім <b> & сад",
        "price": {"minor": 45_000_000, "currency": "EUR"},
    }))
    .expect("a listing");
    let change = Change {
        key: sites::ListingKey { site: "example".into(), id: "7".into() },
        kind: ChangeKind::PriceDown,
        version: 2,
        at: begin(),
        price_before: Some(sites::Money { minor: 50_000_000, currency: "EUR".into() }),
        told_before: vec![],
        fields: vec![],
        listing,
        same_as: None,
    };
    post.write_change(ANNA, change, &["сад"], Language::Uk).await;
    post.drain_to_the_end().await;
    let message = post.town.messages(ANNA).await.pop().expect("a message");
    let lines: Vec<&str> = message["text"].as_str().unwrap_or_default().lines().collect();
    assert_eq!(
        lines,
        [
            "📉 Подешевшало",
            "Дім <b> & сад",
            "500\u{a0}000\u{a0}€ → 450\u{a0}000\u{a0}€ (−10\u{a0}%)",
            "",
            "Підписка: сад",
            "example.com",
        ]
    );
    let entities = message["entities"].as_array().expect("entities");
    let title = json!({"type": "bold", "offset": 15, "length": 13});
    assert!(entities.contains(&title), "{entities:?}");
    let button = &message["reply_markup"]["inline_keyboard"][0][0];
    assert_eq!(*button, json!({"text": "Відкрити", "url": "https://www.example.com/7"}));
}

#[tokio::test]
async fn what_a_dead_process_was_sending_is_found_named_and_sent_again() {
    let post = Post::with_people(&[ANNA, BORYS]).await;
    let db = &*post.context.db;
    let folder = post.folder().join("locks");
    post.write(Class::Alert, &[(ANNA, "a1"), (BORYS, "b1")]).await;
    let mut locks = vec![];
    for name in ["dead", "alive"] {
        let owner = OwnerId(name.into());
        let lock = InstanceLock::acquire(&folder, &owner).expect("a lock");
        let instance = Instance {
            owner: owner.clone(),
            role: "scraper".into(),
            pid: 1,
            lock_path: lock.path().display().to_string(),
            started_at: begin(),
        };
        db.register_instance(&instance).await.expect("registered");
        locks.push(lock);
        let request = ClaimRequest {
            owner,
            now: begin(),
            limit: 1,
            limits: post.options.limits,
            horizon: post.options.horizon,
            classes: vec![],
        };
        assert_eq!(db.claim_deliveries(&request).await.expect("a claim").len(), 1);
    }
    drop(locks.remove(0));
    let run = || recovery::run_once(db, &*post.context.clock, &post.context.owner);
    assert_eq!(run().await.expect("recovery"), 1);
    assert_eq!(run().await.expect("recovery"), 0, "once is enough");
    assert_eq!(post.doubted().await.len(), 1);
    post.drain_to_the_end().await;
    assert_eq!(post.states(ANNA).await, [Sent]);
    assert_eq!(
        post.states(BORYS).await,
        [DeliveryState::Sending],
        "the living keeps what it holds"
    );
    assert_eq!(post.clock.now() - begin(), TimeDelta::seconds(2));
}

#[tokio::test]
async fn what_a_dead_process_had_not_begun_goes_back_without_a_doubt() {
    let post = Post::with_people(&[ANNA, BORYS]).await;
    let db = &*post.context.db;
    post.write(Class::Alert, &[(ANNA, "a1"), (BORYS, "b1")]).await;
    let owner = OwnerId("dead".into());
    let lock = InstanceLock::acquire(&post.folder().join("locks"), &owner).expect("a lock");
    let instance = Instance {
        owner: owner.clone(),
        role: "scraper".into(),
        pid: 1,
        lock_path: lock.path().display().to_string(),
        started_at: begin(),
    };
    db.register_instance(&instance).await.expect("registered");
    let limits = Limits { gap_us: 100_000, ..Limits::OFF };
    let horizon = post.options.horizon;
    let request = ClaimRequest { owner, now: begin(), limit: 2, limits, horizon, classes: vec![] };
    let claimed = db.claim_deliveries(&request).await.expect("a claim");
    assert_eq!(claimed[1].delivery.intent_at, Some(begin() + TimeDelta::milliseconds(100)));
    // It began with the first one and died; no orderly end removes its mark.
    let begun = Begun::beside(lock.path());
    assert!(claimed[0].delivery.intent_at.is_some_and(|slot| begun.note(slot)));
    let _left_behind = std::mem::ManuallyDrop::new(begun);
    drop(lock);
    let run = || recovery::run_once(db, &*post.context.clock, &post.context.owner);
    assert_eq!(run().await.expect("recovery"), 1);
    assert_eq!(post.states(ANNA).await, [DeliveryState::Pending]);
    assert_eq!(post_doubts(&post, ANNA).await, (1, 1));
    assert_eq!(post_doubts(&post, BORYS).await, (0, 0));
}

/// Doubts and crashes of the only delivery of a chat.
async fn post_doubts(post: &Post, chat: i64) -> (i64, i64) {
    let one = post.deliveries(chat).await.remove(0);
    (one.doubts, one.attempts_crashed)
}
