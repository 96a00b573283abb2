//! How attempts end: fences, doubt, chats that wait, vanish or move, the dead.

use magpie::domain::delivery::{Claimed, Outcome};
use magpie::domain::{ChatId, Class, DeliveryState, OwnerId};
use magpie::store::{Db, DeliveryFilter, Effect, Instance, SettleReport, SourceFilter};

use super::fixtures::*;

super::for_each_db!(
    a_settlement_counts_once,
    a_settlement_of_an_old_epoch_is_fenced,
    a_refusal_for_now_is_an_attempt_and_waits,
    waiting_is_no_attempt_and_holds_the_whole_chat,
    a_doubt_follows_the_policy_of_its_class,
    a_gone_chat_loses_all_that_waits_and_no_other_does,
    a_chat_that_came_back_in_the_same_second_stays,
    a_migrated_chat_is_renamed_everywhere_and_the_message_sent_again,
    the_dead_leave_a_list_of_doubts,
    two_crashes_are_poison_and_the_lane_goes_on,
    a_burial_is_final,
    a_dead_process_gives_its_sources_back,
    operators_requeue_and_discard,
    dead_letters_are_counted_with_their_age,
    deliveries_are_found_by_class_reason_and_the_beginning_of_their_id,
    ends_keep_their_reason,
    the_outbox_is_counted,
);

async fn claim_one(db: &dyn Db, holder: &str, now: i64) -> Claimed {
    let mut claimed = db.claim_deliveries(&claim_all(holder, at(now))).await.unwrap();
    assert_eq!(claimed.len(), 1);
    claimed.remove(0)
}

async fn settle(db: &dyn Db, claimed: &Claimed, outcome: Outcome, now: i64) -> SettleReport {
    db.settle_deliveries(&[settlement(claimed, outcome)], at(now)).await.unwrap()
}

const COUNTED: SettleReport = SettleReport { settled: 1, fenced: 0 };
const FENCED: SettleReport = SettleReport { settled: 0, fenced: 1 };
const REPEATED: SettleReport = SettleReport { settled: 0, fenced: 0 };

async fn a_settlement_counts_once(db: &dyn Db) {
    enqueue(db, vec![message(Class::Alert, 1, "a", at(0))], at(0)).await;
    let claimed = claim_one(db, "s", 0).await;
    assert_eq!(settle(db, &claimed, sent(), 5).await, COUNTED);
    assert_eq!(settle(db, &claimed, sent(), 6).await, REPEATED);
    let late = Outcome::Dead { reason: "late".into() };
    assert_eq!(settle(db, &claimed, late, 7).await, REPEATED);
    let stored = delivery(db, &claimed.delivery.new.id).await;
    assert_eq!((stored.state, stored.message_id), (DeliveryState::Sent, Some(7)));
    assert_eq!((stored.done_at, stored.owner), (Some(at(5)), None));
}

async fn a_settlement_of_an_old_epoch_is_fenced(db: &dyn Db) {
    enqueue(db, vec![message(Class::Alert, 1, "a", at(0))], at(0)).await;
    let old = claim_one(db, "s", 0).await;
    db.bury_instance(&owner("s"), at(0)).await.unwrap();
    let new = claim_one(db, "t", 2_000).await;
    assert_eq!(new.delivery.epoch, old.delivery.epoch + 1);
    assert_eq!(settle(db, &old, sent(), 2_001).await, FENCED);
    assert_eq!(delivery(db, &old.delivery.new.id).await.state, DeliveryState::Sending);
    assert_eq!(settle(db, &new, sent(), 2_002).await, COUNTED);
    let mut unknown = settlement(&new, sent());
    unknown.id = magpie::domain::DeliveryId("nobody".into());
    assert_eq!(db.settle_deliveries(&[unknown], at(3_000)).await.unwrap(), FENCED);
}

