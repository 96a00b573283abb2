//! Acting as a user: write, press, block, come and go.
//!
//! The JSON of `POST /_sandbox/say`; one object or a list of them. See README.md for every form.

mod apps;
mod chats;
mod writing;

pub use chats::set_blocked;

use std::sync::Arc;

use axum::body::Bytes;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::app::App;
use crate::clock::Millis;
use crate::demo;
use crate::world::chat::Room;
use crate::world::updates::life_of;
use crate::world::{User, World};

/// One act.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Say {
    /// Which bot: id, username or token; absent: the only or first one.
    pub bot: Option<Value>,
    /// Who acts.
    pub user: Option<i64>,
    /// First name; kept for the next time.
    pub name: Option<String>,
    /// Name after `@`.
    pub username: Option<String>,
    /// Interface language.
    pub lang: Option<String>,
    /// Where; absent: the private chat with the bot.
    pub chat: Option<i64>,
    /// The topic.
    pub thread: Option<i64>,
    /// Writes in the name of the group, as an anonymous administrator.
    pub anonymous: bool,
    /// A message.
    pub text: Option<String>,
    /// A picture: the id of a demo offer; `text` is then its caption.
    pub photo: Option<String>,
    /// A file of the user's own; `text` is then its caption.
    pub document: Option<Document>,
    /// The message that it answers.
    pub reply_to: Option<i64>,
    /// Changes an own message.
    pub edit: Option<Edit>,
    /// Presses a button.
    pub press: Option<Press>,
    /// Opens a Mini App.
    pub open_app: Option<OpenApp>,
    /// What a Mini App that a key has opened sends to the bot.
    pub app_data: Option<AppData>,
    /// Blocks or unblocks the bot.
    pub block: Option<bool>,
    /// Deletes the account.
    pub deactivate: bool,
    /// Opens the conversation without any update.
    pub meet: bool,
    /// With `meet`: so many users with consecutive ids.
    pub count: Option<i64>,
    /// Creates or changes a group.
    pub group: Option<Group>,
    /// The bot becomes `member`, `administrator`, `left` or `kicked` in the chat.
    pub bot_status: Option<String>,
    /// The group becomes a supergroup with this id.
    pub migrate_to: Option<i64>,
    /// An update exactly as given.
    pub raw_update: Option<Value>,
    /// How long to wait for the answer of a pressed button (3000).
    pub wait_ms: Option<i64>,
}

/// A file that a user sends.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Document {
    /// Its name.
    pub name: String,
    /// What is in it, as text.
    pub content: String,
}

/// A new text for an own message.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Edit {
    /// Which message.
    pub message_id: i64,
    /// Its new text.
    pub text: String,
}

/// A button of a message, by its data or by its label.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Press {
    /// Which message.
    pub message_id: i64,
    /// `callback_data`.
    pub data: Option<String>,
    /// The text on it.
    pub button: Option<String>,
}

/// A button that opens a Mini App: of a message, below the chat, or else that of the menu.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OpenApp {
    /// The message of the button.
    #[serde(default)]
    pub message_id: Option<i64>,
    /// The text on it.
    #[serde(default)]
    pub button: Option<String>,
    /// The text on a key below the chat.
    #[serde(default)]
    pub key: Option<String>,
    /// The client shows dark colours.
    #[serde(default)]
    pub dark: bool,
}

/// Data of a Mini App.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AppData {
    /// 1 to 4096 bytes.
    pub data: String,
    /// The text on the key that opened the app; absent: the first key that opens one.
    #[serde(default)]
    pub button_text: Option<String>,
}

/// A group, supergroup or channel.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Group {
    /// `group`, `supergroup` or `channel`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Its title.
    pub title: String,
    /// Public name.
    pub username: Option<String>,
    /// Has topics.
    #[serde(default)]
    pub forum: bool,
}

/// Who acts where on which bot, and when.
#[derive(Clone, Copy, Debug)]
struct Scene {
    bot: i64,
    room: Room,
    user: i64,
    now: Millis,
}

/// What went wrong, in words for the author of a test.
pub type Said = Result<Value, String>;

/// Carries out one act and, for a pressed button, waits for its answer.
pub async fn act(app: &Arc<App>, say: Say) -> Said {
    let wait = say.wait_ms.unwrap_or(3_000);
    let picture = match &say.photo {
        None => None,
        Some(id) => {
            let drawn = demo::picture(app, id).await;
            Some(
                drawn
                    .ok_or_else(|| format!("there is no demo offer {id} to take the photo from"))?,
            )
        }
    };
    let mut happened = app.with(|world, now| {
        let happened = decide(world, &say, picture, now);
        let mut line = json!({"kind": "act", "at": now, "user": say.user});
        match &happened {
            Ok(what) => line["did"] = what.clone(),
            Err(why) => line["error"] = why.as_str().into(),
        }
        app.journal.write(line);
        happened
    })?;
    if let Some(query) = happened["query_id"].as_str().map(str::to_owned) {
        let answer = callback_answer(app, &query, wait).await;
        happened["answered"] = answer.is_some().into();
        if let Some(answer) = answer {
            happened["answer"] = answer;
        }
    }
    Ok(happened)
}

