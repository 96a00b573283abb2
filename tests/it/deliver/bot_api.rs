//! The client against the sandbox, which enforces the documented rules.

use magpie::domain::message::Action;
use magpie::domain::{Button, ChatId, Entity, EntityKind, Outgoing, PostForm};
use magpie::telegram::{Accepted, Messenger, SendError, Target, WebhookSetting};
use serde_json::json;

use super::town::Town;

const ANNA: i64 = 501;

fn to(chat: i64) -> Target {
    Target { chat: ChatId(chat), thread: None }
}

#[tokio::test]
async fn text_entities_and_buttons_arrive_as_they_were_sent() {
    let town = Town::with_people(&[ANNA]).await;
    let entity = |kind, offset, length| Entity { kind, offset, length };
    let message = Outgoing {
        text: "🏠 <b>Flat</b> & *more*\nold 10".into(),
        entities: vec![
            entity(EntityKind::Bold, 3, 11),
            entity(EntityKind::Link("https://example.com/7?a=1&b=2".into()), 3, 11),
            entity(EntityKind::Strikethrough, 28, 2),
        ],
        photo: None,
        buttons: vec![vec![
            Button { text: "Open".into(), action: Action::Url("https://example.com/7".into()) },
            Button { text: "Less".into(), action: Action::Callback("less".into()) },
        ]],
        ..Outgoing::default()
    };
    let id = town.client().send(to(ANNA), &message).await.expect("accepted").id();
    let stands = town.messages(ANNA).await.pop().expect("a message");
    assert_eq!(stands["message_id"], id);
    assert_eq!(stands["text"], message.text);
    let entities = stands["entities"].as_array().expect("entities");
    for wanted in [
        json!({"type": "bold", "offset": 3, "length": 11}),
        json!({"type": "text_link", "offset": 3, "length": 11, "url": "https://example.com/7?a=1&b=2"}),
        json!({"type": "strikethrough", "offset": 28, "length": 2}),
    ] {
        assert!(entities.contains(&wanted), "{wanted} in {entities:?}");
    }
    assert_eq!(
        stands["reply_markup"]["inline_keyboard"],
        json!([[{"text": "Open", "url": "https://example.com/7"}, {"text": "Less", "callback_data": "less"}]])
    );
    town.stop().await;
}

#[tokio::test]
async fn an_edit_changes_the_message_and_a_second_one_is_benign() {
    let town = Town::with_people(&[ANNA]).await;
    let client = town.client();
    let id = client.send(to(ANNA), &Outgoing::text("one")).await.expect("accepted").id();
    let edit = Outgoing { edit: Some(id), ..Outgoing::text("two") };
    assert_eq!(client.send(to(ANNA), &edit).await, Ok(Accepted::text(id)));
    assert_eq!(town.messages(ANNA).await[0]["text"], "two");
    let again = client.send(to(ANNA), &edit).await;
    assert!(matches!(again, Err(SendError::Benign(_))), "{again:?}");
    town.stop().await;
}

#[tokio::test]
async fn a_picture_goes_by_bytes_with_its_caption() {
    let town = Town::with_people(&[ANNA]).await;
    let message = Outgoing {
        entities: vec![Entity { kind: EntityKind::Bold, offset: 0, length: 4 }],
        ..Outgoing::text("Flat")
    };
    let sent =
        town.client().send_photo_bytes(to(ANNA), &message, "photo.png", super::town::png()).await;
    let stands = town.messages(ANNA).await.pop().expect("a message");
    let sent = sent.expect("accepted");
    assert_eq!(
        (sent.id(), sent.form),
        (stands["message_id"].as_i64().expect("an id"), PostForm::Caption)
    );
    let sizes = stands["photo"].as_array().expect("sizes");
    assert!(sizes.iter().any(|size| size["file_id"] == *sent.files[0]), "{sizes:?}");
    assert_eq!(stands["caption"], "Flat");
    assert_eq!(stands["caption_entities"][0]["type"], "bold");
    assert!(stands["photo"].is_array(), "{stands}");
    town.stop().await;
}

#[tokio::test]
async fn refusals_of_the_server_have_their_classes() {
    let town = Town::with_people(&[ANNA]).await;
    let client = town.client();
    town.say(json!({"bot": super::town::TOKEN, "user": ANNA, "block": true})).await;
    let blocked = client.send(to(ANNA), &Outgoing::text("x")).await;
    assert!(matches!(blocked, Err(SendError::Blocked(_))), "{blocked:?}");
    let unknown = client.send(to(999_999), &Outgoing::text("x")).await;
    assert!(matches!(unknown, Err(SendError::ChatGone(_))), "{unknown:?}");
    let stranger = town.client_of("0:nonsense").get_me().await;
    assert!(matches!(stranger, Err(SendError::Auth(_))), "{stranger:?}");
    town.stop().await;
}

#[tokio::test]
async fn the_calls_of_a_bot_process_work() {
    let town = Town::with_people(&[ANNA]).await;
    let client = town.client();
    assert_eq!(client.get_me().await.expect("the bot").id, 77);
    let command = ("start".to_owned(), "Begin".to_owned());
    client
        .set_commands(&[command], magpie::telegram::CommandScope::Default, Some("uk"))
        .await
        .expect("commands");
    let kinds = ["message".to_owned(), "callback_query".to_owned()];
    let setting = WebhookSetting {
        url: "http://127.0.0.1:9/hook".into(),
        secret: "abc_DEF-1".into(),
        max_connections: 7,
        allowed_updates: kinds.to_vec(),
    };
    client.set_webhook(&setting).await.expect("a webhook");
    let info = client.webhook_info().await.expect("what is set");
    assert_eq!((info.url, info.max_connections), (setting.url, Some(7)));
    let conflict = client.get_updates(None, 0, &kinds).await;
    assert!(matches!(conflict, Err(SendError::Conflict(_))), "{conflict:?}");
    client.delete_webhook().await.expect("no webhook");
    town.say(json!({"bot": super::town::TOKEN, "user": ANNA, "text": "/start"})).await;
    let updates = client.get_updates(None, 5, &kinds).await.expect("updates");
    let last = updates.last().expect("the message");
    assert_eq!(last["message"]["text"], "/start");
    let next = last["update_id"].as_i64().map(|id| id + 1);
    assert_eq!(client.get_updates(next, 0, &kinds).await, Ok(vec![]));
    town.stop().await;
}
