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
