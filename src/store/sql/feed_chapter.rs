//! See [`FeedRecord`].

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::SqlDb;
use super::engine::{Conn, ms};
use super::statement::query;
use crate::domain::WatchId;
use crate::store::{DbError, FeedRecord};

#[async_trait]
impl FeedRecord for SqlDb {}

/// Names a watch that was made, changed or removed, at the end of the log.
pub(crate) async fn log(
    conn: &mut Conn,
    watch: &WatchId,
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    query(
        "INSERT INTO watch_log (seq, watch, at) \
         SELECT COALESCE(MAX(seq), 0) + 1, $1, $2 FROM watch_log",
    )
    .bind(watch.as_str())
    .bind(ms(now))
    .execute(conn)
    .await?;
    Ok(())
}
