//! The JSON shapes of the Bot API. Absent fields are absent, never null.

use std::borrow::Cow;

use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};
use serde_json::{Value, json};

use super::chat::{Chat, Kind, Status};
use super::message::{Body, MediaKind, Message};
use super::{Bot, User, World};
use crate::entities::Entity;

/// `User`.
#[derive(Serialize)]
struct Person<'a> {
    id: i64,
    is_bot: bool,
    first_name: Cow<'a, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    username: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    language_code: Option<&'a str>,
}

/// `Chat`.
#[derive(Serialize)]
struct Place<'a> {
    id: i64,
    #[serde(rename = "type")]
    kind: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    first_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    username: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    is_forum: Option<bool>,
}

/// What is to be shown as a JSON value.
fn value<T: Serialize>(shown: &T) -> Value {
    serde_json::to_value(shown).unwrap_or_default()
}

impl User {
    fn person(&self) -> Person<'_> {
        Person {
            id: self.id,
            is_bot: false,
            first_name: self.name.as_str().into(),
            username: self.username.as_deref(),
            language_code: self.language.as_deref(),
        }
    }

    /// `User`.
    pub fn json(&self) -> Value {
        value(&self.person())
    }
}

impl Bot {
    fn person(&self) -> Person<'_> {
        Person {
            id: self.id,
            is_bot: true,
            first_name: self.name.as_str().into(),
            username: Some(&self.username),
            language_code: None,
        }
    }

    /// `User` of a bot.
    pub fn json(&self) -> Value {
        value(&self.person())
    }

    /// `User` as getMe shows it.
    pub fn me(&self) -> Value {
        let mut value = self.json();
        for key in ["can_join_groups", "can_read_all_group_messages"] {
            value[key] = true.into();
        }
        for key in [
            "supports_inline_queries",
            "can_connect_to_business",
            "has_main_web_app",
            "has_topics_enabled",
            "allows_users_to_create_topics",
        ] {
            value[key] = false.into();
        }
        value
    }
}

impl World {
    fn person(&self, id: i64) -> Person<'_> {
        if let Some(user) = self.users.get(&id) {
            return user.person();
        }
        if let Some(bot) = self.bots.get(&id) {
            return bot.person();
        }
        let first_name = format!("User {id}").into();
        Person { id, is_bot: false, first_name, username: None, language_code: None }
    }

    /// `User` by id, person or bot; an unknown id is shown as a bare person.
    pub fn user_json(&self, id: i64) -> Value {
        value(&self.person(id))
    }

    fn place<'a>(&'a self, chat: &'a Chat) -> Place<'a> {
        let private = chat.kind == Kind::Private;
        let user = self.users.get(&chat.room.chat).filter(|_| private);
        let username = if private {
            user.and_then(|user| user.username.as_deref())
        } else {
            chat.username.as_deref()
        };
        Place {
            id: chat.room.chat,
            kind: chat.kind.word(),
            first_name: user.map(|user| user.name.as_str()),
            title: (!private).then_some(&chat.title),
            username,
            is_forum: (!private && chat.forum).then_some(true),
        }
    }

    /// `Chat`.
    pub fn chat_json(&self, chat: &Chat) -> Value {
        value(&self.place(chat))
    }

    /// `Message` as `bot` sees it, to be serialised.
    pub fn show<'a>(&'a self, chat: &'a Chat, message: &'a Message, bot: i64) -> Shown<'a> {
        Shown { world: self, chat, message, bot, answered: true }
    }

    /// `Message` as `bot` sees it.
    pub fn message_json(&self, chat: &Chat, message: &Message, bot: i64) -> Value {
        value(&self.show(chat, message, bot))
    }

    fn document_json(&self, file: &str, bot: i64) -> Value {
        let Some(file) = self.files.get(file) else { return Value::Null };
        json!({"file_id": file.id_for(bot), "file_unique_id": file.unique,
               "file_name": file.name, "mime_type": file.mime, "file_size": file.bytes.len()})
    }
}

/// A message as a bot sees it; serialised, a `Message`.
pub struct Shown<'a> {
    world: &'a World,
    chat: &'a Chat,
    message: &'a Message,
    bot: i64,
    /// With the message that it answers.
    answered: bool,
}

