//! Plans: what they cost and allow, and changing them.
//!
//! ```text
//! olga presses [⭐ Plans], [Plus]
//! bot edits> ⭐ Plus (plus)
//!            Names: en Plus · ru Плюс · uk Плюс
//!            Price: $4.99 …
//!            [✏️ Name] [💶 Price] [🗓 Time]
//!            [📏 Limits] [⏸ Offer no longer]
//!            [‹ Panel]
//! olga presses [💶 Price]
//! bot edits> Write a price of “Plus” with its currency, …
//! olga> 5.99 USD
//! bot> Change “Plus”?
//!      Before: $4.99
//!      After: $5.99
//!      What was bought stays as it was bought.
//!      [⚠️ Yes: change]
//!      [‹ No]
//! ```
//!
//! A change is bound to the revision that was seen: where somebody else was faster, nothing is changed.

use serde_json::json;

use super::super::{Press, Scene, label};
use super::deeds::days;
use super::sure::{self, Order};
use super::{Asked, p, to_home};
use crate::bot::callback::panel::{Field, PanelButton};
use crate::bot::decide::Decision;
use crate::bot::state::State;
use crate::domain::offer::{Category, STARS, problems};
use crate::domain::plan::Terms;
use crate::domain::{Language, Outgoing, Plan, PlanId};
use crate::store::{AccountAsk, Effect, Look, PanelEffect};
use crate::texts::Value;
use crate::texts::builder::clean;
use crate::texts::money::{minor_digits, money};

/// Shows the plans.
pub(super) fn list(scene: &Scene<'_>, press: Press<'_>) -> Decision {
    let plans = match all(scene) {
        Ok(plans) => plans,
        Err(look) => return *look,
    };
    let key = if plans.is_empty() { "panel-plans-none" } else { "panel-plans-head" };
    let mut message = Outgoing::text(scene.plain(key));
    for plan in plans {
        let mark = if plan.active { "" } else { "⏸ " };
        let text = label(&format!("{mark}{}", plan.name(scene.language)));
        let open = p(PanelButton::PlanCard(plan.id.clone()));
        message.buttons.extend(scene.button(text, &open).map(|button| vec![button]));
    }
    message.buttons.push(scene.row(&[to_home(scene)]));
    scene.change(press, message, None)
}

fn all<'a>(scene: &Scene<'a>) -> Result<&'a [Plan], Box<Decision>> {
    let ask = || AccountAsk { now: scene.now, ..AccountAsk::default() };
    let look = || Look { account: Some(ask()), ..Look::default() };
    let account = scene.view.account.as_ref();
    account
        .map(|account| account.plans.as_slice())
        .ok_or_else(|| Box::new(Decision::look(State::Idle, look())))
}

/// One plan; `Ok(None)` when there is no such plan any more.
fn one<'a>(scene: &Scene<'a>, id: &PlanId) -> Result<Option<&'a Plan>, Box<Decision>> {
    Ok(all(scene)?.iter().find(|plan| plan.id == *id))
}

/// Shows a plan.
pub(super) fn show(
    scene: &Scene<'_>,
    press: Press<'_>,
    id: &PlanId,
    note: Option<String>,
) -> Decision {
    match one(scene, id) {
        Ok(Some(plan)) => scene.change(press, card(scene, plan), note),
        Ok(None) => scene.change(press, gone(scene), note),
        Err(look) => *look,
    }
}

fn gone(scene: &Scene<'_>) -> Outgoing {
    let mut message = Outgoing::text(scene.plain("panel-plan-gone"));
    let plans = (scene.plain("panel-button-plans"), p(PanelButton::Plans));
    message.buttons.push(scene.row(&[plans, to_home(scene)]));
    message
}

