//! The learned road without a browser: what was learned is put into the record by hand, and a stand-in shows what
//! a browser would.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use chrono::TimeDelta;
use magpie::domain::SourceId;
use magpie::domain::source::Verdict;
use magpie::scrape::http::HttpFetcher;
use magpie::scrape::road::{Recorded, Road, Stage};
use magpie::scrape::{
    FetchError, FetchFailure, FetchJob, Fetched, Fetcher, Ladder, RunReport, Rung, Want, run_source,
};
use serde_json::{Value, json};
use sites::{Page, Registry, Site};
use url::Url;

use super::server::Answer;
use super::world::{MODULE, World, client};

/// A browser that shows the shop's offers as a page, and the endpoint behind it.
struct Stand {
    shop: super::server::Shop,
    items: std::sync::Mutex<Vec<(String, i64)>>,
    pages: AtomicUsize,
    gone: AtomicBool,
}

impl Stand {
    /// What the endpoint answers.
    fn json(&self) -> Value {
        let items = self.items.lock().unwrap();
        let item = |(id, price): &(String, i64)| {
            json!({"id": id, "name": format!("Offer {id}"), "link": format!("/offers/{id}"),
                   "price": {"cents": price, "currency": "EUR"}})
        };
        json!({"result": {"offers": items.iter().map(item).collect::<Vec<_>>()}})
    }

    fn html(&self) -> String {
        let items = self.items.lock().unwrap();
        if items.is_empty() {
            return "<p class=no-results>Nothing.</p>".to_owned();
        }
        let item = |(id, cents): &(String, i64)| {
            format!(
                "<li class=offer data-id={id}><a class=title href=/offers/{id}>Offer {id}</a>\
                 <b class=price>{}.{:02} €</b></li>",
                cents / 100,
                cents % 100
            )
        };
        items.iter().map(item).collect()
    }

    fn stock(&self, items: &[(&str, i64)]) {
        *self.items.lock().unwrap() =
            items.iter().map(|(id, price)| ((*id).to_owned(), *price)).collect();
        self.endpoint(200, self.json().to_string());
    }

    fn endpoint(&self, status: u16, body: String) {
        let kind = vec![("content-type", "application/json".to_owned())];
        self.shop.answer(Answer::Fixed(status, kind, body.into_bytes()));
    }
}

#[async_trait]
impl Fetcher for Stand {
    async fn fetch(&self, job: &FetchJob) -> Result<Fetched, FetchError> {
        assert!(!matches!(job.want, Want::Replay(_)), "no page is open in this test");
        if self.gone.load(Ordering::Relaxed) {
            let text = "no Chromium".to_owned();
            let class = FetchFailure::BrowserUnavailable;
            return Err(FetchError { class, text, status: None, retry_after: None });
        }
        self.pages.fetch_add(1, Ordering::Relaxed);
        let page = Page {
            url: job.url.clone(),
            status: Some(200),
            content_type: Some("text/html".into()),
            body: self.html(),
            script: None,
            fetched_at: super::world::start(),
        };
        let recorded = Recorded {
            url: Url::parse(&self.shop.url("/search/api?q=red")).unwrap(),
            method: "GET".into(),
            headers: vec![],
            sent: None,
            status: 200,
            body: self.json().to_string(),
        };
        let recorded = if matches!(job.want, Want::Recorded) { vec![recorded] } else { vec![] };
        Ok(Fetched {
            picture: None,
            bytes: page.body.len(),
            page: Some(page),
            rung: Rung::Browser,
            elapsed: Duration::ZERO,
            etag: None,
            last_modified: None,
            recorded,
        })
    }

    async fn close(&self) {}
}

