//! What staff says and presses.

use super::{Writing, cancel_row, canned, closed_by_staff};
use crate::bot::callback::ticket::TicketButton;
use crate::bot::decide::Decision;
use crate::bot::dialogues::{Press, Scene, alert, note, support};
use crate::bot::event::{Event, Update};
use crate::bot::menu;
use crate::bot::state::State;
use crate::domain::delivery::Content;
use crate::domain::{Outgoing, Ticket, TicketId};
use crate::store::{Answered, AuditEntry, Effect, Look, TicketAsk, TicketEffect, TicketView};
use crate::texts::ticket::Whose;
use crate::texts::{Value, ticket as texts};

/// What staff says among itself begins so.
const ASIDE: &str = "//";

/// A message of staff, as far as it can be an answer: its id and what it says.
fn said(event: &Event) -> Option<(i64, String)> {
    match event {
        Event::Text { message_id, text } => Some((*message_id, text.clone())),
        Event::Media { message_id, content, caption } => {
            Some((*message_id, support::describe(content, caption)))
        }
        Event::Document { message_id, caption, .. } => {
            Some((*message_id, support::describe("document", caption)))
        }
        Event::Location { message_id, .. } => {
            Some((*message_id, support::describe("location", "")))
        }
        _ => None,
    }
}

/// What is said in the group of support.
pub fn in_group(scene: &Scene<'_>, state: &State, update: &Update) -> Option<Decision> {
    let is_ours = matches!(&update.event, Event::Command { name, .. }
        if matches!(name.as_str(), "close" | "reopen" | "note" | "canned"));
    let said = said(&update.event);
    let is_somewhere = scene.place.thread.is_some() || update.answers.is_some();
    if !is_somewhere || !(is_ours || said.is_some()) {
        return None;
    }
    if said.as_ref().is_some_and(|(_, text)| text.starts_with(ASIDE)) {
        return Some(Decision::nothing(state.clone()));
    }
    let Some(view) = &scene.view.ticket else { return Some(look(scene, state, update.answers)) };
    let ticket = view.about.as_ref()?;
    match (&update.event, said) {
        (_, Some((message_id, text))) => {
            Some(answer(scene, state, (ticket, view.answered), message_id, text))
        }
        (Event::Command { name, rest, message_id, .. }, None) => match name.as_str() {
            "close" => Some(close_by_command(scene, state, ticket)),
            "reopen" => Some(reopen(scene, state, ticket, view)),
            "note" => Some(keep_note(scene, state, ticket, *message_id, rest)),
            "canned" => Some(canned::named(scene, state, ticket, view, rest)),
            _ => None,
        },
        _ => None,
    }
}

/// What an operator says in private: an answer to a copy, or what [`TicketButton::Reply`] asked for.
pub fn in_private(scene: &Scene<'_>, state: &State, update: &Update) -> Option<Decision> {
    let (message_id, text) = said(&update.event)?;
    if menu::pressed(&text).is_some() {
        return None;
    }
    if let State::Writing(Writing { answers: Some(id) }) = state {
        let Some(view) = &scene.view.ticket else { return Some(look_at(state, id)) };
        let ticket = view.about.as_ref()?;
        return Some(answer_said(scene, (ticket, None), message_id, text));
    }
    update.answers?;
    let Some(view) = &scene.view.ticket else { return Some(look(scene, state, update.answers)) };
    let ticket = view.about.as_ref()?;
    Some(answer_said(scene, (ticket, view.answered), message_id, text))
}

fn look(scene: &Scene<'_>, state: &State, answers: Option<i64>) -> Decision {
    let (chat, thread) = (scene.place.chat, scene.place.thread);
    let ticket = Some(TicketAsk::Place { chat, thread, answers });
    let searches = scene.view.has_searches;
    Decision::look(state.clone(), Look { ticket, searches, ..Look::default() })
}

fn look_at(state: &State, id: &TicketId) -> Decision {
    let ticket = Some(TicketAsk::Named(id.clone()));
    Decision::look(state.clone(), Look { ticket, ..Look::default() })
}

/// An answer goes to the person as a copy: no name, no "forwarded".
fn answer(
    scene: &Scene<'_>,
    state: &State,
    (ticket, answered): (&Ticket, Option<i64>),
    message_id: i64,
    text: String,
) -> Decision {
    let from = scene.place.chat;
    let content = Content::Copy { from, message_id, reply_to: answered };
    let answered = answered_by(scene, ticket, message_id, text, content);
    let effects = vec![
        Effect::Ticket(TicketEffect::Answer(Box::new(answered))),
        audit(scene, "ticket.answer", ticket),
    ];
    Decision { effects, ..Decision::nothing(state.clone()) }
}

/// The same, with a word that it was sent: a private chat does not show where it went.
fn answer_said(
    scene: &Scene<'_>,
    whose: (&Ticket, Option<i64>),
    message_id: i64,
    text: String,
) -> Decision {
    let sent = scene.say("ticket-staff-sent", &[("number", Value::Text(whose.0.id.as_str()))]);
    let decision = answer(scene, &State::Idle, whose, message_id, text);
    Decision { replies: scene.answer([Outgoing::text(sent)]).replies, ..decision }
}

pub(super) fn answered_by(
    scene: &Scene<'_>,
    ticket: &Ticket,
    message_id: i64,
    text: String,
    content: Content,
) -> Answered {
    Answered {
        ticket: ticket.id.clone(),
        chat: scene.place.chat,
        message_id,
        by: scene.user,
        author: scene.person.name.clone(),
        text,
        content,
    }
}

