//! The button beside the message field of private chats: it opens the Mini App where there is one.

use super::back_off::BackOff;
use crate::domain::Language;
use crate::shutdown::{Shutdown, Stage};
use crate::telegram::{Messenger, SendError};
use crate::texts;

/// Tells Telegram of the button until it has taken it or the shutdown is quiet. It has one text for all languages,
/// so it is the name of the app.
pub async fn publish(messenger: &dyn Messenger, app: Option<&str>, shutdown: &Shutdown) {
    let title = texts::plain(Language::default(), "app-ui-title");
    let mut back_off = BackOff::default();
    while shutdown.is_running() {
        let Err(error) = messenger.set_menu_button(&title, app).await else { return };
        if matches!(error, SendError::BadRequest(_)) {
            tracing::error!(%error, "the menu button is refused; the bot works without it");
            return;
        }
        let pause = back_off.after(&error);
        tracing::warn!(%error, ?pause, "the menu button could not be set");
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            () = shutdown.reached(Stage::Quiet) => {}
        }
    }
}
