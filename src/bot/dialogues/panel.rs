//! The panel of operators: figures, people, plans. One message that is edited, in a private chat only.
//!
//! ```text
//! olga> /admin
//! bot> 🛠 Panel
//!      What do you want to see?
//!      [📊 Figures] [👥 People] [⭐ Plans]
//!      [🌐 Sites] [📣 Broadcast] [🧾 Orders]
//! olga presses [📊 Figures]
//! bot edits> 📊 Figures · 19 Nov 2025, 12:00 UTC …
//!            [📈 Chart] [🌙 Chart] [🔄 Again]
//!            [‹ Panel]
//! olga presses [📈 Chart]
//! note> The picture is on its way
//! olga presses [👥 People]
//! bot edits> Whom do you look for? …
//! olga> @anna
//! bot> 👤 Anna …
//!      [🎁 Give days] [✉️ Write]
//!      [🚫 Ban] [♻️ Reset conversation] …
//! olga presses [🚫 Ban]
//! bot edits> Ban Anna (id 12)? I will answer them no more and tell them nothing.
//!            The button works for 5 minutes.
//!            [⚠️ Yes: ban]
//!            [‹ No]
//! olga presses [⚠️ Yes: ban]
//! bot edits> 🚫 Anna is banned.
//!            [‹ Anna]
//! anna> /admin                        (who does not operate anything)
//! bot> I do not know /admin. /help says what I can do.
//! ```
//!
//! - [`people`] finds somebody and shows their card, [`eyes`] what they see.
//! - [`plans`] shows and changes plans.
//! - [`deeds`] asks for what a deed needs, then whether to do it; [`sure`] does it after the second press.
//! - Whatever is done is written down, see [`super::audit`].

mod deeds;
mod eyes;
mod people;
mod plans;
mod sure;

use serde::{Deserialize, Serialize};

use super::{Press, Scene, note, searches};
use crate::bot::callback::Callback;
use crate::bot::callback::operate::OperateButton;
use crate::bot::callback::panel::{Deed, Field, PanelButton};
use crate::bot::decide::Decision;
use crate::bot::state::State;
use crate::domain::delivery::{Content, delivery_id};
use crate::domain::{ChatKind, Class, NewDelivery, Outgoing, PlanId, UserId};
use crate::store::{Effect, Look, PanelAsk, PanelView};
use crate::texts::figures;

pub use sure::{Order, Sure};

/// What an operator was asked for.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "snake_case")]
pub enum Asked {
    /// Whom to look for.
    #[default]
    Who,
    /// How many days of a plan to give.
    Days {
        /// To whom.
        user: UserId,
        /// Of which plan.
        plan: String,
    },
    /// A message to somebody.
    Words {
        /// To whom.
        user: UserId,
    },
    /// Another value of something of a plan.
    Value {
        /// Of what.
        field: Field,
        /// Of which plan.
        plan: PlanId,
    },
    /// Whether to do something: only the button of the question says yes.
    Sure(Sure),
}

/// Carries out a command of this part; `None` when it is none. The person is an operator.
pub fn command(scene: &Scene<'_>, name: &str, rest: &str) -> Option<Decision> {
    if !matches!(name, "admin" | "stats") {
        return None;
    }
    if scene.place.kind != ChatKind::Private {
        return Some(scene.answer([Outgoing::text(scene.plain("panel-private-only"))]));
    }
    let words = rest.trim();
    Some(match name {
        "admin" if words.is_empty() => scene.answer([home(scene)]),
        "admin" => people::found(scene, words),
        _ => match numbers(scene) {
            Ok(message) => scene.answer([message]),
            Err(look) => *look,
        },
    })
}

/// A button. The person is an operator.
pub fn press(scene: &Scene<'_>, press: Press<'_>, button: &PanelButton) -> Decision {
    if scene.place.kind != ChatKind::Private {
        return searches::out_of_date(scene, press);
    }
    match button {
        PanelButton::Home => scene.change(press, home(scene), None),
        PanelButton::Figures => match numbers(scene) {
            Ok(message) => scene.change(press, message, None),
            Err(look) => *look,
        },
        PanelButton::Picture(dark) => picture(scene, press, *dark),
        PanelButton::People => people::ask(scene, press),
        PanelButton::Person(user) => people::show(scene, press, *user, None),
        PanelButton::Ask(Deed::Grant, user) => deeds::which_plan(scene, press, *user),
        PanelButton::Ask(Deed::Message, user) => deeds::which_words(scene, press, *user),
        PanelButton::Ask(deed, user) => deeds::whether(scene, press, *deed, *user),
        PanelButton::See(sight, user) => eyes::see(scene, press, *sight, *user),
        PanelButton::Plan(user, plan) => deeds::how_many(scene, press, *user, plan),
        PanelButton::Days(days, user, plan) => {
            deeds::whether_to_give(scene, Some(press), *user, plan, *days)
        }
        PanelButton::Yes(code) => sure::yes(scene, press, code),
        PanelButton::Plans => plans::list(scene, press),
        PanelButton::PlanCard(plan) => plans::show(scene, press, plan, None),
        PanelButton::Edit(field, plan) => plans::ask(scene, press, *field, plan),
    }
}

