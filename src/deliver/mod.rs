//! From the outbox to a chat.
//!
//! [`sender`] claims deliveries and settles how they ended; [`depart`] waits for their slots; [`send_one`] is one
//! attempt with its fall-backs; [`render`] makes a message of a change, once for all its readers; `chart` draws prices;
//! [`desk`] holds what attempts share; [`outcome`] says what an error means for a delivery; [`brake`] decides when
//! nothing may be sent at all; [`recovery`] takes back what a dead process held; [`campaign`] feeds broadcasts into the
//! outbox, [`progress`] shows how far they are; [`digest`] writes collections of alerts whose slot has come; `staff`
//! finds the place of what support is shown.

mod bounded;
pub mod brake;
pub mod campaign;
mod chart;
mod dead_letters;
pub mod depart;
pub mod desk;
pub mod digest;
pub mod outcome;
pub mod progress;
pub mod recovery;
pub mod render;
mod report;
mod said;
mod send_one;
pub mod sender;
pub mod settle;
mod staff;
#[cfg(test)]
pub(crate) mod testing;
pub mod wake;

pub use desk::Desk;
pub use send_one::{Attempt, attempt, send_one};
pub use sender::{SenderOptions, Step, send_and_settle};
pub use settle::Settler;
pub use wake::Wake;
