//! An update's journey: webhook or polling, event, decision, one transaction, replies.
//!
//! 1. [`http`] or [`polling`] brings the bytes; [`webhook`] knows what a true call carries.
//! 2. [`event`] reads them into a closed set of events, or calls them poison.
//! 3. [`handle`] holds the chat, loads what is known, lets [`decide`] decide and commits all of it at once.
//! 4. [`decide`] is pure: [`dialogues`] hold the conversations, [`state`] what is remembered between two
//!    updates, and [`callback`] what buttons carry.
//!    [`quota`] says how much of it a person may ask in a time.
//! 5. [`files`] gets a file of watches before anything is decided about it.
//! 6. Telegram's call has its 200 after the commit, never before; a process that dies earlier is told again.
//!    [`lanes`] sends the replies, in order per chat.
//!
//! [`run()`] ties it together for the process entry.

pub mod back_off;
pub mod callback;
pub mod checkout;
pub mod commands;
pub mod counters;
pub mod decide;
pub mod dialogues;
pub mod event;
pub mod files;
pub mod handle;
pub mod http;
pub mod lanes;
pub mod late_tickets;
pub mod locks;
pub mod menu;
pub mod menu_button;
mod poller_lock;
pub mod polling;
pub mod quota;
pub mod rules;
mod run;
pub mod setting;
pub mod state;
pub mod webhook;

pub use decide::decide;
pub use run::{Wiring, run, run_on};

#[cfg(test)]
mod texts_tests;
