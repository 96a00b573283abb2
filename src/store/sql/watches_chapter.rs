//! See [`WatchRecord`]. The writing is in [`super::watch_life`].

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use sites::Listing;

use super::account_plans::free_terms;
use super::engine::{Conn, ms};
use super::statement::query;
use super::{SqlDb, rows, watch_life, watch_limits};
use crate::domain::plan::{Entitled, Terms};
use crate::domain::watch::{NewWatch, WatchOrder, Who};
use crate::domain::{SourceId, UserId, Watch, WatchId};
use crate::store::{DbError, Limited, RestWord, WatchDone, WatchFilter, WatchRecord};

/// Columns of a watch with its searches, one row for each search.
pub(crate) const COLUMNS: &str = "SELECT w.id, w.user_id, w.chat, w.thread, w.name, w.filter, \
     w.paused, w.created_at, w.paused_by, w.muted_until, w.telling, \
     COALESCE(u.language, w.language) AS language, s.source \
     FROM watches w JOIN watch_sources s ON s.watch = w.id LEFT JOIN users u ON u.id = w.user_id";

#[async_trait]
impl WatchRecord for SqlDb {
    async fn add_watch(&self, new: &NewWatch, now: DateTime<Utc>) -> Result<WatchDone, DbError> {
        let (new, free) = (new.clone(), self.free.clone());
        self.writer
            .run(move |conn| {
                Box::pin(async move {
                    let free = free_terms(conn, &free).await?;
                    watch_life::add(conn, &new, &free, now).await
                })
            })
            .await
    }

    async fn change_watch(
        &self,
        id: &WatchId,
        who: Who,
        order: &WatchOrder,
        now: DateTime<Utc>,
    ) -> Result<WatchDone, DbError> {
        let (id, order, free) = (id.clone(), order.clone(), self.free.clone());
        self.writer
            .run(move |conn| {
                Box::pin(async move {
                    let free = free_terms(conn, &free).await?;
                    watch_life::change(conn, &id, who, &order, &free, now).await
                })
            })
            .await
    }

    async fn watch(&self, id: &WatchId) -> Result<Option<Watch>, DbError> {
        let id = id.clone();
        self.readers.run(|conn| Box::pin(async move { one(conn, &id).await })).await
    }

    async fn watches(&self, filter: &WatchFilter) -> Result<Vec<Watch>, DbError> {
        let filter = filter.clone();
        self.readers.run(|conn| Box::pin(async move { list(conn, &filter).await })).await
    }

    async fn apply_limits(
        &self,
        user: UserId,
        word: RestWord,
        now: DateTime<Utc>,
    ) -> Result<Limited, DbError> {
        let free = self.free.clone();
        self.writer
            .run(move |conn| {
                Box::pin(async move {
                    let free = free_terms(conn, &free).await?;
                    watch_limits::settle(conn, user, &free, Some(word), now).await
                })
            })
            .await
    }

    async fn limit_suspects(
        &self,
        since: Option<DateTime<Utc>>,
        now: DateTime<Utc>,
    ) -> Result<Vec<UserId>, DbError> {
        let free = self.free.clone();
        self.readers
            .run(move |conn| {
                Box::pin(async move {
                    let free = free_terms(conn, &free).await?;
                    suspects(conn, since, &free, now).await
                })
            })
            .await
    }

    async fn plans_of(&self, user: UserId) -> Result<(Terms, Vec<Entitled>), DbError> {
        let free = self.free.clone();
        self.readers
            .run(move |conn| {
                Box::pin(async move {
                    Ok((free_terms(conn, &free).await?, watch_life::held(conn, user).await?))
                })
            })
            .await
    }

    async fn recent_listings(
        &self,
        sources: &[SourceId],
        since: DateTime<Utc>,
        limit: u32,
    ) -> Result<Vec<(String, Listing)>, DbError> {
        let sources = sources.to_vec();
        self.readers
            .run(move |conn| Box::pin(async move { recent(conn, &sources, since, limit).await }))
            .await
    }
}

/// One watch.
pub(crate) async fn one(conn: &mut Conn, id: &WatchId) -> Result<Option<Watch>, DbError> {
    let found = query(format!("{COLUMNS} WHERE w.id = $1 ORDER BY s.source"))
        .bind(id.as_str())
        .fetch_all(conn)
        .await?;
    Ok(rows::watches(&found)?.into_iter().next())
}

/// All watches of a person, oldest first.
pub(crate) async fn of_user(conn: &mut Conn, user: UserId) -> Result<Vec<Watch>, DbError> {
    let text = format!("{COLUMNS} WHERE w.user_id = $1 ORDER BY w.created_at, w.id, s.source");
    let found = query(text).bind(user.0).fetch_all(conn).await?;
    rows::watches(&found)
}

