//! What is asked before something is done to somebody: of which plan, how many days, which words, and whether to.

use chrono::TimeDelta;

use super::super::{Press, Scene, label};
use super::people::{back, card, name, show};
use super::sure::{self, Order};
use super::{Asked, p, to_home};
use crate::bot::callback::panel::{Deed, PanelButton};
use crate::bot::decide::Decision;
use crate::bot::state::State;
use crate::domain::{Language, Outgoing, UserId};
use crate::store::PersonCard;
use crate::texts::builder::utf16_len;
use crate::texts::money::moment;
use crate::texts::{self, Value};

/// Days to choose from.
const DAYS: [u32; 4] = [7, 30, 90, 365];
/// Most days that are given at once.
const MOST_DAYS: u32 = 3_650;
/// Longest message to somebody, UTF-16 units.
const MESSAGE: usize = 3_000;

/// Asks of which plan to give days.
pub(super) fn which_plan(scene: &Scene<'_>, press: Press<'_>, user: UserId) -> Decision {
    let card = match card(scene, user) {
        Ok(Some(card)) => card,
        Ok(None) => return show(scene, press, user, None),
        Err(look) => return *look,
    };
    let who = name(scene, &card.known);
    let plans = plans(card);
    let key = if plans.is_empty() { "panel-grant-no-plans" } else { "panel-grant-plan" };
    let mut message = Outgoing::text(scene.say(key, &[("name", Value::Text(&who))]));
    for (plan, title) in plans {
        let open = p(PanelButton::Plan(user, plan));
        message.buttons.extend(scene.button(label(&title), &open).map(|button| vec![button]));
    }
    message.buttons.push(scene.row(&[back(scene, &card.known)]));
    scene.change(press, message, None)
}

/// Plans that can be given: those that are sold, and those that the person held.
fn plans(card: &PersonCard) -> Vec<(String, String)> {
    let mut all = card.offered.clone();
    for held in &card.plans {
        if all.iter().all(|(plan, _)| *plan != held.plan) {
            all.push((held.plan.clone(), held.title.clone()));
        }
    }
    all
}

fn title(card: &PersonCard, plan: &str) -> Option<String> {
    plans(card).into_iter().find(|(id, _)| id == plan).map(|(_, title)| label(&title))
}

/// Asks how many days of a plan to give.
pub(super) fn how_many(scene: &Scene<'_>, press: Press<'_>, user: UserId, plan: &str) -> Decision {
    let card = match card(scene, user) {
        Ok(Some(card)) => card,
        Ok(None) => return show(scene, press, user, None),
        Err(look) => return *look,
    };
    let Some(title) = title(card, plan) else { return which_plan(scene, press, user) };
    let who = name(scene, &card.known);
    let values = [("name", Value::Text(&who)), ("title", Value::Text(&title))];
    let mut message = Outgoing::text(scene.say("panel-grant-days", &values));
    let day = |count: &u32| {
        let give = p(PanelButton::Days(*count, user, plan.to_owned()));
        (days(*count, scene.language), give)
    };
    let buttons: Vec<_> = DAYS.iter().map(day).collect();
    message.buttons.extend(buttons.chunks(2).map(|pair| scene.row(pair)));
    message.buttons.push(scene.row(&[back(scene, &card.known)]));
    let asked = Asked::Days { user, plan: plan.to_owned() };
    Decision { state: State::Asked(asked), ..scene.change(press, message, None) }
}

/// The number of days in words.
pub(super) fn days(count: u32, language: Language) -> String {
    texts::say(language, "panel-days", &[("count", Value::Count(count.into()))])
}

/// Days in words of an operator.
pub(super) fn days_typed(scene: &Scene<'_>, user: UserId, plan: &str, text: &str) -> Decision {
    let typed = text.trim().parse().ok().filter(|days| (1..=MOST_DAYS).contains(days));
    let Some(days) = typed else {
        let again = scene.answer([Outgoing::text(scene.plain("panel-grant-number"))]);
        let asked = Asked::Days { user, plan: plan.to_owned() };
        return Decision { state: State::Asked(asked), ..again };
    };
    whether_to_give(scene, None, user, plan, days)
}

