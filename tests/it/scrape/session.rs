//! Log-ins: once for many runs, anew after a wall, and never against a locked door.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, header};
use axum::response::Html;
use chrono::TimeDelta;
use magpie::clock::Clock;
use magpie::config::LoginSecrets;
use magpie::domain::Verdict;
use magpie::domain::source::SourceSpec;
use magpie::scrape::session::{Access, Cookie, Door, Jar, Ready, Sessions, SiteProxies};
use magpie::scrape::{FetchError, Modules};
use magpie::store::{Db, SessionRecord, SessionState};
use secrecy::{ExposeSecret, SecretString};
use sites::{Login, Registry, SessionCheck, Site};

use super::world::{MODULE, World};

/// A club that shows its offers only to those who know the word of the day.
#[derive(Clone, Default)]
struct Club {
    word: Arc<AtomicUsize>,
    open_for_all: Arc<AtomicUsize>,
}

impl Club {
    async fn open(&self) -> u16 {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let router = Router::new().fallback(offers).with_state(self.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        port
    }

    fn change_the_word(&self) {
        self.word.fetch_add(1_000, Ordering::SeqCst);
    }
}

async fn offers(State(club): State<Club>, headers: HeaderMap) -> Html<String> {
    let word = format!("word={}", club.word.load(Ordering::SeqCst));
    let known =
        headers.get(header::COOKIE).is_some_and(|cookie| cookie.as_bytes() == word.as_bytes());
    if known || club.open_for_all.load(Ordering::SeqCst) == 1 {
        let offer = |n: u8| {
            format!(
                "<li class=offer data-id={n}><a class=title href=/o/{n}>Bike {n}</a><b class=price>{n} €</b>"
            )
        };
        return Html((1..=5).map(offer).collect());
    }
    Html("<h1>Members only</h1>".to_owned())
}

/// Logs in by asking the club itself; fails while it is told to.
struct Doorman {
    club: Club,
    logins: AtomicUsize,
    checks: AtomicUsize,
    fails: Mutex<bool>,
}

#[async_trait]
impl Door for Doorman {
    async fn log_in(
        &self,
        login: &Login,
        secrets: &HashMap<String, SecretString>,
        _: Option<&str>,
    ) -> Result<Jar, String> {
        self.logins.fetch_add(1, Ordering::SeqCst);
        assert_eq!(login.secrets(), ["password"]);
        assert_eq!(secrets["password"].expose_secret(), "open sesame");
        if *self.fails.lock().unwrap() {
            return Err("step 2 (fill #pass): time ran out".into());
        }
        let cookie = Cookie {
            name: "word".into(),
            value: self.club.word.load(Ordering::SeqCst).to_string(),
            domain: "127.0.0.1".into(),
            path: "/".into(),
            expires: None,
            http_only: true,
            secure: false,
            same_site: None,
        };
        Ok(Jar { cookies: vec![cookie], storage: vec![] })
    }

    async fn holds(&self, _: &SessionCheck, ready: &Ready) -> Result<bool, FetchError> {
        self.checks.fetch_add(1, Ordering::SeqCst);
        Ok(ready.jar.cookies[0].value == self.club.word.load(Ordering::SeqCst).to_string())
    }

    async fn present(&self, _: &Ready) -> Option<Jar> {
        None
    }
}

struct Evening {
    world: World,
    club: Club,
    door: Arc<Doorman>,
}

fn module(port: u16, check: bool) -> Site {
    let check = if check {
        format!("check = {{ url = \"http://127.0.0.1:{port}/me\", shows = \"a\" }}\n")
    } else {
        String::new()
    };
    let login = format!(
        "[login]\nsteps = [{{ goto = \"http://127.0.0.1:{port}/login\" }}, \
         {{ fill = \"#pass\", with = \"password\" }}, {{ wait = \"a\" }}]\n{check}"
    );
    let text = MODULE.replace("blocked_when", "login_when = [\"members only\"]\nblocked_when");
    Site::from_toml("shop/site.toml", &format!("{text}\n{login}")).unwrap()
}

impl Evening {
    async fn new(secrets: &[(&str, &str)], check: bool) -> Self {
        let mut world = World::new().await;
        let club = Club::default();
        let port = club.open().await;
        let target = egress::Target::new("127.0.0.1", port);
        world.proxy = egress::Proxy::start(egress::Policy::allowing([target])).await.unwrap();
        let seen = Arc::clone(&world.scraper.seen);
        let mut scraper = super::world::scraper(
            &world.proxy,
            Arc::new(world.db.clone()),
            seen,
            world.clock.clone(),
        );
        let mut registry = Registry::default();
        registry.insert(module(port, check));
        scraper.modules = Arc::new(Modules::new(registry));
        let (logins, checks, fails) = (AtomicUsize::new(0), AtomicUsize::new(0), Mutex::new(false));
        let door = Arc::new(Doorman { club: club.clone(), logins, checks, fails });
        let secret = |(name, value): &(&str, &str)| {
            (("shop".to_owned(), (*name).to_owned()), SecretString::from((*value).to_owned()))
        };
        let secrets = LoginSecrets { secrets: secrets.iter().map(secret).collect() };
        let sessions = Sessions::new(
            Arc::new(world.db.clone()),
            world.clock.clone(),
            scraper.hosts.clone(),
            secrets,
            None,
            world.folder.path().join("session.key"),
        );
        let sessions = sessions.with_door(Some(door.clone()));
        let proxies = SiteProxies::new([].into(), Arc::new(|_| 0), world.clock.clone());
        scraper.access = Access::new(Arc::new(sessions), Arc::new(proxies));
        world.scraper = scraper;
        let spec = SourceSpec {
            site: "shop".into(),
            url: format!("http://127.0.0.1:{port}/search"),
            title: "Club".into(),
            interval: std::time::Duration::from_secs(360),
            offered: true,
            rhythm: Default::default(),
        };
        world.db.put_sources(&[spec], world.clock.now()).await.unwrap();
        Self { world, club, door }
    }

