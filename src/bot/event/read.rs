//! From JSON to an [`Update`].

use chrono::{DateTime, Utc};
use serde_json::Value;

use super::{Body, Document, Event, Payload, Person, Place, Poison, Update};
use crate::domain::{ChatId, ChatKind, SourceId, UserId};

/// Kinds of update that we know by name (api "Update"); the rest is `unknown`.
const KINDS: &[&str] = &[
    "message",
    "callback_query",
    "my_chat_member",
    "edited_message",
    "channel_post",
    "edited_channel_post",
    "business_connection",
    "business_message",
    "edited_business_message",
    "deleted_business_messages",
    "guest_message",
    "message_reaction",
    "message_reaction_count",
    "inline_query",
    "chosen_inline_result",
    "shipping_query",
    "pre_checkout_query",
    "purchased_paid_media",
    "poll",
    "poll_answer",
    "chat_member",
    "chat_join_request",
    "chat_boost",
    "removed_chat_boost",
    "managed_bot",
    "subscription",
    "stopped_message_generation",
];

/// Contents of a message that a person may send to support (api "Message").
const MEDIA: &[&str] = &[
    "animation",
    "audio",
    "contact",
    "document",
    "location",
    "photo",
    "sticker",
    "story",
    "venue",
    "video",
    "video_note",
    "voice",
];

/// Reads the body of an update. `me` is our user name without `@`.
pub fn parse(bytes: &[u8], me: &str) -> Result<Update, Poison> {
    let json = serde_json::from_slice::<Value>(bytes).map_err(|error| Poison {
        update: id_in_broken(bytes),
        reason: format!("the body is no usable JSON: {error}"),
    })?;
    read(&json, me)
}

/// Reads an update that is JSON already (one of a polled batch).
pub fn read(json: &Value, me: &str) -> Result<Update, Poison> {
    let Some(object) = json.as_object() else {
        return Err(Poison { update: None, reason: "the update is no object".into() });
    };
    let Some(id) = object.get("update_id").and_then(Value::as_i64) else {
        return Err(Poison { update: None, reason: "the update has no update_id".into() });
    };
    let known = KINDS.iter().find_map(|kind| Some((*kind, object.get(*kind)?)));
    let Some((kind, body)) = known else {
        return Ok(nothing(id, "unknown", "unknown_kind"));
    };
    Ok(match kind {
        "message" => message(id, body, me),
        "edited_message" => edited(id, body),
        "callback_query" => press(id, body),
        "my_chat_member" => membership(id, body),
        "pre_checkout_query" => pre_checkout(id, body),
        kind => nothing(id, kind, "other_kind"),
    })
}

/// The id of an update whose JSON is broken, as far as one can be seen: only used to name the poison.
fn id_in_broken(bytes: &[u8]) -> Option<i64> {
    const KEY: &[u8] = b"\"update_id\"";
    let start = bytes.windows(KEY.len()).position(|window| window == KEY)? + KEY.len();
    let rest =
        bytes[start..].iter().skip_while(|byte| byte.is_ascii_whitespace() || **byte == b':');
    let digits: String = rest
        .take_while(|byte| byte.is_ascii_digit())
        .take(20)
        .map(|byte| char::from(*byte))
        .collect();
    digits.parse().ok()
}

fn nothing(id: i64, kind: &'static str, why: &'static str) -> Update {
    let event = Event::Ignored { why };
    Update { id, kind, who: None, place: None, answers: None, album: None, event }
}

fn message(id: i64, body: &Value, me: &str) -> Update {
    let place = place(body);
    let mut who = person(body.get("from"));
    let speaks_as = body.get("sender_chat").and_then(|chat| chat.get("id")?.as_i64());
    if let (Some(who), Some(place)) = (&mut who, place) {
        who.is_anonymous = speaks_as == Some(place.chat.0);
    }
    let event = match place {
        None => Event::Ignored { why: "no_chat" },
        Some(place) => content(body, place, me),
    };
    let answers =
        body.get("reply_to_message").and_then(|m| m.get("message_id")).and_then(Value::as_i64);
    let album = text_of(body, "media_group_id").map(str::to_owned);
    Update { id, kind: "message", who, place, answers, album, event }
}

/// A changed message. Its commands are not carried out a second time.
fn edited(id: i64, body: &Value) -> Update {
    let (place, who) = (place(body), person(body.get("from")));
    let message_id = body.get("message_id").and_then(Value::as_i64);
    let text = words_of(body, "text").or_else(|| words_of(body, "caption"));
    let event = match (message_id, text) {
        (Some(message_id), Some(text)) if place.is_some() => Event::Edited { message_id, text },
        _ => Event::Ignored { why: "unreadable_edit" },
    };
    Update { id, kind: "edited_message", who, place, answers: None, album: None, event }
}

