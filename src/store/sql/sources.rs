//! Sources, their claims and the reports of their runs.

use chrono::{DateTime, Utc};

use super::engine::{Conn, ms, span_ms};
use super::feed_chapter;
use super::rows;
use super::statement::query;
use crate::domain::rhythm::{first_from, next_due};
use crate::domain::source::SourceSpec;
use crate::domain::{OwnerId, Source, SourceId, Verdict};
use crate::store::{DbError, RunRecord, SourceFilter, SourceOrder};

/// See [`crate::store::Db::put_sources`].
pub(crate) async fn put(
    conn: &mut Conn,
    specs: &[SourceSpec],
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    for spec in specs {
        let inserted = query(
            "INSERT INTO sources (id, site, url, title, interval_ms, offered, next_due_at, \
             created_at, rhythm) VALUES ($1, $2, $3, $4, $5, $6, $7, $7, $8) \
             ON CONFLICT (id) DO NOTHING",
        )
        .bind(spec.id().as_str())
        .bind(spec.site.as_str())
        .bind(spec.url.as_str())
        .bind(spec.title.as_str())
        .bind(span_ms(spec.interval))
        .bind(i64::from(spec.offered))
        .bind(ms(now))
        .bind(rhythm_json(spec)?)
        .execute(&mut *conn)
        .await?;
        if inserted.rows_affected() == 0 {
            put_again(conn, spec, now).await?;
        }
    }
    Ok(())
}

/// A known search keeps its history.
async fn put_again(conn: &mut Conn, spec: &SourceSpec, now: DateTime<Utc>) -> Result<(), DbError> {
    let row = query("SELECT * FROM sources WHERE id = $1")
        .bind(spec.id().as_str())
        .fetch_one(&mut *conn)
        .await?;
    let mut source = rows::source(&row)?;
    source.take(spec.clone(), now);
    query(
        "UPDATE sources SET title = $2, interval_ms = $3, offered = $4, rhythm = $5, pace_ms = $6, \
         next_due_at = $7 WHERE id = $1",
    )
    .bind(source.id.as_str())
    .bind(spec.title.as_str())
    .bind(span_ms(spec.interval))
    .bind(i64::from(spec.offered))
    .bind(rhythm_json(spec)?)
    .bind(source.pace.map(span_ms))
    .bind(ms(source.next_due_at))
    .execute(conn)
    .await?;
    Ok(())
}

/// The stored rhythm; none for a plain interval.
fn rhythm_json(spec: &SourceSpec) -> Result<Option<String>, DbError> {
    let json = || serde_json::to_string(&spec.rhythm);
    Ok((!spec.rhythm.is_plain()).then(json).transpose()?)
}

/// See [`crate::store::Db::sources`].
pub(crate) async fn list(conn: &mut Conn, filter: &SourceFilter) -> Result<Vec<Source>, DbError> {
    let mut text = String::from("SELECT * FROM sources WHERE 1 = 1");
    if filter.site.is_some() {
        text.push_str(" AND site = $1");
    }
    if filter.offered {
        text.push_str(" AND offered = 1");
    }
    text.push_str(" ORDER BY site, title, id");
    let mut query = query(text);
    if let Some(site) = &filter.site {
        query = query.bind(site.as_str());
    }
    query.fetch_all(conn).await?.iter().map(rows::source).collect()
}

/// See [`crate::store::Db::order_source`].
pub(crate) async fn order(
    conn: &mut Conn,
    id: &SourceId,
    order: SourceOrder,
    now: DateTime<Utc>,
) -> Result<bool, DbError> {
    let query = match order {
        SourceOrder::Pause => query("UPDATE sources SET paused = 1 WHERE id = $1"),
        SourceOrder::Resume => query("UPDATE sources SET paused = 0 WHERE id = $1"),
        SourceOrder::RunNow => query("UPDATE sources SET next_due_at = $2 WHERE id = $1"),
        SourceOrder::Remove => return remove(conn, id, now).await,
    };
    let query = query.bind(id.as_str());
    let query = if order == SourceOrder::RunNow { query.bind(ms(now)) } else { query };
    Ok(query.execute(conn).await?.rows_affected() == 1)
}

