//! Old listings: who is asked about, and what is written about them.

use chrono::TimeDelta;
use magpie::domain::{ChangeKind, ChatId, Class, Language, NewDelivery, SourceId, Verdict};
use magpie::store::{Asked, Db, ListingWrite, MatchBatch, ProbeBatch, StaleListing, StaleQuery};

use super::fixtures::*;

super::for_each_db!(
    only_what_is_no_longer_shown_and_was_not_asked_about_is_stale,
    doubts_come_first_then_what_was_told_then_the_longest_unasked,
    being_shown_again_ends_a_doubt,
    what_a_source_showed_last_can_be_spared,
    a_proof_is_written_with_its_delivery_and_once,
    an_old_run_proves_nothing,
    a_listing_tells_which_sources_show_it,
    only_deliveries_that_were_not_given_up_count_as_told,
);

const DAY: i64 = 86_400_000;

fn query(source: &SourceId, limit: usize) -> StaleQuery {
    StaleQuery {
        source: source.clone(),
        site: "demo".into(),
        seen_before: at(DAY),
        seen_after: at(-DAY),
        spare_latest: false,
        asked_before: at(DAY),
        limit,
    }
}

/// A source that has shown listings at `at(0)`, in the order given; those with a change have one.
async fn shown(db: &dyn Db, ids: &[(&str, bool)]) -> (SourceId, i64) {
    let (id, epoch) = claimed_source(db, "a", "w").await;
    let writes: Vec<ListingWrite> = ids
        .iter()
        .map(|(name, told)| {
            let listing = listing(name, 100);
            let new = told.then(|| change(&listing, ChangeKind::New, 1, at(0)));
            write(listing, new)
        })
        .collect();
    record(db, &id, epoch, writes).await;
    (id, epoch)
}

async fn record(db: &dyn Db, source: &SourceId, epoch: i64, listings: Vec<ListingWrite>) {
    let batch = MatchBatch {
        run: Some(run(source, epoch, Verdict::Ok, at(0))),
        ..batch(source, epoch, listings, 0)
    };
    assert!(!db.record_matches(&batch).await.unwrap().fenced);
}

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

fn asked(source: &SourceId, epoch: i64, asked: &[(&str, i64)], ms: i64) -> ProbeBatch {
    let one = |(id, missing): &(&str, i64)| Asked { id: (*id).into(), missing: *missing };
    ProbeBatch { asked: asked.iter().map(one).collect(), matches: batch(source, epoch, vec![], ms) }
}

fn ids(stale: &[StaleListing]) -> Vec<&str> {
    stale.iter().map(|one| one.known.listing.id.as_str()).collect()
}

async fn stale_ids(db: &dyn Db, query: &StaleQuery) -> Vec<String> {
    let stale = db.stale_listings(query).await.unwrap();
    ids(&stale).into_iter().map(str::to_owned).collect()
}

async fn only_what_is_no_longer_shown_and_was_not_asked_about_is_stale(db: &dyn Db) {
    let (source, epoch) = shown(db, &[("a", false), ("b", false), ("c", false)]).await;
    let all = query(&source, 9);
    assert_eq!(stale_ids(db, &all).await, ["a", "b", "c"]);
    let seen_then = StaleQuery { seen_before: at(0), ..all.clone() };
    assert!(stale_ids(db, &seen_then).await.is_empty(), "shown just then");
    let forgotten = StaleQuery { seen_after: at(0), ..all.clone() };
    assert!(stale_ids(db, &forgotten).await.is_empty(), "shown too long ago");

    let now = at(2 * DAY);
    assert!(db.note_shown(&source, epoch, "demo", &["b".into(), "x".into()], now).await.unwrap());
    assert_eq!(stale_ids(db, &all).await, ["a", "c"]);
    db.record_probes(&asked(&source, epoch, &[("a", 0)], 2 * DAY)).await.unwrap();
    assert_eq!(stale_ids(db, &all).await, ["c"]);
    assert_eq!(stale_ids(db, &StaleQuery { site: "other".into(), ..all }).await.len(), 0);
}

async fn doubts_come_first_then_what_was_told_then_the_longest_unasked(db: &dyn Db) {
    let all = [("a", false), ("b", false), ("c", true), ("d", true), ("e", false)];
    let (source, epoch) = shown(db, &all).await;
    let first = asked(&source, epoch, &[("c", 0), ("a", 0)], 50);
    db.record_probes(&first).await.unwrap();
    // Asked just now, but in doubt.
    db.record_probes(&asked(&source, epoch, &[("e", 1)], 3 * DAY)).await.unwrap();
    assert_eq!(stale_ids(db, &query(&source, 9)).await, ["e", "d", "c", "b", "a"]);
    let two = db.stale_listings(&query(&source, 2)).await.unwrap();
    assert_eq!((ids(&two), two[0].missing, two[1].missing), (vec!["e", "d"], 1, 0));
    assert_eq!((two[0].events.len(), two[1].events.len()), (0, 1));
}

async fn being_shown_again_ends_a_doubt(db: &dyn Db) {
    let (source, epoch) = shown(db, &[("a", false), ("b", false)]).await;
    db.record_probes(&asked(&source, epoch, &[("a", 1)], 10)).await.unwrap();
    assert!(db.note_shown(&source, epoch, "demo", &["a".into()], at(20)).await.unwrap());
    let stale = db.stale_listings(&query(&source, 9)).await.unwrap();
    assert_eq!((ids(&stale), stale[1].missing), (vec!["b", "a"], 0));
}

