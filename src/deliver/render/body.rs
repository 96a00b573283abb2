//! From a template and what is known to the part of a message that all its readers share. Pure.

use super::fields::{Facts, WORDS_UNITS};
use super::template::{Line, Piece, SEPARATOR, Style, Template};
use crate::domain::message::Action;
use crate::domain::{Button, Entity, EntityKind, Language, Outgoing};
use crate::texts::builder::{CAPTION_LIMIT, TextBuilder, clean, cut, utf16_len, web_address};
use crate::texts::{Value, plain, say};

/// Names of watches that are shown before the rest becomes a number.
const WATCHES_SHOWN: usize = 4;

/// Room that is kept for the reader's own line, UTF-16 units.
const OWN_UNITS: usize = WATCHES_SHOWN * (WORDS_UNITS + 2) + 60;

/// Most of what stands below the reader's own line, UTF-16 units.
const TAIL_UNITS: usize = 160;

/// Pictures that are kept: an album holds no more (api "sendMediaGroup").
pub const ALBUM: usize = 10;

/// A message without the line that is the reader's own.
#[derive(Debug, Clone, PartialEq)]
pub struct Body {
    head: (String, Vec<Entity>),
    gap: bool,
    tail: (String, Vec<Entity>),
    /// Addresses of pictures, best first.
    pub photos: Vec<String>,
    /// Rows of buttons: the same for everybody.
    pub buttons: Vec<Vec<Button>>,
    /// Version of the listing that it shows.
    pub version: i64,
    language: Language,
}

/// Fills a template. It always fits under a picture, since a message may get one later than its words.
pub fn body(template: &Template, facts: &Facts<'_>, language: Language) -> Body {
    let tail = lines(&template.tail, facts, TAIL_UNITS);
    let room = CAPTION_LIMIT - OWN_UNITS - 2 - utf16_len(&tail.0);
    let photos = &facts.listing().images;
    let photos = photos.iter().filter_map(|image| web_address(image)).map(String::from);
    Body {
        head: lines(&template.head, facts, room),
        gap: template.gap,
        tail,
        photos: photos.take(ALBUM).collect(),
        buttons: vec![],
        version: facts.version(),
        language,
    }
}

impl Body {
    /// The message for a reader whose `watches` (by name) matched.
    pub fn message(&self, watches: &[String]) -> Outgoing {
        let own = own_line(watches, self.language);
        let (mut text, mut entities) = self.head.clone();
        let below = own.is_some() || !self.tail.0.is_empty();
        if below && !text.is_empty() {
            text.push_str(if self.gap { "\n\n" } else { "\n" });
        }
        if let Some(own) = own {
            text.push_str(&own);
            if !self.tail.0.is_empty() {
                text.push('\n');
            }
        }
        let offset = utf16_len(&text);
        text.push_str(&self.tail.0);
        let moved = |entity: &Entity| Entity { offset: entity.offset + offset, ..entity.clone() };
        entities.extend(self.tail.1.iter().map(moved));
        Outgoing { text, entities, buttons: self.buttons.clone(), ..Outgoing::default() }
    }
}

/// Whose wish it was.
fn own_line(watches: &[String], language: Language) -> Option<String> {
    let names: Vec<String> = watches
        .iter()
        .map(|name| cut(&clean(name), WORDS_UNITS))
        .filter(|name| !name.is_empty())
        .collect();
    if names.is_empty() {
        return None;
    }
    let shown = names.iter().take(WATCHES_SHOWN).cloned().collect::<Vec<_>>().join(", ");
    let count = Value::Count(i64::try_from(names.len()).unwrap_or(i64::MAX));
    let values = [("names", Value::Text(&shown)), ("count", count)];
    let mut line = say(language, "deliver-watches", &values);
    if let Some(more) = names.len().checked_sub(WATCHES_SHOWN).filter(|more| *more > 0) {
        let more = more.to_string();
        line.push(' ');
        line.push_str(&say(language, "deliver-more", &[("number", Value::Text(&more))]));
    }
    Some(line)
}

/// The button that opens the listing.
pub(super) fn open_button(facts: &Facts<'_>, language: Language) -> Option<Button> {
    let link = facts.link()?;
    Some(Button { text: plain(language, "deliver-open"), action: Action::Url(link.to_string()) })
}

/// A value, or words, with how they look.
type Segment<'a> = (String, &'a [Style]);

fn lines(lines: &[Line], facts: &Facts<'_>, limit: usize) -> (String, Vec<Entity>) {
    let mut text = TextBuilder::new(limit);
    // An empty line is written when something follows it.
    let (mut begun, mut empty) = (false, false);
    for line in lines {
        if line.is_empty() {
            empty = begun;
            continue;
        }
        let Some(segments) = fill(line, facts) else { continue };
        if begun {
            text.push(if empty { "\n\n" } else { "\n" });
        }
        (begun, empty) = (true, false);
        for (words, styles) in segments {
            write(&mut text, &words, styles, facts);
        }
    }
    text.finish()
}

/// The segments of a line; `None` when nothing of it is known.
fn fill<'a>(line: &'a Line, facts: &Facts<'_>) -> Option<Vec<Segment<'a>>> {
    let has_values = line.iter().flatten().any(|piece| !matches!(piece, Piece::Words(_)));
    let (mut segments, mut known): (Vec<Segment<'a>>, bool) = (Vec::new(), !has_values);
    for part in line {
        let Some((filled, says)) = part_of(part, facts) else { continue };
        if filled.is_empty() {
            continue;
        }
        if !segments.is_empty() {
            segments.push((SEPARATOR.to_owned(), &[]));
        }
        known |= says;
        segments.extend(filled);
    }
    (known && !segments.is_empty()).then_some(segments)
}

/// The segments of a part and whether a value is among them; `None` when a value is unknown.
fn part_of<'a>(pieces: &'a [Piece], facts: &Facts<'_>) -> Option<(Vec<Segment<'a>>, bool)> {
    let (mut segments, mut says) = (Vec::new(), false);
    for piece in pieces {
        match piece {
            Piece::Words(words) => segments.push((words.clone(), &[][..])),
            Piece::Value(field, styles) => {
                segments.push((facts.value(field)?, styles.as_slice()));
                says = true;
            }
            Piece::Group(inside) => {
                if let Some((inside, _)) = part_of(inside, facts) {
                    segments.extend(inside);
                    says = true;
                }
            }
        }
    }
    Some((segments, says))
}

fn write(text: &mut TextBuilder, words: &str, styles: &[Style], facts: &Facts<'_>) {
    let Some((style, inner)) = styles.split_first() else {
        text.push(words);
        return;
    };
    let kind = match style {
        Style::Bold => Some(EntityKind::Bold),
        Style::Italic => Some(EntityKind::Italic),
        Style::Strike => Some(EntityKind::Strikethrough),
        Style::Code => Some(EntityKind::Code),
        Style::Link => facts.link().map(|url| EntityKind::Link(url.to_string())),
    };
    match kind {
        Some(kind) => {
            text.styled(kind, |styled| write(styled, words, inner, facts));
        }
        None => write(text, words, inner, facts),
    }
}
