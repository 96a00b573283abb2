//! Filters in words: the line that says what a watch wants, why a listing was or was not wanted, and what is wrong
//! with a filter. Plain text for one line each. Pure.
//!
//! ```text
//! up to €900 · 2–3 rooms · within 5 km of 49.84, 24.03 · not: swap
//! ✗ up to €900 (€950)
//! ? 2–3 rooms (not known)
//! ```

use sites::Money;

use super::builder::{clean, cut};
use super::money::{measure, money};
use super::{Value, plain, say};
use crate::domain::filter::check::{Fault, Problem};
use crate::domain::filter::expert::Mistake;
use crate::domain::filter::{Condition, Finding, Place, Range, Seen, SellerKind, Truth};
use crate::domain::{ChangeKind, Filter, Language};

/// Longest condition, UTF-16 units.
const CONDITION: usize = 160;

/// Longest value that was seen, UTF-16 units.
const SEEN: usize = 60;

/// What a filter wants, in one line.
pub fn summary(language: Language, filter: &Filter) -> String {
    let parts: Vec<String> =
        filter.conditions().iter().map(|one| condition(language, one)).collect();
    if parts.is_empty() { plain(language, "filter-anything") } else { parts.join(" · ") }
}

/// What a condition asks for.
pub fn condition(language: Language, condition: &Condition) -> String {
    let list = |key: &str, name: &'static str, words: &[String]| {
        say(language, key, &[(name, Value::Text(&words.join(", ")))])
    };
    let text = match condition {
        Condition::Changes(kinds) => {
            let kinds: Vec<String> = kinds.iter().map(|kind| change(language, *kind)).collect();
            list("filter-changes", "kinds", &kinds)
        }
        Condition::Sites(sites) => list("filter-sites", "sites", sites),
        Condition::Price { min, max, currency } => {
            let amount = |minor: i64| amount(language, minor, currency.as_deref());
            span(language, min.map(amount), max.map(amount))
        }
        Condition::Number { field, range, currency } => {
            number(language, field, *range, currency.as_deref())
        }
        Condition::Seller(SellerKind::Private) => plain(language, "filter-seller-private"),
        Condition::Seller(SellerKind::Dealer) => plain(language, "filter-seller-dealer"),
        Condition::Photo => plain(language, "filter-photo"),
        Condition::Place(place) => where_it_is(language, place),
        Condition::AllWords(words) => list("filter-all-words", "words", words),
        Condition::AnyWords(words) => list("filter-any-words", "words", words),
        Condition::NoneWords(words) => list("filter-none-words", "words", words),
        Condition::Matches(pattern) => {
            say(language, "filter-pattern", &[("pattern", Value::Text(pattern))])
        }
        Condition::Expert { text, .. } => text.clone(),
        Condition::Known(field) => {
            say(language, "filter-known", &[("field", Value::Text(&name(language, field.name())))])
        }
    };
    cut(&clean(&text), CONDITION)
}

/// What a condition says of a listing, with the value that it saw.
pub fn finding(language: Language, finding: &Finding) -> String {
    let mark = match finding.truth {
        Truth::Yes => '✓',
        Truth::No => '✗',
        Truth::Unknown => '?',
    };
    let asked = condition(language, &finding.condition);
    let known = matches!(finding.condition, Condition::Known(_));
    let seen = match &finding.seen {
        Some(seen) => self::seen(language, seen),
        None if finding.truth == Truth::Unknown || known => plain(language, "filter-not-known"),
        None => return format!("{mark} {asked}"),
    };
    format!("{mark} {asked} ({})", cut(&clean(&seen), SEEN))
}

