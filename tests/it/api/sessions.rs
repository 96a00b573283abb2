//! Who calls, and who is refused.

use chrono::TimeDelta;
use reqwest::Method;
use serde_json::json;

use super::desk::{ANNA, Desk, init_data, read};

#[tokio::test]
async fn init_data_begins_a_session_of_a_quarter_of_an_hour() {
    let desk = Desk::new().await;
    let token = desk.session(ANNA).await;
    let me = desk.get(&token, "/me").await;
    assert_eq!(me.status, 200);
    assert_eq!(me.body["user"]["id"], ANNA);
    assert_eq!(me.body["limits"]["watches"], 2);
    assert_eq!(me.body["used"]["watches"], 0);
    desk.clock.advance(TimeDelta::minutes(15));
    let over = desk.get(&token, "/me").await;
    assert_eq!(
        (over.status, over.body["type"].as_str()),
        (401, Some("urn:magpie:problem:session"))
    );
    assert_eq!(over.kind, "application/problem+json");
}

#[tokio::test]
async fn forged_and_old_init_data_and_strange_tokens_are_refused() {
    let desk = Desk::new().await;
    let good = init_data(ANNA, desk.now());
    let old = init_data(ANNA, desk.now() - TimeDelta::minutes(61));
    let future = init_data(ANNA, desk.now() + TimeDelta::minutes(2));
    let forged = good.replace("42", "43");
    for data in [&old, &future, &forged, &String::new(), &"hash=00".to_owned()] {
        let body = json!({ "init_data": data });
        let call = desk.call(Method::POST, "/session").json(&body);
        let answer = read(call.send().await.expect("sent")).await;
        assert_eq!(answer.status, 401, "{data}");
        assert!(answer.body.get("token").is_none());
    }
    let token = desk.session(ANNA).await;
    for wrong in ["", "x", &token[1..], &format!("{token}0"), &token.replace("42.", "43.")] {
        assert_eq!(desk.get(wrong, "/me").await.status, 401, "{wrong}");
    }
    let cookie = desk.call(Method::GET, "/me").header("Cookie", format!("token={token}"));
    assert_eq!(read(cookie.send().await.expect("sent")).await.status, 401, "never a cookie");
    let twice = desk.call(Method::GET, "/me").bearer_auth(&token).bearer_auth("other");
    assert_eq!(read(twice.send().await.expect("sent")).await.status, 401);
}

#[tokio::test]
async fn a_barred_person_is_refused_at_once_and_with_a_session_too() {
    let desk = Desk::new().await;
    let token = desk.session(ANNA).await;
    let made = desk.create(&token, "k", json!({ "sources": [desk.flats] })).await;
    assert_eq!(made.status, 201, "{:?}", made.body);
    let file = desk.folder.path().join("magpie.db");
    let other = rusqlite::Connection::open(file).expect("opened");
    other.execute("UPDATE users SET banned = 1", []).expect("barred");
    drop(other);
    assert_eq!(desk.get(&token, "/watches").await.status, 403);
    let id = made.body["id"].as_str().expect("an id");
    let path = format!("/watches/{id}");
    assert_eq!(desk.send(&token, Method::DELETE, &path, json!(null)).await.status, 403);
    let body = json!({ "init_data": init_data(ANNA, desk.now()) });
    let again = desk.call(Method::POST, "/session").json(&body).send().await.expect("sent");
    assert_eq!(again.status().as_u16(), 403);
}

#[tokio::test]
async fn bodies_are_json_that_says_so_and_short_and_nothing_is_opened_to_other_pages() {
    let desk = Desk::new().await;
    let token = desk.session(ANNA).await;
    let call = || desk.call(Method::POST, "/watches/preview").bearer_auth(&token);
    let plain = call().body(r#"{"sources":[]}"#).send().await.expect("sent");
    assert_eq!(read(plain).await.status, 415);
    let kind = "application/json";
    let large = call().header("Content-Type", kind).body("x".repeat(70_000));
    assert_eq!(read(large.send().await.expect("sent")).await.status, 413);
    for body in ["", "{", "[]", r#"{"sources":[],"more":1}"#, r#"{"sources":[1]}"#] {
        let answer = call().header("Content-Type", kind).body(body).send().await.expect("sent");
        let answer = read(answer).await;
        assert_eq!((answer.status, &*answer.kind), (400, "application/problem+json"), "{body}");
    }
    assert_eq!(desk.get(&token, "/nothing").await.status, 404);
    assert_eq!(desk.send(&token, Method::PUT, "/me", json!({})).await.status, 405);
    let origin = "https://evil.example";
    let asked = desk
        .call(Method::OPTIONS, "/me")
        .header("Origin", origin)
        .header("Access-Control-Request-Method", "GET");
    let answer = asked.send().await.expect("sent");
    assert!(answer.headers().keys().all(|name| !name.as_str().starts_with("access-control")));
    let answer = desk.call(Method::GET, "/sources").header("Origin", origin).send().await;
    let answer = answer.expect("sent");
    assert_eq!(answer.headers()["cache-control"], "no-store");
    assert!(answer.headers().keys().all(|name| !name.as_str().starts_with("access-control")));
    assert!(answer.headers().get("set-cookie").is_none());
}

#[tokio::test]
async fn who_calls_too_fast_is_asked_to_go_slower() {
    let desk = Desk::new().await;
    let token = desk.session(ANNA).await;
    let mut refused = None;
    for _ in 0..40 {
        let answer = desk.get(&token, "/me").await;
        if answer.status != 200 {
            refused = Some(answer);
            break;
        }
    }
    let refused = refused.expect("forty calls at once are too many");
    assert_eq!(
        (refused.status, refused.body["type"].as_str()),
        (429, Some("urn:magpie:problem:pace"))
    );
    desk.clock.advance(TimeDelta::seconds(1));
    assert_eq!(desk.get(&token, "/me").await.status, 200);
}
