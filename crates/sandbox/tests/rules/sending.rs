//! Texts, entities, keyboards, edits, deletions, copies, callbacks.

use serde_json::{Value, json};

use crate::support::{ANN, Bench};

async fn refused_text(bench: &Bench, extra: Value) -> String {
    let mut params = json!({"chat_id": ANN, "text": "text"});
    params.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
    let (code, text) = bench.refused("sendMessage", params).await;
    assert_eq!(code, 400);
    text
}

#[tokio::test]
async fn texts_have_their_limits() {
    let bench = Bench::new().await;
    bench.text(&"я".repeat(4_096)).await;
    let cases = [
        (json!({"text": ""}), "message text is empty"),
        (json!({"text": "  \n "}), "text must be non-empty"),
        (json!({"text": "<b> </b>", "parse_mode": "HTML"}), "text must be non-empty"),
        (json!({"text": "a".repeat(4_097)}), "message is too long"),
        (json!({"text": "a".repeat(40_000)}), "text is too long"),
        (json!({"parse_mode": "Wiki"}), "unsupported parse_mode"),
        (
            json!({"text": "x <br>", "parse_mode": "html"}),
            "can't parse entities: Unsupported start tag \"br\" at byte offset 2",
        ),
    ];
    for (extra, text) in cases {
        assert_eq!(refused_text(&bench, extra).await, format!("Bad Request: {text}"));
    }
    let long = json!({"chat_id": ANN, "text": format!("<b>{}</b>", "a".repeat(4_096)), "parse_mode": "HTML"});
    bench.ok("sendMessage", long).await;
}

#[tokio::test]
async fn keyboards_are_checked() {
    let bench = Bench::new().await;
    let inline = |button: Value| json!({"reply_markup": {"inline_keyboard": [[button]]}});
    let cases = [
        (inline(json!({"text": "a", "callback_data": "x".repeat(65)})), "BUTTON_DATA_INVALID"),
        (inline(json!({"text": "a", "callback_data": ""})), "BUTTON_DATA_INVALID"),
        (inline(json!({"text": "a", "url": "no link"})), "BUTTON_URL_INVALID"),
        (
            inline(json!({"text": "a"})),
            "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard",
        ),
        (json!({"reply_markup": "{"}), "can't parse reply keyboard markup JSON object"),
    ];
    for (extra, text) in cases {
        assert_eq!(refused_text(&bench, extra).await, format!("Bad Request: {text}"));
    }
    let fits = "ю".repeat(32);
    let markup = json!({"inline_keyboard": [[{"text": "a", "callback_data": fits}]]});
    let sent = bench
        .ok("sendMessage", json!({"chat_id": ANN, "text": "x", "reply_markup": markup.to_string()}))
        .await;
    assert_eq!(sent["reply_markup"], markup);
}

#[tokio::test]
async fn an_edit_must_change_something_and_find_its_message() {
    let bench = Bench::new().await;
    let id = bench.text("one").await;
    let edit = |id: i64, text: &str| json!({"chat_id": ANN, "message_id": id, "text": text});
    assert_eq!(bench.ok("editMessageText", edit(id, "two")).await["text"], "two");
    let (_, same) = bench.refused("editMessageText", edit(id, "two")).await;
    assert_eq!(
        same,
        "Bad Request: message is not modified: specified new message content and reply markup \
         are exactly the same as a current content and reply markup of the message"
    );
    let (_, missing) = bench.refused("editMessageText", edit(id + 50, "x")).await;
    assert_eq!(missing, "Bad Request: message to edit not found");
    let own = bench.say(json!({"user": ANN, "text": "mine"})).await["message_id"].as_i64().unwrap();
    let (_, foreign) = bench.refused("editMessageText", edit(own, "x")).await;
    assert_eq!(foreign, "Bad Request: message can't be edited");
}

#[tokio::test]
async fn messages_can_be_deleted_for_two_days() {
    let bench = Bench::new().await;
    let (young, old) = (bench.text("young").await, bench.text("old").await);
    let which = |id: i64| json!({"chat_id": ANN, "message_id": id});
    bench.ok("deleteMessage", which(young)).await;
    let (_, gone) = bench.refused("deleteMessage", which(young)).await;
    assert_eq!(gone, "Bad Request: message to delete not found");
    bench.advance(48 * 3_600 * 1_000);
    let (_, late) = bench.refused("deleteMessage", which(old)).await;
    assert_eq!(late, "Bad Request: message can't be deleted");
}

#[tokio::test]
async fn a_copy_has_no_origin_and_a_forward_has_one() {
    let bench = Bench::new().await;
    let from = bench.say(json!({"user": 1002, "name": "Bo", "text": "see"})).await;
    let original = json!({"chat_id": ANN, "from_chat_id": 1002, "message_id": from["message_id"]});
    let copy = bench.ok("copyMessage", original.clone()).await;
    assert_eq!(copy.as_object().unwrap().len(), 1, "only the id: {copy}");
    let forward = bench.ok("forwardMessage", original).await;
    assert_eq!(forward["forward_origin"]["sender_user"]["first_name"], "Bo");
    let missing = json!({"chat_id": ANN, "from_chat_id": 1002, "message_id": 999});
    let (_, copy) = bench.refused("copyMessage", missing.clone()).await;
    let (_, forward) = bench.refused("forwardMessage", missing).await;
    assert_eq!(copy, "Bad Request: message to copy not found");
    assert_eq!(forward, "Bad Request: message to forward not found");
}

#[tokio::test]
async fn a_pressed_button_waits_150_seconds_for_one_answer() {
    let bench = Bench::new().await;
    let markup = json!({"inline_keyboard": [[{"text": "Go", "callback_data": "go"}]]});
    let sent =
        bench.ok("sendMessage", json!({"chat_id": ANN, "text": "x", "reply_markup": markup})).await;
    let press = json!({"user": ANN, "wait_ms": 0,
                       "press": {"message_id": sent["message_id"], "button": "Go"}});
    let stale = "Bad Request: query is too old and response timeout expired or query ID is invalid";
    let first = bench.say(press.clone()).await["query_id"].clone();
    let update = bench.updates(json!({"offset": -1})).await[0]["callback_query"].clone();
    assert_eq!((&update["id"], &update["data"]), (&first, &json!("go")));
    assert_eq!(update["message"]["message_id"], sent["message_id"]);
    bench.ok("answerCallbackQuery", json!({"callback_query_id": first, "text": "ok"})).await;
    let again = bench.refused("answerCallbackQuery", json!({"callback_query_id": first})).await;
    assert_eq!(again.1, stale);
    let second = bench.say(press).await["query_id"].clone();
    bench.advance(150_000);
    let late = bench.refused("answerCallbackQuery", json!({"callback_query_id": second})).await;
    assert_eq!(late.1, stale);
}

#[tokio::test]
async fn commands_are_kept_by_scope_and_checked() {
    let bench = Bench::new().await;
    let list = json!([{"command": "start", "description": "Begin"}]);
    bench.ok("setMyCommands", json!({"commands": list, "language_code": "uk"})).await;
    assert_eq!(bench.ok("getMyCommands", json!({"language_code": "uk"})).await, list);
    assert_eq!(bench.ok("getMyCommands", json!({})).await, json!([]));
    let bad = json!({"commands": [{"command": "Start", "description": "x"}]});
    assert_eq!(bench.refused("setMyCommands", bad).await.1, "Bad Request: BOT_COMMAND_INVALID");
}