fn content(body: &Value, place: Place, me: &str) -> Event {
    if let Some(to) = body.get("migrate_to_chat_id").and_then(Value::as_i64) {
        return Event::Migrated { from: place.chat, to: ChatId(to) };
    }
    if let Some(from) = body.get("migrate_from_chat_id").and_then(Value::as_i64) {
        return Event::Migrated { from: ChatId(from), to: place.chat };
    }
    let Some(message_id) = body.get("message_id").and_then(Value::as_i64) else {
        return Event::Ignored { why: "no_message_id" };
    };
    if let Some(text) = words_of(body, "text") {
        return match command(&text) {
            Some(command) => command.into_event(me, message_id),
            None => Event::Text { message_id, text },
        };
    }
    let caption = || words_of(body, "caption").unwrap_or_default();
    if let Some(data) = body.get("web_app_data").and_then(|data| words_of(data, "data")) {
        return Event::AppData { data };
    }
    if let Some((latitude, longitude)) = location(body) {
        return Event::Location { message_id, latitude, longitude };
    }
    // An animation comes with a document of itself for old apps.
    if let (Some(file), None) = (document(body), body.get("animation")) {
        return Event::Document { message_id, file, caption: caption() };
    }
    match MEDIA.iter().find(|content| body.get(**content).is_some()) {
        Some(content) => {
            let caption = caption();
            Event::Media { message_id, content, caption }
        }
        None => Event::Ignored { why: "service_message" },
    }
}

/// The point of a plain location; that of a venue stays with its words.
fn location(body: &Value) -> Option<(f64, f64)> {
    let location = body.get("location").filter(|_| body.get("venue").is_none())?;
    let degrees = |name: &str, most: f64| {
        location.get(name).and_then(Value::as_f64).filter(|degrees| degrees.abs() <= most)
    };
    Some((degrees("latitude", 90.0)?, degrees("longitude", 180.0)?))
}

/// The file of a message; one that cannot be asked for is none.
fn document(body: &Value) -> Option<Document> {
    let document = body.get("document")?;
    Some(Document {
        id: text_of(document, "file_id")?.to_owned(),
        name: words_of(document, "file_name").unwrap_or_default(),
        size: document.get("file_size").and_then(Value::as_u64),
        body: Body::Rest,
    })
}

/// A command as typed: `/name@bot rest`.
struct Command<'a> {
    name: String,
    bot: Option<&'a str>,
    rest: &'a str,
}

/// Commands are 1–32 characters of `[A-Za-z0-9_]` after a slash at the very beginning (api "BotCommand").
fn command(text: &str) -> Option<Command<'_>> {
    let body = text.strip_prefix('/')?;
    let word_end = body.find(char::is_whitespace).unwrap_or(body.len());
    let (word, rest) = body.split_at(word_end);
    let (name, bot) = match word.split_once('@') {
        Some((name, bot)) => (name, Some(bot)),
        None => (word, None),
    };
    let legal = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let is_name = (1..=32).contains(&name.len()) && name.chars().all(legal);
    is_name.then(|| Command { name: name.to_ascii_lowercase(), bot, rest: rest.trim() })
}

impl Command<'_> {
    fn into_event(self, me: &str, message_id: i64) -> Event {
        if self.bot.is_some_and(|bot| !bot.eq_ignore_ascii_case(me)) {
            return Event::Ignored { why: "command_for_another_bot" };
        }
        match self.name.as_str() {
            "start" => Event::Start { payload: payload(self.rest) },
            _ => Event::Command {
                name: self.name,
                rest: self.rest.to_owned(),
                message_id,
                addressed: self.bot.is_some(),
            },
        }
    }
}

/// Deep links carry at most 64 of `[A-Za-z0-9_-]`: a letter says of what kind, and what we do not know is nothing.
fn payload(rest: &str) -> Payload {
    if rest.is_empty() {
        return Payload::None;
    }
    let is_word = |word: &str| {
        let legal = |b: u8| b.is_ascii_alphanumeric() || b == b'_' || b == b'-';
        (1..=62).contains(&word.len()) && word.bytes().all(legal)
    };
    let is_digest = |word: &str| {
        word.len() == 32 && word.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
    };
    match rest.split_once('_') {
        Some(("s", id)) if is_digest(id) => Payload::Search(SourceId(id.to_owned())),
        Some(("c", token)) if is_word(token) => Payload::Shared(token.to_owned()),
        Some(("r", code)) if is_word(code) => Payload::Invited(code.to_owned()),
        Some(("p", plan)) if is_word(plan) => Payload::Plan(plan.to_owned()),
        Some(("k", code)) if is_word(code) => Payload::Promo(code.to_owned()),
        _ => Payload::Unknown,
    }
}

