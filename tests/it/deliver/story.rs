//! One offer from new over cheaper to sold, as four people hear of it: at once, with quiet hours, by a daily digest,
//! and with replies. Told by the journal of the sandbox, over the night in which the clocks of Europe go forward.
//!
//! ```text
//! Sat 23:00 Berlin   published        Ann and Dora get it; Ben sleeps; Carl waits for his digest
//! Sun 00:30          20 % cheaper     their messages are edited, and an alert comes (Dora's answers the first one)
//! Sun 07:00 (05:00Z) the night ends   Ben gets both, the first one already with the lower price
//! Sun 09:00 (07:00Z) the digest       Carl gets one message with the present price
//! Sun afternoon      sold             what stands in the chats of Ann, Ben and Dora says so; Dora gets a reply too
//! ```

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use magpie::clock::Clock;
use magpie::context::Context;
use magpie::deliver::{SenderOptions, Step, digest, sender};
use magpie::domain::preferences::Patch;
use magpie::domain::source::SourceSpec;
use magpie::domain::{ChatId, OwnerId, SourceId};
use magpie::scrape::{Modules, Scraper, look_after, run_source};
use magpie::shutdown::Shutdown;
use magpie::store::{Db, PreferenceRecord};
use serde_json::{Value, json};

use super::post::{configuration, options};
use super::town::Town;
use crate::scrape::world::{World, scraper};

const ANN: i64 = 1;
const BEN: i64 = 2;
const CARL: i64 = 3;
const DORA: i64 = 4;

/// The demo shop and Telegram in one sandbox, a scraper, an outbox and a sender, under one clock.
struct Story {
    world: World,
    town: Town,
    scraper: Scraper,
    source: SourceId,
    context: Context,
    options: SenderOptions,
    _proxy: egress::Proxy,
}

impl Story {
    /// Everybody watches the shop, and its first good run is over.
    async fn begin() -> Self {
        let world = World::new().await;
        let town = Town::with_people(&[ANN, BEN, CARL, DORA]).await;
        let target = egress::Target::new("127.0.0.1", town.address().port());
        let proxy = egress::Proxy::start(egress::Policy::allowing([target])).await.unwrap();
        let db = Arc::new(world.db.clone());
        let scraper = scraper(&proxy, db.clone(), world.scraper.seen.clone(), world.clock.clone());
        scraper.modules.replace(Modules::load(None).unwrap());
        let spec = SourceSpec {
            rhythm: Default::default(),
            site: "demo_goods".into(),
            url: format!("{}/demo/goods", town.url()),
            title: "Goods".into(),
            interval: Duration::from_secs(60),
            offered: true,
        };
        let source = spec.id();
        world.db.put_sources(&[spec], world.clock.now()).await.unwrap();
        let context = Context {
            config: Arc::new(configuration(world.folder.path().to_path_buf())),
            clock: world.clock.clone(),
            db,
            seen: world.scraper.seen.clone(),
            messenger: Arc::new(town.client()),
            begun: Default::default(),
            owner: OwnerId("story".into()),
            shutdown: Shutdown::default(),
        };
        let options = options();
        let story = Self { world, town, scraper, source, context, options, _proxy: proxy };
        story.until("2026-03-28T12:00:00Z");
        story.scrape().await;
        for person in [ANN, BEN, CARL, DORA] {
            story.world.subscribe(person, person, &story.source, "Goods").await;
        }
        story.prefer(BEN, &["zone=Europe/Berlin", "quiet=22:00-07:00"]).await;
        story.prefer(CARL, &["zone=Europe/Berlin", "digest=daily 09:00"]).await;
        story.prefer(DORA, &["replies=yes"]).await;
        story
    }

    /// Moves the clock to a moment.
    fn until(&self, moment: &str) {
        let moment: DateTime<Utc> = moment.parse().expect("a moment");
        self.world.clock.advance(moment - self.world.clock.now());
    }

    async fn prefer(&self, chat: i64, wishes: &[&str]) {
        let patches = Patch::read_all(wishes.iter().copied()).expect("wishes");
        self.world.db.prefer((ChatId(chat), None), &patches, self.world.clock.now()).await.unwrap();
    }

    /// One run of the search with what follows it, and everything sent that can be.
    async fn scrape(&self) {
        let source = self.world.claim().await.remove(0);
        let report = run_source(&self.scraper, source.clone()).await.unwrap();
        look_after(&self.scraper, &source, &report).await;
        self.send().await;
    }

    async fn send(&self) {
        for _ in 0..100 {
            let step = sender::step(&self.context, &self.options).await.expect("an outbox");
            if matches!(step, Step::NothingUntil(_)) {
                return;
            }
        }
        panic!("the outbox does not become empty");
    }

    async fn order(&self, order: Value) -> Value {
        self.town.demo(order).await
    }

    /// The asking price on record, minor units.
    async fn price(&self, id: &str) -> i64 {
        let ids = [id.to_owned()];
        let known = self.world.db.known_listings(&self.source, "demo_goods", &ids).await.unwrap();
        known[0].listing.price.as_ref().expect("a price").minor
    }

    /// The words of the messages that stand in a chat.
    async fn texts(&self, chat: i64) -> Vec<String> {
        let text = |message: &Value| {
            message["text"].as_str().or(message["caption"].as_str()).unwrap_or_default().to_owned()
        };
        self.town.messages(chat).await.iter().map(text).collect()
    }

