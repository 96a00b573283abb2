//! The port to Telegram and what can go wrong behind it.

use async_trait::async_trait;

use crate::domain::{ChatId, Outgoing, PostForm};

/// Where a message goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Target {
    /// The chat.
    pub chat: ChatId,
    /// Forum topic; never 1 (General has no id).
    pub thread: Option<i64>,
}

/// What Telegram made of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accepted {
    /// Ids of the messages in the chat: one, or one for each picture of an album.
    pub ids: Vec<i64>,
    /// How the first one stands there: what of it can be edited.
    pub form: PostForm,
    /// Telegram's names (`file_id`) of the pictures, in order: the same bot can send them again by these.
    pub files: Vec<String>,
}

impl Accepted {
    /// A message of text.
    pub fn text(id: i64) -> Self {
        Self { ids: vec![id], form: PostForm::Text, files: vec![] }
    }

    /// Id of the first message.
    pub fn id(&self) -> i64 {
        self.ids.first().copied().unwrap_or(0)
    }
}

/// Who we are (`getMe`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BotIdentity {
    /// Id of the bot.
    pub id: i64,
    /// Name without `@`.
    pub username: String,
}

/// What `setWebhook` is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebhookSetting {
    /// Public address.
    pub url: String,
    /// Comes back in `X-Telegram-Bot-Api-Secret-Token`.
    pub secret: String,
    /// 1–100.
    pub max_connections: u32,
    /// Kinds of update; never empty.
    pub allowed_updates: Vec<String>,
}

/// Who sees a list of commands (api "BotCommandScope"): the narrowest list that fits is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CommandScope {
    /// Everybody who has no other list.
    Default,
    /// Groups.
    Groups,
    /// One private chat.
    Chat(ChatId),
}

/// What `getWebhookInfo` says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct WebhookInfo {
    /// Empty when none is set.
    pub url: String,
    /// Updates that wait.
    pub pending_update_count: i64,
    /// The last failure, if any.
    pub last_error_message: Option<String>,
    /// When it happened, seconds since 1970.
    pub last_error_date: Option<i64>,
    /// Allowed kinds, when not the default.
    pub allowed_updates: Vec<String>,
    /// Most parallel connections.
    pub max_connections: Option<i64>,
}

/// Why a call failed, by what has to follow (api-facts A6). No text in it carries the token.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// 403: the person blocked the bot, is deactivated or never began.
    #[error("the person cannot be written to: {0}")]
    Blocked(String),
    /// 403 or 400: the chat is gone or we are no longer in it.
    #[error("the chat is gone: {0}")]
    ChatGone(String),
    /// 400 with `migrate_to_chat_id`.
    #[error("the group became supergroup {0}")]
    Migrated(i64),
    /// 429: wait this many seconds.
    #[error("too many requests: wait {0} s")]
    RetryAfter(u64),
    /// 400 that means it has been done already: "message is not modified", "query is too old".
    #[error("nothing to do: {0}")]
    Benign(String),
    /// 400 about the picture: fall back to another form.
    #[error("the picture was refused: {0}")]
    BadMedia(String),
    /// 400 about the topic: send without it.
    #[error("the topic is gone: {0}")]
    BadThread(String),
    /// Any other 400: the content was refused.
    #[error("the message was refused: {0}")]
    BadRequest(String),
    /// 409 on polling.
    #[error("another process polls or a webhook is set: {0}")]
    Conflict(String),
    /// 401 or 404: the token is wrong. Nothing may be sent until it is mended.
    #[error("Telegram does not know this bot token: {0}")]
    Auth(String),
    /// 5xx or no whole answer after bytes had left: nobody knows.
    #[error("no certain answer: {0}")]
    Doubt(String),
    /// No byte of the request left: safe to repeat.
    #[error("Telegram cannot be reached: {0}")]
    Unreached(String),
}

/// The calls to Telegram that Magpie needs.
#[async_trait]
pub trait Messenger: Send + Sync {
    /// Sends a message (with photo or album if it has one) or edits one. One request: fall-backs are the caller's
    /// decision.
    async fn send(&self, target: Target, message: &Outgoing) -> Result<Accepted, SendError>;

    /// Sends a photo from memory with the message's text as caption.
    async fn send_photo_bytes(
        &self,
        target: Target,
        message: &Outgoing,
        file_name: &str,
        bytes: Vec<u8>,
    ) -> Result<Accepted, SendError>;

    /// Opens a topic in a group that has topics (api "createForumTopic"; the name has 1–128 characters); answers its
    /// thread.
    async fn create_topic(&self, chat: ChatId, name: &str) -> Result<i64, SendError>;

    /// Closes a topic, or opens it again (api "closeForumTopic", "reopenForumTopic").
    async fn set_topic_open(&self, chat: ChatId, thread: i64, open: bool) -> Result<(), SendError>;

    /// Ends the spinner of a pressed button, with a short note (0–200 characters) or an alert.
    async fn answer_callback(
        &self,
        id: &str,
        text: Option<&str>,
        alert: bool,
    ) -> Result<(), SendError>;

    /// Answers somebody who is about to pay (api "answerPreCheckoutQuery"): go on, or why not.
    async fn answer_checkout(&self, id: &str, refusal: Option<&str>) -> Result<(), SendError>;

    /// The bytes of a file that somebody sent to the bot, at most `most` of them; a larger one is
    /// [`SendError::BadRequest`].
    async fn fetch_file(&self, id: &str, most: usize) -> Result<Vec<u8>, SendError>;

    /// Who we are.
    async fn get_me(&self) -> Result<BotIdentity, SendError>;

    /// Long poll; answers the updates as raw JSON objects, so that one unknown kind spoils nothing.
    async fn get_updates(
        &self,
        offset: Option<i64>,
        timeout_s: u32,
        allowed_updates: &[String],
    ) -> Result<Vec<serde_json::Value>, SendError>;

    /// Sets the webhook.
    async fn set_webhook(&self, setting: &WebhookSetting) -> Result<(), SendError>;

    /// Removes the webhook; waiting updates stay.
    async fn delete_webhook(&self) -> Result<(), SendError>;

    /// What Telegram thinks of our webhook.
    async fn webhook_info(&self) -> Result<WebhookInfo, SendError>;

    /// Names the commands (without `/`) with descriptions to whom `scope` says, for one language (`None`: all others).
    async fn set_commands(
        &self,
        commands: &[(String, String)],
        scope: CommandScope,
        language: Option<&str>,
    ) -> Result<(), SendError>;

    /// Opens the Mini App at `app` (https) by the button beside the message field of private chats, with these words on
    /// it (api "setChatMenuButton"); `None`: the button shows the commands.
    async fn set_menu_button(&self, text: &str, app: Option<&str>) -> Result<(), SendError>;
}
