//! Pages beyond the first, the pages of new listings, and what becomes of old ones.

use std::sync::Arc;

use chrono::TimeDelta;
use magpie::domain::change::KnownListing;
use magpie::domain::delivery::{Content, Delivery};
use magpie::domain::source::Source;
use magpie::domain::{Change, ChangeKind, EventId, Filter, SourceId, Verdict};
use magpie::scrape::{Ended, LookedAfter, RunReport, look_after, run_source};
use magpie::shutdown::{Shutdown, Stage};
use magpie::store::Db;
use sites::{Listing, ListingKey, Registry, Site};

use super::server::Answer;
use super::world::{MODULE, StubbornSeen, World, start};

/// The module of the shop with the keys that the stages look at.
fn module(search: &str, detail: &str) -> Site {
    let toml = MODULE.replace("[search]\n", &format!("[search]\nnext = 'a.next@href'\n{search}\n"))
        + &format!(
            r#"
[detail]
match = '^http://127\.0\.0\.1:\d+/offer/'
gone_when = {{ sold = ".text | regex (?i)^sold" }}
gone_at = '/search$'
id = 'url | regex /offer/(\w+)'
url = "url"
title = "h1"
price = ".price"
description = ".text"
{detail}
"#
        );
    Site::from_toml("shop/site.toml", &toml).unwrap()
}

/// A world with one search that nobody has looked at yet.
async fn opened(search: &str, detail: &str) -> (World, SourceId) {
    let world = World::new().await;
    let mut registry = Registry::default();
    registry.insert(module(search, detail));
    world.scraper.modules.replace(registry);
    let source = world.search("/search").await;
    (world, source)
}

/// A world whose only search has its baseline of `offers`, and one subscriber who came afterwards.
async fn watched(detail: &str, offers: &[(&str, i64)]) -> (World, SourceId) {
    let (world, source) = opened("", detail).await;
    world.shop.stock(offers);
    world.run_one().await;
    world.subscribe(1, 1, &source, "Bikes").await;
    (world, source)
}

/// The same with pages of ten and the baseline `old0` to `old29`.
async fn paged(search: &str) -> (World, SourceId) {
    let (world, source) = opened(search, "").await;
    world.shop.paging(10, 0);
    stock(&world, &[many("old", 30)]);
    world.run_one().await;
    world.subscribe(1, 1, &source, "Bikes").await;
    (world, source)
}

/// The next run, ten hours later, and what follows it.
async fn round(world: &World) -> (RunReport, LookedAfter) {
    let source = claim(world).await;
    let report = run_source(&world.scraper, source.clone()).await.unwrap();
    let after = look_after(&world.scraper, &source, &report).await;
    (report, after)
}

async fn claim(world: &World) -> Source {
    world.clock.advance(TimeDelta::hours(10));
    world.claim().await.remove(0)
}

fn many(prefix: &str, count: usize) -> Vec<(String, i64)> {
    (0..count).map(|n| (format!("{prefix}{n}"), 1_000)).collect()
}

fn stock(world: &World, offers: &[Vec<(String, i64)>]) {
    let all = offers.concat();
    let all: Vec<(&str, i64)> = all.iter().map(|(id, price)| (id.as_str(), *price)).collect();
    world.shop.stock(&all);
}

/// Chat, kind and listing of each delivery about a change, oldest first.
async fn told(world: &World) -> Vec<(i64, ChangeKind, String)> {
    let mut told = Vec::new();
    for Delivery { new, .. } in world.deliveries().await {
        let Content::Change { event, .. } = &new.content else { continue };
        let kinds = [
            ChangeKind::New,
            ChangeKind::PriceDown,
            ChangeKind::PriceUp,
            ChangeKind::Back,
            ChangeKind::Gone,
            ChangeKind::Reserved,
        ];
        let ids: Vec<String> = ('a'..='z').map(String::from).collect();
        let mut names = ids.iter().flat_map(|id| kinds.map(|kind| (id, kind)));
        let named = names.find(|(id, kind)| (1..9).any(|n| name(id, *kind, n) == *event));
        let (id, kind) = named.expect("an offer named by one letter");
        told.push((new.chat.0, kind, id.clone()));
    }
    told
}

