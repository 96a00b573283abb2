//! The scheduler of a process, and two of them on one database.

use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use magpie::clock::{Clock, SystemClock};
use magpie::config::Schedule;
use magpie::domain::OwnerId;
use magpie::domain::rhythm::{Policy, Rate};
use magpie::domain::source::SourceSpec;
use magpie::schedule::{Scheduler, retune};
use magpie::scrape::{Ended, run_source};
use magpie::shutdown::{Shutdown, Stage};
use magpie::store::{Db, SourceFilter, SourceOrder, SqlSeen};
use sites::{Registry, Site};

use super::server::Answer;
use super::world::{MODULE, World, module, open, scraper};

const SEARCHES: usize = 12;

fn specs(world: &World) -> Vec<SourceSpec> {
    (0..SEARCHES)
        .map(|n| SourceSpec {
            site: "shop".into(),
            url: world.shop.url(&format!("/search?q={n}")),
            title: format!("Search {n}"),
            interval: Duration::from_secs(3_600),
            offered: false,
            rhythm: Default::default(),
        })
        .collect()
}

/// A scheduler with a database handle of its own, as another process would have.
async fn scheduler(world: &World, name: &str) -> (Scheduler, Shutdown) {
    let db = open(&world.folder).await;
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let seen = Arc::new(SqlSeen::new(db.clone(), clock.clone(), Duration::from_secs(3_600)));
    let scraper = scraper(&world.proxy, Arc::new(db), seen, clock);
    let shutdown = scraper.shutdown.clone();
    let settings = Schedule {
        interval: Duration::from_secs(3_600),
        workers: 2,
        adaptive: false,
        stretch: 1.0,
        idle_interval: Duration::from_secs(3_600),
        housekeeping: "0 30 3 * * *".into(),
    };
    (Scheduler::new(Arc::new(scraper), OwnerId(name.into()), settings), shutdown)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_schedulers_never_run_one_search_at_once_or_twice() {
    let world = World::new().await;
    world.shop.stock(&[("a", 100)]);
    let (one, stop_one) = scheduler(&world, "one").await;
    let (two, stop_two) = scheduler(&world, "two").await;
    one.reload_sources(&specs(&world)).await.unwrap();
    two.reload_sources(&specs(&world)).await.unwrap();
    let runs = [one.clone(), two.clone()].map(|s| tokio::spawn(async move { s.run().await }));
    world.shop.answered(SEARCHES).await;
    stop_one.reach(Stage::Quiet);
    stop_two.reach(Stage::Quiet);
    for run in runs {
        run.await.unwrap().unwrap();
    }
    for n in 0..SEARCHES {
        let visits = world.shop.visits(&format!("/search?q={n}"));
        assert_eq!((visits.count, visits.most_at_once), (1, 1), "search {n}");
    }
    let good = |s: &Scheduler| s.tally().good.load(std::sync::atomic::Ordering::Relaxed);
    assert_eq!(good(&one) + good(&two), SEARCHES as u64);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_first_claim_is_immediate_and_a_cut_gives_everything_back() {
    let world = World::new().await;
    world.shop.answer(Answer::Silence);
    let (one, stop) = scheduler(&world, "one").await;
    one.reload_sources(&specs(&world)).await.unwrap();
    let run = {
        let one = one.clone();
        tokio::spawn(async move { one.run().await })
    };
    world.shop.answered(1).await;
    stop.reach(Stage::Quiet);
    stop.reach(Stage::Cut);
    run.await.unwrap().unwrap();
    let again = world.db.claim_due_sources(&OwnerId("two".into()), SystemClock.now(), 100).await;
    assert_eq!(again.unwrap().len(), SEARCHES);
}

#[tokio::test]
async fn a_search_that_waits_for_its_host_holds_no_worker() {
    let mut world = World::new().await;
    // A second site on the same machine under another name, asked every ten minutes at most.
    let port = world.shop.address.port();
    let targets = ["127.0.0.1", "localhost"].map(|host| egress::Target::new(host, port));
    let proxy = egress::Proxy::start(egress::Policy::allowing(targets)).await.unwrap();
    let db = Arc::new(world.db.clone());
    world.scraper = scraper(&proxy, db, world.scraper.seen.clone(), world.clock.clone());
    world.scraper.workers = Arc::new(tokio::sync::Semaphore::new(1));
    let slow = MODULE
        .replace("id = \"shop\"", "id = \"slow\"")
        .replace("hosts = [\"127.0.0.1\"]", "hosts = [\"localhost\"]")
        .replace("gap = \"1ms\"", "gap = \"30s\"");
    let mut registry = Registry::default();
    registry.insert(module());
    registry.insert(Site::from_toml("slow/site.toml", &slow).unwrap());
    world.scraper.modules.replace(registry);
    world.shop.stock(&[("a", 100)]);
    let spec = |site: &str, url: String| SourceSpec {
        site: site.into(),
        url,
        title: site.into(),
        interval: Duration::from_secs(3_600),
        offered: false,
        rhythm: Default::default(),
    };
    let slow = |n: usize| spec("slow", format!("http://localhost:{port}/search?slow={n}"));
    let now = world.clock.now();
    world.db.put_sources(&[slow(1), slow(2)], now).await.unwrap();
    let world = Arc::new(world);
    let mut runs = tokio::task::JoinSet::new();
    let start = |runs: &mut tokio::task::JoinSet<_>, source| {
        let world = world.clone();
        runs.spawn(async move { run_source(&world.scraper, source).await.unwrap() });
    };
    for source in world.claim().await {
        start(&mut runs, source);
    }
    world.shop.answered(1).await;
    world.db.put_sources(&[spec("shop", world.shop.url("/search?fast"))], now).await.unwrap();
    start(&mut runs, world.claim().await.remove(0));
    world.shop.answered(2).await;
    assert_eq!(world.shop.visits("/search?fast").count, 1);

    // The one that waits is given back as soon as it gets quiet.
    world.scraper.shutdown.reach(Stage::Quiet);
    let mut ended: Vec<Ended> = runs.join_all().await.into_iter().map(|run| run.ended).collect();
    ended.sort_by_key(|ended| *ended == Ended::Released);
    assert_eq!(ended, [Ended::Recorded, Ended::Recorded, Ended::Released]);
}

#[tokio::test]
async fn a_bad_cron_expression_stops_the_start() {
    let world = World::new().await;
    let clock: Arc<dyn Clock> = world.clock.clone();
    let db = Arc::new(world.db.clone());
    let scraper = scraper(&world.proxy, db, world.scraper.seen.clone(), clock);
    let settings = Schedule {
        interval: Duration::from_secs(60),
        workers: 1,
        adaptive: false,
        stretch: 1.0,
        idle_interval: Duration::from_secs(3_600),
        housekeeping: "at night".into(),
    };
    let scheduler = Scheduler::new(Arc::new(scraper), OwnerId("one".into()), settings);
    let error = scheduler.run().await.expect_err("refused");
    assert!(format!("{error:#}").contains("schedule.housekeeping"), "{error:#}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_start_after_a_pause_asks_nobody_at_once() {
    let world = World::new().await;
    let (one, stop) = scheduler(&world, "one").await;
    let long_ago = SystemClock.now() - TimeDelta::hours(9);
    world.db.put_sources(&specs(&world), long_ago).await.unwrap();
    stop.reach(Stage::Quiet);
    let before = SystemClock.now();
    one.run().await.unwrap();
    let sources = world.db.sources(&SourceFilter::default()).await.unwrap();
    assert!(sources.iter().all(|source| source.next_due_at >= before && source.epoch == 0));
    let dues: std::collections::BTreeSet<_> = sources.iter().map(|one| one.next_due_at).collect();
    assert_eq!(dues.len(), SEARCHES, "each at a time of its own");
}

#[tokio::test]
async fn runs_teach_how_often_a_search_changes_and_care_sets_its_interval() {
    let world = World::new().await;
    let (busy, calm) = (world.search("/search?busy").await, world.search("/search?calm").await);
    let mut stock: Vec<(String, i64)> = (0..20).map(|n| (format!("first-{n}"), 100)).collect();
    for round in 0..40 {
        let shown: Vec<(&str, i64)> =
            stock.iter().map(|(id, price)| (id.as_str(), *price)).collect();
        world.shop.stock(&shown);
        world.clock.advance(TimeDelta::minutes(30));
        for source in world.claim().await {
            run_source(&world.scraper, source).await.unwrap();
        }
        stock.truncate(15);
        stock.insert(0, (format!("new-{round}"), 100));
        for source in [&busy, &calm] {
            world.db.order_source(source, SourceOrder::RunNow, world.clock.now()).await.unwrap();
        }
    }
    let learned = |source: &magpie::domain::Source| {
        let (news, hours) = Rate::read(source.rate.as_deref()).totals();
        news / hours
    };
    let rate = learned(&world.source(&busy).await);
    assert!((rate - 2.0).abs() < 0.1, "{rate}: one every half hour");

    // Nobody watches, and the searches are offered no longer: they slow down, and wake for a subscriber.
    let policy = Policy { adaptive: true, idle: Duration::from_secs(3_600), stretch: 3.0 };
    let mut spec = world.source(&calm).await.spec;
    spec.offered = false;
    world.db.put_sources(&[spec], world.clock.now()).await.unwrap();
    assert_eq!(retune(&world.db, policy, world.clock.now()).await.unwrap(), 1);
    assert_eq!(world.source(&calm).await.interval(), policy.idle);
    world.subscribe(7, 7, &calm, "Calm").await;
    retune(&world.db, policy, world.clock.now()).await.unwrap();
    assert!(world.source(&calm).await.interval() <= Duration::from_secs(3 * 360));
    assert_eq!(retune(&world.db, policy, world.clock.now()).await.unwrap(), 0, "nothing flaps");
}
