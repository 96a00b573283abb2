//! Who hears of what the page of an old listing has told, and of what is over.
//!
//! Another price is news like on a list. That something is sold, reserved or gone is news only to those who were
//! told of it: a chat that came later, or whose filter never let it through, has nothing to strike off.

use std::collections::HashSet;

use chrono::{DateTime, Utc};

use super::album::albums;
use super::amend::amend;
use super::audience::{Audience, Place};
use super::change::Happening;
use super::plan::alert;
use crate::domain::change::event_id;
use crate::domain::delivery::delivery_id;
use crate::domain::source::Source;
use crate::domain::{Change, ChangeKind, Class, DeliveryId, EventId, NewDelivery};
use crate::matching::LiveIndex;
use crate::store::{Db, DbError, StaleListing};

/// Versions of a listing that are looked through, the latest ones.
const VERSIONS: i64 = 40;

/// The deliveries that news about old listings cause.
pub async fn news_of_old(
    db: &dyn Db,
    index: &LiveIndex,
    source: &Source,
    news: &[(Happening, &StaleListing)],
    now: DateTime<Utc>,
) -> Result<Vec<NewDelivery>, DbError> {
    if news.is_empty() {
        return Ok(vec![]);
    }
    let happenings: Vec<Happening> = news.iter().map(|(one, _)| one.clone()).collect();
    let mut audience = super::audience(db, index, source, &happenings).await?;
    audience.silent = unconcerned(db, &happenings, &audience).await?;
    let mut deliveries: Vec<NewDelivery> =
        happenings.iter().flat_map(|one| alerts(one, &audience, now)).collect();
    let changes = || happenings.iter().filter_map(|one| one.change.as_ref());
    amend(db, changes(), &mut deliveries, now).await?;
    albums(db, changes(), &mut deliveries).await?;
    Ok(deliveries)
}

/// Chats of the audience that were never told of a listing which is over now, each with the change that does not
/// concern it.
pub(super) async fn unconcerned(
    db: &dyn Db,
    happenings: &[Happening],
    audience: &Audience,
) -> Result<HashSet<(EventId, Place)>, DbError> {
    let ends: Vec<(&Change, Vec<Place>)> = happenings
        .iter()
        .filter_map(|one| Some((one, one.change.as_ref().filter(|change| change.kind.ends())?)))
        .map(|(one, change)| (change, audience.of(one).into_keys().collect()))
        .collect();
    let asked: Vec<DeliveryId> = ends
        .iter()
        .flat_map(|(change, places)| places.iter().flat_map(|place| earlier(change, *place)))
        .collect();
    if asked.is_empty() {
        return Ok(HashSet::new());
    }
    let told: HashSet<DeliveryId> = db.told(&asked).await?.into_iter().collect();
    let concerns = |change: &Change, place| earlier(change, place).any(|id| told.contains(&id));
    let silent = ends.iter().flat_map(|(change, places)| {
        let silent = places.iter().filter(|place| !concerns(change, **place));
        silent.map(|place| (change.id(), *place))
    });
    Ok(silent.collect())
}

/// The alerts by which a chat would have been told of the listing before.
fn earlier(change: &Change, (chat, thread): Place) -> impl Iterator<Item = DeliveryId> {
    let versions = (change.version - VERSIONS).max(1)..=change.version;
    let events = versions.flat_map(move |version| ChangeKind::ALL.map(|kind| (kind, version)));
    let earlier = events.filter(move |event| *event != (change.kind, change.version));
    earlier.map(move |(kind, version)| {
        let event = event_id(&change.key, kind, version);
        delivery_id(Class::Alert, chat, thread, event.as_str())
    })
}

/// One alert for each chat that is to hear of it. Pure.
fn alerts(happening: &Happening, audience: &Audience, now: DateTime<Utc>) -> Vec<NewDelivery> {
    let Some(change) = &happening.change else { return vec![] };
    let of_chat = |(place, watches): (Place, Vec<&crate::domain::Watch>)| {
        let language = watches.first()?.language;
        Some(alert(place, language, &Change::id(change), &watches, now))
    };
    audience.of(happening).into_iter().filter_map(of_chat).collect()
}
