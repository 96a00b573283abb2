//! The sender's loop with the clock of the machine: nudges, limits in flight, going down.

use std::sync::Arc;
use std::time::Duration;

use magpie::clock::SystemClock;
use magpie::deliver::{Desk, Settler, send_and_settle, sender};
use magpie::domain::delivery::Claimed;
use magpie::domain::{Class, DeliveryState};
use magpie::shutdown::Stage;
use magpie::store::ClaimRequest;
use serde_json::json;
use tokio::task::JoinHandle;

use super::post::Post;

const FIRST: i64 = 601;

/// Longest wait for something that must happen.
const PATIENCE: Duration = Duration::from_secs(20);

async fn post(people: i64) -> Post {
    let ids: Vec<i64> = (FIRST..FIRST + people).collect();
    let mut post = Post::with_people(&ids).await;
    post.context.clock = Arc::new(SystemClock);
    post
}

fn start(post: &Post) -> JoinHandle<()> {
    let (context, options) = (post.context.clone(), post.options.clone());
    tokio::spawn(async move { sender::run(&context, options).await })
}

async fn ended(task: JoinHandle<()>) {
    tokio::time::timeout(PATIENCE, task)
        .await
        .expect("it ends in time")
        .expect("it does not break");
}

async fn until(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let deadline = tokio::time::Instant::now() + PATIENCE;
    while !holds().await {
        assert!(tokio::time::Instant::now() < deadline, "waited too long until {what}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

async fn count(post: &Post, state: DeliveryState) -> i64 {
    let stats = post.context.db.outbox_stats().await.expect("counts");
    stats.by_state.iter().find(|(found, _)| *found == state).map_or(0, |(_, count)| *count)
}

#[tokio::test]
async fn the_loop_empties_the_outbox_and_ends_when_it_is_told() {
    let post = post(10).await;
    let running = start(&post);
    let numbers: Vec<String> = (0..4).map(|number| number.to_string()).collect();
    let messages: Vec<(i64, &str)> = numbers
        .iter()
        .flat_map(|number| (FIRST..FIRST + 10).map(|chat| (chat, number.as_str())))
        .collect();
    post.write(Class::Alert, &messages).await;
    post.options.wake.wake();
    until("all are sent", async || count(&post, DeliveryState::Sent).await == 40).await;
    post.context.shutdown.reach(Stage::Quiet);
    ended(running).await;
    for chat in FIRST..FIRST + 10 {
        assert_eq!(post.texts(chat).await, numbers);
    }
}

#[tokio::test]
async fn what_another_process_wrote_is_found_without_a_nudge() {
    let post = post(1).await;
    let running = start(&post);
    until("the loop looks", async || post.context.db.ping().await.is_ok()).await;
    post.write(Class::Alert, &[(FIRST, "hello")]).await;
    until("it is sent", async || count(&post, DeliveryState::Sent).await == 1).await;
    post.context.shutdown.reach(Stage::Quiet);
    ended(running).await;
}

#[tokio::test]
async fn a_slow_chat_holds_nobody_else_and_quiet_waits_for_it() {
    let post = post(3).await;
    post.town.fault(json!({"chat": FIRST, "times": 1}), json!({"delay_ms": 1_000})).await;
    post.write(Class::Alert, &[(FIRST, "slow"), (FIRST + 1, "quick"), (FIRST + 2, "quick")]).await;
    let running = start(&post);
    until("the others are sent", async || count(&post, DeliveryState::Sent).await == 2).await;
    assert_eq!(count(&post, DeliveryState::Sending).await, 1);
    post.context.shutdown.reach(Stage::Quiet);
    ended(running).await;
    assert_eq!(count(&post, DeliveryState::Sent).await, 3, "what was in flight is finished");
}

#[tokio::test]
async fn a_sender_that_is_told_to_be_quiet_claims_nothing() {
    let post = post(1).await;
    post.write(Class::Alert, &[(FIRST, "hello")]).await;
    post.context.shutdown.reach(Stage::Quiet);
    ended(start(&post)).await;
    assert_eq!(count(&post, DeliveryState::Pending).await, 1);
    assert_eq!(post.town.calls().await.len(), 0);
}

#[tokio::test]
async fn a_slot_that_is_far_off_is_written_down_instead_of_held() {
    let post = post(1).await;
    post.write(Class::Alert, &[(FIRST, "hello")]).await;
    let now = post.context.clock.now();
    let request = ClaimRequest {
        owner: post.context.owner.clone(),
        now,
        limit: 1,
        limits: post.options.limits,
        horizon: post.options.horizon,
        classes: vec![],
    };
    let claimed = post.context.db.claim_deliveries(&request).await.expect("a claim").pop();
    let far = now + chrono::TimeDelta::minutes(10);
    let claimed = Claimed { send_at: far, ..claimed.expect("one is due") };
    let (settler, settling) = Settler::start(
        Arc::clone(&post.context.db),
        Arc::clone(&post.context.clock),
        post.context.shutdown.clone(),
    );
    let error = send_and_settle(&post.context, &Desk::default(), &settler, &claimed).await;
    assert_eq!(error, None);
    drop(settler);
    ended(settling).await;
    let next = post.context.db.next_delivery_at().await.expect("an answer");
    assert_eq!(next.map(|at| at.timestamp_millis()), Some(far.timestamp_millis()));
    assert_eq!(post.town.calls().await.len(), 0);
}

#[tokio::test]
async fn the_cut_leaves_what_is_under_way_as_a_named_doubt() {
    let post = post(1).await;
    post.town.fault(json!({"times": 1}), json!({"eat_answer": true})).await;
    post.write(Class::Alert, &[(FIRST, "hello")]).await;
    let running = start(&post);
    until("it has arrived", async || !post.town.messages(FIRST).await.is_empty()).await;
    post.context.shutdown.reach(Stage::Cut);
    ended(running).await;
    let doubts = post.doubted().await;
    assert_eq!((doubts.len(), doubts[0].state), (1, DeliveryState::Pending));
    assert_eq!((doubts[0].doubts, doubts[0].attempts_refused), (1, 0));
}

#[tokio::test]
async fn a_refused_token_stops_all_sending_and_costs_nothing() {
    let mut post = post(9).await;
    let stranger = post.town.client_of("0:nonsense");
    post.send_by(stranger);
    post.options.in_flight = 2;
    let messages: Vec<(i64, &str)> = (FIRST..FIRST + 9).map(|chat| (chat, "hello")).collect();
    post.write(Class::Alert, &messages).await;
    let running = start(&post);
    // Each claim raises the epoch of its delivery by one.
    let claims = async || -> i64 {
        let all = post.context.db.deliveries(&Default::default()).await.expect("deliveries");
        all.iter().map(|delivery| delivery.epoch).sum()
    };
    until("it has tried and settled", async || {
        claims().await > 0 && count(&post, DeliveryState::Sending).await == 0
    })
    .await;
    post.options.wake.wake();
    post.context.shutdown.reach(Stage::Quiet);
    ended(running).await;
    assert_eq!(count(&post, DeliveryState::Pending).await, 9);
    let claims = claims().await;
    assert!(claims <= 2, "{claims} claims: the brake holds after the first refusal");
}

#[tokio::test]
async fn many_refused_chats_stop_the_rest() {
    let post = post(30).await;
    post.town.fault(json!({}), json!({"retry_after": 600})).await;
    let messages: Vec<(i64, &str)> = (FIRST..FIRST + 30).map(|chat| (chat, "hello")).collect();
    post.write(Class::Alert, &messages).await;
    let running = start(&post);
    until("some are refused", async || {
        post.town.calls().await.len() >= 3 && count(&post, DeliveryState::Sending).await == 0
    })
    .await;
    post.context.shutdown.reach(Stage::Quiet);
    ended(running).await;
    let calls = post.town.calls().await.len();
    assert!(calls <= 12, "{calls} calls although everybody is refused");
    assert_eq!(count(&post, DeliveryState::Pending).await, 30);
}
