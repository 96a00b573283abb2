//! What the match index follows: the log of watches, and the watches behind it.

use chrono::TimeDelta;
use magpie::domain::{ChangeKind, ChatId, ChatKind, UserId, WatchId};
use magpie::store::{Db, Effect, MatchBatch, SourceOrder, WatchNews};

use super::fixtures::*;

super::for_each_db!(
    every_change_of_a_watch_is_in_the_log,
    a_follower_that_is_too_far_behind_is_told_so,
    the_log_is_pruned_after_a_day_but_for_its_last_entry,
    pages_name_every_watch_once,
    the_named_watches_are_those_that_may_be_told,
    a_removed_source_takes_its_watches_out,
    only_searches_with_a_baseline_show_a_listing,
);

async fn news(db: &dyn Db, seq: i64) -> WatchNews {
    db.watches_changed_since(seq, 100).await.unwrap().unwrap()
}

fn ids(names: &[&str]) -> Vec<WatchId> {
    names.iter().map(|name| WatchId((*name).into())).collect()
}

fn present(news: &WatchNews) -> Vec<WatchId> {
    news.present.iter().map(|spec| spec.id.clone()).collect()
}

fn end(watch: &str, user: i64) -> Effect {
    Effect::Unsubscribe { watch: WatchId(watch.into()), user: UserId(user) }
}

async fn every_change_of_a_watch_is_in_the_log(db: &dyn Db) {
    assert_eq!(db.watch_head().await.unwrap(), 0);
    assert_eq!(news(db, 0).await, WatchNews::default());
    db.put_sources(&[spec("a"), spec("b")], at(0)).await.unwrap();
    let (a, b) = (spec("a").id(), spec("b").id());
    let made = vec![subscribe("w", 1, 1, &a), subscribe("v", 2, -2, &b)];
    apply(db, &update(1, at(0), made)).await;
    let first = news(db, 0).await;
    assert_eq!((present(&first), first.gone.len()), (ids(&["v", "w"]), 0));
    assert_eq!(first.present[0].sources, std::slice::from_ref(&b));
    assert_eq!((first.upto, first.more), (db.watch_head().await.unwrap(), false));

    // Subscribing again to what is watched changes nothing; moving a group writes its watches.
    apply(db, &update(2, at(0), vec![subscribe("other", 1, 1, &a)])).await;
    let moved = Effect::MigrateChat { from: ChatId(-2), to: ChatId(-1002) };
    apply(db, &update(3, at(0), vec![moved])).await;
    let second = news(db, first.upto).await;
    assert_eq!(present(&second), ids(&["v"]));

    apply(db, &update(4, at(0), vec![end("w", 2), end("w", 1), end("w", 1)])).await;
    let third = news(db, second.upto).await;
    assert_eq!((present(&third), third.gone.clone()), (vec![], ids(&["w"])));
    let steps = db.watches_changed_since(0, 1).await.unwrap().unwrap();
    assert_eq!((steps.upto, steps.more), (1, true));
    assert_eq!(steps.gone, ids(&["w"]), "an entry names a watch; its state is the present one");
}

async fn a_follower_that_is_too_far_behind_is_told_so(db: &dyn Db) {
    db.put_sources(&[spec("a")], at(0)).await.unwrap();
    let source = spec("a").id();
    for (number, name) in (1..).zip(["one", "two", "three"]) {
        let made = vec![subscribe(name, number, number, &source)];
        apply(db, &update(number, at(0) + TimeDelta::hours(20 * number), made)).await;
    }
    assert_eq!(db.watch_head().await.unwrap(), 3);
    assert!(db.watches_changed_since(0, 9).await.unwrap().is_some());
    db.prune(at(0) + TimeDelta::hours(60)).await.unwrap();
    assert_eq!(db.watches_changed_since(0, 9).await.unwrap(), None);
    assert_eq!(present(&news(db, 1).await), ids(&["three", "two"]));
    // Ahead of the log: the record was put back to an earlier state.
    assert_eq!(db.watches_changed_since(4, 9).await.unwrap(), None);
}

async fn the_log_is_pruned_after_a_day_but_for_its_last_entry(db: &dyn Db) {
    db.put_sources(&[spec("a")], at(0)).await.unwrap();
    let source = spec("a").id();
    let made = vec![subscribe("one", 1, 1, &source), subscribe("two", 2, 2, &source)];
    apply(db, &update(1, at(0), made)).await;
    assert_eq!(db.prune(at(0) + TimeDelta::hours(23)).await.unwrap(), 0);
    assert_eq!(db.prune(at(0) + TimeDelta::hours(25)).await.unwrap(), 1);
    assert_eq!(db.watch_head().await.unwrap(), 2);
    let late = at(0) + TimeDelta::hours(25);
    apply(db, &update(2, late, vec![subscribe("three", 3, 3, &source)])).await;
    assert_eq!(present(&news(db, 2).await), ids(&["three"]));
}

