//! sendMessage and sendChatAction, and what every sending method shares.

use std::borrow::Cow;

use serde_json::{Value, json};

use super::Call;
use crate::answer::{Done, Outcome, Refusal};
use crate::entities::Rich;
use crate::markup::Markup;
use crate::world::World;
use crate::world::chat::{Kind, Room};
use crate::world::message::{Body, Message};

/// The longest text of a message, in code points after parsing.
pub const TEXT_LIMIT: usize = 4_096;
/// The longest caption, in code points after parsing.
pub const CAPTION_LIMIT: usize = 1_024;
/// How long a chat action shows, in milliseconds.
const ACTION_LIFE: i64 = 5_000;

/// Where and how a message is to be sent: the parameters that all sending methods have.
#[derive(Debug)]
pub struct Target {
    /// The chat.
    pub room: Room,
    /// The topic.
    pub thread: Option<i64>,
    /// The message that is answered.
    pub reply_to: Option<i64>,
    /// The checked keyboard.
    pub markup: Markup,
}

impl Target {
    /// Reads and checks the common parameters.
    pub fn read(world: &World, call: &Call) -> Result<Self, Refusal> {
        let room = world.writable(call.bot, &call.params)?;
        let private = world.chat(room)?.kind == Kind::Private;
        let markup = Markup::parse(call.params.borrow("reply_markup"), private)?;
        let thread = world.thread(room, &call.params)?;
        let reply_to = reply(world, room, call)?;
        Ok(Self { room, thread, reply_to, markup })
    }

    /// Stores a message of the bot and gives its id.
    pub fn post(self, world: &mut World, call: &Call, body: Body, album: Option<String>) -> i64 {
        let id = world.next_message_id(self.room, call.bot);
        let (inline, keyboard) = match self.markup {
            Markup::Inline(inline) => (Some(inline), None),
            Markup::Reply(keyboard) => (None, Some(Some(keyboard))),
            Markup::Remove => (None, Some(None)),
            Markup::None | Markup::Force(_) => (None, None),
        };
        let message = Message {
            thread: self.thread,
            inline,
            reply_to: self.reply_to,
            album,
            protected: call.params.flag("protect_content"),
            silent: call.params.flag("disable_notification"),
            ..Message::new(id, call.bot, call.now, body)
        };
        world.edit_room(self.room, |chat| {
            if let Some(keyboard) = keyboard {
                chat.keyboard = keyboard;
            }
            chat.action = None;
            chat.messages.insert(id, message);
        });
        id
    }
}

/// The id of the answered message, by `reply_parameters` or the older `reply_to_message_id`.
fn reply(world: &World, room: Room, call: &Call) -> Result<Option<i64>, Refusal> {
    let parameters = match call.params.borrow("reply_parameters") {
        None => Cow::Owned(Value::Null),
        Some(Ok(value)) => value,
        Some(Err(_)) => return Err(Refusal::bad("can't parse reply parameters JSON object")),
    };
    let id = parameters["message_id"].as_i64().or_else(|| call.params.int("reply_to_message_id"));
    let Some(id) = id.filter(|id| *id != 0) else { return Ok(None) };
    if world.chat(room)?.messages.contains_key(&id) {
        return Ok(Some(id));
    }
    let optional = parameters["allow_sending_without_reply"].as_bool().unwrap_or(false)
        || call.params.flag("allow_sending_without_reply");
    if optional { Ok(None) } else { Err(Refusal::bad("message to be replied not found")) }
}

/// The text of a call, parsed and measured.
pub fn text(call: &Call) -> Result<Rich, Refusal> {
    let raw = call.params.text("text").unwrap_or_default();
    if raw.is_empty() {
        return Err(Refusal::bad("message text is empty"));
    }
    let rich = parse(call, &raw, "entities")?;
    if rich.text.is_empty() {
        return Err(Refusal::bad("text must be non-empty"));
    }
    if rich.length() > TEXT_LIMIT {
        return Err(Refusal::bad("message is too long"));
    }
    Ok(rich)
}

/// The caption of a call, which may be empty.
pub fn caption(call: &Call) -> Result<Rich, Refusal> {
    let raw = call.params.text("caption").unwrap_or_default();
    let rich = parse(call, &raw, "caption_entities")?;
    check_caption(rich)
}

/// Measures a caption.
pub fn check_caption(rich: Rich) -> Result<Rich, Refusal> {
    if rich.length() > CAPTION_LIMIT {
        return Err(Refusal::bad("message caption is too long"));
    }
    Ok(rich)
}

fn parse(call: &Call, raw: &str, key: &str) -> Result<Rich, Refusal> {
    let explicit = call.params.borrow(key).transpose();
    let explicit = explicit.map_err(|_| Refusal::bad("can't parse entities JSON object"))?;
    Rich::parse(raw, call.params.text("parse_mode").as_deref(), explicit.as_deref())
}

/// The stored message as the answer of a call.
pub fn answer(world: &World, call: &Call, room: Room, id: i64) -> Outcome {
    let chat = world.chat(room)?;
    let message = chat.messages.get(&id).ok_or_else(|| Refusal::bad("message not found"))?;
    let shown = serde_json::to_string(&world.show(chat, message, call.bot));
    let shown = shown.map_err(|_| Refusal::new(500, "Internal Server Error"))?;
    Ok(Done::json(shown).about(vec![id]))
}

/// sendMessage.
pub fn message(world: &mut World, call: &Call) -> Outcome {
    let rich = text(call)?;
    let target = Target::read(world, call)?;
    let room = target.room;
    world.charge(call.bot, room, 1, call.params.flag("allow_paid_broadcast"), call.now)?;
    let id = target.post(world, call, Body::Text(rich), None);
    answer(world, call, room, id)
}

/// sendChatAction.
pub fn action(world: &mut World, call: &Call) -> Outcome {
    const KNOWN: [&str; 11] = [
        "typing",
        "upload_photo",
        "record_video",
        "upload_video",
        "record_voice",
        "upload_voice",
        "upload_document",
        "choose_sticker",
        "find_location",
        "record_video_note",
        "upload_video_note",
    ];
    let action = call.params.text("action").unwrap_or_default();
    if !KNOWN.contains(&action.as_str()) {
        return Err(Refusal::bad("wrong parameter action in request"));
    }
    let room = world.writable(call.bot, &call.params)?;
    world.edit_room(room, |chat| chat.action = Some((action, call.now + ACTION_LIFE)));
    Ok(Done::value(json!(true)))
}
