//! How chats want to be told: what is written, what waits, what is decided again, and digests.

use chrono::{DateTime, Utc};
use magpie::domain::delivery::{Content, Delivery, album_id};
use magpie::domain::preferences::{Digest, Mute, Patch, Pictures, Quiet, Stop, Telling};
use magpie::domain::{
    Change, ChangeKind, ChatId, Class, DeliveryState, Language, NewDelivery, Outgoing, Preferences,
};
use magpie::store::{
    Db, DeliveryFilter, DigestDue, DigestWritten, Effect, Folding, MatchBatch, WhyAsk,
};

use super::fixtures::*;

super::for_each_db!(
    what_a_chat_said_is_known_of_it_and_its_topics,
    a_fate_decides_where_a_delivery_waits,
    the_counts_of_a_capped_chat_are_those_of_the_last_hour,
    quiet_hours_hold_what_waits_and_their_end_lets_it_go,
    turning_a_digest_off_sends_what_was_collected,
    a_mute_drops_what_waits_and_is_about_it,
    what_telegram_makes_wait_is_not_decided_again,
    a_digest_is_claimed_once_and_written_once,
    a_digest_that_nobody_finished_is_composed_by_somebody_else,
    a_digest_does_not_tell_what_was_muted_meanwhile,
    an_alert_that_comes_late_opens_its_digest_again,
    a_claim_brings_the_preferences_that_hold_now,
    a_blocked_chat_has_nothing_collected,
    a_group_keeps_its_ways_under_its_new_id,
    the_facts_behind_a_why_are_found,
    an_album_goes_where_its_words_go,
    everything_is_muted_until_its_end,
);

const HOUR: i64 = 3_600_000;

/// Changes of listings of `demo`, told to `chat` with the fate that each names.
async fn tell(
    db: &dyn Db,
    chat: i64,
    told: &[(&str, Telling)],
    now: DateTime<Utc>,
) -> Vec<Delivery> {
    let (source, epoch) = claimed_source(db, &format!("s{chat}"), "w").await;
    let change = |id: &str| {
        let mut listing = listing(id, 100);
        listing.seller = Some("Ann".into());
        change(&listing, ChangeKind::New, 1, now)
    };
    let changes: Vec<Change> = told.iter().map(|(id, _)| change(id)).collect();
    let alert = |(change, (_, fate)): (&Change, &(&str, Telling))| NewDelivery {
        fate: *fate,
        ..NewDelivery::alert(ChatId(chat), None, Language::En, change.id(), vec!["w".into()], now)
    };
    let deliveries: Vec<NewDelivery> = changes.iter().zip(told).map(alert).collect();
    let batch = MatchBatch {
        source: source.clone(),
        epoch,
        site: "demo".into(),
        listings: changes.iter().map(|c| write(c.listing.clone(), Some(c.clone()))).collect(),
        deliveries: deliveries.clone(),
        run: None,
        now,
    };
    assert!(!db.record_matches(&batch).await.unwrap().fenced);
    db.release_source(&source, epoch, at(0)).await.unwrap();
    let mut all = Vec::new();
    for one in deliveries {
        all.push(delivery(db, &one.id).await);
    }
    all
}

fn collect(ms: i64) -> Telling {
    Telling::Collect { slot: at(ms), why: Stop::Digest }
}

fn hold(ms: i64) -> Telling {
    Telling::Hold { until: at(ms), why: Stop::Quiet }
}

/// Quiet from an hour before `at(0)` until two hours after it, in UTC.
pub fn quiet() -> Patch {
    let minute = |ms: i64| {
        use chrono::Timelike;
        u16::try_from(at(ms).hour() * 60 + at(ms).minute()).unwrap()
    };
    Patch::Quiet(Some(Quiet { from: minute(-HOUR), to: minute(2 * HOUR) }))
}

async fn states(db: &dyn Db, told: &[Delivery]) -> Vec<DeliveryState> {
    let mut states = Vec::new();
    for one in told {
        states.push(delivery(db, &one.new.id).await.state);
    }
    states
}

