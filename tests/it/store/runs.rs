//! Sources, their claims and what runs write.

use std::collections::HashSet;

use chrono::TimeDelta;
use magpie::domain::{ChangeKind, ChatId, Language, NewDelivery, UserId, Verdict};
use magpie::store::{Db, Effect, MatchBatch, Recorded, SourceFilter, SourceOrder, ViewRequest};

use super::fixtures::*;

super::for_each_db!(
    a_source_keeps_its_history_when_it_is_put_again,
    a_claim_moves_the_next_time_and_is_given_once,
    two_claimers_never_share_a_source,
    a_released_source_is_due_at_once,
    an_old_claim_writes_nothing,
    a_repeated_report_is_one_run,
    a_run_sets_health_and_validators,
    operators_pause_resume_and_hurry_a_source,
    a_removed_source_takes_its_watches_along,
    a_repeated_chunk_writes_nothing_new,
    a_change_updates_the_listing_and_its_version,
    a_listing_of_another_source_is_known_but_not_in_this_one,
    many_ids_are_looked_up_at_once,
    only_watches_that_may_be_told_are_found,
    the_sample_is_the_latest_three_that_are_there,
);

async fn a_source_keeps_its_history_when_it_is_put_again(db: &dyn Db) {
    let (id, epoch) = claimed_source(db, "a", "w").await;
    assert!(db.record_run(&run(&id, epoch, Verdict::Ok, at(10))).await.unwrap());
    let mut spec = spec("a");
    spec.title = "another title".into();
    spec.offered = false;
    db.put_sources(&[spec.clone()], at(20)).await.unwrap();
    let sources = db.sources(&SourceFilter::default()).await.unwrap();
    assert_eq!(sources.len(), 1);
    assert_eq!(sources[0].spec, spec);
    assert_eq!((sources[0].epoch, sources[0].verdict), (epoch, Some(Verdict::Ok)));
    let offered = SourceFilter { offered: true, ..SourceFilter::default() };
    assert!(db.sources(&offered).await.unwrap().is_empty());
    let other = SourceFilter { site: Some("other".into()), ..SourceFilter::default() };
    assert!(db.sources(&other).await.unwrap().is_empty());
}

async fn a_claim_moves_the_next_time_and_is_given_once(db: &dyn Db) {
    db.put_sources(&[spec("a")], at(0)).await.unwrap();
    assert!(db.claim_due_sources(&owner("w"), at(-1), 9).await.unwrap().is_empty());
    let first = db.claim_due_sources(&owner("w"), at(0), 9).await.unwrap();
    assert_eq!((first.len(), first[0].epoch), (1, 1));
    assert!(first[0].next_due_at > at(20_000), "{}", first[0].next_due_at);
    assert!(db.claim_due_sources(&owner("v"), at(200_000), 9).await.unwrap().is_empty());
}

async fn two_claimers_never_share_a_source(db: &dyn Db) {
    let specs: Vec<_> = (0..40).map(|i| spec(&i.to_string())).collect();
    db.put_sources(&specs, at(0)).await.unwrap();
    let claims = (0..16).map(|i| {
        let holder = owner(&format!("w{i}"));
        async move { db.claim_due_sources(&holder, at(0), 3).await.unwrap() }
    });
    let claimed: Vec<_> =
        futures_util::future::join_all(claims).await.into_iter().flatten().collect();
    let names: HashSet<_> = claimed.iter().map(|source| source.id.clone()).collect();
    assert_eq!((claimed.len(), names.len()), (40, 40));
}

async fn a_released_source_is_due_at_once(db: &dyn Db) {
    let (id, epoch) = claimed_source(db, "a", "w").await;
    db.release_source(&id, epoch, at(5)).await.unwrap();
    db.release_source(&id, epoch, at(5)).await.unwrap();
    let again = db.claim_due_sources(&owner("v"), at(5), 9).await.unwrap();
    assert_eq!((again.len(), again[0].epoch), (1, epoch + 1));
    // The old holder cannot release the new claim.
    db.release_source(&id, epoch, at(6)).await.unwrap();
    assert!(db.claim_due_sources(&owner("u"), at(6), 9).await.unwrap().is_empty());
}

