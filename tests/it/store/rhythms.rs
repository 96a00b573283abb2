//! When sources run: rhythms, who waits for them, chosen intervals.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use magpie::domain::rhythm::{Demand, PaceChange, Rhythm};
use magpie::domain::source::{Source, SourceSpec};
use magpie::domain::{ChatId, ChatKind, Verdict};
use magpie::store::{Db, Effect, Reschedule, RhythmRecord, SourceFilter, SourceOrder};

use super::fixtures::*;

super::for_each_db!(
    a_rhythm_is_kept_and_a_plain_interval_comes_back,
    nothing_is_claimed_outside_its_window,
    a_new_rhythm_hurries_a_source_and_never_delays_it,
    the_claim_follows_the_expression,
    demands_count_the_watches_that_may_be_told,
    a_chosen_interval_is_used_and_hurries_only_what_is_free,
    what_was_claimed_since_is_not_rescheduled,
    what_was_learned_of_the_rate_is_kept,
);

fn rhythm(cron: Option<&str>, window: Option<&str>) -> Rhythm {
    Rhythm {
        cron: cron.map(|text| text.parse().unwrap()),
        windows: window.into_iter().map(|text| text.parse().unwrap()).collect(),
        jitter: Some(Duration::ZERO),
        ..Rhythm::default()
    }
}

async fn put(db: &dyn Db, spec: &SourceSpec, now: DateTime<Utc>) -> Source {
    db.put_sources(std::slice::from_ref(spec), now).await.unwrap();
    the_source(db).await
}

async fn the_source(db: &dyn Db) -> Source {
    db.sources(&SourceFilter::default()).await.unwrap().remove(0)
}

/// Thursday 9 October 2025, so many hours after midnight UTC.
fn hour(hours: i64) -> DateTime<Utc> {
    "2025-10-09T00:00:00Z".parse::<DateTime<Utc>>().unwrap() + TimeDelta::hours(hours)
}

async fn a_rhythm_is_kept_and_a_plain_interval_comes_back(db: &dyn Db) {
    let window = rhythm(None, Some("mon-fri 07:00-22:00 Europe/Berlin"));
    let windowed = SourceSpec { rhythm: window, ..spec("a") };
    assert_eq!(put(db, &windowed, at(0)).await.spec, windowed);
    assert_eq!(put(db, &spec("a"), at(1)).await.spec, spec("a"));
}

async fn nothing_is_claimed_outside_its_window(db: &dyn Db) {
    let night = SourceSpec { rhythm: rhythm(None, Some("22:00-24:00 UTC")), ..spec("a") };
    let source = put(db, &night, hour(12)).await;
    assert!(db.claim_due_sources(&owner("w"), hour(12), 9).await.unwrap().is_empty());
    let due = the_source(db).await.next_due_at;
    assert!(due >= hour(22) && due < hour(22) + TimeDelta::minutes(1), "{due}");
    // An order to run now waits for the window too.
    assert!(db.order_source(&source.id, SourceOrder::RunNow, hour(13)).await.unwrap());
    assert!(db.claim_due_sources(&owner("w"), hour(13), 9).await.unwrap().is_empty());
    let late = hour(24) - TimeDelta::seconds(10);
    let claimed = db.claim_due_sources(&owner("w"), late, 9).await.unwrap();
    assert_eq!(claimed.len(), 1);
    assert!(claimed[0].next_due_at >= hour(46), "{}", claimed[0].next_due_at);
}

async fn a_new_rhythm_hurries_a_source_and_never_delays_it(db: &dyn Db) {
    let yearly = SourceSpec { rhythm: rhythm(Some("0 9 1 1 *"), None), ..spec("a") };
    put(db, &yearly, hour(0)).await;
    let claimed = db.claim_due_sources(&owner("w"), hour(0), 9).await.unwrap().remove(0);
    let run = run(&claimed.id, claimed.epoch, Verdict::Ok, hour(0));
    assert!(db.record_run(&run).await.unwrap());
    assert!(the_source(db).await.next_due_at > hour(24 * 60));
    let hurried = put(db, &spec("a"), hour(1)).await.next_due_at;
    assert!(hurried > hour(1) && hurried <= hour(1) + TimeDelta::minutes(2), "{hurried}");
    assert_eq!(put(db, &spec("a"), hour(2)).await.next_due_at, hurried, "the same wish again");
    assert_eq!(put(db, &yearly, hour(0)).await.next_due_at, hurried);
}

async fn the_claim_follows_the_expression(db: &dyn Db) {
    let nine = SourceSpec { rhythm: rhythm(Some("0 9 * * *"), None), ..spec("a") };
    put(db, &nine, hour(12)).await;
    let claimed = db.claim_due_sources(&owner("w"), hour(12), 9).await.unwrap();
    assert_eq!(claimed[0].next_due_at, hour(33));
}

async fn demands_count_the_watches_that_may_be_told(db: &dyn Db) {
    let (a, b) = (spec("a"), spec("b"));
    db.put_sources(&[a.clone(), b.clone(), spec("nobody's")], at(0)).await.unwrap();
    let effects = vec![
        meet(1, 1),
        meet(2, 2),
        subscribe("one", 1, 1, &a.id()),
        subscribe("two", 2, 2, &a.id()),
        subscribe("three", 2, 2, &b.id()),
    ];
    apply(db, &update(1, at(0), effects)).await;
    let demand = |spec: &SourceSpec, watches| Demand {
        source: spec.id(),
        watches,
        unsold: watches,
        sold: None,
    };
    let mut expected = vec![demand(&a, 2), demand(&b, 1)];
    expected.sort_by(|one, other| one.source.cmp(&other.source));
    assert_eq!(db.demands(at(1)).await.unwrap(), expected);

    let blocked =
        Effect::ChatActive { chat: ChatId(2), kind: ChatKind::Private, active: false, at: at(2) };
    apply(db, &update(2, at(2), vec![blocked])).await;
    assert_eq!(db.demands(at(3)).await.unwrap(), vec![demand(&a, 1)]);
}