fn folding(due: &DigestDue, rows: &[Delivery]) -> Folding {
    let message = NewDelivery {
        content: Content::Message(Outgoing::text("digest")),
        thread: due.place.1,
        ..message(Class::Digest, due.place.0.0, &format!("{}/{}", due.slot, due.epoch), at(0))
    };
    Folding { message, rows: rows.iter().map(|one| one.new.id.clone()).collect() }
}

async fn what_a_chat_said_is_known_of_it_and_its_topics(db: &dyn Db) {
    db.set_zone("Europe/Kyiv").await.unwrap();
    let (chat, topic) = ((ChatId(5), None), (ChatId(5), Some(9)));
    assert_eq!(db.preferences_of(chat).await.unwrap().zone, "Europe/Kyiv");
    db.prefer(chat, &[Patch::Cap(Some(3)), Patch::Replies(true)], at(0)).await.unwrap();
    db.prefer(topic, &[Patch::Cap(Some(7)), Patch::Zone("bad zone".into())], at(0)).await.unwrap();
    db.mute(chat, &Mute::seller("demo", "Ann", None), at(0)).await.unwrap();
    db.mute(topic, &Mute::all(Some(at(10))), at(0)).await.unwrap();

    let places = [chat, topic, (ChatId(5), Some(8)), (ChatId(6), None)];
    let how = db.how_told(&places, at(1)).await.unwrap();
    let caps: Vec<_> =
        places.iter().map(|place| how.get(place).map(|how| how.preferences.cap_per_hour)).collect();
    assert_eq!(caps, [Some(Some(3)), Some(Some(7)), Some(Some(3)), None]);
    assert!(how[&topic].preferences.replies, "a topic begins with the ways of its chat");
    assert_eq!(how[&topic].preferences.zone, "Europe/Kyiv", "a bad zone is the installation's");
    assert_eq!((how[&chat].mutes.len(), how[&topic].mutes.len()), (1, 2));
    assert_eq!(db.mutes_of(topic, at(10)).await.unwrap(), [], "it is over");
    assert!(db.unmute(chat, &Mute::seller("demo", "Ann", None)).await.unwrap());
    assert!(!db.unmute(chat, &Mute::seller("demo", "Ann", None)).await.unwrap());
    assert_eq!(db.how_told(&[chat], at(20)).await.unwrap()[&chat].mutes, []);
}

async fn a_fate_decides_where_a_delivery_waits(db: &dyn Db) {
    let fates = [
        ("a", Telling::Send),
        ("b", hold(HOUR)),
        ("c", collect(HOUR)),
        ("d", Telling::Drop { why: Stop::MutedSeller }),
    ];
    let told = tell(db, 1, &fates, at(0)).await;
    use DeliveryState::{Collected, Dropped, Pending};
    assert_eq!(states(db, &told).await, [Pending, Pending, Collected, Dropped]);
    assert_eq!(told[1].new.not_before, at(HOUR));
    assert_eq!((told[2].slot, told[2].done_at), (Some(at(HOUR)), None));
    assert_eq!(told[3].done_at, Some(at(0)));
    let stop = |one: &Delivery| one.reason.as_deref().and_then(Stop::from_reason);
    let stops: Vec<_> = told.iter().map(stop).collect();
    assert_eq!(stops, [None, Some(Stop::Quiet), Some(Stop::Digest), Some(Stop::MutedSeller)]);

    let claimed = db.claim_deliveries(&claim_all("s", at(0))).await.unwrap();
    assert_eq!(claimed.iter().map(|c| &c.delivery.new.id).collect::<Vec<_>>(), [&told[0].new.id]);
    db.settle_deliveries(&[settlement(&claimed[0], sent())], at(0)).await.unwrap();
    assert_eq!(db.next_delivery_at().await.unwrap(), Some(at(HOUR)));
    let claimed = db.claim_deliveries(&claim_all("s", at(HOUR))).await.unwrap();
    assert_eq!(claimed[0].delivery.new.id, told[1].new.id);
}

async fn the_counts_of_a_capped_chat_are_those_of_the_last_hour(db: &dyn Db) {
    let place = (ChatId(1), None);
    db.prefer(place, &[Patch::Cap(Some(9))], at(-HOUR)).await.unwrap();
    tell(db, 1, &[("old", Telling::Send)], at(-HOUR)).await;
    let now = [("a", Telling::Send), ("b", Telling::Send), ("c", hold(5)), ("d", collect(5))];
    tell(db, 1, &now, at(0)).await;
    let counts = db.how_told(&[place], at(0)).await.unwrap()[&place].counts;
    assert_eq!((counts.told, counts.held), (2, 1));
}

