//! getUpdates.

use serde_json::{Value, json};

use crate::support::{ANN, Bench, soon};

async fn write(bench: &Bench, text: &str) -> i64 {
    bench.say(json!({"user": ANN, "text": text})).await["update_id"].as_i64().unwrap()
}

fn ids(updates: &[Value]) -> Vec<i64> {
    updates.iter().map(|update| update["update_id"].as_i64().unwrap()).collect()
}

#[tokio::test]
async fn an_offset_confirms_what_lies_below_it() {
    let bench = Bench::new().await;
    let (a, b, c) = (write(&bench, "a").await, write(&bench, "b").await, write(&bench, "c").await);
    assert_eq!(ids(&bench.updates(json!({})).await), [a, b, c]);
    assert_eq!(ids(&bench.updates(json!({"limit": 1})).await), [a]);
    assert_eq!(ids(&bench.updates(json!({"offset": b})).await), [b, c]);
    assert_eq!(ids(&bench.updates(json!({})).await), [b, c], "a is confirmed");
    assert_eq!(ids(&bench.updates(json!({"offset": -1})).await), [c]);
    assert_eq!(ids(&bench.updates(json!({})).await), [c], "b is forgotten");
}

#[tokio::test]
async fn a_long_poll_ends_with_the_first_update() {
    let bench = Bench::new().await;
    let poll = bench.updates(json!({"timeout": 50}));
    let (updates, id) = soon(async { tokio::join!(poll, write(&bench, "now")) }).await;
    assert_eq!(ids(&updates), [id]);
}

#[tokio::test]
async fn a_long_poll_lasts_fifty_seconds_at_most() {
    let bench = Bench::new().await;
    let poll = bench.updates(json!({"timeout": 500}));
    let pass = async {
        // The journal shows nothing of a poll that is under way, so time passes in small steps.
        for _ in 0..60 {
            bench.advance(1_000);
            bench.ok("getMe", json!({})).await;
        }
    };
    let (updates, ()) = soon(async { tokio::join!(poll, pass) }).await;
    assert!(updates.is_empty());
}

#[tokio::test]
async fn the_older_poll_gives_way() {
    let bench = Bench::new().await;
    let older = bench.refused("getUpdates", json!({"timeout": 50}));
    let newer = async {
        // The second poll must come second: try until the first one is there to be ended.
        loop {
            let poll = bench.call("getUpdates", json!({"timeout": 0})).await.unwrap();
            assert_eq!(poll.status(), 200);
        }
    };
    let (code, text) = soon(async {
        tokio::select! { refused = older => refused, () = newer => unreachable!() }
    })
    .await;
    assert_eq!(code, 409);
    assert_eq!(
        text,
        "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"
    );
}

#[tokio::test]
async fn a_webhook_excludes_polling() {
    let bench = Bench::new().await;
    bench.ok("setWebhook", json!({"url": "http://127.0.0.1:9/x"})).await;
    let (code, text) = bench.refused("getUpdates", json!({})).await;
    assert_eq!(code, 409);
    assert_eq!(
        text,
        "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
    );
    bench.ok("deleteWebhook", json!({})).await;
    bench.updates(json!({})).await;
}

#[tokio::test]
async fn allowed_updates_stay_until_they_are_changed() {
    let bench = Bench::new().await;
    bench.updates(json!({"allowed_updates": ["callback_query"]})).await;
    bench.say(json!({"user": ANN, "text": "not wanted"})).await;
    assert!(bench.updates(json!({})).await.is_empty());
    bench.updates(json!({"allowed_updates": []})).await;
    write(&bench, "wanted").await;
    assert_eq!(bench.updates(json!({})).await.len(), 1);
}

#[tokio::test]
async fn updates_expire_after_a_day() {
    let bench = Bench::new().await;
    write(&bench, "old").await;
    bench.advance(24 * 3_600 * 1_000);
    assert!(bench.updates(json!({})).await.is_empty());
}

#[tokio::test]
async fn raw_updates_pass_as_they_are_and_several_bots_stay_apart() {
    let bench = Bench::new().await;
    bench.page("/bot999:other/getMe").await;
    bench.say(json!({"bot": "123456:test-token", "raw_update": {"novelty": {"x": 1}}})).await;
    assert_eq!(bench.updates(json!({})).await[0]["novelty"], json!({"x": 1}));
    let other = bench.get("/bot999:other/getUpdates").await;
    assert_eq!(other["result"], json!([]));
}

#[tokio::test]
async fn set_webhook_ends_a_poll_that_is_under_way() {
    let bench = Bench::new().await;
    let version = bench.get("/_sandbox/chats").await["version"].as_u64().unwrap();
    let poll = bench.refused("getUpdates", json!({"timeout": 50}));
    let hook = async {
        // The beginning of a poll is a change, which readers of the state are told.
        bench.get(&format!("/_sandbox/chats?since={version}&wait=10000")).await;
        bench.ok("setWebhook", json!({"url": "http://127.0.0.1:9/x"})).await;
    };
    let ((code, text), ()) = soon(async { tokio::join!(poll, hook) }).await;
    assert_eq!((code, text.as_str()), (409, "Conflict: terminated by setWebhook request"));
}
