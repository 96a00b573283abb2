//! Three layers become one table of settings: defaults, then a file, then the environment. Here only names
//! and shapes are judged; what a value means is [`super::build`]'s matter.

use std::collections::{BTreeMap, BTreeSet};

use toml::de::{DeTable, DeValue};

use super::problem::{Place, Problem};
use super::{hygiene, names};

/// A value as written.
#[derive(Debug, Clone, PartialEq)]
pub enum Raw {
    /// A text; everything in the environment is one.
    Text(String),
    /// A whole number.
    Integer(i64),
    /// A number with a fraction.
    Float(f64),
    /// `true` or `false`.
    Flag(bool),
    /// A list of texts.
    List(Vec<String>),
    /// Something no key takes; holds the word for it.
    Other(&'static str),
}

/// A value and where it came from. `Debug` is not derived: the value may be a secret.
#[derive(Clone)]
pub struct Setting {
    /// The value.
    pub raw: Raw,
    /// Its origin.
    pub place: Place,
}

/// The settings by `section.key`.
pub type Settings = BTreeMap<String, Setting>;

/// What the environment holds, with the contents of the files that `…_FILE` variables name.
#[derive(Clone, Default)]
pub struct Environment {
    /// The variables.
    pub variables: BTreeMap<String, String>,
    /// By name of the `…_FILE` variable: the text of the file, or why it cannot be read.
    pub secret_files: BTreeMap<String, Result<String, String>>,
}

/// Lays the three layers over each other and notes every wrong name on the way.
pub fn merge(
    default_text: &str,
    file: Option<(&str, &str)>,
    environment: &Environment,
    problems: &mut Vec<Problem>,
) -> Settings {
    let mut settings: Settings = flatten("default.toml", default_text, problems)
        .into_iter()
        .map(|(key, raw, _)| (key, Setting { raw, place: Place::Default }))
        .collect();
    let known: BTreeSet<String> = settings.keys().cloned().collect();
    if let Some((name, text)) = file {
        for (key, raw, line) in flatten(name, text, problems) {
            let place = Place::File { name: name.to_owned(), line: Some(line) };
            lay_from_file(&mut settings, &known, key, raw, place, problems);
        }
    }
    lay_environment(&mut settings, &known, environment, problems);
    settings
}

fn lay_from_file(
    settings: &mut Settings,
    known: &BTreeSet<String>,
    key: String,
    raw: Raw,
    place: Place,
    problems: &mut Vec<Problem>,
) {
    if !known.contains(&key) && !names::is_open(&key) {
        problems.push(unknown_key(place, &key, known));
        return;
    }
    let raw = match raw {
        Raw::Text(text) if !text.is_empty() => match hygiene::clean(&place, &key, &text) {
            Ok(text) => Raw::Text(text),
            Err(problem) => return problems.push(problem),
        },
        other => other,
    };
    settings.insert(key, Setting { raw, place });
}

fn unknown_key(place: Place, key: &str, known: &BTreeSet<String>) -> Problem {
    let remedy = match names::nearest(key, known.iter().map(String::as_str)) {
        Some(near) => format!("did you mean {near}?"),
        None => "remove it; the known keys stand in docs/CONFIG.md".to_owned(),
    };
    Problem::of(place, shown_name(key), "there is no such key", remedy)
}

/// A name for a problem's sentence. A torn line can make a name out of a secret: what is not written like our
/// keys is described instead.
pub(super) fn shown_name(name: &str) -> String {
    let like_ours = |c: char| c.is_ascii_lowercase() || c == '_' || c == '.';
    if name.len() <= 40 && name.chars().all(like_ours) {
        name.to_owned()
    } else {
        format!("a name of {} characters", name.chars().count())
    }
}

/// The environment: an empty variable counts as not set, since panels and compose files pass them so.
fn lay_environment(
    settings: &mut Settings,
    known: &BTreeSet<String>,
    environment: &Environment,
    problems: &mut Vec<Problem>,
) {
    let mut set_by: BTreeMap<String, &str> = BTreeMap::new();
    let key_of = |name: &str| {
        let keys = known.iter().map(String::as_str);
        names::key_of(name, keys).map(str::to_owned).or_else(|| names::open_key(name))
    };
    for (variable, value) in environment.variables.iter().filter(|(_, value)| !value.is_empty()) {
        let secret = variable
            .strip_suffix("_FILE")
            .and_then(key_of)
            .filter(|key| names::is_secret(key) && environment.secret_files.contains_key(variable));
        let (key, place, value) = if let Some(key) = secret {
            let place = Place::SecretFile { variable: variable.clone() };
            match environment.secret_files.get(variable) {
                // An editor ends the file with a line break; that one is not part of the secret.
                Some(Ok(text)) => (key, place, without_line_end(text)),
                Some(Err(why)) => {
                    problems.push(Problem::of(place, &key, why.as_str(), "name a readable file"));
                    continue;
                }
                None => continue,
            }
        } else if let Some(key) = key_of(variable) {
            (key, Place::Variable(variable.clone()), value.as_str())
        } else {
            problems.extend(unknown_variable(variable, known));
            continue;
        };
        if let Some(first) = set_by.insert(key.clone(), variable) {
            problems.push(Problem::of(
                place,
                &key,
                format!("is set twice, by {first} and by {variable}"),
                "keep one of them",
            ));
            continue;
        }
        match hygiene::clean(&place, &key, value) {
            Ok(text) => {
                settings.insert(key, Setting { raw: Raw::Text(text), place });
            }
            Err(problem) => problems.push(problem),
        }
    }
}

fn without_line_end(text: &str) -> &str {
    let text = text.strip_suffix('\n').unwrap_or(text);
    text.strip_suffix('\r').unwrap_or(text)
}

/// Only names that claim to be ours are judged: the rest of the environment belongs to others.
fn unknown_variable(variable: &str, known: &BTreeSet<String>) -> Option<Problem> {
    if !variable.starts_with("MAGPIE_") || names::OTHER_VARIABLES.contains(&variable) {
        return None;
    }
    let general: Vec<String> = known.iter().map(|key| names::general_variable(key)).collect();
    let own = names::VARIABLES.iter().map(|(name, _)| *name).chain(names::OTHER_VARIABLES);
    let remedy = match names::nearest(variable, general.iter().map(String::as_str).chain(own)) {
        Some(near) => format!("did you mean {near}?"),
        None => "the form is MAGPIE_SECTION__KEY, with two underlines".to_owned(),
    };
    Some(Problem::about(Place::Variable(variable.to_owned()), "no key has this name", remedy))
}

/// The keys of a TOML text as `section.key` with value and line. Syntax errors are noted, and what could be
/// read in spite of them is judged too.
fn flatten(name: &str, text: &str, problems: &mut Vec<Problem>) -> Vec<(String, Raw, usize)> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let (document, errors) = DeTable::parse_recoverable(text);
    for error in errors {
        let line = error.span().map(|span| line_of(text, span.start));
        problems.push(Problem::about(
            Place::File { name: name.to_owned(), line },
            // The parser's sentence only: its long form quotes the line, which may hold a secret.
            format!("this is not TOML: {}", error.message().replace('\n', " ")),
            "mend this line",
        ));
    }
    let mut entries = Vec::new();
    for (section, value) in document.get_ref() {
        let section_name: &str = section.get_ref();
        match value.get_ref() {
            DeValue::Table(table) => {
                for (key, value) in table {
                    let key_name = format!("{section_name}.{}", key.get_ref());
                    match value.get_ref() {
                        DeValue::Table(inner) if names::is_nested(section_name) => {
                            entries.extend(inner.iter().map(|(name, value)| {
                                let line = line_of(text, name.span().start);
                                (
                                    format!("{key_name}.{}", name.get_ref()),
                                    raw(value.get_ref()),
                                    line,
                                )
                            }));
                        }
                        value => {
                            entries.push((key_name, raw(value), line_of(text, key.span().start)));
                        }
                    }
                }
            }
            _ => problems.push(Problem::of(
                Place::File {
                    name: name.to_owned(),
                    line: Some(line_of(text, section.span().start)),
                },
                shown_name(section_name),
                "stands outside of a section",
                "put it under a line like [schedule]",
            )),
        }
    }
    entries.sort_by_key(|(_, _, line)| *line);
    entries
}

fn raw(value: &DeValue<'_>) -> Raw {
    match value {
        DeValue::String(text) => Raw::Text(text.to_string()),
        DeValue::Boolean(flag) => Raw::Flag(*flag),
        DeValue::Integer(number) => i64::from_str_radix(number.as_str(), number.radix())
            .map_or(Raw::Other("a number that is too large"), Raw::Integer),
        DeValue::Float(number) => {
            number.as_str().parse().map_or(Raw::Other("a number that cannot be read"), Raw::Float)
        }
        DeValue::Datetime(_) => Raw::Other("a date"),
        DeValue::Table(_) => Raw::Other("a table"),
        DeValue::Array(items) => items
            .iter()
            .map(|item| match item.get_ref() {
                DeValue::String(text) => Some(text.to_string()),
                DeValue::Integer(number) => Some(number.as_str().to_owned()),
                _ => None,
            })
            .collect::<Option<Vec<_>>>()
            .map_or(Raw::Other("a list of something else"), Raw::List),
    }
}

/// The line (from 1) of a byte offset.
pub(super) fn line_of(text: &str, offset: usize) -> usize {
    text.as_bytes().iter().take(offset).filter(|byte| **byte == b'\n').count() + 1
}
