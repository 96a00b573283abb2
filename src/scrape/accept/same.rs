//! Listings that are another copy of a known one: on another site, or reposted under a new id.
//!
//! ```text
//! unknown listing ─► traits ─► candidates of its buckets ─► exactly one is the same ─► the change says so:
//!     cheaper than the known copies ─► price down (told also to those who know the thing)
//!     a repost at another price     ─► price up or down;  at the same price ─► back
//!     on another site, not cheaper  ─► stays new, told only to chats that were told of no copy
//! known listing, another price      ─► not told again to a chat that a copy has told of the same price
//! ```
//!
//! Chats that never heard of the thing are told as of any new listing, with a line about the other copy. Sketches
//! and links are written after the run (see [`ThingRecord`](crate::store::ThingRecord)): what is lost in a crash
//! costs a missed merge. Every doubt means "not the same".

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use sites::{Kind, ListingKey, Money};

use super::audience::{Audience, Place};
use super::change::Happening;
use crate::domain::change::{KnownListing, event_id};
use crate::domain::delivery::delivery_id;
use crate::domain::identity::{Candidate, SameAs, Traits, only_match};
use crate::domain::source::Source;
use crate::domain::{Change, ChangeKind, Class, DeliveryId, EventId, Watch};
use crate::store::{Db, DbError, Member, SameLink, Sketched};

/// Sketches in one transaction at most: a listing is a handful of rows.
const CHUNK: usize = 100;

/// Prices that differ by less (one in so many) are the same price.
const SAME_PRICE_ONE_IN: u64 = 200;

/// What was recognised in a run.
#[derive(Debug, Default)]
pub(super) struct Same {
    sketches: Vec<Sketched>,
    links: Vec<SameLink>,
    /// By change: the changes that have told chats of a copy.
    copies: HashMap<EventId, Vec<EventId>>,
}

/// Recognises listings and rewrites the changes of those that are copies. Only reads.
pub(super) async fn recognise(
    db: &dyn Db,
    source: &Source,
    kind: Option<Kind>,
    known: &HashMap<String, KnownListing>,
    happenings: &mut [Happening],
) -> Result<Same, DbError> {
    let key =
        |one: &Happening| ListingKey { site: source.spec.site.clone(), id: one.listing.id.clone() };
    let sketches: Vec<Sketched> = happenings
        .iter()
        .map(|one| Sketched { key: key(one), traits: Traits::of(kind, &one.listing) })
        .collect();
    let is_unknown = |one: &Happening| one.change.is_some() && !known.contains_key(&one.listing.id);
    let new: Vec<usize> = (0..happenings.len()).filter(|at| is_unknown(&happenings[*at])).collect();
    let matches = matches(db, &new.iter().map(|at| &sketches[*at]).collect::<Vec<_>>()).await?;
    let mut same = Same::default();
    for (at, matched) in new.into_iter().zip(matches) {
        let Some(matched) = matched else { continue };
        let members = db.thing_of(&matched).await?;
        let Some(change) = &mut happenings[at].change else { continue };
        if rewrite(change, &matched, &members) {
            same.links.push(SameLink { new: change.key.clone(), known: matched });
            let events = members.into_iter().flat_map(|member| member.events).collect();
            same.copies.insert(change.id(), events);
        }
    }
    for one in happenings.iter().filter(|one| known.contains_key(&one.listing.id)) {
        if let Some(change) = one.change.as_ref().filter(|change| change.kind.is_price()) {
            let members = db.thing_of(&change.key).await?;
            let echoes = echoes(change, &members);
            if !echoes.is_empty() {
                same.copies.insert(change.id(), echoes);
            }
        }
    }
    same.sketches = sketches;
    Ok(same)
}

/// For each new listing the known one that is the same thing.
async fn matches(db: &dyn Db, new: &[&Sketched]) -> Result<Vec<Option<ListingKey>>, DbError> {
    if new.is_empty() {
        return Ok(Vec::new());
    }
    let wanted: Vec<HashSet<String>> =
        new.iter().map(|one| one.traits.neighbours().into_iter().collect()).collect();
    let mut names: Vec<String> = wanted.iter().flatten().cloned().collect();
    names.sort_unstable();
    names.dedup();
    let candidates = db.candidates(&names).await?;
    Ok(choose(new, &wanted, &candidates))
}

/// Pure part of [`matches`]. Two new listings of one page that are the same thing as a third are twins: neither.
fn choose(
    new: &[&Sketched],
    wanted: &[HashSet<String>],
    candidates: &[Candidate],
) -> Vec<Option<ListingKey>> {
    let mut by_name: HashMap<String, Vec<usize>> = HashMap::new();
    for (at, one) in candidates.iter().enumerate() {
        for name in one.traits.buckets() {
            by_name.entry(name).or_default().push(at);
        }
    }
    let found: Vec<Option<&Candidate>> = new
        .iter()
        .zip(wanted)
        .map(|(one, names)| {
            let near = names.iter().filter_map(|name| by_name.get(name)).flatten();
            let near: HashSet<usize> = near.copied().collect();
            let mut near: Vec<usize> = near.into_iter().collect();
            near.sort_unstable();
            let near: Vec<Candidate> = near.into_iter().map(|at| candidates[at].clone()).collect();
            let key = only_match(&one.key, &one.traits, &near)?.key.clone();
            candidates.iter().find(|one| one.key == key)
        })
        .collect();
    let mut claims: HashMap<String, usize> = HashMap::new();
    for thing in found.iter().flatten().map(|one| one.thing_name()) {
        *claims.entry(thing).or_default() += 1;
    }
    let alone = |one: &&Candidate| claims.get(&one.thing_name()) == Some(&1);
    found.into_iter().map(|one| one.filter(alone).map(|one| one.key.clone())).collect()
}

