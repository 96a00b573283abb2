//! Writing into the outbox, and what operators see of it and do to it.

use chrono::{DateTime, Utc};

use super::engine::{Conn, moment, ms};
use super::statement::{Bound, Query, query};
use super::{digests, lanes, rows};
use crate::domain::preferences::Telling;
use crate::domain::{ChatId, Delivery, DeliveryId, DeliveryState, NewDelivery, OwnerId};
use crate::store::fate::laid;
use crate::store::{DbError, DeadLetters, DeliveryFilter, OutboxStats};

/// Whose intent a delivery is written with.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Intent<'a> {
    /// None: it waits for a sender.
    Wait,
    /// The writer itself sends it now.
    Own(&'a OwnerId),
}

/// Writes a delivery; answers it as stored, or nothing when there is one of the same name. The caller
/// refreshes the lane.
pub(crate) async fn insert(
    conn: &mut Conn,
    new: &NewDelivery,
    intent: Intent<'_>,
    now: DateTime<Utc>,
) -> Result<Option<Delivery>, DbError> {
    let laid = laid(new, now);
    let (state, epoch, owner) = match intent {
        Intent::Wait => (laid.state, 0, None),
        Intent::Own(owner) => (DeliveryState::Sending, 1, Some(owner.as_str())),
    };
    let row = query(
        "INSERT INTO deliveries (id, seq, class, priority, chat, thread, language, content, state, \
         not_before, epoch, owner, intent_at, created_at, reason, done_at, slot) VALUES ($1, \
         (SELECT COALESCE(MAX(seq), 0) + 1 FROM deliveries), $2, $3, $4, $5, $6, $7, $8, $9, $10, \
         $11, $12, $13, $14, $15, $16) ON CONFLICT (id) DO NOTHING RETURNING *",
    )
    .bind(new.id.as_str())
    .bind(new.class.as_str())
    .bind(new.priority())
    .bind(new.chat.0)
    .bind(new.thread)
    .bind(new.language.code())
    .bind(serde_json::to_string(&new.content)?)
    .bind(state.as_str())
    .bind(ms(laid.not_before))
    .bind(epoch)
    .bind(owner)
    .bind(owner.map(|_| ms(now)))
    .bind(ms(now))
    .bind(laid.reason)
    .bind(laid.done_at.map(ms))
    .bind(laid.slot.map(ms))
    .fetch_optional(&mut *conn)
    .await?;
    if let (Some(_), Some(slot)) = (&row, laid.slot) {
        digests::note(conn, (new.chat, new.thread), ms(slot)).await?;
    }
    row.as_ref().map(rows::delivery).transpose()
}

/// Writes many deliveries that wait for a sender and brings their lanes up to date; answers how many are new.
pub(crate) async fn insert_all(
    conn: &mut Conn,
    all: &[NewDelivery],
    now: DateTime<Utc>,
) -> Result<u64, DbError> {
    if all.is_empty() {
        return Ok(0);
    }
    let row = query("SELECT COALESCE(MAX(seq), 0) AS last FROM deliveries").fetch_one(conn).await?;
    let mut seq = rows::number(&row, "last")?;
    let mut written = Vec::with_capacity(all.len());
    let mut held = Vec::new();
    let mut count = 0;
    for new in all {
        let laid = laid(new, now);
        let done = query(
            "INSERT INTO deliveries (id, seq, class, priority, chat, thread, language, content, \
             state, not_before, created_at, reason, done_at, slot) VALUES ($1, $2, $3, $4, $5, $6, \
             $7, $8, $9, $10, $11, $12, $13, $14) ON CONFLICT (id) DO NOTHING",
        )
        .bind(new.id.as_str())
        .bind(seq + 1)
        .bind(new.class.as_str())
        .bind(new.priority())
        .bind(new.chat.0)
        .bind(new.thread)
        .bind(new.language.code())
        .bind(serde_json::to_string(&new.content)?)
        .bind(laid.state.as_str())
        .bind(ms(laid.not_before))
        .bind(ms(now))
        .bind(laid.reason)
        .bind(laid.done_at.map(ms))
        .bind(laid.slot.map(ms))
        .execute(&mut *conn)
        .await?;
        if done.rows_affected() == 0 {
            continue;
        }
        (seq, count) = (seq + 1, count + 1);
        match new.fate {
            Telling::Send => written.push(new),
            Telling::Hold { .. } => held.push(new.chat),
            Telling::Collect { slot, .. } => {
                digests::note(conn, (new.chat, new.thread), ms(slot)).await?;
            }
            Telling::Drop { .. } => {}
        }
    }
    lanes::enqueued(conn, &written, now).await?;
    lanes::refresh_all(conn, held, now).await?;
    Ok(count)
}

