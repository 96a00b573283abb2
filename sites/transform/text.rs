//! White space, entities and tags: the small print of every text value.

/// Collapses runs of white space (no-break and zero-width ones too) to one space and trims.
pub fn collapse(text: &str) -> String {
    let mut out = Collapsed(String::with_capacity(text.len()));
    out.push(text);
    out.finish()
}

/// Text whose white space is collapsed while it is put together.
#[derive(Debug, Default)]
pub(crate) struct Collapsed(String);

impl Collapsed {
    /// Adds a text.
    pub(crate) fn push(&mut self, text: &str) {
        let bytes = text.as_bytes();
        let mut at = 0;
        while at < bytes.len() {
            // Most text is plain; what ends a run of it is white space or not ASCII.
            let run = bytes[at..].iter().take_while(|b| (0x21..0x7f).contains(*b)).count();
            self.0.push_str(&text[at..at + run]);
            at += run;
            let Some(c) = text[at..].chars().next() else { return };
            at += c.len_utf8();
            match c {
                '\u{ad}' | '\u{feff}' | '\u{200c}' | '\u{200d}' | '\u{2060}' | '\u{200e}'
                | '\u{200f}' => {}
                c if c.is_whitespace() || c == '\u{200b}' => {
                    if !self.0.is_empty() && !self.0.ends_with(' ') {
                        self.0.push(' ');
                    }
                }
                c => self.0.push(c),
            }
        }
    }

    /// The text, without a space at its end.
    pub(crate) fn finish(mut self) -> String {
        if self.0.ends_with(' ') {
            self.0.pop();
        }
        self.0
    }
}

/// Replaces character references by their characters, once. Unknown references stay as they are.
pub fn unescape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        match reference(rest) {
            Some((c, used)) => {
                out.push(c);
                rest = &rest[used..];
            }
            None => {
                out.push('&');
                rest = &rest[1..];
            }
        }
    }
    out.push_str(rest);
    out
}

/// Reads one reference at the start of `text`: the character and the bytes used.
fn reference(text: &str) -> Option<(char, usize)> {
    let end = text.bytes().take(12).position(|b| b == b';')?;
    let name = &text[1..end];
    let c = if let Some(hex) = name.strip_prefix("#x").or_else(|| name.strip_prefix("#X")) {
        char::from_u32(u32::from_str_radix(hex, 16).ok()?)?
    } else if let Some(digits) = name.strip_prefix('#') {
        char::from_u32(digits.parse().ok()?)?
    } else {
        named(name)?
    };
    Some((c, end + 1))
}

fn named(name: &str) -> Option<char> {
    Some(match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        "nbsp" => '\u{a0}',
        "euro" => '€',
        "pound" => '£',
        "yen" => '¥',
        "sup2" => '²',
        "ndash" => '–',
        "mdash" => '—',
        "hellip" => '…',
        "auml" => 'ä',
        "ouml" => 'ö',
        "uuml" => 'ü',
        "Auml" => 'Ä',
        "Ouml" => 'Ö',
        "Uuml" => 'Ü',
        "szlig" => 'ß',
        "eacute" => 'é',
        _ => return None,
    })
}

/// Removes tags; those of blocks and lines (`</p>`, `<br>`) leave a space, inline ones (`<b>`) nothing.
/// A `<` that opens no tag stays.
pub fn strip_tags(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('<') {
        out.push_str(&rest[..at]);
        let tail = &rest[at + 1..];
        let opens = tail.starts_with(|c: char| c.is_ascii_alphabetic() || c == '/' || c == '!');
        match tail.find('>').filter(|_| opens) {
            Some(end) => {
                if breaks(&tail[..end]) {
                    out.push(' ');
                }
                rest = &tail[end + 1..];
            }
            None => {
                out.push('<');
                rest = tail;
            }
        }
    }
    out.push_str(rest);
    out
}

/// Whether a tag starts a new line or block.
fn breaks(tag: &str) -> bool {
    let name = tag.trim_start_matches('/');
    let end = name.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(name.len());
    is_block(&name[..end].to_ascii_lowercase())
}

/// Whether an element, by its name in lower case, starts a new line or block.
pub(crate) fn is_block(name: &str) -> bool {
    matches!(
        name,
        "address"
            | "article"
            | "aside"
            | "blockquote"
            | "br"
            | "dd"
            | "div"
            | "dl"
            | "dt"
            | "figure"
            | "footer"
            | "form"
            | "h1"
            | "h2"
            | "h3"
            | "h4"
            | "h5"
            | "h6"
            | "header"
            | "hr"
            | "li"
            | "main"
            | "nav"
            | "ol"
            | "option"
            | "p"
            | "pre"
            | "section"
            | "table"
            | "td"
            | "th"
            | "tr"
            | "ul"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_space_collapses_to_one() {
        assert_eq!(collapse("  a\u{a0}\u{200b} b\n\tc\u{ad}d "), "a b cd");
    }

    #[test]
    fn references_are_replaced_once() {
        assert_eq!(unescape("&amp;#x0024; &#36;5 &bogus; & x"), "&#x0024; $5 &bogus; & x");
    }

    #[test]
    fn tags_go_and_comparisons_stay() {
        assert_eq!(collapse(&strip_tags("5<sup>2</sup> a < b <br>c")), "52 a < b c");
    }
}
