//! Tickets: kept once, told once, found again by the places of their copies.

use chrono::TimeDelta;
use magpie::domain::delivery::{Claimed, Content, Outcome};
use magpie::domain::ticket::{ForStaff, Staff, Ticket, TicketId, Topic, Word};
use magpie::domain::{ChatId, Class, DeliveryState, Language, Outgoing, PostForm, UserId};
use magpie::store::{
    Answered, Canned, Committed, Db, DeliveryFilter, Effect, Look, TicketAsk, TicketEffect,
    TicketView, ViewRequest, Written,
};

use super::fixtures::*;

super::for_each_db!(
    a_message_is_kept_once_with_its_copy,
    a_second_ticket_of_a_person_is_refused,
    a_taken_name_gives_way_to_another,
    a_closed_ticket_takes_no_message,
    a_copy_is_found_by_the_answer_to_it,
    a_topic_is_found_and_a_new_one_begins_with_the_header,
    a_group_without_topics_is_asked_again_after_an_hour,
    an_answer_goes_to_the_person_once,
    whoever_waits_is_told_of_once_and_daily,
    staff_hears_that_a_person_cannot_be_reached,
    staff_hears_that_an_answer_did_not_arrive,
    an_edited_message_is_told_with_its_copy,
    closing_and_opening_again,
    canned_answers_are_kept_by_name_and_language,
    what_staff_should_know_is_loaded,
);

const GROUP: i64 = -100;

fn staff() -> Staff {
    Staff { chats: vec![ChatId(GROUP)], language: Language::En }
}

fn id(name: &str) -> TicketId {
    TicketId(name.into())
}

fn written(ticket: &str, opens: bool, user: i64, message_id: i64) -> Effect {
    let written = Written {
        ticket: id(ticket),
        opens: opens.then(|| Outgoing::text(format!("who {user} is"))),
        user: UserId(user),
        chat: ChatId(user),
        message_id,
        answers: None,
        text: format!("words {message_id}"),
        staff: staff(),
        buttons: vec![],
    };
    Effect::Ticket(TicketEffect::Write(Box::new(written)))
}

fn answered(ticket: &str, message_id: i64) -> TicketEffect {
    let content = Content::Copy { from: ChatId(GROUP), message_id, reply_to: None };
    TicketEffect::Answer(Box::new(Answered {
        ticket: id(ticket),
        chat: ChatId(GROUP),
        message_id,
        by: UserId(7),
        author: "olga".into(),
        text: "we look".into(),
        content,
    }))
}

/// Opens a ticket with one message.
async fn open(db: &dyn Db, ticket: &str, user: i64, now: i64) {
    let effects = vec![meet(user, user), written(ticket, true, user, 1)];
    apply(db, &update(user * 100 + now, at(now), effects)).await;
}

async fn see(db: &dyn Db, user: i64, ask: TicketAsk) -> TicketView {
    let request = ViewRequest {
        chat: ChatId(user),
        thread: None,
        user: Some(UserId(user)),
        searches: false,
        sample_of: None,
        about: None,
        why: false,
        saved: false,
        told: false,
        look: Look { ticket: Some(ask), ..Look::default() },
    };
    db.load_view(&request).await.unwrap().ticket.expect("it was asked")
}

fn own(update: i64) -> TicketAsk {
    TicketAsk::Own { update, message: None }
}

fn place(thread: Option<i64>, answers: Option<i64>) -> TicketAsk {
    TicketAsk::Place { chat: ChatId(GROUP), thread, answers }
}

async fn ticket(db: &dyn Db, name: &str) -> Ticket {
    db.ticket(&id(name)).await.unwrap().expect("it is there").0
}

/// What waits for staff, in order of sending.
async fn for_staff(db: &dyn Db) -> Vec<ForStaff> {
    let filter = DeliveryFilter { class: Some(Class::Support), ..DeliveryFilter::default() };
    let mut all = db.deliveries(&filter).await.unwrap();
    all.reverse();
    let what = |content| match content {
        Content::ToStaff { what, .. } => Some(what),
        _ => None,
    };
    all.into_iter().filter_map(|one| what(one.new.content)).collect()
}

