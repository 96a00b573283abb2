//! Digests: occurrences of jobs named `digest/<chat>/<thread>`, one for each slot that alerts wait for.
//!
//! ```text
//! an alert is collected ─► waiting ──slot has come──► running ──written──► done
//!                             ▲                          │  ▲                 │
//!                             └── more alerts wait ──────┘  └─ old claim      │
//!                             └───────────── an alert came late ◄────────────┘
//! ```

use chrono::{DateTime, TimeDelta, Utc};

use super::engine::{Conn, moment, ms};
use super::outbox::{self, Intent};
use super::standing::Changes;
use super::statement::{Row, query};
use super::{lanes, rows};
use crate::domain::delivery::Latest;
use crate::domain::{Change, ChatId, OwnerId};
use crate::store::{
    Collected, DIGEST_LEASE_S, DIGEST_ROWS, DbError, DigestDue, DigestWritten, Folding, Place,
};

/// The job of a place.
fn job((chat, thread): Place) -> String {
    format!("digest/{chat}/{}", thread.unwrap_or(0))
}

fn place(job: &str) -> Option<Place> {
    let (chat, thread) = job.strip_prefix("digest/")?.split_once('/')?;
    let thread: i64 = thread.parse().ok()?;
    Some((ChatId(chat.parse().ok()?), Some(thread).filter(|thread| *thread != 0)))
}

/// Notes that a digest of a place is due at `slot`; one that is done is due again.
pub(crate) async fn note(conn: &mut Conn, place: Place, slot: i64) -> Result<(), DbError> {
    query(
        "INSERT INTO occurrences (job, scheduled_at, state) VALUES ($1, $2, 'waiting') \
         ON CONFLICT (job, scheduled_at) DO UPDATE SET state = 'waiting', done_at = NULL \
         WHERE occurrences.state = 'done'",
    )
    .bind(job(place))
    .bind(slot)
    .execute(conn)
    .await?;
    Ok(())
}

/// Notes the digests of all that is collected for a chat: it has another id now.
pub(crate) async fn note_all(conn: &mut Conn, chat: ChatId) -> Result<(), DbError> {
    let slots = query(
        "SELECT DISTINCT COALESCE(thread, 0) AS thread, slot FROM deliveries \
         WHERE chat = $1 AND state = 'collected' AND slot IS NOT NULL",
    )
    .bind(chat.0)
    .fetch_all(&mut *conn)
    .await?;
    for row in &slots {
        let thread = Some(rows::number(row, "thread")?).filter(|thread| *thread != 0);
        note(conn, (chat, thread), rows::number(row, "slot")?).await?;
    }
    Ok(())
}

/// See [`crate::store::PreferenceRecord::claim_digests`].
pub(crate) async fn claim(
    conn: &mut Conn,
    owner: &OwnerId,
    now: DateTime<Utc>,
    limit: usize,
) -> Result<Vec<DigestDue>, DbError> {
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    // Two statements, so that each finds its index.
    let due = query(
        "UPDATE occurrences SET state = 'running', epoch = epoch + 1, owner = $1, started_at = $2 \
         WHERE state = 'waiting' AND (job, scheduled_at) IN (SELECT job, scheduled_at FROM occurrences \
         WHERE state = 'waiting' AND scheduled_at <= $2 AND job LIKE 'digest/%' \
         ORDER BY scheduled_at, job LIMIT $3) RETURNING job, scheduled_at, epoch",
    )
    .bind(owner.as_str())
    .bind(ms(now))
    .bind(limit)
    .fetch_all(&mut *conn)
    .await?;
    let left = query(
        "UPDATE occurrences SET epoch = epoch + 1, owner = $1, started_at = $2 \
         WHERE state = 'running' AND (job, scheduled_at) IN (SELECT job, scheduled_at FROM occurrences \
         WHERE state = 'running' AND started_at < $4 AND job LIKE 'digest/%' \
         ORDER BY started_at, job LIMIT $3) RETURNING job, scheduled_at, epoch",
    )
    .bind(owner.as_str())
    .bind(ms(now))
    .bind(limit - i64::try_from(due.len()).unwrap_or(limit))
    .bind(ms(now - TimeDelta::seconds(DIGEST_LEASE_S)))
    .fetch_all(conn)
    .await?;
    let mut claimed = due.iter().chain(&left).map(claimed).collect::<Result<Vec<_>, _>>()?;
    claimed.sort_by_key(|due| (due.slot, due.place));
    Ok(claimed)
}

