//! Updates: each takes effect once, all or nothing.

use chrono::TimeDelta;
use magpie::domain::delivery::{Content, Outcome};
use magpie::domain::dialogue::Dialogue;
use magpie::domain::pace::Limits;
use magpie::domain::{
    ChatId, ChatKind, Class, DeliveryState, Language, NewDelivery, Outgoing, UserId, WatchId,
};
use magpie::store::{Committed, Db, DeliveryFilter, Effect, PoisonUpdate, UpdateCommit};

use super::fixtures::*;

super::for_each_db!(
    an_unknown_conversation_is_empty,
    a_repeated_update_changes_nothing,
    many_repeats_at_once_are_one,
    a_conversation_that_moved_on_is_a_conflict_and_leaves_no_trace,
    only_one_of_many_writers_of_a_version_wins,
    a_met_person_keeps_their_language,
    a_language_is_chosen_for_person_and_watches,
    replies_are_written_as_sending_of_the_bot,
    alerts_wait_until_replies_are_settled,
    replies_may_be_a_little_faster_than_alerts,
    replies_pay_for_the_overall_pace,
    replies_wait_when_telegram_said_so,
    subscribing_again_resumes_the_watch,
    a_foreign_watch_is_not_touched,
    the_newer_event_of_a_chat_wins_in_any_order,
    a_block_drops_what_waits,
    a_group_that_moves_is_renamed,
    poison_is_kept_once,
    the_polling_position_moves,
);

async fn an_unknown_conversation_is_empty(db: &dyn Db) {
    let seen = view(db, 1, 1).await;
    assert_eq!((seen.user, seen.dialogue), (None, None));
    assert!(seen.watches.is_empty() && seen.offered.is_empty() && seen.sample.is_empty());
}

fn state(version: i64, text: &str) -> Option<Dialogue> {
    Some(Dialogue { chat: ChatId(1), user: UserId(1), state: text.into(), at: at(0), version })
}

fn reply(update: i64, position: usize, chat: i64, now: i64) -> NewDelivery {
    let text = Outgoing::text(format!("reply {position}"));
    NewDelivery::reply(update, position, ChatId(chat), None, Language::En, text, at(now))
}

async fn replies(db: &dyn Db, commit: &UpdateCommit) -> Vec<magpie::domain::delivery::Claimed> {
    match db.commit_update(commit).await.unwrap() {
        Committed::Applied { replies } => replies,
        other => panic!("{other:?}"),
    }
}

async fn a_repeated_update_changes_nothing(db: &dyn Db) {
    let mut commit = update(1, at(0), vec![meet(1, 1)]);
    commit.dialogue = state(0, "first");
    commit.replies = vec![reply(1, 0, 1, 0)];
    apply(db, &commit).await;
    assert_eq!(db.commit_update(&commit).await.unwrap(), Committed::Repeat);
    commit.dialogue = state(1, "second");
    commit.replies = vec![reply(1, 1, 1, 0)];
    assert_eq!(db.commit_update(&commit).await.unwrap(), Committed::Repeat);
    assert_eq!(view(db, 1, 1).await.dialogue, state(1, "first"));
    assert_eq!(db.deliveries(&DeliveryFilter::default()).await.unwrap().len(), 1);
    // Another bot has ids of its own.
    commit.bot = 2;
    apply(db, &commit).await;
}

async fn many_repeats_at_once_are_one(db: &dyn Db) {
    let commit = update(9, at(0), vec![meet(1, 1)]);
    let all = futures_util::future::join_all((0..32).map(|_| db.commit_update(&commit))).await;
    let applied = all.iter().filter(|one| matches!(one, Ok(Committed::Applied { .. }))).count();
    let repeats = all.iter().filter(|one| matches!(one, Ok(Committed::Repeat))).count();
    assert_eq!((applied, repeats), (1, 31));
}

async fn a_conversation_that_moved_on_is_a_conflict_and_leaves_no_trace(db: &dyn Db) {
    let mut first = update(1, at(0), vec![]);
    first.dialogue = state(0, "first");
    apply(db, &first).await;
    let mut second = update(2, at(0), vec![meet(1, 1)]);
    second.replies = vec![reply(2, 0, 1, 0)];
    for version in [0, 2] {
        second.dialogue = state(version, "second");
        assert_eq!(db.commit_update(&second).await.unwrap(), Committed::Conflict);
    }
    let seen = view(db, 1, 1).await;
    assert_eq!((seen.user, seen.dialogue), (None, state(1, "first")));
    assert!(db.deliveries(&DeliveryFilter::default()).await.unwrap().is_empty());
    second.dialogue = state(1, "second");
    apply(db, &second).await;
    assert_eq!(view(db, 1, 1).await.dialogue, state(2, "second"));
}

