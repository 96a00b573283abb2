//! Updates that wait for a bot, and the state of its webhook.

use std::collections::{HashMap, VecDeque};

use serde_json::{Value, json};

use super::chat::{Chat, Kind, Room};
use super::{Secret, World};
use crate::clock::Millis;

/// Updates that are not sent unless they are asked for by name.
const ON_REQUEST: [&str; 3] = ["chat_member", "message_reaction", "message_reaction_count"];

/// One day, the longest life of an update.
const DAY: Millis = 24 * 3_600 * 1_000;

/// An update that waits.
#[derive(Clone, Debug)]
pub struct Update {
    /// `update_id`.
    pub id: i64,
    /// Updates of one queue are delivered in order: the chat for messages, the user for queries.
    pub queue: String,
    /// After this moment it is dropped.
    pub expires: Millis,
    /// The whole `Update` object.
    pub body: Value,
}

/// The updates of one bot.
#[derive(Debug)]
pub struct Queue {
    next: i64,
    /// Oldest first.
    pub pending: VecDeque<Update>,
    /// `allowed_updates` as set last; `None` is the default.
    pub allowed: Option<Vec<String>>,
}

/// A webhook and the state of its deliveries.
#[derive(Clone, Debug, Default)]
pub struct Webhook {
    /// Address.
    pub url: String,
    /// `X-Telegram-Bot-Api-Secret-Token`.
    pub secret: Option<Secret>,
    /// Deliveries at a time.
    pub max_connections: i64,
    /// A certificate was uploaded.
    pub custom_certificate: bool,
    /// Fixed address.
    pub ip_address: Option<String>,
    /// Grows with every setWebhook; deliveries of an older one no longer count.
    pub generation: i64,
    /// State of the queues that are busy or wait after a failure.
    pub lanes: HashMap<String, Lane>,
    /// Seconds since 1970 and text of the last failure.
    pub last_error: Option<(i64, String)>,
    /// Since when every answer was 410.
    pub gone_since: Option<Millis>,
}

/// One queue of a webhook.
#[derive(Clone, Copy, Debug, Default)]
pub struct Lane {
    /// A delivery is on its way.
    pub busy: bool,
    /// Failures of the update at the head.
    pub failures: u32,
    /// Not before this moment.
    pub not_before: Millis,
}

impl Queue {
    /// An empty queue; ids begin at a number that differs from bot to bot.
    pub fn new(bot: i64) -> Self {
        Self {
            next: 100_000_000 + bot.rem_euclid(7_919) * 1_000,
            pending: VecDeque::new(),
            allowed: None,
        }
    }

    fn wants(&self, kind: &str) -> bool {
        match self.allowed.as_deref() {
            None | Some([]) => !ON_REQUEST.contains(&kind),
            Some(list) => list.iter().any(|wanted| wanted == kind),
        }
    }

    /// Adds an update unless the bot does not want its kind; gives its id.
    pub fn push(&mut self, kind: &str, queue: String, expires: Millis, body: Value) -> Option<i64> {
        if !self.wants(kind) {
            return None;
        }
        let id = self.next;
        self.next += 1;
        let body = json!({"update_id": id, kind: body});
        self.pending.push_back(Update { id, queue, expires, body });
        Some(id)
    }

    /// Adds an update exactly as given; its id is added if it has none.
    pub fn push_raw(&mut self, mut body: Value, expires: Millis) -> i64 {
        let id = body["update_id"].as_i64().unwrap_or(self.next);
        self.next = self.next.max(id + 1);
        body["update_id"] = id.into();
        self.pending.push_back(Update { id, queue: "raw".to_owned(), expires, body });
        id
    }

    /// Drops what is too old.
    pub fn expire(&mut self, now: Millis) {
        self.pending.retain(|update| update.expires > now);
    }

    /// Forgets all updates below `offset`; a negative offset keeps only that many of the newest.
    pub fn confirm(&mut self, offset: i64) {
        if offset >= 0 {
            self.pending.retain(|update| update.id >= offset);
            return;
        }
        let keep = usize::try_from(-offset).unwrap_or(usize::MAX);
        while self.pending.len() > keep {
            self.pending.pop_front();
        }
    }
}

/// How long an update of a kind is kept.
pub fn life_of(kind: &str) -> Millis {
    match kind {
        "callback_query" | "pre_checkout_query" | "shipping_query" => 150_000,
        "inline_query" => 30_000,
        "chosen_inline_result" => 600_000,
        _ => DAY,
    }
}

impl World {
    /// Gives an update to a bot; `None` when the bot does not want it.
    pub fn push_update(
        &mut self,
        bot: i64,
        kind: &str,
        queue: i64,
        body: Value,
        now: Millis,
    ) -> Option<i64> {
        self.touch();
        let queue = format!("{}{queue}", if kind.ends_with("query") { "user" } else { "chat" });
        let expires = now + life_of(kind);
        self.bots.get_mut(&bot)?.queue.push(kind, queue, expires, body)
    }

    /// Tells the bots of a chat about a message that somebody else wrote or edited.
    pub fn announce(&mut self, room: Room, message: i64, edited: bool, now: Millis) -> Vec<i64> {
        let Some(chat) = self.rooms.get(&room) else { return Vec::new() };
        let Some(written) = chat.messages.get(&message) else { return Vec::new() };
        let kind = match (chat.kind == Kind::Channel, edited) {
            (false, false) => "message",
            (false, true) => "edited_message",
            (true, false) => "channel_post",
            (true, true) => "edited_channel_post",
        };
        let bodies: Vec<(i64, Value)> = bots_of(chat)
            .into_iter()
            .filter(|bot| *bot != written.author)
            .map(|bot| (bot, self.message_json(chat, written, bot)))
            .collect();
        let mut ids = Vec::new();
        for (bot, body) in bodies {
            ids.extend(self.push_update(bot, kind, room.chat, body, now));
        }
        ids
    }
}

fn bots_of(chat: &Chat) -> Vec<i64> {
    if chat.kind == Kind::Private {
        return vec![chat.room.bot];
    }
    chat.bots.iter().filter(|(_, status)| status.inside()).map(|(bot, _)| *bot).collect()
}
