//! Asking prices over time.

use magpie::domain::change::PriceWrite;
use magpie::domain::{ChangeKind, ChatId, Language, NewDelivery};
use magpie::store::{Db, ListingWrite, MatchBatch};
use sites::ListingKey;

use super::fixtures::*;

super::for_each_db!(
    prices_are_kept_in_order_one_for_each_version,
    nothing_is_known_of_an_unknown_listing,
    a_chat_sees_what_it_was_told_of_last,
);

fn key(id: &str) -> ListingKey {
    ListingKey { site: "demo".into(), id: id.into() }
}

fn told(id: &str, minor: i64, kind: ChangeKind, version: i64) -> ListingWrite {
    let listing = listing(id, minor);
    let news = change(&listing, kind, version, at(version));
    let is_price = kind == ChangeKind::New || kind.is_price();
    let price = PriceWrite { point: is_price.then_some((version, true)), ..PriceWrite::default() };
    ListingWrite { price, ..write(listing, Some(news)) }
}

async fn prices_are_kept_in_order_one_for_each_version(db: &dyn Db) {
    let (source, epoch) = claimed_source(db, "a", "w").await;
    let steps = [
        told("a", 500, ChangeKind::New, 1),
        told("a", 450, ChangeKind::PriceDown, 2),
        told("a", 450, ChangeKind::PriceDown, 2),
        told("a", 480, ChangeKind::PriceUp, 3),
        told("a", 480, ChangeKind::Gone, 4),
    ];
    for (ms, write) in (0..).zip(steps) {
        let batch = MatchBatch {
            source: source.clone(),
            epoch,
            site: "demo".into(),
            listings: vec![write],
            deliveries: vec![],
            run: None,
            now: at(ms * 1_000),
        };
        db.record_matches(&batch).await.unwrap();
    }
    let points = db.price_points(&key("a")).await.unwrap();
    let prices: Vec<(i64, i64)> = points.iter().map(|one| (one.version, one.price.minor)).collect();
    assert_eq!(prices, [(1, 500), (2, 450), (3, 480)]);
    assert_eq!(points[1].at, at(1_000));
    assert_eq!(points[0].price.currency, "EUR");
    let history = db.price_history(&key("a")).await.unwrap().unwrap();
    assert_eq!(history.points, points);
    assert!(history.latest.gone);
    assert_eq!((history.latest.version, history.latest.listing.id.as_str()), (4, "a"));
}

async fn nothing_is_known_of_an_unknown_listing(db: &dyn Db) {
    assert_eq!(db.price_points(&key("x")).await.unwrap(), []);
    assert_eq!(db.price_history(&key("x")).await.unwrap(), None);
}

async fn a_chat_sees_what_it_was_told_of_last(db: &dyn Db) {
    let (source, epoch) = claimed_source(db, "a", "w").await;
    let writes = [told("a", 500, ChangeKind::New, 1), told("b", 700, ChangeKind::New, 1)];
    let alert = |write: &ListingWrite| {
        let event = write.change.as_ref().unwrap().id();
        NewDelivery::alert(ChatId(7), None, Language::En, event, vec![], at(0))
    };
    let batch = MatchBatch {
        source,
        epoch,
        site: "demo".into(),
        deliveries: writes.iter().map(alert).collect(),
        listings: writes.to_vec(),
        run: None,
        now: at(0),
    };
    db.record_matches(&batch).await.unwrap();
    assert_eq!(view(db, 7, 7).await.told, [], "what waits was not told");
    for _ in 0..2 {
        let claimed = db.claim_deliveries(&claim_all("s", at(1_000))).await.unwrap();
        let settlements: Vec<_> = claimed.iter().map(|one| settlement(one, sent())).collect();
        db.settle_deliveries(&settlements, at(2_000)).await.unwrap();
    }
    let told = view(db, 7, 7).await.told;
    let ids: Vec<&str> = told.iter().map(|one| one.listing.id.as_str()).collect();
    assert_eq!(ids, ["b", "a"]);
    assert_eq!(told[0].event, writes[1].change.as_ref().unwrap().id());
    assert_eq!(view(db, 7, 8).await.told, []);
}
