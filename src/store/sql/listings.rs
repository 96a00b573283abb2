//! What a run writes: listings, price points, changes and the deliveries they cause, in one transaction.

use super::engine::{Conn, ms};
use super::outbox;
use super::sources::{self, Standing};
use super::statement::query;
use super::{prices, rows};
use crate::domain::change::{KnownListing, Prices};
use crate::domain::{Change, ChangeKind, SourceId, Watch};
use crate::store::{DbError, ListingWrite, MatchBatch, Recorded};

/// Ids in one query; a list is filled up to this, so that there is one prepared statement.
pub(crate) const IDS: usize = 64;

/// `($first, $first+1, …)`: the places of one list of ids.
pub(crate) fn places(first: usize) -> String {
    let places: Vec<String> = (first..first + IDS).map(|place| format!("${place}")).collect();
    format!("({})", places.join(", "))
}

/// Exactly [`IDS`] ids: the last one repeated fills the list.
pub(crate) fn filled<'a>(ids: &'a [&'a str]) -> impl Iterator<Item = &'a str> {
    let last = ids.last().copied().unwrap_or("");
    ids.iter().copied().chain(std::iter::repeat(last)).take(IDS)
}

/// See [`crate::store::Db::known_listings`].
pub(crate) async fn known(
    conn: &mut Conn,
    source: &SourceId,
    site: &str,
    ids: &[String],
) -> Result<Vec<KnownListing>, DbError> {
    let text = format!(
        "SELECT l.data, l.version, l.gone, l.held, CASE WHEN s.ext_id IS NULL THEN 0 ELSE 1 END AS shown \
         FROM listings l LEFT JOIN listing_sources s ON s.source = $1 AND s.site = l.site \
         AND s.ext_id = l.ext_id WHERE l.site = $2 AND l.ext_id IN {}",
        places(3)
    );
    let mut known = Vec::new();
    for chunk in ids.chunks(IDS) {
        let chunk: Vec<&str> = chunk.iter().map(String::as_str).collect();
        let mut query = query(text.clone()).bind(source.as_str()).bind(site);
        for id in filled(&chunk) {
            query = query.bind(id);
        }
        let found = query.fetch_all(&mut *conn).await?;
        let mut points = prices::points(conn, site, &chunk).await?;
        for row in found {
            let listing: sites::Listing = serde_json::from_str(&rows::text(&row, "data")?)?;
            let points = points.remove(&listing.id).unwrap_or_default();
            known.push(KnownListing {
                version: rows::number(&row, "version")?,
                in_source: rows::number(&row, "shown")? == 1,
                gone: rows::number(&row, "gone")? == 1,
                prices: Prices { points, held: prices::held(&row)? },
                listing,
            });
        }
    }
    Ok(known)
}

/// See [`crate::store::Db::watches_of`].
pub(crate) async fn watches_of(conn: &mut Conn, source: &SourceId) -> Result<Vec<Watch>, DbError> {
    let rows = query(
        "SELECT w.id, w.user_id, w.chat, w.thread, w.name, w.filter, w.paused, w.created_at, \
         w.paused_by, w.muted_until, w.telling, \
         COALESCE(u.language, w.language) AS language, s.source \
         FROM watch_sources x JOIN watches w ON w.id = x.watch \
         JOIN watch_sources s ON s.watch = w.id \
         LEFT JOIN users u ON u.id = w.user_id LEFT JOIN chats c ON c.id = w.chat \
         WHERE x.source = $1 AND w.paused = 0 AND COALESCE(c.active, 1) = 1 \
         AND COALESCE(u.banned, 0) = 0 ORDER BY w.id, s.source",
    )
    .bind(source.as_str())
    .fetch_all(conn)
    .await?;
    rows::watches(&rows)
}

/// See [`crate::store::Db::record_matches`].
pub(crate) async fn record(conn: &mut Conn, batch: &MatchBatch) -> Result<Recorded, DbError> {
    match sources::standing(conn, &batch.source, batch.epoch).await? {
        Standing::Held => {}
        Standing::Reported => return Ok(Recorded::default()),
        Standing::Lost => return Ok(Recorded { fenced: true, ..Recorded::default() }),
    }
    let recorded = write(conn, batch, By::List).await?;
    if let Some(run) = &batch.run {
        sources::finish(conn, run).await?;
    }
    Ok(recorded)
}

/// Which page told about a listing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum By {
    /// A page of the search: the source shows it.
    List,
    /// Its own page, which says nothing about any search.
    OwnPage,
}