/// The name of a change of an offer.
fn name(id: &str, kind: ChangeKind, version: i64) -> EventId {
    let key = ListingKey { site: "shop".into(), id: id.into() };
    let listing = Listing::new(id, "", "");
    Change::new(key, kind, version, start(), listing).id()
}

fn event(chat: i64, kind: ChangeKind, id: &str) -> (i64, ChangeKind, String) {
    (chat, kind, id.to_owned())
}

// --- further pages ---

#[tokio::test]
async fn pages_are_read_until_something_known_appears() {
    let (world, _) = paged("").await;
    assert_eq!(world.shop.visits("/search?page=2").count, 0, "one page is the baseline");
    stock(&world, &[many("new", 20), many("old", 30)]);
    let (report, _) = round(&world).await;
    assert_eq!((report.verdict, report.pages, report.items), (Some(Verdict::Ok), 3, 10));
    assert_eq!(report.accepted.new_listings, 20);
    // The guard holds over all pages: three alerts and one line for the rest.
    assert_eq!((report.accepted.deliveries, report.accepted.folded), (4, 17));
    assert_eq!(world.shop.visits("/search?page=3").count, 1);
    assert_eq!(world.shop.visits("/search?page=4").count, 0);

    world.shop.answer(Answer::OffersAnew);
    // The same body again holds nothing to read.
    let (report, _) = round(&world).await;
    assert_eq!((report.pages, report.accepted.new_listings), (0, 0));
}

#[tokio::test]
async fn a_module_may_allow_fewer_pages() {
    let (world, _) = paged("max_pages = 2").await;
    stock(&world, &[many("new", 40), many("old", 30)]);
    let (report, _) = round(&world).await;
    assert_eq!((report.pages, report.accepted.new_listings), (2, 20));
}

#[tokio::test]
async fn a_baseline_may_have_several_pages_and_is_silent_on_all() {
    let (mut world, source) = opened("", "").await;
    world.scraper.stages.baseline_pages = 2;
    world.subscribe(1, 1, &source, "Bikes").await;
    world.shop.paging(10, 0);
    stock(&world, &[many("old", 30)]);
    let (report, _) = round(&world).await;
    assert_eq!((report.pages, report.accepted.new_listings, report.accepted.changes), (2, 20, 0));
    assert_eq!(world.deliveries().await.len(), 1, "one sample");
}

#[tokio::test]
async fn offers_that_move_between_pages_are_told_once() {
    let (mut world, _) = paged("").await;
    world.scraper.max_alerts = 50;
    // While we read, three more came: each page begins with what the one before it has ended with.
    world.shop.paging(10, 3);
    stock(&world, &[many("new", 24), many("old", 30)]);
    let (report, _) = round(&world).await;
    assert_eq!((report.pages, report.accepted.new_listings), (4, 24));
    assert_eq!(report.accepted.deliveries, 24);
}

#[tokio::test]
async fn a_site_that_answers_the_same_page_for_ever_is_left() {
    let (world, _) = paged("").await;
    world.shop.paging(10, 10);
    stock(&world, &[many("new", 20), many("old", 30)]);
    let (report, _) = round(&world).await;
    assert_eq!((report.pages, report.accepted.new_listings), (2, 10));
    assert_eq!(report.error, None);
}

#[tokio::test]
async fn a_second_page_that_fails_spoils_nothing() {
    let page = |text: &str| Answer::Fixed(200, html(), text.as_bytes().to_vec());
    for (answer, words) in [
        (Answer::Fixed(500, vec![], vec![]), "page 2 of the search: status"),
        (Answer::Fixed(403, vec![], vec![]), "page 2 of the search: refused"),
        (page("<h1>Oops</h1>"), "page 2 of the search is none"),
        (page("Are you a robot?"), "(Blocked)"),
    ] {
        let (world, source) = paged("").await;
        stock(&world, &[many("new", 20), many("old", 30)]);
        world.shop.apart("/search?page=2", Some(answer));
        let (report, _) = round(&world).await;
        assert_eq!((report.verdict, report.pages), (Some(Verdict::Ok), 1));
        assert_eq!(report.accepted.new_listings, 10);
        assert!(report.error.is_some_and(|text| text.contains(words)), "{words}");
        let kept = world.source(&source).await;
        assert!(kept.last_error.is_some_and(|text| text.contains(words)));
        assert_eq!((kept.failures, kept.last_count), (0, Some(10)));
    }
}

