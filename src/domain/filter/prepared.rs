//! A filter prepared: words folded, expressions compiled, so that judging a listing allocates nothing.

use regex::Regex;

use super::condition::{Condition, Field};
use super::expert::{Expr, Judge};
use super::facts::Facts;
use super::fold::{fold, words};
use super::geo::{is_inside, is_near};
use super::pattern;
use super::truth::Truth;
use super::{Circle, Filter, Place, Range, SellerKind};
use crate::domain::change::ChangeKind;

/// How much of a listing has been read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Read {
    /// Only the list: its own page may add text and pictures.
    List,
    /// All that there is.
    Whole,
}

impl Read {
    /// What it says of a listing that something is not there.
    pub(super) fn absent(self) -> Truth {
        match self {
            Self::List => Truth::Unknown,
            Self::Whole => Truth::No,
        }
    }

    /// Whether something that is only ever added to is there.
    pub(super) fn holds(self, there: bool) -> Truth {
        if there { Truth::Yes } else { self.absent() }
    }
}

/// A filter ready to judge listings.
#[derive(Debug, Clone)]
pub struct Prepared {
    tests: Vec<Test>,
}

impl Prepared {
    /// Prepares a filter. A regular expression or an expert form that cannot be read (`Filter::check` refuses such)
    /// is a condition that never holds: a watch that tells nothing is found, one that tells everything is a flood.
    pub fn new(filter: &Filter) -> Self {
        Self { tests: filter.conditions().iter().map(Test::new).collect() }
    }

    /// Whether a listing with a change of `kind` is wanted: no condition says no.
    pub fn wants(&self, kind: ChangeKind, facts: &Facts<'_>) -> bool {
        self.judge(kind, facts, Read::Whole) != Truth::No
    }

    /// Whether it could be wanted once its own page is read.
    pub fn may_want(&self, kind: ChangeKind, facts: &Facts<'_>) -> bool {
        self.judge(kind, facts, Read::List) != Truth::No
    }

    /// What all conditions together say.
    pub fn judge(&self, kind: ChangeKind, facts: &Facts<'_>, read: Read) -> Truth {
        Truth::all(self.tests.iter().map(|test| test.truth(kind, facts, read)))
    }
}

/// A condition prepared.
#[derive(Debug, Clone)]
pub(super) enum Test {
    Changes(Vec<ChangeKind>),
    Sites(Vec<String>),
    Price(Option<i64>, Option<i64>, Option<String>),
    Number(String, Range, Option<String>),
    Seller(SellerKind),
    Photo,
    Place(Where),
    AllWords(Vec<String>),
    AnyWords(Vec<String>),
    NoneWords(Vec<String>),
    Matches(Regex),
    Expert(Judge),
    KnownNumber(String, Option<String>),
    KnownPlace(Where),
    KnownSeller,
    /// It could not be prepared: never met.
    Broken,
}

impl Test {
    pub(super) fn new(condition: &Condition) -> Self {
        let folded = |words: &[String]| words.iter().map(|word| fold(word)).collect();
        match condition {
            Condition::Changes(kinds) => Self::Changes(kinds.clone()),
            Condition::Sites(sites) => Self::Sites(sites.clone()),
            Condition::Price { min, max, currency } => Self::Price(*min, *max, currency.clone()),
            Condition::Number { field, range, currency } => {
                Self::Number(field.clone(), *range, currency.clone())
            }
            Condition::Seller(kind) => Self::Seller(*kind),
            Condition::Photo => Self::Photo,
            Condition::Place(place) => Self::Place(Where::new(place)),
            Condition::AllWords(words) => Self::AllWords(folded(words)),
            Condition::AnyWords(words) => Self::AnyWords(folded(words)),
            Condition::NoneWords(words) => Self::NoneWords(folded(words)),
            Condition::Matches(pattern) => {
                pattern::compile(pattern).map_or(Self::Broken, Self::Matches)
            }
            Condition::Expert { text, currency } => Expr::parse(text)
                .map_or(Self::Broken, |expr| Self::Expert(Judge::new(&expr, currency.as_deref()))),
            Condition::Known(Field::Number(name, currency)) => {
                Self::KnownNumber(name.clone(), currency.clone())
            }
            Condition::Known(Field::Place(place)) => Self::KnownPlace(Where::new(place)),
            Condition::Known(Field::Seller) => Self::KnownSeller,
        }
    }

