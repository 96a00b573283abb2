//! Broadcasts: nobody twice, everybody else once.

use chrono::TimeDelta;
use magpie::domain::campaign::{
    Audience, CampaignId, CampaignOptions, CampaignState, NewCampaign, Progress, Wording,
};
use magpie::domain::delivery::Outcome;
use magpie::domain::{
    Button, ChatId, ChatKind, Class, DeliveryState, EntityKind, Language, Outgoing,
};
use magpie::store::{Db, Effect, Frozen, Queued};

use super::fixtures::{
    apply, at, claim_all, delivery, enqueue, meet, message, owner, sent, settlement, spec,
    subscribe, update,
};

fn campaign(name: &str, audience: Audience) -> NewCampaign {
    let mut wording = Wording::default();
    wording.0.insert(Language::En, Outgoing::text("Hello"));
    wording.0.insert(Language::Uk, Outgoing::text("Вітаю"));
    NewCampaign {
        id: CampaignId(name.into()),
        title: name.into(),
        wording,
        audience,
        options: CampaignOptions::default(),
        created_by: "test".into(),
    }
}

/// People 1 to `count`, and the group −5.
async fn people(db: &dyn Db, count: i64) {
    for user in 1..=count {
        apply(db, &update(user, at(0), vec![meet(user, user)])).await;
    }
    apply(db, &update(1_000, at(0), vec![meet(1, -5)])).await;
}

/// Started, with all recipients frozen.
async fn running(db: &dyn Db, name: &str, audience: Audience) -> CampaignId {
    let new = campaign(name, audience);
    assert!(db.put_campaign(&new, at(0)).await.unwrap());
    assert!(db.start_campaign(&new.id, at(0)).await.unwrap());
    while !db.freeze_recipients(&new.id, 2, at(1)).await.unwrap().complete {}
    new.id
}

/// Sends all that can be claimed; answers the chats.
async fn send_all(db: &dyn Db, now: i64, outcome: impl Fn(i64) -> Outcome) -> Vec<i64> {
    let claimed = db.claim_deliveries(&claim_all("sender", at(now))).await.unwrap();
    let chats: Vec<i64> = claimed.iter().map(|one| one.delivery.new.chat.0).collect();
    let ends: Vec<_> =
        claimed.iter().map(|one| settlement(one, outcome(one.delivery.new.chat.0))).collect();
    db.settle_deliveries(&ends, at(now + 1)).await.unwrap();
    chats
}

async fn everybody_gets_it_once_in_their_language(db: &dyn Db) {
    people(db, 5).await;
    let id = running(db, "news", Audience::default()).await;
    assert_eq!(db.campaign(&id).await.unwrap().unwrap().state, CampaignState::Running);
    let first = db.queue_recipients(&id, 3, at(2)).await.unwrap();
    assert_eq!(first, Queued { queued: 3, done: false });
    assert_eq!(db.queue_recipients(&id, 3, at(2)).await.unwrap().queued, 0, "three wait already");
    let claimed = db.claim_deliveries(&claim_all("sender", at(3))).await.unwrap();
    for one in &claimed {
        assert_eq!(one.delivery.new.class, Class::Broadcast);
        let message = one.standing.message.as_ref().expect("a message");
        assert_eq!(message.text, "Вітаю", "the people of the fixtures speak Ukrainian");
    }
    let ends: Vec<_> = claimed.iter().map(|one| settlement(one, sent())).collect();
    db.settle_deliveries(&ends, at(4)).await.unwrap();
    assert_eq!(db.queue_recipients(&id, 3, at(5)).await.unwrap().queued, 2);
    assert_eq!(db.queue_recipients(&id, 3, at(5)).await.unwrap(), Queued::default());
    assert_eq!(send_all(db, 6, |_| sent()).await.len(), 2);
    assert!(db.queue_recipients(&id, 3, at(8)).await.unwrap().done);
    let done = db.campaign(&id).await.unwrap().unwrap();
    assert_eq!((done.state, done.done_at), (CampaignState::Done, Some(at(8))));
    let progress = db.campaign_progress(&id).await.unwrap();
    assert_eq!(progress, Progress { recipients: 5, sent: 5, ..Progress::default() });
    assert!(send_all(db, 9, |_| sent()).await.is_empty());
}

