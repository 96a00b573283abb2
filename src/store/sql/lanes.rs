//! Lanes: the queue of chats in front of the outbox. A lane knows whether its chat may be written to and
//! which delivery goes first, so a claim reads a few index entries however many deliveries wait.
//!
//! [`refresh`] derives a lane from the deliveries themselves; whoever changes the state of a delivery calls
//! it for the chat, in the same transaction. Counts are derived, never added up, so they cannot drift.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::engine::{Conn, ms};
use super::rows::{self, number, text};
use super::statement::query;
use crate::domain::pace::Limits;
use crate::domain::{ChatId, ChatKind, Class, Delivery, NewDelivery};
use crate::store::DbError;
use crate::store::slots::{self, assumed_kind};

/// Lanes that are woken in one statement.
const WAKE: i64 = 500;

macro_rules! refresh_text {
    ($chats:literal) => {
        concat!(
            "INSERT INTO lanes (chat, ready, priority, seq, class, since, wake_at, in_flight) ",
            "SELECT f.chat, ",
            "CASE WHEN h.id IS NULL OR f.flying > 0 OR f.open_at > $1 THEN 0 ELSE 1 END, ",
            "COALESCE(h.priority, 0), COALESCE(h.seq, 0), COALESCE(h.class, ''), ",
            "COALESCE(h.created_at, 0), ",
            "CASE WHEN f.flying > 0 OR f.earliest IS NULL THEN NULL ",
            "WHEN f.open_at > $1 AND f.open_at > f.earliest THEN f.open_at ",
            "WHEN f.open_at > $1 THEN f.earliest ELSE f.later END, f.flying ",
            "FROM (SELECT c.chat, ",
            "COALESCE((SELECT l.open_at FROM lanes l WHERE l.chat = c.chat), 0) AS open_at, ",
            "(SELECT COUNT(*) FROM deliveries d WHERE d.chat = c.chat AND d.state = 'sending') ",
            "AS flying, ",
            "(SELECT d.id FROM deliveries d WHERE d.chat = c.chat AND d.state = 'pending' ",
            "AND d.not_before <= $1 ORDER BY d.priority, d.seq LIMIT 1) AS head, ",
            "(SELECT MIN(d.not_before) FROM deliveries d WHERE d.chat = c.chat ",
            "AND d.state = 'pending') AS earliest, ",
            "(SELECT MIN(d.not_before) FROM deliveries d WHERE d.chat = c.chat ",
            "AND d.state = 'pending' AND d.not_before > $1) AS later ",
            "FROM (",
            $chats,
            ") c) f LEFT JOIN deliveries h ON h.id = f.head WHERE 1 = 1 ",
            "ON CONFLICT (chat) DO UPDATE SET ready = excluded.ready, ",
            "priority = excluded.priority, seq = excluded.seq, class = excluded.class, ",
            "since = excluded.since, wake_at = excluded.wake_at, in_flight = excluded.in_flight"
        )
    };
}

/// A lane whose turn it may be.
#[derive(Debug)]
pub(crate) struct Lane {
    pub chat: ChatId,
    pub kind: ChatKind,
    /// Moments (ms) of the last slots, ascending.
    pub recent: Vec<i64>,
    /// No call before this moment (ms), by Telegram's word.
    pub wait_until: i64,
}

/// Derives the lane of a chat anew.
pub(crate) async fn refresh(
    conn: &mut Conn,
    chat: ChatId,
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    query(refresh_text!("SELECT CAST($2 AS BIGINT) AS chat"))
        .bind(ms(now))
        .bind(chat.0)
        .execute(conn)
        .await?;
    Ok(())
}

/// Derives the lanes of several chats anew, each once.
pub(crate) async fn refresh_all(
    conn: &mut Conn,
    mut chats: Vec<ChatId>,
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    chats.sort_unstable();
    chats.dedup();
    for chat in chats {
        refresh(conn, chat, now).await?;
    }
    Ok(())
}

