use chrono::{DateTime, Utc};
use sites::Listing;

use super::*;
use crate::domain::pace::Limits;
use crate::domain::{ChatId, Filter, Language, OwnerId, UserId};
use crate::store::scratch::scratch;
use crate::store::{Committed, Effect, FeedRecord as _, UpdateCommit};

fn source() -> SourceId {
    SourceId("s".into())
}

async fn commit(db: &dyn Db, update: i64, effects: Vec<Effect>) {
    let commit = UpdateCommit {
        bot: 1,
        update,
        kind: "message".into(),
        received_at: DateTime::<Utc>::UNIX_EPOCH + chrono::TimeDelta::hours(update),
        dialogue: None,
        effects,
        replies: vec![],
        owner: OwnerId("bot".into()),
        limits: Limits::OFF,
        dues: Default::default(),
    };
    let done = db.commit_update(&commit).await.unwrap();
    assert!(matches!(done, Committed::Applied { .. }), "{done:?}");
}

fn subscribe(number: i64, filter: Filter) -> Effect {
    Effect::Subscribe {
        watch: WatchId(format!("w{number:05}")),
        user: UserId(number),
        chat: ChatId(number),
        thread: None,
        source: source(),
        name: "Bikes".into(),
        filter,
        language: Language::En,
    }
}

fn end(number: i64) -> Effect {
    Effect::Unsubscribe { watch: WatchId(format!("w{number:05}")), user: UserId(number) }
}

fn wanting(index: &LiveIndex, title: &str) -> Vec<String> {
    let listing = Listing::new("1", "https://example.com/1", title);
    let facts = Facts::new("demo", &listing);
    let found = index.matches(&facts, &[source()], &[ChangeKind::New]);
    let mut found: Vec<String> = found.into_iter().map(|id| id.0).collect();
    found.sort();
    found
}

#[tokio::test]
async fn what_is_committed_before_it_follows_is_in_the_index() {
    let (db, index) = (scratch().await, LiveIndex::default());
    let red = Filter { any_words: vec!["red".into()], ..Filter::default() };
    commit(&*db, 1, vec![subscribe(1, red), subscribe(2, Filter::default())]).await;
    index.follow(&*db).await.unwrap();
    assert_eq!(wanting(&index, "Red bike"), ["w00001", "w00002"]);
    assert_eq!(wanting(&index, "Blue bike"), ["w00002"]);

    commit(&*db, 2, vec![end(2), subscribe(3, Filter::default())]).await;
    assert_eq!(wanting(&index, "Blue bike"), ["w00002"], "nobody has followed yet");
    index.follow(&*db).await.unwrap();
    assert_eq!(wanting(&index, "Blue bike"), ["w00003"]);
    assert_eq!((index.len(), index.is_empty()), (2, false));
}

#[tokio::test]
async fn a_log_that_does_not_reach_back_means_that_all_is_read_anew() {
    let (db, index) = (scratch().await, LiveIndex::default());
    commit(&*db, 1, vec![subscribe(1, Filter::default()), subscribe(2, Filter::default())]).await;
    index.follow(&*db).await.unwrap();
    commit(&*db, 2, vec![end(1)]).await;
    commit(&*db, 50, vec![subscribe(3, Filter::default())]).await;
    commit(&*db, 51, vec![subscribe(4, Filter::default())]).await;
    db.prune(DateTime::<Utc>::UNIX_EPOCH + chrono::TimeDelta::hours(60)).await.unwrap();
    assert_eq!(db.watches_changed_since(2, 9).await.unwrap(), None);
    index.follow(&*db).await.unwrap();
    assert_eq!(wanting(&index, "Bike"), ["w00002", "w00003", "w00004"]);
}

#[tokio::test]
async fn many_pages_and_many_entries_are_all_read() {
    let (db, index) = (scratch().await, LiveIndex::default());
    let count = i64::try_from(PAGE).unwrap() + 1;
    commit(&*db, 1, (0..count).map(|n| subscribe(n, Filter::default())).collect()).await;
    index.follow(&*db).await.unwrap();
    assert_eq!(wanting(&index, "Bike").len(), PAGE + 1);
    commit(&*db, 2, (0..count).map(end).collect()).await;
    index.follow(&*db).await.unwrap();
    assert!(index.is_empty());
}

#[tokio::test]
async fn an_index_that_was_left_in_the_middle_of_a_change_is_loaded_anew() {
    let (db, index) = (scratch().await, LiveIndex::default());
    commit(&*db, 1, vec![subscribe(1, Filter::default())]).await;
    index.follow(&*db).await.unwrap();
    let broken = std::panic::catch_unwind(AssertUnwindSafe(|| {
        index.change(|index| {
            index.remove(&WatchId("w00001".into()));
            panic!("in the middle");
        });
    }));
    assert!(broken.is_err());
    assert!(index.is_up_to_date(&*db, Duration::from_secs(10)).await);
    assert_eq!(wanting(&index, "Bike"), ["w00001"]);
}

#[tokio::test]
async fn nobody_waits_for_ever_for_an_index_that_is_being_loaded() {
    let (db, index) = (scratch().await, LiveIndex::default());
    let held = index.place.lock().await;
    assert!(!index.is_up_to_date(&*db, Duration::from_millis(1)).await);
    drop(held);
    assert!(index.is_up_to_date(&*db, Duration::from_secs(10)).await);
}
