//! `kill -9` in the middle of 500 deliveries: none is lost, and a second copy exists only of what the doubt
//! list names.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use magpie::clock::{Clock, SystemClock};
use magpie::domain::delivery::{Delivery, NewDelivery};
use magpie::domain::pace::Limits;
use magpie::domain::source::{SourceSpec, Verdict};
use magpie::domain::{
    Change, ChangeKind, ChatId, ChatKind, DeliveryState, Filter, Language, OwnerId, UserId, WatchId,
};
use magpie::store::sql::SqlDb;
use magpie::store::{
    Db, DeliveryFilter, Effect, ListingWrite, MatchBatch, RunRecord, UpdateCommit,
};
use serde_json::{Value, json};
use sites::{Listing, ListingKey, Money};

use crate::support::World;
use crate::support::world::TOKEN;

const PEOPLE: i64 = 500;
const FIRST: i64 = 10_001;

fn listing() -> Listing {
    Listing {
        price: Some(Money { minor: 12_000, currency: "EUR".to_owned() }),
        price_text: Some("€ 120.00".to_owned()),
        location: Some("Berlin".to_owned()),
        ..Listing::new("g-1", "https://shop.example/g-1", "A bicycle with three gears")
    }
}

/// Makes everybody a subscriber of one source and records one new listing for all of them.
async fn seed(db: &dyn Db) {
    let now = SystemClock.now();
    let owner = OwnerId("seed".to_owned());
    let spec = SourceSpec {
        site: "demo_goods".to_owned(),
        url: "http://127.0.0.1/demo/goods".to_owned(),
        title: "Goods".to_owned(),
        interval: Duration::from_secs(3600),
        offered: true,
        rhythm: Default::default(),
    };
    let source = spec.id();
    db.put_sources(&[spec], now).await.expect("a source can be put");
    for person in FIRST..FIRST + PEOPLE {
        let (user, chat) = (UserId(person), ChatId(person));
        let meet = Effect::Meet { user, chat, kind: ChatKind::Private, language: Language::En };
        let subscribe = Effect::Subscribe {
            watch: WatchId(format!("watch-{person}")),
            user,
            chat,
            thread: None,
            source: source.clone(),
            name: "Goods".to_owned(),
            filter: Filter::default(),
            language: Language::En,
        };
        let commit = UpdateCommit {
            bot: 1,
            update: person,
            kind: "message".to_owned(),
            received_at: now,
            dialogue: None,
            effects: vec![meet, subscribe],
            replies: vec![],
            owner: owner.clone(),
            limits: Limits::OFF,
            dues: Default::default(),
        };
        db.commit_update(&commit).await.expect("a subscriber can be written");
    }
    let claimed = db.claim_due_sources(&owner, now, 1).await.expect("the source is due");
    let epoch = claimed[0].epoch;
    let watches = db.watches_of(&source).await.expect("watches can be read");
    assert_eq!(watches.len(), 500);
    let change = Change {
        key: ListingKey { site: "demo_goods".to_owned(), id: "g-1".to_owned() },
        kind: ChangeKind::New,
        version: 1,
        at: now,
        price_before: None,
        told_before: vec![],
        fields: vec![],
        listing: listing(),
        same_as: None,
    };
    let alert = |watch: &magpie::domain::Watch| {
        let names = vec![watch.name.clone()];
        NewDelivery::alert(watch.chat, None, Language::En, change.id(), names, now)
    };
    let batch = MatchBatch {
        source: source.clone(),
        epoch,
        site: "demo_goods".to_owned(),
        deliveries: watches.iter().map(alert).collect(),
        listings: vec![ListingWrite {
            listing: listing(),
            fingerprint: 1,
            change: Some(change.clone()),
            price: Default::default(),
        }],
        run: Some(RunRecord {
            source,
            epoch,
            started_at: now,
            finished_at: now,
            verdict: Verdict::Ok,
            items: 1,
            rung: "http".to_owned(),
            bytes: 1,
            error: None,
            won: "{}".to_owned(),
            etag: None,
            last_modified: None,
            next_due_at: None,
            why: String::new(),
            road: None,
            rate: None,
        }),
        now,
    };
    let recorded = db.record_matches(&batch).await.expect("the run can be recorded");
    assert_eq!(recorded.new_deliveries, 500);
}

/// Accepted messages per chat.
fn accepted(lines: &[Value]) -> BTreeMap<i64, i64> {
    let mut copies = BTreeMap::new();
    for line in lines {
        let method = line["method"].as_str().unwrap_or("").to_lowercase();
        if line["decision"] == "accepted" && (method == "sendmessage" || method == "sendphoto") {
            let chat = &line["params"]["chat_id"];
            let chat = chat.as_i64().or_else(|| chat.as_str()?.parse().ok());
            *copies.entry(chat.expect("a chat id is a number")).or_default() += 1;
        }
    }
    copies
}

