//! Where the listings may stand now: repeated elements, or lists in the data of the page, in each of whose members
//! one known listing and no other is seen.

use std::collections::{BTreeMap, HashMap};
use std::sync::LazyLock;

use regex::Regex;

use serde_json::Value;

use crate::dom::{ElementRef, Selector};
use crate::extract::document::{Document, Embedded, Item, Origin, raw_text, text_of};
use crate::extract::path::Path;
use crate::extract::source::{Compiler, Source, Take, split_pipes};
use crate::listing::Listing;

use super::evidence::Evidence;
use super::names;

/// Places of embedded JSON looked at.
pub(super) const MAX_EMBEDDED: usize = 24;

/// Names tried as the repeated element.
const MAX_NAMES: usize = 60;

/// Ways of reading tried in full.
const MAX_CHOICES: usize = 8;

/// A place where items may stand.
pub(super) struct Choice<'d> {
    /// As a source of `listing.item`.
    pub(super) source: String,
    /// How well its name will last.
    pub(super) weight: f64,
    /// The item of each known listing that was seen there.
    pub(super) holders: Vec<(usize, Item<'d>)>,
}

/// All places, best first; `old` are the module's own.
pub(super) fn choices<'d>(
    document: &'d Document<'d>,
    known: &[Listing],
    old: &[String],
) -> Vec<Choice<'d>> {
    let evidence = Evidence::of(known, &document.base);
    let mut out = Vec::new();
    if document.api().is_none() {
        out.extend(elements(document, &evidence, old));
    }
    out.extend(lists(document, &evidence, old));
    out.retain(|choice| !choice.holders.is_empty());
    out.sort_by(|a, b| b.holders.len().cmp(&a.holders.len()).then(b.weight.total_cmp(&a.weight)));
    out
}

/// The weight of a place that the module names already.
const OLD: f64 = 10.0;

fn elements<'d>(
    document: &'d Document<'d>,
    evidence: &Evidence<'_>,
    old: &[String],
) -> Vec<Choice<'d>> {
    let (Some(html), Ok(all)) = (document.html(), Selector::parse("body *")) else {
        return Vec::new();
    };
    let mut masks = HashMap::new();
    for node in html.select(&all) {
        let mut mask = evidence.in_text(&text_of(&node));
        for (name, value) in node.value().attrs() {
            mask.join(evidence.in_value(value, matches!(name, "href" | "data-href" | "data-url")));
        }
        if mask == super::evidence::Mask::default() {
            continue;
        }
        for place in std::iter::successors(Some(*node), |node| node.parent()) {
            masks.entry(place.id()).or_insert_with(super::evidence::Mask::default).join(mask);
        }
    }
    let seen_in = |node: &ElementRef<'_>| masks.get(&node.id()).copied().unwrap_or_default();
    // Name → which listings it would find, and how well it will last.
    let mut named: BTreeMap<String, (u64, f64)> = BTreeMap::new();
    for node in html.select(&all) {
        let mask = seen_in(&node);
        if mask.only().is_none() || matches!(node.value().name(), "body" | "html") {
            continue;
        }
        for (name, weight) in names::repeated(&node) {
            let entry = named.entry(name).or_insert((0, weight));
            entry.0 |= mask.any;
        }
    }
    let mut names: Vec<(String, u32, f64)> =
        named.into_iter().map(|(name, (any, weight))| (name, any.count_ones(), weight)).collect();
    names.sort_by(|a, b| b.1.cmp(&a.1).then(b.2.total_cmp(&a.2)).then(a.0.cmp(&b.0)));
    names.truncate(MAX_NAMES);
    let own = old.iter().filter(|text| is_selector(text)).map(|text| (text.clone(), 0, OLD));
    let mut groups: Vec<(usize, Vec<_>)> = Vec::new();
    let mut out = Vec::new();
    for (source, _, weight) in own.chain(names) {
        let Ok(selector) = Selector::parse(&source) else { continue };
        let found: Vec<ElementRef<'d>> = html.select(&selector).collect();
        if found.iter().any(|node| seen_in(node).many()) {
            continue;
        }
        let mut holders: BTreeMap<usize, ElementRef<'d>> = BTreeMap::new();
        for node in &found {
            if let Some(at) = seen_in(node).only() {
                holders.entry(at).or_insert(*node);
            }
        }
        // One listing, one item: parts of an item that are called like it are not meant. A site may show an
        // offer twice.
        let full = found.iter().filter(|node| seen_in(node).only().is_some()).count();
        if full > holders.len() + holders.len().div_ceil(5) {
            continue;
        }
        // One name for the same elements is enough.
        let group: Vec<_> = holders.values().map(|node| node.id()).collect();
        if groups.contains(&(found.len(), group.clone())) {
            continue;
        }
        groups.push((found.len(), group));
        // Most of what a name finds should be listings.
        let others = found.len().saturating_sub(3 * holders.len() + 10);
        let weight = weight - if others > 0 { 2.0 } else { 0.0 };
        let holders = holders.into_iter().map(|(at, node)| (at, Item::Node(node))).collect();
        out.push((found.len(), Choice { source, weight, holders }));
    }
    // What finds the known listings and little else is tried first: the rest may be other lists of the page.
    let others = |one: &(usize, Choice<'_>)| one.0.saturating_sub(one.1.holders.len());
    out.sort_by(|a, b| {
        (b.1.holders.len().cmp(&a.1.holders.len()))
            .then(others(a).cmp(&others(b)))
            .then(b.1.weight.total_cmp(&a.1.weight))
    });
    out.into_iter().take(MAX_CHOICES).map(|(_, choice)| choice).collect()
}

