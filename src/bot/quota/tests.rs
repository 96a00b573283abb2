use std::collections::BTreeSet;

use chrono::DateTime;
use serde_json::json;

use super::*;
use crate::bot::event;
use crate::domain::quota::Quotas;
use crate::domain::ticket::Staff;
use crate::domain::{ChatId, TicketId};
use crate::store::{TicketEffect, Written};

fn rules() -> Rules {
    let quotas = Quotas {
        messages: 30,
        operations: 20,
        payments: 5,
        support: 10,
        searches: 30,
        burst: 1_000,
        premium: 2_000,
        newcomer: 500,
        newcomer_for: 3_600_000_000,
    };
    let operators = [UserId(9)].into();
    Rules { quotas, operators, support: Some(ChatId(-5)), ..Rules::default() }
}

fn update(user: i64, chat: i64, text: &str) -> Update {
    let kind = if chat < 0 { "supergroup" } else { "private" };
    let json = json!({ "update_id": 1, "message": { "message_id": 1, "text": text,
        "from": { "id": user, "first_name": "A", "language_code": "uk" },
        "chat": { "id": chat, "type": kind } } });
    event::read(&json, "magpie_bot").expect("an update")
}

fn press() -> Update {
    let json = json!({ "update_id": 1, "callback_query": { "id": "p", "data": "x",
        "from": { "id": 1, "first_name": "A", "language_code": "ru" },
        "message": { "message_id": 1, "date": 1, "chat": { "id": 1, "type": "private" } } } });
    event::read(&json, "magpie_bot").expect("an update")
}

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_763_600_000, 0).expect("a date")
}

fn acts(update: &Update, effects: Vec<Effect>) -> Vec<Act> {
    let decision = Decision { effects, ..Decision::nothing(State::Idle) };
    match dues(&rules(), &View::default(), update, &decision, now()) {
        Dues::Tolls { tolls, .. } => tolls.into_iter().map(|toll| toll.act).collect(),
        Dues::None => vec![],
        told @ Dues::Telling { .. } => panic!("{told:?}"),
    }
}

fn kept() -> Effect {
    let (user, chat) = (UserId(1), ChatId(1));
    let written = Written {
        ticket: TicketId("A7K2".to_owned()),
        opens: None,
        user,
        chat,
        message_id: 1,
        answers: None,
        text: "help".to_owned(),
        staff: Staff { chats: vec![ChatId(-1)], language: Language::En },
        buttons: vec![],
    };
    Effect::Ticket(TicketEffect::Write(Box::new(written)))
}

#[test]
fn an_update_pays_for_what_it_is_and_for_what_it_causes() {
    assert_eq!(acts(&update(1, 1, "/help"), vec![]), [Act::Operation]);
    assert_eq!(acts(&press(), vec![]), [Act::Operation]);
    assert_eq!(acts(&update(1, 1, "hello"), vec![]), [Act::Message]);
    assert_eq!(acts(&update(1, 1, "hello"), vec![kept(), kept()]), [Act::Message, Act::Support]);
}

#[test]
fn operators_and_the_group_of_support_are_exempt() {
    assert_eq!(acts(&update(9, 9, "/stats"), vec![]), []);
    assert_eq!(acts(&update(3, -5, "an answer"), vec![]), []);
    assert_eq!(acts(&update(3, -6, "/help"), vec![]), [Act::Operation]);
    assert_eq!(payer(&Rules::default(), &update(3, -6, "x")), Some(UserId(3)));
}

#[test]
fn who_holds_a_plan_has_more_and_who_is_new_has_less() {
    let steps = |view: &View| match dues(
        &rules(),
        view,
        &update(1, 1, "/help"),
        &Decision::nothing(State::Idle),
        now(),
    ) {
        Dues::Tolls { tolls, .. } => tolls[0].bucket.step,
        other => panic!("{other:?}"),
    };
    let plan_until = Some(now() + chrono::TimeDelta::days(1));
    assert_eq!(steps(&View::default()), 6_000_000);
    assert_eq!(steps(&View { plan_until, ..View::default() }), 1_500_000);
}

#[test]
fn a_refusal_is_an_alert_on_a_press_and_else_a_message_and_is_said_once() {
    let over = |told| Overdrawn {
        act: Act::Operation,
        again_at: now() + chrono::TimeDelta::milliseconds(2_100),
        told,
    };
    let view = View::default();
    let refuse = |update: &Update, told| refusal(&view, State::Idle, update, &over(told), now());
    let alert = refuse(&press(), false).answer.expect("an answer");
    assert!(alert.alert);
    assert_eq!(
        alert.note.as_deref(),
        Some("Слишком много действий подряд. Попробуйте ещё раз через 3 секунды.")
    );
    assert_eq!(refuse(&press(), true).answer, Some(silent("p")));
    let said = refuse(&update(1, 1, "/help"), false).replies;
    assert_eq!(said[0].message.text, "Забагато дій поспіль. Спробуйте ще раз через 3 секунди.");
    assert!(refuse(&update(1, 1, "/help"), true).replies.is_empty());
}

#[test]
fn waits_are_rounded_up_to_a_unit_that_says_enough() {
    let en = |seconds| wait(Language::En, seconds);
    let said = [0, 1, 90, 91, 5_400, 5_401, 86_400].map(en);
    let expected =
        ["1 second", "1 second", "90 seconds", "2 minutes", "90 minutes", "2 hours", "24 hours"];
    assert_eq!(said, expected);
    assert_eq!(wait(Language::Ru, 21 * 3_600), "21 час");
}

#[test]
fn every_sentence_is_there_in_every_language_and_is_said() {
    let keys = |language: Language| -> BTreeSet<String> {
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/texts");
        let path = root.join(language.code()).join("limits.ftl");
        let text = std::fs::read_to_string(path).expect("the texts are there");
        let key = |line: &str| line.split_once(" =").map(|(key, _)| key.to_owned());
        text.lines().filter(|line| line.starts_with("limits-")).filter_map(key).collect()
    };
    let code = [include_str!("../quota.rs"), include_str!("../checkout.rs")].join("\n");
    for key in keys(Language::En) {
        assert!(code.contains(&format!("\"{key}\"")), "{key} is never said");
    }
    for language in Language::ALL {
        assert_eq!(keys(language), keys(Language::En));
        for act in Act::ALL {
            let said = sentence(language, act, 61_000_000);
            assert!((20..=200).contains(&said.chars().count()) && !said.contains('{'), "{said}");
        }
        assert!(crate::bot::checkout::unknown_order(language).chars().count() <= 200);
    }
}