/// Moves a waiting delivery to where the chain of preferences wants it now. The caller refreshes the lane.
pub(crate) async fn move_to(
    conn: &mut Conn,
    delivery: &Delivery,
    telling: Telling,
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    let due = delivery.new.not_before.min(now);
    let new = NewDelivery { fate: telling, not_before: due, ..delivery.new.clone() };
    let laid = laid(&new, now);
    query(
        "UPDATE deliveries SET state = $2, not_before = $3, reason = $4, done_at = $5, slot = $6, \
         content = $7 WHERE id = $1 AND state IN ('pending', 'collected')",
    )
    .bind(new.id.as_str())
    .bind(laid.state.as_str())
    .bind(ms(laid.not_before))
    .bind(laid.reason)
    .bind(laid.done_at.map(ms))
    .bind(laid.slot.map(ms))
    .bind(serde_json::to_string(&new.content)?)
    .execute(&mut *conn)
    .await?;
    match laid.slot {
        Some(slot) => digests::note(conn, (new.chat, new.thread), ms(slot)).await,
        None => Ok(()),
    }
}

/// Whether a delivery left us, as far as we know.
pub(crate) async fn went_out(conn: &mut Conn, id: &DeliveryId) -> Result<bool, DbError> {
    let found = query(
        "SELECT id FROM deliveries WHERE id = $1 AND state IN ('sending', 'sent', 'unknown')",
    )
    .bind(id.as_str())
    .fetch_optional(conn)
    .await?;
    Ok(found.is_some())
}

/// See [`crate::store::Db::deliveries`].
pub(crate) async fn list(
    conn: &mut Conn,
    filter: &DeliveryFilter,
) -> Result<Vec<Delivery>, DbError> {
    let limit = if filter.limit == 0 { 100 } else { filter.limit };
    let order = if filter.prefix.is_some() { "id" } else { "seq DESC" };
    let tail = format!(" ORDER BY {order} LIMIT {limit}");
    let rows = filtered("*", filter, &tail).fetch_all(conn).await?;
    rows.iter().map(rows::delivery).collect()
}

/// See [`crate::store::Db::count_deliveries`].
pub(crate) async fn count(conn: &mut Conn, filter: &DeliveryFilter) -> Result<u64, DbError> {
    let row = filtered("COUNT(*) AS many", filter, "").fetch_one(conn).await?;
    Ok(u64::try_from(rows::number(&row, "many")?).unwrap_or(0))
}