async fn an_old_claim_writes_nothing(db: &dyn Db) {
    let (id, epoch) = claimed_source(db, "a", "w").await;
    db.bury_instance(&owner("w"), at(1)).await.unwrap();
    let late = chunk(&id, epoch, vec![write(listing("1", 100), None)]);
    assert!(db.record_matches(&late).await.unwrap().fenced);
    db.claim_due_sources(&owner("v"), at(1), 9).await.unwrap();
    assert!(!db.record_run(&run(&id, epoch, Verdict::Ok, at(2))).await.unwrap());
    assert!(db.record_matches(&late).await.unwrap().fenced);
    assert!(db.known_listings(&id, "demo", &["1".into()]).await.unwrap().is_empty());
    assert!(db.runs(&id, 9).await.unwrap().is_empty());
}

async fn a_repeated_report_is_one_run(db: &dyn Db) {
    let (id, epoch) = claimed_source(db, "a", "w").await;
    let report = run(&id, epoch, Verdict::Failed, at(10));
    assert!(db.record_run(&report).await.unwrap());
    assert!(db.record_run(&report).await.unwrap());
    assert_eq!(db.runs(&id, 9).await.unwrap(), vec![report]);
    assert_eq!(db.sources(&SourceFilter::default()).await.unwrap()[0].failures, 1);
}

async fn a_run_sets_health_and_validators(db: &dyn Db) {
    let (id, epoch) = claimed_source(db, "a", "w").await;
    let mut bad = run(&id, epoch, Verdict::Blocked, at(10));
    bad.etag = None;
    bad.error = Some("captcha".into());
    bad.next_due_at = Some(at(500));
    db.record_run(&bad).await.unwrap();
    let source = &db.sources(&SourceFilter::default()).await.unwrap()[0];
    assert_eq!((source.failures, source.baseline_done), (1, false));
    assert_eq!(source.next_due_at, at(500));
    assert_eq!(source.last_error.as_deref(), Some("captcha"));
    assert_eq!(source.last_count, None);
    let claimed = db.claim_due_sources(&owner("w"), at(500), 1).await.unwrap();
    let good = run(&id, claimed[0].epoch, Verdict::Ok, at(600));
    db.record_run(&good).await.unwrap();
    let source = &db.sources(&SourceFilter::default()).await.unwrap()[0];
    assert_eq!((source.failures, source.baseline_done), (0, true));
    assert_eq!(source.etag.as_deref(), Some("\"a\""));
    assert_eq!((source.last_count, source.last_run_at), (Some(3), Some(good.finished_at)));
    let far = source.next_due_at + TimeDelta::days(1);
    let claimed = db.claim_due_sources(&owner("w"), far, 1).await.unwrap();
    let mut same = run(&id, claimed[0].epoch, Verdict::Unchanged, far);
    same.etag = None;
    same.items = 0;
    db.record_run(&same).await.unwrap();
    let source = &db.sources(&SourceFilter::default()).await.unwrap()[0];
    assert_eq!((source.etag.as_deref(), source.last_count), (Some("\"a\""), Some(3)));
    assert_eq!(db.runs(&id, 2).await.unwrap(), vec![same, good]);
}

