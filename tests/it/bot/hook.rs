//! What Telegram is told of our webhook, and when.

use magpie::bot::webhook::{self, HookKeys, Keeper};
use magpie::telegram::WebhookInfo;

use super::house::{House, TOKEN, config, says};
use super::telegram::{Asked, FakeTelegram};

fn settings(telegram: &FakeTelegram) -> usize {
    telegram.asked().iter().filter(|asked| matches!(asked, Asked::SetWebhook(_))).count()
}

#[tokio::test]
async fn a_webhook_is_set_when_something_of_it_differs_and_only_then() {
    let folder = tempfile::tempdir().expect("a folder");
    let db = super::house::open(&folder).await;
    let telegram = FakeTelegram::default();
    let keys = |secret: &str| HookKeys::derive(&TOKEN.into(), Some(&secret.into()));
    let keep = async |keys: &HookKeys, width: u32| {
        let wanted = webhook::setting("https://bot.example", keys, width);
        let mut keeper = Keeper::new(&telegram, &db, 77, wanted, keys, 0);
        let first = keeper.reconcile().await.expect("asked");
        assert!(!keeper.reconcile().await.expect("asked"), "once is enough");
        first
    };
    assert!(keep(&keys("one"), 40).await, "there was none");
    assert!(!keep(&keys("one"), 40).await, "a restart sets nothing");
    assert!(keep(&keys("two"), 40).await, "another secret, which Telegram does not tell");
    assert!(!keep(&keys("two,one"), 40).await, "the old one is only accepted");
    assert!(keep(&keys("two"), 20).await, "another width");
    assert_eq!(settings(&telegram), 3);
}

#[tokio::test]
async fn a_complaint_about_our_secret_is_answered_once() {
    let folder = tempfile::tempdir().expect("a folder");
    let db = super::house::open(&folder).await;
    let telegram = FakeTelegram::default();
    let keys = HookKeys::derive(&TOKEN.into(), None);
    let wanted = webhook::setting("https://bot.example", &keys, 40);
    let mut keeper = Keeper::new(&telegram, &db, 77, wanted.clone(), &keys, 0);
    keeper.reconcile().await.expect("asked");
    let complaint = |date| WebhookInfo {
        url: wanted.url.clone(),
        allowed_updates: wanted.allowed_updates.clone(),
        last_error_message: Some("Wrong response from the webhook: 401 Unauthorized".into()),
        last_error_date: Some(date),
        ..WebhookInfo::default()
    };
    telegram.set_info(complaint(5));
    assert!(keeper.reconcile().await.expect("asked"));
    // The complaint stays at Telegram after it was mended.
    telegram.set_info(complaint(5));
    assert!(!keeper.reconcile().await.expect("asked"));
    telegram.set_info(complaint(6));
    assert!(keeper.reconcile().await.expect("asked"));
}

#[tokio::test]
async fn while_a_secret_is_changed_calls_with_both_are_taken() {
    let mut config = config(Some("https://bot.example"));
    config.bot.webhook_secret = Some("new_secret,old_secret".into());
    let house = House::configured(config, FakeTelegram::default()).await;
    house.until_healthy().await;
    let post = async |update: i64, secret: &str| {
        let head = format!("X-Telegram-Bot-Api-Secret-Token: {secret}\r\n");
        let body = says(update, 11, "/help").to_string();
        house.post(&house.keys.path(), &head, body.as_bytes()).await.status
    };
    assert_eq!([post(1, "new_secret").await, post(2, "old_secret").await], [200, 200]);
    assert_eq!([post(3, "older").await, post(4, "new_secret,old_secret").await], [401, 401]);
    let asked = house
        .telegram
        .until(|asked| asked.iter().any(|one| matches!(one, Asked::SetWebhook(_))))
        .await;
    let secret = asked.iter().find_map(|one| match one {
        Asked::SetWebhook(setting) => Some(setting.secret.clone()),
        _ => None,
    });
    assert_eq!(secret.as_deref(), Some("new_secret"));
}
