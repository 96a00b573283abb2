//! How updates reach us and which commands people see, as calls of the Bot API. Pure.

use frankenstein::methods::{GetUpdatesParams, SetMyCommandsParams, SetWebhookParams};
use frankenstein::types::{AllowedUpdate, BotCommand, BotCommandScope, BotCommandScopeChat};
use serde_json::Value;

use super::calls::{Call, json};
use super::messenger::{CommandScope, SendError, WebhookSetting};

/// `getUpdates`.
pub fn get_updates(
    offset: Option<i64>,
    timeout_s: u32,
    allowed_updates: &[String],
) -> Result<Call, SendError> {
    let params = GetUpdatesParams::builder()
        .maybe_offset(offset)
        .limit(100)
        .timeout(timeout_s)
        .allowed_updates(kinds(allowed_updates)?)
        .build();
    json("getUpdates", &params)
}

/// `setWebhook`.
pub fn set_webhook(setting: &WebhookSetting) -> Result<Call, SendError> {
    let params = SetWebhookParams::builder()
        .url(setting.url.as_str())
        .secret_token(setting.secret.as_str())
        .max_connections(setting.max_connections)
        .allowed_updates(kinds(&setting.allowed_updates)?)
        .build();
    json("setWebhook", &params)
}

/// `setMyCommands`.
pub fn set_commands(
    commands: &[(String, String)],
    scope: CommandScope,
    language: Option<&str>,
) -> Result<Call, SendError> {
    let command = |(name, description): &(String, String)| {
        BotCommand::builder().command(name.as_str()).description(description.as_str()).build()
    };
    let scope = match scope {
        CommandScope::Default => BotCommandScope::Default,
        CommandScope::Groups => BotCommandScope::AllGroupChats,
        CommandScope::Chat(chat) => {
            BotCommandScope::Chat(BotCommandScopeChat::builder().chat_id(chat.0).build())
        }
    };
    let params = SetMyCommandsParams::builder()
        .commands(commands.iter().map(command).collect())
        .scope(scope)
        .maybe_language_code(language.map(str::to_owned))
        .build();
    json("setMyCommands", &params)
}

fn kinds(words: &[String]) -> Result<Vec<AllowedUpdate>, SendError> {
    let kind = |word: &String| {
        serde_json::from_value(Value::String(word.clone()))
            .map_err(|_| SendError::BadRequest(format!("{word:?} is not a kind of update")))
    };
    words.iter().map(kind).collect()
}
