//! HTML parse mode: the tags that Telegram knows, and its words when they are wrong.
//!
//! Supported tags: <https://core.telegram.org/bots/api#html-style>. Offsets in the errors are bytes.

use serde_json::{Value, json};

use crate::entities::{Entity, Rich, is_link, utf16_length};

/// Reads HTML; the error is the reason without its prefix.
pub fn parse(raw: &str) -> Result<Rich, String> {
    let mut reader = Reader { raw, at: 0, text: String::new(), open: Vec::new(), done: Vec::new() };
    while let Some(symbol) = reader.peek() {
        match symbol {
            '<' => reader.tag()?,
            '&' => reader.reference(),
            _ => reader.copy(symbol),
        }
    }
    if let Some(tag) = reader.open.last() {
        return Err(format!("Can't find end tag corresponding to start tag \"{}\"", tag.name));
    }
    let mut entities = reader.done;
    entities.sort_by_key(|entity| (entity.offset, std::cmp::Reverse(entity.length)));
    Ok(Rich { text: reader.text, entities })
}

struct Reader<'a> {
    raw: &'a str,
    at: usize,
    text: String,
    open: Vec<Tag>,
    done: Vec<Entity>,
}

struct Tag {
    name: String,
    attributes: Vec<(String, String)>,
    /// Byte position in the finished text where the tag began.
    start: usize,
}

impl Tag {
    fn attribute(&self, name: &str) -> Option<&str> {
        let found = self.attributes.iter().find(|(key, _)| key == name);
        found.map(|(_, value)| value.as_str())
    }
}