async fn quiet_hours_hold_what_waits_and_their_end_lets_it_go(db: &dyn Db) {
    let place = (ChatId(1), None);
    let told = tell(db, 1, &[("a", Telling::Send)], at(0)).await;
    assert_eq!(db.prefer(place, &[quiet()], at(1)).await.unwrap(), 1);
    let held = delivery(db, &told[0].new.id).await;
    let end = held.new.not_before;
    assert!(end > at(HOUR) && end <= at(2 * HOUR), "{end}");
    assert_eq!(held.reason.as_deref(), Some(Stop::Quiet.reason()));
    assert!(db.claim_deliveries(&claim_all("s", at(2))).await.unwrap().is_empty());
    assert_eq!(db.next_delivery_at().await.unwrap(), Some(end));

    assert_eq!(db.prefer(place, &[Patch::Quiet(None)], at(3)).await.unwrap(), 1);
    let claimed = db.claim_deliveries(&claim_all("s", at(3))).await.unwrap();
    assert_eq!(claimed.len(), 1);
    assert_eq!(claimed[0].delivery.reason, None);
}

async fn turning_a_digest_off_sends_what_was_collected(db: &dyn Db) {
    let place = (ChatId(1), None);
    let told = tell(db, 1, &[("a", Telling::Send), ("b", Telling::Send)], at(0)).await;
    assert_eq!(db.prefer(place, &[Patch::Digest(Digest::Hour)], at(0)).await.unwrap(), 2);
    assert_eq!(states(db, &told).await, [DeliveryState::Collected; 2]);
    assert_eq!(db.prefer(place, &[Patch::Replies(true)], at(1)).await.unwrap(), 0);
    assert_eq!(db.prefer(place, &[Patch::Digest(Digest::Off)], at(1)).await.unwrap(), 2);
    assert_eq!(states(db, &told).await, [DeliveryState::Pending; 2]);
    assert_eq!(db.claim_deliveries(&claim_all("s", at(1))).await.unwrap().len(), 1);
    // The digest that nothing waits for says nothing.
    for due in db.claim_digests(&owner("d"), at(2 * HOUR), 9).await.unwrap() {
        assert_eq!(db.load_digest(&due).await.unwrap(), []);
        assert_eq!(db.write_digest(&due, &[], at(0)).await.unwrap(), DigestWritten::Done);
    }
    assert_eq!(db.claim_digests(&owner("d"), at(9 * HOUR), 9).await.unwrap(), []);
}

async fn a_mute_drops_what_waits_and_is_about_it(db: &dyn Db) {
    let fates = [("a", Telling::Send), ("b", collect(HOUR)), ("c", hold(HOUR))];
    let told = tell(db, 1, &fates, at(0)).await;
    let other = tell(db, 2, &fates[..1], at(0)).await;
    let place = (ChatId(1), None);
    let mute = Mute::listing(&told_key("b"), Some(at(HOUR)));
    db.mute(place, &mute, at(1)).await.unwrap();
    assert_eq!(states(db, &told[1..2]).await, [DeliveryState::Dropped]);
    let effect = Effect::Mute { place, mute: Mute::seller("demo", "Ann", None) };
    apply(db, &update(1, at(2), vec![effect])).await;
    assert_eq!(states(db, &told).await, [DeliveryState::Dropped; 3]);
    assert_eq!(states(db, &other).await, [DeliveryState::Pending], "another chat hears of it");
    let reason = delivery(db, &told[1].new.id).await.reason;
    assert_eq!(reason.as_deref(), Some(Stop::MutedListing.reason()));
}

fn told_key(id: &str) -> sites::ListingKey {
    sites::ListingKey { site: "demo".into(), id: id.into() }
}