async fn operators_pause_resume_and_hurry_a_source(db: &dyn Db) {
    let (id, epoch) = claimed_source(db, "a", "w").await;
    db.record_run(&run(&id, epoch, Verdict::Ok, at(1))).await.unwrap();
    let order = |order| db.order_source(&id, order, at(10));
    let due = || async { db.claim_due_sources(&owner("v"), at(10), 9).await.unwrap().len() };
    assert_eq!(due().await, 0);
    assert!(order(SourceOrder::RunNow).await.unwrap());
    assert!(order(SourceOrder::Pause).await.unwrap());
    assert!(order(SourceOrder::Pause).await.unwrap());
    assert_eq!(due().await, 0);
    assert!(order(SourceOrder::Resume).await.unwrap());
    assert_eq!(due().await, 1);
    let unknown = spec("unknown").id();
    for what in [SourceOrder::Pause, SourceOrder::RunNow, SourceOrder::Remove] {
        assert!(!db.order_source(&unknown, what, at(10)).await.unwrap());
    }
}

async fn a_removed_source_takes_its_watches_along(db: &dyn Db) {
    db.put_sources(&[spec("a"), spec("b")], at(0)).await.unwrap();
    let (a, b) = (spec("a").id(), spec("b").id());
    let effects = vec![meet(1, 1), subscribe("wa", 1, 1, &a), subscribe("wb", 1, 1, &b)];
    apply(db, &update(1, at(0), effects)).await;
    assert!(db.order_source(&a, SourceOrder::Remove, at(1)).await.unwrap());
    assert!(!db.order_source(&a, SourceOrder::Remove, at(1)).await.unwrap());
    let watches = view(db, 1, 1).await.watches;
    assert_eq!(watches.len(), 1);
    assert_eq!(watches[0].sources, vec![b]);
}

fn chunk(
    source: &magpie::domain::SourceId,
    epoch: i64,
    listings: Vec<magpie::store::ListingWrite>,
) -> MatchBatch {
    MatchBatch {
        source: source.clone(),
        epoch,
        site: "demo".into(),
        listings,
        deliveries: vec![],
        run: None,
        now: at(100),
    }
}

async fn a_repeated_chunk_writes_nothing_new(db: &dyn Db) {
    let (id, epoch) = claimed_source(db, "a", "w").await;
    let new = listing("1", 100);
    let news = change(&new, ChangeKind::New, 1, at(100));
    let alert =
        NewDelivery::alert(ChatId(5), None, Language::En, news.id(), vec!["w".into()], at(100));
    let mut batch = chunk(&id, epoch, vec![write(new, Some(news)), write(listing("2", 5), None)]);
    batch.deliveries = vec![alert.clone()];
    let recorded = db.record_matches(&batch).await.unwrap();
    let expected = Recorded { fenced: false, new_listings: 2, new_changes: 1, new_deliveries: 1 };
    assert_eq!(recorded, expected);
    assert_eq!(db.record_matches(&batch).await.unwrap(), Recorded::default());
    batch.run = Some(run(&id, epoch, Verdict::Ok, at(100)));
    assert_eq!(db.record_matches(&batch).await.unwrap(), Recorded::default());
    assert_eq!(db.record_matches(&batch).await.unwrap(), Recorded::default());
    assert_eq!(db.runs(&id, 9).await.unwrap().len(), 1);
    let source = &db.sources(&SourceFilter::default()).await.unwrap()[0];
    assert!(source.baseline_done);
    let claimed = db.claim_deliveries(&claim_all("s", at(100))).await.unwrap();
    assert_eq!(claimed.len(), 1);
    assert_eq!(claimed[0].delivery.new, alert);
    assert_eq!(claimed[0].change.as_ref().map(|change| change.listing.id.as_str()), Some("1"));
}

async fn a_change_updates_the_listing_and_its_version(db: &dyn Db) {
    let (id, epoch) = claimed_source(db, "a", "w").await;
    let first = listing("1", 100);
    db.record_matches(&chunk(&id, epoch, vec![write(first, None)])).await.unwrap();
    let cheaper = listing("1", 90);
    let news = change(&cheaper, ChangeKind::PriceDown, 2, at(100));
    db.record_matches(&chunk(&id, epoch, vec![write(cheaper.clone(), Some(news))])).await.unwrap();
    let known = db.known_listings(&id, "demo", &["1".into(), "9".into()]).await.unwrap();
    assert_eq!(known.len(), 1);
    assert_eq!(known[0].listing, cheaper);
    assert_eq!((known[0].version, known[0].gone, known[0].in_source), (2, false, true));
    let gone = change(&cheaper, ChangeKind::Gone, 3, at(100));
    db.record_matches(&chunk(&id, epoch, vec![write(cheaper, Some(gone))])).await.unwrap();
    let known = db.known_listings(&id, "demo", &["1".into()]).await.unwrap();
    assert_eq!((known[0].version, known[0].gone), (3, true));
}

