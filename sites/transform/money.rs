//! Prices: one printed text in, amount and currency out.
//!
//! How a text is read:
//! 1. numbers and spellings of currencies are located;
//! 2. the number beside a currency is the price; a range (`26 to 50 €`) counts with its lower end;
//! 3. without any currency in the text, the first number is the price, unless the text asks people to
//!    inquire, is a date, or gives the number as an area, a distance or a percentage;
//! 4. a currency is taken from the text, then from a hint, then from the site.
//!
//! "VB", "from", "per month" do not change the amount. "Free" and "on request" are no amount: a page
//! that prints no number has said nothing that can become cheaper.

use std::sync::LazyLock;

use regex::Regex;

use crate::listing::Money;

use super::currency::{self, Spelling, Strength};
use super::number::{self, Decimal, Marks, Token};

/// What is known about prices of a site.
#[derive(Debug, Clone, Copy, Default)]
pub struct Context<'a> {
    /// The site's own currency, ISO code.
    pub currency: Option<&'a str>,
    /// A second text that may hold the currency ("Pris NOK 899,00").
    pub hint: Option<&'a str>,
    /// The decimal mark, where a page uses an unusual one.
    pub decimal: Option<char>,
}

/// A price as read from a text.
#[derive(Debug, Clone, PartialEq)]
pub struct Price {
    /// The amount; of a range the lower end.
    pub amount: Decimal,
    /// ISO code, if the text, the hint or the site names one.
    pub currency: Option<String>,
}

impl Price {
    /// The price in minor units; `None` without a currency, or if it does not fit.
    pub fn money(&self) -> Option<Money> {
        let currency = self.currency.clone()?;
        let minor = self.amount.minor(currency::exponent(&currency))?;
        Some(Money { minor, currency })
    }
}

/// Reads a printed price into minor units. `None` when the text holds no amount.
pub fn money(text: &str, own: &str) -> Option<Money> {
    read(text, Context { currency: Some(own), ..Context::default() })?.money()
}

/// Reads a printed price.
pub fn read(text: &str, context: Context<'_>) -> Option<Price> {
    let (text, marks) = prepare(text, context);
    let spellings = currency::find(&text, context.currency);
    let exponent = spellings.iter().map(|s| currency::exponent(&s.code)).max().unwrap_or(2);
    let marks = Marks { thousandths: exponent == 3, ..marks };
    let tokens = number::scan(&text, marks);
    if let Some((token, spelling)) = beside(&text, &tokens, &spellings) {
        let token = lower_end(&text, &tokens, token);
        let code = strongest(&text, token, &spellings).unwrap_or(spelling.code.clone());
        return Some(Price { amount: token.value, currency: Some(code) });
    }
    if no_price(&text) {
        return None;
    }
    let token = tokens.iter().find(|t| !measured(&text, t))?;
    let currency = spellings
        .iter()
        .find(|s| s.strength != Strength::Weak)
        .map(|s| s.code.clone())
        .or_else(|| from_hint(context))
        .or_else(|| context.currency.map(str::to_owned));
    Some(Price { amount: token.value, currency })
}

/// The price as text that [`read`] understands again: amount with all digits, then the ISO code.
pub fn print(money: &Money, decimal: char) -> String {
    let exponent = currency::exponent(&money.currency) as usize;
    let digits = money.minor.unsigned_abs().to_string();
    let digits = format!("{digits:0>width$}", width = exponent + 1);
    let (whole, part) = digits.split_at(digits.len() - exponent);
    let group = if decimal == ',' { '.' } else { ',' };
    let mut out = String::new();
    for (i, c) in whole.chars().enumerate() {
        if i > 0 && (whole.len() - i).is_multiple_of(3) {
            out.push(group);
        }
        out.push(c);
    }
    if exponent > 0 {
        out.push(decimal);
        out.push_str(part);
    }
    format!("{out} {}", money.currency)
}

