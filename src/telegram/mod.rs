//! Telegram: the port [`Messenger`] and the error classes that callers branch on.

pub mod messenger;

pub use messenger::{BotIdentity, Messenger, SendError, Target, WebhookInfo, WebhookSetting};
