//! The road to a site whose listings come by XHR: learned from the browser, used, lost and found again. Everything
//! is real but the clock: sandbox, egress proxy, Chromium, database.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use browser::{Browser, ProxyEndpoint};
use chrono::TimeDelta;
use magpie::cli::scrape;
use magpie::cli::table::Screen;
use magpie::domain::SourceId;
use magpie::domain::source::{SourceSpec, Verdict};
use magpie::scrape::browser::BrowserFetcher;
use magpie::scrape::http::HttpFetcher;
use magpie::scrape::road::{Road, Stage};
use magpie::scrape::{Ladder, Modules, RunReport, Rung, Scraper, run_source};
use magpie::store::Db;
use serde_json::{Value, json};

use crate::scrape::world::{World, client, scraper, start};

/// A search of the homes site, its scraper with a browser, and somebody who watches it.
struct Homes {
    world: World,
    sandbox: sandbox::Running,
    proxy: egress::Proxy,
    browser: Browser,
    scraper: Scraper,
    source: SourceId,
}

impl Homes {
    /// `None` where there is no Chromium; CI must have one.
    async fn open(query: &str) -> Option<Self> {
        if browser::find_executable().is_none() {
            println!("SKIPPED: no Chromium on this machine (package chromium-headless-shell)");
            assert_ne!(option_env!("CI"), Some("true"), "CI must have a Chromium");
            return None;
        }
        let world = World::new().await;
        let sandbox = sandbox::start(sandbox::Options::default()).await.unwrap();
        let target = egress::Target::new("127.0.0.1", sandbox.address().port());
        let proxy = egress::Proxy::start(egress::Policy::allowing([target])).await.unwrap();
        let browser = Browser::new(browser::Options {
            proxy: Some(ProxyEndpoint { tcp: proxy.tcp_address(), unix: Some(proxy.unix_path()) }),
            guard: Path::new(env!("CARGO_BIN_EXE_magpie")).to_owned(),
            work_dir: world.folder.path().join("browser"),
            ..browser::Options::default()
        });
        let db = Arc::new(world.db.clone());
        let clock = world.clock.clone();
        let mut scraper = scraper(&proxy, db, world.scraper.seen.clone(), clock.clone());
        scraper.modules.replace(Modules::load(None).unwrap());
        let http = HttpFetcher::new(client(&proxy), clock.clone());
        let pages = BrowserFetcher::new(browser.clone(), clock, 8 << 20);
        scraper.ladder = Ladder::new(Arc::new(http), Some(Arc::new(pages)));
        let spec = SourceSpec {
            site: "demo_homes".into(),
            url: format!("{}/demo/homes{query}", sandbox.url()),
            title: "Homes".into(),
            interval: Duration::from_secs(60),
            offered: true,
            rhythm: magpie::domain::rhythm::Rhythm::default(),
        };
        let source = spec.id();
        world.db.put_sources(&[spec], start()).await.unwrap();
        world.subscribe(1, 1, &source, "Homes").await;
        Some(Self { world, sandbox, proxy, browser, scraper, source })
    }

    async fn order(&self, order: Value) {
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let url = format!("{}/_sandbox/demo", self.sandbox.url());
        let answer = client.post(url).body(order.to_string()).send().await.unwrap();
        assert!(answer.status().is_success(), "{order}: {}", answer.text().await.unwrap());
    }

    /// The next run, ten minutes later.
    async fn run(&self) -> RunReport {
        self.world.clock.advance(TimeDelta::minutes(10));
        let source = self.world.claim().await.pop().expect("the search is due");
        run_source(&self.scraper, source).await.unwrap()
    }

    /// Runs that must all go well by one rung.
    async fn runs(&self, count: usize, rung: Rung) {
        for number in 1..=count {
            let report = self.run().await;
            let road = self.road().await;
            assert_eq!(report.rung, rung, "run {number}: {report:?}; {}", road.words());
            assert!(report.verdict.is_some_and(Verdict::is_good), "{report:?}");
        }
    }

    async fn road(&self) -> Road {
        Road::of(self.world.source(&self.source).await.road.as_deref())
    }

    /// Messages beside the sample with which a watch begins.
    async fn told(&self) -> usize {
        self.world.deliveries().await.len() - 1
    }

    fn pages(&self) -> u64 {
        self.browser.stats().pages
    }

