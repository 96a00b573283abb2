//! What is offered, the trial, and paying from the balance.
//!
//! ```text
//! anna> /subscribe
//! bot> Your plan: Free
//!
//!      Plus — €4.99 · $4.99 · 350 ⭐ for 30 days
//!      • 150 watches (you have 50)
//!      • each looked at every 3 minutes (you have 6)
//!      [Plus] [Pro]
//!      [Try 7 days free]
//!      [Promo code] [Balance]
//! anna presses [Plus]
//! bot edits> Plus …
//!      [Pay $4.99 from the balance]
//!      [‹ Plans]
//! anna presses [Pay $4.99 from the balance]
//! bot edits> Plus for 30 days at $4.99 from your balance? $5.01 remain, and you have it until 5 Dec 2026.
//!      [Yes, pay $4.99]
//!      [No]
//! anna presses [Yes, pay $4.99]
//! bot edits> Thank you! “Plus” is yours until 5 Dec 2026.
//! anna presses [Yes, pay $4.99]          (the same button again)
//! note> This is paid already
//! ```
//!
//! The order is recorded by the first press, with price and terms as they are then; the second one pays it once.

use chrono::TimeDelta;

use super::account::{funds, have, said, seen};
use super::{Press, Scene, alert};
use crate::bot::callback::Callback;
use crate::bot::callback::account::AccountButton;
use crate::bot::decide::{Decision, Reply};
use crate::domain::ledger::end_of;
use crate::domain::offer::Category;
use crate::domain::order::{BALANCE, Order};
use crate::domain::plan::{Refusal, Terms, terms_at};
use crate::domain::{OrderId, OrderState, Outgoing, Plan, PlanId};
use crate::store::{AccountAsk, AccountEffect, AccountView, Effect};
use crate::texts::Value;
use crate::texts::builder::shorten;
use crate::texts::import::refusal;
use crate::texts::offers;

/// Shows what is offered.
pub fn list(scene: &Scene<'_>, press: Option<Press<'_>>) -> Decision {
    match seen(scene, AccountAsk::default()) {
        Ok(view) => said(scene, press, menu(scene, view)),
        Err(look) => *look,
    }
}

fn menu(scene: &Scene<'_>, view: &AccountView) -> Outgoing {
    let mut lines = have(scene, view);
    let sold: Vec<&Plan> = view.plans.iter().filter(|plan| plan.is_sold()).collect();
    if sold.is_empty() {
        lines.extend([String::new(), scene.plain("account-nothing-sold")]);
    }
    for plan in &sold {
        lines.extend([String::new(), headline(scene, plan)]);
        lines.extend(allows(scene, view, &plan.terms));
    }
    let mut message = Outgoing::text(lines.join("\n"));
    let buttons: Vec<_> = sold
        .iter()
        .map(|plan| {
            let button = AccountButton::Plan(plan.id.clone());
            (plan.name(scene.language).to_owned(), Callback::Account(button))
        })
        .collect();
    message.buttons.extend(buttons.chunks(3).map(|row| scene.row(row)));
    message.buttons.extend(trial_row(scene, view));
    let button = |key: &str, button| (scene.plain(key), Callback::Account(button));
    message.buttons.push(scene.row(&[
        button("account-button-promo", AccountButton::Promo),
        button("account-button-balance", AccountButton::Balance),
    ]));
    message
}

/// Name, prices, length.
fn headline(scene: &Scene<'_>, plan: &Plan) -> String {
    let prices: Vec<String> = plan
        .prices
        .iter()
        .map(|(currency, minor)| offers::amount(*minor, currency, scene.language))
        .collect();
    let (prices, days) = (prices.join(" · "), offers::days(plan.days, scene.language));
    let values = [
        ("plan", Value::Text(plan.name(scene.language))),
        ("prices", Value::Text(&prices)),
        ("days", Value::Text(&days)),
    ];
    scene.say("account-offer", &values)
}

/// What terms allow, a line each, beside what the person has.
fn allows(scene: &Scene<'_>, view: &AccountView, terms: &Terms) -> Vec<String> {
    let held: Vec<_> = view.periods.iter().map(crate::domain::Period::entitled).collect();
    let own = terms_at(&view.free, &held, scene.now);
    let own = Terms { interval_s: own.interval_s.or(Some(scene.rules.interval.as_secs())), ..own };
    offers::terms(terms, &own, scene.language)
}

