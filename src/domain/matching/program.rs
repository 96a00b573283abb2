//! A filter as a short string of bytes, and what it says of a listing. Equal filters have equal strings.
//!
//! ```text
//! program = kinds (one bit each), condition …
//! condition = code, operands
//! ```
//!
//! Conditions stand in the order of [`Filter::conditions`], cheap ones first; the first that says no ends the reading.
//! Numbers are written in as few bytes as they need. What has no code of its own is a *part*: the evaluator
//! judges it, once per listing.

use super::bytes::{Reader, Writer};
use super::terms::{Field, Terms};
use super::vocabulary::LONGEST;
use crate::domain::change::ChangeKind;
use crate::domain::filter::condition::Field as Known;
use crate::domain::filter::fold::{fold, words};
use crate::domain::filter::{Circle, Condition, Filter, Place, SellerKind};

/// Longest program; a longer filter becomes one of parts.
pub(super) const MOST: usize = 4_096;

/// Bits of all kinds of change, those to come included.
pub(super) const ALL_KINDS: u8 = u8::MAX;

/// The bit of a kind. There may be eight.
pub(super) fn kind_bit(kind: ChangeKind) -> u8 {
    1 << (kind as u8)
}

/// A condition of a program.
#[derive(Debug, Clone, Copy)]
pub(super) enum Step<'p> {
    /// The price, minor units.
    Price { field: u32, min: Option<i64>, max: Option<i64> },
    /// Another number.
    Number { field: u32, min: Option<f64>, max: Option<f64> },
    /// Who offers it.
    Seller(SellerKind),
    /// With a picture.
    Photo,
    /// One of these sites.
    Sites(Numbers<'p>),
    /// A place that has one of these names.
    Named(Numbers<'p>),
    /// A place that has one of these names, or a point in one of these circles.
    Near(Numbers<'p>, Circles<'p>),
    /// All of these words.
    All(Numbers<'p>),
    /// One of these words.
    Any(Numbers<'p>),
    /// None of these words.
    None(Numbers<'p>),
    /// The number must be known.
    Known(u32),
    /// The seller's kind must be known.
    KnownSeller,
    /// The printed place must be known.
    KnownName,
    /// The evaluator judges it.
    Part(u32),
    /// It never holds.
    Never,
}

/// A list of numbers inside a program.
#[derive(Debug, Clone, Copy)]
pub(super) struct Numbers<'p>(Reader<'p>, usize);

impl Iterator for Numbers<'_> {
    type Item = u32;

    fn next(&mut self) -> Option<u32> {
        self.1 = self.1.checked_sub(1)?;
        u32::try_from(self.0.number()).ok()
    }
}

impl Numbers<'_> {
    /// How many are left.
    pub fn count_left(&self) -> usize {
        self.1
    }
}

/// A list of circles inside a program.
#[derive(Debug, Clone, Copy)]
pub(super) struct Circles<'p>(Reader<'p>, usize);

impl Iterator for Circles<'_> {
    type Item = Circle;

    fn next(&mut self) -> Option<Circle> {
        self.1 = self.1.checked_sub(1)?;
        Some(Circle { lat: self.0.float(), lon: self.0.float(), km: self.0.float() })
    }
}

const PRICE: u8 = 1;
const NUMBER: u8 = 2;
const SELLER: u8 = 3;
const PHOTO: u8 = 4;
const SITES: u8 = 5;
const NAMED: u8 = 6;
const NEAR: u8 = 7;
const ALL: u8 = 8;
const ANY: u8 = 9;
const NONE: u8 = 10;
const KNOWN: u8 = 11;
const KNOWN_SELLER: u8 = 12;
const KNOWN_NAME: u8 = 13;
const PART: u8 = 14;
const NEVER: u8 = 15;

