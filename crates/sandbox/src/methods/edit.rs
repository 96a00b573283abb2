//! Changing and deleting messages.

use serde_json::Value;

use super::send::answer;
use super::{Call, media as files};
use crate::answer::{Done, Outcome, Refusal};
use crate::markup::Markup;
use crate::world::World;
use crate::world::chat::{Chat, Kind, Room};
use crate::world::message::{Body, Message};

/// A bot may delete a message for so many seconds.
const DELETE_WINDOW: i64 = 48 * 3_600;
const NOT_MODIFIED: &str = "message is not modified: specified new message content and reply \
                            markup are exactly the same as a current content and reply markup of \
                            the message";

/// editMessageText.
pub fn text(world: &mut World, call: &Call) -> Outcome {
    let rich = super::send::text(call)?;
    change(world, call, |_, message| {
        if !matches!(message.body, Body::Text(_)) {
            return Err(Refusal::bad("there is no text in the message to edit"));
        }
        Ok(Some(Body::Text(rich)))
    })
}

/// editMessageCaption.
pub fn caption(world: &mut World, call: &Call) -> Outcome {
    let rich = super::send::caption(call)?;
    let above = call.params.flag("show_caption_above_media");
    change(world, call, |_, message| match &message.body {
        Body::Media(media) => {
            let changed = crate::world::message::Media { caption: rich, above, ..media.clone() };
            Ok(Some(Body::Media(changed)))
        }
        _ => Err(Refusal::bad("there is no caption in the message to edit")),
    })
}

/// editMessageReplyMarkup.
pub fn markup(world: &mut World, call: &Call) -> Outcome {
    change(world, call, |_, _| Ok(None))
}

/// editMessageMedia.
pub fn media(world: &mut World, call: &Call) -> Outcome {
    let item = match call.params.json("media") {
        Some(Ok(item)) => item,
        Some(Err(_)) => return Err(Refusal::bad("can't parse media JSON object")),
        None => return Err(Refusal::bad("media is empty")),
    };
    change(world, call, |world, _| {
        files::read_input(world, call, &item).map(|media| Some(Body::Media(media)))
    })
}

/// The common course of an edit: find, check, compare, count, store.
fn change(
    world: &mut World,
    call: &Call,
    make: impl FnOnce(&mut World, &Message) -> Result<Option<Body>, Refusal>,
) -> Outcome {
    let room = world.writable(call.bot, &call.params)?;
    let private = world.chat(room)?.kind == Kind::Private;
    let markup = Markup::parse(call.params.borrow("reply_markup"), private)?;
    let before = own_message(world, call, room)?;
    let made = make(world, &before)?;
    let body = made.unwrap_or_else(|| before.body.clone());
    let inline = markup.inline();
    if body == before.body && inline == before.inline {
        return Err(Refusal::bad(NOT_MODIFIED));
    }
    world.charge_edit(call.bot, room, call.now)?;
    let content_changed = body != before.body;
    world.edit_room(room, |chat| {
        if let Some(message) = chat.messages.get_mut(&before.id) {
            message.body = body;
            message.inline = inline;
            if content_changed {
                message.edited = Some(call.now / 1_000);
            }
        }
    });
    answer(world, call, room, before.id)
}

fn own_message(world: &World, call: &Call, room: Room) -> Result<Message, Refusal> {
    let id = call.params.int("message_id");
    let id = id.ok_or_else(|| Refusal::bad("message identifier is not specified"))?;
    let message = world.chat(room)?.messages.get(&id);
    let message = message.ok_or_else(|| Refusal::bad("message to edit not found"))?;
    if message.author != call.bot || matches!(message.body, Body::Service(_)) {
        return Err(Refusal::bad("message can't be edited"));
    }
    Ok(message.clone())
}

/// deleteMessage.
pub fn delete(world: &mut World, call: &Call) -> Outcome {
    let room = world.writable(call.bot, &call.params)?;
    let id = call.params.int("message_id");
    let id = id.ok_or_else(|| Refusal::bad("message identifier is not specified"))?;
    let chat = world.chat(room)?;
    let message = chat.messages.get(&id);
    let message = message.ok_or_else(|| Refusal::bad("message to delete not found"))?;
    if !deletable(chat, message, call) {
        return Err(Refusal::bad("message can't be deleted"));
    }
    world.edit_room(room, |chat| chat.messages.remove(&id));
    Ok(Done::yes().about(vec![id]))
}

/// deleteMessages: what cannot be found is skipped.
pub fn delete_many(world: &mut World, call: &Call) -> Outcome {
    let room = world.writable(call.bot, &call.params)?;
    let ids = message_ids(call)?;
    let chat = world.chat(room)?;
    let found: Vec<i64> = ids.into_iter().filter(|id| chat.messages.contains_key(id)).collect();
    if found.iter().any(|id| !deletable(chat, &chat.messages[id], call)) {
        return Err(Refusal::bad("message can't be deleted"));
    }
    world.edit_room(room, |chat| chat.messages.retain(|id, _| !found.contains(id)));
    Ok(Done::yes().about(found))
}

/// 1–100 message ids of a call.
pub fn message_ids(call: &Call) -> Result<Vec<i64>, Refusal> {
    let list = match call.params.json("message_ids") {
        Some(Ok(Value::Array(list))) => list,
        Some(_) => return Err(Refusal::bad("can't parse message identifiers JSON object")),
        None => Vec::new(),
    };
    let ids: Vec<i64> =
        list.iter().filter_map(|id| id.as_i64().or_else(|| id.as_str()?.parse().ok())).collect();
    match ids.len() {
        0 => Err(Refusal::bad("message identifiers are not specified")),
        1..=100 => Ok(ids),
        _ => Err(Refusal::bad("too many message identifiers specified")),
    }
}

fn deletable(chat: &Chat, message: &Message, call: &Call) -> bool {
    let young = call.now / 1_000 - message.date < DELETE_WINDOW;
    let own = message.author == call.bot;
    let rights = chat.bots.get(&call.bot) == Some(&crate::world::chat::Status::Administrator);
    match chat.kind {
        Kind::Private => young,
        _ => (own && young) || rights,
    }
}