impl Reader<'_> {
    fn peek(&self) -> Option<char> {
        self.raw[self.at..].chars().next()
    }

    fn copy(&mut self, symbol: char) {
        self.text.push(symbol);
        self.at += symbol.len_utf8();
    }

    fn reference(&mut self) {
        match reference(&self.raw[self.at..]) {
            Some((symbol, length)) => {
                self.text.push(symbol);
                self.at += length;
            }
            None => self.copy('&'),
        }
    }

    fn tag(&mut self) -> Result<(), String> {
        let begin = self.at;
        self.at += 1;
        if self.raw[self.at..].starts_with('/') {
            self.at += 1;
            self.end_tag(begin)
        } else {
            self.start_tag(begin)
        }
    }

    /// Moves over symbols while they fit and returns them in lower case.
    fn word(&mut self, fits: impl Fn(char) -> bool) -> String {
        let rest = &self.raw[self.at..];
        let length = rest.find(|symbol| !fits(symbol)).unwrap_or(rest.len());
        self.at += length;
        rest[..length].to_ascii_lowercase()
    }

    fn spaces(&mut self) {
        self.word(|symbol| symbol.is_ascii_whitespace());
    }

    fn start_tag(&mut self, begin: usize) -> Result<(), String> {
        let name = self.word(|symbol| !symbol.is_ascii_whitespace() && symbol != '>');
        if self.peek().is_none() {
            return Err(format!("Unclosed start tag at byte offset {begin}"));
        }
        if kind_of(&name).is_none() {
            return Err(format!("Unsupported start tag \"{name}\" at byte offset {begin}"));
        }
        let mut attributes = Vec::new();
        loop {
            self.spaces();
            match self.peek() {
                None => return Err(format!("Unclosed start tag at byte offset {begin}")),
                Some('>') => break,
                Some(_) => attributes.push(self.attribute(&name, begin)?),
            }
        }
        self.at += 1;
        let tag = Tag { name, attributes, start: self.text.len() };
        if tag.name == "span" && tag.attribute("class") != Some("tg-spoiler") {
            return Err(format!(
                "Tag \"span\" must have class \"tg-spoiler\" at byte offset {begin}"
            ));
        }
        self.open.push(tag);
        Ok(())
    }

    fn attribute(&mut self, tag: &str, begin: usize) -> Result<(String, String), String> {
        let name = self.word(|symbol| {
            !symbol.is_ascii_whitespace() && !matches!(symbol, '=' | '>' | '/' | '"' | '\'')
        });
        if name.is_empty() {
            let at = self.at;
            return Err(format!("Empty attribute name in the tag \"{tag}\" at byte offset {at}"));
        }
        self.spaces();
        if self.peek() != Some('=') {
            return Ok((name, String::new()));
        }
        self.at += 1;
        self.spaces();
        let unclosed = || format!("Unclosed start tag at byte offset {begin}");
        let value = match self.peek().ok_or_else(unclosed)? {
            quote @ ('"' | '\'') => {
                self.at += 1;
                let rest = &self.raw[self.at..];
                let length = rest.find(quote).ok_or_else(unclosed)?;
                self.at += length + 1;
                decode(&rest[..length])
            }
            _ => {
                let from = self.at;
                self.word(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-'));
                self.raw[from..self.at].to_owned()
            }
        };
        Ok((name, value))
    }

    fn end_tag(&mut self, begin: usize) -> Result<(), String> {
        let Some(tag) = self.open.pop() else {
            return Err(format!("Unexpected end tag at byte offset {begin}"));
        };
        let name = self.word(|symbol| !symbol.is_ascii_whitespace() && symbol != '>');
        self.spaces();
        if self.peek() != Some('>') {
            return Err(format!("Unclosed end tag at byte offset {begin}"));
        }
        self.at += 1;
        if !name.is_empty() && name != tag.name {
            return Err(format!(
                "Unmatched end tag at byte offset {begin}, expected \"</{}>\", found \"</{name}>\"",
                tag.name
            ));
        }
        self.close(&tag);
        Ok(())
    }

    fn close(&mut self, tag: &Tag) {
        let inner = &self.text[tag.start..];
        let Some(kind) = kind_of(&tag.name) else { return };
        if inner.is_empty() {
            return;
        }
        let offset = utf16_length(&self.text[..tag.start]);
        let mut entity = Entity::new(kind, offset, utf16_length(inner));
        match tag.name.as_str() {
            "a" => {
                let target = tag.attribute("href").unwrap_or(inner).to_owned();
                if !link(&mut entity, &target) {
                    return;
                }
            }
            "blockquote" if tag.attribute("expandable").is_some() => {
                entity.kind = "expandable_blockquote".to_owned();
            }
            "tg-emoji" => {
                let id = tag.attribute("emoji-id").unwrap_or_default();
                entity.extra.insert("custom_emoji_id".to_owned(), id.into());
            }
            "code" => self.language(tag, &mut entity),
            _ => {}
        }
        let swallowed = entity.kind == "pre"
            && self.done.iter_mut().any(|inner| {
                let same = inner.offset == entity.offset && inner.length == entity.length;
                same && inner.kind == "code" && {
                    inner.kind = "pre".to_owned();
                    true
                }
            });
        if !swallowed {
            self.done.push(entity);
        }
    }

    /// `pre` around `code class="language-x"` is one entity with a language.
    fn language(&self, tag: &Tag, entity: &mut Entity) {
        let class = tag.attribute("class").and_then(|class| class.strip_prefix("language-"));
        let in_pre = self.open.last().is_some_and(|outer| outer.name == "pre");
        if let (Some(language), true) = (class, in_pre) {
            entity.extra.insert("language".to_owned(), language.into());
        }
    }
}

/// Gives a link its target; `false` when the target is no link and the entity is dropped.
fn link(entity: &mut Entity, target: &str) -> bool {
    let user = target.strip_prefix("tg://user?id=").and_then(|id| id.parse::<i64>().ok());
    let (kind, key, value): (_, _, Value) = match user {
        Some(id) => {
            let user = json!({"id": id, "is_bot": false, "first_name": "User"});
            ("text_mention", "user", user)
        }
        None if is_link(target) => ("text_link", "url", target.into()),
        None => return false,
    };
    entity.kind = kind.to_owned();
    entity.extra.insert(key.to_owned(), value);
    true
}

fn kind_of(tag: &str) -> Option<&'static str> {
    Some(match tag {
        "b" | "strong" => "bold",
        "i" | "em" => "italic",
        "u" | "ins" => "underline",
        "s" | "strike" | "del" => "strikethrough",
        "tg-spoiler" | "span" => "spoiler",
        "a" => "text_link",
        "tg-emoji" => "custom_emoji",
        "tg-time" => "date_time",
        "code" => "code",
        "pre" => "pre",
        "blockquote" => "blockquote",
        _ => return None,
    })
}

