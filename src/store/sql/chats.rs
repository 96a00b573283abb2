//! What happens to whole chats: blocked, gone, allowed again, turned into a supergroup.

use chrono::{DateTime, Utc};

use super::digests;
use super::engine::{Conn, ms};
use super::statement::query;
use super::{feed_chapter, tickets_chapter};
use crate::domain::{ChatId, ChatKind};
use crate::store::DbError;
use crate::store::slots::assumed_kind;

/// Telegram refused: the chat is gone. All that waits for it is dropped in one go. An event of Telegram's
/// from the same second or later knows better and wins.
pub(crate) async fn gone(
    conn: &mut Conn,
    chat: ChatId,
    reason: &str,
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    // Telegram's dates are whole seconds.
    let second = ms(now) - ms(now).rem_euclid(1_000);
    query(
        "INSERT INTO chats (id, kind, active, active_at) VALUES ($1, $2, 0, $3) \
         ON CONFLICT (id) DO UPDATE SET active = 0, active_at = $3 WHERE chats.active_at < $3",
    )
    .bind(chat.0)
    .bind(assumed_kind(chat).as_str())
    .bind(second)
    .execute(&mut *conn)
    .await?;
    tickets_chapter::lost(conn, chat, now).await?;
    drop_pending(conn, chat, reason, now).await
}

/// Telegram reports a block, unblock, kick or invitation that happened at `at`. Answers whether it counts.
pub(crate) async fn set_active(
    conn: &mut Conn,
    chat: ChatId,
    kind: ChatKind,
    active: bool,
    at: DateTime<Utc>,
) -> Result<bool, DbError> {
    let counted = query(
        "INSERT INTO chats (id, kind, active, active_at) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (id) DO UPDATE SET kind = excluded.kind, active = excluded.active, \
         active_at = excluded.active_at WHERE chats.active_at <= excluded.active_at",
    )
    .bind(chat.0)
    .bind(kind.as_str())
    .bind(i64::from(active))
    .bind(ms(at))
    .execute(conn)
    .await?;
    Ok(counted.rows_affected() == 1)
}

/// The chat said something. Noted to the hour and with the first word of a day, which spares most updates a write;
/// answers whether it was noted.
pub(crate) async fn heard(
    conn: &mut Conn,
    chat: ChatId,
    at: DateTime<Utc>,
) -> Result<bool, DbError> {
    let noted = query(
        "UPDATE chats SET heard_at = $2 WHERE id = $1 \
         AND (heard_at <= $2 - 3600000 OR heard_at < $2 - $2 % 86400000)",
    )
    .bind(chat.0)
    .bind(ms(at))
    .execute(conn)
    .await?;
    Ok(noted.rows_affected() == 1)
}

/// Drops what waits for a chat. The caller refreshes the lane.
pub(crate) async fn drop_pending(
    conn: &mut Conn,
    chat: ChatId,
    reason: &str,
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    query(
        "UPDATE deliveries SET state = 'dropped', reason = $2, done_at = $3 \
         WHERE chat = $1 AND state IN ('pending', 'collected')",
    )
    .bind(chat.0)
    .bind(reason)
    .bind(ms(now))
    .execute(conn)
    .await?;
    Ok(())
}

/// Renames a chat everywhere. A conversation that already exists under the new id stays. The caller
/// refreshes both lanes.
pub(crate) async fn migrate(
    conn: &mut Conn,
    from: ChatId,
    to: ChatId,
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    if from == to {
        return Ok(());
    }
    query(
        "INSERT INTO chats (id, kind, active, active_at) VALUES ($1, 'group', 1, $2) \
         ON CONFLICT (id) DO NOTHING",
    )
    .bind(to.0)
    .bind(ms(now) - ms(now).rem_euclid(1_000))
    .execute(&mut *conn)
    .await?;
    query(
        "INSERT INTO chats (id, kind, active, migrated_to) VALUES ($1, 'group', 0, $2) \
         ON CONFLICT (id) DO UPDATE SET active = 0, migrated_to = $2",
    )
    .bind(from.0)
    .bind(to.0)
    .execute(&mut *conn)
    .await?;
    feed_chapter::log_where(conn, "w.chat = $1", from.0, now).await?;
    for statement in RENAMES {
        query(*statement).bind(from.0).bind(to.0).execute(&mut *conn).await?;
    }
    digests::note_all(conn, to).await?;
    // The new chat has its own limits at Telegram; what was asked of the old one does not bind it.
    query("DELETE FROM lanes WHERE chat = $1").bind(from.0).execute(conn).await?;
    Ok(())
}

/// $1 is the old id, $2 the new one.
const RENAMES: &[&str] = &[
    "UPDATE watches SET chat = $2 WHERE chat = $1",
    "UPDATE deliveries SET chat = $2 WHERE chat = $1",
    "UPDATE dialogues SET chat = $2 WHERE chat = $1 AND NOT EXISTS (SELECT 1 FROM dialogues o \
     WHERE o.chat = $2 AND o.user_id = dialogues.user_id)",
    "UPDATE chat_preferences SET chat = $2 WHERE chat = $1 AND NOT EXISTS (SELECT 1 \
     FROM chat_preferences o WHERE o.chat = $2 AND o.thread = chat_preferences.thread)",
    "UPDATE mutes SET chat = $2 WHERE chat = $1 AND NOT EXISTS (SELECT 1 FROM mutes o \
     WHERE o.chat = $2 AND o.thread = mutes.thread AND o.kind = mutes.kind \
     AND o.subject = mutes.subject)",
    "UPDATE tickets SET chat = $2 WHERE chat = $1",
    // Messages of the old group have other numbers in the new one; topics are new there.
    "DELETE FROM ticket_copies WHERE chat = $1 AND chat <> $2",
    "DELETE FROM ticket_topics WHERE chat = $1 AND chat <> $2",
    "UPDATE campaign_recipients SET chat = $2 WHERE chat = $1",
    // A message of the old group cannot be edited under the new id.
    "DELETE FROM posts WHERE chat = $1 AND chat <> $2",
];
