//! What people may ask of the bot in a time, and what they hear when it is too much.
//!
//! ```text
//! anna sends the 31st message of a minute
//! bot> You write faster than I can read. Please try again in 2 seconds.
//! anna sends more                                   (silence, until her bucket has been full again)
//! anna presses [Demo flats] for the 21st time in a minute
//! alert> That was a lot at once. Please try again in 3 seconds.
//! ```
//!
//! An update passes three gates, the cheap ones first:
//!
//! 1. the process takes so many updates a second from the webhook, whoever sends them ([`flow`]): 503 with
//!    `Retry-After`, and Telegram brings them again;
//! 2. a person who sends many times more than any quota, or whose bucket was found empty a moment ago, is not heard
//!    ([`gate`]): nothing is read for them, and the record is not asked;
//! 3. what an update writes is paid for in the transaction that writes it ([`dues`]): exactly once, and by all
//!    processes on one record together.
//!
//! An update that writes nothing costs no commit, so only the second gate counts it.

pub mod flow;
pub mod gate;

use chrono::{DateTime, Utc};

use super::decide::{Answer, Decision, Reply};
use super::event::{Event, Update};
use super::rules::Rules;
use super::state::State;
use crate::domain::quota::{Act, Toll};
use crate::domain::watch::WatchOrder;
use crate::domain::{ChatKind, Language, Outgoing, UserId};
use crate::store::{AccountEffect, Dues, Effect, Overdrawn, TicketEffect, View};
use crate::telegram::Target;
use crate::texts::{self, Value};

/// The person whose quotas an update counts against; operators and the group of support are exempt.
pub fn payer(rules: &Rules, update: &Update) -> Option<UserId> {
    let person = update.who.as_ref().filter(|who| !who.is_bot)?;
    let is_staff = rules.support.is_some() && update.place.map(|place| place.chat) == rules.support;
    (!is_staff && !rules.is_operator(person.id)).then_some(person.id)
}

/// What an update is in itself; `None` for what a person does not do to us.
pub fn act(event: &Event) -> Option<Act> {
    match event {
        Event::Text { .. }
        | Event::Media { .. }
        | Event::Edited { .. }
        | Event::Location { .. }
        | Event::AppData { .. }
        | Event::Document { .. } => Some(Act::Message),
        Event::Start { .. } | Event::Command { .. } | Event::Press { .. } => Some(Act::Operation),
        Event::PreCheckout { .. } => Some(Act::Payment),
        Event::Membership { .. } | Event::Migrated { .. } | Event::Ignored { .. } => None,
    }
}

/// What the commit of a decision owes: a token for what the update is, and one for each kind of thing it causes.
pub fn dues(
    rules: &Rules,
    view: &View,
    update: &Update,
    decision: &Decision,
    now: DateTime<Utc>,
) -> Dues {
    let (Some(user), Some(act)) = (payer(rules, update), act(&update.event)) else {
        return Dues::None;
    };
    let met = view.user.as_ref().map(|user| user.created_at.timestamp_micros());
    let plan_until = view.plan_until.map(|until| until.timestamp_micros());
    let standing = rules.quotas.standing(met, plan_until, now.timestamp_micros());
    let mut acts = vec![act];
    for caused in decision.effects.iter().filter_map(caused) {
        if !acts.contains(&caused) {
            acts.push(caused);
        }
    }
    let toll = |act: Act| rules.quotas.bucket(act, standing).map(|bucket| Toll { act, bucket });
    let tolls: Vec<Toll> = acts.into_iter().filter_map(toll).collect();
    if tolls.is_empty() { Dues::None } else { Dues::Tolls { user, tolls } }
}

/// What else is counted of a change.
fn caused(effect: &Effect) -> Option<Act> {
    match effect {
        Effect::Ticket(TicketEffect::Write(_) | TicketEffect::Edit { .. }) => Some(Act::Support),
        // Who tries codes at random is slowed down like who begins payments.
        Effect::Account(AccountEffect::Order(_) | AccountEffect::Redeem { .. }) => {
            Some(Act::Payment)
        }
        Effect::Subscribe { .. }
        | Effect::AddWatch(_)
        | Effect::ChangeWatch { order: WatchOrder::Clone { .. }, .. } => Some(Act::Search),
        _ => None,
    }
}

/// The language in which an update's person is answered.
pub fn language(view: &View, update: &Update) -> Language {
    let tag = update.who.as_ref().and_then(|who| who.language_tag.as_deref()).unwrap_or("");
    view.user.as_ref().map_or_else(|| Language::from_tag(tag), |user| user.language)
}

/// What a person hears whose bucket is empty: an alert on a press, else a message. Said once; somebody who was told is
/// only freed of the spinner.
pub fn refusal(
    view: &View,
    state: State,
    update: &Update,
    over: &Overdrawn,
    now: DateTime<Utc>,
) -> Decision {
    let nothing = Decision::nothing(state);
    let language = language(view, update);
    let text =
        || sentence(language, over.act, over.again_at.timestamp_micros() - now.timestamp_micros());
    match (&update.event, update.place) {
        (Event::Press { id, .. }, _) if over.told => {
            Decision { answer: Some(silent(id)), ..nothing }
        }
        (Event::Press { id, .. }, _) => Decision {
            answer: Some(Answer { alert: true, note: Some(text()), ..silent(id) }),
            ..nothing
        },
        (_, Some(place)) if !over.told && place.kind != ChatKind::Channel => {
            let target = Target { chat: place.chat, thread: place.thread };
            let reply = Reply { target, language, message: Outgoing::text(text()) };
            Decision { replies: vec![reply], ..nothing }
        }
        _ => nothing,
    }
}

/// Ends the spinner of a press without a word.
pub fn silent(id: &str) -> Answer {
    Answer { id: id.to_owned(), note: None, alert: false }
}

/// Why a person is not heard, and for how many microseconds, in words that fit the answer to a press too.
pub fn sentence(language: Language, act: Act, micros: i64) -> String {
    let key = match act {
        Act::Message => "limits-messages",
        Act::Operation => "limits-operations",
        Act::Payment => "limits-payments",
        Act::Support => "limits-support",
        Act::Search => "limits-searches",
    };
    let wait = wait(language, (micros + 999_999) / 1_000_000);
    texts::say(language, key, &[("wait", Value::Text(&wait))])
}

/// A span in the coarsest unit that says enough, rounded up so that it is never too short.
fn wait(language: Language, seconds: i64) -> String {
    let seconds = seconds.max(1);
    let (key, count) = match seconds {
        ..=90 => ("limits-wait-seconds", seconds),
        91..=5_400 => ("limits-wait-minutes", (seconds + 59) / 60),
        _ => ("limits-wait-hours", (seconds + 3_599) / 3_600),
    };
    texts::say(language, key, &[("count", Value::Count(count))])
}

#[cfg(test)]
mod tests;