    async fn close(self) {
        self.browser.close().await;
        self.proxy.stop().await;
        self.sandbox.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_road_to_the_xhr_site_is_learned_used_lost_and_found_again() {
    let Some(homes) = Homes::open("").await else { return };
    homes.runs(3, Rung::Browser).await;
    let road = homes.road().await;
    assert!(matches!(road.stage, Stage::Promoted { rung: Rung::Endpoint, .. }), "{}", road.words());

    let before = homes.pages();
    homes.runs(1, Rung::Endpoint).await;
    assert_eq!(homes.run().await.verdict, Some(Verdict::Unchanged), "the same body is not parsed");
    homes.order(json!({"publish": {"site": "homes", "count": 2}})).await;
    let report = homes.run().await;
    assert_eq!((report.rung, report.accepted.new_listings), (Rung::Endpoint, 2), "{report:?}");
    assert_eq!((homes.told().await, homes.pages()), (2, before), "no page was loaded");

    // The answer changes its shape: the same run brings the right listings, and nobody hears of it.
    homes.order(json!({"api": "reshape", "publish": {"site": "homes"}})).await;
    let report = homes.run().await;
    assert_eq!((report.rung, report.verdict), (Rung::Browser, Some(Verdict::Ok)), "{report:?}");
    assert_eq!((report.accepted.new_listings, homes.told().await), (1, 3));
    let road = homes.road().await;
    assert!(matches!(road.stage, Stage::Resting { .. }), "{}", road.words());
    homes.runs(1, Rung::Browser).await;
    assert_eq!(homes.told().await, 3, "no false message");

    // After the rest the new shape is learned, and used.
    homes.world.clock.advance(TimeDelta::hours(1));
    homes.runs(3, Rung::Browser).await;
    homes.order(json!({"publish": {"site": "homes"}})).await;
    let report = homes.run().await;
    assert_eq!((report.rung, report.accepted.new_listings), (Rung::Endpoint, 1), "{report:?}");

    // The endpoint moves away: again the browser shows the listings in the same run.
    homes.order(json!({"api": "fail", "publish": {"site": "homes"}})).await;
    let report = homes.run().await;
    assert_eq!((report.rung, report.verdict), (Rung::Browser, Some(Verdict::Ok)), "{report:?}");
    assert_eq!((report.accepted.new_listings, homes.told().await), (1, 5));
    homes.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_endpoint_that_answers_only_to_its_pages_is_asked_from_inside_one() {
    let Some(homes) = Homes::open("").await else { return };
    homes.order(json!({"api": "guard"})).await;
    homes.runs(4, Rung::Browser).await;
    let road = homes.road().await;
    assert!(matches!(road.stage, Stage::Promoted { rung: Rung::InPage, .. }), "{}", road.words());
    let before = homes.pages();
    homes.order(json!({"publish": {"site": "homes"}})).await;
    let report = homes.run().await;
    assert_eq!((report.rung, report.accepted.new_listings), (Rung::InPage, 1), "{report:?}");
    assert_eq!((homes.told().await, homes.pages()), (1, before), "no page was loaded");
    homes.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_empty_answer_counts_once_the_page_has_said_the_same() {
    let Some(homes) = Homes::open("?max_price=5").await else { return };
    homes.order(json!({"price": {"id": "h-2033", "minor": 300}})).await;
    homes.order(json!({"price": {"id": "h-2034", "minor": 400}})).await;
    homes.runs(3, Rung::Browser).await;
    homes.runs(1, Rung::Endpoint).await;
    homes.order(json!({"sell": "h-2033"})).await;
    homes.order(json!({"sell": "h-2034"})).await;
    let report = homes.run().await;
    assert_eq!((report.rung, report.verdict), (Rung::Browser, Some(Verdict::Empty)), "{report:?}");
    let report = homes.run().await;
    assert_eq!((report.rung, report.verdict), (Rung::Endpoint, Some(Verdict::Empty)), "{report:?}");
    homes.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn explain_shows_every_rung_and_what_could_be_learned() {
    let Some(homes) = Homes::open("").await else { return };
    let url = homes.world.source(&homes.source).await.spec.url;
    let mut out = Vec::new();
    let deps = scrape::Deps {
        modules: &homes.scraper.modules,
        ladder: &homes.scraper.ladder,
        hosts: &homes.scraper.hosts,
        deadline: Duration::from_secs(30),
        screen: Screen::Plain,
    };
    let args = scrape::Args { url, json: false, browser: false, http: false, explain: true };
    scrape::run(args, deps, &mut out).await.unwrap();
    let text = String::from_utf8(out).unwrap();
    for word in [
        "not tried: the module says render",
        "the same listings as the page",
        "only where the endpoint refuses",
        "30 listings, results",
        "Learned: GET http://127.0.0.1",
        "listings at $['items']",
        "title = ",
    ] {
        assert!(text.contains(word), "{word} in {text}");
    }
    homes.close().await;
}
