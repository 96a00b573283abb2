//! Numbers, money and dates as people of each language write them. Pure.
//!
//! English: `1,234.50`, sign before. Russian and Ukrainian: a no-break space between thousands, a decimal
//! comma, sign after (`1 234,50 €`). A currency without a well-known single sign shows its code.

use std::sync::LazyLock;

use chrono::{DateTime, NaiveTime, Utc};
use chrono_tz::Tz;
use fixed_decimal::Decimal;
use icu_decimal::DecimalFormatter;
use sites::Money;

use super::dates;
use crate::domain::Language;

/// What writes numbers in each language, from the Unicode data (CLDR).
static PENS: LazyLock<Vec<(Language, Option<DecimalFormatter>)>> = LazyLock::new(|| {
    let pen = |language| {
        DecimalFormatter::try_new(dates::locale_of(language).into(), Default::default()).ok()
    };
    Language::ALL.into_iter().map(|language| (language, pen(language))).collect()
});

/// Keeps a number and its unit on one line.
const NO_BREAK: char = '\u{a0}';

/// Currencies whose smallest unit is not a hundredth: digits after the point (ISO 4217, column "minor unit").
const MINOR_DIGITS: &[(&str, usize)] = &[
    ("BHD", 3),
    ("BIF", 0),
    ("CLP", 0),
    ("DJF", 0),
    ("GNF", 0),
    ("IQD", 3),
    ("ISK", 0),
    ("JOD", 3),
    ("JPY", 0),
    ("KMF", 0),
    ("KRW", 0),
    ("KWD", 3),
    ("LYD", 3),
    ("OMR", 3),
    ("PYG", 0),
    ("RWF", 0),
    ("TND", 3),
    ("UGX", 0),
    ("UYI", 0),
    ("VND", 0),
    ("VUV", 0),
    ("XAF", 0),
    ("XOF", 0),
    ("XPF", 0),
];

/// Signs that name one currency only in the places where it is used.
const SIGNS: &[(&str, &str)] = &[
    ("EUR", "€"),
    ("GBP", "£"),
    ("GEL", "₾"),
    ("ILS", "₪"),
    ("INR", "₹"),
    ("JPY", "¥"),
    ("KRW", "₩"),
    ("KZT", "₸"),
    ("RUB", "₽"),
    ("TRY", "₺"),
    ("UAH", "₴"),
    ("USD", "$"),
    ("VND", "₫"),
];

/// An amount of money; a fraction of zero is left out.
pub fn money(amount: &Money, language: Language) -> String {
    let digits = minor_digits(&amount.currency);
    let number = fixed(amount.minor, digits, language);
    let sign = SIGNS.iter().find(|(code, _)| *code == amount.currency).map(|(_, sign)| *sign);
    match (language, sign) {
        (Language::En, Some(sign)) => match number.strip_prefix('−') {
            Some(positive) => format!("−{sign}{positive}"),
            None => format!("{sign}{number}"),
        },
        (Language::En, None) => format!("{}{NO_BREAK}{number}", amount.currency),
        (_, sign) => format!("{number}{NO_BREAK}{}", sign.unwrap_or(&amount.currency)),
    }
}

/// The price of one square metre, in whole units of the currency; `None` when the area says nothing.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    reason = "a rounded price for display; the cast saturates"
)]
pub fn per_square_metre(price: &Money, area: f64) -> Option<Money> {
    if !area.is_finite() || area < 1.0 || price.minor <= 0 {
        return None;
    }
    let unit = 10i64.pow(u32::try_from(minor_digits(&price.currency)).ok()?);
    let units = (price.minor as f64 / unit as f64 / area).round() as i64;
    let minor = units.checked_mul(unit)?;
    (minor > 0).then(|| Money { minor, currency: price.currency.clone() })
}

/// The change from `before` to `now` in per cent with its sign: one decimal below 10, whole numbers above.
/// `None` when the currencies differ or there was nothing before.
pub fn percentage(before: &Money, now: &Money, language: Language) -> Option<String> {
    if before.currency != now.currency || before.minor <= 0 {
        return None;
    }
    let (before, now) = (i128::from(before.minor), i128::from(now.minor));
    let tenths = divide_rounded((now - before) * 1_000, before);
    let tenths = i64::try_from(tenths).ok()?;
    let sign = if tenths < 0 { "−" } else { "+" };
    let size = tenths.abs();
    let number =
        if size < 100 { fixed(size, 1, language) } else { fixed((size + 5) / 10, 0, language) };
    Some(match language {
        Language::En => format!("{sign}{number}%"),
        Language::Ru | Language::Uk => format!("{sign}{number}{NO_BREAK}%"),
    })
}

/// A measure such as an area or a number of rooms, with at most one decimal; `None` when it is no number that
/// a person would write.
#[expect(clippy::cast_possible_truncation, reason = "the range is checked first")]
pub fn measure(value: f64, language: Language) -> Option<String> {
    if !value.is_finite() || value <= 0.0 || value > 1e12 {
        return None;
    }
    let tenths = (value * 10.0).round() as i64;
    (tenths > 0).then(|| fixed(tenths, 1, language))
}

/// A moment in UTC, for messages that people of all zones share; only the date when the page gave no time of day
/// (midnight sharp).
pub fn moment(at: DateTime<Utc>, language: Language) -> String {
    let date = day(at, language);
    if at.time() == NaiveTime::MIN {
        return date;
    }
    format!("{date}, {}{NO_BREAK}UTC", dates::time(at, Tz::UTC, language))
}

/// A day in UTC.
pub fn day(at: DateTime<Utc>, language: Language) -> String {
    dates::day(at, Tz::UTC, language)
}

