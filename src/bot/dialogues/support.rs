//! Writing to the people behind the bot: what is no command is kept for them.
//!
//! ```text
//! anna> The flats of yesterday were shown twice.
//! bot> Thank you, your message is kept as #A7K2. A person will read it and answer here.
//! in the topic “Anna”> (who anna is) The flats of yesterday were shown twice.
//! anna> And one had no photo.
//!                                    (kept; acknowledged once in ten minutes)
//! anna> /support
//! bot> Your conversation #A7K2 with support is open. …
//!      [How do I make a search?] …
//!      [✍️ Write to us] [Close]
//! anna presses [Close]
//! bot edits> Your conversation #A7K2 is closed. …
//!      [Reopen] [👍 It helped]
//! ```
//!
//! A message is in the record before it is acknowledged: both are one commit, and so is the copy that goes to staff.
//! In groups people talk to each other, so nothing is kept there.

use chrono::TimeDelta;

use super::tickets::{Writing, cancel_row, header, staff_of};
use super::{Press, Scene, alert, note};
use crate::bot::callback::ticket::{Faq, TicketButton};
use crate::bot::callback::{ANYBODY, Callback};
use crate::bot::decide::Decision;
use crate::bot::state::State;
use crate::domain::message::Action;
use crate::domain::{Button, Outgoing, Ticket, TicketId};
use crate::store::{Effect, Look, TicketAsk, TicketEffect, TicketView, Written};
use crate::texts::Value;

/// Messages within this time of an acknowledgement are kept silently.
const QUIET: TimeDelta = TimeDelta::minutes(10);
/// Longest kept text, characters: Telegram's own limit of a message (api "sendMessage").
const LONGEST: usize = 4096;

/// Keeps a message for support.
pub fn listen(scene: &Scene<'_>, state: State, message_id: i64, text: &str) -> Decision {
    if scene.is_group() {
        return Decision::nothing(state);
    }
    let view = match &scene.view.ticket {
        Some(view) if view.own.is_some() || view.free.is_some() => view,
        _ => return look_own(scene, state, None),
    };
    let Some((ticket, opens)) = ticket_of(scene, view) else { return Decision::nothing(state) };
    let acknowledged = match &state {
        State::Support { acknowledged_at } if opens.is_none() => Some(*acknowledged_at),
        _ => None,
    };
    let mut decision = match acknowledged {
        Some(at) if scene.now - at < QUIET => Decision::nothing(state),
        _ => {
            let key = if opens.is_some() { "ticket-kept" } else { "ticket-added" };
            let said = Outgoing::text(numbered(scene, key, &ticket));
            let state = State::Support { acknowledged_at: scene.now };
            Decision { state, ..scene.answer([said]) }
        }
    };
    let written = Written {
        buttons: reply_row(scene, &ticket),
        ticket,
        opens,
        user: scene.user,
        chat: scene.place.chat,
        message_id,
        answers: scene.answers,
        text: text.chars().take(LONGEST).collect(),
        staff: staff_of(scene),
    };
    decision.effects.push(Effect::Ticket(TicketEffect::Write(Box::new(written))));
    decision
}

/// The open ticket, or a new one with the message that says who the person is.
fn ticket_of(scene: &Scene<'_>, view: &TicketView) -> Option<(TicketId, Option<Outgoing>)> {
    if let Some(own) = &view.own {
        return Some((own.id.clone(), None));
    }
    let id = view.free.clone()?;
    let header = header(scene, &id, scene.person, scene.user, scene.language, &view.facts);
    Some((id, Some(header)))
}

fn reply_row(scene: &Scene<'_>, id: &TicketId) -> Vec<Vec<Button>> {
    let reply = Callback::Ticket(TicketButton::Reply(id.clone()));
    let language = scene.rules.staff_language;
    let text = crate::texts::plain(language, "ticket-staff-reply");
    let button = reply.encode(ANYBODY).map(|data| Button { text, action: Action::Callback(data) });
    button.map(|button| vec![button]).into_iter().collect()
}

