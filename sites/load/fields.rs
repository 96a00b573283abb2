//! Compiling the field map: `[listing]` and `[detail]`.

use toml::{Table, Value};

use crate::extract::field::{As, Field};
use crate::extract::layout::{ItemSource, Layout, Pairs};
use crate::extract::source::{Alternative, Compiler, Source, Take};

use super::problem::did_you_mean;
use super::section::Section;

/// The fields of a listing and what their values become unless `as` says otherwise.
const FIELDS: [(&str, As); 16] = [
    ("id", As::Text),
    ("url", As::Url),
    ("title", As::Text),
    ("price_text", As::Text),
    ("price", As::Money),
    ("former_price", As::Money),
    ("location", As::Text),
    ("area", As::Area),
    ("rooms", As::Rooms),
    ("position", As::Position),
    ("seller", As::Text),
    ("images", As::Image),
    ("posted_at", As::Date),
    ("description", As::Text),
    ("promoted", As::Flag),
    ("attributes", As::Text),
];

/// The parts of a list page that other tables than `[listing]` name.
#[derive(Debug, Default)]
pub struct PageParts {
    /// `search.total`.
    pub total: Vec<String>,
    /// `search.next`.
    pub next: Vec<String>,
    /// `check.empty_when`.
    pub empty: Vec<String>,
}

/// Compiles one layout. `parts` are given for pages that hold many items.
pub fn layout(section: Section<'_>, parts: Option<PageParts>) -> Layout {
    let list = parts.is_some();
    let mut compiler = Compiler::default();
    let mut items = Vec::new();
    let texts = section.texts("item");
    if texts.is_empty() && list {
        section.note("item", "is missing; name where the items stand, for example `li.result`");
    }
    let default = vec!["$".to_owned(), "html".to_owned()];
    for text in if texts.is_empty() && !list { default } else { texts } {
        items.extend(item(&section, &mut compiler, &text));
    }
    items.sort_by_key(ItemSource::rank);
    let mut fields = Vec::new();
    for (name, kind) in FIELDS {
        if name == "attributes" {
            attributes(section.section("attributes"), &mut compiler, &mut fields);
            continue;
        }
        match section.value(name) {
            Some(value) => fields.extend(field(&section, &mut compiler, name, kind, value)),
            None if matches!(name, "id" | "url" | "title") => {
                section.note(name, "is missing; every listing needs id, url and title");
            }
            None => {}
        }
    }
    let pairs = pairs(&section, &mut compiler);
    let parts = parts.unwrap_or_default();
    let mut of_page = |key: &str, texts: Vec<String>| -> Vec<Alternative> {
        let compile = |text: &String| {
            let text =
                if text.starts_with("page:") { text.clone() } else { format!("page: {text}") };
            compiler.alternative(&text).map_err(|e| section.problems.note(key, e)).ok()
        };
        texts.iter().filter_map(compile).collect()
    };
    let total = of_page("search.total", parts.total);
    let next = of_page("search.next", parts.next);
    let empty = of_page("check.empty_when", parts.empty);
    let gone = gone(&section, &mut compiler, list);
    section.finish();
    Layout { items, fields, pairs, total, next, empty, gone, places: compiler.places }
}

/// `gone_when`: sources, or a table of sources by the word for what they prove. On a list they look into the item, on
/// the page of an offer anywhere.
fn gone(section: &Section<'_>, compiler: &mut Compiler, list: bool) -> Vec<(String, Alternative)> {
    let key = "gone_when";
    let Some(value) = section.value(key) else { return Vec::new() };
    let words: Vec<(&str, &Value)> = match value {
        Value::Table(table) => table.iter().map(|(word, value)| (word.as_str(), value)).collect(),
        other => vec![("gone", other)],
    };
    let mut out = Vec::new();
    for (word, value) in words {
        for text in section.texts_of(key, value) {
            let named = list || text.starts_with("page:");
            let text = if named { text } else { format!("page: {text}") };
            let found = alternative(section, compiler, key, &text);
            out.extend(found.map(|found| (word.to_owned(), found)));
        }
    }
    out
}

fn alternative(
    section: &Section<'_>,
    compiler: &mut Compiler,
    key: &str,
    text: &str,
) -> Option<Alternative> {
    compiler.alternative(text).map_err(|problem| section.note(key, problem)).ok()
}

fn item(section: &Section<'_>, compiler: &mut Compiler, text: &str) -> Option<ItemSource> {
    if text == "feed" {
        return Some(ItemSource::Feed);
    }
    // Items always stand in the page, so a script that is read as JSON is a place of the page.
    let paged = if text.contains("| jsonpath") { format!("page: {text}") } else { text.to_owned() };
    let found = alternative(section, compiler, "item", &paged)?;
    let fits = matches!(
        found.source,
        Source::Path(_) | Source::Embedded(..) | Source::JsonLd(..) | Source::Css(_, Take::Whole)
    );
    if !fits || !found.filters.is_empty() {
        section.note(
            "item",
            format!("`{text}` finds no items; name elements, a JSONPath, `jsonld:…` or `feed`"),
        );
        return None;
    }
    Some(ItemSource::Found(found))
}

