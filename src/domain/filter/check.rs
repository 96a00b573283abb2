//! Whether a filter makes sense: all problems at once, each with the field and what is wrong with it.
//!
//! A filter is checked when it is made or changed, by whoever takes it from a person. What is stored is not checked
//! again: the limits may change, and a watch that was good yesterday goes on.

use std::fmt::{self, Display, Formatter};
use std::ops::RangeInclusive;

use sites::transform::currency;

use super::expert::{Expr, Mistake};
use super::fold::{fold, words};
use super::{Filter, Place, pattern};

/// Radius of a circle, kilometres.
pub const NEAR_KM: RangeInclusive<f64> = 0.05..=1_000.0;
/// Corners of a polygon.
pub const CORNERS: RangeInclusive<usize> = 3..=100;
/// Words in a list, names of places, sites at most.
pub const WORDS: usize = 50;
/// Letters of a word at most.
pub const LETTERS: usize = 100;
/// Circles, polygons, ranges at most, of each.
pub const SHAPES: usize = 20;

/// Names of ranges that are said in another way.
const NOT_RANGES: [(&str, &str); 6] = [
    ("price", "min_price and max_price"),
    ("place", "place"),
    ("seller", "seller"),
    ("title", "all_words"),
    ("text", "all_words"),
    ("description", "all_words"),
];

/// Fields whose value may be demanded without a range for them.
const KNOWABLE: [&str; 6] = ["price", "place", "seller", "area", "rooms", "price_per_m2"];

/// A problem of a filter.
#[derive(Debug, Clone, PartialEq)]
pub struct Problem {
    /// The field as it is written in the filter: `ranges.rooms`, `place.near`.
    pub field: String,
    /// What is wrong.
    pub fault: Fault,
}

/// What is wrong with a field.
#[derive(Debug, Clone, PartialEq)]
pub enum Fault {
    /// The lowest value is above the highest.
    MinAboveMax,
    /// Below zero, or no number at all.
    BadNumber,
    /// Neither lowest nor highest is given.
    EmptyRange,
    /// Nothing but spaces or signs.
    EmptyWord,
    /// More letters than allowed.
    LongWord(usize),
    /// More entries than allowed.
    TooMany(usize),
    /// A word that is wanted and unwanted.
    Contradiction(String),
    /// No regular expression that we take, and why.
    BadPattern(String),
    /// The expert form cannot be read.
    BadExpert(Mistake),
    /// A number of corners.
    Corners(usize),
    /// A radius, kilometres.
    Radius(f64),
    /// No point on the earth.
    BadPoint,
    /// No ISO 4217 code.
    UnknownCurrency(String),
    /// A field that nothing is known of.
    UnknownField(String),
    /// Said in another field.
    SaidElsewhere(&'static str),
}

impl Display for Problem {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.field, self.fault)
    }
}

impl Display for Fault {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::MinAboveMax => f.write_str("the lowest value is above the highest; swap them"),
            Self::BadNumber => f.write_str("write a number from 0"),
            Self::EmptyRange => f.write_str("give a lowest or a highest value, or leave it out"),
            Self::EmptyWord => f.write_str("a word is empty; leave it out"),
            Self::LongWord(most) => write!(f, "a word is too long; at most {most} letters"),
            Self::TooMany(most) => write!(f, "there are too many; at most {most}"),
            Self::Contradiction(word) => {
                write!(f, "\"{word}\" is wanted and unwanted; keep it in one list")
            }
            Self::BadPattern(reason) => write!(f, "the regular expression does not work: {reason}"),
            Self::BadExpert(mistake) => mistake.fmt(f),
            Self::Corners(count) => write!(
                f,
                "a polygon has {} to {} corners, this one has {count}",
                CORNERS.start(),
                CORNERS.end()
            ),
            Self::Radius(km) => write!(
                f,
                "a radius is {} to {} km, this one is {km}",
                NEAR_KM.start(),
                NEAR_KM.end()
            ),
            Self::BadPoint => {
                f.write_str("write a latitude from -90 to 90, then a longitude from -180 to 180")
            }
            Self::UnknownCurrency(code) => {
                write!(f, "\"{code}\" is no currency; write a code such as EUR")
            }
            Self::UnknownField(name) => write!(
                f,
                "\"{name}\" is not asked for; name one of {} or of `ranges`",
                KNOWABLE.join(", ")
            ),
            Self::SaidElsewhere(field) => write!(f, "say this in `{field}`"),
        }
    }
}

