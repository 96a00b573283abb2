//! The second press before something is done.
//!
//! The question names what is done, to whom and with which numbers; they are remembered in the conversation with a
//! code that only its button carries, for five minutes. Any other button or word ends the question. When the button
//! is pressed, the person is looked at again: where anything of it has changed, nothing is done.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::super::{Press, Scene, alert, label, searches};
use super::deeds::{days, message_to};
use super::people::{back, card, name, show};
use super::{Asked, p, plans, to_home};
use crate::bot::callback::Callback;
use crate::bot::callback::panel::{Field, PanelButton};
use crate::bot::decide::Decision;
use crate::bot::state::State;
use crate::domain::delivery::{Content, delivery_id};
use crate::domain::ids::digest;
use crate::domain::{ChatId, Class, Language, NewDelivery, Outgoing, PlanId, UserId};
use crate::store::{Effect, PanelEffect, PersonCard};
use crate::texts::money::moment;
use crate::texts::{self, Value};

/// Minutes for which the button works.
const MINUTES: i64 = 5;

/// A question whether to do something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sure {
    /// What the button carries.
    pub code: String,
    /// Until when it works.
    pub until: DateTime<Utc>,
    /// What is done then.
    pub order: Order,
}

/// What is done to somebody, with the numbers that the operator saw.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "deed", rename_all = "snake_case")]
pub enum Order {
    /// Bar them.
    Ban {
        /// Whom.
        user: UserId,
    },
    /// Let them in again.
    Unban {
        /// Whom.
        user: UserId,
    },
    /// End their conversations.
    Reset {
        /// Whose.
        user: UserId,
        /// How many.
        conversations: i64,
    },
    /// Give days of a plan.
    Grant {
        /// To whom.
        user: UserId,
        /// Of which plan.
        plan: PlanId,
        /// How many.
        days: u32,
        /// Until when they held it.
        was: Option<DateTime<Utc>>,
    },
    /// Write to them.
    Message {
        /// To whom.
        user: UserId,
        /// What.
        text: String,
    },
    /// Change a plan.
    Plan {
        /// Which.
        plan: PlanId,
        /// Its revision that the operator saw.
        revision: i64,
        /// What of it.
        field: Field,
        /// What the operator wrote.
        value: String,
    },
}

impl Order {
    /// To whom it is done, if to somebody.
    fn user(&self) -> Option<UserId> {
        match self {
            Self::Ban { user }
            | Self::Unban { user }
            | Self::Reset { user, .. }
            | Self::Grant { user, .. }
            | Self::Message { user, .. } => Some(*user),
            Self::Plan { .. } => None,
        }
    }

    /// What the button and the log call it.
    fn word(&self) -> &'static str {
        match self {
            Self::Ban { .. } => "ban",
            Self::Unban { .. } => "unban",
            Self::Reset { .. } => "reset",
            Self::Grant { .. } => "grant",
            Self::Message { .. } => "message",
            Self::Plan { .. } => "plan",
        }
    }

    /// Whether the person is still as the operator saw them.
    pub(super) fn holds(&self, card: &PersonCard) -> bool {
        match self {
            Self::Ban { .. } => !card.known.banned,
            Self::Unban { .. } => card.known.banned,
            Self::Reset { .. } => card.conversations > 0,
            Self::Grant { plan, was, .. } => {
                card.until(plan) == *was && card.giveable().any(|known| known.id == *plan)
            }
            Self::Message { .. } => card.reachable,
            Self::Plan { .. } => false,
        }
    }
}

/// Asks whether to carry out `order`; `text` names it, `no` is where the other button leads. Without a press it is a
/// new message.
pub(super) fn ask(
    scene: &Scene<'_>,
    press: Option<Press<'_>>,
    no: Callback,
    order: Order,
    text: String,
) -> Decision {
    let what = scene.plain(match order {
        Order::Ban { .. } => "panel-do-ban",
        Order::Unban { .. } => "panel-do-unban",
        Order::Reset { .. } => "panel-do-reset",
        Order::Grant { .. } => "panel-do-grant",
        Order::Message { .. } => "panel-do-message",
        Order::Plan { .. } => "panel-do-plan",
    });
    let told = serde_json::to_string(&order).unwrap_or_default();
    let code = digest(&[&scene.update.to_string(), &told])[..12].to_owned();
    let mut message = Outgoing::text(format!("{text}\n\n{}", scene.plain("panel-sure-note")));
    let yes = scene.say("panel-sure-yes", &[("what", Value::Text(&what))]);
    message.buttons.push(scene.row(&[(yes, p(PanelButton::Yes(code.clone())))]));
    message.buttons.push(scene.row(&[(scene.plain("panel-sure-no"), no)]));
    let until = scene.now + TimeDelta::minutes(MINUTES);
    let state = State::Asked(Asked::Sure(Sure { code, until, order }));
    let decision = match press {
        Some(press) => scene.change(press, message, None),
        None => scene.answer([message]),
    };
    Decision { state, ..decision }
}

