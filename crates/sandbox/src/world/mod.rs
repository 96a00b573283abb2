//! Everything the sandbox knows: bots, people, chats, messages, files.
//!
//! Plain data behind one lock. Nothing in here waits or reads a clock; the time is an argument, in
//! milliseconds ([`Millis`]).

pub mod access;
pub mod chat;
pub mod files;
pub mod json;
pub mod message;
pub mod updates;

use std::collections::{BTreeMap, HashMap};

use serde_json::Value;

use crate::clock::Millis;
use crate::limits::{Limits, Rates};
use chat::{Chat, Kind, Room};
use files::StoredFile;
use updates::{Queue, Webhook};

/// How long a pressed button waits for its answer.
pub const CALLBACK_LIFE: Millis = 150_000;

/// A person who uses Telegram.
#[derive(Clone, Debug)]
pub struct User {
    /// Telegram id; also the id of the private chat.
    pub id: i64,
    /// First name.
    pub name: String,
    /// Name after `@`, if any.
    pub username: Option<String>,
    /// IETF tag of the interface language.
    pub language: Option<String>,
    /// The account was deleted.
    pub deactivated: bool,
}

/// A text that must not appear in logs; `Debug` hides it.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(pub String);

impl std::fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Secret(…)")
    }
}

/// A bot, known by its token.
#[derive(Debug)]
pub struct Bot {
    /// The number before the colon of the token.
    pub id: i64,
    /// The whole token.
    pub token: Secret,
    /// First name.
    pub name: String,
    /// Name after `@`.
    pub username: String,
    /// Updates that wait for the bot.
    pub queue: Queue,
    /// Where updates are delivered; `None` means long polling.
    pub webhook: Option<Webhook>,
    /// Number of the newest getUpdates call; an older one gives way.
    pub poll: u64,
    /// When setWebhook was last called.
    pub webhook_set_at: Option<Millis>,
    /// The menu button of a chat, and (`None`) of all others.
    pub menu: BTreeMap<Option<i64>, Value>,
    /// Commands by scope and language.
    pub commands: BTreeMap<String, Value>,
    /// Name, description and similar texts by method and language.
    pub texts: BTreeMap<String, String>,
    /// Counters of the rate limits.
    pub limits: Limits,
    /// The newest message id in private chats and basic groups.
    pub last_message: i64,
}

/// A pressed button that waits for `answerCallbackQuery`.
#[derive(Clone, Debug)]
pub struct Callback {
    /// The bot that must answer.
    pub bot: i64,
    /// Until when an answer is taken.
    pub expires: Millis,
    /// The answer: `text`, `show_alert`, `url` as given.
    pub answer: Option<Value>,
}

/// The whole state.
#[derive(Debug, Default)]
pub struct World {
    /// Bots by id.
    pub bots: BTreeMap<i64, Bot>,
    /// People by id.
    pub users: BTreeMap<i64, User>,
    /// Chats by room.
    pub rooms: BTreeMap<Room, Chat>,
    /// Files by unique id.
    pub files: HashMap<String, StoredFile>,
    /// Until when a bot may get a file by its path: the path was named by getFile.
    pub links: HashMap<(i64, String), Millis>,
    /// Pressed buttons by query id.
    pub callbacks: HashMap<String, Callback>,
    /// Rates in force.
    pub rates: Rates,
    /// Grows with every change that a reader may want to see.
    pub version: u64,
    /// Grows with every change but those inside of chats: those who wait for updates or deliver them look again.
    pub stirred: u64,
    serial: i64,
}

impl World {
    /// A number that was never given out before.
    pub fn next_serial(&mut self) -> i64 {
        self.serial += 1;
        self.serial
    }

    /// Notes that something changed, maybe what waits for a bot.
    pub fn touch(&mut self) {
        self.version += 1;
        self.stirred += 1;
    }

    /// The bot of a token; a new well-formed token is a new bot. `None` for a known id with another
    /// secret, as after a revoked token.
    pub fn bot_of_token(&mut self, token: &str) -> Option<i64> {
        let id: i64 = token.split(':').next()?.parse().ok()?;
        if !self.bots.contains_key(&id) {
            let first = self.bots.is_empty();
            let bot = Bot::new(id, token, first);
            self.bots.insert(id, bot);
            self.touch();
        }
        self.bots.get(&id).filter(|bot| bot.token.0 == token).map(|bot| bot.id)
    }

    /// Changes a chat, if it exists, and marks it as changed. Whoever waits for updates sleeps on: a bot that writes
    /// to many chats would wake them for each one.
    pub fn edit_room<T>(&mut self, room: Room, change: impl FnOnce(&mut Chat) -> T) -> Option<T> {
        self.version += 1;
        let version = self.version;
        self.rooms.get_mut(&room).map(|chat| {
            chat.version = version;
            change(chat)
        })
    }

    /// The chat of a bot with a chat id: private chats belong to one bot, groups to all.
    pub fn room(bot: i64, chat: i64) -> Room {
        if chat > 0 { Room { bot, chat } } else { Room { bot: 0, chat } }
    }

    /// The private chat of a bot and a user, created when it is new.
    pub fn private(&mut self, bot: i64, user: i64) -> Room {
        let room = Self::room(bot, user);
        self.rooms.entry(room).or_insert_with(|| Chat::new(room, Kind::Private));
        room
    }

    /// The next message id of a chat, as seen by `bot`.
    pub fn next_message_id(&mut self, room: Room, bot: i64) -> i64 {
        let shared = self.rooms.get(&room).is_some_and(|chat| chat.kind.counts_alone());
        if shared {
            let next = self.edit_room(room, |chat| {
                chat.last_message += 1;
                chat.last_message
            });
            return next.unwrap_or(1);
        }
        match self.bots.get_mut(&bot) {
            Some(bot) => {
                bot.last_message += 1;
                bot.last_message
            }
            None => 1,
        }
    }
}

impl Bot {
    fn new(id: i64, token: &str, first: bool) -> Self {
        let (name, username) = if first {
            ("Magpie".to_owned(), "magpie_sandbox_bot".to_owned())
        } else {
            (format!("Bot {id}"), format!("sandbox_{id}_bot"))
        };
        Self {
            id,
            token: Secret(token.to_owned()),
            name,
            username,
            queue: Queue::new(id),
            webhook: None,
            poll: 0,
            webhook_set_at: None,
            menu: BTreeMap::new(),
            commands: BTreeMap::new(),
            texts: BTreeMap::new(),
            limits: Limits::default(),
            last_message: 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_in_a_chat_wakes_its_readers_and_nobody_who_waits_for_updates() {
        let mut world = World::default();
        let room = world.private(1, 7);
        let before = (world.version, world.stirred);
        world.edit_room(room, |chat| chat.started = true);
        assert_eq!((world.version, world.stirred), (before.0 + 1, before.1));
        world.touch();
        assert_eq!((world.version, world.stirred), (before.0 + 2, before.1 + 1));
    }
}
