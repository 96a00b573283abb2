//! Every sentence that people read is there in every language, with the same placeholders and the plural forms that
//! the language has, and somebody says it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// Beginnings of keys that only operators read, in English like the commands that they name.
const FOR_OPERATORS: [&str; 3] = ["health-fault-", "health-todo-", "health-over"];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A sentence: its placeholders, and the forms of each of its choices.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
struct Sentence {
    placeholders: BTreeSet<String>,
    plurals: Vec<BTreeSet<String>>,
}

/// Sentences of one file, by key. A key that stands twice would hide the first one.
fn sentences(path: &Path) -> BTreeMap<String, Sentence> {
    let text = fs::read_to_string(path).expect("a readable file");
    let mut found: BTreeMap<String, Sentence> = BTreeMap::new();
    let mut key = String::new();
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        if let Some((name, _)) = line.split_once(" =").filter(|_| !line.starts_with([' ', '}'])) {
            key = name.to_owned();
            let is_new = found.insert(key.clone(), Sentence::default()).is_none();
            assert!(is_new, "{key} stands twice in {}", path.display());
        }
        let Some(sentence) = found.get_mut(&key) else { continue };
        for part in line.split("{ $").skip(1) {
            let end = part.find([' ', '}']).expect("a placeholder ends");
            sentence.placeholders.insert(part[..end].to_owned());
        }
        if line.contains("->") {
            sentence.plurals.push(BTreeSet::new());
        }
        let form = line.trim_start().trim_start_matches('*').strip_prefix('[');
        if let (Some(form), Some(forms)) = (form, sentence.plurals.last_mut()) {
            forms.insert(form.split(']').next().unwrap_or_default().to_owned());
        }
    }
    found
}

fn files(language: &str) -> BTreeMap<String, PathBuf> {
    let folder = root().join("src/texts").join(language);
    let entries = fs::read_dir(folder).expect("the texts are there");
    let paths = entries.map(|entry| entry.expect("an entry").path());
    paths.map(|path| (path.file_name().unwrap().to_string_lossy().into_owned(), path)).collect()
}

/// All code that can say something; tests are no excuse for a sentence.
fn code(folder: &Path, into: &mut String) {
    for entry in fs::read_dir(folder).expect("the sources are there") {
        let path = entry.expect("an entry").path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() {
            code(&path, into);
        } else if matches!(path.extension().and_then(|e| e.to_str()), Some("rs" | "js" | "html"))
            && !name.ends_with("tests.rs")
        {
            into.push_str(&fs::read_to_string(&path).expect("readable"));
        }
    }
}

#[test]
fn sentences_are_complete_in_every_language() {
    let english = files("en");
    let mut wrong = Vec::new();
    for language in ["ru", "uk"] {
        let other = files(language);
        if english.keys().ne(other.keys()) {
            wrong.push(format!("{language} has other files than en"));
        }
        for (name, path) in &english {
            let Some(theirs) = other.get(name) else { continue };
            let (ours, theirs) = (sentences(path), sentences(theirs));
            for key in ours.keys().chain(theirs.keys()).collect::<BTreeSet<_>>() {
                match (ours.get(key), theirs.get(key)) {
                    (Some(one), Some(other)) if one.placeholders == other.placeholders => {}
                    (Some(one), Some(other)) => wrong.push(format!(
                        "{language}/{name}: {key} has {:?}, in en {:?}",
                        other.placeholders, one.placeholders
                    )),
                    (Some(_), None) if FOR_OPERATORS.iter().any(|part| key.starts_with(part)) => {}
                    (Some(_), None) => wrong.push(format!("{language}/{name}: {key} is missing")),
                    _ => wrong.push(format!("{language}/{name}: {key} is not in en")),
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn a_key_stands_in_one_file() {
    let mut seen: BTreeMap<String, String> = BTreeMap::new();
    for (name, path) in files("en") {
        for key in sentences(&path).into_keys() {
            if let Some(other) = seen.insert(key.clone(), name.clone()) {
                panic!("{key} stands in {other} and in {name}");
            }
        }
    }
}

#[test]
fn plurals_have_the_forms_of_their_language() {
    let mut wrong = Vec::new();
    for (language, needed) in
        [("en", &["one", "other"][..]), ("ru", &["one", "few"]), ("uk", &["one", "few"])]
    {
        for (name, path) in files(language) {
            for (key, sentence) in sentences(&path) {
                for forms in &sentence.plurals {
                    let is_plural = forms.contains("one") || forms.contains("few");
                    let lacks = needed.iter().any(|form| !forms.contains(*form));
                    if is_plural && lacks {
                        wrong.push(format!("{language}/{name}: {key} has only {forms:?}"));
                    }
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Whether code holds a key, as a whole or put together from a family (`"paste-name-{…}"`) and a word of it.
fn is_said(code: &str, key: &str) -> bool {
    let quoted =
        |word: &str| ["\"", "'", "`"].iter().any(|q| code.contains(&format!("{q}{word}{q}")));
    let family = |at: usize| code.contains(&format!("\"{}-{{", &key[..at]));
    // The scripts of the Mini App ask without what all its keys begin with.
    let in_app =
        key.strip_prefix("app-ui-").is_some_and(|rest| quoted(rest) || rest.starts_with("change-"));
    quoted(key) || in_app || key.match_indices('-').any(|(at, _)| family(at))
}

#[test]
fn every_sentence_is_said() {
    let mut said = String::new();
    code(&root().join("src"), &mut said);
    let mut silent = Vec::new();
    for (name, path) in files("en") {
        for key in sentences(&path).into_keys() {
            if !is_said(&said, &key) {
                silent.push(format!("{name}: {key}"));
            }
        }
    }
    assert!(silent.is_empty(), "nobody says {silent:#?}");
}