/// Writes listings, changes and deliveries of a batch that stands.
pub(crate) async fn write(
    conn: &mut Conn,
    batch: &MatchBatch,
    by: By,
) -> Result<Recorded, DbError> {
    let mut recorded = Recorded::default();
    for (place, write) in batch.listings.iter().enumerate() {
        let is_new = put_listing(conn, batch, write).await?;
        if by == By::List {
            put_place(conn, batch, write, place).await?;
        }
        let is_told = match &write.change {
            Some(change) => put_change(conn, change).await?,
            None => false,
        };
        if is_new || is_told || write.change.is_none() {
            prices::put(conn, batch, write).await?;
        }
        recorded.new_listings += u64::from(is_new);
        recorded.new_changes += u64::from(is_told);
    }
    recorded.new_deliveries = outbox::insert_all(conn, &batch.deliveries, batch.now).await?;
    Ok(recorded)
}

/// Version and `gone` that a listing has after the write, if the write says so.
fn after(write: &ListingWrite) -> (Option<i64>, Option<i64>) {
    let point = write.price.point.map(|(version, _)| version);
    match &write.change {
        Some(change) => {
            let version = Some(change.version).max(point);
            (version, Some(i64::from(change.kind == ChangeKind::Gone)))
        }
        None => (point, None),
    }
}

/// Writes the reading; true when the listing had not been known.
async fn put_listing(
    conn: &mut Conn,
    batch: &MatchBatch,
    write: &ListingWrite,
) -> Result<bool, DbError> {
    let (version, gone) = after(write);
    let data = serde_json::to_string(&write.listing)?;
    let held = write.price.held.as_ref().map(serde_json::to_string).transpose()?;
    let inserted = query(
        "INSERT INTO listings (site, ext_id, data, fingerprint, version, gone, first_seen_at, \
         last_seen_at, held) VALUES ($1, $2, $3, $4, $5, $6, $7, $7, $8) \
         ON CONFLICT (site, ext_id) DO NOTHING",
    )
    .bind(batch.site.as_str())
    .bind(write.listing.id.as_str())
    .bind(data.as_str())
    .bind(write.fingerprint)
    .bind(version.unwrap_or(1))
    .bind(gone.unwrap_or(0))
    .bind(ms(batch.now))
    .bind(held.as_deref())
    .execute(&mut *conn)
    .await?;
    if inserted.rows_affected() == 1 {
        return Ok(true);
    }
    query(
        "UPDATE listings SET data = $3, fingerprint = $4, last_seen_at = $7, \
         held = CAST($8 AS TEXT), \
         gone = COALESCE(CAST($6 AS BIGINT), gone), \
         version = CASE WHEN CAST($5 AS BIGINT) > version THEN CAST($5 AS BIGINT) ELSE version END \
         WHERE site = $1 AND ext_id = $2",
    )
    .bind(batch.site.as_str())
    .bind(write.listing.id.as_str())
    .bind(data)
    .bind(write.fingerprint)
    .bind(version)
    .bind(gone)
    .bind(ms(batch.now))
    .bind(held)
    .execute(conn)
    .await?;
    Ok(false)
}

/// Notes that the source shows the listing.
async fn put_place(
    conn: &mut Conn,
    batch: &MatchBatch,
    write: &ListingWrite,
    place: usize,
) -> Result<(), DbError> {
    query(
        "INSERT INTO listing_sources (source, site, ext_id, first_seen_at, last_seen_at, place) \
         VALUES ($1, $2, $3, $4, $4, $5) \
         ON CONFLICT (source, site, ext_id) DO UPDATE SET last_seen_at = excluded.last_seen_at",
    )
    .bind(batch.source.as_str())
    .bind(batch.site.as_str())
    .bind(write.listing.id.as_str())
    .bind(ms(batch.now))
    .bind(i64::try_from(place).unwrap_or(0))
    .execute(conn)
    .await?;
    Ok(())
}

/// Writes a change; false when it is already recorded.
async fn put_change(conn: &mut Conn, change: &Change) -> Result<bool, DbError> {
    let inserted = query(
        "INSERT INTO events (id, site, ext_id, kind, version, at, data) \
         VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING",
    )
    .bind(change.id().0)
    .bind(change.key.site.as_str())
    .bind(change.key.id.as_str())
    .bind(change.kind.as_str())
    .bind(change.version)
    .bind(ms(change.at))
    .bind(serde_json::to_string(change)?)
    .execute(conn)
    .await?;
    Ok(inserted.rows_affected() == 1)
}

/// The latest listings of a source, newest first, at most 3.
pub(crate) async fn sample(
    conn: &mut Conn,
    source: &SourceId,
) -> Result<Vec<sites::Listing>, DbError> {
    let rows = query(
        "SELECT l.data FROM listing_sources s JOIN listings l ON l.site = s.site \
         AND l.ext_id = s.ext_id WHERE s.source = $1 AND l.gone = 0 \
         ORDER BY s.first_seen_at DESC, s.place, s.ext_id LIMIT 3",
    )
    .bind(source.as_str())
    .fetch_all(conn)
    .await?;
    rows.iter().map(|row| Ok(serde_json::from_str(&rows::text(row, "data")?)?)).collect()
}