/// A world whose browser is the stand, and a search in it.
async fn open(change: impl Fn(&str) -> String) -> (World, Arc<Stand>, SourceId) {
    let mut world = World::new().await;
    let stand = Arc::new(Stand {
        shop: world.shop.clone(),
        items: std::sync::Mutex::default(),
        pages: AtomicUsize::new(0),
        gone: AtomicBool::new(false),
    });
    stand.stock(&[("a", 10_000), ("b", 20_050), ("c", 30_000)]);
    let http = HttpFetcher::new(client(&world.proxy), world.clock.clone());
    world.scraper.ladder = Ladder::new(Arc::new(http), Some(stand.clone()));
    let mut registry = Registry::default();
    let module = change(&MODULE.replace("render = \"http\"", "render = \"browser\""));
    registry.insert(Site::from_toml("shop/site.toml", &module).unwrap());
    world.scraper.modules.replace(registry);
    let source = world.search("/search?q=red").await;
    world.subscribe(1, 1, &source, "Red").await;
    (world, stand, source)
}

/// The next run, ten minutes later.
async fn run(world: &World) -> RunReport {
    world.clock.advance(TimeDelta::minutes(10));
    run_source(&world.scraper, world.claim().await.remove(0)).await.unwrap()
}

async fn road(world: &World, source: &SourceId) -> Road {
    Road::of(world.source(source).await.road.as_deref())
}

async fn promoted() -> (World, Arc<Stand>, SourceId) {
    let (world, stand, source) = open(str::to_owned).await;
    for _ in 0..3 {
        assert_eq!(run(&world).await.rung, Rung::Browser);
    }
    let road = road(&world, &source).await;
    assert!(matches!(road.stage, Stage::Promoted { rung: Rung::Endpoint, .. }), "{}", road.words());
    (world, stand, source)
}

#[tokio::test]
async fn three_agreeing_shadows_replace_the_browser_and_each_run_says_why() {
    let (world, stand, source) = promoted().await;
    assert_eq!(world.shop.visits("/search/api?q=red").count, 3, "one shadow for each run");
    stand.stock(&[("d", 40_000), ("a", 10_000), ("b", 20_050), ("c", 30_000)]);
    let report = run(&world).await;
    assert_eq!((report.rung, report.accepted.new_listings), (Rung::Endpoint, 1), "{report:?}");
    assert_eq!(run(&world).await.verdict, Some(Verdict::Unchanged));
    assert_eq!(stand.pages.load(Ordering::Relaxed), 3);
    let runs = magpie::store::Db::runs(&world.db, &source, 10).await.unwrap();
    assert!(runs.iter().all(|run| !run.why.is_empty()), "{runs:?}");
    let mut out = Vec::new();
    let deps = magpie::cli::source::Deps {
        db: &world.db,
        modules: &world.scraper.modules,
        now: magpie::clock::Clock::now(&*world.clock),
        interval: Duration::from_secs(360),
        policy: magpie::domain::rhythm::Policy {
            adaptive: false,
            idle: Duration::from_secs(3_600),
            stretch: 1.0,
        },
        screen: magpie::cli::table::Screen::Plain,
    };
    let command = magpie::cli::source::Command::Show { id: source.to_string(), json: false };
    magpie::cli::source::run(magpie::cli::source::Args { command }, deps, &mut out).await.unwrap();
    let text = String::from_utf8(out).unwrap();
    for word in ["Road: endpoint.", "3 runs in a row", "/search/api?q=red", "['result']['offers']"]
    {
        assert!(text.contains(word), "{word} in {text}");
    }
}

#[tokio::test]
async fn whatever_the_endpoint_does_wrong_the_same_run_shows_the_right_listings() {
    let good = json!({"result": {"offers": []}}).to_string();
    let renamed = json!({"result": {"offers": [
        {"id": "a", "name": "Offer a", "link": "/offers/a", "cost": 1},
        {"id": "b", "name": "Offer b", "link": "/offers/b", "cost": 1},
        {"id": "c", "name": "Offer c", "link": "/offers/c", "cost": 1},
    ]}});
    for (status, body) in [
        (500, String::new()),
        (404, "{}".to_owned()),
        (200, "<html>An error page</html>".to_owned()),
        (200, "{\"result\": {\"of".to_owned()),
        (200, good),
        (200, renamed.to_string()),
    ] {
        let (world, stand, source) = promoted().await;
        stand.endpoint(status, body.clone());
        let report = run(&world).await;
        assert_eq!((report.rung, report.verdict), (Rung::Browser, Some(Verdict::Ok)), "{body}");
        assert_eq!((report.items, report.accepted.new_listings), (3, 0), "{body}");
        let road = road(&world, &source).await;
        assert!(matches!(road.stage, Stage::Resting { .. }), "{body}: {}", road.words());
        assert_eq!(world.deliveries().await.len(), 1, "nothing but the sample: {body}");
    }
}

