//! Every sentence that people read in the chat, in every language, with named placeholders; code holds
//! keys. One Fluent file per part of the program under `src/texts/<language>/`.
//!
//! [`builder`] puts text and entities together, [`money`] writes numbers, [`sample`] is the one message that
//! two parts send, [`filter`] and [`paste`] put filters and pasted addresses into words, [`things`] speaks of prices over time.
//!
//! Numbers are formatted by us and passed as text; a count that chooses a plural form is passed as a number
//! (Fluent's `NUMBER()` is not registered by the loader).

pub mod builder;
pub mod filter;
pub mod money;
pub mod paste;
pub mod sample;
pub mod things;

use std::borrow::Cow;
use std::collections::HashMap;

use fluent_templates::fluent_bundle::FluentValue;
use fluent_templates::{LanguageIdentifier, Loader, langid, static_loader};

use crate::domain::Language;

static_loader! {
    static TEXTS = {
        locales: "./src/texts",
        fallback_language: "en",
        // Invisible direction marks around placeholders would land in messages.
        customise: |bundle| bundle.set_use_isolating(false),
    };
}

static EN: LanguageIdentifier = langid!("en");
static RU: LanguageIdentifier = langid!("ru");
static UK: LanguageIdentifier = langid!("uk");

/// A value for a placeholder.
#[derive(Debug, Clone)]
pub enum Value<'a> {
    /// Shown as it is.
    Text(&'a str),
    /// Chooses a plural form.
    Count(i64),
}

fn identifier(language: Language) -> &'static LanguageIdentifier {
    match language {
        Language::En => &EN,
        Language::Ru => &RU,
        Language::Uk => &UK,
    }
}

/// The sentence of `key` in `language` with its placeholders filled.
pub fn say(language: Language, key: &str, values: &[(&'static str, Value<'_>)]) -> String {
    let values: HashMap<Cow<'static, str>, FluentValue<'_>> = values
        .iter()
        .map(|(name, value)| {
            let value = match value {
                Value::Text(text) => FluentValue::from(*text),
                Value::Count(count) => FluentValue::from(*count),
            };
            (Cow::Borrowed(*name), value)
        })
        .collect();
    TEXTS.lookup_with_args(identifier(language), key, &values)
}

/// The sentence of `key` without placeholders.
pub fn plain(language: Language, key: &str) -> String {
    TEXTS.lookup(identifier(language), key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_language_says_its_own_name() {
        assert_eq!(plain(Language::En, "language-name"), "English");
        assert_eq!(plain(Language::Ru, "language-name"), "Русский");
        assert_eq!(plain(Language::Uk, "language-name"), "Українська");
    }
}