async fn a_listing_of_another_source_is_known_but_not_in_this_one(db: &dyn Db) {
    let (a, epoch) = claimed_source(db, "a", "w").await;
    db.record_matches(&chunk(&a, epoch, vec![write(listing("1", 1), None)])).await.unwrap();
    let other = spec("b").id();
    let known = db.known_listings(&other, "demo", &["1".into()]).await.unwrap();
    assert!(!known[0].in_source);
    assert!(db.known_listings(&other, "another site", &["1".into()]).await.unwrap().is_empty());
}

async fn many_ids_are_looked_up_at_once(db: &dyn Db) {
    let (id, epoch) = claimed_source(db, "a", "w").await;
    let ids: Vec<String> = (0..300).map(|i| i.to_string()).collect();
    let writes = ids.iter().map(|id| write(listing(id, 1), None)).collect();
    db.record_matches(&chunk(&id, epoch, writes)).await.unwrap();
    let known = db.known_listings(&id, "demo", &ids).await.unwrap();
    let found: HashSet<_> = known.iter().map(|known| known.listing.id.clone()).collect();
    assert_eq!((known.len(), found.len()), (300, 300));
    assert!(db.known_listings(&id, "demo", &[]).await.unwrap().is_empty());
}

async fn only_watches_that_may_be_told_are_found(db: &dyn Db) {
    db.put_sources(&[spec("a")], at(0)).await.unwrap();
    let source = spec("a").id();
    let effects = vec![
        meet(1, 1),
        meet(2, 2),
        subscribe("one", 1, 1, &source),
        subscribe("two", 2, 2, &source),
        Effect::SetLanguage { user: UserId(1), language: Language::Ru },
    ];
    apply(db, &update(1, at(0), effects)).await;
    let blocked = Effect::ChatActive {
        chat: ChatId(2),
        kind: magpie::domain::ChatKind::Private,
        active: false,
        at: at(5_000),
    };
    apply(db, &update(2, at(5_000), vec![blocked])).await;
    let watches = db.watches_of(&source).await.unwrap();
    assert_eq!(watches.len(), 1);
    assert_eq!((watches[0].user, watches[0].language), (UserId(1), Language::Ru));
    assert_eq!(watches[0].sources, vec![source]);
}

async fn the_sample_is_the_latest_three_that_are_there(db: &dyn Db) {
    let (id, epoch) = claimed_source(db, "a", "w").await;
    let older = ["1", "2"].map(|id| write(listing(id, 1), None)).to_vec();
    db.record_matches(&chunk(&id, epoch, older)).await.unwrap();
    let gone = listing("5", 1);
    let news = change(&gone, ChangeKind::Gone, 2, at(200));
    let mut newer = chunk(
        &id,
        epoch,
        vec![write(listing("3", 1), None), write(listing("4", 1), None), write(gone, Some(news))],
    );
    newer.now = at(200);
    db.record_matches(&newer).await.unwrap();
    let request = ViewRequest {
        chat: ChatId(1),
        thread: None,
        user: None,
        searches: true,
        sample_of: Some(id),
        about: None,
        why: false,
        saved: false,
        told: true,
        look: Default::default(),
    };
    let sample = db.load_view(&request).await.unwrap().sample;
    let ids: Vec<_> = sample.iter().map(|listing| listing.id.as_str()).collect();
    assert_eq!(ids, ["3", "4", "1"]);
}
