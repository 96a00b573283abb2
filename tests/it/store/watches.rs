//! The life of watches: made, changed, limited, ended, and what waits for them.

use chrono::{DateTime, TimeDelta, Utc};
use magpie::domain::delivery::{Content, delivery_id};
use magpie::domain::plan::{Refusal, Terms};
use magpie::domain::preferences::{Stop, WatchTelling};
use magpie::domain::source::SourceSpec;
use magpie::domain::watch::{
    NewWatch, Sample, WatchEdit, WatchOrder, Who, forever, sample_subject,
};
use magpie::domain::{
    ChatId, ChatKind, Class, DeliveryState, EventId, Filter, Language, NewDelivery, Outgoing,
    PausedBy, UserId, Verdict, Watch, WatchId,
};
use magpie::store::{
    Committed, Db, DeliveryFilter, Effect, Limited, SourceFilter, WatchDone, WatchFilter,
};

use super::fixtures::*;
use super::preferences::quiet;

super::for_each_db!(
    a_watch_is_made_once_with_its_searches,
    an_equal_watch_is_made_once_if_that_is_asked,
    equal_searches_of_two_people_are_one_source_and_are_not_offered,
    only_its_owner_or_an_operator_reaches_a_watch,
    only_who_paused_lets_it_go_on,
    an_edit_changes_what_is_named_and_nothing_else,
    a_copy_runs_beside_the_first,
    alerts_of_a_paused_watch_alone_are_dropped,
    a_mute_drops_what_waits_and_ends,
    a_watch_that_is_told_otherwise_has_what_waits_decided_again,
    what_waits_for_several_watches_is_decided_by_those_that_are_heard,
    nobody_is_told_twice_that_watches_rest,
    a_search_made_for_a_watch_vanishes_with_the_last_one,
    a_list_comes_in_pages,
    the_sample_comes_with_the_watch_once_or_never,
    recent_listings_of_several_searches_come_once,
);

fn own_spec(name: &str) -> SourceSpec {
    SourceSpec { offered: false, ..spec(name) }
}

fn new(id: &str, user: i64, searches: &[&str]) -> NewWatch {
    NewWatch {
        id: WatchId(id.into()),
        user: UserId(user),
        chat: ChatId(user),
        kind: None,
        thread: None,
        name: format!("Watch {id}"),
        sources: searches.iter().map(|name| own_spec(name)).collect(),
        filter: Filter { max_price: Some(90_000), ..Filter::default() },
        telling: Default::default(),
        paused: false,
        language: Language::Uk,
        unless_equal: false,
        sample: Sample::Later,
    }
}

async fn add(db: &dyn Db, new: &NewWatch, now: DateTime<Utc>) {
    assert_eq!(db.add_watch(new, now).await.unwrap(), WatchDone::Done);
}

async fn order(db: &dyn Db, id: &str, user: i64, order: WatchOrder) -> WatchDone {
    order_at(db, id, Who::Person(UserId(user)), order, at(50)).await
}

async fn order_at(
    db: &dyn Db,
    id: &str,
    who: Who,
    order: WatchOrder,
    now: DateTime<Utc>,
) -> WatchDone {
    db.change_watch(&WatchId(id.into()), who, &order, now).await.unwrap()
}

async fn get(db: &dyn Db, id: &str) -> Watch {
    db.watch(&WatchId(id.into())).await.unwrap().unwrap()
}

async fn paused_by(db: &dyn Db, id: &str) -> PausedBy {
    let watch = get(db, id).await;
    assert_eq!(watch.paused, watch.paused_by != PausedBy::Nobody);
    watch.paused_by
}

