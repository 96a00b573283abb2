//! A scraper whose pages are what the test says, on a record in memory: for the life of modules.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use async_trait::async_trait;
use chrono::TimeDelta;
use magpie::clock::{Clock, ManualClock};
use magpie::domain::delivery::{Content, Delivery};
use magpie::domain::health::SiteHealth;
use magpie::domain::pace::Limits;
use magpie::domain::source::SourceSpec;
use magpie::domain::{
    ChatId, ChatKind, Filter, Language, OwnerId, Source, SourceId, UserId, WatchId,
};
use magpie::scrape::http::{Client, Options};
use magpie::scrape::life::Folder;
use magpie::scrape::{
    FetchError, FetchFailure, FetchJob, Fetched, Fetcher, Hosts, Ladder, Life, Modules, RunReport,
    Rung, Scraper, StageLimits, run_source,
};
use magpie::shutdown::Shutdown;
use magpie::store::{
    Db, DeliveryFilter, Effect, MemorySeen, SiteRecord, SourceFilter, SqlDb, UpdateCommit,
};
use sites::{Page, Registry, Site};
use tokio::sync::Semaphore;

use crate::scratch::open_in;

use super::world::{AGENT, start};

/// The operator's chat.
pub const OPERATOR: ChatId = ChatId(900);

/// What is behind each address.
#[derive(Default)]
pub struct Web(Mutex<HashMap<String, Result<String, FetchError>>>, AtomicUsize);

#[async_trait]
impl Fetcher for Web {
    async fn fetch(&self, job: &FetchJob) -> Result<Fetched, FetchError> {
        let answer = self.0.lock().unwrap().get(job.url.as_str()).cloned();
        let mut body = answer.unwrap_or_else(|| Err(failure(FetchFailure::Status, Some(404))))?;
        // No two answers are the same byte for byte, or they would not be read again.
        body.push_str(&" ".repeat(self.1.fetch_add(1, Ordering::SeqCst)));
        let bytes = body.len();
        let page = Page {
            url: job.url.clone(),
            status: Some(200),
            content_type: None,
            body,
            script: None,
            fetched_at: start(),
        };
        Ok(Fetched {
            recorded: vec![],
            page: Some(page),
            rung: Rung::Http,
            bytes,
            elapsed: Duration::ZERO,
            etag: None,
            last_modified: None,
            picture: job.picture.then(|| b"\x89PNG what it looked like".to_vec()),
        })
    }

    async fn close(&self) {}
}

pub fn failure(class: FetchFailure, status: Option<u16>) -> FetchError {
    FetchError { class, text: "no page".into(), status, retry_after: None }
}

pub struct Lab {
    pub db: Arc<SqlDb>,
    pub clock: Arc<ManualClock>,
    pub web: Arc<Web>,
    pub scraper: Scraper,
    pub folder: tempfile::TempDir,
}

impl Lab {
    pub fn new(sites: Vec<Site>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(ManualClock::new(start()));
        let (db, web) = (Arc::new(open_in(folder.path())), Arc::new(Web::default()));
        let mut life = Life::quiet();
        life.folder = Some(Folder(folder.path().join("failures")));
        life.operators = vec![OPERATOR];
        let scraper = scraper(sites, db.clone(), web.clone(), clock.clone(), life);
        Self { db, clock, web, scraper, folder }
    }

    /// Another process on the same record.
    pub fn colleague(&self, sites: Vec<Site>) -> Scraper {
        let (db, web, clock) = (self.db.clone(), self.web.clone(), self.clock.clone());
        scraper(sites, db, web, clock, Life::quiet())
    }

    pub fn shows(&self, url: &str, body: impl Into<String>) {
        self.web.0.lock().unwrap().insert(url.to_owned(), Ok(body.into()));
    }

    pub fn fails(&self, url: &str, error: FetchError) {
        self.web.0.lock().unwrap().insert(url.to_owned(), Err(error));
    }

    /// Puts a search that one chat watches.
    pub async fn search(&self, site: &str, url: &str, chat: i64) -> SourceId {
        let spec = SourceSpec {
            site: site.into(),
            url: url.into(),
            title: format!("Search of {site}"),
            interval: Duration::from_secs(360),
            offered: true,
            rhythm: Default::default(),
        };
        self.db.put_sources(std::slice::from_ref(&spec), self.clock.now()).await.unwrap();
        self.subscribe(chat, &spec.id(), Language::En).await;
        spec.id()
    }

