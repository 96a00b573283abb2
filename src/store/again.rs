//! What waits is decided again when a chat changes how it wants to be told. Pure; both records use it.

use std::collections::HashMap;

use chrono::{DateTime, Utc};

use crate::domain::delivery::{Content, Delivery, album_id};
use crate::domain::preferences::{Facts, HowTold, Stop, Subject, Telling, Wish, decide, is_urgent};
use crate::domain::{Change, Class, DeliveryId, DeliveryState, EventId, WatchId};
use crate::store::Place;

/// What is known about a chat whose alerts are decided again.
#[derive(Debug, Default)]
pub(crate) struct Known {
    /// How its places want to be told; `counts` are those of alerts that do not wait any more.
    pub how: HashMap<Place, HowTold>,
    /// How its watches want to be told.
    pub wishes: HashMap<WatchId, Wish>,
    /// The changes that are told.
    pub changes: HashMap<EventId, Change>,
}

/// Whether preferences decide about a waiting delivery: not where an answer of Telegram's makes it wait.
pub(crate) fn is_decided_again(delivery: &Delivery, now: DateTime<Utc>) -> bool {
    let stopped = delivery.reason.as_deref().and_then(Stop::from_reason).is_some();
    delivery.new.class == Class::Alert
        && match delivery.state {
            DeliveryState::Collected => true,
            DeliveryState::Pending => stopped || delivery.new.not_before <= now,
            _ => false,
        }
}

/// The alerts that move, as they are from now on, and where to; `waiting` in the order of writing.
pub(crate) fn again(
    waiting: &[Delivery],
    mut known: Known,
    now: DateTime<Utc>,
) -> Vec<(Delivery, Telling)> {
    let mut moved = Vec::new();
    let albums: HashMap<&DeliveryId, &Delivery> = waiting
        .iter()
        .filter(|one| is_album(one) && is_decided_again(one, now))
        .map(|one| (&one.new.id, one))
        .collect();
    let alone = waiting.iter().filter(|one| !is_album(one));
    for delivery in alone.filter(|one| is_decided_again(one, now)) {
        let how = known.how.entry((delivery.new.chat, delivery.new.thread)).or_default();
        let (wishes, change): (Vec<Wish>, _) = match &delivery.new.content {
            Content::Change { event, ids, .. } => {
                let of_watch = |id: &WatchId| known.wishes.get(id).cloned().unwrap_or_default();
                (ids.iter().map(of_watch).collect(), known.changes.get(event))
            }
            _ => (vec![], None),
        };
        let subject = change.map(Subject::of);
        let telling = decide(&Facts { how, subject, wishes: &wishes }, now);
        how.counts.note(telling);
        let known = as_it_is(delivery, now);
        let telling = if is_promised(delivery, telling) { known } else { telling };
        let after = with_urgency(delivery, is_urgent(&wishes, now));
        if telling != known || after != *delivery {
            let album = album_of(delivery).and_then(|id| albums.get(&id).copied());
            moved.extend(album.map(|album| (album.clone(), with_words(telling))));
            moved.push((after, telling));
        }
    }
    moved
}

/// The delivery as the watches want it at the moment of sending. One that names no watches stays as it is.
fn with_urgency(delivery: &Delivery, is_urgent: bool) -> Delivery {
    let mut after = delivery.clone();
    if let Content::Change { ids, urgent, .. } = &mut after.new.content
        && !ids.is_empty()
    {
        *urgent = is_urgent;
    }
    after
}

/// Whether a delivery is nothing but pictures, which have no say of their own.
fn is_album(delivery: &Delivery) -> bool {
    matches!(&delivery.new.content, Content::Message(message) if !message.album.is_empty())
}

/// The name of the album that goes before these words.
pub(crate) fn album_of(words: &Delivery) -> Option<DeliveryId> {
    let Content::Change { event, .. } = &words.new.content else { return None };
    Some(album_id(words.new.chat, words.new.thread, event))
}

/// What becomes of an album: it goes with its words where they go alone. A digest has no albums.
fn with_words(words: Telling) -> Telling {
    match words {
        Telling::Collect { why, .. } => Telling::Drop { why },
        alone => alone,
    }
}

/// Whether a delivery is collected already, for a slot that is no later: a digest that was promised stays.
fn is_promised(delivery: &Delivery, telling: Telling) -> bool {
    matches!((delivery.slot, telling), (Some(known), Telling::Collect { slot, .. }) if known <= slot)
}

fn as_it_is(delivery: &Delivery, now: DateTime<Utc>) -> Telling {
    let why = delivery.reason.as_deref().and_then(Stop::from_reason);
    match (delivery.slot, why) {
        (Some(slot), Some(why)) => Telling::Collect { slot, why },
        (None, Some(why)) if delivery.new.not_before > now => {
            Telling::Hold { until: delivery.new.not_before, why }
        }
        _ => Telling::Send,
    }
}
