//! The end of attempts. What an outcome means is a plain function ([`ending()`]); the rest is one guarded
//! statement per settlement, fenced by the epoch of its claim, and the lane of the chat derived anew.

use std::collections::HashMap;

use chrono::{DateTime, Utc};

use super::engine::{Conn, ms};
use super::listings::{IDS, filled, places};
use super::posts_chapter::Shown;
use super::statement::{Query, query};
use super::{chats, lanes, rows, tickets_chapter};
use crate::domain::delivery::{Outcome, Settlement};
use crate::domain::{ChatId, Class, DeliveryId, DeliveryState, OwnerId};
use crate::store::ending::{Ending, ending, ending_of_crash};
use crate::store::{Buried, DbError, SettleReport};

/// See [`crate::store::Db::settle_deliveries`].
pub(crate) async fn settle(
    conn: &mut Conn,
    settlements: &[Settlement],
    now: DateTime<Utc>,
) -> Result<SettleReport, DbError> {
    let mut report = SettleReport::default();
    let mut touched = Vec::with_capacity(settlements.len());
    let mut shown = Shown::default();
    let mut held = Held::read(conn, settlements).await?;
    for (place, settlement) in settlements.iter().enumerate() {
        let class = match settlement.outcome {
            Outcome::Doubt { .. } => class_of(conn, &settlement.id).await?,
            _ => Class::Alert,
        };
        let ending = ending(&settlement.outcome, class, now);
        let is_ended = end(conn, &settlement.id, settlement.epoch, &ending, now).await?;
        match held.take(&settlement.id).filter(|_| is_ended) {
            Some(ended) => {
                report.settled += 1;
                shown.settled(conn, settlement, &ended, now).await?;
                tickets_chapter::settled(conn, settlement, &ended, now).await?;
                hold(conn, ended.chat, &ending).await?;
                touched.extend(follow(conn, ended.chat, &settlement.outcome, now).await?);
                if matches!(settlement.outcome, Outcome::Migrated { .. }) {
                    // What goes to the chat goes to another one now.
                    held = Held::read(conn, &settlements[place + 1..]).await?;
                }
            }
            None => report.fenced += u64::from(is_fenced(conn, settlement).await?),
        }
    }
    lanes::refresh_all(conn, touched, now).await?;
    Ok(report)
}

/// A delivery whose attempt has ended.
#[derive(Debug)]
pub(crate) struct Ended {
    pub chat: ChatId,
    pub thread: Option<i64>,
    /// What it said, as stored.
    pub content: String,
}

/// The deliveries of a batch before they end, read in one question: a statement that writes and answers (`RETURNING`)
/// makes SQLite keep a journal and a table of its own for each.
struct Held(HashMap<DeliveryId, Ended>);

impl Held {
    async fn read(conn: &mut Conn, settlements: &[Settlement]) -> Result<Self, DbError> {
        let text =
            format!("SELECT id, chat, thread, content FROM deliveries WHERE id IN {}", places(1));
        let mut held = HashMap::with_capacity(settlements.len());
        for chunk in settlements.chunks(IDS) {
            let ids: Vec<&str> = chunk.iter().map(|one| one.id.as_str()).collect();
            let asked = filled(&ids).fold(query(text.clone()), Query::bind);
            for row in asked.fetch_all(&mut *conn).await? {
                let ended = Ended {
                    chat: ChatId(rows::number(&row, "chat")?),
                    thread: rows::maybe_number(&row, "thread")?,
                    content: rows::text(&row, "content")?,
                };
                held.insert(DeliveryId(rows::text(&row, "id")?), ended);
            }
        }
        Ok(Self(held))
    }

    /// A delivery ends once.
    fn take(&mut self, id: &DeliveryId) -> Option<Ended> {
        self.0.remove(id)
    }
}

