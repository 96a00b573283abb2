//! See [`FeedRecord`]. Whoever writes a watch calls [`log`] (or [`log_where`] for many) in the same transaction.

use std::collections::BTreeSet;

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::SqlDb;
use super::engine::{Conn, ms};
use super::listings::{IDS, filled, places, watches_of};
use super::rows::{self, maybe_number, maybe_text, number, text};
use super::statement::{Bound, Row, query};
use crate::domain::matching::WatchSpec;
use crate::domain::{SourceId, Watch, WatchId};
use crate::store::{DbError, FeedRecord, Showing, WatchNews};

/// Rows older than the first younger one go, and never the last: positions only grow.
/// For [`super::care::RETENTION`].
pub(crate) const PRUNE: &str = "DELETE FROM watch_log WHERE seq IN (SELECT seq FROM watch_log \
     WHERE seq < COALESCE((SELECT seq FROM watch_log WHERE at >= $1 ORDER BY seq LIMIT 1), \
     (SELECT MAX(seq) FROM watch_log)) ORDER BY seq LIMIT $2)";

/// Both ends of the log. Only a lone MIN or MAX is looked up in an index: a statement for both reads all of the log.
const ENDS: &str = "SELECT (SELECT MIN(seq) FROM watch_log) AS oldest, \
     (SELECT MAX(seq) FROM watch_log) AS newest";

#[async_trait]
impl FeedRecord for SqlDb {
    async fn watch_head(&self) -> Result<i64, DbError> {
        self.readers.glance(|conn| Box::pin(head(conn))).await
    }

    async fn watches_changed_since(
        &self,
        seq: i64,
        limit: usize,
    ) -> Result<Option<WatchNews>, DbError> {
        self.readers
            .glance(move |conn| Box::pin(async move { changed_since(conn, seq, limit).await }))
            .await
    }

    async fn watches_page(
        &self,
        after: Option<&WatchId>,
        limit: usize,
    ) -> Result<Vec<WatchSpec>, DbError> {
        let after = after.map_or_else(String::new, |id| id.0.clone());
        self.readers.run(move |conn| Box::pin(async move { page(conn, &after, limit).await })).await
    }

    async fn watches_by_id(&self, ids: &[WatchId]) -> Result<Vec<Watch>, DbError> {
        let ids: BTreeSet<String> = ids.iter().map(|id| id.0.clone()).collect();
        if ids.is_empty() {
            return Ok(vec![]);
        }
        self.readers.run(move |conn| Box::pin(async move { by_id(conn, &ids).await })).await
    }

    async fn is_watched(&self, source: &SourceId) -> Result<bool, DbError> {
        let source = source.clone();
        self.readers.run(move |conn| Box::pin(async move { is_watched(conn, &source).await })).await
    }

    async fn few_watches_of(
        &self,
        source: &SourceId,
        most: usize,
    ) -> Result<Option<Vec<Watch>>, DbError> {
        let source = source.clone();
        self.readers
            .run(move |conn| Box::pin(async move { few_watches_of(conn, &source, most).await }))
            .await
    }

    async fn shown_by(&self, site: &str, ids: &[String]) -> Result<Vec<Showing>, DbError> {
        if ids.is_empty() {
            return Ok(vec![]);
        }
        let (site, ids) = (site.to_owned(), ids.to_vec());
        self.readers
            .run(move |conn| Box::pin(async move { shown_by(conn, &site, &ids).await }))
            .await
    }
}

/// Notes that a watch was made, changed or ended. Every transaction that does so calls it.
pub(crate) async fn log(
    conn: &mut Conn,
    watch: &WatchId,
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    query(
        "INSERT INTO watch_log (seq, watch, at) \
         SELECT COALESCE(MAX(seq), 0) + 1, CAST($1 AS TEXT), CAST($2 AS BIGINT) FROM watch_log",
    )
    .bind(watch.as_str())
    .bind(ms(now))
    .execute(conn)
    .await?;
    Ok(())
}

