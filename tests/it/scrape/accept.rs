//! What subscribers are told, and what they are not.

use std::collections::HashMap;
use std::sync::Arc;

use magpie::clock::Clock;
use magpie::domain::change::Rules;
use magpie::domain::delivery::{Content, Delivery};
use magpie::domain::health::News;
use magpie::domain::{ChangeKind, Filter, Verdict};
use magpie::scrape::accept::{Audience, Limits, Telling, happenings, plan, readings};
use magpie::scrape::run_source;
use magpie::store::{Db, RunRecord};

use super::world::{DeadSeen, StubbornSeen, World};

fn names(delivery: &Delivery) -> Vec<String> {
    match &delivery.new.content {
        Content::Change { watches, .. } => watches.clone(),
        other => panic!("no change: {other:?}"),
    }
}

/// A world whose only search has its baseline, and one subscriber who came afterwards.
async fn watched(offers: &[(&str, i64)]) -> (World, magpie::domain::SourceId) {
    let world = World::new().await;
    let source = world.search("/search").await;
    world.shop.stock(offers);
    world.run_one().await;
    world.subscribe(1, 1, &source, "Bikes").await;
    (world, source)
}

#[tokio::test]
async fn the_baseline_is_no_news_and_a_new_listing_is_told_once_per_chat() {
    let (world, source) = watched(&[("a", 100), ("b", 200)]).await;
    world.subscribe(2, 2, &source, "Cheap bikes").await;
    assert!(world.source(&source).await.baseline_done);
    assert_eq!(world.deliveries().await, []);

    world.shop.stock(&[("c", 300), ("a", 100), ("b", 200)]);
    let report = world.run_one().await;
    assert_eq!((report.accepted.new_listings, report.accepted.deliveries), (1, 2));
    let told = world.deliveries().await;
    assert_eq!(told.iter().map(|d| d.new.chat.0).collect::<Vec<_>>(), [1, 2]);
    assert_eq!(names(&told[1]), ["Cheap bikes"]);

    world.run_one().await;
    assert_eq!(world.deliveries().await.len(), 2);
}

/// Texts of the deliveries that are ready-made messages, with their chats.
async fn messages(world: &World) -> Vec<(i64, String)> {
    let text = |delivery: Delivery| match delivery.new.content {
        Content::Message(message) => Some((delivery.new.chat.0, message.text)),
        _ => None,
    };
    world.deliveries().await.into_iter().filter_map(text).collect()
}

#[tokio::test]
async fn those_who_came_before_the_first_good_run_get_one_sample_of_it() {
    let world = World::new().await;
    let source = world.search("/search").await;
    world.subscribe(1, 1, &source, "Bikes").await;
    world.subscribe(1, -100, &source, "Anna's bikes").await;
    world.subscribe(2, -100, &source, "Ben's bikes").await;
    let cheap = Filter { max_price: Some(150), ..Filter::default() };
    world.subscribe_filtered(3, 3, &source, "Cheap ones", cheap).await;
    let none = Filter { any_words: vec!["tractor".into()], ..Filter::default() };
    world.subscribe_filtered(4, 4, &source, "Tractors", none).await;
    // A first run without a page tells nobody anything.
    world.shop.page("<h1>Welcome to our new shop</h1>");
    world.run_one().await;
    assert_eq!(world.deliveries().await, []);

    world.shop.stock(&[("a", 100), ("b", 200), ("c", 300), ("d", 400)]);
    world.shop.answer(super::server::Answer::Offers);
    let report = world.run_one().await;
    assert_eq!(report.accepted.deliveries, 3);
    let mut told = messages(&world).await;
    told.sort();
    let chats: Vec<i64> = told.iter().map(|(chat, _)| *chat).collect();
    assert_eq!(chats, [-100, 1, 3]);
    let (group, cheap) = (&told[0].1, &told[2].1);
    assert!(group.starts_with("This is what “Bicycles” offers now:"), "{group}");
    assert_eq!(group.lines().filter(|line| line.starts_with('•')).count(), 3);
    assert_eq!(cheap.lines().filter(|line| line.starts_with('•')).count(), 1, "{cheap}");

    // Once: neither the next run nor a later watcher repeats it.
    world.subscribe(5, 5, &source, "Late").await;
    world.run_one().await;
    assert_eq!(world.deliveries().await.len(), 3);
}

