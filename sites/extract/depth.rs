//! What a page would cost the reference parser, measured before it is parsed.
//!
//! The HTML algorithm walks the open elements for every tag, so that depth times length is its cost: a
//! few hundred kilobytes of `<div>` would keep it busy for minutes. Browsers stop at 512 elements; here
//! the page is cut where it opens more than [`MAX_DEPTH`]. It compares each attribute with all others
//! of its tag, and it opens formatting that was never closed (`<b>`) again in every block; both have
//! a limit too. The fast builder has limits of its own (`dom::fast`).

use std::collections::BTreeMap;

/// Elements open at the same time.
const MAX_DEPTH: usize = 1_000;

/// Attributes of one tag.
const MAX_ATTRIBUTES: usize = 1_000;

/// Copies of formatting elements that a page could cause.
const MAX_COPIES: usize = 1_000_000;

/// Open formatting elements that are no reason to count copies.
const FEW: usize = 8;

/// Open elements by name. Pages use few names, so the most recent one is nearly always near the front.
#[derive(Default)]
struct Open {
    near: Vec<(String, usize)>,
    far: BTreeMap<String, usize>,
    depth: usize,
    /// How many of them are formatting.
    formats: usize,
}

impl Open {
    fn count(&mut self, name: &str) -> &mut usize {
        if let Some(at) = self.near.iter().position(|(known, _)| known == name) {
            if at > 0 {
                self.near.swap(at, at - 1);
            }
            return &mut self.near[at.saturating_sub(1)].1;
        }
        if self.near.len() < 64 {
            self.near.push((name.to_owned(), 0));
            let last = self.near.len() - 1;
            return &mut self.near[last].1;
        }
        self.far.entry(name.to_owned()).or_default()
    }

    fn open(&mut self, name: &str) {
        *self.count(name) += 1;
        self.depth += 1;
        self.formats += usize::from(is_format(name));
    }

    /// An end tag without its start tag closes nothing.
    fn close(&mut self, name: &str) {
        let count = self.count(name);
        if *count > 0 {
            *count -= 1;
            self.depth -= 1;
            self.formats -= usize::from(is_format(name));
        }
    }

    /// Inside drawings and formulas scripts are ordinary elements.
    fn in_html(&mut self) -> bool {
        *self.count("svg") == 0 && *self.count("math") == 0
    }
}

/// Length of the part of a body that the reference parser reads in bearable time.
pub fn shallow(body: &str) -> usize {
    if body.trim_start().starts_with(['{', '[']) {
        return body.len();
    }
    let mut open = Open::default();
    let mut buffer = [0u8; 24];
    let (mut from, mut copies, mut counted) = (0, 0, 0);
    let mut ends = Ends::default();
    while let Some(at) = body[from..].find('<').map(|at| from + at) {
        from = at + 1;
        let tail = &body[from..];
        if let Some(comment) = tail.strip_prefix("!--") {
            if let Some(end) = ends.of("--", || comment.find("-->")) {
                from += 3 + end;
            }
            continue;
        }
        let (closes, tail) = match tail.strip_prefix('/') {
            Some(tail) => (true, tail),
            None => (false, tail),
        };
        let name = name_of(tail, &mut buffer);
        if name.is_empty() {
            continue;
        }
        // What stands in a tag that was counted is none of its own.
        if from >= counted {
            let (attributes, len) = attributes(tail);
            if attributes > MAX_ATTRIBUTES {
                return at;
            }
            counted = from + len;
        }
        if open.formats > FEW {
            copies += open.formats;
            if copies > MAX_COPIES {
                return at;
            }
        }
        if is_light(name) {
            continue;
        }
        if closes {
            open.close(name);
            continue;
        }
        if matches!(name, "script" | "style" | "textarea") && open.in_html() {
            // Raw text: what looks like tags in it is none.
            if let Some(end) = ends.of(name, || end_of(tail, name)) {
                from = at + 1 + end;
                continue;
            }
        }
        // `<path/>` closes itself in drawings; `<div/>` does not.
        let drawn = matches!(name, "svg" | "math") || !open.in_html();
        if drawn && tail.find('>').is_some_and(|end| tail[..end].ends_with('/')) {
            continue;
        }
        open.open(name);
        if open.depth > MAX_DEPTH {
            return at;
        }
    }
    body.len()
}

/// The name of a tag in lower case, cut at the size of the buffer.
fn name_of<'b>(tail: &str, buffer: &'b mut [u8; 24]) -> &'b str {
    let mut len = 0;
    for byte in tail.bytes().take(buffer.len()) {
        if !byte.is_ascii_alphanumeric() && byte != b'-' {
            break;
        }
        buffer[len] = byte.to_ascii_lowercase();
        len += 1;
    }
    std::str::from_utf8(&buffer[..len]).unwrap_or("")
}