/// Writes the program of a filter; what it speaks of is used once more from now on (see [`release`]).
pub(super) fn compile(filter: &Filter, terms: &mut Terms) -> Vec<u8> {
    let conditions = filter.conditions();
    let mut out = Writer::default();
    out.byte(kinds(&conditions));
    for condition in &conditions {
        write(condition, terms, &mut out);
    }
    if out.0.len() <= MOST {
        return out.0;
    }
    release(&out.0, terms);
    let mut out = Writer::default();
    out.byte(kinds(&conditions));
    for condition in conditions.iter().filter(|one| !matches!(one, Condition::Changes(_))) {
        part(condition, terms, &mut out);
    }
    out.0
}

fn kinds(conditions: &[Condition]) -> u8 {
    let asked = conditions.iter().filter_map(|condition| match condition {
        Condition::Changes(kinds) => Some(kinds.iter().fold(0, |all, kind| all | kind_bit(*kind))),
        _ => None,
    });
    asked.fold(ALL_KINDS, |all, bits| all & bits)
}

fn part(condition: &Condition, terms: &mut Terms, out: &mut Writer) {
    out.byte(PART);
    out.number(u64::from(terms.parts.take(condition)));
}

fn write(condition: &Condition, terms: &mut Terms, out: &mut Writer) {
    match condition {
        Condition::Changes(_) => {}
        Condition::Sites(sites) => {
            let sites: Vec<u32> = sites.iter().map(|site| terms.sites.take(site.clone())).collect();
            list(SITES, sites, out);
        }
        Condition::Price { min, max, currency } => {
            let field = field("price", currency.as_deref(), terms);
            range(PRICE, field, [min.is_some(), max.is_some()], out);
            min.iter().chain(max).for_each(|bound| out.signed(*bound));
        }
        Condition::Number { field: name, range: bounds, currency } => {
            let field = field(name, currency.as_deref(), terms);
            range(NUMBER, field, [bounds.min.is_some(), bounds.max.is_some()], out);
            bounds.min.iter().chain(&bounds.max).for_each(|bound| out.float(*bound));
        }
        Condition::Seller(kind) => {
            out.byte(SELLER);
            out.byte(u8::from(*kind == SellerKind::Dealer));
        }
        Condition::Photo => out.byte(PHOTO),
        Condition::Place(place) if place.inside.is_empty() => where_(place, condition, terms, out),
        Condition::AllWords(list) => some_words(ALL, list, condition, terms, out),
        Condition::AnyWords(list) => some_words(ANY, list, condition, terms, out),
        Condition::NoneWords(list) => some_words(NONE, list, condition, terms, out),
        Condition::Known(Known::Number(name, currency)) => {
            out.byte(KNOWN);
            out.number(u64::from(field(name, currency.as_deref(), terms)));
        }
        Condition::Known(Known::Seller) => out.byte(KNOWN_SELLER),
        Condition::Known(Known::Place(place))
            if place.near.is_empty() && place.inside.is_empty() && !names(place).is_empty() =>
        {
            out.byte(KNOWN_NAME);
        }
        other => part(other, terms, out),
    }
}

/// The number of a field. Only amounts of money have a currency.
fn field(name: &str, currency: Option<&str>, terms: &mut Terms) -> u32 {
    let is_money = crate::domain::filter::facts::is_money(name);
    let currency = currency.filter(|_| is_money).map(str::to_ascii_uppercase);
    terms.fields.take(Field { name: name.to_owned(), currency })
}

fn range(code: u8, field: u32, [min, max]: [bool; 2], out: &mut Writer) {
    out.byte(code);
    out.number(u64::from(field) << 2 | u64::from(max) << 1 | u64::from(min));
}

fn list(code: u8, mut numbers: Vec<u32>, out: &mut Writer) {
    numbers.sort_unstable();
    numbers.dedup();
    out.byte(code);
    out.number(numbers.len() as u64);
    numbers.into_iter().for_each(|number| out.number(u64::from(number)));
}

/// The names of a place as they are looked up.
fn names(place: &Place) -> Vec<String> {
    let mut names: Vec<String> = place.names.iter().map(|name| words(name)).collect();
    names.retain(|name| !name.is_empty());
    names.sort_unstable();
    names.dedup();
    names
}