#[tokio::test]
async fn a_seen_set_that_forgets_everything_makes_nobody_read_on() {
    let (mut world, _) = paged("").await;
    world.scraper.seen = Arc::new(StubbornSeen { says_unseen: true });
    // Another order: the same body would not be read at all.
    let mut all = many("old", 30);
    all.swap(0, 1);
    stock(&world, &[all]);
    let (report, _) = round(&world).await;
    assert_eq!(report.pages, 1, "{report:?}");
    assert_eq!(report.accepted.new_listings, 0);
}

fn html() -> Vec<(&'static str, String)> {
    vec![("content-type", "text/html".to_owned())]
}

// --- details ---

const WANTED: &str = "fetch = \"wanted\"";

/// What the store knows of a listing.
async fn listing(world: &World, source: &SourceId, id: &str) -> KnownListing {
    let ids = [id.to_owned()];
    world.db.known_listings(source, "shop", &ids).await.unwrap().remove(0)
}

#[tokio::test]
async fn only_what_a_watch_could_want_is_looked_at_closely() {
    let (world, source) = opened("", WANTED).await;
    world.shop.stock(&[("z", 100)]);
    world.run_one().await;
    let cheap = Filter { max_price: Some(500), ..Filter::default() };
    world.subscribe_filtered(2, 2, &source, "Cheap", cheap).await;
    world.shop.text("a", "Carbon frame");
    world.shop.stock(&[("a", 400), ("b", 900), ("z", 100)]);
    let (report, _) = round(&world).await;
    assert_eq!((report.details, report.accepted.new_listings), (1, 2));
    assert_eq!(world.shop.visits("/offer/a").count, 1);
    assert_eq!(world.shop.visits("/offer/b").count, 0);
    let text = async || listing(&world, &source, "a").await.listing.description;
    assert_eq!(text().await.as_deref(), Some("Carbon frame"));
    assert_eq!(told(&world).await, [event(2, ChangeKind::New, "a")]);

    // The list does not say it again, and it is not forgotten; nor is the page asked for again.
    world.shop.stock(&[("a", 300), ("b", 900), ("z", 100)]);
    round(&world).await;
    assert_eq!(world.shop.visits("/offer/a").count, 1);
    assert_eq!(text().await.as_deref(), Some("Carbon frame"));
    assert_eq!(told(&world).await[1..], [event(2, ChangeKind::PriceDown, "a")]);
}

#[tokio::test]
async fn what_the_own_page_says_may_drop_a_listing_or_let_it_through() {
    let (world, source) = opened("", WANTED).await;
    world.shop.stock(&[("z", 100)]);
    world.run_one().await;
    let words = |any: &[&str], none: &[&str]| {
        let owned = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
        Filter { any_words: owned(any), none_words: owned(none), ..Filter::default() }
    };
    world.subscribe_filtered(2, 2, &source, "Carbon", words(&["carbon"], &[])).await;
    world.subscribe_filtered(3, 3, &source, "Sound", words(&[], &["broken"])).await;
    world.shop.text("a", "Carbon frame");
    world.shop.text("b", "Steel frame, broken");
    world.shop.stock(&[("a", 400), ("b", 900), ("z", 100)]);
    let (report, _) = round(&world).await;
    assert_eq!((report.details, report.accepted.new_listings), (2, 2));
    let all = [event(2, ChangeKind::New, "a"), event(3, ChangeKind::New, "a")];
    assert_eq!(told(&world).await, all);
}