async fn words(db: &dyn Db) -> Vec<Word> {
    let word = |what| match what {
        ForStaff::Word(word) => Some(word),
        _ => None,
    };
    for_staff(db).await.into_iter().filter_map(word).collect()
}

async fn claim_one(db: &dyn Db, ms: i64) -> Claimed {
    let mut claimed = db.claim_deliveries(&claim_all("s", at(ms))).await.unwrap();
    assert_eq!(claimed.len(), 1, "{claimed:?}");
    claimed.remove(0)
}

async fn settle(db: &dyn Db, claimed: &Claimed, outcome: Outcome, ms: i64) {
    db.settle_deliveries(&[settlement(claimed, outcome)], at(ms)).await.unwrap();
}

fn sent(message_id: i64) -> Outcome {
    Outcome::Sent { message_id, form: PostForm::Text, version: 0 }
}

/// Sends all that waits for the group; messages get the numbers from `first`.
async fn send_all(db: &dyn Db, first: i64, ms: i64) {
    for number in first.. {
        let claimed = db.claim_deliveries(&claim_all("s", at(ms))).await.unwrap();
        let Some(one) = claimed.first() else { return };
        for (place, other) in claimed.iter().enumerate() {
            let number = number + i64::try_from(place).unwrap();
            settle(db, other, sent(number), ms).await;
        }
        assert_eq!(one.delivery.new.class, Class::Support);
    }
}

async fn a_message_is_kept_once_with_its_copy(db: &dyn Db) {
    open(db, "A7K2", 1, 0).await;
    // Another update with the same message: Telegram would not send it, a replayed file may.
    apply(db, &update(901, at(5), vec![written("A7K2", false, 1, 1)])).await;
    apply(db, &update(902, at(9), vec![written("A7K2", false, 1, 2)])).await;
    let (ticket, messages) = db.ticket(&id("A7K2")).await.unwrap().unwrap();
    assert_eq!((ticket.user, ticket.waiting_since), (UserId(1), Some(at(0))));
    assert_eq!(messages.len(), 2);
    let told = for_staff(db).await;
    assert!(matches!(told[0], ForStaff::Header(_)), "{told:?}");
    let copies = told.iter().filter(|what| matches!(what, ForStaff::Copy { .. })).count();
    assert_eq!((told.len(), copies), (3, 2));
}

async fn a_second_ticket_of_a_person_is_refused(db: &dyn Db) {
    open(db, "A7K2", 1, 0).await;
    let second = update(902, at(1), vec![written("B222", true, 1, 2)]);
    assert_eq!(db.commit_update(&second).await.unwrap(), Committed::Conflict);
    assert!(db.ticket(&id("B222")).await.unwrap().is_none());
    assert_eq!(for_staff(db).await.len(), 2, "nothing of it is left");
}

async fn a_taken_name_gives_way_to_another(db: &dyn Db) {
    let first = see(db, 1, own(77)).await.free.expect("a name");
    assert_eq!(first, TicketId::candidate(UserId(1), 77, 0));
    open(db, first.as_str(), 2, 0).await;
    let second = see(db, 1, own(77)).await.free.expect("a name");
    assert_eq!(second, TicketId::candidate(UserId(1), 77, 1));
}

async fn a_closed_ticket_takes_no_message(db: &dyn Db) {
    open(db, "A7K2", 1, 0).await;
    let close = TicketEffect::Close { ticket: id("A7K2"), by: "olga".into(), tell: None };
    assert!(db.order_ticket(&close, at(1)).await.unwrap());
    assert!(!db.order_ticket(&close, at(2)).await.unwrap(), "it is closed already");
    let late = update(903, at(3), vec![written("A7K2", false, 1, 2)]);
    assert_eq!(db.commit_update(&late).await.unwrap(), Committed::Conflict);
    assert_eq!(see(db, 1, own(5)).await.own, None);
}

