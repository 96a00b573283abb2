//! Callbacks, reactions, and questions about chats and their members.

use serde_json::{Value, json};

use super::Call;
use crate::answer::{Done, Outcome, Refusal};
use crate::world::World;
use crate::world::chat::{Kind, Status};
use crate::world::json::member_json;

const STALE_QUERY: &str = "query is too old and response timeout expired or query ID is invalid";

/// answerCallbackQuery.
pub fn answer_callback(world: &mut World, call: &Call) -> Outcome {
    let id = call.params.text("callback_query_id").unwrap_or_default();
    let text = call.params.text("text").unwrap_or_default();
    if text.chars().count() > 200 {
        return Err(Refusal::bad("MESSAGE_TOO_LONG"));
    }
    let stale = || Refusal::bad(STALE_QUERY);
    let callback = world.callbacks.get_mut(&id).ok_or_else(stale)?;
    if callback.bot != call.bot || call.now >= callback.expires || callback.answer.is_some() {
        return Err(stale());
    }
    let mut answer = json!({});
    if !text.is_empty() {
        answer["text"] = text.into();
    }
    if call.params.flag("show_alert") {
        answer["show_alert"] = true.into();
    }
    if let Some(url) = call.params.text("url") {
        answer["url"] = url.into();
    }
    callback.answer = Some(answer);
    world.touch();
    Ok(Done::yes())
}

/// answerPreCheckoutQuery. Nobody pays here, so no query is known.
pub fn answer_checkout(call: &Call) -> Outcome {
    if !call.params.flag("ok") && call.params.text("error_message").is_none_or(|t| t.is_empty()) {
        return Err(Refusal::bad("error message is empty"));
    }
    Err(Refusal::bad(STALE_QUERY))
}

/// setMessageReaction.
pub fn react(world: &mut World, call: &Call) -> Outcome {
    let room = world.writable(call.bot, &call.params)?;
    let list = match call.params.json("reaction") {
        None => Vec::new(),
        Some(Ok(Value::Array(list))) => list,
        Some(_) => return Err(Refusal::bad("can't parse reaction JSON object")),
    };
    if list.len() > 1 {
        return Err(Refusal::bad("REACTIONS_TOO_MANY"));
    }
    if list.iter().any(|reaction| reaction["type"] == "paid") {
        return Err(Refusal::bad("REACTION_INVALID"));
    }
    let id = call.params.int("message_id").unwrap_or(0);
    let known = world.chat(room)?.messages.contains_key(&id);
    if !known {
        return Err(Refusal::bad("message to react not found"));
    }
    world.edit_room(room, |chat| {
        if let Some(message) = chat.messages.get_mut(&id) {
            message.reactions = list;
        }
    });
    Ok(Done::yes().about(vec![id]))
}

/// getChat.
pub fn get(world: &mut World, call: &Call) -> Outcome {
    let room = world.find_room(call.bot, &call.params, "chat_id")?;
    let chat = world.chat(room)?;
    let mut value = world.chat_json(chat);
    value["accent_color_id"] = 0.into();
    value["max_reaction_count"] = 11.into();
    value["accepted_gift_types"] = json!({"unlimited_gifts": false, "limited_gifts": false,
        "unique_gifts": false, "premium_subscription": false, "gifts_from_channels": false});
    Ok(Done::value(value))
}

fn status_of(world: &World, call: &Call, user: i64) -> Result<Value, Refusal> {
    let room = world.find_room(call.bot, &call.params, "chat_id")?;
    let chat = world.chat(room)?;
    let status = if chat.kind == Kind::Private {
        (user == room.chat || user == call.bot).then_some(Status::Member)
    } else if world.bots.contains_key(&user) {
        chat.bots.get(&user).copied()
    } else if chat.people.contains(&user) {
        Some(Status::Member)
    } else {
        world.users.contains_key(&user).then_some(Status::Left)
    };
    let status = status.ok_or_else(|| Refusal::bad("PARTICIPANT_ID_INVALID"))?;
    Ok(member_json(world.user_json(user), status))
}

/// getChatMember.
pub fn member(world: &mut World, call: &Call) -> Outcome {
    let user =
        call.params.int("user_id").ok_or_else(|| Refusal::bad("invalid user_id specified"))?;
    status_of(world, call, user).map(Done::value)
}

/// getChatAdministrators.
pub fn administrators(world: &mut World, call: &Call) -> Outcome {
    let room = world.find_room(call.bot, &call.params, "chat_id")?;
    let chat = world.chat(room)?;
    if chat.kind == Kind::Private {
        return Err(Refusal::bad("there are no administrators in the private chat"));
    }
    let list = chat.bots.iter().filter(|(_, status)| **status == Status::Administrator);
    let list: Vec<Value> =
        list.map(|(bot, status)| member_json(world.user_json(*bot), *status)).collect();
    Ok(Done::value(Value::Array(list)))
}

/// getChatMemberCount.
pub fn count(world: &mut World, call: &Call) -> Outcome {
    let room = world.find_room(call.bot, &call.params, "chat_id")?;
    let chat = world.chat(room)?;
    let bots = chat.bots.values().filter(|status| status.inside()).count();
    let all = if chat.kind == Kind::Private { 2 } else { bots + chat.people.len() };
    Ok(Done::value(json!(all)))
}

/// leaveChat.
pub fn leave(world: &mut World, call: &Call) -> Outcome {
    let room = world.writable(call.bot, &call.params)?;
    if room.chat > 0 {
        return Err(Refusal::bad("chat member status can't be changed in private chats"));
    }
    world.edit_room(room, |chat| chat.bots.insert(call.bot, Status::Left));
    Ok(Done::yes())
}