impl Serialize for Shown<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { world, chat, message, .. } = self;
        let mut all = serializer.serialize_map(None)?;
        all.serialize_entry("message_id", &message.id)?;
        if chat.kind == Kind::Channel {
            all.serialize_entry("sender_chat", &world.place(chat))?;
        } else if message.anonymous {
            all.serialize_entry("sender_chat", &world.place(chat))?;
            all.serialize_entry("from", &anonymous_json())?;
        } else {
            all.serialize_entry("from", &world.person(message.author))?;
        }
        all.serialize_entry("chat", &world.place(chat))?;
        all.serialize_entry("date", &message.date)?;
        some(&mut all, "edit_date", &message.edited)?;
        some(&mut all, "message_thread_id", &message.thread)?;
        some(&mut all, "is_topic_message", &message.thread.map(|_| true))?;
        some(&mut all, "media_group_id", &message.album)?;
        some(&mut all, "forward_origin", &message.origin)?;
        some(&mut all, "has_protected_content", &message.protected.then_some(true))?;
        some(&mut all, "reply_markup", &message.inline)?;
        self.body(&mut all)?;
        let answered = message.reply_to.filter(|_| self.answered);
        if let Some(answered) = answered.and_then(|id| chat.messages.get(&id)) {
            let answered = Shown { message: answered, answered: false, ..*self };
            all.serialize_entry("reply_to_message", &answered)?;
        }
        all.end()
    }
}

impl Shown<'_> {
    fn body<M: SerializeMap>(&self, all: &mut M) -> Result<(), M::Error> {
        match &self.message.body {
            Body::Text(rich) => {
                all.serialize_entry("text", &rich.text)?;
                listed(all, "entities", &rich.entities)?;
            }
            Body::Media(media) => {
                if let Some(file) = self.world.files.get(&media.file) {
                    let (key, shown) = match media.kind {
                        MediaKind::Photo => ("photo", file.photo_sizes(self.bot)),
                        MediaKind::Document => {
                            ("document", self.world.document_json(&media.file, self.bot))
                        }
                    };
                    all.serialize_entry(key, &shown)?;
                }
                if !media.caption.text.is_empty() {
                    all.serialize_entry("caption", &media.caption.text)?;
                    listed(all, "caption_entities", &media.caption.entities)?;
                }
                some(all, "show_caption_above_media", &media.above.then_some(true))?;
                some(all, "has_media_spoiler", &media.spoiler.then_some(true))?;
            }
            Body::Service(fields) => {
                for (key, value) in fields {
                    all.serialize_entry(key, value)?;
                }
            }
        }
        Ok(())
    }
}

/// Writes a field that is there.
fn some<M: SerializeMap, T: Serialize>(
    all: &mut M,
    key: &str,
    value: &Option<T>,
) -> Result<(), M::Error> {
    value.as_ref().map_or(Ok(()), |value| all.serialize_entry(key, value))
}

/// Writes entities; the field is absent when there are none.
fn listed<M: SerializeMap>(all: &mut M, key: &str, entities: &[Entity]) -> Result<(), M::Error> {
    if entities.is_empty() { Ok(()) } else { all.serialize_entry(key, entities) }
}

/// Who an anonymous administrator is to a bot (api "Message", `sender_chat`).
fn anonymous_json() -> Value {
    json!({"id": 1_087_968_824, "is_bot": true, "first_name": "Group",
           "username": "GroupAnonymousBot"})
}

/// `ChatMember`.
pub fn member_json(user: Value, status: Status) -> Value {
    let mut value = json!({"status": status.word(), "user": user});
    match status {
        Status::Kicked => value["until_date"] = 0.into(),
        Status::Administrator => {
            value["can_be_edited"] = false.into();
            value["is_anonymous"] = false.into();
            for right in [
                "can_manage_chat",
                "can_delete_messages",
                "can_manage_video_chats",
                "can_restrict_members",
                "can_promote_members",
                "can_change_info",
                "can_invite_users",
                "can_post_stories",
                "can_edit_stories",
                "can_delete_stories",
                "can_pin_messages",
                "can_manage_topics",
            ] {
                value[right] = true.into();
            }
        }
        Status::Member | Status::Left => {}
    }
    value
}