    pub(super) fn truth(&self, kind: ChangeKind, facts: &Facts<'_>, read: Read) -> Truth {
        let stands = |word: &String| facts.text().contains(word.as_str());
        match self {
            Self::Changes(kinds) => kinds.contains(&kind).into(),
            Self::Sites(sites) => sites.iter().any(|site| site == facts.site()).into(),
            Self::Price(min, max, currency) => {
                Truth::of(facts.price(currency.as_deref()), |price| {
                    min.is_none_or(|min| price >= min) && max.is_none_or(|max| price <= max)
                })
            }
            Self::Number(field, range, currency) => {
                Truth::of(facts.number(field, currency.as_deref()), |number| range.holds(number))
            }
            Self::Seller(kind) => Truth::of(facts.seller(), |seller| seller == *kind),
            Self::Photo => read.holds(!facts.listing().images.is_empty()),
            Self::Place(place) => place.truth(facts),
            Self::AllWords(words) => read.holds(words.iter().all(stands)),
            Self::AnyWords(words) => read.holds(words.iter().any(stands)),
            Self::NoneWords(words) => !read.holds(words.iter().any(stands)),
            Self::Matches(regex) => read.matches(regex, facts.printed()),
            Self::Expert(judge) => judge.truth(kind, facts, read),
            Self::KnownNumber(name, currency) => {
                read.holds(facts.number(name, currency.as_deref()).is_some())
            }
            Self::KnownPlace(place) => read.holds(place.is_known(facts)),
            Self::KnownSeller => read.holds(facts.seller().is_some()),
            Self::Broken => Truth::No,
        }
    }
}

impl Read {
    /// Whether a text that may grow matches: text that is added may also end a match at the end of the text, so
    /// before the own page is read nothing is said.
    pub(super) fn matches(self, regex: &Regex, text: &str) -> Truth {
        match self {
            Self::List => Truth::Unknown,
            Self::Whole => regex.is_match(text).into(),
        }
    }
}

impl Range {
    /// Whether a number is in it, both ends included.
    pub fn holds(&self, number: f64) -> bool {
        self.min.is_none_or(|min| number >= min) && self.max.is_none_or(|max| number <= max)
    }
}

/// A place prepared: any of its ways is enough.
#[derive(Debug, Clone)]
pub(super) struct Where {
    names: Vec<String>,
    near: Vec<Circle>,
    inside: Vec<Vec<[f64; 2]>>,
}

impl Where {
    pub(super) fn new(place: &Place) -> Self {
        let names = place.names.iter().map(|name| words(name)).filter(|name| !name.is_empty());
        Self { names: names.collect(), near: place.near.clone(), inside: place.inside.clone() }
    }

    /// Names are judged by the printed place, circles and polygons by the position. If one of the two is unknown,
    /// the ways that need it are.
    pub(super) fn truth(&self, facts: &Facts<'_>) -> Truth {
        let named = if self.names.is_empty() {
            Truth::No
        } else {
            Truth::of(facts.place(), |place| {
                self.names.iter().any(|name| place.contains(name.as_str()))
            })
        };
        if named == Truth::Yes || (self.near.is_empty() && self.inside.is_empty()) {
            return named;
        }
        named.or(Truth::of(facts.position(), |point| {
            self.near.iter().any(|circle| is_near(circle, point))
                || self.inside.iter().any(|corners| is_inside(corners, point))
        }))
    }

    fn is_known(&self, facts: &Facts<'_>) -> bool {
        if self.names.is_empty() && self.near.is_empty() && self.inside.is_empty() {
            return facts.place().is_some() || facts.position().is_some();
        }
        self.truth(facts) != Truth::Unknown
    }
}
