//! Why something was, or was not, told: an explanation over what the record knows. Pure.
//!
//! ```text
//! the listing was never seen ─► not known
//! a delivery names the watch ─► sent, held until, collected for, folded, dropped because, in doubt, dead …
//! no search of the watch shows it ─► not shown
//! it happened before the watch was made, or before the search had shown it ─► earlier, baseline
//! the filter does not want it ─► which conditions are not met
//! the price moved less than the watch wants to hear of ─► a small move
//! the watch rests ─► paused, by whom
//! else ─► one of many changes: a summary named their number
//! ```

use chrono::{DateTime, Utc};

use super::change::{Change, ChangeKind, KnownListing, worth};
use super::delivery::{Content, Delivery, DeliveryState};
use super::filter::Condition;
use super::filter::Truth;
use super::ids::{DeliveryId, WatchId};
use super::preferences::Stop;
use super::source::Source;
use super::watch::{PausedBy, Watch};

/// What is known about a listing and the watches that might have been told of it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct WhyFacts {
    /// The listing as it is known now; `in_source` says nothing here.
    pub known: Option<KnownListing>,
    /// Which sources show it, and since when.
    pub shown: Vec<(Source, DateTime<Utc>)>,
    /// Its changes, newest first, at most 10.
    pub changes: Vec<Change>,
    /// The watches asked about, paused ones too, oldest first, at most 50.
    pub watches: Vec<Watch>,
    /// What was written to their chats about these changes.
    pub deliveries: Vec<Delivery>,
}

/// Why one change was, or was not, told because of one watch.
#[derive(Debug, Clone, PartialEq)]
pub struct Verdict {
    /// Which watch; `None` where there is none.
    pub watch: Option<(WatchId, String)>,
    /// Which change, and when; `None` where there is none.
    pub change: Option<(ChangeKind, DateTime<Utc>)>,
    /// Why.
    pub because: Because,
}

/// A reason.
#[derive(Debug, Clone, PartialEq)]
pub enum Because {
    /// The listing was never seen.
    NotKnown,
    /// Nobody watches a search that shows it.
    NobodyWatches,
    /// No search of the watch shows it.
    NotShown,
    /// It was there when the search was first read.
    Baseline,
    /// It happened before the watch was made.
    Earlier,
    /// These conditions of the filter are not met.
    Filter(Vec<Condition>),
    /// The watch is paused.
    Paused(PausedBy),
    /// One of many at once: a summary named their number.
    Summary,
    /// Told, at this moment, in this message.
    Sent(Option<DateTime<Utc>>, Option<i64>),
    /// Told with others, in this delivery.
    Folded(Option<DateTime<Utc>>, Option<DeliveryId>),
    /// Not told: the chain of preferences dropped it.
    Stopped(Stop),
    /// Held until a moment.
    Held(DateTime<Utc>, Stop),
    /// Collected for the digest of a moment.
    Collected(DateTime<Utc>, Stop),
    /// Waits for its turn.
    Pending,
    /// Waits because Telegram could not take it.
    Waits(DateTime<Utc>, String),
    /// On its way.
    Sending,
    /// Given up, because of this.
    Dropped(String),
    /// Nobody knows whether it arrived, and it is not sent again.
    Unknown,
    /// Refused; an operator must look.
    Dead(String),
}

/// Explains each change to each watch, newest change first.
pub fn explain(facts: &WhyFacts, now: DateTime<Utc>) -> Vec<Verdict> {
    let alone = |because| vec![Verdict { watch: None, change: None, because }];
    if facts.known.is_none() {
        return alone(Because::NotKnown);
    }
    if facts.watches.is_empty() {
        return match facts.deliveries.as_slice() {
            [] => alone(Because::NobodyWatches),
            told => told.iter().map(|one| of_delivery(facts, one, now)).collect(),
        };
    }
    let of_watch = |watch| {
        let shown_at = shown_at(facts, watch);
        let named = Some((watch.id.clone(), watch.name.clone()));
        if facts.changes.is_empty() {
            let because = shown_at.map_or(Because::NotShown, |_| Because::Baseline);
            return vec![Verdict { watch: named, change: None, because }];
        }
        let of_change = |change: &Change| Verdict {
            watch: named.clone(),
            change: Some((change.kind, change.at)),
            because: because(facts, watch, change, shown_at, now),
        };
        facts.changes.iter().map(of_change).collect()
    };
    facts.watches.iter().flat_map(of_watch).collect()
}

