//! Every sentence that people read in the chat, in every language, with named placeholders; code holds
//! keys. One Fluent file per part of the program under `src/texts/<language>/`.
//!
//! [`builder`] puts text and entities together, [`money`] writes numbers and money, [`dates`] days and spans, [`sample`] is the one message that
//! two parts send, [`filter`] and [`paste`] put filters and pasted addresses into words, [`things`] speaks of prices over time.
//!
//! Numbers are formatted by us and passed as text; a count that chooses a plural form is passed as a number
//! (Fluent's `NUMBER()` is not registered by the loader).

pub mod builder;
pub mod dates;
pub mod figures;
pub mod filter;
pub mod import;
pub mod money;
pub mod offers;
pub mod operate;
pub mod paste;
pub mod plan;
pub mod sample;
pub mod things;
pub mod ticket;
pub mod why;
pub mod wish;

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

    /// Keys with the names of their placeholders.
    fn sentences(language: &str, file: &str) -> std::collections::BTreeMap<String, Vec<String>> {
        let path = format!("{}/src/texts/{language}/{file}", env!("CARGO_MANIFEST_DIR"));
        let text = std::fs::read_to_string(path).expect("the texts are there");
        let mut found = std::collections::BTreeMap::new();
        let mut key = String::new();
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            if let Some((name, _)) = line.split_once(" =").filter(|_| !line.starts_with(' ')) {
                key = name.to_owned();
                assert!(found.insert(key.clone(), vec![]).is_none(), "{key} stands twice");
            }
            let names = line.split("{ $").skip(1).filter_map(|rest| rest.split_whitespace().next());
            let known: &mut Vec<String> = found.entry(key.clone()).or_default();
            known.extend(names.map(str::to_owned));
            known.sort();
            known.dedup();
        }
        found
    }

    #[test]
    fn settings_reasons_and_digests_are_said_in_every_language() {
        let code = [
            include_str!("../bot/dialogues/settings.rs"),
            include_str!("../bot/dialogues/why.rs"),
            include_str!("../bot/commands.rs"),
            include_str!("../deliver/digest/page.rs"),
            include_str!("why.rs"),
        ]
        .join("\n");
        for file in ["settings.ftl", "why.ftl", "digest.ftl"] {
            let english = sentences("en", file);
            assert_eq!(sentences("ru", file), english);
            assert_eq!(sentences("uk", file), english);
            for key in english.keys().filter(|key| !key.is_empty()) {
                assert!(code.contains(&format!("\"{key}\"")), "{key} is never said");
            }
        }
    }
}