fn look_own(scene: &Scene<'_>, state: State, message: Option<i64>) -> Decision {
    let ticket = Some(TicketAsk::Own { update: scene.update, message });
    let searches = scene.view.has_searches;
    Decision::look(state, Look { ticket, searches, ..Look::default() })
}

/// A person has changed a message: if it is one of an open ticket, staff is told.
pub fn edited(scene: &Scene<'_>, state: State, message_id: i64, text: &str) -> Decision {
    if scene.is_group() {
        return Decision::nothing(state);
    }
    let Some(view) = &scene.view.ticket else {
        return look_own(scene, state, Some(message_id));
    };
    let Some(ticket) = view.own.as_ref().filter(|_| view.has_message) else {
        return Decision::nothing(state);
    };
    let text = text.chars().take(LONGEST).collect();
    let edit = TicketEffect::Edit { ticket: ticket.id.clone(), message_id, text };
    Decision { effects: vec![Effect::Ticket(edit)], ..Decision::nothing(state) }
}

/// How a message that is more than words is written down; the message itself stays at Telegram.
pub fn describe(content: &str, caption: &str) -> String {
    format!("[{content}] {caption}").trim_end().to_owned()
}

/// Answers `/support`.
pub fn ask(scene: &Scene<'_>) -> Decision {
    match own(scene) {
        Ok(own) => scene.answer([page(scene, own)]),
        Err(look) => *look,
    }
}

/// The buttons of a person.
pub fn press(scene: &Scene<'_>, press: Press<'_>, button: &TicketButton) -> Decision {
    match button {
        TicketButton::Ask => match own(scene) {
            Ok(own) => scene.change(press, page(scene, own), None),
            Err(look) => *look,
        },
        TicketButton::Faq(faq) => scene.change(press, answer_to(scene, *faq), None),
        TicketButton::Write => {
            let mut message = Outgoing::text(scene.plain("ticket-write"));
            message.buttons.extend(cancel_row(scene));
            let state = State::Writing(Writing::default());
            Decision { state, ..scene.change(press, message, None) }
        }
        TicketButton::Close(id) => change_own(scene, press, id, close),
        TicketButton::Reopen(id) => change_own(scene, press, id, reopen),
        TicketButton::Helped(id) => change_own(scene, press, id, helped),
        _ => alert(press, scene.plain("ticket-staff-only")),
    }
}

/// The open ticket of who speaks, or the wish to see it.
fn own<'a>(scene: &Scene<'a>) -> Result<Option<&'a Ticket>, Box<Decision>> {
    match &scene.view.ticket {
        Some(view) => Ok(view.own.as_ref()),
        None => Err(Box::new(look_own(scene, State::Idle, None))),
    }
}

fn page(scene: &Scene<'_>, own: Option<&Ticket>) -> Outgoing {
    let mut message = Outgoing::text(match own {
        Some(ticket) => numbered(scene, "ticket-ask-open", &ticket.id),
        None => scene.plain("ticket-ask"),
    });
    for faq in Faq::ALL {
        let button = Callback::Ticket(TicketButton::Faq(faq));
        message.buttons.push(scene.row(&[(scene.plain(question(faq)), button)]));
    }
    let mut last = vec![(scene.plain("ticket-button-write"), TicketButton::Write)];
    if let Some(ticket) = own {
        last.push((scene.plain("ticket-button-close"), TicketButton::Close(ticket.id.clone())));
    }
    let last: Vec<_> = last.into_iter().map(|(text, b)| (text, Callback::Ticket(b))).collect();
    message.buttons.push(scene.row(&last));
    message
}

fn question(faq: Faq) -> &'static str {
    match faq {
        Faq::Search => "ticket-faq-search",
        Faq::Silence => "ticket-faq-silence",
        Faq::Pay => "ticket-faq-pay",
        Faq::Stop => "ticket-faq-stop",
    }
}

