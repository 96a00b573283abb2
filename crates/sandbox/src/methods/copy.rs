//! Copying and forwarding.

use serde_json::{Value, json};

use super::Call;
use super::edit::message_ids;
use super::send::{Target, answer, caption};
use crate::answer::{Done, Outcome, Refusal};
use crate::world::World;
use crate::world::chat::{Kind, Room};
use crate::world::message::{Body, Message};

#[derive(Clone, Copy, PartialEq)]
enum How {
    Copy,
    Forward,
}

/// copyMessage: a new message without a trace of its author.
pub fn copy(world: &mut World, call: &Call) -> Outcome {
    let (_, id) = one(world, call, How::Copy)?;
    Ok(Done::value(json!({"message_id": id})).about(vec![id]))
}

/// forwardMessage.
pub fn forward(world: &mut World, call: &Call) -> Outcome {
    let (room, id) = one(world, call, How::Forward)?;
    answer(world, call, room, id)
}

/// copyMessages.
pub fn copy_many(world: &mut World, call: &Call) -> Outcome {
    many(world, call, How::Copy)
}

/// forwardMessages.
pub fn forward_many(world: &mut World, call: &Call) -> Outcome {
    many(world, call, How::Forward)
}

fn one(world: &mut World, call: &Call, how: How) -> Result<(Room, i64), Refusal> {
    let target = Target::read(world, call)?;
    let id = call.params.int("message_id");
    let id = id.ok_or_else(|| Refusal::bad("message identifier is not specified"))?;
    let (from, mut message) = original(world, call, id, how)?;
    if how == How::Copy && call.params.text("caption").is_some() {
        let caption = caption(call)?;
        if let Body::Media(media) = &mut message.body {
            media.caption = caption;
        }
    }
    let room = target.room;
    world.charge(call.bot, room, 1, call.params.flag("allow_paid_broadcast"), call.now)?;
    Ok((room, place(world, call, target, from, message, how)))
}

fn many(world: &mut World, call: &Call, how: How) -> Outcome {
    let ids = message_ids(call)?;
    if ids.windows(2).any(|pair| pair[0] >= pair[1]) {
        return Err(Refusal::bad("message identifiers must be in a strictly increasing order"));
    }
    let target = Target::read(world, call)?;
    let found: Vec<(Room, Message)> =
        ids.iter().filter_map(|id| original(world, call, *id, how).ok()).collect();
    if found.is_empty() {
        let verb = if how == How::Copy { "copy" } else { "forward" };
        return Err(Refusal::bad(format!("message to {verb} not found")));
    }
    let room = target.room;
    world.charge(call.bot, room, found.len(), false, call.now)?;
    let mut made = Vec::new();
    for (from, message) in found {
        let markup = target.markup.clone();
        let one = Target { room, thread: target.thread, reply_to: None, markup };
        made.push(place(world, call, one, from, message, how));
    }
    let shown: Vec<Value> = made.iter().map(|id| json!({"message_id": id})).collect();
    Ok(Done::value(Value::Array(shown)).about(made))
}

fn original(world: &World, call: &Call, id: i64, how: How) -> Result<(Room, Message), Refusal> {
    let from = world.find_room(call.bot, &call.params, "from_chat_id")?;
    let verb = if how == How::Copy { "copy" } else { "forward" };
    let message = world.chat(from)?.messages.get(&id);
    let message = message.ok_or_else(|| Refusal::bad(format!("message to {verb} not found")))?;
    if message.protected {
        return Err(Refusal::bad("message has protected content and can't be forwarded"));
    }
    if matches!(message.body, Body::Service(_)) {
        let action = if how == How::Copy { "copied" } else { "forwarded" };
        return Err(Refusal::bad(format!("message can't be {action}")));
    }
    Ok((from, message.clone()))
}

fn place(
    world: &mut World,
    call: &Call,
    target: Target,
    from: Room,
    message: Message,
    how: How,
) -> i64 {
    let origin = (how == How::Forward).then(|| origin(world, from, &message));
    let room = target.room;
    let id = target.post(world, call, message.body, None);
    if let Some(origin) = origin {
        world.edit_room(room, |chat| {
            if let Some(message) = chat.messages.get_mut(&id) {
                message.origin = Some(origin);
            }
        });
    }
    id
}

fn origin(world: &World, from: Room, message: &Message) -> Value {
    if let Some(earlier) = &message.origin {
        return earlier.clone();
    }
    match world.rooms.get(&from).filter(|chat| chat.kind == Kind::Channel) {
        Some(chat) => json!({"type": "channel", "date": message.date,
                             "chat": world.chat_json(chat), "message_id": message.id}),
        None => json!({"type": "user", "date": message.date,
                       "sender_user": world.user_json(message.author)}),
    }
}
