//! The buttons under an alert: the same for everybody who gets it. Pure.
//!
//! ```text
//! [ Open ]
//! [ ⭐ Save ] [ 📈 History ]
//! [ 🔕 Mute ] [ ❓ Why ]
//! [ 🙈 Hide this seller ]
//! ```
//!
//! They name the change and no person (the bot's callback codec, owner 0): an event's id is a digest of 32
//! characters, so they fit into 64 bytes however long the site's own id is. What they do is decided by who presses.

use super::body::open_button;
use super::fields::Facts;
use crate::domain::message::Action;
use crate::domain::{Button, EventId, Language};
use crate::texts::plain;

/// Rows of buttons for the change named `event`.
pub(super) fn rows(event: &EventId, facts: &Facts<'_>, language: Language) -> Vec<Vec<Button>> {
    let button = |letter: char, key: &str| Button {
        text: plain(language, key),
        action: Action::Callback(format!("1:{letter}:{event}:0")),
    };
    let mut rows: Vec<Vec<Button>> = Vec::new();
    rows.extend(open_button(facts, language).map(|open| vec![open]));
    rows.push(vec![button('v', "deliver-button-save"), button('h', "deliver-button-history")]);
    rows.push(vec![button('x', "deliver-button-mute"), button('y', "deliver-button-why")]);
    if facts.listing().seller.as_deref().is_some_and(|seller| !seller.trim().is_empty()) {
        rows.push(vec![button('d', "deliver-button-hide")]);
    }
    rows
}
