//! Building a message: text plus entities, counted in UTF-16 as the Bot API counts (api "MessageEntity").

use unicode_segmentation::UnicodeSegmentation;

use crate::domain::{Entity, EntityKind, Outgoing};

/// A message being written.
#[derive(Debug, Default)]
pub struct Draft {
    text: String,
    entities: Vec<Entity>,
    length: usize,
}

impl Draft {
    /// Adds plain text.
    pub fn push(&mut self, text: &str) -> &mut Self {
        self.text.push_str(text);
        self.length += text.encode_utf16().count();
        self
    }

    /// Adds text that looks like `kind`; an empty text adds nothing.
    pub fn push_as(&mut self, kind: EntityKind, text: &str) -> &mut Self {
        let offset = self.length;
        self.push(text);
        let length = self.length - offset;
        if length > 0 {
            self.entities.push(Entity { kind, offset, length });
        }
        self
    }

    /// Adds text with a link behind it; an address that is not http or https adds the bare text.
    pub fn push_link(&mut self, text: &str, address: &str) -> &mut Self {
        match address.starts_with("https://") || address.starts_with("http://") {
            true => self.push_as(EntityKind::Link(address.to_owned()), text),
            false => self.push(text),
        }
    }

    /// The finished message.
    pub fn into_message(self) -> Outgoing {
        Outgoing { entities: self.entities, ..Outgoing::text(self.text) }
    }
}

/// Characters that nobody sees but that turn the direction of what follows or hide it: a foreign title could
/// pretend to be something else with them.
fn deceives(c: char) -> bool {
    let turns = matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}');
    let hides = matches!(c, '\u{200b}' | '\u{2060}'..='\u{206f}' | '\u{feff}');
    turns || hides || (c.is_control() && !c.is_whitespace())
}

/// `text` on one line in at most `limit` UTF-16 units, ended by "…" if something was cut, and never empty; never inside a
/// character that people see as one.
pub fn shorten(text: &str, limit: usize) -> String {
    let visible: String = text.chars().filter(|c| !deceives(*c)).collect();
    let line = visible.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.encode_utf16().count() <= limit {
        // A button or a link without a single visible character would be refused.
        return if line.is_empty() { "…".to_owned() } else { line };
    }
    let mut room = limit.saturating_sub(1);
    let fits = |grapheme: &&str| {
        let length = grapheme.encode_utf16().count();
        let fits = length <= room;
        room = if fits { room - length } else { 0 };
        fits
    };
    let mut short: String = line.graphemes(true).take_while(fits).collect();
    short.truncate(short.trim_end().len());
    short.push('…');
    short
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn entities_are_counted_in_utf16() {
        let mut draft = Draft::default();
        draft.push("🏠 ").push_link("дом 🏡", "https://example.com/1").push("\n");
        draft.push_as(EntityKind::Bold, "x").push_as(EntityKind::Bold, "");
        let message = draft.into_message();
        let spans: Vec<_> = message.entities.iter().map(|e| (e.offset, e.length)).collect();
        assert_eq!(spans, [(3, 6), (10, 1)]);
    }

    #[test]
    fn only_web_addresses_become_links() {
        let mut draft = Draft::default();
        draft.push_link("a", "javascript:alert(1)").push_link("b", "tg://user?id=1");
        assert_eq!(draft.into_message().entities, []);
    }

    #[test]
    fn a_flag_or_a_family_is_not_cut_in_two() {
        assert_eq!(shorten("ab 👨‍👩‍👧 cd", 6), "ab…");
        assert_eq!(shorten("two\n lines", 20), "two lines");
        assert_eq!(shorten("abcdef", 4), "abc…");
        assert_eq!(shorten(" \u{200b}\n", 4), "…");
    }

    #[test]
    fn a_title_cannot_turn_or_hide_what_follows() {
        assert_eq!(shorten("cheap\u{202e}gnp.\u{0}\u{200b} flat\u{7}", 40), "cheapgnp. flat");
    }

    proptest! {
        #[test]
        fn a_shortened_text_fits(text in ".{0,80}", limit in 1usize..40) {
            prop_assert!(shorten(&text, limit).encode_utf16().count() <= limit);
        }
    }
}