/// The symbol of a character reference at the start of `rest`, and its length in bytes.
fn reference(rest: &str) -> Option<(char, usize)> {
    let end = rest.char_indices().take(12).find(|(_, symbol)| *symbol == ';')?.0;
    let name = &rest[1..end];
    let symbol = match name {
        "lt" => '<',
        "gt" => '>',
        "amp" => '&',
        "quot" => '"',
        _ => {
            let number = name.strip_prefix('#')?;
            let code = match number.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                None => number.parse().ok()?,
            };
            char::from_u32(code).filter(|symbol| *symbol != '\0')?
        }
    };
    Some((symbol, end + 1))
}

fn decode(value: &str) -> String {
    let mut out = String::new();
    let mut at = 0;
    while let Some(symbol) = value[at..].chars().next() {
        let (symbol, length) = reference(&value[at..])
            .filter(|_| symbol == '&')
            .unwrap_or((symbol, symbol.len_utf8()));
        out.push(symbol);
        at += length;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_become_entities_in_utf16() {
        let rich = parse("🎉<b>a<i>b</i></b> &lt;&amp;&nbsp;").unwrap();
        assert_eq!(rich.text, "🎉ab <&&nbsp;");
        assert_eq!(rich.entities, [Entity::new("bold", 2, 2), Entity::new("italic", 3, 1)]);
    }

    #[test]
    fn links_and_code_keep_their_fields() {
        let rich = parse(
            "<a href=\"https://a.example/?x=1&amp;y=2\">a</a><pre><code class=\"language-rust\">b</code></pre>",
        )
        .unwrap();
        assert_eq!(rich.entities[0].extra["url"], "https://a.example/?x=1&y=2");
        assert_eq!((rich.entities[1].kind.as_str(), rich.entities.len()), ("pre", 2));
        assert_eq!(rich.entities[1].extra["language"], "rust");
    }

    #[test]
    fn every_fault_has_its_words() {
        let cases = [
            ("5 < 6", "Unsupported start tag \"\" at byte offset 2"),
            ("é<br>", "Unsupported start tag \"br\" at byte offset 2"),
            ("<b", "Unclosed start tag at byte offset 0"),
            ("x</b>", "Unexpected end tag at byte offset 1"),
            ("<b>x</i>", "Unmatched end tag at byte offset 4, expected \"</b>\", found \"</i>\""),
            ("<b>x", "Can't find end tag corresponding to start tag \"b\""),
            ("<span>x</span>", "Tag \"span\" must have class \"tg-spoiler\" at byte offset 0"),
            ("<a =x>y</a>", "Empty attribute name in the tag \"a\" at byte offset 3"),
        ];
        for (raw, reason) in cases {
            assert_eq!(parse(raw).unwrap_err(), reason, "{raw}");
        }
    }

    #[test]
    fn no_text_makes_the_parser_panic() {
        let pieces = [
            "<",
            ">",
            "/",
            "b",
            "a href",
            "=",
            "\"",
            "'",
            "&",
            "amp;",
            "#x1F389;",
            "#0;",
            "🎉",
            "я",
            " ",
            "</",
            "<b>",
            "</b>",
            "<pre>",
            "<code class=\"language-x\">",
            "</code>",
            "</pre>",
            "\n",
        ];
        let mut random: usize = 12_345;
        for _ in 0..20_000 {
            let mut raw = String::new();
            for _ in 0..random % 14 {
                random = random
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1_442_695_040_888_963_407);
                raw.push_str(pieces[(random >> 33) % pieces.len()]);
            }
            random = random.wrapping_add(7);
            let units = utf16_length(&raw);
            if let Ok(rich) = Rich::parse(&raw, Some("HTML"), None) {
                let whole = utf16_length(&rich.text);
                let inside = |entity: &Entity| entity.offset + entity.length <= whole;
                assert!(whole <= units && rich.entities.iter().all(inside), "{raw}");
            }
        }
    }
}
