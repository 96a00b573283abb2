//! Versions of field maps: at most one open and one active per site, decisions with their audit.

use magpie::domain::Class;
use magpie::store::{Db, Decision, DeliveryFilter, ModuleState, ModuleVersion, NewModule};

use super::fixtures::*;

super::for_each_db!(
    one_proposal_at_a_time_and_the_refused_one_never_again,
    a_report_counts_once_and_its_notice_goes_with_it,
    approving_retires_the_former_one_and_rolling_back_returns_it,
    decisions_make_the_sources_of_the_site_due,
    the_last_shown_listings_come_newest_first,
);

fn module(toml: &str) -> NewModule {
    NewModule {
        site: "demo".into(),
        toml: toml.into(),
        base: "b".into(),
        origin: "repair".into(),
        report: "{}".into(),
    }
}

async fn version(db: &dyn Db, number: i64) -> ModuleVersion {
    let all = db.module_versions(Some("demo")).await.unwrap();
    all.into_iter().find(|one| one.version == number).unwrap()
}

/// Brings a version to the operator.
async fn proposed(db: &dyn Db, toml: &str, at_ms: i64) -> i64 {
    let number = db.propose_module(&module(toml), at(at_ms)).await.unwrap().unwrap();
    let seen = version(db, number).await;
    let state = ModuleState::Proposed;
    assert!(db.report_module(&seen, "{\"n\":2}", state, &[], at(at_ms)).await.unwrap());
    number
}

async fn states(db: &dyn Db) -> Vec<(i64, ModuleState)> {
    let all = db.module_versions(None).await.unwrap();
    all.iter().map(|one| (one.version, one.state)).collect()
}

async fn one_proposal_at_a_time_and_the_refused_one_never_again(db: &dyn Db) {
    let before = db.modules_revision().await.unwrap();
    let one = db.propose_module(&module("a"), at(0)).await.unwrap();
    assert_eq!(one, Some(1));
    assert_ne!(db.modules_revision().await.unwrap(), before);
    assert_eq!(db.propose_module(&module("b"), at(1)).await.unwrap(), None, "one is open");
    let other = NewModule { site: "other".into(), ..module("a") };
    assert_eq!(db.propose_module(&other, at(1)).await.unwrap(), Some(1), "another site");
    let seen = version(db, 1).await;
    assert!(!db.decide_module("demo", Decision::Approve(1), "me", at(2)).await.unwrap());
    assert!(db.report_module(&seen, "{}", ModuleState::Withdrawn, &[], at(2)).await.unwrap());
    assert_eq!(db.propose_module(&module("a"), at(3)).await.unwrap(), None, "it failed before");
    assert_eq!(db.propose_module(&module("b"), at(3)).await.unwrap(), Some(2));
}

async fn a_report_counts_once_and_its_notice_goes_with_it(db: &dyn Db) {
    db.propose_module(&module("a"), at(0)).await.unwrap();
    let seen = version(db, 1).await;
    let told = [message(Class::Support, 7, "module/demo/1", at(1))];
    let state = ModuleState::Proposed;
    assert!(db.report_module(&seen, "{\"n\":1}", state, &told, at(1)).await.unwrap());
    assert!(!db.report_module(&seen, "{\"n\":1}", state, &told, at(1)).await.unwrap());
    let now = version(db, 1).await;
    assert_eq!((now.state, now.new.report.as_str()), (ModuleState::Proposed, "{\"n\":1}"));
    assert_eq!(db.deliveries(&DeliveryFilter::default()).await.unwrap().len(), 1);
}

async fn approving_retires_the_former_one_and_rolling_back_returns_it(db: &dyn Db) {
    let by = "me";
    for (number, toml) in [(1, "a"), (2, "b")] {
        assert_eq!(proposed(db, toml, number * 10).await, number);
        let decision = Decision::Approve(number);
        assert!(db.decide_module("demo", decision, by, at(number * 10 + 1)).await.unwrap());
        assert!(!db.decide_module("demo", decision, by, at(number * 10 + 2)).await.unwrap());
    }
    assert_eq!(states(db).await, [(2, ModuleState::Active), (1, ModuleState::Retired)]);
    let revision = db.modules_revision().await.unwrap();
    assert!(db.decide_module("demo", Decision::RollBack, by, at(40)).await.unwrap());
    assert_ne!(db.modules_revision().await.unwrap(), revision);
    assert_eq!(states(db).await, [(2, ModuleState::Retired), (1, ModuleState::Active)]);
    assert!(db.decide_module("demo", Decision::RollBack, by, at(41)).await.unwrap());
    assert_eq!(states(db).await, [(2, ModuleState::Retired), (1, ModuleState::Retired)]);
    assert!(!db.decide_module("demo", Decision::RollBack, by, at(42)).await.unwrap());
    assert_eq!(version(db, 1).await.decided_by.as_deref(), Some("me"));
}

async fn decisions_make_the_sources_of_the_site_due(db: &dyn Db) {
    let (id, epoch) = claimed_source(db, "a", "w").await;
    db.release_source(&id, epoch, at(900_000)).await.unwrap();
    proposed(db, "a", 10).await;
    assert!(db.decide_module("demo", Decision::Approve(1), "me", at(20)).await.unwrap());
    assert_eq!(db.claim_due_sources(&owner("w"), at(20), 9).await.unwrap().len(), 1);
    proposed(db, "b", 30).await;
    assert!(db.decide_module("demo", Decision::Reject(2), "me", at(31)).await.unwrap());
    assert_eq!(states(db).await, [(2, ModuleState::Rejected), (1, ModuleState::Active)]);
}

async fn the_last_shown_listings_come_newest_first(db: &dyn Db) {
    let (id, epoch) = claimed_source(db, "a", "w").await;
    let write = |name: &str| magpie::store::ListingWrite {
        listing: listing(name, 100),
        fingerprint: 1,
        change: None,
        price: Default::default(),
    };
    for (names, ms) in [(["old", "older"], 1), (["new", "newer"], 2)] {
        let batch = magpie::store::MatchBatch {
            source: id.clone(),
            epoch,
            site: "demo".into(),
            listings: names.iter().map(|name| write(name)).collect(),
            deliveries: vec![],
            run: None,
            now: at(ms),
        };
        db.record_matches(&batch).await.unwrap();
    }
    let shown = db.last_shown(&id, 3).await.unwrap();
    let ids: Vec<&str> = shown.iter().map(|listing| listing.id.as_str()).collect();
    assert_eq!(ids, ["new", "newer", "old"]);
}
