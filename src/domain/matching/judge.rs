//! What a listing says to programs: each value is asked for once, however many watches look at it.

use std::collections::HashMap;

use super::block::{Found, Shown};
use super::program::{Circles, Numbers, Step, kind_bit, read};
use super::sign::Shape;
use super::terms::Terms;
use super::vocabulary::Marks;
use crate::domain::change::ChangeKind;
use crate::domain::filter::geo::is_near;
use crate::domain::filter::{Facts, SellerKind};

/// What is used again for the next listing.
#[derive(Debug, Default)]
pub(super) struct Scratch {
    pub words: Vec<u32>,
    has_word: Marks,
    pub names: Vec<u32>,
    has_name: Marks,
    numbers: Vec<Option<Option<f64>>>,
    parts: HashMap<(u32, ChangeKind), bool>,
    shape: Shape,
    pub found: Found,
    /// First watches of the groups that want it.
    pub heads: Vec<u32>,
    /// Watches that want it.
    pub watches: Vec<u32>,
    /// Groups that were named.
    pub seen: Marks,
}

impl Scratch {
    /// Memory, bytes.
    pub fn bytes(&self) -> usize {
        let found = [&self.found.sure, &self.found.perhaps];
        let lists = [&self.words, &self.names, &self.heads, &self.watches].into_iter().chain(found);
        lists.map(|list| list.capacity() * 4).sum::<usize>()
            + self.has_word.bytes()
            + self.has_name.bytes()
            + self.seen.bytes()
            + self.found.known.capacity() * size_of::<u128>()
            + self.numbers.capacity() * size_of::<Option<Option<f64>>>()
            + self.parts.capacity() * 16
    }
}

/// A listing before the index.
#[derive(Debug)]
pub(super) struct Judge<'a> {
    facts: &'a Facts<'a>,
    terms: &'a Terms,
    kinds: &'a [ChangeKind],
    site: Option<u32>,
    scratch: &'a mut Scratch,
}

impl<'a> Judge<'a> {
    /// Finds the words and names that the listing has.
    pub fn new(
        facts: &'a Facts<'a>,
        terms: &'a Terms,
        kinds: &'a [ChangeKind],
        scratch: &'a mut Scratch,
    ) -> Self {
        scratch.has_word.clear(&scratch.words);
        scratch.has_name.clear(&scratch.names);
        scratch.words.clear();
        scratch.names.clear();
        scratch.found.known.clear();
        scratch.found.sure.clear();
        scratch.found.perhaps.clear();
        scratch.parts.clear();
        scratch.numbers.clear();
        scratch.numbers.resize(terms.fields.len(), None);
        terms.words.find(facts.text(), &mut scratch.words, &mut scratch.has_word);
        if let Some(place) = facts.place() {
            terms.names.find(place, &mut scratch.names, &mut scratch.has_name);
        }
        let site = terms.sites.find(facts.site());
        let names = facts.place().map(|_| scratch.names.as_slice());
        scratch.shape = Shape::new(names, &scratch.words);
        Self { facts, terms, kinds, site, scratch }
    }

    /// Lets `visit` gather candidates.
    pub fn gather(&mut self, visit: impl FnOnce(&mut Self, &mut Found)) {
        let mut found = std::mem::take(&mut self.scratch.found);
        visit(self, &mut found);
        self.scratch.found = found;
    }

    /// Moves those whose programs want the listing to the sure ones. Answers how many these are now.
    pub fn decide<'p>(&mut self, program: impl Fn(u32) -> &'p [u8]) -> usize {
        /// Programs that are fetched from memory at the same time.
        const TOGETHER: usize = 32;
        let found = &mut self.scratch.found;
        let mut sure = std::mem::take(&mut found.sure);
        let mut perhaps = std::mem::take(&mut found.perhaps);
        for some in perhaps.chunks(TOGETHER) {
            let ends = some.iter().map(|group| program(*group).last().copied().unwrap_or(0));
            std::hint::black_box(ends.fold(0u8, u8::wrapping_add));
            sure.extend(some.iter().filter(|group| self.wants(program(**group))));
        }
        perhaps.clear();
        let count = sure.len();
        (self.scratch.found.sure, self.scratch.found.perhaps) = (sure, perhaps);
        count
    }

    /// Whether the program wants it with one of the kinds.
    fn wants(&mut self, program: &[u8]) -> bool {
        let kinds = self.kinds;
        kinds.iter().any(|kind| {
            let (asked, mut steps) = read(program);
            asked & kind_bit(*kind) != 0 && steps.all(|step| self.holds(*kind, step))
        })
    }

    /// Whether a condition does not say no.
    fn holds(&mut self, kind: ChangeKind, step: Step<'_>) -> bool {
        match step {
            Step::Price { field, min, max } => {
                let asked = self.terms.fields.get(field).currency.as_deref();
                self.facts.price(asked).is_none_or(|price| {
                    min.is_none_or(|min| price >= min) && max.is_none_or(|max| price <= max)
                })
            }
            Step::Number { field, min, max } => self.number(field).is_none_or(|number| {
                min.is_none_or(|min| number >= min) && max.is_none_or(|max| number <= max)
            }),
            Step::Seller(kind) => self.facts.seller().is_none_or(|seller| seller == kind),
            Step::Photo => !self.facts.listing().images.is_empty(),
            Step::Sites(mut sites) => self.site.is_some_and(|own| sites.any(|site| site == own)),
            Step::Named(names) => self.facts.place().is_none() || self.is_named(names),
            Step::Near(names, circles) => self.is_near(names, circles),
            Step::All(mut words) => words.all(|word| self.scratch.has_word.has(word)),
            Step::Any(mut words) => words.any(|word| self.scratch.has_word.has(word)),
            Step::None(mut words) => !words.any(|word| self.scratch.has_word.has(word)),
            Step::Known(field) => self.number(field).is_some(),
            Step::KnownSeller => self.facts.seller().is_some(),
            Step::KnownName => self.facts.place().is_some(),
            Step::Part(part) => {
                let (terms, facts) = (self.terms, self.facts);
                let judged = self.scratch.parts.entry((part, kind));
                *judged.or_insert_with(|| terms.parts.holds(part, kind, facts))
            }
            Step::Never => false,
        }
    }

    fn is_named(&self, mut names: Numbers<'_>) -> bool {
        names.any(|name| self.scratch.has_name.has(name))
    }

    /// Any of the ways is enough; a way whose value is not known may be one.
    fn is_near(&self, names: Numbers<'_>, mut circles: Circles<'_>) -> bool {
        let Some(point) = self.facts.position() else { return true };
        (names.count_left() > 0 && self.facts.place().is_none())
            || self.is_named(names)
            || circles.any(|circle| is_near(&circle, point))
    }
}

impl Shown for Judge<'_> {
    fn number(&mut self, field: u32) -> Option<f64> {
        let known = &mut self.scratch.numbers[field as usize];
        *known.get_or_insert_with(|| {
            let field = self.terms.fields.get(field);
            self.facts.number(&field.name, field.currency.as_deref())
        })
    }

    fn kinds(&self) -> u8 {
        self.kinds.iter().fold(0, |all, kind| all | kind_bit(*kind))
    }

    fn names(&self) -> Option<&[u32]> {
        self.facts.place().map(|_| self.scratch.names.as_slice())
    }

    fn words(&self) -> &[u32] {
        &self.scratch.words
    }

    fn has_photo(&self) -> bool {
        !self.facts.listing().images.is_empty()
    }

    fn seller(&self) -> Option<SellerKind> {
        self.facts.seller()
    }

    fn shape(&self) -> &Shape {
        &self.scratch.shape
    }
}
