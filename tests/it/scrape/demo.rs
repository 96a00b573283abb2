//! The demo shop of the sandbox, read by its own module through the whole road.

use std::sync::Arc;

use magpie::domain::Verdict;
use magpie::domain::source::SourceSpec;
use magpie::scrape::{Modules, run_source};
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
    let (spec, unknown) = magpie::cli::source::spec(
        &scraper.modules,
        &url,
        None,
        std::time::Duration::from_secs(60),
        true,
    )
    .unwrap();
    assert_eq!((spec.site.as_str(), unknown.len()), ("demo_goods", 0));
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
