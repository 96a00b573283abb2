//! Messages that stand in chats, and what people do with listings.

use magpie::domain::delivery::{Claimed, Content, Outcome};
use magpie::domain::preferences::{Mute, Patch, Pictures, Stop};
use magpie::domain::{
    Change, ChangeKind, ChatId, Class, DeliveryState, Language, NewDelivery, Post, PostForm, UserId,
};
use magpie::store::{Db, Effect, MatchBatch, ViewRequest, listing_subject};
use sites::ListingKey;

use super::fixtures::*;

super::for_each_db!(
    an_alert_that_was_sent_stands,
    what_changed_on_the_way_is_amended_at_once,
    an_amend_moves_the_version_or_forgets_the_message,
    a_chat_that_moved_or_is_gone_has_no_posts,
    an_alert_is_claimed_with_the_listing_as_it_is_now,
    what_is_kept_and_hushed_is_seen_again,
    a_button_that_mutes_drops_what_waits,
    posts_and_albums_follow_the_ways_of_their_chat,
    why_a_chat_was_told_is_loaded_when_it_is_asked,
);

fn key() -> ListingKey {
    ListingKey { site: "demo".into(), id: "7".into() }
}

/// Writes a change and what is told of it.
async fn record(db: &dyn Db, change: Change, deliveries: Vec<NewDelivery>, ms: i64) {
    let (source, epoch) = claimed_source(db, &format!("s{ms}"), "writer").await;
    let batch = MatchBatch {
        source,
        epoch,
        site: "demo".into(),
        listings: vec![write(change.listing.clone(), Some(change))],
        deliveries,
        run: None,
        now: at(ms),
    };
    assert!(!db.record_matches(&batch).await.unwrap().fenced);
}

fn news(kind: ChangeKind, version: i64, minor: i64) -> Change {
    change(&listing("7", minor), kind, version, at(version))
}

fn alert(chat: i64, change: &Change) -> NewDelivery {
    let watches = vec!["balcony".to_owned()];
    NewDelivery::alert(ChatId(chat), None, Language::Uk, change.id(), watches, at(0))
}

async fn claim_one(db: &dyn Db, ms: i64) -> Claimed {
    let mut claimed = db.claim_deliveries(&claim_all("s", at(ms))).await.unwrap();
    assert_eq!(claimed.len(), 1);
    claimed.remove(0)
}

async fn settle(db: &dyn Db, claimed: &Claimed, outcome: Outcome, ms: i64) {
    let report = db.settle_deliveries(&[settlement(claimed, outcome)], at(ms)).await.unwrap();
    assert_eq!(report.settled, 1);
}

fn as_caption(message_id: i64, version: i64) -> Outcome {
    Outcome::Sent { message_id, form: PostForm::Caption, version }
}

async fn posts(db: &dyn Db) -> Vec<Post> {
    db.posts_of(&[key(), ListingKey { site: "demo".into(), id: "other".into() }]).await.unwrap()
}

/// A new listing, told to chat 5 as message 70.
async fn told(db: &dyn Db) -> Change {
    let new = news(ChangeKind::New, 1, 50_000);
    record(db, new.clone(), vec![alert(5, &new)], 0).await;
    let claimed = claim_one(db, 10).await;
    settle(db, &claimed, as_caption(70, 1), 11).await;
    new
}

async fn an_alert_that_was_sent_stands(db: &dyn Db) {
    enqueue(db, vec![message(Class::Alert, 5, "plain", at(0))], at(0)).await;
    let plain = claim_one(db, 1).await;
    settle(db, &plain, sent(), 2).await;
    assert_eq!(posts(db).await, [], "plain words are about no listing");
    told(db).await;
    let expected = Post {
        chat: ChatId(5),
        thread: None,
        message_id: 70,
        key: key(),
        form: PostForm::Caption,
        version: 1,
        language: Language::Uk,
        watches: vec!["balcony".into()],
        replies: false,
    };
    assert_eq!(posts(db).await, [expected]);
}