async fn a_refusal_for_now_is_an_attempt_and_waits(db: &dyn Db) {
    enqueue(db, vec![message(Class::Alert, 1, "a", at(0))], at(0)).await;
    let claimed = claim_one(db, "s", 0).await;
    let retry = Outcome::Retry { at: at(500), reason: "500".into() };
    assert_eq!(settle(db, &claimed, retry, 10).await, COUNTED);
    assert_eq!(db.next_delivery_at().await.unwrap(), Some(at(500)));
    assert!(db.claim_deliveries(&claim_all("s", at(499))).await.unwrap().is_empty());
    let again = claim_one(db, "s", 500).await;
    assert_eq!((again.delivery.attempts_refused, again.delivery.epoch), (1, 2));
    let later = Outcome::Later { at: at(900), reason: "no route".into() };
    settle(db, &again, later, 510).await;
    assert_eq!(claim_one(db, "s", 900).await.delivery.attempts_refused, 1);
}

async fn waiting_is_no_attempt_and_holds_the_whole_chat(db: &dyn Db) {
    let three = vec![
        message(Class::Alert, 1, "a", at(0)),
        message(Class::Payment, 1, "b", at(0)),
        message(Class::Alert, 2, "c", at(0)),
    ];
    enqueue(db, three, at(0)).await;
    let claimed = db.claim_deliveries(&claim_all("s", at(0))).await.unwrap();
    let first = claimed.iter().find(|claimed| claimed.delivery.new.chat.0 == 1).unwrap();
    let other = claimed.iter().find(|claimed| claimed.delivery.new.chat.0 == 2).unwrap();
    settle(db, first, Outcome::ChatWaits { until: at(30_000) }, 10).await;
    settle(db, other, sent(), 10).await;
    let stored = delivery(db, &first.delivery.new.id).await;
    assert_eq!((stored.state, stored.attempts_refused), (DeliveryState::Pending, 0));
    // Nothing new of any class goes to this chat, while another one is served.
    enqueue(
        db,
        vec![message(Class::Payment, 1, "d", at(20)), message(Class::Alert, 2, "e", at(20))],
        at(20),
    )
    .await;
    assert_eq!(claim_one(db, "s", 29_999).await.delivery.new.chat, ChatId(2));
    assert_eq!(db.next_delivery_at().await.unwrap(), Some(at(30_000)));
    assert_eq!(claim_one(db, "s", 30_000).await.delivery.new.chat, ChatId(1));
}

async fn a_doubt_follows_the_policy_of_its_class(db: &dyn Db) {
    let both = vec![message(Class::Alert, 1, "a", at(0)), message(Class::Broadcast, 2, "b", at(0))];
    enqueue(db, both, at(0)).await;
    let claimed = db.claim_deliveries(&claim_all("s", at(0))).await.unwrap();
    for claimed in &claimed {
        let doubt = Outcome::Doubt { at: at(2_000), reason: "reset".into() };
        assert_eq!(settle(db, claimed, doubt, 10).await, COUNTED);
    }
    let doubted = DeliveryFilter { doubted: true, ..DeliveryFilter::default() };
    assert_eq!(db.deliveries(&doubted).await.unwrap().len(), 2);
    let again = claim_one(db, "s", 2_000).await;
    assert_eq!((again.delivery.new.class, again.delivery.doubts), (Class::Alert, 1));
    let unknown = DeliveryFilter { state: Some(DeliveryState::Unknown), ..Default::default() };
    assert_eq!(db.deliveries(&unknown).await.unwrap()[0].new.class, Class::Broadcast);
    assert_eq!(db.next_delivery_at().await.unwrap(), None);
}

async fn a_gone_chat_loses_all_that_waits_and_no_other_does(db: &dyn Db) {
    db.put_sources(&[spec("a")], at(0)).await.unwrap();
    let source = spec("a").id();
    let effects = vec![meet(1, 1), subscribe("w", 1, 1, &source)];
    apply(db, &update(1, at(0), effects)).await;
    let many = vec![
        message(Class::Alert, 1, "a", at(0)),
        message(Class::Alert, 1, "b", at(0)),
        message(Class::Alert, 2, "c", at(0)),
    ];
    enqueue(db, many, at(0)).await;
    let claimed = db.claim_deliveries(&claim_all("s", at(0))).await.unwrap();
    let gone = Outcome::ChatGone { reason: "blocked".into() };
    settle(db, &claimed[0], gone.clone(), 2_000).await;
    assert_eq!(settle(db, &claimed[0], gone, 2_000).await, REPEATED);
    let dropped = DeliveryFilter { state: Some(DeliveryState::Dropped), ..Default::default() };
    let dropped = db.deliveries(&dropped).await.unwrap();
    assert_eq!(dropped.len(), 2);
    assert!(dropped.iter().all(|dropped| dropped.new.chat == ChatId(1)));
    assert!(dropped.iter().all(|dropped| dropped.reason.as_deref() == Some("blocked")));
    assert!(db.watches_of(&source).await.unwrap().is_empty());
    settle(db, &claimed[1], sent(), 2_000).await;
    assert_eq!(db.next_delivery_at().await.unwrap(), None);
    // The person writes again.
    apply(db, &update(2, at(3_000), vec![meet(1, 1)])).await;
    assert_eq!(db.watches_of(&source).await.unwrap().len(), 1);
}