fn where_(place: &Place, condition: &Condition, terms: &mut Terms, out: &mut Writer) {
    let names = names(place);
    if names.iter().any(|name| name.len() > LONGEST) {
        return part(condition, terms, out);
    }
    if names.is_empty() && place.near.is_empty() {
        return out.byte(NEVER);
    }
    let names = names.iter().map(|name| terms.names.take(name)).collect();
    if place.near.is_empty() {
        return list(NAMED, names, out);
    }
    list(NEAR, names, out);
    out.number(place.near.len() as u64);
    for Circle { lat, lon, km } in &place.near {
        [lat, lon, km].into_iter().for_each(|number| out.float(*number));
    }
}

fn some_words(
    code: u8,
    asked: &[String],
    condition: &Condition,
    terms: &mut Terms,
    out: &mut Writer,
) {
    let mut folded: Vec<String> = asked.iter().map(|word| fold(word)).collect();
    if folded.iter().any(|word| word.is_empty() || word.len() > LONGEST) {
        return part(condition, terms, out);
    }
    folded.sort_unstable();
    folded.dedup();
    let numbers = folded.iter().map(|word| terms.words.take(word)).collect();
    list(code, numbers, out);
}

/// The kinds of change and the conditions of a program.
pub(super) fn read(program: &[u8]) -> (u8, Steps<'_>) {
    let mut reader = Reader(program);
    (reader.byte(), Steps(reader))
}

/// The conditions of a program.
#[derive(Debug, Clone, Copy)]
pub(super) struct Steps<'p>(Reader<'p>);

impl<'p> Steps<'p> {
    fn numbers(&mut self) -> Numbers<'p> {
        let count = self.0.length();
        let list = Numbers(self.0, count);
        (0..count).for_each(|_| self.0.skip());
        list
    }

    fn field(&mut self) -> (u32, bool, bool) {
        let number = self.0.number();
        (u32::try_from(number >> 2).unwrap_or(u32::MAX), number & 1 != 0, number & 2 != 0)
    }
}

impl<'p> Iterator for Steps<'p> {
    type Item = Step<'p>;

    fn next(&mut self) -> Option<Step<'p>> {
        if self.0.0.is_empty() {
            return None;
        }
        Some(match self.0.byte() {
            PRICE => {
                let (field, min, max) = self.field();
                let mut bound = |given: bool| given.then(|| self.0.signed());
                Step::Price { field, min: bound(min), max: bound(max) }
            }
            NUMBER => {
                let (field, min, max) = self.field();
                let mut bound = |given: bool| given.then(|| self.0.float());
                Step::Number { field, min: bound(min), max: bound(max) }
            }
            SELLER if self.0.byte() == 0 => Step::Seller(SellerKind::Private),
            SELLER => Step::Seller(SellerKind::Dealer),
            PHOTO => Step::Photo,
            SITES => Step::Sites(self.numbers()),
            NAMED => Step::Named(self.numbers()),
            NEAR => {
                let names = self.numbers();
                let count = self.0.length();
                let circles = Circles(self.0, count);
                (0..count * 3).for_each(|_| _ = self.0.float());
                Step::Near(names, circles)
            }
            ALL => Step::All(self.numbers()),
            ANY => Step::Any(self.numbers()),
            NONE => Step::None(self.numbers()),
            KNOWN => Step::Known(u32::try_from(self.0.number()).unwrap_or(u32::MAX)),
            KNOWN_SELLER => Step::KnownSeller,
            KNOWN_NAME => Step::KnownName,
            PART => Step::Part(u32::try_from(self.0.number()).unwrap_or(u32::MAX)),
            _ => Step::Never,
        })
    }
}

/// What a program speaks of is used once less.
pub(super) fn release(program: &[u8], terms: &mut Terms) {
    for step in read(program).1 {
        match step {
            Step::Named(names) | Step::Near(names, _) => {
                names.for_each(|name| terms.names.release(name));
            }
            Step::All(words) | Step::Any(words) | Step::None(words) => {
                words.for_each(|word| terms.words.release(word));
            }
            Step::Part(part) => terms.parts.release(part),
            _ => {}
        }
    }
}
