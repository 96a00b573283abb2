//! See [`HostRecord`]. The decision is [`HostPace::step`]; here it is read, taken and written, and written only if
//! nobody else has stepped in between.

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::SqlDb;
use super::engine::{Conn, ms};
use super::rows::{number, text};
use super::statement::{Row, query};
use crate::domain::host::{HostPace, HostSlot, HostStep};
use crate::store::{DbError, HostRecord};

/// So often is a step repeated when another process was quicker. An engine that locks the row never needs it.
const TRIES: usize = 8;

#[async_trait]
impl HostRecord for SqlDb {
    async fn step_host(
        &self,
        host: &str,
        step: &HostStep,
        now: DateTime<Utc>,
    ) -> Result<(HostPace, Option<HostSlot>), DbError> {
        let (host, step) = (host.to_owned(), step.clone());
        self.writer
            .run(move |conn| Box::pin(async move { take(conn, &host, &step, ms(now)).await }))
            .await
    }

    async fn host_paces(&self) -> Result<Vec<(String, HostPace)>, DbError> {
        self.readers.run(|conn| Box::pin(all(conn))).await
    }
}

async fn take(
    conn: &mut Conn,
    host: &str,
    step: &HostStep,
    now: i64,
) -> Result<(HostPace, Option<HostSlot>), DbError> {
    for _ in 0..TRIES {
        let (before, revision) = read(conn, host).await?;
        let mut pace = before.clone();
        let slot = pace.step(step);
        if pace == before || write(conn, host, &pace, revision, now).await? {
            return Ok((pace, slot));
        }
    }
    Err(DbError::Unavailable(format!("too many processes reserve slots of {host} at once")))
}

/// The clocks and their revision; fresh ones with revision 0 for a host that nobody has asked.
async fn read(conn: &mut Conn, host: &str) -> Result<(HostPace, i64), DbError> {
    let row =
        query("SELECT * FROM host_pace WHERE host = $1").bind(host).fetch_optional(conn).await?;
    match row {
        Some(row) => Ok((pace(&row)?, number(&row, "revision")?)),
        None => Ok((HostPace::default(), 0)),
    }
}

/// False when the clocks have another revision by now.
async fn write(
    conn: &mut Conn,
    host: &str,
    pace: &HostPace,
    revision: i64,
    now: i64,
) -> Result<bool, DbError> {
    let done = query(
        "INSERT INTO host_pace (host, next_at, held_until, queue_at, refused, answer_ms, usual_ms, \
         gap_ms, why, revision, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) \
         ON CONFLICT (host) DO UPDATE SET next_at = excluded.next_at, \
         held_until = excluded.held_until, queue_at = excluded.queue_at, \
         refused = excluded.refused, answer_ms = excluded.answer_ms, \
         usual_ms = excluded.usual_ms, gap_ms = excluded.gap_ms, why = excluded.why, \
         revision = excluded.revision, updated_at = excluded.updated_at \
         WHERE host_pace.revision = $12",
    )
    .bind(host)
    .bind(pace.next_at)
    .bind(pace.held_until)
    .bind(pace.queue_at)
    .bind(pace.refused)
    .bind(pace.answer_ms)
    .bind(pace.usual_ms)
    .bind(pace.gap_ms)
    .bind(pace.why.as_str())
    .bind(revision + 1)
    .bind(now)
    .bind(revision)
    .execute(conn)
    .await?;
    Ok(done.rows_affected() > 0)
}

pub(super) async fn all(conn: &mut Conn) -> Result<Vec<(String, HostPace)>, DbError> {
    let rows = query("SELECT * FROM host_pace ORDER BY host").fetch_all(conn).await?;
    rows.iter().map(|row| Ok((text(row, "host")?, pace(row)?))).collect()
}

fn pace(row: &Row) -> Result<HostPace, DbError> {
    Ok(HostPace {
        next_at: number(row, "next_at")?,
        held_until: number(row, "held_until")?,
        queue_at: number(row, "queue_at")?,
        refused: number(row, "refused")?,
        answer_ms: number(row, "answer_ms")?,
        usual_ms: number(row, "usual_ms")?,
        gap_ms: number(row, "gap_ms")?,
        why: text(row, "why")?,
    })
}