async fn a_copy_is_found_by_the_answer_to_it(db: &dyn Db) {
    open(db, "A7K2", 1, 0).await;
    send_all(db, 500, 0).await;
    // 500 is the header, 501 the copy of message 1.
    let header = see(db, 7, place(None, Some(500))).await;
    assert_eq!((header.about.unwrap().id, header.answered), (id("A7K2"), None));
    let copy = see(db, 7, place(None, Some(501))).await;
    assert_eq!((copy.about.unwrap().id, copy.answered), (id("A7K2"), Some(1)));
    assert_eq!(see(db, 7, place(None, Some(999))).await.about, None);
    let found = db.ticket_place(&id("A7K2"), ChatId(GROUP), Some(1), at(1)).await.unwrap();
    assert_eq!((found.answers, found.header), (Some(501), Some(500)));
}

async fn a_topic_is_found_and_a_new_one_begins_with_the_header(db: &dyn Db) {
    open(db, "A7K2", 1, 0).await;
    let (ticket, group) = (id("A7K2"), ChatId(GROUP));
    let before = db.ticket_place(&ticket, group, None, at(0)).await.unwrap();
    assert_eq!((before.topic, before.title.as_str()), (Topic::Unknown, "User 1"));
    db.set_ticket_topic(&ticket, group, Some(40), at(1)).await.unwrap();
    assert_eq!(for_staff(db).await.len(), 2, "the first topic has its header already");
    let after = db.ticket_place(&ticket, group, None, at(1)).await.unwrap();
    assert_eq!(after.topic, Topic::Thread(40));
    let seen = see(db, 7, place(Some(40), None)).await;
    assert_eq!(seen.about.unwrap().id, ticket);
    db.set_ticket_topic(&ticket, group, Some(41), at(2)).await.unwrap();
    let told = for_staff(db).await;
    assert!(matches!(told.last(), Some(ForStaff::Header(_))), "{told:?}");
    assert_eq!(see(db, 7, place(Some(40), None)).await.about, None);
    assert!(see(db, 7, place(Some(41), None)).await.about.is_some());
}

async fn a_group_without_topics_is_asked_again_after_an_hour(db: &dyn Db) {
    open(db, "A7K2", 1, 0).await;
    let (ticket, group) = (id("A7K2"), ChatId(GROUP));
    db.set_ticket_topic(&ticket, group, None, at(0)).await.unwrap();
    let now = db.ticket_place(&ticket, group, None, at(1)).await.unwrap();
    assert_eq!(now.topic, Topic::Plain);
    let later = at(0) + TimeDelta::minutes(61);
    assert_eq!(db.ticket_place(&ticket, group, None, later).await.unwrap().topic, Topic::Unknown);
}

async fn an_answer_goes_to_the_person_once(db: &dyn Db) {
    open(db, "A7K2", 1, 0).await;
    for now in [1, 2] {
        assert!(db.order_ticket(&answered("A7K2", 600), at(now)).await.unwrap());
    }
    let (ticket, messages) = db.ticket(&id("A7K2")).await.unwrap().unwrap();
    assert_eq!((ticket.waiting_since, messages.len()), (None, 2));
    let filter = DeliveryFilter { chat: Some(ChatId(1)), ..DeliveryFilter::default() };
    let to_person = db.deliveries(&filter).await.unwrap();
    assert_eq!(to_person.len(), 1);
    assert!(words(db).await.is_empty(), "the group saw who answered");
    // What is answered elsewhere is told to the group.
    let elsewhere = match answered("A7K2", 5) {
        TicketEffect::Answer(one) => Answered { chat: ChatId(0), ..*one },
        other => panic!("{other:?}"),
    };
    let elsewhere = TicketEffect::Answer(Box::new(elsewhere));
    assert!(db.order_ticket(&elsewhere, at(3)).await.unwrap());
    assert!(matches!(&words(db).await[..], [Word::Answered { by, .. }] if by == "olga"));
    assert!(!db.order_ticket(&answered("NONE", 9), at(4)).await.unwrap());
}

