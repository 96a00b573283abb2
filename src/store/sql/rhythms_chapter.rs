//! See [`RhythmRecord`].

use std::collections::{BTreeMap, HashMap};
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
    let sold = sold(conn).await?;
    if sold.is_empty() {
        return Ok(found.into_values().collect());
    }
    let plans: Vec<&str> = sold.keys().map(String::as_str).collect();
    for row in entitled(conn, "", &plans, now).await? {
        // Who has several plans is counted once.
        if let Some(demand) = found.get_mut(&SourceId(text(&row, "source")?)) {
            demand.unsold = demand.watches.saturating_sub(count(&row)?);
        }
    }
    for row in entitled(conn, ", e.plan", &plans, now).await? {
        let interval = sold.get(&text(&row, "plan")?).copied();
        if let Some(demand) = found.get_mut(&SourceId(text(&row, "source")?)) {
            demand.sold = [demand.sold, interval].into_iter().flatten().min();
        }
    }
    Ok(found.into_values().collect())
}

/// Watches whose owners are entitled to one of these plans, by source and what else is asked for.
async fn entitled(
    conn: &mut Conn,
    group: &'static str,
    plans: &[&str],
    now: DateTime<Utc>,
) -> Result<Vec<Row>, DbError> {
    let places: Vec<String> = (2..plans.len() + 2).map(|place| format!("${place}")).collect();
    let text = format!(
        "SELECT x.source AS source{group}, COUNT(DISTINCT w.id) AS count {WATCHES} \
         JOIN entitlements e ON e.user_id = w.user_id AND e.until > $1 \
         WHERE {TOLD} AND e.plan IN ({}) GROUP BY x.source{group}",
        places.join(", ")
    );
    let query = plans.iter().fold(query(text).bind(ms(now)), |query, plan| query.bind(*plan));
    query.fetch_all(conn).await
}

/// The interval of each plan that sells one.
async fn sold(conn: &mut Conn) -> Result<HashMap<String, Duration>, DbError> {
    let mut sold = HashMap::new();
    for row in query("SELECT id, terms FROM plans").fetch_all(conn).await? {
        let terms: serde_json::Value = serde_json::from_str(&text(&row, "terms")?)?;
        if let Some(seconds) = terms["interval_s"].as_u64().filter(|seconds| *seconds > 0) {
            sold.insert(text(&row, "id")?, Duration::from_secs(seconds));
        }
    }
    Ok(sold)
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
