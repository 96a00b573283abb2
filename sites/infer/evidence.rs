//! Whether two texts name the same thing: a title and the words of an address, or of a picture's label.

use std::collections::HashSet;

use url::Url;

/// Words of a text in a form that addresses use: lower case, without accents.
#[derive(Debug, Clone, Default)]
pub(super) struct Words {
    all: HashSet<String>,
}

impl Words {
    /// The words of a printed text.
    pub(super) fn of(text: &str) -> Words {
        let folded: String = text.chars().flat_map(char::to_lowercase).map(plain).collect();
        let all = folded.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty());
        Words { all: all.map(str::to_owned).collect() }
    }

    /// The words of the part of an address that names its page: the last part with several words.
    pub(super) fn of_address(address: &str) -> Words {
        let Ok(url) = Url::parse(address) else { return Words::default() };
        let parts: Vec<Words> =
            url.path().split('/').map(|part| Words::of(&decoded(part))).collect();
        let wordy = |words: &&Words| {
            let letters = |w: &String| w.chars().filter(|c| c.is_alphabetic()).count() >= 3;
            words.all.len() >= 2 && words.all.iter().any(letters)
        };
        let lettered = |words: &&Words| words.all.iter().any(|w| w.len() > 3 && !numeric(w));
        let named = parts.iter().rev().find(wordy).or_else(|| parts.iter().rev().find(lettered));
        named.cloned().unwrap_or_default()
    }

    /// How much two texts share: 0 nothing, 1 every word of both.
    pub(super) fn agreement(&self, other: &Words) -> f64 {
        if self.all.is_empty() || other.all.is_empty() {
            return 0.0;
        }
        let known = |word: &&String| {
            other.all.contains(*word)
                || umlauts(word).is_some_and(|ways| ways.iter().any(|w| other.all.contains(w)))
        };
        let common = self.all.iter().filter(known).count();
        2.0 * super::ratio(common, self.all.len() + other.all.len())
    }
}

fn numeric(word: &str) -> bool {
    word.bytes().any(|b| b.is_ascii_digit())
}

/// The letter without its accent, as most addresses write it; umlauts stay for [`umlauts`].
fn plain(c: char) -> char {
    match c {
        'à' | 'á' | 'â' | 'ã' | 'å' | 'ā' | 'ą' | 'ă' => 'a',
        'ç' | 'ć' | 'č' => 'c',
        'ď' | 'đ' => 'd',
        'è' | 'é' | 'ê' | 'ë' | 'ē' | 'ę' | 'ě' => 'e',
        'ğ' => 'g',
        'ì' | 'í' | 'î' | 'ï' | 'ī' | 'ı' => 'i',
        'ł' => 'l',
        'ñ' | 'ń' | 'ň' => 'n',
        'ò' | 'ó' | 'ô' | 'õ' | 'ő' => 'o',
        'ř' => 'r',
        'ś' | 'š' | 'ş' => 's',
        'ť' | 'ţ' => 't',
        'ù' | 'ú' | 'û' | 'ů' | 'ű' | 'ū' => 'u',
        'ý' | 'ÿ' => 'y',
        'ź' | 'ż' | 'ž' => 'z',
        c => c,
    }
}

/// A word with umlauts in the two ways addresses write them.
fn umlauts(word: &str) -> Option<[String; 2]> {
    const WAYS: [(char, &str, &str); 6] = [
        ('ä', "ae", "a"),
        ('ö', "oe", "o"),
        ('ü', "ue", "u"),
        ('ß', "ss", "ss"),
        ('ø', "oe", "o"),
        ('æ', "ae", "a"),
    ];
    let known = |c: char| WAYS.iter().find(|way| way.0 == c);
    if !word.chars().any(|c| known(c).is_some()) {
        return None;
    }
    let (mut long, mut short) = (String::new(), String::new());
    for c in word.chars() {
        match known(c) {
            Some((_, a, b)) => {
                long.push_str(a);
                short.push_str(b);
            }
            None => {
                long.push(c);
                short.push(c);
            }
        }
    }
    Some([long, short])
}

/// A part of a path with its percent signs resolved.
fn decoded(part: &str) -> String {
    let mut out: Vec<u8> = Vec::with_capacity(part.len());
    let mut rest = part.as_bytes();
    while let Some((first, tail)) = rest.split_first() {
        let code = tail.get(..2).and_then(|hex| std::str::from_utf8(hex).ok());
        match code.and_then(|hex| u8::from_str_radix(hex, 16).ok()).filter(|_| *first == b'%') {
            Some(byte) => {
                out.push(byte);
                rest = &tail[2..];
            }
            None => {
                out.push(*first);
                rest = tail;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_agrees_with_the_address_that_was_made_of_it() {
        let address = "https://x.example/haus/bad-toelz/schoene-wohnung-am-see-12345.html";
        let slug = Words::of_address(address);
        assert!(Words::of("Schöne Wohnung am See").agreement(&slug) > 0.7);
        assert!(Words::of("Bad Tölz").agreement(&slug) < 0.1);
        assert_eq!(Words::of("12").agreement(&Words::of_address("https://x.example/1/2")), 0.0);
        let coded = Words::of_address("https://x.example/o/%D0%B4%D0%BE%D0%BC-%D1%81%D0%B0%D0%B4");
        assert!(Words::of("Дом, сад").agreement(&coded) > 0.99);
    }
}
