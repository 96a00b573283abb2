//! Text with entities, built piece by piece under Telegram's size limits.
//!
//! Offsets and lengths are UTF-16 code units, as the Bot API counts them. The limits are counted in the same
//! units, which is never more generous than the server's own count. What does not fit is cut between
//! graphemes and ends in an ellipsis, and the entities that were open there are closed there. Entities are a
//! stack, so they nest and never overlap by halves.

use unicode_segmentation::UnicodeSegmentation;
use url::Url;

use crate::domain::{Entity, EntityKind, Outgoing};

/// Most of a message, UTF-16 units (DOC "sendMessage": 1–4096 after entities parsing).
pub const TEXT_LIMIT: usize = 4_096;

/// Most of a caption, UTF-16 units (DOC "sendPhoto": 0–1024 after entities parsing).
pub const CAPTION_LIMIT: usize = 1_024;

/// Longest address that is linked, bytes.
const URL_BYTES: usize = 2_048;

/// Marks a cut; one UTF-16 unit.
const ELLIPSIS: char = '…';

/// Collects text and entities.
#[derive(Debug, Clone)]
pub struct TextBuilder {
    text: String,
    units: usize,
    limit: usize,
    entities: Vec<Entity>,
    open: Vec<usize>,
    full: bool,
}

impl TextBuilder {
    /// For at most `limit` UTF-16 units.
    pub fn new(limit: usize) -> Self {
        Self {
            text: String::new(),
            units: 0,
            limit,
            entities: vec![],
            open: vec![],
            full: limit == 0,
        }
    }

    /// Whether something was cut; nothing more goes in then.
    pub fn is_full(&self) -> bool {
        self.full
    }

    /// Adds words of ours as they are. Leading white space of the whole text is left out: the server would
    /// cut it off and move every offset.
    pub fn push(&mut self, words: &str) -> &mut Self {
        let words = if self.text.is_empty() { words.trim_start() } else { words };
        if self.full || words.is_empty() {
            return self;
        }
        let units = utf16_len(words);
        if self.units + units <= self.limit {
            self.text.push_str(words);
            self.units += units;
            return self;
        }
        self.full = true;
        let (piece, units) = prefix(words, self.limit - self.units);
        self.text.push_str(&piece);
        self.units += units;
        self
    }

    /// Adds words from outside, cleaned (see [`clean`]).
    pub fn foreign(&mut self, words: &str) -> &mut Self {
        self.push(&clean(words))
    }

    /// Adds a line break.
    pub fn line(&mut self) -> &mut Self {
        self.push("\n")
    }

    /// Everything that `fill` adds looks like `kind`.
    pub fn styled(&mut self, kind: EntityKind, fill: impl FnOnce(&mut Self)) -> &mut Self {
        let index = self.entities.len();
        self.entities.push(Entity { kind, offset: self.units, length: 0 });
        self.open.push(index);
        fill(self);
        self.open.pop();
        let entity = &mut self.entities[index];
        entity.length = self.units - entity.offset;
        self
    }

    /// The text without white space at its end, and its entities by offset, outer ones first.
    pub fn finish(mut self) -> (String, Vec<Entity>) {
        self.text.truncate(self.text.trim_end().len());
        let end = utf16_len(&self.text);
        for entity in &mut self.entities {
            entity.length = entity.length.min(end.saturating_sub(entity.offset));
        }
        self.entities.retain(|entity| entity.length > 0);
        (self.text, self.entities)
    }
}

/// Length in UTF-16 code units.
pub fn utf16_len(text: &str) -> usize {
    text.chars().map(char::len_utf16).sum()
}

/// `text` in at most `limit` UTF-16 units; a cut ends in an ellipsis.
pub fn cut(text: &str, limit: usize) -> String {
    if utf16_len(text) <= limit { text.to_owned() } else { prefix(text, limit).0 }
}

/// Foreign `text` on one line in at most `limit` UTF-16 units, and never empty: a button or a link without a
/// single visible character would be refused.
pub fn shorten(text: &str, limit: usize) -> String {
    match cut(&clean(text), limit) {
        empty if empty.is_empty() => ELLIPSIS.to_string(),
        line => line,
    }
}

/// `text` as an address that may be linked: http or https, with a host, without user and password.
pub fn web_address(text: &str) -> Option<Url> {
    if text.len() > URL_BYTES {
        return None;
    }
    let url = Url::parse(text).ok()?;
    let web = matches!(url.scheme(), "http" | "https") && url.host().is_some();
    let anonymous = url.username().is_empty() && url.password().is_none();
    (web && anonymous && url.as_str().len() <= URL_BYTES).then_some(url)
}