fn answer_to(scene: &Scene<'_>, faq: Faq) -> Outgoing {
    let answer = match faq {
        Faq::Search => "ticket-faq-search-answer",
        Faq::Silence => "ticket-faq-silence-answer",
        Faq::Pay => "ticket-faq-pay-answer",
        Faq::Stop => "ticket-faq-stop-answer",
    };
    let text = format!("{}\n\n{}", scene.plain(question(faq)), scene.plain(answer));
    let mut message = Outgoing::text(text);
    let back = (scene.plain("ticket-button-back"), Callback::Ticket(TicketButton::Ask));
    let write = (scene.plain("ticket-button-write"), Callback::Ticket(TicketButton::Write));
    message.buttons.push(scene.row(&[back, write]));
    message
}

/// A change of a ticket by its own person; nobody else's is seen or touched.
fn change_own(
    scene: &Scene<'_>,
    press: Press<'_>,
    id: &TicketId,
    then: fn(&Scene<'_>, Press<'_>, &Ticket, Option<&Ticket>) -> Decision,
) -> Decision {
    let Some(view) = &scene.view.ticket else {
        let ticket = Some(TicketAsk::Named(id.clone()));
        return Decision::look(State::Idle, Look { ticket, ..Look::default() });
    };
    match view.about.as_ref().filter(|ticket| ticket.user == scene.user) {
        Some(ticket) => then(scene, press, ticket, view.own.as_ref()),
        None => alert(press, scene.plain("ticket-gone")),
    }
}

fn close(scene: &Scene<'_>, press: Press<'_>, ticket: &Ticket, _: Option<&Ticket>) -> Decision {
    if !ticket.open {
        return note(press, numbered(scene, "ticket-closed-already", &ticket.id));
    }
    let message = closed(scene, "ticket-closed", &ticket.id);
    let close = TicketEffect::Close { ticket: ticket.id.clone(), by: String::new(), tell: None };
    with(scene.change(press, message, None), close)
}

fn reopen(scene: &Scene<'_>, press: Press<'_>, ticket: &Ticket, open: Option<&Ticket>) -> Decision {
    if ticket.open {
        return note(press, numbered(scene, "ticket-open-already", &ticket.id));
    }
    if let Some(other) = open {
        return alert(press, numbered(scene, "ticket-open-other", &other.id));
    }
    let message = Outgoing::text(numbered(scene, "ticket-reopened", &ticket.id));
    let reopen = TicketEffect::Reopen { ticket: ticket.id.clone(), by: String::new() };
    with(scene.change(press, message, None), reopen)
}

fn helped(scene: &Scene<'_>, press: Press<'_>, ticket: &Ticket, _: Option<&Ticket>) -> Decision {
    let message = Outgoing::text(numbered(scene, "ticket-helped", &ticket.id));
    let thanks = Some(scene.plain("ticket-helped-now"));
    let helped = TicketEffect::Helped { ticket: ticket.id.clone() };
    with(scene.change(press, message, thanks), helped)
}

fn with(decision: Decision, effect: TicketEffect) -> Decision {
    Decision { effects: vec![Effect::Ticket(effect)], ..decision }
}

fn closed(scene: &Scene<'_>, key: &str, id: &TicketId) -> Outgoing {
    let mut message = Outgoing::text(numbered(scene, key, id));
    let reopen = Callback::Ticket(TicketButton::Reopen(id.clone()));
    let helped = Callback::Ticket(TicketButton::Helped(id.clone()));
    let (again, good) = (scene.plain("ticket-button-reopen"), scene.plain("ticket-button-helped"));
    message.buttons.push(scene.row(&[(again, reopen), (good, helped)]));
    message
}

fn numbered(scene: &Scene<'_>, key: &str, id: &TicketId) -> String {
    scene.say(key, &[("number", Value::Text(id.as_str()))])
}
