//! Telegram: the port [`Messenger`], the client behind it, and the error classes that callers branch on.
//!
//! A call's life: [`calls`] turns our words into a method and a body → [`client`] sends it and remembers
//! whether a byte left → [`envelope`] reads the answer → [`errors`] says what a refusal means.
//! [`photos`] loads the pictures that Telegram cannot load itself; it is here because only this module
//! and the page fetcher know HTTP clients.

pub mod calls;
pub mod client;
mod document;
pub mod envelope;
pub mod errors;
pub mod messenger;
pub mod photos;
mod setup;
mod topics;

pub use client::{ClientError, TelegramClient};
pub use messenger::{
    Accepted, BotIdentity, CommandScope, Messenger, SendError, Target, WebhookInfo, WebhookSetting,
};
pub use photos::{HttpPhotos, NoPhotos, Photo, PhotoKind, PhotoSource};
