//! A demo site changes its layout under a running scraper: noticed in the same run, repaired in shadow, proposed,
//! approved at the command line, and the next run floods nobody. Then the version is taken back.

use std::process::Output;
use std::time::{Duration, Instant};

use magpie::clock::{Clock, SystemClock};
use magpie::domain::pace::Limits;
use magpie::domain::source::{Source, Verdict};
use magpie::domain::{
    ChatId, ChatKind, Class, DeliveryState, Filter, Language, OwnerId, UserId, WatchId,
};
use magpie::store::sql::SqlDb;
use magpie::store::{
    Db, DeliveryFilter, Effect, ModuleRecord, ModuleState, SiteRecord, SourceFilter, UpdateCommit,
};
use serde_json::json;

use crate::support::World;
use crate::support::world::TOKEN;

const SUBSCRIBER: i64 = 10_001;
const OPERATOR: i64 = 10_002;
const PATIENCE: Duration = Duration::from_secs(90);

async fn source(db: &SqlDb) -> Source {
    let all = db.sources(&SourceFilter::default()).await.expect("sources can be listed");
    all.into_iter().next().expect("there is one source")
}

/// Waits until the source has ended a run of this verdict after a moment.
async fn until_verdict(db: &SqlDb, verdict: Verdict, items: Option<i64>) {
    let (begin, since) = (Instant::now(), SystemClock.now());
    loop {
        let source = source(db).await;
        let runs = db.runs(&source.id, 1).await.expect("runs can be listed");
        let fits = |run: &magpie::store::RunRecord| {
            run.verdict == verdict
                && run.started_at >= since
                && items.is_none_or(|items| items == run.items)
        };
        if runs.iter().any(fits) {
            return;
        }
        assert!(begin.elapsed() < PATIENCE, "no run ended in {verdict:?}: {source:#?} {runs:#?}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

async fn until_state(db: &SqlDb, state: ModuleState) {
    let begin = Instant::now();
    loop {
        let all = db.module_versions(Some("demo_goods")).await.expect("versions can be listed");
        if all.iter().any(|one| one.state == state) {
            return;
        }
        let last = source(db).await.last_error;
        assert!(begin.elapsed() < PATIENCE, "no version is {state:?}: {all:#?} {last:?}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// Waits until the site is in quarantine, or out of it.
async fn until_quarantined(db: &SqlDb, wanted: bool) {
    let begin = Instant::now();
    loop {
        let healths = db.site_healths().await.expect("health can be read");
        let step =
            healths.iter().find(|one| one.site == "demo_goods").map_or(0, |one| one.state.step());
        if (step > 0) == wanted {
            return;
        }
        assert!(begin.elapsed() < PATIENCE, "quarantine: {healths:#?}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// Runs an operator's command to its end.
async fn operate(world: &World, words: &[&str]) -> String {
    let Output { status, stdout, stderr } =
        tokio::process::Command::new(env!("CARGO_BIN_EXE_magpie"))
            .args(words)
            .env_clear()
            .envs(&world.environment)
            .current_dir(world.path())
            .output()
            .await
            .expect("the command starts");
    let text = String::from_utf8_lossy(&stdout).into_owned();
    assert!(status.success(), "{words:?}: {text} {}", String::from_utf8_lossy(&stderr));
    text
}

/// Deliveries of a class to a chat.
async fn told(db: &SqlDb, chat: i64, class: Class) -> Vec<magpie::domain::Delivery> {
    let filter = DeliveryFilter { chat: Some(ChatId(chat)), ..DeliveryFilter::default() };
    let all = db.deliveries(&filter).await.expect("deliveries can be listed");
    all.into_iter().filter(|one| one.new.class == class).collect()
}

async fn subscribe(db: &SqlDb) {
    let (user, chat, language) = (UserId(SUBSCRIBER), ChatId(SUBSCRIBER), Language::En);
    let source = source(db).await.id;
    let commit = UpdateCommit {
        bot: 1,
        update: 1,
        kind: "message".to_owned(),
        received_at: SystemClock.now(),
        dialogue: None,
        effects: vec![
            Effect::Meet { user, chat, kind: ChatKind::Private, language },
            Effect::Subscribe {
                watch: WatchId("watch".to_owned()),
                user,
                chat,
                thread: None,
                source,
                name: "Goods".to_owned(),
                filter: Filter::default(),
                language,
            },
        ],
        replies: vec![],
        owner: OwnerId("test".to_owned()),
        limits: Limits::OFF,
        dues: Default::default(),
    };
    db.commit_update(&commit).await.expect("a subscriber can be written");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_site_that_changes_its_layout_is_repaired_and_floods_nobody() {
    let mut world = World::start(sandbox::Options::default()).await;
    world.environment.insert("ADMIN_IDS".to_owned(), OPERATOR.to_string());
    let url = world.sandbox.url();
    world.put_sources(&format!(
        "[[source]]\nsite = \"demo_goods\"\nurl = \"{url}/demo/goods\"\ntitle = \"Goods\"\nevery = \"1s\"\n"
    ));
    world.demo(json!({"auto": false, "publish": {"site": "goods", "count": 12}})).await;
    world.say(json!({"bot": TOKEN, "user": SUBSCRIBER, "meet": true, "count": 2})).await;
    let scraper = world.magpie(&["run"]);
    world.until_baseline(Duration::from_secs(60)).await;
    let db = world.db().await;
    subscribe(&db).await;
    let shown = source(&db).await.last_count.expect("a count");

    world.demo(json!({"layout": 2})).await;
    // The server says "not modified" until something is published: the layout is part of its validator.
    until_verdict(&db, Verdict::Changed, None).await;
    until_state(&db, ModuleState::Proposed).await;
    until_quarantined(&db, true).await;
    let asked = |one: &magpie::domain::Delivery| format!("{one:?}").contains("site proposals");
    let told_operators = told(&db, OPERATOR, Class::Support).await;
    let count = told_operators.iter().filter(|one| asked(one)).count();
    assert_eq!(count, 1, "operators are asked once: {told_operators:#?}");
    let text = operate(&world, &["site", "proposals"]).await;
    for word in ["demo_goods, version 1 (proposed)", "listing.item", "in shadow at", "for example"]
    {
        assert!(text.contains(word), "{word} in {text}");
    }

    let text = operate(&world, &["site", "approve", "demo_goods", "--yes"]).await;
    assert!(text.contains("Version 1 of demo_goods is in force"), "{text}");
    until_verdict(&db, Verdict::Ok, Some(shown)).await;
    until_quarantined(&db, false).await;
    assert_eq!(told(&db, SUBSCRIBER, Class::Alert).await, [], "what was known is no news");

    world.demo(json!({"publish": {"site": "goods", "count": 1}})).await;
    let begin = Instant::now();
    loop {
        let alerts = told(&db, SUBSCRIBER, Class::Alert).await;
        assert!(alerts.len() <= 1, "one thing is new: {alerts:#?}");
        if alerts.iter().any(|one| one.state == DeliveryState::Sent) {
            break;
        }
        assert!(begin.elapsed() < PATIENCE, "the new one is not told: {alerts:#?}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }

    let text = operate(&world, &["site", "rollback", "demo_goods", "--yes"]).await;
    assert!(text.contains("in force again"), "{text}");
    world.demo(json!({"layout": 1})).await;
    until_verdict(&db, Verdict::Ok, Some(shown)).await;
    assert_eq!(told(&db, SUBSCRIBER, Class::Alert).await.len(), 1);
    let text = operate(&world, &["site", "versions", "demo_goods"]).await;
    assert!(text.contains("retired"), "{text}");
    db.close().await;
    let status = scraper.terminate(Duration::from_secs(20)).await;
    assert!(status.success(), "{status}");
}
