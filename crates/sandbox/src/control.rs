//! `/_sandbox/…`: how tests and the chat page look in and steer.

use std::sync::{Arc, PoisonError};
use std::time::Duration;

use axum::Json;
use axum::Router;
use axum::extract::{Path, Query, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::app::App;
use crate::clock::Millis;
use crate::faults::NewRule;
use crate::limits::{Mode, Rate};
use crate::say::{self, Say};
use crate::world::World;
use crate::world::chat::{Chat, Kind, Topic};
use crate::world::message::{Body, Message};

/// The longest wait of a reader.
const LONGEST: u64 = 120_000;

/// All control routes.
pub fn routes() -> Router<Arc<App>> {
    Router::new()
        .route("/_sandbox/journal", get(journal))
        .route("/_sandbox/faults", get(faults).post(add_fault).delete(clear_faults))
        .route("/_sandbox/say", post(say))
        .route("/_sandbox/limits", get(limits).post(set_limits))
        .route("/_sandbox/clock", get(clock).post(advance))
        .route("/_sandbox/chats", get(chats))
        .route("/_sandbox/chats/{id}/messages", get(messages))
        .route("/_sandbox/file/{unique}", get(file))
}

fn refuse(why: impl AsRef<str>) -> Response {
    let body = Json(json!({"ok": false, "error": why.as_ref()}));
    (StatusCode::BAD_REQUEST, body).into_response()
}

fn read<T: serde::de::DeserializeOwned>(body: &[u8]) -> Result<T, Box<Response>> {
    serde_json::from_slice(body)
        .map_err(|error| Box::new(refuse(format!("not understood: {error}"))))
}

#[derive(Deserialize)]
struct After {
    #[serde(default)]
    after: usize,
    #[serde(default)]
    wait: u64,
}

async fn journal(State(app): State<Arc<App>>, Query(query): Query<After>) -> Response {
    let wait = Duration::from_millis(query.wait.min(LONGEST));
    let mut stopping = app.stopping.subscribe();
    let lines = tokio::select! {
        lines = app.journal.wait_after(query.after, wait) => lines,
        _ = stopping.wait_for(|stop| *stop) => app.journal.after(query.after),
    };
    ([(header::CONTENT_TYPE, "application/x-ndjson")], lines).into_response()
}

async fn faults(State(app): State<Arc<App>>) -> Response {
    let faults = app.faults.lock().unwrap_or_else(PoisonError::into_inner);
    Json(json!({"ok": true, "rules": faults.list()})).into_response()
}

/// One rule, or a list of them.
async fn add_fault(State(app): State<Arc<App>>, body: axum::body::Bytes) -> Response {
    let value: Value = match read(&body) {
        Ok(value) => value,
        Err(response) => return *response,
    };
    let list = if value.is_array() { value } else { json!([value]) };
    let rules: Vec<NewRule> = match serde_json::from_value(list) {
        Ok(rules) => rules,
        Err(error) => return refuse(format!("not understood: {error}")),
    };
    let mut faults = app.faults.lock().unwrap_or_else(PoisonError::into_inner);
    let ids: Vec<u64> = rules.into_iter().map(|rule| faults.add(rule)).collect();
    Json(json!({"ok": true, "ids": ids})).into_response()
}

#[derive(Deserialize)]
struct Which {
    id: Option<u64>,
}

async fn clear_faults(State(app): State<Arc<App>>, Query(which): Query<Which>) -> Response {
    app.faults.lock().unwrap_or_else(PoisonError::into_inner).clear(which.id);
    Json(json!({"ok": true})).into_response()
}

async fn say(State(app): State<Arc<App>>, body: axum::body::Bytes) -> Response {
    let value: Value = match read(&body) {
        Ok(value) => value,
        Err(response) => return *response,
    };
    let many = value.is_array();
    let list = if many { value } else { json!([value]) };
    let acts: Vec<Say> = match serde_json::from_value(list) {
        Ok(acts) => acts,
        Err(error) => return refuse(format!("not understood: {error}")),
    };
    let mut results = Vec::new();
    for act in acts {
        match say::act(&app, act).await {
            Ok(happened) => results.push(happened),
            Err(why) => return refuse(why),
        }
    }
    let body = if many { json!({"ok": true, "results": results}) } else { results.remove(0) };
    Json(body).into_response()
}

async fn limits(State(app): State<Arc<App>>) -> Response {
    Json(app.with(|world, _| world.rates)).into_response()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewLimits {
    mode: Option<Mode>,
    chat: Option<Rate>,
    group: Option<Rate>,
    group_edits: Option<Rate>,
    all: Option<Rate>,
    paid: Option<Rate>,
}

/// Replaces what is given and starts counting anew.
async fn set_limits(State(app): State<Arc<App>>, body: axum::body::Bytes) -> Response {
    let new: NewLimits = match read(&body) {
        Ok(new) => new,
        Err(response) => return *response,
    };
    let rates = app.with(|world, _| {
        let rates = &mut world.rates;
        rates.mode = new.mode.unwrap_or(rates.mode);
        for (rate, new) in [
            (&mut rates.chat, new.chat),
            (&mut rates.group, new.group),
            (&mut rates.group_edits, new.group_edits),
            (&mut rates.all, new.all),
            (&mut rates.paid, new.paid),
        ] {
            *rate = new.unwrap_or(*rate);
        }
        world.bots.values_mut().for_each(|bot| bot.limits = Default::default());
        world.rates
    });
    Json(rates).into_response()
}

async fn clock(State(app): State<Arc<App>>) -> Response {
    Json(json!({"now": app.clock.now()})).into_response()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Advance {
    advance_ms: Millis,
}

async fn advance(State(app): State<Arc<App>>, body: axum::body::Bytes) -> Response {
    match read::<Advance>(&body) {
        Ok(step) => app.clock.advance(step.advance_ms),
        Err(response) => return *response,
    }
    Json(json!({"ok": true, "now": app.clock.now()})).into_response()
}

#[derive(Deserialize)]
struct Since {
    /// Only when the version is above this one.
    #[serde(default)]
    since: u64,
    /// Milliseconds to wait for that.
    #[serde(default)]
    wait: u64,
    /// Which bot, for private chats.
    bot: Option<i64>,
}

/// Waits until `newer` gives something, for as long as the query allows.
async fn wait_for<T>(
    app: &App,
    query: &Since,
    mut newer: impl FnMut(&World, Millis) -> (u64, T),
) -> T {
    let deadline = tokio::time::Instant::now() + Duration::from_millis(query.wait.min(LONGEST));
    let mut seen = app.changed.subscribe();
    loop {
        seen.borrow_and_update();
        let (version, found) = app.with(|world, now| newer(world, now));
        if version > query.since || app.is_stopping() {
            return found;
        }
        let mut stopping = app.stopping.subscribe();
        let changed = tokio::select! {
            changed = tokio::time::timeout_at(deadline, seen.changed()) => changed.is_ok(),
            _ = stopping.wait_for(|stop| *stop) => false,
        };
        if !changed {
            return found;
        }
    }
}

async fn chats(State(app): State<Arc<App>>, Query(query): Query<Since>) -> Response {
    let state = wait_for(&app, &query, |world, now| (world.version, overview(world, now))).await;
    Json(state).into_response()
}

fn overview(world: &World, now: Millis) -> Value {
    let bots: Vec<Value> = world
        .bots
        .values()
        .map(|bot| {
            json!({"id": bot.id, "name": bot.name, "username": bot.username,
                   "webhook": bot.webhook.as_ref().map(|hook| hook.url.as_str()),
                   "pending": bot.queue.pending.len(), "commands": commands(bot),
                   "menu": bot.menu.get(&None),
                   "description": bot.texts.get("description:")})
        })
        .collect();
    let users: Vec<Value> = world.users.values().map(|user| user.json()).collect();
    let chats: Vec<Value> = world.rooms.values().map(|chat| summary(world, chat, now)).collect();
    json!({"version": world.version, "bots": bots, "users": users, "chats": chats})
}

/// The menu of private chats, without languages.
fn commands(bot: &crate::world::Bot) -> Value {
    let keys = ["all_private_chats:null:null:", "default:null:null:"];
    let list = keys.iter().find_map(|key| bot.commands.get(*key));
    list.cloned().unwrap_or_else(|| json!([]))
}

fn summary(world: &World, chat: &Chat, now: Millis) -> Value {
    let mut value = world.chat_json(chat);
    let private = chat.kind == Kind::Private;
    value["bot"] = chat.room.bot.into();
    value["version"] = chat.version.into();
    value["messages"] = chat.messages.len().into();
    let from_bots = |message: &&Message| world.bots.contains_key(&message.author);
    value["incoming"] = chat.messages.values().filter(from_bots).count().into();
    if private {
        value["started"] = chat.started.into();
        value["blocked"] = chat.blocked.into();
        if let Some(user) = world.users.get(&chat.room.chat) {
            value["language_code"] = json!(user.language);
        }
    } else {
        let members: Map<String, Value> =
            chat.bots.iter().map(|(bot, status)| (bot.to_string(), status.word().into())).collect();
        value["bots"] = Value::Object(members);
    }
    if let Some((_, last)) = chat.messages.last_key_value() {
        value["last"] = json!({"message_id": last.id, "date": last.date, "author": last.author,
                               "preview": preview(last)});
    }
    if let Some((action, until)) = chat.action.as_ref().filter(|(_, until)| *until > now) {
        value["action"] = json!({"action": action, "until": until});
    }
    value
}

fn preview(message: &Message) -> String {
    let text = message.rich().map(|rich| rich.text.as_str()).unwrap_or_default();
    let short: String = text.chars().take(120).map(|c| if c == '\n' { ' ' } else { c }).collect();
    match &message.body {
        Body::Media(_) if short.is_empty() => "🖼 Photo".to_owned(),
        Body::Media(_) => format!("🖼 {short}"),
        _ => short,
    }
}

async fn messages(
    State(app): State<Arc<App>>,
    Path(id): Path<i64>,
    Query(query): Query<Since>,
) -> Response {
    let state = wait_for(&app, &query, |world, now| {
        let bot = query.bot.or_else(|| world.bots.keys().next().copied()).unwrap_or(0);
        match world.rooms.get(&World::room(bot, id)) {
            Some(chat) => (chat.version, Some(conversation(world, chat, bot, now))),
            None => (0, None),
        }
    })
    .await;
    let nothing = || json!({"version": 0, "messages": []});
    Json(state.unwrap_or_else(nothing)).into_response()
}

fn conversation(world: &World, chat: &Chat, bot: i64, now: Millis) -> Value {
    let messages: Vec<Value> = chat
        .messages
        .values()
        .map(|message| {
            let mut value = world.message_json(chat, message, bot);
            if let Body::Media(media) = &message.body {
                value["media_url"] = format!("/_sandbox/file/{}", media.file).into();
            }
            if !message.reactions.is_empty() {
                value["reactions"] = json!(message.reactions);
            }
            if message.silent {
                value["silent"] = true.into();
            }
            value
        })
        .collect();
    let mut value = summary(world, chat, now);
    value["chat"] = world.chat_json(chat);
    value["messages"] = Value::Array(messages);
    if chat.forum {
        let topic = |(id, topic): (&i64, &Topic)| json!({"id": id, "name": topic.name, "color": topic.color, "closed": topic.closed});
        value["topics"] = chat.topics.iter().map(topic).collect();
    }
    if let Some(keyboard) = &chat.keyboard {
        value["reply_keyboard"] = keyboard.clone();
    }
    value
}

async fn file(State(app): State<Arc<App>>, Path(unique): Path<String>) -> Response {
    match app.with(|world, _| world.files.get(&unique).cloned()) {
        Some(file) => {
            let forever = "public, max-age=31536000, immutable".to_owned();
            let headers = [(header::CONTENT_TYPE, file.mime), (header::CACHE_CONTROL, forever)];
            (headers, file.bytes).into_response()
        }
        None => StatusCode::NOT_FOUND.into_response(),
    }
}
