//! Everything in an item that may be the value of a field, and how a module would name it.

use std::borrow::Cow;

use serde_json::Value;

use crate::dom::{ElementRef, Selector};
use crate::extract::document::{Item, text_of};
use crate::extract::filter::Found;

use super::names;
use super::places::member;

/// Elements of one item looked at.
const MAX_ELEMENTS: usize = 400;

/// Values of one JSON item looked at.
const MAX_LEAVES: usize = 3_000;

/// A place in an item that holds a text.
pub(super) struct Spot<'d> {
    /// What stands there.
    pub(super) text: String,
    at: At<'d>,
}

enum At<'d> {
    Element(ElementRef<'d>, ElementRef<'d>),
    Attribute(ElementRef<'d>, ElementRef<'d>, String),
    Path(String, f64, &'d Value),
}

impl<'d> Spot<'d> {
    /// The value as the engine finds it.
    pub(super) fn found(&self) -> Found<'d> {
        match &self.at {
            At::Element(node, _) => Found::Element(*node),
            At::Attribute(..) => Found::Text(Cow::Owned(self.text.clone())),
            At::Path(_, _, value) => Found::Json(Cow::Borrowed(value)),
        }
    }

    /// All sources that name this place, with how well each will last.
    pub(super) fn sources(&self) -> Vec<(String, f64)> {
        match &self.at {
            At::Path(path, weight, _) => vec![(path.clone(), *weight)],
            At::Element(node, root) if node.id() == root.id() => vec![(".".to_owned(), 0.1)],
            At::Element(node, root) => names::inside(node, root),
            At::Attribute(node, root, name) => {
                let bonus = if name.starts_with("data-") { 0.3 } else { 0.0 };
                if node.id() == root.id() {
                    return vec![(format!("@{name}"), 3.0 + bonus)];
                }
                let mut out: Vec<(String, f64)> = names::inside(node, root)
                    .into_iter()
                    .map(|(source, weight)| (format!("{source}@{name}"), weight + bonus))
                    .collect();
                out.push((format!("[{name}]@{name}"), 1.6 + bonus));
                out
            }
        }
    }
}

/// All places of an item.
pub(super) fn spots<'d>(item: Item<'d>) -> Vec<Spot<'d>> {
    match item {
        Item::Node(root) => of_element(root),
        Item::Json(value, _) => {
            let mut out = Vec::new();
            of_json(value, "$".to_owned(), 2.8, 0, &mut out);
            out
        }
    }
}

fn of_element(root: ElementRef<'_>) -> Vec<Spot<'_>> {
    let mut out = Vec::new();
    let Ok(all) = Selector::parse("*") else { return out };
    let nodes = std::iter::once(root)
        .chain(root.select(&all))
        .filter(|node| !matches!(node.value().name(), "script" | "style" | "template" | "svg"));
    for node in nodes.take(MAX_ELEMENTS) {
        out.push(Spot { text: text_of(&node), at: At::Element(node, root) });
        for (name, value) in node.value().attrs() {
            if !matches!(name, "class" | "style") && names::plain(name) {
                let at = At::Attribute(node, root, name.to_owned());
                out.push(Spot { text: value.to_owned(), at });
            }
        }
    }
    out
}

fn of_json<'d>(value: &'d Value, path: String, weight: f64, depth: usize, out: &mut Vec<Spot<'d>>) {
    if depth > 7 || out.len() > MAX_LEAVES {
        return;
    }
    match value {
        Value::Object(map) => {
            for (name, inner) in map {
                if let Some(step) = member(name) {
                    of_json(inner, format!("{path}{step}"), weight - 0.1, depth + 1, out);
                }
            }
        }
        Value::Array(list) => {
            if list.iter().all(|v| v.is_string()) && !list.is_empty() {
                leaf(value, path.clone(), weight, out);
            }
            for (at, inner) in list.iter().enumerate().take(60) {
                if let Some(step) = telling(list, inner) {
                    of_json(inner, format!("{path}{step}"), weight - 0.2, depth + 1, out);
                }
                if at == 0 {
                    of_json(inner, format!("{path}[*]"), weight - 0.5, depth + 1, out);
                }
                if at < 3 {
                    of_json(inner, format!("{path}[{at}]"), weight - 1.0, depth + 1, out);
                }
            }
        }
        Value::String(_) | Value::Number(_) => leaf(value, path, weight, out),
        Value::Null | Value::Bool(_) => {}
    }
}

fn leaf<'d>(value: &'d Value, path: String, weight: f64, out: &mut Vec<Spot<'d>>) {
    let text = Found::Json(Cow::Borrowed(value)).text().unwrap_or_default();
    out.push(Spot { text, at: At::Path(path, weight, value) });
}

/// The step that finds this entry of a list by what it is called: `[?@.name=='PRICE']`. Every entry has such a
/// member, and no two the same word in it.
fn telling(list: &[Value], entry: &Value) -> Option<String> {
    if list.len() < 2 || list.len() > 200 {
        return None;
    }
    let word =
        |value: &Value, name: &str| value.get(name).and_then(Value::as_str).map(str::to_owned);
    let is_word = |text: &str| {
        text.len() <= 40
            && text.starts_with(|c: char| c.is_ascii_alphabetic())
            && text
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'/' | b' '))
    };
    entry.as_object()?.iter().filter(|(name, _)| super::names::plain(name)).find_map(|(name, _)| {
        let own = word(entry, name).filter(|own| is_word(own))?;
        let words: Option<std::collections::HashSet<String>> =
            list.iter().map(|other| word(other, name)).collect();
        words
            .is_some_and(|words| words.len() == list.len())
            .then(|| format!("[?@.{name}=='{own}']"))
    })
}
