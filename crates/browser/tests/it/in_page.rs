//! The JSON of a page: recorded while it is rendered, asked for from inside it.

use std::time::Duration;

use browser::{InPageAnswer, InPageRequest, PageError, PageRequest};
use serde_json::Value;

use crate::world::World;

fn ask(world: &World, path: &str) -> InPageRequest {
    InPageRequest {
        session: "test".to_owned(),
        proxy: None,
        state: None,
        page: world.url("/search?q=a"),
        url: world.url(path),
        method: "GET".to_owned(),
        headers: vec![("x-shop".to_owned(), "7".to_owned())],
        body: None,
        deadline: Duration::from_secs(20),
        max_bytes: 10_000,
    }
}

async fn get(world: &World, path: &str) -> Result<InPageAnswer, PageError> {
    world.browser.fetch_json(ask(world, path)).await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_json_of_a_page_is_recorded_without_its_secrets() {
    let Some(world) = World::start().await else { return };
    let request = PageRequest {
        wait_for: Some("#done".to_owned()),
        record_json: true,
        ..world.request("/post")
    };
    let page = world.browser.fetch(request).await.unwrap();
    assert_eq!(page.responses.len(), 1, "the page that is no JSON is left out");
    let one = &page.responses[0];
    assert_eq!((one.method.as_str(), one.status), ("POST", 200));
    assert_eq!(one.url, world.url("/echo?n=1"));
    assert_eq!(one.sent.as_deref(), Some("{\"q\":1}"));
    assert!(one.body.contains("\"x-shop\":\"7\""), "{}", one.body);
    assert!(one.headers.contains(&("x-shop".to_owned(), "7".to_owned())));
    assert!(!format!("{:?}", one.headers).contains("s3cret"));
    let unasked = world.get("/post").await.unwrap();
    assert!(unasked.responses.is_empty());
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_from_inside_has_cookies_and_origin_of_the_page_and_loads_no_page() {
    let Some(world) = World::start().await else { return };
    world.get("/cookie").await.unwrap();
    for round in 0..3 {
        let answer = get(&world, "/echo").await.unwrap();
        assert_eq!(answer.status, 200, "{round}");
        let told: Value = serde_json::from_str(&answer.body).unwrap();
        assert_eq!(told["headers"]["cookie"], "id=seen");
        assert_eq!(told["headers"]["referer"], world.url("/search?q=a").as_str());
        assert_eq!(told["headers"]["sec-fetch-site"], "same-origin");
        assert_eq!(told["headers"]["x-shop"], "7");
    }
    assert_eq!(world.site.hits("/search"), 0, "the page itself is never loaded");
    let stranger = InPageRequest { session: "stranger".to_owned(), ..ask(&world, "/echo") };
    let told = world.browser.fetch_json(stranger).await.unwrap();
    assert!(told.body.contains("\"cookie\":\"\""), "{}", told.body);
    // A page is still a page afterwards, in the same session.
    assert!(world.get("/plain").await.unwrap().html.contains("Grüße"));
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_query_is_sent_from_inside() {
    let Some(world) = World::start().await else { return };
    let request = InPageRequest {
        method: "POST".to_owned(),
        body: Some("{\"page\":1}".to_owned()),
        ..ask(&world, "/echo")
    };
    let answer = world.browser.fetch_json(request).await.unwrap();
    let told: Value = serde_json::from_str(&answer.body).unwrap();
    assert_eq!(told["body"], "{\"page\":1}");
    assert_eq!(told["headers"]["origin"], format!("http://127.0.0.1:{}", world.site.port));
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_goes_wrong_inside_a_page_has_a_name_and_leaves_nothing() {
    let Some(world) = World::start().await else { return };
    assert!(matches!(get(&world, "/big").await, Err(PageError::TooBig(_))));
    assert_eq!(get(&world, "/status/403").await.unwrap().status, 403);
    let slow = InPageRequest { deadline: Duration::from_secs(2), ..ask(&world, "/never") };
    let error = world.browser.fetch_json(slow).await.unwrap_err();
    assert!(error.is_transient(), "{error}");
    let local = InPageRequest { url: "file:///etc/passwd".parse().unwrap(), ..ask(&world, "/") };
    assert!(matches!(world.browser.fetch_json(local).await, Err(PageError::Refused(_))));
    assert_eq!(get(&world, "/echo").await.unwrap().status, 200, "the next one works");
    world.finish().await;
}
