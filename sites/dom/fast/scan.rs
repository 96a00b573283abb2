//! Tokens: tags, comments, document types and raw text (HTML Standard, section 13.2.5).

use memchr::{memchr, memmem};

use super::{Builder, Kind, MAX_ATTRIBUTES, Mode, Step, Tag, Unsure, entity, name, place};
use crate::dom::name::{MAX_NEAR, NameId};
use crate::dom::{Attribute, Span};

const ENDS: Unsure = Unsure("a page that ends in a tag");

/// White space inside tags; line ends are equal by now.
fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\n' | b'\t' | b'\x0c')
}

impl Builder<'_> {
    fn bytes(&self) -> &[u8] {
        self.page.as_bytes()
    }

    /// The start tag here, with its attributes.
    pub(super) fn scan_start(&mut self) -> Result<Tag, Unsure> {
        let attributes = self.tree.attributes.len();
        let name = self.scan_name(self.at + 1)?;
        let self_closing = self.scan_attributes(attributes)?;
        Ok(Tag { name, attributes, self_closing })
    }

    /// The end tag here, or what HTML takes for a comment.
    pub(super) fn end_or_comment(&mut self) -> Step {
        self.drop_break = false;
        match self.bytes().get(self.at + 2) {
            Some(b) if b.is_ascii_alphabetic() => {
                let name = self.scan_name(self.at + 2)?;
                self.skip_attributes()?;
                self.end(name)
            }
            Some(b'>') => {
                self.at += 3;
                Ok(())
            }
            Some(_) => self.bogus_comment(self.at + 2),
            None => Err(ENDS),
        }
    }

    fn scan_name(&mut self, from: usize) -> Result<NameId, Unsure> {
        let rest = &self.page.as_bytes()[from..];
        let len = rest.iter().position(|b| is_space(*b) || matches!(b, b'/' | b'>')).ok_or(ENDS)?;
        self.at = from + len;
        self.name(from, self.at)
    }

    fn name(&mut self, from: usize, end: usize) -> Result<NameId, Unsure> {
        let name = self.tree.names.intern_lower(&self.page[from..end]);
        if self.tree.names.len() >= MAX_NEAR {
            return Err(Unsure("many different names"));
        }
        Ok(name)
    }

    /// Reads the rest of a start tag; the answer is whether it closes itself.
    fn scan_attributes(&mut self, first: usize) -> Result<bool, Unsure> {
        let bytes = self.page.as_bytes();
        let mut at = self.at;
        loop {
            match *bytes.get(at).ok_or(ENDS)? {
                b'>' => {
                    self.at = at + 1;
                    return Ok(false);
                }
                b'/' if bytes.get(at + 1) == Some(&b'>') => {
                    self.at = at + 2;
                    return Ok(true);
                }
                byte if byte == b'/' || is_space(byte) => at += 1,
                _ => at = self.scan_attribute(at, first)?,
            }
        }
    }

    /// Reads one attribute; the answer is where it ends.
    fn scan_attribute(&mut self, from: usize, first: usize) -> Result<usize, Unsure> {
        let bytes = self.page.as_bytes();
        let ends = |b: &u8| is_space(*b) || matches!(b, b'/' | b'>' | b'=');
        let mut at = from + 1;
        at += bytes[at..].iter().position(ends).ok_or(ENDS)?;
        let name = self.name(from, at)?;
        at += spaces(&bytes[at..]);
        let mut value = Span::default();
        if bytes.get(at) == Some(&b'=') {
            at += 1;
            at += spaces(&bytes[at..]);
            let (start, end) = match *bytes.get(at).ok_or(ENDS)? {
                quote @ (b'"' | b'\'') => {
                    let len = memchr(quote, &bytes[at + 1..]).ok_or(ENDS)?;
                    (at + 1, at + 1 + len)
                }
                _ => {
                    let ends = |b: &u8| is_space(*b) || *b == b'>';
                    (at, at + bytes[at..].iter().position(ends).ok_or(ENDS)?)
                }
            };
            // Behind the quotation mark, if there is one.
            at = end + usize::from(start > at);
            value = self.value(start, end);
        }
        if !self.tree.attributes[first..].iter().any(|a| a.name == name) {
            if self.tree.attributes.len() - first >= MAX_ATTRIBUTES {
                return Err(Unsure("many attributes"));
            }
            self.tree.attributes.push(Attribute { name, foreign: false, value });
        }
        Ok(at)
    }

    fn value(&mut self, start: usize, end: usize) -> Span {
        let raw = &self.page[start..end];
        if memchr(b'&', raw.as_bytes()).is_none() {
            return Span { start: place(start), len: place(raw.len()), decoded: false };
        }
        let values = &mut self.tree.values;
        let start = values.len();
        entity::decode(raw, true, values);
        Span { start: place(start), len: place(values.len() - start), decoded: true }
    }

    /// Attributes of an end tag count for nothing.
    fn skip_attributes(&mut self) -> Step {
        if self.bytes().get(self.at) == Some(&b'>') {
            self.at += 1;
            return Ok(());
        }
        let (first, decoded) = (self.tree.attributes.len(), self.tree.values.len());
        self.scan_attributes(first)?;
        self.tree.attributes.truncate(first);
        self.tree.values.truncate(decoded);
        Ok(())
    }

    /// `<!`: a comment, a document type, or what HTML takes for a comment.
    pub(super) fn markup(&mut self) -> Step {
        self.drop_break = false;
        let rest = &self.bytes()[self.at + 2..];
        if rest.starts_with(b"--") {
            return self.scan_comment();
        }
        if rest.get(..7).is_some_and(|word| word.eq_ignore_ascii_case(b"doctype")) {
            return self.doctype();
        }
        if rest.starts_with(b"[CDATA[") && self.open.top().is_some_and(|top| !top.html) {
            return Err(Unsure("a CDATA section"));
        }
        self.bogus_comment(self.at + 2)
    }

    fn scan_comment(&mut self) -> Step {
        const OPEN: Unsure = Unsure("a page that ends in a comment");
        let from = self.at + 4;
        let bytes = self.page.as_bytes();
        let rest = &bytes[from..];
        self.comment();
        if let Some(len) = [&b">"[..], b"->"].iter().find(|s| rest.starts_with(s)).map(|s| s.len())
        {
            self.at = from + len;
            return Ok(());
        }
        let mut at = from;
        loop {
            at += memmem::find(&bytes[at..], b"--").ok_or(OPEN)?;
            match bytes.get(at + 2..).ok_or(OPEN)? {
                [b'>', ..] => {
                    self.at = at + 3;
                    return Ok(());
                }
                [b'!', b'>', ..] => {
                    self.at = at + 4;
                    return Ok(());
                }
                _ => at += 1,
            }
        }
    }

    /// What stands between `from` and the next `>` is a comment.
    pub(super) fn bogus_comment(&mut self, from: usize) -> Step {
        self.drop_break = false;
        let end = memchr(b'>', &self.bytes()[from..]).ok_or(ENDS)?;
        self.comment();
        self.at = from + end + 1;
        Ok(())
    }

    fn doctype(&mut self) -> Step {
        let from = self.at + "<!doctype".len();
        let len = memchr(b'>', &self.bytes()[from..]).ok_or(ENDS)?;
        self.at = from + len + 1;
        if self.mode == Mode::Initial {
            self.tree.add(Kind::Doctype, 0, 0, Span::default());
            self.quirks = quirks(&self.page[from..from + len]);
            self.mode = Mode::BeforeHtml;
        }
        Ok(())
    }

    /// The reference drops a byte order mark wherever it was interrupted: behind scripts and `meta`.
    pub(super) fn no_mark_here(&self) -> Step {
        if self.page[self.at..].starts_with('\u{feff}') {
            return Err(Unsure("a byte order mark inside the page"));
        }
        Ok(())
    }

    /// An element that holds only text: everything up to its end tag.
    pub(super) fn raw_text(&mut self, tag: Tag, references: bool) -> Step {
        self.insert_open(tag)?;
        let bytes = self.page.as_bytes();
        let name = self.tree.names.get(tag.name).as_bytes();
        let mut at = self.at;
        let end = loop {
            const OPEN: Unsure = Unsure("a page that ends in raw text");
            at += memmem::find(&bytes[at..], b"</").ok_or(OPEN)? + 2;
            let found = bytes.get(at..at + name.len()).ok_or(OPEN)?;
            let behind = bytes.get(at + name.len()).ok_or(OPEN)?;
            if found.eq_ignore_ascii_case(name) && (is_space(*behind) || b"/>".contains(behind)) {
                break at - 2;
            }
        };
        let behind = at + name.len();
        let from = self.at;
        if tag.name == name::SCRIPT && may_hide_an_end(&bytes[from..end]) {
            return Err(Unsure("a script in a comment in a script"));
        }
        let breaks = tag.name == name::TEXTAREA && bytes.get(from) == Some(&b'\n');
        let from = from + usize::from(breaks);
        if tag.name == name::TEXTAREA && bytes.get(from) == Some(&b'&') && !breaks {
            return Err(Unsure("a reference behind `<textarea>`"));
        }
        if from < end && references {
            self.append_text(from, end);
        } else if from < end {
            let span = Span { start: place(from), len: place(end - from), decoded: false };
            self.tree.add(Kind::Text, 0, self.open.current(), span);
        }
        self.open.pop();
        self.at = behind;
        self.skip_attributes()?;
        self.no_mark_here()
    }
}

