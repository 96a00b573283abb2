//! Support: what people write to us is in [`support`](super::support); here staff answers.
//!
//! ```text
//! in the topic “Anna”                       (or as the answer to a copy, where the group has no topics)
//! bot> #A7K2 · Anna …
//!      [Close] [Canned answers] [Who is this?]
//! bot> The flats of yesterday were shown twice.     (a copy)
//! olga> We are looking at it.
//!                                           (anna gets a copy, without a name)
//! olga> // nobody but us reads this
//! olga> /note she is right
//! bot> Noted for staff: she is right
//! olga> /close
//! bot> #A7K2 was closed by olga.            (anna is told, the topic is closed)
//! ```
//!
//! Whoever is in the group of support may act, also in its name: an anonymous administrator is a bot to Telegram, but
//! only an administrator can be one. Service messages, other bots and what is said outside of topics mean nothing.
//! Without a group, operators get copies in their private chats, with a button that asks for an answer.

mod canned;
mod staff;

use serde::{Deserialize, Serialize};

use super::{Press, Scene, support};
use crate::bot::callback::ticket::TicketButton;
use crate::bot::callback::{ANYBODY, Callback};
use crate::bot::decide::Decision;
use crate::bot::event::{Person, Update};
use crate::bot::state::State;
use crate::domain::message::Action;
use crate::domain::ticket::{Facts, Staff};
use crate::domain::{Button, ChatId, Language, Outgoing, Ticket, TicketId, UserId};
use crate::texts::ticket::{self, Whose};
use crate::texts::{self, Value};

/// What a person who writes to support, or an operator who answers, is doing.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Writing {
    /// The ticket that the next message answers; `None`: the person writes to support.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answers: Option<TicketId>,
}

/// Carries out a command of this part; `None` when it is none.
pub fn command(scene: &Scene<'_>, name: &str, _rest: &str) -> Option<Decision> {
    (name == "support" && !scene.is_group()).then(|| support::ask(scene))
}

/// Whether a button that names nobody may be pressed: those of staff may, by staff.
pub fn may_press(scene: &Scene<'_>, button: &TicketButton) -> bool {
    let is_group = scene.rules.support == Some(scene.place.chat);
    button.is_staffs() && (is_group || (scene.is_operator() && !scene.is_group()))
}

/// A button.
pub fn press(scene: &Scene<'_>, press: Press<'_>, button: &TicketButton) -> Decision {
    if !button.is_staffs() {
        return support::press(scene, press, button);
    }
    if !may_press(scene, button) {
        return super::not_yours(scene, press);
    }
    staff::press(scene, press, button)
}

/// What staff says, in its group or in the private chat of an operator; `None` when it is nothing for us.
pub fn staff(scene: &Scene<'_>, state: &State, update: &Update) -> Option<Decision> {
    if scene.rules.support == Some(scene.place.chat) {
        return staff::in_group(scene, state, update);
    }
    if scene.is_operator() && !scene.is_group() {
        return staff::in_private(scene, state, update);
    }
    None
}

/// Who hears of what this person writes.
pub(super) fn staff_of(scene: &Scene<'_>) -> Staff {
    let chats = match scene.rules.support {
        Some(group) => vec![group],
        None => {
            let others = scene.rules.operators.iter().filter(|user| **user != scene.user);
            others.map(|user| ChatId(user.0)).collect()
        }
    };
    Staff { chats, language: scene.rules.staff_language }
}

/// The message that says who a person is, with the buttons of staff.
pub(super) fn header(
    scene: &Scene<'_>,
    id: &TicketId,
    person: &Person,
    user: UserId,
    speaks: Language,
    facts: &Facts,
) -> Outgoing {
    let username = person.username.as_deref();
    let whose = Whose { ticket: id, user, name: &person.name, username, speaks };
    let language = scene.rules.staff_language;
    let buttons = vec![vec![
        staff_button(language, "ticket-staff-close", TicketButton::Shut(id.clone())),
        staff_button(language, "ticket-staff-canned", TicketButton::List(id.clone())),
        staff_button(language, "ticket-staff-who", TicketButton::Who(id.clone())),
    ]];
    let buttons = buttons.into_iter().map(|row| row.into_iter().flatten().collect()).collect();
    Outgoing { buttons, ..ticket::header(language, whose, facts) }
}

/// A button that anybody of staff may press.
fn staff_button(language: Language, key: &str, button: TicketButton) -> Option<Button> {
    let data = Callback::Ticket(button).encode(ANYBODY)?;
    Some(Button { text: texts::plain(language, key), action: Action::Callback(data) })
}

/// The row that ends what was asked.
pub(super) fn cancel_row(scene: &Scene<'_>) -> Option<Vec<Button>> {
    let button = scene.button(scene.plain("ticket-button-cancel"), &Callback::Cancel)?;
    Some(vec![button])
}

/// What a person is told when staff has closed a ticket.
pub fn closed_by_staff(ticket: &Ticket) -> Outgoing {
    let language = ticket.language;
    let number = [("number", Value::Text(ticket.id.as_str()))];
    let mut message = Outgoing::text(texts::say(language, "ticket-closed-by-staff", &number));
    let buttons = [
        ("ticket-button-reopen", TicketButton::Reopen(ticket.id.clone())),
        ("ticket-button-helped", TicketButton::Helped(ticket.id.clone())),
    ];
    let button = |(key, button): (&str, TicketButton)| {
        let data = Callback::Ticket(button).encode(ticket.user)?;
        Some(Button { text: texts::plain(language, key), action: Action::Callback(data) })
    };
    message.buttons.push(buttons.into_iter().filter_map(button).collect());
    message
}