/// The longest run of graphemes that leaves room for an ellipsis within `room` units, with the ellipsis,
/// and its length in units.
fn prefix(text: &str, room: usize) -> (String, usize) {
    let mut piece = String::new();
    let mut units = 0;
    if room == 0 {
        return (piece, units);
    }
    for grapheme in text.graphemes(true) {
        let more = utf16_len(grapheme);
        if units + more > room - 1 {
            break;
        }
        piece.push_str(grapheme);
        units += more;
    }
    piece.truncate(piece.trim_end().len());
    piece.push(ELLIPSIS);
    let units = utf16_len(&piece);
    (piece, units)
}

/// Foreign text made safe for one line of a message: white space and control characters become single
/// spaces; characters that turn the direction of the text or cannot be seen are left out, so that a title
/// cannot pretend to be something else.
pub fn clean(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for letter in text.chars() {
        if letter.is_whitespace() || letter.is_control() {
            if !line.is_empty() && !line.ends_with(' ') {
                line.push(' ');
            }
        } else if !is_hidden(letter) {
            line.push(letter);
        }
    }
    line.truncate(line.trim_end().len());
    line
}

/// Bidirectional controls and zero-width characters (Unicode 16, general category Cf and the blank fillers).
fn is_hidden(letter: char) -> bool {
    matches!(
        letter,
        '\u{00ad}'                  // soft hyphen
        | '\u{034f}'                // combining grapheme joiner
        | '\u{061c}'                // Arabic letter mark
        | '\u{115f}' | '\u{1160}'   // Hangul fillers
        | '\u{17b4}' | '\u{17b5}'   // Khmer inherent vowels
        | '\u{180b}'..='\u{180f}'   // Mongolian selectors
        | '\u{200b}'..='\u{200f}'   // zero width space, joiners, direction marks
        | '\u{202a}'..='\u{202e}'   // direction embeddings and overrides
        | '\u{2060}'..='\u{206f}'   // word joiner, invisible operators, isolates
        | '\u{2800}'                // blank Braille pattern
        | '\u{3164}' | '\u{ffa0}'   // Hangul fillers
        | '\u{feff}'                // byte order mark
        | '\u{fff0}'..='\u{fffb}'   // specials, interlinear annotation
        | '\u{1d173}'..='\u{1d17a}' // musical controls
        | '\u{e0000}'..='\u{e0fff}' // tags
    )
}