fn card(scene: &Scene<'_>, plan: &Plan) -> Outgoing {
    let say = |key: &str, values: &[(&'static str, &str)]| {
        let values: Vec<_> = values.iter().map(|(name, text)| (*name, Value::Text(text))).collect();
        scene.say(key, &values)
    };
    let names: Vec<String> =
        plan.names.iter().map(|(language, name)| format!("{} {name}", language.code())).collect();
    let offered = if plan.active { "panel-plan-offered" } else { "panel-plan-rests" };
    let title = label(plan.name(scene.language));
    let time = match plan.days {
        0 => scene.plain("panel-plan-endless"),
        _ => say("panel-plan-days", &[("days", &shown(scene, plan, Field::Days))]),
    };
    let lines = [
        say("panel-plan-head", &[("title", &title), ("id", plan.id.as_str())]),
        say("panel-plan-names", &[("names", &names.join(" · "))]),
        say("panel-plan-price", &[("prices", &shown(scene, plan, Field::Price))]),
        time,
        say("panel-plan-terms", &[("terms", &shown(scene, plan, Field::Terms))]),
        scene.plain(offered),
    ];
    let mut message = Outgoing::text(lines.join("\n"));
    let edit = |key: &str, field| (scene.plain(key), p(PanelButton::Edit(field, plan.id.clone())));
    let mut row = vec![edit("panel-button-plan-name", Field::Name)];
    if plan.category == Category::Paid {
        row.push(edit("panel-button-plan-price", Field::Price));
    }
    if plan.category != Category::Free {
        row.push(edit("panel-button-plan-days", Field::Days));
    }
    message.buttons.push(scene.row(&row));
    let offer = match plan.active {
        true => edit("panel-button-plan-stop", Field::Active),
        false => edit("panel-button-plan-offer", Field::Active),
    };
    message.buttons.push(scene.row(&[edit("panel-button-plan-terms", Field::Terms), offer]));
    let plans = (scene.plain("panel-button-plans"), p(PanelButton::Plans));
    message.buttons.push(scene.row(&[plans, to_home(scene)]));
    message
}

/// Something of a plan in words.
fn shown(scene: &Scene<'_>, plan: &Plan, field: Field) -> String {
    let or_none = |text: String| match text.is_empty() {
        true => scene.plain("panel-plan-nothing"),
        false => text,
    };
    match field {
        Field::Name => plan.name(scene.language).to_owned(),
        Field::Days => days(u32::try_from(plan.days).unwrap_or(0), scene.language),
        Field::Active => scene.plain(match plan.active {
            true => "panel-plan-offered",
            false => "panel-plan-rests",
        }),
        Field::Price => {
            let price = |currency: &String| match (currency.as_str(), plan.price(currency)) {
                (STARS, Some(price)) => Some(format!("{} XTR", price.minor)),
                (_, price) => price.map(|price| money(&price, scene.language)),
            };
            or_none(plan.prices.keys().filter_map(price).collect::<Vec<_>>().join(", "))
        }
        Field::Terms => {
            let stated = serde_json::to_value(&plan.terms).unwrap_or_default();
            let stated = stated.as_object().cloned().unwrap_or_default();
            let line = |(key, value): (&String, &serde_json::Value)| match value.as_array() {
                Some(words) => {
                    let words: Vec<_> = words.iter().filter_map(|word| word.as_str()).collect();
                    format!("{key} {}", words.join(" "))
                }
                None => format!("{key} {value}"),
            };
            or_none(stated.iter().map(line).collect::<Vec<_>>().join(" · "))
        }
    }
}

/// Asks for another value, or at once whether to change what has two values only.
pub(super) fn ask(scene: &Scene<'_>, press: Press<'_>, field: Field, id: &PlanId) -> Decision {
    let plan = match one(scene, id) {
        Ok(Some(plan)) => plan,
        Ok(None) => return show(scene, press, id, None),
        Err(look) => return *look,
    };
    let key = match field {
        Field::Name => "panel-plan-ask-name",
        Field::Price => "panel-plan-ask-price",
        Field::Days => "panel-plan-ask-days",
        Field::Terms => "panel-plan-ask-terms",
        Field::Active => {
            let value = if plan.active { "off" } else { "on" };
            return whether(scene, Some(press), plan, field, value);
        }
    };
    let (title, keys) = (label(plan.name(scene.language)), Terms::KEYS.join(", "));
    let values = [("title", Value::Text(&title)), ("keys", Value::Text(&keys))];
    let mut message = Outgoing::text(scene.say(key, &values));
    let back = scene.say("panel-button-plan", &[("title", Value::Text(&title))]);
    message.buttons.push(scene.row(&[(back, p(PanelButton::PlanCard(id.clone())))]));
    let asked = Asked::Value { field, plan: id.clone() };
    Decision { state: State::Asked(asked), ..scene.change(press, message, None) }
}

/// Another value in words of an operator.
pub(super) fn typed(scene: &Scene<'_>, field: Field, id: &PlanId, text: &str) -> Decision {
    match one(scene, id) {
        Ok(Some(plan)) => whether(scene, None, plan, field, text.trim()),
        Ok(None) => scene.answer([gone(scene)]),
        Err(look) => *look,
    }
}

/// Asks whether to change a plan so; what cannot be is said, and asked for again.
fn whether(
    scene: &Scene<'_>,
    press: Option<Press<'_>>,
    plan: &Plan,
    field: Field,
    value: &str,
) -> Decision {
    let wanted = match changed(plan, field, value, scene.language) {
        Ok(wanted) if wanted == *plan => Err(scene.plain("panel-plan-same")),
        Ok(wanted) => match problems(&wanted).first() {
            Some(problem) => Err(bad(scene, problem)),
            None => Ok(wanted),
        },
        Err(Unreadable) => Err(bad(scene, &scene.plain("panel-plan-unreadable"))),
    };
    let wanted = match wanted {
        Ok(wanted) => wanted,
        Err(said) => {
            let asked = Asked::Value { field, plan: plan.id.clone() };
            let again = scene.answer([Outgoing::text(said)]);
            return Decision { state: State::Asked(asked), ..again };
        }
    };
    let (before, after) = (shown(scene, plan, field), shown(scene, &wanted, field));
    let title = label(plan.name(scene.language));
    let text = scene.say(
        "panel-sure-plan",
        &[
            ("title", Value::Text(&title)),
            ("before", Value::Text(&before)),
            ("after", Value::Text(&after)),
        ],
    );
    let order = Order::Plan {
        plan: plan.id.clone(),
        revision: plan.revision,
        field,
        value: value.to_owned(),
    };
    sure::ask(scene, press, p(PanelButton::PlanCard(plan.id.clone())), order, text)
}

fn bad(scene: &Scene<'_>, problem: &str) -> String {
    scene.say("panel-plan-bad", &[("problem", Value::Text(problem))])
}

/// After the second press: changes the plan if it is still the one that was seen.
pub(super) fn change(
    scene: &Scene<'_>,
    press: Press<'_>,
    (id, revision): (&PlanId, i64),
    field: Field,
    value: &str,
) -> Decision {
    let plan = match one(scene, id) {
        Ok(Some(plan)) if plan.revision == revision => plan,
        Ok(_) => return show(scene, press, id, Some(scene.plain("panel-sure-changed"))),
        Err(look) => return *look,
    };
    let Ok(wanted) = changed(plan, field, value, scene.language) else {
        return show(scene, press, id, Some(scene.plain("panel-sure-changed")));
    };
    let (before, after) = (shown(scene, plan, field), shown(scene, &wanted, field));
    let title = label(wanted.name(scene.language));
    let values = [("title", Value::Text(&title)), ("after", Value::Text(&after))];
    let mut message = Outgoing::text(scene.say("panel-done-plan", &values));
    let back = scene.say("panel-button-plan", &[("title", Value::Text(&title))]);
    let back = (back, p(PanelButton::PlanCard(id.clone())));
    message.buttons.push(scene.row(&[back, to_home(scene)]));
    let mut decision = scene.change(press, message, None);
    decision.effects.push(Effect::Panel(PanelEffect::Plan(Box::new(wanted))));
    let detail = format!("{before} → {after}");
    let action = format!("plan.{}", word(field));
    decision.effects.push(scene.audit(&action, &format!("plan {id}"), &detail));
    decision
}

/// What the log calls it.
fn word(field: Field) -> &'static str {
    match field {
        Field::Name => "name",
        Field::Price => "price",
        Field::Days => "days",
        Field::Terms => "terms",
        Field::Active => "offer",
    }
}