async fn whoever_waits_is_told_of_once_and_daily(db: &dyn Db) {
    open(db, "A7K2", 1, 0).await;
    open(db, "B222", 2, 0).await;
    assert!(db.order_ticket(&answered("B222", 600), at(1)).await.unwrap());
    let waiting = db.tickets_waiting().await.unwrap();
    assert_eq!((waiting.count, waiting.oldest), (1, Some(at(0))));
    let told = async |after: TimeDelta| {
        let now = at(0) + after;
        db.tell_late_tickets(now - TimeDelta::hours(4), &staff(), now).await.unwrap()
    };
    assert_eq!(told(TimeDelta::minutes(239)).await, 0);
    assert_eq!(told(TimeDelta::minutes(240)).await, 1);
    assert_eq!(told(TimeDelta::minutes(241)).await, 0);
    assert_eq!(told(TimeDelta::hours(27)).await, 0);
    assert_eq!(told(TimeDelta::hours(28)).await, 1);
    assert_eq!(words(db).await, [Word::Late { hours: 4 }, Word::Late { hours: 28 }]);
    assert!(db.order_ticket(&answered("A7K2", 601), at(2)).await.unwrap());
    assert_eq!(told(TimeDelta::hours(60)).await, 0);
    assert_eq!(db.tickets_waiting().await.unwrap().count, 0);
}

async fn staff_hears_that_a_person_cannot_be_reached(db: &dyn Db) {
    open(db, "A7K2", 1, 0).await;
    let gone = |active, second: i64| {
        let at = at(second * 1_000);
        Effect::ChatActive { chat: ChatId(1), kind: Default::default(), active, at }
    };
    apply(db, &update(801, at(1_000), vec![gone(false, 1)])).await;
    apply(db, &update(802, at(2_000), vec![gone(true, 2)])).await;
    apply(db, &update(803, at(3_000), vec![gone(false, 3)])).await;
    assert_eq!(words(db).await, [Word::Unreachable], "once, until the person writes again");
    assert!(ticket(db, "A7K2").await.unreachable);
    apply(db, &update(804, at(4_000), vec![written("A7K2", false, 1, 2)])).await;
    assert!(!ticket(db, "A7K2").await.unreachable);
    apply(db, &update(805, at(5_000), vec![gone(false, 5)])).await;
    assert_eq!(words(db).await.len(), 2);
}

async fn staff_hears_that_an_answer_did_not_arrive(db: &dyn Db) {
    open(db, "A7K2", 1, 0).await;
    send_all(db, 500, 0).await;
    assert!(db.order_ticket(&answered("A7K2", 600), at(10)).await.unwrap());
    let claimed = claim_one(db, 10).await;
    settle(db, &claimed, Outcome::Dead { reason: "no copy".into() }, 11).await;
    assert_eq!(words(db).await, [Word::Undelivered { reason: "no copy".into() }]);
    send_all(db, 700, 12).await;
    // The first refusal says that the person is gone, the next one that this answer did not arrive.
    for message in [601, 602] {
        assert!(db.order_ticket(&answered("A7K2", message), at(20)).await.unwrap());
        let claimed = claim_one(db, 20).await;
        settle(db, &claimed, Outcome::ChatGone { reason: "blocked".into() }, 21).await;
        send_all(db, 700 + message, 22).await;
    }
    let last = &words(db).await[1..];
    assert_eq!(last, [Word::Unreachable, Word::Undelivered { reason: "blocked".into() }]);
}

async fn an_edited_message_is_told_with_its_copy(db: &dyn Db) {
    open(db, "A7K2", 1, 0).await;
    let ask = |message| TicketAsk::Own { update: 1, message: Some(message) };
    assert!(see(db, 1, ask(1)).await.has_message);
    assert!(!see(db, 1, ask(2)).await.has_message);
    assert!(!see(db, 2, ask(1)).await.has_message, "another person's");
    let edit = TicketEffect::Edit { ticket: id("A7K2"), message_id: 1, text: "better".into() };
    assert!(db.order_ticket(&edit, at(5)).await.unwrap());
    let (_, messages) = db.ticket(&id("A7K2")).await.unwrap().unwrap();
    assert_eq!(messages[0].text, "better");
    let filter = DeliveryFilter { class: Some(Class::Support), ..DeliveryFilter::default() };
    let newest = db.deliveries(&filter).await.unwrap().remove(0);
    assert!(matches!(newest.new.content, Content::ToStaff { about: Some(1), .. }));
}