fn spaces(bytes: &[u8]) -> usize {
    bytes.iter().take_while(|b| is_space(**b)).count()
}

/// Inside `<!--` a script may hold `<script>`, whose end tag is then not that of the outer one.
fn may_hide_an_end(script: &[u8]) -> bool {
    let Some(comment) = memmem::find(script, b"<!--") else { return false };
    let tail = &script[comment..];
    memmem::find_iter(tail, b"<")
        .any(|at| tail[at + 1..].get(..6).is_some_and(|w| w.eq_ignore_ascii_case(b"script")))
}

/// Whether a document type asks for the rules of old browsers; `None` for those too rare to know.
fn quirks(text: &str) -> Option<bool> {
    const PLAIN: [&str; 5] = [
        "-//w3c//dtd xhtml 1.0 strict//en",
        "-//w3c//dtd xhtml 1.0 transitional//en",
        "-//w3c//dtd xhtml 1.1//en",
        "-//w3c//dtd html 4.01//en",
        "-//w3c//dtd html 4.0//en",
    ];
    let text = text.trim_ascii().to_ascii_lowercase();
    if text == "html" {
        return Some(false);
    }
    let parts: Vec<&str> = text.split('"').map(str::trim_ascii).collect();
    match parts[..] {
        ["html public", id, ""] | ["html public", id, "", _, ""] if PLAIN.contains(&id) => {
            Some(false).filter(|_| !text.contains("ibm.com"))
        }
        ["html system", "about:legacy-compat", ""] => Some(false),
        _ => None,
    }
}
