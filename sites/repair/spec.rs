//! The field map of a module as it is written, and how single values of it are replaced.
//!
//! Only the text of a value changes: comments, order and everything else of the file stay as they are.

use std::collections::BTreeMap;

use toml::de::{DeTable, DeValue};
use toml::{Spanned, Table, Value};

use crate::extract::field::As;

/// One field of `[listing]`.
#[derive(Debug, Clone)]
pub(super) struct FieldSpec {
    /// Name of the field, as in [`crate::Listing`].
    pub(super) name: String,
    /// Whether it stands in `[listing.attributes]`.
    pub(super) attribute: bool,
    /// Keys that lead to its sources in the file.
    pub(super) path: Vec<String>,
    /// Its sources, as written.
    pub(super) sources: Vec<String>,
    /// What its values become.
    pub(super) kind: As,
    /// The decimal mark, where it is not that of the country.
    pub(super) decimal: Option<char>,
    /// Replacements of whole values.
    pub(super) map: BTreeMap<String, String>,
}

/// What a repair may change.
#[derive(Debug, Clone)]
pub(super) struct Spec {
    /// `listing.item`.
    pub(super) items: Vec<String>,
    /// The fields, in the order of the file.
    pub(super) fields: Vec<FieldSpec>,
    /// `fetch.wait_for`.
    pub(super) wait_for: Option<String>,
    /// `check.empty_when`.
    pub(super) empty: Vec<String>,
    /// Fields of `check.min_share`: without them a listing is incomplete.
    pub(super) required: Vec<String>,
}

/// A value of the file and what stands there instead.
#[derive(Debug, Clone)]
pub(super) struct Edit {
    /// Keys that lead to the value.
    pub(super) path: Vec<String>,
    /// The new value: one text, or a list of them.
    pub(super) value: Vec<String>,
}

/// What a field's values become when the file does not say.
fn default_kind(name: &str) -> As {
    match name {
        "url" => As::Url,
        "price" | "former_price" => As::Money,
        "area" => As::Area,
        "rooms" => As::Rooms,
        "position" => As::Position,
        "images" => As::Image,
        "posted_at" => As::Date,
        "promoted" => As::Flag,
        _ => As::Text,
    }
}

fn texts(value: Option<&Value>) -> Vec<String> {
    match value {
        Some(Value::String(text)) => vec![text.clone()],
        Some(Value::Array(list)) => {
            list.iter().filter_map(Value::as_str).map(str::to_owned).collect()
        }
        _ => Vec::new(),
    }
}

impl Spec {
    /// Reads the field map of a module that compiles.
    pub(super) fn read(text: &str) -> Option<Spec> {
        let file: Table = text.parse().ok()?;
        let table = |name: &str| file.get(name).and_then(Value::as_table);
        let listing = table("listing")?;
        let mut fields = Vec::new();
        for (name, value) in listing {
            match name.as_str() {
                "item" | "pairs" => {}
                "attributes" => {
                    let path = ["listing", "attributes"];
                    let inner = value.as_table().into_iter().flatten();
                    fields.extend(inner.map(|(name, value)| field(&path, name, value, true)));
                }
                _ => fields.push(field(&["listing"], name, value, false)),
            }
        }
        let check = |key: &str| table("check").and_then(|check| check.get(key));
        Some(Spec {
            items: texts(listing.get("item")),
            fields,
            wait_for: texts(table("fetch").and_then(|fetch| fetch.get("wait_for"))).pop(),
            empty: texts(check("empty_when")),
            required: check("min_share")
                .and_then(Value::as_table)
                .map(|shares| shares.keys().cloned().collect())
                .unwrap_or_default(),
        })
    }
}

fn field(table: &[&str], name: &str, value: &Value, attribute: bool) -> FieldSpec {
    let mut path: Vec<String> = table.iter().map(|key| (*key).to_owned()).collect();
    path.push(name.to_owned());
    let kind = if attribute { As::Text } else { default_kind(name) };
    let plain = FieldSpec {
        name: name.to_owned(),
        attribute,
        path,
        sources: texts(Some(value)),
        kind,
        decimal: None,
        map: BTreeMap::new(),
    };
    let Value::Table(table) = value else { return plain };
    let word = |key: &str| table.get(key).and_then(Value::as_str);
    let mut path = plain.path.clone();
    path.push("from".to_owned());
    let map = table.get("map").and_then(Value::as_table).into_iter().flatten();
    FieldSpec {
        path,
        sources: texts(table.get("from")),
        kind: word("as").and_then(As::named).unwrap_or(kind),
        decimal: word("decimal").and_then(|mark| mark.chars().next()),
        map: map
            .map(|(from, to)| {
                (from.clone(), to.as_str().map_or_else(|| to.to_string(), str::to_owned))
            })
            .collect(),
        ..plain
    }
}

/// The file with values replaced. A key that is not there is left out: nothing is added to a module.
pub(super) fn edited(text: &str, edits: &[Edit]) -> Option<String> {
    let file = DeTable::parse(text).ok()?;
    let mut spans = Vec::new();
    for edit in edits {
        if let Some(found) = locate(file.get_ref(), &edit.path) {
            spans.push((found.span(), rendered(&edit.value)));
        }
    }
    spans.sort_by_key(|(span, _)| std::cmp::Reverse(span.start));
    let mut out = text.to_owned();
    for (span, value) in spans {
        out.replace_range(span, &value);
    }
    Some(out)
}

fn locate<'t, 'i>(table: &'t DeTable<'i>, path: &[String]) -> Option<&'t Spanned<DeValue<'i>>> {
    let (key, rest) = path.split_first()?;
    let (_, value) = table.iter().find(|(name, _)| name.get_ref() == key.as_str())?;
    if rest.is_empty() { Some(value) } else { locate(value.get_ref().as_table()?, rest) }
}

fn rendered(value: &[String]) -> String {
    let quoted: Vec<String> =
        value.iter().map(|text| Value::String(text.clone()).to_string()).collect();
    match quoted.as_slice() {
        [one] => one.clone(),
        many => {
            let line = format!("[{}]", many.join(", "));
            if line.len() <= 80 { line } else { format!("[\n    {},\n]", many.join(",\n    ")) }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_named_values_change() {
        let text = "# head\n[listing]\nitem = \"li\" # why\nprice = { from = \".p\", decimal = \".\" }\n\n[listing.attributes]\nsize = \".s\"\n";
        let edit = |path: &[&str], value: &[&str]| Edit {
            path: path.iter().map(|k| (*k).to_owned()).collect(),
            value: value.iter().map(|v| (*v).to_owned()).collect(),
        };
        let edits = [
            edit(&["listing", "item"], &["article", "li"]),
            edit(&["listing", "price", "from"], &["b"]),
            edit(&["listing", "attributes", "size"], &["i[a='b']"]),
            edit(&["check", "empty_when"], &["p"]),
        ];
        let expected = "# head\n[listing]\nitem = [\"article\", \"li\"] # why\nprice = { from = \"b\", decimal = \".\" }\n\n[listing.attributes]\nsize = \"i[a='b']\"\n";
        assert_eq!(edited(text, &edits).as_deref(), Some(expected));
    }
}
