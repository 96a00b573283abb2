//! Acting as a user: write, press, block, come and go.
//!
//! The JSON of `POST /_sandbox/say`; one object or a list of them. See README.md for every form.

use serde::Deserialize;
use serde_json::{Value, json};

use crate::app::App;
use crate::clock::Millis;
use crate::entities::Rich;
use crate::world::chat::{Chat, Kind, Room, Status};
use crate::world::json::member_json;
use crate::world::message::{Body, Message};
use crate::world::updates::life_of;
use crate::world::{CALLBACK_LIFE, Callback, User, World};

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
    /// A message.
    pub text: Option<String>,
    /// The message that it answers.
    pub reply_to: Option<i64>,
    /// Changes an own message.
    pub edit: Option<Edit>,
    /// Presses a button.
    pub press: Option<Press>,
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

/// What went wrong, in words for the author of a test.
pub type Said = Result<Value, String>;

/// Carries out one act and, for a pressed button, waits for its answer.
pub async fn act(app: &App, say: Say) -> Said {
    let wait = say.wait_ms.unwrap_or(3_000);
    let mut happened = app.with(|world, now| {
        let happened = decide(world, &say, now);
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

fn decide(world: &mut World, say: &Say, now: Millis) -> Said {
    let bot = find_bot(world, say.bot.as_ref())?;
    if let Some(update) = &say.raw_update {
        world.touch();
        let queue = world.bots.get_mut(&bot).map(|bot| &mut bot.queue);
        let id = queue.map(|queue| queue.push_raw(update.clone(), now + life_of("message")));
        return Ok(json!({"ok": true, "update_id": id}));
    }
    if let (Some(group), Some(chat)) = (&say.group, say.chat) {
        make_group(world, chat, group)?;
    }
    let Some(user) = say.user else {
        return without_user(world, say, bot, now);
    };
    know_user(world, say, user)?;
    let room = room_of(world, say, bot, user)?;
    let mut happened = json!({"ok": true, "bot": bot, "chat": room.chat, "user": user});
    if say.meet {
        return Ok(meet(world, say, bot, user));
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
        happened["update_id"] = json!(set_status(world, bot, room, user, status, now)?);
    }
    if let Some(text) = &say.text {
        write(world, say, bot, room, user, text, now, &mut happened)?;
    }
    if let Some(edit) = &say.edit {
        rewrite(world, room, user, edit, now, &mut happened)?;
    }
    if let Some(press) = &say.press {
        self::press(world, bot, room, user, press, now, &mut happened)?;
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

fn make_group(world: &mut World, id: i64, group: &Group) -> Result<(), String> {
    let kind = Kind::from_word(&group.kind).filter(|kind| *kind != Kind::Private);
    let kind = kind.ok_or("the type of a group is group, supergroup or channel")?;
    if id >= 0 {
        return Err("ids of groups are negative".to_owned());
    }
    let room = World::room(0, id);
    world.rooms.entry(room).or_insert_with(|| Chat::new(room, kind));
    world.edit_room(room, |chat| {
        chat.kind = kind;
        chat.title.clone_from(&group.title);
        chat.username.clone_from(&group.username);
        chat.forum = group.forum;
    });
    Ok(())
}

fn without_user(world: &mut World, say: &Say, bot: i64, now: Millis) -> Said {
    let chat = say.chat.ok_or("say who acts: \"user\" is missing")?;
    let room = World::room(bot, chat);
    if let Some(to) = say.migrate_to {
        return migrate(world, room, to, now);
    }
    if say.group.is_some() {
        return Ok(json!({"ok": true, "chat": chat}));
    }
    Err("say who acts: \"user\" is missing".to_owned())
}

fn meet(world: &mut World, say: &Say, bot: i64, first: i64) -> Value {
    let count = say.count.unwrap_or(1).max(1);
    for user in first..first + count {
        world.users.entry(user).or_insert_with(|| User {
            id: user,
            name: format!("User {user}"),
            username: None,
            language: say.lang.clone(),
            deactivated: false,
        });
        let room = world.private(bot, user);
        world.edit_room(room, |chat| chat.started = true);
    }
    json!({"ok": true, "bot": bot, "first": first, "count": count})
}

/// Blocks or unblocks a bot for a person; gives the id of the update about it.
pub fn set_blocked(
    world: &mut World,
    bot: i64,
    user: i64,
    blocked: bool,
    now: Millis,
) -> Option<i64> {
    let room = world.private(bot, user);
    let before = world.edit_room(room, |chat| std::mem::replace(&mut chat.blocked, blocked))?;
    if before == blocked {
        return None;
    }
    let word = |blocked: bool| if blocked { Status::Kicked } else { Status::Member };
    member_update(world, bot, room, user, (word(before), word(blocked)), now)
}

fn member_update(
    world: &mut World,
    bot: i64,
    room: Room,
    by: i64,
    (old, new): (Status, Status),
    now: Millis,
) -> Option<i64> {
    let chat = world.rooms.get(&room)?;
    let me = world.user_json(bot);
    let body = json!({
        "chat": world.chat_json(chat), "from": world.user_json(by), "date": now / 1_000,
        "old_chat_member": member_json(me.clone(), old), "new_chat_member": member_json(me, new),
    });
    world.push_update(bot, "my_chat_member", room.chat, body, now)
}

fn set_status(
    world: &mut World,
    bot: i64,
    room: Room,
    by: i64,
    word: &str,
    now: Millis,
) -> Result<Option<i64>, String> {
    let status = Status::from_word(word);
    let status = status.ok_or("bot_status is member, administrator, left or kicked")?;
    if room.chat > 0 {
        return Err("bot_status is for groups; in a private chat use \"block\"".to_owned());
    }
    let before = world.edit_room(room, |chat| chat.bots.insert(bot, status)).flatten();
    let before = before.unwrap_or(Status::Left);
    Ok(if before == status {
        None
    } else {
        member_update(world, bot, room, by, (before, status), now)
    })
}

fn migrate(world: &mut World, room: Room, to: i64, now: Millis) -> Said {
    let Some(old) = world.rooms.get(&room).cloned() else {
        return Err(format!("there is no group {}", room.chat));
    };
    let new_room = World::room(0, to);
    let mut new = Chat::new(new_room, Kind::Supergroup);
    new.title.clone_from(&old.title);
    new.bots.clone_from(&old.bots);
    new.people.clone_from(&old.people);
    world.rooms.insert(new_room, new);
    world.edit_room(room, |chat| chat.migrated_to = Some(to));
    let author = old.people.iter().next().copied().unwrap_or(1);
    let mut updates = Vec::new();
    for (room, field, value) in
        [(room, "migrate_to_chat_id", to), (new_room, "migrate_from_chat_id", room.chat)]
    {
        let bot = old.bots.keys().next().copied().unwrap_or(0);
        let fields = json!({ field: value }).as_object().cloned().unwrap_or_default();
        let id = world.next_message_id(room, bot);
        put(world, room, id, author, None, Body::Service(fields), now);
        updates.extend(world.announce(room, id, false, now));
    }
    Ok(json!({"ok": true, "chat": to, "update_ids": updates}))
}

fn put(
    world: &mut World,
    room: Room,
    id: i64,
    author: i64,
    say: Option<&Say>,
    body: Body,
    now: Millis,
) {
    let message = Message {
        id,
        author,
        date: now / 1_000,
        edited: None,
        thread: say.and_then(|say| say.thread),
        body,
        inline: None,
        reply_to: say.and_then(|say| say.reply_to),
        album: None,
        origin: None,
        protected: false,
        silent: false,
        reactions: Vec::new(),
    };
    world.edit_room(room, |chat| chat.messages.insert(id, message));
}

#[expect(clippy::too_many_arguments, reason = "one act in all its details")]
fn write(
    world: &mut World,
    say: &Say,
    bot: i64,
    room: Room,
    user: i64,
    text: &str,
    now: Millis,
    happened: &mut Value,
) -> Result<(), String> {
    let text = text.trim();
    if text.is_empty() || text.chars().count() > 4_096 {
        return Err("a user's text has 1 to 4096 characters".to_owned());
    }
    if room.chat == user {
        if let Some(id) = set_blocked(world, bot, user, false, now) {
            happened["unblock_update_id"] = id.into();
        }
        world.edit_room(room, |chat| chat.started = true);
    }
    let id = world.next_message_id(room, bot);
    put(world, room, id, user, Some(say), Body::Text(Rich::found_in(text)), now);
    happened["message_id"] = id.into();
    happened["update_id"] = json!(world.announce(room, id, false, now).first());
    Ok(())
}

fn rewrite(
    world: &mut World,
    room: Room,
    user: i64,
    edit: &Edit,
    now: Millis,
    happened: &mut Value,
) -> Result<(), String> {
    let done = world.edit_room(room, |chat| {
        let message = chat.messages.get_mut(&edit.message_id)?;
        if message.author != user {
            return None;
        }
        message.body = Body::Text(Rich::found_in(&edit.text));
        message.edited = Some(now / 1_000);
        Some(())
    });
    done.flatten().ok_or("there is no such message of this user")?;
    happened["message_id"] = edit.message_id.into();
    happened["update_id"] = json!(world.announce(room, edit.message_id, true, now).first());
    Ok(())
}

fn press(
    world: &mut World,
    bot: i64,
    room: Room,
    user: i64,
    press: &Press,
    now: Millis,
    happened: &mut Value,
) -> Result<(), String> {
    let chat = world.rooms.get(&room).ok_or("there is no such chat")?;
    let message = chat.messages.get(&press.message_id);
    let message = message.ok_or_else(|| format!("there is no message {}", press.message_id))?;
    let button = find_button(message, press)?;
    happened["message_id"] = message.id.into();
    if let Some(url) = button.get("url") {
        happened["url"] = url.clone();
        return Ok(());
    }
    let Some(data) = button.get("callback_data") else {
        happened["button"] = button;
        return Ok(());
    };
    let bot = if world.bots.contains_key(&message.author) { message.author } else { bot };
    let shown = world.message_json(chat, message, bot);
    let from = world.user_json(user);
    let id = format!("{}", 4_382_000_000_000_000_i64 + world.next_serial());
    let body = json!({"id": id, "from": from, "message": shown, "data": data,
                      "chat_instance": format!("{}", room.chat.wrapping_mul(7_919))});
    let callback = Callback { bot, expires: now + CALLBACK_LIFE, answer: None };
    world.callbacks.insert(id.clone(), callback);
    happened["update_id"] = json!(world.push_update(bot, "callback_query", user, body, now));
    happened["query_id"] = id.into();
    Ok(())
}

fn find_button(message: &Message, press: &Press) -> Result<Value, String> {
    let rows = message.inline.as_ref().and_then(|markup| markup["inline_keyboard"].as_array());
    let buttons = rows.into_iter().flatten().filter_map(Value::as_array).flatten();
    let wanted = |button: &&Value| match (&press.data, &press.button) {
        (Some(data), _) => button["callback_data"] == data.as_str(),
        (None, Some(text)) => button["text"] == text.as_str(),
        (None, None) => true,
    };
    let mut labels = Vec::new();
    for button in buttons {
        if wanted(&button) {
            return Ok(button.clone());
        }
        labels.push(button["text"].to_string());
    }
    Err(format!("message {} has no such button; it has: {}", press.message_id, labels.join(", ")))
}
