//! A module whose site has changed, repaired from what is known of its listings.
//!
//! ```text
//! known listings ─► where are their addresses, ids, titles on the new page? ─► what repeats around them?
//!               ─► which sources inside give the known values? ─► the field map with only those values replaced
//!               ─► read the page with it: every known listing again, nothing twice, nothing less than before
//! ```
//!
//! Pure. A repair is a proposal: it says what changes and what was found again, and nothing is proposed that
//! reads a single known value of id, address or title differently. What only a person or more pages can tell
//! (the next layout of an empty page, a field that is gone) stays as it was and is named.
//!
//! - [`verify`]: what a proposal must hold, here and whenever it is tried again.

mod candidates;
mod cuts;
mod evidence;
mod fields;
mod names;
mod places;
mod spec;
mod spots;
mod values;
pub mod verify;

use crate::extract::document::Document;
use crate::extract::field::Scope;
use crate::listing::Listing;
use crate::page::Page;
use crate::site::Site;
use crate::testing::Case;

use self::fields::{Past, Search, is_mandatory};
use self::places::{Choice, MAX_EMBEDDED, choices, list_of};
use self::spec::{Edit, FieldSpec, Spec, edited};
use self::values::Reader;
use self::verify::Reproduced;

/// A repaired module.
#[derive(Debug, Clone)]
pub struct Repair {
    /// The whole `site.toml`; only broken values differ from the old one.
    pub toml: String,
    /// What differs, in the order of the file.
    pub changes: Vec<FieldChange>,
    /// Fields that were read before and are not found on the page any more.
    pub lost: Vec<String>,
    /// Known listings that are read again with the same values.
    pub found: usize,
    /// Known listings that were looked for.
    pub of: usize,
}

/// One value of the field map, before and after.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct FieldChange {
    /// Its key, like `listing.price`.
    pub field: String,
    /// The sources that were there.
    pub before: Vec<String>,
    /// The sources that are there now.
    pub after: Vec<String>,
}

/// Why there is no repair.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct NoRepair {
    /// One sentence for an operator.
    pub reason: String,
}

fn no(reason: impl Into<String>) -> NoRepair {
    NoRepair { reason: reason.into() }
}

/// In which order old and new sources stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Order {
    NewFirst,
    OldFirst,
}

/// Repairs a module by a page that it does not read any more. `known` are listings that stood there lately.
pub fn repair(site_toml: &str, page: &Page, known: &[Listing]) -> Result<Repair, NoRepair> {
    repair_keeping(site_toml, page, known, &[])
}

/// The same, and the saved cases of the module must still read as they did.
pub fn repair_keeping(
    site_toml: &str,
    page: &Page,
    known: &[Listing],
    cases: &[Case],
) -> Result<Repair, NoRepair> {
    let site = Site::from_toml("site.toml", site_toml)
        .map_err(|error| no(format!("the module itself does not load: {error}")))?;
    let spec = Spec::read(site_toml).ok_or_else(|| no("the field map cannot be read"))?;
    let known = &known[..known.len().min(evidence::MAX_KNOWN)];
    if known.len() < 2 {
        return Err(no(format!(
            "only {} listings of this search are known; a repair needs at least two to look for",
            known.len()
        )));
    }
    let document = Document::new(page, MAX_EMBEDDED);
    let places = choices(&document, known, &spec.items);
    let most = places.first().map_or(0, |place| place.holders.len());
    if most < least(known.len()) {
        return Err(no(format!(
            "{most} of {} known listings were found on the page, each in a part of its own; that is too few \
             to learn from",
            known.len()
        )));
    }
    let lists: Vec<_> = cases.iter().filter(|case| !site.is_detail(&case.page.url)).collect();
    let saved: Vec<Document<'_>> =
        lists.iter().map(|case| Document::new(&case.page, site.list.places.len())).collect();
    let past: Vec<Past<'_>> = saved.iter().flat_map(|document| items_of(&site, document)).collect();
    let work = Work {
        site_toml,
        site: &site,
        spec: &spec,
        page,
        document: &document,
        known,
        cases,
        past: &past,
    };
    let mut best: Option<(Rank, Repair)> = None;
    let mut reason = None;
    for place in places.iter().filter(|place| place.holders.len() >= least(known.len())) {
        match work.with(place) {
            Ok((rank, repair)) => {
                if best.as_ref().is_none_or(|(known, _)| rank > *known) {
                    best = Some((rank, repair));
                }
            }
            Err(no) => {
                reason.get_or_insert(no);
            }
        }
    }
    best.map(|(_, repair)| repair)
        .ok_or_else(|| reason.unwrap_or_else(|| no("no repeated part of the page could be read")))
}