async fn a_chosen_interval_is_used_and_hurries_only_what_is_free(db: &dyn Db) {
    let source = put(db, &spec("a"), hour(5)).await;
    let change = |due| PaceChange {
        source: source.id.clone(),
        pace: Some(Duration::from_secs(600)),
        due: Some(due),
    };
    db.set_paces(&[change(hour(4))]).await.unwrap();
    let changed = the_source(db).await;
    assert_eq!((changed.interval().as_secs(), changed.next_due_at), (600, hour(4)));
    db.set_paces(&[change(hour(6))]).await.unwrap();
    assert_eq!(the_source(db).await.next_due_at, hour(4), "never later");

    let claimed = db.claim_due_sources(&owner("w"), hour(5), 9).await.unwrap().remove(0);
    let wait = claimed.next_due_at - hour(5);
    assert!(wait >= TimeDelta::seconds(300) && wait <= TimeDelta::seconds(1_200), "{wait}");
    db.set_paces(&[change(hour(1))]).await.unwrap();
    assert_eq!(the_source(db).await.next_due_at, claimed.next_due_at, "it is being run");

    let back = PaceChange { source: source.id.clone(), pace: None, due: None };
    db.set_paces(&[back]).await.unwrap();
    let plain = the_source(db).await;
    assert_eq!((plain.pace, plain.interval()), (None, spec("a").interval));
    // Another wish forgets what was chosen for the old one.
    db.set_paces(&[change(hour(1))]).await.unwrap();
    let wish = SourceSpec { interval: Duration::from_secs(120), ..spec("a") };
    assert_eq!(put(db, &wish, hour(5)).await.interval(), wish.interval);
}

async fn what_was_claimed_since_is_not_rescheduled(db: &dyn Db) {
    let source = put(db, &spec("a"), hour(0)).await;
    let to = |epoch| Reschedule { source: source.id.clone(), epoch, due: hour(3) };
    assert_eq!(db.reschedule(&[to(source.epoch)]).await.unwrap(), 1);
    assert_eq!(the_source(db).await.next_due_at, hour(3));
    assert_eq!(db.reschedule(&[to(source.epoch + 1)]).await.unwrap(), 0);
    let claimed = db.claim_due_sources(&owner("w"), hour(4), 9).await.unwrap().remove(0);
    assert_eq!(db.reschedule(&[to(source.epoch), to(claimed.epoch)]).await.unwrap(), 0);
    assert_eq!(the_source(db).await.next_due_at, claimed.next_due_at);
}

async fn what_was_learned_of_the_rate_is_kept(db: &dyn Db) {
    let (id, epoch) = claimed_source(db, "a", "w").await;
    let mut good = run(&id, epoch, Verdict::Ok, at(10));
    good.rate = Some("{\"at\":7}".into());
    assert!(db.record_run(&good).await.unwrap());
    assert_eq!(the_source(db).await.rate, good.rate);
    let claimed = db.claim_due_sources(&owner("w"), hour(12), 9).await.unwrap().remove(0);
    let failed = run(&id, claimed.epoch, Verdict::Failed, hour(12));
    assert!(db.record_run(&failed).await.unwrap());
    assert_eq!(the_source(db).await.rate, good.rate, "a bad run teaches nothing");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_fastest_plan_among_the_watchers_is_found() {
    let place = Place::new();
    let db = place.open().await;
    let (a, b) = (spec("a"), spec("b"));
    db.put_sources(&[a.clone(), b.clone()], at(0)).await.unwrap();
    let effects = vec![
        meet(1, 1),
        meet(2, 2),
        meet(3, 3),
        subscribe("one", 1, 1, &a.id()),
        subscribe("two", 2, 2, &a.id()),
        subscribe("three", 3, 3, &a.id()),
        subscribe("four", 3, 3, &b.id()),
    ];
    apply(&db, &update(1, at(0), effects)).await;
    let shell = rusqlite::Connection::open(place.folder.path().join("magpie.db")).unwrap();
    let (now, later) = (at(10).timestamp_millis(), at(20).timestamp_millis());
    shell
        .execute_batch(&format!(
            "INSERT INTO entitlements (user_id, plan, until, terms, interval_s, updated_at) VALUES \
             (1, 'slow', {later}, '{{}}', 900, 0), (1, 'fast', {later}, '{{}}', 120, 0), \
             (2, 'faster', {now}, '{{}}', 60, 0), (3, 'plain', {later}, '{{}}', NULL, 0)"
        ))
        .unwrap();
    let mut found = db.demands(at(10)).await.unwrap();
    found.sort_by_key(|demand| demand.watches);
    let fast = Some(Duration::from_secs(120));
    // The plan of user 2 has just ended, and that of user 3 says nothing about intervals.
    let one = Demand { source: b.id(), watches: 1, unsold: 1, sold: None };
    assert_eq!(found, [one, Demand { source: a.id(), watches: 3, unsold: 2, sold: fast }]);
    assert_eq!(db.demands(at(9)).await.unwrap().iter().filter_map(|one| one.sold).min(), {
        Some(Duration::from_secs(60))
    });
    db.close().await;
}