async fn only_one_of_many_writers_of_a_version_wins(db: &dyn Db) {
    let commits: Vec<_> = (0..16)
        .map(|id| UpdateCommit { dialogue: state(0, &id.to_string()), ..update(id, at(0), vec![]) })
        .collect();
    let all = futures_util::future::join_all(commits.iter().map(|c| db.commit_update(c))).await;
    let won = all.iter().filter(|one| matches!(one, Ok(Committed::Applied { .. }))).count();
    let lost = all.iter().filter(|one| matches!(one, Ok(Committed::Conflict))).count();
    assert_eq!((won, lost), (1, 15));
}

async fn a_met_person_keeps_their_language(db: &dyn Db) {
    apply(db, &update(1, at(0), vec![meet(1, 1)])).await;
    let user = view(db, 1, 1).await.user.unwrap();
    assert_eq!((user.language, user.created_at, user.banned), (Language::Uk, at(0), false));
    let again = Effect::Meet {
        user: UserId(1),
        chat: ChatId(1),
        kind: ChatKind::Private,
        language: Language::En,
    };
    apply(db, &update(2, at(9), vec![again])).await;
    assert_eq!(view(db, 1, 1).await.user, Some(user));
}

async fn a_language_is_chosen_for_person_and_watches(db: &dyn Db) {
    db.put_sources(&[spec("a")], at(0)).await.unwrap();
    let effects = vec![meet(1, 1), subscribe("w", 1, 1, &spec("a").id())];
    apply(db, &update(1, at(0), effects)).await;
    let chosen = Effect::SetLanguage { user: UserId(1), language: Language::Ru };
    apply(db, &update(2, at(0), vec![chosen])).await;
    let seen = view(db, 1, 1).await;
    assert_eq!(seen.user.unwrap().language, Language::Ru);
    assert_eq!(seen.watches[0].language, Language::Ru);
    assert_eq!(seen.offered.len(), 1);
}

async fn replies_are_written_as_sending_of_the_bot(db: &dyn Db) {
    let mut commit = update(1, at(0), vec![]);
    commit.replies = vec![reply(1, 0, 1, 0), reply(1, 1, 1, 0), reply(1, 2, 5, 0)];
    let written = replies(db, &commit).await;
    let names: Vec<_> = written.iter().map(|one| one.delivery.new.clone()).collect();
    assert_eq!(names, commit.replies);
    for one in &written {
        assert_eq!((one.delivery.state, one.delivery.epoch), (DeliveryState::Sending, 1));
        assert_eq!((&one.delivery.owner, one.send_at), (&Some(owner("bot")), at(0)));
        assert_eq!(delivery(db, &one.delivery.new.id).await, one.delivery);
    }
    // A bot that dies leaves them as doubts, to be sent again.
    let buried = db.bury_instance(&owner("bot"), at(1)).await.unwrap();
    assert_eq!(buried.doubts.len(), 3);
    let resent = db.claim_deliveries(&claim_all("s", at(2_001))).await.unwrap();
    assert_eq!(resent.len(), 2);
    assert!(matches!(&resent[0].delivery.new.content, Content::Message(m) if m.text == "reply 0"));
}

async fn alerts_wait_until_replies_are_settled(db: &dyn Db) {
    let mut commit = update(1, at(0), vec![]);
    commit.replies = vec![reply(1, 0, 1, 0), reply(1, 1, 1, 0)];
    enqueue(db, vec![message(Class::Alert, 1, "before", at(0))], at(0)).await;
    let written = replies(db, &commit).await;
    enqueue(db, vec![message(Class::Alert, 1, "after", at(0))], at(0)).await;
    let claim = |now| async move { db.claim_deliveries(&claim_all("s", at(now))).await.unwrap() };
    assert!(claim(10).await.is_empty());
    db.settle_deliveries(&[settlement(&written[0], sent())], at(20)).await.unwrap();
    assert!(claim(20).await.is_empty());
    db.settle_deliveries(&[settlement(&written[1], sent())], at(30)).await.unwrap();
    assert_eq!(claim(30).await.len(), 1);
}