async fn what_telegram_makes_wait_is_not_decided_again(db: &dyn Db) {
    use magpie::domain::delivery::Outcome;
    let told = tell(db, 1, &[("a", Telling::Send)], at(0)).await;
    let claimed = db.claim_deliveries(&claim_all("s", at(0))).await.unwrap();
    let retry = Outcome::Retry { at: at(60_000), reason: "busy".into() };
    db.settle_deliveries(&[settlement(&claimed[0], retry)], at(0)).await.unwrap();
    assert_eq!(db.prefer((ChatId(1), None), &[Patch::Quiet(None)], at(1)).await.unwrap(), 0);
    assert_eq!(delivery(db, &told[0].new.id).await.new.not_before, at(60_000));
}

async fn a_digest_is_claimed_once_and_written_once(db: &dyn Db) {
    let told = tell(db, 1, &[("a", collect(HOUR)), ("b", collect(HOUR))], at(0)).await;
    tell(db, 2, &[("a", collect(2 * HOUR))], at(0)).await;
    assert_eq!(db.claim_digests(&owner("d"), at(HOUR - 1), 9).await.unwrap(), []);
    let due = db.claim_digests(&owner("d"), at(HOUR), 9).await.unwrap();
    assert_eq!(due.len(), 1);
    assert_eq!((due[0].place, due[0].slot), ((ChatId(1), None), at(HOUR)));
    assert_eq!(db.claim_digests(&owner("e"), at(HOUR), 9).await.unwrap(), []);

    let waiting = db.load_digest(&due[0]).await.unwrap();
    assert_eq!(waiting.len(), 2);
    assert!(waiting.iter().all(|one| one.change.is_some() && one.latest.is_some()));
    let folding = folding(&due[0], &told);
    let written = db.write_digest(&due[0], std::slice::from_ref(&folding), at(HOUR)).await.unwrap();
    assert_eq!(written, DigestWritten::Done);
    let again = db.write_digest(&due[0], std::slice::from_ref(&folding), at(HOUR)).await.unwrap();
    assert_eq!(again, DigestWritten::Fenced, "a repetition writes nothing");
    let folded = delivery(db, &told[0].new.id).await;
    assert_eq!((folded.state, folded.done_at), (DeliveryState::Folded, Some(at(HOUR))));
    assert_eq!(folded.folded_in, Some(folding.message.id.clone()));
    let claimed = db.claim_deliveries(&claim_all("s", at(HOUR))).await.unwrap();
    let ids: Vec<_> = claimed.iter().map(|one| &one.delivery.new.id).collect();
    assert_eq!(ids, [&folding.message.id]);
    assert_eq!(db.claim_digests(&owner("d"), at(HOUR + 90_000), 9).await.unwrap(), []);
}

async fn a_digest_that_nobody_finished_is_composed_by_somebody_else(db: &dyn Db) {
    let told = tell(db, 1, &[("a", collect(HOUR))], at(0)).await;
    let first = db.claim_digests(&owner("d"), at(HOUR), 9).await.unwrap().remove(0);
    assert_eq!(db.claim_digests(&owner("e"), at(HOUR + 60_000), 9).await.unwrap(), []);
    // The first one is slow, or dead: a minute later its claim is somebody else's.
    let later = at(HOUR + 60_001);
    let second = db.claim_digests(&owner("e"), later, 9).await.unwrap().remove(0);
    assert!(second.epoch > first.epoch);
    let late = db.write_digest(&first, &[folding(&first, &told)], later).await.unwrap();
    assert_eq!(late, DigestWritten::Fenced);
    assert_eq!(states(db, &told).await, [DeliveryState::Collected], "nothing is lost");
    let done = db.write_digest(&second, &[folding(&second, &told)], later).await.unwrap();
    assert_eq!(done, DigestWritten::Done);
    let filter = DeliveryFilter::default();
    let all = db.deliveries(&filter).await.unwrap();
    let digests = all.iter().filter(|one| one.new.class == Class::Digest).count();
    assert_eq!(digests, 1, "nothing is told twice");
}