/// What is known to have no end any more, so that it is not looked for again and again.
#[derive(Default)]
struct Ends(Vec<String>);

impl Ends {
    fn of(&mut self, name: &str, find: impl FnOnce() -> Option<usize>) -> Option<usize> {
        if self.0.iter().any(|endless| endless == name) {
            return None;
        }
        let found = find();
        if found.is_none() {
            self.0.push(name.to_owned());
        }
        found
    }
}

/// About how many attributes a tag has, and its length.
fn attributes(tail: &str) -> (usize, usize) {
    let (mut count, mut quote, mut gap) = (0, None, false);
    for (at, byte) in tail.bytes().enumerate() {
        match (quote, byte) {
            (Some(open), _) if open == byte => quote = None,
            (Some(_), _) => {}
            (None, b'>') => return (count, at),
            (None, b'"' | b'\'') => quote = Some(byte),
            (None, b' ' | b'\n' | b'\t' | b'\r' | b'\x0c' | b'/') => gap = true,
            (None, _) => {
                count += usize::from(gap);
                gap = false;
            }
        }
        if count > MAX_ATTRIBUTES {
            return (count, at);
        }
    }
    (count, tail.len())
}

/// Elements that go on in the next block if they are not closed.
fn is_format(name: &str) -> bool {
    matches!(
        name,
        "a" | "b"
            | "big"
            | "code"
            | "em"
            | "font"
            | "i"
            | "nobr"
            | "s"
            | "small"
            | "strike"
            | "strong"
            | "tt"
            | "u"
    )
}

/// Where the end tag of a raw text element stands, counted from its start tag's name.
fn end_of(tail: &str, name: &str) -> Option<usize> {
    let ends = tail.match_indices("</").map(|(at, _)| at);
    ends.into_iter().find(|at| {
        tail.as_bytes()
            .get(at + 2..at + 2 + name.len())
            .is_some_and(|found| found.eq_ignore_ascii_case(name.as_bytes()))
    })
}

/// Elements that hold nothing, or whose end tag may be left out.
fn is_light(name: &str) -> bool {
    matches!(
        name,
        "area"
            | "base"
            | "br"
            | "col"
            | "embed"
            | "hr"
            | "img"
            | "input"
            | "link"
            | "meta"
            | "param"
            | "source"
            | "track"
            | "wbr"
            | "p"
            | "li"
            | "dt"
            | "dd"
            | "tr"
            | "td"
            | "th"
            | "option"
            | "thead"
            | "tbody"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_stays_open_counts() {
        for good in [
            "<div></div>".repeat(5_000),
            "<LI><BR><B>x</b>".repeat(5_000),
            format!("<script>{}</script>", "<div>".repeat(5_000)),
            format!("<svg>{}</svg>", "<path d='x'/>".repeat(5_000)),
            "<svg/><div></div>".repeat(5_000),
            format!("<!-- {} -->", "<div>".repeat(5_000)),
            format!("{{\"html\": \"{}\"}}", "<div>".repeat(5_000)),
        ] {
            assert_eq!(shallow(&good), good.len());
        }
    }

    #[test]
    fn tricks_do_not_hide_the_depth() {
        for bad in [
            "<div>".repeat(5_000),
            "<div></x>".repeat(5_000),
            format!("<svg><script/>{}</script>", "<div>".repeat(5_000)),
            format!("<svg>{}", "<path>".repeat(5_000)),
            format!("<script>{}", "<div>".repeat(5_000)),
        ] {
            assert!(shallow(&bad) < bad.len());
        }
    }

    #[test]
    fn what_the_reference_would_multiply_is_cut() {
        let names = |n: usize| (0..n).map(|n| format!(" a{n}=x")).collect::<String>();
        let formats = (0..900).map(|n| format!("<b c={n}>")).collect::<String>();
        let (many, mixed) = (names(100_000), format!("{}<p", names(2_000)));
        for bad in [
            format!("<p{many}>"),
            format!("<p x='>' {many}>"),
            format!("<p{}>", mixed),
            format!("<div>{formats}</div>{}", "<div>x</div>".repeat(50_000)),
            format!("<div>{formats}</div>{}", "<li>x".repeat(50_000)),
        ] {
            assert!(shallow(&bad) < bad.len());
        }
        for good in [
            format!("<p{}>", names(200)).repeat(50),
            "<div><b>x</div>".repeat(500),
            format!("<p title='{}'>", " a".repeat(50_000)),
        ] {
            assert_eq!(shallow(&good), good.len());
        }
    }
}
