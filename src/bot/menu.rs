//! The keys below a private chat: pressing one says its words, so they are told apart from free text here.
//!
//! ```text
//! [➕ New search] [🔎 My searches]
//! [👤 Account]    [💬 Support]
//! ```
//!
//! Whoever has changed the language may still have the keys of the old one, so all languages count.

use crate::domain::Language;
use crate::domain::message::Key;
use crate::texts;

/// Keys with the commands that they stand for, row by row.
const KEYS: [[(&str, &str); 2]; 2] = [
    [("bot-key-new", "new"), ("bot-key-watches", "watches")],
    [("bot-key-account", "balance"), ("bot-key-support", "support")],
];

/// The keys in `language`; with the Mini App if it can be reached.
pub fn keyboard(language: Language, app: Option<&str>) -> Vec<Vec<Key>> {
    let key = |(key, _): &(&str, &str)| Key { text: texts::plain(language, key), app: None };
    let mut rows: Vec<Vec<Key>> = KEYS.iter().map(|row| row.iter().map(key).collect()).collect();
    if let Some(app) = app {
        let text = texts::plain(language, "bot-key-app");
        rows.push(vec![Key { text, app: Some(app.to_owned()) }]);
    }
    rows
}

/// The command that a key stands for, if the words are those of a key.
pub fn pressed(text: &str) -> Option<&'static str> {
    let is_said = |key: &str| Language::ALL.into_iter().any(|l| texts::plain(l, key) == text);
    KEYS.iter().flatten().find(|(key, _)| is_said(key)).map(|(_, command)| *command)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_of_every_language_are_understood_and_other_words_are_not() {
        for language in Language::ALL {
            for (row, meant) in keyboard(language, Some("https://a.example/app/")).iter().zip(KEYS)
            {
                for (key, (_, command)) in row.iter().zip(meant) {
                    assert_eq!(pressed(&key.text), Some(command), "{}", key.text);
                }
            }
        }
        assert_eq!(pressed("New search please"), None);
        assert_eq!(pressed(""), None);
    }
}
