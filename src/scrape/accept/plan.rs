//! From what happened to transactions: alerts within the storm guard, the rest as one line, chunks. Pure.

use std::collections::{BTreeMap, HashMap};

use sites::Listing;

use super::CHUNK;
use super::audience::{Audience, Place, summary};
use super::change::Happening;
use super::sample::samples;
use crate::domain::source::Source;
use crate::domain::{EventId, Language, NewDelivery, Watch, WatchId};
use crate::store::{ListingWrite, MatchBatch, RunRecord};

/// In a storm each watch gets at most this many alerts.
const STORM_ALERTS: usize = 5;
/// A page of which more than this share (percent) is new is a storm: the site may have new ids.
const STORM_PERCENT: usize = 80;
/// The page must have held at least this many listings before for a storm to mean anything.
const STORM_FROM: i64 = 5;

/// The measures of the storm guard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Listings on all pages of the run, seen ones included.
    pub page_size: usize,
    /// Alerts that one run may cause per watch.
    pub max_alerts: usize,
}

/// What is to be written, in order.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// Transactions; the last one carries the run.
    pub batches: Vec<MatchBatch>,
    /// Changes without an alert of their own, over all chats.
    pub folded: u64,
}

/// Alerts per watch so far, and what is left over for each chat.
#[derive(Default)]
struct Guard {
    limit: usize,
    used: HashMap<WatchId, usize>,
    folded: BTreeMap<Place, (Language, Vec<String>)>,
}

/// Plans the transactions of a good run.
pub fn plan(
    source: &Source,
    happenings: Vec<Happening>,
    audience: &Audience,
    limits: Limits,
    run: RunRecord,
) -> Plan {
    let now = run.finished_at;
    let limit = if is_storm(source, &happenings, limits.page_size) {
        limits.max_alerts.min(STORM_ALERTS)
    } else {
        limits.max_alerts
    };
    let samples = if source.baseline_done {
        vec![]
    } else {
        let listings: Vec<&Listing> = happenings.iter().map(|one| &one.listing).collect();
        samples(source, &listings, &audience.own, now)
    };
    let mut guard = Guard { limit, ..Guard::default() };
    let mut batches = Vec::with_capacity(happenings.len() / CHUNK + 1);
    let mut happenings = happenings.into_iter().peekable();
    // At least one transaction: the run must be recorded even if nothing has changed.
    while batches.is_empty() || happenings.peek().is_some() {
        let chunk: Vec<Happening> = happenings.by_ref().take(CHUNK).collect();
        let mut deliveries = Vec::new();
        for happening in &chunk {
            guard.tell(happening, audience, now, &mut deliveries);
        }
        let write = |one: Happening| ListingWrite {
            listing: one.listing,
            fingerprint: one.fingerprint,
            change: one.change,
            price: one.price,
        };
        batches.push(MatchBatch {
            source: source.id.clone(),
            epoch: source.epoch,
            site: source.spec.site.clone(),
            listings: chunk.into_iter().map(write).collect(),
            deliveries,
            run: None,
            now,
        });
    }
    // The summaries go with the first chunk: were they in the last one, a crash in between would leave
    // changes that are recorded and never told.
    let folded = guard.folded.values().map(|(_, events)| events.len() as u64).sum();
    let summaries = guard
        .folded
        .iter()
        .map(|(place, (language, events))| summary(source, *place, *language, events, now));
    if let Some(first) = batches.first_mut() {
        first.deliveries.extend(summaries);
    }
    if let Some(last) = batches.last_mut() {
        last.run = Some(run);
        last.deliveries.extend(samples);
    }
    Plan { batches, folded }
}

/// Most of the page is new although the source is well known: the site has other ids, or another page.
fn is_storm(source: &Source, happenings: &[Happening], page_size: usize) -> bool {
    let new = happenings.iter().filter(|one| one.is_new_here).count();
    source.baseline_done
        && source.last_count.is_some_and(|last| last >= STORM_FROM)
        && new * 100 > page_size * STORM_PERCENT
}

impl Guard {
    fn tell(
        &mut self,
        happening: &Happening,
        audience: &Audience,
        now: chrono::DateTime<chrono::Utc>,
        deliveries: &mut Vec<NewDelivery>,
    ) {
        let Some(event) = happening.change.as_ref().map(crate::domain::Change::id) else { return };
        for (place, watches) in audience.of(happening) {
            let Some(language) = watches.first().map(|watch| watch.language) else { continue };
            if self.allows(&watches) {
                deliveries.push(alert(place, language, &event, &watches, now));
            } else {
                let rest = self.folded.entry(place).or_insert_with(|| (language, Vec::new()));
                rest.1.push(event.as_str().to_owned());
            }
        }
    }

    /// Counts an alert for the watches of a chat, if one of them has any left.
    fn allows(&mut self, watches: &[&Watch]) -> bool {
        let left = |watch: &&Watch| self.used.get(&watch.id).is_none_or(|used| *used < self.limit);
        if !watches.iter().any(left) {
            return false;
        }
        for watch in watches {
            *self.used.entry(watch.id.clone()).or_default() += 1;
        }
        true
    }
}

pub(super) fn alert(
    (chat, thread): Place,
    language: Language,
    event: &EventId,
    watches: &[&Watch],
    now: chrono::DateTime<chrono::Utc>,
) -> NewDelivery {
    let names = watches.iter().map(|watch| watch.name.clone()).collect();
    NewDelivery::alert(chat, thread, language, event.clone(), names, now)
}
