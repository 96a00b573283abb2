//! Figures of days: who did something, and what became of deliveries.
//!
//! ```text
//! an update of a person ─► seen today already ─► nothing
//!                       └► `users.seen_on` = today, and the day has one more `active`
//! every hour            ─► days that are over and not noted, and today ─► `sent`, `dead`, `unknown`, `week`
//! ```
//!
//! A private chat is asked only when it was noted as heard, so that most updates pay nothing for this.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::engine::{Conn, ms};
use super::rows;
use super::statement::query;
use crate::domain::ChatId;
use crate::domain::figures::{DAY_MS, day_of};
use crate::store::{DbError, UpdateCommit};

/// States of deliveries that are counted.
const STATES: [&str; 3] = ["sent", "dead", "unknown"];
/// Days that are noted afterwards, when nobody did it in time.
pub(super) const BACK: i64 = 62;

/// A person did something in `chat`; `noted`: the chat was noted as heard just now.
pub(super) async fn seen(
    conn: &mut Conn,
    commit: &UpdateCommit,
    chat: ChatId,
    noted: bool,
) -> Result<(), DbError> {
    let Some(user) = commit.dialogue.as_ref().map(|dialogue| dialogue.user) else { return Ok(()) };
    // The private chat of a person has the person's id; in a group each member is looked at.
    if user.0 == chat.0 && !noted {
        return Ok(());
    }
    let (day, now) = (day_of(commit.received_at), ms(commit.received_at));
    let first = query("UPDATE users SET seen_on = $2 WHERE id = $1 AND seen_on < $2")
        .bind(user.0)
        .bind(day)
        .execute(&mut *conn)
        .await?;
    if first.rows_affected() == 0 {
        return Ok(());
    }
    query(
        "INSERT INTO daily_figures (day, name, value, noted_at) VALUES ($1, 'active', 1, $2) \
         ON CONFLICT (day, name) DO UPDATE SET value = daily_figures.value + 1, noted_at = $2",
    )
    .bind(day)
    .bind(now)
    .execute(conn)
    .await?;
    Ok(())
}

/// Figures of the days from `first` to `last` by day and name, as far as they are noted.
pub(super) async fn noted(
    conn: &mut Conn,
    (first, last): (i64, i64),
) -> Result<BTreeMap<(i64, String), (i64, i64)>, DbError> {
    let found =
        query("SELECT day, name, value, noted_at FROM daily_figures WHERE day >= $1 AND day <= $2")
            .bind(first)
            .bind(last)
            .fetch_all(conn)
            .await?;
    let figure = |row: &super::statement::Row| {
        let key = (rows::number(row, "day")?, rows::text(row, "name")?);
        Ok((key, (rows::number(row, "value")?, rows::number(row, "noted_at")?)))
    };
    found.iter().map(figure).collect()
}

/// How many deliveries of a day ended as `sent`, `dead` and `unknown`, counted now.
pub(super) async fn ended(conn: &mut Conn, day: i64) -> Result<[i64; 3], DbError> {
    let found = query(
        "SELECT state, COUNT(*) AS many FROM deliveries \
         WHERE done_at >= $1 AND done_at < $2 GROUP BY state",
    )
    .bind(day * DAY_MS)
    .bind((day + 1) * DAY_MS)
    .fetch_all(conn)
    .await?;
    by_state(&found)
}

/// How many deliveries of each day ended as `sent`, `dead` and `unknown`: noted where the day is over, counted else.
pub(super) async fn deliveries(
    conn: &mut Conn,
    (first, last): (i64, i64),
) -> Result<BTreeMap<i64, [i64; 3]>, DbError> {
    let known = noted(conn, (first, last)).await?;
    let mut days = BTreeMap::new();
    for day in first..=last {
        let final_word = |state: &str| {
            let (value, at) = known.get(&(day, state.to_owned()))?;
            (*at >= (day + 1) * DAY_MS).then_some(*value)
        };
        let figures = match STATES.map(final_word) {
            [Some(sent), Some(dead), Some(unknown)] => [sent, dead, unknown],
            _ => ended(conn, day).await?,
        };
        days.insert(day, figures);
    }
    Ok(days)
}

/// See [`crate::store::PanelRecord::note_figures`].
pub(super) async fn note(conn: &mut Conn, now: DateTime<Utc>) -> Result<(), DbError> {
    let today = day_of(now);
    let known = noted(conn, (today - BACK, today)).await?;
    for day in today - BACK..=today {
        let is_over = known
            .get(&(day, STATES[0].to_owned()))
            .is_some_and(|(_, noted_at)| *noted_at >= (day + 1) * DAY_MS);
        if is_over {
            continue;
        }
        let counts = ended(conn, day).await?;
        for (state, count) in STATES.iter().zip(counts) {
            put(conn, day, state, count, now).await?;
        }
    }
    let week = query("SELECT COUNT(*) AS many FROM users WHERE seen_on > $1")
        .bind(today - 7)
        .fetch_one(&mut *conn)
        .await?;
    put(conn, today, "week", rows::number(&week, "many")?, now).await?;
    query("DELETE FROM daily_figures WHERE day < $1").bind(today - 730).execute(conn).await?;
    Ok(())
}

async fn put(
    conn: &mut Conn,
    day: i64,
    name: &str,
    value: i64,
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    query(
        "INSERT INTO daily_figures (day, name, value, noted_at) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (day, name) DO UPDATE SET value = excluded.value, noted_at = excluded.noted_at",
    )
    .bind(day)
    .bind(name)
    .bind(value)
    .bind(ms(now))
    .execute(conn)
    .await?;
    Ok(())
}

/// How many deliveries to a chat ended as `sent`, `dead` and `unknown` since a moment.
pub(super) async fn ended_in(
    conn: &mut Conn,
    chat: i64,
    since: DateTime<Utc>,
) -> Result<[i64; 3], DbError> {
    let found = query(
        "SELECT state, COUNT(*) AS many FROM deliveries \
         WHERE chat = $1 AND done_at >= $2 GROUP BY state",
    )
    .bind(chat)
    .bind(ms(since))
    .fetch_all(conn)
    .await?;
    by_state(&found)
}

fn by_state(found: &[super::statement::Row]) -> Result<[i64; 3], DbError> {
    let mut counts = [0; 3];
    for row in found {
        let state = rows::text(row, "state")?;
        if let Some(at) = STATES.iter().position(|known| *known == state) {
            counts[at] = rows::number(row, "many")?;
        }
    }
    Ok(counts)
}
