//! What waits in the outbox for a watch that will not be told.

use chrono::{DateTime, Utc};

use super::engine::{Conn, ms};
use super::statement::query;
use super::{lanes, rows};
use crate::domain::Watch;
use crate::domain::delivery::Content;
use crate::store::DbError;
use crate::store::ending::without_watch;

/// Drops the alerts that wait in the chat for this watch alone. Those that others wanted too name them only.
pub(crate) async fn drop_alerts(
    conn: &mut Conn,
    watch: &Watch,
    reason: &str,
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    let waiting = query(
        "SELECT id, content FROM deliveries WHERE chat = $1 AND state IN ('pending', 'collected') \
         AND class = 'alert' AND content LIKE $2",
    )
    .bind(watch.chat.0)
    .bind(format!("%{}%", watch.id))
    .fetch_all(&mut *conn)
    .await?;
    for row in &waiting {
        let id = rows::text(row, "id")?;
        let content: Content = serde_json::from_str(&rows::text(row, "content")?)?;
        let Some(rest) = without_watch(content, &watch.id) else { continue };
        let query = match &rest {
            Some(rest) => query("UPDATE deliveries SET content = $2 WHERE id = $1")
                .bind(id)
                .bind(serde_json::to_string(rest)?),
            None => query(
                "UPDATE deliveries SET state = 'dropped', reason = $2, done_at = $3 WHERE id = $1",
            )
            .bind(id)
            .bind(reason)
            .bind(ms(now)),
        };
        query.execute(&mut *conn).await?;
    }
    if waiting.is_empty() { Ok(()) } else { lanes::refresh(conn, watch.chat, now).await }
}
