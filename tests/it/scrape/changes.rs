//! Changes of known listings over time: what is told of a price, an edit and a reservation, and what is not believed.

use magpie::domain::change::{Change, KnownListing, STATE};
use magpie::domain::delivery::{Outcome, Settlement};
use magpie::domain::pace::Limits;
use magpie::domain::preferences::{Stop, WatchTelling};
use magpie::domain::watch::{WatchEdit, WatchOrder, Who};
use magpie::domain::why::{Because, explain};
use magpie::domain::{ChangeKind, ChatId, OwnerId, SourceId, Verdict, WatchId};
use magpie::scrape::RunReport;
use magpie::store::{ClaimRequest, Db, PreferenceRecord, WatchDone, WatchRecord, WhyAsk};
use sites::Site;

use super::lab::Lab;
use super::world::{MODULE, World};

const URL: &str = "http://127.0.0.1:8080/search?q=1";

/// An offer on the list: id, title, price in cents, words in its card.
type Offer = (&'static str, String, i64, &'static str);

fn module() -> Site {
    let list = "price = \".price\"\nlocation = \".place\"\ngone_when = { sold = \".sold\", reserved = \".reserved\" }\n";
    let toml = MODULE.replace("price = \".price\"\n", list);
    Site::from_toml("shop/site.toml", &toml).unwrap()
}

fn page(offers: &[Offer]) -> String {
    let card = |(id, title, price, more): &Offer| {
        let price = match price {
            -1 => String::new(),
            price => format!("<span class=\"price\">€ {}.{:02}</span>", price / 100, price % 100),
        };
        format!(
            "<li class=\"offer\" data-id=\"{id}\"><a class=\"title\" href=\"/offer/{id}\">{title}</a>\
             {price}{more}</li>"
        )
    };
    let cards: String = offers.iter().map(card).collect();
    format!("<!doctype html><html><body><ul>{cards}</ul></body></html>")
}

/// The offer of which the test speaks, and seven that stay.
fn beside(one: Offer) -> Vec<Offer> {
    let ids = ["b", "c", "d", "e", "f", "g", "h"];
    let others =
        ids.into_iter().zip(2i64..).map(|(id, n)| (id, format!("Lamp {id}"), n * 1_000, ""));
    std::iter::once(one).chain(others).collect()
}

fn bike(price: i64) -> Offer {
    ("a", "Bike".into(), price, "")
}

struct Market {
    lab: Lab,
    source: SourceId,
}

impl Market {
    /// A search whose baseline lies behind it; chat 1 watches, and was told of the bike.
    async fn open(price: i64) -> Self {
        let lab = Lab::new(vec![module()]);
        let source = lab.search("shop", URL, 1).await;
        let market = Self { lab, source };
        market.shows(beside(bike(price))[1..].to_vec()).await;
        market.tell().await;
        market.shows(beside(bike(price))).await;
        assert_eq!(market.kinds().await, [ChangeKind::New]);
        market
    }

    /// The next run finds these offers.
    async fn shows(&self, offers: Vec<Offer>) -> RunReport {
        self.lab.shows(URL, page(&offers));
        let report = self.lab.run_all().await.remove(0);
        assert_eq!(report.verdict, Some(Verdict::Ok), "{report:?}");
        report
    }

    async fn shows_bike(&self, price: i64) -> RunReport {
        self.shows(beside(bike(price))).await
    }

    /// Sends everything and answers the changes with their chats, in order.
    async fn tell(&self) -> Vec<(i64, Change)> {
        let mut told = Vec::new();
        loop {
            let request = ClaimRequest {
                owner: OwnerId("sender".into()),
                now: magpie::clock::Clock::now(&*self.lab.clock),
                limit: 100,
                limits: Limits::OFF,
                horizon: std::time::Duration::from_secs(1),
                classes: vec![],
            };
            let claimed = self.lab.db.claim_deliveries(&request).await.unwrap();
            if claimed.is_empty() {
                return told;
            }
            let outcome = || Outcome::Sent {
                message_id: 7,
                form: magpie::domain::PostForm::Text,
                version: 0,
            };
            for one in &claimed {
                let new = &one.delivery.new;
                let epoch = one.delivery.epoch;
                let settled =
                    Settlement { id: new.id.clone(), chat: new.chat, epoch, outcome: outcome() };
                self.lab.db.settle_deliveries(&[settled], request.now).await.unwrap();
                told.extend(one.change.clone().map(|change| (new.chat.0, change)));
            }
        }
    }

    /// The kinds of what was told since the last time.
    async fn kinds(&self) -> Vec<ChangeKind> {
        self.tell().await.into_iter().map(|(_, change)| change.kind).collect()
    }

    async fn known(&self) -> KnownListing {
        let ids = ["a".to_owned()];
        self.lab.db.known_listings(&self.source, "shop", &ids).await.unwrap().remove(0)
    }