fn press(id: i64, body: &Value) -> Update {
    let message = body.get("message");
    let place = message.and_then(place);
    let who = person(body.get("from"));
    // A message too old to be shown comes with date 0 (api "InaccessibleMessage"): it cannot be edited.
    let editable = |message: &&Value| message.get("date").and_then(Value::as_i64) != Some(0);
    let message_id =
        message.filter(editable).and_then(|m| m.get("message_id")).and_then(Value::as_i64);
    let event = match body.get("id").and_then(Value::as_str) {
        Some(press) => Event::Press {
            id: press.to_owned(),
            data: words_of(body, "data").unwrap_or_default(),
            message_id,
        },
        None => Event::Ignored { why: "no_callback_id" },
    };
    Update { id, kind: "callback_query", who, place, answers: None, album: None, event }
}

fn pre_checkout(id: i64, body: &Value) -> Update {
    let who = person(body.get("from"));
    let event = match text_of(body, "id") {
        Some(query) => Event::PreCheckout { id: query.to_owned() },
        None => Event::Ignored { why: "no_query_id" },
    };
    Update { id, kind: "pre_checkout_query", who, place: None, answers: None, album: None, event }
}

fn membership(id: i64, body: &Value) -> Update {
    let place = place(body);
    let who = person(body.get("from"));
    let seconds = body.get("date").and_then(Value::as_i64);
    let at: Option<DateTime<Utc>> = seconds.and_then(|s| DateTime::from_timestamp(s, 0));
    let event = match (body.get("new_chat_member").and_then(may_write), at, place) {
        (Some(active), Some(at), Some(_)) => Event::Membership { active, at },
        _ => Event::Ignored { why: "unreadable_membership" },
    };
    Update { id, kind: "my_chat_member", who, place, answers: None, album: None, event }
}

/// Whether a member of this status may write (api "ChatMember"); unknown statuses say nothing.
fn may_write(member: &Value) -> Option<bool> {
    let right = |name: &str| member.get(name).and_then(Value::as_bool).unwrap_or(true);
    match member.get("status")?.as_str()? {
        "creator" | "member" => Some(true),
        // The right is told for channels only.
        "administrator" => Some(right("can_post_messages")),
        "restricted" => Some(right("is_member") && right("can_send_messages")),
        "left" | "kicked" => Some(false),
        _ => None,
    }
}

fn text_of<'a>(body: &'a Value, name: &str) -> Option<&'a str> {
    body.get(name).and_then(Value::as_str)
}

/// Words of a person. No app sends the zero character, and not every database can hold it.
fn words_of(body: &Value, name: &str) -> Option<String> {
    text_of(body, name).map(|words| words.replace('\0', "\u{FFFD}"))
}

fn person(value: Option<&Value>) -> Option<Person> {
    let value = value?;
    let parts = [words_of(value, "first_name"), words_of(value, "last_name")];
    let name: Vec<String> = parts.into_iter().flatten().collect();
    Some(Person {
        id: UserId(value.get("id")?.as_i64()?),
        name: name.join(" "),
        username: text_of(value, "username").map(str::to_owned),
        premium: value.get("is_premium").and_then(Value::as_bool).unwrap_or(false),
        language_tag: text_of(value, "language_code").map(str::to_owned),
        is_bot: value.get("is_bot").and_then(Value::as_bool).unwrap_or(false),
        is_anonymous: false,
    })
}

fn place(message: &Value) -> Option<Place> {
    let chat = message.get("chat")?;
    let kind = ChatKind::from_word(chat.get("type")?.as_str()?)?;
    let in_topic = message.get("is_topic_message").and_then(Value::as_bool).unwrap_or(false);
    let thread = message.get("message_thread_id").and_then(Value::as_i64);
    // The General topic is 1 but refuses its own number (400 "message thread not found").
    let thread = thread.filter(|thread| in_topic && *thread != 1);
    Some(Place { chat: ChatId(chat.get("id")?.as_i64()?), kind, thread })
}

#[cfg(test)]
mod tests;