/// `message` within the limits of what it is: a caption that is too long loses its picture rather than its
/// words, a text that is too long is cut with its entities.
pub fn fit(message: &Outgoing) -> Outgoing {
    let mut message = message.clone();
    let units = utf16_len(&message.text);
    // An edited caption stays a caption: there the picture cannot be dropped.
    let caption = message.photo.is_some() && message.edit.is_some();
    if message.photo.is_some() && message.edit.is_none() && units > CAPTION_LIMIT {
        message.photo = None;
    }
    let limit = if caption { CAPTION_LIMIT } else { TEXT_LIMIT };
    if units > limit {
        message.text = cut(&message.text, limit);
        let end = utf16_len(&message.text);
        for entity in &mut message.entities {
            entity.length = entity.length.min(end.saturating_sub(entity.offset));
        }
        message.entities.retain(|entity| entity.length > 0);
    }
    message
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn slice(text: &str, entity: &Entity) -> Option<String> {
        let units: Vec<u16> = text.encode_utf16().collect();
        let range = units.get(entity.offset..entity.offset + entity.length)?;
        String::from_utf16(range).ok()
    }

    #[test]
    fn offsets_count_utf16_units() {
        let mut builder = TextBuilder::new(100);
        builder.push("🏠 ").styled(EntityKind::Bold, |bold| {
            bold.push("дім 🏠");
        });
        let (text, entities) = builder.finish();
        assert_eq!(text, "🏠 дім 🏠");
        assert_eq!(entities, [Entity { kind: EntityKind::Bold, offset: 3, length: 6 }]);
    }

    #[test]
    fn a_cut_never_splits_a_grapheme_and_closes_what_is_open() {
        let mut builder = TextBuilder::new(6);
        builder.styled(EntityKind::Bold, |bold| {
            bold.push("ab").push("👩‍👩‍👧👩‍👩‍👧").push("lost");
        });
        assert!(builder.is_full());
        let (text, entities) = builder.finish();
        assert_eq!(text, "ab…");
        assert_eq!(entities, [Entity { kind: EntityKind::Bold, offset: 0, length: 3 }]);
    }

    #[test]
    fn a_title_cannot_turn_the_text_around_or_hide_in_it() {
        assert_eq!(clean("  a\u{202e}b\u{200b}c\n\td\u{feff} \u{2066}e\u{0}"), "abc d e");
        assert_eq!(clean("кухня — é 日本"), "кухня — é 日本");
        assert_eq!(clean("\u{200b}\u{ad} \r\n"), "");
    }

    #[test]
    fn a_shortened_line_is_never_empty_and_never_ends_inside_a_flag() {
        assert_eq!(shorten("ab 🇺🇦 cd", 6), "ab…");
        assert_eq!(shorten("two\n lines", 20), "two lines");
        assert_eq!(shorten("abcdef", 4), "abc…");
        assert_eq!(shorten(" \u{200b}\n", 4), "…");
    }

    #[test]
    fn only_anonymous_web_addresses_are_linked() {
        for address in ["javascript:alert(1)", "tg://user?id=1", "https://a:b@c.example/", "http:"]
        {
            assert_eq!(web_address(address), None, "{address}");
        }
        assert!(web_address("https://c.example/ü").is_some());
    }

    #[test]
    fn a_caption_that_is_too_long_loses_the_picture_and_not_the_words() {
        let long =
            Outgoing { photo: Some("https://a.b/c".into()), ..Outgoing::text("x".repeat(1_025)) };
        let fitted = fit(&long);
        assert_eq!((fitted.photo, fitted.text.len()), (None, 1_025));
        let huge = Outgoing {
            entities: vec![
                Entity { kind: EntityKind::Bold, offset: 4_000, length: 500 },
                Entity { kind: EntityKind::Bold, offset: 4_400, length: 9 },
            ],
            ..Outgoing::text("я".repeat(5_000))
        };
        let fitted = fit(&huge);
        assert_eq!(utf16_len(&fitted.text), TEXT_LIMIT);
        assert_eq!(fitted.entities, [Entity { kind: EntityKind::Bold, offset: 4_000, length: 96 }]);
    }

    /// A tree of pieces: text, or a styled group.
    #[derive(Debug, Clone)]
    enum Piece {
        Text(String),
        Styled(Vec<Piece>),
    }

    fn pieces() -> impl Strategy<Value = Vec<Piece>> {
        let text = any::<String>().prop_map(Piece::Text);
        let tree = text.prop_recursive(3, 24, 4, |inner| {
            prop::collection::vec(inner, 0..4).prop_map(Piece::Styled)
        });
        prop::collection::vec(tree, 0..6)
    }

    fn fill(builder: &mut TextBuilder, pieces: &[Piece], written: &mut String) {
        for piece in pieces {
            match piece {
                Piece::Text(text) => {
                    builder.push(text);
                    written.push_str(text);
                }
                Piece::Styled(inner) => {
                    builder.styled(EntityKind::Bold, |inside| fill(inside, inner, written));
                }
            }
        }
    }

    proptest! {
        #[test]
        fn any_text_gives_legal_entities_and_keeps_its_words(
            pieces in pieces(),
            limit in 0usize..80,
        ) {
            let mut builder = TextBuilder::new(limit);
            let mut written = String::new();
            fill(&mut builder, &pieces, &mut written);
            let cut = builder.is_full();
            let (text, entities) = builder.finish();
            prop_assert!(utf16_len(&text) <= limit);
            for entity in &entities {
                prop_assert!(entity.length > 0);
                prop_assert!(slice(&text, entity).is_some(), "{entity:?} splits {text:?}");
            }
            for (at, left) in entities.iter().enumerate() {
                for right in &entities[at + 1..] {
                    prop_assert!(left.offset <= right.offset);
                    let left_end = left.offset + left.length;
                    let right_end = right.offset + right.length;
                    let apart = right.offset >= left_end;
                    let inside = right_end <= left_end;
                    prop_assert!(apart || inside, "{left:?} overlaps {right:?}");
                }
            }
            if cut {
                // What is kept is a beginning of what was written, then the mark of the cut.
                let kept = text.trim_end_matches(ELLIPSIS).trim_end();
                prop_assert!(written.trim_start().starts_with(kept));
            } else {
                prop_assert_eq!(text, written.trim());
            }
        }

        #[test]
        fn cleaned_text_is_one_visible_line(text in any::<String>()) {
            let line = clean(&text);
            prop_assert!(!line.chars().any(|letter| letter.is_control() || is_hidden(letter)));
            prop_assert!(!line.contains("  "));
            prop_assert_eq!(clean(&line), line.clone());
            let keep = |text: &str| -> String {
                text.chars()
                    .filter(|letter| !letter.is_whitespace() && !letter.is_control())
                    .filter(|letter| !is_hidden(*letter))
                    .collect()
            };
            prop_assert_eq!(keep(&line), keep(&text));
        }
    }
}
