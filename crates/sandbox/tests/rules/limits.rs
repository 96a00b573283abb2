//! Rate limits as a client sees them.

use serde_json::{Value, json};

use crate::support::{ANN, Bench};

async fn send(bench: &Bench, chat: i64) -> Result<(), (i64, Value)> {
    let answer = bench.call("sendMessage", json!({"chat_id": chat, "text": "x"})).await.unwrap();
    let header =
        answer.headers().get("retry-after").map(|value| value.to_str().unwrap().to_owned());
    let body: Value = answer.json().await.unwrap();
    if body["ok"] == true {
        return Ok(());
    }
    let seconds = body["parameters"]["retry_after"].as_i64().unwrap();
    assert_eq!(header, Some(seconds.to_string()), "header and body agree");
    assert_eq!(body["description"], format!("Too Many Requests: retry after {seconds}"));
    Err((seconds, body))
}

#[tokio::test]
async fn one_chat_takes_three_at_once_and_then_one_a_second() {
    for mode in ["sliding", "bucket"] {
        let bench = Bench::limited(mode).await;
        for _ in 0..3 {
            send(&bench, ANN).await.unwrap();
        }
        let (seconds, _) = send(&bench, ANN).await.unwrap_err();
        bench.advance(seconds * 1_000 - 1);
        assert!(send(&bench, ANN).await.is_err(), "{mode}: a millisecond early");
        bench.advance(1);
        send(&bench, ANN).await.unwrap();
    }
}

#[tokio::test]
async fn thirty_a_second_over_all_chats() {
    let bench = Bench::limited("sliding").await;
    bench.say(json!({"user": 2000, "meet": true, "count": 40})).await;
    let mut passed = 0;
    for user in 2000..2040 {
        passed += i32::from(send(&bench, user).await.is_ok());
    }
    assert_eq!(passed, 30);
    bench.advance(1_000);
    send(&bench, 2035).await.unwrap();
}

#[tokio::test]
async fn twenty_a_minute_in_a_group_and_an_album_weighs_its_pictures() {
    let bench = Bench::limited("sliding").await;
    bench
        .say(json!({"user": ANN, "chat": -5, "group": {"type": "group", "title": "G"}, "bot_status": "member"}))
        .await;
    let photo = json!({"type": "photo", "media": bench.url("/demo/photos/g-1001.jpg")});
    bench.ok("sendMediaGroup", json!({"chat_id": -5, "media": vec![photo; 10]})).await;
    for _ in 0..10 {
        bench.advance(1_001);
        send(&bench, -5).await.unwrap();
    }
    bench.advance(1_001);
    let (seconds, _) = send(&bench, -5).await.unwrap_err();
    assert_eq!(seconds, 49);
}

#[tokio::test]
async fn a_refused_call_is_not_counted_and_answers_are_not_limited() {
    let bench = Bench::limited("sliding").await;
    for _ in 0..10 {
        bench.refused("sendMessage", json!({"chat_id": ANN, "text": ""})).await;
    }
    for _ in 0..3 {
        send(&bench, ANN).await.unwrap();
    }
    bench.ok("sendChatAction", json!({"chat_id": ANN, "action": "typing"})).await;
}
