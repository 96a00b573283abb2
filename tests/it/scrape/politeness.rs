//! How often a host is asked, by one process, by several, and after a long sleep.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use futures_util::future::join_all;
use magpie::clock::{Clock, SystemClock};
use magpie::domain::host::{HostAsk, HostPace, HostSlot, HostStep, millis};
use magpie::domain::source::SourceSpec;
use magpie::scrape::host::{How, Manners};
use magpie::scrape::{Ended, FetchFailure, Hosts, run_source};
use magpie::store::{
    Db, DbClock, HostClock, HostClockError, HostRecord, MemoryClock, SourceFilter,
};
use sites::{Registry, Site};
use url::Url;

use super::world::{MODULE, World, client};

const GAP: Duration = Duration::from_millis(40);
/// Moments are kept in whole milliseconds.
const ROUNDING: Duration = Duration::from_millis(2);

fn url() -> Url {
    Url::parse("http://shop.example/search").unwrap()
}

fn hosts(world: &World) -> Hosts {
    Hosts::new(client(&world.proxy), false, GAP)
}

fn shared(world: &World, clock: &Arc<dyn HostClock>) -> Arc<Hosts> {
    Arc::new(hosts(world).sharing(Arc::clone(clock), Arc::new(SystemClock)))
}

/// Takes turns one after the other and answers when each began.
async fn turns(hosts: &Hosts, count: usize, hold: Duration) -> Vec<Instant> {
    let mut begun = Vec::new();
    for _ in 0..count {
        let turn = hosts.turn(&url(), None).await.unwrap();
        begun.push(Instant::now());
        tokio::time::sleep(hold).await;
        turn.end(How::Answered(1));
    }
    begun
}

/// The smallest distance between neighbours.
fn closest(mut moments: Vec<Instant>) -> Duration {
    moments.sort();
    moments.windows(2).map(|pair| pair[1] - pair[0]).min().unwrap()
}

#[tokio::test]
async fn the_configured_gap_holds_where_a_module_names_none() {
    let world = World::new().await;
    let hosts = hosts(&world);
    let pause = async |host: &str, gap| {
        let url = Url::parse(&format!("http://{host}/")).unwrap();
        hosts.turn(&url, gap).await.unwrap().end(How::Answered(1));
        let begun = Instant::now();
        hosts.turn(&url, gap).await.unwrap().end(How::Answered(1));
        begun.elapsed()
    };
    assert!(pause("a.example", None).await >= GAP - ROUNDING);
    assert!(pause("b.example", Some(GAP * 2)).await >= GAP * 2 - ROUNDING);
    assert!(pause("c.example", Some(Duration::ZERO)).await < GAP);
}

#[tokio::test]
async fn several_processes_keep_one_gap_between_them() {
    let world = World::new().await;
    let in_memory: Arc<dyn HostClock> = Arc::new(MemoryClock::default());
    let in_the_record: Arc<dyn HostClock> = Arc::new(DbClock(Arc::new(world.db.clone())));
    for clock in [in_memory, in_the_record] {
        let processes = [shared(&world, &clock), shared(&world, &clock), shared(&world, &clock)];
        let begun = join_all(processes.iter().map(|hosts| turns(hosts, 4, Duration::ZERO))).await;
        // A slot may be used late and the next one in time: what holds is the sum, all but one.
        let mut begun: Vec<Instant> = begun.concat();
        begun.sort();
        assert!(begun[11] - begun[0] >= GAP * 10 - ROUNDING * 10, "{begun:?}");
    }
}

#[tokio::test]
async fn a_refusal_holds_every_process_and_survives_them() {
    let world = World::new().await;
    let clock: Arc<dyn HostClock> = Arc::new(DbClock(Arc::new(world.db.clone())));
    let one = shared(&world, &clock);
    one.turn(&url(), None).await.unwrap().end(How::RefusedFor(429, Some(Duration::from_secs(900))));
    one.settle().await;
    drop(one);
    let error = shared(&world, &clock).turn(&url(), None).await.err().unwrap();
    assert_eq!(error.class, FetchFailure::Held);
    assert!(error.text.contains("HTTP 429"), "{error}");
    let left = error.retry_after.unwrap();
    assert!(left > Duration::from_secs(880) && left <= Duration::from_secs(900), "{left:?}");
    let (host, pace) = world.db.host_paces().await.unwrap().remove(0);
    assert_eq!((host.as_str(), pace.refused, pace.why.as_str()), ("shop.example", 1, "HTTP 429"));
}

