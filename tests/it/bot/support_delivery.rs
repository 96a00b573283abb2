//! Support when things go wrong on the way: processes that die, answers that are lost, people who may not act.

use std::time::Duration;

use chrono::TimeDelta;
use magpie::deliver::sender;
use magpie::domain::{Class, DeliveryState, OwnerId};
use magpie::store::{ClaimRequest, Db, DeliveryFilter, TicketRecord};
use serde_json::{Value, json};

use super::support_world::{GROUP, Support};

const FIRST: i64 = 11;

fn holds(lines: &[String], words: &str) -> usize {
    lines.iter().filter(|line| line.contains(words)).count()
}

async fn claim(world: &Support, owner: &str) -> usize {
    let request = ClaimRequest {
        owner: OwnerId(owner.to_owned()),
        now: world.context.clock.now(),
        limit: 1,
        limits: world.options.limits,
        horizon: Duration::from_secs(1),
        classes: vec![Class::Support],
    };
    world.db.claim_deliveries(&request).await.expect("claimed").len()
}

async fn doubts(world: &Support) -> usize {
    let filter = DeliveryFilter { doubted: true, ..DeliveryFilter::default() };
    world.db.deliveries(&filter).await.expect("deliveries").len()
}

#[tokio::test]
async fn a_bot_that_dies_after_its_commit_leaves_the_copy_to_the_next_one() {
    let mut world = Support::new(Some(true), &[]).await;
    world.person("anna", "en");
    let said = json!({ "user": FIRST, "name": "anna", "text": "Hello?" });
    world.control("say", said).await;
    // The update is committed and acknowledged; nothing for staff has been sent when the process ends.
    world.handle_updates().await;
    let waiting = DeliveryFilter {
        state: Some(DeliveryState::Pending),
        class: Some(Class::Support),
        ..DeliveryFilter::default()
    };
    assert_eq!(world.db.count_deliveries(&waiting).await.expect("a count"), 2);
    let lines = world.settle().await;
    assert_eq!(holds(&lines, "in “anna”> Hello?"), 1, "{lines:#?}");
    assert_eq!(doubts(&world).await, 0);
}

#[tokio::test]
async fn what_a_dead_sender_held_is_named_in_doubt_and_comes_again() {
    let mut world = Support::new(Some(true), &[]).await;
    world.person("anna", "en");
    world.control("say", json!({ "user": FIRST, "name": "anna", "text": "Hello?" })).await;
    world.handle_updates().await;
    // One process claims the header and dies; nobody knows whether it was sent.
    assert_eq!(claim(&world, "the dead one").await, 1);
    let now = world.context.clock.now();
    let buried = world.db.bury_instance(&OwnerId("the dead one".into()), now).await;
    assert_eq!(buried.expect("buried").doubts.len(), 1);
    let lines = world.pass(1).await;
    let header = lines.iter().filter(|line| line.contains("· anna")).count();
    assert_eq!((header, holds(&lines, "> Hello?")), (1, 1), "{lines:#?}");
    assert_eq!(doubts(&world).await, 1, "it is on the list");
}

#[tokio::test]
async fn a_topic_whose_making_was_not_heard_of_stays_empty_and_nothing_is_lost() {
    let mut world = Support::new(Some(true), &[]).await;
    let lost = json!({ "match": { "method": "createForumTopic", "nth": 1 },
        "action": { "reset": "after" } });
    world.control("faults", lost).await;
    let first = world.act("anna", json!({ "text": "Hello?" })).await;
    assert_eq!(holds(&first, "in “anna”> Hello?"), 0, "{first:#?}");
    let later = world.pass(1).await;
    assert_eq!(holds(&later, "in “anna”> Hello?"), 1, "{later:#?}");
    let made = [&first[..], &later[..]].concat();
    assert_eq!(holds(&made, "in “anna”: the topic is made"), 2, "one of them is empty: {made:#?}");
    let third = world.act("anna", json!({ "text": "Anybody?" })).await;
    assert_eq!(holds(&third, "in “anna”> Anybody?"), 1, "{third:#?}");
    assert_eq!(holds(&third, "the topic is made"), 0);
}

#[tokio::test]
async fn an_anonymous_administrator_may_answer_and_other_bots_may_not() {
    let mut world = Support::new(Some(true), &[]).await;
    world.act("anna", json!({ "text": "Hello?" })).await;
    let thread = world.topic("anna");
    let place = |more: Value| {
        let mut act = json!({ "chat": GROUP, "thread": thread });
        act.as_object_mut().expect("an object").extend(more.as_object().cloned().expect("one"));
        act
    };
    for text in ["Good evening", "and good night"] {
        let said = place(json!({ "anonymous": true, "text": text }));
        let lines = world.act("olga", said).await;
        assert_eq!(holds(&lines, &format!("to anna> {text}")), 1, "{lines:#?}");
    }
    let another_bot = json!({ "update_id": 900_000_000, "message": { "message_id": 9_000,
        "date": 1_795_204_800, "message_thread_id": thread, "is_topic_message": true,
        "text": "I am a bot", "from": { "id": 99, "is_bot": true, "first_name": "Other" },
        "chat": { "id": GROUP, "type": "supergroup", "is_forum": true } } });
    world.feed(&another_bot).await;
    let lines = world.settle().await;
    assert_eq!(holds(&lines, "I am a bot"), 0, "{lines:#?}");
    // Who answers in the group is not met as a subscriber.
    let tickets = world.db.tickets(true, 10).await.expect("tickets");
    assert_eq!(tickets.len(), 1);
    assert_eq!(tickets[0].waiting_since, None);
}

#[tokio::test]
async fn what_people_send_is_copied_and_never_downloaded() {
    let mut world = Support::new(Some(true), &[]).await;
    world.act("anna", json!({ "photo": "g-1001", "text": "look" })).await;
    let file = json!({ "name": "long.txt", "content": "x".repeat(50_000) });
    let lines = world.act("anna", json!({ "document": file, "text": "and this" })).await;
    assert_eq!(holds(&lines, "and this"), 1, "{lines:#?}");
    let long = world.act("anna", json!({ "text": "я".repeat(4_096) })).await;
    assert_eq!(holds(&long, &"я".repeat(4_096)), 1);
    let journal = world.journal().await;
    assert!(
        journal.contains("copyMessage") && !journal.contains("getFile"),
        "no file is asked for"
    );
}

#[tokio::test]
async fn the_alarm_is_told_once_by_any_number_of_processes() {
    let mut world = Support::new(Some(true), &[FIRST + 1]).await;
    world.act("anna", json!({ "text": "Hello?" })).await;
    world.act("olga", json!({ "text": "/start" })).await;
    let lines = world.pass(240).await;
    assert_eq!(holds(&lines, "has waited for an answer for 4 hours"), 2, "group and operator");
    for _ in 0..3 {
        magpie::bot::late_tickets::look(&world.context).await.expect("looked");
    }
    let step = sender::step(&world.context, &world.options).await.expect("a step");
    assert!(matches!(step, sender::Step::NothingUntil(_)), "{step:?}");
    let waits = world.db.tickets_waiting().await.expect("counted");
    let age = world.context.clock.now() - waits.oldest.expect("one waits");
    assert_eq!((waits.count, age), (1, TimeDelta::minutes(240)));
}