async fn what_changed_on_the_way_is_amended_at_once(db: &dyn Db) {
    let new = news(ChangeKind::New, 1, 50_000);
    record(db, new.clone(), vec![alert(5, &new)], 0).await;
    let claimed = claim_one(db, 10).await;
    let down = news(ChangeKind::PriceDown, 2, 45_000);
    record(db, down.clone(), vec![], 20).await;
    settle(db, &claimed, as_caption(70, 1), 30).await;
    let amend = claim_one(db, 31).await;
    assert_eq!(amend.delivery.new.class, Class::Amend);
    assert_eq!(amend.change.as_ref(), Some(&down));
    let Content::Amend { event, message_id, form, watches } = &amend.delivery.new.content else {
        panic!("an amend: {:?}", amend.delivery.new.content);
    };
    assert_eq!((event, *message_id, *form), (&down.id(), 70, PostForm::Caption));
    assert_eq!(watches, &["balcony".to_owned()]);
}

async fn an_amend_moves_the_version_or_forgets_the_message(db: &dyn Db) {
    told(db).await;
    for (version, outcome, left) in [
        (2, as_caption(70, 2), Some(2)),
        (3, Outcome::Dropped { reason: "message to edit not found".into() }, None),
    ] {
        let post = posts(db).await.remove(0);
        let moved = news(ChangeKind::PriceDown, version, 50_000 - version);
        let amend = NewDelivery::amend(&post, moved.id(), at(0));
        record(db, moved, vec![amend.clone(), amend], version * 100).await;
        let claimed = claim_one(db, version * 100 + 1).await;
        settle(db, &claimed, outcome, version * 100 + 2).await;
        assert_eq!(posts(db).await.first().map(|post| post.version), left);
    }
}

async fn a_chat_that_moved_or_is_gone_has_no_posts(db: &dyn Db) {
    told(db).await;
    apply(db, &update(1, at(20), vec![meet(5, 5)])).await;
    enqueue(db, vec![message(Class::Alert, 5, "more", at(20))], at(20)).await;
    let more = claim_one(db, 21).await;
    settle(db, &more, Outcome::ChatGone { reason: "blocked".into() }, 22).await;
    assert_eq!(posts(db).await, []);
    apply(db, &update(2, at(9_000), vec![meet(5, 5)])).await;
    assert_eq!(posts(db).await.len(), 1, "they came back, and the message still stands");
    let from_to = Effect::MigrateChat { from: ChatId(5), to: ChatId(-100) };
    apply(db, &update(3, at(9_001), vec![from_to])).await;
    assert_eq!(posts(db).await, []);
}

async fn an_alert_is_claimed_with_the_listing_as_it_is_now(db: &dyn Db) {
    let new = news(ChangeKind::New, 1, 50_000);
    record(db, new.clone(), vec![alert(5, &new)], 0).await;
    record(db, news(ChangeKind::Gone, 2, 50_000), vec![], 5).await;
    let claimed = claim_one(db, 10).await;
    let latest = claimed.standing.latest.expect("what is known now");
    assert_eq!((latest.version, latest.gone), (2, true));
    assert_eq!(claimed.change, Some(new));
}