/// Brings the lanes of new deliveries up to date. Where a lane has one under way, its settlement derives it; where
/// something as urgent is ready already, one more behind it changes nothing.
pub(crate) async fn enqueued(
    conn: &mut Conn,
    new: &[&NewDelivery],
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    let mut chats: BTreeMap<ChatId, (i64, bool)> = BTreeMap::new();
    for one in new {
        let due = one.not_before <= now;
        let entry = chats.entry(one.chat).or_insert((i64::MAX, true));
        *entry = (entry.0.min(one.priority()), entry.1 && due);
    }
    for (chat, (priority, due)) in chats {
        let row = query("SELECT ready, priority, in_flight FROM lanes WHERE chat = $1")
            .bind(chat.0)
            .fetch_optional(&mut *conn)
            .await?;
        let stays = match &row {
            None => false,
            Some(row) => {
                let behind = number(row, "ready")? == 1 && number(row, "priority")? <= priority;
                number(row, "in_flight")? > 0 || (due && behind)
            }
        };
        if !stays {
            refresh(conn, chat, now).await?;
        }
    }
    Ok(())
}

/// Derives the lanes anew whose moment has come.
pub(crate) async fn wake(conn: &mut Conn, now: DateTime<Utc>) -> Result<(), DbError> {
    for _ in 0..8 {
        let woken = query(refresh_text!(
            "SELECT chat FROM lanes WHERE wake_at <= $1 ORDER BY wake_at LIMIT $2"
        ))
        .bind(ms(now))
        .bind(WAKE)
        .execute(&mut *conn)
        .await?;
        if i64::try_from(woken.rows_affected()).unwrap_or(0) < WAKE {
            break;
        }
    }
    Ok(())
}

/// A lane that is ready, with its first delivery; without one when the lane is out of date.
#[derive(Debug)]
pub(crate) struct Head {
    pub lane: Lane,
    pub delivery: Option<Delivery>,
}

/// A lane with the delivery that it says is first, found by the order that is in the lane. The columns of the
/// delivery come first: a name that both have is the delivery's.
macro_rules! heads_text {
    ($condition:literal, $limit:literal) => {
        concat!(
            "SELECT d.*, l.chat AS lane_chat, l.recent, l.wait_until, COALESCE(c.kind, '') AS kind ",
            "FROM lanes l LEFT JOIN deliveries d ON d.chat = l.chat AND d.state = 'pending' ",
            "AND d.priority = l.priority AND d.seq = l.seq LEFT JOIN chats c ON c.id = l.chat ",
            "WHERE l.ready = 1 AND ",
            $condition,
            " ORDER BY l.priority, l.seq LIMIT ",
            $limit
        )
    };
}

/// Lanes that are ready, most urgent first. With `classes`, only those whose first delivery is of one.
pub(crate) async fn heads(
    conn: &mut Conn,
    classes: &[Class],
    limit: usize,
) -> Result<Vec<Head>, DbError> {
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let rows = if classes.is_empty() {
        query(heads_text!("1 = 1", "$1")).bind(limit).fetch_all(conn).await?
    } else {
        // A fixed number of places keeps this one prepared statement.
        let mut query = query(heads_text!("l.class IN ($1, $2, $3, $4, $5, $6, $7)", "$8"));
        for class in Class::ALL {
            query = query.bind(if classes.contains(&class) { class.as_str() } else { "" });
        }
        query.bind(limit).fetch_all(conn).await?
    };
    rows.iter().map(head).collect()
}

/// Lanes that are ready and whose first delivery is of this priority, oldest first.
pub(crate) async fn heads_of(
    conn: &mut Conn,
    priority: i64,
    limit: usize,
) -> Result<Vec<Head>, DbError> {
    let rows = query(heads_text!("l.priority = $1", "$2"))
        .bind(priority)
        .bind(i64::try_from(limit).unwrap_or(i64::MAX))
        .fetch_all(conn)
        .await?;
    rows.iter().map(head).collect()
}

fn head(row: &super::statement::Row) -> Result<Head, DbError> {
    let lane = lane(row, ChatId(number(row, "lane_chat")?))?;
    let known = rows::maybe_text(row, "id")?.is_some();
    let delivery = if known { Some(rows::delivery(row)?) } else { None };
    Ok(Head { lane, delivery })
}

