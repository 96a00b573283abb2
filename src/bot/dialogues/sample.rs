//! What a search offers right now, as one message, so that a new watch does not begin with silence.
//!
//! ```text
//! bot> This is what “Demo flats” offers now:
//!
//!      • Bright flat near the park — 1,450 EUR, Berlin
//!      • Loft with balcony — 980.50 EUR
//!      • Room in a shared flat — price on request
//! ```
//!
//! Titles link to the offers. A price that was read is printed by us; one that was not read is printed as the
//! page had it.

use sites::{Listing, Money};

use super::{Scene, name};
use crate::bot::compose::{Draft, shorten};
use crate::domain::{Language, Outgoing};
use crate::texts::Value;

/// The sample of a new watch, if there is anything to show.
pub fn of(scene: &Scene<'_>, title: &str) -> Option<Outgoing> {
    let sample = &scene.view.sample;
    if sample.is_empty() {
        return None;
    }
    let mut draft = Draft::default();
    draft.push(&scene.say("bot-sample-head", &[("title", Value::Text(title))])).push("\n");
    for listing in sample {
        line(&mut draft, scene.language, listing);
    }
    Some(draft.into_message())
}

fn line(draft: &mut Draft, language: Language, listing: &Listing) {
    draft.push("\n• ").push_link(&name(&listing.title), &listing.url);
    let price = match (&listing.price, &listing.price_text) {
        (Some(price), _) => Some(money(price, language)),
        (None, Some(text)) => printed(text, 40),
        (None, None) => None,
    };
    let place = listing.location.as_deref().and_then(|place| printed(place, 60));
    let rest: Vec<_> = price.into_iter().chain(place).collect();
    if !rest.is_empty() {
        draft.push(" — ").push(&rest.join(", "));
    }
}

fn printed(text: &str, limit: usize) -> Option<String> {
    (!text.trim().is_empty()).then(|| shorten(text, limit))
}

/// An amount as people of the language write it: grouped, decimals only where there are any.
fn money(money: &Money, language: Language) -> String {
    let digits = match money.currency.as_str() {
        "CLP" | "ISK" | "JPY" | "KRW" | "PYG" | "UGX" | "VND" | "XAF" | "XOF" => 0,
        "BHD" | "IQD" | "JOD" | "KWD" | "LYD" | "OMR" | "TND" => 3,
        _ => 2u32,
    };
    // A space that does not break, as Russian and Ukrainian typography wants it.
    let (group, point) = match language {
        Language::En => (',', '.'),
        Language::Ru | Language::Uk => ('\u{a0}', ','),
    };
    let unit = 10u64.pow(digits);
    let amount = money.minor.unsigned_abs();
    let sign = if money.minor < 0 { "−" } else { "" };
    let whole = grouped(amount / unit, group);
    let width = usize::try_from(digits).unwrap_or(0);
    match amount % unit {
        0 => format!("{sign}{whole}\u{a0}{}", money.currency),
        part => format!("{sign}{whole}{point}{part:0width$}\u{a0}{}", money.currency),
    }
}

fn grouped(number: u64, separator: char) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(separator);
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_written_as_people_write_them() {
        let cases = [
            (145_000, "EUR", Language::En, "1,450\u{a0}EUR"),
            (98_050, "EUR", Language::En, "980.50\u{a0}EUR"),
            (123_456_789, "UAH", Language::Uk, "1\u{a0}234\u{a0}567,89\u{a0}UAH"),
            (5, "USD", Language::Ru, "0,05\u{a0}USD"),
            (1_500, "JPY", Language::En, "1,500\u{a0}JPY"),
            (1_500, "KWD", Language::En, "1.500\u{a0}KWD"),
            (i64::MIN, "JPY", Language::En, "−9,223,372,036,854,775,808\u{a0}JPY"),
        ];
        for (minor, currency, language, expected) in cases {
            let amount = Money { minor, currency: currency.into() };
            assert_eq!(money(&amount, language), expected);
        }
    }
}
