//! See [`RhythmRecord`].

use std::collections::BTreeMap;
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::SqlDb;
use super::engine::{Conn, ms, span_ms};
use super::rows::{number, text};
use super::sources::postpone;
use super::statement::{Row, query};
use crate::domain::SourceId;
use crate::domain::rhythm::{Demand, PaceChange};
use crate::store::{DbError, Reschedule, RhythmRecord};

/// Watches that may be told.
const WATCHES: &str = "FROM watch_sources x JOIN watches w ON w.id = x.watch \
     LEFT JOIN users u ON u.id = w.user_id LEFT JOIN chats c ON c.id = w.chat";
/// See [`WATCHES`].
const TOLD: &str = "w.paused = 0 AND COALESCE(c.active, 1) = 1 AND COALESCE(u.banned, 0) = 0";

#[async_trait]
impl RhythmRecord for SqlDb {
    async fn demands(&self, now: DateTime<Utc>) -> Result<Vec<Demand>, DbError> {
        self.readers.run(move |conn| Box::pin(async move { demands(conn, now).await })).await
    }

    async fn set_paces(&self, changes: &[PaceChange]) -> Result<(), DbError> {
        let changes = changes.to_vec();
        self.writer.run(move |conn| Box::pin(async move { set_paces(conn, &changes).await })).await
    }

    async fn reschedule(&self, moves: &[Reschedule]) -> Result<u64, DbError> {
        let moves = moves.to_vec();
        self.writer.run(move |conn| Box::pin(async move { reschedule(conn, &moves).await })).await
    }
}

/// Counted by the database: one row per source, or source and plan, however many watches there are.
async fn demands(conn: &mut Conn, now: DateTime<Utc>) -> Result<Vec<Demand>, DbError> {
    let watched = format!(
        "SELECT x.source AS source, COUNT(*) AS count {WATCHES} WHERE {TOLD} GROUP BY x.source"
    );
    let mut found = BTreeMap::new();
    for row in query(watched).fetch_all(&mut *conn).await? {
        let source = SourceId(text(&row, "source")?);
        let watches = count(&row)?;
        let demand = Demand { source: source.clone(), watches, unsold: watches, sold: None };
        found.insert(source, demand);
    }
    for row in entitled(conn, now).await? {
        if let Some(demand) = found.get_mut(&SourceId(text(&row, "source")?)) {
            // Who has several plans is counted once.
            demand.unsold = demand.watches.saturating_sub(count(&row)?);
            let seconds = u64::try_from(number(&row, "interval_s")?).unwrap_or(u64::MAX);
            demand.sold = Some(Duration::from_secs(seconds));
        }
    }
    Ok(found.into_values().collect())
}

/// Watches whose owners are entitled to an interval, by source, with the shortest one.
async fn entitled(conn: &mut Conn, now: DateTime<Utc>) -> Result<Vec<Row>, DbError> {
    let text = format!(
        "SELECT x.source AS source, COUNT(DISTINCT w.id) AS count, \
         MIN(e.interval_s) AS interval_s {WATCHES} JOIN entitlements e \
         ON e.user_id = w.user_id AND e.since <= $1 AND e.until > $1 AND e.interval_s > 0 \
         WHERE {TOLD} GROUP BY x.source"
    );
    query(text).bind(ms(now)).fetch_all(conn).await
}

fn count(row: &Row) -> Result<u32, DbError> {
    Ok(u32::try_from(number(row, "count")?.max(0)).unwrap_or(u32::MAX))
}

async fn set_paces(conn: &mut Conn, changes: &[PaceChange]) -> Result<(), DbError> {
    for change in changes {
        query(
            "UPDATE sources SET pace_ms = $2, next_due_at = CASE WHEN claimed_by IS NULL \
             AND next_due_at > COALESCE(CAST($3 AS BIGINT), next_due_at) \
             THEN CAST($3 AS BIGINT) ELSE next_due_at END WHERE id = $1",
        )
        .bind(change.source.as_str())
        .bind(change.pace.map(span_ms))
        .bind(change.due.map(ms))
        .execute(&mut *conn)
        .await?;
    }
    Ok(())
}

async fn reschedule(conn: &mut Conn, moves: &[Reschedule]) -> Result<u64, DbError> {
    let mut moved = 0;
    for one in moves {
        moved += postpone(conn, &one.source, one.epoch, one.due).await?;
    }
    Ok(moved)
}
