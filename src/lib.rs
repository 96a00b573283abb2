//! Magpie watches listing sites and tells Telegram subscribers what is new, cheaper, back or gone.
//!
//! The map, in reading order:
//! - [`domain`]: the words and the decisions. Pure: no I/O, no clock.
//! - [`store`]: ports [`store::Db`] (the record of everything) and [`store::Seen`] (the fast filter).
//! - [`matching`]: the index of all watches in this process, kept up with the record.
//! - [`schedule`] → [`scrape`] → [`deliver`]: a listing's journey from a due source to a chat.
//! - [`telegram`]: port [`telegram::Messenger`], the client behind it, error classes.
//! - [`bot`]: an update's journey: webhook or polling, event, decision, one transaction, replies.
//! - [`api`]: what programs ask over HTTP, and the Mini App.
//! - [`texts`]: every sentence people read, in three languages.
//! - [`chart`]: prices over time as a picture. Pure.
//! - [`modules`], [`config`], [`clock`], [`shutdown`], [`observe`], [`context`]: what every process needs.
//! - [`roles`] and [`cli`]: what the two executables start.
//!
//! Direction: `bin → roles, cli → schedule, scrape, deliver, bot, api → domain → sites (types only)`.
//! `tests/it/tidy.rs` reads the `use` lines and holds these rules.

pub mod clock;
pub mod config;
pub mod context;
pub mod domain;
pub mod matching;
pub mod modules;
pub mod shutdown;
pub mod store;
pub mod telegram;
pub mod texts;

pub mod api;
pub mod bot;
pub mod chart;
pub mod cli;
pub mod deliver;
pub mod observe;
pub mod roles;
pub mod schedule;
pub mod scrape;
