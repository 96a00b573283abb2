//! The Bot API over HTTP, behind the port [`Messenger`].
//!
//! The one question that decides between a safe repeat and a doubt is whether a byte of the request left:
//!
//! ```text
//! no address, no connection, no TLS, timeout before the body was asked for ──► Unreached (repeat freely)
//! body handed to the connection, then no whole readable answer            ──► Doubt
//! a whole answer                                                          ──► result, or a class by `errors`
//! ```
//!
//! The token stands in every address that Telegram wants, so addresses never reach an error or a log here:
//! reqwest's errors lose theirs, and every text from outside is searched for the token.
//! HTTP/1.1 only: there a request body is asked for before the first byte is flushed, and one lost
//! connection leaves one call in doubt, not all of them.

mod files;

use std::collections::HashMap;
use std::fmt;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use async_trait::async_trait;
use axum::body::Bytes;
use http_body::{Body, Frame, SizeHint};
use reqwest::header::{CONTENT_TYPE, RETRY_AFTER};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use url::Url;

use super::calls::{self, Call};
use super::envelope;
use super::errors::classify;
use super::messenger::{
    Accepted, BotIdentity, CommandScope, Messenger, SendError, Target, WebhookInfo, WebhookSetting,
};
use super::setup;
use super::topics;
use crate::config;
use crate::domain::{ChatId, Outgoing, PostForm};

/// Largest answer that is read. `getUpdates` is cut by the server at about 4 MiB.
const ANSWER_CAP: usize = 8 << 20;

/// Idle connections are closed before Telegram's side does, and a changed address is noticed within a minute.
const IDLE: Duration = Duration::from_secs(50);

/// How much longer than the server's promise a long poll is waited for.
const POLL_SLACK: Duration = Duration::from_secs(15);

/// Why there is no client.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// There is no token.
    #[error("no bot token: set TELEGRAM_BOT_TOKEN to the token that @BotFather gave")]
    NoToken,
    /// The token cannot be one.
    #[error(
        "the bot token has the wrong shape (expected digits, a colon, then letters, digits, - or _): \
         copy it again from @BotFather"
    )]
    BadToken,
    /// The base address cannot be used.
    #[error("the Bot API address {0:?} is not an http or https address: set TELEGRAM_API_URL")]
    BadAddress(String),
    /// The HTTP client cannot be made.
    #[error("the HTTP client for Telegram cannot be made: {0}")]
    Http(String),
}

/// The client of one bot. Cheap to share behind an `Arc`.
pub struct TelegramClient {
    http: reqwest::Client,
    /// Base address without a slash at the end, then `/bot<token>/`: never shown.
    prefix: SecretString,
    /// Addresses of methods, with the token in them: never shown.
    addresses: Mutex<HashMap<&'static str, Url>>,
    /// The base address, then `/file/bot<token>/`: never shown.
    files: SecretString,
    token: SecretString,
    host: String,
    connect_timeout: Duration,
    timeout: Duration,
}

impl fmt::Debug for TelegramClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TelegramClient").field("host", &self.host).finish_non_exhaustive()
    }
}

impl TelegramClient {
    /// The client of the configured bot. Opens no connection.
    pub fn new(config: &config::Telegram) -> Result<Self, ClientError> {
        let token = config.token.clone().ok_or(ClientError::NoToken)?;
        if !is_token(token.expose_secret()) {
            return Err(ClientError::BadToken);
        }
        let base = base_address(&config.api_url)?;
        let prefix =
            format!("{}/bot{}/", base.as_str().trim_end_matches('/'), token.expose_secret());
        let files =
            format!("{}/file/bot{}/", base.as_str().trim_end_matches('/'), token.expose_secret());
        // The process entry installs the same provider first; a second installation is refused harmlessly.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder()
            .no_proxy()
            .http1_only()
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .connect_timeout(config.connect_timeout)
            .pool_idle_timeout(IDLE)
            .build()
            .map_err(|error| ClientError::Http(error_chain(&error.without_url())))?;
        Ok(Self {
            http,
            prefix: prefix.into(),
            addresses: Mutex::default(),
            files: files.into(),
            token,
            host: base.host_str().unwrap_or_default().to_owned(),
            connect_timeout: config.connect_timeout,
            timeout: config.timeout,
        })
    }

