//! docs/CONFIG.md, made from the comments of `config/default.toml`. A test holds the two together.

use super::names;

/// A section of the defaults with its sentence and its keys.
struct SectionDoc<'a> {
    name: &'a str,
    about: String,
    keys: Vec<KeyDoc<'a>>,
}

struct KeyDoc<'a> {
    key: String,
    default: &'a str,
    about: String,
}

/// The page for a text of defaults. The comment lines right above a section or a key are its sentence.
pub fn page(default_text: &str) -> String {
    let sections = sections(default_text);
    let mut page = String::from(HEAD);
    for section in &sections {
        page.push_str(&format!("\n## `[{}]`\n\n{}\n\n", section.name, section.about));
        if section.keys.is_empty() {
            continue;
        }
        page.push_str("| key | default | environment | what it does |\n|---|---|---|---|\n");
        for key in &section.keys {
            let secret =
                if names::is_secret(&key.key) { " (secret: also as `…_FILE`)" } else { "" };
            page.push_str(&format!(
                "| `{}` | {} | `{}`{secret} | {} |\n",
                key.key.split_once('.').map_or("", |(_, name)| name),
                shown_default(key.default),
                names::variable_of(&key.key),
                key.about.replace('|', "\\|"),
            ));
        }
    }
    page
}

const HEAD: &str = "# Configuration

This page is made from `config/default.toml` by `magpie config doc`; edit the sentences there.

- Order of precedence: the defaults, then the file that `MAGPIE_CONFIG` (or `--config`) names, then the environment.
  A variable of the environment beats the same one in `.env` in the working folder. An empty variable counts as not set.
- Every key can be set by `MAGPIE_SECTION__KEY`, with two underlines; some have a shorter name, which the tables show.
  Lists are written with commas there.
- A secret may stand in a file: `TELEGRAM_BOT_TOKEN_FILE=/run/secrets/token` reads it from there.
- Durations are a number and a unit: `4ms`, `20s`, `6m`, `1h30m`, `2d`.
- Unknown keys and values out of range are errors. All problems are printed at once, each with its place and its
  remedy, nothing is started, and the exit code is 2. `magpie config check` does only this.
- `magpie config print` shows what is in force and where each value came from, with secrets masked.
";

fn shown_default(default: &str) -> String {
    match default {
        "\"\"" => "not set".to_owned(),
        "[]" => "none".to_owned(),
        list if list.starts_with('[') => {
            format!("`{}`", list.trim_matches(['[', ']']).replace('"', ""))
        }
        other => format!("`{}`", other.trim_matches('"')),
    }
}

fn sections(text: &str) -> Vec<SectionDoc<'_>> {
    let mut sections: Vec<SectionDoc<'_>> = Vec::new();
    let mut comment: Vec<&str> = Vec::new();
    for line in text.lines() {
        if let Some(words) = line.strip_prefix('#') {
            comment.push(words.trim());
            continue;
        }
        let about = std::mem::take(&mut comment).join(" ");
        if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            sections.push(SectionDoc { name, about, keys: Vec::new() });
        } else if let Some((key, default)) = line.split_once(" = ")
            && let Some(section) = sections.last_mut()
        {
            let key = format!("{}.{key}", section.name);
            section.keys.push(KeyDoc { key, default, about });
        }
    }
    sections
}

#[cfg(test)]
mod tests {
    use super::super::{DEFAULT, Environment, layers};
    use super::*;

    #[test]
    fn every_key_has_a_sentence() {
        let mut keys = Vec::new();
        for section in sections(DEFAULT) {
            assert!(section.about.ends_with('.'), "[{}] lacks a sentence", section.name);
            for key in section.keys {
                assert!(key.about.ends_with('.'), "{} lacks a sentence", key.key);
                keys.push(key.key);
            }
        }
        keys.sort();
        let settings = layers::merge(DEFAULT, None, &Environment::default(), &mut Vec::new());
        assert_eq!(keys, settings.into_keys().collect::<Vec<_>>());
    }
}
