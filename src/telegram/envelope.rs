//! The Bot API's envelope, read tolerantly: `{"ok":true,"result":…}` or
//! `{"ok":false,"error_code":…,"description":…,"parameters":{…}}`.
//!
//! Values are read one by one from raw JSON, because an unexpected type in one of them must not cost the
//! others: a `retry_after` of 70,000 s is real, and so is a body without any parameters.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

use super::messenger::{Accepted, BotIdentity, SendError, WebhookInfo};
use crate::domain::PostForm;

/// Longest text of a refusal that we keep, characters.
const TEXT_CAP: usize = 300;

/// What a failed call says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Refusal {
    /// `error_code`; equals the HTTP status.
    pub code: Option<u16>,
    /// `description`, raw.
    pub description: String,
    /// `parameters.retry_after`, seconds.
    pub retry_after: Option<u64>,
    /// `parameters.migrate_to_chat_id`.
    pub migrate_to: Option<i64>,
}

/// Reads a refusal; `None` when the body is not Telegram's envelope or says `"ok": true`.
pub fn read_refusal(body: &[u8]) -> Option<Refusal> {
    let value: Value = serde_json::from_slice(body).ok()?;
    if value.get("ok")?.as_bool()? {
        return None;
    }
    let parameters = value.get("parameters");
    Some(Refusal {
        code: value.get("error_code").and_then(Value::as_u64).and_then(|code| code.try_into().ok()),
        description: text_of(&value, "description").unwrap_or_default(),
        retry_after: parameters.and_then(|all| all.get("retry_after")).and_then(seconds),
        migrate_to: parameters.and_then(|all| all.get("migrate_to_chat_id")).and_then(whole),
    })
}

/// The `result` of a success; `None` when the body is not one.
pub fn read_result(body: &[u8]) -> Option<Value> {
    let mut value: Value = serde_json::from_slice(body).ok()?;
    if !value.get("ok")?.as_bool()? {
        return None;
    }
    value.get_mut("result").map(Value::take)
}

/// [`read_result`] for [`accepted_message`]: keeps only what that looks at, and builds nothing of the rest.
pub fn read_message(body: &[u8]) -> Option<Value> {
    let envelope: Envelope = serde_json::from_slice(body).ok()?;
    envelope.result.filter(|_| envelope.ok).map(|kept| kept.0)
}

/// A success with a message in it.
#[derive(Deserialize)]
struct Envelope {
    ok: bool,
    result: Option<Kept>,
}

/// A message, or several, without the fields that nobody asks for.
struct Kept(Value);

/// The fields of a message that are kept.
const KEPT: [&str; 2] = ["message_id", "photo"];

impl<'de> Deserialize<'de> for Kept {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(KeptVisitor).map(Self)
    }
}

struct KeptVisitor;

impl<'de> Visitor<'de> for KeptVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a message, a list of messages or a boolean")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Value, A::Error> {
        let mut all = Vec::new();
        while let Some(Kept(one)) = list.next_element()? {
            all.push(one);
        }
        Ok(Value::Array(all))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Value, A::Error> {
        let mut kept = Map::new();
        while let Some(name) = fields.next_key::<Cow<'de, str>>()? {
            if KEPT.contains(&&*name) {
                kept.insert(name.into_owned(), fields.next_value()?);
            } else {
                fields.next_value::<IgnoredAny>()?;
            }
        }
        Ok(Value::Object(kept))
    }
}

/// What became of a message: a message, a list of messages for an album, or `true` for an edit of `edited`.
pub fn accepted_message(
    result: &Value,
    edited: Option<i64>,
    form: PostForm,
) -> Result<Accepted, SendError> {
    if let Some(id) = edited.filter(|_| result.as_bool() == Some(true)) {
        return Ok(Accepted { ids: vec![id], form, files: vec![] });
    }
    let messages = result.as_array().map_or_else(|| std::slice::from_ref(result), Vec::as_slice);
    let id = |message: &Value| message.get("message_id").and_then(Value::as_i64);
    let ids: Vec<i64> = messages.iter().filter_map(id).collect();
    if ids.is_empty() || ids.len() != messages.len() {
        return Err(wrong_shape("a message"));
    }
    let files: Vec<String> = messages.iter().filter_map(largest_photo).collect();
    let form = if files.is_empty() { PostForm::Text } else { PostForm::Caption };
    Ok(Accepted { ids, form, files })
}

/// The name of the largest size of a message's photo.
fn largest_photo(message: &Value) -> Option<String> {
    let sizes = message.get("photo")?.as_array()?;
    let area = |size: &&Value| {
        let side = |name: &str| size.get(name).and_then(Value::as_i64).unwrap_or(0);
        side("width").saturating_mul(side("height"))
    };
    text_of(sizes.iter().max_by_key(area)?, "file_id")
}

/// The bot in a result of `getMe`.
pub fn bot_identity(result: &Value) -> Result<BotIdentity, SendError> {
    match (result.get("id").and_then(Value::as_i64), text_of(result, "username")) {
        (Some(id), Some(username)) => Ok(BotIdentity { id, username }),
        _ => Err(wrong_shape("a bot")),
    }
}

/// The updates in a result of `getUpdates`, as they came.
pub fn updates(result: Value) -> Result<Vec<Value>, SendError> {
    match result {
        Value::Array(updates) => Ok(updates),
        _ => Err(wrong_shape("a list of updates")),
    }
}

