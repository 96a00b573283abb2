//! The JSON shapes of the Bot API. Absent fields are absent, never null.

use serde_json::{Map, Value, json};

use super::chat::{Chat, Kind, Status};
use super::message::{Body, MediaKind, Message};
use super::{Bot, User, World};

impl User {
    /// `User`.
    pub fn json(&self) -> Value {
        let mut value = json!({"id": self.id, "is_bot": false, "first_name": self.name});
        if let Some(username) = &self.username {
            value["username"] = username.as_str().into();
        }
        if let Some(language) = &self.language {
            value["language_code"] = language.as_str().into();
        }
        value
    }
}

impl Bot {
    /// `User` of a bot.
    pub fn json(&self) -> Value {
        json!({"id": self.id, "is_bot": true, "first_name": self.name, "username": self.username})
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
    /// `User` by id, person or bot; an unknown id is shown as a bare person.
    pub fn user_json(&self, id: i64) -> Value {
        if let Some(user) = self.users.get(&id) {
            return user.json();
        }
        if let Some(bot) = self.bots.get(&id) {
            return bot.json();
        }
        json!({"id": id, "is_bot": false, "first_name": format!("User {id}")})
    }

    /// `Chat`.
    pub fn chat_json(&self, chat: &Chat) -> Value {
        let mut value = json!({"id": chat.room.chat, "type": chat.kind.word()});
        if chat.kind == Kind::Private {
            if let Some(user) = self.users.get(&chat.room.chat) {
                value["first_name"] = user.name.as_str().into();
                if let Some(username) = &user.username {
                    value["username"] = username.as_str().into();
                }
            }
            return value;
        }
        value["title"] = chat.title.as_str().into();
        if let Some(username) = &chat.username {
            value["username"] = username.as_str().into();
        }
        if chat.forum {
            value["is_forum"] = true.into();
        }
        value
    }

    /// `Message` as `bot` sees it.
    pub fn message_json(&self, chat: &Chat, message: &Message, bot: i64) -> Value {
        let mut value = self.message_without_reply(chat, message, bot);
        let answered = message.reply_to.and_then(|id| chat.messages.get(&id));
        if let Some(answered) = answered {
            value["reply_to_message"] = self.message_without_reply(chat, answered, bot);
        }
        value
    }

    fn message_without_reply(&self, chat: &Chat, message: &Message, bot: i64) -> Value {
        let mut value = Map::new();
        value.insert("message_id".to_owned(), message.id.into());
        if chat.kind == Kind::Channel {
            value.insert("sender_chat".to_owned(), self.chat_json(chat));
        } else {
            value.insert("from".to_owned(), self.user_json(message.author));
        }
        value.insert("chat".to_owned(), self.chat_json(chat));
        value.insert("date".to_owned(), message.date.into());
        let optional = [
            ("edit_date", message.edited.map(Value::from)),
            ("message_thread_id", message.thread.map(Value::from)),
            ("is_topic_message", message.thread.map(|_| true.into())),
            ("media_group_id", message.album.clone().map(Value::from)),
            ("forward_origin", message.origin.clone()),
            ("has_protected_content", message.protected.then_some(true.into())),
            ("reply_markup", message.inline.clone()),
        ];
        let present = optional.into_iter().filter_map(|(key, value)| Some((key, value?)));
        value.extend(present.map(|(key, value)| (key.to_owned(), value)));
        self.add_body(&mut value, message, bot);
        Value::Object(value)
    }

    fn add_body(&self, value: &mut Map<String, Value>, message: &Message, bot: i64) {
        match &message.body {
            Body::Text(rich) => {
                value.insert("text".to_owned(), rich.text.as_str().into());
                value.extend(rich.entities_json().map(|list| ("entities".to_owned(), list)));
            }
            Body::Media(media) => {
                if let Some(file) = self.files.get(&media.file) {
                    let (key, shown) = match media.kind {
                        MediaKind::Photo => ("photo", file.photo_sizes(bot)),
                        MediaKind::Document => ("document", self.document_json(&media.file, bot)),
                    };
                    value.insert(key.to_owned(), shown);
                }
                if !media.caption.text.is_empty() {
                    value.insert("caption".to_owned(), media.caption.text.as_str().into());
                    let list = media.caption.entities_json();
                    value.extend(list.map(|list| ("caption_entities".to_owned(), list)));
                }
                if media.above {
                    value.insert("show_caption_above_media".to_owned(), true.into());
                }
                if media.spoiler {
                    value.insert("has_media_spoiler".to_owned(), true.into());
                }
            }
            Body::Service(fields) => value.extend(fields.clone()),
        }
    }

    fn document_json(&self, file: &str, bot: i64) -> Value {
        let Some(file) = self.files.get(file) else { return Value::Null };
        json!({"file_id": file.id_for(bot), "file_unique_id": file.unique,
               "file_name": file.name, "mime_type": file.mime, "file_size": file.bytes.len()})
    }
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
