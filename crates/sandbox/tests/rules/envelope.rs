//! Addresses, tokens, encodings.

use serde_json::{Value, json};

use crate::support::{ANN, Bench, TOKEN};

#[tokio::test]
async fn wrong_addresses_get_the_documented_envelope() {
    let bench = Bench::new().await;
    let cases = [
        ("/nothing".to_owned(), 404, "Not Found"),
        ("/botnonsense/getMe".to_owned(), 401, "Unauthorized: invalid token specified"),
        ("/bot0123:x/getMe".to_owned(), 401, "Unauthorized: invalid token specified"),
        ("/bot123456:other/getMe".to_owned(), 401, "Unauthorized"),
        (format!("/bot{TOKEN}/noSuchThing"), 404, "Not Found: method not found"),
    ];
    for (path, code, text) in cases {
        let answer = bench.http.get(bench.url(&path)).send().await.unwrap();
        assert_eq!(answer.status(), code, "{path}");
        let body: Value = answer.json().await.unwrap();
        assert_eq!(body, json!({"ok": false, "error_code": code, "description": text}), "{path}");
    }
}

#[tokio::test]
async fn all_four_encodings_say_the_same() {
    let bench = Bench::new().await;
    let url = bench.url(&format!("/bot{TOKEN}/SENDmessage"));
    let query = bench.http.get(format!("{url}?chat_id={ANN}&text=a%20b"));
    let form = bench
        .http
        .post(&url)
        .header("Content-Type", "application/x-www-form-urlencoded")
        .body(format!("chat_id={ANN}&text=a+b"));
    let object = bench
        .http
        .post(&url)
        .header("Content-Type", "application/json; charset=utf-8")
        .body(json!({"chat_id": ANN, "text": "a b"}).to_string());
    let parts =
        reqwest::multipart::Form::new().text("chat_id", ANN.to_string()).text("text", "a b");
    for request in [query, form, object, bench.http.post(&url).multipart(parts)] {
        let body: Value = request.send().await.unwrap().json().await.unwrap();
        assert_eq!(body["result"]["text"], "a b", "{body}");
    }
}

#[tokio::test]
async fn absent_fields_are_absent_and_dates_are_seconds() {
    let bench = Bench::new().await;
    let message = bench.ok("sendMessage", json!({"chat_id": ANN, "text": "plain"})).await;
    let mut keys: Vec<&String> = message.as_object().unwrap().keys().collect();
    keys.sort();
    assert_eq!(keys, ["chat", "date", "from", "message_id", "text"]);
    assert_eq!(message["date"], crate::support::START / 1_000);
    assert_eq!(message["chat"]["type"], "private");
}