/// The page is chosen among watches; their searches are joined to it afterwards.
async fn list(conn: &mut Conn, filter: &WatchFilter) -> Result<Vec<Watch>, DbError> {
    let mut page = String::from("SELECT id FROM watches WHERE 1 = 1");
    let mut values = Vec::new();
    let mut condition = |text: &str, value: i64| {
        values.push(value);
        page.push_str(&format!(" AND {text} = ${}", values.len()));
    };
    if let Some(user) = filter.user {
        condition("user_id", user.0);
    }
    if let Some(chat) = filter.chat {
        condition("chat", chat.0);
    }
    if let Some((at, _)) = &filter.after {
        values.push(ms(*at));
        let (at, id) = (values.len(), values.len() + 1);
        page.push_str(&format!(" AND (created_at > ${at} OR (created_at = ${at} AND id > ${id}))"));
    }
    let limit = if filter.limit == 0 { 100 } else { filter.limit };
    page.push_str(&format!(" ORDER BY created_at, id LIMIT {limit}"));
    let text = format!("{COLUMNS} WHERE w.id IN ({page}) ORDER BY w.created_at, w.id, s.source");
    let mut query = values.into_iter().fold(query(text), |query, value| query.bind(value));
    if let Some((_, id)) = &filter.after {
        query = query.bind(id.as_str());
    }
    rows::watches(&query.fetch_all(conn).await?)
}

async fn suspects(
    conn: &mut Conn,
    since: Option<DateTime<Utc>>,
    free: &Terms,
    now: DateTime<Utc>,
) -> Result<Vec<UserId>, DbError> {
    let ended = query(
        "SELECT user_id FROM entitlements WHERE until > $1 AND until <= $2 \
         UNION SELECT user_id FROM watches WHERE paused_by = 'plan' ORDER BY user_id",
    )
    .bind(since.map_or(0, ms))
    .bind(ms(now))
    .fetch_all(&mut *conn)
    .await?;
    let mut people: Vec<UserId> = ids(&ended)?;
    if since.is_none() {
        let most = |stated: Option<u64>| match stated {
            Some(most) if most > 0 => i64::try_from(most).unwrap_or(i64::MAX),
            _ => i64::MAX,
        };
        let many = query(
            "SELECT w.user_id FROM watches w JOIN watch_sources s ON s.watch = w.id \
             WHERE w.paused = 0 GROUP BY w.user_id \
             HAVING COUNT(DISTINCT w.id) > $1 OR COUNT(DISTINCT s.source) > $2 ORDER BY w.user_id",
        )
        .bind(most(free.watches))
        .bind(most(free.sources))
        .fetch_all(conn)
        .await?;
        people.extend(ids(&many)?);
        people.sort_unstable();
        people.dedup();
    }
    Ok(people)
}

fn ids(rows: &[super::statement::Row]) -> Result<Vec<UserId>, DbError> {
    rows.iter().map(|row| Ok(UserId(rows::number(row, "user_id")?))).collect()
}

/// See [`crate::store::WatchRecord::recent_listings`].
pub(crate) async fn recent(
    conn: &mut Conn,
    sources: &[SourceId],
    since: DateTime<Utc>,
    limit: u32,
) -> Result<Vec<(String, Listing)>, DbError> {
    let mut found: Vec<(i64, i64, String, Listing)> = Vec::new();
    for source in sources {
        let rows = query(
            "SELECT l.site, l.data, x.first_seen_at, x.place FROM listing_sources x \
             JOIN sources o ON o.id = x.source AND o.baseline_done = 1 \
             JOIN listings l ON l.site = x.site AND l.ext_id = x.ext_id \
             WHERE x.source = $1 AND l.gone = 0 AND x.last_seen_at >= $2 \
             ORDER BY x.first_seen_at DESC, x.place, x.ext_id LIMIT $3",
        )
        .bind(source.as_str())
        .bind(ms(since))
        .bind(i64::from(limit))
        .fetch_all(&mut *conn)
        .await?;
        for row in &rows {
            let listing = serde_json::from_str(&rows::text(row, "data")?)?;
            let (at, place) = (rows::number(row, "first_seen_at")?, rows::number(row, "place")?);
            found.push((-at, place, rows::text(row, "site")?, listing));
        }
    }
    found.sort_by(|one, other| (one.0, one.1, &one.3.id).cmp(&(other.0, other.1, &other.3.id)));
    let mut known = std::collections::HashSet::new();
    found.retain(|(_, _, site, listing)| known.insert((site.clone(), listing.id.clone())));
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    Ok(found.into_iter().take(limit).map(|(_, _, site, listing)| (site, listing)).collect())
}
