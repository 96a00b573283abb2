//! The bot's sentences: there in every language, with the same placeholders, and each of them used.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::domain::Language;
use crate::texts::{Value, plain, say};

/// Sentences of a language: key → names of its placeholders.
fn sentences(language: Language) -> BTreeMap<String, BTreeSet<String>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/texts");
    let path = root.join(language.code()).join("bot.ftl");
    let file = std::fs::read_to_string(&path).expect("the texts are there");
    let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut key = String::new();
    for line in file.lines().filter(|line| !line.starts_with('#')) {
        if let Some((name, _)) = line.split_once(" =").filter(|_| !line.starts_with(' ')) {
            key = name.to_owned();
            assert!(found.insert(key.clone(), BTreeSet::new()).is_none(), "{key} stands twice");
        }
        for part in line.split("{ $").skip(1) {
            let end = part.find(' ').expect("a placeholder ends");
            found.get_mut(&key).expect("a key came first").insert(part[..end].to_owned());
        }
    }
    found
}

/// All the code of the bot, tests left out.
fn code(folder: &Path, into: &mut String) {
    for entry in std::fs::read_dir(folder).expect("the sources are there") {
        let path = entry.expect("an entry").path();
        let is_test =
            path.file_stem().is_some_and(|stem| stem.to_string_lossy().ends_with("tests"));
        if path.is_dir() {
            code(&path, into);
        } else if !is_test {
            into.push_str(&std::fs::read_to_string(&path).expect("readable"));
        }
    }
}

#[test]
fn every_sentence_is_there_in_every_language_with_the_same_placeholders() {
    let english = sentences(Language::En);
    assert!(english.len() > 20);
    assert_eq!(sentences(Language::Ru), english);
    assert_eq!(sentences(Language::Uk), english);
    for language in Language::ALL {
        for (key, names) in &english {
            let values: Vec<_> = names
                .iter()
                .map(|name| match name.as_str() {
                    "count" => ("count", Value::Count(5)),
                    "minutes" => ("minutes", Value::Count(5)),
                    "title" => ("title", Value::Text("a title")),
                    "name" => ("name", Value::Text("a name")),
                    other => panic!("{key} has an unknown placeholder {other}"),
                })
                .collect();
            let text = say(language, key, &values);
            assert!(!text.contains("Unknown") && !text.contains("{$"), "{key}: {text}");
        }
    }
}

#[test]
fn every_sentence_is_used_and_every_used_one_is_there() {
    let mut source = String::new();
    code(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src/bot"), &mut source);
    let is_key = |text: &&str| text.starts_with("bot-") && !text.contains(char::is_whitespace);
    let used: BTreeSet<_> = source.split('"').filter(is_key).map(str::to_owned).collect();
    let there: BTreeSet<_> = sentences(Language::En).into_keys().collect();
    assert_eq!(used, there);
}

#[test]
fn counts_take_the_right_plural_form() {
    let watched =
        |language, count| say(language, "bot-watches-list", &[("count", Value::Count(count))]);
    let minutes = |language, count| {
        say(language, "bot-watching-minutes", &[("minutes", Value::Count(count))])
    };
    assert!(watched(Language::En, 1).contains("1 search."));
    assert!(watched(Language::En, 2).contains("2 searches."));
    for (count, word) in [(1, "поиском"), (2, "поисками"), (5, "поисками"), (21, "поиском")]
    {
        assert!(watched(Language::Ru, count).contains(&format!("{count} {word}.")), "{count}");
    }
    for (count, word) in
        [(2, "минуты"), (6, "минут"), (11, "минут"), (21, "минуту"), (111, "минут")]
    {
        assert!(minutes(Language::Ru, count).contains(&format!(" {count} {word} ")), "{count}");
    }
    for (count, word) in [(2, "хвилини"), (6, "хвилин"), (21, "хвилину")] {
        assert!(minutes(Language::Uk, count).contains(&format!(" {count} {word} ")), "{count}");
    }
    assert!(minutes(Language::Uk, 1).contains("щохвилини"));
}

#[test]
fn notes_and_labels_fit_what_telegram_allows() {
    let long = "x".repeat(120);
    for language in Language::ALL {
        for key in ["bot-watching-now", "bot-watching-already", "bot-left-now"] {
            let note = say(language, key, &[("title", Value::Text(&long))]);
            assert!(note.encode_utf16().count() <= 200, "{key}: {note}");
        }
        for key in ["bot-press-not-yours", "bot-press-out-of-date", "bot-press-no-longer-offered"] {
            assert!(plain(language, key).encode_utf16().count() <= 200, "{key}");
        }
    }
}
