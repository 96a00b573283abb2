//! What the bot can do, and commands it does not know.
//!
//! ```text
//! anna> /help
//! bot> I watch listing sites and tell you what is new, cheaper, back or gone.
//!
//!      /start — choose a search
//!      /watches — what you watch
//!      …
//! anna> /abracadabra
//! bot> I do not know /abracadabra. /help says what I can do.
//! ```
//!
//! In a group an unknown command is answered only if it names us: it may be meant for another bot.

use super::Scene;
use crate::bot::decide::Decision;
use crate::domain::Outgoing;
use crate::texts::Value;

/// Says what the bot can do.
pub fn help(scene: &Scene<'_>) -> Decision {
    scene.answer([Outgoing::text(scene.plain("bot-help"))])
}

/// Says that a command is unknown.
pub fn unknown(scene: &Scene<'_>, name: &str) -> Decision {
    let text = scene.say("bot-unknown-command", &[("name", Value::Text(name))]);
    scene.answer([Outgoing::text(text)])
}
