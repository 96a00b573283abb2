//! See [`ProbeRecord`].

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::engine::{Conn, ms};
use super::listings::{self, IDS, filled, places};
use super::statement::{Row, query};
use super::{SqlDb, prices, rows};
use crate::domain::change::{KnownListing, Prices};
use crate::domain::{DeliveryId, EventId, SourceId};
use crate::store::{DbError, ProbeBatch, ProbeRecord, Recorded, StaleListing, StaleQuery};

#[async_trait]
impl ProbeRecord for SqlDb {
    async fn note_shown(
        &self,
        source: &SourceId,
        epoch: i64,
        site: &str,
        ids: &[String],
        now: DateTime<Utc>,
    ) -> Result<bool, DbError> {
        let (source, site, ids) = (source.clone(), site.to_owned(), ids.to_vec());
        self.writer
            .run(move |conn| {
                Box::pin(async move { note(conn, (&source, epoch), &site, &ids, now).await })
            })
            .await
    }

    async fn stale_listings(&self, query: &StaleQuery) -> Result<Vec<StaleListing>, DbError> {
        let wanted = query.clone();
        self.readers.run(move |conn| Box::pin(async move { stale(conn, &wanted).await })).await
    }

    async fn told(&self, deliveries: &[DeliveryId]) -> Result<Vec<DeliveryId>, DbError> {
        let ids = deliveries.to_vec();
        self.readers.run(move |conn| Box::pin(async move { told(conn, &ids).await })).await
    }

    async fn record_probes(&self, batch: &ProbeBatch) -> Result<Recorded, DbError> {
        let batch = batch.clone();
        self.writer.run(move |conn| Box::pin(async move { record(conn, &batch).await })).await
    }
}

/// Whether no run of the source has begun since; locks its row.
async fn is_latest(conn: &mut Conn, source: &SourceId, epoch: i64) -> Result<bool, DbError> {
    let held = query("UPDATE sources SET epoch = epoch WHERE id = $1 AND epoch = $2")
        .bind(source.as_str())
        .bind(epoch)
        .execute(conn)
        .await?;
    Ok(held.rows_affected() == 1)
}

async fn note(
    conn: &mut Conn,
    (source, epoch): (&SourceId, i64),
    site: &str,
    ids: &[String],
    now: DateTime<Utc>,
) -> Result<bool, DbError> {
    if !is_latest(conn, source, epoch).await? {
        return Ok(false);
    }
    let shown = format!(
        "UPDATE listing_sources SET last_seen_at = $1 WHERE source = $2 AND site = $3 \
         AND ext_id IN {}",
        places(4)
    );
    let cleared = format!(
        "UPDATE listings SET missing = 0 WHERE missing <> 0 AND site = $1 AND ext_id IN {}",
        places(2)
    );
    for chunk in ids.chunks(IDS) {
        let chunk: Vec<&str> = chunk.iter().map(String::as_str).collect();
        let mut one = query(shown.clone()).bind(ms(now)).bind(source.as_str()).bind(site);
        let mut two = query(cleared.clone()).bind(site);
        for id in filled(&chunk) {
            one = one.bind(id);
            two = two.bind(id);
        }
        one.execute(&mut *conn).await?;
        two.execute(&mut *conn).await?;
    }
    Ok(true)
}

