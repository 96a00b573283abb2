//! The HTTP rung against a server that misbehaves.

use std::sync::Arc;
use std::time::Duration;

use magpie::scrape::http::HttpFetcher;
use magpie::scrape::{FetchError, FetchFailure, FetchJob, Fetched, Fetcher};
use url::Url;

use super::server::{Answer, Shop};
use super::world::{World, client, module};

async fn fetch_from(world: &World, url: &str, deadline: Duration) -> Result<Fetched, FetchError> {
    let fetcher = HttpFetcher::new(client(&world.proxy), world.clock.clone());
    let job = FetchJob {
        site: Arc::new(module()),
        url: Url::parse(url).unwrap(),
        etag: None,
        last_modified: None,
        deadline,
        session: None,
        identity: None,
    };
    fetcher.fetch(&job).await
}

async fn fetch(world: &World) -> Result<Fetched, FetchError> {
    fetch_from(world, &world.shop.url("/search"), Duration::from_secs(20)).await
}

fn class(result: Result<Fetched, FetchError>) -> FetchFailure {
    result.expect_err("no page").class
}

fn moved(to: &str) -> Answer {
    Answer::Fixed(302, vec![("location", to.to_owned())], vec![])
}

#[tokio::test]
async fn a_page_comes_whole_with_its_validators_and_an_honest_name() {
    let world = World::new().await;
    world.shop.stock(&[("a", 100)]);
    let fetched = fetch(&world).await.unwrap();
    assert!(fetched.etag.is_some());
    assert!(fetched.page.unwrap().body.contains("data-id=\"a\""));
    assert_eq!(world.shop.agents(), [super::world::AGENT]);
}

#[tokio::test]
async fn redirects_are_followed_within_the_site_and_within_reason() {
    let world = World::new().await;
    world.shop.answer(moved("/search"));
    assert_eq!(class(fetch(&world).await), FetchFailure::Redirect);
    assert_eq!(world.shop.visits("/search").count, 11);
    for elsewhere in ["http://10.0.0.1/", "file:///etc/passwd", "http://["] {
        world.shop.answer(moved(elsewhere));
        assert_eq!(class(fetch(&world).await), FetchFailure::Redirect, "{elsewhere}");
    }
    world.shop.answer(moved("https://example.com/"));
    assert_eq!(class(fetch(&world).await), FetchFailure::Moved);
    assert_eq!(world.proxy.stats().refused(), 0, "none of them was even tried");
}

#[tokio::test]
async fn a_redirect_to_a_private_address_ends_at_the_proxy() {
    let world = World::new().await;
    // The module allows every port of its host; the way out allows one.
    let inner = Shop::open().await;
    world.shop.answer(moved(&inner.url("/secret")));
    let error = fetch(&world).await.expect_err("no page");
    assert_eq!(error.class, FetchFailure::Redirect);
    assert_eq!(inner.visits("/secret").count, 0);
    assert_eq!(world.proxy.stats().refused(), 1);
}

#[tokio::test]
async fn an_address_that_the_way_out_forbids_is_named_so() {
    let world = World::new().await;
    let wait = Duration::from_secs(20);
    let inner = Shop::open().await;
    assert_eq!(class(fetch_from(&world, &inner.url("/"), wait).await), FetchFailure::Egress);
    // Inside a tunnel the reason is asked for by hand.
    let tunnel = inner.url("/").replace("http:", "https:");
    assert_eq!(class(fetch_from(&world, &tunnel, wait).await), FetchFailure::Egress);
}

#[tokio::test]
async fn a_server_without_tls_is_a_tls_failure() {
    let world = World::new().await;
    let url = world.shop.url("/search").replace("http:", "https:");
    let result = fetch_from(&world, &url, Duration::from_secs(20)).await;
    assert_eq!(class(result), FetchFailure::Tls);
}

#[tokio::test]
async fn bodies_that_are_too_big_or_broken_or_no_text_are_refused() {
    let world = World::new().await;
    world.shop.stock_many("a", 200);
    let png = vec![("content-type", "image/png".to_owned())];
    let lying = vec![("content-type", "text/html".to_owned())];
    let cyrillic = vec![("content-type", "text/html; charset=utf-8".to_owned())];
    let table = [
        (Answer::Endless, FetchFailure::TooBig),
        (Answer::Truncated, FetchFailure::Truncated),
        (Answer::Fixed(200, png, vec![1]), FetchFailure::ContentType),
        (Answer::Fixed(200, lying, b"%PDF-1.7".to_vec()), FetchFailure::ContentType),
        (Answer::Fixed(200, cyrillic, vec![0xea; 90]), FetchFailure::Encoding),
        (Answer::Fixed(500, vec![], vec![]), FetchFailure::Status),
    ];
    for (answer, expected) in table {
        world.shop.answer(answer.clone());
        assert_eq!(class(fetch(&world).await), expected, "{answer:?}");
    }
}

#[tokio::test]
async fn a_server_that_never_ends_its_answer_is_left_at_the_deadline() {
    let world = World::new().await;
    world.shop.answer(Answer::Silence);
    let url = world.shop.url("/search");
    let result = fetch_from(&world, &url, Duration::from_millis(300)).await;
    assert_eq!(class(result), FetchFailure::Timeout);
}

#[tokio::test]
async fn a_refusal_carries_its_pause() {
    let world = World::new().await;
    world.shop.status(503, &[("retry-after", "1000000000")]);
    let error = fetch(&world).await.expect_err("refused");
    assert_eq!(error.class, FetchFailure::Refused);
    assert_eq!(error.retry_after, Some(Duration::from_secs(6 * 60 * 60)));
}
