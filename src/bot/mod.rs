//! An update's journey: webhook or polling, event, decision, one transaction, replies.

pub mod callback;
pub mod compose;
pub mod decide;
pub mod dialogues;
pub mod event;
pub mod state;
