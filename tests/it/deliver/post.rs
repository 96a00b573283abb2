//! An outbox in a file of its own, a sandbox, and a sender between them whose clock is moved by hand.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use magpie::clock::{Clock, ManualClock};
use magpie::config;
use magpie::context::Context;
use magpie::deliver::{SenderOptions, Step, Wake, sender};
use magpie::domain::change::PriceWrite;
use magpie::domain::delivery::delivery_id;
use magpie::domain::pace::Limits;
use magpie::domain::source::SourceSpec;
use magpie::domain::{
    Change, ChatId, Class, Delivery, DeliveryState, Language, NewDelivery, Outgoing, OwnerId,
    Source, delivery::Content,
};
use magpie::shutdown::Shutdown;
use magpie::store::{Db, DeliveryFilter, ListingWrite, MatchBatch, SqlDb, SqlOptions, SqlSeen};
use magpie::telegram::Messenger;

use super::town::Town;

/// Everything between an outbox and a chat.
pub struct Post {
    pub town: Town,
    pub clock: Arc<ManualClock>,
    pub context: Context,
    pub options: SenderOptions,
    source: Source,
    folder: tempfile::TempDir,
}

/// The moment at which tests begin.
pub fn begin() -> DateTime<Utc> {
    "2026-11-05T12:00:00Z".parse().expect("a moment")
}

impl Post {
    /// With these people in the sandbox, no limits, and no picture that we could load.
    pub async fn with_people(people: &[i64]) -> Self {
        let town = Town::with_people(people).await;
        let folder = tempfile::tempdir().expect("a folder");
        let clock = Arc::new(ManualClock::new(begin()));
        let url = format!("sqlite://{}", folder.path().join("magpie.db").display());
        let options = SqlOptions { gather: Duration::from_millis(1), ..SqlOptions::default() };
        let db = SqlDb::open(&url, options).await.expect("a database");
        let seen = SqlSeen::new(db.clone(), clock.clone(), Duration::from_secs(60));
        let context = Context {
            config: Arc::new(configuration(folder.path().to_path_buf())),
            clock: clock.clone(),
            db: Arc::new(db),
            seen: Arc::new(seen),
            messenger: Arc::new(town.client()),
            begun: Default::default(),
            owner: OwnerId("tests".into()),
            shutdown: Shutdown::default(),
        };
        let source = claimed_source(&*context.db).await;
        let options = self::options();
        Self { town, clock, context, options, source, folder }
    }

    /// The folder of the database.
    pub fn folder(&self) -> &std::path::Path {
        self.folder.path()
    }

    /// Sends by another client from now on.
    pub fn send_by(&mut self, messenger: impl Messenger + 'static) {
        self.context.messenger = Arc::new(messenger);
    }

    /// Writes messages of `class`, `(chat, text)` each, in order.
    pub async fn write(&self, class: Class, messages: &[(i64, &str)]) {
        let deliveries =
            messages.iter().map(|(chat, text)| said(class, *chat, Outgoing::text(*text))).collect();
        self.write_all(deliveries, None).await;
    }

    /// Writes one alert that says `message`.
    pub async fn write_message(&self, chat: i64, message: Outgoing) {
        self.write_all(vec![said(Class::Alert, chat, message)], None).await;
    }

    /// Writes a change and its alert.
    pub async fn write_change(
        &self,
        chat: i64,
        change: Change,
        watches: &[&str],
        language: Language,
    ) {
        let watches = watches.iter().map(|name| (*name).to_owned()).collect();
        let alert = NewDelivery::alert(ChatId(chat), None, language, change.id(), watches, begin());
        self.write_all(vec![alert], Some(change)).await;
    }

    /// Writes deliveries and the change that they tell.
    pub async fn write_all(&self, deliveries: Vec<NewDelivery>, change: Option<Change>) {
        let count = deliveries.len() as u64;
        let listing = |change: Change| ListingWrite {
            listing: change.listing.clone(),
            fingerprint: 1,
            price: PriceWrite { point: Some((change.version, true)), held: None },
            change: Some(change),
        };
        let batch = MatchBatch {
            source: self.source.id.clone(),
            epoch: self.source.epoch,
            site: "example".into(),
            listings: change.into_iter().map(listing).collect(),
            deliveries,
            run: None,
            now: self.clock.now(),
        };
        let recorded = self.context.db.record_matches(&batch).await.expect("recorded");
        assert_eq!((recorded.fenced, recorded.new_deliveries), (false, count));
    }

    /// One step of the sender.
    pub async fn step(&self) -> Step {
        sender::step(&self.context, &self.options).await.expect("the outbox answers")
    }

    /// Steps until nothing can be claimed at this moment; answers when something can be.
    pub async fn drain(&self) -> Option<DateTime<Utc>> {
        for _ in 0..1_000 {
            if let Step::NothingUntil(next) = self.step().await {
                return next;
            }
        }
        panic!("the outbox does not become empty");
    }

    /// Steps and moves the clock until nothing waits at all.
    pub async fn drain_to_the_end(&self) {
        for _ in 0..100 {
            let Some(next) = self.drain().await else { return };
            self.clock.advance(next - self.clock.now());
        }
        panic!("the outbox does not come to an end");
    }