async fn stale(conn: &mut Conn, wanted: &StaleQuery) -> Result<Vec<StaleListing>, DbError> {
    let found = query(
        "SELECT l.ext_id, l.data, l.version, l.missing, l.held FROM listing_sources s \
         JOIN listings l ON l.site = s.site AND l.ext_id = s.ext_id \
         WHERE s.source = $1 AND s.site = $2 AND s.last_seen_at < $3 AND s.last_seen_at > $4 \
         AND ($5 = 0 OR s.last_seen_at < \
         (SELECT MAX(o.last_seen_at) FROM listing_sources o WHERE o.source = $1)) \
         AND NOT EXISTS (SELECT 1 FROM listing_sources n WHERE n.site = l.site \
         AND n.ext_id = l.ext_id AND n.last_seen_at >= $3) \
         AND l.gone = 0 AND (l.probed_at < $6 OR l.missing > 0) \
         ORDER BY CASE WHEN l.missing > 0 THEN 0 ELSE 1 END, \
         CASE WHEN EXISTS (SELECT 1 FROM events e WHERE e.site = l.site AND e.ext_id = l.ext_id) \
         THEN 0 ELSE 1 END, l.probed_at, s.last_seen_at, l.ext_id LIMIT $7",
    )
    .bind(wanted.source.as_str())
    .bind(wanted.site.as_str())
    .bind(ms(wanted.seen_before))
    .bind(ms(wanted.seen_after))
    .bind(i64::from(wanted.spare_latest))
    .bind(ms(wanted.asked_before))
    .bind(i64::try_from(wanted.limit).unwrap_or(i64::MAX))
    .fetch_all(&mut *conn)
    .await?;
    let mut stale = Vec::with_capacity(found.len());
    for row in &found {
        stale.push(whole(conn, &wanted.site, row).await?);
    }
    Ok(stale)
}

/// A stale listing with what belongs to it.
async fn whole(conn: &mut Conn, site: &str, row: &Row) -> Result<StaleListing, DbError> {
    let id = rows::text(row, "ext_id")?;
    let events = query("SELECT id FROM events WHERE site = $1 AND ext_id = $2 ORDER BY id")
        .bind(site)
        .bind(id.as_str())
        .fetch_all(&mut *conn)
        .await?;
    let shown = query("SELECT source FROM listing_sources WHERE site = $1 AND ext_id = $2")
        .bind(site)
        .bind(id.as_str())
        .fetch_all(&mut *conn)
        .await?;
    let mut points = prices::points(conn, site, &[id.as_str()]).await?;
    let mut shown_in = shown
        .iter()
        .map(|row| Ok(SourceId(rows::text(row, "source")?)))
        .collect::<Result<Vec<_>, DbError>>()?;
    shown_in.sort();
    let event = |row: &Row| Ok(EventId(rows::text(row, "id")?));
    Ok(StaleListing {
        known: KnownListing {
            listing: serde_json::from_str(&rows::text(row, "data")?)?,
            version: rows::number(row, "version")?,
            in_source: true,
            gone: false,
            prices: Prices {
                points: points.remove(&id).unwrap_or_default(),
                held: prices::held(row)?,
            },
        },
        missing: rows::number(row, "missing")?,
        events: events.iter().map(event).collect::<Result<_, DbError>>()?,
        shown_in,
    })
}

async fn told(conn: &mut Conn, ids: &[DeliveryId]) -> Result<Vec<DeliveryId>, DbError> {
    let text = format!(
        "SELECT id FROM deliveries WHERE state NOT IN ('dropped', 'dead') AND id IN {}",
        places(1)
    );
    let mut told = Vec::new();
    for chunk in ids.chunks(IDS) {
        let chunk: Vec<&str> = chunk.iter().map(DeliveryId::as_str).collect();
        let asked = filled(&chunk).fold(query(text.clone()), super::statement::Query::bind);
        for row in asked.fetch_all(&mut *conn).await? {
            told.push(DeliveryId(rows::text(&row, "id")?));
        }
    }
    Ok(told)
}

async fn record(conn: &mut Conn, batch: &ProbeBatch) -> Result<Recorded, DbError> {
    let matches = &batch.matches;
    if !is_latest(conn, &matches.source, matches.epoch).await? {
        return Ok(Recorded { fenced: true, ..Recorded::default() });
    }
    for asked in &batch.asked {
        query("UPDATE listings SET probed_at = $3, missing = $4 WHERE site = $1 AND ext_id = $2")
            .bind(matches.site.as_str())
            .bind(asked.id.as_str())
            .bind(ms(matches.now))
            .bind(asked.missing)
            .execute(&mut *conn)
            .await?;
    }
    listings::write(conn, matches, listings::By::OwnPage).await
}
