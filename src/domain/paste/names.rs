//! Parameters whose names say what they are, and what stands behind the `#`.

use url::form_urlencoded;

/// What a parameter means by its name: a field, and whether it is the highest value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Meaning(pub(super) &'static str, pub(super) bool);

impl Meaning {
    /// The word by which modules call it.
    pub(super) fn word(self) -> &'static str {
        match (self.0, self.1) {
            ("price", false) => "price_min",
            ("price", true) => "price_max",
            ("area", false) => "area_min",
            ("area", true) => "area_max",
            ("rooms", false) => "rooms_min",
            _ => "rooms_max",
        }
    }
}

/// The meaning of a name that says by itself what it is, in the few ways that sites write it: `min_price`,
/// `priceFrom`, `price[to]`. Areas only where the name says square metres or no unit.
pub(super) fn meaning(name: &str) -> Option<Meaning> {
    let letters = name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase);
    let name: String = letters.collect();
    for (field, spellings) in [
        ("price", ["price", "preis", "prix"]),
        ("area", ["area", "surface", "livingspace"]),
        ("rooms", ["rooms", "numrooms", "numberofrooms"]),
    ] {
        for spelling in spellings {
            let Some(at) = name.find(spelling) else { continue };
            let (before, after) = (&name[..at], &name[at + spelling.len()..]);
            match (before, after) {
                ("min" | "from", "") | ("", "min" | "from" | "von") => {
                    return Some(Meaning(field, false));
                }
                ("max" | "to", "") | ("", "max" | "to" | "bis") => {
                    return Some(Meaning(field, true));
                }
                _ => {}
            }
        }
    }
    None
}

/// The pairs of a fragment such as `/?price=5&x=1` or `search=1~gallery~0`.
pub(super) fn pairs(fragment: &str) -> Vec<(String, String)> {
    let query = fragment.split_once('?').map_or(fragment, |(_, query)| query);
    let pairs = form_urlencoded::parse(query.trim_start_matches(['/', '!']).as_bytes());
    pairs
        .map(|(name, value)| (name.into_owned(), value.into_owned()))
        .filter(|(name, _)| !name.is_empty())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_says_what_it_is_is_understood() {
        for (name, word) in [
            ("min_price", "price_min"),
            ("priceTo", "price_max"),
            ("price[from]", "price_min"),
            ("preis-bis", "price_max"),
            ("livingSpace.max", "area_max"),
            ("numRoomsMin", "rooms_min"),
        ] {
            assert_eq!(meaning(name).map(Meaning::word), Some(word), "{name}");
        }
        for name in
            ["price", "sort_price", "price_id_max", "maxpricedrop", "sqft_area_max", "to", ""]
        {
            assert_eq!(meaning(name), None, "{name}");
        }
    }

    #[test]
    fn fragments_are_read_as_queries() {
        let of = |fragment| pairs(fragment);
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        assert_eq!(of("/?price=5&x=a%20b"), [pair("price", "5"), pair("x", "a b")]);
        assert_eq!(of("search=1~gallery~0"), [pair("search", "1~gallery~0")]);
        assert_eq!(of(""), []);
    }
}
