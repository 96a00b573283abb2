//! The asking prices of listings over time: one point for each version that has another price.
//!
//! A point that was told is kept as long as the listing. Of the others the latest [`QUIET`] versions are: a price that
//! follows a rate of exchange must not fill the disk.

use std::collections::HashMap;

use super::engine::{Conn, moment, ms};
use super::listings::{filled, places};
use super::rows;
use super::statement::{Row, query};
use crate::domain::change::{Held, Point, prices::KEPT};
use crate::store::{DbError, ListingWrite, MatchBatch};

/// Versions for which points that nobody was told of are kept.
const QUIET: i64 = 200;

/// The reading that waits, of a row with the column `held`. One that cannot be read is forgotten: the price is read
/// again.
pub(super) fn held(row: &Row) -> Result<Option<Held>, DbError> {
    Ok(rows::maybe_text(row, "held")?.and_then(|text| serde_json::from_str(&text).ok()))
}

/// By listing: its latest points and those that were told, newest first. At most as many ids as one list holds.
pub(super) async fn points(
    conn: &mut Conn,
    site: &str,
    ids: &[&str],
) -> Result<HashMap<String, Vec<Point>>, DbError> {
    let text = format!(
        "SELECT p.ext_id, p.version, p.seen_at, p.minor, p.currency, p.told FROM price_points p \
         JOIN listings l ON l.site = p.site AND l.ext_id = p.ext_id \
         WHERE p.site = $1 AND (p.told = 1 OR p.version > l.version - $2) AND p.ext_id IN {} \
         ORDER BY p.ext_id, p.version DESC",
        places(3)
    );
    let kept = i64::try_from(KEPT).unwrap_or(i64::MAX);
    let asked = filled(ids).fold(query(text).bind(site).bind(kept), super::statement::Query::bind);
    let mut points: HashMap<String, Vec<Point>> = HashMap::new();
    for row in asked.fetch_all(conn).await? {
        points.entry(rows::text(&row, "ext_id")?).or_default().push(point(&row)?);
    }
    Ok(points)
}

fn point(row: &Row) -> Result<Point, DbError> {
    Ok(Point {
        version: rows::number(row, "version")?,
        at: moment(rows::number(row, "seen_at")?),
        price: sites::Money {
            minor: rows::number(row, "minor")?,
            currency: rows::text(row, "currency")?,
        },
        told: rows::number(row, "told")? == 1,
    })
}

/// Writes the point of a reading, if it has one. A version keeps its first one.
pub(super) async fn put(
    conn: &mut Conn,
    batch: &MatchBatch,
    write: &ListingWrite,
) -> Result<(), DbError> {
    let (Some((version, told)), Some(price)) = (write.price.point, &write.listing.price) else {
        return Ok(());
    };
    query(
        "INSERT INTO price_points (site, ext_id, version, seen_at, minor, currency, told) \
         VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (site, ext_id, version) DO NOTHING",
    )
    .bind(batch.site.as_str())
    .bind(write.listing.id.as_str())
    .bind(version)
    .bind(ms(batch.now))
    .bind(price.minor)
    .bind(price.currency.as_str())
    .bind(i64::from(told))
    .execute(&mut *conn)
    .await?;
    if !told {
        query(
            "DELETE FROM price_points \
             WHERE site = $1 AND ext_id = $2 AND told = 0 AND version <= $3",
        )
        .bind(batch.site.as_str())
        .bind(write.listing.id.as_str())
        .bind(version - QUIET)
        .execute(conn)
        .await?;
    }
    Ok(())
}
