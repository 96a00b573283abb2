//! What waits in the outbox for a watch that will not be told.

use chrono::{DateTime, Utc};

use super::engine::{Conn, ms};
use super::statement::query;
use super::{lanes, rows};
use crate::domain::Watch;
use crate::domain::delivery::{Content, album_id};
use crate::store::DbError;
use crate::store::ending::without_watch;

/// Drops the alerts that wait in the chat for this watch alone, with their albums. Those that others wanted too name them only.
pub(crate) async fn drop_alerts(
    conn: &mut Conn,
    watch: &Watch,
    reason: &str,
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    let waiting = query(
        "SELECT id, thread, content FROM deliveries WHERE chat = $1 AND state IN ('pending', 'collected') \
         AND class = 'alert' AND content LIKE $2",
    )
    .bind(watch.chat.0)
    .bind(format!("%{}%", watch.id))
    .fetch_all(&mut *conn)
    .await?;
    for row in &waiting {
        let id = rows::text(row, "id")?;
        let content: Content = serde_json::from_str(&rows::text(row, "content")?)?;
        let thread = rows::maybe_number(row, "thread")?;
        let album = match &content {
            Content::Change { event, .. } => Some(album_id(watch.chat, thread, event)),
            _ => None,
        };
        let Some(rest) = without_watch(content, &watch.id) else { continue };
        let change = match &rest {
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
        change.execute(&mut *conn).await?;
        if let (None, Some(album)) = (rest, album) {
            query(
                "UPDATE deliveries SET state = 'dropped', reason = $2, done_at = $3 \
                 WHERE id = $1 AND state = 'pending'",
            )
            .bind(album.as_str())
            .bind(reason)
            .bind(ms(now))
            .execute(&mut *conn)
            .await?;
        }
    }
    if waiting.is_empty() { Ok(()) } else { lanes::refresh(conn, watch.chat, now).await }
}