#[tokio::test]
async fn a_refusal_is_an_answer_and_is_not_climbed_over() {
    let (world, stand, source) = promoted().await;
    stand.endpoint(429, String::new());
    let report = run(&world).await;
    assert_eq!((report.rung, report.verdict), (Rung::Endpoint, Some(Verdict::Blocked)));
    assert_eq!(stand.pages.load(Ordering::Relaxed), 3, "the browser was not sent after it");
    assert!(matches!(road(&world, &source).await.stage, Stage::Resting { .. }));
}

#[tokio::test]
async fn an_empty_answer_needs_the_pages_own_word_once() {
    let (world, stand, _) = promoted().await;
    stand.stock(&[]);
    let report = run(&world).await;
    assert_eq!((report.rung, report.verdict), (Rung::Browser, Some(Verdict::Empty)), "{report:?}");
    let report = run(&world).await;
    assert_eq!((report.rung, report.verdict), (Rung::Endpoint, Some(Verdict::Empty)), "{report:?}");
    stand.stock(&[("e", 100)]);
    let report = run(&world).await;
    assert_eq!((report.rung, report.accepted.new_listings), (Rung::Endpoint, 1), "{report:?}");
}

#[tokio::test]
async fn the_browser_checks_the_road_from_time_to_time() {
    let (world, stand, source) = promoted().await;
    world.clock.advance(TimeDelta::hours(25));
    assert_eq!(run(&world).await.rung, Rung::Browser);
    assert_eq!(run(&world).await.rung, Rung::Endpoint);
    // The endpoint lies from now on, plausibly.
    let lie = stand.json().to_string().replace("20050", "10050");
    stand.endpoint(200, lie);
    assert_eq!(run(&world).await.rung, Rung::Endpoint);
    world.clock.advance(TimeDelta::hours(25));
    assert_eq!(run(&world).await.rung, Rung::Browser);
    let road = road(&world, &source).await;
    assert!(road.words().contains("price of b differs"), "{}", road.words());
}

#[tokio::test]
async fn without_a_browser_a_learned_road_still_serves_and_keeps_its_word() {
    let (world, stand, source) = promoted().await;
    stand.gone.store(true, Ordering::Relaxed);
    world.clock.advance(TimeDelta::hours(25));
    stand.stock(&[("d", 40_000), ("a", 10_000), ("b", 20_050), ("c", 30_000)]);
    let report = run(&world).await;
    assert_eq!((report.rung, report.accepted.new_listings), (Rung::Endpoint, 1), "{report:?}");
    // A doubt that nobody can settle is a failed run, and no reason to give the road up.
    stand.endpoint(500, String::new());
    assert_eq!(run(&world).await.verdict, Some(Verdict::Failed));
    assert!(road(&world, &source).await.is_promoted());
}

#[tokio::test]
async fn a_module_can_forbid_learning() {
    let (world, stand, source) =
        open(|module| module.replace("gap = \"1ms\"", "gap = \"1ms\"\nlearn = false")).await;
    for _ in 0..4 {
        assert_eq!(run(&world).await.rung, Rung::Browser);
    }
    assert_eq!(world.shop.visits("/search/api?q=red").count, 0);
    assert_eq!(
        (stand.pages.load(Ordering::Relaxed), road(&world, &source).await),
        (4, Road::default())
    );
}

#[tokio::test]
async fn the_same_body_over_http_is_not_parsed_again() {
    let world = World::new().await;
    world.shop.stock(&[("a", 100)]);
    world.shop.answer(Answer::OffersAnew);
    world.search("/search").await;
    assert_eq!(world.run_one().await.verdict, Some(Verdict::Ok));
    assert_eq!(world.run_one().await.verdict, Some(Verdict::Unchanged));
    world.shop.stock(&[("a", 100), ("b", 100)]);
    let report = world.run_one().await;
    assert_eq!((report.verdict, report.accepted.new_listings), (Some(Verdict::Ok), 1));
}
