//! Claims: intent is committed before a byte goes out, and slots are taken under the limits in the same
//! transaction, so all processes together keep them.

use std::collections::HashMap;

use chrono::{DateTime, Utc};

use super::engine::{Conn, moment, ms, span_ms};
use super::rows;
use super::statement::{Row, query};
use super::{campaigns_chapter, lanes, posts_chapter, prices_chapter};
use crate::domain::delivery::{Claimed, Content, Latest, Standing};
use crate::domain::pace::{Limits, next_fit};
use crate::domain::{Change, ChatId, Delivery, EventId};
use crate::store::slots::Pace;
use crate::store::{ClaimRequest, DbError};

/// Reads the overall pace. Writing first takes the row's lock where several writers exist.
pub(crate) async fn load_pace(conn: &mut Conn, limits: &Limits) -> Result<Pace, DbError> {
    if limits.gap_ms == 0 {
        return Ok(Pace { next_at: 0, gap: 0 });
    }
    let row = query("UPDATE pace SET next_at = next_at WHERE scope = 'telegram' RETURNING next_at")
        .fetch_one(conn)
        .await?;
    Ok(Pace { next_at: rows::number(&row, "next_at")?, gap: limits.gap_ms })
}

/// Writes the overall pace back.
pub(crate) async fn store_pace(conn: &mut Conn, pace: Pace) -> Result<(), DbError> {
    if pace.gap > 0 {
        query("UPDATE pace SET next_at = $1 WHERE scope = 'telegram'")
            .bind(pace.next_at)
            .execute(conn)
            .await?;
    }
    Ok(())
}

/// See [`crate::store::Db::claim_deliveries`]. A delivery behind one of another class waits for it, also
/// when only some classes are asked for.
pub(crate) async fn claim(
    conn: &mut Conn,
    request: &ClaimRequest,
) -> Result<Vec<Claimed>, DbError> {
    let now = ms(request.now);
    let horizon = now.saturating_add(span_ms(request.horizon));
    lanes::wake(conn, request.now).await?;
    let mut pace = load_pace(conn, &request.limits).await?;
    let mut changes = Changes::default();
    let mut claimed = Vec::new();
    // Every lane that comes up is claimed, closed or refreshed away, so this ends.
    'claiming: while claimed.len() < request.limit && pace.slot(now) <= horizon {
        let candidates =
            lanes::ready(conn, &request.classes, request.limit - claimed.len()).await?;
        if candidates.is_empty() {
            break;
        }
        for mut lane in candidates {
            let slot = pace.slot(now);
            if slot > horizon {
                break 'claiming;
            }
            let fit = next_fit(&lane.recent, request.limits.window(lane.kind), slot);
            if fit > slot {
                lanes::close_until(conn, lane.chat, fit).await?;
                continue;
            }
            let Some(delivery) = intend(conn, lane.chat, request).await? else {
                lanes::refresh(conn, lane.chat, request.now).await?;
                continue;
            };
            lane.take(conn, &[slot], &request.limits).await?;
            pace.take(slot);
            let (change, latest) = changes.of(conn, &delivery).await?;
            let mut standing = standing(conn, &delivery).await?;
            standing.latest = latest.or(standing.latest);
            if change.is_some() && standing.preferences.is_none() {
                let new = &delivery.new;
                standing.preferences =
                    posts_chapter::preferences(conn, new.chat, new.thread).await?;
            }
            claimed.push(Claimed { delivery, send_at: moment(slot), change, standing });
        }
    }
    store_pace(conn, pace).await?;
    Ok(claimed)
}

/// What else is known of a delivery that is about to be sent.
async fn standing(conn: &mut Conn, delivery: &Delivery) -> Result<Standing, DbError> {
    let message = match &delivery.new.content {
        Content::Campaign { id } => {
            campaigns_chapter::message(conn, id, delivery.new.language).await?
        }
        _ => None,
    };
    let mut standing = Standing { message, ..Standing::default() };
    prices_chapter::chart(conn, delivery, &mut standing).await?;
    Ok(standing)
}

/// Commits the intent for the head of a lane.
async fn intend(
    conn: &mut Conn,
    chat: ChatId,
    request: &ClaimRequest,
) -> Result<Option<Delivery>, DbError> {
    let row = query(
        "UPDATE deliveries SET state = 'sending', epoch = epoch + 1, owner = $3, intent_at = $2 \
         WHERE state = 'pending' AND id = (SELECT d.id FROM deliveries d WHERE d.chat = $1 \
         AND d.state = 'pending' AND d.not_before <= $2 ORDER BY d.priority, d.seq LIMIT 1) \
         RETURNING *",
    )
    .bind(chat.0)
    .bind(ms(request.now))
    .bind(request.owner.as_str())
    .fetch_optional(conn)
    .await?;
    row.as_ref().map(rows::delivery).transpose()
}

/// A change, and its listing as it is known now, which may be later.
type Told = (Option<Change>, Option<Latest>);

/// Changes by id, each read once.
#[derive(Default)]
pub(crate) struct Changes {
    known: HashMap<EventId, Told>,
}

impl Changes {
    /// The change that a delivery tells, if it tells one.
    pub async fn of(&mut self, conn: &mut Conn, delivery: &Delivery) -> Result<Told, DbError> {
        let (Content::Change { event, .. } | Content::Amend { event, .. }) = &delivery.new.content
        else {
            return Ok((None, None));
        };
        if let Some(change) = self.known.get(event) {
            return Ok(change.clone());
        }
        let row = query(
            "SELECT e.data, l.data AS listing, l.version, l.gone FROM events e \
             LEFT JOIN listings l ON l.site = e.site AND l.ext_id = e.ext_id WHERE e.id = $1",
        )
        .bind(event.as_str())
        .fetch_optional(conn)
        .await?;
        let told = match row {
            Some(row) => (Some(serde_json::from_str(&rows::text(&row, "data")?)?), latest(&row)?),
            None => (None, None),
        };
        self.known.insert(event.clone(), told.clone());
        Ok(told)
    }
}

fn latest(row: &Row) -> Result<Option<Latest>, DbError> {
    let Some(listing) = rows::maybe_text(row, "listing")? else { return Ok(None) };
    let (version, gone) = (rows::number(row, "version")?, rows::number(row, "gone")? == 1);
    Ok(Some(Latest { listing: serde_json::from_str(&listing)?, version, gone }))
}

/// See [`crate::store::Db::next_delivery_at`]: the earliest lane, but not before the overall pace.
pub(crate) async fn next_at(conn: &mut Conn) -> Result<Option<DateTime<Utc>>, DbError> {
    let row = query(
        "SELECT (SELECT MIN(since) FROM lanes WHERE ready = 1) AS ready, \
         (SELECT MIN(wake_at) FROM lanes WHERE wake_at IS NOT NULL) AS wakes, \
         (SELECT next_at FROM pace WHERE scope = 'telegram') AS slot",
    )
    .fetch_one(conn)
    .await?;
    let ready = rows::maybe_number(&row, "ready")?;
    let wakes = rows::maybe_number(&row, "wakes")?;
    let slot = rows::maybe_number(&row, "slot")?.unwrap_or(0);
    let first = ready.into_iter().chain(wakes).min();
    Ok(first.map(|first| moment(first.max(slot))))
}