async fn a_watch_is_made_once_with_its_searches(db: &dyn Db) {
    let new = NewWatch { thread: Some(7), paused: true, ..new("w", 1, &["a", "b", "a"]) };
    add(db, &new, at(1)).await;
    let watch = get(db, "w").await;
    let mut expected: Vec<_> = [own_spec("a").id(), own_spec("b").id()].to_vec();
    expected.sort();
    let mut sources = watch.sources.clone();
    sources.sort();
    assert_eq!(sources, expected);
    assert_eq!((watch.user, watch.chat, watch.thread), (UserId(1), ChatId(1), Some(7)));
    assert_eq!((&watch.name, &watch.filter), (&new.name, &new.filter));
    assert_eq!((watch.paused_by, watch.language), (PausedBy::Owner, Language::Uk));
    assert_eq!((watch.created_at, watch.muted_until), (at(1), None));
    let again = NewWatch { name: "Another name".into(), ..new.clone() };
    assert_eq!(db.add_watch(&again, at(2)).await.unwrap(), WatchDone::Already(WatchId("w".into())));
    assert_eq!(get(db, "w").await, watch, "a repetition changes nothing");
    assert_eq!(db.sources(&SourceFilter::default()).await.unwrap().len(), 2);
}

async fn an_equal_watch_is_made_once_if_that_is_asked(db: &dyn Db) {
    add(db, &new("one", 1, &["a", "b"]), at(1)).await;
    let equal = NewWatch { unless_equal: true, ..new("two", 1, &["b", "a"]) };
    let there = WatchDone::Already(WatchId("one".into()));
    assert_eq!(db.add_watch(&equal, at(2)).await.unwrap(), there);
    let elsewhere = NewWatch { chat: ChatId(-5), ..equal.clone() };
    add(db, &elsewhere, at(3)).await;
    let nearly = NewWatch { filter: Filter::default(), id: WatchId("three".into()), ..equal };
    add(db, &nearly, at(4)).await;
}

async fn equal_searches_of_two_people_are_one_source_and_are_not_offered(db: &dyn Db) {
    let asked = NewWatch { sources: vec![spec("a")], ..new("one", 1, &[]) };
    assert!(asked.sources[0].offered);
    add(db, &asked, at(1)).await;
    add(db, &new("two", 2, &["a"]), at(2)).await;
    let sources = db.sources(&SourceFilter::default()).await.unwrap();
    assert_eq!(sources.len(), 1);
    assert!(!sources[0].spec.offered, "what one person asks for is not offered to all");
    assert_eq!(sources[0].next_due_at, at(1));
    assert_eq!(db.watches_of(&sources[0].id).await.unwrap().len(), 2);
}

async fn only_its_owner_or_an_operator_reaches_a_watch(db: &dyn Db) {
    add(db, &new("w", 1, &["a"]), at(1)).await;
    let orders = [WatchOrder::Pause, WatchOrder::Remove, WatchOrder::rename("Mine".into())];
    for one in orders {
        assert_eq!(order(db, "w", 2, one).await, WatchDone::Missing);
    }
    assert_eq!(get(db, "w").await.name, "Watch w");
    assert_eq!(order(db, "none", 1, WatchOrder::Pause).await, WatchDone::Missing);
    let renamed = WatchOrder::rename("Theirs".into());
    assert_eq!(order_at(db, "w", Who::Operator, renamed, at(2)).await, WatchDone::Done);
    assert_eq!(get(db, "w").await.name, "Theirs");
}