    async fn price(&self) -> Option<i64> {
        self.known().await.listing.price.map(|price| price.minor)
    }
}

#[tokio::test]
async fn a_creeping_price_is_told_when_its_steps_add_up() {
    let market = Market::open(10_000).await;
    let mut told = Vec::new();
    for step in 1..=10 {
        market.shows_bike(10_000 - step * 50).await;
        for (_, change) in market.tell().await {
            assert_eq!(change.kind, ChangeKind::PriceDown);
            told.push((step, change.price_before.unwrap().minor));
        }
        assert_eq!(market.price().await, Some(10_000 - step * 50), "the record is up to date");
    }
    assert_eq!(told, [(2, 10_000), (4, 9_900), (6, 9_800), (8, 9_700), (10, 9_600)]);
    let prices = market.known().await.prices;
    assert_eq!(prices.points.len(), 11, "every accepted price is a point");
}

#[tokio::test]
async fn a_slip_of_the_decimal_mark_is_told_to_nobody_and_leaves_no_trace() {
    let market = Market::open(10_000).await;
    for _ in 0..3 {
        let report = market.shows_bike(1_000_000).await;
        assert_eq!((report.accepted.doubted, report.accepted.changes), (1, 0));
        let waits = market.known().await;
        assert_eq!(waits.listing.price.as_ref().map(|price| price.minor), Some(10_000));
        assert_eq!(waits.prices.held.map(|held| held.reads), Some(1));
        let report = market.shows_bike(10_000).await;
        assert_eq!(report.accepted.doubted, 0);
        assert_eq!(market.known().await.prices.held, None);
    }
    assert_eq!(market.kinds().await, []);
    assert_eq!(market.known().await.prices.points.len(), 1);
}

#[tokio::test]
async fn a_true_jump_is_told_once_three_readings_agree() {
    let market = Market::open(10_000).await;
    market.shows_bike(80_000).await;
    market.shows_bike(80_000).await;
    assert_eq!((market.kinds().await, market.price().await), (vec![], Some(10_000)));
    market.shows_bike(80_000).await;
    let told = market.tell().await;
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].1.kind, ChangeKind::PriceUp);
    assert_eq!(told[0].1.price_before.as_ref().map(|price| price.minor), Some(10_000));
    market.shows_bike(80_000).await;
    assert_eq!((market.kinds().await, market.price().await), (vec![], Some(80_000)));
}

#[tokio::test]
async fn a_price_that_waits_is_read_again_although_the_server_says_that_nothing_has_changed() {
    let world = World::new().await;
    let source = world.search("/search").await;
    let stock = |price| [("a", price), ("b", 2_000), ("c", 3_000), ("d", 4_000), ("e", 5_000)];
    world.shop.stock(&stock(1_000));
    world.run_one().await;
    world.subscribe(1, 1, &source, "Bikes").await;
    world.shop.stock(&stock(8_000));
    for run in 1..=3 {
        let report = world.run_one().await;
        assert_eq!(report.verdict, Some(Verdict::Ok), "run {run} is no 304");
    }
    assert_eq!(world.deliveries().await.len(), 1);
    assert_eq!(world.run_one().await.verdict, Some(Verdict::Unchanged), "nothing waits any more");
}

#[tokio::test]
async fn a_price_of_nothing_is_as_good_as_unread() {
    let market = Market::open(10_000).await;
    let report = market.shows_bike(0).await;
    assert_eq!(report.accepted.doubted, 1);
    market.shows_bike(-1).await;
    assert_eq!((market.kinds().await, market.price().await), (vec![], Some(10_000)));
    market.shows_bike(9_000).await;
    assert_eq!(market.kinds().await, [ChangeKind::PriceDown]);
}

#[tokio::test]
async fn an_edited_title_is_told_and_another_spelling_is_not() {
    let market = Market::open(10_000).await;
    let titled = |title: &str, more| beside(("a", title.to_owned(), 10_000, more));
    for title in ["BIKE", "  Bike! ", "Bi…"] {
        market.shows(titled(title, "")).await;
    }
    // A field that can be read from now on is no edit, and neither is one that cannot any more.
    market.shows(titled("Bike", "<i class=\"place\">Berlin</i>")).await;
    market.shows(titled("Bike", "")).await;
    assert_eq!(market.kinds().await, []);
    market.shows(titled("Bike with a lamp", "<i class=\"place\">Hamburg</i>")).await;
    let told = market.tell().await;
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].1.kind, ChangeKind::Edited);
    let fields: Vec<_> = told[0].1.fields.iter().map(|one| (&*one.name, &*one.after)).collect();
    assert_eq!(fields, [("title", "Bike with a lamp"), ("location", "Hamburg")]);
    assert_eq!(market.known().await.listing.title, "Bike with a lamp");
}