/// Writes an ending; false when the claim is not this one any more.
async fn end(
    conn: &mut Conn,
    id: &DeliveryId,
    epoch: i64,
    ending: &Ending,
    now: DateTime<Utc>,
) -> Result<bool, DbError> {
    let done_at = (ending.state != DeliveryState::Pending).then(|| ms(now));
    let done = query(
        "UPDATE deliveries SET state = $3, not_before = COALESCE(CAST($4 AS BIGINT), not_before), \
         attempts_refused = attempts_refused + $5, attempts_crashed = attempts_crashed + $6, \
         doubts = doubts + $7, message_id = $8, reason = $9, done_at = $10, owner = NULL \
         WHERE id = $1 AND epoch = $2 AND state = 'sending'",
    )
    .bind(id.as_str())
    .bind(epoch)
    .bind(ending.state.as_str())
    .bind(ending.not_before.map(ms))
    .bind(ending.refused)
    .bind(ending.crashed)
    .bind(ending.doubts)
    .bind(ending.message_id)
    .bind(ending.reason.as_deref())
    .bind(done_at)
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// What is tried again later keeps its place in front of its chat's others, so they wait for it.
async fn hold(conn: &mut Conn, chat: ChatId, ending: &Ending) -> Result<(), DbError> {
    match ending.not_before {
        Some(at) if ending.state == DeliveryState::Pending && !ending.aside => {
            lanes::hold(conn, chat, ms(at)).await
        }
        _ => Ok(()),
    }
}

/// What an outcome means beyond its own delivery; answers the chats whose lanes change.
async fn follow(
    conn: &mut Conn,
    chat: ChatId,
    outcome: &Outcome,
    now: DateTime<Utc>,
) -> Result<Vec<ChatId>, DbError> {
    match outcome {
        Outcome::ChatWaits { until } => lanes::wait_until(conn, chat, ms(*until)).await?,
        Outcome::ChatGone { reason } => chats::gone(conn, chat, reason, now).await?,
        Outcome::Migrated { to } => {
            chats::migrate(conn, chat, *to, now).await?;
            return Ok(vec![chat, *to]);
        }
        _ => {}
    }
    Ok(vec![chat])
}

async fn class_of(conn: &mut Conn, id: &DeliveryId) -> Result<Class, DbError> {
    let row = query("SELECT class FROM deliveries WHERE id = $1")
        .bind(id.as_str())
        .fetch_optional(conn)
        .await?;
    row.map_or(Ok(Class::Alert), |row| rows::word(&row, "class", Class::from_word))
}

/// Whether a settlement that did nothing came too late; a repeated one is neither.
async fn is_fenced(conn: &mut Conn, settlement: &Settlement) -> Result<bool, DbError> {
    let row = query("SELECT epoch FROM deliveries WHERE id = $1")
        .bind(settlement.id.as_str())
        .fetch_optional(conn)
        .await?;
    match row {
        Some(row) => Ok(rows::number(&row, "epoch")? != settlement.epoch),
        None => Ok(true),
    }
}

/// See [`crate::store::Db::bury_instance`].
pub(crate) async fn bury(
    conn: &mut Conn,
    owner: &OwnerId,
    now: DateTime<Utc>,
) -> Result<Buried, DbError> {
    let sources = query(
        "UPDATE sources SET claimed_by = NULL, claimed_at = NULL, next_due_at = $2 \
         WHERE claimed_by = $1",
    )
    .bind(owner.as_str())
    .bind(ms(now))
    .execute(&mut *conn)
    .await?
    .rows_affected();
    let mut held = query("SELECT * FROM deliveries WHERE owner = $1")
        .bind(owner.as_str())
        .fetch_all(&mut *conn)
        .await?;
    held.sort_by_key(|row| rows::number(row, "seq").unwrap_or(0));
    let (mut doubts, mut touched) = (Vec::new(), Vec::new());
    for row in &held {
        let held = rows::delivery(row)?;
        let ending = ending_of_crash(held.new.class, held.attempts_crashed, now);
        if end(conn, &held.new.id, held.epoch, &ending, now).await? {
            hold(conn, held.new.chat, &ending).await?;
            touched.push(held.new.chat);
            doubts.push((held.new.id, ending.state));
        }
    }
    lanes::refresh_all(conn, touched, now).await?;
    query("DELETE FROM instances WHERE owner = $1").bind(owner.as_str()).execute(conn).await?;
    Ok(Buried { doubts, sources })
}