#[tokio::test]
async fn an_empty_first_page_is_a_baseline_too() {
    let world = World::new().await;
    let source = world.search("/search").await;
    world.subscribe(1, 1, &source, "Bikes").await;
    world.shop.page("<p class=\"no-results\">Nothing.</p>");
    assert_eq!(world.run_one().await.verdict, Some(Verdict::Empty));
    world.shop.stock(&[("a", 100)]);
    world.shop.answer(super::server::Answer::Offers);
    world.run_one().await;
    assert_eq!(world.deliveries().await.len(), 1);
}

#[tokio::test]
async fn two_watches_of_one_chat_are_one_message_that_names_both() {
    let world = World::new().await;
    let source = world.search("/search").await;
    world.shop.stock(&[("a", 100)]);
    world.run_one().await;
    world.subscribe(1, -100, &source, "Anna's bikes").await;
    world.subscribe(2, -100, &source, "Ben's bikes").await;
    world.shop.stock(&[("b", 100), ("a", 100)]);
    world.run_one().await;
    let told = world.deliveries().await;
    assert_eq!(told.len(), 1);
    let mut both = names(&told[0]);
    both.sort();
    assert_eq!(both, ["Anna's bikes", "Ben's bikes"]);
}

#[tokio::test]
async fn a_lower_price_is_told_to_those_who_want_to_hear_of_it() {
    let (world, source) = watched(&[("a", 10_000)]).await;
    let only_new = Filter { changes: vec![ChangeKind::New], ..Filter::default() };
    world.subscribe_filtered(2, 2, &source, "New ones", only_new).await;
    world.shop.stock(&[("a", 9_000)]);
    world.run_one().await;
    let told = world.deliveries().await;
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].new.chat.0, 1);
    let known = world.db.known_listings(&source, "shop", &["a".into()]).await.unwrap();
    assert_eq!(known[0].version, 2);
    assert_eq!(known[0].listing.price.as_ref().map(|price| price.minor), Some(9_000));
}

#[tokio::test]
async fn an_unread_price_changes_nothing_and_hides_no_later_drop() {
    let (world, source) = watched(&[("a", 10_000)]).await;
    world.shop.page(
        "<li class=\"offer\" data-id=\"a\"><a class=\"title\" href=\"/offer/a\">Offer a</a></li>",
    );
    world.run_one().await;
    assert_eq!(world.deliveries().await, []);
    world.shop.stock(&[("a", 8_000)]);
    world.shop.answer(super::server::Answer::Offers);
    world.run_one().await;
    assert_eq!(world.deliveries().await.len(), 1);
    let known = world.db.known_listings(&source, "shop", &["a".into()]).await.unwrap();
    assert_eq!(known[0].version, 2);
}

#[tokio::test]
async fn a_listing_of_another_search_is_new_here_and_its_price_concerns_both() {
    let world = World::new().await;
    let (all, red) = (world.search("/search?q=all").await, world.search("/search?q=red").await);
    world.shop.stock(&[("a", 500), ("b", 700)]);
    world.shop.only("q=red", &["b"]);
    world.run().await;
    world.subscribe(1, 1, &all, "All").await;
    world.subscribe(2, 2, &red, "Red").await;

    world.shop.only("q=red", &["a", "b"]);
    world.run().await;
    let told = world.deliveries().await;
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!(told[0].new.chat.0, 2);

    // Whichever search is read first, both subscribers hear of the lower price, once each.
    world.shop.stock(&[("a", 400), ("b", 700)]);
    world.run().await;
    let mut chats: Vec<i64> = world.deliveries().await[1..].iter().map(|d| d.new.chat.0).collect();
    chats.sort_unstable();
    assert_eq!(chats, [1, 2]);
}

#[tokio::test]
async fn a_run_repeated_after_a_crash_before_the_mark_tells_nothing_twice() {
    let (mut world, source) = watched(&[("a", 100)]).await;
    // Everything is committed and nothing is remembered: as if the process had died in between.
    world.scraper.seen = Arc::new(DeadSeen);
    world.shop.stock(&[("b", 100), ("a", 100)]);
    world.run_one().await;
    assert_eq!(world.deliveries().await.len(), 1);
    for _ in 0..3 {
        let report = world.run_one().await;
        assert_eq!(report.accepted.deliveries, 0);
    }
    assert_eq!(world.deliveries().await.len(), 1);
    assert_eq!(world.source(&source).await.last_count, Some(2));
}

