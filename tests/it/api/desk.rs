//! A served API with two offered searches, and short words for calls.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use magpie::api::{self, MapTiles};
use magpie::clock::{Clock, ManualClock};
use magpie::domain::change::fingerprint;
use magpie::domain::pace::Limits;
use magpie::domain::source::SourceSpec;
use magpie::domain::{ChatId, ChatKind, Language, OwnerId, SourceId, Terms, UserId, Verdict};
use magpie::modules::Modules;
use magpie::store::{
    Db, Effect, ListingWrite, MatchBatch, RunRecord, SqlDb, SqlOptions, UpdateCommit,
};
use reqwest::{Method, RequestBuilder, Response, StatusCode};
use ring::hmac;
use serde_json::{Value, json};
use sites::{Listing, Money, Position, Registry};
use tokio::task::JoinHandle;

/// A made-up token of the right form.
pub const TOKEN: &str = "424242:TEST-ONLY-not-a-real-token";
pub const ANNA: i64 = 42;
pub const BORIS: i64 = 43;

/// See the module.
pub struct Desk {
    pub base: String,
    pub clock: Arc<ManualClock>,
    pub db: SqlDb,
    pub http: reqwest::Client,
    pub flats: SourceId,
    pub bikes: SourceId,
    pub folder: tempfile::TempDir,
    serving: JoinHandle<()>,
}

impl Drop for Desk {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

fn site(id: &str) -> sites::Site {
    let text = format!(
        r#"
        [site]
        id = "{id}"
        name = "Demo {id}"
        hosts = ["{id}.example"]
        kind = "home"
        country = "de"
        time_zone = "Europe/Berlin"
        currency = "EUR"
        owner = "tests"
        [search]
        match = '^https://{id}\.example/search'
        strip = ["utm_*", "page"]
        [listing]
        item = "li"
        id = "@data-id"
        url = "a@href"
        title = ["a"]
        "#
    );
    sites::Site::from_toml("demo/site.toml", &text).expect("a module")
}

fn offered(name: &str) -> SourceSpec {
    SourceSpec {
        site: "demo".to_owned(),
        url: format!("https://demo.example/search?q={name}"),
        title: format!("Demo {name}"),
        interval: Duration::from_secs(360),
        offered: true,
        rhythm: Default::default(),
    }
}

/// What Telegram hands to the app of this person at `at`.
pub fn init_data(user: i64, at: DateTime<Utc>) -> String {
    let person = json!({ "id": user, "first_name": "Anna", "language_code": "en" }).to_string();
    let date = at.timestamp().to_string();
    let lines = format!("auth_date={date}\nuser={person}");
    let key = hmac::Key::new(hmac::HMAC_SHA256, b"WebAppData");
    let key = hmac::Key::new(hmac::HMAC_SHA256, hmac::sign(&key, TOKEN.as_bytes()).as_ref());
    let hash = hex::encode(hmac::sign(&key, lines.as_bytes()));
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query.append_pair("auth_date", &date).append_pair("user", &person);
    query.append_pair("hash", &hash).finish()
}

/// An answer, read.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub kind: String,
    pub location: Option<String>,
    pub body: Value,
}

pub async fn read(response: Response) -> Answer {
    let header = |name: &str| {
        response.headers().get(name).and_then(|value| value.to_str().ok()).map(str::to_owned)
    };
    let (status, location) = (response.status().as_u16(), header("location"));
    let kind = header("content-type").unwrap_or_default();
    let body = response.json().await.unwrap_or(Value::Null);
    Answer { status, kind, location, body }
}