/// Says in the change of a new listing that it is a copy; false when the copy is not on record after all.
fn rewrite(change: &mut Change, matched: &ListingKey, members: &[Member]) -> bool {
    let Some(copy) = members.iter().find(|member| member.key == *matched) else { return false };
    let is_repost = copy.gone && copy.key.site == change.key.site;
    let others = members.iter().filter(|member| !member.gone);
    let prices = others.filter_map(|member| member.listing.price.as_ref());
    let lowest = prices.min_by_key(|price| price.minor).or(copy.listing.price.as_ref()).cloned();
    change.same_as = Some(SameAs {
        key: copy.key.clone(),
        url: copy.listing.url.clone(),
        price: copy.listing.price.clone(),
        gone: copy.gone,
    });
    let kind = match (&lowest, &change.listing.price) {
        (Some(before), Some(now)) if is_other(before, now) && now.minor < before.minor => {
            ChangeKind::PriceDown
        }
        (Some(before), Some(now)) if is_other(before, now) && is_repost => ChangeKind::PriceUp,
        _ if is_repost => ChangeKind::Back,
        _ => ChangeKind::New,
    };
    change.kind = kind;
    change.price_before = lowest.filter(|_| kind.is_price());
    true
}

/// Whether two prices of one currency differ by more than rounding.
fn is_other(before: &Money, now: &Money) -> bool {
    before.currency == now.currency
        && before.minor.abs_diff(now.minor).saturating_mul(SAME_PRICE_ONE_IN)
            > before.minor.unsigned_abs()
}

/// Changes of live copies that have told the price which this change tells.
fn echoes(change: &Change, members: &[Member]) -> Vec<EventId> {
    let Some(now) = &change.listing.price else { return Vec::new() };
    let tells = |member: &&Member| {
        let price = member.listing.price.as_ref();
        member.key != change.key
            && !member.gone
            && price.is_some_and(|price| price.currency == now.currency && !is_other(price, now))
    };
    let events = |member: &Member| {
        [change.kind, ChangeKind::New].map(|kind| event_id(&member.key, kind, member.version))
    };
    members.iter().filter(tells).flat_map(events).collect()
}

impl Same {
    /// Silences the changes for chats that a copy has told already and to which they are no news.
    pub(super) async fn silence(
        &self,
        db: &dyn Db,
        happenings: &[Happening],
        audience: &mut Audience,
    ) -> Result<(), DbError> {
        for one in happenings {
            let Some(change) = &one.change else { continue };
            let id = change.id();
            let Some(events) = self.copies.get(&id) else { continue };
            // A copy that is cheaper, or back, is news to those who wanted that kind of news of the thing.
            let is_news = change.same_as.is_some() && change.kind != ChangeKind::New;
            let mut places: Vec<Place> = Vec::new();
            for (place, watches) in audience.of(one) {
                let wants = |watch: &&Watch| {
                    watch.filter.wants(change.kind, &change.key.site, &change.listing)
                };
                if !(is_news && watches.iter().any(wants)) {
                    places.push(place);
                }
            }
            for place in told(db, &places, events).await? {
                audience.silent.insert((id.clone(), place));
            }
        }
        Ok(())
    }

    /// Writes sketches and links. What cannot be written is a merge that may be missed, and no reason to fail.
    pub(super) async fn note(&self, db: &dyn Db, now: DateTime<Utc>) {
        let mut links = self.links.as_slice();
        for chunk in self.sketches.chunks(CHUNK) {
            if let Err(error) = db.note_things(chunk, links, now).await {
                tracing::warn!(%error, "copies of these listings on other sites may not be recognised");
                return;
            }
            links = &[];
        }
        if !self.links.is_empty() {
            metrics::counter!("magpie_listings_same_total").increment(self.links.len() as u64);
        }
    }
}

/// The places that were told of any of these changes, or will be.
async fn told(db: &dyn Db, places: &[Place], events: &[EventId]) -> Result<Vec<Place>, DbError> {
    let id = |(chat, thread): Place, event: &EventId| -> DeliveryId {
        delivery_id(Class::Alert, chat, thread, event.as_str())
    };
    let asked: Vec<DeliveryId> =
        places.iter().flat_map(|place| events.iter().map(move |event| id(*place, event))).collect();
    if asked.is_empty() {
        return Ok(Vec::new());
    }
    let told: HashSet<DeliveryId> = db.told(&asked).await?.into_iter().collect();
    let is_told = |place: &&Place| events.iter().any(|event| told.contains(&id(**place, event)));
    Ok(places.iter().filter(is_told).copied().collect())
}
