//! One page after another: what comes back, and what a page cannot do to us.

use std::time::{Duration, Instant};

use browser::{PageError, ResourceKind, Stage};

use crate::world::World;

#[tokio::test(flavor = "multi_thread")]
async fn a_plain_page_comes_back_whole() {
    let Some(world) = World::start().await else { return };
    let page = world.get("/plain").await.unwrap();
    assert_eq!(page.status, Some(200));
    assert_eq!(page.final_url, world.url("/plain"));
    assert!(page.html.starts_with("<!DOCTYPE html>"), "{}", page.html);
    assert!(page.html.contains("<p>Grüße</p>"), "{}", page.html);
    assert_eq!(page.script, None);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_picture_is_taken_when_it_is_wanted() {
    let Some(world) = World::start().await else { return };
    let mut request = world.request("/plain");
    request.picture = true;
    let page = world.browser.fetch(request).await.unwrap();
    let picture = page.picture.expect("a picture");
    assert!(picture.starts_with(&[0xff, 0xd8, 0xff]), "JPEG");
    assert!(picture.len() > 500 && picture.len() <= 500 << 10, "{}", picture.len());
    assert_eq!(world.get("/plain").await.unwrap().picture, None);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_scripts_load_later_is_waited_for() {
    let Some(world) = World::start().await else { return };
    let mut request = world.request("/xhr");
    request.wait_for = Some("li.item:nth-child(3)".to_owned());
    let page = world.browser.fetch(request).await.unwrap();
    assert_eq!(page.html.matches("class=\"item\"").count(), 3, "{}", page.html);
    assert_eq!(page.requests, 2);

    let mut request = world.request("/xhr");
    request.wait_for = Some("li.never".to_owned());
    request.deadline = Duration::from_secs(2);
    let error = world.browser.fetch(request).await.unwrap_err();
    assert_eq!(error, PageError::Timeout { stage: Stage::WaitFor });

    let mut request = world.request("/plain");
    request.wait_for = Some("li[".to_owned());
    let error = world.browser.fetch(request).await.unwrap_err();
    assert!(matches!(&error, PageError::Script(text) if text.contains("li[")), "{error}");
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_script_returns_json_and_cannot_fill_our_memory() {
    let Some(world) = World::start().await else { return };
    let script = |text: &str| {
        let mut request = world.request("/plain");
        request.script = Some(text.to_owned());
        request.max_bytes = 10_000;
        world.browser.fetch(request)
    };
    let value = script("({title: document.title, n: [1, 2]});").await.unwrap().script;
    assert_eq!(value, Some(serde_json::json!({"title": "Plain", "n": [1, 2]})));
    let fetched = "fetch('/items.json').then(answer => answer.json())";
    assert_eq!(script(fetched).await.unwrap().script, Some(serde_json::json!(["a", "b", "c"])));
    assert_eq!(script("undefined").await.unwrap().script, Some(serde_json::Value::Null));
    let thrown = script("missing.name").await.unwrap_err();
    assert!(matches!(&thrown, PageError::Script(text) if text.contains("missing")), "{thrown}");
    assert_eq!(script("'x'.repeat(1e6)").await.unwrap_err(), PageError::TooBig(1_000_002));
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn blocked_kinds_are_not_fetched_and_the_next_page_may_have_them() {
    let Some(world) = World::start().await else { return };
    let names = ["a.css", "f.woff2", "i.png", "v.mp4", "s.js"];
    let hits = || names.map(|name| world.site.hits(&format!("/asset/{name}")));
    let mut request = world.request("/assets");
    request.block = vec![
        ResourceKind::Image,
        ResourceKind::Font,
        ResourceKind::Media,
        ResourceKind::Stylesheet,
        ResourceKind::Script,
    ];
    let page = world.browser.fetch(request).await.unwrap();
    assert!(page.html.contains("text"));
    assert!(page.blocked >= 3, "{}", page.blocked);
    assert_eq!(hits(), [0; 5]);

    world.get("/assets").await.unwrap();
    let [css, _, png, _, js] = hits();
    assert_eq!((css, png, js), (1, 1, 1));
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_error_status_is_an_answer_and_a_redirect_is_followed() {
    let Some(world) = World::start().await else { return };
    for code in [404, 503, 403] {
        let page = world.get(&format!("/status/{code}")).await.unwrap();
        assert_eq!(page.status, Some(code));
        assert!(page.html.contains(&format!("status {code}")));
    }
    let page = world.get("/moved").await.unwrap();
    assert_eq!((page.status, page.final_url), (Some(200), world.url("/plain")));
    let page = world.get("/hop").await.unwrap();
    assert!(page.html.contains("Gr") || page.html.contains("location="), "{}", page.html);
    let error = world.get("/round").await.unwrap_err();
    let text = "net::ERR_TOO_MANY_REDIRECTS".to_owned();
    assert_eq!(error, PageError::Navigation { text });
    assert!(!error.is_transient());
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_picture_or_frame_that_never_comes_holds_nothing_up() {
    let Some(world) = World::start().await else { return };
    for path in ["/hanging-image", "/hanging-frame", "/hanging-image", "/plain"] {
        let begun = Instant::now();
        let page = world.get(path).await.unwrap();
        assert_eq!(page.status, Some(200), "{path}");
        assert!(begun.elapsed() < Duration::from_secs(5), "{path}: {:?}", begun.elapsed());
    }
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn dialogs_are_closed_without_an_answer() {
    let Some(world) = World::start().await else { return };
    let page = world.get_within("/alert", 10).await.unwrap();
    assert!(page.html.contains("after"));
    world.get_within("/unload", 10).await.unwrap();
    world.get_within("/plain", 10).await.unwrap();
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_download_is_refused_at_once_and_leaves_no_file() {
    let Some(world) = World::start().await else { return };
    let begun = Instant::now();
    let error = world.get("/download").await.unwrap_err();
    assert!(
        matches!(&error, PageError::Navigation { text } if text.contains("download")),
        "{error}"
    );
    assert!(begun.elapsed() < Duration::from_secs(10));
    let saved = crate::world::files_below(world.work.path());
    assert!(!saved.iter().any(|path| path.contains("magpie-test-download")), "{saved:?}");
    world.get("/plain").await.unwrap();
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_content_and_half_a_page_are_not_pages() {
    let Some(world) = World::start().await else { return };
    let error = world.get("/nothing").await.unwrap_err();
    assert!(
        matches!(&error, PageError::Navigation { text } if text.contains("no content")),
        "{error}"
    );
    let error = world.get("/cut").await.unwrap_err();
    assert!(matches!(&error, PageError::Navigation { text } if text.contains("net::")), "{error}");
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_never_stops_costs_its_deadline_and_no_more() {
    let Some(world) = World::start().await else { return };
    for path in ["/busy", "/busy-later", "/never"] {
        let begun = Instant::now();
        let error = world.get_within(path, 2).await;
        if path == "/busy-later" && error.is_ok() {
            continue; // read in the moment before it froze
        }
        let error = error.unwrap_err();
        assert!(matches!(error, PageError::Timeout { .. }), "{path}: {error}");
        assert!(error.is_transient());
        assert!(begun.elapsed() < Duration::from_secs(12), "{path}: {:?}", begun.elapsed());
        assert_eq!(world.get("/plain").await.unwrap().status, Some(200), "after {path}");
    }
    assert_eq!(world.browser.stats().deaths, 0);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_talks_without_end_is_read_all_the_same() {
    let Some(world) = World::start().await else { return };
    let page = world.get("/talkative").await.unwrap();
    assert!(page.html.contains("id=\"end\""));
    assert_eq!(world.get("/plain").await.unwrap().status, Some(200));
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_eats_memory_fails_alone() {
    let Some(world) = World::start().await else { return };
    let mut request = world.request("/hungry");
    request.wait_for = Some("b.never".to_owned());
    let error = world.browser.fetch(request).await.unwrap_err();
    assert!(error.is_transient(), "{error}");
    assert_eq!(world.get("/plain").await.unwrap().status, Some(200));
    assert_eq!(world.browser.stats().deaths, 0);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_beyond_the_limit_does_not_cross_into_our_process() {
    let Some(world) = World::start().await else { return };
    let mut request = world.request("/big");
    request.max_bytes = 100_000;
    let error = world.browser.fetch(request).await.unwrap_err();
    assert!(matches!(error, PageError::TooBig(size) if size > 300_000), "{error}");
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_beyond_their_budgets_are_given_up() {
    let Some(world) = World::with(|options| options.max_requests = 30, |_| {}).await else {
        return;
    };
    let mut request = world.request("/hops");
    request.wait_for = Some("p".to_owned());
    let error = world.browser.fetch(request).await.unwrap_err();
    assert!(matches!(error, PageError::Hostile(_)), "{error}");

    let mut request = world.request("/popups");
    request.wait_for = Some("b".to_owned());
    let error = world.browser.fetch(request).await.unwrap_err();
    assert!(matches!(error, PageError::Hostile(_)), "{error}");
    assert_eq!(world.get("/plain").await.unwrap().status, Some(200));
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_cannot_forge_what_we_read() {
    let Some(world) = World::start().await else { return };
    let mut request = world.request("/spoof");
    request.wait_for = Some("p.late".to_owned());
    request.script = Some("[typeof window.secret, document.querySelectorAll('p').length]".into());
    let page = world.browser.fetch(request).await.unwrap();
    assert!(
        page.html.contains("true text") && !page.html.contains("forged</p></"),
        "{}",
        page.html
    );
    assert_eq!(page.script, Some(serde_json::json!(["undefined", 2])));
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn cookies_and_storage_stay_in_their_session() {
    let Some(world) = World::start().await else { return };
    let get = |path: &str, session: &str| {
        let mut request = world.request(path);
        session.clone_into(&mut request.session);
        world.browser.fetch(request)
    };
    assert!(get("/cookie", "a").await.unwrap().html.contains(">none<"));
    assert!(get("/cookie", "a").await.unwrap().html.contains(">id=seen<"));
    assert!(get("/cookie", "b").await.unwrap().html.contains(">none<"));
    assert!(get("/storage", "a").await.unwrap().html.contains(">fresh<"));
    assert!(get("/storage", "a").await.unwrap().html.contains(">stale<"));
    assert!(get("/storage", "b").await.unwrap().html.contains(">fresh<"));
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_worker_does_not_answer_for_the_site() {
    let Some(world) = World::start().await else { return };
    let mut request = world.request("/worker");
    request.wait_for = Some("#ready".to_owned());
    world.browser.fetch(request).await.unwrap();
    for (session, workers) in [("test", 1), ("other", 0)] {
        let mut request = world.request("/plain");
        session.clone_into(&mut request.session);
        let count = "navigator.serviceWorker.getRegistrations().then(all => all.length)";
        request.script = Some(count.to_owned());
        let page = world.browser.fetch(request).await.unwrap();
        assert!(page.html.contains("Grüße"), "{session}: {}", page.html);
        assert_eq!(page.script, Some(workers.into()), "{session}");
    }
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_error_throws_the_session_away() {
    let Some(world) = World::start().await else { return };
    world.get("/cookie").await.unwrap();
    world.get("/round").await.unwrap_err();
    assert!(world.get("/cookie").await.unwrap().html.contains(">none<"));
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn many_pages_at_once_do_not_mix() {
    let Some(world) = World::start().await else { return };
    let mut fetches = Vec::new();
    for n in 0..24_u16 {
        let mut request = world.request(&format!("/status/{}", 400 + n % 12));
        request.session = format!("s{}", n % 10);
        let browser = world.browser.clone();
        fetches.push((400 + n % 12, tokio::spawn(async move { browser.fetch(request).await })));
    }
    for (code, fetch) in fetches {
        let page = fetch.await.unwrap().unwrap();
        assert_eq!(page.status, Some(code));
        assert!(page.html.contains(&format!("status {code}")), "{}", page.html);
    }
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn other_schemes_are_refused_before_anything_starts() {
    let Some(world) = World::start().await else { return };
    for text in ["file:///etc/passwd", "chrome://version", "javascript:1", "data:text/html,x"] {
        let request = browser::PageRequest::new(url::Url::parse(text).unwrap(), "test");
        let error = world.browser.fetch(request).await.unwrap_err();
        assert_eq!(error, PageError::Refused("scheme".to_owned()));
    }
    assert_eq!(world.browser.stats().launches, 0);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_address_is_told_apart_from_a_refusing_site() {
    let Some(world) = World::start().await else { return };
    let mut request = world.request("/plain");
    request.url = url::Url::parse("http://10.0.0.1/").unwrap();
    let error = world.browser.fetch(request).await.unwrap_err();
    assert_eq!(error, PageError::Refused("address".to_owned()));
    assert_eq!(world.get("/status/403").await.unwrap().status, Some(403));
    world.finish().await;
}
