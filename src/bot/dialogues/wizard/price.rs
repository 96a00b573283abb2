//! A price as people write it. Pure.
//!
//! ```text
//! 500-900 · 500 – 900 €      from 500 to 900
//! 900 · до 900 · up to 900   at most 900
//! от 500 · from 500 · 500+   at least 500
//! 1 200 · 1.200 · 1,200 · 900k · 1,5 тыс
//! ```
//!
//! A separator before exactly three digits parts thousands; before one or two at the end it is the decimal mark.

use sites::transform::currency::{canonical, exponent, resolve};
use sites::transform::number::Decimal;

use crate::domain::filter::fold::fold;

/// What was asked for, minor units of the currency; at least one end is given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wish {
    /// Lowest.
    pub min: Option<i64>,
    /// Highest.
    pub max: Option<i64>,
    /// ISO 4217 code.
    pub currency: String,
}

/// Words that make the amount after them the lowest one.
const LOWEST: [&str; 8] = ["from", "min", "over", "от", "від", "мин", "мін", ">"];
/// Words that make it the highest one, or stand between two.
const HIGHEST: [&str; 12] =
    ["up", "to", "max", "under", "below", "до", "макс", "<", "-", "and", "и", "і"];
/// Words for a thousand behind an amount.
const THOUSANDS: [&str; 6] = ["k", "к", "тыс.", "тыс", "тис.", "тис"];

/// Names of money that people write out.
const SPOKEN: [(&str, &str); 10] = [
    ("евро", "EUR"),
    ("євро", "EUR"),
    ("гривен", "UAH"),
    ("гривны", "UAH"),
    ("гривні", "UAH"),
    ("долларов", "USD"),
    ("доларів", "USD"),
    ("злотых", "PLN"),
    ("злотих", "PLN"),
    ("крон", "kr"),
];

/// Longest text that is looked at, characters.
const LONGEST: usize = 80;

/// Reads a price; `own` is the currency that is meant when none is named. `None` for anything else.
pub fn read(text: &str, own: &str) -> Option<Wish> {
    if text.chars().count() > LONGEST {
        return None;
    }
    let text = fold(text).replace('≤', "<").replace('≥', ">");
    let (numbers, words) = amounts(&text)?;
    let named: Vec<&String> = words.iter().filter(|word| !is_known(word)).collect();
    let currency = match named.as_slice() {
        [] => own.to_owned(),
        [first, rest @ ..] => {
            let code = currency_of(first, own)?;
            let same = |word: &&String| currency_of(word, own).as_ref() == Some(&code);
            rest.iter().all(same).then_some(code)?
        }
    };
    let minor = |number: &Decimal| number.minor(exponent(&currency)).filter(|minor| *minor >= 0);
    let is = |all: &[&str]| words.iter().any(|word| all.contains(&word.as_str()));
    let (min, max) = match numbers.as_slice() {
        [one] if is(&LOWEST) || text.trim_end().ends_with('+') => (Some(minor(one)?), None),
        [one] => (None, Some(minor(one)?)),
        [low, high] => (Some(minor(low)?), Some(minor(high)?)),
        _ => return None,
    };
    let in_order = min.zip(max).is_none_or(|(min, max)| min <= max);
    in_order.then_some(Wish { min, max, currency })
}

fn is_known(word: &str) -> bool {
    LOWEST.contains(&word) || HIGHEST.contains(&word) || word == "+"
}

/// The currency that a word names.
fn currency_of(word: &str, own: &str) -> Option<String> {
    let spoken = SPOKEN.iter().find(|(name, _)| *name == word).map(|(_, sign)| *sign);
    resolve(spoken.unwrap_or(word), Some(own)).map(|code| canonical(&code))
}

/// The amounts of a text, and the words around them, in order.
fn amounts(text: &str) -> Option<(Vec<Decimal>, Vec<String>)> {
    let (mut numbers, mut words): (Vec<Decimal>, Vec<String>) = (Vec::new(), Vec::new());
    let letters: Vec<char> = text.chars().collect();
    let mut at = 0;
    while at < letters.len() {
        let from = at;
        if letters[at].is_ascii_digit() {
            while at < letters.len() && goes_on(&letters, at) {
                at += 1;
            }
            let written: String = letters[from..at].iter().collect();
            numbers.push(number(&written)?);
            continue;
        }
        if letters[at].is_whitespace() {
            at += 1;
            continue;
        }
        // Signs stand alone; letters make words, with the points of abbreviations.
        if matches!(letters[at], '-' | '+' | '<' | '>') {
            at += 1;
        } else {
            let is_word =
                |c: char| !c.is_ascii_digit() && !c.is_whitespace() && !"-+<>".contains(c);
            while at < letters.len() && is_word(letters[at]) {
                at += 1;
            }
        }
        let word: String = letters[from..at].iter().collect();
        match (THOUSANDS.contains(&word.as_str()), numbers.last_mut()) {
            (true, Some(last)) => *last = thousand(*last)?,
            _ => words.push(word),
        }
    }
    (!numbers.is_empty()).then_some((numbers, words))
}

