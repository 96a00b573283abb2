//! Misbehaviour on order, and the journal as its witness.

use serde_json::{Value, json};

use crate::support::{ANN, Bench, soon};

async fn order(bench: &Bench, fits: Value, action: Value) {
    bench.control("faults", json!({"match": fits, "action": action})).await;
}

fn hello() -> Value {
    json!({"chat_id": ANN, "text": "hello"})
}

async fn count(bench: &Bench) -> usize {
    let chat = bench.get(&format!("/_sandbox/chats/{ANN}/messages")).await;
    chat["messages"].as_array().unwrap().len()
}

#[tokio::test]
async fn a_refusal_can_be_ordered_for_the_nth_call() {
    let bench = Bench::new().await;
    order(&bench, json!({"method": "sendMessage", "nth": 2}), json!({"retry_after": 7})).await;
    bench.text("first").await;
    let (code, text) = bench.refused("sendMessage", hello()).await;
    assert_eq!((code, text.as_str()), (429, "Too Many Requests: retry after 7"));
    bench.text("third").await;
    let rules = bench.get("/_sandbox/faults").await;
    assert_eq!((&rules["rules"][0]["seen"], &rules["rules"][0]["hits"]), (&json!(3), &json!(1)));
    let gone = bench.http.delete(bench.url("/_sandbox/faults")).send().await.unwrap();
    assert!(gone.status().is_success());
    assert_eq!(bench.get("/_sandbox/faults").await["rules"], json!([]));
}

#[tokio::test]
async fn a_gateway_page_and_a_fixed_error_can_be_ordered() {
    let bench = Bench::new().await;
    order(&bench, json!({"times": 1}), json!({"status": 502, "html": true})).await;
    let answer = bench.call("sendMessage", hello()).await.unwrap();
    assert_eq!(answer.status(), 502);
    assert!(answer.text().await.unwrap().starts_with("<html>"));
    let error = json!({"code": 400, "description": "Bad Request: group send failed"});
    order(&bench, json!({"chat": ANN}), json!({"error": error})).await;
    let refused = bench.refused("sendMessage", hello()).await;
    assert_eq!(refused, (400, "Bad Request: group send failed".to_owned()));
    assert_eq!(count(&bench).await, 0, "nothing of this was processed");
}

#[tokio::test]
async fn a_reset_before_processing_leaves_nothing_and_one_after_it_leaves_the_message() {
    let bench = Bench::new().await;
    order(&bench, json!({"nth": 1}), json!({"reset": "before"})).await;
    assert!(bench.call("sendMessage", hello()).await.is_err());
    assert_eq!(count(&bench).await, 0);
    order(&bench, json!({"nth": 1}), json!({"reset": "after"})).await;
    assert!(bench.call("sendMessage", hello()).await.is_err());
    assert_eq!(count(&bench).await, 1);
    let lines = bench.journal().await;
    let told: Vec<(&Value, &Value)> = lines
        .iter()
        .filter(|line| line["method"] == "sendMessage")
        .map(|line| (&line["decision"], &line["answer"]))
        .collect();
    let (refused, accepted, reset) = (json!("refused"), json!("accepted"), json!("reset"));
    assert_eq!(told, [(&refused, &reset), (&accepted, &reset)]);
}

#[tokio::test]
async fn an_eaten_answer_was_decided_before_it_was_lost() {
    let bench = Bench::new().await;
    order(&bench, json!({"method": "sendMessage"}), json!({"eat_answer": true, "hold_ms": 60_000}))
        .await;
    let call = bench.call("sendMessage", hello());
    let witness = async {
        let line = bench.journal_line(|line| line["method"] == "sendMessage").await;
        assert_eq!((&line["decision"], &line["answer"]), (&json!("accepted"), &json!("eaten")));
        bench.advance(60_000);
    };
    let (answer, ()) = soon(async { tokio::join!(call, witness) }).await;
    assert!(answer.is_err(), "the connection ends without an answer");
    assert_eq!(count(&bench).await, 1);
}

#[tokio::test]
async fn a_delay_passes_on_the_clock_of_the_sandbox() {
    let bench = Bench::new().await;
    order(&bench, json!({"method": "sendMessage"}), json!({"delay_ms": 5_000})).await;
    let call = bench.ok("sendMessage", hello());
    let pass = async {
        loop {
            bench.advance(1_000);
            bench.ok("getMe", json!({})).await;
        }
    };
    let sent = soon(async {
        tokio::select! { sent = call => sent, () = pass => unreachable!() }
    })
    .await;
    assert!(sent["date"].as_i64().unwrap() >= crate::support::START / 1_000 + 5);
}

#[tokio::test]
async fn a_block_can_come_with_the_call() {
    let bench = Bench::new().await;
    order(&bench, json!({"method": "sendMessage", "nth": 1}), json!({"block": true})).await;
    let refused = bench.refused("sendMessage", hello()).await;
    assert_eq!(refused, (403, "Forbidden: bot was blocked by the user".to_owned()));
}

#[tokio::test]
async fn unknown_words_in_orders_are_refused_with_a_reason() {
    let bench = Bench::new().await;
    let url = bench.url("/_sandbox/faults");
    let wrong = json!({"action": {"explode": true}});
    let answer = bench.http.post(url).json(&wrong).send().await.unwrap();
    assert_eq!(answer.status(), 400);
    let body: Value = answer.json().await.unwrap();
    assert!(body["error"].as_str().unwrap().contains("explode"), "{body}");
}

#[tokio::test]
async fn the_journal_numbers_its_lines_and_hides_the_token() {
    let bench = Bench::new().await;
    let id = bench.text("noted").await;
    bench.refused("sendMessage", json!({"chat_id": 5, "text": "x"})).await;
    let lines = bench.journal().await;
    let numbers: Vec<u64> = lines.iter().map(|line| line["seq"].as_u64().unwrap()).collect();
    assert!(numbers.iter().copied().eq(1..=u64::try_from(lines.len()).unwrap()));
    let sent = lines.iter().find(|line| line["message_id"] == id).unwrap();
    assert_eq!(sent["params"], json!({"chat_id": ANN, "text": "noted"}));
    let refused = lines.last().unwrap();
    assert_eq!((&refused["decision"], &refused["error_code"]), (&json!("refused"), &json!(400)));
    let tail = bench.page(&format!("/_sandbox/journal?after={}", lines.len() - 1)).await;
    assert_eq!(tail.lines().count(), 1);
    assert!(!bench.page("/_sandbox/journal").await.contains("test-token"));
}