async fn only_who_paused_lets_it_go_on(db: &dyn Db) {
    add(db, &new("w", 1, &["a"]), at(1)).await;
    let already = WatchDone::Already(WatchId("w".into()));
    assert_eq!(order(db, "w", 1, WatchOrder::Resume).await, already);
    assert_eq!(order(db, "w", 1, WatchOrder::Pause).await, WatchDone::Done);
    assert_eq!(order(db, "w", 1, WatchOrder::Pause).await, already);
    assert_eq!(db.watches_of(&own_spec("a").id()).await.unwrap(), []);
    // An operator above takes the pause over; the owner cannot end it then.
    let operator = |order| order_at(db, "w", Who::Operator, order, at(60));
    assert_eq!(operator(WatchOrder::Pause).await, WatchDone::Done);
    assert_eq!(paused_by(db, "w").await, PausedBy::Operator);
    let refused = WatchDone::Refused(Refusal::PausedBy(PausedBy::Operator));
    assert_eq!(order(db, "w", 1, WatchOrder::Resume).await, refused);
    // Pressing the old button of the search does not end it either.
    let pressed = subscribe("other", 1, 1, &own_spec("a").id());
    apply(db, &update(1, at(61), vec![pressed])).await;
    assert_eq!(paused_by(db, "w").await, PausedBy::Operator);
    assert_eq!(operator(WatchOrder::Resume).await, WatchDone::Done);
    assert_eq!(paused_by(db, "w").await, PausedBy::Nobody);
}

async fn an_edit_changes_what_is_named_and_nothing_else(db: &dyn Db) {
    add(db, &new("w", 1, &["a"]), at(1)).await;
    let before = get(db, "w").await;
    let filter = Filter { any_words: vec!["loft".into()], ..Filter::default() };
    let edit = WatchEdit { filter: Some(filter.clone()), ..WatchEdit::default() };
    assert_eq!(order(db, "w", 1, WatchOrder::Edit(edit.into())).await, WatchDone::Done);
    assert_eq!(get(db, "w").await, Watch { filter, ..before.clone() });
    let moved = WatchEdit { sources: Some(vec![own_spec("b")]), ..WatchEdit::default() };
    assert_eq!(order(db, "w", 1, WatchOrder::Edit(moved.into())).await, WatchDone::Done);
    assert_eq!(get(db, "w").await.sources, [own_spec("b").id()]);
    let left: Vec<_> = db.sources(&SourceFilter::default()).await.unwrap();
    assert_eq!(left.len(), 1, "nobody watches the first search any more");
    let none = WatchEdit { sources: Some(vec![]), ..WatchEdit::default() };
    let refused = WatchDone::Refused(Refusal::NoSources);
    assert_eq!(order(db, "w", 1, WatchOrder::Edit(none.into())).await, refused);
}

async fn a_copy_runs_beside_the_first(db: &dyn Db) {
    add(db, &new("w", 1, &["a", "b"]), at(1)).await;
    order(db, "w", 1, WatchOrder::Pause).await;
    let copy = || WatchOrder::Clone { id: WatchId("x".into()), name: "Watch w (2)".into() };
    assert_eq!(order(db, "w", 1, copy()).await, WatchDone::Done);
    assert_eq!(
        order(db, "w", 1, copy()).await,
        WatchDone::Already(WatchId("x".into())),
        "pressed twice"
    );
    let (first, second) = (get(db, "w").await, get(db, "x").await);
    assert_eq!((second.sources, second.filter), (first.sources, first.filter));
    assert_eq!((second.paused, second.name.as_str()), (false, "Watch w (2)"));
}

fn alert(event: &str, watches: &[&str]) -> NewDelivery {
    let event = EventId(event.into());
    let names = watches.iter().map(|id| format!("Watch {id}")).collect();
    let mut new = NewDelivery::alert(ChatId(1), None, Language::En, event, names, at(5));
    if let Content::Change { ids, .. } = &mut new.content {
        *ids = watches.iter().map(|id| WatchId((*id).into())).collect();
    }
    new
}

async fn waiting(db: &dyn Db, event: &str) -> (DeliveryState, Option<String>, Content) {
    let id = alert(event, &[]).id;
    let all = db.deliveries(&DeliveryFilter::default()).await.unwrap();
    let one = all.into_iter().find(|one| one.new.id == id).unwrap();
    (one.state, one.reason, one.new.content)
}