/// What is wrong with a field of a filter, and what to do.
pub fn problem(language: Language, problem: &Problem) -> String {
    let key = |name: &str| plain(language, &format!("filter-fault-{name}"));
    let with = |name: &str, value: &str| {
        say(language, &format!("filter-fault-{name}"), &[("value", Value::Text(value))])
    };
    let text = match &problem.fault {
        Fault::MinAboveMax => key("min-above-max"),
        Fault::BadNumber => key("number"),
        Fault::EmptyRange => key("empty-range"),
        Fault::EmptyWord => key("empty-word"),
        Fault::LongWord(most) => with("long-word", &most.to_string()),
        Fault::TooMany(most) => with("too-many", &most.to_string()),
        Fault::Contradiction(word) => with("contradiction", word),
        Fault::BadPattern(reason) => with("pattern", reason),
        Fault::BadExpert(Mistake { column, expected, found }) => {
            let column = column.to_string();
            let values = [
                ("column", Value::Text(&column)),
                ("expected", Value::Text(expected)),
                ("found", Value::Text(found)),
            ];
            say(language, "filter-fault-expert", &values)
        }
        Fault::Corners(count) => with("corners", &count.to_string()),
        Fault::Radius(km) => with("radius", &km.to_string()),
        Fault::BadPoint => key("point"),
        Fault::UnknownCurrency(code) => with("currency", code),
        Fault::UnknownField(name) => with("field", name),
        Fault::SaidElsewhere(field) => with("elsewhere", field),
    };
    format!("{}: {}", clean(&problem.field), clean(&text))
}

fn seen(language: Language, seen: &Seen) -> String {
    match seen {
        Seen::Change(kind) => change(language, *kind),
        Seen::Site(site) => site.clone(),
        Seen::Money(amount) => money(amount, language),
        Seen::Number(number) => plain_number(language, *number),
        Seen::Text(text) => text.clone(),
        Seen::Position(point) => format!("{}, {}", point.lat, point.lon),
        Seen::Seller(SellerKind::Private) => plain(language, "filter-seller-private"),
        Seen::Seller(SellerKind::Dealer) => plain(language, "filter-seller-dealer"),
        Seen::Words(words) if words.is_empty() => plain(language, "filter-no-words"),
        Seen::Words(words) => words.join(", "),
        Seen::Pictures(count) => {
            let count = i64::try_from(*count).unwrap_or(i64::MAX);
            say(language, "filter-pictures", &[("count", Value::Count(count))])
        }
    }
}

fn change(language: Language, kind: ChangeKind) -> String {
    let key = match kind {
        ChangeKind::New => "filter-change-new",
        ChangeKind::PriceDown => "filter-change-price-down",
        ChangeKind::PriceUp => "filter-change-price-up",
        ChangeKind::Back => "filter-change-back",
        ChangeKind::Edited => "filter-change-edited",
        ChangeKind::Gone => "filter-change-gone",
        ChangeKind::Reserved => "filter-change-reserved",
    };
    plain(language, key)
}

/// `2–3`, `from 2`, `up to 3`.
fn span(language: Language, low: Option<String>, high: Option<String>) -> String {
    match (low, high) {
        (Some(low), Some(high)) if low == high => low,
        (Some(low), Some(high)) => format!("{low}–{high}"),
        (Some(low), None) => say(language, "filter-from", &[("low", Value::Text(&low))]),
        (None, Some(high)) => say(language, "filter-up-to", &[("high", Value::Text(&high))]),
        (None, None) => plain(language, "filter-any-value"),
    }
}

fn number(language: Language, field: &str, range: Range, currency: Option<&str>) -> String {
    let digits = |value: f64| match field {
        // A year has no separator between its thousands.
        "year" => value.to_string(),
        #[expect(clippy::cast_possible_truncation, reason = "for display; the cast saturates")]
        "price_per_m2" => amount(language, value.round() as i64, currency),
        _ => plain_number(language, value),
    };
    let span = span(language, range.min.map(digits), range.max.map(digits));
    let range_value = ("range", Value::Text(span.as_str()));
    match field {
        "rooms" => {
            // What is not whole takes the form for many.
            let last = range.max.or(range.min).filter(|rooms| rooms.fract() == 0.0);
            #[expect(clippy::cast_possible_truncation, reason = "chooses a plural; it saturates")]
            let count = last.map_or(2, |rooms| rooms as i64);
            say(language, "filter-rooms", &[range_value, ("count", Value::Count(count))])
        }
        "area" => say(language, "filter-area", &[range_value]),
        "price_per_m2" => say(language, "filter-price-per-m2", &[range_value]),
        other => format!("{}: {span}", name(language, other)),
    }
}