/// The words mean no value.
#[derive(Debug, PartialEq, Eq)]
struct Unreadable;

/// The plan with another value.
fn changed(plan: &Plan, field: Field, value: &str, language: Language) -> Result<Plan, Unreadable> {
    let mut wanted = plan.clone();
    match field {
        Field::Name => {
            wanted.names.insert(language, clean(value));
        }
        Field::Days => wanted.days = value.parse().map_err(|_| Unreadable)?,
        Field::Active => wanted.active = value == "on",
        Field::Price => match price(value).ok_or(Unreadable)? {
            (0, currency) => {
                wanted.prices.remove(&currency);
            }
            (minor, currency) => {
                wanted.prices.insert(currency, minor);
            }
        },
        Field::Terms => wanted.terms = terms(&plan.terms, value).ok_or(Unreadable)?,
    }
    Ok(wanted)
}

/// An amount with its currency, in either order: `4.99 USD`, `XTR 350`.
fn price(text: &str) -> Option<(i64, String)> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let [one, other] = words[..] else { return None };
    let (amount, currency) =
        if one.starts_with(|c: char| c.is_ascii_digit()) { (one, other) } else { (other, one) };
    let currency = currency.to_ascii_uppercase();
    if currency.len() != 3 || !currency.bytes().all(|b| b.is_ascii_uppercase()) {
        return None;
    }
    let digits = if currency == STARS { 0 } else { minor_digits(&currency) };
    let (whole, fraction) = amount.split_once(['.', ',']).unwrap_or((amount, ""));
    let is_number = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    if whole.is_empty() || fraction.len() > digits || !is_number(whole) || !is_number(fraction) {
        return None;
    }
    let minor = format!("{whole}{fraction:0<digits$}").parse().ok()?;
    Some((minor, currency))
}

/// The terms with one of them stated otherwise: `watches 30`, `features map charts`, `delay_s -`.
fn terms(terms: &Terms, text: &str) -> Option<Terms> {
    let mut words = text.split(|c: char| c.is_whitespace() || matches!(c, '=' | ':' | ','));
    let key = words.next().filter(|key| Terms::KEYS.contains(key))?;
    let values: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
    let mut stated = serde_json::to_value(terms).ok()?;
    let all = stated.as_object_mut()?;
    match values[..] {
        [] => return None,
        ["-"] => {
            all.remove(key);
        }
        _ if key == "features" => {
            all.insert(key.to_owned(), json!(values));
        }
        [number] => {
            all.insert(key.to_owned(), json!(number.parse::<u64>().ok()?));
        }
        _ => return None,
    }
    serde_json::from_value(stated).ok()
}

#[cfg(test)]
#[path = "plans_tests.rs"]
mod tests;