#[tokio::test]
async fn a_module_that_does_not_ask_for_own_pages_gets_none() {
    let (world, _) = watched("", &[("z", 100)]).await;
    world.shop.stock(&[("a", 400), ("z", 100)]);
    let (report, _) = round(&world).await;
    assert_eq!((report.details, report.accepted.deliveries), (0, 1));
    assert_eq!(world.shop.visits("/offer/a").count, 0);
}

#[tokio::test]
async fn own_pages_are_limited_and_none_of_them_can_lose_a_listing() {
    let (mut world, _) = watched(WANTED, &[("z", 100)]).await;
    world.scraper.stages.details = 2;
    world.shop.apart("/offer/a", Some(Answer::Fixed(500, vec![], vec![])));
    world.shop.stock(&[("a", 1), ("b", 2), ("c", 3), ("z", 100)]);
    let (report, _) = round(&world).await;
    assert_eq!((report.verdict, report.details), (Some(Verdict::Ok), 1));
    assert_eq!((report.accepted.new_listings, report.accepted.deliveries), (3, 3));
    assert!(report.error.is_some_and(|text| text.contains("listing a: status: HTTP 500")));
    assert_eq!(world.shop.visits("/offer/c").count, 0);

    // A refusal ends the stage: the host is left alone, and everything goes out as the list has it.
    world.shop.apart("/offer/d", Some(Answer::Fixed(403, vec![], vec![])));
    world.shop.stock(&[("d", 1), ("e", 2), ("a", 1), ("b", 2), ("c", 3), ("z", 100)]);
    let (report, _) = round(&world).await;
    assert_eq!((report.details, report.accepted.deliveries), (0, 2));
    assert_eq!(world.shop.visits("/offer/e").count, 0);
}

#[tokio::test]
async fn a_run_that_is_cut_between_its_stages_has_written_nothing_and_is_repeated() {
    let (mut world, source) = watched(WANTED, &[("z", 100)]).await;
    world.shop.apart("/offer/b", Some(Answer::Silence));
    world.shop.stock(&[("a", 400), ("b", 300), ("z", 100)]);
    let shutdown = Shutdown::default();
    world.scraper.shutdown = shutdown.clone();
    let claimed = claim(&world).await;
    let run = run_source(&world.scraper, claimed);
    // The list twice (baseline and now), the page of a; then that of b, which never ends.
    let cut = async {
        world.shop.answered(4).await;
        shutdown.reach(Stage::Cut);
    };
    let (report, ()) = tokio::join!(run, cut);
    assert_eq!(report.unwrap().ended, Ended::Released);
    assert_eq!(world.db.known_listings(&source, "shop", &["a".into()]).await.unwrap(), []);
    assert_eq!(world.deliveries().await, []);

    world.scraper.shutdown = Shutdown::default();
    world.shop.apart("/offer/b", None);
    let (report, _) = round(&world).await;
    assert_eq!((report.details, report.accepted.deliveries), (2, 2));
    round(&world).await;
    assert_eq!(world.deliveries().await.len(), 2);
}

// --- old listings ---

/// Offers a and z are known, b was told to chat 1; chat 2 came later.
async fn told_of_b() -> (World, SourceId) {
    let (world, source) = watched("", &[("a", 100), ("z", 900)]).await;
    world.shop.stock(&[("b", 500), ("a", 100), ("z", 900)]);
    round(&world).await;
    assert_eq!(told(&world).await, [event(1, ChangeKind::New, "b")]);
    world.subscribe(2, 2, &source, "Bikes, too").await;
    (world, source)
}

#[tokio::test]
async fn what_is_sold_is_told_once_to_those_who_were_told_of_it() {
    let (world, source) = told_of_b().await;
    world.shop.stock(&[("a", 100), ("z", 900)]);
    let (_, after) = round(&world).await;
    assert_eq!(after, LookedAfter { asked: 1, changes: 0, deliveries: 0 }, "one look is no proof");
    assert!(!listing(&world, &source, "b").await.gone);
    let (_, after) = round(&world).await;
    assert_eq!(after, LookedAfter { asked: 1, changes: 1, deliveries: 1 });
    assert_eq!(told(&world).await[1..], [event(1, ChangeKind::Gone, "b")]);
    let known = listing(&world, &source, "b").await;
    assert_eq!((known.gone, known.version), (true, 2));
    assert_eq!(known.listing.attributes["state"], "removed");

    let (_, after) = round(&world).await;
    assert_eq!(after, LookedAfter::default(), "nobody asks about it again");
    assert_eq!(world.shop.visits("/offer/b").count, 2);
    assert_eq!(told(&world).await.len(), 2);
}

