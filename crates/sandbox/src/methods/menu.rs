//! The button beside the message field.

use serde_json::{Value, json};

use super::Call;
use crate::answer::{Done, Outcome, Refusal};
use crate::webapp;
use crate::world::World;
use crate::world::chat::Kind;

/// Whose button: that of a private chat, or (`None`) of all that have none of their own.
fn whose(world: &World, call: &Call) -> Result<Option<i64>, Refusal> {
    let Some(chat) = call.params.text("chat_id") else { return Ok(None) };
    let id: i64 = chat.parse().map_err(|_| Refusal::bad("chat not found"))?;
    match world.rooms.get(&World::room(call.bot, id)).map(|chat| chat.kind) {
        Some(Kind::Private) => Ok(Some(id)),
        Some(_) => Err(Refusal::bad("there is no menu button in the chat")),
        None => Err(Refusal::bad("chat not found")),
    }
}

/// setChatMenuButton.
pub fn set(world: &mut World, call: &Call) -> Outcome {
    let whose = whose(world, call)?;
    let button = match call.params.json("menu_button") {
        None => json!({"type": "default"}),
        Some(Ok(button)) => button,
        Some(Err(_)) => return Err(Refusal::bad("can't parse menu button JSON object")),
    };
    webapp::check_menu(&button)?;
    if let Some(bot) = world.bots.get_mut(&call.bot) {
        match button["type"] == "default" {
            true => bot.menu.remove(&whose),
            false => bot.menu.insert(whose, button),
        };
    }
    world.touch();
    Ok(Done::yes())
}

/// getChatMenuButton.
pub fn get(world: &mut World, call: &Call) -> Outcome {
    let whose = whose(world, call)?;
    let bot = world.bots.get(&call.bot);
    let own = bot.and_then(|bot| bot.menu.get(&whose).cloned());
    let nothing: Value = json!({"type": if whose.is_some() { "default" } else { "commands" }});
    Ok(Done::value(own.unwrap_or(nothing)))
}
