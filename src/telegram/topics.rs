//! Copies, topics and the menu button as calls of the Bot API. Pure.

use frankenstein::methods::{
    CloseForumTopicParams, CopyMessageParams, CopyMessagesParams, CreateForumTopicParams,
    ReopenForumTopicParams, SetChatMenuButtonParams,
};
use frankenstein::types::{
    InlineKeyboardMarkup, MenuButton, MenuButtonWebApp, ReplyMarkup, WebAppInfo,
};
use serde_json::Value;

use super::calls::{Call, answers, json, thread};
use super::messenger::{SendError, Target};
use crate::domain::message::Copied;
use crate::domain::{ChatId, Outgoing};

/// Longest name of a topic, characters (api "createForumTopic").
const NAME: usize = 128;

/// `copyMessage` with buttons under it, or `copyMessages` for an album, which has none.
pub fn copies(
    target: Target,
    message: &Outgoing,
    copied: &Copied,
    buttons: Option<InlineKeyboardMarkup>,
) -> Result<Call, SendError> {
    let silent = message.silent.then_some(true);
    if let [id] = copied.ids[..] {
        let params = CopyMessageParams::builder()
            .chat_id(target.chat.0)
            .maybe_message_thread_id(thread(target)?)
            .from_chat_id(copied.from.0)
            .message_id(short(id)?)
            .maybe_disable_notification(silent)
            .maybe_allow_paid_broadcast(message.paid.then_some(true))
            .maybe_reply_parameters(answers(message)?)
            .maybe_reply_markup(buttons.map(ReplyMarkup::InlineKeyboardMarkup))
            .build();
        return json("copyMessage", &params);
    }
    let ids = copied.ids.iter().map(|id| short(*id)).collect::<Result<Vec<_>, _>>()?;
    let params = CopyMessagesParams::builder()
        .chat_id(target.chat.0)
        .maybe_message_thread_id(thread(target)?)
        .from_chat_id(copied.from.0)
        .message_ids(ids)
        .maybe_disable_notification(silent)
        .build();
    json("copyMessages", &params)
}

/// `createForumTopic`.
pub fn create(chat: ChatId, name: &str) -> Result<Call, SendError> {
    let name: String = name.chars().take(NAME).collect();
    let params = CreateForumTopicParams::builder().chat_id(chat.0).name(name).build();
    json("createForumTopic", &params)
}

/// `reopenForumTopic` or `closeForumTopic`.
pub fn set_open(chat: ChatId, topic: i64, open: bool) -> Result<Call, SendError> {
    let topic = short(topic)?;
    if open {
        let params =
            ReopenForumTopicParams::builder().chat_id(chat.0).message_thread_id(topic).build();
        return json("reopenForumTopic", &params);
    }
    let params = CloseForumTopicParams::builder().chat_id(chat.0).message_thread_id(topic).build();
    json("closeForumTopic", &params)
}

/// `setChatMenuButton` of all private chats.
pub fn menu_button(text: &str, app: Option<&str>) -> Result<Call, SendError> {
    let button = match app {
        Some(url) => {
            let web_app = WebAppInfo::builder().url(url).build();
            MenuButton::WebApp(MenuButtonWebApp::builder().text(text).web_app(web_app).build())
        }
        None => MenuButton::Commands,
    };
    let params = SetChatMenuButtonParams::builder().menu_button(button).build();
    json("setChatMenuButton", &params)
}

/// A number in the result of a call.
pub fn number(result: &Value, name: &str) -> Result<i64, SendError> {
    let number = result.get(name).and_then(Value::as_i64);
    number.ok_or_else(|| SendError::Doubt(format!("the answer has no {name}")))
}

fn short(id: i64) -> Result<i32, SendError> {
    i32::try_from(id).map_err(|_| SendError::BadRequest(format!("{id} is no id of a message")))
}
