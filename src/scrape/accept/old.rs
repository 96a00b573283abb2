//! Who hears of what the page of an old listing has told.
//!
//! Another price is news like on a list. That something is gone is news only to those who were told of it: a chat
//! that came later, or whose filter never let it through, has nothing to strike off.

use std::collections::HashSet;

use chrono::{DateTime, Utc};

use super::amend::amend;
use super::audience::{Audience, Place};
use super::change::Happening;
use super::plan::alert;
use crate::domain::delivery::delivery_id;
use crate::domain::source::Source;
use crate::domain::{Change, ChangeKind, Class, DeliveryId, EventId, NewDelivery, Watch};
use crate::store::{Db, DbError, StaleListing};

/// The deliveries that news about old listings cause.
pub async fn news_of_old(
    db: &dyn Db,
    source: &Source,
    news: &[(Happening, &StaleListing)],
    now: DateTime<Utc>,
) -> Result<Vec<NewDelivery>, DbError> {
    if news.is_empty() {
        return Ok(vec![]);
    }
    let happenings: Vec<Happening> = news.iter().map(|(one, _)| one.clone()).collect();
    let audience = super::audience(db, source, &happenings).await?;
    let earlier: Vec<DeliveryId> =
        news.iter().flat_map(|(one, stale)| earlier(one, stale, &audience)).collect();
    let told: HashSet<DeliveryId> = match earlier.as_slice() {
        [] => HashSet::new(),
        earlier => db.told(earlier).await?.into_iter().collect(),
    };
    let mut deliveries: Vec<NewDelivery> =
        news.iter().flat_map(|(one, stale)| alerts(one, stale, &audience, &told, now)).collect();
    let changes = news.iter().filter_map(|(one, _)| one.change.as_ref());
    amend(db, changes, &mut deliveries, now).await?;
    Ok(deliveries)
}

/// The alerts by which chats would have been told of the listing before.
fn earlier(happening: &Happening, stale: &StaleListing, audience: &Audience) -> Vec<DeliveryId> {
    let places = audience.of(happening).into_keys();
    places.flat_map(|place| stale.events.iter().map(move |event| alert_id(place, event))).collect()
}

fn alert_id((chat, thread): Place, event: &EventId) -> DeliveryId {
    delivery_id(Class::Alert, chat, thread, event.as_str())
}

/// One alert for each chat that is to hear of it, given which earlier ones exist. Pure.
fn alerts(
    happening: &Happening,
    stale: &StaleListing,
    audience: &Audience,
    told: &HashSet<DeliveryId>,
    now: DateTime<Utc>,
) -> Vec<NewDelivery> {
    let Some(change) = &happening.change else { return vec![] };
    let concerns = |place: Place| {
        change.kind != ChangeKind::Gone
            || stale.events.iter().any(|event| told.contains(&alert_id(place, event)))
    };
    let of_chat = |(place, watches): (Place, Vec<&Watch>)| {
        let language = watches.first()?.language;
        concerns(place).then(|| alert(place, language, &Change::id(change), &watches, now))
    };
    audience.of(happening).into_iter().filter_map(of_chat).collect()
}