impl Desk {
    /// Everybody may have two watches.
    pub async fn new() -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let folder = tempfile::tempdir().expect("a folder");
        let url = format!("sqlite://{}", folder.path().join("magpie.db").display());
        let db = SqlDb::open(&url, SqlOptions::default()).await.expect("a record");
        let db = db.with_free(Terms::of_watches(2, 0));
        let now = DateTime::from_timestamp(1_790_000_000, 0).expect("a date");
        let specs = [offered("flats"), offered("bikes")];
        db.put_sources(&specs, now).await.expect("searches");
        let mut registry = Registry::default();
        ["demo", "other"].map(site).into_iter().for_each(|site| registry.insert(site));
        let clock = Arc::new(ManualClock::new(now));
        let token = TOKEN.to_owned().into();
        let router = api::router(api::Parts {
            db: Arc::new(db.clone()),
            clock: Arc::clone(&clock) as Arc<dyn Clock>,
            token: &token,
            secret: None,
            modules: Modules::of_registry(registry),
            interval: Duration::from_secs(360),
            tiles: MapTiles::default(),
            frames: vec![],
        });
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let base = format!("http://{}", listener.local_addr().expect("an address"));
        let serving = tokio::spawn(async move {
            axum::serve(listener, router).await.expect("served");
        });
        let http = reqwest::Client::builder().no_proxy().build().expect("a client");
        let [flats, bikes] = specs.map(|spec| spec.id());
        Self { base, clock, db, http, flats, bikes, folder, serving }
    }

    pub fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    pub fn call(&self, method: Method, path: &str) -> RequestBuilder {
        self.http.request(method, format!("{}/api/v1{path}", self.base))
    }

    /// Begins a session of somebody who has pressed Start.
    pub async fn session(&self, user: i64) -> String {
        let meet = Effect::Meet {
            user: UserId(user),
            chat: ChatId(user),
            kind: ChatKind::Private,
            language: Language::En,
        };
        let commit = UpdateCommit {
            bot: 1,
            update: user,
            kind: "message".into(),
            received_at: self.now(),
            dialogue: None,
            effects: vec![meet],
            replies: vec![],
            owner: OwnerId("bot".into()),
            limits: Limits::OFF,
            dues: magpie::store::Dues::None,
        };
        self.db.commit_update(&commit).await.expect("met");
        self.stranger(user).await
    }

    /// Begins a session of somebody whom the bot may not know.
    pub async fn stranger(&self, user: i64) -> String {
        let body = json!({ "init_data": init_data(user, self.now()) });
        let answer = self.call(Method::POST, "/session").json(&body).send().await.expect("sent");
        assert_eq!(answer.status(), StatusCode::OK);
        let body: Value = answer.json().await.expect("JSON");
        body["token"].as_str().expect("a token").to_owned()
    }

    pub async fn get(&self, token: &str, path: &str) -> Answer {
        read(self.call(Method::GET, path).bearer_auth(token).send().await.expect("sent")).await
    }

    pub async fn send(&self, token: &str, method: Method, path: &str, body: Value) -> Answer {
        let call = self.call(method, path).bearer_auth(token).json(&body);
        read(call.send().await.expect("sent")).await
    }

    pub async fn create(&self, token: &str, key: &str, body: Value) -> Answer {
        let call = self.call(Method::POST, "/watches").bearer_auth(token).json(&body);
        read(call.header("Idempotency-Key", key).send().await.expect("sent")).await
    }

    /// A run of the flats found these prices (in cents), each at its own place.
    pub async fn list(&self, prices: &[i64]) {
        let (owner, now) = (OwnerId("scraper".to_owned()), self.now());
        let claimed = self.db.claim_due_sources(&owner, now, 10).await.expect("claimed");
        let claim = claimed.iter().find(|one| one.id == self.flats).expect("it is due");
        let write = |(i, minor): (usize, &i64)| {
            let listing = Listing {
                price: Some(Money { minor: *minor, currency: "EUR".into() }),
                position: Some(Position { lat: 49.84 + i as f64, lon: 24.03 }),
                ..Listing::new(
                    i.to_string(),
                    format!("https://demo.example/{i}"),
                    format!("Flat {i}"),
                )
            };
            let fingerprint = fingerprint(&listing);
            ListingWrite { listing, fingerprint, change: None, price: Default::default() }
        };
        let run = RunRecord {
            source: claim.id.clone(),
            epoch: claim.epoch,
            started_at: now,
            finished_at: now,
            verdict: Verdict::Ok,
            items: 2,
            rung: "http".into(),
            bytes: 1,
            error: None,
            won: "{}".into(),
            etag: None,
            last_modified: None,
            next_due_at: None,
            why: String::new(),
            road: None,
            rate: None,
        };
        let batch = MatchBatch {
            source: claim.id.clone(),
            epoch: claim.epoch,
            site: "demo".into(),
            listings: prices.iter().enumerate().map(write).collect(),
            deliveries: vec![],
            run: Some(run),
            now,
        };
        assert!(!self.db.record_matches(&batch).await.expect("recorded").fenced);
    }
}