async fn what_is_kept_and_hushed_is_seen_again(db: &dyn Db) {
    let new = told(db).await;
    let view = async |user: i64, chat: i64| {
        let request = ViewRequest {
            chat: ChatId(chat),
            thread: None,
            user: Some(UserId(user)),
            searches: false,
            sample_of: None,
            about: Some((new.id(), None)),
            why: true,
            saved: true,
            told: true,
            look: Default::default(),
        };
        db.load_view(&request).await.unwrap()
    };
    let before = view(5, 5).await.about.expect("the change is known");
    assert_eq!((&before.change, before.saved, before.muted), (&new, false, false));
    let keep = |kept| Effect::Keep { user: UserId(5), key: key(), kept };
    let (place, mute) = ((ChatId(5), None), Mute::listing(&key(), None));
    assert_eq!(mute.subject, listing_subject(&key()), "buttons and the chain name it alike");
    let hush = |hushed| match hushed {
        true => Effect::Mute { place, mute: mute.clone() },
        false => Effect::Unmute { place, mute: mute.clone() },
    };
    for id in [1, 2] {
        apply(db, &update(id, at(100 + id), vec![keep(true), hush(true)])).await;
    }
    let seen = view(5, 5).await;
    let about = seen.about.expect("known");
    assert_eq!((about.saved, about.muted, about.hidden), (true, true, false));
    assert_eq!(seen.saved.iter().map(|saved| &saved.key).collect::<Vec<_>>(), [&key()]);
    let other = view(6, 6).await;
    assert_eq!((other.saved.len(), other.about.expect("known").muted), (0, false));
    apply(db, &update(3, at(200), vec![keep(false), hush(false)])).await;
    let about = view(5, 5).await.about.expect("known");
    assert_eq!((about.saved, about.muted), (false, false));
    // A telling is written once, however often the update comes.
    let told = message(Class::Reply, 5, "chart", at(0));
    for id in [4, 5] {
        apply(db, &update(id, at(300), vec![Effect::Tell(told.clone())])).await;
    }
    let waiting = db.deliveries(&Default::default()).await.unwrap();
    let pending = waiting.iter().filter(|one| one.state == DeliveryState::Pending);
    assert_eq!(pending.count(), 1);
}

async fn a_button_that_mutes_drops_what_waits(db: &dyn Db) {
    let new = news(ChangeKind::New, 1, 50_000);
    record(db, new.clone(), vec![alert(5, &new), alert(6, &new)], 0).await;
    let (place, mute) = ((ChatId(5), None), Mute::listing(&key(), None));
    apply(db, &update(1, at(5), vec![Effect::Mute { place, mute: mute.clone() }])).await;
    let dropped = delivery(db, &alert(5, &new).id).await;
    assert_eq!(dropped.state, DeliveryState::Dropped);
    assert_eq!(dropped.reason.as_deref(), Some(Stop::MutedListing.reason()));
    assert_eq!(delivery(db, &alert(6, &new).id).await.state, DeliveryState::Pending);
    assert_eq!(db.mutes_of(place, at(6)).await.unwrap(), [mute]);
    assert_eq!(db.how_told(&[place], at(6)).await.unwrap()[&place].mutes.len(), 1);
}

async fn posts_and_albums_follow_the_ways_of_their_chat(db: &dyn Db) {
    told(db).await;
    let place = (ChatId(5), None);
    let ways = [Patch::Replies(true), Patch::Pictures(Pictures::Album)];
    db.prefer(place, &ways, at(20)).await.unwrap();
    assert!(posts(db).await[0].replies);
    assert_eq!(db.album_places(&[place, (ChatId(6), None)]).await.unwrap(), [place]);
}

async fn why_a_chat_was_told_is_loaded_when_it_is_asked(db: &dyn Db) {
    let new = told(db).await;
    let view = async |why: bool| {
        let request = ViewRequest {
            chat: ChatId(5),
            thread: None,
            user: Some(UserId(5)),
            searches: false,
            sample_of: None,
            about: Some((new.id(), None)),
            why,
            saved: false,
            told: false,
            look: Default::default(),
        };
        db.load_view(&request).await.unwrap().why
    };
    assert_eq!(view(false).await, None);
    let facts = view(true).await.expect("the facts");
    assert_eq!(facts.changes, std::slice::from_ref(&new));
    let sent: Vec<_> = facts.deliveries.iter().map(|one| (one.state, one.message_id)).collect();
    assert_eq!(sent, [(DeliveryState::Sent, Some(70))]);
}
