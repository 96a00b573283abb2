//! What waits for a chat is decided again, in the transaction that changes how it is told.

use std::collections::{BTreeMap, HashSet};

use chrono::{DateTime, TimeDelta, Utc};

use super::engine::{Conn, moment};
use super::preferences_chapter::{counts, said_and_muted};
use super::standing::Changes;
use super::statement::query;
use super::{lanes, outbox, rows};
use crate::domain::delivery::Delivery;
use crate::domain::preferences::Wish;
use crate::domain::{ChatId, Class, WatchId};
use crate::store::again::{Known, again};
use crate::store::{DbError, Place};

/// Decides again about all that waits for a chat; answers how many alerts moved. For everything that changes how
/// a chat, or a watch of it, is told.
pub(crate) async fn decide_again(
    conn: &mut Conn,
    chat: ChatId,
    now: DateTime<Utc>,
) -> Result<u64, DbError> {
    let rows = query(
        "SELECT * FROM deliveries WHERE chat = $1 AND state IN ('pending', 'collected') \
         AND priority = $2 ORDER BY seq",
    )
    .bind(chat.0)
    .bind(Class::Alert.priority())
    .fetch_all(&mut *conn)
    .await?;
    if rows.is_empty() {
        return Ok(0);
    }
    let waiting = rows.iter().map(rows::delivery).collect::<Result<Vec<Delivery>, _>>()?;
    let known = known(conn, chat, &waiting, now).await?;
    let moved = again(&waiting, known, now);
    for (delivery, telling) in &moved {
        outbox::move_to(conn, delivery, *telling, now).await?;
    }
    if !moved.is_empty() {
        lanes::refresh(conn, chat, now).await?;
    }
    Ok(moved.len() as u64)
}

async fn known(
    conn: &mut Conn,
    chat: ChatId,
    waiting: &[Delivery],
    now: DateTime<Utc>,
) -> Result<Known, DbError> {
    let asked: HashSet<Place> = waiting.iter().map(|one| (chat, one.new.thread)).collect();
    let asked: Vec<Place> = asked.into_iter().collect();
    let mut how = said_and_muted(conn, &asked, now).await?;
    for (place, how) in how.iter_mut().filter(|(_, how)| how.preferences.cap_per_hour.is_some()) {
        how.counts = counts(conn, *place, now).await?;
        // Those that wait are counted anew, as they are decided.
        let due = |one: &&Delivery| one.new.thread == place.1 && one.slot.is_none();
        let due = waiting.iter().filter(due).filter(|one| one.new.not_before <= now);
        let past = now - TimeDelta::hours(1);
        let due = due.filter(|one| one.new.not_before > past).count();
        how.counts.told = how.counts.told.saturating_sub(u32::try_from(due).unwrap_or(u32::MAX));
        how.counts.held = 0;
    }
    let mut known = Known { how, ..Known::default() };
    for row in query("SELECT id, telling, muted_until FROM watches WHERE chat = $1")
        .bind(chat.0)
        .fetch_all(&mut *conn)
        .await?
    {
        let telling = serde_json::from_str(&rows::text(&row, "telling")?)?;
        let muted_until = rows::maybe_number(&row, "muted_until")?.map(moment);
        known.wishes.insert(WatchId(rows::text(&row, "id")?), Wish { telling, muted_until });
    }
    let mut changes = Changes::default();
    let mut told = BTreeMap::new();
    for delivery in waiting {
        if let Some(change) = changes.of(conn, delivery).await? {
            told.insert(change.id(), change);
        }
    }
    known.changes = told.into_iter().collect();
    Ok(known)
}
