//! Asking prices over time.

use magpie::domain::ChangeKind;
use magpie::store::{Db, ListingWrite, MatchBatch};
use sites::ListingKey;

use super::fixtures::*;

super::for_each_db!(
    prices_are_kept_in_order_one_for_each_version,
    nothing_is_known_of_an_unknown_listing
);

fn key(id: &str) -> ListingKey {
    ListingKey { site: "demo".into(), id: id.into() }
}

fn told(id: &str, minor: i64, kind: ChangeKind, version: i64) -> ListingWrite {
    let listing = listing(id, minor);
    let news = change(&listing, kind, version, at(version));
    write(listing, Some(news))
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
    assert_eq!(prices[..3], [(1, 500), (2, 450), (3, 480)]);
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