/// Whether this is the code of a currency, in capital letters.
pub fn is_currency(code: &str) -> bool {
    code.len() == 3
        && code.bytes().all(|byte| byte.is_ascii_uppercase())
        && currency::resolve(code, None).as_deref() == Some(code)
}

impl Filter {
    /// All problems of the filter, in the order of its fields; none if it is good.
    pub fn check(&self) -> Vec<Problem> {
        let mut found = Findings::default();
        found.prices(self);
        found.ranges(self);
        found.all_words(self);
        if let Some(text) = &self.regex
            && let Err(reason) = pattern::compile(text)
        {
            found.add("regex", Fault::BadPattern(reason));
        }
        found.place(&self.place);
        found.count("sites", self.sites.len(), WORDS);
        for name in &self.must_know {
            if !KNOWABLE.contains(&name.as_str()) && !self.ranges.contains_key(name) {
                found.add("must_know", Fault::UnknownField(name.clone()));
            }
        }
        if let Some(Err(mistake)) = self.expert.as_deref().map(Expr::parse) {
            found.add("expert", Fault::BadExpert(mistake));
        }
        found.0
    }
}

#[derive(Default)]
struct Findings(Vec<Problem>);

impl Findings {
    fn add(&mut self, field: impl Into<String>, fault: Fault) {
        self.0.push(Problem { field: field.into(), fault });
    }

    fn count(&mut self, field: &str, count: usize, most: usize) {
        if count > most {
            self.add(field, Fault::TooMany(most));
        }
    }

    fn prices(&mut self, filter: &Filter) {
        for (field, price) in [("min_price", filter.min_price), ("max_price", filter.max_price)] {
            if price.is_some_and(|price| price < 0) {
                self.add(field, Fault::BadNumber);
            }
        }
        if let (Some(min), Some(max)) = (filter.min_price, filter.max_price)
            && min > max
        {
            self.add("min_price", Fault::MinAboveMax);
        }
        if let Some(code) = filter.currency.as_ref().filter(|code| !is_currency(code)) {
            self.add("currency", Fault::UnknownCurrency(code.clone()));
        }
    }

    fn ranges(&mut self, filter: &Filter) {
        self.count("ranges", filter.ranges.len(), SHAPES);
        for (name, range) in &filter.ranges {
            let field = format!("ranges.{name}");
            if let Some((_, other)) = NOT_RANGES.iter().find(|(known, _)| known == name) {
                self.add(field, Fault::SaidElsewhere(other));
                continue;
            }
            let ends = [range.min, range.max];
            if fold(name).is_empty() {
                self.add(field, Fault::EmptyWord);
            } else if ends.iter().flatten().any(|end| !end.is_finite()) {
                self.add(field, Fault::BadNumber);
            } else if ends == [None, None] {
                self.add(field, Fault::EmptyRange);
            } else if range.min.zip(range.max).is_some_and(|(min, max)| min > max) {
                self.add(field, Fault::MinAboveMax);
            }
        }
    }

    fn all_words(&mut self, filter: &Filter) {
        let lists = [
            ("all_words", &filter.all_words),
            ("any_words", &filter.any_words),
            ("none_words", &filter.none_words),
        ];
        for (field, list) in lists {
            self.words(field, list, fold);
        }
        let unwanted: Vec<String> = filter.none_words.iter().map(|word| fold(word)).collect();
        let both = filter.all_words.iter().filter(|word| unwanted.contains(&fold(word)));
        for word in both {
            self.add("none_words", Fault::Contradiction(word.clone()));
        }
    }

    /// Problems of a list, each kind once.
    fn words(&mut self, field: &str, list: &[String], fold: fn(&str) -> String) {
        self.count(field, list.len(), WORDS);
        if list.iter().any(|word| fold(word).is_empty()) {
            self.add(field, Fault::EmptyWord);
        }
        if list.iter().any(|word| word.chars().count() > LETTERS) {
            self.add(field, Fault::LongWord(LETTERS));
        }
    }

