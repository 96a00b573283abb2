//! Words and places as people write them. Pure.
//!
//! ```text
//! loft, +balcony, -souterrain    one of: loft · all of: balcony · none of: souterrain
//! Berlin, 10115 Mitte            one of these places
//! ```

use crate::domain::filter::fold::fold;

/// Words that a listing may have.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Wish {
    /// All of these.
    pub all: Vec<String>,
    /// One of these at least.
    pub any: Vec<String>,
    /// None of these.
    pub none: Vec<String>,
}

impl Wish {
    fn is_empty(&self) -> bool {
        self.all.is_empty() && self.any.is_empty() && self.none.is_empty()
    }
}

/// Reads words: what stands between commas is one; `+` makes it necessary, `-` unwanted. `None` when there are none.
pub fn read(text: &str) -> Option<Wish> {
    let mut wish = Wish::default();
    for part in parts(text).flat_map(signed) {
        let first = part.chars().next();
        let word = part.trim_start_matches(SIGNS).trim();
        let list = match first {
            Some('+') => &mut wish.all,
            Some(sign) if SIGNS.contains(&sign) => &mut wish.none,
            _ => &mut wish.any,
        };
        add(list, word);
    }
    (!wish.is_empty()).then_some(wish)
}

/// Reads names of places. `None` when there are none.
pub fn places(text: &str) -> Option<Vec<String>> {
    let mut names = Vec::new();
    parts(text).for_each(|part| add(&mut names, part));
    let has_letters = |name: &String| name.chars().any(char::is_alphanumeric);
    (!names.is_empty() && names.iter().all(has_letters)).then_some(names)
}

/// Signs before a word; all but the first one say that it is unwanted.
const SIGNS: [char; 5] = ['+', '-', '−', '–', '—'];

fn parts(text: &str) -> impl Iterator<Item = &str> {
    text.split([',', ';', '\n']).map(str::trim).filter(|part| !part.is_empty())
}

/// A sign after a space begins a word of its own: `loft -souterrain`.
fn signed(part: &str) -> Vec<&str> {
    let begins = |at: usize| {
        let rest = part[at..].trim_start();
        let behind = rest.strip_prefix(SIGNS).and_then(|rest| rest.chars().next());
        behind.is_some_and(|c| !c.is_whitespace())
    };
    let (mut words, mut from) = (Vec::new(), 0);
    for (at, _) in part.match_indices(char::is_whitespace) {
        if at >= from && begins(at) {
            words.push(part[from..at].trim());
            from = at;
        }
    }
    words.push(part[from..].trim());
    words.retain(|word| !word.is_empty());
    words
}

/// Adds a word that stands there in no spelling yet.
fn add(list: &mut Vec<String>, word: &str) {
    let same = |known: &String| fold(known) == fold(word);
    if !fold(word).is_empty() && !list.iter().any(same) {
        list.push(word.split_whitespace().collect::<Vec<_>>().join(" "));
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn wish(text: &str) -> (String, String, String) {
        let wish = read(text).unwrap_or_default();
        (wish.all.join("|"), wish.any.join("|"), wish.none.join("|"))
    }

    fn texts(all: &str, any: &str, none: &str) -> (String, String, String) {
        (all.into(), any.into(), none.into())
    }

    #[test]
    fn words_are_wanted_necessary_or_unwanted() {
        assert_eq!(wish("loft, -souterrain"), texts("", "loft", "souterrain"));
        assert_eq!(wish("loft -souterrain +balcony"), texts("balcony", "loft", "souterrain"));
        assert_eq!(wish("+ two rooms; – swap\nLoft, loft"), texts("two rooms", "Loft", "swap"));
        assert_eq!(wish("co-op, wi - fi"), texts("", "co-op|wi - fi", ""));
        assert_eq!(read(" , ; -"), None);
    }

    #[test]
    fn places_are_names_between_commas() {
        let names = places("Berlin,  Bad  Homburg;\n10115").expect("names");
        assert_eq!(names, ["Berlin", "Bad Homburg", "10115"]);
        assert_eq!(places(" , "), None);
        assert_eq!(places("🏠"), None);
    }

    proptest! {
        #[test]
        fn no_text_breaks_it(text in ".{0,60}") {
            let _ = (read(&text), places(&text));
        }
    }
}
