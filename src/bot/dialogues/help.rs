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

use std::sync::LazyLock;

use super::Scene;
use crate::bot::commands;
use crate::bot::decide::Decision;
use crate::domain::{ChatId, Language, Outgoing};
use crate::telegram::CommandScope;
use crate::texts::{self, Value};

/// Who asks for help.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Asker {
    Person,
    Group,
    Operator,
}

/// What help says to whom in which language: put together once.
static PAGES: LazyLock<Vec<(Asker, Language, String)>> = LazyLock::new(|| {
    let askers = [Asker::Person, Asker::Group, Asker::Operator];
    let of = |asker| Language::ALL.map(|language| (asker, language, page(asker, language)));
    askers.into_iter().flat_map(of).collect()
});

/// Says what the bot can do.
pub fn help(scene: &Scene<'_>) -> Decision {
    let asker = match (scene.is_group(), scene.is_operator()) {
        (true, _) => Asker::Group,
        (false, true) => Asker::Operator,
        (false, false) => Asker::Person,
    };
    let found = PAGES.iter().find(|(of, language, _)| *of == asker && *language == scene.language);
    scene.answer(found.map(|(_, _, text)| Outgoing::text(text.clone())))
}

/// The same list that the apps show, so that neither can be forgotten. In a group nothing is kept for support, so
/// nothing is said about it.
fn page(asker: Asker, language: Language) -> String {
    let scope = match asker {
        Asker::Person => CommandScope::Default,
        Asker::Group => CommandScope::Groups,
        Asker::Operator => CommandScope::Chat(ChatId(0)),
    };
    let mut text = texts::plain(language, "bot-help");
    text.push('\n');
    for (name, does) in commands::list(scope, language) {
        text.push_str(&format!("\n/{name} — {does}"));
    }
    if asker != Asker::Group {
        text.push_str("\n\n");
        text.push_str(&texts::plain(language, "bot-help-support"));
    }
    text
}

/// Says that a command is unknown.
pub fn unknown(scene: &Scene<'_>, name: &str) -> Decision {
    let text = scene.say("bot-unknown-command", &[("name", Value::Text(name))]);
    scene.answer([Outgoing::text(text)])
}