/// Folds the text; an unusual decimal mark (`1250€ 60`) becomes a dot.
fn prepare(text: &str, context: Context<'_>) -> (String, Marks) {
    let text = number::fold(text);
    match context.decimal {
        Some(mark @ ('.' | ',')) => (text, Marks { decimal: Some(mark), thousandths: false }),
        Some(mark) => {
            let tail = format!("{} {mark}", text.replacen(mark, ".", 1));
            (tail, Marks { decimal: Some('.'), thousandths: false })
        }
        None => (text, Marks::default()),
    }
}

fn from_hint(context: Context<'_>) -> Option<String> {
    let hint = number::fold(context.hint?);
    let found = currency::find(&hint, context.currency);
    found.iter().find(|s| s.strength != Strength::Weak).map(|s| s.code.clone())
}

/// Nothing but white space, a colon or a dot between a currency and its number.
fn touches(text: &str, from: usize, to: usize) -> bool {
    from <= to && text[from..to].chars().all(|c| matches!(c, ' ' | ':' | '.' | '-' | '~'))
}

fn adjacent(text: &str, token: &Token, spelling: &Spelling) -> bool {
    let gap = if spelling.end <= token.start {
        (spelling.end, token.start)
    } else {
        (token.end, spelling.start)
    };
    if spelling.strength == Strength::Weak {
        return gap.0 <= gap.1 && text[gap.0..gap.1].chars().all(|c| c == ' ');
    }
    let tail = spelling.start >= token.end;
    // "50,- Kč" and "1.899,- €": the dash stands for no cents.
    let between = text.get(gap.0..gap.1).unwrap_or("x");
    touches(text, gap.0, gap.1) || (tail && matches!(between.trim(), ",-" | ".-" | ",–" | "/"))
}

/// The first number that stands beside a currency, stronger spellings first.
fn beside<'a>(
    text: &str,
    tokens: &'a [Token],
    spellings: &'a [Spelling],
) -> Option<(&'a Token, &'a Spelling)> {
    for weak in [false, true] {
        for token in tokens {
            let near =
                |s: &&Spelling| (s.strength == Strength::Weak) == weak && adjacent(text, token, s);
            if let Some(spelling) = spellings.iter().find(near)
                && !open_ended(text, token)
            {
                return Some((token, spelling));
            }
        }
    }
    None
}

/// The strongest currency around a number: an ISO code beats a sign ("$1,190.00 AUD", "NZD $100.70").
fn strongest(text: &str, token: &Token, spellings: &[Spelling]) -> Option<String> {
    let near =
        |s: &&Spelling| adjacent(text, token, s) || adjacent_through(text, token, s, spellings);
    let best = spellings.iter().filter(near).map(|s| s.strength).max()?;
    spellings.iter().filter(near).find(|s| s.strength == best).map(|s| s.code.clone())
}

/// A code that touches a sign that touches the number.
fn adjacent_through(text: &str, token: &Token, code: &Spelling, all: &[Spelling]) -> bool {
    all.iter().any(|s| {
        s != code
            && adjacent(text, token, s)
            && (touches(text, code.end, s.start) || touches(text, s.end, code.start))
    })
}

/// Of "26 to 50 €" the number before the range word.
fn lower_end<'a>(text: &str, tokens: &'a [Token], token: &'a Token) -> &'a Token {
    const RANGE: [&str; 14] =
        ["to", "-", "–", "—", "bis", "do", "до", "à", "až", "tot", "til", "till", "a", "~"];
    let at = tokens.iter().position(|t| t == token).unwrap_or(0);
    let Some(before) = at.checked_sub(1).map(|i| &tokens[i]) else { return token };
    let between = text[before.end..token.start].trim().to_lowercase();
    if RANGE.contains(&between.as_str()) { before } else { token }
}

/// "$49+": a threshold, not a price.
fn open_ended(text: &str, token: &Token) -> bool {
    text[token.end..].starts_with('+')
}

