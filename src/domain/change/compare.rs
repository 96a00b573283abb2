//! From what is known and what a page shows to one change, and to what is to be written. Pure.

use chrono::{DateTime, Utc};
use sites::{Listing, Money};

use super::gate::{self, Ruling};
use super::{
    Change, ChangeKind, Doubt, FieldChange, Fields, KnownListing, PriceWrite, Rules, STATE, Status,
};

/// A listing as a page shows it.
#[derive(Debug, Clone)]
pub struct Sight<'a> {
    /// What the page says, and nothing else.
    pub read: &'a Listing,
    /// The same, completed by what was known where the page is silent.
    pub listing: Listing,
    /// Whether edits count: a list repeats what it said before, an offer's own page has its own words for it.
    pub edits: bool,
    /// Whether prices pass the gate unseen: the whole run was held before, and is confirmed.
    pub confirmed: bool,
    /// When it was read.
    pub at: DateTime<Utc>,
}

/// What happened, if it is worth telling.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// What.
    pub kind: ChangeKind,
    /// Version of the listing after it.
    pub version: i64,
    /// The price told before, for moves of it.
    pub price_before: Option<Money>,
    /// See [`Change::told_before`].
    pub told_before: Vec<Money>,
    /// The chosen fields that changed.
    pub fields: Vec<FieldChange>,
}

impl Event {
    fn new(kind: ChangeKind, version: i64) -> Self {
        Self { kind, version, price_before: None, told_before: vec![], fields: vec![] }
    }

    /// A listing that is known from another search, new in this one.
    pub fn known(known: &KnownListing) -> Self {
        Self::new(ChangeKind::New, known.version)
    }

    /// The change of a listing.
    pub fn of(self, key: sites::ListingKey, at: DateTime<Utc>, listing: Listing) -> Change {
        let Self { kind, version, price_before, told_before, fields } = self;
        Change { price_before, told_before, fields, ..Change::new(key, kind, version, at, listing) }
    }
}

/// A reading, judged.
#[derive(Debug, Clone, PartialEq)]
pub struct Judged {
    /// The listing as it is to be written: a price that is not believed is not in it.
    pub listing: Listing,
    /// What happened, if it is worth telling.
    pub event: Option<Event>,
    /// What becomes of the prices on record.
    pub price: PriceWrite,
    /// Why the price was not believed, if it was not.
    pub doubt: Option<Doubt>,
}

/// Judges what a page shows of a listing.
pub fn judge(known: Option<&KnownListing>, sight: Sight<'_>, rules: &Rules) -> Judged {
    match known {
        None => first(sight),
        Some(known) => again(known, sight, rules),
    }
}

/// An unknown listing is new, unless its page says that it is too late.
fn first(sight: Sight<'_>) -> Judged {
    let mut listing = sight.listing;
    let is_gone = Status::stated(&listing).is_some_and(Status::is_gone);
    let doubt = listing.price.take_if(|price| !gate::is_plausible(price));
    let point = listing.price.is_some().then_some((1, true));
    put_state(&mut listing, None);
    Judged {
        event: (!is_gone).then(|| Event::new(ChangeKind::New, 1)),
        price: PriceWrite { point, held: None },
        doubt: doubt.map(|_| Doubt::NoPrice),
        listing,
    }
}