/// Forgets a source, its runs and the watches that look at nothing else.
async fn remove(conn: &mut Conn, id: &SourceId, now: DateTime<Utc>) -> Result<bool, DbError> {
    const STEPS: &[&str] = &[
        "DELETE FROM watches WHERE id IN (SELECT watch FROM watch_sources WHERE source = $1) \
         AND NOT EXISTS (SELECT 1 FROM watch_sources o WHERE o.watch = watches.id \
         AND o.source <> $1)",
        "DELETE FROM watch_sources WHERE source = $1",
        "DELETE FROM listing_sources WHERE source = $1",
        "DELETE FROM runs WHERE source = $1",
        "DELETE FROM seen WHERE source = $1",
        "DELETE FROM source_health WHERE source = $1",
    ];
    let watching = "w.id IN (SELECT watch FROM watch_sources WHERE source = $1)";
    feed_chapter::log_where(conn, watching, id.as_str(), now).await?;
    let removed = query("DELETE FROM sources WHERE id = $1")
        .bind(id.as_str())
        .execute(&mut *conn)
        .await?
        .rows_affected();
    for step in STEPS {
        query(*step).bind(id.as_str()).execute(&mut *conn).await?;
    }
    Ok(removed == 1)
}

/// See [`crate::store::Db::claim_due_sources`].
pub(crate) async fn claim_due(
    conn: &mut Conn,
    owner: &OwnerId,
    now: DateTime<Utc>,
    limit: usize,
) -> Result<Vec<Source>, DbError> {
    let due = query(
        "SELECT * FROM sources WHERE paused = 0 AND claimed_by IS NULL AND next_due_at <= $1 \
         ORDER BY next_due_at, id LIMIT $2",
    )
    .bind(ms(now))
    .bind(i64::try_from(limit).unwrap_or(i64::MAX))
    .fetch_all(&mut *conn)
    .await?;
    let mut claimed = Vec::with_capacity(due.len());
    for row in &due {
        let source = rows::source(row)?;
        let (rhythm, pace, seed) = (&source.spec.rhythm, source.interval(), source.seed());
        if !rhythm.is_open(now) {
            let opening = first_from(rhythm, pace, now, seed);
            postpone(conn, &source.id, source.epoch, opening).await?;
            continue;
        }
        let next = next_due(rhythm, pace, source.next_due_at, seed, now);
        let row = query(
            "UPDATE sources SET claimed_by = $3, claimed_at = $4, epoch = epoch + 1, \
             next_due_at = $5 WHERE id = $1 AND epoch = $2 AND claimed_by IS NULL RETURNING *",
        )
        .bind(source.id.as_str())
        .bind(source.epoch)
        .bind(owner.as_str())
        .bind(ms(now))
        .bind(ms(next))
        .fetch_optional(&mut *conn)
        .await?;
        claimed.extend(row.as_ref().map(rows::source).transpose()?);
    }
    Ok(claimed)
}

/// Moves the due time of a source that nobody has claimed since its claims had this epoch; answers whether it
/// was moved (1) or not (0).
pub(crate) async fn postpone(
    conn: &mut Conn,
    id: &SourceId,
    epoch: i64,
    due: DateTime<Utc>,
) -> Result<u64, DbError> {
    let moved = query(
        "UPDATE sources SET next_due_at = $3 WHERE id = $1 AND epoch = $2 AND claimed_by IS NULL",
    )
    .bind(id.as_str())
    .bind(epoch)
    .bind(ms(due))
    .execute(conn)
    .await?;
    Ok(moved.rows_affected())
}

/// See [`crate::store::Db::release_source`].
pub(crate) async fn release(
    conn: &mut Conn,
    id: &SourceId,
    epoch: i64,
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    query(
        "UPDATE sources SET claimed_by = NULL, claimed_at = NULL, next_due_at = $3 \
         WHERE id = $1 AND epoch = $2 AND claimed_by IS NOT NULL",
    )
    .bind(id.as_str())
    .bind(epoch)
    .bind(ms(now))
    .execute(conn)
    .await?;
    Ok(())
}

/// How a claim stands when somebody reports on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standing {
    /// The claim is held: write.
    Held,
    /// The run of this claim is already recorded: a repetition.
    Reported,
    /// The claim was taken away.
    Lost,
}