async fn pages_name_every_watch_once(db: &dyn Db) {
    db.put_sources(&[spec("a")], at(0)).await.unwrap();
    let source = spec("a").id();
    let made = (1..=5).map(|n| subscribe(&format!("w{n}"), n, n, &source)).collect();
    apply(db, &update(1, at(0), made)).await;
    let mut all = Vec::new();
    loop {
        let page = db.watches_page(all.last(), 2).await.unwrap();
        if page.is_empty() {
            break;
        }
        assert!(page.len() <= 2 && page.iter().all(|one| one.sources == [source.clone()]));
        all.extend(page.into_iter().map(|spec| spec.id));
    }
    assert_eq!(all, ids(&["w1", "w2", "w3", "w4", "w5"]));
}

async fn the_named_watches_are_those_that_may_be_told(db: &dyn Db) {
    db.put_sources(&[spec("a")], at(0)).await.unwrap();
    let source = spec("a").id();
    let made = (1..=70).map(|n| subscribe(&format!("w{n:02}"), n, n, &source)).collect();
    apply(db, &update(1, at(0), made)).await;
    let blocked =
        Effect::ChatActive { chat: ChatId(2), kind: ChatKind::Private, active: false, at: at(1) };
    apply(db, &update(2, at(2), vec![blocked, end("w03", 3)])).await;
    let asked: Vec<WatchId> = (0..=70).rev().map(|n| WatchId(format!("w{n:02}"))).collect();
    let told = db.watches_by_id(&asked).await.unwrap();
    let wanted: Vec<WatchId> =
        db.watches_of(&source).await.unwrap().into_iter().map(|w| w.id).collect();
    assert_eq!(told.iter().map(|watch| watch.id.clone()).collect::<Vec<_>>(), wanted);
    assert_eq!(told.len(), 68);
    assert_eq!(db.few_watches_of(&source, 69).await.unwrap().map(|all| all.len()), Some(68));
    assert_eq!(db.few_watches_of(&source, 68).await.unwrap(), None);
    assert!(db.watches_by_id(&[]).await.unwrap().is_empty());
    assert!(db.is_watched(&source).await.unwrap());
    assert!(!db.is_watched(&spec("b").id()).await.unwrap());
    apply(db, &update(3, at(3), vec![subscribe("z", 2, 2, &spec("b").id())])).await;
    assert!(!db.is_watched(&spec("b").id()).await.unwrap(), "their chat is blocked");
}

async fn a_removed_source_takes_its_watches_out(db: &dyn Db) {
    db.put_sources(&[spec("a"), spec("b")], at(0)).await.unwrap();
    let made = vec![subscribe("w", 1, 1, &spec("a").id()), subscribe("v", 1, 1, &spec("b").id())];
    apply(db, &update(1, at(0), made)).await;
    let before = db.watch_head().await.unwrap();
    assert!(db.order_source(&spec("a").id(), SourceOrder::Remove, at(5)).await.unwrap());
    let after = news(db, before).await;
    assert_eq!((present(&after), after.gone), (vec![], ids(&["w"])));
}

async fn only_searches_with_a_baseline_show_a_listing(db: &dyn Db) {
    let (source, epoch) = claimed_source(db, "a", "one").await;
    let listing = listing("x", 100);
    let news = change(&listing, ChangeKind::New, 1, at(0));
    let batch = |run| MatchBatch {
        source: source.clone(),
        epoch,
        site: "demo".into(),
        listings: vec![write(listing.clone(), Some(news.clone()))],
        deliveries: vec![],
        run,
        now: at(0),
    };
    let asked = ["x".to_owned(), "y".to_owned()];
    db.record_matches(&batch(None)).await.unwrap();
    assert!(db.shown_by("demo", &asked).await.unwrap().is_empty(), "before the first good run");
    let good = run(&source, epoch, magpie::domain::Verdict::Ok, at(1));
    db.record_matches(&batch(Some(good))).await.unwrap();
    let shown = db.shown_by("demo", &asked).await.unwrap();
    assert_eq!(shown.len(), 1);
    assert_eq!((shown[0].listing.as_str(), &shown[0].source), ("x", &source));
    assert!(db.shown_by("elsewhere", &asked).await.unwrap().is_empty());
    assert!(db.shown_by("demo", &[]).await.unwrap().is_empty());
}
