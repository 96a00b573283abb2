//! Who may write where: 403 and its neighbours.

use serde_json::{Value, json};

use crate::support::{ANN, BOT, Bench};

async fn refused(bench: &Bench, chat: i64) -> (u16, String) {
    bench.refused("sendMessage", json!({"chat_id": chat, "text": "x"})).await
}

fn forbidden(text: &str) -> (u16, String) {
    (403, format!("Forbidden: {text}"))
}

#[tokio::test]
async fn private_chats_open_by_start_and_close_by_block() {
    let bench = Bench::new().await;
    assert_eq!(refused(&bench, 555).await, (400, "Bad Request: chat not found".to_owned()));
    bench.say(json!({"user": 777, "name": "Cy", "block": false})).await;
    let never = forbidden("bot can't initiate conversation with a user");
    assert_eq!(refused(&bench, 777).await, never);
    bench.say(json!({"user": ANN, "block": true})).await;
    assert_eq!(refused(&bench, ANN).await, forbidden("bot was blocked by the user"));
    let update = bench.updates(json!({"offset": -1})).await[0]["my_chat_member"].clone();
    assert_eq!(update["old_chat_member"]["status"], "member");
    assert_eq!(update["new_chat_member"]["status"], "kicked");
    bench.say(json!({"user": ANN, "text": "/start"})).await;
    bench.text("welcome back").await;
    bench.say(json!({"user": ANN, "deactivate": true})).await;
    assert_eq!(refused(&bench, ANN).await, forbidden("user is deactivated"));
}

#[tokio::test]
async fn a_bot_cannot_write_to_a_bot() {
    let bench = Bench::new().await;
    bench.page("/bot999:other/getMe").await;
    assert_eq!(refused(&bench, 999).await, forbidden("the bot can't send messages to the bot"));
}

async fn group(bench: &Bench, id: i64, kind: &str, status: &str) -> Value {
    let act = json!({"user": ANN, "chat": id, "group": {"type": kind, "title": "G", "forum": kind == "supergroup"},
                     "bot_status": status});
    bench.say(act).await
}

#[tokio::test]
async fn groups_admit_members_only() {
    let bench = Bench::new().await;
    group(&bench, -5, "group", "member").await;
    bench.ok("sendMessage", json!({"chat_id": -5, "text": "hello"})).await;
    group(&bench, -5, "group", "kicked").await;
    assert_eq!(refused(&bench, -5).await, forbidden("bot was kicked from the group chat"));
    group(&bench, -1005, "supergroup", "left").await;
    let outside = forbidden("bot is not a member of the supergroup chat");
    assert_eq!(refused(&bench, -1005).await, outside);
}

#[tokio::test]
async fn a_migrated_group_names_its_new_id() {
    let bench = Bench::new().await;
    group(&bench, -5, "group", "member").await;
    bench.say(json!({"chat": -5, "migrate_to": -1009})).await;
    let answer = bench.call("sendMessage", json!({"chat_id": -5, "text": "x"})).await.unwrap();
    let body: Value = answer.json().await.unwrap();
    assert_eq!(
        body,
        json!({"ok": false, "error_code": 400,
               "description": "Bad Request: group chat was upgraded to a supergroup chat",
               "parameters": {"migrate_to_chat_id": -1009}})
    );
    bench.ok("sendMessage", json!({"chat_id": -1009, "text": "here"})).await;
    let told = bench.updates(json!({})).await;
    assert!(told.iter().any(|update| update["message"]["migrate_to_chat_id"] == -1009));
}

#[tokio::test]
async fn topics_hold_their_messages() {
    let bench = Bench::new().await;
    group(&bench, -1005, "supergroup", "administrator").await;
    let topic = bench.ok("createForumTopic", json!({"chat_id": -1005, "name": "Ticket 1"})).await;
    let thread = topic["message_thread_id"].clone();
    let inside = json!({"chat_id": -1005, "message_thread_id": thread, "text": "x"});
    let sent = bench.ok("sendMessage", inside.clone()).await;
    assert_eq!((&sent["message_thread_id"], &sent["is_topic_message"]), (&thread, &json!(true)));
    bench.ok("deleteForumTopic", json!({"chat_id": -1005, "message_thread_id": thread})).await;
    assert_eq!(
        bench.refused("sendMessage", inside).await.1,
        "Bad Request: message thread not found"
    );
    group(&bench, -7, "group", "administrator").await;
    let flat = bench.refused("createForumTopic", json!({"chat_id": -7, "name": "x"})).await;
    assert_eq!(flat.1, "Bad Request: the chat is not a forum");
}

#[tokio::test]
async fn membership_can_be_asked() {
    let bench = Bench::new().await;
    group(&bench, -1005, "supergroup", "administrator").await;
    let me = bench.ok("getChatMember", json!({"chat_id": -1005, "user_id": BOT})).await;
    assert_eq!((&me["status"], &me["can_manage_topics"]), (&json!("administrator"), &json!(true)));
    let ann = bench.ok("getChatMember", json!({"chat_id": -1005, "user_id": ANN})).await;
    assert_eq!(ann["status"], "member");
    assert_eq!(bench.ok("getChat", json!({"chat_id": -1005})).await["is_forum"], true);
}

#[tokio::test]
async fn the_chat_page_is_told_of_topics_and_an_anonymous_administrator_is_a_bot() {
    let bench = Bench::new().await;
    let group = json!({"type": "supergroup", "title": "Team", "forum": true});
    bench
        .say(json!({"user": ANN, "chat": -1006, "group": group, "bot_status": "administrator"}))
        .await;
    let topic = bench.ok("createForumTopic", json!({"chat_id": -1006, "name": "Ann"})).await;
    let thread = &topic["message_thread_id"];
    bench.ok("closeForumTopic", json!({"chat_id": -1006, "message_thread_id": thread})).await;
    let seen = bench.get("/_sandbox/chats/-1006/messages").await;
    assert_eq!(seen["topics"][0]["id"], *thread);
    assert_eq!(
        (&seen["topics"][0]["name"], &seen["topics"][0]["closed"]),
        (&json!("Ann"), &json!(true))
    );
    bench
        .say(json!({"user": ANN, "chat": -1006, "thread": thread, "anonymous": true, "text": "hi"}))
        .await;
    let update = bench.updates(json!({"offset": -1})).await[0]["message"].clone();
    assert_eq!(
        (&update["from"]["is_bot"], &update["sender_chat"]["id"]),
        (&json!(true), &json!(-1006))
    );
    assert_eq!(update["message_thread_id"], *thread);
    assert!(bench.page("/_sandbox/topics.js").await.contains("drawTopics"));
}
