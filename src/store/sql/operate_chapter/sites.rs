//! What operators see of sites and sources.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};

use super::super::engine::{Conn, moment, ms};
use super::super::rows::{self, maybe_number, maybe_text, number, text, word};
use super::super::statement::{Row, query};
use super::super::{hosts_chapter, modules_chapter, site_health, sources};
use crate::domain::{SourceId, Verdict};
use crate::store::{
    DbError, FailedRun, ModuleState, ModuleVersion, PAGE, SiteCard, SiteLine, SourceCard,
    SourcesPage,
};

/// Bad runs that are shown.
const FAILURES: i64 = 5;
/// Runs of a source that are shown.
const RUNS: u32 = 10;

/// All sites that have sources, by id.
pub(super) async fn lines(conn: &mut Conn) -> Result<Vec<SiteLine>, DbError> {
    let counted = query(
        "SELECT site, COUNT(*) AS sources, SUM(paused) AS paused, \
         SUM(CASE WHEN paused = 0 AND failures > 0 THEN 1 ELSE 0 END) AS failing, \
         MAX(CASE WHEN failures = 0 THEN last_run_at END) AS last_good_at \
         FROM sources GROUP BY site ORDER BY site",
    )
    .fetch_all(&mut *conn)
    .await?;
    let healths = site_health::all(conn).await?;
    let mut healths: BTreeMap<_, _> = healths.into_iter().map(|h| (h.site.clone(), h)).collect();
    let proposed =
        query("SELECT DISTINCT site FROM modules WHERE state = 'proposed'").fetch_all(conn).await?;
    let proposed =
        proposed.iter().map(|row| text(row, "site")).collect::<Result<Vec<_>, DbError>>()?;
    let mut lines = Vec::with_capacity(counted.len());
    for row in &counted {
        let site = text(row, "site")?;
        lines.push(SiteLine {
            health: healths.remove(&site),
            sources: number(row, "sources")?,
            paused: number(row, "paused")?,
            failing: number(row, "failing")?,
            last_good_at: maybe_number(row, "last_good_at")?.map(moment),
            is_proposed: proposed.contains(&site),
            site,
        });
    }
    Ok(lines)
}

/// One site.
pub(super) async fn card(
    conn: &mut Conn,
    site: &str,
    hosts: &[String],
    now: DateTime<Utc>,
) -> Result<SiteCard, DbError> {
    let line = lines(conn).await?.into_iter().find(|line| line.site == site);
    let line = line.unwrap_or_else(|| SiteLine { site: site.to_owned(), ..SiteLine::default() });
    let since = ms(now - TimeDelta::days(1));
    let counted = query(
        "SELECT COUNT(*) AS runs, \
         COALESCE(SUM(CASE WHEN r.verdict IN ('ok', 'empty', 'unchanged') THEN 1 ELSE 0 END), 0) \
         AS good FROM sources s JOIN runs r ON r.source = s.id \
         WHERE s.site = $1 AND r.finished_at >= $2",
    )
    .bind(site)
    .bind(since)
    .fetch_one(&mut *conn)
    .await?;
    let failed = query(
        "SELECT r.finished_at, r.verdict, r.error, s.title FROM sources s \
         JOIN runs r ON r.source = s.id WHERE s.site = $1 AND r.finished_at >= $2 \
         AND r.verdict NOT IN ('ok', 'empty', 'unchanged') ORDER BY r.finished_at DESC LIMIT $3",
    )
    .bind(site)
    .bind(since)
    .bind(FAILURES)
    .fetch_all(&mut *conn)
    .await?;
    let failure = |row: &Row| {
        Ok(FailedRun {
            at: moment(number(row, "finished_at")?),
            title: text(row, "title")?,
            verdict: word(row, "verdict", Verdict::from_word)?,
            error: maybe_text(row, "error")?,
        })
    };
    let paces = hosts_chapter::all(conn).await?;
    Ok(SiteCard {
        line,
        runs: number(&counted, "runs")?,
        good: number(&counted, "good")?,
        failures: failed.iter().map(failure).collect::<Result<_, DbError>>()?,
        paces: paces.into_iter().filter(|(host, _)| hosts.contains(host)).collect(),
    })
}

/// A page of the sources of a site, by title.
pub(super) async fn sources(
    conn: &mut Conn,
    site: &str,
    page: usize,
) -> Result<SourcesPage, DbError> {
    let (limit, skip) = window(page);
    let found =
        query("SELECT * FROM sources WHERE site = $1 ORDER BY title, id LIMIT $2 OFFSET $3")
            .bind(site)
            .bind(limit)
            .bind(skip)
            .fetch_all(conn)
            .await?;
    let mut sources = found.iter().map(rows::source).collect::<Result<Vec<_>, _>>()?;
    let has_more = sources.len() > PAGE;
    sources.truncate(PAGE);
    Ok(SourcesPage { sources, has_more })
}

/// So many rows, one more than fit on a page, and how many are skipped.
pub(super) fn window(page: usize) -> (i64, i64) {
    let skip = i64::try_from(page.saturating_mul(PAGE)).unwrap_or(i64::MAX);
    (i64::try_from(PAGE + 1).unwrap_or(i64::MAX), skip)
}

/// One source.
pub(super) async fn source(conn: &mut Conn, id: &SourceId) -> Result<Option<SourceCard>, DbError> {
    let row =
        query("SELECT * FROM sources WHERE id = $1").bind(id.as_str()).fetch_optional(&mut *conn);
    let Some(row) = row.await? else { return Ok(None) };
    let watching = query(
        "SELECT COUNT(DISTINCT w.user_id) AS many FROM watch_sources x \
         JOIN watches w ON w.id = x.watch WHERE x.source = $1",
    )
    .bind(id.as_str())
    .fetch_one(&mut *conn)
    .await?;
    Ok(Some(SourceCard {
        source: rows::source(&row)?,
        runs: sources::runs(conn, id, RUNS).await?,
        watchers: number(&watching, "many")?,
    }))
}

/// The version of a site's module that waits for an operator's word.
pub(super) async fn proposal(
    conn: &mut Conn,
    site: &str,
) -> Result<Option<ModuleVersion>, DbError> {
    let all = modules_chapter::versions(conn, Some(site)).await?;
    Ok(all.into_iter().find(|one| one.state == ModuleState::Proposed))
}