    /// One call; answers its `result`.
    async fn call(&self, call: Call, timeout: Duration) -> Result<Value, SendError> {
        self.call_and(call, timeout, envelope::read_result).await
    }

    /// A call that makes or changes messages; answers what names them.
    async fn call_for_message(&self, call: Call) -> Result<Value, SendError> {
        self.call_and(call, self.timeout, envelope::read_message).await
    }

    async fn call_and(
        &self,
        call: Call,
        timeout: Duration,
        read: fn(&[u8]) -> Option<Value>,
    ) -> Result<Value, SendError> {
        let left = Arc::new(AtomicBool::new(false));
        let body = Watched { bytes: Some(Bytes::from(call.body)), asked: Arc::clone(&left) };
        let request = self
            .http
            .post(self.address(call.method)?)
            .header(CONTENT_TYPE, call.content_type)
            .timeout(timeout)
            .body(reqwest::Body::wrap(body))
            .send();
        match request.await {
            Ok(response) => self.read(call.method, response, read).await,
            Err(error) => Err(self.unanswered(call.method, error, left.load(Ordering::SeqCst))),
        }
    }

    /// Where a method is called. Each address is read once: that costs more than to copy it.
    fn address(&self, method: &'static str) -> Result<Url, SendError> {
        let mut known = self.addresses.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(address) = known.get(method) {
            return Ok(address.clone());
        }
        let address = Url::parse(&format!("{}{method}", self.prefix.expose_secret()))
            .map_err(|_| SendError::BadRequest(format!("{method} has no address")))?;
        known.insert(method, address.clone());
        Ok(address)
    }

    /// The answer to a call: status first, body second.
    async fn read(
        &self,
        method: &str,
        mut response: reqwest::Response,
        read: fn(&[u8]) -> Option<Value>,
    ) -> Result<Value, SendError> {
        let status = response.status().as_u16();
        let retry_after = response
            .headers()
            .get(RETRY_AFTER)
            .and_then(|value| value.to_str().ok()?.trim().parse().ok());
        let mut body = Vec::new();
        loop {
            match response.chunk().await {
                Ok(Some(chunk)) if body.len() + chunk.len() <= ANSWER_CAP => {
                    body.extend_from_slice(&chunk);
                }
                Ok(None) => break,
                // A cut or endless body is no answer; what the status alone says still counts.
                Ok(Some(_)) | Err(_) => {
                    body.clear();
                    break;
                }
            }
        }
        if status == 200
            && let Some(result) = read(&body)
        {
            return Ok(result);
        }
        Err(classify(method, status, retry_after, &self.without_token(body)))
    }

    /// A call without an answer.
    fn unanswered(&self, method: &str, error: reqwest::Error, left: bool) -> SendError {
        let unreached = !left || error.is_connect() || error.is_builder();
        let text = self.without_token(error_chain(&error.without_url()).into_bytes());
        let text = format!("{method}: {}", envelope::one_line(&String::from_utf8_lossy(&text)));
        if unreached { SendError::Unreached(text) } else { SendError::Doubt(text) }
    }

    /// Outside text in which nobody will find the token, should a server repeat our address.
    fn without_token(&self, text: Vec<u8>) -> Vec<u8> {
        let token = self.token.expose_secret();
        match std::str::from_utf8(&text) {
            Ok(words) if words.contains(token) => words.replace(token, "<token>").into_bytes(),
            Ok(_) => text,
            Err(_) => String::from_utf8_lossy(&text).replace(token, "<token>").into_bytes(),
        }
    }
}

#[async_trait]
impl Messenger for TelegramClient {
    async fn send(&self, target: Target, message: &Outgoing) -> Result<Accepted, SendError> {
        let result = self.call_for_message(calls::message(target, message)?).await?;
        let is_caption = message.edit_caption || message.photo.is_some();
        let form = if is_caption { PostForm::Caption } else { PostForm::Text };
        envelope::accepted_message(&result, message.edit, form)
    }

    async fn send_photo_bytes(
        &self,
        target: Target,
        message: &Outgoing,
        file_name: &str,
        bytes: Vec<u8>,
    ) -> Result<Accepted, SendError> {
        // 128 random bits do not occur in the parts.
        let boundary = format!("{:032x}", rand::random::<u128>());
        let call = calls::photo_upload(target, message, file_name, &bytes, &boundary)?;
        drop(bytes);
        let result = self.call_for_message(call).await?;
        envelope::accepted_message(&result, None, PostForm::Caption)
    }