/// An amount of money; without a currency only the number.
fn amount(language: Language, minor: i64, currency: Option<&str>) -> String {
    let currency = currency.unwrap_or_default().to_owned();
    money(&Money { minor, currency }, language).trim().to_owned()
}

fn plain_number(language: Language, value: f64) -> String {
    measure(value, language).unwrap_or_else(|| value.to_string())
}

fn where_it_is(language: Language, place: &Place) -> String {
    let mut ways = Vec::new();
    if !place.names.is_empty() {
        let names = place.names.join(", ");
        ways.push(say(language, "filter-in", &[("names", Value::Text(&names))]));
    }
    for circle in &place.near {
        let km = plain_number(language, circle.km);
        let point = format!("{}, {}", circle.lat, circle.lon);
        let values = [("km", Value::Text(&km)), ("point", Value::Text(&point))];
        ways.push(say(language, "filter-near", &values));
    }
    if !place.inside.is_empty() {
        ways.push(plain(language, "filter-inside"));
    }
    ways.join(&format!(" {} ", plain(language, "filter-or")))
}

/// The name of a field; an attribute is called what the site calls it.
fn name(language: Language, field: &str) -> String {
    match field {
        "price" => plain(language, "filter-field-price"),
        "place" => plain(language, "filter-field-place"),
        "seller" => plain(language, "filter-field-seller"),
        "area" => plain(language, "filter-field-area"),
        "rooms" => plain(language, "filter-field-rooms"),
        "price_per_m2" => plain(language, "filter-field-price-per-m2"),
        "year" => plain(language, "filter-field-year"),
        "mileage" => plain(language, "filter-field-mileage"),
        other => other.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::filter::Circle;

    fn example() -> Filter {
        let mut filter = Filter {
            max_price: Some(90_000),
            currency: Some("EUR".into()),
            none_words: vec!["swap".into()],
            ..Filter::default()
        };
        filter.ranges.insert("rooms".into(), Range { min: Some(2.0), max: Some(3.0) });
        filter.place.near.push(Circle { lat: 49.84, lon: 24.03, km: 5.0 });
        filter
    }

    #[test]
    fn a_filter_is_one_line_in_every_language() {
        for (language, line) in [
            (Language::En, "up to €900 · 2–3 rooms · within 5 km of 49.84, 24.03 · not: swap"),
            (
                Language::Ru,
                "до 900\u{a0}€ · комнат: 2–3 · не дальше 5 км от 49.84, 24.03 · без: swap",
            ),
            (
                Language::Uk,
                "до 900\u{a0}€ · кімнат: 2–3 · не далі 5 км від 49.84, 24.03 · без: swap",
            ),
        ] {
            // `clean` makes every space an ordinary one.
            assert_eq!(summary(language, &example()), line.replace('\u{a0}', " "));
        }
        assert_eq!(summary(Language::En, &Filter::default()), "all offers");
    }

    #[test]
    fn each_condition_has_words() {
        let mut filter = Filter {
            min_price: Some(5_000),
            max_price: Some(5_000),
            all_words: vec!["balcony".into(), "lift".into()],
            any_words: vec!["new".into()],
            regex: Some("a|b".into()),
            seller: Some(SellerKind::Private),
            with_photo: true,
            sites: vec!["demo".into()],
            must_know: vec!["price".into(), "seller".into()],
            expert: Some("photo or price < 5".into()),
            changes: vec![ChangeKind::New, ChangeKind::PriceDown],
            ..Filter::default()
        };
        let range = |min, max| Range { min, max };
        filter.ranges.insert("year".into(), range(Some(2_015.0), None));
        filter.ranges.insert("rooms".into(), range(None, Some(1.0)));
        filter.ranges.insert("price_per_m2".into(), range(None, Some(150_000.0)));
        filter.place.names = vec!["Lviv".into(), "Kyiv".into()];
        filter.place.inside = vec![vec![[0.0, 0.0], [1.0, 0.0], [1.0, 1.0]]];
        assert_eq!(
            summary(Language::En, &filter),
            "only: new, cheaper · on demo · 50 · up to 1,500 per m² · up to 1 room · year: from 2015 · \
             private sellers · with photo · in Lviv, Kyiv or in the drawn area · with: balcony, lift · \
             any of: new · matching /a|b/ · photo or price < 5 · price must be known · seller must be known"
        );
    }

    #[test]
    fn a_finding_shows_what_was_seen() {
        let mut listing = sites::Listing::new("1", "https://example.com/1", "Flat, swap possible");
        listing.price = Some(Money { minor: 95_000, currency: "EUR".into() });
        let all = example().explain(ChangeKind::New, "demo", &listing);
        let lines: Vec<String> = all.iter().map(|one| finding(Language::En, one)).collect();
        assert_eq!(
            lines,
            [
                "✗ up to €900 (€950)",
                "? 2–3 rooms (not known)",
                "? within 5 km of 49.84, 24.03 (not known)",
                "✗ not: swap (swap)",
            ]
        );
    }

    #[test]
    fn every_problem_has_words_in_every_language() {
        let faults = [
            Fault::MinAboveMax,
            Fault::BadNumber,
            Fault::EmptyRange,
            Fault::EmptyWord,
            Fault::LongWord(7),
            Fault::TooMany(7),
            Fault::Contradiction("7".into()),
            Fault::BadPattern("7".into()),
            Fault::BadExpert(Mistake { column: 7, expected: "7".into(), found: "7".into() }),
            Fault::Corners(7),
            Fault::Radius(7.0),
            Fault::BadPoint,
            Fault::UnknownCurrency("7".into()),
            Fault::UnknownField("7".into()),
            Fault::SaidElsewhere("7"),
        ];
        for language in Language::ALL {
            for fault in &faults {
                let told =
                    problem(language, &Problem { field: "rooms".into(), fault: fault.clone() });
                let whole = told.starts_with("rooms: ")
                    && !told.contains("Unknown")
                    && !told.contains("{$");
                assert!(whole, "{told}");
            }
        }
    }

    /// Keys of a file with the names of their placeholders.
    fn keys(language: Language, file: &str) -> Vec<(String, Vec<String>)> {
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/texts");
        let text =
            std::fs::read_to_string(root.join(language.code()).join(file)).expect("is there");
        let mut found: Vec<(String, Vec<String>)> = Vec::new();
        for line in text.lines() {
            if let Some((key, _)) = line.split_once(" =").filter(|_| !line.starts_with(' ')) {
                found.push((key.to_owned(), vec![]));
            }
            let names = line.split("{ $").skip(1).filter_map(|part| part.split(' ').next());
            let Some((_, known)) = found.last_mut() else { continue };
            known.extend(names.map(str::to_owned));
            known.sort();
            known.dedup();
        }
        found.sort();
        found
    }

    #[test]
    fn every_sentence_is_there_in_every_language_with_the_same_placeholders() {
        for file in ["filter.ftl", "paste.ftl"] {
            let english = keys(Language::En, file);
            assert!(english.len() > 30, "{file}");
            for language in Language::ALL {
                assert_eq!(keys(language, file), english, "{file} {}", language.code());
            }
        }
    }
}
