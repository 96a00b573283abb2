//! What becomes of a pasted address, in words. Plain text, a line for each thing to know. Pure.
//!
//! ```text
//! I look at the newest offers first.
//! The site filters by: words: bike; price up to: 900.
//! I filter by: price from: 100.
//! Kept in the address, though I do not know what it does: colour: red.
//! Ignored, because the site never sees what stands behind the #: view: map.
//! ```

use super::builder::{clean, shorten};
use super::{Value, plain, say};
use crate::domain::Language;
use crate::domain::paste::{By, Newest, Part, PasteError, Pasted};

/// Longest value, UTF-16 units.
const VALUE: usize = 60;

/// Words of the modules that have a name for people in every language.
pub const NAMES: [&str; 24] = [
    "area",
    "area_max",
    "area_min",
    "category",
    "keywords",
    "mileage_max",
    "offer",
    "place",
    "price",
    "price_max",
    "price_min",
    "radius_km",
    "radius_m",
    "region",
    "rooms",
    "rooms_max",
    "rooms_min",
    "salary_min",
    "seller",
    "state",
    "vertical",
    "with_picture",
    "year_max",
    "year_min",
];

/// What becomes of the address, line by line.
pub fn report(language: Language, pasted: &Pasted) -> Vec<String> {
    let newest = match pasted.newest {
        Newest::Forced => "paste-newest-forced",
        Newest::Always => "paste-newest-always",
        Newest::Never => "paste-newest-never",
    };
    let mut lines = vec![plain(language, newest)];
    for (by, key) in [
        (By::Site, "paste-by-site"),
        (By::Us, "paste-by-us"),
        (By::Kept, "paste-kept"),
        (By::Nobody, "paste-ignored"),
    ] {
        let parts: Vec<String> = pasted.parts_by(by).map(|one| part(language, one)).collect();
        if !parts.is_empty() {
            lines.push(say(language, key, &[("list", Value::Text(&parts.join("; ")))]));
        }
    }
    lines
}

/// Why nothing can be made of what was pasted, and what to do.
pub fn error(language: Language, error: &PasteError) -> String {
    match error {
        PasteError::NoAddress(_) => plain(language, "paste-error-address"),
        PasteError::UnknownSite { host } => {
            say(language, "paste-error-site", &[("host", Value::Text(&clean(host)))])
        }
        PasteError::OneOffer { .. } => plain(language, "paste-error-offer"),
        PasteError::NoSearch { .. } => plain(language, "paste-error-search"),
    }
}

fn part(language: Language, part: &Part) -> String {
    let name = if NAMES.contains(&part.name.as_str()) {
        plain(language, &format!("paste-name-{}", part.name))
    } else {
        shorten(&part.name, VALUE)
    };
    if part.value.is_empty() { name } else { format!("{name}: {}", shorten(&part.value, VALUE)) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Filter;
    use url::Url;

    fn pasted() -> Pasted {
        let part =
            |name: &str, value: &str, by| Part { name: name.into(), value: value.into(), by };
        Pasted {
            site: "shop".into(),
            name: "Shop".into(),
            url: Url::parse("https://shop.example/s").expect("an address"),
            newest: Newest::Forced,
            parts: vec![
                part("keywords", "bike", By::Site),
                part("price_max", "900", By::Site),
                part("price_min", "100", By::Us),
                part("colour", "red\nblue", By::Kept),
                part("view", "", By::Nobody),
            ],
            filter: Filter::default(),
        }
    }

    #[test]
    fn a_report_says_who_sees_to_each_filter() {
        assert_eq!(
            report(Language::En, &pasted()),
            [
                "The newest offers come first.",
                "The site filters by: words: bike; price up to: 900.",
                "I filter by: price from: 100.",
                "Kept in the address, though I do not know what it does: colour: red blue.",
                "Ignored, because the site never sees what stands behind the #: view.",
            ]
        );
        for language in Language::ALL {
            assert_eq!(report(language, &pasted()).len(), 5);
            let bare = Pasted { parts: vec![], newest: Newest::Never, ..pasted() };
            assert_eq!(report(language, &bare).len(), 1);
        }
    }

    #[test]
    fn every_name_and_every_error_has_words_in_every_language() {
        let url = || "https://x.example".to_owned();
        let errors = [
            PasteError::NoAddress("x".into()),
            PasteError::UnknownSite { host: "x.example".into() },
            PasteError::OneOffer { url: url(), site: "x".into() },
            PasteError::NoSearch { url: url(), site: "x".into() },
        ];
        for language in Language::ALL {
            let names = NAMES.map(|name| plain(language, &format!("paste-name-{name}")));
            let told = errors.iter().map(|one| error(language, one));
            for text in names.into_iter().chain(told) {
                assert!(!text.contains("Unknown") && !text.contains("{$"), "{text}");
            }
        }
    }
}