/// Whether a source of items is a plain selector.
fn is_selector(text: &str) -> bool {
    Compiler::default().alternative(text).is_ok_and(|a| {
        a.filters.is_empty() && matches!(a.source, Source::Css(Some(_), Take::Whole))
    })
}

/// Lists in the data of the page.
fn lists<'d>(
    document: &'d Document<'d>,
    evidence: &Evidence<'_>,
    old: &[String],
) -> Vec<Choice<'d>> {
    let mut out = Vec::new();
    for (prefix, value, origin) in data(document) {
        let mut paths = Vec::new();
        walk(value, "$".to_owned(), evidence, 0, &mut paths);
        paths.truncate(MAX_CHOICES);
        let own = old.iter().filter_map(|text| {
            let path = text.strip_prefix(prefix.as_str())?;
            path.starts_with('$').then(|| (path.to_owned(), OLD))
        });
        let fresh = paths.iter().map(|path| {
            #[expect(clippy::cast_precision_loss, reason = "a path has few steps")]
            let steps = path.matches('[').count() as f64;
            (path.clone(), 2.5 - 0.05 * steps)
        });
        for (path, weight) in own.chain(fresh) {
            let Ok(compiled) = Path::compile(&path) else { continue };
            let mut holders: BTreeMap<usize, &Value> = BTreeMap::new();
            let found = compiled.all(value);
            if found.iter().any(|item| evidence.in_json(item, 0).many()) {
                continue;
            }
            for item in found {
                if let Some(at) = evidence.in_json(item, 0).only() {
                    holders.entry(at).or_insert(item);
                }
            }
            let holders =
                holders.into_iter().map(|(at, item)| (at, Item::Json(item, origin))).collect();
            out.push(Choice { source: format!("{prefix}{path}"), weight, holders });
        }
    }
    out
}

static ASSIGNED: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"((?:window|self|globalThis)\.[A-Za-z_$][\w$.]*)\s*=\s*(?:JSON\.parse\()?[\[{\x22]")
        .ok()
});