async fn replies_may_be_a_little_faster_than_alerts(db: &dyn Db) {
    let limits = Limits { gap_us: 0, ..Limits::default() };
    let mut commit = UpdateCommit { limits, ..update(1, at(0), vec![meet(1, 1)]) };
    commit.replies = (0..6).map(|position| reply(1, position, 1, 0)).collect();
    let written = replies(db, &commit).await;
    let slots: Vec<_> = written.iter().map(|one| one.send_at).collect();
    assert_eq!(slots, [at(0), at(0), at(0), at(0), at(1_050), at(1_050)]);
    let ends: Vec<_> = written.iter().map(|one| settlement(one, sent())).collect();
    db.settle_deliveries(&ends, at(1_060)).await.unwrap();
    // An alert keeps the distance from the last reply.
    enqueue(db, vec![message(Class::Alert, 1, "a", at(1_060))], at(1_060)).await;
    let mut request = claim_all("s", at(2_099));
    request.limits = limits;
    assert!(db.claim_deliveries(&request).await.unwrap().is_empty());
    request.now = at(2_100);
    assert_eq!(db.claim_deliveries(&request).await.unwrap().len(), 1);
}

async fn replies_pay_for_the_overall_pace(db: &dyn Db) {
    let limits = Limits { gap_us: 40_000, ..Limits::OFF };
    let mut commit = UpdateCommit { limits, ..update(1, at(0), vec![]) };
    commit.replies = (0..5).map(|position| reply(1, position, 50 + position as i64, 0)).collect();
    let written = replies(db, &commit).await;
    assert!(written.iter().all(|one| one.send_at == at(0)));
    enqueue(db, vec![message(Class::Alert, 1, "a", at(0))], at(0)).await;
    let mut request = claim_all("s", at(0));
    request.limits = limits;
    let claimed = db.claim_deliveries(&request).await.unwrap();
    assert_eq!(claimed[0].send_at, at(200));
}

async fn replies_wait_when_telegram_said_so(db: &dyn Db) {
    enqueue(db, vec![message(Class::Alert, 1, "a", at(0))], at(0)).await;
    let claimed = db.claim_deliveries(&claim_all("s", at(0))).await.unwrap();
    let waits = Outcome::ChatWaits { until: at(1_500) };
    db.settle_deliveries(&[settlement(&claimed[0], waits)], at(10)).await.unwrap();
    let mut commit = update(1, at(100), vec![]);
    commit.replies = vec![reply(1, 0, 1, 100)];
    assert_eq!(replies(db, &commit).await[0].send_at, at(1_500));
    // A long wait is left to the senders.
    let late = Outcome::ChatWaits { until: at(90_000) };
    let mut commit = update(2, at(0), vec![]);
    commit.replies = vec![reply(2, 0, 2, 0)];
    let second = replies(db, &commit).await;
    db.settle_deliveries(&[settlement(&second[0], late)], at(10)).await.unwrap();
    let mut commit = update(3, at(100), vec![]);
    commit.replies = vec![reply(3, 0, 2, 100)];
    assert!(replies(db, &commit).await.is_empty());
    let waiting = delivery(db, &commit.replies[0].id).await;
    assert_eq!(waiting.state, DeliveryState::Pending);
    assert_eq!(db.claim_deliveries(&claim_all("s", at(90_000))).await.unwrap().len(), 1);
}

async fn subscribing_again_resumes_the_watch(db: &dyn Db) {
    db.put_sources(&[spec("a")], at(0)).await.unwrap();
    let source = spec("a").id();
    apply(db, &update(1, at(0), vec![meet(1, 1), subscribe("w", 1, 1, &source)])).await;
    apply(db, &update(2, at(0), vec![subscribe("another", 1, 1, &source)])).await;
    apply(db, &update(3, at(0), vec![subscribe("theirs", 2, 1, &source)])).await;
    let watches = view(db, 1, 1).await.watches;
    let mut names: Vec<_> = watches.iter().map(|watch| watch.id.as_str()).collect();
    names.sort_unstable();
    assert_eq!(names, ["theirs", "w"]);
}

