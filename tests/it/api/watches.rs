//! Watches over HTTP: made once, one's own only, judged by the domain.

use reqwest::Method;
use serde_json::{Value, json};

use super::desk::{ANNA, BORIS, Desk};

#[tokio::test]
async fn a_watch_is_made_once_per_key_seen_changed_and_ended() {
    let desk = Desk::new().await;
    let token = desk.session(ANNA).await;
    let wish = json!({
        "name": "By the park",
        "sources": [desk.flats],
        "filter": { "max_price": 90_000, "place": { "near": [{ "lat": 49.84, "lon": 24.03, "km": 3 }] } },
        "telling": { "min_move_percent": 5.0 },
    });
    let made = desk.create(&token, "key-1", wish.clone()).await;
    assert_eq!(made.status, 201, "{:?}", made.body);
    assert_eq!(made.body["filter"]["currency"], "EUR", "prices are meant in the site's currency");
    let id = made.body["id"].as_str().expect("an id").to_owned();
    assert_eq!(made.location, Some(format!("/api/v1/watches/{id}")));
    let again = desk.create(&token, "key-1", wish).await;
    assert_eq!((again.status, again.body["id"].as_str()), (200, Some(&*id)));
    let all = desk.get(&token, "/watches").await.body;
    assert_eq!(all["watches"].as_array().map(Vec::len), Some(1));
    let path = format!("/watches/{id}");
    let changed = desk
        .send(&token, Method::PATCH, &path, json!({ "name": "Elsewhere", "sources": [desk.bikes] }))
        .await;
    assert_eq!(changed.status, 200, "{:?}", changed.body);
    assert_eq!(changed.body["name"], "Elsewhere");
    assert_eq!(changed.body["sources"][0]["title"], "Demo bikes");
    assert_eq!(changed.body["filter"]["max_price"], 90_000, "what is not named stays");
    let mute = async |for_s: Value| {
        let body = json!({ "for_s": for_s });
        desk.send(&token, Method::POST, &format!("{path}/mute"), body).await.body
    };
    let orders = [
        ("pause", json!(null), "paused", json!(true)),
        ("resume", json!(null), "paused", json!(false)),
    ];
    for (order, body, field, value) in orders {
        let answer = desk.send(&token, Method::POST, &format!("{path}/{order}"), body).await;
        assert_eq!((answer.status, &answer.body[field]), (200, &value), "{order}");
    }
    let muted = mute(json!(3_600)).await;
    assert_eq!((muted["muted_until"].is_string(), &muted["muted_forever"]), (true, &json!(false)));
    let muted = mute(Value::Null).await;
    assert_eq!(muted["muted_forever"], true);
    assert_eq!(mute(json!(0)).await["muted_until"], Value::Null);
    assert_eq!(desk.send(&token, Method::DELETE, &path, json!(null)).await.status, 204);
    assert_eq!(desk.get(&token, &path).await.status, 404);
}

#[tokio::test]
async fn another_persons_watch_is_not_there_for_any_call() {
    let desk = Desk::new().await;
    let (anna, boris) = (desk.session(ANNA).await, desk.session(BORIS).await);
    let made = desk.create(&anna, "k", json!({ "sources": [desk.flats] })).await;
    let path = format!("/watches/{}", made.body["id"].as_str().expect("an id"));
    let before = desk.get(&anna, &path).await.body;
    assert_eq!(desk.get(&boris, &path).await.status, 404);
    let calls = [
        (Method::PATCH, path.clone(), json!({ "name": "Mine" })),
        (Method::DELETE, path.clone(), json!(null)),
        (Method::POST, format!("{path}/pause"), json!(null)),
        (Method::POST, format!("{path}/resume"), json!(null)),
        (Method::POST, format!("{path}/mute"), json!({ "for_s": null })),
    ];
    for (method, path, body) in calls {
        let answer = desk.send(&boris, method.clone(), &path, body).await;
        assert_eq!(
            (answer.status, &*answer.kind),
            (404, "application/problem+json"),
            "{method} {path}"
        );
    }
    assert_eq!(desk.get(&anna, &path).await.body, before);
    let theirs = desk.get(&boris, "/watches").await.body;
    assert_eq!(theirs["watches"], json!([]));
    // The same key of another person names another watch.
    let own = desk.create(&boris, "k", json!({ "sources": [desk.flats] })).await;
    assert_eq!(own.status, 201);
    assert_ne!(own.body["id"], made.body["id"]);
}

#[tokio::test]
async fn limits_of_the_plan_are_told_in_words_and_nothing_is_made() {
    let desk = Desk::new().await;
    let token = desk.session(ANNA).await;
    for (key, source) in [("a", &desk.flats), ("b", &desk.bikes)] {
        assert_eq!(desk.create(&token, key, json!({ "sources": [source] })).await.status, 201);
    }
    let other = json!({ "sources": [desk.flats], "filter": { "max_price": 1 } });
    let third = desk.create(&token, "c", other).await;
    assert_eq!((third.status, third.body["type"].as_str()), (403, Some("urn:magpie:problem:plan")));
    assert!(third.body["detail"].as_str().is_some_and(|detail| detail.contains('2')));
    assert_eq!(desk.get(&token, "/me").await.body["used"]["watches"], 2);
}