/// Since when a search of the watch shows the listing.
fn shown_at(facts: &WhyFacts, watch: &Watch) -> Option<DateTime<Utc>> {
    let own = facts.shown.iter().filter(|(source, _)| watch.sources.contains(&source.id));
    own.map(|(_, at)| *at).min()
}

fn because(
    facts: &WhyFacts,
    watch: &Watch,
    change: &Change,
    shown_at: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> Because {
    if let Some(told) = facts.deliveries.iter().find(|one| tells(one, watch, change)) {
        return state(told, now);
    }
    let Some(shown_at) = shown_at else { return Because::NotShown };
    if change.at < watch.created_at {
        return Because::Earlier;
    }
    if change.at < shown_at {
        return Because::Baseline;
    }
    if !watch.filter.wants(change.kind, &change.key.site, &change.listing) {
        let all = watch.filter.explain(change.kind, &change.key.site, &change.listing);
        let unmet = all.into_iter().filter(|one| one.truth == Truth::No);
        return Because::Filter(unmet.map(|one| one.condition).collect());
    }
    if !worth(change, &watch.telling) {
        return Because::Stopped(Stop::SmallMove);
    }
    if watch.paused {
        return Because::Paused(watch.paused_by);
    }
    Because::Summary
}

/// Whether a delivery tells the change because of the watch.
fn tells(delivery: &Delivery, watch: &Watch, change: &Change) -> bool {
    (delivery.new.chat, delivery.new.thread) == (watch.chat, watch.thread)
        && matches!(&delivery.new.content, Content::Change { event, ids, .. }
            if *event == change.id() && (ids.is_empty() || ids.contains(&watch.id)))
}

fn of_delivery(facts: &WhyFacts, delivery: &Delivery, now: DateTime<Utc>) -> Verdict {
    let of = |change: &&Change| matches!(&delivery.new.content, Content::Change { event, .. } if *event == change.id());
    let change = facts.changes.iter().find(of).map(|change| (change.kind, change.at));
    Verdict { watch: None, change, because: state(delivery, now) }
}

/// What the state of a delivery says.
pub fn state(delivery: &Delivery, now: DateTime<Utc>) -> Because {
    let reason = || delivery.reason.clone().unwrap_or_default();
    let stop = delivery.reason.as_deref().and_then(Stop::from_reason);
    let due = delivery.new.not_before;
    match (delivery.state, stop) {
        (DeliveryState::Pending, Some(why)) if due > now => Because::Held(due, why),
        (DeliveryState::Pending, None) if due > now => Because::Waits(due, reason()),
        (DeliveryState::Pending, _) => Because::Pending,
        (DeliveryState::Sending, _) => Because::Sending,
        (DeliveryState::Sent, _) => Because::Sent(delivery.done_at, delivery.message_id),
        (DeliveryState::Collected, why) => {
            Because::Collected(delivery.slot.unwrap_or(due), why.unwrap_or(Stop::Digest))
        }
        (DeliveryState::Folded, _) => Because::Folded(delivery.done_at, delivery.folded_in.clone()),
        (DeliveryState::Dropped, Some(why)) => Because::Stopped(why),
        (DeliveryState::Dropped, None) => Because::Dropped(reason()),
        (DeliveryState::Unknown, _) => Because::Unknown,
        (DeliveryState::Dead, _) => Because::Dead(reason()),
    }
}

#[cfg(test)]
#[path = "why_tests.rs"]
mod tests;
