//! Texts made comparable: what one person types and another prints, as one spelling.
//!
//! - Capital and small letters are one, in all scripts; `ẞ` and `ß` are `ss`.
//! - Accents go from Latin, Greek and Cyrillic letters: `é` is `e`, `ä` is `a`, `ł` is `l`, `ё` is `е`. Letters that
//!   only look as if they had one stay, because people hear them as letters of their own: `й`, `ї`, `ў`.
//!   `ґ` is `г`. What one language writes with two letters is not guessed: `Koeln` is not `Köln`.
//! - Compatibility forms are one (Unicode NFKC): `m²` is `m2`, full-width digits are digits, `ﬁ` is `fi`.
//! - Every dash is `-`, every apostrophe is `'`; invisible characters go; white space is one space.
//!
//! Marks of other scripts stay: without them Japanese, Thai or Hindi words would be other words.

use icu_normalizer::ComposingNormalizerBorrowed;
use icu_normalizer::properties::{CanonicalDecompositionBorrowed, Decomposed};

const NFKC: ComposingNormalizerBorrowed<'static> = ComposingNormalizerBorrowed::new_nfkc();
const PARTS: CanonicalDecompositionBorrowed<'static> = CanonicalDecompositionBorrowed::new();

/// The text in one spelling; see the module.
pub fn fold(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    if text.is_ascii() {
        text.chars().for_each(|c| push(&mut out, c.to_ascii_lowercase()));
    } else {
        let composed = NFKC.normalize(text);
        composed.chars().flat_map(char::to_lowercase).for_each(|c| letter(&mut out, c));
    }
    out.truncate(out.trim_end().len());
    out
}

/// The folded words of a text with one space before, between and after them: a name stands in a place as a whole
/// if its words stand in the words of the place. Empty when there is no word.
pub fn words(text: &str) -> String {
    let folded = fold(text);
    let mut out = String::with_capacity(folded.len() + 2);
    for word in folded.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()) {
        out.push(' ');
        out.push_str(word);
    }
    if !out.is_empty() {
        out.push(' ');
    }
    out
}

/// One lower-case letter without its marks.
fn letter(out: &mut String, c: char) {
    match c {
        'a'..='z' | '0'..='9' => out.push(c),
        'й' | 'ї' | 'ў' => out.push(c),
        'ґ' => out.push('г'),
        'ß' => out.push_str("ss"),
        'æ' => out.push_str("ae"),
        'œ' => out.push_str("oe"),
        'ø' => out.push('o'),
        'đ' | 'ð' => out.push('d'),
        'þ' => out.push_str("th"),
        'ł' => out.push('l'),
        'ħ' => out.push('h'),
        'ı' => out.push('i'),
        'ς' => out.push('σ'),
        '\u{2010}'..='\u{2015}' | '\u{2212}' => out.push('-'),
        '\u{2018}' | '\u{2019}' | '\u{02bc}' | '\u{2032}' | '`' | '\u{00b4}' => out.push('\''),
        // Soft hyphen, zero-width and direction marks, byte order mark; marks that no letter took up.
        '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}' | '\u{feff}' => {}
        '\u{0300}'..='\u{036f}' => {}
        '\u{00c0}'..='\u{052f}' | '\u{1e00}'..='\u{1fff}' => match PARTS.decompose(c) {
            Decomposed::Default => out.push(c),
            Decomposed::Singleton(base) | Decomposed::Expansion(base, _) => letter(out, base),
        },
        other => push(out, other),
    }
}

/// Adds a character; white space only once, and not at the beginning.
fn push(out: &mut String, c: char) {
    match c {
        c if c.is_whitespace() => {
            if !out.is_empty() && !out.ends_with(' ') {
                out.push(' ');
            }
        }
        '`' => out.push('\''),
        c => out.push(c),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn spellings_of_one_word_are_one() {
        for (a, b) in [
            ("STRAẞE", "strasse"),
            ("Straße", "STRASSE"),
            ("Ёлка", "елка"),
            ("ґанок", "Ганок"),
            ("Łódź", "lodz"),
            ("café", "Cafe\u{301}"),
            ("40 m²", "40 M2"),
            ("ISTANBUL", "istanbul"),
            ("İzmir", "izmir"),
            ("м’яч", "м'яч"),
            ("2–3", "2-3"),
            ("Fahr\u{ad}rad", "fahrrad"),
            ("two\u{a0} \nrooms ", "two rooms"),
            ("ΟΔΟΣ", "οδος"),
            ("ÆON", "aeon"),
            ("Ångström", "angstrom"),
        ] {
            assert_eq!(fold(a), fold(b), "{a} and {b}");
        }
    }

    #[test]
    fn letters_of_their_own_stay_apart() {
        for (a, b) in [("мой", "мои"), ("їх", "іх"), ("Koeln", "Köln"), ("が", "か"), ("한", "하")]
        {
            assert_ne!(fold(a), fold(b), "{a} and {b}");
        }
        assert_eq!(
            fold("мо\u{438}\u{306}"),
            fold("мой"),
            "a breve in two characters is the letter"
        );
    }

    #[test]
    fn words_are_whole() {
        let lviv = words("м. Львів, Франківський р-н");
        assert!(lviv.contains(&words("ЛЬВІВ")) && lviv.contains(&words("Франківський р-н")));
        assert!(!lviv.contains(&words("Франків")));
        assert!(words("60311 Frankfurt-am-Main").contains(&words("frankfurt am main")));
        assert_eq!(words(" – "), "");
    }

    proptest! {
        #[test]
        fn case_and_padding_never_matter(text in "[a-zа-яёїіґéßA-ZА-Я0-9 \u{301}-]{0,20}") {
            prop_assert_eq!(fold(&text.to_uppercase()), fold(&text));
            prop_assert_eq!(fold(&format!(" {text}\t")), fold(&text));
            prop_assert_eq!(fold(&fold(&text)), fold(&text));
        }

        #[test]
        fn any_text_folds(text in ".{0,40}") {
            fold(&text);
            words(&text);
        }
    }
}
