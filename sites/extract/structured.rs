//! Structured data a page carries about itself: JSON-LD, microdata, OpenGraph.

use serde_json::Value;

use crate::dom::{ElementRef, Selector};
use crate::transform::text::collapse;

use super::document::text_of;

/// Parses the content of a JSON-LD script. Raw line breaks inside strings and HTML comments around the
/// block are common faults and are forgiven.
pub fn parse_json(text: &str) -> Option<Value> {
    let text = text.trim().trim_start_matches("<!--").trim_end_matches("-->").trim();
    let text = text.trim_start_matches("//<![CDATA[").trim_end_matches("//]]>").trim();
    if text.is_empty() {
        return None;
    }
    serde_json::from_str(text).ok().or_else(|| {
        let mended: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        serde_json::from_str(mended.trim_end_matches(';').trim()).ok()
    })
}

/// All nodes of JSON-LD blocks: lists and `@graph` are opened, nested objects stay inside.
pub fn nodes(blocks: impl IntoIterator<Item = Value>) -> Vec<Value> {
    let mut out = Vec::new();
    let mut queue: std::collections::VecDeque<Value> = blocks.into_iter().collect();
    while let Some(value) = queue.pop_front() {
        match value {
            Value::Array(list) => {
                for (at, value) in list.into_iter().enumerate() {
                    queue.insert(at.min(queue.len()), value);
                }
            }
            Value::Object(mut map) => {
                if let Some(graph) = map.remove("@graph") {
                    queue.push_front(graph);
                }
                if !map.is_empty() {
                    out.push(Value::Object(map));
                }
            }
            _ => {}
        }
    }
    out
}

/// Whether a JSON-LD node is of a type (`Product`; a node may have several types).
pub fn is_kind(node: &Value, kind: &str) -> bool {
    let same = |v: &Value| v.as_str().is_some_and(|t| t.rsplit(['/', ':']).next() == Some(kind));
    match node.get("@type") {
        Some(Value::Array(list)) => list.iter().any(same),
        Some(value) => same(value),
        None => false,
    }
}

/// The value of a microdata property element: `content`, then the attribute its kind calls for, then
/// its text (HTML Standard, section on microdata values).
pub fn microdata_value(element: &ElementRef<'_>) -> String {
    let value = element.value();
    let attribute = match value.name() {
        "a" | "area" | "link" => Some("href"),
        "img" | "audio" | "embed" | "iframe" | "source" | "track" | "video" => Some("src"),
        "object" => Some("data"),
        "data" | "meter" => Some("value"),
        "time" => Some("datetime"),
        _ => None,
    };
    let named = value.attr("content").or_else(|| attribute.and_then(|name| value.attr(name)));
    named.map_or_else(|| text_of(element), collapse)
}

/// Selector for a microdata property. The name is checked when a module is loaded.
pub fn microdata_selector(name: &str) -> Result<Selector, String> {
    checked(name)?;
    Selector::parse(&format!("[itemprop~='{name}']"))
}

/// Selector for an OpenGraph (or similar) `meta` property: `title` means `og:title`.
pub fn open_graph_selector(name: &str) -> Result<Selector, String> {
    checked(name)?;
    let full = if name.contains(':') { name.to_owned() } else { format!("og:{name}") };
    Selector::parse(&format!("meta[property='{full}'], meta[name='{full}']"))
}

fn checked(name: &str) -> Result<(), String> {
    let good = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | ':' | '.');
    if !name.is_empty() && name.chars().all(good) {
        return Ok(());
    }
    Err(format!("`{name}` is no property name; use letters, digits, `_`, `-`, `:`"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn graphs_and_lists_are_opened_in_order() {
        let blocks = [json!([{"@type": "A"}, {"@graph": [{"@type": "B"}], "@type": "G"}])];
        let kinds: Vec<Value> = nodes(blocks).iter().map(|n| n["@type"].clone()).collect();
        assert_eq!(json!(kinds), json!(["A", "G", "B"]));
        assert!(is_kind(&json!({"@type": ["Thing", "http://schema.org/Product"]}), "Product"));
    }

    #[test]
    fn raw_line_breaks_in_strings_are_forgiven() {
        assert_eq!(parse_json("<!-- {\"a\": \"x\ny\"} -->"), Some(json!({"a": "x y"})));
        assert_eq!(parse_json("{"), None);
    }
}