async fn a_foreign_watch_is_not_touched(db: &dyn Db) {
    db.put_sources(&[spec("a")], at(0)).await.unwrap();
    apply(db, &update(1, at(0), vec![subscribe("w", 1, 1, &spec("a").id())])).await;
    let end = |user| Effect::Unsubscribe { watch: WatchId("w".into()), user: UserId(user) };
    apply(db, &update(2, at(0), vec![end(2)])).await;
    assert_eq!(view(db, 1, 1).await.watches.len(), 1);
    apply(db, &update(3, at(0), vec![end(1), end(1)])).await;
    assert!(view(db, 1, 1).await.watches.is_empty());
    assert!(db.watches_of(&spec("a").id()).await.unwrap().is_empty());
}

fn active(chat: i64, active: bool, ms: i64) -> Effect {
    Effect::ChatActive { chat: ChatId(chat), kind: ChatKind::Private, active, at: at(ms) }
}

async fn the_newer_event_of_a_chat_wins_in_any_order(db: &dyn Db) {
    db.put_sources(&[spec("a")], at(0)).await.unwrap();
    let source = spec("a").id();
    let effects = vec![subscribe("one", 1, 1, &source), subscribe("two", 2, 2, &source)];
    apply(db, &update(1, at(0), effects)).await;
    let swapped = vec![active(1, true, 2_000), active(1, false, 1_000)];
    let straight = vec![active(2, true, 1_000), active(2, false, 2_000)];
    apply(db, &update(2, at(3_000), swapped)).await;
    apply(db, &update(3, at(3_000), straight)).await;
    let told: Vec<_> = db.watches_of(&source).await.unwrap().iter().map(|w| w.chat.0).collect();
    assert_eq!(told, [1]);
}

async fn a_block_drops_what_waits(db: &dyn Db) {
    enqueue(db, vec![message(Class::Alert, 1, "a", at(0))], at(0)).await;
    let late = active(1, true, 5_000);
    apply(db, &update(1, at(6_000), vec![late])).await;
    apply(db, &update(2, at(6_000), vec![active(1, false, 4_000)])).await;
    assert_eq!(db.next_delivery_at().await.unwrap(), Some(at(0)));
    apply(db, &update(3, at(7_000), vec![active(1, false, 7_000)])).await;
    assert_eq!(db.next_delivery_at().await.unwrap(), None);
    let all = db.deliveries(&DeliveryFilter::default()).await.unwrap();
    assert_eq!(all[0].state, DeliveryState::Dropped);
}

async fn a_group_that_moves_is_renamed(db: &dyn Db) {
    db.put_sources(&[spec("a")], at(0)).await.unwrap();
    let source = spec("a").id();
    apply(db, &update(1, at(0), vec![meet(1, -5), subscribe("w", 1, -5, &source)])).await;
    enqueue(db, vec![message(Class::Alert, -5, "a", at(0))], at(0)).await;
    let moved = Effect::MigrateChat { from: ChatId(-5), to: ChatId(-1005) };
    apply(db, &update(2, at(0), vec![moved.clone()])).await;
    apply(db, &update(3, at(0), vec![moved])).await;
    assert_eq!(db.watches_of(&source).await.unwrap()[0].chat, ChatId(-1005));
    let claimed = db.claim_deliveries(&claim_all("s", at(0))).await.unwrap();
    assert_eq!(claimed[0].delivery.new.chat, ChatId(-1005));
}

async fn poison_is_kept_once(db: &dyn Db) {
    let mut poison = PoisonUpdate {
        bot: 1,
        update: None,
        received_at: at(0),
        body: vec![0xff; 100_000],
        reason: "no JSON".into(),
    };
    db.keep_poison(&poison).await.unwrap();
    db.keep_poison(&poison).await.unwrap();
    poison.update = Some(7);
    db.keep_poison(&poison).await.unwrap();
    // What was poison is known: a repeat of it is not applied.
    assert_eq!(db.commit_update(&update(7, at(1), vec![])).await.unwrap(), Committed::Repeat);
    let pruned = db.prune(at(0) + TimeDelta::days(15)).await.unwrap();
    assert_eq!(pruned, 2);
}

async fn the_polling_position_moves(db: &dyn Db) {
    assert_eq!(db.polling_offset(1).await.unwrap(), None);
    db.set_polling_offset(1, 5).await.unwrap();
    db.set_polling_offset(1, 9).await.unwrap();
    db.set_polling_offset(2, 3).await.unwrap();
    assert_eq!(db.polling_offset(1).await.unwrap(), Some(9));
    // Ids may begin again below.
    db.set_polling_offset(1, 2).await.unwrap();
    assert_eq!(db.polling_offset(1).await.unwrap(), Some(2));
}
