//! Kept pages of failed runs, one row per group.

use chrono::{DateTime, Utc};

use super::engine::{Conn, moment, ms};
use super::rows::{maybe_text, number, text};
use super::statement::{Row, query};
use crate::domain::SourceId;
use crate::domain::health::FailurePage;
use crate::store::DbError;

/// See [`crate::store::SiteRecord::count_failure`].
pub(crate) async fn count(
    conn: &mut Conn,
    site: &str,
    group: &str,
    picture: Option<&str>,
    at: DateTime<Utc>,
) -> Result<bool, DbError> {
    let done = query(
        "UPDATE failure_pages SET times = times + 1, last_at = $3, \
         picture = COALESCE(picture, CAST($4 AS TEXT)) WHERE site = $1 AND group_key = $2",
    )
    .bind(site)
    .bind(group)
    .bind(ms(at))
    .bind(picture)
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// See [`crate::store::SiteRecord::keep_failure`].
pub(crate) async fn keep(conn: &mut Conn, page: &FailurePage) -> Result<(), DbError> {
    query(
        "INSERT INTO failure_pages (site, group_key, source, url, path, picture, reason, times, \
         first_at, last_at, class, bytes) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) \
         ON CONFLICT (site, group_key) DO UPDATE SET times = failure_pages.times + 1, \
         last_at = excluded.last_at",
    )
    .bind(page.site.as_str())
    .bind(page.group.as_str())
    .bind(page.source.as_str())
    .bind(page.url.as_str())
    .bind(page.path.as_str())
    .bind(page.picture.as_deref())
    .bind(page.reason.as_str())
    .bind(page.times)
    .bind(ms(page.first_at))
    .bind(ms(page.last_at))
    .bind(page.class.as_str())
    .bind(page.bytes)
    .execute(conn)
    .await?;
    Ok(())
}

/// See [`crate::store::SiteRecord::failures`].
pub(crate) async fn list(conn: &mut Conn, site: Option<&str>) -> Result<Vec<FailurePage>, DbError> {
    let rows = match site {
        Some(site) => query(
            "SELECT * FROM failure_pages WHERE site = $1 ORDER BY last_at DESC, site, group_key",
        )
        .bind(site)
        .fetch_all(conn)
        .await?,
        None => {
            query("SELECT * FROM failure_pages ORDER BY last_at DESC, site, group_key")
                .fetch_all(conn)
                .await?
        }
    };
    rows.iter().map(page).collect()
}

fn page(row: &Row) -> Result<FailurePage, DbError> {
    Ok(FailurePage {
        site: text(row, "site")?,
        group: text(row, "group_key")?,
        class: text(row, "class")?,
        source: SourceId(text(row, "source")?),
        url: text(row, "url")?,
        path: text(row, "path")?,
        picture: maybe_text(row, "picture")?,
        reason: text(row, "reason")?,
        bytes: number(row, "bytes")?,
        times: number(row, "times")?,
        first_at: moment(number(row, "first_at")?),
        last_at: moment(number(row, "last_at")?),
    })
}

/// See [`crate::store::SiteRecord::forget_failures`].
pub(crate) async fn forget(conn: &mut Conn, site: &str, groups: &[String]) -> Result<(), DbError> {
    for group in groups {
        query("DELETE FROM failure_pages WHERE site = $1 AND group_key = $2")
            .bind(site)
            .bind(group.as_str())
            .execute(&mut *conn)
            .await?;
    }
    Ok(())
}
