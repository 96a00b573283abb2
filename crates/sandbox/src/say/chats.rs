//! Coming, going, blocking, and what happens to groups.

use serde_json::{Value, json};

use super::{Group, Said, Say};
use crate::clock::Millis;
use crate::world::chat::{Chat, Kind, Room, Status};
use crate::world::json::member_json;
use crate::world::message::{Body, Message};
use crate::world::{User, World};

pub(super) fn make_group(world: &mut World, id: i64, group: &Group) -> Result<(), String> {
    let kind = Kind::from_word(&group.kind).filter(|kind| *kind != Kind::Private);
    let kind = kind.ok_or("the type of a group is group, supergroup or channel")?;
    if id >= 0 {
        return Err("ids of groups are negative".to_owned());
    }
    let room = World::room(0, id);
    world.rooms.entry(room).or_insert_with(|| Chat::new(room, kind));
    world.edit_room(room, |chat| {
        chat.kind = kind;
        chat.title.clone_from(&group.title);
        chat.username.clone_from(&group.username);
        chat.forum = group.forum;
    });
    Ok(())
}

pub(super) fn meet(world: &mut World, say: &Say, bot: i64, first: i64) -> Value {
    let count = say.count.unwrap_or(1).clamp(1, 100_000);
    for user in first..first + count {
        world.users.entry(user).or_insert_with(|| User {
            id: user,
            name: format!("User {user}"),
            username: None,
            language: say.lang.clone(),
            deactivated: false,
        });
        let room = world.private(bot, user);
        world.edit_room(room, |chat| chat.started = true);
    }
    json!({"ok": true, "bot": bot, "first": first, "count": count})
}

/// Blocks or unblocks a bot for a person; gives the id of the update about it.
pub fn set_blocked(
    world: &mut World,
    bot: i64,
    user: i64,
    blocked: bool,
    now: Millis,
) -> Option<i64> {
    let room = world.private(bot, user);
    let before = world.edit_room(room, |chat| std::mem::replace(&mut chat.blocked, blocked))?;
    if before == blocked {
        return None;
    }
    let word = |blocked: bool| if blocked { Status::Kicked } else { Status::Member };
    member_update(world, bot, room, user, (word(before), word(blocked)), now)
}

fn member_update(
    world: &mut World,
    bot: i64,
    room: Room,
    by: i64,
    (old, new): (Status, Status),
    now: Millis,
) -> Option<i64> {
    let chat = world.rooms.get(&room)?;
    let me = world.user_json(bot);
    let body = json!({
        "chat": world.chat_json(chat), "from": world.user_json(by), "date": now / 1_000,
        "old_chat_member": member_json(me.clone(), old), "new_chat_member": member_json(me, new),
    });
    world.push_update(bot, "my_chat_member", room.chat, body, now)
}

pub(super) fn set_status(
    world: &mut World,
    bot: i64,
    room: Room,
    by: i64,
    word: &str,
    now: Millis,
) -> Result<Option<i64>, String> {
    let status = Status::from_word(word);
    let status = status.ok_or("bot_status is member, administrator, left or kicked")?;
    if room.chat > 0 {
        return Err("bot_status is for groups; in a private chat use \"block\"".to_owned());
    }
    let before = world.edit_room(room, |chat| chat.bots.insert(bot, status)).flatten();
    let before = before.unwrap_or(Status::Left);
    Ok(if before == status {
        None
    } else {
        member_update(world, bot, room, by, (before, status), now)
    })
}

pub(super) fn migrate(world: &mut World, room: Room, to: i64, now: Millis) -> Said {
    let Some(old) = world.rooms.get(&room).cloned() else {
        return Err(format!("there is no group {}", room.chat));
    };
    let new_room = World::room(0, to);
    let mut new = Chat::new(new_room, Kind::Supergroup);
    new.title.clone_from(&old.title);
    new.bots.clone_from(&old.bots);
    new.people.clone_from(&old.people);
    world.rooms.insert(new_room, new);
    world.edit_room(room, |chat| chat.migrated_to = Some(to));
    let author = old.people.iter().next().copied().unwrap_or(1);
    let mut updates = Vec::new();
    for (room, field, value) in
        [(room, "migrate_to_chat_id", to), (new_room, "migrate_from_chat_id", room.chat)]
    {
        let bot = old.bots.keys().next().copied().unwrap_or(0);
        let fields = json!({ field: value }).as_object().cloned().unwrap_or_default();
        let id = world.next_message_id(room, bot);
        let message = Message::new(id, author, now, Body::Service(fields));
        world.edit_room(room, |chat| chat.messages.insert(id, message));
        updates.extend(world.announce(room, id, false, now));
    }
    Ok(json!({"ok": true, "chat": to, "update_ids": updates}))
}
