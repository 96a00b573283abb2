//! An expression prepared: each test is judged once, so the work is linear in the expression.

use regex::Regex;

use super::{Expr, Op, Test};
use crate::domain::change::ChangeKind;
use crate::domain::filter::fold::{fold, words};
use crate::domain::filter::geo::{is_inside, is_near};
use crate::domain::filter::{Circle, Facts, Read, SellerKind, Truth, pattern};

/// An expression ready to judge listings.
#[derive(Debug, Clone)]
pub struct Judge(Node);

#[derive(Debug, Clone)]
enum Node {
    And(Vec<Node>),
    Or(Vec<Node>),
    Not(Box<Node>),
    Compare(String, Op, f64, Option<String>),
    Between(String, f64, f64, Option<String>),
    Has(Text, Vec<String>),
    Matches(Text, Regex),
    Place(Vec<String>),
    Sellers(Vec<SellerKind>),
    Sites(Vec<String>),
    Changes(Vec<ChangeKind>),
    OneOf(Text, Vec<String>),
    Near(Circle),
    Inside(Vec<[f64; 2]>),
    Photo,
    Known(String),
    /// It cannot be read, which the parser does not let through.
    Broken,
}

/// A text of a listing.
#[derive(Debug, Clone)]
enum Text {
    Title,
    Description,
    Both,
    Place,
    Seller,
    Attribute(String),
}

impl Judge {
    /// Prepares an expression; amounts of money that name no currency are meant in this one.
    pub fn new(expr: &Expr, currency: Option<&str>) -> Self {
        Self(Node::new(expr, currency))
    }

    /// What it says of a listing.
    pub fn truth(&self, kind: ChangeKind, facts: &Facts<'_>, read: Read) -> Truth {
        self.0.truth(kind, facts, read)
    }
}

impl Node {
    fn new(expr: &Expr, asked: Option<&str>) -> Self {
        let all = |parts: &[Expr]| parts.iter().map(|part| Self::new(part, asked)).collect();
        match expr {
            Expr::And(parts) => Self::And(all(parts)),
            Expr::Or(parts) => Self::Or(all(parts)),
            Expr::Not(inner) => Self::Not(Box::new(Self::new(inner, asked))),
            Expr::Test(test) => Self::of(test, asked),
        }
    }

    fn of(test: &Test, asked: Option<&str>) -> Self {
        let money = |own: &Option<String>| own.clone().or_else(|| asked.map(str::to_owned));
        match test {
            Test::Compare { field, op, value, currency } => {
                Self::Compare(field.clone(), *op, *value, money(currency))
            }
            Test::Between { field, from, to, currency } => {
                Self::Between(field.clone(), *from, *to, money(currency))
            }
            Test::Has { field, words } => {
                Self::Has(Text::of(field), words.iter().map(|word| fold(word)).collect())
            }
            Test::Matches { field, pattern } => pattern::compile(pattern)
                .map_or(Self::Broken, |regex| Self::Matches(Text::of(field), regex)),
            Test::OneOf { field, values } => Self::one_of(field, values),
            Test::Near(circle) => Self::Near(*circle),
            Test::Inside(corners) => Self::Inside(corners.clone()),
            Test::Photo => Self::Photo,
            Test::Known(field) => Self::Known(field.clone()),
        }
    }

    fn one_of(field: &str, values: &[String]) -> Self {
        let known = values.iter();
        match field {
            "place" => Self::Place(known.map(|name| words(name)).collect()),
            "seller" => Self::Sellers(known.filter_map(|v| SellerKind::from_word(v)).collect()),
            "site" => Self::Sites(values.to_vec()),
            "change" => Self::Changes(known.filter_map(|v| ChangeKind::from_word(v)).collect()),
            text => Self::OneOf(Text::of(text), known.map(|value| fold(value)).collect()),
        }
    }

    fn truth(&self, kind: ChangeKind, facts: &Facts<'_>, read: Read) -> Truth {
        let each = |node: &Self| node.truth(kind, facts, read);
        match self {
            Self::And(parts) => Truth::all(parts.iter().map(each)),
            Self::Or(parts) => Truth::any(parts.iter().map(each)),
            Self::Not(inner) => !each(inner),
            Self::Compare(field, op, value, asked) => {
                Truth::of(facts.amount(field, asked.as_deref()), |amount| op.holds(amount, *value))
            }
            Self::Between(field, from, to, asked) => {
                Truth::of(facts.amount(field, asked.as_deref()), |n| *from <= n && n <= *to)
            }
            Self::Has(text, words) => text.has(words, facts, read),
            Self::Matches(text, regex) => text.matches(regex, facts, read),
            Self::OneOf(text, values) => {
                Truth::of(text.printed(facts), |printed| values.contains(&fold(printed)))
            }
            Self::Place(names) => Truth::of(facts.place(), |place| {
                names.iter().any(|name| place.contains(name.as_str()))
            }),
            Self::Sellers(kinds) => Truth::of(facts.seller(), |seller| kinds.contains(&seller)),
            Self::Sites(sites) => sites.iter().any(|site| site == facts.site()).into(),
            Self::Changes(kinds) => kinds.contains(&kind).into(),
            Self::Near(circle) => Truth::of(facts.position(), |point| is_near(circle, point)),
            Self::Inside(corners) => Truth::of(facts.position(), |point| is_inside(corners, point)),
            Self::Photo => read.holds(!facts.listing().images.is_empty()),
            Self::Known(field) => read.holds(is_known(field, facts)),
            Self::Broken => Truth::No,
        }
    }
}

impl Text {
    fn of(field: &str) -> Self {
        match field {
            "title" => Self::Title,
            "description" => Self::Description,
            "text" => Self::Both,
            "place" => Self::Place,
            "seller" => Self::Seller,
            name => Self::Attribute(name.to_owned()),
        }
    }

    /// As printed. A listing without a description has an empty one.
    fn printed<'f>(&self, facts: &'f Facts<'_>) -> Option<&'f str> {
        let listing = facts.listing();
        match self {
            Self::Title => Some(&listing.title),
            Self::Description => Some(listing.description.as_deref().unwrap_or_default()),
            Self::Both => Some(facts.printed()),
            Self::Place => listing.location.as_deref(),
            Self::Seller => listing.seller.as_deref(),
            Self::Attribute(name) => facts.attribute(name),
        }
    }

    fn has(&self, words: &[String], facts: &Facts<'_>, read: Read) -> Truth {
        let any = |text: &str| words.iter().any(|word| text.contains(word.as_str()));
        match self {
            Self::Title => any(facts.title()).into(),
            Self::Description => read.holds(any(facts.description().unwrap_or_default())),
            Self::Both => read.holds(any(facts.text())),
            other => Truth::of(other.printed(facts), |printed| any(&fold(printed))),
        }
    }

    fn matches(&self, regex: &Regex, facts: &Facts<'_>, read: Read) -> Truth {
        match self {
            Self::Description | Self::Both => {
                read.matches(regex, self.printed(facts).unwrap_or_default())
            }
            other => Truth::of(other.printed(facts), |printed| regex.is_match(printed)),
        }
    }
}

fn is_known(field: &str, facts: &Facts<'_>) -> bool {
    match field {
        "price" | "price_per_m2" | "area" | "rooms" => facts.number(field, None).is_some(),
        "place" => facts.place().is_some(),
        "position" => facts.position().is_some(),
        "seller" => facts.seller().is_some(),
        "description" => facts.description().is_some(),
        name => facts.attribute(name).is_some(),
    }
}
