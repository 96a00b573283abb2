//! Everything around a run: shop, proxy, database, clock, subscribers.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use magpie::clock::{Clock, ManualClock};
use magpie::domain::delivery::Delivery;
use magpie::domain::pace::Limits;
use magpie::domain::source::{Source, SourceSpec};
use magpie::domain::{ChatId, ChatKind, Filter, Language, OwnerId, SourceId, UserId, WatchId};
use magpie::scrape::http::{Client, HttpFetcher, Options};
use magpie::scrape::{Hosts, Ladder, Life, Modules, RunReport, Scraper, StageLimits, run_source};
use magpie::shutdown::Shutdown;
use magpie::store::{
    Committed, Db, DeliveryFilter, Effect, Seen, SeenError, SeenItem, SourceFilter, SqlDb,
    SqlOptions, SqlSeen, UpdateCommit,
};
use sites::{Registry, Site};
use tokio::sync::Semaphore;

use super::server::Shop;

pub const AGENT: &str = "Magpie/0.1 (+https://magpie.example/contact)";

/// The gap of modules that name none.
const GAP: Duration = Duration::from_millis(1);

/// The shop's `site.toml`.
pub const MODULE: &str = r#"
[site]
id = "shop"
name = "Shop"
hosts = ["127.0.0.1"]
kind = "goods"
country = "de"
time_zone = "Europe/Berlin"
currency = "EUR"
owner = "tests"

[fetch]
render = "http"
gap = "1ms"
blocked_when = ["are you a robot"]

[search]
match = '^http://127\.0\.0\.1:\d+/search'
newest_by_default = true

[listing]
item = "li.offer"
id = "@data-id"
url = "a.title@href"
title = "a.title"
price = ".price"

[check]
empty_when = "p.no-results"
"#;

/// The module of the shop.
pub fn module() -> Site {
    Site::from_toml("shop/site.toml", MODULE).unwrap()
}

/// A shop, a database and a scraper between them.
pub struct World {
    pub shop: Shop,
    pub proxy: egress::Proxy,
    pub db: SqlDb,
    pub clock: Arc<ManualClock>,
    pub scraper: Scraper,
    pub folder: tempfile::TempDir,
}

impl World {
    pub async fn new() -> Self {
        let shop = Shop::open().await;
        let target = egress::Target::new("127.0.0.1", shop.address.port());
        let proxy = egress::Proxy::start(egress::Policy::allowing([target])).await.unwrap();
        let folder = tempfile::tempdir().unwrap();
        let db = open(&folder).await;
        let clock = Arc::new(ManualClock::new(start()));
        let seen = SqlSeen::new(db.clone(), clock.clone(), Duration::from_secs(86_400 * 30));
        let scraper = scraper(&proxy, Arc::new(db.clone()), Arc::new(seen), clock.clone());
        Self { shop, proxy, db, clock, scraper, folder }
    }

    /// Begins anew with all hosts: a refusal would rightly hold back what comes after it.
    pub fn forgive(&mut self) {
        self.scraper.hosts = Arc::new(Hosts::new(client(&self.proxy), true, GAP));
    }

    /// Puts a search and answers its id.
    pub async fn search(&self, path: &str) -> SourceId {
        let spec = SourceSpec {
            site: "shop".into(),
            url: self.shop.url(path),
            title: "Bicycles".into(),
            interval: Duration::from_secs(360),
            offered: true,
            rhythm: Default::default(),
        };
        self.db.put_sources(std::slice::from_ref(&spec), self.clock.now()).await.unwrap();
        spec.id()
    }

    /// The next run of everything that is due, a good while later.
    pub async fn run(&self) -> Vec<RunReport> {
        self.clock.advance(TimeDelta::hours(10));
        let mut reports = Vec::new();
        for source in self.claim().await {
            reports.push(run_source(&self.scraper, source).await.unwrap());
        }
        reports
    }

    /// The next run of the only search.
    pub async fn run_one(&self) -> RunReport {
        let mut reports = self.run().await;
        assert_eq!(reports.len(), 1);
        reports.remove(0)
    }

    pub async fn claim(&self) -> Vec<Source> {
        let owner = OwnerId("scraper".into());
        self.db.claim_due_sources(&owner, self.clock.now(), 100).await.unwrap()
    }

    pub async fn source(&self, id: &SourceId) -> Source {
        let all = self.db.sources(&SourceFilter::default()).await.unwrap();
        all.into_iter().find(|source| source.id == *id).unwrap()
    }

    /// A new watch of a person on a search.
    pub async fn subscribe(&self, user: i64, chat: i64, source: &SourceId, name: &str) {
        self.subscribe_filtered(user, chat, source, name, Filter::default()).await;
    }

