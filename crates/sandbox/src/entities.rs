//! Message text with its entities.
//!
//! Offsets and lengths count UTF-16 code units, as everywhere in the Bot API
//! (<https://core.telegram.org/bots/api#messageentity>).

use serde::Serialize;
use serde_json::{Map, Value};

use crate::answer::Refusal;
use crate::html;

/// The longest text that is looked at before parsing, in bytes.
const RAW_LIMIT: usize = 32 * 1024;

/// A marked stretch of text; serialised, a `MessageEntity`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Entity {
    /// `bold`, `text_link`, …
    #[serde(rename = "type")]
    pub kind: String,
    /// First UTF-16 unit.
    pub offset: usize,
    /// UTF-16 units.
    pub length: usize,
    /// `url`, `user`, `language`, … where the kind has them.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

impl Entity {
    /// An entity without further fields.
    pub fn new(kind: &str, offset: usize, length: usize) -> Self {
        Self { kind: kind.to_owned(), offset, length, extra: Map::new() }
    }

    fn end(&self) -> usize {
        self.offset + self.length
    }
}

/// Text and entities, ready to be stored.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rich {
    /// The text.
    pub text: String,
    /// Its entities, by offset.
    pub entities: Vec<Entity>,
}

impl Rich {
    /// Plain text with what Telegram finds in it by itself (commands, links, …).
    pub fn found_in(text: &str) -> Self {
        let mut rich = Self { text: text.to_owned(), entities: Vec::new() };
        rich.find_entities();
        rich
    }

    /// Reads text as a method gets it: raw text with either a parse mode or explicit entities.
    pub fn parse(raw: &str, mode: Option<&str>, explicit: Option<&Value>) -> Result<Self, Refusal> {
        if raw.len() > RAW_LIMIT {
            return Err(Refusal::bad("text is too long"));
        }
        let mut rich = match mode.map(str::to_ascii_lowercase).as_deref() {
            None | Some("") => Self { text: raw.to_owned(), entities: given(raw, explicit)? },
            Some("html") => html::parse(raw)
                .map_err(|reason| Refusal::bad(format!("can't parse entities: {reason}")))?,
            Some(_) => return Err(Refusal::bad("unsupported parse_mode")),
        };
        rich.trim();
        rich.find_entities();
        Ok(rich)
    }

    /// Length as the size limits count it: code points.
    pub fn length(&self) -> usize {
        self.text.chars().count()
    }

    /// Removes white space at both ends and moves the entities along.
    fn trim(&mut self) {
        if self.text.trim().len() == self.text.len() {
            return self.entities.retain(|entity| entity.length > 0);
        }
        let start = self.text.len() - self.text.trim_start().len();
        let cut = utf16_length(&self.text[..start]);
        let trimmed = self.text.trim().to_owned();
        let length = utf16_length(&trimmed);
        self.text = trimmed;
        for entity in &mut self.entities {
            let end = entity.end().saturating_sub(cut).min(length);
            entity.offset = entity.offset.saturating_sub(cut).min(length);
            entity.length = end - entity.offset;
        }
        self.entities.retain(|entity| entity.length > 0);
    }

    fn find_entities(&mut self) {
        for found in find(&self.text) {
            let covered = |other: &Entity| {
                other.offset < found.end() && found.offset < other.end() && holds_alone(&other.kind)
            };
            if !self.entities.iter().any(covered) {
                self.entities.push(found);
            }
        }
        self.entities.sort_by_key(|entity| (entity.offset, std::cmp::Reverse(entity.length)));
    }
}

/// Kinds inside of which nothing is found automatically.
fn holds_alone(kind: &str) -> bool {
    matches!(
        kind,
        "code" | "pre" | "text_link" | "text_mention" | "url" | "bot_command" | "mention"
    )
}

/// Number of UTF-16 units.
pub fn utf16_length(text: &str) -> usize {
    text.encode_utf16().count()
}

/// Checks entities that were given explicitly.
fn given(text: &str, explicit: Option<&Value>) -> Result<Vec<Entity>, Refusal> {
    let Some(list) = explicit else { return Ok(Vec::new()) };
    let list = list.as_array().ok_or_else(|| Refusal::bad("expected an Array of MessageEntity"))?;
    let total = utf16_length(text);
    let mut entities = Vec::new();
    for item in list {
        if let Some(entity) = one_given(text, total, item)? {
            entities.push(entity);
        }
    }
    Ok(entities)
}