/// Asks whether to give so many days of a plan. Without a press it is a new message.
pub(super) fn whether_to_give(
    scene: &Scene<'_>,
    press: Option<Press<'_>>,
    user: UserId,
    plan: &str,
    count: u32,
) -> Decision {
    let card = match card(scene, user) {
        Ok(Some(card)) => card,
        Ok(None) => return nobody(scene, press),
        Err(look) => return *look,
    };
    let known = title(card, plan).filter(|_| (1..=MOST_DAYS).contains(&count));
    let Some(title) = known else { return nobody(scene, press) };
    let was = card.until(plan);
    let order = Order::Grant { user, plan: plan.to_owned(), days: count, was };
    let from = was.map_or(scene.now, |was| was.max(scene.now));
    let until = moment(from + TimeDelta::days(count.into()), scene.language);
    let (who, id) = (name(scene, &card.known), user.to_string());
    let text = scene.say(
        "panel-sure-grant",
        &[
            ("name", Value::Text(&who)),
            ("id", Value::Text(&id)),
            ("days", Value::Text(&days(count, scene.language))),
            ("title", Value::Text(&title)),
            ("until", Value::Text(&until)),
        ],
    );
    sure::ask(scene, press, &card.known, order, text)
}

/// Asks for a message.
pub(super) fn which_words(scene: &Scene<'_>, press: Press<'_>, user: UserId) -> Decision {
    let card = match card(scene, user) {
        Ok(Some(card)) => card,
        Ok(None) => return show(scene, press, user, None),
        Err(look) => return *look,
    };
    if !card.reachable {
        return show(scene, press, user, Some(scene.plain("panel-card-unreachable")));
    }
    let (who, limit) = (name(scene, &card.known), MESSAGE.to_string());
    let values = [("name", Value::Text(&who)), ("limit", Value::Text(&limit))];
    let mut message = Outgoing::text(scene.say("panel-message-ask", &values));
    message.buttons.push(scene.row(&[back(scene, &card.known)]));
    let state = State::Asked(Asked::Words { user });
    Decision { state, ..scene.change(press, message, None) }
}

/// The message, shown as it will arrive, and the question whether to send it.
pub(super) fn words_typed(scene: &Scene<'_>, user: UserId, text: &str) -> Decision {
    let words = text.trim();
    if utf16_len(words) > MESSAGE {
        let limit = MESSAGE.to_string();
        let said = scene.say("panel-message-long", &[("limit", Value::Text(&limit))]);
        let state = State::Asked(Asked::Words { user });
        return Decision { state, ..scene.answer([Outgoing::text(said)]) };
    }
    let card = match card(scene, user) {
        Ok(Some(card)) => card,
        Ok(None) => return nobody(scene, None),
        Err(look) => return *look,
    };
    let (who, id) = (name(scene, &card.known), user.to_string());
    let values = [("name", Value::Text(&who)), ("id", Value::Text(&id))];
    let text = scene.say("panel-sure-message", &values);
    let order = Order::Message { user, text: words.to_owned() };
    let preview = scene.reply(message_to(card.language, words));
    let mut decision = sure::ask(scene, None, &card.known, order, text);
    decision.replies.insert(0, preview);
    decision
}

/// A message from operators as it arrives.
pub(super) fn message_to(language: Language, words: &str) -> Outgoing {
    Outgoing::text(format!("{}\n\n{words}", texts::plain(language, "panel-message-head")))
}

/// Asks whether to bar somebody, to let them in, or to end their conversations.
pub(super) fn whether(scene: &Scene<'_>, press: Press<'_>, deed: Deed, user: UserId) -> Decision {
    let card = match card(scene, user) {
        Ok(Some(card)) => card,
        Ok(None) => return show(scene, press, user, None),
        Err(look) => return *look,
    };
    let (key, order) = match deed {
        Deed::Ban => ("panel-sure-ban", Order::Ban { user }),
        Deed::Unban => ("panel-sure-unban", Order::Unban { user }),
        _ => ("panel-sure-reset", Order::Reset { user, conversations: card.conversations }),
    };
    if !order.holds(card) {
        let none = matches!(order, Order::Reset { .. });
        let key = if none { "panel-reset-none" } else { "panel-sure-changed" };
        return show(scene, press, user, Some(scene.plain(key)));
    }
    let (who, id) = (name(scene, &card.known), user.to_string());
    let values = [
        ("name", Value::Text(&who)),
        ("id", Value::Text(&id)),
        ("count", Value::Count(card.conversations)),
    ];
    sure::ask(scene, Some(press), &card.known, order, scene.say(key, &values))
}

fn nobody(scene: &Scene<'_>, press: Option<Press<'_>>) -> Decision {
    let mut message = Outgoing::text(scene.plain("panel-nobody"));
    message.buttons.push(scene.row(&[to_home(scene)]));
    match press {
        Some(press) => scene.change(press, message, None),
        None => scene.answer([message]),
    }
}
