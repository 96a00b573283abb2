//! The scheduler of a process, and two of them on one database.

use std::sync::Arc;
use std::time::Duration;

use magpie::clock::{Clock, SystemClock};
use magpie::config::Schedule;
use magpie::domain::OwnerId;
use magpie::domain::source::SourceSpec;
use magpie::schedule::Scheduler;
use magpie::shutdown::{Shutdown, Stage};
use magpie::store::{Db, SqlSeen};

use super::server::Answer;
use super::world::{World, open, scraper};

const SEARCHES: usize = 12;

fn specs(world: &World) -> Vec<SourceSpec> {
    (0..SEARCHES)
        .map(|n| SourceSpec {
            site: "shop".into(),
            url: world.shop.url(&format!("/search?q={n}")),
            title: format!("Search {n}"),
            interval: Duration::from_secs(3_600),
            offered: false,
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
async fn a_bad_cron_expression_stops_the_start() {
    let world = World::new().await;
    let clock: Arc<dyn Clock> = world.clock.clone();
    let db = Arc::new(world.db.clone());
    let scraper = scraper(&world.proxy, db, world.scraper.seen.clone(), clock);
    let settings =
        Schedule { interval: Duration::from_secs(60), workers: 1, housekeeping: "at night".into() };
    let scheduler = Scheduler::new(Arc::new(scraper), OwnerId("one".into()), settings);
    let error = scheduler.run().await.expect_err("refused");
    assert!(format!("{error:#}").contains("schedule.housekeeping"), "{error:#}");
}