async fn alerts_of_a_paused_watch_alone_are_dropped(db: &dyn Db) {
    add(db, &new("w1", 1, &["a"]), at(1)).await;
    add(db, &new("w2", 1, &["a"]), at(2)).await;
    let alerts = vec![alert("own", &["w1"]), alert("both", &["w1", "w2"]), alert("other", &["w2"])];
    enqueue(db, alerts, at(5)).await;
    assert_eq!(order(db, "w1", 1, WatchOrder::Pause).await, WatchDone::Done);
    let (state, reason, _) = waiting(db, "own").await;
    assert_eq!((state, reason.as_deref()), (DeliveryState::Dropped, Some("the watch was paused")));
    let (state, _, content) = waiting(db, "both").await;
    assert_eq!(state, DeliveryState::Pending);
    assert_eq!(content, alert("both", &["w2"]).content, "it names only the other");
    assert_eq!(waiting(db, "other").await.0, DeliveryState::Pending);
    // What is dropped is not claimed: the lane knows.
    assert_eq!(order(db, "w2", 1, WatchOrder::Remove).await, WatchDone::Done);
    assert_eq!(waiting(db, "both").await.1.as_deref(), Some("the watch was removed"));
    assert_eq!(waiting(db, "other").await.0, DeliveryState::Dropped);
    assert_eq!(db.next_delivery_at().await.unwrap(), None);
}

/// The message that names resting watches.
fn resting(watches: &[&Watch], _: Language) -> Outgoing {
    let names: Vec<&str> = watches.iter().map(|watch| watch.name.as_str()).collect();
    Outgoing::text(format!("rest: {}", names.join(", ")))
}

fn is_urgent(content: &Content) -> bool {
    matches!(content, Content::Change { urgent: true, .. })
}

fn told(telling: WatchTelling) -> WatchOrder {
    WatchOrder::Edit(Box::new(WatchEdit { telling: Some(telling), ..WatchEdit::default() }))
}

async fn a_watch_that_is_told_otherwise_has_what_waits_decided_again(db: &dyn Db) {
    let place = (ChatId(1), None);
    add(db, &new("w1", 1, &["a"]), at(1)).await;
    enqueue(db, vec![alert("own", &["w1"])], at(5)).await;
    assert_eq!(db.prefer(place, &[quiet()], at(6)).await.unwrap(), 1);
    assert_eq!(waiting(db, "own").await.1.as_deref(), Some(Stop::Quiet.reason()));
    let urgent = WatchTelling { urgent: true, ..WatchTelling::default() };
    assert_eq!(order(db, "w1", 1, told(urgent)).await, WatchDone::Done);
    let (state, reason, content) = waiting(db, "own").await;
    assert_eq!((state, reason), (DeliveryState::Pending, None));
    assert!(is_urgent(&content), "the sender lets it pass too");
    assert_eq!(order(db, "w1", 1, told(WatchTelling::default())).await, WatchDone::Done);
    let (_, reason, content) = waiting(db, "own").await;
    assert_eq!(reason.as_deref(), Some(Stop::Quiet.reason()), "quiet hours hold it again");
    assert!(!is_urgent(&content));
    assert!(db.claim_deliveries(&claim_all("s", at(60))).await.unwrap().is_empty());
}

async fn what_waits_for_several_watches_is_decided_by_those_that_are_heard(db: &dyn Db) {
    add(db, &new("w1", 1, &["a"]), at(1)).await;
    let urgent = WatchTelling { urgent: true, ..WatchTelling::default() };
    add(db, &NewWatch { telling: urgent, ..new("w2", 1, &["a"]) }, at(2)).await;
    enqueue(db, vec![alert("both", &["w1", "w2"])], at(5)).await;
    db.prefer((ChatId(1), None), &[quiet()], at(6)).await.unwrap();
    assert_eq!(waiting(db, "both").await.1, None, "one of them is urgent");
    let mute = WatchOrder::Mute(Some(forever()));
    assert_eq!(order(db, "w2", 1, mute).await, WatchDone::Done);
    let (state, reason, content) = waiting(db, "both").await;
    assert_eq!(state, DeliveryState::Pending);
    assert_eq!(reason.as_deref(), Some(Stop::Quiet.reason()), "the other one can wait");
    assert_eq!(content, alert("both", &["w1"]).content);
}

