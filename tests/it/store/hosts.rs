//! The contract of the clocks of hosts, for every place where they can lie.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use magpie::domain::host::{HostAsk, HostEnding, HostReport, HostSlot, HostStep};
use magpie::store::{Db, DbClock, HostClock, MemoryClock, RedisClock};

use super::fixtures::{Place, at};
use super::seen::Server;

const GAP: Duration = Duration::from_secs(3);

fn reserve(now: i64) -> HostStep {
    HostStep::Reserve(ask(now))
}

fn ask(now: i64) -> HostAsk {
    let now = at(now).timestamp_millis();
    HostAsk { gap: GAP, earliest: 0, latest: now + 60_000, now }
}

fn ended(ending: HostEnding, now: i64) -> HostStep {
    HostStep::Report(HostReport { ending, rest: GAP, now: at(now).timestamp_millis() })
}

/// What a step answers, with moments counted from the beginning.
async fn slot(clock: &dyn HostClock, host: &str, step: &HostStep, now: i64) -> Option<HostSlot> {
    let zero = at(0).timestamp_millis();
    clock.step(host, step, at(now)).await.unwrap().1.map(|slot| match slot {
        HostSlot::At(at) => HostSlot::At(at - zero),
        HostSlot::Queued(at) => HostSlot::Queued(at - zero),
        HostSlot::Held(at, why) => HostSlot::Held(at - zero, why),
    })
}

/// Everything that the clocks promise. `again` opens them once more, as another process does.
async fn keeps_its_contract(clock: Arc<dyn HostClock>, again: Arc<dyn HostClock>) {
    assert!(clock.hosts().await.unwrap().is_empty());
    assert_eq!(clock.step("a.example", &HostStep::Look, at(0)).await.unwrap(), Default::default());
    // Slots are a gap apart, whoever asks.
    assert_eq!(slot(&*clock, "a.example", &reserve(0), 0).await, Some(HostSlot::At(0)));
    assert_eq!(slot(&*again, "a.example", &reserve(0), 0).await, Some(HostSlot::At(3_000)));
    assert_eq!(slot(&*clock, "a.example", &reserve(9_000), 9_000).await, Some(HostSlot::At(9_000)));
    // Another host has clocks of its own, and a name that looks like a pattern is only a name.
    assert_eq!(slot(&*clock, "b.example:8080", &reserve(0), 0).await, Some(HostSlot::At(0)));
    assert_eq!(slot(&*clock, "[::1]:80", &reserve(0), 0).await, Some(HostSlot::At(0)));
    // A place in the queue reserves nothing.
    let queue = HostStep::Queue(ask(9_000));
    assert_eq!(slot(&*clock, "a.example", &queue, 9_000).await, Some(HostSlot::Queued(69_000)));
    assert_eq!(slot(&*again, "a.example", &queue, 9_000).await, Some(HostSlot::Queued(72_000)));
    assert_eq!(
        slot(&*clock, "a.example", &reserve(9_000), 9_000).await,
        Some(HostSlot::At(12_000))
    );
    // A refusal holds everybody, with its reason; a later answer ends it.
    let refused = HostEnding::Refused("HTTP 429".into(), Some(Duration::from_secs(600)));
    assert_eq!(slot(&*clock, "a.example", &ended(refused, 13_000), 13_000).await, None);
    let held = Some(HostSlot::Held(613_000, "HTTP 429".into()));
    assert_eq!(slot(&*again, "a.example", &reserve(14_000), 14_000).await, held);
    let answered = ended(HostEnding::Answered(Some(250)), 613_500);
    slot(&*again, "a.example", &answered, 613_500).await;
    let (pace, _) = clock.step("a.example", &HostStep::Look, at(614_000)).await.unwrap();
    assert_eq!((pace.refused, pace.held_until, pace.answer_ms, pace.why.as_str()), (0, 0, 250, ""));
    let all = again.hosts().await.unwrap();
    let names: Vec<&str> = all.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["[::1]:80", "a.example", "b.example:8080"]);
    assert_eq!(all[1].1, pace);
}

/// However many ask at once, no slot is given twice.
async fn gives_each_slot_once(clock: Arc<dyn HostClock>, again: Arc<dyn HostClock>) {
    let asking = (0..16).map(|n| {
        let clock = if n % 2 == 0 { Arc::clone(&clock) } else { Arc::clone(&again) };
        async move { slot(&*clock, "crowd.example", &reserve(0), 0).await.unwrap() }
    });
    let mut slots: Vec<i64> = join_all(asking)
        .await
        .into_iter()
        .map(|slot| match slot {
            HostSlot::At(at) => at,
            other => panic!("{other:?}"),
        })
        .collect();
    slots.sort_unstable();
    assert_eq!(slots, (0..16).map(|n| n * 3_000).collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_database_keeps_the_contract() {
    let place = Place::new();
    let clock = |db| Arc::new(DbClock(Arc::new(db))) as Arc<dyn HostClock>;
    let (one, two) = (place.open().await, place.open().await);
    keeps_its_contract(clock(one.clone()), clock(two.clone())).await;
    gives_each_slot_once(clock(one), clock(two)).await;
}

#[tokio::test]
async fn memory_keeps_the_contract() {
    let clock = Arc::new(MemoryClock::default());
    keeps_its_contract(clock.clone(), clock.clone()).await;
    gives_each_slot_once(clock.clone(), clock).await;
}

#[tokio::test]
async fn redis_keeps_the_contract() {
    let Some(server) = Server::start() else { return };
    let clock = || Arc::new(RedisClock::connect(&server.url()).unwrap()) as Arc<dyn HostClock>;
    keeps_its_contract(clock(), clock()).await;
    gives_each_slot_once(clock(), clock()).await;
}

#[tokio::test]
async fn a_redis_that_is_not_there_is_an_error_and_no_wait() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("redis+unix://{}/none", folder.path().display());
    let clock = RedisClock::connect(&url).unwrap();
    let begun = std::time::Instant::now();
    clock.step("a.example", &reserve(0), at(0)).await.unwrap_err();
    clock.hosts().await.unwrap_err();
    assert!(begun.elapsed() < Duration::from_secs(3), "{:?}", begun.elapsed());
    let error = RedisClock::connect("http://user:secret@host").err().unwrap();
    assert!(!error.to_string().contains("secret"), "{error}");
}

#[tokio::test]
async fn hosts_that_nobody_asks_any_more_are_forgotten() {
    let place = Place::new();
    let db = Arc::new(place.open().await);
    let clock = DbClock(db.clone());
    slot(&clock, "old.example", &reserve(0), 0).await;
    let later = 40 * 24 * 3_600 * 1_000;
    slot(&clock, "new.example", &reserve(later), later).await;
    db.prune(at(later)).await.unwrap();
    let names: Vec<String> = clock.hosts().await.unwrap().into_iter().map(|(n, _)| n).collect();
    assert_eq!(names, ["new.example"]);
}
