//! Somebody is about to pay.
//!
//! ```text
//! Telegram asks whether the payment may go on (it waits 10 s, we answer within 3 s)
//! no order is known by that name, or it is somebody else's ──► no, with a word why; no money moves
//! ```
//!
//! An invoice that was forwarded, or that an older installation made, can be pressed at any time, so the question is
//! always answered; without an answer the person would wait and then read that something failed.

use crate::domain::Language;
use crate::texts;

/// Why a payment cannot go on that belongs to no order of ours.
pub fn unknown_order(language: Language) -> String {
    texts::plain(language, "limits-checkout-unknown")
}