/// Whether the character at `at` belongs to a number: a digit, or one separator between digits.
fn goes_on(letters: &[char], at: usize) -> bool {
    let digit = |at: usize| letters.get(at).is_some_and(char::is_ascii_digit);
    match letters[at] {
        c if c.is_ascii_digit() => true,
        '.' | ',' | '\'' => digit(at + 1),
        // A space parts thousands only.
        ' ' => (1..=3).all(|step| digit(at + step)) && !digit(at + 4),
        _ => false,
    }
}

fn number(written: &str) -> Option<Decimal> {
    let plain: String = written.chars().filter(|c| !matches!(c, ' ' | '\'')).collect();
    let decimal =
        plain.rfind(['.', ',']).filter(|mark| (1..=2).contains(&(plain.len() - mark - 1)));
    let groups = decimal.map_or(plain.as_str(), |mark| &plain[..mark]);
    let well_parted = groups.split(['.', ',']).skip(1).all(|group| group.len() == 3);
    let whole = groups.replace(['.', ','], "");
    let text = decimal.map_or(whole.clone(), |mark| format!("{whole}.{}", &plain[mark + 1..]));
    well_parted.then(|| Decimal::plain(&text))?
}

fn thousand(number: Decimal) -> Option<Decimal> {
    Some(Decimal { digits: number.digits.checked_mul(1_000)?, ..number })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn euros(text: &str) -> Option<(Option<i64>, Option<i64>)> {
        let wish = read(text, "EUR")?;
        assert_eq!(wish.currency, "EUR", "{text}");
        let whole = |minor: i64| minor / 100;
        Some((wish.min.map(whole), wish.max.map(whole)))
    }

    #[test]
    fn prices_are_read_as_people_write_them() {
        for text in ["500-900", "500 – 900", "500—900 €", "от 500 до 900", "від 500 до 900 євро"]
        {
            assert_eq!(euros(text), Some((Some(500), Some(900))), "{text}");
        }
        for text in ["900", "до 900", "up to 900", "Up to €900", "max 900 EUR", "<900", "≤ 900"]
        {
            assert_eq!(euros(text), Some((None, Some(900))), "{text}");
        }
        for text in ["от 500", "from 500", "500+", "> 500", "min 500 eur"] {
            assert_eq!(euros(text), Some((Some(500), None)), "{text}");
        }
        for text in ["1 200", "1.200", "1,200", "1'200", "1200.00", "1.200,00", "1,2k", "1.2 тыс"]
        {
            assert_eq!(euros(text), Some((None, Some(1_200))), "{text}");
        }
        assert_eq!(read("12,50", "EUR").and_then(|wish| wish.max), Some(1_250));
    }

    #[test]
    fn another_currency_may_be_named() {
        let of = |text: &str| read(text, "EUR").map(|wish| (wish.currency, wish.max));
        assert_eq!(of("9000 грн"), Some(("UAH".into(), Some(900_000))));
        assert_eq!(of("900 USD"), Some(("USD".into(), Some(90_000))));
        assert_eq!(of("80000 ¥"), Some(("JPY".into(), Some(80_000))));
        assert_eq!(of("900 $ - 1000 €"), None, "two currencies");
    }

    #[test]
    fn what_is_no_price_is_refused() {
        for text in ["", "cheap", "900-500", "1-2-3", "900 apples", "1.2.3", "12.3456", "-"] {
            assert_eq!(read(text, "EUR"), None, "{text}");
        }
        assert_eq!(read(&"9".repeat(40), "EUR"), None);
    }

    proptest! {
        #[test]
        fn no_text_breaks_it(text in ".{0,40}") {
            if let Some(wish) = read(&text, "EUR") {
                prop_assert!(wish.min.is_some() || wish.max.is_some());
                prop_assert!(wish.min.unwrap_or(0) >= 0 && wish.max.unwrap_or(0) >= 0);
            }
        }
    }
}
