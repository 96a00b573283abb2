//! Asking prices on record: points, the reading that waits, the version.

use magpie::domain::ChangeKind;
use magpie::domain::SourceId;
use magpie::domain::change::{Held, KnownListing, PriceWrite, STATE};
use magpie::store::{Db, ListingWrite, MatchBatch, StaleQuery};
use sites::Money;

use super::fixtures::{at, change, claimed_source, listing, write};
use super::for_each_db;

for_each_db!(
    each_accepted_price_is_a_point_and_a_version,
    a_repeated_write_leaves_history_as_it_is,
    a_waiting_reading_is_kept_and_forgotten,
    what_was_told_is_found_behind_many_small_moves,
    reserved_is_not_gone_and_is_still_asked_about,
    prices_of_an_own_page_are_the_same_history,
);

fn batch(source: &SourceId, epoch: i64, listings: Vec<ListingWrite>, ms: i64) -> MatchBatch {
    MatchBatch {
        source: source.clone(),
        epoch,
        site: "demo".into(),
        listings,
        deliveries: vec![],
        run: None,
        now: at(ms),
    }
}

/// A price that nobody is told of.
fn quiet(minor: i64, version: i64) -> ListingWrite {
    let price = PriceWrite { point: Some((version, false)), held: None };
    ListingWrite { price, ..write(listing("1", minor), None) }
}

fn told(minor: i64, version: i64) -> ListingWrite {
    let cheaper = listing("1", minor);
    let news = change(&cheaper, ChangeKind::PriceDown, version, at(version));
    write(cheaper, Some(news))
}

async fn known(db: &dyn Db, source: &SourceId) -> KnownListing {
    db.known_listings(source, "demo", &["1".into()]).await.unwrap().remove(0)
}

/// Version, price and whether it was told, newest first.
fn points(known: &KnownListing) -> Vec<(i64, i64, bool)> {
    known.prices.points.iter().map(|one| (one.version, one.price.minor, one.told)).collect()
}

async fn each_accepted_price_is_a_point_and_a_version(db: &dyn Db) {
    let (source, epoch) = claimed_source(db, "a", "w").await;
    for (place, one) in
        [write(listing("1", 1_000), None), quiet(995, 2), told(900, 3)].into_iter().enumerate()
    {
        let ms = i64::try_from(place).unwrap() * 10;
        db.record_matches(&batch(&source, epoch, vec![one], ms)).await.unwrap();
    }
    let known = known(db, &source).await;
    assert_eq!(points(&known), [(3, 900, true), (2, 995, false), (1, 1_000, true)]);
    assert_eq!((known.version, known.prices.points[1].at), (3, at(10)));
    assert_eq!(known.prices.base().map(|price| price.minor), Some(900));
    assert_eq!(known.prices.told().iter().map(|one| one.minor).collect::<Vec<_>>(), [1_000, 900]);
}

async fn a_repeated_write_leaves_history_as_it_is(db: &dyn Db) {
    let (source, epoch) = claimed_source(db, "a", "w").await;
    let all = [write(listing("1", 1_000), None), quiet(995, 2), told(900, 3)];
    for one in all.iter().chain(&all[2..]).chain(&all[1..2]) {
        db.record_matches(&batch(&source, epoch, vec![one.clone()], 5)).await.unwrap();
    }
    // Another search that read before and writes after: its price is no point of a version that has one.
    db.record_matches(&batch(&source, epoch, vec![quiet(990, 3)], 7)).await.unwrap();
    let known = known(db, &source).await;
    assert_eq!(points(&known), [(3, 900, true), (2, 995, false), (1, 1_000, true)]);
    assert_eq!(known.version, 3);
}

