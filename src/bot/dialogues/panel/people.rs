//! Finding somebody, and their card.

use sites::Money;

use super::super::{Press, Scene, label, name as shown};
use super::{Asked, p, seen, to_home};
use crate::bot::callback::Callback;
use crate::bot::callback::panel::{Deed, PanelButton, Sight};
use crate::bot::decide::Decision;
use crate::bot::state::State;
use crate::domain::figures::start_of;
use crate::domain::{Outgoing, UserId};
use crate::store::{Known, PanelAsk, PanelView, PersonCard};
use crate::texts::Value;
use crate::texts::money::{count, day, moment, money};

/// Asks whom to look for.
pub(super) fn ask(scene: &Scene<'_>, press: Press<'_>) -> Decision {
    let mut message = Outgoing::text(scene.plain("panel-find-ask"));
    message.buttons.push(scene.row(&[to_home(scene)]));
    Decision { state: State::Asked(Asked::Who), ..scene.change(press, message, None) }
}

/// Shows whom the words name: one person at once, several to choose from.
pub(super) fn found(scene: &Scene<'_>, words: &str) -> Decision {
    if let Some(PanelView::Person(card)) = &scene.view.panel {
        return scene.answer([message_of(scene, card.as_deref())]);
    }
    let pick = |view| match view {
        &PanelView::Found(ref found, count) => Some((found, count)),
        _ => None,
    };
    let (found, many) = match seen(scene, PanelAsk::Find(words.to_owned()), pick) {
        Ok(found) => found,
        Err(look) => return *look,
    };
    let typed = shown(words);
    let values = [
        ("words", Value::Text(&typed)),
        ("count", Value::Count(i64::try_from(many).unwrap_or(i64::MAX))),
    ];
    if let ([one], 1) = (found.as_slice(), many) {
        let ask = PanelAsk::Person(one.id, scene.now);
        let look = crate::store::Look { panel: Some(ask), ..Default::default() };
        return Decision::look(State::Idle, look);
    }
    let again = State::Asked(Asked::Who);
    if found.is_empty() {
        let mut message = Outgoing::text(scene.say("panel-find-none", &values));
        message.buttons.push(scene.row(&[to_home(scene)]));
        return Decision { state: again, ..scene.answer([message]) };
    }
    let mut message = Outgoing::text(scene.say("panel-find-found", &values));
    if u64::try_from(found.len()).unwrap_or(0) < many {
        message.text.push(' ');
        message.text.push_str(&scene.plain("panel-find-more"));
    }
    for known in found {
        let mark = if known.banned { "🚫 " } else { "" };
        let at = known.username.as_ref().map(|username| format!(" · @{username}"));
        let text = label(&format!("{mark}{}{}", name(scene, known), at.unwrap_or_default()));
        let open = p(PanelButton::Person(known.id));
        message.buttons.extend(scene.button(text, &open).map(|button| vec![button]));
    }
    message.buttons.push(scene.row(&[to_home(scene)]));
    Decision { state: again, ..scene.answer([message]) }
}

/// Shows the card of somebody.
pub(super) fn show(
    scene: &Scene<'_>,
    press: Press<'_>,
    user: UserId,
    note: Option<String>,
) -> Decision {
    match card(scene, user) {
        Ok(card) => scene.change(press, message_of(scene, card), note),
        Err(look) => *look,
    }
}

/// The card of somebody from the record.
pub(super) fn card<'a>(
    scene: &Scene<'a>,
    user: UserId,
) -> Result<Option<&'a PersonCard>, Box<Decision>> {
    seen(scene, PanelAsk::Person(user, scene.now), |view| match view {
        PanelView::Person(card) => Some(card.as_deref()),
        _ => None,
    })
}

/// What somebody is called here; never empty.
pub(super) fn name(scene: &Scene<'_>, known: &Known) -> String {
    match (known.name.trim(), &known.username) {
        ("", Some(username)) => format!("@{username}"),
        ("", None) => scene.plain("panel-nameless"),
        (name, _) => label(name),
    }
}

/// A button back to the card.
pub(super) fn back(scene: &Scene<'_>, known: &Known) -> (String, Callback) {
    let name = name(scene, known);
    let text = scene.say("panel-button-card", &[("name", Value::Text(&name))]);
    (text, p(PanelButton::Person(known.id)))
}