pub(super) fn audit(scene: &Scene<'_>, action: &str, ticket: &Ticket) -> Effect {
    Effect::Audit(AuditEntry {
        id: format!("{}/{action}", scene.update),
        actor: format!("user {}", scene.user),
        action: action.to_owned(),
        target: format!("ticket {}", ticket.id),
        detail: format!("user {}", ticket.user),
    })
}

fn close(scene: &Scene<'_>, state: &State, ticket: &Ticket) -> Decision {
    let tell = Some(Box::new(closed_by_staff(ticket)));
    let close =
        TicketEffect::Close { ticket: ticket.id.clone(), by: scene.person.name.clone(), tell };
    let effects = vec![Effect::Ticket(close), audit(scene, "ticket.close", ticket)];
    Decision { effects, ..Decision::nothing(state.clone()) }
}

fn close_by_command(scene: &Scene<'_>, state: &State, ticket: &Ticket) -> Decision {
    if ticket.open {
        return close(scene, state, ticket);
    }
    say(scene, state, numbered(scene, "ticket-closed-already", &ticket.id))
}

fn reopen(scene: &Scene<'_>, state: &State, ticket: &Ticket, view: &TicketView) -> Decision {
    if ticket.open {
        return say(scene, state, numbered(scene, "ticket-open-already", &ticket.id));
    }
    if let Some(other) = &view.own {
        return say(scene, state, numbered(scene, "ticket-open-other", &other.id));
    }
    let (ticket_id, by) = (ticket.id.clone(), scene.person.name.clone());
    let reopen = TicketEffect::Reopen { ticket: ticket_id, by };
    let effects = vec![Effect::Ticket(reopen), audit(scene, "ticket.reopen", ticket)];
    Decision { effects, ..Decision::nothing(state.clone()) }
}

fn keep_note(
    scene: &Scene<'_>,
    state: &State,
    ticket: &Ticket,
    message_id: i64,
    text: &str,
) -> Decision {
    if text.is_empty() {
        return say(scene, state, scene.plain("ticket-staff-note-empty"));
    }
    // It goes nowhere: the content is only kept.
    let content = Content::Message(Outgoing::text(text));
    let noted = answered_by(scene, ticket, message_id, text.to_owned(), content);
    let said = scene.say("ticket-staff-noted", &[("text", Value::Text(text))]);
    let mut decision = say(scene, state, said);
    decision.effects.push(Effect::Ticket(TicketEffect::Note(Box::new(noted))));
    decision
}

pub(super) fn say(scene: &Scene<'_>, state: &State, text: String) -> Decision {
    Decision { state: state.clone(), ..scene.answer([Outgoing::text(text)]) }
}

fn numbered(scene: &Scene<'_>, key: &str, id: &TicketId) -> String {
    scene.say(key, &[("number", Value::Text(id.as_str()))])
}

/// A button of staff.
pub fn press(scene: &Scene<'_>, press: Press<'_>, button: &TicketButton) -> Decision {
    let (TicketButton::Shut(id)
    | TicketButton::Who(id)
    | TicketButton::List(id)
    | TicketButton::Reply(id)
    | TicketButton::Show(id, _)
    | TicketButton::Send(id, _)) = button
    else {
        return alert(press, scene.plain("ticket-gone"));
    };
    let Some(view) = &scene.view.ticket else { return look_at(&State::Idle, id) };
    let Some(ticket) = &view.about else { return alert(press, scene.plain("ticket-gone")) };
    match button {
        TicketButton::Shut(_) if ticket.open => {
            let done = note(press, scene.plain("ticket-staff-closed"));
            Decision { answer: done.answer, ..close(scene, &State::Idle, ticket) }
        }
        TicketButton::Shut(_) => note(press, numbered(scene, "ticket-closed-already", id)),
        TicketButton::Who(_) => spoken(press, scene.answer([who(scene, ticket, view)])),
        TicketButton::List(_) => spoken(press, canned::list(scene, ticket, view)),
        TicketButton::Show(_, name) => canned::show(scene, press, ticket, view, name),
        TicketButton::Send(_, name) => canned::send(scene, press, ticket, view, name),
        _ => {
            let name = crate::bot::dialogues::name(&ticket.name);
            let values = [("name", Value::Text(&name)), ("number", Value::Text(id.as_str()))];
            let mut message = Outgoing::text(scene.say("ticket-staff-write", &values));
            message.buttons.extend(cancel_row(scene));
            let state = State::Writing(Writing { answers: Some(id.clone()) });
            spoken(press, Decision { state, ..scene.answer([message]) })
        }
    }
}

/// Ends the spinner of a press without a word.
fn spoken(press: Press<'_>, decision: Decision) -> Decision {
    let answer = crate::bot::decide::Answer { id: press.id.to_owned(), note: None, alert: false };
    Decision { answer: Some(answer), ..decision }
}

fn who(scene: &Scene<'_>, ticket: &Ticket, view: &TicketView) -> Outgoing {
    let whose = Whose {
        ticket: &ticket.id,
        user: ticket.user,
        name: &ticket.name,
        username: view.facts.username.as_deref(),
        speaks: ticket.language,
    };
    texts::header(scene.language, whose, &view.facts)
}