    /// The calls about a chat in the journal: `send`, `edit` or something else, with what was said.
    async fn calls(&self, chat: i64) -> Vec<(String, Value)> {
        let calls = self.town.sends(chat).await;
        calls
            .into_iter()
            .map(|call| {
                let method = call["method"].as_str().unwrap_or_default().to_lowercase();
                let kind = ["send", "edit"].into_iter().find(|kind| method.starts_with(kind));
                (kind.unwrap_or(&method).to_owned(), call["params"].clone())
            })
            .collect()
    }
}

fn kinds(calls: &[(String, Value)]) -> Vec<&str> {
    calls.iter().map(|(kind, _)| kind.as_str()).collect()
}

/// Whom a call answers.
fn answered(params: &Value) -> Option<i64> {
    let parameters = match &params["reply_parameters"] {
        Value::String(text) => serde_json::from_str(text).expect("JSON"),
        other => other.clone(),
    };
    parameters["message_id"].as_i64()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn four_people_hear_of_one_offer_as_they_asked_for() {
    let story = Story::begin().await;

    story.until("2026-03-28T22:00:00Z");
    let done = story.order(json!({"publish": {"site": "goods", "count": 1}})).await;
    let id = done["ids"][0].as_str().expect("an id").to_owned();
    story.scrape().await;
    let first = story.texts(ANN).await;
    assert_eq!(first.len(), 1, "{first:?}");
    assert_eq!(story.texts(DORA).await, first, "rendered once, told to both");
    assert!(story.texts(BEN).await.is_empty() && story.texts(CARL).await.is_empty());

    story.until("2026-03-28T23:30:00Z");
    let before = story.price(&id).await;
    let now = before * 8 / 10;
    story.order(json!({"price": {"id": id, "minor": now}})).await;
    story.scrape().await;
    assert_eq!(story.price(&id).await, now);
    let calls = story.calls(ANN).await;
    let mut seen = kinds(&calls);
    seen.sort_unstable();
    assert_eq!(seen, ["edit", "send", "send"], "{calls:#?}");
    let standing = story.texts(ANN).await;
    assert_ne!(standing[0], first[0], "the first message is true again");
    assert!(standing[1].contains("20%"), "{standing:?}");
    let answers: Vec<Option<i64>> =
        calls.iter().filter(|(kind, _)| kind == "send").map(|(_, call)| answered(call)).collect();
    assert_eq!(answers, [None, None], "Ann did not ask for replies");
    let of_dora = story.calls(DORA).await;
    let alert = of_dora.iter().rfind(|(kind, _)| kind == "send").expect("an alert");
    let standing_id = story.town.messages(DORA).await[0]["message_id"].as_i64();
    assert_eq!(answered(&alert.1), standing_id, "Dora's alert answers the first message");
    assert!(story.texts(BEN).await.is_empty() && story.texts(CARL).await.is_empty());

    // 06:59 and 07:00 in Berlin, where it is summer time since this night.
    story.until("2026-03-29T04:59:00Z");
    story.send().await;
    assert!(story.texts(BEN).await.is_empty(), "quiet hours are not over");
    story.until("2026-03-29T05:00:00Z");
    story.send().await;
    let morning = story.texts(BEN).await;
    assert_eq!(morning.len(), 2, "{morning:?}");
    assert!(morning[0] != first[0] && morning[1].contains("20%"), "{morning:?}");

    // 08:59 and 09:00 in Berlin.
    let owner = OwnerId("digests".into());
    let compose = async || {
        let now = story.world.clock.now();
        digest::compose_due(&story.world.db, &owner, now).await.expect("digests")
    };
    story.until("2026-03-29T06:59:00Z");
    assert_eq!(compose().await, 0);
    story.until("2026-03-29T07:00:00Z");
    assert_eq!((compose().await, compose().await), (1, 0));
    story.send().await;
    let digest = story.texts(CARL).await;
    assert_eq!(digest.len(), 1, "{digest:?}");
    let present = format!("€{}", now / 100);
    assert!(digest[0].contains(&present), "one line, with the present price {present}: {digest:?}");

    story.until("2026-03-29T12:00:00Z");
    story.order(json!({"sell": id})).await;
    let told = story.calls(ANN).await.len();
    for _ in 0..6 {
        story.world.clock.advance(TimeDelta::hours(1));
        story.scrape().await;
        if story.calls(ANN).await.len() > told {
            break;
        }
    }
    for chat in [ANN, BEN, DORA] {
        let standing = story.texts(chat).await;
        assert!(
            standing.iter().take(2).all(|text| is_over(text)),
            "chat {chat} still offers it: {standing:#?}"
        );
    }
    assert_eq!(story.texts(ANN).await.len(), 2, "edits are enough for Ann");
    assert_eq!(story.texts(DORA).await.len(), 3, "Dora asked for replies");
    assert_eq!(story.texts(CARL).await.len(), 1, "Carl hears of it in the next digest");
    story.town.stop().await;
}

/// Whether a message says that its offer is no more.
fn is_over(text: &str) -> bool {
    ["Sold", "Gone", "gone", "sold", "No longer", "no longer"]
        .iter()
        .any(|word| text.contains(word))
}