async fn a_waiting_reading_is_kept_and_forgotten(db: &dyn Db) {
    let (source, epoch) = claimed_source(db, "a", "w").await;
    let price = Money { minor: 100_000, currency: "EUR".into() };
    let held = Held { price, reads: 2, since: at(0), last: at(9) };
    let plain = write(listing("1", 1_000), None);
    db.record_matches(&batch(&source, epoch, vec![plain.clone()], 0)).await.unwrap();
    assert_eq!(known(db, &source).await.prices.held, None);
    let waits = ListingWrite {
        price: PriceWrite { point: None, held: Some(held.clone()) },
        ..plain.clone()
    };
    db.record_matches(&batch(&source, epoch, vec![waits], 9)).await.unwrap();
    let waiting = known(db, &source).await;
    assert_eq!((waiting.prices.held, waiting.version), (Some(held), 1));
    assert_eq!(points(&known(db, &source).await), [(1, 1_000, true)]);
    let plain = ListingWrite { price: PriceWrite::default(), ..plain };
    db.record_matches(&batch(&source, epoch, vec![plain], 12)).await.unwrap();
    assert_eq!(known(db, &source).await.prices.held, None);
}

async fn what_was_told_is_found_behind_many_small_moves(db: &dyn Db) {
    let (source, epoch) = claimed_source(db, "a", "w").await;
    let first = write(listing("1", 100_000), None);
    db.record_matches(&batch(&source, epoch, vec![first], 0)).await.unwrap();
    for version in 2..=40 {
        let one = quiet(100_000 - version, version);
        db.record_matches(&batch(&source, epoch, vec![one], version)).await.unwrap();
    }
    let known = known(db, &source).await;
    assert_eq!((known.version, known.prices.base().map(|one| one.minor)), (40, Some(100_000)));
    let newest: Vec<i64> = known.prices.points.iter().take(15).map(|one| one.version).collect();
    assert_eq!(newest, (26..=40).rev().collect::<Vec<_>>());
}

fn stale(source: &SourceId) -> StaleQuery {
    StaleQuery {
        source: source.clone(),
        site: "demo".into(),
        seen_before: at(1_000),
        seen_after: at(-1_000),
        spare_latest: false,
        asked_before: at(1_000),
        limit: 9,
    }
}

async fn reserved_is_not_gone_and_is_still_asked_about(db: &dyn Db) {
    let (source, epoch) = claimed_source(db, "a", "w").await;
    let mut reserved = listing("1", 1_000);
    db.record_matches(&batch(&source, epoch, vec![write(reserved.clone(), None)], 0))
        .await
        .unwrap();
    reserved.attributes.insert(STATE.into(), "reserved".into());
    let news = change(&reserved, ChangeKind::Reserved, 2, at(5));
    let batch = batch(&source, epoch, vec![write(reserved, Some(news))], 5);
    assert_eq!(db.record_matches(&batch).await.unwrap().new_changes, 1);
    let known = known(db, &source).await;
    assert_eq!((known.gone, known.version), (false, 2));
    assert_eq!(known.listing.attributes[STATE], "reserved");
    assert_eq!(db.stale_listings(&stale(&source)).await.unwrap().len(), 1);
}

async fn prices_of_an_own_page_are_the_same_history(db: &dyn Db) {
    let (source, epoch) = claimed_source(db, "a", "w").await;
    let first = write(listing("1", 1_000), None);
    db.record_matches(&batch(&source, epoch, vec![first], 0)).await.unwrap();
    let price = Money { minor: 100_000, currency: "EUR".into() };
    let held = Held { price, reads: 1, since: at(9), last: at(9) };
    let mut one = quiet(995, 2);
    one.price.held = Some(held.clone());
    let probes = magpie::store::ProbeBatch {
        asked: vec![magpie::store::Asked { id: "1".into(), missing: 0 }],
        matches: batch(&source, epoch, vec![one], 9),
    };
    db.record_probes(&probes).await.unwrap();
    let stale = db.stale_listings(&stale(&source)).await.unwrap().remove(0);
    assert_eq!(points(&stale.known), [(2, 995, false), (1, 1_000, true)]);
    assert_eq!(stale.known.prices.held, Some(held));
    assert_eq!(stale.known, known(db, &source).await);
}