async fn nobody_is_told_twice_that_watches_rest(db: &dyn Db) {
    add(db, &new("w1", 1, &["a"]), at(1)).await;
    for minute in 1..3 {
        let limited = db.apply_limits(UserId(1), resting, at(minute)).await.unwrap();
        assert_eq!(limited, Limited::default(), "the plan has room");
    }
    assert_eq!(db.deliveries(&DeliveryFilter::default()).await.unwrap(), []);
}

/// What a person was told about plans, oldest first.
async fn payment_words(db: &dyn Db) -> Vec<String> {
    let filter = DeliveryFilter { class: Some(Class::Payment), ..DeliveryFilter::default() };
    let mut all = db.deliveries(&filter).await.unwrap();
    all.reverse();
    let words = |one: &magpie::domain::Delivery| match &one.new.content {
        Content::Message(message) => format!("{} {}", one.new.chat, message.text),
        other => panic!("words: {other:?}"),
    };
    all.iter().map(words).collect()
}

async fn a_mute_drops_what_waits_and_ends(db: &dyn Db) {
    add(db, &new("w1", 1, &["a"]), at(1)).await;
    enqueue(db, vec![alert("own", &["w1"])], at(5)).await;
    let mute = |until| order(db, "w1", 1, WatchOrder::Mute(until));
    assert_eq!(mute(Some(forever())).await, WatchDone::Done);
    assert_eq!(get(db, "w1").await.muted_until, Some(forever()));
    assert_eq!(waiting(db, "own").await.1.as_deref(), Some(Stop::MutedWatch.reason()));
    assert_eq!(mute(None).await, WatchDone::Done);
    assert_eq!(get(db, "w1").await.muted_until, None);
    assert!(!get(db, "w1").await.paused);
}

async fn a_search_made_for_a_watch_vanishes_with_the_last_one(db: &dyn Db) {
    db.put_sources(&[spec("offered"), own_spec("operator's")], at(0)).await.unwrap();
    add(db, &new("one", 1, &["mine", "offered", "operator's", "taken over"]), at(1)).await;
    add(db, &new("two", 2, &["mine"]), at(2)).await;
    db.put_sources(&[own_spec("taken over")], at(3)).await.unwrap();
    let titles = async || {
        let all = db.sources(&SourceFilter::default()).await.unwrap();
        all.into_iter().map(|source| source.spec.title).collect::<Vec<_>>()
    };
    assert_eq!(order(db, "one", 1, WatchOrder::Remove).await, WatchDone::Done);
    assert_eq!(titles().await, ["mine", "offered", "operator's", "taken over"]);
    let left = Effect::Unsubscribe { watch: WatchId("two".into()), user: UserId(2) };
    apply(db, &update(1, at(60), vec![left])).await;
    assert_eq!(titles().await, ["offered", "operator's", "taken over"]);
}

async fn a_list_comes_in_pages(db: &dyn Db) {
    for number in 0..7 {
        let id = format!("w{number}");
        add(db, &new(&id, 1 + number % 2, &["a", "b"]), at(number / 3)).await;
    }
    let mut filter = WatchFilter { limit: 3, ..WatchFilter::default() };
    let mut seen = Vec::new();
    loop {
        let page = db.watches(&filter).await.unwrap();
        let Some(last) = page.last() else { break };
        assert!(page.len() <= 3 && page.iter().all(|watch| watch.sources.len() == 2));
        filter.after = Some((last.created_at, last.id.clone()));
        seen.extend(page.into_iter().map(|watch| watch.id.0));
    }
    assert_eq!(seen, ["w0", "w1", "w2", "w3", "w4", "w5", "w6"]);
    let of_two = WatchFilter { user: Some(UserId(2)), ..WatchFilter::default() };
    assert_eq!(db.watches(&of_two).await.unwrap().len(), 3);
    let of_chat = WatchFilter { chat: Some(ChatId(1)), ..WatchFilter::default() };
    assert_eq!(db.watches(&of_chat).await.unwrap().len(), 4);
}

