//! The seen-set in the database file, for installations without Redis.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use chrono::TimeDelta;

use super::SqlDb;
use super::engine::{Conn, ms};
use super::listings::{IDS, filled, places};
use super::rows;
use super::statement::query;
use crate::clock::Clock;
use crate::domain::SourceId;
use crate::store::{DbError, Seen, SeenError, SeenItem};

/// Remembers readings in a table of the record's own file, so the identity of the database is part of it.
#[derive(Clone)]
pub struct SqlSeen {
    db: SqlDb,
    clock: Arc<dyn Clock>,
    ttl: TimeDelta,
}

impl SqlSeen {
    /// Uses the file of `db`; a reading is forgotten `ttl` after it was last marked.
    pub fn new(db: SqlDb, clock: Arc<dyn Clock>, ttl: Duration) -> Self {
        let ttl = TimeDelta::from_std(ttl).unwrap_or(TimeDelta::MAX);
        Self { db, clock, ttl }
    }

    async fn known(
        &self,
        source: &SourceId,
        items: Vec<SeenItem>,
    ) -> Result<HashMap<String, i64>, DbError> {
        let (source, horizon) = (source.clone(), self.horizon());
        self.db
            .readers
            .run(move |conn| Box::pin(async move { read(conn, &source, &items, horizon).await }))
            .await
    }

    /// Readings marked before this moment (ms) are forgotten.
    fn horizon(&self) -> i64 {
        let now = self.clock.now();
        now.checked_sub_signed(self.ttl).map_or(i64::MIN, ms)
    }
}

impl From<DbError> for SeenError {
    fn from(error: DbError) -> Self {
        Self(error.to_string())
    }
}

#[async_trait]
impl Seen for SqlSeen {
    async fn unseen(&self, source: &SourceId, items: &[SeenItem]) -> Result<Vec<bool>, SeenError> {
        let known = self.known(source, items.to_vec()).await?;
        Ok(items.iter().map(|item| known.get(&item.id) != Some(&item.fingerprint)).collect())
    }

    async fn mark(&self, source: &SourceId, items: &[SeenItem]) -> Result<(), SeenError> {
        let now = ms(self.clock.now());
        let horizon = self.horizon();
        for chunk in items.chunks(500) {
            let (source, chunk) = (source.clone(), chunk.to_vec());
            self.db
                .writer
                .run(move |conn| {
                    Box::pin(async move { write(conn, &source, &chunk, now, horizon).await })
                })
                .await?;
        }
        Ok(())
    }

    async fn ping(&self) -> Result<(), SeenError> {
        self.known(&SourceId(String::new()), vec![]).await?;
        Ok(())
    }
}

async fn read(
    conn: &mut Conn,
    source: &SourceId,
    items: &[SeenItem],
    horizon: i64,
) -> Result<HashMap<String, i64>, DbError> {
    let text = format!(
        "SELECT ext_id, fingerprint FROM seen WHERE source = $1 AND seen_at >= $2 AND ext_id IN {}",
        places(3)
    );
    let mut known = HashMap::with_capacity(items.len());
    for chunk in items.chunks(IDS) {
        let ids: Vec<&str> = chunk.iter().map(|item| item.id.as_str()).collect();
        let mut query = query(text.clone()).bind(source.as_str()).bind(horizon);
        for id in filled(&ids) {
            query = query.bind(id);
        }
        for row in query.fetch_all(&mut *conn).await? {
            known.insert(rows::text(&row, "ext_id")?, rows::number(&row, "fingerprint")?);
        }
    }
    Ok(known)
}

async fn write(
    conn: &mut Conn,
    source: &SourceId,
    items: &[SeenItem],
    now: i64,
    horizon: i64,
) -> Result<(), DbError> {
    for item in items {
        query(
            "INSERT INTO seen (source, ext_id, fingerprint, seen_at) VALUES ($1, $2, $3, $4) \
             ON CONFLICT (source, ext_id) DO UPDATE SET fingerprint = excluded.fingerprint, \
             seen_at = excluded.seen_at",
        )
        .bind(source.as_str())
        .bind(item.id.as_str())
        .bind(item.fingerprint)
        .bind(now)
        .execute(&mut *conn)
        .await?;
    }
    // A little of what has expired goes with each write, so no sweep is ever long.
    query(
        "DELETE FROM seen WHERE (source, ext_id) IN (SELECT source, ext_id FROM seen \
         WHERE seen_at < $1 LIMIT 100)",
    )
    .bind(horizon)
    .execute(conn)
    .await?;
    Ok(())
}
