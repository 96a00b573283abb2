//! RSS 0.9x, 1.0 (RDF), 2.0 and Atom, read into plain JSON so that feeds use the same paths as APIs.
//!
//! `<item><title>A</title><dc:date>B</dc:date><enc:enclosure resource="u"/></item>` becomes
//! `{"title": "A", "dc:date": "B", "enc:enclosure": {"@resource": "u"}}`; an element that occurs again
//! is found under `name#2`, and so on. Broken XML gives the items up to the break.

use serde_json::{Map, Value};

use crate::transform::text::unescape;

/// Whether a body looks like a feed.
pub fn is_feed(body: &str) -> bool {
    let end = body.char_indices().nth(2_000).map_or(body.len(), |(at, _)| at);
    let head = &body[..end];
    ["<rss", "<rdf:RDF", "<feed"].iter().any(|mark| head.contains(mark)) && !head.contains("<html")
}

/// The items (RSS) or entries (Atom) of a feed.
pub fn items(xml: &str) -> Vec<Value> {
    let mut items = Vec::new();
    let mut current: Option<Map<String, Value>> = None;
    let mut stack: Vec<Open> = Vec::new();
    for event in Events(xml) {
        match event {
            Event::Start(name, attributes, closed) => {
                if current.is_none() && matches!(name, "item" | "entry") {
                    current = Some(attributes);
                    stack.clear();
                } else if let Some(item) = &mut current {
                    stack.push(Open { name: name.to_owned(), attributes, text: String::new() });
                    if closed {
                        close(item, &mut stack);
                    }
                }
            }
            Event::Text(text) => {
                if let Some(open) = stack.last_mut() {
                    open.text.push_str(&text);
                }
            }
            Event::End(name) => {
                if matches!(name, "item" | "entry") {
                    items.extend(current.take().map(Value::Object));
                } else if let Some(item) = &mut current
                    && stack.last().is_some_and(|open| open.name == name)
                {
                    close(item, &mut stack);
                }
            }
        }
    }
    items
}

/// An element whose end has not come yet.
struct Open {
    name: String,
    attributes: Map<String, Value>,
    text: String,
}

/// Puts a finished element into its item. Text wins over attributes; both are kept if both are there.
fn close(item: &mut Map<String, Value>, stack: &mut Vec<Open>) {
    let Some(Open { name, mut attributes, text }) = stack.pop() else { return };
    let text = text.trim();
    let value = if attributes.is_empty() || (!text.is_empty() && name != "link") {
        Value::String(text.to_owned())
    } else {
        if !text.is_empty() {
            attributes.insert("#text".to_owned(), Value::String(text.to_owned()));
        }
        Value::Object(attributes)
    };
    let key = (1..50)
        .map(|n| if n == 1 { name.clone() } else { format!("{name}#{n}") })
        .find(|key| !item.contains_key(key));
    if let Some(key) = key {
        item.insert(key, value);
    }
}

enum Event<'a> {
    Start(&'a str, Map<String, Value>, bool),
    Text(String),
    End(&'a str),
}

/// Cuts XML into events. Tolerant: what is no tag is text.
struct Events<'a>(&'a str);

impl<'a> Iterator for Events<'a> {
    type Item = Event<'a>;

    fn next(&mut self) -> Option<Event<'a>> {
        loop {
            let text = self.0;
            if text.is_empty() {
                return None;
            }
            if let Some(tail) = text.strip_prefix("<![CDATA[") {
                let end = tail.find("]]>").unwrap_or(tail.len());
                self.0 = tail.get(end + 3..).unwrap_or("");
                return Some(Event::Text(tail[..end].to_owned()));
            }
            if let Some(tail) = text.strip_prefix("<!--") {
                self.0 = tail.find("-->").map_or("", |end| &tail[end + 3..]);
                continue;
            }
            if !text.starts_with('<') {
                let end = text.find('<').unwrap_or(text.len());
                self.0 = &text[end..];
                return Some(Event::Text(unescape(&text[..end])));
            }
            let Some(end) = text.find('>') else {
                self.0 = "";
                return None;
            };
            let tag = &text[1..end];
            self.0 = &text[end + 1..];
            if tag.starts_with(['?', '!']) {
                continue;
            }
            if let Some(name) = tag.strip_prefix('/') {
                return Some(Event::End(name.trim()));
            }
            let closed = tag.ends_with('/');
            let tag = tag.trim_end_matches('/');
            let (name, rest) = tag.split_once(char::is_whitespace).unwrap_or((tag, ""));
            return Some(Event::Start(name, attributes(rest), closed));
        }
    }
}

fn attributes(mut text: &str) -> Map<String, Value> {
    let mut out = Map::new();
    while let Some((name, tail)) = text.split_once('=') {
        let tail = tail.trim_start();
        let Some(quote) = tail.chars().next().filter(|c| matches!(c, '"' | '\'')) else { break };
        let Some(end) = tail[1..].find(quote) else { break };
        out.insert(format!("@{}", name.trim()), Value::String(unescape(&tail[1..=end])));
        text = &tail[end + 2..];
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    #[test]
    fn items_of_all_dialects_become_objects() {
        let rss = r#"<rss><channel><title>c</title><item><title><![CDATA[A & <b>B</b>]]></title>
            <link>http://x/1</link><category>a</category><category>b</category>
            <enc:enclosure resource="http://x/1.jpg" type='image/jpeg'/></item></channel></rss>"#;
        assert!(is_feed(rss));
        let expected = json!([{"title": "A & <b>B</b>", "link": "http://x/1", "category": "a",
            "category#2": "b",
            "enc:enclosure": {"@resource": "http://x/1.jpg", "@type": "image/jpeg"}}]);
        assert_eq!(json!(items(rss)), expected);
        let atom = "<feed><entry><title>T &amp; U</title><link href='/a'/></entry></feed>";
        assert_eq!(json!(items(atom)), json!([{"title": "T & U", "link": {"@href": "/a"}}]));
    }

    proptest! {
        #[test]
        fn broken_feeds_do_not_panic(text in "(<item|</item>|<|>|/|=|\"|'|<!\\[CDATA\\[|ä|<title>| ){0,20}") {
            let _ = items(&text);
        }
    }
}