/// Notes that all watches changed for which `condition` holds: SQL about `w` (a row of `watches`) with the place
/// `$1`, for example `w.chat = $1`. To be called while the rows are still there.
pub(crate) async fn log_where<'q>(
    conn: &mut Conn,
    condition: &'static str,
    value: impl Into<Bound<'q>>,
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    let text = format!(
        "INSERT INTO watch_log (seq, watch, at) \
         SELECT (SELECT COALESCE(MAX(seq), 0) FROM watch_log) + ROW_NUMBER() OVER (ORDER BY w.id), \
         w.id, CAST($2 AS BIGINT) FROM watches w WHERE {condition}"
    );
    query(text).bind(value).bind(ms(now)).execute(conn).await?;
    Ok(())
}

async fn head(conn: &mut Conn) -> Result<i64, DbError> {
    let row = query("SELECT COALESCE(MAX(seq), 0) AS head FROM watch_log").fetch_one(conn).await?;
    number(&row, "head")
}

async fn changed_since(
    conn: &mut Conn,
    seq: i64,
    limit: usize,
) -> Result<Option<WatchNews>, DbError> {
    let ends = query(ENDS).fetch_one(&mut *conn).await?;
    let oldest = maybe_number(&ends, "oldest")?.unwrap_or(1);
    let newest = maybe_number(&ends, "newest")?.unwrap_or(0);
    if seq + 1 < oldest || seq > newest {
        return Ok(None);
    }
    if seq == newest {
        return Ok(Some(WatchNews { upto: seq, ..WatchNews::default() }));
    }
    let rows = query("SELECT seq, watch FROM watch_log WHERE seq > $1 ORDER BY seq LIMIT $2")
        .bind(seq)
        .bind(i64::try_from(limit).unwrap_or(i64::MAX))
        .fetch_all(&mut *conn)
        .await?;
    let upto = rows.last().map_or(Ok(seq), |row| number(row, "seq"))?;
    let changed: BTreeSet<String> =
        rows.iter().map(|row| text(row, "watch")).collect::<Result<_, _>>()?;
    let changed: Vec<String> = changed.into_iter().collect();
    let mut news = WatchNews { upto, more: upto < newest, ..WatchNews::default() };
    for chunk in changed.chunks(IDS) {
        let present = states(conn, chunk).await?;
        let gone = chunk.iter().filter(|id| present.iter().all(|one| one.id.0 != **id));
        news.gone.extend(gone.cloned().map(WatchId));
        news.present.extend(present);
    }
    Ok(Some(news))
}

/// The watches of these names that are in force; at most [`IDS`] names.
async fn states(conn: &mut Conn, ids: &[String]) -> Result<Vec<WatchSpec>, DbError> {
    let statement = format!(
        "SELECT w.id, w.filter, s.source FROM watches w \
         LEFT JOIN watch_sources s ON s.watch = w.id \
         WHERE w.paused = 0 AND w.id IN {} ORDER BY w.id, s.source",
        places(1)
    );
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    let query = filled(&ids).fold(query(statement), |query, id| query.bind(id));
    specs(&query.fetch_all(conn).await?)
}

async fn page(conn: &mut Conn, after: &str, limit: usize) -> Result<Vec<WatchSpec>, DbError> {
    let rows = query(
        "SELECT w.id, w.filter, s.source FROM (SELECT id, filter FROM watches \
         WHERE id > $1 AND paused = 0 ORDER BY id LIMIT $2) w \
         LEFT JOIN watch_sources s ON s.watch = w.id ORDER BY w.id, s.source",
    )
    .bind(after)
    .bind(i64::try_from(limit).unwrap_or(i64::MAX))
    .fetch_all(conn)
    .await?;
    specs(&rows)
}

/// Watches from rows of (watch, source) pairs that are ordered by watch.
fn specs(rows: &[Row]) -> Result<Vec<WatchSpec>, DbError> {
    let mut specs: Vec<WatchSpec> = Vec::new();
    for row in rows {
        let id = text(row, "id")?;
        let source = maybe_text(row, "source")?.map(SourceId);
        match specs.last_mut() {
            Some(last) if last.id.0 == id => last.sources.extend(source),
            _ => specs.push(WatchSpec {
                id: WatchId(id),
                sources: source.into_iter().collect(),
                filter: serde_json::from_str(&text(row, "filter")?)?,
            }),
        }
    }
    Ok(specs)
}