async fn callback_answer(app: &App, query: &str, wait: Millis) -> Option<Value> {
    let deadline =
        tokio::time::Instant::now() + std::time::Duration::from_millis(wait.max(0).unsigned_abs());
    let mut seen = app.changed.subscribe();
    loop {
        seen.borrow_and_update();
        let answer = app.with(|world, _| world.callbacks.get(query)?.answer.clone());
        if answer.is_some() || app.is_stopping() {
            return answer;
        }
        if tokio::time::timeout_at(deadline, seen.changed()).await.is_err() {
            return None;
        }
    }
}

fn decide(world: &mut World, say: &Say, picture: Option<Bytes>, now: Millis) -> Said {
    let bot = find_bot(world, say.bot.as_ref())?;
    if let Some(update) = &say.raw_update {
        world.touch();
        let queue = world.bots.get_mut(&bot).map(|bot| &mut bot.queue);
        let id = queue.map(|queue| queue.push_raw(update.clone(), now + life_of("message")));
        return Ok(json!({"ok": true, "update_id": id}));
    }
    if let (Some(group), Some(chat)) = (&say.group, say.chat) {
        chats::make_group(world, chat, group)?;
    }
    let Some(user) = say.user else {
        return without_user(world, say, bot, now);
    };
    know_user(world, say, user)?;
    let room = room_of(world, say, bot, user)?;
    let scene = Scene { bot, room, user, now };
    let mut happened = json!({"ok": true, "bot": bot, "chat": room.chat, "user": user});
    if say.meet {
        return Ok(chats::meet(world, say, bot, user));
    }
    if say.deactivate {
        world.touch();
        if let Some(user) = world.users.get_mut(&user) {
            user.deactivated = true;
        }
    }
    if let Some(block) = say.block {
        happened["update_id"] = json!(set_blocked(world, bot, user, block, now));
    }
    if let Some(status) = &say.bot_status {
        happened["update_id"] = json!(chats::set_status(world, bot, room, user, status, now)?);
    }
    if say.text.is_some() || picture.is_some() || say.document.is_some() {
        let body = writing::content(world, say, picture)?;
        writing::write(world, scene, say, body, &mut happened);
    }
    if let Some(edit) = &say.edit {
        writing::rewrite(world, scene, edit, &mut happened)?;
    }
    if let Some(press) = &say.press {
        writing::press(world, scene, press, &mut happened)?;
    }
    if let Some(open) = &say.open_app {
        apps::open(world, scene, open, &mut happened)?;
    }
    if let Some(sent) = &say.app_data {
        apps::send(world, scene, sent, &mut happened)?;
    }
    Ok(happened)
}

fn find_bot(world: &mut World, named: Option<&Value>) -> Result<i64, String> {
    let Some(named) = named else {
        let first = world.bots.keys().next().copied();
        return first.ok_or_else(|| {
            "no bot has called yet: start it first, or name its token in \"bot\"".to_owned()
        });
    };
    let text = named.as_str().map_or_else(|| named.to_string(), str::to_owned);
    if text.contains(':') {
        return world.bot_of_token(&text).ok_or_else(|| "not a token of a bot".to_owned());
    }
    let found = world.bots.values().find(|bot| {
        bot.id.to_string() == text
            || bot.username.eq_ignore_ascii_case(text.trim_start_matches('@'))
    });
    found.map(|bot| bot.id).ok_or_else(|| format!("there is no bot {text}"))
}

fn know_user(world: &mut World, say: &Say, id: i64) -> Result<(), String> {
    if id <= 0 || world.bots.contains_key(&id) {
        return Err(format!(
            "{id} cannot be a user: ids of users are positive and not those of bots"
        ));
    }
    let new = !world.users.contains_key(&id);
    let user = world.users.entry(id).or_insert_with(|| User {
        id,
        name: format!("User {id}"),
        username: None,
        language: None,
        deactivated: false,
    });
    let mut changed = new;
    if let Some(name) = say.name.as_ref().filter(|name| **name != user.name) {
        user.name.clone_from(name);
        changed = true;
    }
    if say.username.is_some() {
        user.username.clone_from(&say.username);
        changed = true;
    }
    if say.lang.is_some() && say.lang != user.language {
        user.language.clone_from(&say.lang);
        changed = true;
    }
    if changed {
        world.touch();
    }
    Ok(())
}

fn room_of(world: &mut World, say: &Say, bot: i64, user: i64) -> Result<Room, String> {
    let chat = say.chat.unwrap_or(user);
    if chat == user {
        return Ok(world.private(bot, user));
    }
    let room = World::room(bot, chat);
    let there = chat < 0 && world.rooms.contains_key(&room);
    if !there {
        return Err(format!("there is no group {chat}: create it with \"group\""));
    }
    world.edit_room(room, |chat| chat.people.insert(user));
    Ok(room)
}

fn without_user(world: &mut World, say: &Say, bot: i64, now: Millis) -> Said {
    let chat = say.chat.ok_or("say who acts: \"user\" is missing")?;
    let room = World::room(bot, chat);
    if let Some(to) = say.migrate_to {
        return chats::migrate(world, room, to, now);
    }
    if say.group.is_some() {
        return Ok(json!({"ok": true, "chat": chat}));
    }
    Err("say who acts: \"user\" is missing".to_owned())
}
