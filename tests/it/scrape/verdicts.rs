//! Bad pages get a verdict; they never look like removals and never crash a run.

use std::sync::Arc;
use std::time::Duration;

use magpie::clock::Clock;
use magpie::domain::source::SourceSpec;
use magpie::domain::{SourceId, Verdict};
use magpie::scrape::{Ended, run_source};
use magpie::shutdown::Stage;
use magpie::store::Db;
use sites::{Page, Parsed, Registry};

use super::server::Answer;
use super::world::{PanickingSeen, World, module};

/// A search with a baseline of twelve offers and a subscriber.
async fn known(world: &World) -> SourceId {
    let source = world.search("/search").await;
    world.shop.stock_many("a", 12);
    assert_eq!(world.run_one().await.verdict, Some(Verdict::Ok));
    world.subscribe(1, 1, &source, "Bikes").await;
    source
}

fn html(status: u16, body: &str) -> Answer {
    let html = vec![("content-type", "text/html".to_owned())];
    Answer::Fixed(status, html, body.as_bytes().to_vec())
}

#[tokio::test]
async fn bad_pages_get_a_verdict_and_nothing_is_taken_for_gone() {
    let mut world = World::new().await;
    let source = known(&world).await;
    let table = [
        (Answer::Truncated, Verdict::Failed, "truncated"),
        (html(200, "<h1>Are you a robot?</h1>"), Verdict::Blocked, "block page"),
        (html(200, "<h1>Welcome to our new shop</h1>"), Verdict::Changed, "layout"),
        (html(200, "<ul class=\"results\"></ul>"), Verdict::Changed, "layout"),
        (html(404, ""), Verdict::Failed, "404"),
        (html(403, ""), Verdict::Blocked, "403"),
    ];
    for (answer, verdict, word) in table {
        world.forgive();
        world.shop.answer(answer.clone());
        let report = world.run_one().await;
        assert_eq!(report.verdict, Some(verdict), "{answer:?}");
        let error = report.error.expect("a bad run says why");
        assert!(error.contains(word), "{error}");
    }
    let stored = world.source(&source).await;
    assert_eq!((stored.failures, stored.last_count), (6, Some(12)));
    assert!(stored.next_due_at > world.clock.now() + chrono::TimeDelta::seconds(360 * 8));

    world.forgive();
    world.shop.answer(Answer::Offers);
    assert_eq!(world.run_one().await.verdict, Some(Verdict::Ok));
    assert_eq!(world.deliveries().await, [], "what was there all the time is no news");
    let known = world.db.known_listings(&source, "shop", &["a1".into()]).await.unwrap();
    assert!(!known[0].gone);
}

#[tokio::test]
async fn a_collapse_of_the_count_is_told_to_the_operator() {
    let world = World::new().await;
    let source = known(&world).await;
    world.shop.stock_many("a", 2);
    let report = world.run_one().await;
    assert_eq!(report.verdict, Some(Verdict::Ok));
    assert!(world.source(&source).await.last_error.is_some_and(|e| e.contains("only 2 listings")));
    let known = world.db.known_listings(&source, "shop", &["a11".into()]).await.unwrap();
    assert!(!known[0].gone);
}

#[tokio::test]
async fn an_unchanged_page_is_not_sent_again_but_only_after_a_good_run() {
    let mut world = World::new().await;
    let source = known(&world).await;
    let report = world.run_one().await;
    assert_eq!((report.verdict, report.items), (Some(Verdict::Unchanged), 12));
    assert_eq!(world.source(&source).await.last_count, Some(12));

    world.shop.page("<h1>Welcome to our new shop</h1>");
    assert_eq!(world.run_one().await.verdict, Some(Verdict::Changed));
    world.forgive();
    world.shop.answer(Answer::Offers);
    // The same page as before the trouble: with its validator the answer would be "unchanged".
    assert_eq!(world.run_one().await.verdict, Some(Verdict::Ok));
}

#[tokio::test]
async fn a_refusal_holds_the_host_back_as_long_as_it_asks_for() {
    let world = World::new().await;
    let source = known(&world).await;
    world.shop.status(429, &[("retry-after", "7200")]);
    assert_eq!(world.run_one().await.verdict, Some(Verdict::Blocked));
    let due = world.source(&source).await.next_due_at;
    assert!(due >= world.clock.now() + chrono::TimeDelta::seconds(7_200), "{due}");

    // Another search of the host is not asked either; it does not even reach the shop. It is not to blame: it
    // comes back after the hold as if nothing had been.
    let other = world.search("/search?q=other").await;
    let report = run_source(&world.scraper, world.claim().await.remove(0)).await.unwrap();
    assert_eq!((&report.source, report.verdict, report.ended), (&other, None, Ended::Held));
    assert!(report.error.is_some_and(|text| text.contains("left alone")));
    let held = world.source(&other).await;
    assert_eq!((held.failures, held.verdict), (0, None));
    assert!(held.next_due_at >= world.clock.now() + chrono::TimeDelta::seconds(7_190));
    assert_eq!(world.shop.visits("/search?q=other").count, 0);
    assert_eq!(world.scraper.hosts.stats()[0].1.refusals, 1);
}