fn claimed(row: &Row) -> Result<DigestDue, DbError> {
    Ok(DigestDue {
        place: rows::word(row, "job", place)?,
        slot: moment(rows::number(row, "scheduled_at")?),
        epoch: rows::number(row, "epoch")?,
    })
}

/// See [`crate::store::PreferenceRecord::load_digest`].
pub(crate) async fn load(conn: &mut Conn, due: &DigestDue) -> Result<Vec<Collected>, DbError> {
    let found = query(
        "SELECT * FROM deliveries WHERE state = 'collected' AND chat = $1 AND slot <= $2 \
         AND COALESCE(thread, 0) = $3 ORDER BY seq LIMIT $4",
    )
    .bind(due.place.0.0)
    .bind(ms(due.slot))
    .bind(due.place.1.unwrap_or(0))
    .bind(i64::try_from(DIGEST_ROWS).unwrap_or(i64::MAX))
    .fetch_all(&mut *conn)
    .await?;
    let mut changes = Changes::default();
    let mut all = Vec::with_capacity(found.len());
    for row in &found {
        let delivery = rows::delivery(row)?;
        let change = changes.of(conn, &delivery).await?;
        let latest = match &change {
            Some(change) => latest(conn, change).await?,
            None => None,
        };
        all.push(Collected { delivery, change, latest });
    }
    Ok(all)
}

/// The listing of a change as it is known now.
async fn latest(conn: &mut Conn, change: &Change) -> Result<Option<Latest>, DbError> {
    let row = query("SELECT data, version, gone FROM listings WHERE site = $1 AND ext_id = $2")
        .bind(change.key.site.as_str())
        .bind(change.key.id.as_str())
        .fetch_optional(conn)
        .await?;
    row.map(|row| {
        Ok(Latest {
            listing: serde_json::from_str(&rows::text(&row, "data")?)?,
            version: rows::number(&row, "version")?,
            gone: rows::number(&row, "gone")? == 1,
        })
    })
    .transpose()
}

/// See [`crate::store::PreferenceRecord::write_digest`].
pub(crate) async fn write(
    conn: &mut Conn,
    due: &DigestDue,
    foldings: &[Folding],
    now: DateTime<Utc>,
) -> Result<DigestWritten, DbError> {
    let job = job(due.place);
    // Writing first takes the row's lock where several writers exist.
    let held = query(
        "UPDATE occurrences SET epoch = epoch \
         WHERE job = $1 AND scheduled_at = $2 AND epoch = $3 AND state = 'running'",
    )
    .bind(job.as_str())
    .bind(ms(due.slot))
    .bind(due.epoch)
    .execute(&mut *conn)
    .await?;
    if held.rows_affected() == 0 {
        return Ok(DigestWritten::Fenced);
    }
    for id in foldings.iter().flat_map(|folding| &folding.rows) {
        let waits =
            query("SELECT id FROM deliveries WHERE id = $1 AND state = 'collected' AND slot <= $2")
                .bind(id.as_str())
                .bind(ms(due.slot))
                .fetch_optional(&mut *conn)
                .await?;
        if waits.is_none() {
            return Ok(DigestWritten::Moved);
        }
    }
    for folding in foldings {
        outbox::insert(conn, &folding.message, Intent::Wait, now).await?;
        for id in &folding.rows {
            query(
                "UPDATE deliveries SET state = 'folded', folded_in = $2, done_at = $3 WHERE id = $1",
            )
            .bind(id.as_str())
            .bind(folding.message.id.as_str())
            .bind(ms(now))
            .execute(&mut *conn)
            .await?;
        }
    }
    let more = query(
        "SELECT id FROM deliveries WHERE state = 'collected' AND chat = $1 AND slot <= $2 \
         AND COALESCE(thread, 0) = $3 LIMIT 1",
    )
    .bind(due.place.0.0)
    .bind(ms(due.slot))
    .bind(due.place.1.unwrap_or(0))
    .fetch_optional(&mut *conn)
    .await?;
    let (state, done_at) = if more.is_some() { ("waiting", None) } else { ("done", Some(ms(now))) };
    query(
        "UPDATE occurrences SET state = $3, done_at = $4, owner = NULL \
         WHERE job = $1 AND scheduled_at = $2",
    )
    .bind(job.as_str())
    .bind(ms(due.slot))
    .bind(state)
    .bind(done_at)
    .execute(&mut *conn)
    .await?;
    lanes::refresh(conn, due.place.0, now).await?;
    Ok(DigestWritten::Done)
}
