//! May this bot write into that chat? The texts of 403 and of the commonest 400s.

use super::World;
use super::chat::{Chat, Kind, Room, Status};
use crate::answer::Refusal;
use crate::api::params::Params;
use crate::clock::Millis;
use crate::limits::Charge;

impl World {
    /// The chat named by `chat_id` (or another parameter) of a call, by number or `@name`.
    pub fn find_room(&self, bot: i64, params: &Params, key: &str) -> Result<Room, Refusal> {
        let named = params.text(key).unwrap_or_default();
        if named.is_empty() {
            return Err(Refusal::bad(format!("{key} is empty")));
        }
        let not_found = || Refusal::bad("chat not found");
        let id = match named.strip_prefix('@') {
            Some(name) => {
                let public = self.rooms.values().find(|chat| {
                    chat.username.as_deref().is_some_and(|own| own.eq_ignore_ascii_case(name))
                });
                public.map(|chat| chat.room.chat)
            }
            None => named.trim().parse().ok(),
        };
        let room = Self::room(bot, id.ok_or_else(not_found)?);
        if self.bots.contains_key(&room.chat) && room.chat != bot {
            return Err(Refusal::forbidden("the bot can't send messages to the bot"));
        }
        match self.rooms.get(&room) {
            Some(_) => Ok(room),
            None if self.users.contains_key(&room.chat) => {
                Err(Refusal::forbidden("bot can't initiate conversation with a user"))
            }
            None => Err(not_found()),
        }
    }

    /// The chat of a call in which the bot may write.
    pub fn writable(&self, bot: i64, params: &Params) -> Result<Room, Refusal> {
        let room = self.find_room(bot, params, "chat_id")?;
        let chat = self.chat(room)?;
        if chat.kind == Kind::Private {
            self.check_private(chat)?;
        } else {
            check_membership(chat, bot)?;
        }
        if chat.kind == Kind::Channel && chat.bots.get(&bot) != Some(&Status::Administrator) {
            return Err(Refusal::bad("need administrator rights in the channel chat"));
        }
        Ok(room)
    }

    /// A chat that is known to exist.
    pub fn chat(&self, room: Room) -> Result<&Chat, Refusal> {
        self.rooms.get(&room).ok_or_else(|| Refusal::bad("chat not found"))
    }

    fn check_private(&self, chat: &Chat) -> Result<(), Refusal> {
        if self.users.get(&chat.room.chat).is_some_and(|user| user.deactivated) {
            return Err(Refusal::forbidden("user is deactivated"));
        }
        if chat.blocked {
            return Err(Refusal::forbidden("bot was blocked by the user"));
        }
        if !chat.started {
            return Err(Refusal::forbidden("bot can't initiate conversation with a user"));
        }
        Ok(())
    }

    /// The topic of a call; it must exist in a forum.
    pub fn thread(&self, room: Room, params: &Params) -> Result<Option<i64>, Refusal> {
        let Some(thread) = params.int("message_thread_id").filter(|id| *id != 0) else {
            return Ok(None);
        };
        let chat = self.chat(room)?;
        if chat.topics.contains_key(&thread) {
            return Ok(Some(thread));
        }
        Err(Refusal::bad("message thread not found"))
    }

    /// Counts a call that makes or edits messages against the rate limits.
    pub fn charge(
        &mut self,
        bot: i64,
        room: Room,
        weight: usize,
        paid: bool,
        now: Millis,
    ) -> Result<(), Refusal> {
        self.count(bot, room, weight, false, paid, now)
    }

    /// Counts an edit.
    pub fn charge_edit(&mut self, bot: i64, room: Room, now: Millis) -> Result<(), Refusal> {
        self.count(bot, room, 1, true, false, now)
    }

    fn count(
        &mut self,
        bot: i64,
        room: Room,
        weight: usize,
        edit: bool,
        paid: bool,
        now: Millis,
    ) -> Result<(), Refusal> {
        let group = self.rooms.get(&room).is_some_and(|chat| chat.kind.is_group());
        let weight = u32::try_from(weight).unwrap_or(u32::MAX);
        let charge = Charge { chat: room.chat, group, weight, edit, paid };
        let rates = self.rates;
        match self.bots.get_mut(&bot) {
            Some(bot) => bot.limits.charge(&rates, charge, now).map_err(Refusal::too_many),
            None => Ok(()),
        }
    }
}

fn check_membership(chat: &Chat, bot: i64) -> Result<(), Refusal> {
    if let Some(to) = chat.migrated_to {
        return Err(Refusal::migrated(to));
    }
    if chat.deleted {
        return Err(Refusal::forbidden("the group chat was deleted"));
    }
    let kind = chat.kind.word();
    match chat.bots.get(&bot) {
        Some(status) if status.inside() => Ok(()),
        Some(Status::Kicked) => {
            Err(Refusal::forbidden(format!("bot was kicked from the {kind} chat")))
        }
        _ => Err(Refusal::forbidden(format!("bot is not a member of the {kind} chat"))),
    }
}
