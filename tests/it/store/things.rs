//! Identity in the record: sketches, buckets, links.

use magpie::domain::ChangeKind;
use magpie::domain::identity::Traits;
use magpie::store::{Db, MatchBatch, SameLink, Sketched};
use sites::{Area, Kind, Listing, ListingKey};

use super::fixtures::*;

super::for_each_db!(
    a_sketch_is_found_by_its_buckets_with_what_is_known_now,
    a_later_sketch_replaces_the_earlier_one,
    a_bucket_stays_small_and_keeps_the_latest,
    linked_listings_are_one_thing_until_they_are_split,
    links_of_unrecorded_listings_are_ignored,
    old_sketches_are_pruned,
);

const DAY: i64 = 86_400_000;

fn key(id: &str) -> ListingKey {
    ListingKey { site: "demo".into(), id: id.into() }
}

fn flat(id: &str) -> Listing {
    Listing {
        area: Some(Area(61.5)),
        location: Some("Lviv, Halytskyi".into()),
        title: format!("Flat number{id} at the square"),
        ..listing(id, 9_000_000)
    }
}

fn sketch(listing: &Listing) -> Sketched {
    Sketched { key: key(&listing.id), traits: Traits::of(Some(Kind::Home), listing) }
}

/// Records flats of these ids; with a change where told.
async fn recorded(db: &dyn Db, ids: &[&str]) {
    recorded_at(db, ids, 0).await;
}

async fn recorded_at(db: &dyn Db, ids: &[&str], ms: i64) {
    let (source, epoch) = claimed_source(db, "a", "w").await;
    let write_one = |id: &&str| {
        let listing = flat(id);
        let new = change(&listing, ChangeKind::New, 1, at(0));
        write(listing, Some(new))
    };
    let batch = MatchBatch {
        source,
        epoch,
        site: "demo".into(),
        listings: ids.iter().map(write_one).collect(),
        deliveries: vec![],
        run: None,
        now: at(ms),
    };
    assert!(!db.record_matches(&batch).await.unwrap().fenced);
}

async fn note(db: &dyn Db, ids: &[&str], ms: i64) {
    let sketches: Vec<Sketched> = ids.iter().map(|id| sketch(&flat(id))).collect();
    db.note_things(&sketches, &[], at(ms)).await.unwrap();
}

async fn found(db: &dyn Db, buckets: &[String]) -> Vec<String> {
    db.candidates(buckets).await.unwrap().into_iter().map(|one| one.key.id).collect()
}

async fn a_sketch_is_found_by_its_buckets_with_what_is_known_now(db: &dyn Db) {
    recorded(db, &["a", "b"]).await;
    note(db, &["a", "b"], 0).await;
    note(db, &["a"], 0).await;
    let names = sketch(&flat("a")).traits.neighbours();
    let all = db.candidates(&names).await.unwrap();
    assert_eq!(all.iter().map(|one| one.key.id.as_str()).collect::<Vec<_>>(), ["a", "b"]);
    assert_eq!(all[0].traits, sketch(&flat("a")).traits);
    assert_eq!((all[0].gone, &all[0].thing), (false, &None));
    assert_eq!(found(db, &["h/elsewhere/30".into()]).await, Vec::<String>::new());
    assert_eq!(found(db, &[]).await, Vec::<String>::new());
    // What is only sketched and was never recorded is no candidate.
    note(db, &["c"], 0).await;
    assert_eq!(found(db, &names).await, ["a", "b"]);
}

async fn a_later_sketch_replaces_the_earlier_one(db: &dyn Db) {
    recorded(db, &["a"]).await;
    note(db, &["a"], 0).await;
    let moved = Listing { location: Some("Odesa".into()), ..flat("a") };
    db.note_things(&[sketch(&moved)], &[], at(1)).await.unwrap();
    let place = |name: &&String| name.contains("lviv") || name.contains("halytskyi");
    let before: Vec<String> =
        sketch(&flat("a")).traits.buckets().iter().filter(place).cloned().collect();
    assert!(!before.is_empty());
    assert_eq!(found(db, &before).await, Vec::<String>::new());
    assert_eq!(found(db, &sketch(&moved).traits.buckets()).await, ["a"]);
}

async fn a_bucket_stays_small_and_keeps_the_latest(db: &dyn Db) {
    let ids: Vec<String> = (100..160).map(|number| number.to_string()).collect();
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    recorded(db, &ids).await;
    for (at, id) in ids.iter().enumerate() {
        note(db, &[id], i64::try_from(at).unwrap()).await;
    }
    let names = sketch(&flat("100")).traits.buckets();
    let place: Vec<String> = names.into_iter().filter(|name| name.contains("lviv")).collect();
    assert_eq!(found(db, &place).await, ids[20..].to_vec());
}

async fn linked_listings_are_one_thing_until_they_are_split(db: &dyn Db) {
    recorded(db, &["a", "b", "c"]).await;
    note(db, &["a", "b", "c"], 0).await;
    let link = |new: &str, known: &str| SameLink { new: key(new), known: key(known) };
    for _ in 0..2 {
        db.note_things(&[], &[link("b", "a"), link("c", "b")], at(1)).await.unwrap();
    }
    let ids = |members: Vec<magpie::store::Member>| -> Vec<String> {
        members.into_iter().map(|member| member.key.id).collect()
    };
    let members = db.thing_of(&key("b")).await.unwrap();
    assert_eq!(members[0].events, [change(&flat("a"), ChangeKind::New, 1, at(0)).id()]);
    assert_eq!((members[0].version, members[0].gone), (1, false));
    assert_eq!(ids(members), ["a", "b", "c"]);
    let things = db.candidates(&sketch(&flat("a")).traits.buckets()).await.unwrap();
    assert!(things.iter().all(|one| one.thing.as_deref() == Some("demo/a")));

    assert!(db.split_thing(&key("a")).await.unwrap());
    assert_eq!(ids(db.thing_of(&key("a")).await.unwrap()), ["a"]);
    assert_eq!(ids(db.thing_of(&key("b")).await.unwrap()), ["b", "c"]);
    assert!(db.split_thing(&key("b")).await.unwrap());
    assert_eq!(ids(db.thing_of(&key("c")).await.unwrap()), ["c"]);
    assert!(!db.split_thing(&key("c")).await.unwrap(), "one alone is no thing");
    assert!(!db.split_thing(&key("unknown")).await.unwrap());
}

async fn links_of_unrecorded_listings_are_ignored(db: &dyn Db) {
    recorded(db, &["a"]).await;
    let link = SameLink { new: key("b"), known: key("a") };
    db.note_things(&[], &[link], at(1)).await.unwrap();
    assert_eq!(db.thing_of(&key("a")).await.unwrap().len(), 1);
    assert!(!db.split_thing(&key("a")).await.unwrap());
    assert_eq!(db.thing_of(&key("b")).await.unwrap(), []);
}

async fn old_sketches_are_pruned(db: &dyn Db) {
    recorded_at(db, &["a", "b"], 90 * DAY).await;
    note(db, &["a"], 0).await;
    note(db, &["b"], 90 * DAY).await;
    db.prune(at(181 * DAY)).await.unwrap();
    assert_eq!(found(db, &sketch(&flat("b")).traits.buckets()).await, ["b"]);
}