#[tokio::test]
async fn wrong_values_are_named_field_by_field() {
    let desk = Desk::new().await;
    let token = desk.session(ANNA).await;
    let wish = json!({
        "sources": ["https://nobody.example/", desk.flats],
        "filter": { "min_price": 9, "max_price": 5, "ranges": { "rooms": { "min": 3, "max": 2 } },
                    "place": { "near": [{ "lat": 100, "lon": 0, "km": 3 }] } },
        "telling": { "min_move_percent": 500 },
    });
    let refused = desk.create(&token, "k", wish).await;
    assert_eq!((refused.status, &*refused.kind), (422, "application/problem+json"));
    let problems = refused.body["problems"].as_array().expect("problems");
    let fields: Vec<&str> = problems.iter().filter_map(|one| one["field"].as_str()).collect();
    for field in [
        "sources.0",
        "filter.min_price",
        "filter.ranges.rooms",
        "filter.place.near",
        "telling.min_move_percent",
    ] {
        assert!(fields.contains(&field), "{field} in {fields:?}");
    }
    assert!(problems.iter().all(|one| one["detail"].as_str().is_some_and(|text| text.len() > 5)));
    for key in ["", "a b", &"x".repeat(65)] {
        let answer = desk.create(&token, key, json!({ "sources": [desk.flats] })).await;
        assert_eq!(answer.status, 400, "{key}");
    }
    assert_eq!(desk.get(&token, "/watches").await.body["watches"], json!([]));
}

#[tokio::test]
async fn a_preview_counts_what_the_last_week_would_have_brought() {
    let desk = Desk::new().await;
    let token = desk.session(ANNA).await;
    desk.list(&[50_000, 80_000, 120_000]).await;
    let ask = |filter: Value| {
        let body = json!({ "sources": [desk.flats], "filter": filter });
        desk.send(&token, Method::POST, "/watches/preview", body)
    };
    let all = ask(json!({})).await.body;
    assert_eq!((&all["week"], &all["looked"]), (&json!(3), &json!(3)));
    let cheap = ask(json!({ "max_price": 90_000 })).await.body;
    assert_eq!(cheap["week"], 2);
    assert_eq!(cheap["listings"].as_array().map(Vec::len), Some(2));
    let wanted = |dot: &&Value| dot["wanted"] == true;
    assert_eq!(cheap["dots"].as_array().map(|dots| dots.iter().filter(wanted).count()), Some(2));
    let near = json!({ "place": { "near": [{ "lat": 49.84, "lon": 24.03, "km": 5 }] } });
    assert_eq!(ask(near).await.body["week"], 1);
    let prices = desk.get(&token, "/listings/demo/0/prices").await.body;
    assert_eq!(prices["listing"]["title"], "Flat 0");
    assert_eq!(desk.get(&token, "/listings/demo/none/prices").await.status, 404);
    assert_eq!(desk.get(&token, "/saved").await.body["listings"], json!([]));
    assert_eq!(desk.get(&token, "/told").await.body["listings"], json!([]));
}

#[tokio::test]
async fn an_address_is_cleaned_and_told_of_and_can_be_watched() {
    let desk = Desk::new().await;
    let token = desk.session(ANNA).await;
    let text = "look: https://other.example/search?q=flat&max_price=900&utm_source=x#page=3";
    let pasted = desk.send(&token, Method::POST, "/paste", json!({ "text": text })).await;
    assert_eq!(pasted.status, 200, "{:?}", pasted.body);
    assert!(pasted.body["source"]["url"].as_str().is_some_and(|url| !url.contains("utm_source")));
    assert_eq!(pasted.body["source"]["exponent"], 2);
    assert_eq!(pasted.body["filter"]["max_price"], 90_000, "what we see to ourselves");
    let url = pasted.body["source"]["url"].clone();
    let made = desk.create(&token, "k", json!({ "name": "Pasted", "sources": [url] })).await;
    assert_eq!(made.status, 201, "{:?}", made.body);
    assert_eq!(made.body["sources"][0]["id"], pasted.body["source"]["id"]);
    for text in ["nothing here", "https://nobody.example/search"] {
        let answer = desk.send(&token, Method::POST, "/paste", json!({ "text": text })).await;
        assert_eq!((answer.status, &answer.body["problems"][0]["field"]), (422, &json!("text")));
    }
    let offered = desk.call(Method::GET, "/sources").send().await.expect("sent");
    let offered: Value = offered.json().await.expect("JSON");
    assert_eq!(offered["sources"].as_array().map(Vec::len), Some(2), "a pasted one is not offered");
}

#[tokio::test]
async fn who_never_pressed_start_looks_around_and_makes_nothing() {
    let desk = Desk::new().await;
    let token = desk.stranger(99).await;
    assert_eq!(desk.get(&token, "/me").await.body["user"]["known"], false);
    let refused = desk.create(&token, "k", json!({ "sources": [desk.flats] })).await;
    let kind = refused.body["type"].as_str();
    assert_eq!((refused.status, kind), (403, Some("urn:magpie:problem:unknown")));
    assert!(refused.body["detail"].as_str().is_some_and(|detail| detail.contains("/start")));
}