/// The items of a saved page as the module reads them.
fn items_of<'d>(site: &'d Site, document: &'d Document<'d>) -> Vec<Past<'d>> {
    let layout = &site.list;
    let sources = layout.items.iter();
    let mut items = sources.map(|source| source.items(document, &layout.places));
    let Some(items) = items.find(|items| !items.is_empty()) else { return Vec::new() };
    let listings = site.parse(document.page).listings;
    let id = layout.fields.iter().find(|field| field.name == "id");
    let read = |item| {
        let scope = Scope { document, item, places: &layout.places, id: "" };
        let id = id?.alternatives.iter().find_map(|one| scope.first_text(one))?;
        let listing = listings.iter().find(|listing| listing.id == id)?.clone();
        Some(Past { document, item, listing })
    };
    items.into_iter().filter_map(read).collect()
}

/// So many known listings must be found again: a page turns over between two runs, but not all of it.
fn least(known: usize) -> usize {
    known.div_ceil(4).max(2)
}

/// Better repairs find more, lose less, change less and use names that last.
type Rank = (usize, usize, i64, i64, i64);

struct Work<'a> {
    site_toml: &'a str,
    site: &'a Site,
    spec: &'a Spec,
    page: &'a Page,
    document: &'a Document<'a>,
    known: &'a [Listing],
    cases: &'a [Case],
    past: &'a [Past<'a>],
}

/// New sources for a field, or none.
struct Found<'s> {
    field: &'s FieldSpec,
    sources: Vec<String>,
}

