//! What staff is told about a ticket: who the person is, and what happened. Pure.
//!
//! ```text
//! #A7K2 · Anna
//! @anna · id 42 · English · here since 20 November
//! Plan: pro until 3 December
//! Orders: pro, €9.90, paid, 3 November
//! Searches (2): Demo flats, Demo bikes (paused)
//! Not delivered: alert: the person blocked the bot (19 November)
//! Earlier conversations: 1
//! ```

use super::builder::{TEXT_LIMIT, TextBuilder, cut, shorten};
use super::money::{day, money};
use super::{Value, plain, say};
use crate::domain::ticket::{Facts, TicketId, Word};
use crate::domain::{EntityKind, Language, Outgoing, UserId};

/// Longest foreign name or reason in a header, UTF-16 units.
const NAME: usize = 120;
/// Longest words of a person that are said again, UTF-16 units.
const QUOTE: usize = TEXT_LIMIT - 200;

/// Who a person is.
#[derive(Debug, Clone, Copy)]
pub struct Whose<'a> {
    /// The ticket.
    pub ticket: &'a TicketId,
    /// The person.
    pub user: UserId,
    /// Name at Telegram.
    pub name: &'a str,
    /// Name without `@`.
    pub username: Option<&'a str>,
    /// Language of the person.
    pub speaks: Language,
}

/// The message that says who the person is.
pub fn header(language: Language, whose: Whose<'_>, facts: &Facts) -> Outgoing {
    let mut text = TextBuilder::new(TEXT_LIMIT);
    text.styled(EntityKind::Bold, |text| {
        text.push(&format!("#{} · ", whose.ticket)).foreign(&shorten(whose.name, NAME));
    });
    text.line();
    if let Some(username) = whose.username {
        text.push("@").foreign(username).push(" · ");
    }
    let id = whose.user.to_string();
    text.push(&say(language, "ticket-header-id", &[("id", Value::Text(&id))]));
    text.push(" · ").push(&plain(whose.speaks, "language-name"));
    if let Some(since) = facts.since {
        let since = day(since, language);
        let since = say(language, "ticket-header-since", &[("day", Value::Text(&since))]);
        text.push(" · ").push(&since);
    }
    for line in lines(language, facts) {
        text.line().foreign(&line);
    }
    let (text, entities) = text.finish();
    Outgoing { text, entities, ..Outgoing::default() }
}

fn lines(language: Language, facts: &Facts) -> Vec<String> {
    let listed = |key: &str, all: Vec<String>| match all.is_empty() {
        true => say(language, key, &[("list", Value::Text("—"))]),
        false => say(language, key, &[("list", Value::Text(&all.join("; ")))]),
    };
    let plans = facts.plans.iter().map(|(plan, until)| {
        let (plan, until) = (shorten(plan, NAME), day(*until, language));
        let values = [("plan", Value::Text(&plan)), ("day", Value::Text(&until))];
        say(language, "ticket-header-plan", &values)
    });
    let orders = facts.orders.iter().map(|(plan, price, state, at)| {
        let plan = shorten(plan, NAME);
        format!("{plan}, {}, {state}, {}", money(price, language), day(*at, language))
    });
    let watches = facts.watches.iter().map(|(name, paused)| {
        let name = shorten(name, NAME);
        match paused {
            true => say(language, "ticket-header-paused", &[("name", Value::Text(&name))]),
            false => name,
        }
    });
    let failures = facts
        .failures
        .iter()
        .map(|(reason, at)| format!("{} ({})", shorten(reason, NAME), day(*at, language)));
    let count = facts.watch_count.to_string();
    let watches = watches.collect::<Vec<_>>().join(", ");
    let watches = if watches.is_empty() { "—".to_owned() } else { watches };
    let values = [("count", Value::Text(&count)), ("list", Value::Text(&watches))];
    let mut lines = vec![
        listed("ticket-header-plans", plans.collect()),
        listed("ticket-header-orders", orders.collect()),
        say(language, "ticket-header-watches", &values),
        listed("ticket-header-failures", failures.collect()),
    ];
    if facts.tickets > 0 {
        let count = facts.tickets.to_string();
        lines.push(say(language, "ticket-header-earlier", &[("count", Value::Text(&count))]));
    }
    lines
}

