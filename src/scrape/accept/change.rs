//! What happened to each listing of a page. Pure.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sites::{Listing, ListingKey};

use super::Telling;
use super::reading::Reading;
use crate::domain::change::{
    Doubt, Event, Field, Judged, KnownListing, PriceWrite, Rules, Sight, judge,
};
use crate::domain::health::News;
use crate::domain::source::Source;
use crate::domain::{Change, ChangeKind};
use crate::scrape::stages::merge::with_known;
use crate::store::SeenItem;

/// A field that so many listings of a page have edited at once, …
const REPAINT_FROM: usize = 3;
/// … and more than this share of the page (one in so many), was edited by nobody: it is read in another way.
const REPAINT_ONE_IN: usize = 3;

/// As what the watches of the source at hand take a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Interest {
    /// They are not told: the baseline is silent.
    None,
    /// As what it is.
    Change,
    /// As a new listing, even if the site showed it elsewhere before.
    New,
}

/// A listing to be written, and what happened to it.
#[derive(Debug, Clone, PartialEq)]
pub struct Happening {
    /// The reading, completed by what was known where the page says nothing now.
    pub listing: Listing,
    /// Its fingerprint as read.
    pub fingerprint: i64,
    /// What happened, if it is worth telling.
    pub change: Option<Change>,
    /// What becomes of the prices on record.
    pub price: PriceWrite,
    /// Why the price as read is not believed, if it is not.
    pub doubt: Option<Doubt>,
    /// As what the source's own watches take it.
    pub interest: Interest,
    /// Whether it was unknown to this source: the storm guard counts these.
    pub is_new_here: bool,
}

impl Happening {
    /// Whether people who watch other searches of the site may want to hear of it.
    pub fn concerns_other_sources(&self) -> bool {
        self.change.as_ref().is_some_and(|change| change.kind != ChangeKind::New)
    }
}

/// What happened to each reading, in page order. `page_size` is the number of listings on all pages of the run.
pub fn happenings(
    source: &Source,
    readings: &[Reading],
    known: &HashMap<String, KnownListing>,
    rules: &Rules,
    telling: Telling,
    (page_size, at): (usize, DateTime<Utc>),
) -> Vec<Happening> {
    let confirmed = telling.news != News::All;
    let mut all: Vec<Happening> = readings
        .iter()
        .map(|reading| {
            let known = known.get(&reading.listing.id);
            happening(source, reading, known, rules, (confirmed, at))
        })
        .collect();
    for field in Field::ALL {
        calm_repaint(&mut all, field, page_size);
    }
    telling.keep(&mut all);
    all
}

fn happening(
    source: &Source,
    reading: &Reading,
    known: Option<&KnownListing>,
    rules: &Rules,
    (confirmed, at): (bool, DateTime<Utc>),
) -> Happening {
    let read = &reading.listing;
    let listing = match known {
        Some(known) => with_known(read, &known.listing),
        None => read.clone(),
    };
    let sight = Sight { read, listing, edits: true, confirmed, at };
    let Judged { listing, event, price, doubt } = judge(known, sight, rules);
    let in_source = known.is_some_and(|known| known.in_source);
    let is_new = |event: &Event| event.kind == ChangeKind::New;
    let (event, interest) = match (event, source.baseline_done) {
        // What is there at the beginning is no news; news about a listing known from elsewhere is, elsewhere.
        (Some(event), false) if is_new(&event) => (None, Interest::None),
        (None, false) => (None, Interest::None),
        (Some(event), false) => (Some(event), Interest::None),
        (Some(event), true) if in_source => (Some(event), Interest::Change),
        (Some(event), true) => (Some(event), Interest::New),
        (None, true) if in_source => (None, Interest::None),
        // Known from another search, new in this one. The version stays: for a chat that was told of it
        // there, it is the same event and the same message.
        (None, true) => (known.map(Event::known), Interest::New),
    };
    let key = ListingKey { site: source.spec.site.clone(), id: listing.id.clone() };
    let change = event.map(|event| event.of(key, at, listing.clone()));
    let fingerprint = reading.fingerprint;
    let is_new_here = !in_source;
    Happening { listing, fingerprint, change, price, doubt, interest, is_new_here }
}

/// Tells no edits of a field that changed all over the page: another layout or road prints it in another way.
fn calm_repaint(all: &mut [Happening], field: Field, page_size: usize) {
    let is_of = |one: &crate::domain::change::FieldChange| one.name == field.as_str();
    let edited = |one: &Happening| one.change.as_ref().is_some_and(|c| c.fields.iter().any(is_of));
    let count = all.iter().filter(|one| edited(one)).count();
    if count < REPAINT_FROM || count * REPAINT_ONE_IN <= page_size {
        return;
    }
    for one in all {
        let Some(change) = &mut one.change else { continue };
        change.fields.retain(|field| !is_of(field));
        if change.kind == ChangeKind::Edited && change.fields.is_empty() {
            one.change = None;
            one.interest = Interest::None;
        }
    }
}

impl Happening {
    /// Nobody is told. A new price is where moves are measured from all the same.
    pub(super) fn quieten(&mut self) {
        self.change = None;
        self.interest = Interest::None;
        if let Some((_, told)) = &mut self.price.point {
            *told = true;
        }
    }

    /// The reading as the seen-set is to remember it. One that is held must be found again, and so must the one
    /// that was true before it: no reading has this fingerprint.
    pub(super) fn mark(&self) -> SeenItem {
        let waits = self.doubt.is_some() && self.price.held.is_some();
        let fingerprint = if waits { !self.fingerprint } else { self.fingerprint };
        SeenItem { id: self.listing.id.clone(), fingerprint }
    }
}
