//! Mini Apps as a person uses them: opened by a button, and sending something to the bot.

use serde_json::{Map, Value, json};

use super::writing::find_button;
use super::{AppData, OpenApp, Press, Scene};
use crate::webapp;
use crate::world::World;
use crate::world::message::{Body, Message};

/// Opens an app: says the address with all that a client hands over.
pub(super) fn open(
    world: &mut World,
    scene: Scene,
    open: &OpenApp,
    happened: &mut Value,
) -> Result<(), String> {
    let Scene { bot, room, user, now } = scene;
    if room.chat != user {
        return Err("apps are opened in private chats".to_owned());
    }
    let query = format!("AAE{:016}", 7_000_000 + world.next_serial());
    let button = match (&open.message_id, &open.key) {
        (Some(message_id), _) => {
            let chat = world.rooms.get(&room).ok_or("there is no such chat")?;
            let message = chat.messages.get(message_id);
            let message = message.ok_or_else(|| format!("there is no message {message_id}"))?;
            let press = Press { message_id: *message_id, data: None, button: open.button.clone() };
            find_button(message, &press)?
        }
        (None, Some(key)) => key_of(world, scene, Some(key))?,
        (None, None) => {
            let menu = world.bots.get(&bot).map(|bot| &bot.menu);
            let own = menu.and_then(|menu| menu.get(&Some(user)).or_else(|| menu.get(&None)));
            own.cloned().ok_or("the bot has set no menu button")?
        }
    };
    let url = button["web_app"]["url"].as_str().ok_or("this button opens no app")?;
    let is_key = open.message_id.is_none() && open.key.is_some();
    let (the_bot, person) = (world.bots.get(&bot), world.users.get(&user));
    let (the_bot, person) = the_bot.zip(person).ok_or("there is no such bot or user")?;
    let init_data = (!is_key).then(|| webapp::init_data(the_bot, person, &query, now));
    let address = webapp::address(url, init_data.as_deref(), open.dark);
    happened["app"] = json!({
        "url": address, "title": the_bot.name, "button": button["text"], "sends_data": is_key,
        "theme": {"light": webapp::theme(false), "dark": webapp::theme(true)},
    });
    Ok(())
}

/// The key below the chat that opens an app; the first one when none is named.
fn key_of(world: &World, scene: Scene, text: Option<&str>) -> Result<Value, String> {
    let chat = world.rooms.get(&scene.room).ok_or("there is no such chat")?;
    let rows = chat.keyboard.as_ref().and_then(|markup| markup["keyboard"].as_array());
    let mut keys = rows.into_iter().flatten().filter_map(Value::as_array).flatten();
    let fits =
        |key: &&Value| key.get("web_app").is_some() && text.is_none_or(|text| key["text"] == text);
    keys.find(fits).cloned().ok_or_else(|| "no such key below the chat opens an app".to_owned())
}

/// What an app sends arrives as a service message. Nothing in it is true but who sent it.
pub(super) fn send(
    world: &mut World,
    scene: Scene,
    sent: &AppData,
    happened: &mut Value,
) -> Result<(), String> {
    let Scene { bot, room, user, now } = scene;
    if room.chat != user {
        return Err("apps send data in private chats only".to_owned());
    }
    if !(1..=webapp::MOST_DATA).contains(&sent.data.len()) {
        let has = sent.data.len();
        return Err(format!("an app sends 1 to {} bytes, not {has}", webapp::MOST_DATA));
    }
    // Only an app that a key opened can send; a text that no key has is what a changed client would send.
    let button_text = match &sent.button_text {
        Some(text) => text.clone(),
        None => key_of(world, scene, None)?["text"].as_str().unwrap_or_default().to_owned(),
    };
    let mut fields = Map::new();
    let data = json!({"data": sent.data, "button_text": button_text});
    fields.insert("web_app_data".to_owned(), data);
    let id = world.next_message_id(room, bot);
    let message = Message::new(id, user, now, Body::Service(fields));
    world.edit_room(room, |chat| chat.messages.insert(id, message));
    happened["message_id"] = id.into();
    happened["update_id"] = json!(world.announce(room, id, false, now).first());
    Ok(())
}
