//! Logging in, and what a session carries from one browser to the next.

use std::sync::Arc;
use std::time::Duration;

use browser::{LoginRequest, LoginStep, PageError};

use crate::world::World;

fn steps(world: &World, password: &str) -> LoginRequest {
    let fill = |selector: &str, value: &str| LoginStep::Fill {
        selector: selector.to_owned(),
        value: value.to_owned(),
    };
    LoginRequest {
        steps: vec![
            LoginStep::Goto(world.url("/login")),
            fill("#user", "anna"),
            fill("#pass", password),
            LoginStep::Click("#go:enabled".to_owned()),
            LoginStep::Wait("a.logout".to_owned()),
        ],
        proxy: None,
        deadline: Duration::from_secs(15),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_makes_a_state_that_opens_other_sessions() {
    let Some(world) = World::start().await else { return };
    let state = world.browser.log_in(steps(&world, "s&cret")).await.unwrap();
    let cookie = state.cookies.iter().find(|cookie| cookie.name == "sid").unwrap();
    assert!(cookie.http_only && cookie.value == "known" && cookie.expires.is_some());
    assert_eq!(state.storage[0].items["seen"], "yes");
    assert!(!format!("{state:?}").contains("known"), "{state:?}");

    let mut request = world.request("/account");
    let stranger = world.browser.fetch(request.clone()).await.unwrap();
    assert!(stranger.html.contains("log in first"), "the login's own session is gone");
    request.session = "anna".to_owned();
    request.state = Some(Arc::new(state));
    let page = world.browser.fetch(request.clone()).await.unwrap();
    assert!(page.html.contains("logout") && page.html.contains("again"), "{}", page.html);

    // A new browser begins with the state as well.
    let kept = world.browser.session_state("anna").await.unwrap();
    assert!(kept.cookies.iter().any(|cookie| cookie.name == "sid"));
    world.browser.forget_session("anna").await;
    assert!(world.browser.session_state("anna").await.is_none());
    request.state = Some(Arc::new(kept));
    let page = world.browser.fetch(request).await.unwrap();
    assert!(page.html.contains("logout"), "{}", page.html);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_that_fails_names_its_step_and_no_secret() {
    let Some(world) = World::start().await else { return };
    let mut request = steps(&world, "canary");
    request.deadline = Duration::from_secs(4);
    let failure = world.browser.log_in(request).await.unwrap_err();
    assert_eq!((failure.step, failure.what.as_str()), (5, "wait a.logout"));
    assert!(matches!(failure.error, PageError::Timeout { .. }), "{failure}");
    assert!(!failure.to_string().contains("canary"));
    assert!(world.get("/plain").await.is_ok(), "the browser goes on");
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_with_a_way_out_of_its_own_uses_no_other() {
    // The second proxy must be there before the browser is, and know the site's port: any port will do.
    let policy = egress::Policy::default();
    let opened = egress::Proxy::start(policy).await.unwrap();
    let endpoint = crate::world::endpoint(&opened);
    let name = "berlin".to_owned();
    let world =
        World::with(|options| options.identities = [(name.clone(), endpoint)].into(), |_| {});
    let Some(world) = world.await else { return };
    assert!(world.get("/plain").await.is_ok());
    assert_eq!(opened.stats().refused(), 0);
    let mut request = world.request("/plain");
    request.session = "berlin".to_owned();
    request.proxy = Some(name);
    let before = world.proxy.stats();
    // Its own way out knows no exception for this machine, so the page is refused: by it, and by no other.
    let refused = world.browser.fetch(request).await.unwrap_err();
    assert!(matches!(refused, PageError::Refused(_)), "{refused}");
    assert!(opened.stats().refused() > 0);
    assert_eq!(world.proxy.stats(), before);

    let mut unknown = world.request("/plain");
    (unknown.session, unknown.proxy) = ("x".to_owned(), Some("nowhere".to_owned()));
    assert!(world.browser.fetch(unknown).await.is_err());
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_can_take_over_and_what_they_did_is_kept() {
    let port = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.local_addr().unwrap().port()
    };
    let world = World::with(
        |options| {
            options.devtools_port = Some(port);
            options.jail = browser::JailMode::Off;
        },
        |_| {},
    );
    let Some(world) = world.await else { return };
    // The person: opens the page's own DevTools list, which only a browser with the port has.
    let person = async {
        let url = format!("http://127.0.0.1:{port}/json/list");
        let list = loop {
            if let Ok(list) = ask(&url).await
                && list.contains("/cookie")
            {
                break list;
            }
            tokio::task::yield_now().await;
        };
        assert!(list.contains("webSocketDebuggerUrl"), "{list}");
    };
    let request = world.request("/cookie");
    let person = tokio::time::timeout(Duration::from_secs(20), person);
    let done = async { person.await.expect("the page is listed") };
    let state = world.browser.lend(request, done).await.unwrap();
    assert!(!state.cookies.is_empty());
    world.finish().await;
}

async fn ask(url: &str) -> std::io::Result<String> {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let host = url.trim_start_matches("http://").split('/').next().unwrap_or_default();
    let mut stream = tokio::net::TcpStream::connect(host).await?;
    let request = format!("GET /json/list HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut answer = vec![0; 16 * 1024];
    let length = stream.read(&mut answer).await?;
    Ok(String::from_utf8_lossy(&answer[..length]).into_owned())
}
