//! What searches found lately, and watches that are shared by a link.

use chrono::{DateTime, TimeDelta, Utc};
use magpie::domain::watch::{NewWatch, Sample, WatchOrder, Who};
use magpie::domain::{ChatId, Filter, Language, SourceId, UserId, Verdict, WatchId};
use magpie::store::{
    Committed, Db, Effect, Link, ListingWrite, MOST_RECENT, MarketAsk, MatchBatch, Recent,
    RunRecord, ShareEffect, SharedWatch, WatchDone,
};

use super::fixtures::*;

super::for_each_db!(
    a_week_holds_what_was_seen_first_in_it_once_and_newest_first,
    a_week_of_more_listings_than_are_read_says_so,
    searches_that_nobody_has_looked_at_are_told_apart,
    what_is_shown_now_leaves_out_what_is_gone,
    a_link_is_proposed_until_it_is_written_and_then_stays,
    only_its_owner_shares_a_watch_and_only_once,
    a_link_shows_the_watch_and_ends_with_it,
    a_link_ends_when_its_owner_wants_it,
);

/// A good run of a search that shows these listings.
async fn run_of(db: &dyn Db, name: &str, listings: Vec<ListingWrite>, now: DateTime<Utc>) {
    let spec = spec(name);
    db.put_sources(std::slice::from_ref(&spec), at(0)).await.unwrap();
    let far = now + TimeDelta::days(999);
    let mut epoch = None;
    for source in db.claim_due_sources(&owner("runner"), far, 100).await.unwrap() {
        match source.id == spec.id() {
            true => epoch = Some(source.epoch),
            false => db.release_source(&source.id, source.epoch, now).await.unwrap(),
        }
    }
    let epoch = epoch.unwrap();
    let mut chunks: Vec<Vec<ListingWrite>> =
        listings.chunks(400).map(<[ListingWrite]>::to_vec).collect();
    let last = chunks.pop().unwrap_or_default();
    let batch = |listings, run| MatchBatch {
        source: spec.id(),
        epoch,
        site: spec.site.clone(),
        listings,
        deliveries: vec![],
        run,
        now,
    };
    for chunk in chunks {
        assert!(!db.record_matches(&batch(chunk, None)).await.unwrap().fenced);
    }
    let end = RunRecord { next_due_at: Some(at(0)), ..run(&spec.id(), epoch, Verdict::Ok, now) };
    assert!(!db.record_matches(&batch(last, Some(end))).await.unwrap().fenced);
}

fn shows(ids: &[&str]) -> Vec<ListingWrite> {
    ids.iter().map(|id| write(listing(id, 90_000), None)).collect()
}

async fn week(db: &dyn Db, names: &[&str], since: DateTime<Utc>) -> Recent {
    let searches: Vec<SourceId> = names.iter().map(|name| spec(name).id()).collect();
    let ask = MarketAsk { recent: Some((searches, since)), ..MarketAsk::default() };
    db.market(&ask).await.unwrap().recent.unwrap()
}

fn ids(listings: &[(String, sites::Listing)]) -> Vec<&str> {
    listings.iter().map(|(_, listing)| listing.id.as_str()).collect()
}

async fn a_week_holds_what_was_seen_first_in_it_once_and_newest_first(db: &dyn Db) {
    run_of(db, "a", shows(&["old"]), at(1)).await;
    run_of(db, "a", shows(&["new", "old"]), at(100)).await;
    run_of(db, "b", shows(&["newest", "new"]), at(200)).await;
    run_of(db, "c", shows(&["elsewhere"]), at(200)).await;
    let both = week(db, &["a", "b"], at(50)).await;
    assert_eq!(ids(&both.listings), ["newest", "new"], "each once, of these searches only");
    assert_eq!((both.is_cut, both.looked_at), (false, 2));
    assert_eq!(both.listings[0].0, "demo");
    assert_eq!(ids(&week(db, &["a"], at(0)).await.listings), ["new", "old"]);
    assert_eq!(week(db, &[], at(0)).await, Recent::default());
}

async fn a_week_of_more_listings_than_are_read_says_so(db: &dyn Db) {
    let count = usize::try_from(MOST_RECENT).unwrap();
    let many: Vec<ListingWrite> =
        (0..=count).map(|number| write(listing(&format!("l{number}"), 5), None)).collect();
    run_of(db, "a", many[..count].to_vec(), at(10)).await;
    let all = week(db, &["a"], at(0)).await;
    assert_eq!((all.listings.len(), all.is_cut), (count, false));
    run_of(db, "a", many[count..].to_vec(), at(20)).await;
    let cut = week(db, &["a"], at(0)).await;
    assert_eq!((cut.listings.len(), cut.is_cut), (count, true));
}

async fn searches_that_nobody_has_looked_at_are_told_apart(db: &dyn Db) {
    run_of(db, "a", shows(&["one"]), at(1)).await;
    db.put_sources(&[spec("b")], at(1)).await.unwrap();
    assert_eq!(week(db, &["a", "b", "never"], at(0)).await.looked_at, 1);
    assert_eq!(week(db, &["b"], at(0)).await, Recent::default());
}