    async fn create_topic(&self, chat: ChatId, name: &str) -> Result<i64, SendError> {
        let call = topics::create(chat, name)?;
        topics::number(&self.call(call, self.timeout).await?, "message_thread_id")
    }

    async fn set_topic_open(&self, chat: ChatId, thread: i64, open: bool) -> Result<(), SendError> {
        envelope::accepted(&self.call(topics::set_open(chat, thread, open)?, self.timeout).await?)
    }

    async fn answer_callback(
        &self,
        id: &str,
        text: Option<&str>,
        alert: bool,
    ) -> Result<(), SendError> {
        let result = self.call(calls::answer_callback(id, text, alert)?, self.timeout).await?;
        envelope::accepted(&result)
    }

    async fn answer_checkout(&self, id: &str, refusal: Option<&str>) -> Result<(), SendError> {
        envelope::accepted(&self.call(calls::answer_checkout(id, refusal)?, self.timeout).await?)
    }

    async fn fetch_file(&self, id: &str, most: usize) -> Result<Vec<u8>, SendError> {
        self.fetch(id, most).await
    }

    async fn get_me(&self) -> Result<BotIdentity, SendError> {
        envelope::bot_identity(&self.call(calls::bare("getMe"), self.timeout).await?)
    }

    async fn get_updates(
        &self,
        offset: Option<i64>,
        timeout_s: u32,
        allowed_updates: &[String],
    ) -> Result<Vec<Value>, SendError> {
        let patience =
            Duration::from_secs(u64::from(timeout_s)) + self.connect_timeout + POLL_SLACK;
        let call = setup::get_updates(offset, timeout_s, allowed_updates)?;
        envelope::updates(self.call(call, patience).await?)
    }

    async fn set_webhook(&self, setting: &WebhookSetting) -> Result<(), SendError> {
        envelope::accepted(&self.call(setup::set_webhook(setting)?, self.timeout).await?)
    }

    async fn delete_webhook(&self) -> Result<(), SendError> {
        envelope::accepted(&self.call(calls::bare("deleteWebhook"), self.timeout).await?)
    }

    async fn webhook_info(&self) -> Result<WebhookInfo, SendError> {
        envelope::webhook_info(&self.call(calls::bare("getWebhookInfo"), self.timeout).await?)
    }

    async fn set_commands(
        &self,
        commands: &[(String, String)],
        scope: CommandScope,
        language: Option<&str>,
    ) -> Result<(), SendError> {
        let call = setup::set_commands(commands, scope, language)?;
        envelope::accepted(&self.call(call, self.timeout).await?)
    }

    async fn set_menu_button(&self, text: &str, app: Option<&str>) -> Result<(), SendError> {
        envelope::accepted(&self.call(topics::menu_button(text, app)?, self.timeout).await?)
    }
}

/// A request body that remembers whether the connection asked for it: before that, no byte has left.
struct Watched {
    bytes: Option<Bytes>,
    asked: Arc<AtomicBool>,
}

impl Body for Watched {
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        self.asked.store(true, Ordering::SeqCst);
        Poll::Ready(self.bytes.take().map(|bytes| Ok(Frame::data(bytes))))
    }

    fn is_end_stream(&self) -> bool {
        self.bytes.is_none()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.bytes.as_ref().map_or(0, |bytes| bytes.len() as u64))
    }
}

/// Digits, a colon, then letters that are safe in a path (DOC "Authorizing your bot").
fn is_token(text: &str) -> bool {
    let Some((id, secret)) = text.split_once(':') else { return false };
    let digits = !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_digit());
    let safe = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    digits && !secret.is_empty() && secret.bytes().all(safe) && text.len() <= 80
}

fn base_address(text: &str) -> Result<Url, ClientError> {
    Url::parse(text)
        .ok()
        .filter(|url| matches!(url.scheme(), "http" | "https") && url.host().is_some())
        .filter(|url| url.query().is_none() && url.fragment().is_none())
        .ok_or_else(|| ClientError::BadAddress(envelope::one_line(text)))
}

/// An error with its causes in one line.
pub(super) fn error_chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let next = error.to_string();
        // Wrappers often repeat their cause.
        if !text.contains(&next) {
            text.push_str(": ");
            text.push_str(&next);
        }
        cause = error.source();
    }
    text
}

#[cfg(test)]
mod tests;
