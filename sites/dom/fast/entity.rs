//! Character references (HTML Standard, section 13.2.5.72): `&amp;`, `&#8364;`, `&copy 2026`.

use html5ever::data::{C1_REPLACEMENTS, NAMED_ENTITIES};
use memchr::memchr;

/// Adds a text to `out` with its references decoded. In attributes a name without its semicolon
/// stands for itself where a letter, a digit or `=` follows: addresses are full of `&lang=de`.
pub(super) fn decode(text: &str, in_attribute: bool, out: &mut String) {
    let mut rest = text;
    while let Some(at) = memchr(b'&', rest.as_bytes()) {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let used = one(rest, in_attribute, out);
        if used == 0 {
            out.push('&');
        }
        rest = &rest[used.max(1)..];
    }
    out.push_str(rest);
}

/// Decodes the reference at the start of `text`; the answer is its length, 0 if there is none.
fn one(text: &str, in_attribute: bool, out: &mut String) -> usize {
    for (common, c) in
        [("&amp;", '&'), ("&quot;", '"'), ("&nbsp;", '\u{a0}'), ("&lt;", '<'), ("&gt;", '>')]
    {
        if text.starts_with(common) {
            out.push(c);
            return common.len();
        }
    }
    if text.as_bytes().get(1) == Some(&b'#') {
        return numeric(text, out);
    }
    let name = &text[1..];
    // Nothing goes on behind a semicolon, so that a whole name needs one look.
    let letters = name.bytes().take(32).take_while(u8::is_ascii_alphanumeric).count();
    if name.as_bytes().get(letters) == Some(&b';')
        && let Some((first, second)) = NAMED_ENTITIES.get(&name[..=letters])
        && *first != 0
    {
        out.extend(char::from_u32(*first));
        out.extend(char::from_u32(*second).filter(|c| *c != '\0'));
        return letters + 2;
    }
    let mut found = None;
    for (at, c) in name.char_indices() {
        // The table holds the beginnings of all names too, with nothing behind them.
        let end = at + c.len_utf8();
        match NAMED_ENTITIES.get(&name[..end]) {
            Some((0, _)) => {}
            Some((first, second)) => found = Some((end, *first, *second)),
            None => break,
        }
    }
    let Some((len, first, second)) = found else { return 0 };
    let next = name.as_bytes().get(len);
    let goes_on = next.is_some_and(|b| *b == b'=' || b.is_ascii_alphanumeric());
    if in_attribute && goes_on && !name[..len].ends_with(';') {
        return 0;
    }
    out.extend(char::from_u32(first));
    out.extend(char::from_u32(second).filter(|c| *c != '\0'));
    1 + len
}

fn numeric(text: &str, out: &mut String) -> usize {
    let hex = text.as_bytes().get(2).is_some_and(|b| matches!(b, b'x' | b'X'));
    let (start, base) = if hex { (3, 16) } else { (2, 10) };
    let digits = text.bytes().skip(start).take_while(|b| char::from(*b).is_digit(base)).count();
    if digits == 0 {
        return 0;
    }
    let end = start + digits;
    let number = text[start..end]
        .chars()
        .filter_map(|c| c.to_digit(base))
        .fold(0u32, |n, digit| n.saturating_mul(base).saturating_add(digit));
    let c = match number {
        0 => None,
        0x80..=0x9f => C1_REPLACEMENTS[number as usize - 0x80].or(char::from_u32(number)),
        number => char::from_u32(number),
    };
    out.push(c.unwrap_or('\u{fffd}'));
    end + usize::from(text.as_bytes().get(end) == Some(&b';'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_decoded_as_the_standard_says() {
        for (text, in_text, in_attribute) in [
            ("a &amp; b", "a & b", "a & b"),
            ("&eacute;&Eacute;&sup2;", "éÉ²", "éÉ²"),
            ("&notit; &notin;", "¬it; ∉", "&notit; ∉"),
            ("?a=1&copy=2&lang=de", "?a=1©=2&lang=de", "?a=1&copy=2&lang=de"),
            ("&copy 1", "© 1", "© 1"),
            ("&#8364;&#x20AC;&#X20ac", "€€€", "€€€"),
            (
                "&#128;&#0;&#xD800;&#99999999999;",
                "€\u{fffd}\u{fffd}\u{fffd}",
                "€\u{fffd}\u{fffd}\u{fffd}",
            ),
            ("& &; &# &#x; &bogus;", "& &; &# &#x; &bogus;", "& &; &# &#x; &bogus;"),
            ("&NotEqualTilde;", "≂̸", "≂̸"),
        ] {
            for (flag, wanted) in [(false, in_text), (true, in_attribute)] {
                let mut out = String::new();
                decode(text, flag, &mut out);
                assert_eq!(out, wanted, "{text}");
            }
        }
    }
}
