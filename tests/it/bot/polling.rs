//! Updates by long polling.

use magpie::store::Db;
use magpie::telegram::{SendError, WebhookInfo};

use super::house::{House, says};
use super::telegram::{Asked, FakeTelegram};

fn offsets(asked: &[Asked]) -> Vec<Option<i64>> {
    let offset = |asked: &Asked| match asked {
        Asked::Updates(offset) => Some(*offset),
        _ => None,
    };
    asked.iter().filter_map(offset).collect()
}

#[tokio::test]
async fn the_position_moves_when_the_batch_is_committed_and_is_kept() {
    let telegram = FakeTelegram::default();
    for (id, user) in [(40, 11), (41, 12), (42, 11)] {
        telegram.arrive(says(id, user, "/watches"));
    }
    let mut house = House::start(None, telegram).await;
    let asked = house.telegram.until(|asked| offsets(asked).len() >= 2).await;
    assert_eq!(offsets(&asked), [None, Some(43)]);
    assert_eq!(house.db.polling_offset(77).await.expect("a position"), Some(43));
    house.stop().await;
    assert_eq!(house.view(11).await.dialogue.expect("a conversation").version, 2);
    assert_eq!(house.telegram.texts().len(), 3);
}

#[tokio::test]
async fn the_same_batch_twice_is_answered_once() {
    let telegram = FakeTelegram::default();
    telegram.arrive(says(7, 11, "/watches"));
    telegram.arrive(says(7, 11, "/watches"));
    let mut house = House::start(None, telegram).await;
    house.telegram.until(|asked| offsets(asked).contains(&Some(8))).await;
    house.stop().await;
    assert_eq!(house.telegram.texts().len(), 1);
}

#[tokio::test]
async fn a_stale_webhook_is_removed_first() {
    let telegram = FakeTelegram::default();
    let url = "https://old.example/telegram/0".to_owned();
    telegram.set_info(WebhookInfo { url, ..WebhookInfo::default() });
    let house = House::start(None, telegram).await;
    let asked = house.telegram.until(|asked| !offsets(asked).is_empty()).await;
    let is_menu = |asked: &&Asked| matches!(asked, Asked::Commands(_) | Asked::MenuButton(_));
    let talk: Vec<_> = asked.iter().filter(|asked| !is_menu(asked)).collect();
    assert_eq!(talk, [&Asked::DeleteWebhook, &Asked::Updates(None)]);
    let status = house.get("/status").await;
    assert!(status.body.contains("\"bot_mode\":\"polling\""), "{}", status.body);
    assert_eq!(house.post(&house.keys.path(), "", b"{}").await.status, 404, "no webhook here");
}

#[tokio::test]
async fn an_unreachable_telegram_is_waited_for() {
    let telegram = FakeTelegram::default();
    telegram.refuse_me(1);
    telegram.refuse_polls(vec![SendError::Unreached("no route".to_owned())]);
    telegram.arrive(says(1, 11, "/start"));
    let house = House::start(None, telegram).await;
    assert_eq!(house.get("/health").await.status, 503, "it does not know yet who it is");
    house.telegram.until(|asked| offsets(asked).contains(&Some(2))).await;
    assert_eq!(house.get("/health").await.status, 200);
}

#[tokio::test]
async fn the_command_menu_is_named_in_every_language() {
    let house = House::start(None, FakeTelegram::default()).await;
    let named = |asked: &[Asked]| -> Vec<Option<String>> {
        let language = |asked: &Asked| match asked {
            Asked::Commands(language) => Some(language.clone()),
            _ => None,
        };
        asked.iter().filter_map(language).collect()
    };
    let asked = house.telegram.until(|asked| named(asked).len() >= 8).await;
    // For everybody, and for groups.
    let languages = [None, Some("en"), Some("ru"), Some("uk")].map(|l| l.map(str::to_owned));
    assert_eq!(named(&asked), [languages.clone(), languages].concat());
}