#[tokio::test]
async fn what_is_shown_again_is_back_although_it_looks_as_before() {
    let (world, source) = told_of_b().await;
    world.shop.stock(&[("a", 100), ("z", 900)]);
    round(&world).await;
    round(&world).await;
    world.shop.stock(&[("b", 500), ("a", 100), ("z", 900)]);
    let (report, _) = round(&world).await;
    assert_eq!(report.accepted.changes, 1);
    let back = [event(1, ChangeKind::Back, "b"), event(2, ChangeKind::Back, "b")];
    assert_eq!(told(&world).await[2..], back);
    let known = listing(&world, &source, "b").await;
    assert_eq!((known.gone, known.version), (false, 3));
    assert!(!known.listing.attributes.contains_key("state"));
}

#[tokio::test]
async fn a_page_that_says_so_itself_is_believed_at_once() {
    let (world, source) = told_of_b().await;
    world.shop.text("b", "Sold, thank you");
    world.shop.only("", &["a", "z"]);
    let (_, after) = round(&world).await;
    assert_eq!(after, LookedAfter { asked: 1, changes: 1, deliveries: 1 });
    assert_eq!(listing(&world, &source, "b").await.listing.attributes["state"], "sold");
}

#[tokio::test]
async fn nothing_is_gone_without_proof() {
    let blocked = || Answer::Fixed(200, html(), b"Are you a robot?".to_vec());
    let strange = || Answer::Fixed(200, html(), b"<p>Sorry</p>".to_vec());
    let moved = || {
        let to = vec![("location", "/offer/z".to_owned())];
        Answer::Fixed(302, to, vec![])
    };
    for answer in [
        None,
        Some(Answer::Fixed(500, vec![], vec![])),
        Some(Answer::Fixed(403, vec![], vec![])),
        Some(Answer::Truncated),
        Some(blocked()),
        Some(strange()),
        Some(moved()),
    ] {
        let (mut world, source) = told_of_b().await;
        world.shop.only("", &["a", "z"]);
        world.shop.apart("/offer/b", answer.clone());
        for _ in 0..3 {
            let (_, after) = round(&world).await;
            assert_eq!(after, LookedAfter { asked: 1, changes: 0, deliveries: 0 }, "{answer:?}");
            world.forgive();
        }
        assert!(!listing(&world, &source, "b").await.gone, "{answer:?}");
        assert_eq!(told(&world).await.len(), 1);
    }
}

#[tokio::test]
async fn what_another_search_still_shows_is_not_asked_about() {
    let (world, _) = told_of_b().await;
    let other = world.search("/search?q=b").await;
    world.shop.only("", &["a", "z"]);
    world.shop.only("q=b", &["b"]);
    world.shop.text("b", "Sold, thank you");
    world.clock.advance(TimeDelta::hours(10));
    let mut sources = world.claim().await;
    // The other search first, which nobody watches.
    sources.sort_by_key(|source| source.id != other);
    for source in sources {
        let report = run_source(&world.scraper, source.clone()).await.unwrap();
        look_after(&world.scraper, &source, &report).await;
    }
    assert_eq!(world.shop.visits("/offer/b").count, 0);
}

#[tokio::test]
async fn being_led_to_the_search_counts_as_a_page_that_is_not_there() {
    let (world, source) = told_of_b().await;
    world.shop.only("", &["a", "z"]);
    let to = vec![("location", "/search".to_owned())];
    world.shop.apart("/offer/b", Some(Answer::Fixed(302, to, vec![])));
    round(&world).await;
    assert!(!listing(&world, &source, "b").await.gone);
    round(&world).await;
    assert!(listing(&world, &source, "b").await.gone);
}