#[tokio::test]
async fn a_run_whose_answer_was_lost_is_repeated_under_the_same_claim_without_harm() {
    let (world, _) = watched(&[("a", 100)]).await;
    world.shop.stock(&[("b", 100), ("a", 100)]);
    world.clock.advance(chrono::TimeDelta::hours(1));
    let source = world.claim().await.remove(0);
    run_source(&world.scraper, source.clone()).await.unwrap();
    run_source(&world.scraper, source).await.unwrap();
    assert_eq!(world.deliveries().await.len(), 1);
}

#[tokio::test]
async fn a_seen_set_that_hides_nothing_costs_work_only() {
    let (mut world, _) = watched(&[("a", 100)]).await;
    world.scraper.seen = Arc::new(StubbornSeen { says_unseen: true });
    world.shop.stock(&[("b", 100), ("a", 100)]);
    for _ in 0..3 {
        world.run_one().await;
    }
    assert_eq!(world.deliveries().await.len(), 1);
}

#[tokio::test]
async fn a_seen_set_that_hides_a_listing_is_caught_by_the_standing_check() {
    let (mut world, _) = watched(&[("a", 100)]).await;
    world.scraper.seen = Arc::new(StubbornSeen { says_unseen: false });
    world.shop.stock(&[("b", 100), ("a", 100)]);
    world.shop.answer(super::server::Answer::OffersAnew);
    let mut lies = 0;
    for _ in 0..100 {
        lies += world.run_one().await.accepted.seen_lied;
        if lies > 0 {
            break;
        }
    }
    assert_eq!(lies, 1, "each listing has its turn within a hundred runs");
    assert_eq!(world.deliveries().await.len(), 1);
}

#[tokio::test]
async fn a_storm_is_a_few_alerts_and_one_line() {
    let world = World::new().await;
    let source = world.search("/search").await;
    world.shop.stock_many("old", 10);
    world.run_one().await;
    world.subscribe(1, 1, &source, "Bikes").await;

    world.shop.stock_many("fresh", 30);
    let report = world.run_one().await;
    assert_eq!((report.accepted.folded, report.accepted.deliveries), (27, 4));
    let told = world.deliveries().await;
    let lines: Vec<&str> = told
        .iter()
        .filter_map(|delivery| match &delivery.new.content {
            Content::Message(message) => Some(message.text.as_str()),
            _ => None,
        })
        .collect();
    assert_eq!(lines, ["27 more changes in “Bicycles”."]);

    world.run_one().await;
    assert_eq!(world.deliveries().await.len(), 4);
}

#[tokio::test]
async fn a_page_of_more_than_one_transaction_is_recorded_whole() {
    let (world, _) = watched(&[("a", 100)]).await;
    world.shop.stock_many("many", 1_203);
    let report = world.run_one().await;
    assert_eq!((report.items, report.accepted.new_listings), (1_203, 1_203));
    assert_eq!(report.accepted.deliveries, 4);
}

/// The number that a summary names.
fn named_in(delivery: &Delivery) -> Option<u64> {
    match &delivery.new.content {
        Content::Message(message) => message.text.split(' ').next()?.parse().ok(),
        _ => None,
    }
}

