//! The tree in one pass, for what most pages consist of.
//!
//! The rules are those of the HTML Standard, section 13.2 (tokens in [`scan`] and [`entity`], the
//! tree in [`start`], [`end`], [`table`], [`template`], [`drawing`] and [`formatting`]), for every case in which a
//! node is put behind all nodes before it. Where the Standard moves nodes about (content that stands
//! directly in a table, formatting that ends in the wrong order) or a rule is too rare to be written
//! twice (formulas, frames), the builder answers [`Unsure`] and the reference parser reads
//! the page. It may never guess: `tests/trees.rs` compares both on saved, invented and broken pages.
//!
//! Work is bounded: at most [`MAX_OPEN`] elements are open, so that each tag costs at most that many
//! steps, and copies of formatting elements are counted.

mod drawing;
mod end;
mod entity;
mod formatting;
mod open;
mod scan;
mod start;
mod table;
mod template;

use memchr::memchr;

use super::name::{self, NameId};
use super::{Kind, NONE, Span, Tree, place};
use formatting::Formats;
use open::Open;

/// Elements open at the same time; browsers stop at 512, real pages stay below 100.
const MAX_OPEN: usize = 256;

/// Attributes of one element.
const MAX_ATTRIBUTES: usize = 256;

/// Why the builder is not sure of the tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Unsure(pub &'static str);

type Step = Result<(), Unsure>;

/// The insertion modes of the Standard that are told apart here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    Initial,
    BeforeHtml,
    BeforeHead,
    InHead,
    AfterHead,
    InBody,
    InTable,
    InCaption,
    InColumns,
    InTableBody,
    InRow,
    InCell,
    InTemplate,
    AfterBody,
    AfterAfterBody,
}

/// A tag as scanned; its attributes are the last ones of the tree's list.
#[derive(Debug, Clone, Copy)]
struct Tag {
    name: NameId,
    /// First of its attributes.
    attributes: usize,
    self_closing: bool,
}

struct Builder<'s> {
    page: &'s str,
    at: usize,
    tree: Tree,
    open: Open,
    formats: Formats,
    mode: Mode,
    form: Option<u32>,
    /// For each open template the mode of what stands in it.
    templates: Vec<Mode>,
    /// Whether a table may stand in a paragraph; `None` where the document type is a rare one.
    quirks: Option<bool>,
    /// Drops a line break right behind `<pre>`.
    drop_break: bool,
    /// Comments behind the body: in `html`, and behind it.
    late: (usize, usize),
}

/// Builds the tree of a page, or says why the reference parser must.
pub(super) fn build(page: &str) -> Result<Tree, Unsure> {
    if memchr(0, page.as_bytes()).is_some() {
        return Err(Unsure("a NUL character"));
    }
    if u32::try_from(page.len()).is_err() {
        return Err(Unsure("a page of gigabytes"));
    }
    if memchr(b'\r', page.as_bytes()).is_none() {
        return Builder::new(page).run();
    }
    let equal = page.replace("\r\n", "\n").replace('\r', "\n");
    let mut tree = Builder::new(&equal).run()?;
    tree.source = Some(equal);
    Ok(tree)
}