#[tokio::test]
async fn another_price_on_the_own_page_is_told_and_so_is_the_way_back() {
    let (world, source) = told_of_b().await;
    world.shop.only("", &["a", "z"]);
    world.shop.stock(&[("b", 450), ("a", 100), ("z", 900)]);
    let (_, after) = round(&world).await;
    assert_eq!(after, LookedAfter { asked: 1, changes: 1, deliveries: 2 });
    let known = listing(&world, &source, "b").await;
    assert_eq!((known.listing.price.map(|price| price.minor), known.version), (Some(450), 2));
    let down = [event(1, ChangeKind::PriceDown, "b"), event(2, ChangeKind::PriceDown, "b")];
    assert_eq!(told(&world).await[1..], down);

    // Shown again at the price that the seen-set remembers.
    world.shop.only("", &["a", "b", "z"]);
    world.shop.stock(&[("b", 500), ("a", 100), ("z", 900)]);
    let (report, _) = round(&world).await;
    assert_eq!((report.accepted.changes, report.accepted.deliveries), (1, 2));
}

#[tokio::test]
async fn what_is_shown_is_not_asked_about_and_the_rest_is_asked_in_turn() {
    let (mut world, _) = watched("", &[("a", 1), ("b", 2), ("c", 3), ("d", 4), ("e", 5)]).await;
    world.scraper.stages.probes = 2;
    let (_, after) = round(&world).await;
    assert_eq!(after.asked, 0, "all of them are shown");
    // The server says that nothing has changed: what was shown last is taken as still there.
    let (report, after) = round(&world).await;
    assert_eq!((report.verdict, after.asked), (Some(Verdict::Unchanged), 0));

    world.shop.only("", &["a"]);
    world.shop.apart("/offer/d", Some(Answer::Fixed(500, vec![], vec![])));
    for _ in 0..4 {
        let (_, after) = round(&world).await;
        assert_eq!(after.asked, 2);
    }
    let visits = |id: &str| world.shop.visits(&format!("/offer/{id}")).count;
    assert_eq!([visits("a"), visits("b"), visits("c"), visits("d"), visits("e")], [0, 2, 2, 2, 2]);

    world.scraper.stages.probes = 0;
    assert_eq!(round(&world).await.1.asked, 0);
}

#[tokio::test]
async fn a_page_that_was_just_asked_for_rests_and_a_doubt_is_cleared_at_once() {
    let (world, _) = watched("", &[("a", 1), ("b", 2), ("c", 3)]).await;
    world.shop.only("", &["a"]);
    assert_eq!(round(&world).await.1.asked, 2);
    let soon = async || {
        world.clock.advance(TimeDelta::minutes(12));
        let source = world.claim().await.remove(0);
        let report = run_source(&world.scraper, source.clone()).await.unwrap();
        look_after(&world.scraper, &source, &report).await
    };
    assert_eq!(soon().await.asked, 0);
    world.shop.apart("/offer/b", Some(Answer::Fixed(404, vec![], vec![])));
    assert_eq!(round(&world).await.1, LookedAfter { asked: 2, changes: 0, deliveries: 0 });
    let after = soon().await;
    assert_eq!(after, LookedAfter { asked: 1, changes: 1, deliveries: 0 }, "known, told to nobody");
}

#[tokio::test]
async fn nobody_is_asked_where_nobody_watches_or_the_run_was_bad() {
    let (world, _) = opened("", "").await;
    world.shop.stock(&[("a", 1), ("b", 2)]);
    world.run_one().await;
    world.shop.only("", &["a"]);
    assert_eq!(round(&world).await.1.asked, 0);

    let (world, _) = watched("", &[("a", 1), ("b", 2)]).await;
    world.shop.page("<h1>Welcome to our new shop</h1>");
    let (report, after) = round(&world).await;
    assert_eq!((report.verdict, after.asked), (Some(Verdict::Changed), 0));
}
