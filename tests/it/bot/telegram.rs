//! A Telegram that remembers what it is asked and says what the test wants.

use std::sync::Mutex;

use async_trait::async_trait;
use magpie::domain::{ChatId, Outgoing};
use magpie::telegram::{
    Accepted, BotIdentity, Messenger, SendError, Target, WebhookInfo, WebhookSetting,
};
use serde_json::Value;
use tokio::sync::watch;

/// What was asked, in order.
#[derive(Debug, Clone, PartialEq)]
#[expect(clippy::large_enum_variant, reason = "a few of them in a test")]
pub enum Asked {
    Send(Target, Outgoing),
    Answer(String, Option<String>),
    Checkout(String, Option<String>),
    SetWebhook(WebhookSetting),
    DeleteWebhook,
    Updates(Option<i64>),
    Commands(Option<String>),
    MenuButton(Option<String>),
    File(String),
    Topic(ChatId, String),
    TopicOpen(ChatId, i64, bool),
}

#[derive(Default)]
struct Inner {
    updates: Vec<Value>,
    webhook: WebhookInfo,
    refusals: Vec<SendError>,
    me_refusals: usize,
    files: std::collections::HashMap<String, Vec<u8>>,
}

/// See the module.
pub struct FakeTelegram {
    inner: Mutex<Inner>,
    asked: watch::Sender<Vec<Asked>>,
    arrived: watch::Sender<usize>,
}

impl Default for FakeTelegram {
    fn default() -> Self {
        let (asked, arrived) = (watch::Sender::new(vec![]), watch::Sender::new(0));
        Self { inner: Mutex::default(), asked, arrived }
    }
}

impl FakeTelegram {
    fn inner(&self) -> std::sync::MutexGuard<'_, Inner> {
        self.inner.lock().expect("no test panics while it holds this")
    }

    fn ask(&self, asked: Asked) {
        self.asked.send_modify(|all| all.push(asked));
    }

    /// All that was asked until now.
    pub fn asked(&self) -> Vec<Asked> {
        self.asked.borrow().clone()
    }

    /// Waits until what was asked satisfies `enough`.
    pub async fn until(&self, enough: impl Fn(&[Asked]) -> bool) -> Vec<Asked> {
        let mut asked = self.asked.subscribe();
        let waiting = asked.wait_for(|all| enough(all));
        let limit = std::time::Duration::from_secs(20);
        let all = tokio::time::timeout(limit, waiting).await.unwrap_or_else(|_| {
            panic!("it was not asked in 20 s; only {:?}", self.asked.borrow());
        });
        all.expect("the sender lives").clone()
    }

    /// Texts sent to anybody.
    pub fn texts(&self) -> Vec<String> {
        let text = |asked: Asked| match asked {
            Asked::Send(_, message) => Some(message.text),
            _ => None,
        };
        self.asked().into_iter().filter_map(text).collect()
    }

    /// An update waits for the next poll.
    pub fn arrive(&self, update: Value) {
        self.inner().updates.push(update);
        self.arrived.send_modify(|count| *count += 1);
    }

    pub fn set_info(&self, info: WebhookInfo) {
        self.inner().webhook = info;
    }

    /// The next polls are refused so.
    pub fn refuse_polls(&self, refusals: Vec<SendError>) {
        self.inner().refusals = refusals;
    }

    /// Somebody sent this file.
    pub fn hold_file(&self, id: &str, bytes: &[u8]) {
        self.inner().files.insert(id.to_owned(), bytes.to_vec());
    }

    /// Does what the answer to a webhook call asks for (api "Making requests when getting updates").
    pub async fn carry_out(&self, call: &Value) {
        assert_eq!(call["method"], "answerCallbackQuery", "only throw-away calls go this way");
        let id = call["callback_query_id"].as_str().expect("an id");
        let alert = call["show_alert"].as_bool().unwrap_or(false);
        self.answer_callback(id, call["text"].as_str(), alert).await.expect("answered");
    }

    /// The next `getMe` calls are refused.
    pub fn refuse_me(&self, times: usize) {
        self.inner().me_refusals = times;
    }
}

