//! The language of message templates. Pure.
//!
//! ```text
//! # A comment.
//! {headline}
//! {title|bold|link}
//! [{before|strike} → ]{price}[ ({percent})] · {per_area}
//! [📍 {place}]
//!
//! {watches}
//! {site}
//! ```
//!
//! | what | means |
//! |---|---|
//! | `{field}` | a value, see [`Field`]; `{attr.NAME}` is the value that the site's module calls NAME |
//! | `{field\|filter}` | how it looks: `bold`, `italic`, `strike`, `code`, `link` (to the listing) |
//! | `[…]` | left out as a whole when a value in it is unknown; groups do not nest |
//! | ` · ` | separates the parts of a line: a part with an unknown value goes, and its separator with it |
//! | `{watches}` | alone on its line: where the reader's own line stands (the names of the watches that matched) |
//! | `\` | the next character is only a character |
//!
//! A line whose values are all unknown is left out, so an unknown area is never an area of zero. There are no
//! conditions and no loops. Words of a template are sent as they are; values are foreign text that is never read
//! as a template or as markup: how they look travels beside the text, as entities.

use super::fields::Field;

/// Between the parts of a line.
pub(super) const SEPARATOR: &str = " · ";

/// Largest template, bytes.
pub const LARGEST: usize = 8 << 10;

/// How a value looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// Bold.
    Bold,
    /// Italic.
    Italic,
    /// Struck through.
    Strike,
    /// Monospaced.
    Code,
    /// A link to the listing.
    Link,
}

impl Style {
    const ALL: [(&'static str, Self); 5] = [
        ("bold", Self::Bold),
        ("italic", Self::Italic),
        ("strike", Self::Strike),
        ("code", Self::Code),
        ("link", Self::Link),
    ];

    fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(known, _)| *known == name).map(|(_, style)| *style)
    }
}

/// A piece of a line.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Piece {
    /// Words of the template.
    Words(String),
    /// A value and how it looks, the outermost look first.
    Value(Field, Vec<Style>),
    /// Left out when a value in it is unknown.
    Group(Vec<Piece>),
}

/// A line: nothing, or parts.
pub(super) type Line = Vec<Vec<Piece>>;

/// A template that was understood.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Template {
    /// Lines before the reader's own.
    pub(super) head: Vec<Line>,
    /// Whether an empty line stands between them and the reader's own.
    pub(super) gap: bool,
    /// Lines after it.
    pub(super) tail: Vec<Line>,
}

/// What is wrong in a template, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    /// Line, from 1.
    pub line: usize,
    /// Character of the line, from 1.
    pub column: usize,
    /// What is wrong and what would be right.
    pub what: String,
}

/// Reads a template; all mistakes at once.
pub fn parse(text: &str) -> Result<Template, Vec<Mistake>> {
    if text.len() > LARGEST {
        let what = format!("the template has {} bytes; at most {LARGEST} are read", text.len());
        return Err(vec![Mistake { line: 1, column: 1, what }]);
    }
    let (mut lines, mut mistakes, mut own) = (Vec::new(), Vec::new(), None);
    for (index, line) in text.lines().enumerate() {
        if line.starts_with('#') {
            continue;
        }
        if line.trim() == "{watches}" {
            if own.replace(lines.len()).is_some() {
                let what = "{watches} stands twice; it has one place".to_owned();
                mistakes.push(Mistake { line: index + 1, column: 1, what });
            }
            continue;
        }
        match Reader::new(index + 1, line.trim_end()).read() {
            Ok(line) => lines.push(line),
            Err(found) => mistakes.extend(found),
        }
    }
    if mistakes.is_empty() && lines.iter().all(Vec::is_empty) {
        mistakes.push(Mistake { line: 1, column: 1, what: "the template says nothing".into() });
    }
    if !mistakes.is_empty() {
        return Err(mistakes);
    }
    let tail = own.map_or_else(Vec::new, |own| lines.split_off(own));
    let gap = own.is_none() || lines.last().is_some_and(Vec::is_empty);
    Ok(Template { head: lines, gap, tail })
}

/// Reads one line.
struct Reader {
    line: usize,
    letters: Vec<char>,
    at: usize,
    mistakes: Vec<Mistake>,
    parts: Line,
    part: Vec<Piece>,
    words: String,
    /// Pieces before the open group, and where it was opened.
    group: Option<(Vec<Piece>, usize)>,
}

impl Reader {
    fn new(line: usize, text: &str) -> Self {
        Self {
            line,
            letters: text.chars().collect(),
            at: 0,
            mistakes: vec![],
            parts: vec![],
            part: vec![],
            words: String::new(),
            group: None,
        }
    }

    fn read(mut self) -> Result<Line, Vec<Mistake>> {
        while let Some(letter) = self.letters.get(self.at).copied() {
            match letter {
                '\\' => self.escaped(),
                '{' => self.value(),
                '}' => self.wrong(self.at, "} without {; write \\} for a brace"),
                '[' => self.open(),
                ']' => self.close(),
                ' ' if self.group.is_none() && self.at_separator() => self.end_part(),
                letter => self.words.push(letter),
            }
            self.at += 1;
        }
        if let Some((_, opened)) = self.group.take() {
            self.wrong(opened, "[ is not closed by ]");
        }
        self.end_words();
        if !self.part.is_empty() {
            self.parts.push(self.part);
        }
        if self.mistakes.is_empty() { Ok(self.parts) } else { Err(self.mistakes) }
    }