    fn logins(&self) -> usize {
        self.door.logins.load(Ordering::SeqCst)
    }

    async fn state(&self) -> Option<SessionState> {
        self.world.db.session("shop", "main").await.unwrap().map(|session| session.state)
    }
}

const SECRET: [(&str, &str); 1] = [("password", "open sesame")];

#[tokio::test]
async fn one_login_serves_many_runs_and_is_sealed() {
    let evening = Evening::new(&SECRET, false).await;
    evening.club.change_the_word();
    for _ in 0..3 {
        let report = evening.world.run_one().await;
        assert_eq!((report.verdict, report.items), (Some(Verdict::Ok), 5), "{:?}", report.error);
    }
    assert_eq!(evening.logins(), 1);
    let stored = evening.world.db.session("shop", "main").await.unwrap().unwrap();
    assert!(!String::from_utf8_lossy(&stored.sealed).contains("word"), "sealed");
}

#[tokio::test]
async fn a_login_wall_means_a_new_login_in_the_same_run_and_only_one() {
    let evening = Evening::new(&SECRET, false).await;
    evening.world.run_one().await;
    evening.club.change_the_word();
    let report = evening.world.run_one().await;
    assert_eq!((report.verdict, report.items), (Some(Verdict::Ok), 5), "{:?}", report.error);
    assert_eq!(evening.logins(), 2);
    let stored = evening.world.db.session("shop", "main").await.unwrap().unwrap();
    assert_eq!((stored.state, stored.revision), (SessionState::Open, 3));
}

#[tokio::test]
async fn a_session_is_checked_before_it_is_used_after_a_while() {
    let evening = Evening::new(&SECRET, true).await;
    evening.world.run_one().await;
    evening.club.change_the_word();
    // Ten hours later: the check sees that the word has changed, and no wall is run into.
    let report = evening.world.run_one().await;
    assert_eq!(report.verdict, Some(Verdict::Ok));
    assert_eq!((evening.logins(), evening.door.checks.load(Ordering::SeqCst)), (2, 1));
}

#[tokio::test]
async fn the_third_failed_login_is_the_last_until_a_person_has_looked() {
    let evening = Evening::new(&SECRET, false).await;
    *evening.door.fails.lock().unwrap() = true;
    for n in 1..=3 {
        let report = evening.world.run_one().await;
        assert_eq!(report.verdict, Some(Verdict::Failed));
        assert!(report.error.unwrap().contains("step 2 (fill #pass)"));
        assert_eq!(evening.logins(), n);
    }
    assert_eq!(evening.state().await, Some(SessionState::Stuck));
    let report = evening.world.run_one().await;
    assert!(report.error.unwrap().contains("magpie site login shop"));
    assert_eq!(evening.logins(), 3);

    *evening.door.fails.lock().unwrap() = false;
    let site = evening.world.scraper.modules.get("shop").unwrap();
    evening.world.scraper.access.log_in_now(&site).await.unwrap();
    assert_eq!(evening.state().await, Some(SessionState::Open));
    assert_eq!(evening.world.run_one().await.verdict, Some(Verdict::Ok));
}

#[tokio::test]
async fn a_failed_login_is_not_tried_again_before_its_pause_is_over() {
    let evening = Evening::new(&SECRET, false).await;
    *evening.door.fails.lock().unwrap() = true;
    evening.world.run_one().await;
    *evening.door.fails.lock().unwrap() = false;
    let site = evening.world.scraper.modules.get("shop").unwrap();
    let error = evening.world.scraper.access.of(&site).await.unwrap_err();
    assert_eq!(error.class, magpie::scrape::FetchFailure::Held);
    assert!(error.retry_after.is_some_and(|wait| wait.as_secs() <= 300));
    evening.world.clock.advance(TimeDelta::minutes(6));
    assert!(evening.world.scraper.access.of(&site).await.unwrap().session.is_some());
}

#[tokio::test]
async fn secrets_that_are_missing_are_named_by_their_variables() {
    let evening = Evening::new(&[], false).await;
    let report = evening.world.run_one().await;
    assert!(report.error.unwrap().contains("MAGPIE_LOGIN__SHOP__PASSWORD"));
    assert_eq!((evening.logins(), evening.state().await), (0, None));
}

#[tokio::test]
async fn two_runs_at_once_log_in_once() {
    let evening = Evening::new(&SECRET, false).await;
    let site = evening.world.scraper.modules.get("shop").unwrap();
    let access = &evening.world.scraper.access;
    let (one, two) = tokio::join!(access.of(&site), access.of(&site));
    assert_eq!(one.unwrap().session.unwrap().context, two.unwrap().session.unwrap().context);
    assert_eq!(evening.logins(), 1);
}