async fn a_chat_that_came_back_in_the_same_second_stays(db: &dyn Db) {
    db.put_sources(&[spec("a")], at(0)).await.unwrap();
    let source = spec("a").id();
    let back = Effect::ChatActive {
        chat: ChatId(1),
        kind: magpie::domain::ChatKind::Private,
        active: true,
        at: at(2_000),
    };
    enqueue(db, vec![message(Class::Alert, 1, "a", at(0))], at(0)).await;
    let claimed = claim_one(db, "s", 0).await;
    apply(db, &update(1, at(2_100), vec![subscribe("w", 1, 1, &source), back])).await;
    settle(db, &claimed, Outcome::ChatGone { reason: "blocked".into() }, 2_200).await;
    assert_eq!(db.watches_of(&source).await.unwrap().len(), 1);
}

async fn a_migrated_chat_is_renamed_everywhere_and_the_message_sent_again(db: &dyn Db) {
    db.put_sources(&[spec("a")], at(0)).await.unwrap();
    let source = spec("a").id();
    let mut commit = update(1, at(0), vec![meet(1, -5), subscribe("w", 1, -5, &source)]);
    commit.dialogue = Some(magpie::domain::dialogue::Dialogue {
        at: at(0),
        chat: ChatId(-5),
        user: magpie::domain::UserId(1),
        state: "{}".into(),
        version: 0,
    });
    apply(db, &commit).await;
    let both = vec![message(Class::Alert, -5, "a", at(0)), message(Class::Alert, -5, "b", at(0))];
    enqueue(db, both, at(0)).await;
    let claimed = claim_one(db, "s", 0).await;
    let moved = Outcome::Migrated { to: ChatId(-1005) };
    assert_eq!(settle(db, &claimed, moved.clone(), 10).await, COUNTED);
    assert_eq!(settle(db, &claimed, moved, 11).await, REPEATED);
    let again = claim_one(db, "s", 10).await;
    assert_eq!(again.delivery.new.id, claimed.delivery.new.id);
    assert_eq!(again.delivery.new.chat, ChatId(-1005));
    assert_eq!(again.delivery.attempts_refused, 0);
    let seen = view(db, 1, -1005).await;
    assert_eq!(seen.watches.len(), 1);
    assert_eq!(seen.dialogue.map(|dialogue| dialogue.version), Some(1));
    assert!(view(db, 1, -5).await.watches.is_empty());
    assert_eq!(db.watches_of(&source).await.unwrap()[0].chat, ChatId(-1005));
    settle(db, &again, sent(), 12).await;
    assert_eq!(claim_one(db, "s", 12).await.delivery.new.chat, ChatId(-1005));
}

async fn the_dead_leave_a_list_of_doubts(db: &dyn Db) {
    let both = vec![message(Class::Alert, 1, "a", at(0)), message(Class::Digest, 2, "b", at(0))];
    enqueue(db, both.clone(), at(0)).await;
    db.claim_deliveries(&claim_all("dead", at(0))).await.unwrap();
    let buried = db.bury_instance(&owner("dead"), at(100)).await.unwrap();
    let expected = vec![
        (both[0].id.clone(), DeliveryState::Pending),
        (both[1].id.clone(), DeliveryState::Unknown),
    ];
    assert_eq!(buried.doubts, expected);
    assert!(db.claim_deliveries(&claim_all("s", at(2_099))).await.unwrap().is_empty());
    let again = claim_one(db, "s", 2_100).await;
    assert_eq!((again.delivery.attempts_crashed, again.delivery.doubts), (1, 1));
}

