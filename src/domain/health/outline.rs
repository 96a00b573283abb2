//! The structure of a page without its contents: two pages of one failure have one outline, however their texts,
//! numbers and counts differ.

use std::collections::BTreeSet;

/// Bytes of a page that are looked at.
const MOST_BYTES: usize = 512 << 10;

/// The names of a page's elements (or of the keys of a JSON document) and the words of its title, as one text.
pub fn outline(body: &str) -> String {
    let body = head(body, MOST_BYTES);
    let names = if body.trim_start().starts_with(['{', '[']) { keys(body) } else { tags(body) };
    let names: Vec<&str> = names.into_iter().collect();
    format!("{}|{}", title(body), names.join(" "))
}

/// The beginning of a text, cut between characters.
fn head(text: &str, most: usize) -> &str {
    let mut end = text.len().min(most);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

fn tags(body: &str) -> BTreeSet<&str> {
    body.match_indices('<')
        .filter_map(|(at, _)| {
            let rest = &body[at + 1..];
            let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '-')?;
            (1..=24).contains(&end).then(|| &rest[..end])
        })
        .filter(|name| name.starts_with(|c: char| c.is_ascii_alphabetic()))
        .collect()
}

fn keys(body: &str) -> BTreeSet<&str> {
    let mut found = BTreeSet::new();
    let mut parts = body.split('"').peekable();
    while let Some(part) = parts.next() {
        let is_key = parts.peek().is_some_and(|next| next.trim_start().starts_with(':'));
        if is_key && part.len() <= 24 && part.chars().all(|c| c.is_alphanumeric() || c == '_') {
            found.insert(part);
        }
        if found.len() >= 200 {
            break;
        }
    }
    found
}

fn title(body: &str) -> String {
    let lower = body.to_ascii_lowercase();
    let Some(begin) = lower.find("<title") else { return String::new() };
    let Some(open) = lower[begin..].find('>') else { return String::new() };
    let text = &body[begin + open + 1..];
    let end = text.find('<').unwrap_or(text.len()).min(200);
    super::failure::normalised(head(text, end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contents_do_not_matter_and_structure_does() {
        let page = |title: &str, body: &str| {
            format!("<html><head><title>{title}</title></head><body>{body}</body></html>")
        };
        let one = outline(&page("12 flats", "<ul><li>a<li>b</ul>"));
        assert_eq!(one, outline(&page("7 flats", "<ul><li>c</ul>")));
        assert_ne!(one, outline(&page("7 flats", "<table><tr><td>c</table>")));
        assert_ne!(one, outline(&page("Just a moment", "<ul><li>c</ul>")));
    }

    #[test]
    fn documents_of_json_are_told_apart_by_their_keys() {
        assert_eq!(outline(r#"{"a": 1, "b": "x: y"}"#), outline(r#"{"b": "z", "a": [2]}"#));
        assert_ne!(outline(r#"{"a": 1}"#), outline(r#"{"error": 1}"#));
        assert_eq!(outline(""), "|");
        assert!(outline(&"<".repeat(2_000_000)).len() < 10);
    }
}
