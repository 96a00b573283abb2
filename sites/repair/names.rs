//! Names for an element that will still fit tomorrow: what it means comes before how it looks, and where it
//! stands comes last.

use crate::dom::ElementRef;

/// Attributes in which a site says what an element is, for its own tests and for programs.
const MEANINGS: [&str; 8] = [
    "itemprop",
    "data-testid",
    "data-test",
    "data-test-id",
    "data-qa",
    "data-cy",
    "data-role",
    "data-id-type",
];

/// Classes that say how something looks, whatever it is.
const LOOKS: [&str; 30] = [
    "row",
    "col",
    "flex",
    "grid",
    "left",
    "right",
    "center",
    "bold",
    "small",
    "large",
    "hidden",
    "active",
    "clearfix",
    "first",
    "last",
    "even",
    "odd",
    "relative",
    "absolute",
    "block",
    "inline",
    "truncate",
    "ellipsis",
    "text",
    "font",
    "noprint",
    "full",
    "wrap",
    "icon",
    "container",
];

/// Elements above another that may begin its name.
const HEIGHT: usize = 4;

/// A name and how long it is likely to fit; higher is better.
pub(super) type Named = (String, f64);

/// All names of an element by itself: marks, classes, its tag.
pub(super) fn own(node: &ElementRef<'_>) -> Vec<Named> {
    let value = node.value();
    let tag = value.name();
    let mut out = Vec::new();
    for (name, text) in value.attrs() {
        if MEANINGS.contains(&name) && is_word(text) {
            out.push((format!("[{name}={}]", quoted(text)), 3.2));
        } else if name.starts_with("data-") && plain(name) {
            if is_word(text) && !text.contains(' ') && text.len() < 40 {
                out.push((format!("[{name}={}]", quoted(text)), 2.6));
            }
            out.push((format!("[{name}]"), 2.2));
        }
    }
    for class in value.classes().filter(|class| !class.is_empty()).take(12) {
        let weight = weight_of_class(class);
        let name =
            if plain(class) { format!(".{class}") } else { format!("[class~={}]", quoted(class)) };
        if let Some(stem) = stem(class) {
            out.push((format!("[class*={}]", quoted(stem)), 2.0));
        }
        out.push((format!("{tag}{name}"), weight - 0.05));
        out.push((name, weight));
    }
    let weight = match tag {
        "h1" | "h2" | "h3" | "h4" | "time" | "address" | "article" | "figure" => 1.3,
        "a" | "img" | "li" | "strong" | "b" | "small" | "i" | "em" | "del" | "picture" => 0.9,
        _ => 0.4,
    };
    if plain(tag) {
        out.push((tag.to_owned(), weight));
    }
    out
}

/// All names of an element inside `root`: its own, and those that begin at its parent or further up.
pub(super) fn inside(node: &ElementRef<'_>, root: &ElementRef<'_>) -> Vec<Named> {
    let names = own(node);
    let tag = names.last().cloned();
    let mut out = names.clone();
    let parents = std::iter::successors(node.parent(), |node| node.parent());
    for (above, parent) in parents.filter_map(ElementRef::wrap).enumerate() {
        if parent.id() == root.id() || above >= HEIGHT {
            break;
        }
        for (name, weight) in own(&parent) {
            if let Some((tag, own)) = tag.as_ref().filter(|_| above == 0) {
                out.push((format!("{name} > {tag}"), 0.75 * weight + 0.25 * own - 0.1));
            }
            // A chain of bare tags says nothing that lasts.
            for (part, own) in names.iter().filter(|_| weight > 0.9).take(6) {
                let far = if above == 0 { 0.2 } else { 0.4 };
                out.push((format!("{name} {part}"), 0.5 * weight + 0.5 * own - far));
            }
        }
    }
    out
}

/// Names of a repeated element in the page: its own, and as a child of its parent.
pub(super) fn repeated(node: &ElementRef<'_>) -> Vec<Named> {
    let mut out = own(node);
    let tag = node.value().name();
    if let Some(parent) = node.parent().and_then(ElementRef::wrap) {
        for (name, weight) in own(&parent).into_iter().chain(id(&parent)) {
            out.push((format!("{name} > {tag}"), 0.6 * weight));
        }
    }
    out
}

fn id(node: &ElementRef<'_>) -> Option<Named> {
    let id = node.value().attr("id").filter(|id| plain(id) && !is_hashed(id))?;
    Some((format!("#{id}"), 2.0))
}

fn weight_of_class(class: &str) -> f64 {
    if is_hashed(class) {
        return 0.3;
    }
    let looks = |part: &str| LOOKS.contains(&part) || part.len() < 3;
    let parts: Vec<&str> = class.split(['-', '_']).filter(|part| !part.is_empty()).collect();
    if parts.first().is_none_or(|part| looks(part)) || class.contains(char::is_numeric) {
        1.0
    } else {
        2.5
    }
}

/// The lasting beginning of a class that a build tool has ended with a hash: `Card_title__x7Yz2`.
fn stem(class: &str) -> Option<&str> {
    let at = class.rfind("__")? + 2;
    let (stem, tail) = class.split_at(at);
    (stem.len() >= 6 && is_hash(tail) && !stem.contains('\'')).then_some(stem)
}

fn is_hashed(class: &str) -> bool {
    class.starts_with("css-")
        || class.starts_with("sc-")
        || class.starts_with("jsx-")
        || class.split(['-', '_']).any(is_hash)
}

/// Whether a part of a name was made by a program: letters and digits mixed, or capitals inside without sense.
fn is_hash(part: &str) -> bool {
    let count = |test: fn(&u8) -> bool| part.bytes().filter(test).count();
    let digits = count(u8::is_ascii_digit);
    let letters = count(u8::is_ascii_alphabetic);
    let vowels = part.bytes().filter(|b| b"aeiouyAEIOUY".contains(b)).count();
    part.len() >= 5
        && ((digits >= 1 && letters >= 2 && digits * 6 >= letters) || vowels * 6 < letters)
}

fn is_word(text: &str) -> bool {
    !text.is_empty() && text.len() < 60 && !text.bytes().any(|b| b.is_ascii_digit())
}

/// Whether a name needs no quotes in a selector.
pub(super) fn plain(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
}

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\\', "\\\\").replace('\'', "\\'"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_with_meaning_come_before_looks_and_hashes() {
        for (better, worse) in [
            ("offer-price", "col-xs-3"),
            ("price", "css-1x2y3z"),
            ("flex", "sc-bdnxrm"),
            ("Card_title", "Card_title__x7Yz2"),
        ] {
            assert!(weight_of_class(better) > weight_of_class(worse), "{better} {worse}");
        }
        assert_eq!(stem("Card_title__x7Yz2"), Some("Card_title__"));
        assert_eq!(stem("olx-adcard__title"), None);
    }
}
