//! The last errors of this process, kept in memory for operators who ask in the chat.
//!
//! What is kept is what a line of the log says, shortened, with everything that looks like a token or a password
//! masked: a log holds no secrets, and a chat is a place that more people read.

use std::collections::VecDeque;
use std::fmt::Write as _;
use std::sync::{LazyLock, Mutex, PoisonError};

use chrono::{DateTime, Utc};
use regex::Regex;
use tracing::field::{Field, Visit};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::Context;

use super::logs::escape_control;
use crate::clock::{Clock, SystemClock};

/// Errors that are kept.
const KEPT: usize = 10;
/// Longest text of one, characters.
const LENGTH: usize = 240;

static LAST: Mutex<VecDeque<ErrorLine>> = Mutex::new(VecDeque::new());

/// Bot tokens, and user and password in an address.
static SECRETS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"\b\d{1,20}:[A-Za-z0-9_-]{8,}|//[^/@\s]{1,200}:[^/@\s]{1,200}@").ok()
});

/// An error of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ErrorLine {
    /// When.
    pub at: DateTime<Utc>,
    /// What it says, on one line.
    pub text: String,
}

/// The last errors, latest first.
pub fn last() -> Vec<ErrorLine> {
    LAST.lock().unwrap_or_else(PoisonError::into_inner).iter().rev().cloned().collect()
}

/// Keeps each error that is logged.
#[derive(Debug, Default, Clone, Copy)]
pub struct Keeper;

impl<S: Subscriber> Layer<S> for Keeper {
    fn on_event(&self, event: &Event<'_>, _context: Context<'_, S>) {
        if *event.metadata().level() != Level::ERROR {
            return;
        }
        let mut words = Words::default();
        event.record(&mut words);
        let text = mask(&words.finish());
        let mut last = LAST.lock().unwrap_or_else(PoisonError::into_inner);
        while last.len() >= KEPT {
            last.pop_front();
        }
        last.push_back(ErrorLine { at: SystemClock.now(), text });
    }
}

/// The message of an event, then its fields.
#[derive(Default)]
struct Words {
    message: String,
    fields: String,
}

impl Words {
    fn finish(self) -> String {
        let text = escape_control(&(self.message + &self.fields));
        match text.char_indices().nth(LENGTH) {
            Some((end, _)) => format!("{}…", &text[..end]),
            None => text,
        }
    }
}

impl Visit for Words {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        let done = match field.name() {
            "message" => write!(self.message, "{value:?}"),
            name => write!(self.fields, " {name}={value:?}"),
        };
        // Writing into a text does not fail.
        debug_assert!(done.is_ok());
    }
}

fn mask(text: &str) -> String {
    match &*SECRETS {
        Some(secrets) => secrets.replace_all(text, "***").into_owned(),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use tracing_subscriber::layer::SubscriberExt;

    use super::*;

    #[test]
    fn the_last_errors_are_kept_without_secrets_and_nothing_else_is() {
        let subscriber = tracing_subscriber::registry().with(Keeper);
        tracing::subscriber::with_default(subscriber, || {
            tracing::warn!("a warning of this test");
            for number in 0..KEPT + 3 {
                tracing::error!(number, "an error of this test");
            }
            tracing::error!(url = "redis://me:secret@host/", "token 123456:AAbbCCddEEffGG\nleft");
        });
        let all = last();
        assert_eq!(all.len(), KEPT);
        let text = &all[0].text;
        assert!(text.contains("token *** ") || text.contains("token ***\\n"), "{text}");
        assert!(!text.contains("secret") && !text.contains("AAbb") && !text.contains('\n'));
        assert!(all[1].text.contains("number=12"), "{}", all[1].text);
        assert!(all.iter().all(|line| !line.text.contains("warning")));
    }

    #[test]
    fn a_long_error_is_cut() {
        let words = Words { message: "ї".repeat(1_000), ..Words::default() };
        assert_eq!(words.finish().chars().count(), LENGTH + 1);
    }
}
