//! Areas and numbers of rooms.

use crate::listing::Area;

use super::number::{self, Token};

/// Square metres of one unit, by spelling; longest first where one is the start of another.
const UNITS: [(&str, f64); 20] = [
    ("m²", 1.0),
    ("m2", 1.0),
    ("m^2", 1.0),
    ("qm", 1.0),
    ("kvm", 1.0),
    ("sqm", 1.0),
    ("sq m", 1.0),
    ("mq", 1.0),
    ("кв. м", 1.0),
    ("кв.м", 1.0),
    ("м²", 1.0),
    ("м2", 1.0),
    ("m 2", 1.0),
    ("坪", 3.305_785),
    ("sq ft", 0.092_903_04),
    ("sq. ft", 0.092_903_04),
    ("sqft", 0.092_903_04),
    ("ft2", 0.092_903_04),
    ("ft²", 0.092_903_04),
    ("ha", 10_000.0),
];

/// Reads an area. A bare number counts as square metres; a number with another unit does not.
pub fn area(text: &str, decimal: char) -> Option<Area> {
    let folded = number::fold(text).to_lowercase();
    let tokens = number::scan(&folded, number::Marks::default());
    let token = tokens.iter().find(|t| factor(&folded, t).is_some());
    if let Some(token) = token {
        let value = number::first(&folded[token.start..], decimal)?.to_f64();
        return positive(value * factor(&folded, token)?).map(Area);
    }
    let bare = folded.trim().chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | ',' | ' '));
    positive(number::first(&folded, decimal).filter(|_| bare)?.to_f64()).map(Area)
}

fn factor(text: &str, token: &Token) -> Option<f64> {
    let tail = text[token.end..].trim_start();
    UNITS.iter().find_map(|(unit, factor)| {
        let rest = tail.strip_prefix(unit)?;
        (!rest.starts_with(char::is_alphabetic)).then_some(*factor)
    })
}

/// Reads a number of rooms: the first number up to 100, halves included (`3,5 Zimmer`, `1 ½ rooms`).
pub fn rooms(text: &str, decimal: char) -> Option<f64> {
    let folded = number::fold(text);
    let half = if folded.contains('½') { 0.5 } else { 0.0 };
    let value = number::first(&folded, decimal).map(|d| d.to_f64());
    let value = value.or_else(|| (half > 0.0).then_some(0.0))? + half;
    positive(value).filter(|v| *v <= 100.0)
}

fn positive(value: f64) -> Option<f64> {
    (value.is_finite() && value > 0.0).then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn areas_come_in_many_spellings() {
        assert_eq!(area("81,8 m²", ','), Some(Area(81.8)));
        assert_eq!(area("ca. 1.234,50 qm Grund", ','), Some(Area(1234.5)));
        assert_eq!(area("3 Zi., 62 m2", ','), Some(Area(62.0)));
        assert_eq!(area("72", ','), Some(Area(72.0)));
        assert_eq!(area("1930ft2", '.').map(|a| a.0.round()), Some(179.0));
        assert_eq!(area("348.000 km", ','), None);
    }

    #[test]
    fn rooms_may_be_halves() {
        assert_eq!(rooms("3,5 Zimmer", ','), Some(3.5));
        assert_eq!(rooms("1 ½ rooms", '.'), Some(1.5));
        assert_eq!(rooms("1500", ','), None);
        assert_eq!(rooms("Studio", '.'), None);
    }

    proptest! {
        #[test]
        fn any_text_is_measured_without_panic(text in "\\PC{0,40}") {
            let _ = (area(&text, ','), rooms(&text, '.'));
        }
    }
}
