//! The facts behind "why was this (not) sent".

use super::engine::{Conn, moment};
use super::rows;
use super::statement::{Row, query};
use crate::domain::change::{KnownListing, Prices};
use crate::domain::delivery::delivery_id;
use crate::domain::why::WhyFacts;
use crate::domain::{Change, Class, Source, Watch};
use crate::store::{DbError, WhyAsk};

/// See [`crate::store::PreferenceRecord::why_facts`].
pub(crate) async fn facts(conn: &mut Conn, ask: &WhyAsk) -> Result<WhyFacts, DbError> {
    let mut facts = WhyFacts {
        known: known(conn, ask).await?,
        shown: shown(conn, ask).await?,
        changes: changes(conn, ask).await?,
        watches: watches(conn, ask).await?,
        deliveries: vec![],
    };
    let mut places: Vec<_> = facts.watches.iter().map(|watch| (watch.chat, watch.thread)).collect();
    places.extend(ask.chat.map(|chat| (chat, None)));
    places.sort_unstable();
    places.dedup();
    for (chat, thread) in places {
        for change in &facts.changes {
            let id = delivery_id(Class::Alert, chat, thread, change.id().as_str());
            let row = query("SELECT * FROM deliveries WHERE id = $1")
                .bind(id.as_str())
                .fetch_optional(&mut *conn)
                .await?;
            if let Some(row) = row {
                facts.deliveries.push(rows::delivery(&row)?);
            }
        }
    }
    Ok(facts)
}

async fn known(conn: &mut Conn, ask: &WhyAsk) -> Result<Option<KnownListing>, DbError> {
    let row = query("SELECT data, version, gone FROM listings WHERE site = $1 AND ext_id = $2")
        .bind(ask.listing.site.as_str())
        .bind(ask.listing.id.as_str())
        .fetch_optional(conn)
        .await?;
    row.map(|row| {
        Ok(KnownListing {
            listing: serde_json::from_str(&rows::text(&row, "data")?)?,
            version: rows::number(&row, "version")?,
            in_source: true,
            gone: rows::number(&row, "gone")? == 1,
            prices: Prices::default(),
        })
    })
    .transpose()
}

async fn shown(
    conn: &mut Conn,
    ask: &WhyAsk,
) -> Result<Vec<(Source, chrono::DateTime<chrono::Utc>)>, DbError> {
    let found = query(
        "SELECT s.*, l.first_seen_at FROM listing_sources l JOIN sources s ON s.id = l.source \
         WHERE l.site = $1 AND l.ext_id = $2 ORDER BY l.first_seen_at, s.id",
    )
    .bind(ask.listing.site.as_str())
    .bind(ask.listing.id.as_str())
    .fetch_all(conn)
    .await?;
    let one = |row: &Row| Ok((rows::source(row)?, moment(rows::number(row, "first_seen_at")?)));
    found.iter().map(one).collect()
}

async fn changes(conn: &mut Conn, ask: &WhyAsk) -> Result<Vec<Change>, DbError> {
    let found = query(
        "SELECT data FROM events WHERE site = $1 AND ext_id = $2 ORDER BY version DESC, at DESC LIMIT 10",
    )
    .bind(ask.listing.site.as_str())
    .bind(ask.listing.id.as_str())
    .fetch_all(conn)
    .await?;
    found.iter().map(|row| Ok(serde_json::from_str(&rows::text(row, "data")?)?)).collect()
}

/// The watches asked about; without a chat or a watch, those of the sources that show the listing.
async fn watches(conn: &mut Conn, ask: &WhyAsk) -> Result<Vec<Watch>, DbError> {
    let columns = "SELECT w.id, w.user_id, w.chat, w.thread, w.name, w.filter, w.paused, w.created_at, \
         w.paused_by, w.muted_until, w.telling, COALESCE(u.language, w.language) AS language, s.source \
         FROM watches w JOIN watch_sources s ON s.watch = w.id LEFT JOIN users u ON u.id = w.user_id";
    let order = "ORDER BY w.created_at, w.id, s.source";
    let found = match (&ask.watch, ask.chat) {
        (Some(watch), _) => {
            query(format!("{columns} WHERE w.id = $1 {order}"))
                .bind(watch.as_str())
                .fetch_all(conn)
                .await?
        }
        (None, Some(chat)) => {
            query(format!("{columns} WHERE w.chat = $1 {order} LIMIT 500"))
                .bind(chat.0)
                .fetch_all(conn)
                .await?
        }
        (None, None) => {
            query(format!(
                "{columns} WHERE w.id IN (SELECT o.watch FROM watch_sources o \
                 JOIN listing_sources l ON l.source = o.source \
                 WHERE l.site = $1 AND l.ext_id = $2) {order} LIMIT 500"
            ))
            .bind(ask.listing.site.as_str())
            .bind(ask.listing.id.as_str())
            .fetch_all(conn)
            .await?
        }
    };
    let mut watches = rows::watches(&found)?;
    watches.truncate(50);
    Ok(watches)
}
