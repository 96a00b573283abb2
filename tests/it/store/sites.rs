//! The chapter about site modules: health is compared and set, notices are written once, failures are groups.

use chrono::TimeDelta;
use magpie::domain::delivery::delivery_id;
use magpie::domain::health::{Alarm, FailurePage, SiteHealth, SourceHealth, State};
use magpie::domain::{ChatId, Class, Language, SourceId, Verdict};
use magpie::store::{Db, HealthWrite, ListingWrite, MatchBatch, Notice, Recipient, SourceOrder};

use super::fixtures::{
    apply, at, claimed_source, listing, meet, message, run, subscribe, update, write,
};
use super::for_each_db;

for_each_db!(
    health_is_compared_and_set,
    a_source_counts_each_epoch_once,
    notices_and_alarms_go_with_the_state,
    an_end_is_told_only_to_those_who_heard_of_the_beginning,
    the_audience_is_one_entry_per_chat,
    failures_are_counted_in_groups,
    runs_and_listings_of_a_site_are_found,
    sources_are_woken_after_a_repair,
);

fn ill(revision: i64) -> SiteHealth {
    let mut health = SiteHealth::new("demo", at(0));
    health.state = State::Quarantined { step: 2 };
    health.probe_at = Some(at(5_000));
    health.told_at = Some(at(1));
    health.revision = revision;
    health.detail.episode = Some(at(2));
    health.detail.bad.insert(SourceId("s".into()), 3);
    health
}

fn of_site(site: SiteHealth) -> HealthWrite {
    HealthWrite { site: Some(site), ..HealthWrite::default() }
}

async fn health_is_compared_and_set(db: &dyn Db) {
    assert!(db.record_health(&of_site(ill(0)), at(0)).await.unwrap());
    let stored = db.site_healths().await.unwrap();
    assert_eq!(stored, [ill(1)]);
    // Somebody who read before that write comes too late, and nothing of theirs is written.
    let late = HealthWrite {
        notices: vec![notice(1, "late", None)],
        ..of_site(SiteHealth::new("demo", at(9)))
    };
    assert!(!db.record_health(&late, at(1)).await.unwrap());
    assert_eq!(db.site_healths().await.unwrap(), stored);
    assert_eq!(db.deliveries(&Default::default()).await.unwrap(), []);
    assert!(db.record_health(&of_site(ill(1)), at(1)).await.unwrap());
    assert_eq!(db.site_healths().await.unwrap(), [ill(2)]);
}

async fn a_source_counts_each_epoch_once(db: &dyn Db) {
    let (id, _) = claimed_source(db, "a", "x").await;
    let health = |epoch, module: &str| SourceHealth {
        epoch,
        module: module.into(),
        ..SourceHealth::new(id.clone())
    };
    let write = |source| HealthWrite { source: Some(source), ..HealthWrite::default() };
    assert!(db.record_health(&write(health(2, "m")), at(0)).await.unwrap());
    assert!(db.record_health(&write(health(2, "other")), at(0)).await.unwrap());
    assert!(db.record_health(&write(health(1, "other")), at(0)).await.unwrap());
    let view = db.life_of(&id, "demo").await.unwrap();
    assert_eq!((view.source, view.site, view.sources), (Some(health(2, "m")), None, 1));
    db.order_source(&id, SourceOrder::Pause, at(0)).await.unwrap();
    assert_eq!(db.life_of(&id, "demo").await.unwrap().sources, 0);
}

fn notice(chat: i64, subject: &str, after: Option<&str>) -> Notice {
    let name = |subject: &str| delivery_id(Class::Alert, ChatId(chat), None, subject);
    Notice { delivery: message(Class::Alert, chat, subject, at(0)), after: after.map(name) }
}

fn alarm(times: i64) -> Alarm {
    Alarm {
        name: "site/demo/quarantine".into(),
        detail: "step 1".into(),
        times,
        first_at: at(0),
        last_at: at(times),
        told_at: Some(at(0)),
        over_at: None,
    }
}

async fn notices_and_alarms_go_with_the_state(db: &dyn Db) {
    for times in 1..=2 {
        let write = HealthWrite {
            alarms: vec![alarm(times)],
            notices: vec![notice(7, "ill", None)],
            ..of_site(ill(times - 1))
        };
        assert!(db.record_health(&write, at(times)).await.unwrap());
    }
    assert_eq!(db.alarms().await.unwrap(), [alarm(2)]);
    assert_eq!(db.deliveries(&Default::default()).await.unwrap().len(), 1, "told once");
    assert!(db.next_delivery_at().await.unwrap().is_some(), "a sender finds it");
}

