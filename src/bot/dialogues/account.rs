//! Plan, balance and movements of a person, and what else has to do with money.
//!
//! ```text
//! anna> /balance
//! bot> Your plan: Plus until 5 Dec 2026
//!      Balance: $5.01
//!
//!      Last movements:
//!      5 Nov 2026 — bought: Plus, 30 days — −$4.99
//!      3 Nov 2026 — bonus — +$10
//!      [Plans] [Promo code]
//!      [Invite friends]
//! anna> /terms
//! bot> What we agree on: …
//! anna> /paysupport
//! bot> Something is wrong with a payment? Write here what happened …
//! ```
//!
//! Plans, the trial and paying are in [`account_plans`](super::account_plans), codes and invitations in
//! [`account_codes`](super::account_codes). In a group nothing of it is shown: it is nobody else's business.

use chrono::{DateTime, Utc};

use super::{Press, Scene, account_codes, account_plans, alert};
use crate::bot::callback::Callback;
use crate::bot::callback::account::AccountButton;
use crate::bot::decide::Decision;
use crate::bot::event::Payload;
use crate::bot::state::State;
use crate::domain::message::Action;
use crate::domain::{Button, Outgoing, PlanId};
use crate::store::{AccountAsk, AccountView, Look};
use crate::texts::Value;
use crate::texts::offers;

/// Carries out a command of this part; `None` when it is none.
pub fn command(scene: &Scene<'_>, name: &str, rest: &str) -> Option<Decision> {
    match name {
        "terms" => Some(scene.answer([Outgoing::text(scene.plain("account-terms-of-use"))])),
        "paysupport" => Some(scene.answer([Outgoing::text(scene.plain("account-paysupport"))])),
        "subscribe" | "balance" | "promo" | "invite" if scene.is_group() => {
            Some(scene.answer([in_private(scene)]))
        }
        "subscribe" => Some(account_plans::list(scene, None)),
        "balance" => Some(balance(scene, None)),
        "promo" => Some(account_codes::typed(scene, rest)),
        "invite" => Some(account_codes::invite(scene, None)),
        _ => None,
    }
}

/// A button.
pub fn press(scene: &Scene<'_>, press: Press<'_>, button: &AccountButton) -> Decision {
    if scene.is_group() {
        return alert(press, scene.plain("account-in-private"));
    }
    match button {
        AccountButton::Balance => balance(scene, Some(press)),
        AccountButton::Plans => account_plans::list(scene, Some(press)),
        AccountButton::Invite => account_codes::invite(scene, Some(press)),
        AccountButton::Promo => account_codes::how(scene, press),
        AccountButton::Trial => account_plans::trial(scene, press),
        AccountButton::Plan(plan) => account_plans::show(scene, Some(press), plan),
        AccountButton::Buy { plan, currency } => account_plans::buy(scene, press, plan, currency),
        AccountButton::Pay(order) => account_plans::pay(scene, press, order),
        AccountButton::Drop(order) => account_plans::drop(scene, press, order),
    }
}

/// What a deep link of this part adds to the greeting; a person we know gets it alone.
pub fn arrived(scene: &Scene<'_>, payload: &Payload, mut greeting: Decision) -> Decision {
    if scene.is_group() {
        return greeting;
    }
    let more = match payload {
        Payload::Invited(code) => {
            greeting.effects.extend(account_codes::came(scene, code));
            return greeting;
        }
        Payload::Plan(plan) => account_plans::show(scene, None, &PlanId(plan.clone())),
        Payload::Promo(code) => account_codes::typed(scene, code),
        _ => return greeting,
    };
    if more.look.is_some() || scene.view.user.is_some() {
        return more;
    }
    greeting.effects.extend(more.effects);
    greeting.replies.extend(more.replies);
    greeting
}