#[async_trait]
impl Messenger for FakeTelegram {
    async fn send(&self, target: Target, message: &Outgoing) -> Result<Accepted, SendError> {
        self.ask(Asked::Send(target, message.clone()));
        let count = i64::try_from(self.asked.borrow().len()).expect("few");
        Ok(Accepted::text(message.edit.unwrap_or(1_000 + count)))
    }

    async fn send_photo_bytes(
        &self,
        target: Target,
        message: &Outgoing,
        _file_name: &str,
        _bytes: Vec<u8>,
    ) -> Result<Accepted, SendError> {
        self.send(target, message).await
    }

    async fn create_topic(&self, chat: ChatId, name: &str) -> Result<i64, SendError> {
        self.ask(Asked::Topic(chat, name.to_owned()));
        Ok(100 + i64::try_from(self.asked.borrow().len()).expect("few"))
    }

    async fn set_topic_open(&self, chat: ChatId, thread: i64, open: bool) -> Result<(), SendError> {
        self.ask(Asked::TopicOpen(chat, thread, open));
        Ok(())
    }

    async fn answer_callback(
        &self,
        id: &str,
        text: Option<&str>,
        _alert: bool,
    ) -> Result<(), SendError> {
        self.ask(Asked::Answer(id.to_owned(), text.map(str::to_owned)));
        Ok(())
    }

    async fn answer_checkout(&self, id: &str, refusal: Option<&str>) -> Result<(), SendError> {
        self.ask(Asked::Checkout(id.to_owned(), refusal.map(str::to_owned)));
        Ok(())
    }

    async fn fetch_file(&self, id: &str, most: usize) -> Result<Vec<u8>, SendError> {
        self.ask(Asked::File(id.to_owned()));
        let file = self.inner().files.get(id).cloned();
        let bytes = file.ok_or_else(|| SendError::Unreached("nobody answers".to_owned()))?;
        Ok(bytes[..bytes.len().min(most)].to_vec())
    }

    async fn get_me(&self) -> Result<BotIdentity, SendError> {
        let mut inner = self.inner();
        if inner.me_refusals > 0 {
            inner.me_refusals -= 1;
            return Err(SendError::Unreached("the line is cut".to_owned()));
        }
        Ok(BotIdentity { id: 77, username: "magpie_bot".to_owned() })
    }

    async fn get_updates(
        &self,
        offset: Option<i64>,
        _timeout_s: u32,
        _allowed_updates: &[String],
    ) -> Result<Vec<Value>, SendError> {
        self.ask(Asked::Updates(offset));
        let mut arrived = self.arrived.subscribe();
        loop {
            {
                let mut inner = self.inner();
                if !inner.refusals.is_empty() {
                    return Err(inner.refusals.remove(0));
                }
                let confirmed = |update: &Value| update["update_id"].as_i64() < offset;
                inner.updates.retain(|update| !confirmed(update));
                if !inner.updates.is_empty() {
                    return Ok(inner.updates.clone());
                }
            }
            arrived.changed().await.expect("the sender lives");
        }
    }

    async fn set_webhook(&self, setting: &WebhookSetting) -> Result<(), SendError> {
        self.ask(Asked::SetWebhook(setting.clone()));
        self.inner().webhook = WebhookInfo {
            url: setting.url.clone(),
            allowed_updates: setting.allowed_updates.clone(),
            max_connections: Some(i64::from(setting.max_connections)),
            ..WebhookInfo::default()
        };
        Ok(())
    }

    async fn delete_webhook(&self) -> Result<(), SendError> {
        self.ask(Asked::DeleteWebhook);
        self.inner().webhook = WebhookInfo::default();
        Ok(())
    }

    async fn webhook_info(&self) -> Result<WebhookInfo, SendError> {
        Ok(self.inner().webhook.clone())
    }

    async fn set_commands(
        &self,
        _commands: &[(String, String)],
        _scope: magpie::telegram::CommandScope,
        language: Option<&str>,
    ) -> Result<(), SendError> {
        self.ask(Asked::Commands(language.map(str::to_owned)));
        Ok(())
    }

    async fn set_menu_button(&self, _text: &str, app: Option<&str>) -> Result<(), SendError> {
        self.ask(Asked::MenuButton(app.map(str::to_owned)));
        Ok(())
    }
}
