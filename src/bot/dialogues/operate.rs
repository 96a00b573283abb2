//! The panel of operators: sites, sources, broadcasts, orders, the service. Each part opens with its transcript:
//! `sites`, `source`, `proposal`, `casts`, `compose`, `later`, `orders`, `service`.
//!
//! Whoever gets here operates the service (`decide` has looked). What changes something is written with a line of
//! audit in the same commit. A part that misses something in the view asks for it.

mod cast;
mod casts;
mod compose;
mod later;
mod orders;
mod proposal;
mod service;
mod sites;
mod source;

pub use compose::{Awaits, Composing, composed};

use super::{Press, Scene};
use crate::bot::callback::Callback;
use crate::bot::callback::operate::OperateButton;
use crate::bot::decide::{Answer, Decision};
use crate::bot::state::State;
use crate::domain::{Button, Outgoing};
use crate::store::{AuditEntry, Effect, Look, OperateAsk, OperateEffect};

/// Carries out a command of this part; `None` when it is none. The person is an operator.
pub fn command(scene: &Scene<'_>, name: &str, _rest: &str) -> Option<Decision> {
    match name {
        "sites" => Some(sites::list(scene, Way::Anew, 0)),
        "broadcast" => Some(casts::list(scene, Way::Anew)),
        "orders" => Some(orders::list(scene, Way::Anew, 0, None)),
        "debug" => Some(service::show(scene, Way::Anew)),
        _ => None,
    }
}

/// A button. The person is an operator.
pub fn press(scene: &Scene<'_>, press: Press<'_>, button: &OperateButton) -> Decision {
    let way = Way::In(press);
    match button {
        OperateButton::Sites => sites::list(scene, way, 0),
        OperateButton::SitesAt(page) => sites::list(scene, way, *page),
        OperateButton::Site(step, site) => sites::step(scene, way, *step, site),
        OperateButton::Sources(page, site) => source::list(scene, way, *page, site),
        OperateButton::Source(step, id) => source::step(scene, way, *step, id),
        OperateButton::Proposal(site) => proposal::show(scene, way, site),
        OperateButton::Decide(verdict, version, site) => {
            proposal::decide(scene, way, *verdict, *version, site)
        }
        OperateButton::Broadcasts => casts::list(scene, way),
        OperateButton::NewBroadcast => compose::begin(scene, way),
        OperateButton::Broadcast(step, id) => casts::step(scene, press, *step, id),
        OperateButton::Orders(page, state) => orders::list(scene, way, *page, state.clone()),
        OperateButton::TellOrders(on) => orders::tell(scene, way, *on),
        OperateButton::Debug => service::show(scene, way),
    }
}

/// How an answer is shown.
#[derive(Debug, Clone, Copy)]
enum Way<'a> {
    /// As a new message.
    Anew,
    /// In the message whose button was pressed.
    In(Press<'a>),
}

/// The answer to a command or a button.
fn show(scene: &Scene<'_>, way: Way<'_>, message: Outgoing) -> Decision {
    match way {
        Way::Anew => scene.answer([message]),
        Way::In(press) => scene.change(press, message, None),
    }
}

/// [`show`] with a note that goes by itself.
fn noted(scene: &Scene<'_>, way: Way<'_>, message: Outgoing, note: &str) -> Decision {
    let mut decision = show(scene, way, message);
    if let Way::In(press) = way {
        let (id, note) = (press.id.to_owned(), Some(scene.plain(note)));
        decision.answer = Some(Answer { id, note, alert: false });
    }
    decision
}

/// It cannot be decided before this is seen.
fn look(ask: OperateAsk) -> Decision {
    let look = Look { operate: Some(ask), searches: true, ..Look::default() };
    Decision::look(State::Idle, look)
}

/// An order with its line of audit.
fn ordered(
    scene: &Scene<'_>,
    action: &str,
    target: &str,
    detail: &str,
    effect: OperateEffect,
) -> [Effect; 2] {
    let entry = AuditEntry {
        id: format!("update/{}/0", scene.update),
        actor: actor(scene),
        action: action.to_owned(),
        target: target.to_owned(),
        detail: detail.to_owned(),
    };
    [Effect::Operate(effect), Effect::Audit(entry)]
}

/// Who orders, for audit and record.
fn actor(scene: &Scene<'_>) -> String {
    format!("user {}", scene.user)
}

/// A row of buttons of this part.
fn row<const N: usize>(scene: &Scene<'_>, buttons: [(&str, OperateButton); N]) -> Vec<Button> {
    let button = |(key, button): (&str, OperateButton)| {
        scene.button(scene.plain(key), &Callback::Operate(button))
    };
    buttons.into_iter().filter_map(button).collect()
}

/// A row with one button whose words are not ours.
fn named(scene: &Scene<'_>, text: String, button: OperateButton) -> Option<Vec<Button>> {
    scene.button(text, &Callback::Operate(button)).map(|button| vec![button])
}

/// Buttons to the pages before and after `page`.
fn turning(
    scene: &Scene<'_>,
    page: usize,
    has_more: bool,
    to: impl Fn(usize) -> OperateButton,
) -> Option<Vec<Button>> {
    let back = page.checked_sub(1).map(|page| ("‹", to(page)));
    let on = has_more.then(|| ("›", to(page + 1)));
    let button = |(text, button): (&str, OperateButton)| {
        scene.button(text.to_owned(), &Callback::Operate(button))
    };
    let row: Vec<Button> = back.into_iter().chain(on).filter_map(button).collect();
    (!row.is_empty()).then_some(row)
}
