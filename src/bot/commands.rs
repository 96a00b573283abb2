//! The command menus of the apps: for people, for groups, and for the operators' own chats, in every language.

use super::back_off::BackOff;
use crate::domain::{ChatId, Language};
use crate::shutdown::{Shutdown, Stage};
use crate::telegram::{CommandScope, Messenger, SendError};
use crate::texts;

/// A command and the key of what it does.
type Named = (&'static str, &'static str);

/// What a person is offered, the most used first.
const PERSON: &[Named] = &[
    ("new", "command-new"),
    ("watches", "command-watches"),
    ("saved", "command-saved"),
    ("history", "command-history"),
    ("settings", "command-settings"),
    ("subscribe", "command-subscribe"),
    ("balance", "command-balance"),
    ("invite", "command-invite"),
    ("promo", "command-promo"),
    ("support", "command-support"),
    ("export", "command-export"),
    ("language", "command-language"),
    ("terms", "command-terms"),
    ("paysupport", "command-paysupport"),
    ("cancel", "command-cancel"),
    ("help", "command-help"),
];

/// What a group is offered.
const GROUP: &[Named] = &[
    ("watches", "command-watches"),
    ("settings", "command-settings"),
    ("history", "command-history"),
    ("help", "command-help"),
];

/// What an operator is offered beyond that.
const OPERATOR: &[Named] = &[
    ("admin", "command-admin"),
    ("stats", "command-stats"),
    ("broadcast", "command-broadcast"),
    ("sites", "command-sites"),
    ("orders", "command-orders"),
    ("debug", "command-debug"),
];

/// The commands that `scope` is offered, with what they do, in `language`.
pub fn list(scope: CommandScope, language: Language) -> Vec<(String, String)> {
    let named: Vec<Named> = match scope {
        CommandScope::Default => PERSON.to_vec(),
        CommandScope::Groups => GROUP.to_vec(),
        CommandScope::Chat(_) => [OPERATOR, PERSON].concat(),
    };
    let described = |(name, key): Named| (name.to_owned(), texts::plain(language, key));
    named.into_iter().map(described).collect()
}

/// Names the commands to Telegram until it has taken them or the shutdown is quiet.
pub async fn publish(messenger: &dyn Messenger, operators: &[i64], shutdown: &Shutdown) {
    let mut scopes = vec![CommandScope::Default, CommandScope::Groups];
    // The private chat of a person has the person's id.
    scopes.extend(operators.iter().map(|id| CommandScope::Chat(ChatId(*id))));
    for scope in scopes {
        publish_to(messenger, scope, shutdown).await;
    }
}

async fn publish_to(messenger: &dyn Messenger, scope: CommandScope, shutdown: &Shutdown) {
    let mut back_off = BackOff::default();
    while shutdown.is_running() {
        let Err(error) = publish_once(messenger, scope).await else { return };
        // An operator who never wrote to the bot has no chat with it yet.
        if matches!(error, SendError::BadRequest(_) | SendError::ChatGone(_)) {
            tracing::warn!(%error, ?scope, "a command menu is refused; the bot works without it");
            return;
        }
        let pause = back_off.after(&error);
        tracing::warn!(%error, ?pause, "the command menu could not be set");
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            () = shutdown.reached(Stage::Quiet) => {}
        }
    }
}

async fn publish_once(messenger: &dyn Messenger, scope: CommandScope) -> Result<(), SendError> {
    messenger.set_commands(&list(scope, Language::default()), scope, None).await?;
    for language in Language::ALL {
        messenger.set_commands(&list(scope, language), scope, Some(language.code())).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_descriptions_are_as_telegram_takes_them() {
        let scopes = [CommandScope::Default, CommandScope::Groups, CommandScope::Chat(ChatId(1))];
        for (scope, language) in scopes.into_iter().flat_map(|s| Language::ALL.map(|l| (s, l))) {
            let list = list(scope, language);
            assert!(list.len() <= 100);
            for (name, description) in list {
                let legal = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_';
                assert!((1..=32).contains(&name.len()) && name.bytes().all(legal), "{name}");
                assert!((1..=256).contains(&description.chars().count()), "{description}");
                assert!(!description.contains("Unknown localization"), "{name}");
            }
        }
    }
}
