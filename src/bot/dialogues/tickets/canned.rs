//! Answers that are kept ready: chosen by a button, shown in the person's language, then sent.
//!
//! ```text
//! olga presses [Canned answers]
//! bot> Which answer for Anna?
//!      [refund] [slow]
//! olga presses [refund]
//! bot edits> “refund” for #A7K2 (Українська): Гроші повернуться …
//!      [Send] [‹ Questions]
//! olga presses [Send]
//! bot edits> Sent to #A7K2.
//! ```

use super::staff::{answered_by, audit, say};
use crate::bot::callback::ticket::TicketButton;
use crate::bot::callback::{ANYBODY, Callback};
use crate::bot::decide::Decision;
use crate::bot::dialogues::{Press, Scene, alert, name as short};
use crate::bot::state::State;
use crate::domain::delivery::Content;
use crate::domain::message::Action;
use crate::domain::{Button, Language, Outgoing, Ticket};
use crate::store::{Canned, Effect, TicketEffect, TicketView};
use crate::texts::{Value, plain};

/// Buttons in a row.
const ROW: usize = 2;
/// Answers that are offered by buttons.
const OFFERED: usize = 40;

/// The answer of this name, best in the language of the person, then in English.
fn find<'a>(view: &'a TicketView, name: &str, language: Language) -> Option<&'a Canned> {
    let rank = |canned: &&Canned| match canned.language {
        own if own == language => 0,
        Language::En => 1,
        _ => 2,
    };
    view.canned.iter().filter(|canned| canned.name == name).min_by_key(rank)
}

/// Offers the answers.
pub fn list(scene: &Scene<'_>, ticket: &Ticket, view: &TicketView) -> Decision {
    scene.answer([menu(scene, ticket, view)])
}

fn menu(scene: &Scene<'_>, ticket: &Ticket, view: &TicketView) -> Outgoing {
    let mut names: Vec<&str> = view.canned.iter().map(|canned| canned.name.as_str()).collect();
    names.dedup();
    if names.is_empty() {
        return Outgoing::text(scene.plain("ticket-staff-canned-none"));
    }
    let whose = short(&ticket.name);
    let text = scene.say("ticket-staff-canned-choose", &[("name", Value::Text(&whose))]);
    let mut message = Outgoing::text(text);
    let buttons: Vec<_> = names
        .iter()
        .take(OFFERED)
        .map(|name| {
            let show = TicketButton::Show(ticket.id.clone(), (*name).to_owned());
            ((*name).to_owned(), Callback::Ticket(show))
        })
        .collect();
    message.buttons.extend(buttons.chunks(ROW).map(staff_row));
    message
}

/// A row that anybody of staff may press.
fn staff_row(buttons: &[(String, Callback)]) -> Vec<Button> {
    let button = |(text, callback): &(String, Callback)| {
        let data = callback.encode(ANYBODY)?;
        Some(Button { text: text.clone(), action: Action::Callback(data) })
    };
    buttons.iter().filter_map(button).collect()
}

fn preview(scene: &Scene<'_>, ticket: &Ticket, canned: &Canned) -> Outgoing {
    let language = plain(canned.language, "language-name");
    let values = [
        ("name", Value::Text(canned.name.as_str())),
        ("number", Value::Text(ticket.id.as_str())),
        ("language", Value::Text(&language)),
        ("text", Value::Text(canned.text.as_str())),
    ];
    let mut message = Outgoing::text(scene.say("ticket-staff-canned-preview", &values));
    let send = TicketButton::Send(ticket.id.clone(), canned.name.clone());
    let send = (scene.plain("ticket-staff-send"), Callback::Ticket(send));
    let back = Callback::Ticket(TicketButton::List(ticket.id.clone()));
    let back = (scene.plain("ticket-staff-canned"), back);
    message.buttons.push(staff_row(&[send, back]));
    message
}

/// Answers `/canned` and `/canned NAME`.
pub fn named(
    scene: &Scene<'_>,
    state: &State,
    ticket: &Ticket,
    view: &TicketView,
    name: &str,
) -> Decision {
    if name.is_empty() {
        return Decision { state: state.clone(), ..list(scene, ticket, view) };
    }
    match find(view, name, ticket.language) {
        Some(canned) => {
            let decision = scene.answer([preview(scene, ticket, canned)]);
            Decision { state: state.clone(), ..decision }
        }
        None => {
            let name = short(name);
            let values = [("name", Value::Text(&name))];
            say(scene, state, scene.say("ticket-staff-canned-unknown", &values))
        }
    }
}

/// Shows an answer as it would go out.
pub fn show(
    scene: &Scene<'_>,
    press: Press<'_>,
    ticket: &Ticket,
    view: &TicketView,
    name: &str,
) -> Decision {
    match find(view, name, ticket.language) {
        Some(canned) => scene.change(press, preview(scene, ticket, canned), None),
        None => unknown(scene, press, name),
    }
}

/// Sends it: once for each preview, however often it is pressed.
pub fn send(
    scene: &Scene<'_>,
    press: Press<'_>,
    ticket: &Ticket,
    view: &TicketView,
    name: &str,
) -> Decision {
    let Some(canned) = find(view, name, ticket.language) else {
        return unknown(scene, press, name);
    };
    let Some(message_id) = press.message_id else {
        return alert(press, scene.plain("ticket-gone"));
    };
    let text = canned.text.clone();
    let content = Content::Message(Outgoing::text(text.as_str()));
    let answered = answered_by(scene, ticket, message_id, text, content);
    let number = [("number", Value::Text(ticket.id.as_str()))];
    let said = Outgoing::text(scene.say("ticket-staff-sent", &number));
    let done = scene.change(press, said, Some(scene.plain("ticket-staff-sent-now")));
    let effects = vec![
        Effect::Ticket(TicketEffect::Answer(Box::new(answered))),
        audit(scene, "ticket.answer", ticket),
    ];
    Decision { effects, ..done }
}

fn unknown(scene: &Scene<'_>, press: Press<'_>, name: &str) -> Decision {
    let name = short(name);
    let values = [("name", Value::Text(&name))];
    alert(press, scene.say("ticket-staff-canned-unknown", &values))
}
