//! Bytes to text: byte order mark, header, `<meta>`, then a guess, in the order of the HTML standard
//! ("determining the character encoding").

use encoding_rs::{Encoding, UTF_8, WINDOWS_1252};

/// How much of a page is searched for its `<meta>` (the standard asks for 1024 bytes; pages put more before it).
const PRESCAN: usize = 4096;

/// Text in which more than one character in fifty had to be replaced, or is zero, was decoded with the wrong table.
const MOST_REPLACED: usize = 50;

/// The text of a body; an error names the encoding that did not fit.
pub fn decode(bytes: &[u8], content_type: Option<&str>) -> Result<String, &'static str> {
    let encoding = Encoding::for_bom(bytes)
        .map(|(encoding, _)| encoding)
        .or_else(|| content_type.and_then(charset_of_header))
        .or_else(|| charset_of_meta(bytes))
        .unwrap_or_else(|| guess(bytes));
    let (text, _, replaced) = encoding.decode(bytes);
    if (replaced || text.contains('\0')) && mostly_replaced(&text) {
        return Err(encoding.name());
    }
    Ok(text.into_owned())
}

fn mostly_replaced(text: &str) -> bool {
    let (mut all, mut bad) = (0usize, 0usize);
    for character in text.chars() {
        all += 1;
        bad += usize::from(matches!(character, char::REPLACEMENT_CHARACTER | '\0'));
    }
    bad * MOST_REPLACED > all
}

fn charset_of_header(content_type: &str) -> Option<&'static Encoding> {
    content_type.split(';').skip(1).find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        let value = value.trim().trim_matches(['"', '\'']);
        name.trim()
            .eq_ignore_ascii_case("charset")
            .then(|| Encoding::for_label(value.as_bytes()))?
    })
}

/// `<meta charset=…>`, `<meta http-equiv=… content="…charset=…">` or `<?xml encoding=…?>`, without parsing.
fn charset_of_meta(bytes: &[u8]) -> Option<&'static Encoding> {
    let head = String::from_utf8_lossy(&bytes[..bytes.len().min(PRESCAN)]).to_ascii_lowercase();
    let in_tag = |key: &str, open: &str| {
        let mut from = 0;
        while let Some(at) = head[from..].find(key).map(|at| at + from) {
            from = at + key.len();
            let tag = head[..at].rfind('<').map(|start| &head[start..at]);
            if tag.is_some_and(|tag| tag.starts_with(open) && !tag.contains('>')) {
                let value = head[from..].trim_start_matches([' ', '"', '\'']);
                let end = value.find(['"', '\'', ';', ' ', '>', '?', '/']).unwrap_or(value.len());
                if let Some(encoding) = Encoding::for_label(&value.as_bytes()[..end]) {
                    return Some(encoding);
                }
            }
        }
        None
    };
    let declared = in_tag("charset=", "<meta").or_else(|| in_tag("encoding=", "<?xml"))?;
    // A page whose declaration can be read as ASCII is not in UTF-16, whatever it says.
    let wide = declared == encoding_rs::UTF_16LE || declared == encoding_rs::UTF_16BE;
    Some(if wide { UTF_8 } else { declared })
}

/// UTF-16 without a mark shows itself by zero bytes in every second place; otherwise what is valid UTF-8 is.
fn guess(bytes: &[u8]) -> &'static Encoding {
    let sample = &bytes[..bytes.len().min(512)];
    let zeros = |parity: usize| sample.iter().skip(parity).step_by(2).filter(|b| **b == 0).count();
    let enough = sample.len() / 4;
    if sample.len() >= 8 && zeros(1) > enough && zeros(0) == 0 {
        encoding_rs::UTF_16LE
    } else if sample.len() >= 8 && zeros(0) > enough && zeros(1) == 0 {
        encoding_rs::UTF_16BE
    } else if std::str::from_utf8(bytes).is_ok() {
        UTF_8
    } else {
        WINDOWS_1252
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn cyrillic(head: &str) -> Vec<u8> {
        let (bytes, _, _) = encoding_rs::WINDOWS_1251.encode("Квартира у моря");
        [head.as_bytes(), &bytes].concat()
    }

    #[test]
    fn the_header_goes_before_the_meta_and_the_mark_before_both() {
        let meta = "<html><meta charset=\"windows-1251\">";
        assert!(decode(&cyrillic(meta), None).expect("fits").ends_with("Квартира у моря"));
        let text = decode(&cyrillic("<meta charset=utf-8>"), Some("text/html; Charset=\"cp1251\""));
        assert!(text.expect("fits").ends_with("моря"));
        let marked = [b"\xef\xbb\xbf".as_slice(), "море".as_bytes()].concat();
        assert_eq!(decode(&marked, Some("text/html; charset=windows-1251")), Ok("море".into()));
    }

    #[test]
    fn a_meta_with_http_equiv_and_an_xml_declaration_count() {
        let old = "<meta http-equiv=Content-Type content='text/html; charset=windows-1251'>";
        assert!(decode(&cyrillic(old), Some("text/html")).expect("fits").ends_with("моря"));
        let xml = "<?xml version=\"1.0\" encoding=\"windows-1251\"?>";
        assert!(decode(&cyrillic(xml), None).expect("fits").ends_with("моря"));
        let script = "<script>var u = 'a?charset=koi8-r'</script>";
        assert_eq!(charset_of_meta(script.as_bytes()), None);
    }

    #[test]
    fn a_wrong_declaration_is_refused_instead_of_shown_as_question_marks() {
        assert_eq!(decode(&cyrillic(""), Some("text/html; charset=utf-8")), Err("UTF-8"));
    }

    #[test]
    fn text_without_any_declaration_is_guessed() {
        assert_eq!(decode("море".as_bytes(), None), Ok("море".into()));
        assert_eq!(decode(b"caf\xe9 de la gare", None), Ok("café de la gare".into()));
        let wide: Vec<u8> = "price: 1000".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(decode(&wide, None), Ok("price: 1000".into()));
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_without_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = decode(&bytes, None);
            let _ = decode(&bytes, Some("text/html; charset=utf-16"));
        }
    }
}
