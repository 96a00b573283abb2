//! One thing that is wrong with the configuration: where, which key, what, and what to do about it.
//!
//! A problem never carries the value of a secret. [`describe_hidden`] says what can be said about one.

use std::fmt;

/// Where a value came from, or where a problem is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// The defaults that are compiled in.
    Default,
    /// A line (from 1) of a file.
    File {
        /// Its name as given.
        name: String,
        /// The line, if known.
        line: Option<usize>,
    },
    /// A variable of the environment, or of `.env`.
    Variable(String),
    /// A file that a `…_FILE` variable names.
    SecretFile {
        /// The variable.
        variable: String,
    },
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default.toml"),
            Self::File { name, line: Some(line) } => write!(f, "{name}:{line}"),
            Self::File { name, line: None } => f.write_str(name),
            Self::Variable(name) => write!(f, "environment {name}"),
            Self::SecretFile { variable } => write!(f, "file named by {variable}"),
        }
    }
}

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Where it stands.
    pub place: Place,
    /// The key (`section.key`), where one is concerned.
    pub key: Option<String>,
    /// What is wrong, with the allowed values where there are some.
    pub what: String,
    /// What to do.
    pub remedy: String,
}

impl Problem {
    /// A problem about `key`.
    pub fn of(
        place: Place,
        key: impl Into<String>,
        what: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        Self { place, key: Some(key.into()), what: what.into(), remedy: remedy.into() }
    }

    /// A problem about a whole file or variable.
    pub fn about(place: Place, what: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { place, key: None, what: what.into(), remedy: remedy.into() }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.place)?;
        if let Some(key) = &self.key {
            write!(f, "{key}: ")?;
        }
        write!(f, "{}; {}", self.what, self.remedy)
    }
}

/// The sentence that an executable prints before it ends with [`EXIT_CODE`]: every problem on its own line.
pub fn report(problems: &[Problem]) -> String {
    let count = problems.len();
    let noun = if count == 1 { "problem" } else { "problems" };
    let mut text = format!("The configuration has {count} {noun}:\n");
    for problem in problems {
        text.push_str(&format!("  {problem}\n"));
    }
    text.push_str("Nothing was started. Every key is described in docs/CONFIG.md.\n");
    text
}

/// Exit code of an executable whose configuration is wrong.
pub const EXIT_CODE: u8 = 2;

/// What can be said about a value without telling it: its length and the kind of its first and last character.
pub fn describe_hidden(value: &str) -> String {
    let count = value.chars().count();
    match (value.chars().next(), value.chars().last()) {
        (Some(first), Some(last)) => format!(
            "{count} characters, the first is {}, the last is {}",
            character_class(first),
            character_class(last)
        ),
        _ => "empty".to_owned(),
    }
}

/// The kind of a character, in words.
pub fn character_class(character: char) -> &'static str {
    match character {
        '0'..='9' => "a digit",
        'a'..='z' | 'A'..='Z' => "a letter",
        ' ' => "a blank",
        '\t' => "a tab",
        '\r' => "a carriage return",
        '\n' => "a line break",
        '"' | '\'' | '`' => "a quotation mark",
        '\u{feff}' => "a byte order mark",
        c if c.is_ascii_punctuation() => "a punctuation mark",
        c if c.is_control() => "a control character",
        c if c.is_whitespace() => "an unusual blank",
        _ => "a character outside ASCII",
    }
}
