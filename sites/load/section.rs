//! Reading one table of a module file: each key once, and what is left over is a mistake.

use std::cell::RefCell;
use std::collections::BTreeMap;

use toml::{Table, Value};

use super::problem::{Problem, did_you_mean};

/// All problems of a file, collected while it is read.
#[derive(Debug)]
pub struct Problems {
    file: String,
    list: RefCell<Vec<Problem>>,
}

impl Problems {
    /// An empty list for a file.
    pub fn new(file: &str) -> Problems {
        Problems { file: file.to_owned(), list: RefCell::default() }
    }

    /// Notes a problem.
    pub fn note(&self, key: &str, text: impl Into<String>) {
        let problem = Problem { file: self.file.clone(), key: key.to_owned(), text: text.into() };
        self.list.borrow_mut().push(problem);
    }

    /// All problems noted so far.
    pub fn into_list(self) -> Vec<Problem> {
        self.list.into_inner()
    }

    /// Whether nothing was noted.
    pub fn is_empty(&self) -> bool {
        self.list.borrow().is_empty()
    }
}

/// A table being read.
pub struct Section<'t> {
    name: String,
    table: Option<&'t Table>,
    asked: RefCell<Vec<&'static str>>,
    /// Where problems go.
    pub problems: &'t Problems,
}

impl<'t> Section<'t> {
    /// The file itself, or a table in it.
    pub fn new(name: &str, table: Option<&'t Table>, problems: &'t Problems) -> Section<'t> {
        Section { name: name.to_owned(), table, asked: RefCell::default(), problems }
    }

    /// The full name of a key.
    pub fn key(&self, key: &str) -> String {
        if self.name.is_empty() { key.to_owned() } else { format!("{}.{key}", self.name) }
    }

    /// Whether the table is there at all.
    pub fn exists(&self) -> bool {
        self.table.is_some()
    }

    /// The value of a key, as it stands.
    pub fn value(&self, key: &'static str) -> Option<&'t Value> {
        self.asked.borrow_mut().push(key);
        self.table?.get(key)
    }

    /// Notes a problem with a key of this table.
    pub fn note(&self, key: &str, text: impl Into<String>) {
        self.problems.note(&self.key(key), text);
    }

    /// A text.
    pub fn text(&self, key: &'static str) -> Option<String> {
        match self.value(key)? {
            Value::String(text) => Some(text.clone()),
            other => {
                self.note(key, format!("is {}; write a text in quotes", other.type_str()));
                None
            }
        }
    }

    /// A text that must be there.
    pub fn required(&self, key: &'static str, remedy: &str) -> Option<String> {
        let found = self.text(key);
        let missing = self.table.is_none_or(|t| !t.contains_key(key));
        if missing {
            self.note(key, format!("is missing; {remedy}"));
        }
        if found.as_deref() == Some("") {
            self.note(key, format!("is empty; {remedy}"));
            return None;
        }
        found
    }

    /// A text or a list of texts.
    pub fn texts(&self, key: &'static str) -> Vec<String> {
        match self.value(key) {
            None => Vec::new(),
            Some(value) => self.texts_of(key, value),
        }
    }

    /// A value read as a text or a list of texts.
    pub fn texts_of(&self, key: &str, value: &Value) -> Vec<String> {
        match value {
            Value::String(text) => vec![text.clone()],
            Value::Array(list) if list.iter().all(Value::is_str) => {
                list.iter().filter_map(Value::as_str).map(str::to_owned).collect()
            }
            _ => {
                self.note(key, "write a text in quotes or a list of them");
                Vec::new()
            }
        }
    }

    /// Yes or no.
    pub fn flag(&self, key: &'static str) -> bool {
        match self.value(key) {
            None => false,
            Some(Value::Boolean(value)) => *value,
            Some(_) => {
                self.note(key, "write true or false");
                false
            }
        }
    }

    /// A whole number from 1 to `most`.
    pub fn count(&self, key: &'static str, most: usize) -> Option<usize> {
        let value = self.value(key)?;
        let count = value.as_integer().and_then(|number| usize::try_from(number).ok());
        let count = count.filter(|count| (1..=most).contains(count));
        if count.is_none() {
            self.note(key, format!("write a whole number from 1 to {most}"));
        }
        count
    }

    /// A table inside this one.
    pub fn section(&self, key: &'static str) -> Section<'t> {
        let table = match self.value(key) {
            Some(Value::Table(table)) => Some(table),
            Some(_) => {
                self.note(key, format!("must be a table `[{}]`", self.key(key)));
                None
            }
            None => None,
        };
        Section::new(&self.key(key), table, self.problems)
    }

    /// A table whose values are all texts.
    pub fn map(&self, key: &'static str) -> BTreeMap<String, String> {
        let Some(value) = self.value(key) else { return BTreeMap::new() };
        let Some(table) = value.as_table() else {
            self.note(key, "must be a table of texts");
            return BTreeMap::new();
        };
        let mut out = BTreeMap::new();
        for (name, value) in table {
            match value {
                Value::String(text) => {
                    out.insert(name.clone(), text.clone());
                }
                Value::Integer(number) => {
                    out.insert(name.clone(), number.to_string());
                }
                _ => self.note(&format!("{key}.{name}"), "write a text in quotes"),
            }
        }
        out
    }

    /// A table whose values are shares between 0 and 1.
    pub fn shares(&self, key: &'static str) -> BTreeMap<String, f64> {
        let Some(value) = self.value(key) else { return BTreeMap::new() };
        let table = value.as_table().cloned().unwrap_or_default();
        if !value.is_table() {
            self.note(key, "must be a table like `{ price = 0.8 }`");
        }
        let mut out = BTreeMap::new();
        for (name, value) in &table {
            let share = value
                .as_float()
                .or_else(|| value.as_integer().map(|i| if i == 1 { 1.0 } else { 0.0 }));
            match share {
                Some(share) if (0.0..=1.0).contains(&share) => {
                    out.insert(name.clone(), share);
                }
                _ => self.note(&format!("{key}.{name}"), "write a share between 0.0 and 1.0"),
            }
        }
        out
    }

    /// All keys of the table.
    pub fn keys(&self) -> Vec<&'t str> {
        self.table.map(|t| t.keys().map(String::as_str).collect()).unwrap_or_default()
    }

    /// The value of a key that is not known beforehand.
    pub fn entry(&self, key: &str) -> Option<&'t Value> {
        self.table?.get(key)
    }

    /// Notes every key nobody asked for.
    pub fn finish(self) {
        let asked = self.asked.borrow();
        for key in self.keys() {
            if !asked.contains(&key) {
                let hint = did_you_mean(key, &asked);
                self.note(
                    key,
                    format!("is not a key of this table{hint}; known: {}", asked.join(", ")),
                );
            }
        }
    }
}