/// The lane of a chat; an empty one when there is none yet.
pub(crate) async fn of_chat(conn: &mut Conn, chat: ChatId) -> Result<Lane, DbError> {
    let row = query(
        "SELECT f.chat, COALESCE(l.recent, '') AS recent, COALESCE(l.wait_until, 0) AS wait_until, \
         COALESCE(c.kind, '') AS kind FROM (SELECT CAST($1 AS BIGINT) AS chat) f \
         LEFT JOIN lanes l ON l.chat = f.chat LEFT JOIN chats c ON c.id = f.chat",
    )
    .bind(chat.0)
    .fetch_one(conn)
    .await?;
    lane(&row, chat)
}

fn lane(row: &super::statement::Row, chat: ChatId) -> Result<Lane, DbError> {
    let kind = ChatKind::from_word(&text(row, "kind")?).unwrap_or_else(|| assumed_kind(chat));
    let recent: String = row.try_get("recent")?;
    Ok(Lane {
        chat,
        kind,
        recent: slots::read_list(&recent),
        wait_until: number(row, "wait_until")?,
    })
}

impl Lane {
    /// Notes slots and stores the lane as busy with `count` more deliveries in flight.
    pub async fn take(
        &mut self,
        conn: &mut Conn,
        taken: &[i64],
        count: usize,
        limits: &Limits,
    ) -> Result<(), DbError> {
        let window = limits.window(self.kind);
        let opens = slots::remember(&mut self.recent, taken, window);
        let open_at = self.wait_until.max(opens);
        query(
            "INSERT INTO lanes (chat, in_flight, recent, open_at) VALUES ($1, $2, $3, $4) \
             ON CONFLICT (chat) DO UPDATE SET ready = 0, wake_at = NULL, \
             in_flight = lanes.in_flight + excluded.in_flight, recent = excluded.recent, \
             open_at = CASE WHEN lanes.open_at > excluded.open_at THEN lanes.open_at \
             ELSE excluded.open_at END",
        )
        .bind(self.chat.0)
        .bind(i64::try_from(count).unwrap_or(0))
        .bind(slots::list_text(&self.recent))
        .bind(open_at)
        .execute(conn)
        .await?;
        Ok(())
    }
}

/// Opens the chat not before `at` (ms), because its window is full.
pub(crate) async fn close_until(conn: &mut Conn, chat: ChatId, at: i64) -> Result<(), DbError> {
    query("UPDATE lanes SET ready = 0, open_at = $2, wake_at = $2 WHERE chat = $1")
        .bind(chat.0)
        .bind(at)
        .execute(conn)
        .await?;
    Ok(())
}

/// Nothing goes to the chat before `at` (ms), so that what is tried again then stays in front of what was written
/// after it. Replies do not heed it. The caller refreshes the lane.
pub(crate) async fn hold(conn: &mut Conn, chat: ChatId, at: i64) -> Result<(), DbError> {
    query(
        "INSERT INTO lanes (chat, open_at) VALUES ($1, $2) ON CONFLICT (chat) DO UPDATE SET \
         open_at = CASE WHEN lanes.open_at > $2 THEN lanes.open_at ELSE $2 END",
    )
    .bind(chat.0)
    .bind(at)
    .execute(conn)
    .await?;
    Ok(())
}

/// The chat waits by Telegram's word (429). The caller refreshes the lane.
pub(crate) async fn wait_until(conn: &mut Conn, chat: ChatId, at: i64) -> Result<(), DbError> {
    query(
        "INSERT INTO lanes (chat, open_at, wait_until) VALUES ($1, $2, $2) \
         ON CONFLICT (chat) DO UPDATE SET \
         open_at = CASE WHEN lanes.open_at > $2 THEN lanes.open_at ELSE $2 END, \
         wait_until = CASE WHEN lanes.wait_until > $2 THEN lanes.wait_until ELSE $2 END",
    )
    .bind(chat.0)
    .bind(at)
    .execute(conn)
    .await?;
    Ok(())
}