/// Words that answer a question. The person is an operator.
pub fn typed(scene: &Scene<'_>, asked: &Asked, message_id: i64, text: &str) -> Decision {
    match asked {
        _ if scene.place.kind != ChatKind::Private => Decision::nothing(State::Idle),
        Asked::Who => people::found(scene, text.trim()),
        Asked::Days { user, plan } => deeds::days_typed(scene, *user, plan, text),
        Asked::Words { user } => deeds::words_typed(scene, *user, text),
        Asked::Value { field, plan } => plans::typed(scene, *field, plan, text),
        Asked::Sure(_) => super::support::listen(scene, State::Idle, message_id, text),
    }
}

/// Asks the record, unless `pick` finds the answer in the view.
fn seen<'a, T>(
    scene: &Scene<'a>,
    ask: PanelAsk,
    pick: impl FnOnce(&'a PanelView) -> Option<T>,
) -> Result<T, Box<Decision>> {
    let look = || Look { panel: Some(ask), ..Look::default() };
    let found = scene.view.panel.as_ref().and_then(pick);
    found.ok_or_else(|| Box::new(Decision::look(State::Idle, look())))
}

fn p(button: PanelButton) -> Callback {
    Callback::Panel(button)
}

fn home(scene: &Scene<'_>) -> Outgoing {
    let text = format!("{}\n\n{}", scene.plain("panel-home"), scene.plain("panel-home-ask"));
    let mut message = Outgoing::text(text);
    message.buttons.push(scene.row(&[
        (scene.plain("panel-button-figures"), p(PanelButton::Figures)),
        (scene.plain("panel-button-people"), p(PanelButton::People)),
        (scene.plain("panel-button-plans"), p(PanelButton::Plans)),
    ]));
    let operate = |key: &str, word: &str| {
        let button = OperateButton::decode(word)?;
        Some((scene.plain(key), Callback::Operate(button)))
    };
    let others = [
        operate("panel-button-sites", "sites"),
        operate("panel-button-broadcast", "casts"),
        operate("panel-button-orders", "o0"),
    ];
    message.buttons.push(scene.row(&others.into_iter().flatten().collect::<Vec<_>>()));
    message
}

fn to_home(scene: &Scene<'_>) -> (String, Callback) {
    (scene.plain("panel-button-home"), p(PanelButton::Home))
}

/// The figures in words.
fn numbers(scene: &Scene<'_>) -> Result<Outgoing, Box<Decision>> {
    let all = seen(scene, PanelAsk::Figures(scene.now), |view| match view {
        PanelView::Figures(figures) => Some(figures),
        _ => None,
    })?;
    let mut message = Outgoing::text(figures::report(all, scene.now, scene.language));
    message.buttons.push(scene.row(&[
        (scene.plain("panel-button-chart"), p(PanelButton::Picture(false))),
        (scene.plain("panel-button-chart-dark"), p(PanelButton::Picture(true))),
        (scene.plain("panel-button-again"), p(PanelButton::Figures)),
    ]));
    message.buttons.push(scene.row(&[to_home(scene)]));
    Ok(message)
}

/// Sends the figures as a picture, beside the message in words.
fn picture(scene: &Scene<'_>, press: Press<'_>, dark: bool) -> Decision {
    let pick = |view: &PanelView| match view {
        PanelView::Board(board) => Some(board.clone()),
        _ => None,
    };
    let mut board = match seen(scene, PanelAsk::Board(scene.now), pick) {
        Ok(board) => board,
        Err(look) => return *look,
    };
    board.dark = dark;
    let (class, chat, thread) = (Class::Reply, scene.place.chat, scene.place.thread);
    let delivery = NewDelivery {
        id: delivery_id(class, chat, thread, &format!("figures/{}", press.id)),
        class,
        chat,
        thread,
        language: scene.language,
        content: Content::Figures(board),
        not_before: scene.now,
        fate: Default::default(),
    };
    let mut decision = note(press, scene.plain("panel-board-drawing"));
    decision.effects.push(Effect::Tell(delivery));
    decision
}