async fn what_is_shown_now_leaves_out_what_is_gone(db: &dyn Db) {
    run_of(db, "a", shows(&["here", "sold"]), at(1)).await;
    let sold = listing("sold", 90_000);
    let gone = change(&sold, magpie::domain::ChangeKind::Gone, 2, at(2));
    run_of(db, "a", vec![write(sold, Some(gone))], at(2)).await;
    let shown = Some((vec![spec("a").id()], at(0)));
    let view = db.market(&MarketAsk { shown, ..MarketAsk::default() }).await.unwrap();
    assert_eq!(ids(&view.shown.unwrap()), ["here"]);
    assert_eq!((view.recent, view.link, view.shared), (None, None, None), "only what was asked");
}

async fn watch_of(db: &dyn Db, id: &str, user: i64) -> WatchId {
    apply(db, &update(1_000 + user, at(0), vec![meet(user, user)])).await;
    let filter = Filter { max_price: Some(90_000), ..Filter::default() };
    let new = NewWatch {
        id: WatchId(id.into()),
        user: UserId(user),
        chat: ChatId(user),
        kind: None,
        thread: None,
        name: format!("Watch {id}"),
        sources: vec![spec("a"), spec("b")],
        filter,
        telling: Default::default(),
        paused: false,
        language: Language::Uk,
        unless_equal: false,
        sample: Sample::Later,
    };
    assert_eq!(db.add_watch(&new, at(1)).await.unwrap(), WatchDone::Done);
    new.id
}

async fn link(db: &dyn Db, watch: &WatchId) -> Link {
    let ask = MarketAsk { link_of: Some(watch.clone()), ..MarketAsk::default() };
    db.market(&ask).await.unwrap().link.unwrap()
}

async fn shared(db: &dyn Db, token: &str) -> Option<SharedWatch> {
    let ask = MarketAsk { token: Some(token.to_owned()), ..MarketAsk::default() };
    db.market(&ask).await.unwrap().shared
}

async fn share(db: &dyn Db, number: i64, watch: &WatchId, user: i64, token: &str) -> Committed {
    let (watch, user, token) = (watch.clone(), UserId(user), token.to_owned());
    let effect = Effect::Share(ShareEffect::Begin { watch, user, token });
    db.commit_update(&update(number, at(5), vec![effect])).await.unwrap()
}

fn is_done(committed: &Committed) -> bool {
    matches!(committed, Committed::Applied { .. })
}

async fn a_link_is_proposed_until_it_is_written_and_then_stays(db: &dyn Db) {
    let watch = watch_of(db, "w", 1).await;
    let (one, other) = (link(db, &watch).await, link(db, &watch).await);
    assert!(!one.is_shared && one.token.len() == 32, "{}", one.token);
    assert_ne!(one.token, other.token, "nobody can guess it");
    assert_eq!(shared(db, &one.token).await, None, "a proposal opens nothing");
    assert!(is_done(&share(db, 1, &watch, 1, &one.token).await));
    let now = link(db, &watch).await;
    assert_eq!(now, Link { token: one.token, is_shared: true });
}

async fn only_its_owner_shares_a_watch_and_only_once(db: &dyn Db) {
    let watch = watch_of(db, "w", 1).await;
    let stranger = share(db, 1, &watch, 2, "stranger").await;
    assert_eq!(stranger, Committed::Conflict);
    assert_eq!(share(db, 2, &WatchId("none".into()), 1, "none").await, Committed::Conflict);
    assert!(is_done(&share(db, 3, &watch, 1, "first").await));
    assert_eq!(share(db, 4, &watch, 1, "second").await, Committed::Conflict, "decided anew");
    assert_eq!(link(db, &watch).await.token, "first");
    let other = watch_of(db, "other", 2).await;
    assert_eq!(share(db, 5, &other, 2, "first").await, Committed::Conflict, "taken");
    assert_eq!(share(db, 3, &watch, 1, "first").await, Committed::Repeat);
}

async fn a_link_shows_the_watch_and_ends_with_it(db: &dyn Db) {
    let watch = watch_of(db, "w", 1).await;
    share(db, 1, &watch, 1, "token").await;
    let seen = shared(db, "token").await.unwrap();
    assert_eq!((seen.watch.as_str(), seen.owner), ("w", UserId(1)));
    assert_eq!((seen.name.as_str(), seen.filter.max_price), ("Watch w", Some(90_000)));
    let titles: Vec<&str> = seen.searches.iter().map(|spec| spec.title.as_str()).collect();
    assert_eq!(titles, ["a", "b"]);
    let who = Who::Person(UserId(1));
    db.change_watch(&watch, who, &WatchOrder::Remove, at(6)).await.unwrap();
    assert_eq!(shared(db, "token").await, None);
    watch_of(db, "w", 1_000).await;
    assert_eq!(shared(db, "token").await, None, "another watch of the name is not shared");
    assert!(!link(db, &watch).await.is_shared);
}

async fn a_link_ends_when_its_owner_wants_it(db: &dyn Db) {
    let watch = watch_of(db, "w", 1).await;
    share(db, 1, &watch, 1, "token").await;
    let end = |user| Effect::Share(ShareEffect::End { watch: watch.clone(), user: UserId(user) });
    apply(db, &update(2, at(6), vec![end(2)])).await;
    assert!(shared(db, "token").await.is_some(), "another person ends nothing");
    apply(db, &update(3, at(7), vec![end(1)])).await;
    assert_eq!(shared(db, "token").await, None);
    apply(db, &update(4, at(8), vec![end(1)])).await;
    assert!(is_done(&share(db, 5, &watch, 1, "again").await));
}
