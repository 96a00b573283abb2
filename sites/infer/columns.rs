//! The members that many alike objects share, as columns.

use super::cards::ratio;
use super::data::{MAX_OBJECTS, member};
use serde_json::Value;
use std::collections::{BTreeMap, HashSet};

/// Depth of members looked at inside an object.
pub(super) const MAX_DEPTH: usize = 5;

/// The values under one path in all objects.
pub(super) struct Column {
    pub(super) path: String,
    /// The names on the way, lower case.
    pub(super) name: String,
    pub(super) depth: usize,
    pub(super) order: usize,
    pub(super) texts: Vec<String>,
    pub(super) numeric: bool,
}

impl Column {
    pub(super) fn share(&self, of: usize, test: impl Fn(&str) -> bool) -> f64 {
        ratio(self.texts.iter().filter(|t| test(t)).count(), of)
    }

    pub(super) fn distinct(&self) -> f64 {
        let all: HashSet<&String> = self.texts.iter().collect();
        ratio(all.len(), self.texts.len())
    }

    /// The last word of the path.
    pub(super) fn last(&self) -> &str {
        self.name.rsplit('.').next().unwrap_or("")
    }

    /// How near the name is to one of these words.
    pub(super) fn named(&self, words: &[&str]) -> f64 {
        let last = self.last().trim_start_matches('@');
        if let Some(at) = words.iter().position(|w| last == *w) {
            return 1.0 - 0.02 * ratio(at, 1);
        }
        if words.iter().any(|w| last.ends_with(w) || w.len() >= 5 && last.contains(w)) {
            return 0.7;
        }
        let inside =
            |part: &str| words.iter().any(|w| part == *w || w.len() >= 5 && part.contains(w));
        if self.name.split('.').any(inside) { 0.4 } else { 0.0 }
    }

    pub(super) fn shallow(&self) -> f64 {
        1.0 / (1.0 + 0.25 * ratio(self.depth, 1))
    }
}

pub(super) fn columns(objects: &[&Value]) -> Vec<Column> {
    let mut columns: BTreeMap<String, Column> = BTreeMap::new();
    for object in objects.iter().take(MAX_OBJECTS) {
        leaves(object, "$".to_owned(), String::new(), 0, &mut columns);
    }
    let mut columns: Vec<Column> = columns.into_values().collect();
    columns.sort_by_key(|column| column.order);
    columns
}

pub(super) fn leaves(
    value: &Value,
    path: String,
    name: String,
    depth: usize,
    out: &mut BTreeMap<String, Column>,
) {
    if depth > MAX_DEPTH || out.len() > 2_000 {
        return;
    }
    match value {
        Value::Object(map) => {
            for (key, inner) in map.iter().take(200) {
                if let Some(step) = member(key) {
                    let name = format!("{name}.{}", key.to_lowercase());
                    leaves(inner, format!("{path}{step}"), name, depth + 1, out);
                }
            }
        }
        Value::Array(list) if named_entries(list).is_some() => {
            let Some(label) = named_entries(list) else { return };
            for entry in list.iter().take(200) {
                let Some(word) = entry.get(label).and_then(Value::as_str).filter(|w| quotable(w))
                else {
                    continue;
                };
                let path = format!("{path}[?@['{label}']=='{word}']");
                let name = format!("{name}.{}", word.to_lowercase());
                for (key, inner) in entry.as_object().into_iter().flatten() {
                    if let Some(step) = member(key).filter(|_| key != label) {
                        // The label says what the value means, whatever its member is called.
                        leaves(inner, format!("{path}{step}"), name.clone(), depth + 1, out);
                    }
                }
            }
        }
        Value::Array(list) => {
            if let Some(inner) = list.first() {
                leaves(inner, format!("{path}[0]"), name, depth + 1, out);
            }
        }
        Value::String(_) | Value::Number(_) => {
            let text = value.as_str().map_or_else(|| value.to_string(), |t| t.trim().to_owned());
            if text.is_empty() {
                return;
            }
            let order = out.len();
            let column = out.entry(path.clone()).or_insert(Column {
                path,
                name,
                depth,
                order,
                texts: Vec::new(),
                numeric: value.is_number(),
            });
            column.texts.push(text);
        }
        _ => {}
    }
}

/// The member by which the entries of a list are named, as in `[{name: "price", value: …}, …]`: short
/// distinct texts beside another member.
fn named_entries(list: &[Value]) -> Option<&'static str> {
    const LABELS: [&str; 7] = ["name", "key", "label", "code", "attributeName", "id", "type"];
    if list.len() < 2 {
        return None;
    }
    LABELS.into_iter().find(|label| {
        let words: HashSet<&str> = list
            .iter()
            .filter_map(|entry| entry.get(label)?.as_str())
            .filter(|word| word.len() <= 60 && !word.bytes().all(|b| b.is_ascii_digit()))
            .collect();
        let valued = |entry: &Value| {
            ["value", "values", "text", "displayValue", "content"]
                .iter()
                .any(|name| entry.get(name).is_some())
        };
        words.len() == list.len() && list.iter().all(valued)
    })
}

fn quotable(word: &str) -> bool {
    !word.is_empty() && !word.contains(['\'', '\\', '|', '{', '}'])
}