fn field(
    section: &Section<'_>,
    compiler: &mut Compiler,
    name: &str,
    kind: As,
    value: &Value,
) -> Option<Field> {
    let plain = Section::new(&section.key(name), None, section.problems);
    let Value::Table(table) = value else {
        let texts = section.texts_of(name, value);
        let alternatives = compile_all(section, compiler, name, &texts);
        return build(&plain, name, kind, alternatives, None);
    };
    let inner = Section::new(&section.key(name), Some(table), section.problems);
    detailed(inner, compiler, name, kind)
}

/// A field written as a table: `{ from = ".price", as = "money" }`.
fn detailed(inner: Section<'_>, compiler: &mut Compiler, name: &str, kind: As) -> Option<Field> {
    let texts = inner.texts("from");
    if texts.is_empty() {
        inner.note("from", "is missing; name one source or a list of them");
    }
    let kind = match inner.text("as") {
        None => kind,
        Some(word) => As::named(&word).unwrap_or_else(|| {
            let hint = did_you_mean(&word, &As::NAMES);
            inner.note("as", format!("`{word}` is unknown{hint}; known: {}", As::NAMES.join(", ")));
            kind
        }),
    };
    let currency = inner.text("currency");
    let currency = currency.and_then(|text| alternative(&inner, compiler, "currency", &text));
    let decimal = inner.text("decimal");
    let decimal = decimal.and_then(|text| match text.as_str() {
        "." => Some('.'),
        "," => Some(','),
        _ => {
            inner.note("decimal", "write \".\" or \",\"");
            None
        }
    });
    let map = inner.map("map");
    let alternatives = compile_all(&inner, compiler, "from", &texts);
    let field = build(&inner, name, kind, alternatives, decimal);
    inner.finish();
    field.map(|field| Field { currency, map, ..field })
}

fn compile_all(
    section: &Section<'_>,
    compiler: &mut Compiler,
    key: &str,
    texts: &[String],
) -> Vec<Alternative> {
    texts.iter().filter_map(|text| alternative(section, compiler, key, text)).collect()
}

fn build(
    section: &Section<'_>,
    name: &str,
    kind: As,
    mut alternatives: Vec<Alternative>,
    decimal: Option<char>,
) -> Option<Field> {
    if !fits(name, kind) {
        section.note("as", format!("{name} cannot be read as {kind:?}").to_lowercase());
    }
    // The order of sources is fixed; among equals the author's order counts.
    alternatives.sort_by_key(Alternative::rank);
    (!alternatives.is_empty()).then(|| Field {
        name: name.to_owned(),
        kind,
        alternatives,
        currency: None,
        map: std::collections::BTreeMap::new(),
        decimal,
    })
}

/// Whether a field of the listing can hold values of a kind; attributes hold all.
fn fits(name: &str, kind: As) -> bool {
    match FIELDS.iter().find(|(known, _)| *known == name) {
        None => true,
        Some((_, As::Area | As::Rooms)) => matches!(kind, As::Area | As::Rooms | As::Number),
        Some((_, own)) => *own == kind,
    }
}

fn attributes(section: Section<'_>, compiler: &mut Compiler, fields: &mut Vec<Field>) {
    for name in section.keys() {
        if FIELDS.iter().any(|(known, _)| *known == name) {
            section.note(name, "is a field of the listing; write it one table higher");
            continue;
        }
        if let Some(value) = section.entry(name) {
            fields.extend(field(&section, compiler, name, As::Text, value));
        }
    }
}

fn pairs(section: &Section<'_>, compiler: &mut Compiler) -> Vec<Pairs> {
    let empty = Vec::new();
    let list = match section.value("pairs") {
        None => &empty,
        Some(Value::Array(list)) => list,
        Some(_) => {
            section.note("pairs", "must be a list: `pairs = [{ each = …, name = …, value = … }]`");
            &empty
        }
    };
    let none = Table::new();
    list.iter()
        .filter_map(|value| {
            let table = value.as_table().unwrap_or(&none);
            let inner = Section::new(&section.key("pairs"), Some(table), section.problems);
            let mut part = |key: &'static str| {
                let text = inner.required(key, "each pair needs `each`, `name` and `value`")?;
                alternative(&inner, compiler, key, &text)
            };
            let (each, name, value) = (part("each"), part("name"), part("value"));
            inner.finish();
            Some(Pairs { each: each?, name: name?, value: value? })
        })
        .collect()
}
