//! What is said about the health of sites, and to whom. Pure; the sentences are in `src/texts`.
//!
//! Operators hear of a fault in plain English with what to do about it. Subscribers hear of a quarantine that lasts,
//! in their language, once per chat and episode, and again when it is over if they heard of it.

use chrono::{DateTime, Utc};

use super::alarms::{Changed, Word};
use crate::domain::delivery::{Content, delivery_id};
use crate::domain::health::Sign;
use crate::domain::{ChatId, Class, DeliveryId, Language, NewDelivery, Outgoing};
use crate::store::{Notice, Recipient};
use crate::texts::{Value, say};

/// Alarms of equal names that begin within this many seconds are one: two processes saw the same thing.
const SAME_SECONDS: i64 = 600;

/// The messages of a changed alarm to the operators. `site` is its id and its name for people; without it the
/// alarm is about the installation.
pub(super) fn to_operators(
    changed: &Changed,
    site: Option<(&str, &str)>,
    operators: &[ChatId],
    now: DateTime<Utc>,
) -> Vec<Notice> {
    let Some(word) = changed.told else { return vec![] };
    let alarm = &changed.alarm;
    let begun = alarm.first_at.timestamp() / SAME_SECONDS;
    let told = match word {
        Word::Fault => (now - alarm.first_at).num_hours() / 6,
        Word::Over => -1,
    };
    let subject = format!("alarm/{}/{begun}/{told}", alarm.name);
    let text = operator_text(changed, word, site, now);
    operators
        .iter()
        .map(|chat| notice(Class::Support, (*chat, None), Language::En, &subject, &text, now))
        .collect()
}

fn operator_text(
    changed: &Changed,
    word: Word,
    site: Option<(&str, &str)>,
    now: DateTime<Utc>,
) -> String {
    let alarm = &changed.alarm;
    let (id, name) = site.unwrap_or(("", "Magpie"));
    let key = match (site, changed.sign) {
        (None, _) => "health-fault-offline",
        (_, None) => "health-fault-quarantine",
        (_, Some(sign)) => key_of(sign),
    };
    let what = say(Language::En, key, &[("site", Value::Text(name)), ("id", Value::Text(id))]);
    let hours = format!("{:.1}", (now - alarm.first_at).as_seconds_f64() / 3_600.0);
    match word {
        Word::Fault => {
            let todo = todo_of(site.is_some(), changed.sign);
            let todo = say(Language::En, todo, &[("id", Value::Text(id))]);
            format!("⚠️ {what}\n{}\n\n{todo}", alarm.detail)
        }
        Word::Over => {
            let values = [
                ("what", Value::Text(&what)),
                ("hours", Value::Text(&hours)),
                ("count", Value::Count(alarm.times)),
            ];
            format!("✅ {}", say(Language::En, "health-over", &values))
        }
    }
}

fn key_of(sign: Sign) -> &'static str {
    match sign {
        Sign::Changed => "health-fault-changed",
        Sign::Broken => "health-fault-broken",
        Sign::Gone => "health-fault-gone",
        Sign::Blocked => "health-fault-blocked",
        Sign::Unreachable => "health-fault-unreachable",
        Sign::Fewer => "health-fault-fewer",
        Sign::Fields => "health-fault-fields",
        Sign::Moved => "health-fault-moved",
        Sign::Cut => "health-fault-cut",
        Sign::Storm => "health-fault-storm",
        Sign::Prices => "health-fault-prices",
        Sign::Ids => "health-fault-ids",
        Sign::Letters => "health-fault-letters",
        Sign::Old => "health-fault-old",
    }
}

fn todo_of(is_site: bool, sign: Option<Sign>) -> &'static str {
    match sign {
        None if !is_site => "health-todo-offline",
        Some(Sign::Gone) => "health-todo-gone",
        Some(Sign::Blocked) => "health-todo-blocked",
        Some(Sign::Unreachable) => "health-todo-unreachable",
        Some(Sign::Storm | Sign::Fewer | Sign::Old | Sign::Cut) => "health-todo-look",
        _ => "health-todo-repair",
    }
}

/// The word to subscribers that a site cannot be read; `episode` is when its quarantine began.
pub(super) fn ill(
    (id, name): (&str, &str),
    episode: DateTime<Utc>,
    audience: &[Recipient],
    now: DateTime<Utc>,
) -> Vec<Notice> {
    audience
        .iter()
        .map(|one| {
            let subject = subject(id, episode, "ill");
            let text = say(one.language, "health-site-ill", &[("site", Value::Text(name))]);
            notice(Class::Alert, (one.chat, one.thread), one.language, &subject, &text, now)
        })
        .collect()
}

