//! Why a listing is or is not wanted: each condition with what it says and what it saw.

use sites::{Money, Position};

use super::condition::{Condition, Field};
use super::expert::{Expr, Judge};
use super::facts::{Facts, is_money};
use super::fold::fold;
use super::prepared::{Read, Test};
use super::truth::Truth;
use super::{Filter, SellerKind};
use crate::domain::change::ChangeKind;

/// What a condition says of a listing.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// The condition. An expert form is taken apart at its outermost `and`: one finding for each part.
    pub condition: Condition,
    /// Met, not met, or unknown.
    pub truth: Truth,
    /// The value that it looked at; `None`: the listing has none.
    pub seen: Option<Seen>,
}

/// A value of a listing.
#[derive(Debug, Clone, PartialEq)]
pub enum Seen {
    /// A kind of change.
    Change(ChangeKind),
    /// Id of a site module.
    Site(String),
    /// An amount of money.
    Money(Money),
    /// A number.
    Number(f64),
    /// A text as printed: the place, or what a regular expression matched.
    Text(String),
    /// A point on the earth.
    Position(Position),
    /// Who offers it.
    Seller(SellerKind),
    /// Those of the condition's words that stand there; maybe none.
    Words(Vec<String>),
    /// A number of pictures.
    Pictures(usize),
}

/// What each condition of a filter says, in the order of [`Filter::conditions`].
pub fn explain(filter: &Filter, kind: ChangeKind, facts: &Facts<'_>) -> Vec<Finding> {
    let mut all = Vec::new();
    for condition in filter.conditions() {
        let parts = match &condition {
            Condition::Expert { text, currency } => Expr::parse(text).ok().map(|expr| {
                let part = |part: &Expr| Finding {
                    condition: Condition::Expert {
                        text: part.to_string(),
                        currency: currency.clone(),
                    },
                    truth: Judge::new(part, currency.as_deref()).truth(kind, facts, Read::Whole),
                    seen: seen_by(part, currency.as_deref(), facts),
                };
                expr.parts().iter().map(part).collect::<Vec<_>>()
            }),
            _ => None,
        };
        match parts {
            Some(parts) => all.extend(parts),
            None => all.push(Finding {
                truth: Test::new(&condition).truth(kind, facts, Read::Whole),
                seen: seen(&condition, kind, facts),
                condition,
            }),
        }
    }
    all
}

fn seen(condition: &Condition, kind: ChangeKind, facts: &Facts<'_>) -> Option<Seen> {
    let listing = facts.listing();
    let standing = |words: &[String]| {
        let there = words.iter().filter(|word| facts.text().contains(&fold(word)));
        Some(Seen::Words(there.cloned().collect()))
    };
    match condition {
        Condition::Changes(_) => Some(Seen::Change(kind)),
        Condition::Sites(_) => Some(Seen::Site(facts.site().to_owned())),
        Condition::Price { .. } => listing.price.clone().map(Seen::Money),
        Condition::Number { field, currency, .. } => number(field, currency.as_deref(), facts),
        Condition::Seller(_) | Condition::Known(Field::Seller) => facts.seller().map(Seen::Seller),
        Condition::Photo => Some(Seen::Pictures(listing.images.len())),
        Condition::Place(place) | Condition::Known(Field::Place(place)) => {
            let printed = || listing.location.clone().map(Seen::Text);
            let point = || listing.position.map(Seen::Position);
            if place.names.is_empty() { point().or_else(printed) } else { printed().or_else(point) }
        }
        Condition::AllWords(words) | Condition::AnyWords(words) | Condition::NoneWords(words) => {
            standing(words)
        }
        Condition::Matches(pattern) => {
            let regex = super::pattern::compile(pattern).ok()?;
            regex.find(facts.printed()).map(|found| Seen::Text(found.as_str().to_owned()))
        }
        Condition::Known(Field::Number(name, currency)) => number(name, currency.as_deref(), facts),
        Condition::Expert { .. } => None,
    }
}

/// A number, or the amount of money that it is; the price is shown even in a currency that was not asked for.
fn number(field: &str, asked: Option<&str>, facts: &Facts<'_>) -> Option<Seen> {
    if field == "price" {
        return facts.listing().price.clone().map(Seen::Money);
    }
    let number = facts.number(field, asked)?;
    if !is_money(field) {
        return Some(Seen::Number(number));
    }
    let currency = facts.listing().price.as_ref()?.currency.clone();
    #[expect(
        clippy::cast_possible_truncation,
        reason = "a rounded amount for display; the cast saturates"
    )]
    let minor = number.round() as i64;
    Some(Seen::Money(Money { minor, currency }))
}

/// What a single test of an expert form looked at; `None` for several tests together.
fn seen_by(expr: &Expr, currency: Option<&str>, facts: &Facts<'_>) -> Option<Seen> {
    let field = expr.only_field()?;
    match field {
        "place" => facts.listing().location.clone().map(Seen::Text),
        "position" => facts.position().map(Seen::Position),
        "seller" => facts.seller().map(Seen::Seller),
        "site" => Some(Seen::Site(facts.site().to_owned())),
        "title" => Some(Seen::Text(facts.listing().title.clone())),
        "description" | "text" | "change" => None,
        "photo" => Some(Seen::Pictures(facts.listing().images.len())),
        name => number(name, currency, facts)
            .or_else(|| facts.attribute(name).map(|text| Seen::Text(text.to_owned()))),
    }
}
