//! What is asked before something is done to somebody: of which plan, how many days, which words, and whether to.

use chrono::TimeDelta;

use super::super::{Press, Scene, label};
use super::people::{back, card, name, show};
use super::sure::{self, Order};
use super::{Asked, p, to_home};
use crate::bot::callback::panel::{Deed, PanelButton};
use crate::bot::decide::Decision;
use crate::bot::state::State;
use crate::domain::{Language, Outgoing, PlanId, UserId};
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
    let plans: Vec<_> = card.giveable().collect();
    let key = if plans.is_empty() { "panel-grant-no-plans" } else { "panel-grant-plan" };
    let mut message = Outgoing::text(scene.say(key, &[("name", Value::Text(&who))]));
    for plan in plans {
        let open = p(PanelButton::Plan(user, plan.id.0.clone()));
        let title = label(plan.name(scene.language));
        message.buttons.extend(scene.button(title, &open).map(|button| vec![button]));
    }
    message.buttons.push(scene.row(&[back(scene, &card.known)]));
    scene.change(press, message, None)
}

/// What a plan that can be given is called.
fn title(card: &PersonCard, plan: &PlanId, language: Language) -> Option<String> {
    card.giveable().find(|known| known.id == *plan).map(|known| label(known.name(language)))
}

/// Asks how many days of a plan to give.
pub(super) fn how_many(scene: &Scene<'_>, press: Press<'_>, user: UserId, plan: &str) -> Decision {
    let card = match card(scene, user) {
        Ok(Some(card)) => card,
        Ok(None) => return show(scene, press, user, None),
        Err(look) => return *look,
    };
    let Some(title) = title(card, &PlanId(plan.to_owned()), scene.language) else {
        return which_plan(scene, press, user);
    };
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
    let plan = PlanId(plan.to_owned());
    let known = title(card, &plan, scene.language);
    let Some(title) = known.filter(|_| (1..=MOST_DAYS).contains(&count)) else {
        return nobody(scene, press);
    };
    let was = card.until(&plan);
    let order = Order::Grant { user, plan, days: count, was };
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
    sure::ask(scene, press, p(PanelButton::Person(user)), order, text)
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
    let mut decision = sure::ask(scene, None, p(PanelButton::Person(user)), order, text);
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
    sure::ask(scene, Some(press), p(PanelButton::Person(user)), order, scene.say(key, &values))
}

fn nobody(scene: &Scene<'_>, press: Option<Press<'_>>) -> Decision {
    let mut message = Outgoing::text(scene.plain("panel-nobody"));
    message.buttons.push(scene.row(&[to_home(scene)]));
    match press {
        Some(press) => scene.change(press, message, None),
        None => scene.answer([message]),
    }
}