async fn an_audience_is_frozen_before_the_first_message(db: &dyn Db) {
    people(db, 3).await;
    let new = campaign("frozen", Audience::default());
    db.put_campaign(&new, at(0)).await.unwrap();
    assert_eq!(
        db.freeze_recipients(&new.id, 2, at(1)).await.unwrap(),
        Frozen::default(),
        "a draft"
    );
    assert_eq!(db.queue_recipients(&new.id, 9, at(1)).await.unwrap(), Queued::default(), "a draft");
    assert!(db.start_campaign(&new.id, at(1)).await.unwrap());
    assert!(!db.start_campaign(&new.id, at(1)).await.unwrap(), "started already");
    assert!(!db.put_campaign(&new, at(1)).await.unwrap(), "no draft any more");
    assert!(!db.remove_campaign(&new.id).await.unwrap(), "no draft any more");
    let step = db.freeze_recipients(&new.id, 2, at(1)).await.unwrap();
    assert_eq!(step, Frozen { added: 2, complete: false });
    assert_eq!(
        db.queue_recipients(&new.id, 9, at(1)).await.unwrap(),
        Queued::default(),
        "freezing"
    );
    let step = db.freeze_recipients(&new.id, 2, at(1)).await.unwrap();
    assert_eq!(step, Frozen { added: 1, complete: true });
    // Who comes later is not among them.
    apply(db, &update(9, at(2), vec![meet(9, 9)])).await;
    assert_eq!(db.freeze_recipients(&new.id, 2, at(2)).await.unwrap(), Frozen::default());
    assert_eq!(db.queue_recipients(&new.id, 9, at(2)).await.unwrap().queued, 3);
    let recipients = db.recipients(&new.id, None, 1, 10).await.unwrap();
    let places: Vec<(i64, i64)> = recipients.iter().map(|one| (one.place, one.chat.0)).collect();
    assert_eq!(places, [(2, 2), (3, 3)]);
}

async fn a_stop_withdraws_what_is_queued_and_a_start_goes_on(db: &dyn Db) {
    people(db, 6).await;
    let id = running(db, "stopped", Audience::default()).await;
    db.queue_recipients(&id, 4, at(2)).await.unwrap();
    let mut first = claim_all("sender", at(3));
    first.limit = 1;
    let under_way = db.claim_deliveries(&first).await.unwrap();
    assert_eq!(db.stop_campaign(&id, at(4)).await.unwrap(), Some(3));
    assert_eq!(db.stop_campaign(&id, at(4)).await.unwrap(), None, "stopped already");
    assert!(db.claim_deliveries(&claim_all("sender", at(5))).await.unwrap().is_empty());
    assert_eq!(db.queue_recipients(&id, 4, at(5)).await.unwrap(), Queued::default());
    let ends: Vec<_> = under_way.iter().map(|one| settlement(one, sent())).collect();
    db.settle_deliveries(&ends, at(5)).await.unwrap();
    let progress = db.campaign_progress(&id).await.unwrap();
    let expected = Progress { recipients: 6, waiting: 5, sent: 1, ..Progress::default() };
    assert_eq!(progress, expected);
    // On again: the others, and nobody twice.
    assert!(db.start_campaign(&id, at(6)).await.unwrap());
    assert_eq!(db.queue_recipients(&id, 9, at(6)).await.unwrap().queued, 5);
    let mut chats = send_all(db, 7, |_| sent()).await;
    chats.extend(under_way.iter().map(|one| one.delivery.new.chat.0));
    chats.sort_unstable();
    assert_eq!(chats, [1, 2, 3, 4, 5, 6]);
}

async fn a_stop_while_freezing_is_taken_up_where_it_was(db: &dyn Db) {
    people(db, 5).await;
    let new = campaign("halted", Audience::default());
    db.put_campaign(&new, at(0)).await.unwrap();
    db.start_campaign(&new.id, at(0)).await.unwrap();
    assert_eq!(db.freeze_recipients(&new.id, 2, at(1)).await.unwrap().added, 2);
    assert_eq!(db.stop_campaign(&new.id, at(2)).await.unwrap(), Some(0));
    assert_eq!(db.freeze_recipients(&new.id, 2, at(2)).await.unwrap(), Frozen::default());
    db.start_campaign(&new.id, at(3)).await.unwrap();
    let state = db.campaign(&new.id).await.unwrap().unwrap().state;
    assert_eq!(state, CampaignState::Freezing);
    while !db.freeze_recipients(&new.id, 2, at(4)).await.unwrap().complete {}
    let recipients = db.recipients(&new.id, None, 0, 10).await.unwrap();
    let chats: Vec<i64> = recipients.iter().map(|one| one.chat.0).collect();
    assert_eq!(chats, [1, 2, 3, 4, 5]);
}

