//! What a person is told when the end of a plan lets watches rest. Pure.
//!
//! ```text
//! Your plan has room for fewer watches now, so these rest:
//!
//! • Flats in Kyiv
//! • Bikes
//!
//! Nothing of them is lost. They go on by themselves when there is room again: choose a larger plan, or pause or delete
//! others in /watches.
//! ```

use super::builder::{TEXT_LIMIT, TextBuilder, shorten};
use super::{Value, plain, say};
use crate::domain::{Language, Outgoing, Watch};

/// Names in the message at most.
const NAMED: usize = 20;

/// Longest name of a watch, UTF-16 units.
const NAME: usize = 120;

/// The message about watches that rest from now on, oldest first.
pub fn resting(watches: &[&Watch], language: Language) -> Outgoing {
    let count = |count: usize| Value::Count(i64::try_from(count).unwrap_or(i64::MAX));
    let mut text = TextBuilder::new(TEXT_LIMIT);
    text.push(&say(language, "plan-resting", &[("count", count(watches.len()))])).line();
    for watch in watches.iter().take(NAMED) {
        text.line().push("• ").push(&shorten(&watch.name, NAME));
    }
    if let Some(more) = watches.len().checked_sub(NAMED).filter(|more| *more > 0) {
        text.line().push(&say(language, "plan-resting-more", &[("count", count(more))]));
    }
    text.line().line().push(&plain(language, "plan-resting-how"));
    let (text, entities) = text.finish();
    Outgoing { text, entities, ..Outgoing::default() }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;
    use crate::domain::{ChatId, PausedBy, UserId, WatchId};

    fn watch(name: &str) -> Watch {
        Watch {
            id: WatchId(name.into()),
            user: UserId(1),
            chat: ChatId(1),
            thread: None,
            name: name.into(),
            sources: vec![],
            filter: Default::default(),
            paused: true,
            paused_by: PausedBy::Plan,
            muted_until: None,
            telling: Default::default(),
            language: Language::En,
            created_at: DateTime::UNIX_EPOCH,
        }
    }

    #[test]
    fn the_message_names_what_rests_and_how_it_goes_on_in_every_language() {
        let all: Vec<Watch> = (1..=22).map(|n| watch(&format!("Bikes {n}"))).collect();
        let all: Vec<&Watch> = all.iter().collect();
        for language in Language::ALL {
            let text = resting(&all[..2], language).text;
            assert!(text.contains("\n• Bikes 1\n• Bikes 2\n\n"), "{text}");
            assert!(text.contains("/watches") && !text.contains("Bikes 3"), "{text}");
            assert!(!text.contains("Unknown localization") && !text.contains("{$"), "{text}");
            let many = resting(&all, language).text;
            assert!(many.contains("• Bikes 20\n… ") && !many.contains("Bikes 21"), "{many}");
        }
        let one = resting(&all[..1], Language::En).text;
        assert!(one.starts_with("Your plan has room for fewer watches now, so this one rests:"));
    }
}