fn message_of(scene: &Scene<'_>, card: Option<&PersonCard>) -> Outgoing {
    let Some(card) = card else {
        let mut message = Outgoing::text(scene.plain("panel-nobody"));
        let again = (scene.plain("panel-find-again"), p(PanelButton::People));
        message.buttons.push(scene.row(&[again, to_home(scene)]));
        return message;
    };
    let mut message = Outgoing::text(lines(scene, card).join("\n"));
    let id = card.known.id;
    let deed = |key: &str, deed| (scene.plain(key), p(PanelButton::Ask(deed, id)));
    let see = |key: &str, sight| (scene.plain(key), p(PanelButton::See(sight, id)));
    let ban = match card.known.banned {
        true => deed("panel-button-unban", Deed::Unban),
        false => deed("panel-button-ban", Deed::Ban),
    };
    message.buttons.push(scene.row(&[
        deed("panel-button-grant", Deed::Grant),
        deed("panel-button-message", Deed::Message),
    ]));
    message.buttons.push(scene.row(&[ban, deed("panel-button-reset", Deed::Reset)]));
    message.buttons.push(scene.row(&[
        see("panel-button-see-watches", Sight::Watches),
        see("panel-button-see-settings", Sight::Settings),
        see("panel-button-see-plan", Sight::Plan),
    ]));
    let again = (scene.plain("panel-find-again"), p(PanelButton::People));
    message.buttons.push(scene.row(&[again, to_home(scene)]));
    message
}

fn lines(scene: &Scene<'_>, card: &PersonCard) -> Vec<String> {
    let language = scene.language;
    let number = |value: i64| count(value, language);
    let say = |key: &str, values: &[(&'static str, &str)]| {
        let values: Vec<_> = values.iter().map(|(name, text)| (*name, Value::Text(text))).collect();
        scene.say(key, &values)
    };
    let (known, [sent, dead, unknown]) = (&card.known, card.deliveries);
    let mut head = say("panel-card-head", &[("name", &name(scene, known))]);
    if let Some(username) = &known.username {
        head.push_str(&format!(" · @{username}"));
    }
    let seen =
        card.seen_on.map_or_else(|| scene.plain("panel-unknown"), |on| day(start_of(on), language));
    let mut lines = vec![
        head,
        say("panel-card-id", &[("id", &known.id.to_string()), ("language", card.language.code())]),
        say("panel-card-since", &[("since", &day(card.since, language)), ("seen", &seen)]),
    ];
    if known.banned {
        lines.push(scene.plain("panel-card-banned"));
    }
    if !card.reachable {
        lines.push(scene.plain("panel-card-unreachable"));
    }
    lines.push(String::new());
    for (plan, end) in &card.held {
        let over = *end <= scene.now;
        let key = if over { "panel-card-plan-over" } else { "panel-card-plan" };
        let (title, until) = (label(card.title(plan, language)), moment(*end, language));
        lines.push(say(key, &[("title", &title), ("until", &until)]));
    }
    if card.held.is_empty() {
        lines.push(scene.plain("panel-card-no-plan"));
    }
    let amounts: Vec<_> = card.balances.iter().filter(|(_, minor)| **minor != 0).collect();
    for (currency, minor) in amounts {
        let amount = money(&Money { minor: *minor, currency: currency.clone() }, language);
        lines.push(say("panel-card-balance", &[("amount", &amount)]));
    }
    let (watches, running) = (number(card.watches), number(card.running));
    lines.push(say("panel-card-watches", &[("count", &watches), ("running", &running)]));
    lines.push(say(
        "panel-card-deliveries",
        &[
            ("sent", &number(sent)),
            ("dead", &number(dead)),
            ("unknown", &number(unknown)),
            ("waiting", &number(card.waiting)),
        ],
    ));
    let (tickets, open) = (number(card.tickets.0), number(card.tickets.1));
    lines.push(say("panel-card-tickets", &[("count", &tickets), ("open", &open)]));
    if card.conversations > 0 {
        lines.push(scene.plain("panel-card-stuck"));
    }
    lines
}