async fn the_sample_comes_with_the_watch_once_or_never(db: &dyn Db) {
    let now = Sample::Now(Box::new(Outgoing::text("what is there")));
    add(db, &NewWatch { sample: now.clone(), ..new("now", 1, &["a"]) }, at(1)).await;
    add(db, &NewWatch { sample: Sample::Never, ..new("never", 1, &["b"]) }, at(1)).await;
    let state = async |watch: &str| {
        let subject = sample_subject(&WatchId(watch.into()));
        let id = delivery_id(Class::Alert, ChatId(1), None, &subject);
        let all = db.deliveries(&DeliveryFilter::default()).await.unwrap();
        all.into_iter().find(|one| one.new.id == id).map(|one| one.state)
    };
    assert_eq!(state("now").await, Some(DeliveryState::Pending));
    assert_eq!(state("never").await, Some(DeliveryState::Dropped), "no run sends it later");
}

async fn recent_listings_of_several_searches_come_once(db: &dyn Db) {
    let specs = [spec("a"), spec("b"), spec("no good run")];
    db.put_sources(&specs, at(0)).await.unwrap();
    let claimed = db.claim_due_sources(&owner("w"), at(0), 10).await.unwrap();
    let mut shown = std::collections::BTreeMap::new();
    shown.insert("a", vec![listing("1", 100), listing("2", 200)]);
    shown.insert("b", vec![listing("2", 200), listing("3", 300)]);
    for (number, source) in claimed.iter().enumerate() {
        let Some(listings) = shown.get(source.spec.title.as_str()) else { continue };
        let now = at(1_000 * (1 + i64::try_from(number).unwrap()));
        let batch = magpie::store::MatchBatch {
            source: source.id.clone(),
            epoch: source.epoch,
            site: "demo".into(),
            listings: listings.iter().map(|one| write(one.clone(), None)).collect(),
            deliveries: vec![],
            run: Some(run(&source.id, source.epoch, Verdict::Ok, now)),
            now,
        };
        db.record_matches(&batch).await.unwrap();
    }
    let ids: Vec<_> = specs.iter().map(SourceSpec::id).collect();
    let recent = async |since, limit| {
        let found = db.recent_listings(&ids, since, limit).await.unwrap();
        let mut ids: Vec<String> = found.into_iter().map(|(site, l)| site + "/" + &l.id).collect();
        ids.sort();
        ids
    };
    assert_eq!(recent(at(0), 100).await, ["demo/1", "demo/2", "demo/3"]);
    assert_eq!(recent(at(0), 2).await.len(), 2);
    assert_eq!(recent(at(60_000), 100).await, [""; 0], "older than asked for");
}

