//! See [`PriceRecord`].

use async_trait::async_trait;
use sites::{ListingKey, Money};

use super::SqlDb;
use super::engine::{Conn, moment};
use super::rows::{number, text};
use super::statement::{Row, query};
use crate::domain::ChatId;
use crate::domain::delivery::{Content, Delivery, Latest, PricePoint, Standing};
use crate::store::chapters::{PRICE_POINTS, TOLD};
use crate::store::{DbError, PriceHistory, PriceRecord, Told};

#[async_trait]
impl PriceRecord for SqlDb {
    async fn price_points(&self, key: &ListingKey) -> Result<Vec<PricePoint>, DbError> {
        let key = key.clone();
        self.readers.run(move |conn| Box::pin(async move { points(conn, &key).await })).await
    }

    async fn price_history(&self, key: &ListingKey) -> Result<Option<PriceHistory>, DbError> {
        let key = key.clone();
        self.readers.run(move |conn| Box::pin(async move { history(conn, &key).await })).await
    }
}

/// See [`PriceRecord::price_points`].
pub(crate) async fn points(conn: &mut Conn, key: &ListingKey) -> Result<Vec<PricePoint>, DbError> {
    let rows = query(
        "SELECT version, seen_at, minor, currency FROM price_points WHERE site = $1 AND ext_id = $2 \
         ORDER BY version DESC LIMIT $3",
    )
    .bind(key.site.as_str())
    .bind(key.id.as_str())
    .bind(i64::try_from(PRICE_POINTS).unwrap_or(i64::MAX))
    .fetch_all(conn)
    .await?;
    rows.iter().rev().map(point).collect()
}

fn point(row: &Row) -> Result<PricePoint, DbError> {
    Ok(PricePoint {
        version: number(row, "version")?,
        at: moment(number(row, "seen_at")?),
        price: Money { minor: number(row, "minor")?, currency: text(row, "currency")? },
    })
}

/// See [`PriceRecord::price_history`].
pub(crate) async fn history(
    conn: &mut Conn,
    key: &ListingKey,
) -> Result<Option<PriceHistory>, DbError> {
    let row = query("SELECT data, version, gone FROM listings WHERE site = $1 AND ext_id = $2")
        .bind(key.site.as_str())
        .bind(key.id.as_str())
        .fetch_optional(&mut *conn)
        .await?;
    let Some(row) = row else { return Ok(None) };
    let latest = Latest {
        listing: serde_json::from_str(&text(&row, "data")?)?,
        version: number(&row, "version")?,
        gone: number(&row, "gone")? == 1,
    };
    Ok(Some(PriceHistory { latest, points: points(conn, key).await? }))
}

/// Fills in what a chart shows, when a delivery is one.
pub(crate) async fn chart(
    conn: &mut Conn,
    delivery: &Delivery,
    standing: &mut Standing,
) -> Result<(), DbError> {
    let Content::Chart { key, .. } = &delivery.new.content else { return Ok(()) };
    if let Some(history) = history(conn, key).await? {
        standing.latest = Some(history.latest);
        standing.prices = history.points;
    }
    Ok(())
}

/// See [`View::told`](crate::store::View): the latest changes that the chat was told of.
pub(crate) async fn told(conn: &mut Conn, chat: ChatId) -> Result<Vec<Told>, DbError> {
    let rows = query(
        "SELECT content FROM deliveries WHERE chat = $1 AND class = 'alert' \
         AND state IN ('sent', 'folded') ORDER BY seq DESC LIMIT $2",
    )
    .bind(chat.0)
    .bind(i64::try_from(TOLD).unwrap_or(i64::MAX))
    .fetch_all(&mut *conn)
    .await?;
    let mut told = Vec::new();
    for row in &rows {
        let content: Content = serde_json::from_str(&text(row, "content")?)?;
        let Content::Change { event, .. } = content else { continue };
        let listing = query(
            "SELECT l.site, l.ext_id, l.data FROM events e JOIN listings l ON l.site = e.site \
             AND l.ext_id = e.ext_id WHERE e.id = $1",
        )
        .bind(event.as_str())
        .fetch_optional(&mut *conn)
        .await?;
        if let Some(row) = listing {
            told.push(Told {
                event,
                key: ListingKey { site: text(&row, "site")?, id: text(&row, "ext_id")? },
                listing: serde_json::from_str(&text(&row, "data")?)?,
            });
        }
    }
    Ok(told)
}
