//! The command menu and the bot's own texts.

use serde_json::{Value, json};

use super::Call;
use crate::answer::{Done, Outcome, Refusal};
use crate::world::World;

/// The key under which a list is kept: scope with its ids, and language.
fn key(call: &Call) -> Result<String, Refusal> {
    const SCOPES: [&str; 7] = [
        "default",
        "all_private_chats",
        "all_group_chats",
        "all_chat_administrators",
        "chat",
        "chat_administrators",
        "chat_member",
    ];
    let scope = match call.params.json("scope") {
        None => json!({"type": "default"}),
        Some(Ok(scope)) => scope,
        Some(Err(_)) => return Err(Refusal::bad("can't parse BotCommandScope JSON object")),
    };
    let kind = scope["type"].as_str().unwrap_or_default();
    if !SCOPES.contains(&kind) {
        return Err(Refusal::bad("can't parse BotCommandScope: unsupported type specified"));
    }
    let language = call.params.text("language_code").unwrap_or_default();
    let two_letters = language.len() == 2 && language.bytes().all(|byte| byte.is_ascii_lowercase());
    if !language.is_empty() && !two_letters {
        return Err(Refusal::bad("invalid language code specified"));
    }
    Ok(format!("{kind}:{}:{}:{language}", scope["chat_id"], scope["user_id"]))
}

/// setMyCommands.
pub fn set(world: &mut World, call: &Call) -> Outcome {
    let key = key(call)?;
    let list = match call.params.json("commands") {
        Some(Ok(Value::Array(list))) => list,
        Some(_) => return Err(Refusal::bad("can't parse commands JSON object")),
        None => Vec::new(),
    };
    if list.len() > 100 {
        return Err(Refusal::bad("BOT_COMMANDS_TOO_MUCH"));
    }
    for command in &list {
        check(command)?;
    }
    if let Some(bot) = world.bots.get_mut(&call.bot) {
        bot.commands.insert(key, Value::Array(list));
    }
    world.touch();
    Ok(Done::yes())
}

fn check(command: &Value) -> Result<(), Refusal> {
    let name = command["command"].as_str().unwrap_or_default().trim_start_matches('/');
    let letters = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    if name.is_empty() || name.len() > 32 || !name.bytes().all(letters) {
        return Err(Refusal::bad("BOT_COMMAND_INVALID"));
    }
    let description = command["description"].as_str().unwrap_or_default().chars().count();
    if !(1..=256).contains(&description) {
        return Err(Refusal::bad("BOT_COMMAND_DESCRIPTION_INVALID"));
    }
    Ok(())
}

/// getMyCommands.
pub fn get(world: &mut World, call: &Call) -> Outcome {
    let key = key(call)?;
    let list = world.bots.get(&call.bot).and_then(|bot| bot.commands.get(&key).cloned());
    Ok(Done::value(list.unwrap_or_else(|| json!([]))))
}

/// deleteMyCommands.
pub fn delete(world: &mut World, call: &Call) -> Outcome {
    let key = key(call)?;
    if let Some(bot) = world.bots.get_mut(&call.bot) {
        bot.commands.remove(&key);
    }
    world.touch();
    Ok(Done::yes())
}

/// The field of a text method: `setMyShortDescription` is about `short_description`.
fn field(method: &str) -> (&'static str, usize) {
    match method[3..].to_ascii_lowercase().as_str() {
        "myname" => ("name", 64),
        "mydescription" => ("description", 512),
        _ => ("short_description", 120),
    }
}

/// setMyName, setMyDescription, setMyShortDescription.
pub fn set_text(world: &mut World, call: &Call) -> Outcome {
    let (field, limit) = field(&call.method);
    let text = call.params.text(field).unwrap_or_default();
    if text.chars().count() > limit {
        return Err(Refusal::bad(format!("{field} is too long")));
    }
    let language = call.params.text("language_code").unwrap_or_default();
    if let Some(bot) = world.bots.get_mut(&call.bot) {
        if field == "name" && language.is_empty() && !text.is_empty() {
            bot.name.clone_from(&text);
        }
        bot.texts.insert(format!("{field}:{language}"), text);
    }
    world.touch();
    Ok(Done::yes())
}

/// getMyName, getMyDescription, getMyShortDescription.
pub fn get_text(world: &mut World, call: &Call) -> Outcome {
    let (field, _) = field(&call.method);
    let language = call.params.text("language_code").unwrap_or_default();
    let bot = world.bots.get(&call.bot).ok_or_else(|| Refusal::new(401, "Unauthorized"))?;
    let own = bot.texts.get(&format!("{field}:{language}"));
    let text = own.or_else(|| bot.texts.get(&format!("{field}:"))).cloned();
    let fallback = if field == "name" { bot.name.clone() } else { String::new() };
    Ok(Done::value(json!({ field: text.unwrap_or(fallback) })))
}