    fn wrong(&mut self, at: usize, what: impl Into<String>) {
        self.mistakes.push(Mistake { line: self.line, column: at + 1, what: what.into() });
    }

    fn escaped(&mut self) {
        match self.letters.get(self.at + 1) {
            Some(letter @ ('\\' | '{' | '}' | '[' | ']' | '#' | '·' | '|')) => {
                self.words.push(*letter);
                self.at += 1;
            }
            _ => self.wrong(self.at, "\\ stands before one of \\ { } [ ] # · | only"),
        }
    }

    fn at_separator(&self) -> bool {
        SEPARATOR.chars().eq(self.letters[self.at..].iter().copied().take(3))
    }

    fn end_words(&mut self) {
        if !self.words.is_empty() {
            self.part.push(Piece::Words(std::mem::take(&mut self.words)));
        }
    }

    fn end_part(&mut self) {
        self.end_words();
        self.parts.push(std::mem::take(&mut self.part));
        self.at += 2;
    }

    fn open(&mut self) {
        self.end_words();
        if self.group.is_some() {
            return self.wrong(self.at, "[ stands in another [ ]; groups do not nest");
        }
        self.group = Some((std::mem::take(&mut self.part), self.at));
    }

    fn close(&mut self) {
        self.end_words();
        let Some((before, _)) = self.group.take() else {
            return self.wrong(self.at, "] without [; write \\] for a bracket");
        };
        let inside = std::mem::replace(&mut self.part, before);
        self.part.push(Piece::Group(inside));
    }

    /// `{field|filter|…}`.
    fn value(&mut self) {
        self.end_words();
        let begin = self.at;
        let end = self.letters[begin..].iter().position(|letter| *letter == '}');
        let Some(end) = end.map(|end| begin + end) else {
            self.at = self.letters.len();
            return self.wrong(begin, "{ is not closed by }");
        };
        self.at = end;
        let inside: String = self.letters[begin + 1..end].iter().collect();
        let mut names = inside.split('|');
        let name = names.next().unwrap_or_default();
        let field = Field::from_name(name.trim());
        if field.is_none() {
            let known = Field::NAMES.iter().map(|(known, _)| *known).collect::<Vec<_>>().join(", ");
            let what = match name.trim() {
                "watches" => "{watches} stands alone on its line".to_owned(),
                name => format!("there is no field {name:?}; the fields are {known}, attr.NAME"),
            };
            self.wrong(begin + 1, what);
        }
        let mut column = begin + 1 + name.chars().count();
        let mut styles = Vec::new();
        for filter in names {
            match Style::from_name(filter.trim()) {
                Some(style) => styles.push(style),
                None => {
                    let known: Vec<&str> = Style::ALL.iter().map(|(name, _)| *name).collect();
                    let known = known.join(", ");
                    let what = format!("there is no filter {filter:?}; the filters are {known}");
                    self.wrong(column + 1, what);
                }
            }
            column += 1 + filter.chars().count();
        }
        self.part.extend(field.map(|field| Piece::Value(field, styles)));
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn mistakes(text: &str) -> Vec<(usize, usize)> {
        let found = parse(text).expect_err("a broken template");
        found.into_iter().map(|one| (one.line, one.column)).collect()
    }

    #[test]
    fn every_mistake_is_found_with_its_line_and_column() {
        let text = "# fine {\n{title|bold}\n{prize} [{price|loud}\n\nab } ] \\x\n[a [b]]{open";
        assert_eq!(
            mistakes(text),
            [(3, 2), (3, 17), (3, 9), (5, 4), (5, 6), (5, 8), (6, 4), (6, 7), (6, 8)]
        );
        assert_eq!(mistakes(""), [(1, 1)]);
        assert_eq!(mistakes("{watches}\n{title}\n{watches}"), [(3, 1)]);
        assert_eq!(mistakes("for {watches}"), [(1, 6)]);
        assert_eq!(mistakes(&"x".repeat(LARGEST + 1)), [(1, 1)]);
    }

    #[test]
    fn a_mistake_says_what_would_be_right() {
        let found = parse("{prise}").expect_err("no such field");
        assert!(found[0].what.contains("\"prise\"") && found[0].what.contains("price, "));
    }

    #[test]
    fn the_readers_own_line_divides_a_template() {
        let template = parse("{title}\n\n{watches}\n{site}").expect("a template");
        assert!(template.gap && template.head.len() == 2 && template.tail.len() == 1);
        let template = parse("{title}\n{watches}").expect("a template");
        assert!(!template.gap && template.tail.is_empty());
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused_with_a_place_inside_it(text in "[\\PC\n{}\\[\\]|\\\\·a-z ]{0,200}") {
            if let Err(found) = parse(&text) {
                let lines = text.lines().count().max(1);
                prop_assert!(!found.is_empty());
                prop_assert!(found.iter().all(|one| (1..=lines).contains(&one.line)));
            }
        }
    }
}