impl<'s> Builder<'s> {
    fn new(page: &'s str) -> Builder<'s> {
        let mut tree = Tree::new();
        tree.nodes.reserve(page.len() / 32);
        tree.marks.reserve(page.len() / 32);
        tree.attributes.reserve(page.len() / 48);
        tree.add(Kind::Document, 0, NONE, Span::default());
        Builder {
            page,
            // A byte order mark counts for nothing.
            at: if page.starts_with('\u{feff}') { 3 } else { 0 },
            tree,
            open: Open::default(),
            formats: Formats::default(),
            mode: Mode::Initial,
            form: None,
            templates: Vec::new(),
            quirks: Some(true),
            drop_break: false,
            late: (0, 0),
        }
    }

    /// Reads token after token to the end.
    fn run(mut self) -> Result<Tree, Unsure> {
        let bytes = self.page.as_bytes();
        while let Some(byte) = bytes.get(self.at) {
            if *byte != b'<' {
                let end = memchr(b'<', &bytes[self.at..]).map_or(bytes.len(), |n| self.at + n);
                self.take_text(end)?;
                continue;
            }
            match bytes.get(self.at + 1) {
                Some(b) if b.is_ascii_alphabetic() => {
                    let tag = self.scan_start()?;
                    self.drop_break = false;
                    self.start(tag)?;
                }
                Some(b'/') => self.end_or_comment()?,
                Some(b'!') => self.markup()?,
                Some(b'?') => self.bogus_comment(self.at + 1)?,
                Some(_) => {
                    let rest = &bytes[self.at + 1..];
                    let end = memchr(b'<', rest).map_or(bytes.len(), |n| self.at + 1 + n);
                    self.take_text(end)?;
                }
                None => return Err(Unsure("a page that ends in a tag")),
            }
        }
        if !self.templates.is_empty() {
            return Err(Unsure("a page that ends in a template"));
        }
        self.finish();
        Ok(self.tree)
    }

    /// The elements that every page has, and the comments behind its body.
    fn finish(&mut self) {
        self.reach_body();
        for _ in 0..self.late.0 {
            self.tree.add(Kind::Comment, 0, self.open.root(), Span::default());
        }
        for _ in 0..self.late.1 {
            self.tree.add(Kind::Comment, 0, 0, Span::default());
        }
        self.tree.steps = self.open.steps.get();
        self.tree.link();
    }

    /// Opens `html`, `head` and `body` where the page left them out.
    fn reach_body(&mut self) {
        self.reach_head();
        if self.mode == Mode::InHead {
            self.open.pop();
            self.mode = Mode::AfterHead;
        }
        if self.mode == Mode::AfterHead {
            self.open_empty(name::BODY);
            self.mode = Mode::InBody;
        }
    }

    /// Opens `html` and `head` where the page left them out.
    fn reach_head(&mut self) {
        self.reach_html();
        if self.mode == Mode::BeforeHead {
            self.open_empty(name::HEAD);
            self.mode = Mode::InHead;
        }
    }

    fn reach_html(&mut self) {
        if matches!(self.mode, Mode::Initial | Mode::BeforeHtml) {
            self.open_empty(name::HTML);
            self.mode = Mode::BeforeHead;
        }
    }

    /// Opens an element without attributes.
    fn open_empty(&mut self, name: NameId) -> u32 {
        let parent = self.open.current();
        let id = self.tree.add(Kind::Element, name, parent, Span::default());
        self.tree.mark(id, self.page);
        self.open.push(id, name, true);
        id
    }

    /// Adds the element of a tag to the current one, without opening it.
    fn insert(&mut self, tag: Tag, kind: Kind) -> u32 {
        let len = place(self.tree.attributes.len() - tag.attributes);
        let span = Span { start: place(tag.attributes), len, decoded: false };
        let id = self.tree.add(kind, tag.name, self.open.current(), span);
        self.tree.mark(id, self.page);
        id
    }

    /// Adds the element of a tag and opens it.
    fn insert_open(&mut self, tag: Tag) -> Result<u32, Unsure> {
        let id = self.insert(tag, Kind::Element);
        self.open.push(id, tag.name, true);
        if self.open.len() > MAX_OPEN {
            return Err(Unsure("elements nest deeply"));
        }
        Ok(id)
    }

    /// Forgets the attributes of a tag that makes no element.
    fn ignore(&mut self, tag: Tag) {
        self.tree.attributes.truncate(tag.attributes);
    }

    /// A comment at the current place.
    fn comment(&mut self) {
        let drawn = self.open.top().is_some_and(|top| !top.html);
        match self.mode {
            Mode::Initial | Mode::BeforeHtml => {
                self.tree.add(Kind::Comment, 0, 0, Span::default());
            }
            _ if drawn => {
                self.tree.add(Kind::Comment, 0, self.open.current(), Span::default());
            }
            Mode::AfterBody => self.late.0 += 1,
            Mode::AfterAfterBody => self.late.1 += 1,
            _ => {
                self.tree.add(Kind::Comment, 0, self.open.current(), Span::default());
            }
        }
    }

    /// The text from here to `end`, wherever it belongs.
    fn take_text(&mut self, end: usize) -> Step {
        let mut from = self.at;
        self.at = end;
        if std::mem::take(&mut self.drop_break) {
            match self.page.as_bytes().get(from) {
                Some(b'\n') => from += 1,
                Some(b'&') => return Err(Unsure("a reference behind `<pre>`")),
                _ => {}
            }
        }
        if from == end {
            return Ok(());
        }
        let current = self.open.top();
        if current.is_some_and(|top| !top.html && !top.is_integration_point()) {
            self.append_text(from, end);
            return Ok(());
        }
        if matches!(self.mode, Mode::InBody | Mode::InCell | Mode::InCaption | Mode::InTemplate) {
            self.reconstruct()?;
            self.append_text(from, end);
            return Ok(());
        }
        self.text_outside(from, end)
    }

    /// Text outside the body: white space has other rules than the rest.
    fn text_outside(&mut self, from: usize, end: usize) -> Step {
        let bytes = &self.page.as_bytes()[from..end];
        let spaces = bytes.iter().take_while(|b| b.is_ascii_whitespace()).count();
        let words = from + spaces;
        match self.mode {
            Mode::InTable | Mode::InTableBody | Mode::InRow | Mode::InColumns if words < end => {
                return Err(Unsure("text directly in a table"));
            }
            Mode::InTable | Mode::InTableBody | Mode::InRow => {
                if self.open.top().is_none_or(|top| top.flags & name::is::TABLE_PART == 0) {
                    return Err(Unsure("text directly in a table"));
                }
                self.append_text(from, end);
            }
            Mode::InColumns | Mode::InHead | Mode::AfterHead if spaces > 0 => {
                self.append_text(from, words);
            }
            Mode::AfterBody | Mode::AfterAfterBody if spaces > 0 => {
                self.reconstruct()?;
                self.append_text(from, words);
            }
            _ => {}
        }
        if words == end {
            return Ok(());
        }
        if bytes[spaces] == b'&' {
            return Err(Unsure("a reference outside the body"));
        }
        if matches!(self.mode, Mode::AfterBody | Mode::AfterAfterBody) {
            self.mode = Mode::InBody;
        }
        self.reach_body();
        self.reconstruct()?;
        self.append_text(words, end);
        Ok(())
    }

    /// Adds text to the current element, as one node with text right before it.
    fn append_text(&mut self, from: usize, end: usize) {
        let raw = &self.page[from..end];
        let plain = memchr(b'&', raw.as_bytes()).is_none();
        let parent = self.open.current();
        let last = self.tree.nodes.len() - 1;
        let before = self.tree.nodes[last];
        let joins = before.kind == Kind::Text && before.parent == parent;
        if joins && plain && !before.span.decoded && before.span.range().end == from {
            self.tree.nodes[last].span.len += place(raw.len());
            return;
        }
        if !joins && plain {
            let span = Span { start: place(from), len: place(raw.len()), decoded: false };
            self.tree.add(Kind::Text, 0, parent, span);
            return;
        }
        let texts = &mut self.tree.texts;
        let start = match before.span {
            _ if !joins => texts.len(),
            // The last text node is always the last of the decoded texts.
            span if span.decoded => span.start as usize,
            span => {
                let start = texts.len();
                texts.push_str(&self.page[span.range()]);
                start
            }
        };
        entity::decode(raw, false, texts);
        let span = Span { start: place(start), len: place(texts.len() - start), decoded: true };
        if joins {
            self.tree.nodes[last].span = span;
        } else {
            self.tree.add(Kind::Text, 0, parent, span);
        }
    }
}