/// The button of the trial, if the person may have it.
fn trial_row(scene: &Scene<'_>, view: &AccountView) -> Option<Vec<crate::domain::Button>> {
    trial_plan(scene, view)?;
    let days = offers::days(scene.rules.growth.trial_days, scene.language);
    let text = scene.say("account-button-trial", &[("days", Value::Text(&days))]);
    Some(scene.row(&[(text, Callback::Account(AccountButton::Trial))]))
}

/// The plan of the trial, if the person may have it: once, and not beside another plan.
fn trial_plan<'a>(scene: &Scene<'_>, view: &'a AccountView) -> Option<&'a Plan> {
    let id = scene.rules.growth.trial_plan.as_ref()?;
    let plan = view.plan(id).filter(|plan| plan.active && plan.category == Category::Trial)?;
    let has_another = view.periods.iter().any(|period| period.until > scene.now);
    (!view.trial_used && !has_another).then_some(plan)
}

/// Shows a plan with the ways to get it.
pub fn show(scene: &Scene<'_>, press: Option<Press<'_>>, id: &PlanId) -> Decision {
    let view = match seen(scene, AccountAsk::default()) {
        Ok(view) => view,
        Err(look) => return *look,
    };
    match view.plan(id).filter(|plan| plan.is_sold()) {
        Some(plan) => said(scene, press, card(scene, view, plan)),
        None => said(scene, press, not_offered(scene, view)),
    }
}

fn not_offered(scene: &Scene<'_>, view: &AccountView) -> Outgoing {
    let menu = menu(scene, view);
    let word = scene.plain("account-not-offered");
    Outgoing { text: format!("{word}\n\n{}", menu.text), ..menu }
}

fn card(scene: &Scene<'_>, view: &AccountView, plan: &Plan) -> Outgoing {
    let mut lines = vec![headline(scene, plan)];
    let description = plan.description(scene.language);
    if !description.is_empty() {
        lines.push(description.to_owned());
    }
    lines.push(String::new());
    lines.extend(allows(scene, view, &plan.terms));
    lines.push(String::new());
    if let Some(end) = end_of(&view.periods, &plan.id, scene.now) {
        let date = offers::day(end, &view.zone, scene.language);
        lines.push(scene.say("account-have-it", &[("date", Value::Text(&date))]));
    }
    lines.push(scene.say("account-balance", &[("money", Value::Text(&funds(scene, view)))]));
    let from_balance = ways(scene, view, plan);
    lines.push(scene.plain(match from_balance.is_empty() {
        true => "account-pay-none",
        false => "account-pay-balance-only",
    }));
    let mut message = Outgoing::text(lines.join("\n"));
    message.buttons = from_balance;
    message.buttons.extend(trial_row(scene, view));
    let button = |key: &str, button| (scene.plain(key), Callback::Account(button));
    message.buttons.push(scene.row(&[
        button("account-button-back", AccountButton::Plans),
        button("account-button-promo", AccountButton::Promo),
    ]));
    message
}

/// The prices that the balance bears, a button each.
fn ways(scene: &Scene<'_>, view: &AccountView, plan: &Plan) -> Vec<Vec<crate::domain::Button>> {
    let bears = |(currency, minor): &(&String, &i64)| {
        view.balances.get(*currency).is_some_and(|has| *has >= **minor)
    };
    let way = |(currency, minor): (&String, &i64)| {
        let price = offers::amount(*minor, currency, scene.language);
        let text = scene.say("account-button-from-balance", &[("price", Value::Text(&price))]);
        let (plan, currency) = (plan.id.clone(), currency.clone());
        scene.row(&[(text, Callback::Account(AccountButton::Buy { plan, currency }))])
    };
    plan.prices.iter().filter(bears).map(way).collect()
}

