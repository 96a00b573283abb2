//! Words that others may read, without the secrets in them: values of addresses that open a door, and bot tokens.
//!
//! What is masked is found by its name (`token`, `key`, …) and by its look (long and mixed): a little too much is
//! hidden rather than too little.

use std::sync::LazyLock;

use regex::Regex;

/// What stands where a secret stood.
pub const MASK: &str = "…";

/// Names of values that open a door, or parts of such names.
const NAMES: [&str; 11] = [
    "token",
    "secret",
    "key",
    "auth",
    "pass",
    "session",
    "sid",
    "sig",
    "code",
    "hash",
    "credential",
];

/// A value of an address that is as long as this and mixes letters and digits is taken for a secret.
const LONG: usize = 20;

static ADDRESS: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r#"(?i)\bhttps?://[^\s<>"]+"#).ok());
/// The token of a bot: its id, and 35 characters (core.telegram.org/bots/api "Authorizing your bot").
static TOKEN: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"\b\d{6,12}:[A-Za-z0-9_-]{30,}").ok());

/// `text` with a mask in place of each secret.
pub fn masked(text: &str) -> String {
    let (Some(address), Some(token)) = (ADDRESS.as_ref(), TOKEN.as_ref()) else {
        // The expressions are ours and tested; without them nothing may be shown.
        return MASK.to_owned();
    };
    let tame = address.replace_all(text, |found: &regex::Captures<'_>| one(&found[0]));
    token.replace_all(&tame, MASK).into_owned()
}

/// An address without user, password, and values that look like secrets.
fn one(address: &str) -> String {
    let (scheme, rest) = address.split_once("://").unwrap_or(("", address));
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, rest) = rest.split_at(end);
    let host = match authority.rsplit_once('@') {
        Some((_, host)) => format!("{MASK}@{host}"),
        None => authority.to_owned(),
    };
    let begin = rest.find(['?', '#']).unwrap_or(rest.len());
    let (path, values) = rest.split_at(begin);
    let path: Vec<String> = path.split('/').map(piece).collect();
    let mut shown = format!("{scheme}://{host}{}", path.join("/"));
    let mut from = 0;
    for at in values.match_indices(['?', '&', '#', ';']).map(|(at, _)| at).chain([values.len()]) {
        shown.push_str(&value(&values[from..at]));
        if let Some(mark) = values[at..].chars().next() {
            shown.push(mark);
        }
        from = at + usize::from(at < values.len());
    }
    shown
}

/// One `name=value` of an address.
fn value(pair: &str) -> String {
    let Some((name, value)) = pair.split_once('=') else { return piece(pair) };
    let lower = name.to_lowercase();
    let opens = NAMES.iter().any(|part| lower.contains(part)) && !value.is_empty();
    if opens { format!("{name}={MASK}") } else { format!("{name}={}", piece(value)) }
}

/// A piece of an address, unless it looks like a secret.
fn piece(piece: &str) -> String {
    let word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    let longest = piece.split(|c: char| !word(c)).max_by_key(|run| run.len()).unwrap_or_default();
    let run = longest.split('-').max_by_key(|run| run.len()).unwrap_or_default();
    let mixed =
        run.bytes().any(|b| b.is_ascii_digit()) && run.bytes().any(|b| b.is_ascii_alphabetic());
    if run.len() >= LONG && mixed { MASK.to_owned() } else { piece.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_opens_a_door_is_masked_and_the_rest_stays() {
        for (text, shown) in [
            ("Flats in Kyiv", "Flats in Kyiv"),
            ("https://a.example/s?q=bike&page=2", "https://a.example/s?q=bike&page=2"),
            (
                "see https://a.example/s?token=abc&q=1 now",
                "see https://a.example/s?token=…&q=1 now",
            ),
            ("https://anna:geheim@a.example/x", "https://…@a.example/x"),
            ("https://a.example/feed/0f8fad5bd9cb469fa165", "https://a.example/feed/…"),
            (
                "https://a.example/s?x=0f8fad5bd9cb469fa165#access_token=1",
                "https://a.example/s?x=…#access_token=…",
            ),
            (
                "https://a.example/a-very-long-name-of-a-search-2026",
                "https://a.example/a-very-long-name-of-a-search-2026",
            ),
            ("123456789:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw", "…"),
            ("12:30 o'clock", "12:30 o'clock"),
        ] {
            assert_eq!(masked(text), shown);
        }
    }

    #[test]
    fn masking_twice_is_masking_once() {
        let text = "https://u:p@a.example/p/0f8fad5bd9cb469fa165?key=v&q=ü#sid=1 123456:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw";
        assert_eq!(masked(&masked(text)), masked(text));
    }
}
