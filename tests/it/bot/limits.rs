//! Too much: what people hear, what it costs, and whom it does not concern.

use std::time::Duration;

use magpie::config::Config;
use magpie::domain::UserId;
use magpie::domain::quota::Quotas;
use magpie::store::{AuditEntry, Db, DeliveryFilter, QuotaRecord};
use serde_json::json;

use super::house::{House, config, presses, says};
use super::telegram::{Asked, FakeTelegram};

/// Six messages, four commands and presses a minute, for everybody.
fn narrow() -> Config {
    let mut config = config(Some("https://bot.example"));
    config.limits.quotas = Quotas {
        messages: 6,
        operations: 4,
        payments: 2,
        support: 5,
        searches: 2,
        burst: 1_000,
        premium: 1_000,
        newcomer: 1_000,
        newcomer_for: 0,
    };
    config.bot.admin_ids = vec![99];
    config
}

async fn house(config: Config) -> House {
    let house = House::configured(config, FakeTelegram::default()).await;
    house.until_healthy().await;
    house
}

#[tokio::test]
async fn too_many_commands_are_refused_once_in_words_and_then_in_silence() {
    let mut house = house(narrow()).await;
    for id in 1..=30 {
        assert_eq!(house.deliver(&says(id, 11, "/help")).await.status, 200);
    }
    assert_eq!(house.deliver(&says(31, 12, "/help")).await.status, 200);
    house.stop().await;
    let texts = house.telegram.texts();
    let refusals = texts.iter().filter(|text| text.starts_with("That was a lot at once")).count();
    assert_eq!((texts.len(), refusals), (4 + 1 + 1, 1), "{texts:?}");
    assert_eq!(house.view(11).await.dialogue.expect("a conversation").version, 4);
}

#[tokio::test]
async fn too_many_presses_are_an_alert_once_and_every_spinner_ends() {
    let mut house = house(narrow()).await;
    for id in 1..=100 {
        assert_eq!(house.deliver(&presses(id, 11, 11, "1:l:0:b")).await.status, 200);
    }
    house.stop().await;
    let notes: Vec<Option<String>> = house
        .telegram
        .asked()
        .into_iter()
        .filter_map(|asked| match asked {
            Asked::Answer(_, note) => Some(note),
            _ => None,
        })
        .collect();
    assert_eq!(notes.len(), 100, "every press is answered");
    let alerts = notes.iter().flatten().filter(|note| note.contains("a lot at once")).count();
    assert!((1..=2).contains(&alerts), "by the record and by the gate: {alerts}");
}

#[tokio::test]
async fn what_goes_to_support_and_new_searches_have_numbers_of_their_own() {
    let mut house = house(narrow()).await;
    for id in 1..=6 {
        house.deliver(&says(id, 11, "my flat is on fire")).await;
    }
    house.stop().await;
    let texts = house.telegram.texts();
    let refused = texts.iter().filter(|text| text.contains("was not passed on")).count();
    assert_eq!(refused, 1, "five are kept, the sixth is not: {texts:?}");
}

#[tokio::test]
async fn operators_and_repeats_are_not_counted() {
    let mut house = house(narrow()).await;
    for id in 1..=30 {
        house.deliver(&says(id, 99, "/help")).await;
    }
    for _ in 0..10 {
        house.deliver(&says(100, 11, "/help")).await;
    }
    for id in 101..=103 {
        house.deliver(&says(id, 11, "/help")).await;
    }
    house.stop().await;
    assert_eq!(house.telegram.texts().len(), 30 + 4);
}

