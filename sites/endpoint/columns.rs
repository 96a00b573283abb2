//! The members of a list's objects as columns: one value for each object, or none.

use std::collections::BTreeMap;

use serde_json::Value;

use super::arrays::member;
use crate::transform::text::collapse;

/// Depth of a member inside its object.
const MAX_DEPTH: usize = 6;
/// Columns of one list.
const MAX_COLUMNS: usize = 600;

/// The values under one path.
pub(super) struct Column {
    /// JSONPath inside the object.
    pub(super) path: String,
    /// The path of the object that holds the member.
    pub(super) parent: String,
    /// One line of text for each object.
    pub(super) texts: Vec<Option<String>>,
}

impl Column {
    /// Whether the member is called like a field of a listing.
    pub(super) fn is_called(&self, name: &str) -> bool {
        self.path.rsplit("['").next().is_some_and(|last| last.to_ascii_lowercase().contains(name))
    }

    pub(super) fn text(&self, object: usize) -> Option<&str> {
        self.texts.get(object)?.as_deref()
    }
}

/// All columns, those with the shortest paths first: `price` before `originalPrice`.
pub(super) fn columns(objects: &[&Value]) -> Vec<Column> {
    let mut found = BTreeMap::new();
    for (at, object) in objects.iter().enumerate() {
        let mut walk = Walk { found: &mut found, at, count: objects.len() };
        walk.leaves(object, "$", "", 0);
    }
    let mut columns: Vec<Column> = found.into_values().collect();
    columns.sort_by_key(|column| column.path.len());
    columns
}

struct Walk<'w> {
    found: &'w mut BTreeMap<String, Column>,
    at: usize,
    count: usize,
}

impl Walk<'_> {
    fn leaves(&mut self, value: &Value, path: &str, parent: &str, depth: usize) {
        if depth > MAX_DEPTH {
            return;
        }
        match value {
            Value::Object(map) => {
                for (name, inner) in map {
                    if let Some(step) = member(name) {
                        self.leaves(inner, &format!("{path}{step}"), path, depth + 1);
                    }
                }
            }
            Value::Array(list) => {
                if let Some(first) = list.first() {
                    self.leaves(first, &format!("{path}[0]"), path, depth + 1);
                }
            }
            Value::String(text) => self.put(path, parent, collapse(text)),
            Value::Number(_) | Value::Bool(_) => self.put(path, parent, value.to_string()),
            Value::Null => {}
        }
    }

    fn put(&mut self, path: &str, parent: &str, text: String) {
        if text.is_empty() || self.found.len() >= MAX_COLUMNS && !self.found.contains_key(path) {
            return;
        }
        let count = self.count;
        let column = self.found.entry(path.to_owned()).or_insert_with(|| Column {
            path: path.to_owned(),
            parent: parent.to_owned(),
            texts: vec![None; count],
        });
        column.texts[self.at] = Some(text);
    }
}