fn one_given(text: &str, total: usize, item: &Value) -> Result<Option<Entity>, Refusal> {
    let refused = |why: &str| Refusal::bad(format!("can't parse MessageEntity: {why}"));
    let object = item.as_object().ok_or_else(|| refused("expected an Object"))?;
    let kind = object.get("type").and_then(Value::as_str);
    let kind = kind.ok_or_else(|| refused("Can't find field \"type\""))?;
    let number = |key: &str| {
        let missing = || refused(&format!("Can't find field \"{key}\""));
        object.get(key).and_then(Value::as_i64).ok_or_else(missing)
    };
    let (offset, length) = (number("offset")?, number("length")?);
    let sane = |value: i64| usize::try_from(value).ok().filter(|value| *value <= 1_000_000);
    let bad = |what: &str| Refusal::bad(format!("receive an entity with incorrect {what}"));
    let offset = sane(offset).ok_or_else(|| bad(&format!("offset {offset}")))?;
    let length = sane(length).ok_or_else(|| bad(&format!("length {length}")))?;
    let end = (offset + length).min(total);
    if offset >= end || !is_known(kind) {
        return Ok(None);
    }
    if !on_boundary(text, offset) {
        return Err(Refusal::bad("entity begins in a middle of a UTF-16 symbol"));
    }
    if !on_boundary(text, end) {
        return Err(Refusal::bad("entity ends in a middle of a UTF-16 symbol"));
    }
    let keep = ["url", "user", "language", "custom_emoji_id"];
    let extra = object.iter().filter(|(key, _)| keep.contains(&key.as_str()));
    let extra: Map<String, Value> = extra.map(|(k, v)| (k.clone(), v.clone())).collect();
    if kind == "text_link" && !extra.get("url").and_then(Value::as_str).is_some_and(is_link) {
        return Ok(None);
    }
    Ok(Some(Entity { kind: kind.to_owned(), offset, length: end - offset, extra }))
}

fn is_known(kind: &str) -> bool {
    const KNOWN: [&str; 20] = [
        "mention",
        "hashtag",
        "cashtag",
        "bot_command",
        "url",
        "email",
        "phone_number",
        "bold",
        "italic",
        "underline",
        "strikethrough",
        "spoiler",
        "blockquote",
        "expandable_blockquote",
        "code",
        "pre",
        "text_link",
        "text_mention",
        "custom_emoji",
        "date_time",
    ];
    KNOWN.contains(&kind)
}

/// A link that can stand behind text; anything else loses its entity without an error.
pub fn is_link(url: &str) -> bool {
    url::Url::parse(url).is_ok_and(|url| match url.scheme() {
        "http" | "https" => url.has_host(),
        "tg" | "ton" | "tonsite" => true,
        _ => false,
    })
}

fn on_boundary(text: &str, unit: usize) -> bool {
    let mut at = 0;
    for symbol in text.chars() {
        if at >= unit {
            break;
        }
        at += symbol.len_utf16();
    }
    at == unit
}

/// What Telegram marks by itself: commands, mentions, hashtags and links.
fn find(text: &str) -> Vec<Entity> {
    let mut found = Vec::new();
    let mut offset = 0;
    for word in text.split_inclusive(char::is_whitespace) {
        let bare = word.trim_end();
        let opening = bare.len() - bare.trim_start_matches(['(', '[', '"', '«', ',']).len();
        let bare_word = &bare[opening..];
        if let Some((kind, length)) = classify(bare_word) {
            let start = offset + utf16_length(&bare[..opening]);
            found.push(Entity::new(kind, start, utf16_length(&bare_word[..length])));
        }
        offset += utf16_length(word);
    }
    found
}

/// The kind of a word and how many of its bytes belong to it.
fn classify(word: &str) -> Option<(&'static str, usize)> {
    let name = |symbol: char| symbol.is_ascii_alphanumeric() || symbol == '_';
    let run = |from: usize, fits: &dyn Fn(char) -> bool| {
        let rest = &word[from..];
        rest.find(|symbol| !fits(symbol)).unwrap_or(rest.len())
    };
    match word.chars().next()? {
        '/' => {
            let length = run(1, &|symbol| name(symbol) || symbol == '@');
            let whole = !word[1 + length..].starts_with('/');
            ((1..=64).contains(&length) && whole).then_some(("bot_command", 1 + length))
        }
        '@' => {
            let length = run(1, &name);
            (4..=32).contains(&length).then_some(("mention", 1 + length))
        }
        '#' => {
            let length = run(1, &|symbol| symbol.is_alphanumeric() || symbol == '_');
            (length > 0).then_some(("hashtag", 1 + length))
        }
        _ if word.starts_with("http://") || word.starts_with("https://") => {
            let link = word.trim_end_matches(['.', ',', ')', ']', '!', '?', ';', ':', '"', '»']);
            is_link(link).then_some(("url", link.len()))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn offsets_count_utf16_units() {
        let rich = Rich::found_in("🎉 see https://example.com/a.");
        assert_eq!(rich.entities, [Entity::new("url", 7, 21)]);
    }

    #[test]
    fn an_entity_inside_a_surrogate_pair_is_refused() {
        let entity = json!([{"type": "bold", "offset": 1, "length": 2}]);
        let refusal = Rich::parse("🎉 ok", None, Some(&entity)).unwrap_err();
        assert_eq!(
            refusal.description,
            "Bad Request: entity begins in a middle of a UTF-16 symbol"
        );
    }

    #[test]
    fn white_space_at_the_ends_goes_and_entities_move_with_the_text() {
        let entity = json!([{"type": "bold", "offset": 2, "length": 4}]);
        let rich = Rich::parse("  bold \n", None, Some(&entity)).unwrap();
        assert_eq!((rich.text.as_str(), &rich.entities[0]), ("bold", &Entity::new("bold", 0, 4)));
    }

    #[test]
    fn entities_beyond_the_text_are_cut_and_commands_are_found() {
        let entity = json!([{"type": "italic", "offset": 7, "length": 900}]);
        let rich = Rich::parse("/start now", None, Some(&entity)).unwrap();
        assert_eq!(rich.entities, [Entity::new("bot_command", 0, 6), Entity::new("italic", 7, 3)]);
    }
}
