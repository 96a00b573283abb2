//! Finding a field again: which sources, tried on the items of the known listings, give the values that are known.

use crate::extract::document::{Document, Item};
use crate::extract::field::{As, Scope};
use crate::extract::source::{Alternative, Compiler};
use crate::listing::Listing;

use super::places::Choice;
use super::spec::FieldSpec;
use super::spots::{Spot, spots};
use super::values::{Reader, Value, known};

/// How sources did on the items of the known listings.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Tally {
    /// The known value was read.
    pub(super) right: usize,
    /// Another value was read.
    pub(super) wrong: usize,
    /// Nothing was read where a value is known.
    pub(super) missed: usize,
    /// Something was read where no value is known.
    pub(super) extra: usize,
}

impl Tally {
    /// Whether this is good enough to be trusted with a field. Without id, address and title there is no
    /// listing; a price may have changed since, a place hardly.
    pub(super) fn fits(self, field: &FieldSpec) -> bool {
        if is_mandatory(field) {
            return self.right >= 2 && self.wrong == 0 && self.missed == 0;
        }
        let slack = if matches!(field.kind, As::Money | As::Date) { 5 } else { 10 };
        self.right >= 1
            && self.wrong * slack <= self.right
            && self.extra * 4 <= self.right
            && self.missed <= 2 * self.right
    }

    #[expect(clippy::cast_precision_loss, reason = "a page holds few listings")]
    fn score(self) -> f64 {
        10.0 * self.right as f64 - 20.0 * self.wrong as f64 - 8.0 * self.extra as f64
    }
}

/// Whether a listing cannot do without the field.
pub(super) fn is_mandatory(field: &FieldSpec) -> bool {
    !field.attribute && matches!(field.name.as_str(), "id" | "url" | "title")
}

/// A source, compiled.
pub(super) struct Tried {
    pub(super) text: String,
    /// How well its names will last and say what they mean.
    pub(super) weight: f64,
    pub(super) compiled: Alternative,
}

/// The search on one page, for one place where the items may stand.
pub(super) struct Search<'a, 'd> {
    pub(super) document: &'d Document<'d>,
    pub(super) reader: Reader<'a>,
    pub(super) known: &'a [Listing],
    pub(super) choice: &'a Choice<'d>,
    pub(super) past: &'a [Past<'d>],
    spots: Vec<Vec<Spot<'d>>>,
}

/// An item of a saved page in the old layout, and what was read of it.
pub(super) struct Past<'d> {
    pub(super) document: &'d Document<'d>,
    pub(super) item: Item<'d>,
    pub(super) listing: Listing,
}

impl<'a, 'd> Search<'a, 'd> {
    /// A search among the items of a place.
    pub(super) fn new(
        document: &'d Document<'d>,
        reader: Reader<'a>,
        known: &'a [Listing],
        choice: &'a Choice<'d>,
        past: &'a [Past<'d>],
    ) -> Self {
        let spots = choice.holders.iter().map(|(_, item)| spots(*item)).collect();
        Search { document, reader, known, choice, past, spots }
    }

    /// The known listings with what stands in their items.
    pub(super) fn items(&self) -> impl Iterator<Item = (&'a Listing, &[Spot<'d>])> {
        let known = self.known;
        let listings = self.choice.holders.iter().map(move |(at, _)| &known[*at]);
        listings.zip(self.spots.iter().map(Vec::as_slice))
    }

    /// How often a source would say something else, or something more, in the old layout: the saved pages must
    /// read as before.
    fn harm(&self, field: &FieldSpec, source: &Alternative) -> usize {
        let harmed = self.past.iter().filter(|past| {
            let (document, item, id) = (past.document, past.item, past.listing.id.as_str());
            let scope = Scope { document, item, places: &[], id };
            let Some(printed) = scope.first_text(source) else { return false };
            let before = known(field, &past.listing);
            let now = Reader { base: &document.base, now: document.page.fetched_at, ..self.reader };
            let mut value = None;
            scope.find(source, &mut |found| {
                value = now.convert(field, &found);
                value.is_some()
            });
            match (before, value) {
                (Some(before), Some(value)) => !before.same(&value),
                (Some(_), None) => false,
                (None, _) => !printed.is_empty(),
            }
        });
        harmed.count()
    }
    /// How these sources do.
    pub(super) fn tally(&self, field: &FieldSpec, sources: &[String]) -> Tally {
        let mut compiler = Compiler::default();
        let mut all: Vec<Alternative> =
            sources.iter().filter_map(|text| compiler.alternative(text).ok()).collect();
        all.sort_by_key(Alternative::rank);
        self.tally_of(field, &all.iter().collect::<Vec<_>>())
    }

    fn tally_of(&self, field: &FieldSpec, sources: &[&Alternative]) -> Tally {
        let mut tally = Tally::default();
        for (at, item) in &self.choice.holders {
            let listing = &self.known[*at];
            let wanted = known(field, listing);
            let read = sources.iter().find_map(|one| self.read(field, *item, &listing.id, one));
            match (wanted, read) {
                (Some(a), Some(b)) if a.same(&b) => tally.right += 1,
                (Some(_), Some(_)) => tally.wrong += 1,
                (Some(_), None) => tally.missed += 1,
                (None, Some(_)) => tally.extra += 1,
                (None, None) => {}
            }
        }
        tally
    }

    fn read(
        &self,
        field: &FieldSpec,
        item: Item<'d>,
        id: &str,
        source: &Alternative,
    ) -> Option<Value> {
        let scope = Scope { document: self.document, item, places: &[], id };
        let mut out = None;
        scope.find(source, &mut |found| {
            out = self.reader.convert(field, &found);
            out.is_some()
        });
        out
    }

    /// The best sources for a field, most telling first.
    pub(super) fn best(&self, field: &FieldSpec) -> Option<(Vec<String>, Tally)> {
        if field.kind == As::Flag {
            return None;
        }
        let tried = self.candidates(field);
        let mut ranked: Vec<(f64, Tally, &Tried)> = tried
            .iter()
            .map(|one| {
                let tally = self.tally_of(field, &[&one.compiled]);
                #[expect(clippy::cast_precision_loss, reason = "saved pages hold few items")]
                let harm = 4.0 * self.harm(field, &one.compiled) as f64;
                (tally.score() + one.weight - harm, tally, one)
            })
            .filter(|(_, tally, _)| tally.right > 0 && tally.wrong * 5 <= tally.right)
            .collect();
        ranked.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.2.text.cmp(&b.2.text)));
        let (_, mut tally, first) = *ranked.first()?;
        let mut chosen = vec![first];
        // Where the first reads nothing another may: cards of two kinds on one page.
        for (_, _, other) in &ranked {
            if tally.missed == 0 || chosen.len() >= 3 {
                break;
            }
            let list: Vec<&Alternative> =
                chosen.iter().chain([other]).map(|one| &one.compiled).collect();
            let both = self.tally_of(field, &list);
            if both.right > tally.right && both.wrong == tally.wrong && both.extra <= tally.extra {
                chosen.push(other);
                tally = both;
            }
        }
        tally.fits(field).then(|| (chosen.iter().map(|one| one.text.clone()).collect(), tally))
    }
}