async fn two_crashes_are_poison_and_the_lane_goes_on(db: &dyn Db) {
    let both = vec![message(Class::Alert, 1, "a", at(0)), message(Class::Alert, 1, "b", at(0))];
    enqueue(db, both.clone(), at(0)).await;
    claim_one(db, "one", 0).await;
    db.bury_instance(&owner("one"), at(0)).await.unwrap();
    // The second one of the chat waits behind the doubtful one.
    assert!(db.claim_deliveries(&claim_all("s", at(1_999))).await.unwrap().is_empty());
    assert_eq!(claim_one(db, "two", 2_000).await.delivery.new.id, both[0].id);
    let buried = db.bury_instance(&owner("two"), at(2_500)).await.unwrap();
    assert_eq!(buried.doubts, vec![(both[0].id.clone(), DeliveryState::Dead)]);
    assert_eq!(delivery(db, &both[0].id).await.attempts_crashed, 2);
    assert_eq!(claim_one(db, "s", 2_500).await.delivery.new.id, both[1].id);
}

async fn a_burial_is_final(db: &dyn Db) {
    let instance = |name: &str| Instance {
        owner: OwnerId(name.into()),
        role: "scraper".into(),
        pid: 4,
        lock_path: format!("/somewhere/{name}.lock"),
        started_at: at(0),
    };
    db.register_instance(&instance("a")).await.unwrap();
    db.register_instance(&instance("a")).await.unwrap();
    db.register_instance(&instance("b")).await.unwrap();
    assert_eq!(db.instances().await.unwrap(), vec![instance("a"), instance("b")]);
    enqueue(db, vec![message(Class::Alert, 1, "x", at(0))], at(0)).await;
    claim_one(db, "a", 0).await;
    assert_eq!(db.bury_instance(&owner("a"), at(1)).await.unwrap().doubts.len(), 1);
    assert_eq!(db.bury_instance(&owner("a"), at(1)).await.unwrap(), Default::default());
    assert_eq!(db.instances().await.unwrap(), vec![instance("b")]);
}

async fn a_dead_process_gives_its_sources_back(db: &dyn Db) {
    let (id, epoch) = claimed_source(db, "a", "dead").await;
    assert_eq!(db.bury_instance(&owner("dead"), at(50)).await.unwrap().sources, 1);
    let source = &db.sources(&SourceFilter::default()).await.unwrap()[0];
    assert_eq!(source.next_due_at, at(50));
    let claimed = db.claim_due_sources(&owner("w"), at(50), 9).await.unwrap();
    assert_eq!((claimed[0].id.clone(), claimed[0].epoch), (id, epoch + 1));
}

async fn operators_requeue_and_discard(db: &dyn Db) {
    let both = vec![message(Class::Alert, 1, "a", at(0)), message(Class::Alert, 2, "b", at(0))];
    enqueue(db, both.clone(), at(0)).await;
    let id = &both[0].id;
    assert!(!db.requeue_delivery(id, at(1)).await.unwrap());
    assert!(db.discard_delivery(id, at(1)).await.unwrap());
    assert!(!db.discard_delivery(id, at(1)).await.unwrap());
    assert_eq!(delivery(db, id).await.state, DeliveryState::Dropped);
    let other = claim_one(db, "s", 5).await;
    assert!(!db.discard_delivery(&other.delivery.new.id, at(5)).await.unwrap());
    settle(db, &other, Outcome::Dead { reason: "refused content".into() }, 6).await;
    for id in [id, &other.delivery.new.id] {
        assert!(db.requeue_delivery(id, at(10)).await.unwrap());
        assert!(!db.requeue_delivery(id, at(10)).await.unwrap());
    }
    assert_eq!(db.claim_deliveries(&claim_all("s", at(10))).await.unwrap().len(), 2);
}