/// The word that it can be read again, to those who were told that it could not.
pub(super) fn well(
    (id, name): (&str, &str),
    episode: DateTime<Utc>,
    audience: &[Recipient],
    now: DateTime<Utc>,
) -> Vec<Notice> {
    audience
        .iter()
        .map(|one| {
            let text = say(one.language, "health-site-well", &[("site", Value::Text(name))]);
            let place = (one.chat, one.thread);
            let subject_well = subject(id, episode, "well");
            let after = name_of(Class::Alert, one.chat, &subject(id, episode, "ill"));
            Notice {
                after: Some(after),
                ..notice(Class::Alert, place, one.language, &subject_well, &text, now)
            }
        })
        .collect()
}

fn subject(site: &str, episode: DateTime<Utc>, word: &str) -> String {
    format!("site/{site}/{}/{word}", episode.timestamp_millis())
}

/// The name does not depend on the topic: one message per chat.
fn name_of(class: Class, chat: ChatId, subject: &str) -> DeliveryId {
    delivery_id(class, chat, None, subject)
}

fn notice(
    class: Class,
    (chat, thread): (ChatId, Option<i64>),
    language: Language,
    subject: &str,
    text: &str,
    now: DateTime<Utc>,
) -> Notice {
    let delivery = NewDelivery {
        id: name_of(class, chat, subject),
        class,
        chat,
        thread,
        language,
        content: Content::Message(Outgoing::text(text)),
        not_before: now,
        fate: crate::domain::preferences::Telling::Send,
    };
    Notice { delivery, after: None }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::health::alarm::{clear, raise};

    fn at(minutes: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_760_000_000 + minutes * 60, 0).expect("a moment")
    }

    /// Whether every language has a sentence of its own for `key`.
    fn is_said_everywhere(key: &str) -> bool {
        let said: std::collections::BTreeSet<String> = Language::ALL
            .into_iter()
            .map(|language| say(language, key, &[("site", Value::Text("Demo"))]))
            .collect();
        said.len() == Language::ALL.len()
    }

    fn text(notice: &Notice) -> &str {
        match &notice.delivery.content {
            Content::Message(message) => &message.text,
            _ => panic!("not a message"),
        }
    }

    #[test]
    fn an_operator_reads_what_it_is_and_what_to_do() {
        for sign in Sign::ALL {
            let (alarm, _) = raise(None, "site/demo/x", "7 of 9 pages", at(0));
            let changed = Changed { alarm, told: Some(Word::Fault), sign: Some(sign) };
            let notices = to_operators(&changed, Some(("demo", "Demo")), &[ChatId(7)], at(0));
            let text = text(&notices[0]);
            assert!(text.contains("Demo") && text.contains("7 of 9 pages"), "{text}");
            assert!(text.contains('`') && !text.contains("health-"), "{sign:?}: {text}");
        }
    }

    #[test]
    fn an_end_names_how_long_it_took_and_has_a_name_of_its_own() {
        let (alarm, _) = raise(None, "site/demo/quarantine", "step 1", at(0));
        let fault = Changed { alarm: alarm.clone(), told: Some(Word::Fault), sign: None };
        let over = clear(&alarm, at(90)).expect("it lasted");
        let over = Changed { alarm: over, told: Some(Word::Over), sign: None };
        let of = |changed: &Changed, now| {
            to_operators(changed, Some(("demo", "Demo")), &[ChatId(7)], now).remove(0)
        };
        assert!(text(&of(&over, at(90))).contains("1.5 h"), "{}", text(&of(&over, at(90))));
        assert_ne!(of(&fault, at(0)).delivery.id, of(&over, at(90)).delivery.id);
        let silent = Changed { told: None, ..fault };
        assert_eq!(to_operators(&silent, None, &[ChatId(7)], at(0)), []);
    }

    #[test]
    fn subscribers_are_told_in_their_language_once_per_chat() {
        assert!(is_said_everywhere("health-site-ill") && is_said_everywhere("health-site-well"));
        let audience = [Recipient { chat: ChatId(1), thread: Some(9), language: Language::Uk }];
        let told = ill(("demo", "Demo"), at(0), &audience, at(1));
        assert!(text(&told[0]).contains("Demo"));
        let over = well(("demo", "Demo"), at(0), &audience, at(2));
        assert_eq!(over[0].after.as_ref(), Some(&told[0].delivery.id));
        let elsewhere = [Recipient { thread: None, ..audience[0].clone() }];
        let again = ill(("demo", "Demo"), at(0), &elsewhere, at(3));
        assert_eq!(again[0].delivery.id, told[0].delivery.id);
    }
}