/// An area, a distance, a share or a count, not a price.
fn measured(text: &str, token: &Token) -> bool {
    const UNITS: [&str; 12] =
        ["m²", "m2", "qm", "sqm", "ft²", "ft2", "sq", "km", "ha", "zimmer", "zi.", "%"];
    let tail = text[token.end..].trim_start().to_lowercase();
    UNITS.iter().any(|unit| {
        tail.strip_prefix(unit).is_some_and(|rest| !rest.starts_with(char::is_alphabetic))
    }) || open_ended(text, token)
}

static ON_REQUEST: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"(?i)on request|on application|\bpoa\b|auf anfrage|preis nach|n\.? ?v\.? ?t|уточняйте|по запросу|за домовленістю|договорная|a consultar|sob consulta|bajo consulta|prix sur demande|nous consulter|op aanvraag|na zapytanie|do negocjacji$|free shipping|gratis versand",
    )
    .ok()
});

static DATE_LIKE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"(?i)^\s*\d{1,2}[-/]\d{1,2}([-/]\d{2,4})?\s*$|\b(january|february|march|april|may|june|july|august|september|october|november|december)\b[ ,.]*\d{2,4}",
    )
    .ok()
});

/// The text holds numbers, but says that there is no price.
fn no_price(text: &str) -> bool {
    let says = |re: &Option<Regex>| re.as_ref().is_some_and(|re| re.is_match(text));
    says(&ON_REQUEST) || says(&DATE_LIKE)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn eur(text: &str) -> Option<i64> {
        money(text, "EUR").map(|m| m.minor)
    }

    #[test]
    fn words_around_an_amount_do_not_change_it() {
        assert_eq!(eur("1.234 € VB"), Some(123_400));
        assert_eq!(eur("ab 2.99 €"), Some(299));
        assert_eq!(eur("1,250 € / month"), Some(125_000));
        assert_eq!(eur("From 26 to 50 €"), Some(2_600));
        assert_eq!(eur("€ 120.00"), Some(12_000));
    }

    #[test]
    fn a_text_without_an_amount_is_unknown_never_zero() {
        for text in
            ["VB", "Zu verschenken", "Preis auf Anfrage", "", "82 m²", "25-09", "July, 2004"]
        {
            assert_eq!(money(text, "EUR"), None, "{text}");
        }
        assert_eq!(eur("0,00 €"), Some(0));
    }

    #[test]
    fn the_currency_of_the_text_beats_that_of_the_site() {
        let code = |text| money(text, "EUR").map(|m| m.currency);
        assert_eq!(code("$1,190.00 AUD").as_deref(), Some("AUD"));
        assert_eq!(code("AED 8000 (USD 2179)").as_deref(), Some("AED"));
        assert_eq!(code("1990").as_deref(), Some("EUR"));
        assert_eq!(money("12,000원", "KRW").map(|m| m.minor), Some(12_000));
    }

    proptest! {
        #[test]
        fn any_text_is_read_without_panic(text in "\\PC{0,40}", own in "[A-Z]{3}") {
            let _ = money(&text, &own);
        }

        #[test]
        fn money_like_texts_are_read_without_panic(text in "[0-9.,' €$krРzł+/%-]{0,24}") {
            let _ = read(&text, Context { decimal: Some('€'), ..Context::default() });
            let _ = money(&text, "SEK");
        }

        #[test]
        fn a_printed_amount_reads_as_itself(
            minor in 0i64..=i64::MAX,
            code in prop::sample::select(vec!["EUR", "USD", "JPY", "KWD", "CHF", "PLN", "SEK", "UAH"]),
            decimal in prop::sample::select(vec!['.', ',']),
        ) {
            let value = Money { minor, currency: code.to_owned() };
            prop_assert_eq!(money(&print(&value, decimal), "EUR"), Some(value));
        }
    }
}
