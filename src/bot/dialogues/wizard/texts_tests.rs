//! The sentences of the wizard and of sharing: in every language, with the same placeholders, each of them used.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::domain::Language;
use crate::texts::{Value, say};

/// Keys of a file with the names of their placeholders.
fn sentences(language: Language, file: &str) -> BTreeMap<String, BTreeSet<String>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/texts");
    let text = std::fs::read_to_string(root.join(language.code()).join(file)).expect("is there");
    let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut key = String::new();
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        if let Some((name, _)) = line.split_once(" =").filter(|_| !line.starts_with(' ')) {
            key = name.to_owned();
            assert!(found.insert(key.clone(), BTreeSet::new()).is_none(), "{key} stands twice");
        }
        for name in line.split("{ $").skip(1).filter_map(|part| part.split(' ').next()) {
            found.get_mut(&key).expect("a key came first").insert(name.to_owned());
        }
    }
    found
}

/// All that the dialogues say, tests left out.
fn code(folder: &Path) -> String {
    let mut text = String::new();
    for entry in std::fs::read_dir(folder).expect("the sources are there") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            text.push_str(&code(&path));
        } else if !path.ends_with("texts_tests.rs") {
            text.push_str(&std::fs::read_to_string(&path).expect("readable"));
        }
    }
    text
}

#[test]
fn every_sentence_is_said_in_every_language() {
    let code = code(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src/bot/dialogues"));
    for (file, beginning) in [("wizard.ftl", "wizard-"), ("share.ftl", "share-")] {
        let english = sentences(Language::En, file);
        let is_key = |word: &&str| {
            word.starts_with(beginning) && word.bytes().all(|b| b == b'-' || b.is_ascii_lowercase())
        };
        let used: BTreeSet<String> = code.split('"').filter(is_key).map(str::to_owned).collect();
        assert_eq!(used, english.keys().cloned().collect(), "{file}");
        for language in Language::ALL {
            assert_eq!(sentences(language, file), english, "{file} {}", language.code());
        }
    }
}

#[test]
fn what_a_week_brought_takes_the_right_plural_form() {
    let week = |language, key, count| say(language, key, &[("count", Value::Count(count))]);
    for (language, count, part) in [
        (Language::En, 0, "nothing would have"),
        (Language::En, 1, "1 listing would"),
        (Language::En, 2, "2 listings would"),
        (Language::Ru, 0, "ни одно объявление"),
        (Language::Ru, 1, "1 объявление."),
        (Language::Ru, 3, "3 объявления."),
        (Language::Ru, 5, "5 объявлений."),
        (Language::Ru, 21, "21 объявление."),
        (Language::Uk, 0, "жодне оголошення"),
        (Language::Uk, 2, "2 оголошення."),
        (Language::Uk, 11, "11 оголошень."),
    ] {
        let said = week(language, "wizard-week", count);
        assert!(said.contains(part), "{said}");
    }
    let least = week(Language::Ru, "wizard-week-at-least", 2_000);
    assert!(least.contains("не меньше 2000 объявлений"), "{least}");
}

#[test]
fn notes_fit_what_telegram_allows() {
    for language in Language::ALL {
        for key in ["wizard-out-of-date", "wizard-saved-already", "share-stopped"] {
            assert!(say(language, key, &[]).encode_utf16().count() <= 200, "{key}");
        }
    }
}