/// What the record knows of the account, or the wish to see it.
pub(super) fn seen<'a>(
    scene: &Scene<'a>,
    ask: AccountAsk,
) -> Result<&'a AccountView, Box<Decision>> {
    scene.view.account.as_ref().ok_or_else(|| {
        let account = Some(AccountAsk { now: scene.now, ..ask });
        Box::new(Decision::look(State::Idle, Look { account, ..Look::default() }))
    })
}

/// The answer to a command, or the change of the pressed message.
pub(super) fn said(scene: &Scene<'_>, press: Option<Press<'_>>, message: Outgoing) -> Decision {
    match press {
        Some(press) => scene.change(press, message, None),
        None => scene.answer([message]),
    }
}

fn in_private(scene: &Scene<'_>) -> Outgoing {
    let mut message = Outgoing::text(scene.plain("account-in-private"));
    let url = format!("https://t.me/{}", scene.rules.username);
    let text = scene.plain("account-button-private");
    message.buttons.push(vec![Button { text, action: Action::Url(url) }]);
    message
}

/// Plan, balance, movements.
fn balance(scene: &Scene<'_>, press: Option<Press<'_>>) -> Decision {
    let view = match seen(scene, AccountAsk::default()) {
        Ok(view) => view,
        Err(look) => return *look,
    };
    let mut lines = have(scene, view);
    lines.push(scene.say("account-balance", &[("money", Value::Text(&funds(scene, view)))]));
    lines.push(String::new());
    if view.moves.is_empty() {
        lines.push(scene.plain("account-moves-none"));
    } else {
        lines.push(scene.plain("account-moves"));
        let moved = |entry| offers::movement(entry, &view.plans, scene.language, &view.zone);
        lines.extend(view.moves.iter().map(moved));
    }
    let mut message = Outgoing::text(lines.join("\n"));
    let button = |key: &str, button| (scene.plain(key), Callback::Account(button));
    message.buttons.push(scene.row(&[
        button("account-button-plans", AccountButton::Plans),
        button("account-button-promo", AccountButton::Promo),
    ]));
    message.buttons.push(scene.row(&[button("account-button-invite", AccountButton::Invite)]));
    said(scene, press, message)
}

/// What is on the balance.
pub(super) fn funds(scene: &Scene<'_>, view: &AccountView) -> String {
    let all = view.balances.iter().filter(|(_, minor)| **minor > 0);
    let all: Vec<String> =
        all.map(|(currency, minor)| offers::amount(*minor, currency, scene.language)).collect();
    match all.is_empty() {
        true => offers::amount(0, &scene.rules.growth.currency, scene.language),
        false => all.join(" · "),
    }
}

/// The plans that hold now, a line each; without any, the free one.
pub(super) fn have(scene: &Scene<'_>, view: &AccountView) -> Vec<String> {
    let mut lines = Vec::new();
    for (plan, until) in holding(view, scene.now) {
        let name = view.plan(plan).map_or(plan.as_str(), |plan| plan.name(scene.language));
        let date = offers::day(until, &view.zone, scene.language);
        let values = [("plan", Value::Text(name)), ("date", Value::Text(&date))];
        lines.push(scene.say("account-have-until", &values));
    }
    if lines.is_empty() {
        let free = view.plans.iter().find(|plan| plan.id.as_str() == crate::domain::offer::FREE);
        let none = scene.plain("account-free");
        let name = free.map_or(none.as_str(), |plan| plan.name(scene.language));
        lines.push(scene.say("account-have", &[("plan", Value::Text(name))]));
    }
    lines
}

/// The plans that hold at `now`, each once, and until when.
fn holding(view: &AccountView, now: DateTime<Utc>) -> Vec<(&PlanId, DateTime<Utc>)> {
    let mut plans: Vec<(&PlanId, DateTime<Utc>)> = Vec::new();
    for period in view.periods.iter().filter(|period| period.holds(now)) {
        let end = crate::domain::ledger::end_of(&view.periods, &period.plan, now);
        plans.push((&period.plan, end.unwrap_or(period.until)));
    }
    plans
}