    /// The deliveries of a chat, oldest first.
    pub async fn deliveries(&self, chat: i64) -> Vec<Delivery> {
        let filter = DeliveryFilter { chat: Some(ChatId(chat)), ..DeliveryFilter::default() };
        let mut all = self.context.db.deliveries(&filter).await.expect("deliveries");
        all.reverse();
        all
    }

    /// The states of a chat's deliveries, oldest first.
    pub async fn states(&self, chat: i64) -> Vec<DeliveryState> {
        self.deliveries(chat).await.iter().map(|delivery| delivery.state).collect()
    }

    /// The list of doubts.
    pub async fn doubted(&self) -> Vec<Delivery> {
        let filter = DeliveryFilter { doubted: true, ..DeliveryFilter::default() };
        self.context.db.deliveries(&filter).await.expect("deliveries")
    }

    /// The texts that stand in a chat, in order.
    pub async fn texts(&self, chat: i64) -> Vec<String> {
        let text = |message: &serde_json::Value| {
            message["text"].as_str().or(message["caption"].as_str()).unwrap_or_default().to_owned()
        };
        self.town.messages(chat).await.iter().map(text).collect()
    }
}

fn said(class: Class, chat: i64, message: Outgoing) -> NewDelivery {
    NewDelivery {
        id: delivery_id(class, ChatId(chat), None, &message.text),
        class,
        chat: ChatId(chat),
        thread: None,
        language: Language::En,
        content: Content::Message(message),
        not_before: begin(),
        fate: Default::default(),
    }
}

/// A source that stays claimed, so that deliveries can be written by its run.
async fn claimed_source(db: &dyn Db) -> Source {
    let spec = SourceSpec {
        site: "example".into(),
        url: "https://example.com/search".into(),
        title: "Flats".into(),
        interval: Duration::from_secs(600),
        offered: false,
        rhythm: Default::default(),
    };
    db.put_sources(&[spec], begin()).await.expect("a source");
    let claimed = db.claim_due_sources(&OwnerId("run".into()), begin(), 1).await.expect("a claim");
    claimed.into_iter().next().expect("the source is due")
}

/// A sender without limits.
pub(super) fn options() -> SenderOptions {
    SenderOptions {
        in_flight: 8,
        limits: Limits::OFF,
        horizon: Duration::from_millis(250),
        poll: Duration::from_millis(500),
        classes: vec![],
        desk: Arc::default(),
        wake: Wake::default(),
    }
}

/// A configuration in which nothing but its shape matters here.
pub(super) fn configuration(data: PathBuf) -> config::Config {
    let second = Duration::from_secs(1);
    let anywhere = std::net::SocketAddr::from(([127, 0, 0, 1], 0));
    config::Config {
        growth: Default::default(),
        support: config::Support { answer_within: second, language: Language::En },
        login: config::LoginSecrets::default(),
        proxies: config::Proxies::default(),
        paths: config::Paths {
            data: data.clone(),
            sites: None,
            sources: None,
            templates: None,
            plans: None,
        },
        database: config::Database {
            url: String::new().into(),
            readers: 1,
            gather: second,
            busy_timeout: second,
        },
        redis: config::Redis { url: None, ttl: second },
        telegram: config::Telegram {
            token: None,
            api_url: String::new(),
            connect_timeout: second,
            timeout: second,
        },
        bot: config::Bot {
            webhook_url: None,
            webhook_secret: None,
            listen: anywhere,
            max_body: 0,
            max_connections: 1,
            admin_ids: vec![],
            support_chat_id: None,
            pending_warning: 0,
            app_url: None,
            app_frames: vec![],
            jwt_secret: None,
            map_tiles: None,
            map_attribution: String::new(),
        },
        support: config::Support { answer_within: second, language: Default::default() },
        limits: config::LimitsSection { quotas: Default::default(), updates_per_second: 0 },
        support: config::Support { answer_within: second, language: Default::default() },
        free: config::Free { watches: 0, sources: 0 },
        schedule: config::Schedule {
            interval: second,
            workers: 1,
            adaptive: false,
            stretch: 1.0,
            idle_interval: Duration::from_secs(3_600),
            housekeeping: String::new(),
        },
        changes: Default::default(),
        scrape: config::Scrape {
            user_agent: String::new(),
            page_deadline: second,
            max_bytes: 0,
            gap: second,
            concurrency_per_host: 1,
            respect_robots: true,
            max_pages: 5,
            baseline_pages: 1,
            details_per_run: 10,
            probes_per_run: 2,
            max_alerts_per_run: 1,
            max_alerts_after_repair: 5,
            failure_groups: 20,
            failure_bytes: 50 << 20,
            failure_age: Duration::from_secs(86_400),
            listen: anywhere,
            session_key: None,
        },
        browser: config::BrowserSection {
            executable: None,
            cdp_url: None,
            pages: 1,
            jail: "off".into(),
            sandbox: "auto".into(),
        },
        egress: config::Egress { allow: vec![] },
        deliver: config::Deliver {
            in_flight: 8,
            per_second: 0.0,
            paid_per_second: 0.0,
            paid_stars: 0,
            time_zone: "UTC".into(),
        },
        log: config::Log { level: "info".into(), format: None, dir: data },
    }
}