/// Records whose free terms are two watches and three searches.
async fn limited(check: impl AsyncFn(&dyn Db)) {
    let terms = Terms::of_watches(2, 3);
    let place = Place::new();
    let db = place.open().await.with_free(terms);
    check(&db).await;
    db.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn beyond_the_limit_nothing_is_made_and_the_numbers_are_named() {
    limited(async |db| {
        add(db, &new("one", 1, &["a"]), at(1)).await;
        let wide = new("wide", 1, &["b", "c", "d"]);
        let refused = WatchDone::Refused(Refusal::Sources { limit: 3, needs: 4 });
        assert_eq!(db.add_watch(&wide, at(2)).await.unwrap(), refused);
        assert_eq!(db.sources(&SourceFilter::default()).await.unwrap().len(), 1);
        add(db, &new("two", 1, &["b"]), at(3)).await;
        let refused = WatchDone::Refused(Refusal::Watches { limit: 2, has: 2 });
        assert_eq!(db.add_watch(&new("three", 1, &["a"]), at(4)).await.unwrap(), refused);
        let copy = WatchOrder::Clone { id: WatchId("x".into()), name: "Copy".into() };
        assert_eq!(order(db, "one", 1, copy).await, refused);
        assert_eq!(db.watch(&WatchId("three".into())).await.unwrap(), None);
        add(db, &new("of another person", 2, &["a"]), at(5)).await;
        // An update whose decision did not know is decided anew; nothing of it is written.
        let effects = vec![
            subscribe("four", 1, 1, &own_spec("a").id()),
            Effect::AddWatch(Box::new(new("five", 1, &["c"]))),
        ];
        let commit = update(9, at(6), effects);
        assert_eq!(db.commit_update(&commit).await.unwrap(), Committed::Conflict);
        assert_eq!(db.watch(&WatchId("five".into())).await.unwrap(), None);
        let fine = update(9, at(7), vec![meet(1, 1)]);
        assert!(matches!(db.commit_update(&fine).await.unwrap(), Committed::Applied { .. }));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_resting_watch_goes_on_only_where_there_is_room() {
    limited(async |db| {
        let resting = NewWatch { paused: true, ..new("old", 1, &["a"]) };
        add(db, &resting, at(1)).await;
        add(db, &new("new", 1, &["a"]), at(2)).await;
        assert_eq!(order(db, "old", 1, WatchOrder::Resume).await, WatchDone::Done);
    })
    .await;
}

/// A person with a plan of four watches on the record behind `place`, the plan ending at `until`.
fn entitle(place: &Place, user: i64, until: DateTime<Utc>) {
    let conn = rusqlite::Connection::open(place.folder.path().join("magpie.db")).unwrap();
    conn.busy_timeout(std::time::Duration::from_secs(5)).unwrap();
    conn.execute(
        "INSERT INTO plans (id, title, days, terms, updated_at) VALUES ('four', 'Four', 30, \
         '{\"watches\": 4, \"sources\": 0}', 0) ON CONFLICT (id) DO NOTHING",
        [],
    )
    .unwrap();
    conn.execute(
        "INSERT INTO entitlements (user_id, plan, until, terms, updated_at) \
         VALUES (?1, 'four', ?2, '{\"watches\": 4, \"sources\": 0}', 0) \
         ON CONFLICT (user_id, plan, since) DO UPDATE SET until = ?2",
        [user, until.timestamp_millis()],
    )
    .unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_downgrade_pauses_the_newest_and_a_new_payment_wakes_them() {
    let place = Place::new();
    let sql = place.open().await.with_free(Terms::of_watches(2, 0));
    let db: &dyn Db = &sql;
    let hour = |hours| at(0) + TimeDelta::hours(hours);
    entitle(&place, 1, hour(10));
    for (number, id) in ["w1", "w2", "w3", "w4"].into_iter().enumerate() {
        add(db, &new(id, 1, &["a"]), at(i64::try_from(number).unwrap())).await;
    }
    let fifth = db.add_watch(&new("w5", 1, &["a"]), at(9)).await.unwrap();
    assert_eq!(fifth, WatchDone::Refused(Refusal::Watches { limit: 4, has: 4 }));
    enqueue(db, vec![alert("waits", &["w4"])], at(10)).await;

    assert_eq!(db.apply_limits(UserId(1), resting, hour(9)).await.unwrap(), Limited::default());
    assert_eq!(db.limit_suspects(Some(hour(8)), hour(9)).await.unwrap(), []);
    assert_eq!(db.limit_suspects(Some(hour(9)), hour(10)).await.unwrap(), [UserId(1)]);
    let limited = Limited { paused: 2, resumed: 0 };
    assert_eq!(db.apply_limits(UserId(1), resting, hour(10)).await.unwrap(), limited);
    assert_eq!(db.apply_limits(UserId(1), resting, hour(10)).await.unwrap(), Limited::default());
    let said = ["1 rest: Watch w3, Watch w4"];
    assert_eq!(payment_words(db).await, said, "a repeated job says it once");
    let states = async || {
        let mut all = Vec::new();
        for id in ["w1", "w2", "w3", "w4"] {
            all.push(paused_by(db, id).await);
        }
        all
    };
    use PausedBy::{Nobody, Plan};
    assert_eq!(states().await, [Nobody, Nobody, Plan, Plan]);
    let (_, reason, _) = waiting(db, "waits").await;
    assert_eq!(reason.as_deref(), Some("the watch was paused by the limit of the plan"));
    let refused = WatchDone::Refused(Refusal::PausedBy(Plan));
    assert_eq!(
        order_at(db, "w3", Who::Person(UserId(1)), WatchOrder::Resume, hour(11)).await,
        refused
    );

    // A place that becomes free is taken by the oldest that rests.
    order_at(db, "w1", Who::Person(UserId(1)), WatchOrder::Remove, hour(11)).await;
    assert_eq!(paused_by(db, "w3").await, Nobody);
    assert_eq!(db.limit_suspects(Some(hour(11)), hour(12)).await.unwrap(), [UserId(1)]);
    entitle(&place, 1, hour(40));
    let limited = Limited { paused: 0, resumed: 1 };
    assert_eq!(db.apply_limits(UserId(1), resting, hour(12)).await.unwrap(), limited);
    assert_eq!(paused_by(db, "w4").await, Nobody);
    assert_eq!(db.limit_suspects(Some(hour(11)), hour(12)).await.unwrap(), []);
    assert_eq!(payment_words(db).await, said, "that they go on needs no words");
    entitle(&place, 1, hour(13));
    db.apply_limits(UserId(1), resting, hour(14)).await.unwrap();
    db.apply_limits(UserId(1), resting, hour(15)).await.unwrap();
    assert_eq!(payment_words(db).await.len(), 2, "the next end is another one");
    entitle(&place, 1, hour(40));
    db.apply_limits(UserId(1), resting, hour(15)).await.unwrap();
    // A smaller offer in the configuration is noticed at the next start.
    assert_eq!(db.limit_suspects(None, hour(12)).await.unwrap(), [UserId(1)]);
    sql.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_change_is_named_in_the_log() {
    let place = Place::new();
    let sql = place.open().await;
    let db: &dyn Db = &sql;
    let new = NewWatch { kind: Some(ChatKind::Channel), ..new("w", 1, &["a"]) };
    add(db, &new, at(1)).await;
    order(db, "w", 1, WatchOrder::rename("X".into())).await;
    order(db, "w", 1, WatchOrder::Mute(Some(forever()))).await;
    order(db, "w", 1, WatchOrder::Pause).await;
    order(db, "w", 1, WatchOrder::Resume).await;
    order(db, "w", 1, WatchOrder::Remove).await;
    apply(db, &update(1, at(9), vec![subscribe("s", 1, 1, &own_spec("a").id())])).await;
    let conn = rusqlite::Connection::open(place.folder.path().join("magpie.db")).unwrap();
    let mut rows = conn.prepare("SELECT seq, watch FROM watch_log ORDER BY seq").unwrap();
    let log: Vec<(i64, String)> =
        rows.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap().flatten().collect();
    let seqs: Vec<i64> = log.iter().map(|(seq, _)| *seq).collect();
    assert!(seqs.windows(2).all(|pair| pair[0] < pair[1]), "{seqs:?}");
    let of_w = log.iter().filter(|(_, watch)| watch == "w").count();
    assert_eq!((of_w, log.len()), (6, 7));
    sql.close().await;
}
