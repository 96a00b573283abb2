//! The greeting.
//!
//! ```text
//! anna> /start
//! bot> Hello! I watch listing sites and tell you what is new, cheaper, back or gone.
//!      (and the keys of the menu below the chat)
//! bot> Choose a search, and I will tell you about its listings:
//!      [Demo flats]
//!      [Demo bikes]
//!      [➕ New search]
//! ```
//!
//! A group gets one message without keys. Somebody we know is welcomed back. A deep link to a search (`/start s_<id>`) shows that one first.

use super::{Scene, searches};
use crate::bot::callback::Callback;
use crate::bot::callback::wizard::WizardButton;
use crate::bot::decide::Decision;
use crate::bot::event::Payload;
use crate::bot::menu;
use crate::domain::Outgoing;
use crate::texts::Value;

/// Greets and offers the searches.
pub fn greet(scene: &Scene<'_>, payload: &Payload) -> Decision {
    if let Payload::Search(id) = payload
        && let Some(source) = scene.view.offered.iter().find(|source| source.id == *id)
    {
        let title = super::name(&source.spec.title);
        let text = scene.say("bot-start-invited", &[("title", Value::Text(&title))]);
        let mut message = Outgoing::text(text);
        let label = searches::label_of(scene, source);
        let all = scene.plain("bot-button-searches");
        message.buttons.push(scene.row(&[(label, Callback::Watch(source.id.clone()))]));
        message.buttons.push(scene.row(&[(all, Callback::Searches(0))]));
        return scene.answer([message]);
    }
    let hello = match scene.view.user {
        None => scene.plain("bot-start-hello"),
        Some(_) => scene.plain("bot-start-again"),
    };
    let mut menu = searches::menu(scene, 0);
    if scene.is_group() {
        menu.text = format!("{hello}\n\n{}", menu.text);
        return scene.answer([menu]);
    }
    let new = (scene.plain("bot-key-new"), Callback::New(WizardButton::Begin));
    menu.buttons.push(scene.row(&[new]));
    let keyboard = menu::keyboard(scene.language, scene.rules.app.as_deref());
    scene.answer([Outgoing { keyboard, ..Outgoing::text(hello) }, menu])
}
