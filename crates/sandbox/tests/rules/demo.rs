//! The demo sites: their markup is a contract.

use std::time::Duration;

use sandbox::Options;
use serde_json::{Value, json};

use crate::support::{Bench, soon};

#[tokio::test]
async fn goods_come_newest_first_in_the_agreed_markup() {
    let bench = Bench::new().await;
    let ids = bench.control("demo", json!({"publish": {"site": "goods", "count": 2}})).await["ids"]
        .clone();
    let page = bench.page("/demo/goods").await;
    assert_eq!(page.matches("<li class=\"offer\" data-id=").count(), 30);
    let place = |id: &Value| page.find(&format!("data-id=\"{}\"", id.as_str().unwrap())).unwrap();
    assert!(place(&ids[1]) < place(&ids[0]));
    let id = ids[1].as_str().unwrap();
    for part in [
        format!("<a class=\"title\" href=\"/demo/goods/{id}\">"),
        format!("<img class=\"photo\" src=\"/demo/photos/{id}.jpg\""),
        "<span class=\"price\">€ ".to_owned(),
        "<span class=\"place\">".to_owned(),
        "<time class=\"posted\" datetime=\"2026-11-20T20:00:00Z\">".to_owned(),
        "<p class=\"text\">".to_owned(),
        "<span class=\"seller\">".to_owned(),
    ] {
        assert!(page.contains(&part), "{part}");
    }
    let none = bench.page("/demo/goods?q=zeppelin").await;
    assert!(none.contains("<p class=\"no-results\">No offers match.</p>"));
    let detail = bench.page(&format!("/demo/goods/{id}")).await;
    assert!(detail.contains(&format!("data-id=\"{id}\"")));
}

#[tokio::test]
async fn goods_have_as_many_pages_as_they_need() {
    let bench = Bench::new().await;
    bench.control("demo", json!({"publish": {"site": "goods", "count": 30}})).await;
    let next = r#"<a class="next" rel="next" href="/demo/goods?page=2">"#;
    assert!(bench.page("/demo/goods").await.contains(next));
    let ids = async |path: &str| -> Vec<String> {
        let page = bench.page(path).await;
        let cards = page.split("data-id=\"").skip(1);
        cards.map(|card| card[..card.find('"').unwrap()].to_owned()).collect()
    };
    let (mut all, mut pages) = (Vec::new(), 0);
    for page in 1..=3 {
        let path = format!("/demo/goods?page={page}");
        all.extend(ids(&path).await);
        pages += usize::from(bench.page(&path).await.contains("class=\"next\""));
    }
    assert_eq!((all.len(), pages), (64, 2));
    all.sort();
    all.dedup();
    assert_eq!(all.len(), 64, "no offer is on two pages");
    assert!(bench.page("/demo/goods?page=9").await.contains("no-results"));
    let kept = bench.page("/demo/goods?max_price=9000&q=a").await;
    assert!(kept.contains("href=\"/demo/goods?q=a&amp;max_price=9000&amp;page=2\""));
}

#[tokio::test]
async fn goods_answer_304_until_something_changes() {
    let bench = Bench::new().await;
    let url = bench.url("/demo/goods");
    let first = bench.http.get(&url).send().await.unwrap();
    let tag = first.headers()["etag"].clone();
    assert!(first.headers().contains_key("last-modified"));
    let again = || bench.http.get(&url).header("if-none-match", tag.clone()).send();
    assert_eq!(again().await.unwrap().status(), 304);
    bench.control("demo", json!({"publish": {"site": "goods"}})).await;
    assert_eq!(again().await.unwrap().status(), 200);
}

#[tokio::test]
async fn prices_change_and_sold_offers_vanish() {
    let bench = Bench::new().await;
    let state = bench.get("/_sandbox/demo").await;
    let id = state["goods"]["newest"].as_str().unwrap();
    bench.control("demo", json!({"price": {"id": id, "minor": 123_450}})).await;
    assert!(bench.page(&format!("/demo/goods/{id}")).await.contains("€ 1,234.50"));
    bench.control("demo", json!({"sell": id})).await;
    let gone = bench.http.get(bench.url(&format!("/demo/goods/{id}"))).send().await.unwrap();
    assert_eq!(gone.status(), 404);
    assert!(!bench.page("/demo/goods").await.contains(&format!("data-id=\"{id}\"")));
}

#[tokio::test]
async fn offers_are_reserved_released_rewritten_and_sold_on_order() {
    let bench = Bench::new().await;
    let state = bench.get("/_sandbox/demo").await;
    let id = state["goods"]["newest"].as_str().unwrap();
    let (list, own) = ("/demo/goods", format!("/demo/goods/{id}"));
    bench.control("demo", json!({"reserve": id})).await;
    assert!(bench.page(list).await.contains("class=\"reserved\""));
    assert!(bench.page(&own).await.contains("<p class=\"reserved\">"));
    bench.control("demo", json!({"release": id})).await;
    assert!(!bench.page(list).await.contains("class=\"reserved\""));
    bench.control("demo", json!({"edit": {"id": id, "title": "Red & blue kite"}})).await;
    assert!(bench.page(list).await.contains("Red &amp; blue kite"));
    bench.control("demo", json!({"sold": id})).await;
    assert!(!bench.page(list).await.contains(&format!("data-id=\"{id}\"")));
    assert!(bench.page(&own).await.contains("<p class=\"sold\">"));
}

#[tokio::test]
async fn homes_come_by_request_only() {
    let bench = Bench::new().await;
    let shell = bench.page("/demo/homes?city=kyiv").await;
    assert!(!shell.contains("h-20"), "no listing is in the shell");
    let list = bench.get("/demo/homes/api/listings?city=kyiv&max_price=900").await;
    for item in list["items"].as_array().unwrap() {
        assert!(item["place"].as_str().unwrap().starts_with("Kyiv, "));
        assert!(item["price"]["amount"].as_i64().unwrap() <= 900);
    }
    let none = bench.get("/demo/homes/api/listings?city=atlantis").await;
    assert_eq!(none["items"], json!([]));
}

#[tokio::test]
async fn sites_fail_and_heal_on_order() {
    let bench = Bench::new().await;
    let status = async |path: &str| bench.http.get(bench.url(path)).send().await.unwrap().status();
    bench.control("demo", json!({"fail": "block", "site": "goods"})).await;
    assert_eq!(status("/demo/goods").await, 403);
    assert_eq!(status("/demo/homes").await, 200);
    bench.control("demo", json!({"fail": "500"})).await;
    assert_eq!(status("/demo/homes/api/listings").await, 500);
    bench.control("demo", json!({"fail": "none"})).await;
    assert_eq!(status("/demo/goods").await, 200);
    bench.control("demo", json!({"layout": 2})).await;
    assert!(!bench.page("/demo/goods").await.contains("class=\"offer\""));
}

#[tokio::test]
async fn offers_are_published_over_time_unless_told_otherwise() {
    let pause = Some(Duration::from_secs(6));
    let bench = Bench::with(Options { publish_every: pause, ..Options::default() }).await;
    let offers = async || bench.get("/_sandbox/demo").await["goods"]["offers"].as_u64().unwrap();
    let before = offers().await;
    soon(async {
        while offers().await == before {
            bench.advance(6_000);
        }
    })
    .await;
    let robots = bench.page("/robots.txt").await;
    assert!(robots.contains("Allow: /"));
}
