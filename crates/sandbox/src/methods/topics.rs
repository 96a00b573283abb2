//! Topics of a forum.

use serde_json::{Map, Value, json};

use super::Call;
use crate::answer::{Done, Outcome, Refusal};
use crate::world::World;
use crate::world::chat::{Room, Status, Topic};
use crate::world::message::{Body, Message};

const COLORS: [i64; 6] = [7_322_096, 16_766_590, 13_338_331, 9_367_192, 16_749_490, 16_478_047];

/// The topic that every forum has: no other one has its id, and nobody writes to it by id.
const GENERAL: i64 = 1;

fn forum(world: &World, call: &Call) -> Result<Room, Refusal> {
    let room = world.writable(call.bot, &call.params)?;
    let chat = world.chat(room)?;
    if !chat.forum {
        return Err(Refusal::bad("the chat is not a forum"));
    }
    if chat.bots.get(&call.bot) != Some(&Status::Administrator) {
        return Err(Refusal::bad("not enough rights to create a topic"));
    }
    Ok(room)
}

fn name(call: &Call) -> Result<Option<String>, Refusal> {
    let name = call.params.text("name");
    match name.as_deref().map(|name| name.trim().chars().count()) {
        Some(1..=128) | None => Ok(name),
        Some(0) => Err(Refusal::bad("topic name is empty")),
        Some(_) => Err(Refusal::bad("topic name is too long")),
    }
}

/// createForumTopic.
pub fn create(world: &mut World, call: &Call) -> Outcome {
    let room = forum(world, call)?;
    let name = name(call)?.ok_or_else(|| Refusal::bad("topic name is empty"))?;
    let color = call.params.int("icon_color").unwrap_or(COLORS[0]);
    if !COLORS.contains(&color) {
        return Err(Refusal::bad("invalid icon color specified"));
    }
    let mut id = world.next_message_id(room, call.bot);
    if id == GENERAL {
        id = world.next_message_id(room, call.bot);
    }
    let fields = json!({"forum_topic_created": {"name": name, "icon_color": color}});
    service(world, call, room, id, id, fields);
    let topic = Topic { name: name.clone(), color, closed: false };
    world.edit_room(room, |chat| chat.topics.insert(id, topic));
    let result = json!({"message_thread_id": id, "name": name, "icon_color": color});
    Ok(Done::value(result).about(vec![id]))
}

fn service(world: &mut World, call: &Call, room: Room, id: i64, thread: i64, fields: Value) {
    let fields: Map<String, Value> = fields.as_object().cloned().unwrap_or_default();
    let body = Body::Service(fields);
    let message = Message { thread: Some(thread), ..Message::new(id, call.bot, call.now, body) };
    world.edit_room(room, |chat| chat.messages.insert(id, message));
}

fn existing(world: &World, call: &Call) -> Result<(Room, i64, Topic), Refusal> {
    let room = forum(world, call)?;
    let thread = call.params.int("message_thread_id").unwrap_or(0);
    let topic = world.chat(room)?.topics.get(&thread);
    let topic = topic.ok_or_else(|| Refusal::bad("message thread not found"))?;
    Ok((room, thread, topic.clone()))
}

/// editForumTopic.
pub fn edit(world: &mut World, call: &Call) -> Outcome {
    let (room, thread, topic) = existing(world, call)?;
    let name = name(call)?.unwrap_or_else(|| topic.name.clone());
    if name == topic.name {
        return Err(Refusal::bad("TOPIC_NOT_MODIFIED"));
    }
    let id = world.next_message_id(room, call.bot);
    service(world, call, room, id, thread, json!({"forum_topic_edited": {"name": name}}));
    world.edit_room(room, |chat| chat.topics.insert(thread, Topic { name, ..topic }));
    Ok(Done::yes())
}

/// closeForumTopic and reopenForumTopic.
pub fn set_closed(world: &mut World, call: &Call, closed: bool) -> Outcome {
    let (room, thread, topic) = existing(world, call)?;
    if topic.closed == closed {
        return Err(Refusal::bad("TOPIC_NOT_MODIFIED"));
    }
    let id = world.next_message_id(room, call.bot);
    let event = if closed { "forum_topic_closed" } else { "forum_topic_reopened" };
    service(world, call, room, id, thread, json!({ event: {} }));
    world.edit_room(room, |chat| chat.topics.insert(thread, Topic { closed, ..topic }));
    Ok(Done::yes())
}

/// deleteForumTopic: the topic goes with all its messages.
pub fn delete(world: &mut World, call: &Call) -> Outcome {
    let (room, thread, _) = existing(world, call)?;
    world.edit_room(room, |chat| {
        chat.topics.remove(&thread);
        chat.messages.retain(|_, message| message.thread != Some(thread));
    });
    Ok(Done::yes())
}
