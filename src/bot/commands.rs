//! The command menu of the apps, in every language.

use super::back_off::BackOff;
use crate::domain::Language;
use crate::shutdown::{Shutdown, Stage};
use crate::telegram::{Messenger, SendError};
use crate::texts;

/// The commands with what they do, in `language`.
pub fn list(language: Language) -> Vec<(String, String)> {
    let commands = [
        ("start", "bot-command-start"),
        ("watches", "bot-command-watches"),
        ("saved", "alert-command-saved"),
        ("export", "bot-command-export"),
        ("settings", "settings-command"),
        ("history", "history-command"),
        ("language", "bot-command-language"),
        ("help", "bot-command-help"),
    ];
    let described = |(name, key): (&str, &str)| (name.to_owned(), texts::plain(language, key));
    commands.map(described).to_vec()
}

/// Names the commands to Telegram until it has taken them or the shutdown is quiet.
pub async fn publish(messenger: &dyn Messenger, shutdown: &Shutdown) {
    let mut back_off = BackOff::default();
    while shutdown.is_running() {
        let Err(error) = publish_once(messenger).await else { return };
        if matches!(error, SendError::BadRequest(_)) {
            tracing::error!(%error, "the command menu is refused; the bot works without it");
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

async fn publish_once(messenger: &dyn Messenger) -> Result<(), SendError> {
    messenger.set_commands(&list(Language::default()), None).await?;
    for language in Language::ALL {
        messenger.set_commands(&list(language), Some(language.code())).await?;
    }
    Ok(())
}