/// A clock that answers, fails or hangs, as it is told.
#[derive(Default)]
struct Moody {
    inner: MemoryClock,
    away: AtomicBool,
}

#[async_trait]
impl HostClock for Moody {
    async fn step(
        &self,
        host: &str,
        step: &HostStep,
        _: DateTime<Utc>,
    ) -> Result<(HostPace, Option<HostSlot>), HostClockError> {
        if self.away.load(Ordering::SeqCst) {
            return Err(HostClockError("away".into()));
        }
        Ok(self.inner.take(host, step))
    }

    async fn hosts(&self) -> Result<Vec<(String, HostPace)>, HostClockError> {
        Ok(self.inner.all())
    }
}

#[tokio::test]
async fn without_the_shared_clocks_the_gap_and_the_holds_are_kept_alone() {
    let world = World::new().await;
    let moody = Arc::new(Moody::default());
    let clock: Arc<dyn HostClock> = moody.clone();
    let hosts = shared(&world, &clock);
    let mut begun = turns(&hosts, 2, Duration::ZERO).await;
    moody.away.store(true, Ordering::SeqCst);
    begun.extend(turns(&hosts, 3, Duration::ZERO).await);
    moody.away.store(false, Ordering::SeqCst);
    begun.extend(turns(&hosts, 2, Duration::ZERO).await);
    assert!(closest(begun) >= GAP - ROUNDING * 2);
    // What was learned alone counts although the others do not know it.
    moody.away.store(true, Ordering::SeqCst);
    hosts.turn(&url(), None).await.unwrap().end(How::Refused(None));
    hosts.settle().await;
    moody.away.store(false, Ordering::SeqCst);
    let error = hosts.turn(&url(), None).await.err().unwrap();
    assert_eq!(error.class, FetchFailure::Held);
    assert!(error.text.contains("block page"), "{error}");
}

#[tokio::test]
async fn as_many_requests_at_once_as_a_site_allows_and_no_more() {
    let world = World::new().await;
    let hosts = Arc::new(hosts(&world));
    for (asked, expected) in [(None, 1), (Some(3), 3), (Some(99), 4), (Some(2), 2)] {
        let manners = Manners { gap: Some(Duration::ZERO), at_once: asked };
        let mut held = Vec::new();
        for _ in 0..expected {
            held.push(hosts.turn_with(&url(), manners).await.unwrap());
        }
        let url = url();
        let one_more = hosts.turn_with(&url, manners);
        let one_more = tokio::time::timeout(Duration::from_millis(60), one_more).await;
        assert!(one_more.is_err(), "more than {expected} at once");
        drop(held);
    }
}

#[tokio::test]
async fn a_long_answer_is_followed_by_the_whole_gap() {
    let world = World::new().await;
    let begun = turns(&hosts(&world), 3, GAP).await;
    assert!(closest(begun) >= GAP * 2 - ROUNDING * 2);
}

#[tokio::test]
async fn a_crawl_delay_is_kept_between_requests() {
    let world = World::new().await;
    world.shop.robots("User-agent: *\nCrawl-delay: 0.15\nDisallow: /private");
    let hosts = Hosts::new(client(&world.proxy), true, Duration::from_millis(1));
    let search = Url::parse(&world.shop.url("/search")).unwrap();
    hosts.turn(&search, None).await.unwrap().end(How::Answered(1));
    let begun = Instant::now();
    hosts.turn(&search, None).await.unwrap().end(How::Answered(1));
    assert!(begun.elapsed() >= Duration::from_millis(148), "{:?}", begun.elapsed());
    let private = Url::parse(&world.shop.url("/private")).unwrap();
    assert_eq!(hosts.turn(&private, None).await.err().unwrap().class, FetchFailure::Robots);
}