    pub async fn subscribe(&self, chat: i64, source: &SourceId, language: Language) {
        let (user, to) = (UserId(chat), ChatId(chat));
        let name = format!("{chat}-{}", source.as_str());
        let effects = vec![
            Effect::Meet { user, chat: to, kind: ChatKind::Private, language },
            Effect::Subscribe {
                watch: WatchId(name.clone()),
                user,
                chat: to,
                thread: None,
                source: source.clone(),
                name,
                filter: Filter::default(),
                language,
            },
        ];
        static NEXT: std::sync::atomic::AtomicI64 = std::sync::atomic::AtomicI64::new(1);
        let commit = UpdateCommit {
            bot: 1,
            update: NEXT.fetch_add(1, std::sync::atomic::Ordering::Relaxed),
            kind: "message".into(),
            received_at: self.clock.now(),
            dialogue: None,
            effects,
            replies: vec![],
            owner: OwnerId("bot".into()),
            limits: Limits::OFF,
            dues: Default::default(),
        };
        self.db.commit_update(&commit).await.unwrap();
    }

    pub async fn claim(&self) -> Vec<Source> {
        let owner = OwnerId("scraper".into());
        self.db.claim_due_sources(&owner, self.clock.now(), 1_000).await.unwrap()
    }

    /// Runs everything that is due after so many minutes.
    pub async fn run_after(&self, minutes: i64) -> Vec<RunReport> {
        self.clock.advance(TimeDelta::minutes(minutes));
        let mut reports = Vec::new();
        for source in self.claim().await {
            reports.push(run_source(&self.scraper, source).await.unwrap());
        }
        reports
    }

    /// Runs all searches now, whenever they are due.
    pub async fn run_all(&self) -> Vec<RunReport> {
        self.clock.advance(TimeDelta::minutes(7));
        for site in self.scraper.modules.all() {
            self.db.wake_sources(&site.id, self.clock.now()).await.unwrap();
        }
        self.run_after(0).await
    }

    pub async fn health(&self, site: &str) -> SiteHealth {
        let all = self.db.site_healths().await.unwrap();
        let new = || SiteHealth::new(site, self.clock.now());
        all.into_iter().find(|health| health.site == site).unwrap_or_else(new)
    }

    pub async fn source(&self, id: &SourceId) -> Source {
        let all = self.db.sources(&SourceFilter::default()).await.unwrap();
        all.into_iter().find(|source| source.id == *id).unwrap()
    }

    /// All deliveries to a chat, oldest first.
    pub async fn told(&self, chat: ChatId) -> Vec<Delivery> {
        let filter =
            DeliveryFilter { chat: Some(chat), limit: 100_000, ..DeliveryFilter::default() };
        let mut all = self.db.deliveries(&filter).await.unwrap();
        all.reverse();
        all
    }

    /// The texts of ready-made messages to a chat, oldest first; changes are left out.
    pub async fn texts(&self, chat: ChatId) -> Vec<String> {
        let text = |delivery: Delivery| match delivery.new.content {
            Content::Message(message) => Some(message.text),
            _ => None,
        };
        self.told(chat).await.into_iter().filter_map(text).collect()
    }

    /// How many alerts about listings a chat has got.
    pub async fn alerts(&self, chat: ChatId) -> usize {
        let all = self.told(chat).await;
        all.iter().filter(|one| matches!(one.new.content, Content::Change { .. })).count()
    }
}

fn scraper(
    sites: Vec<Site>,
    db: Arc<SqlDb>,
    web: Arc<Web>,
    clock: Arc<ManualClock>,
    life: Life,
) -> Scraper {
    let seen = MemorySeen::new(clock.clone(), Duration::from_secs(86_400 * 30));
    Scraper {
        db,
        seen: Arc::new(seen),
        clock,
        modules: Arc::new(Modules::new(registry(sites))),
        ladder: Ladder::new(web, None),
        hosts: Arc::new(Hosts::new(client(), false, Duration::ZERO)),
        workers: Arc::new(Semaphore::new(4)),
        shutdown: Shutdown::default(),
        page_deadline: Duration::from_secs(20),
        max_alerts: 20,
        matching: Arc::default(),
        changes: Default::default(),
        access: magpie::scrape::session::Access::default(),
        stages: StageLimits { max_pages: 1, baseline_pages: 1, details: 0, probes: 0 },
        life,
    }
}

/// A client that is never asked, made once.
fn client() -> Client {
    static CLIENT: OnceLock<Client> = OnceLock::new();
    let options = || Options {
        proxy: "127.0.0.1:9".parse().unwrap(),
        user_agent: AGENT.into(),
        max_bytes: 1 << 20,
    };
    CLIENT.get_or_init(|| Client::new(options()).unwrap()).clone()
}

/// The modules, none of which waits between requests or needs a browser.
pub fn registry(sites: Vec<Site>) -> Registry {
    let mut registry = Registry::default();
    for mut site in sites {
        site.fetch.gap = Some(Duration::ZERO);
        site.fetch.render = sites::Render::Http;
        registry.insert(site);
    }
    registry
}