/// The result of `getWebhookInfo`.
pub fn webhook_info(result: &Value) -> Result<WebhookInfo, SendError> {
    let url = text_of(result, "url").ok_or_else(|| wrong_shape("a webhook"))?;
    let number = |name: &str| result.get(name).and_then(Value::as_i64);
    let kinds = result.get("allowed_updates").and_then(Value::as_array);
    let kinds = kinds.into_iter().flatten().filter_map(Value::as_str);
    Ok(WebhookInfo {
        url,
        pending_update_count: number("pending_update_count").unwrap_or(0),
        last_error_message: text_of(result, "last_error_message").map(|text| one_line(&text)),
        last_error_date: number("last_error_date"),
        allowed_updates: kinds.map(str::to_owned).collect(),
        max_connections: number("max_connections"),
    })
}

/// The result of a call that answers `true`.
pub fn accepted(result: &Value) -> Result<(), SendError> {
    if result.as_bool() == Some(true) { Ok(()) } else { Err(wrong_shape("true")) }
}

/// Outside text made safe for one line of a log: control characters become spaces, long texts are cut.
pub fn one_line(text: &str) -> String {
    let words: String = text
        .chars()
        .map(|letter| if letter.is_control() { ' ' } else { letter })
        .take(TEXT_CAP)
        .collect();
    words.trim().to_owned()
}

/// A 200 whose result is not what the method answers: a middleman mixed answers up, so nobody knows.
fn wrong_shape(expected: &str) -> SendError {
    SendError::Doubt(format!("the answer is not {expected}"))
}

fn text_of(value: &Value, name: &str) -> Option<String> {
    value.get(name)?.as_str().map(str::to_owned)
}

/// Seconds as a number or as text.
fn seconds(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| value.as_str()?.trim().parse().ok())
}

/// A chat id as a number or as text.
fn whole(value: &Value) -> Option<i64> {
    value.as_i64().or_else(|| value.as_str()?.trim().parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_odd_field_does_not_cost_the_others() {
        let body = br#"{"ok":false,"error_code":"429","description":5,
            "parameters":{"retry_after":"70000","migrate_to_chat_id":null}}"#;
        let refusal = read_refusal(body).expect("an envelope");
        assert_eq!(refusal.retry_after, Some(70_000));
        assert_eq!(refusal.migrate_to, None);
        assert_eq!(refusal.description, "");
    }

    #[test]
    fn a_success_of_another_method_is_a_doubt() {
        let result = read_result(br#"{"ok":true,"result":true}"#).expect("a success");
        let read = |edited| accepted_message(&result, edited, PostForm::Text);
        assert!(matches!(read(None), Err(SendError::Doubt(_))));
        assert_eq!(read(Some(7)), Ok(Accepted::text(7)));
        assert!(matches!(bot_identity(&result), Err(SendError::Doubt(_))));
        assert!(matches!(updates(result), Err(SendError::Doubt(_))));
    }

    #[test]
    fn a_cut_or_foreign_body_is_neither_success_nor_refusal() {
        for body in [&b""[..], b"{\"ok\":true,\"resu", b"<html>", b"[]", b"{\"ok\":1}", b"null"] {
            assert_eq!(read_refusal(body), None);
            assert_eq!(read_result(body), None);
        }
    }

    #[test]
    fn what_is_kept_of_an_answer_says_the_same_as_all_of_it() {
        let photo =
            r#"{"message_id":4,"chat":{"id":1},"photo":[{"file_id":"a","width":9,"height":9}]}"#;
        let bodies = [
            r#"{"ok":true,"result":true}"#.to_owned(),
            format!(r#"{{"ok":true,"result":{photo}}}"#),
            format!(r#"{{"ok":true,"result":[{photo},{photo}],"description":"x"}}"#),
            r#"{"result":{"from":{"message_id":9},"message\u005fid":8},"ok":true}"#.to_owned(),
            r#"{"ok":true,"result":{"message_id":"8"}}"#.to_owned(),
            r#"{"ok":true,"result":{"chat":{"id":1}}}"#.to_owned(),
            r#"{"ok":true,"result":[]}"#.to_owned(),
        ];
        for body in bodies {
            let read = |result: Option<Value>| {
                accepted_message(&result.expect("a success"), Some(7), PostForm::Text)
            };
            let (whole, kept) = (read_result(body.as_bytes()), read_message(body.as_bytes()));
            assert_eq!(read(kept), read(whole), "{body}");
        }
        for body in [r#"{"ok":false,"error_code":400}"#, r#"{"ok":true,"resu"#, "<html>", "[]"] {
            assert_eq!(read_message(body.as_bytes()), None, "{body}");
        }
    }

    #[test]
    fn an_album_names_all_its_messages_and_the_largest_size_of_each_picture() {
        let photo = |id: i64, file: &str| {
            serde_json::json!({"message_id": id, "photo": [
                {"file_id": "small", "width": 90, "height": 60},
                {"file_id": file, "width": 800, "height": 600},
            ]})
        };
        let album = serde_json::json!([photo(4, "a"), photo(5, "b")]);
        let accepted = accepted_message(&album, None, PostForm::Text).expect("an album");
        assert_eq!((accepted.ids, accepted.form), (vec![4, 5], PostForm::Caption));
        assert_eq!(accepted.files, ["a", "b"]);
        for broken in [serde_json::json!([]), serde_json::json!([photo(4, "a"), {}])] {
            assert!(accepted_message(&broken, None, PostForm::Text).is_err(), "{broken}");
        }
    }
}