impl Work<'_> {
    fn with(&self, place: &Choice<'_>) -> Result<(Rank, Repair), NoRepair> {
        let reader = Reader {
            locale: &self.site.locale,
            base: &self.document.base,
            now: self.page.fetched_at,
        };
        let search = Search::new(self.document, reader, self.known, place, self.past);
        let mut found = Vec::new();
        let mut lost = Vec::new();
        let mut right = 0;
        for field in &self.spec.fields {
            let old = search.tally(field, &field.sources);
            let wanted = old.right + old.wrong + old.missed;
            let is_whole = old.fits(field) && old.missed == 0 && old.wrong == 0;
            let better = if is_whole || wanted == 0 { None } else { search.best(field) };
            match better {
                Some((sources, tally)) if tally.right > old.right || !old.fits(field) => {
                    right += tally.right;
                    found.push(Found { field, sources });
                }
                _ if old.fits(field) || wanted == 0 && old.extra == 0 => right += old.right,
                _ if is_mandatory(field) || self.is_required(field) => {
                    let name = &field.name;
                    return Err(no(format!(
                        "the known values of {name} were not found again in `{}`",
                        place.source
                    )));
                }
                _ if old.wrong + old.extra > 0 => {
                    let name = &field.name;
                    return Err(no(format!(
                        "{name} reads other values than before, and the right ones were not found"
                    )));
                }
                _ => lost.push(field.name.clone()),
            }
        }
        let mut last = no("the repaired module does not load");
        for order in [Order::NewFirst, Order::OldFirst] {
            let (edits, changes) = self.edits(place, &found, order);
            if changes.is_empty() {
                return Err(no("the module still reads every known value of this page"));
            }
            match self.checked(&edits, &lost) {
                Ok((toml, seen)) => {
                    let rank = rank(&seen, right, lost.len(), changes.len(), place.weight);
                    let (found, of) = (seen.found, self.known.len());
                    return Ok((rank, Repair { toml, changes, lost, found, of }));
                }
                Err(reason) => last = reason,
            }
        }
        Err(last)
    }

    /// A field that most known listings have, and that the module says a listing should have, or that alerts
    /// are made of.
    fn is_required(&self, field: &FieldSpec) -> bool {
        let name = field.name.as_str();
        if field.attribute || (name != "price" && !self.spec.required.iter().any(|r| r == name)) {
            return false;
        }
        let with = self.known.iter().filter(|l| crate::judge::has(l, name)).count();
        with * 2 >= self.known.len()
    }

    fn checked(&self, edits: &[Edit], lost: &[String]) -> Result<(String, Reproduced), NoRepair> {
        let toml = edited(self.site_toml, edits)
            .ok_or_else(|| no("the text of the module cannot be edited"))?;
        let site = Site::from_toml("site.toml", &toml)
            .map_err(|error| no(format!("the repaired module does not load: {error}")))?;
        let seen = verify::reproduces(&site, self.page, self.known, lost).map_err(no)?;
        let wrong = verify::replay(&site, self.cases);
        if let Some(first) = wrong.first() {
            return Err(no(format!("a saved case would read otherwise: {first}")));
        }
        Ok((toml, seen))
    }

    /// The values to replace: old sources stay as later (or earlier) alternatives.
    fn edits(
        &self,
        place: &Choice<'_>,
        found: &[Found<'_>],
        order: Order,
    ) -> (Vec<Edit>, Vec<FieldChange>) {
        let mut plan = Plan::default();
        if let Some(old) = &self.spec.wait_for
            && let Some(selector) = self.vanished(old, place)
        {
            // A browser waits for one selector, not for a list of sources.
            let both = vec![format!("{selector}, {old}")];
            plan.put(&["fetch", "wait_for"], std::slice::from_ref(old), both);
        }
        if !self.spec.items.contains(&place.source) {
            let items = joined(&self.spec.items, std::slice::from_ref(&place.source), order);
            plan.put(&["listing", "item"], &self.spec.items, items);
            // An empty list in the place of a full one is the proof that nothing matches.
            if let Some(list) = list_of(&place.source).filter(|_| !self.spec.empty.is_empty()) {
                let empty = joined(&self.spec.empty, &[list], Order::OldFirst);
                plan.put(&["check", "empty_when"], &self.spec.empty, empty);
            }
        }
        for Found { field, sources } in found {
            let path: Vec<&str> = field.path.iter().map(String::as_str).collect();
            plan.put(&path, &field.sources, joined(&field.sources, sources, order));
        }
        (plan.edits, plan.changes)
    }

    /// What to wait for when what was waited for is not on the page any more.
    fn vanished(&self, old: &str, place: &Choice<'_>) -> Option<String> {
        let html = self.document.html()?;
        let here = |text: &str| {
            crate::dom::Selector::parse(text).is_ok_and(|s| html.select(&s).next().is_some())
        };
        (!here(old) && here(&place.source)).then(|| place.source.clone())
    }
}

/// What is replaced, for the file and for people.
#[derive(Default)]
struct Plan {
    edits: Vec<Edit>,
    changes: Vec<FieldChange>,
}

impl Plan {
    fn put(&mut self, path: &[&str], before: &[String], after: Vec<String>) {
        if after == before {
            return;
        }
        let key = path.iter().filter(|key| **key != "from").copied().collect::<Vec<_>>();
        let (field, before) = (key.join("."), before.to_vec());
        self.changes.push(FieldChange { field, before, after: after.clone() });
        let path = path.iter().map(|key| (*key).to_owned()).collect();
        self.edits.push(Edit { path, value: after });
    }
}

fn joined(before: &[String], fresh: &[String], order: Order) -> Vec<String> {
    let (first, second) = match order {
        Order::NewFirst => (fresh, before),
        Order::OldFirst => (before, fresh),
    };
    let mut out = first.to_vec();
    out.extend(second.iter().filter(|text| !first.contains(text)).cloned());
    out
}

fn rank(seen: &Reproduced, right: usize, lost: usize, changes: usize, weight: f64) -> Rank {
    let number = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
    #[expect(clippy::cast_possible_truncation, reason = "weights are below 100")]
    let weight = (weight * 100.0) as i64;
    // What else a place shows may be advertisements in the same clothes.
    (seen.found, right, -number(seen.new), -number(lost) * 10 - number(changes), weight)
}