async fn what_a_source_showed_last_can_be_spared(db: &dyn Db) {
    let (source, epoch) = shown(db, &[("a", false), ("b", false)]).await;
    let spare = StaleQuery { spare_latest: true, ..query(&source, 9) };
    assert!(stale_ids(db, &spare).await.is_empty());
    db.note_shown(&source, epoch, "demo", &["b".into()], at(10)).await.unwrap();
    assert_eq!(stale_ids(db, &spare).await, ["a"]);
}

async fn a_proof_is_written_with_its_delivery_and_once(db: &dyn Db) {
    let (source, epoch) = shown(db, &[("a", true)]).await;
    let mut sold = listing("a", 100);
    sold.attributes.insert("state".into(), "sold".into());
    let gone = change(&sold, ChangeKind::Gone, 2, at(9));
    let alert =
        NewDelivery::alert(ChatId(7), None, Language::En, gone.id(), vec!["w".into()], at(9));
    let mut proof = asked(&source, epoch, &[("a", 0)], 9);
    proof.matches.listings.push(write(sold, Some(gone)));
    proof.matches.deliveries.push(alert.clone());
    let done = db.record_probes(&proof).await.unwrap();
    assert_eq!((done.new_listings, done.new_changes, done.new_deliveries), (0, 1, 1));
    let again = db.record_probes(&proof).await.unwrap();
    assert_eq!((again.fenced, again.new_changes, again.new_deliveries), (false, 0, 0));

    let known = db.known_listings(&source, "demo", &["a".into()]).await.unwrap();
    assert_eq!((known[0].gone, known[0].version, known[0].in_source), (true, 2, true));
    assert_eq!(known[0].listing.attributes["state"], "sold");
    assert!(stale_ids(db, &query(&source, 9)).await.is_empty(), "nobody asks about it again");
    let claimed = db.claim_deliveries(&claim_all("s", at(DAY))).await.unwrap();
    assert_eq!(claimed.len(), 1);
    assert_eq!(claimed[0].delivery.new.id, alert.id);
}

async fn an_old_run_proves_nothing(db: &dyn Db) {
    let (source, epoch) = shown(db, &[("a", false)]).await;
    let far = at(0) + TimeDelta::days(1);
    let newer = db.claim_due_sources(&owner("v"), far, 9).await.unwrap();
    assert_eq!(newer[0].epoch, epoch + 1);
    assert!(!db.note_shown(&source, epoch, "demo", &["a".into()], far).await.unwrap());
    assert!(db.record_probes(&asked(&source, epoch, &[("a", 1)], 5)).await.unwrap().fenced);
    let stale = db.stale_listings(&query(&source, 9)).await.unwrap();
    assert_eq!((stale.len(), stale[0].missing), (1, 0));
    // The newer run may, while its claim is held and after it.
    let late = asked(&source, epoch + 1, &[("a", 1)], 5);
    assert!(!db.record_probes(&late).await.unwrap().fenced);
    let unknown = SourceId("no such source".into());
    assert!(db.record_probes(&asked(&unknown, 1, &[], 5)).await.unwrap().fenced);
}

async fn a_listing_tells_which_sources_show_it(db: &dyn Db) {
    let (one, epoch) = shown(db, &[("a", false)]).await;
    let (two, other_epoch) = claimed_source(db, "b", "w").await;
    record(db, &two, other_epoch, vec![write(listing("a", 100), None)]).await;
    let mut both = vec![one.clone(), two];
    both.sort();
    let stale = db.stale_listings(&query(&one, 9)).await.unwrap();
    assert_eq!((stale.len(), &stale[0].shown_in), (1, &both));
    // While one of them shows it, nobody asks about it.
    assert!(db.note_shown(&both[0], epoch, "demo", &["a".into()], at(2 * DAY)).await.unwrap());
    assert!(stale_ids(db, &query(&both[1], 9)).await.is_empty());
    assert!(stale_ids(db, &query(&both[0], 9)).await.is_empty());
    // What one's own page told does not mean that a search shows it.
    let mut proof = asked(&one, epoch, &[("a", 0)], 4 * DAY);
    proof.matches.listings.push(write(listing("a", 90), None));
    db.record_probes(&proof).await.unwrap();
    let unasked =
        StaleQuery { seen_before: at(3 * DAY), asked_before: at(9 * DAY), ..query(&one, 9) };
    assert_eq!(stale_ids(db, &unasked).await, ["a"]);
}

async fn only_deliveries_that_were_not_given_up_count_as_told(db: &dyn Db) {
    let all: Vec<NewDelivery> =
        (1..=3).map(|chat| message(Class::Alert, chat, "x", at(0))).collect();
    enqueue(db, all.clone(), at(0)).await;
    assert!(db.discard_delivery(&all[1].id, at(1)).await.unwrap());
    let other = message(Class::Alert, 9, "y", at(0));
    let mut names: Vec<_> = all.iter().map(|one| one.id.clone()).collect();
    names.push(other.id);
    let mut told = db.told(&names).await.unwrap();
    told.sort();
    let mut expected = vec![all[0].id.clone(), all[2].id.clone()];
    expected.sort();
    assert_eq!(told, expected);
    assert_eq!(db.told(&[]).await.unwrap(), []);
}
