//! See [`crate::store::MarketRecord`].

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use sites::Listing;

use super::engine::{Conn, ms};
use super::listings::{filled, places};
use super::statement::query;
use super::{SqlDb, rows, watches_chapter};
use crate::domain::source::SourceSpec;
use crate::domain::{SourceId, UserId, WatchId};
use crate::store::{
    DbError, Link, MOST_RECENT, MOST_SHOWN, MarketAsk, MarketRecord, MarketView, Recent,
    ShareEffect, SharedWatch,
};

/// What a decision for this person looks at.
pub(super) async fn view(
    conn: &mut Conn,
    ask: &MarketAsk,
    _user: Option<UserId>,
) -> Result<MarketView, DbError> {
    let mut view = MarketView::default();
    if let Some((searches, since)) = &ask.recent {
        view.recent = Some(recent(conn, searches, *since).await?);
    }
    if let Some((searches, since)) = &ask.shown {
        let shown = watches_chapter::recent(conn, searches, *since, MOST_SHOWN).await?;
        view.shown = Some(shown);
    }
    if let Some(watch) = &ask.link_of {
        view.link = Some(link(conn, watch).await?);
    }
    if let Some(token) = &ask.token {
        view.shared = shared(conn, token).await?;
    }
    Ok(view)
}

async fn recent(
    conn: &mut Conn,
    searches: &[SourceId],
    since: DateTime<Utc>,
) -> Result<Recent, DbError> {
    let ids: Vec<&str> = searches.iter().take(super::listings::IDS).map(SourceId::as_str).collect();
    if ids.is_empty() {
        return Ok(Recent::default());
    }
    let text = format!("SELECT id FROM sources WHERE baseline_done = 1 AND id IN {}", places(1));
    let looked_at = filled(&ids).fold(query(text), |query, id| query.bind(id));
    let looked_at = looked_at.fetch_all(&mut *conn).await?.len();
    let text = format!(
        "SELECT l.site, l.data FROM (SELECT x.site, x.ext_id, MIN(x.first_seen_at) AS seen, \
         MIN(x.place) AS place FROM listing_sources x \
         JOIN sources o ON o.id = x.source AND o.baseline_done = 1 \
         WHERE x.first_seen_at >= $1 AND x.source IN {} GROUP BY x.site, x.ext_id) f \
         JOIN listings l ON l.site = f.site AND l.ext_id = f.ext_id \
         ORDER BY f.seen DESC, f.place, l.ext_id, l.site LIMIT {}",
        places(2),
        MOST_RECENT + 1
    );
    let found = filled(&ids).fold(query(text).bind(ms(since)), |query, id| query.bind(id));
    let found = found.fetch_all(conn).await?;
    let most = usize::try_from(MOST_RECENT).unwrap_or(usize::MAX);
    let listing = |row: &super::statement::Row| {
        let listing: Listing = serde_json::from_str(&rows::text(row, "data")?)?;
        Ok::<_, DbError>((rows::text(row, "site")?, listing))
    };
    let listings = found.iter().take(most).map(listing).collect::<Result<_, _>>()?;
    Ok(Recent { listings, is_cut: found.len() > most, looked_at })
}

async fn link(conn: &mut Conn, watch: &WatchId) -> Result<Link, DbError> {
    let known = query("SELECT token FROM shared_watches WHERE watch = $1")
        .bind(watch.as_str())
        .fetch_optional(conn)
        .await?;
    Ok(match known {
        Some(row) => Link { token: rows::text(&row, "token")?, is_shared: true },
        None => Link { token: format!("{:032x}", rand::random::<u128>()), is_shared: false },
    })
}

async fn shared(conn: &mut Conn, token: &str) -> Result<Option<SharedWatch>, DbError> {
    let found = query(
        "SELECT s.watch, s.user_id FROM shared_watches s \
         JOIN users u ON u.id = s.user_id AND u.banned = 0 WHERE s.token = $1",
    )
    .bind(token)
    .fetch_optional(&mut *conn)
    .await?;
    let Some(row) = found else { return Ok(None) };
    let (id, owner) = (WatchId(rows::text(&row, "watch")?), UserId(rows::number(&row, "user_id")?));
    let Some(watch) = watches_chapter::one(conn, &id).await?.filter(|own| own.user == owner) else {
        return Ok(None);
    };
    let searches = searches(conn, &id).await?;
    Ok(Some(SharedWatch { watch: id, owner, name: watch.name, searches, filter: watch.filter }))
}

/// What a watch looks at, as it would be asked for.
async fn searches(conn: &mut Conn, watch: &WatchId) -> Result<Vec<SourceSpec>, DbError> {
    let found = query(
        "SELECT o.* FROM watch_sources s JOIN sources o ON o.id = s.source \
         WHERE s.watch = $1 ORDER BY o.site, o.title, o.id",
    )
    .bind(watch.as_str())
    .fetch_all(conn)
    .await?;
    found.iter().map(|row| Ok(rows::source(row)?.spec)).collect()
}

/// Applies a change that an update causes. [`DbError::Stale`] when what it was decided on has changed.
pub(super) async fn apply(
    conn: &mut Conn,
    effect: &ShareEffect,
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    match effect {
        ShareEffect::Begin { watch, user, token } => {
            let begun = query(
                "INSERT INTO shared_watches (token, watch, user_id, created_at) \
                 SELECT $3, w.id, w.user_id, CAST($4 AS BIGINT) FROM watches w \
                 WHERE w.id = $1 AND w.user_id = $2 ON CONFLICT DO NOTHING",
            )
            .bind(watch.as_str())
            .bind(user.0)
            .bind(token.as_str())
            .bind(ms(now))
            .execute(conn)
            .await?;
            if begun.rows_affected() == 1 { Ok(()) } else { Err(DbError::Stale) }
        }
        ShareEffect::End { watch, user } => {
            query("DELETE FROM shared_watches WHERE watch = $1 AND user_id = $2")
                .bind(watch.as_str())
                .bind(user.0)
                .execute(conn)
                .await?;
            Ok(())
        }
    }
}

#[async_trait]
impl MarketRecord for SqlDb {
    async fn market(&self, ask: &MarketAsk) -> Result<MarketView, DbError> {
        let ask = ask.clone();
        self.readers.run(move |conn| Box::pin(async move { view(conn, &ask, None).await })).await
    }
}