async fn what_a_crash_leaves_in_doubt_is_listed_and_not_repeated(db: &dyn Db) {
    people(db, 3).await;
    let id = running(db, "crash", Audience::default()).await;
    db.queue_recipients(&id, 9, at(2)).await.unwrap();
    let mut one = claim_all("dead", at(3));
    one.limit = 1;
    let claimed = db.claim_deliveries(&one).await.unwrap();
    db.bury_instance(&owner("dead"), at(4)).await.unwrap();
    let others = send_all(db, 10_000, |_| sent()).await;
    assert_eq!(others.len(), 2, "not the one in doubt");
    let unknown = db.recipients(&id, Some(DeliveryState::Unknown), 0, 10).await.unwrap();
    assert_eq!(unknown.len(), 1);
    assert_eq!(unknown[0].chat, claimed[0].delivery.new.chat);
    assert!(db.queue_recipients(&id, 9, at(10_001)).await.unwrap().done);
    // A person may decide otherwise.
    assert_eq!(db.resend_unknown(&id, at(20_000)).await.unwrap(), 1);
    assert_eq!(db.resend_unknown(&id, at(20_000)).await.unwrap(), 0);
    let state = db.campaign(&id).await.unwrap().unwrap().state;
    assert_eq!(state, CampaignState::Running);
    // A stop in between forgets no doubt.
    assert_eq!(db.stop_campaign(&id, at(20_000)).await.unwrap(), Some(0));
    let still = db.recipients(&id, Some(DeliveryState::Unknown), 0, 10).await.unwrap();
    assert_eq!(still.len(), 1);
    assert!(db.start_campaign(&id, at(20_000)).await.unwrap());
    assert_eq!(db.queue_recipients(&id, 9, at(20_000)).await.unwrap().queued, 0);
    assert_eq!(db.resend_unknown(&id, at(20_000)).await.unwrap(), 1);
    assert_eq!(send_all(db, 20_001, |_| sent()).await, [unknown[0].chat.0]);
    assert!(db.queue_recipients(&id, 9, at(20_003)).await.unwrap().done);
}

async fn who_may_not_be_written_to_has_that_as_a_result(db: &dyn Db) {
    people(db, 3).await;
    let id = running(db, "blocked", Audience::default()).await;
    let (chat, kind) = (ChatId(2), ChatKind::Private);
    let blocked = Effect::ChatActive { chat, kind, active: false, at: at(2) };
    apply(db, &update(50, at(2), vec![blocked])).await;
    assert_eq!(db.queue_recipients(&id, 9, at(3)).await.unwrap().queued, 3);
    let gone = |chat| match chat {
        3 => Outcome::ChatGone { reason: "blocked".into() },
        _ => sent(),
    };
    assert_eq!(send_all(db, 4, gone).await.len(), 2);
    let progress = db.campaign_progress(&id).await.unwrap();
    assert_eq!((progress.sent, progress.dropped), (1, 2), "{progress:?}");
    let dropped = db.recipients(&id, Some(DeliveryState::Dropped), 0, 10).await.unwrap();
    let reasons: Vec<_> = dropped.iter().map(|one| one.reason.as_deref().unwrap_or("")).collect();
    assert_eq!(reasons, ["the chat may not be written to", "blocked"]);
    assert!(db.queue_recipients(&id, 9, at(6)).await.unwrap().done);
}

async fn an_audience_is_who_was_asked_for(db: &dyn Db) {
    people(db, 4).await;
    let speak = Effect::SetLanguage { user: magpie::domain::UserId(2), language: Language::En };
    apply(db, &update(60, at(0), vec![speak])).await;
    db.put_sources(&[spec("flats")], at(0)).await.unwrap();
    let watch = subscribe("w", 3, 3, &spec("flats").id());
    apply(db, &update(61, at(0), vec![watch])).await;
    let count = async |audience: Audience| {
        let counts = db.count_audience(&audience, at(0) + TimeDelta::days(10)).await.unwrap();
        counts.iter().map(|(_, many)| many).sum::<i64>()
    };
    let all = Audience::default;
    assert_eq!(count(all()).await, 4);
    assert_eq!(count(Audience { languages: vec![Language::En], ..all() }).await, 1);
    assert_eq!(count(Audience { watching: Some(true), ..all() }).await, 1);
    assert_eq!(count(Audience { watching: Some(false), ..all() }).await, 3);
    assert_eq!(count(Audience { chats: vec![ChatId(1), ChatId(4)], ..all() }).await, 2);
    assert_eq!(count(Audience { without_plan: true, ..all() }).await, 4);
    assert_eq!(count(Audience { plans: vec!["pro".into()], ..all() }).await, 0);
    let groups = vec![ChatKind::Private, ChatKind::Group];
    assert_eq!(count(Audience { kinds: groups, ..all() }).await, 5);
    let by_language = db.count_audience(&all(), at(0)).await.unwrap();
    assert_eq!(by_language, [(Language::En, 1), (Language::Uk, 3)]);
}

