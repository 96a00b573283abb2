//! See [`RhythmRecord`].

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::SqlDb;
use super::engine::{Conn, ms, span_ms};
use super::rows::{maybe_text, number, text};
use super::sources::postpone;
use super::statement::query;
use crate::domain::SourceId;
use crate::domain::rhythm::{Demand, PaceChange};
use crate::store::{DbError, Reschedule, RhythmRecord};

/// Watches that may be told, by source, and the plans that their owners are entitled to at `$1`; an owner without any
/// has a row without a plan.
const DEMANDS: &str = "SELECT x.source AS source, e.plan AS plan, w.id AS watch \
     FROM watch_sources x JOIN watches w ON w.id = x.watch \
     LEFT JOIN users u ON u.id = w.user_id LEFT JOIN chats c ON c.id = w.chat \
     LEFT JOIN entitlements e ON e.user_id = w.user_id AND e.until > $1 \
     WHERE w.paused = 0 AND COALESCE(c.active, 1) = 1 AND COALESCE(u.banned, 0) = 0";

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

/// Counted by the database: one row per source and plan, however many watches there are.
async fn demands(conn: &mut Conn, now: DateTime<Utc>) -> Result<Vec<Demand>, DbError> {
    let sold = sold(conn).await?;
    let watches =
        format!("SELECT source, COUNT(DISTINCT watch) AS count FROM ({DEMANDS}) d GROUP BY source");
    let mut found = BTreeMap::new();
    for row in query(watches).bind(ms(now)).fetch_all(&mut *conn).await? {
        let source = SourceId(text(&row, "source")?);
        let watches = count(number(&row, "count")?);
        let demand = Demand { source: source.clone(), watches, unsold: watches, sold: None };
        found.insert(source, demand);
    }
    if sold.is_empty() {
        return Ok(found.into_values().collect());
    }
    // A watch whose owner has several plans counts once, as one that was sold something.
    let plans: Vec<&String> = sold.keys().collect();
    let places: Vec<String> = (2..plans.len() + 2).map(|place| format!("${place}")).collect();
    let entitled = format!(
        "SELECT source, plan, watch FROM ({DEMANDS}) d WHERE plan IN ({}) ORDER BY source, watch",
        places.join(", ")
    );
    let mut query = query(entitled).bind(ms(now));
    for plan in plans {
        query = query.bind(plan.as_str());
    }
    let mut last = None;
    for row in query.fetch_all(conn).await? {
        let (source, watch) = (SourceId(text(&row, "source")?), text(&row, "watch")?);
        let Some(demand) = found.get_mut(&source) else { continue };
        let interval = maybe_text(&row, "plan")?.and_then(|plan| sold.get(&plan).copied());
        demand.sold = [demand.sold, interval].into_iter().flatten().min();
        if last.as_ref() != Some(&(source.clone(), watch.clone())) {
            demand.unsold = demand.unsold.saturating_sub(1);
            last = Some((source, watch));
        }
    }
    Ok(found.into_values().collect())
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

fn count(number: i64) -> u32 {
    u32::try_from(number.max(0)).unwrap_or(u32::MAX)
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
