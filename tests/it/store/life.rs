//! Health, identity and retention.

use chrono::TimeDelta;
use magpie::domain::{Class, Verdict};
use magpie::store::{Committed, Db, DeliveryFilter};

use super::fixtures::*;

super::for_each_db!(a_ping_answers, the_identity_stays, pruning_keeps_what_is_young_or_open,);

async fn a_ping_answers(db: &dyn Db) {
    db.ping().await.unwrap();
    db.ping().await.unwrap();
}

async fn the_identity_stays(db: &dyn Db) {
    let identity = db.identity().await.unwrap();
    assert!(!identity.is_empty());
    db.ping().await.unwrap();
    assert_eq!(db.identity().await.unwrap(), identity);
}

async fn pruning_keeps_what_is_young_or_open(db: &dyn Db) {
    apply(db, &update(1, at(0), vec![])).await;
    let (id, epoch) = claimed_source(db, "a", "w").await;
    db.record_run(&run(&id, epoch, Verdict::Ok, at(0))).await.unwrap();
    let both = vec![message(Class::Alert, 1, "a", at(0)), message(Class::Alert, 1, "b", at(0))];
    enqueue(db, both.clone(), at(0)).await;
    let claimed = db.claim_deliveries(&claim_all("s", at(0))).await.unwrap();
    db.settle_deliveries(&[settlement(&claimed[0], sent())], at(0)).await.unwrap();
    let after = |days| at(60_000) + TimeDelta::days(days);
    assert_eq!(db.prune(after(13)).await.unwrap(), 0);
    assert_eq!(db.prune(after(14)).await.unwrap(), 1);
    let again = db.commit_update(&update(1, after(14), vec![])).await.unwrap();
    assert!(matches!(again, Committed::Applied { .. }));
    assert_eq!(db.prune(after(27)).await.unwrap(), 0);
    assert_eq!(db.prune(after(31)).await.unwrap(), 2, "the run and the second update");
    assert!(db.runs(&id, 9).await.unwrap().is_empty());
    assert_eq!(db.prune(after(181)).await.unwrap(), 1);
    let left = db.deliveries(&DeliveryFilter::default()).await.unwrap();
    assert_eq!(left.len(), 1);
    assert_eq!(left[0].new.id, both[1].id);
    assert_eq!(db.prune(after(181)).await.unwrap(), 0);
}