/// The data of the page: how a module names each place, and what stands there.
fn data<'d>(document: &'d Document<'d>) -> Vec<(String, &'d Value, Origin)> {
    if let Some(value) = document.api() {
        return vec![(String::new(), value, Origin::Api)];
    }
    let mut places: Vec<(String, Embedded)> = Vec::new();
    let (Some(html), Ok(scripts)) = (document.html(), Selector::parse("script")) else {
        return Vec::new();
    };
    for script in html.select(&scripts) {
        let value = script.value();
        let kind = value.attr("type").unwrap_or("");
        if kind.ends_with("json") && !kind.contains("ld+") {
            let name = match value.attr("id") {
                Some(id) if names::plain(id) => format!("script#{id}"),
                Some(id) => format!("script[id='{}']", id.replace(['\'', '\\'], "")),
                None => format!("script[type='{kind}']"),
            };
            if let Ok(selector) = Selector::parse(&name) {
                places.push((format!("{name} | jsonpath "), Embedded::Script(selector)));
            }
        } else if let Some(re) = ASSIGNED.as_ref().filter(|_| !kind.contains("ld+")) {
            for found in re.captures_iter(&raw_text(&script)).take(8) {
                if let Some(name) = found.get(1) {
                    let name = name.as_str().to_owned();
                    places.push((format!("state:{name} "), Embedded::State(name)));
                }
            }
        }
    }
    places.dedup_by(|a, b| a.0 == b.0);
    let mut out = Vec::new();
    for (at, (prefix, place)) in places.into_iter().take(MAX_EMBEDDED).enumerate() {
        if let Some(value) = document.embedded(at, &place) {
            out.push((prefix, value, Origin::Embedded));
        }
    }
    out
}

/// Notes paths to lists of which several members show one known listing each; answers what is seen.
fn walk(value: &Value, path: String, evidence: &Evidence<'_>, depth: usize, out: &mut Vec<String>) {
    if depth > 20 || out.len() > 40 || !matches!(value, Value::Array(_) | Value::Object(_)) {
        return;
    }
    let list: Vec<&Value> = match value {
        Value::Array(list) => list.iter().collect(),
        Value::Object(map) if map.keys().all(|key| key.bytes().any(|b| b.is_ascii_digit())) => {
            map.values().collect()
        }
        _ => Vec::new(),
    };
    let mut seen = std::collections::BTreeSet::new();
    let alike: Vec<&Value> = list
        .iter()
        .copied()
        .filter(|inner| evidence.in_json(inner, 0).only().is_some_and(|at| seen.insert(at)))
        .collect();
    if let (Some(first), true) = (alike.first(), seen.len() >= 2) {
        let mut path = format!("{path}[*]");
        let mut inner: &Value = first;
        out.push(path.clone());
        // The listing may be wrapped: `{"listing": {…}}`.
        while let Some((name, next)) = inner.as_object().and_then(|map| {
            map.iter()
                .find(|(_, next)| next.is_object() && evidence.in_json(next, 0).only().is_some())
        }) {
            let Some(step) = member(name) else { break };
            path.push_str(&step);
            out.push(path.clone());
            inner = next;
        }
        return;
    }
    match value {
        Value::Array(list) => {
            for (at, inner) in list.iter().enumerate() {
                walk(inner, format!("{path}[{at}]"), evidence, depth + 1, out);
            }
        }
        Value::Object(map) => {
            for (name, inner) in map {
                if let Some(step) = member(name) {
                    walk(inner, format!("{path}{step}"), evidence, depth + 1, out);
                }
            }
        }
        _ => {}
    }
}

/// A member as a step of a path; none for names that the language of modules cannot hold.
pub(super) fn member(name: &str) -> Option<String> {
    if name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
    {
        return Some(format!(".{name}"));
    }
    (!name.contains(['\'', '\\', '|', '{', '}'])).then(|| format!("['{name}']"))
}

/// The path of a list without its last step, for "an empty list is proof": `….items[*]` → `….items`.
pub(super) fn list_of(item: &str) -> Option<String> {
    let last = split_pipes(item).pop()?;
    last.contains('$').then_some(())?;
    item.strip_suffix("[*]").map(str::to_owned)
}