fn again(known: &KnownListing, sight: Sight<'_>, rules: &Rules) -> Judged {
    let Sight { read, mut listing, at, .. } = sight;
    let before = known.listing.price.as_ref();
    let ruling = match gate::rule(before, &known.prices, read.price.as_ref(), at) {
        Ruling::Hold(..) if sight.confirmed => Ruling::Accept,
        ruling => ruling,
    };
    let (held, doubt) = match &ruling {
        Ruling::Accept => (None, None),
        Ruling::Unread => (known.prices.held.clone(), None),
        Ruling::Hold(held, doubt) => (Some(held.clone()), Some(*doubt)),
        Ruling::Reject(doubt) => (known.prices.held.clone(), Some(*doubt)),
    };
    if ruling != Ruling::Accept {
        keep_price(&mut listing, &known.listing, ruling == Ruling::Unread);
    }
    put_state(&mut listing, Some(known));
    let said = Status::stated(read);
    let status = status_event(known, said);
    let base = known.prices.base().or(before);
    let moved = match (base, &listing.price) {
        (Some(base), Some(now)) => rules.move_of(base, now),
        _ => None,
    };
    let is_over = known.gone && said.is_some_and(Status::is_gone);
    let fields = if sight.edits { rules.edited } else { Fields::default() };
    let fields = fields.changes(&known.listing, read);
    let edited = (!fields.is_empty()).then_some(ChangeKind::Edited);
    let kind = status.or(moved).or(edited).filter(|_| !is_over);
    let point = point(known, &listing, kind, moved.is_some());
    let version = known.version + 1;
    let event = kind.map(|kind| Event {
        price_before: base.filter(|_| moved.is_some()).cloned(),
        told_before: if moved.is_some() { known.prices.told() } else { vec![] },
        fields,
        ..Event::new(kind, version)
    });
    Judged { listing, event, price: PriceWrite { point, held }, doubt }
}

/// An offer's own page, or its absence, proves that it cannot be had, in this word. `None`: that was known.
pub fn ended(known: &KnownListing, word: &str) -> Option<(Event, Listing)> {
    let status = Status::of_word(word);
    let kind = status_event(known, Some(status)).filter(|kind| kind.ends())?;
    let mut listing = known.listing.clone();
    listing.attributes.insert(STATE.into(), word.to_owned());
    Some((Event::new(kind, known.version + 1), listing))
}

/// What a page's word about an offer changes. Being shown at all proves that what was gone is back; that what was
/// reserved is free again only a page can prove that would say so if it were not.
fn status_event(known: &KnownListing, said: Option<Status>) -> Option<ChangeKind> {
    let reserved = !known.gone && Status::stated(&known.listing) == Some(Status::Reserved);
    match said {
        Some(Status::Sold | Status::Removed) => (!known.gone).then_some(ChangeKind::Gone),
        Some(Status::Reserved) => (!reserved).then_some(ChangeKind::Reserved),
        Some(Status::Offered) => (known.gone || reserved).then_some(ChangeKind::Back),
        None => known.gone.then_some(ChangeKind::Back),
    }
}

/// Puts the state that is kept: `offered` goes without saying, and silence leaves a reservation.
fn put_state(listing: &mut Listing, known: Option<&KnownListing>) {
    match Status::stated(listing) {
        Some(Status::Offered) => {
            listing.attributes.remove(STATE);
        }
        Some(_) => {}
        None => {
            let known = known.filter(|known| !known.gone).map(|known| &known.listing);
            let reserved = known.filter(|one| Status::stated(one) == Some(Status::Reserved));
            if let Some(word) = reserved.and_then(|one| one.attributes.get(STATE)) {
                listing.attributes.insert(STATE.into(), word.clone());
            }
        }
    }
}

/// The price stays as it is known. Words in the place of an unread one are the page's.
fn keep_price(listing: &mut Listing, known: &Listing, is_unread: bool) {
    listing.price.clone_from(&known.price);
    if !is_unread {
        listing.price_text.clone_from(&known.price_text);
        listing.former_price.clone_from(&known.former_price);
    }
}

/// The point that the price becomes: version, and whether moves are measured from it.
fn point(
    known: &KnownListing,
    listing: &Listing,
    kind: Option<ChangeKind>,
    moved: bool,
) -> Option<(i64, bool)> {
    let now = listing.price.as_ref()?;
    let Some(before) = &known.listing.price else {
        // Known from now on: no move, and the beginning of all moves.
        return Some((known.version + i64::from(kind.is_some()), true));
    };
    let is_base = known.prices.base().unwrap_or(before) == now;
    let told = kind.is_some() && (moved || (kind == Some(ChangeKind::Back) && !is_base));
    let other_currency = before.currency != now.currency;
    (told || before != now).then_some((known.version + 1, told || other_currency))
}

#[cfg(test)]
#[path = "compare_tests.rs"]
mod tests;