async fn who_said_something_lately_is_active(db: &dyn Db) {
    people(db, 3).await;
    let mut talk = update(70, at(0) + TimeDelta::days(9), vec![]);
    let mut reply = message(Class::Reply, 2, "hello", talk.received_at);
    reply.language = Language::Uk;
    talk.replies = vec![reply];
    apply(db, &talk).await;
    let now = at(0) + TimeDelta::days(10);
    let count = async |audience: Audience| {
        let counts = db.count_audience(&audience, now).await.unwrap();
        counts.iter().map(|(_, many)| many).sum::<i64>()
    };
    let all = Audience::default;
    assert_eq!(count(Audience { active_days: Some(7), ..all() }).await, 1);
    assert_eq!(count(Audience { inactive_days: Some(7), ..all() }).await, 2);
}

async fn it_waits_for_its_moment(db: &dyn Db) {
    people(db, 2).await;
    let new = campaign("later", Audience::default());
    db.put_campaign(&new, at(0)).await.unwrap();
    db.start_campaign(&new.id, at(60_000)).await.unwrap();
    while !db.freeze_recipients(&new.id, 9, at(1)).await.unwrap().complete {}
    assert_eq!(db.queue_recipients(&new.id, 9, at(59_999)).await.unwrap(), Queued::default());
    assert_eq!(db.queue_recipients(&new.id, 9, at(60_000)).await.unwrap().queued, 2);
}

async fn a_draft_may_be_written_anew_and_removed(db: &dyn Db) {
    let mut new = campaign("draft", Audience::default());
    assert!(db.put_campaign(&new, at(0)).await.unwrap());
    new.title = "better".into();
    new.options = CampaignOptions { paid: true, silent: true };
    let bold = magpie::domain::Entity { kind: EntityKind::Bold, offset: 0, length: 5 };
    let action = magpie::domain::message::Action::Url("https://example.com/".into());
    let styled = Outgoing {
        entities: vec![bold],
        buttons: vec![vec![Button { text: "Open".into(), action }]],
        ..Outgoing::text("Hello")
    };
    new.wording.0.insert(Language::En, styled);
    assert!(db.put_campaign(&new, at(1)).await.unwrap());
    let kept = db.campaign(&new.id).await.unwrap().unwrap();
    assert_eq!((&kept.new, kept.created_at), (&new, at(0)));
    assert_eq!(db.campaigns(&[CampaignState::Draft], 10).await.unwrap(), [kept]);
    assert!(db.campaigns(&[CampaignState::Done], 10).await.unwrap().is_empty());
    assert!(db.remove_campaign(&new.id).await.unwrap());
    assert!(!db.remove_campaign(&new.id).await.unwrap());
    assert!(!db.start_campaign(&new.id, at(2)).await.unwrap());
}

async fn an_alert_overtakes_a_broadcast(db: &dyn Db) {
    people(db, 2).await;
    let id = running(db, "slow", Audience::default()).await;
    db.queue_recipients(&id, 9, at(2)).await.unwrap();
    enqueue(db, vec![message(Class::Alert, 2, "fresh", at(3))], at(3)).await;
    let claimed = db.claim_deliveries(&claim_all("sender", at(4))).await.unwrap();
    assert_eq!(claimed[0].delivery.new.class, Class::Alert);
    assert_eq!(claimed[0].delivery.new.chat, ChatId(2));
    let waiting = delivery(db, &id.delivery(ChatId(2))).await;
    assert_eq!(waiting.state, DeliveryState::Pending, "one at a time for each chat");
}

async fn a_test_is_a_message_of_its_own(db: &dyn Db) {
    let new = message(Class::Reply, 1, "test", at(0));
    assert!(db.put_delivery(&new, at(0)).await.unwrap());
    assert!(!db.put_delivery(&new, at(0)).await.unwrap());
    assert_eq!(send_all(db, 1, |_| sent()).await, [1]);
}

super::for_each_db!(
    everybody_gets_it_once_in_their_language,
    an_audience_is_frozen_before_the_first_message,
    a_stop_withdraws_what_is_queued_and_a_start_goes_on,
    a_stop_while_freezing_is_taken_up_where_it_was,
    what_a_crash_leaves_in_doubt_is_listed_and_not_repeated,
    who_may_not_be_written_to_has_that_as_a_result,
    an_audience_is_who_was_asked_for,
    who_said_something_lately_is_active,
    it_waits_for_its_moment,
    a_draft_may_be_written_anew_and_removed,
    an_alert_overtakes_a_broadcast,
    a_test_is_a_message_of_its_own,
);
