//! Messages of users, and the buttons that they press.

use axum::body::Bytes;
use serde_json::{Value, json};

use super::chats::set_blocked;
use super::{Edit, Press, Say, Scene};
use crate::entities::Rich;
use crate::world::message::{Body, Media, MediaKind, Message};
use crate::world::{CALLBACK_LIFE, Callback, World};

/// What a user sends: a text, or a picture or file with the text as its caption.
pub(super) fn content(
    world: &mut World,
    say: &Say,
    picture: Option<Bytes>,
) -> Result<Body, String> {
    let text = say.text.as_deref().unwrap_or_default().trim();
    let alone = picture.is_none() && say.document.is_none();
    let most = if alone { 4_096 } else { 1_024 };
    if text.chars().count() > most || (text.is_empty() && alone) {
        return Err(format!("a user's text has 1 to {most} characters here"));
    }
    let rich = Rich::found_in(text);
    if let Some(document) = &say.document {
        if document.content.is_empty() {
            return Err("an empty file cannot be sent".to_owned());
        }
        let bytes = Bytes::from(document.content.clone());
        return Ok(Body::Media(Media {
            kind: MediaKind::Document,
            file: world.store_file(bytes, &document.name),
            caption: rich,
            above: false,
            spoiler: false,
        }));
    }
    Ok(match picture {
        None => Body::Text(rich),
        Some(bytes) => Body::Media(Media {
            kind: MediaKind::Photo,
            file: world.store_file(bytes, "photo.jpg"),
            caption: rich,
            above: false,
            spoiler: false,
        }),
    })
}

/// Sends something; a private chat is opened by it.
pub(super) fn write(world: &mut World, scene: Scene, say: &Say, body: Body, happened: &mut Value) {
    let Scene { bot, room, user, now } = scene;
    if room.chat == user {
        if let Some(id) = set_blocked(world, bot, user, false, now) {
            happened["unblock_update_id"] = id.into();
        }
        world.edit_room(room, |chat| chat.started = true);
    }
    let id = world.next_message_id(room, bot);
    let message = Message {
        thread: say.thread,
        reply_to: say.reply_to,
        anonymous: say.anonymous,
        ..Message::new(id, user, now, body)
    };
    world.edit_room(room, |chat| chat.messages.insert(id, message));
    happened["message_id"] = id.into();
    happened["update_id"] = json!(world.announce(room, id, false, now).first());
}

/// Changes an own message.
pub(super) fn rewrite(
    world: &mut World,
    scene: Scene,
    edit: &Edit,
    happened: &mut Value,
) -> Result<(), String> {
    let Scene { room, user, now, .. } = scene;
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

/// Presses a button: a callback goes to the bot, a link is only named.
pub(super) fn press(
    world: &mut World,
    scene: Scene,
    press: &Press,
    happened: &mut Value,
) -> Result<(), String> {
    let Scene { room, user, now, .. } = scene;
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
    // In a group with several bots the one that wrote the message gets the press.
    let bot = if world.bots.contains_key(&message.author) { message.author } else { scene.bot };
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

pub(super) fn find_button(message: &Message, press: &Press) -> Result<Value, String> {
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