/// Makes an order and asks once more.
pub fn buy(scene: &Scene<'_>, press: Press<'_>, id: &PlanId, currency: &str) -> Decision {
    let view = match seen(scene, AccountAsk::default()) {
        Ok(view) => view,
        Err(look) => return *look,
    };
    let seed = scene.update.to_string();
    let order = view
        .plan(id)
        .and_then(|plan| Order::new((scene.user, &seed), plan, currency, BALANCE, scene.now));
    let Some(order) = order else {
        return scene.change(press, not_offered(scene, view), None);
    };
    let has = view.balances.get(currency).copied().unwrap_or(0);
    let Some(left) = has.checked_sub(order.price.minor).filter(|left| *left >= 0) else {
        return short(scene, press, view, id);
    };
    let price = offers::amount(order.price.minor, currency, scene.language);
    let values = [
        ("plan", Value::Text(&name(scene, view, id))),
        ("days", Value::Text(&offers::days(order.days, scene.language))),
        ("price", Value::Text(&price)),
        ("left", Value::Text(&offers::amount(left, currency, scene.language))),
        ("date", Value::Text(&end_after(scene, view, id, order.days))),
    ];
    let mut message = Outgoing::text(scene.say("account-confirm", &values));
    let yes = scene.say("account-button-yes", &[("price", Value::Text(&price))]);
    let pay = AccountButton::Pay(order.id.clone());
    message.buttons.push(scene.row(&[(yes, Callback::Account(pay))]));
    let no = AccountButton::Drop(order.id.clone());
    message.buttons.push(scene.row(&[(scene.plain("account-button-no"), Callback::Account(no))]));
    let mut decision = scene.change(press, message, None);
    decision.effects.push(Effect::Account(AccountEffect::Order(Box::new(order))));
    decision
}

fn name(scene: &Scene<'_>, view: &AccountView, id: &PlanId) -> String {
    view.plan(id).map_or(id.as_str(), |plan| plan.name(scene.language)).to_owned()
}

/// The day on which a plan would end with more days of it.
pub(super) fn end_after(scene: &Scene<'_>, view: &AccountView, id: &PlanId, days: i64) -> String {
    let end = end_of(&view.periods, id, scene.now).unwrap_or(scene.now) + TimeDelta::days(days);
    offers::day(end, &view.zone, scene.language)
}

/// The balance does not bear it.
fn short(scene: &Scene<'_>, press: Press<'_>, view: &AccountView, id: &PlanId) -> Decision {
    let message = match view.plan(id).filter(|plan| plan.is_sold()) {
        Some(plan) => card(scene, view, plan),
        None => menu(scene, view),
    };
    scene.change(press, message, Some(scene.plain("account-short")))
}

/// Pays an order from the balance, once.
pub fn pay(scene: &Scene<'_>, press: Press<'_>, id: &OrderId) -> Decision {
    let ask = AccountAsk { order: Some(id.clone()), ..AccountAsk::default() };
    let view = match seen(scene, ask) {
        Ok(view) => view,
        Err(look) => return *look,
    };
    let Some(order) = &view.order else {
        return scene.change(press, menu(scene, view), Some(scene.plain("account-order-gone")));
    };
    if order.state == OrderState::Paid {
        return super::note(press, scene.plain("account-paid-already"));
    }
    if !order.is_open(scene.now) {
        return scene.change(press, menu(scene, view), Some(scene.plain("account-order-gone")));
    }
    let has = view.balances.get(&order.price.currency).copied().unwrap_or(0);
    if has < order.price.minor {
        return short(scene, press, view, &order.plan);
    }
    let (plan, date) =
        (name(scene, view, &order.plan), end_after(scene, view, &order.plan, order.days));
    let values = [("plan", Value::Text(&plan)), ("date", Value::Text(&date))];
    let mut message = Outgoing::text(scene.say("account-paid", &values));
    let balance = scene.plain("account-button-balance");
    message.buttons.push(scene.row(&[(balance, Callback::Account(AccountButton::Balance))]));
    let mut decision = scene.change(press, message, Some(scene.plain("account-paid-now")));
    let (user, order) = (scene.user, order.id.clone());
    decision.effects.push(Effect::Account(AccountEffect::PayFromBalance { user, order }));
    decision
}