/// The second press.
pub(super) fn yes(scene: &Scene<'_>, press: Press<'_>, code: &str) -> Decision {
    let state = State::of(scene.view.dialogue.as_ref(), scene.now);
    let sure = match &state {
        State::Asked(Asked::Sure(sure)) if sure.code == code && scene.now < sure.until => sure,
        // Another question may be open: an old button does not end it.
        _ => return Decision { state, ..alert(press, scene.plain("panel-sure-over")) },
    };
    if let Order::Plan { plan, revision, field, value } = &sure.order {
        return plans::change(scene, press, (plan, *revision), *field, value);
    }
    let Some(user) = sure.order.user() else { return searches::out_of_date(scene, press) };
    let card = match card(scene, user) {
        Ok(Some(card)) if sure.order.holds(card) => card,
        Ok(_) => return show(scene, press, user, Some(scene.plain("panel-sure-changed"))),
        Err(look) => return *look,
    };
    done(scene, press, sure, card)
}

/// Does it, says so, and writes it down.
fn done(scene: &Scene<'_>, press: Press<'_>, sure: &Sure, card: &PersonCard) -> Decision {
    let Some(Done { key, detail, effects, values }) = what_is_done(scene, sure, card) else {
        return searches::out_of_date(scene, press);
    };
    let who = name(scene, &card.known);
    let mut all = vec![("name", Value::Text(&who))];
    all.extend(values.iter().map(|(name, text)| (*name, Value::Text(text))));
    let mut message = Outgoing::text(scene.say(key, &all));
    message.buttons.push(scene.row(&[back(scene, &card.known), to_home(scene)]));
    let mut decision = scene.change(press, message, None);
    decision.effects.extend(effects);
    let (action, target) =
        (format!("user.{}", sure.order.word()), format!("user {}", card.known.id));
    decision.effects.push(scene.audit(&action, &target, &detail));
    decision
}

/// What an order comes to.
struct Done {
    /// The sentence that says so.
    key: &'static str,
    /// For the log.
    detail: String,
    effects: Vec<Effect>,
    /// What the sentence names beside the person.
    values: Vec<(&'static str, String)>,
}

/// `None` for what is not done to somebody.
fn what_is_done(scene: &Scene<'_>, sure: &Sure, card: &PersonCard) -> Option<Done> {
    let panel = |effect| vec![Effect::Panel(effect)];
    Some(match &sure.order {
        Order::Ban { user } => Done {
            key: "panel-done-ban",
            detail: String::new(),
            effects: panel(PanelEffect::Ban { user: *user, banned: true }),
            values: vec![],
        },
        Order::Unban { user } => Done {
            key: "panel-done-unban",
            detail: String::new(),
            effects: panel(PanelEffect::Ban { user: *user, banned: false }),
            values: vec![],
        },
        Order::Reset { user, conversations } => Done {
            key: "panel-done-reset",
            detail: format!("{conversations} conversations"),
            effects: panel(PanelEffect::Reset { user: *user }),
            values: vec![],
        },
        Order::Grant { user, plan, days, was } => {
            given(scene, sure, card, (*user, plan, *days, *was))
        }
        Order::Plan { .. } => return None,
        Order::Message { text, .. } => Done {
            key: "panel-done-message",
            // What is said between people is nobody else's business.
            detail: format!("{} characters", text.chars().count()),
            effects: vec![tell(scene, card, Class::Support, message_to(card.language, text))],
            values: vec![],
        },
    })
}

/// Days of a plan: the person is told of them.
fn given(
    scene: &Scene<'_>,
    sure: &Sure,
    card: &PersonCard,
    (user, plan, count, was): (UserId, &PlanId, u32, Option<DateTime<Utc>>),
) -> Done {
    let until = was.map_or(scene.now, |was| was.max(scene.now)) + TimeDelta::days(count.into());
    let values = |language: Language| {
        vec![
            ("days", days(count, language)),
            ("title", label(card.title(plan, language))),
            ("until", moment(until, language)),
        ]
    };
    let theirs = values(card.language);
    let told: Vec<_> = theirs.iter().map(|(name, text)| (*name, Value::Text(text))).collect();
    let words = Outgoing::text(texts::say(card.language, "panel-given", &told));
    let (id, days) = (sure.code.clone(), i64::from(count));
    let by = format!("user {}", scene.user);
    let grant = PanelEffect::Grant { id, user, plan: plan.clone(), days, was, by };
    let mut effects = vec![Effect::Panel(grant)];
    if card.reachable {
        effects.push(tell(scene, card, Class::Payment, words));
    }
    Done {
        key: "panel-done-grant",
        detail: format!("{count} days of {plan}, until {}", until.to_rfc3339()),
        effects,
        values: values(scene.language),
    }
}

/// A message to the person, once for this press.
fn tell(scene: &Scene<'_>, card: &PersonCard, class: Class, message: Outgoing) -> Effect {
    let chat = ChatId(card.known.id.0);
    Effect::Tell(NewDelivery {
        id: delivery_id(class, chat, None, &format!("operator/{}", scene.update)),
        class,
        chat,
        thread: None,
        language: card.language,
        content: Content::Message(message),
        not_before: scene.now,
        fate: Default::default(),
    })
}