    fn place(&mut self, place: &Place) {
        self.words("place.names", &place.names, words);
        self.count("place.near", place.near.len(), SHAPES);
        self.count("place.inside", place.inside.len(), SHAPES);
        for circle in &place.near {
            if !is_point(circle.lat, circle.lon) {
                self.add("place.near", Fault::BadPoint);
            }
            if !NEAR_KM.contains(&circle.km) {
                self.add("place.near", Fault::Radius(circle.km));
            }
        }
        for corners in &place.inside {
            if !CORNERS.contains(&corners.len()) {
                self.add("place.inside", Fault::Corners(corners.len()));
            }
            if corners.iter().any(|[lat, lon]| !is_point(*lat, *lon)) {
                self.add("place.inside", Fault::BadPoint);
            }
        }
    }
}

fn is_point(lat: f64, lon: f64) -> bool {
    (-90.0..=90.0).contains(&lat) && (-180.0..=180.0).contains(&lon)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::filter::{Circle, Range};

    fn words(words: &[&str]) -> Vec<String> {
        words.iter().map(|word| (*word).to_owned()).collect()
    }

    fn problems(filter: &Filter) -> Vec<String> {
        filter.check().iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_good_filter_has_no_problem() {
        let mut good = Filter {
            min_price: Some(0),
            max_price: Some(90_000),
            currency: Some("EUR".into()),
            all_words: words(&["balcony"]),
            regex: Some("balco(n|ny)".into()),
            must_know: words(&["price", "rooms", "year"]),
            expert: Some("not title has \"swap\"".into()),
            ..Filter::default()
        };
        good.ranges.insert("year".into(), Range { min: Some(2_015.0), max: None });
        good.place.near.push(Circle { lat: 49.84, lon: 24.03, km: 5.0 });
        assert_eq!(problems(&good), Vec::<String>::new());
        assert_eq!(problems(&Filter::default()), Vec::<String>::new());
    }

    #[test]
    fn all_problems_are_told_at_once_each_with_its_field() {
        let mut bad = Filter {
            min_price: Some(200),
            max_price: Some(-1),
            currency: Some("EURO".into()),
            all_words: words(&["Swap", "  "]),
            none_words: words(&["swap"]),
            regex: Some("(".into()),
            must_know: words(&["mood"]),
            expert: Some("price <=".into()),
            sites: vec!["x".into(); WORDS + 1],
            ..Filter::default()
        };
        bad.any_words = vec!["x".repeat(LETTERS + 1)];
        let range = |min, max| Range { min, max };
        bad.ranges.insert("rooms".into(), range(Some(3.0), Some(2.0)));
        bad.ranges.insert("area".into(), range(Some(f64::NAN), None));
        bad.ranges.insert("year".into(), range(None, None));
        bad.ranges.insert("price".into(), range(Some(1.0), None));
        bad.place.names = words(&["–"]);
        bad.place.near.push(Circle { lat: 91.0, lon: 0.0, km: 5_000.0 });
        bad.place.inside.push(vec![[0.0, 0.0], [1.0, 1.0]]);
        let told = problems(&bad);
        for part in [
            "max_price: write a number from 0",
            "min_price: the lowest value is above the highest",
            "currency: \"EURO\" is no currency",
            "ranges.area: write a number",
            "ranges.price: say this in `min_price and max_price`",
            "ranges.rooms: the lowest",
            "ranges.year: give a lowest",
            "all_words: a word is empty",
            "any_words: a word is too long; at most 100",
            "none_words: \"Swap\" is wanted and unwanted",
            "regex: the regular expression does not work: unclosed group",
            "place.names: a word is empty",
            "place.near: write a latitude",
            "place.near: a radius is 0.05 to 1000 km, this one is 5000",
            "place.inside: a polygon has 3 to 100 corners, this one has 2",
            "sites: there are too many; at most 50",
            "must_know: \"mood\" is not asked for",
            "expert: column 9: expected a number, found the end",
        ] {
            assert!(told.iter().any(|line| line.starts_with(part)), "{part} in {told:#?}");
        }
        assert_eq!(told.len(), 18, "{told:#?}");
    }
}