async fn an_end_is_told_only_to_those_who_heard_of_the_beginning(db: &dyn Db) {
    let notices = vec![
        notice(7, "ill", None),
        notice(7, "well", Some("ill")),
        notice(8, "well", Some("ill")),
    ];
    let write = HealthWrite { notices, ..HealthWrite::default() };
    assert!(db.record_health(&write, at(0)).await.unwrap());
    let told = db.deliveries(&Default::default()).await.unwrap();
    let chats: Vec<i64> = told.iter().map(|one| one.new.chat.0).collect();
    assert_eq!(chats, [7, 7]);
}

async fn the_audience_is_one_entry_per_chat(db: &dyn Db) {
    let (a, _) = claimed_source(db, "a", "x").await;
    let (b, _) = claimed_source(db, "b", "x").await;
    let effects = vec![
        meet(1, 1),
        meet(2, 2),
        subscribe("w1", 1, 1, &a),
        subscribe("w2", 1, 1, &b),
        subscribe("w3", 2, 2, &b),
    ];
    apply(db, &update(1, at(0), effects)).await;
    let entry = |chat| Recipient { chat: ChatId(chat), thread: None, language: Language::Uk };
    assert_eq!(db.site_audience("demo").await.unwrap(), [entry(1), entry(2)]);
    assert_eq!(db.site_audience("other").await.unwrap(), []);
}

fn page(site: &str, group: &str, seen: i64) -> FailurePage {
    FailurePage {
        site: site.into(),
        group: group.into(),
        class: "changed".into(),
        source: SourceId("s".into()),
        url: "https://demo.example/search".into(),
        path: format!("{site}/{group}.html.gz"),
        picture: None,
        reason: "the layout may have changed".into(),
        bytes: 321,
        times: 1,
        first_at: at(seen),
        last_at: at(seen),
    }
}

async fn failures_are_counted_in_groups(db: &dyn Db) {
    assert!(!db.count_failure("demo", "g1", None, at(0)).await.unwrap());
    db.keep_failure(&page("demo", "g1", 0)).await.unwrap();
    db.keep_failure(&page("demo", "g2", 1)).await.unwrap();
    db.keep_failure(&page("other", "g1", 2)).await.unwrap();
    assert!(db.count_failure("demo", "g1", Some("demo/g1.jpg"), at(9)).await.unwrap());
    assert!(db.count_failure("demo", "g1", Some("demo/other.jpg"), at(9)).await.unwrap());
    db.keep_failure(&page("demo", "g1", 10)).await.unwrap();
    let first = FailurePage {
        times: 4,
        last_at: at(10),
        picture: Some("demo/g1.jpg".into()),
        ..page("demo", "g1", 0)
    };
    let expected = [first, page("demo", "g2", 1)];
    assert_eq!(db.failures(Some("demo")).await.unwrap(), expected);
    assert_eq!(db.failures(None).await.unwrap().len(), 3);
    db.forget_failures("demo", &["g1".into(), "unknown".into()]).await.unwrap();
    assert_eq!(db.failures(Some("demo")).await.unwrap(), [page("demo", "g2", 1)]);
    assert_eq!(db.failures(Some("other")).await.unwrap().len(), 1);
}

async fn runs_and_listings_of_a_site_are_found(db: &dyn Db) {
    let (id, epoch) = claimed_source(db, "a", "x").await;
    let listings: Vec<ListingWrite> =
        ["1", "2"].into_iter().map(|id| write(listing(id, 100), None)).collect();
    let batch = MatchBatch {
        source: id.clone(),
        epoch,
        site: "demo".into(),
        listings,
        deliveries: vec![],
        run: Some(run(&id, epoch, Verdict::Ok, at(0))),
        now: at(1),
    };
    db.record_matches(&batch).await.unwrap();
    let latest = db.latest_listings(&id, 10).await.unwrap();
    let ids: Vec<&str> = latest.iter().map(|one| one.id.as_str()).collect();
    assert_eq!(ids, ["1", "2"]);
    let runs = db.site_runs("demo", at(0), 10).await.unwrap();
    assert_eq!((runs.len(), runs[0].verdict, runs[0].items), (1, Verdict::Ok, 3));
    assert_eq!(db.site_runs("demo", at(10_000), 10).await.unwrap(), []);
    assert_eq!(db.site_runs("other", at(0), 10).await.unwrap(), []);
}

async fn sources_are_woken_after_a_repair(db: &dyn Db) {
    let (id, epoch) = claimed_source(db, "a", "x").await;
    let far = at(0) + TimeDelta::hours(6);
    db.release_source(&id, epoch, far).await.unwrap();
    assert_eq!(db.wake_sources("other", at(5)).await.unwrap(), 0);
    assert_eq!(db.wake_sources("demo", at(5)).await.unwrap(), 1);
    assert_eq!(db.wake_sources("demo", at(5)).await.unwrap(), 0);
    let claimed = db.claim_due_sources(&super::fixtures::owner("y"), at(5), 10).await.unwrap();
    assert_eq!(claimed.len(), 1);
}