/// After a sleep everything is due at once: the host sees the gap, and nobody waits for hours with a claim in hand.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_crowd_that_is_due_at_once_comes_one_by_one_and_claims_are_given_back() {
    const SEARCHES: usize = 150;
    const PATIENCE: Duration = Duration::from_millis(800);
    let mut world = World::new().await;
    world.shop.stock(&[("a", 100)]);
    world.scraper.hosts = Arc::new(hosts(&world).patience(PATIENCE));
    let mut registry = Registry::default();
    let slow = MODULE.replace("gap = \"1ms\"", "gap = \"40ms\"");
    registry.insert(Site::from_toml("shop/site.toml", &slow).unwrap());
    world.scraper.modules.replace(registry);
    let specs: Vec<SourceSpec> = (0..SEARCHES)
        .map(|n| SourceSpec {
            site: "shop".into(),
            url: world.shop.url(&format!("/search?q={n}")),
            title: format!("Search {n}"),
            interval: Duration::from_secs(600),
            offered: true,
            rhythm: Default::default(),
        })
        .collect();
    world.db.put_sources(&specs, world.clock.now()).await.unwrap();
    world.clock.advance(chrono::TimeDelta::hours(5));
    let owner = magpie::domain::OwnerId("scraper".into());
    let claimed = world.db.claim_due_sources(&owner, world.clock.now(), SEARCHES).await.unwrap();
    assert_eq!(claimed.len(), SEARCHES);

    let begun = Instant::now();
    let reports = join_all(claimed.into_iter().map(|one| run_source(&world.scraper, one))).await;
    assert!(begun.elapsed() < PATIENCE * 25, "claims were held for {:?}", begun.elapsed());
    let (mut done, mut back) = (0, 0);
    for report in reports {
        match report.unwrap().ended {
            Ended::Recorded => done += 1,
            Ended::Held => back += 1,
            other => panic!("{other:?}"),
        }
    }
    // At most as many as the gap allows within the patience.
    assert!((2..=21).contains(&done), "{done} were done");
    assert_eq!(done + back, SEARCHES);
    let times = world.shop.times();
    assert_eq!(times.len(), done);
    assert!(closest(times) >= GAP - ROUNDING * 2, "the host was hurried");

    // Those who were sent away have places of their own, a gap apart, and none is held by anybody.
    let now = world.clock.now();
    let all = world.db.sources(&SourceFilter::default()).await.unwrap();
    let mut places: Vec<i64> = all
        .iter()
        .map(|source| (source.next_due_at - now).num_milliseconds())
        .filter(|wait| *wait < 60_000)
        .collect();
    places.sort_unstable();
    assert_eq!(places.len(), back);
    let last = places[back - 1];
    assert!(last >= millis(GAP) * i64::try_from(back).unwrap() - 2_000, "{last} ms for {back}");
}

#[tokio::test]
async fn a_restart_does_not_forget_the_pace() {
    let world = World::new().await;
    let clock: Arc<dyn HostClock> = Arc::new(DbClock(Arc::new(world.db.clone())));
    let gap = Some(Duration::from_millis(300));
    let one = shared(&world, &clock);
    one.turn(&url(), gap).await.unwrap().end(How::Answered(1));
    one.settle().await;
    drop(one);
    let begun = Instant::now();
    shared(&world, &clock).turn(&url(), gap).await.unwrap().end(How::Answered(1));
    assert!(begun.elapsed() >= Duration::from_millis(200), "{:?}", begun.elapsed());
}

#[test]
fn five_hundred_sources_of_one_host_are_through_in_the_time_that_the_gap_takes() {
    // All ask at once; who is sent away asks again at his place; nobody is sent away often.
    let gap = Duration::from_secs(3);
    let mut pace = HostPace::default();
    let mut asking: Vec<(i64, u32)> = vec![(0, 0); 500];
    let mut slots = Vec::new();
    while let Some(at) = (0..asking.len()).min_by_key(|n| asking[*n].0) {
        let (now, times) = asking.swap_remove(at);
        let ask = HostAsk { gap, earliest: 0, latest: now + 60_000, now };
        match pace.reserve(&ask) {
            HostSlot::At(slot) => slots.push(slot),
            HostSlot::Queued(place) => {
                assert!(place > now + 60_000 && times < 3, "sent away for the {times}th time");
                asking.push((place, times + 1));
            }
            HostSlot::Held(..) => unreachable!("nobody refused"),
        }
    }
    slots.sort_unstable();
    assert!(slots.windows(2).all(|pair| pair[1] - pair[0] >= 3_000));
    assert!(slots[499] <= 500 * 3_000 + 60_000, "{}", slots[499]);
}