/// Nothing lost of the `each` messages to everybody; every copy beyond them is a doubt in the record.
fn check(copies: &BTreeMap<i64, i64>, deliveries: &[Delivery], each: i64) {
    let mut doubts: BTreeMap<i64, i64> = BTreeMap::new();
    for delivery in deliveries {
        // Two kills may meet the same row: such a one is set aside for people by policy, and named.
        let set_aside = delivery.state == DeliveryState::Dead && delivery.doubts >= 2;
        assert!(set_aside || delivery.state == DeliveryState::Sent, "not sent: {delivery:?}");
        *doubts.entry(delivery.new.chat.0).or_default() += delivery.doubts;
    }
    for person in FIRST..FIRST + PEOPLE {
        let got = copies.get(&person).copied().unwrap_or(0);
        let doubted = doubts.get(&person).copied().unwrap_or(0);
        assert!(got >= each || doubted >= 2, "{person} got {got} of {each}");
        assert!(got <= each + doubted, "{person} got {got} with {doubted} doubts in the list");
    }
}

/// Waits until nothing is pending or on its way.
async fn until_quiet(db: &SqlDb, what: &str) {
    let deadline = std::time::Instant::now() + Duration::from_secs(90);
    loop {
        let stats = db.outbox_stats().await.expect("the outbox can be counted");
        let open: i64 = stats
            .by_state
            .iter()
            .filter(|(state, _)| matches!(state, DeliveryState::Pending | DeliveryState::Sending))
            .map(|(_, count)| count)
            .sum();
        let done: i64 = stats.by_state.iter().map(|(_, count)| count).sum();
        if open == 0 && done >= PEOPLE {
            return;
        }
        assert!(std::time::Instant::now() < deadline, "{what}: {stats:?}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

async fn all(db: &SqlDb) -> Vec<Delivery> {
    let filter = DeliveryFilter { limit: 2_000, ..DeliveryFilter::default() };
    db.deliveries(&filter).await.expect("deliveries can be listed")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_sender_loses_no_delivery_and_doubles_only_doubts() {
    let options =
        sandbox::Options { limits: sandbox::limits::Mode::Off, ..sandbox::Options::default() };
    let mut world = World::start(options).await;
    world.environment.insert("MAGPIE_DELIVER__PER_SECOND".to_owned(), "0".to_owned());
    let db = world.db().await;
    seed(&db).await;
    world.say(json!({"bot": TOKEN, "user": FIRST, "meet": true, "count": PEOPLE})).await;
    // A round trip as in the real world, so that requests are in flight when the process dies.
    world.fault(json!({"match": {"method": "sendMessage"}, "action": {"delay_ms": 40}})).await;
    for kills in 1..=4 {
        let sender = world.magpie(&["run", "--only", "send"]);
        let wanted = kills * 100;
        world
            .journal
            .until(&format!("{wanted} messages"), Duration::from_secs(60), |lines| {
                accepted(lines).values().sum::<i64>() >= wanted
            })
            .await;
        sender.kill().await;
    }
    let sender = world.magpie(&["run", "--only", "send"]);
    until_quiet(&db, "the last sender did not finish").await;
    let status = sender.terminate(Duration::from_secs(20)).await;
    assert!(status.success(), "{status}");
    check(&accepted(&world.journal.all().await), &all(&db).await, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_bot_loses_no_update_and_doubles_only_doubts() {
    let options =
        sandbox::Options { limits: sandbox::limits::Mode::Off, ..sandbox::Options::default() };
    let mut world = World::start(options).await;
    let url = world.bot_url();
    world.environment.insert("WEBHOOK_URL".to_owned(), url.clone());
    let db = world.db().await;
    world.fault(json!({"match": {"method": "sendMessage"}, "action": {"delay_ms": 20}})).await;
    let world = Arc::new(world);
    let bot = world.bot();
    world.until_ready(&format!("{url}/health"), Duration::from_secs(20)).await;
    let acts: Vec<Value> = (FIRST..FIRST + PEOPLE)
        .map(|user| json!({"bot": TOKEN, "user": user, "name": "Ann", "lang": "en", "text": "/start"}))
        .collect();
    world.say(json!(acts)).await;
    let mut bot = Some(bot);
    for kills in 1..=3 {
        let wanted = kills * 120;
        world
            .journal
            .until(&format!("{wanted} replies"), Duration::from_secs(90), |lines| {
                accepted(lines).values().sum::<i64>() >= wanted
            })
            .await;
        if let Some(old) = bot.take() {
            old.kill().await;
        }
        bot = Some(world.bot());
    }
    world
        .journal
        .until("an answer for everybody", Duration::from_secs(120), |lines| {
            accepted(lines).len() >= 500
        })
        .await;
    until_quiet(&db, "the bot did not finish its replies").await;
    let status = bot.expect("a bot runs").terminate(Duration::from_secs(20)).await;
    assert!(status.success(), "{status}");
    // The greeting, and the menu.
    check(&accepted(&world.journal.all().await), &all(&db).await, 2);
}