    pub async fn subscribe_filtered(
        &self,
        user: i64,
        chat: i64,
        source: &SourceId,
        name: &str,
        filter: Filter,
    ) {
        let kind = if user == chat { ChatKind::Private } else { ChatKind::Group };
        let (user, chat, language) = (UserId(user), ChatId(chat), Language::En);
        let commit = UpdateCommit {
            bot: 1,
            update: unique(),
            kind: "message".into(),
            received_at: self.clock.now(),
            dialogue: None,
            effects: vec![
                Effect::Meet { user, chat, kind, language },
                Effect::Subscribe {
                    watch: WatchId(format!("{user}-{chat}-{}", source.as_str())),
                    user,
                    chat,
                    thread: None,
                    source: source.clone(),
                    name: name.into(),
                    filter,
                    language,
                },
            ],
            replies: vec![],
            owner: OwnerId("bot".into()),
            limits: Limits::OFF,
            dues: Default::default(),
        };
        let done = self.db.commit_update(&commit).await.unwrap();
        assert!(matches!(done, Committed::Applied { .. }), "{done:?}");
    }

    /// All deliveries, oldest first.
    pub async fn deliveries(&self) -> Vec<Delivery> {
        let filter = DeliveryFilter { limit: 10_000, ..DeliveryFilter::default() };
        let mut all = self.db.deliveries(&filter).await.unwrap();
        all.reverse();
        all
    }
}

pub fn start() -> DateTime<Utc> {
    "2026-03-01T12:00:00Z".parse().unwrap()
}

pub async fn open(folder: &tempfile::TempDir) -> SqlDb {
    let url = format!("sqlite://{}", folder.path().join("magpie.db").display());
    SqlDb::open(&url, SqlOptions::default()).await.unwrap()
}

pub fn client(proxy: &egress::Proxy) -> Client {
    let options =
        Options { proxy: proxy.tcp_address(), user_agent: AGENT.into(), max_bytes: 1 << 20 };
    Client::new(options).unwrap()
}

pub fn scraper(
    proxy: &egress::Proxy,
    db: Arc<dyn Db>,
    seen: Arc<dyn Seen>,
    clock: Arc<dyn Clock>,
) -> Scraper {
    let mut registry = Registry::default();
    registry.insert(module());
    let client = client(proxy);
    Scraper {
        db,
        seen,
        clock: clock.clone(),
        modules: Arc::new(Modules::new(registry)),
        ladder: Ladder::new(Arc::new(HttpFetcher::new(client.clone(), clock)), None),
        hosts: Arc::new(Hosts::new(client, true, GAP)),
        access: magpie::scrape::session::Access::default(),
        workers: Arc::new(Semaphore::new(2)),
        shutdown: Shutdown::default(),
        page_deadline: Duration::from_secs(20),
        max_alerts: 3,
        matching: Arc::default(),
        changes: Default::default(),
        life: Life::quiet(),
        stages: StageLimits { max_pages: 5, baseline_pages: 1, details: 10, probes: 2 },
    }
}

fn unique() -> i64 {
    static NEXT: std::sync::atomic::AtomicI64 = std::sync::atomic::AtomicI64::new(1);
    NEXT.fetch_add(1, std::sync::atomic::Ordering::Relaxed)
}

/// A seen-set that says what it is told to, and remembers nothing.
pub struct StubbornSeen {
    pub says_unseen: bool,
}

#[async_trait]
impl Seen for StubbornSeen {
    async fn unseen(&self, _: &SourceId, items: &[SeenItem]) -> Result<Vec<bool>, SeenError> {
        Ok(vec![self.says_unseen; items.len()])
    }

    async fn mark(&self, _: &SourceId, _: &[SeenItem]) -> Result<(), SeenError> {
        Ok(())
    }

    async fn ping(&self) -> Result<(), SeenError> {
        Ok(())
    }
}

/// A seen-set with a defect.
pub struct PanickingSeen;

#[async_trait]
impl Seen for PanickingSeen {
    async fn unseen(&self, _: &SourceId, _: &[SeenItem]) -> Result<Vec<bool>, SeenError> {
        panic!("the seen-set is on fire")
    }

    async fn mark(&self, _: &SourceId, _: &[SeenItem]) -> Result<(), SeenError> {
        Ok(())
    }

    async fn ping(&self) -> Result<(), SeenError> {
        Ok(())
    }
}

/// A seen-set that is out of order.
pub struct DeadSeen;

#[async_trait]
impl Seen for DeadSeen {
    async fn unseen(&self, _: &SourceId, _: &[SeenItem]) -> Result<Vec<bool>, SeenError> {
        Err(SeenError("connection refused".into()))
    }

    async fn mark(&self, _: &SourceId, _: &[SeenItem]) -> Result<(), SeenError> {
        Err(SeenError("connection refused".into()))
    }

    async fn ping(&self) -> Result<(), SeenError> {
        Err(SeenError("connection refused".into()))
    }
}