#[tokio::test]
async fn what_is_too_much_for_the_process_comes_again_later() {
    let mut config = narrow();
    config.limits.quotas = Quotas::default();
    config.limits.updates_per_second = 10;
    let mut house = house(config).await;
    let updates: Vec<_> = (1..=60).map(|id| says(id, 1_000 + id, "/help")).collect();
    let first = futures_util::future::join_all(updates.iter().map(|one| house.deliver(one))).await;
    let refused: Vec<_> = first.iter().filter(|answer| answer.status != 200).collect();
    assert!((30..=50).contains(&refused.len()), "{}", refused.len());
    for answer in refused {
        assert_eq!(answer.status, 503);
        assert!(answer.head.contains("retry-after: 1\r\n"), "{}", answer.head);
    }
    // Telegram brings them again, as long as it takes.
    let again = async {
        for (update, answer) in updates.iter().zip(&first) {
            let mut status = answer.status;
            while status != 200 {
                tokio::time::sleep(Duration::from_millis(100)).await;
                status = house.deliver(update).await.status;
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(30), again).await.expect("nothing is lost");
    house.stop().await;
    assert_eq!(house.telegram.texts().len(), 60);
}

#[tokio::test]
async fn a_banned_person_is_not_heard_and_finds_everything_again() {
    let mut house = house(config(Some("https://bot.example"))).await;
    let start = format!("/start s_{}", House::source("Demo flats"));
    house.deliver(&says(1, 11, &start)).await;
    let data = magpie::bot::callback::Callback::Watch(House::source("Demo flats"));
    let data = data.encode(UserId(11)).expect("it fits");
    house.deliver(&presses(2, 11, 11, &data)).await;
    let source = House::source("Demo flats");
    assert_eq!(house.db.watches_of(&source).await.expect("watches").len(), 1);
    let sent = house.deliveries().await;
    let audit = AuditEntry {
        id: "a".into(),
        actor: "command line".into(),
        action: "user.ban".into(),
        target: "user 11".into(),
        detail: String::new(),
    };
    let now = || magpie::clock::Clock::now(&magpie::clock::SystemClock);
    assert!(house.db.bar(UserId(11), true, &audit, now()).await.expect("barred"));
    for (id, text) in [(3, "/start"), (4, "let me in"), (5, "/watches")] {
        assert_eq!(house.deliver(&says(id, 11, text)).await.status, 200);
    }
    let pressed = house.deliver(&presses(6, 11, 11, &data)).await;
    assert_eq!((pressed.status, pressed.body.as_str()), (200, ""), "not a word");
    assert_eq!(house.deliveries().await, sent);
    assert!(house.db.watches_of(&source).await.expect("watches").is_empty(), "they rest");
    let audit = AuditEntry { id: "b".into(), ..audit };
    assert!(house.db.bar(UserId(11), false, &audit, now()).await.expect("let in"));
    assert_eq!(house.db.watches_of(&source).await.expect("watches").len(), 1);
    house.deliver(&says(7, 11, "/watches")).await;
    assert_eq!(house.deliveries().await, sent + 1);
    house.stop().await;
}

#[tokio::test]
async fn a_press_costs_no_call_of_its_own_and_a_message_never_goes_that_way() {
    let house = house(config(Some("https://bot.example"))).await;
    let head = format!("X-Telegram-Bot-Api-Secret-Token: {}\r\n", house.keys.secret());
    let post = async |update: serde_json::Value| {
        house.post(&house.keys.path(), &head, update.to_string().as_bytes()).await
    };
    let pressed = post(presses(1, 11, 11, "nonsense")).await;
    let call: serde_json::Value = serde_json::from_str(&pressed.body).expect("a call");
    assert_eq!(call["method"], "answerCallbackQuery");
    assert_eq!(call["callback_query_id"], "press 1");
    assert!(pressed.head.contains("content-type: application/json"), "{}", pressed.head);
    assert_eq!(post(says(2, 11, "/help")).await.body, "");
    house.telegram.until(|asked| asked.iter().any(|one| matches!(one, Asked::Send(..)))).await;
    let is_answer = |asked: &Asked| matches!(asked, Asked::Answer(..));
    assert!(!house.telegram.asked().iter().any(is_answer), "no call of our own");
}

#[tokio::test]
async fn who_would_pay_for_what_nobody_ordered_is_told_no_in_their_language() {
    let house = house(narrow()).await;
    let update = json!({ "update_id": 1, "pre_checkout_query": { "id": "42",
        "from": { "id": 11, "is_bot": false, "first_name": "A", "language_code": "uk" },
        "currency": "XTR", "total_amount": 250, "invoice_payload": "order:stolen" } });
    let asked = tokio::time::timeout(Duration::from_secs(3), house.deliver(&update)).await;
    assert_eq!(asked.expect("in time").status, 200);
    let checkouts: Vec<_> = house
        .telegram
        .asked()
        .into_iter()
        .filter_map(|asked| match asked {
            Asked::Checkout(id, refusal) => Some((id, refusal.expect("a refusal"))),
            _ => None,
        })
        .collect();
    assert_eq!(checkouts.len(), 1);
    assert!(checkouts[0].0 == "42" && checkouts[0].1.contains("Гроші не списано"));
    assert!(house.db.deliveries(&DeliveryFilter::default()).await.expect("none").is_empty());
}
