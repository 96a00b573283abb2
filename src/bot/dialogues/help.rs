//! What the bot can do, and commands it does not know.
//!
//! ```text
//! anna> /help
//! bot> I watch listing sites and tell you what is new, cheaper, back or gone.
//!
//!      /new — Make a new search
//!      /watches — What you watch
//!      …
//! anna> /abracadabra
//! bot> I do not know /abracadabra. /help says what I can do.
//! ```
//!
//! In a group an unknown command is answered only if it names us: it may be meant for another bot.

use super::Scene;
use crate::bot::commands;
use crate::bot::decide::Decision;
use crate::domain::Outgoing;
use crate::telegram::CommandScope;
use crate::texts::Value;

/// Says what the bot can do: the same list that the apps show, so that neither can be forgotten. In a group nothing is kept for support, so nothing is said about it.
pub fn help(scene: &Scene<'_>) -> Decision {
    let scope = match (scene.is_group(), scene.is_operator()) {
        (true, _) => CommandScope::Groups,
        (false, true) => CommandScope::Chat(scene.place.chat),
        (false, false) => CommandScope::Default,
    };
    let mut message = Outgoing::text(scene.plain("bot-help"));
    message.text.push('\n');
    for (name, does) in commands::list(scope, scene.language) {
        message.text.push_str(&format!("\n/{name} — {does}"));
    }
    if !scene.is_group() {
        message.text.push_str("\n\n");
        message.text.push_str(&scene.plain("bot-help-support"));
    }
    scene.answer([message])
}

/// Says that a command is unknown.
pub fn unknown(scene: &Scene<'_>, name: &str) -> Decision {
    let text = scene.say("bot-unknown-command", &[("name", Value::Text(name))]);
    scene.answer([Outgoing::text(text)])
}