#[tokio::test]
async fn a_page_that_prints_everything_in_another_way_was_edited_by_nobody() {
    let market = Market::open(10_000).await;
    let mut all = beside(bike(9_000));
    for (id, title, ..) in &mut all {
        *title = format!("Offer {id}: {title} for sale");
    }
    market.shows(all).await;
    assert_eq!(market.kinds().await, [ChangeKind::PriceDown], "its price moved all the same");
    assert_eq!(market.known().await.listing.title, "Offer a: Bike for sale");
}

#[tokio::test]
async fn reserved_and_free_again_is_told_to_those_who_know_it() {
    let market = Market::open(10_000).await;
    market.lab.subscribe(2, &market.source, magpie::domain::Language::En).await;
    let marked = |mark| beside(("a", "Bike".to_owned(), 10_000, mark));
    market.shows(marked("<b class=\"reserved\">Reserved</b>")).await;
    let told = market.tell().await;
    assert_eq!(
        told.iter().map(|(chat, one)| (*chat, one.kind)).collect::<Vec<_>>(),
        [(1, ChangeKind::Reserved)]
    );
    assert_eq!(market.known().await.listing.attributes[STATE], "reserved");
    assert!(!market.known().await.gone);
    market.shows(marked("<b class=\"reserved\">Still reserved</b>")).await;
    assert_eq!(market.kinds().await, []);

    market.shows(marked("")).await;
    let mut told = market.tell().await;
    told.sort_by_key(|(chat, _)| *chat);
    let back = [(1, ChangeKind::Back), (2, ChangeKind::Back)];
    assert_eq!(told.iter().map(|(chat, one)| (*chat, one.kind)).collect::<Vec<_>>(), back);
    assert!(!market.known().await.listing.attributes.contains_key(STATE));
}

#[tokio::test]
async fn a_list_that_marks_what_is_sold_is_believed_and_so_is_its_return() {
    let market = Market::open(10_000).await;
    let sold = || beside(("a", "Bike".to_owned(), 10_000, "<b class=\"sold\">Sold</b>"));
    market.shows(sold()).await;
    assert_eq!(market.kinds().await, [ChangeKind::Gone]);
    let known = market.known().await;
    assert_eq!((known.gone, known.listing.attributes[STATE].as_str()), (true, "sold"));
    market.shows(sold()).await;
    market.shows_bike(10_000).await;
    assert_eq!(market.kinds().await, [ChangeKind::Back]);
    assert!(!market.known().await.gone);
}

#[tokio::test]
async fn another_chat_is_not_told_of_a_price_that_nobody_believes() {
    let market = Market::open(10_000).await;
    let chat = ChatId(3);
    market.lab.subscribe(chat.0, &market.source, magpie::domain::Language::Uk).await;
    market.shows_bike(100).await;
    assert_eq!(market.lab.alerts(chat).await, 0);
}

#[tokio::test]
async fn a_watch_of_larger_moves_hears_when_they_add_up_and_the_end_only_where_it_was_told() {
    let market = Market::open(10_000).await;
    for (chat, percent) in [(2, 5.0), (3, 50.0)] {
        market.lab.subscribe(chat, &market.source, magpie::domain::Language::En).await;
        let id = WatchId(format!("{chat}-{}", market.source.as_str()));
        let telling = WatchTelling { min_move_percent: Some(percent), ..WatchTelling::default() };
        let edit = WatchEdit { telling: Some(telling), ..WatchEdit::default() };
        let now = magpie::clock::Clock::now(&*market.lab.clock);
        let order = WatchOrder::Edit(Box::new(edit));
        let done = market.lab.db.change_watch(&id, Who::Operator, &order, now).await.unwrap();
        assert_eq!(done, WatchDone::Done);
    }
    let chats = async || {
        let mut chats: Vec<i64> = market.tell().await.into_iter().map(|(chat, _)| chat).collect();
        chats.sort_unstable();
        chats
    };
    for (price, hear) in [(9_800, vec![1]), (9_600, vec![1]), (9_400, vec![1, 2])] {
        market.shows_bike(price).await;
        assert_eq!(chats().await, hear, "{price}");
    }
    assert_eq!(market.lab.scraper.matching.len(), 3, "the index was asked");
    let marked = |mark| beside(("a", "Bike".to_owned(), 9_400, mark));
    market.shows(marked("<b class=\"reserved\">Reserved</b>")).await;
    assert_eq!(chats().await, [1, 2], "chat 3 never heard of it");
    market.shows(marked("<b class=\"sold\">Sold</b>")).await;
    assert_eq!(chats().await, [1, 2]);
    let listing = sites::ListingKey { site: "shop".into(), id: "a".into() };
    let ask = WhyAsk { listing, chat: Some(ChatId(3)), watch: None };
    let facts = market.lab.db.why_facts(&ask).await.unwrap();
    let now = magpie::clock::Clock::now(&*market.lab.clock);
    let small = explain(&facts, now)
        .into_iter()
        .filter(|one| one.because == Because::Stopped(Stop::SmallMove));
    assert_eq!(small.count(), 3, "each move has its reason");
}