async fn a_digest_does_not_tell_what_was_muted_meanwhile(db: &dyn Db) {
    db.prefer((ChatId(1), None), &[Patch::Digest(Digest::Hour)], at(0)).await.unwrap();
    let told = tell(db, 1, &[("a", collect(HOUR)), ("b", collect(HOUR))], at(0)).await;
    let due = db.claim_digests(&owner("d"), at(HOUR), 9).await.unwrap().remove(0);
    let mute = Mute::listing(&told_key("a"), None);
    db.mute((ChatId(1), None), &mute, at(HOUR)).await.unwrap();
    let moved = db.write_digest(&due, &[folding(&due, &told)], at(HOUR)).await.unwrap();
    assert_eq!(moved, DigestWritten::Moved);
    assert_eq!(states(db, &told).await, [DeliveryState::Dropped, DeliveryState::Collected]);
    let rest = db.load_digest(&due).await.unwrap();
    let rest: Vec<Delivery> = rest.into_iter().map(|one| one.delivery).collect();
    assert_eq!(rest.len(), 1);
    let done = db.write_digest(&due, &[folding(&due, &rest)], at(HOUR)).await.unwrap();
    assert_eq!(done, DigestWritten::Done);
}

async fn an_alert_that_comes_late_opens_its_digest_again(db: &dyn Db) {
    let told = tell(db, 1, &[("a", collect(HOUR))], at(0)).await;
    let due = db.claim_digests(&owner("d"), at(HOUR), 9).await.unwrap().remove(0);
    // One comes while the digest is composed, one after it was written.
    tell(db, 1, &[("b", collect(HOUR))], at(HOUR)).await;
    let done = db.write_digest(&due, &[folding(&due, &told)], at(HOUR)).await.unwrap();
    assert_eq!(done, DigestWritten::Done);
    for id in ["b", "c"] {
        let late = tell(db, 1, &[(id, collect(HOUR))], at(HOUR)).await;
        let due = db.claim_digests(&owner("d"), at(HOUR), 9).await.unwrap().remove(0);
        let waiting = db.load_digest(&due).await.unwrap();
        assert_eq!(waiting.len(), 1, "{id}");
        let done = db.write_digest(&due, &[folding(&due, &late)], at(HOUR)).await.unwrap();
        assert_eq!(done, DigestWritten::Done);
    }
}

async fn a_claim_brings_the_preferences_that_hold_now(db: &dyn Db) {
    tell(db, 1, &[("a", Telling::Send)], at(0)).await;
    tell(db, 2, &[("a", Telling::Send)], at(0)).await;
    db.prefer((ChatId(1), None), &[Patch::Cap(Some(4))], at(0)).await.unwrap();
    let mut claimed = db.claim_deliveries(&claim_all("s", at(0))).await.unwrap();
    claimed.sort_by_key(|one| one.delivery.new.chat);
    let said = |at: usize| claimed[at].standing.preferences.clone();
    assert_eq!(said(0).map(|one: Preferences| one.cap_per_hour), Some(Some(4)));
    assert_eq!(said(1), None);
}

async fn a_blocked_chat_has_nothing_collected(db: &dyn Db) {
    let told = tell(db, 1, &[("a", collect(HOUR)), ("b", hold(HOUR))], at(0)).await;
    let effect = Effect::ChatActive {
        chat: ChatId(1),
        kind: magpie::domain::ChatKind::Private,
        active: false,
        at: at(1_000),
    };
    apply(db, &update(1, at(1_000), vec![effect])).await;
    assert_eq!(states(db, &told).await, [DeliveryState::Dropped; 2]);
}

async fn a_group_keeps_its_ways_under_its_new_id(db: &dyn Db) {
    let (from, to) = (ChatId(-5), ChatId(-1005));
    db.prefer((from, None), &[Patch::Digest(Digest::Hour)], at(0)).await.unwrap();
    db.mute((from, None), &Mute::seller("demo", "Bob", None), at(0)).await.unwrap();
    let told = tell(db, -5, &[("a", collect(HOUR))], at(0)).await;
    apply(db, &update(1, at(1), vec![Effect::MigrateChat { from, to }])).await;
    assert_eq!(db.preferences_of((to, None)).await.unwrap().digest, Digest::Hour);
    assert_eq!(db.mutes_of((to, None), at(1)).await.unwrap().len(), 1);
    let due = db.claim_digests(&owner("d"), at(HOUR), 9).await.unwrap();
    let due = due.iter().find(|due| due.place.0 == to).expect("the digest moved along");
    assert_eq!(db.load_digest(due).await.unwrap()[0].delivery.new.id, told[0].new.id);
}

