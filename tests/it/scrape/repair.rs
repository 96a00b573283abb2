//! A shop changes its pages: the module is repaired in shadow, proposed, approved, taken back; nobody is flooded.

use std::process::ExitCode;
use std::sync::Arc;

use clap::{Args, FromArgMatches};
use magpie::cli::site;
use magpie::cli::table::Screen;
use magpie::clock::Clock;
use magpie::domain::delivery::Content;
use magpie::domain::{ChatId, Class, SourceId, Verdict};
use magpie::scrape::Modules;
use magpie::scrape::repair::refresh;
use magpie::store::{ModuleRecord, ModuleState};
use sites::Registry;

use super::server::Answer;
use super::world::{MODULE, World, module};

const OPERATOR: ChatId = ChatId(99);

fn modules(text: &str) -> Arc<Modules> {
    let mut registry = Registry::default();
    registry.insert(module());
    Arc::new(Modules::new(registry).with_text("shop", text).operated_by(vec![OPERATOR]))
}

/// A world whose shop has shown six offers, and somebody who watches.
async fn world() -> (World, SourceId) {
    let mut world = World::new().await;
    world.scraper.modules = modules(MODULE);
    world.shop.stock(&OFFERS);
    let source = world.search("/search").await;
    world.subscribe(7, 7, &source, "Bicycles").await;
    assert_eq!(world.run_one().await.verdict, Some(Verdict::Ok));
    (world, source)
}

const OFFERS: [(&str, i64); 6] =
    [("ann", 100), ("bob", 25_000), ("cid", 320), ("dan", 4_150), ("eve", 99_900), ("fay", 7)];

/// The same offers in other clothes.
fn tiles(offers: &[(&str, i64)]) -> String {
    let tile = |(id, minor): &(&str, i64)| {
        format!(
            "<article class=\"tile\" data-offer=\"{id}\"><h3><a href=\"/offer/{id}\">Offer {id}</a></h3>\
             <div class=\"meta\"><b>€ {}.{:02}</b><i>Ulm</i></div></article>",
            minor / 100,
            minor % 100
        )
    };
    let tiles: String = offers.iter().map(tile).collect();
    format!("<!doctype html><html><body><main class=\"grid\">{tiles}</main></body></html>")
}

async fn site(world: &World, words: &[&str]) -> anyhow::Result<String> {
    let command = site::Args::augment_args(clap::Command::new("magpie").no_binary_name(true));
    let args = site::Args::from_arg_matches(&command.try_get_matches_from(words)?)?;
    let mut out = Vec::new();
    let folder = world.folder.path().join("modules");
    let deps = site::Deps {
        roads: None,
        folder: &folder,
        failures: magpie::scrape::life::Folder(world.folder.path().join("failures")),
        modules: &world.scraper.modules,
        db: Some(&world.db),
        now: world.clock.now(),
        screen: Screen::Plain,
    };
    let code = site::run(args, deps, &mut out).await?;
    assert_eq!(format!("{code:?}"), format!("{:?}", ExitCode::SUCCESS));
    Ok(String::from_utf8(out)?)
}

async fn states(world: &World) -> Vec<ModuleState> {
    let all = world.db.module_versions(Some("shop")).await.unwrap();
    all.iter().map(|one| one.state).collect()
}