async fn by_id(conn: &mut Conn, ids: &BTreeSet<String>) -> Result<Vec<Watch>, DbError> {
    let statement = format!(
        "SELECT w.id, w.user_id, w.chat, w.thread, w.name, w.filter, w.paused, w.created_at, \
         w.paused_by, w.muted_until, w.telling, \
         COALESCE(u.language, w.language) AS language, s.source \
         FROM watches w JOIN watch_sources s ON s.watch = w.id \
         LEFT JOIN users u ON u.id = w.user_id LEFT JOIN chats c ON c.id = w.chat \
         WHERE w.paused = 0 AND COALESCE(c.active, 1) = 1 AND COALESCE(u.banned, 0) = 0 \
         AND w.id IN {} ORDER BY w.id, s.source",
        places(1)
    );
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    let mut watches = Vec::with_capacity(ids.len());
    for chunk in ids.chunks(IDS) {
        let query = filled(chunk).fold(query(statement.clone()), |query, id| query.bind(id));
        watches.extend(rows::watches(&query.fetch_all(&mut *conn).await?)?);
    }
    Ok(watches)
}

async fn is_watched(conn: &mut Conn, source: &SourceId) -> Result<bool, DbError> {
    let one = query(
        "SELECT w.id FROM watch_sources x JOIN watches w ON w.id = x.watch \
         LEFT JOIN users u ON u.id = w.user_id LEFT JOIN chats c ON c.id = w.chat \
         WHERE x.source = $1 AND w.paused = 0 AND COALESCE(c.active, 1) = 1 \
         AND COALESCE(u.banned, 0) = 0 LIMIT 1",
    )
    .bind(source.as_str())
    .fetch_optional(conn)
    .await?;
    Ok(one.is_some())
}

async fn few_watches_of(
    conn: &mut Conn,
    source: &SourceId,
    most: usize,
) -> Result<Option<Vec<Watch>>, DbError> {
    let some = query("SELECT watch FROM watch_sources WHERE source = $1 LIMIT $2")
        .bind(source.as_str())
        .bind(i64::try_from(most).unwrap_or(i64::MAX).saturating_add(1))
        .fetch_all(&mut *conn)
        .await?;
    if some.len() > most {
        return Ok(None);
    }
    watches_of(conn, source).await.map(Some)
}

async fn shown_by(conn: &mut Conn, site: &str, ids: &[String]) -> Result<Vec<Showing>, DbError> {
    let statement = format!(
        "SELECT x.ext_id, x.source FROM listing_sources x JOIN sources s ON s.id = x.source \
         WHERE x.site = $1 AND s.baseline_done = 1 AND x.ext_id IN {} ORDER BY x.ext_id, x.source",
        places(2)
    );
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    let mut shown = Vec::new();
    for chunk in ids.chunks(IDS) {
        let query = query(statement.clone()).bind(site);
        let query = filled(chunk).fold(query, |query, id| query.bind(id));
        for row in query.fetch_all(&mut *conn).await? {
            let source = SourceId(text(&row, "source")?);
            shown.push(Showing { listing: text(&row, "ext_id")?, source });
        }
    }
    Ok(shown)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::SqlOptions;
    use super::super::engine::Place;
    use super::*;

    #[tokio::test]
    async fn the_ends_of_the_log_are_found_without_reading_it() {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}", folder.path().join("f.db").display());
        SqlDb::open(&url, SqlOptions::default()).await.unwrap().close().await;
        let mut conn = Place::parse(&url, Duration::from_secs(1)).unwrap().reader().await.unwrap();
        let steps = query(format!("EXPLAIN QUERY PLAN {ENDS}")).fetch_all(&mut conn).await.unwrap();
        let steps: Vec<String> = steps.iter().map(|row| text(row, "detail").unwrap()).collect();
        assert_eq!(steps.iter().filter(|step| step.contains("SEARCH watch_log")).count(), 2);
        assert!(!steps.iter().any(|step| step.contains("SCAN watch_log")), "{steps:?}");
    }
}