#[tokio::test]
async fn a_crash_between_two_transactions_loses_no_listing_and_no_word() {
    let (world, source_id) = watched(&[("a", 100)]).await;
    world.clock.advance(chrono::TimeDelta::hours(1));
    let source = world.claim().await.remove(0);
    let now = world.clock.now();
    let listing = |n: usize| {
        let (id, url) = (format!("many{n}"), world.shop.url(&format!("/offer/many{n}")));
        let text = serde_json::json!({ "id": id, "url": url, "title": format!("Offer many{n}") });
        serde_json::from_value(text).unwrap()
    };
    let readings = readings((0..1_203).map(listing).collect());
    let telling = Telling { max_alerts: 3, news: News::All };
    let rules = Rules::default();
    let happenings = happenings(&source, &readings, &HashMap::new(), &rules, telling, (1_203, now));
    let own = world.db.watches_of(&source_id).await.unwrap();
    let audience = Audience { own, ..Audience::default() };
    let limits = Limits { page_size: 1_203, max_alerts: 3 };
    let run = RunRecord {
        source: source_id.clone(),
        epoch: source.epoch,
        started_at: now,
        finished_at: now,
        verdict: Verdict::Ok,
        items: 1_203,
        rung: "http".into(),
        bytes: 1,
        error: None,
        won: "{}".into(),
        etag: None,
        last_modified: None,
        next_due_at: None,
        why: String::new(),
        road: None,
        rate: None,
    };
    let plan = plan(&source, happenings, &audience, Default::default(), limits, run);
    let sizes: Vec<usize> = plan.batches.iter().map(|batch| batch.listings.len()).collect();
    assert_eq!(sizes, [500, 500, 203]);
    assert!(plan.batches[..2].iter().all(|b| b.run.is_none()) && plan.batches[2].run.is_some());

    // Only the first one is written; then the process is gone and its claim is released.
    world.db.record_matches(&plan.batches[0]).await.unwrap();
    world.db.release_source(&source_id, source.epoch, now).await.unwrap();
    world.shop.stock_many("many", 1_203);
    let report = world.run_one().await;
    assert_eq!(report.accepted.new_listings, 703);

    let told = world.deliveries().await;
    let named: Vec<u64> = told.iter().filter_map(named_in).collect();
    assert_eq!(named, [1_200, 700], "what was folded before the crash was named before the crash");
    assert_eq!(told.len() - named.len(), 6);
}

#[tokio::test]
async fn a_crash_during_the_first_run_leaves_the_baseline_no_news() {
    let world = World::new().await;
    let source = world.search("/search").await;
    world.subscribe(1, 1, &source, "Bikes").await;
    world.shop.stock(&[("a", 100)]);
    // Claimed and fetched, never recorded.
    let claimed = world.claim().await.remove(0);
    world.db.release_source(&source, claimed.epoch, world.clock.now()).await.unwrap();
    world.shop.stock(&[("b", 100), ("a", 100)]);
    world.run_one().await;
    let told = world.deliveries().await;
    assert_eq!(told.len(), 1, "the sample and no alert: {told:?}");
    assert_eq!(messages(&world).await.len(), 1);
}

#[tokio::test]
async fn what_another_process_does_with_watches_counts_for_the_next_run() {
    let (world, source) = watched(&[("a", 100)]).await;
    world.shop.stock(&[("b", 100), ("a", 100)]);
    world.run_one().await;
    let told = |all: Vec<Delivery>| all.iter().map(|d| d.new.chat.0).collect::<Vec<_>>();
    assert_eq!(told(world.deliveries().await), [1], "the index is loaded");

    let other = super::world::open(&world.folder).await;
    let update = |update, effects| magpie::store::UpdateCommit {
        bot: 9,
        update,
        kind: "message".into(),
        received_at: world.clock.now(),
        dialogue: None,
        effects,
        replies: vec![],
        owner: magpie::domain::OwnerId("bot".into()),
        limits: magpie::domain::pace::Limits::OFF,
        dues: Default::default(),
    };
    let subscribe = |user: i64, words: &[&str]| magpie::store::Effect::Subscribe {
        watch: magpie::domain::WatchId(format!("from elsewhere {user}")),
        user: magpie::domain::UserId(user),
        chat: magpie::domain::ChatId(user),
        thread: None,
        source: source.clone(),
        name: "Theirs".into(),
        filter: Filter {
            none_words: words.iter().map(|word| (*word).to_owned()).collect(),
            ..Filter::default()
        },
        language: magpie::domain::Language::En,
    };
    other.commit_update(&update(1, vec![subscribe(2, &[]), subscribe(3, &["c"])])).await.unwrap();
    world.shop.stock(&[("c", 100), ("b", 100), ("a", 100)]);
    world.run_one().await;
    assert_eq!(told(world.deliveries().await), [1, 1, 2]);

    let end = magpie::store::Effect::Unsubscribe {
        watch: magpie::domain::WatchId("from elsewhere 2".into()),
        user: magpie::domain::UserId(2),
    };
    other.commit_update(&update(2, vec![end])).await.unwrap();
    world.shop.stock(&[("d", 100), ("c", 100), ("b", 100), ("a", 100)]);
    world.run_one().await;
    assert_eq!(told(world.deliveries().await), [1, 1, 2, 1, 3]);
    other.close().await;
}