async fn closing_and_opening_again(db: &dyn Db) {
    open(db, "A7K2", 1, 0).await;
    let tell = Some(Box::new(Outgoing::text("it is closed")));
    let close = TicketEffect::Close { ticket: id("A7K2"), by: "olga".into(), tell };
    assert!(db.order_ticket(&close, at(1)).await.unwrap());
    let filter = DeliveryFilter { chat: Some(ChatId(1)), ..DeliveryFilter::default() };
    assert_eq!(db.deliveries(&filter).await.unwrap().len(), 1, "the person is told");
    let told = for_staff(db).await;
    assert!(matches!(told.last(), Some(ForStaff::Topic { open: false })), "{told:?}");
    assert_eq!(db.tickets(false, 10).await.unwrap().len(), 0);
    assert_eq!(db.tickets(true, 10).await.unwrap().len(), 1);
    let reopen = TicketEffect::Reopen { ticket: id("A7K2"), by: String::new() };
    assert!(db.order_ticket(&reopen, at(2)).await.unwrap());
    assert_eq!(ticket(db, "A7K2").await.waiting_since, Some(at(2)), "the person waits");
    assert!(!db.order_ticket(&reopen, at(3)).await.unwrap());
    assert!(db.order_ticket(&close, at(4)).await.unwrap());
    apply(db, &update(910, at(5), vec![written("B222", true, 1, 9)])).await;
    assert!(!db.order_ticket(&reopen, at(6)).await.unwrap(), "another one is open");
    assert_eq!(see(db, 7, TicketAsk::Named(id("A7K2"))).await.own.unwrap().id, id("B222"));
    let helped = TicketEffect::Helped { ticket: id("A7K2") };
    for now in [7, 8] {
        assert!(db.order_ticket(&helped, at(now)).await.unwrap());
    }
    let count = words(db).await.iter().filter(|word| **word == Word::Helped).count();
    assert_eq!(count, 1);
}

async fn canned_answers_are_kept_by_name_and_language(db: &dyn Db) {
    let canned = |language, text: &str| Canned { name: "slow".into(), language, text: text.into() };
    db.put_canned(&canned(Language::En, "wait")).await.unwrap();
    db.put_canned(&canned(Language::Uk, "зачекайте")).await.unwrap();
    db.put_canned(&canned(Language::En, "please wait")).await.unwrap();
    let all = db.canned().await.unwrap();
    assert_eq!(all, [canned(Language::En, "please wait"), canned(Language::Uk, "зачекайте")]);
    open(db, "A7K2", 1, 0).await;
    assert_eq!(see(db, 7, TicketAsk::Named(id("A7K2"))).await.canned, all);
    assert_eq!(db.drop_canned("slow").await.unwrap(), 2);
    assert_eq!(db.drop_canned("slow").await.unwrap(), 0);
}

async fn what_staff_should_know_is_loaded(db: &dyn Db) {
    db.put_sources(&[spec("a")], at(0)).await.unwrap();
    let source = spec("a").id();
    let (name, username) = ("Anna".to_owned(), Some("anna".to_owned()));
    let named = Effect::Name { user: UserId(1), name, username };
    let effects = vec![meet(1, 1), named, subscribe("w", 1, 1, &source)];
    apply(db, &update(1, at(7), effects)).await;
    enqueue(db, vec![message(Class::Alert, 1, "a", at(7))], at(7)).await;
    let claimed = claim_one(db, 7).await;
    settle(db, &claimed, Outcome::Dropped { reason: "too old".into() }, 9).await;
    let facts = see(db, 1, own(5)).await.facts;
    assert_eq!((facts.since, facts.username.as_deref()), (Some(at(7)), Some("anna")));
    assert_eq!(facts.watches, [("w".to_owned(), false)]);
    assert_eq!(facts.failures, [("alert: too old".to_owned(), at(9))]);
    assert_eq!((facts.watch_count, facts.tickets), (1, 0));
    open(db, "A7K2", 1, 10).await;
    let filter =
        DeliveryFilter { state: Some(DeliveryState::Pending), ..DeliveryFilter::default() };
    assert_eq!(db.deliveries(&filter).await.unwrap().len(), 2, "a header and a copy");
    let place = db.ticket_place(&id("A7K2"), ChatId(GROUP), None, at(11)).await.unwrap();
    assert_eq!(place.title, "Anna (@anna)");
}
