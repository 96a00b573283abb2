//! Choosing a language.
//!
//! ```text
//! anna> /language
//! bot> Which language shall I speak?
//!      [English] [Русский] [Українська]
//! anna presses [Українська]
//! note> Тепер я говорю українською
//! bot edits> Тепер я говорю українською. …
//!            [Усі пошуки] [Мої пошуки]
//! ```

use super::{Press, Scene};
use crate::bot::callback::Callback;
use crate::bot::decide::Decision;
use crate::domain::{Language, Outgoing};
use crate::store::Effect;
use crate::texts;

/// Asks for the language.
pub fn ask(scene: &Scene<'_>) -> Decision {
    scene.answer([menu(scene)])
}

/// The languages.
pub fn menu(scene: &Scene<'_>) -> Outgoing {
    let mut message = Outgoing::text(scene.plain("bot-language-ask"));
    let named = |language| (texts::plain(language, "language-name"), Callback::Speak(language));
    message.buttons.push(scene.row(&Language::ALL.map(named)));
    message
}

/// Speaks another language from now on, beginning with this answer.
pub fn speak(scene: &Scene<'_>, press: Press<'_>, language: Language) -> Decision {
    let scene = Scene { language, ..*scene };
    let mut message = Outgoing::text(scene.plain("bot-language-chosen"));
    let all = scene.plain("bot-button-searches");
    let mine = scene.plain("bot-button-watches");
    message.buttons.push(scene.row(&[(all, Callback::Searches(0)), (mine, Callback::Watches(0))]));
    let note = scene.plain("bot-language-now");
    let mut decision = scene.change(press, message, Some(note));
    decision.effects.push(Effect::SetLanguage { user: scene.user, language });
    decision
}