/// Looks at a claim and locks its row.
pub(crate) async fn standing(
    conn: &mut Conn,
    id: &SourceId,
    epoch: i64,
) -> Result<Standing, DbError> {
    let held = query(
        "UPDATE sources SET epoch = epoch WHERE id = $1 AND epoch = $2 AND claimed_by IS NOT NULL",
    )
    .bind(id.as_str())
    .bind(epoch)
    .execute(&mut *conn)
    .await?
    .rows_affected();
    if held == 1 {
        return Ok(Standing::Held);
    }
    let reported = query("SELECT epoch FROM runs WHERE source = $1 AND epoch = $2")
        .bind(id.as_str())
        .bind(epoch)
        .fetch_optional(conn)
        .await?;
    Ok(if reported.is_some() { Standing::Reported } else { Standing::Lost })
}

/// See [`crate::store::Db::record_run`].
pub(crate) async fn record_run(conn: &mut Conn, run: &RunRecord) -> Result<bool, DbError> {
    match standing(conn, &run.source, run.epoch).await? {
        Standing::Held => {
            finish(conn, run).await?;
            Ok(true)
        }
        Standing::Reported => Ok(true),
        Standing::Lost => Ok(false),
    }
}

/// Writes the verdict and releases the claim, which is held. The first good run completes the baseline.
pub(crate) async fn finish(conn: &mut Conn, run: &RunRecord) -> Result<(), DbError> {
    let good = i64::from(run.verdict.is_good());
    // An answer with a body says what the validators are now; any other one leaves them.
    let fresh = i64::from(matches!(run.verdict, Verdict::Ok | Verdict::Empty));
    query(
        "UPDATE sources SET claimed_by = NULL, claimed_at = NULL, verdict = $3, last_run_at = $4, \
         failures = CASE WHEN $5 = 1 THEN 0 ELSE failures + 1 END, \
         last_count = CASE WHEN $6 = 1 THEN $7 ELSE last_count END, \
         etag = CASE WHEN $6 = 1 THEN $8 ELSE COALESCE(CAST($8 AS TEXT), etag) END, \
         last_modified = CASE WHEN $6 = 1 THEN $9 ELSE COALESCE(CAST($9 AS TEXT), last_modified) END, \
         rung = CASE WHEN $5 = 1 THEN $10 ELSE rung END, last_error = $11, \
         next_due_at = COALESCE(CAST($12 AS BIGINT), next_due_at), \
         baseline_done = CASE WHEN $5 = 1 THEN 1 ELSE baseline_done END, \
         road = COALESCE(CAST($13 AS TEXT), road), rate = COALESCE(CAST($14 AS TEXT), rate) \
         WHERE id = $1 AND epoch = $2",
    )
    .bind(run.source.as_str())
    .bind(run.epoch)
    .bind(run.verdict.as_str())
    .bind(ms(run.finished_at))
    .bind(good)
    .bind(fresh)
    .bind(run.items)
    .bind(run.etag.as_deref())
    .bind(run.last_modified.as_deref())
    .bind(run.rung.as_str())
    .bind(run.error.as_deref())
    .bind(run.next_due_at.map(ms))
    .bind(run.road.as_deref())
    .bind(run.rate.as_deref())
    .execute(&mut *conn)
    .await?;
    query(
        "INSERT INTO runs (source, epoch, started_at, finished_at, verdict, items, rung, bytes, \
         error, won, etag, last_modified, next_due_at, why) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) \
         ON CONFLICT (source, epoch) DO NOTHING",
    )
    .bind(run.source.as_str())
    .bind(run.epoch)
    .bind(ms(run.started_at))
    .bind(ms(run.finished_at))
    .bind(run.verdict.as_str())
    .bind(run.items)
    .bind(run.rung.as_str())
    .bind(run.bytes)
    .bind(run.error.as_deref())
    .bind(run.won.as_str())
    .bind(run.etag.as_deref())
    .bind(run.last_modified.as_deref())
    .bind(run.next_due_at.map(ms))
    .bind(run.why.as_str())
    .execute(conn)
    .await?;
    Ok(())
}

/// See [`crate::store::Db::runs`].
pub(crate) async fn runs(
    conn: &mut Conn,
    source: &SourceId,
    limit: u32,
) -> Result<Vec<RunRecord>, DbError> {
    let rows = query("SELECT * FROM runs WHERE source = $1 ORDER BY epoch DESC LIMIT $2")
        .bind(source.as_str())
        .bind(i64::from(limit))
        .fetch_all(conn)
        .await?;
    rows.iter().map(rows::run).collect()
}
