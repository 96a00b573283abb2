//! The demo shop of the sandbox, read by its own module through the whole road.

use std::sync::Arc;

use magpie::domain::source::SourceSpec;
use magpie::domain::{SourceId, Verdict};
use magpie::scrape::{LookedAfter, Modules, RunReport, look_after, run_source};
use magpie::store::Db;
use serde_json::{Value, json};

use super::world::{World, scraper};

async fn order(url: &str, order: Value) -> Value {
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let answer = client.post(format!("{url}/_sandbox/demo")).body(order.to_string()).send().await;
    let answer = answer.unwrap();
    assert!(answer.status().is_success());
    serde_json::from_str(&answer.text().await.unwrap()).unwrap()
}

#[tokio::test]
async fn the_demo_shop_is_read_from_its_page_to_the_outbox() {
    let world = World::new().await;
    let sandbox = sandbox::start(sandbox::Options::default()).await.unwrap();
    let target = egress::Target::new("127.0.0.1", sandbox.address().port());
    let proxy = egress::Proxy::start(egress::Policy::allowing([target])).await.unwrap();
    let db = Arc::new(world.db.clone());
    let scraper = scraper(&proxy, db, world.scraper.seen.clone(), world.clock.clone());
    scraper.modules.replace(Modules::load(None).unwrap());
    let url = format!("{}/demo/goods", sandbox.url());
    let (spec, pasted) = magpie::cli::source::spec(
        &scraper.modules,
        &url,
        None,
        std::time::Duration::from_secs(60),
        true,
    )
    .unwrap();
    assert_eq!((spec.site.as_str(), pasted.parts.len()), ("demo_goods", 0));
    let source = SourceSpec::id(&spec);
    world.db.put_sources(&[spec], super::world::start()).await.unwrap();
    world.subscribe(1, 1, &source, "Demo").await;

    let run = async || {
        world.clock.advance(chrono::TimeDelta::hours(1));
        run_source(&scraper, world.claim().await.remove(0)).await.unwrap()
    };
    let first = run().await;
    assert_eq!(first.verdict, Some(Verdict::Ok), "{first:?}");
    assert!(first.items > 0);
    assert_eq!(run().await.verdict, Some(Verdict::Unchanged));

    let done = order(&sandbox.url(), json!({ "publish": { "site": "goods", "count": 2 } })).await;
    let report = run().await;
    assert_eq!((report.accepted.new_listings, report.accepted.deliveries), (2, 2), "{done}");
    sandbox.stop().await;
}

/// The demo shop watched by chat 1, after its baseline.
struct Demo {
    world: World,
    sandbox: sandbox::Running,
    _proxy: egress::Proxy,
    scraper: magpie::scrape::Scraper,
    source: SourceId,
}

impl Demo {
    async fn open() -> Self {
        let world = World::new().await;
        let sandbox = sandbox::start(sandbox::Options::default()).await.unwrap();
        let target = egress::Target::new("127.0.0.1", sandbox.address().port());
        let proxy = egress::Proxy::start(egress::Policy::allowing([target])).await.unwrap();
        let db = Arc::new(world.db.clone());
        let scraper = scraper(&proxy, db, world.scraper.seen.clone(), world.clock.clone());
        scraper.modules.replace(Modules::load(None).unwrap());
        let spec = SourceSpec {
            rhythm: Default::default(),
            site: "demo_goods".into(),
            url: format!("{}/demo/goods", sandbox.url()),
            title: "Goods".into(),
            interval: std::time::Duration::from_secs(60),
            offered: true,
        };
        let source = spec.id();
        world.db.put_sources(&[spec], super::world::start()).await.unwrap();
        let demo = Self { world, sandbox, _proxy: proxy, scraper, source };
        assert_eq!(demo.round().await.0.verdict, Some(Verdict::Ok));
        demo.world.subscribe(1, 1, &demo.source, "Goods").await;
        demo
    }

    async fn order(&self, what: Value) -> Vec<String> {
        let done = order(&self.sandbox.url(), what).await;
        done["ids"].as_array().unwrap().iter().map(|id| id.as_str().unwrap().to_owned()).collect()
    }

    async fn round(&self) -> (RunReport, LookedAfter) {
        self.world.clock.advance(chrono::TimeDelta::hours(1));
        let source = self.world.claim().await.remove(0);
        let report = run_source(&self.scraper, source.clone()).await.unwrap();
        let after = look_after(&self.scraper, &source, &report).await;
        (report, after)
    }
}

#[tokio::test]
async fn sixty_new_goods_at_once_are_read_from_three_pages() {
    let demo = Demo::open().await;
    demo.order(json!({ "publish": { "site": "goods", "count": 60 } })).await;
    let (report, _) = demo.round().await;
    assert_eq!((report.pages, report.accepted.new_listings), (3, 60));
    // Three alerts, and one line for the rest.
    assert_eq!((report.accepted.deliveries, report.accepted.folded), (4, 57));
    demo.sandbox.stop().await;
}

#[tokio::test]
async fn sold_goods_are_told_as_gone_once() {
    let demo = Demo::open().await;
    let ids = demo.order(json!({ "publish": { "site": "goods", "count": 2 } })).await;
    assert_eq!(demo.round().await.0.accepted.deliveries, 2);
    demo.order(json!({ "sell": ids[0] })).await;
    let mut told = Vec::new();
    for _ in 0..6 {
        let (report, after) = demo.round().await;
        assert_eq!(report.accepted.deliveries, 0);
        told.push(after.deliveries);
    }
    assert_eq!(told.iter().sum::<u64>(), 1, "{told:?}");
    assert_eq!(told[0], 0, "a page that is not there is looked for twice");
    let known = demo.world.db.known_listings(&demo.source, "demo_goods", &ids).await.unwrap();
    let gone: Vec<_> = known.iter().filter(|one| one.gone).map(|one| &one.listing.id).collect();
    assert_eq!(gone, [&ids[0]]);
    demo.sandbox.stop().await;
}