async fn alerts(world: &World) -> usize {
    world.deliveries().await.iter().filter(|one| one.new.class == Class::Alert).count()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_changed_shop_is_repaired_proposed_approved_and_taken_back() {
    let (world, _) = world().await;
    let before = alerts(&world).await;
    world.shop.page(&tiles(&OFFERS));

    let run = world.run_one().await;
    assert_eq!(run.verdict, Some(Verdict::Changed), "noticed in the same run");
    let words = run.error.unwrap();
    assert!(words.contains("reads 6 of 6 known listings runs in shadow (version 1)"), "{words}");
    assert!(site(&world, &["approve", "shop", "--yes"]).await.is_err(), "it is on trial");

    world.run_one().await;
    assert_eq!(states(&world).await, [ModuleState::Shadow]);
    world.run_one().await;
    assert_eq!(states(&world).await, [ModuleState::Proposed]);
    let told = world.deliveries().await;
    let told: Vec<_> = told.iter().filter(|one| one.new.chat == OPERATOR).collect();
    assert_eq!(told.len(), 1, "operators are asked once");
    let Content::Message(message) = &told[0].new.content else { panic!("no message") };
    assert!(message.text.contains("magpie site approve shop --version 1"), "{}", message.text);

    let shown = site(&world, &["proposals"]).await.unwrap();
    for word in [
        "listing.item",
        "    + ",
        "      li.offer",
        "6 of 6 known",
        "Offer ann",
        "in shadow at",
        "approve shop",
    ] {
        assert!(shown.contains(word), "{word} in {shown}");
    }
    assert!(site(&world, &["approve", "shop"]).await.is_err(), "nobody can be asked in a test");
    let done = site(&world, &["approve", "shop", "--yes"]).await.unwrap();
    assert!(done.contains("in force"), "{done}");

    refresh(&world.scraper).await;
    let fresh: Vec<_> = [("new", 1_234)].into_iter().chain(OFFERS).collect();
    world.shop.page(&tiles(&fresh));
    let run = world.run_one().await;
    assert_eq!((run.verdict, run.items), (Some(Verdict::Ok), 7), "{run:?}");
    assert_eq!(alerts(&world).await, before + 1, "only the really new one is told");

    let back = site(&world, &["rollback", "shop", "--yes"]).await.unwrap();
    assert!(back.contains("in force again"), "{back}");
    refresh(&world.scraper).await;
    world.shop.answer(Answer::OffersAnew);
    assert_eq!(world.run_one().await.verdict, Some(Verdict::Ok), "the base module reads again");
    assert_eq!(alerts(&world).await, before + 1);
    assert!(site(&world, &["versions", "shop"]).await.unwrap().contains("retired"));
    assert!(site(&world, &["rollback", "shop", "--yes"]).await.is_err());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_old_layout_is_read_by_the_repaired_module_too() {
    let (world, _) = world().await;
    world.shop.page(&tiles(&OFFERS));
    for _ in 0..3 {
        world.run_one().await;
    }
    site(&world, &["approve", "shop", "--yes"]).await.unwrap();
    refresh(&world.scraper).await;
    world.shop.answer(Answer::OffersAnew);
    let run = world.run_one().await;
    assert_eq!((run.verdict, run.items), (Some(Verdict::Ok), 6), "{run:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_without_the_known_listings_gives_no_proposal_but_a_reason() {
    let (world, _) = world().await;
    world.shop.page("<h1>We have moved</h1><p>Come back soon.</p>");
    let run = world.run_one().await;
    assert_eq!(run.verdict, Some(Verdict::Changed));
    let words = run.error.unwrap();
    assert!(words.contains("no repair: 0 of 6 known listings were found"), "{words}");
    assert!(states(&world).await.is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_repair_that_reads_other_values_later_is_withdrawn() {
    let (world, _) = world().await;
    world.shop.page(&tiles(&OFFERS));
    world.run_one().await;
    let shifted: Vec<(&str, i64)> = OFFERS.iter().map(|(id, minor)| (*id, minor + 5_000)).collect();
    world.shop.page(&tiles(&shifted));
    world.run_one().await;
    assert_eq!(states(&world).await, [ModuleState::Withdrawn]);
    let shown = site(&world, &["versions", "shop", "--json"]).await.unwrap();
    assert!(shown.contains("prices are not those that are known"), "{shown}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_version_of_another_base_is_left_aside() {
    let (mut world, _) = world().await;
    world.shop.page(&tiles(&OFFERS));
    for _ in 0..3 {
        world.run_one().await;
    }
    site(&world, &["approve", "shop", "--yes"]).await.unwrap();
    refresh(&world.scraper).await;
    assert_eq!(world.run_one().await.verdict, Some(Verdict::Ok));
    // A new release brings another text.
    world.scraper.modules = modules(&format!("{MODULE}\n# repaired by hand\n"));
    refresh(&world.scraper).await;
    assert_eq!(world.run_one().await.verdict, Some(Verdict::Changed));
}