async fn the_facts_behind_a_why_are_found(db: &dyn Db) {
    let (source, _) = claimed_source(db, "s1", "w").await;
    apply(db, &update(1, at(-5), vec![meet(1, 1), subscribe("wa", 1, 1, &source)])).await;
    db.release_source(&source, 1, at(0)).await.unwrap();
    let told = tell(db, 1, &[("a", Telling::Send)], at(0)).await;
    let ask = WhyAsk { listing: told_key("a"), chat: Some(ChatId(1)), watch: None };
    let facts = db.why_facts(&ask).await.unwrap();
    assert_eq!(facts.known.map(|known| known.listing.id), Some("a".to_owned()));
    assert_eq!(facts.shown.iter().map(|(one, _)| &one.id).collect::<Vec<_>>(), [&source]);
    assert_eq!((facts.changes.len(), facts.watches.len()), (1, 1));
    assert_eq!(facts.deliveries, told);
    let any = db.why_facts(&WhyAsk { chat: None, ..ask.clone() }).await.unwrap();
    assert_eq!(any.watches.len(), 1);
    let nothing = WhyAsk { listing: told_key("zzz"), chat: None, watch: None };
    assert_eq!(db.why_facts(&nothing).await.unwrap(), Default::default());
}

async fn an_album_goes_where_its_words_go(db: &dyn Db) {
    let place = (ChatId(1), None);
    db.prefer(place, &[Patch::Pictures(Pictures::Album)], at(0)).await.unwrap();
    let told = tell(db, 1, &[("a", Telling::Send), ("b", Telling::Send)], at(0)).await;
    let album = |words: &Delivery| {
        let Content::Change { event, .. } = &words.new.content else { panic!("a change") };
        let pictures = vec!["https://a.example/1.jpg".to_owned(), "https://a.example/2.jpg".into()];
        let message = Outgoing { album: pictures, silent: true, ..Outgoing::default() };
        let (id, content) = (album_id(ChatId(1), None, event), Content::Message(message));
        NewDelivery { id, content, ..words.new.clone() }
    };
    enqueue(db, told.iter().map(album).collect(), at(0)).await;
    let mut albums = Vec::new();
    for words in &told {
        albums.push(delivery(db, &album(words).id).await);
    }
    db.prefer(place, &[quiet()], at(1)).await.unwrap();
    for one in [&told[0], &albums[0]] {
        let held = delivery(db, &one.new.id).await;
        assert_eq!(held.reason.as_deref(), Some(Stop::Quiet.reason()));
        assert!(held.new.not_before > at(HOUR));
    }
    db.mute(place, &Mute::listing(&told_key("a"), None), at(2)).await.unwrap();
    use DeliveryState::{Dropped, Pending};
    assert_eq!(states(db, &told).await, [Dropped, Pending]);
    assert_eq!(states(db, &albums).await, [Dropped, Pending]);
    // A digest has no albums: what is taken out of it again shows its first picture.
    db.prefer(place, &[Patch::Quiet(None), Patch::Digest(Digest::Hour)], at(3)).await.unwrap();
    assert_eq!(states(db, &albums).await, [Dropped, Dropped]);
    db.prefer(place, &[Patch::Digest(Digest::Off)], at(4)).await.unwrap();
    let claimed = db.claim_deliveries(&claim_all("s", at(5))).await.unwrap();
    assert_eq!(claimed[0].delivery.new.id, told[1].new.id);
    assert!(!claimed[0].standing.has_album);
}

async fn everything_is_muted_until_its_end(db: &dyn Db) {
    let place = (ChatId(1), None);
    let told = tell(db, 1, &[("a", Telling::Send)], at(0)).await;
    let mute = Mute::all(Some(at(HOUR)));
    apply(db, &update(1, at(1), vec![Effect::Mute { place, mute: mute.clone() }])).await;
    let dropped = delivery(db, &told[0].new.id).await;
    assert_eq!(dropped.state, DeliveryState::Dropped);
    assert_eq!(dropped.reason.as_deref(), Some(Stop::MutedAll.reason()));
    assert_eq!(view(db, 1, 1).await.silence, Some(mute.clone()));
    assert_eq!(view(db, 2, 2).await.silence, None);
    apply(db, &update(2, at(2), vec![Effect::Unmute { place, mute }])).await;
    assert_eq!(view(db, 1, 1).await.silence, None);
}