/// Something that happened, in words.
pub fn word(language: Language, ticket: &TicketId, word: &Word) -> String {
    let number = format!("#{ticket}");
    let number = ("number", Value::Text(&number));
    let by_whom = |person: &str, staff: &str, by: &str| match by.is_empty() {
        true => say(language, person, std::slice::from_ref(&number)),
        false => say(language, staff, &[number.clone(), ("by", Value::Text(by))]),
    };
    match word {
        Word::Edited { text } => {
            let text = cut(text, QUOTE);
            say(language, "ticket-word-edited", &[("text", Value::Text(&text))])
        }
        Word::Closed { by } => by_whom("ticket-word-closed-person", "ticket-word-closed", by),
        Word::Reopened { by } => by_whom("ticket-word-reopened-person", "ticket-word-reopened", by),
        Word::Helped => say(language, "ticket-word-helped", &[number]),
        Word::Late { hours } => {
            let hours = Value::Count(*hours);
            say(language, "ticket-word-late", &[number, ("hours", hours)])
        }
        Word::Unreachable => plain(language, "ticket-word-unreachable"),
        Word::Undelivered { reason } => {
            let reason = shorten(reason, NAME);
            say(language, "ticket-word-undelivered", &[("reason", Value::Text(&reason))])
        }
        Word::Answered { by, text } => {
            let text = cut(text, QUOTE);
            let values = [number, ("by", Value::Text(by)), ("text", Value::Text(&text))];
            say(language, "ticket-word-answered", &values)
        }
    }
}

/// Stands for a message that cannot be copied.
pub fn uncopied(language: Language, text: &str) -> String {
    let text = cut(text, QUOTE);
    say(language, "ticket-uncopied", &[("text", Value::Text(&text))])
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use super::*;

    /// Keys with their placeholders.
    fn sentences(language: Language) -> Vec<(String, BTreeSet<String>)> {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/texts");
        let path = path.join(language.code()).join("tickets.ftl");
        let mut all: Vec<(String, BTreeSet<String>)> = Vec::new();
        for line in std::fs::read_to_string(path).expect("the texts are there").lines() {
            if let Some((key, _)) = line.split_once(" =").filter(|_| line.starts_with("ticket")) {
                all.push((key.to_owned(), BTreeSet::new()));
            }
            for part in line.split("{ $").skip(1) {
                let end = part.find(' ').expect("a placeholder ends");
                all.last_mut().expect("a key came first").1.insert(part[..end].to_owned());
            }
        }
        all
    }

    fn code(folder: &Path, into: &mut String) {
        for entry in std::fs::read_dir(folder).expect("the sources are there") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                code(&path, into);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                into.push_str(&std::fs::read_to_string(&path).expect("readable"));
            }
        }
    }

    #[test]
    fn every_sentence_of_support_is_there_in_every_language_and_used() {
        let english = sentences(Language::En);
        assert!(english.len() > 40, "{}", english.len());
        assert_eq!(sentences(Language::Ru), english);
        assert_eq!(sentences(Language::Uk), english);
        let mut all = String::new();
        code(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut all);
        for (key, _) in &english {
            assert!(all.contains(&format!("\"{key}\"")), "{key} is never said");
        }
        let keys: BTreeSet<&str> = english.iter().map(|(key, _)| key.as_str()).collect();
        let is_key = |text: &&str| {
            let rest = text.strip_prefix("ticket-");
            rest.is_some_and(|rest| rest.bytes().all(|b| b.is_ascii_lowercase() || b == b'-'))
                && !text.ends_with('-')
        };
        for used in all.split('"').filter(is_key) {
            assert!(keys.contains(used), "{used} is in no file");
        }
    }

    #[test]
    fn what_people_are_called_does_not_break_a_header() {
        let ticket = TicketId("A7K2".into());
        let name = "<b>\u{202e}Anna</b> & 🐦 ".repeat(200);
        let whose = Whose {
            ticket: &ticket,
            user: UserId(42),
            name: &name,
            username: Some("anna"),
            speaks: Language::Uk,
        };
        let message = header(Language::En, whose, &Facts::default());
        assert!(message.text.starts_with("#A7K2 · <b>"), "{}", message.text);
        assert!(message.text.contains("@anna · id 42 · Українська"), "{}", message.text);
        assert!(message.text.encode_utf16().count() < 1_000);
    }
}