async fn ends_keep_their_reason(db: &dyn Db) {
    let both = vec![message(Class::Alert, 1, "a", at(0)), message(Class::Alert, 2, "b", at(0))];
    enqueue(db, both, at(0)).await;
    let claimed = db.claim_deliveries(&claim_all("s", at(0))).await.unwrap();
    settle(db, &claimed[0], Outcome::Dropped { reason: "not found".into() }, 1).await;
    settle(db, &claimed[1], Outcome::Dead { reason: "bad content".into() }, 1).await;
    let first = delivery(db, &claimed[0].delivery.new.id).await;
    assert_eq!((first.state, first.reason.as_deref()), (DeliveryState::Dropped, Some("not found")));
    let second = delivery(db, &claimed[1].delivery.new.id).await;
    assert_eq!(
        (second.state, second.reason.as_deref()),
        (DeliveryState::Dead, Some("bad content"))
    );
    let of_two = DeliveryFilter { chat: Some(ChatId(2)), ..Default::default() };
    assert_eq!(db.deliveries(&of_two).await.unwrap(), vec![second]);
}

async fn the_outbox_is_counted(db: &dyn Db) {
    assert_eq!(db.outbox_stats().await.unwrap(), Default::default());
    enqueue(db, vec![message(Class::Alert, 1, "a", at(0))], at(0)).await;
    enqueue(db, vec![message(Class::Alert, 2, "b", at(9))], at(9)).await;
    let stats = db.outbox_stats().await.unwrap();
    assert_eq!(stats.by_state, vec![(DeliveryState::Pending, 2)]);
    assert_eq!(stats.oldest_ready, Some(at(0)));
    let claimed = db.claim_deliveries(&claim_all("s", at(10))).await.unwrap();
    let doubt = Outcome::Doubt { at: at(2_000), reason: "reset".into() };
    settle(db, &claimed[0], doubt, 11).await;
    settle(db, &claimed[1], sent(), 11).await;
    let stats = db.outbox_stats().await.unwrap();
    assert_eq!(stats.by_state.len(), 2);
    assert!(stats.by_state.contains(&(DeliveryState::Sent, 1)));
    assert_eq!((stats.doubted, stats.oldest_ready), (1, None));
}

async fn dead_letters_are_counted_with_their_age(db: &dyn Db) {
    assert_eq!(db.dead_letters().await.unwrap(), Default::default());
    let two = vec![message(Class::Alert, 1, "a", at(0)), message(Class::Alert, 2, "b", at(0))];
    enqueue(db, two, at(0)).await;
    let claimed = db.claim_deliveries(&claim_all("s", at(0))).await.unwrap();
    for (claimed, time) in claimed.iter().zip([5, 9]) {
        settle(db, claimed, Outcome::Dead { reason: "strange".into() }, time).await;
    }
    let letters = db.dead_letters().await.unwrap();
    assert_eq!((letters.count, letters.oldest), (2, Some(at(5))));
}

async fn deliveries_are_found_by_class_reason_and_the_beginning_of_their_id(db: &dyn Db) {
    let all = vec![
        message(Class::Alert, 1, "a", at(0)),
        message(Class::Broadcast, 2, "b", at(0)),
        message(Class::Alert, 3, "c", at(0)),
    ];
    enqueue(db, all.clone(), at(0)).await;
    let claimed = db.claim_deliveries(&claim_all("s", at(0))).await.unwrap().remove(0);
    settle(db, &claimed, Outcome::Dead { reason: "100% Strange_".into() }, 1).await;
    let ids = |filter: DeliveryFilter| async move {
        let count = db.count_deliveries(&filter).await.unwrap();
        let found = db.deliveries(&filter).await.unwrap();
        assert_eq!(count, found.len() as u64);
        found.into_iter().map(|one| one.new.id).collect::<Vec<_>>()
    };
    let alerts = DeliveryFilter { class: Some(Class::Alert), ..Default::default() };
    assert_eq!(ids(alerts).await, [all[2].id.clone(), all[0].id.clone()]);
    let reason = |text: &str| DeliveryFilter { reason: Some(text.into()), ..Default::default() };
    assert_eq!(ids(reason("0% strange_")).await, std::slice::from_ref(&claimed.delivery.new.id));
    assert!(ids(reason("0%str_nge")).await.is_empty(), "the signs mean themselves");
    let prefix = |text: &str| DeliveryFilter { prefix: Some(text.into()), ..Default::default() };
    let whole = all[1].id.as_str();
    assert_eq!(ids(prefix(whole)).await, [all[1].id.clone()]);
    assert_eq!(ids(prefix(&whole[..10])).await, [all[1].id.clone()]);
    assert_eq!(ids(prefix("")).await.len(), 3);
    assert!(ids(prefix("zz")).await.is_empty());
}