/// A question about deliveries with only the conditions that are asked for, so that each combination finds its
/// index.
fn filtered<'q>(what: &str, filter: &'q DeliveryFilter, tail: &str) -> Query<'q> {
    let mut text = format!("SELECT {what} FROM deliveries WHERE 1 = 1");
    let mut values: Vec<Bound<'q>> = Vec::new();
    let mut condition = |form: &str, value: Bound<'q>| {
        values.push(value);
        text.push_str(&format!(" AND {form}${}", values.len()));
    };
    if let Some(prefix) = &filter.prefix {
        // Ids are hexadecimal digits, and "g" comes after all of them.
        condition("id >= ", prefix.as_str().into());
        condition("id < ", format!("{prefix}g").into());
    }
    if let Some(state) = filter.state {
        condition("state = ", state.as_str().into());
    }
    if let Some(chat) = filter.chat {
        condition("chat = ", chat.0.into());
    }
    if let Some(class) = filter.class {
        condition("class = ", class.as_str().into());
    }
    if let Some(reason) = &filter.reason {
        let escaped = reason.replace('!', "!!").replace('%', "!%").replace('_', "!_");
        condition("reason LIKE ", format!("%{escaped}%").into());
        text.push_str(" ESCAPE '!'");
    }
    if filter.doubted {
        text.push_str(" AND doubts > 0");
    }
    if filter.prefix.is_none() {
        text.push_str(" AND seq > 0");
    }
    text.push_str(tail);
    values.into_iter().fold(query(text), Query::bind)
}

/// See [`crate::store::Db::dead_letters`].
pub(crate) async fn dead_letters(conn: &mut Conn) -> Result<DeadLetters, DbError> {
    let row = query(
        "SELECT COUNT(*) AS many, MIN(done_at) AS oldest FROM deliveries WHERE state = 'dead'",
    )
    .fetch_one(conn)
    .await?;
    let oldest = rows::maybe_number(&row, "oldest")?.map(moment);
    Ok(DeadLetters { count: rows::number(&row, "many")?, oldest })
}

/// See [`crate::store::Db::outbox_stats`].
pub(crate) async fn stats(conn: &mut Conn) -> Result<OutboxStats, DbError> {
    let counts =
        query("SELECT state, COUNT(*) AS many FROM deliveries GROUP BY state ORDER BY state")
            .fetch_all(&mut *conn)
            .await?;
    let by_state = counts
        .iter()
        .map(|row| {
            let state = rows::word(row, "state", DeliveryState::from_word)?;
            Ok((state, rows::number(row, "many")?))
        })
        .collect::<Result<_, DbError>>()?;
    let row = query(
        "SELECT (SELECT MIN(since) FROM lanes WHERE ready = 1) AS oldest, \
         (SELECT COUNT(*) FROM deliveries WHERE doubts > 0) AS doubted",
    )
    .fetch_one(conn)
    .await?;
    let oldest_ready = rows::maybe_number(&row, "oldest")?.map(moment);
    Ok(OutboxStats { by_state, oldest_ready, doubted: rows::number(&row, "doubted")? })
}

/// See [`crate::store::Db::requeue_delivery`].
pub(crate) async fn requeue(
    conn: &mut Conn,
    id: &DeliveryId,
    now: DateTime<Utc>,
) -> Result<bool, DbError> {
    let row = query(
        "UPDATE deliveries SET state = 'pending', not_before = $2, done_at = NULL, \
         attempts_crashed = 0, reason = 'an operator sends it again' \
         WHERE id = $1 AND state IN ('dead', 'unknown', 'dropped') RETURNING chat",
    )
    .bind(id.as_str())
    .bind(ms(now))
    .fetch_optional(&mut *conn)
    .await?;
    settle_lane(conn, row, now).await
}

/// See [`crate::store::Db::discard_delivery`].
pub(crate) async fn discard(
    conn: &mut Conn,
    id: &DeliveryId,
    now: DateTime<Utc>,
) -> Result<bool, DbError> {
    let row = query(
        "UPDATE deliveries SET state = 'dropped', done_at = $2, reason = 'discarded by an operator' \
         WHERE id = $1 AND state IN ('pending', 'dead') RETURNING chat",
    )
    .bind(id.as_str())
    .bind(ms(now))
    .fetch_optional(&mut *conn)
    .await?;
    settle_lane(conn, row, now).await
}

async fn settle_lane(
    conn: &mut Conn,
    row: Option<super::statement::Row>,
    now: DateTime<Utc>,
) -> Result<bool, DbError> {
    let Some(row) = row else { return Ok(false) };
    lanes::refresh(conn, ChatId(rows::number(&row, "chat")?), now).await?;
    Ok(true)
}