/// Ends an order.
pub fn drop(scene: &Scene<'_>, press: Press<'_>, id: &OrderId) -> Decision {
    let ask = AccountAsk { order: Some(id.clone()), ..AccountAsk::default() };
    let view = match seen(scene, ask) {
        Ok(view) => view,
        Err(look) => return *look,
    };
    let mut decision = scene.change(press, menu(scene, view), None);
    if view.order.as_ref().is_some_and(|order| order.state == OrderState::Pending) {
        let (user, order) = (scene.user, id.clone());
        decision.effects.push(Effect::Account(AccountEffect::CancelOrder { user, order }));
    }
    decision
}

/// Begins the trial.
pub fn trial(scene: &Scene<'_>, press: Press<'_>) -> Decision {
    let view = match seen(scene, AccountAsk::default()) {
        Ok(view) => view,
        Err(look) => return *look,
    };
    let Some(plan) = trial_plan(scene, view) else {
        return scene.change(press, menu(scene, view), Some(scene.plain("account-trial-used")));
    };
    let days = scene.rules.growth.trial_days;
    let date = end_after(scene, view, &plan.id, days);
    let values = [("plan", Value::Text(plan.name(scene.language))), ("date", Value::Text(&date))];
    let mut text = vec![scene.say("account-trial-begun", &values), String::new()];
    text.extend(allows(scene, view, &plan.terms));
    let mut message = Outgoing::text(text.join("\n"));
    let plans = scene.plain("account-button-plans");
    message.buttons.push(scene.row(&[(plans, Callback::Account(AccountButton::Plans))]));
    let mut decision = scene.change(press, message, Some(scene.plain("account-trial-now")));
    let (user, plan, revision) = (scene.user, plan.id.clone(), plan.revision);
    let effect = AccountEffect::Trial { user, plan, revision, days };
    decision.effects.push(Effect::Account(effect));
    decision
}

/// The plan has no room for a watch: says so, and offers the trial to somebody who may have it.
pub fn at_the_limit(scene: &Scene<'_>, press: Press<'_>, why: &Refusal) -> Decision {
    let refused = alert(press, shorten(&refusal(scene.language, why), 200));
    let is_limit = matches!(why, Refusal::Watches { .. } | Refusal::Sources { .. });
    if !is_limit || scene.is_group() || scene.rules.growth.trial_plan.is_none() {
        return refused;
    }
    // What this part asks to see comes beside what the caller needs.
    let view = match seen(scene, AccountAsk::default()) {
        Ok(view) => view,
        Err(look) => return *look,
    };
    match limit_word(scene, view) {
        Some(word) => Decision { replies: vec![word], ..refused },
        None => refused,
    }
}

/// The plan has no room, said in the middle of something else: where there is a trial, the way to the plans comes
/// with it.
pub fn no_room(scene: &Scene<'_>, press: Press<'_>, why: &Refusal) -> Decision {
    let refused = alert(press, shorten(&refusal(scene.language, why), 200));
    let is_limit = matches!(why, Refusal::Watches { .. } | Refusal::Sources { .. });
    if !is_limit || scene.is_group() || scene.rules.growth.trial_plan.is_none() {
        return refused;
    }
    let mut message = Outgoing::text(scene.plain("account-no-room"));
    let plans = scene.plain("account-button-plans");
    message.buttons.push(scene.row(&[(plans, Callback::Account(AccountButton::Plans))]));
    Decision { replies: vec![scene.reply(message)], ..refused }
}

fn limit_word(scene: &Scene<'_>, view: &AccountView) -> Option<Reply> {
    let plan = trial_plan(scene, view)?;
    let days = offers::days(scene.rules.growth.trial_days, scene.language);
    let values = [("plan", Value::Text(plan.name(scene.language))), ("days", Value::Text(&days))];
    let mut lines = vec![scene.say("account-trial-offer", &values)];
    lines.extend(allows(scene, view, &plan.terms));
    let mut message = Outgoing::text(lines.join("\n"));
    message.buttons.extend(trial_row(scene, view));
    let plans = scene.plain("account-button-plans");
    message.buttons.push(scene.row(&[(plans, Callback::Account(AccountButton::Plans))]));
    Some(scene.reply(message))
}