/// A whole number with its thousands apart.
pub fn count(number: i64, language: Language) -> String {
    fixed(number, 0, language)
}

/// `value` with `digits` decimals implied; zero decimals are left out when all are zero.
fn fixed(value: i64, digits: usize, language: Language) -> String {
    let mut number = Decimal::from(value.unsigned_abs());
    number.multiply_pow10(-i16::try_from(digits).unwrap_or(0));
    let unit = 10u64.pow(u32::try_from(digits).unwrap_or(0));
    if value.unsigned_abs().is_multiple_of(unit) {
        number.trim_end();
    }
    let sign = if value < 0 { "−" } else { "" };
    match PENS.iter().find(|(of, _)| *of == language) {
        Some((_, Some(pen))) => format!("{sign}{}", pen.format(&number)),
        _ => format!("{sign}{number}"),
    }
}

/// How many digits of an amount of this currency stand behind the point (ISO 4217).
pub fn minor_digits(currency: &str) -> usize {
    MINOR_DIGITS.iter().find(|(code, _)| *code == currency).map_or(2, |(_, digits)| *digits)
}

/// Division rounded to the nearest, halves away from zero; `by` is positive.
fn divide_rounded(value: i128, by: i128) -> i128 {
    let half = if value < 0 { -by / 2 } else { by / 2 };
    (value + half) / by
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(minor: i64, currency: &str) -> Money {
        Money { minor, currency: currency.into() }
    }

    #[test]
    fn money_is_written_as_the_language_writes_it() {
        let cases = [
            (of(123_450, "EUR"), "€1,234.50", "1\u{a0}234,50\u{a0}€"),
            (of(45_000_000, "EUR"), "€450,000", "450\u{a0}000\u{a0}€"),
            (of(5, "USD"), "$0.05", "0,05\u{a0}$"),
            (of(120_000, "CHF"), "CHF\u{a0}1,200", "1\u{a0}200\u{a0}CHF"),
            (of(98_000, "JPY"), "¥98,000", "98\u{a0}000\u{a0}¥"),
            (of(1_500, "KWD"), "KWD\u{a0}1.500", "1,500\u{a0}KWD"),
            (of(-250_000, "UAH"), "−₴2,500", "−2\u{a0}500\u{a0}₴"),
            (of(0, "PLN"), "PLN\u{a0}0", "0\u{a0}PLN"),
            (
                of(i64::MIN, "GBP"),
                "−£92,233,720,368,547,758.08",
                "−92\u{a0}233\u{a0}720\u{a0}368\u{a0}547\u{a0}758,08\u{a0}£",
            ),
        ];
        for (amount, english, ukrainian) in cases {
            assert_eq!(money(&amount, Language::En), english);
            assert_eq!(money(&amount, Language::Uk), ukrainian);
            assert_eq!(money(&amount, Language::Ru), ukrainian);
        }
    }

    #[test]
    fn the_percentage_has_a_sign_and_a_decimal_only_when_it_is_small() {
        let cases = [
            (50_000, 45_000, "−10%", "−10\u{a0}%"),
            (50_000, 48_390, "−3.2%", "−3,2\u{a0}%"),
            (50_000, 75_000, "+50%", "+50\u{a0}%"),
            (1_000, 3_345_678, "+334,468%", "+334\u{a0}468\u{a0}%"),
            (30_000, 0, "−100%", "−100\u{a0}%"),
        ];
        for (before, now, english, russian) in cases {
            let (before, now) = (of(before, "EUR"), of(now, "EUR"));
            assert_eq!(percentage(&before, &now, Language::En).as_deref(), Some(english));
            assert_eq!(percentage(&before, &now, Language::Ru).as_deref(), Some(russian));
        }
        assert_eq!(percentage(&of(1, "EUR"), &of(2, "USD"), Language::En), None);
        assert_eq!(percentage(&of(0, "EUR"), &of(2, "EUR"), Language::En), None);
        assert!(percentage(&of(1, "EUR"), &of(i64::MAX, "EUR"), Language::En).is_none());
    }

    #[test]
    fn an_area_that_says_nothing_gives_no_price_per_metre() {
        let price = of(45_000_000, "EUR");
        assert_eq!(per_square_metre(&price, 81.5), Some(of(552_100, "EUR")));
        for area in [0.0, -3.0, f64::NAN, f64::INFINITY, 1e300] {
            assert_eq!(per_square_metre(&price, area), None, "{area}");
        }
        assert_eq!(per_square_metre(&of(98_000, "JPY"), 50.0), Some(of(1_960, "JPY")));
    }

    #[test]
    fn measures_lose_a_zero_decimal_and_nonsense_is_left_out() {
        assert_eq!(measure(81.0, Language::En).as_deref(), Some("81"));
        assert_eq!(measure(2.5, Language::Ru).as_deref(), Some("2,5"));
        assert_eq!(measure(1234.56, Language::En).as_deref(), Some("1,234.6"));
        for value in [0.0, -1.0, 0.01, f64::NAN, f64::INFINITY, 1e300] {
            assert_eq!(measure(value, Language::En), None, "{value}");
        }
    }

    #[test]
    fn midnight_sharp_is_a_date_without_a_time() {
        let at = |text: &str| text.parse::<DateTime<Utc>>().expect("a moment");
        assert_eq!(moment(at("2026-11-05T00:00:00Z"), Language::En), "5 Nov 2026");
        assert_eq!(moment(at("2026-11-05T14:05:00Z"), Language::En), "5 Nov 2026, 14:05\u{a0}UTC");
        let uk = moment(at("2026-11-05T14:05:00Z"), Language::Uk);
        assert_eq!(uk, "5 лист. 2026, 14:05\u{a0}UTC");
    }
}