#[tokio::test]
async fn a_block_page_holds_the_host_back_like_a_refusal() {
    let world = World::new().await;
    known(&world).await;
    world.shop.answer(html(200, "<h1>Are you a robot?</h1>"));
    assert_eq!(world.run_one().await.verdict, Some(Verdict::Blocked));
    let visits = world.shop.visits("/search").count;
    assert_eq!(world.run_one().await.ended, Ended::Held);
    assert_eq!(world.shop.visits("/search").count, visits, "it was not asked again");
}

#[tokio::test]
async fn robots_txt_is_asked_once_and_kept() {
    let world = World::new().await;
    world.shop.robots("User-agent: *\nDisallow: /search\n");
    world.search("/search").await;
    for _ in 0..2 {
        let report = world.run_one().await;
        assert_eq!(report.verdict, Some(Verdict::Failed));
        assert!(report.error.is_some_and(|text| text.contains("robots.txt")));
    }
    assert_eq!(world.shop.visits("/search").count, 0);
}

#[tokio::test]
async fn a_module_that_panics_fails_its_run_and_no_other() {
    fn refine(page: &Page, parsed: Parsed) -> Parsed {
        assert!(!page.url.as_str().contains("boom"), "field price");
        parsed
    }
    let world = World::new().await;
    let mut registry = Registry::default();
    registry.insert(module().with_refine(refine));
    world.scraper.modules.replace(registry);
    world.shop.stock(&[("a", 100)]);
    let (bad, good) = (world.search("/search?q=boom").await, world.search("/search").await);
    for report in world.run().await {
        let expected = if report.source == good { Verdict::Ok } else { Verdict::Failed };
        assert_eq!(report.verdict, Some(expected));
    }
    let error = world.source(&bad).await.last_error.expect("a reason");
    assert!(error.contains("site shop") && error.contains("field price"), "{error}");
}

#[tokio::test]
async fn a_run_that_panics_is_a_failed_run_and_its_claim_is_free() {
    let mut world = World::new().await;
    let source = known(&world).await;
    world.scraper.seen = Arc::new(PanickingSeen);
    world.shop.stock(&[("fresh", 100)]);
    let report = world.run_one().await;
    assert_eq!((report.ended, report.verdict), (Ended::Recorded, Some(Verdict::Failed)));
    assert!(report.error.is_some_and(|text| text.contains("the seen-set is on fire")));
    let stored = world.source(&source).await;
    assert_eq!(stored.failures, 1);
    assert!(stored.next_due_at > world.clock.now(), "not at once: it would panic again");
    world.clock.advance(chrono::TimeDelta::hours(10));
    assert_eq!(world.claim().await.len(), 1);
}

#[tokio::test]
async fn a_search_without_its_module_says_what_to_do() {
    let world = World::new().await;
    let spec = SourceSpec {
        site: "lost".into(),
        url: world.shop.url("/search"),
        title: "Lost".into(),
        interval: Duration::from_secs(360),
        offered: false,
        rhythm: Default::default(),
    };
    world.db.put_sources(&[spec], world.clock.now()).await.unwrap();
    let report = world.run_one().await;
    assert_eq!(report.verdict, Some(Verdict::Failed));
    assert!(report.error.is_some_and(|text| text.contains("no site module lost")));
}

#[tokio::test]
async fn a_cut_run_gives_its_claim_back_and_counts_as_nothing() {
    let world = Arc::new(World::new().await);
    let source = world.search("/search").await;
    world.shop.answer(Answer::Silence);
    let claimed = world.claim().await.remove(0);
    let run = {
        let world = world.clone();
        tokio::spawn(async move { run_source(&world.scraper, claimed).await })
    };
    world.shop.answered(1).await;
    world.scraper.shutdown.reach(Stage::Quiet);
    world.scraper.shutdown.reach(Stage::Cut);
    assert_eq!(run.await.unwrap().unwrap().ended, Ended::Released);
    let stored = world.source(&source).await;
    assert_eq!((stored.failures, stored.verdict), (0, None));
    assert_eq!(world.claim().await.len(), 1, "due again at once");
}

#[tokio::test]
async fn a_run_that_lost_its_claim_writes_nothing() {
    let world = World::new().await;
    let source = world.search("/search").await;
    world.subscribe(1, 1, &source, "Bikes").await;
    world.shop.stock(&[("a", 100)]);
    let old = world.claim().await.remove(0);
    world.db.release_source(&source, old.epoch, world.clock.now()).await.unwrap();
    let fresh = world.claim().await.remove(0);
    let late = run_source(&world.scraper, old).await.unwrap();
    assert_eq!(late.ended, Ended::Fenced);
    assert!(!world.source(&source).await.baseline_done);
    assert_eq!(run_source(&world.scraper, fresh).await.unwrap().ended, Ended::Recorded);
}
