//! What staff should know of a person.

use chrono::{DateTime, Utc};
use sites::Money;

use crate::domain::UserId;
use crate::domain::ticket::Facts;
use crate::store::DbError;
use crate::store::sql::engine::{Conn, moment};
use crate::store::sql::rows;
use crate::store::sql::statement::{Row, query};

/// Orders and failures that staff is shown.
const SHOWN: i64 = 3;
/// Watches that staff is shown.
const WATCHES: i64 = 5;

/// See [`Facts`].
pub(super) async fn facts(conn: &mut Conn, user: UserId) -> Result<Facts, DbError> {
    let person = query("SELECT username, created_at FROM users WHERE id = $1")
        .bind(user.0)
        .fetch_optional(&mut *conn)
        .await?;
    let counts = query(
        "SELECT (SELECT COUNT(*) FROM watches WHERE user_id = $1) AS watches, \
         (SELECT COUNT(*) FROM tickets WHERE user_id = $1) AS tickets",
    )
    .bind(user.0)
    .fetch_one(&mut *conn)
    .await?;
    let since = person.as_ref().map(|row| rows::number(row, "created_at")).transpose()?;
    let username = person.as_ref().map(|row| rows::maybe_text(row, "username")).transpose()?;
    Ok(Facts {
        since: since.map(moment),
        username: username.flatten(),
        plans: plans(conn, user).await?,
        orders: orders(conn, user).await?,
        watches: watches(conn, user).await?,
        watch_count: rows::number(&counts, "watches")?,
        failures: failures(conn, user).await?,
        tickets: rows::number(&counts, "tickets")?,
    })
}

async fn plans(conn: &mut Conn, user: UserId) -> Result<Vec<(String, DateTime<Utc>)>, DbError> {
    let found = query(
        "SELECT plan, until FROM entitlements WHERE user_id = $1 ORDER BY until DESC, plan LIMIT $2",
    )
    .bind(user.0)
    .bind(SHOWN)
    .fetch_all(conn)
    .await?;
    let plan = |row: &Row| Ok((rows::text(row, "plan")?, moment(rows::number(row, "until")?)));
    found.iter().map(plan).collect()
}

async fn orders(
    conn: &mut Conn,
    user: UserId,
) -> Result<Vec<(String, Money, String, DateTime<Utc>)>, DbError> {
    let found = query(
        "SELECT plan, minor, currency, state, created_at FROM orders WHERE user_id = $1 \
         ORDER BY created_at DESC, id LIMIT $2",
    )
    .bind(user.0)
    .bind(SHOWN)
    .fetch_all(conn)
    .await?;
    let order = |row: &Row| {
        let (minor, currency) = (rows::number(row, "minor")?, rows::text(row, "currency")?);
        let at = moment(rows::number(row, "created_at")?);
        Ok((rows::text(row, "plan")?, Money { minor, currency }, rows::text(row, "state")?, at))
    };
    found.iter().map(order).collect()
}

async fn watches(conn: &mut Conn, user: UserId) -> Result<Vec<(String, bool)>, DbError> {
    let found = query(
        "SELECT name, paused FROM watches WHERE user_id = $1 ORDER BY created_at, id LIMIT $2",
    )
    .bind(user.0)
    .bind(WATCHES)
    .fetch_all(conn)
    .await?;
    let watch = |row: &Row| Ok((rows::text(row, "name")?, rows::number(row, "paused")? == 1));
    found.iter().map(watch).collect()
}

/// What did not reach the person's private chat, the latest first.
async fn failures(conn: &mut Conn, user: UserId) -> Result<Vec<(String, DateTime<Utc>)>, DbError> {
    let found = query(
        "SELECT class, reason, done_at, created_at FROM deliveries WHERE chat = $1 \
         AND state IN ('dead', 'unknown', 'dropped') ORDER BY seq DESC LIMIT $2",
    )
    .bind(user.0)
    .bind(SHOWN)
    .fetch_all(conn)
    .await?;
    let failure = |row: &Row| {
        let at = match rows::maybe_number(row, "done_at")? {
            Some(at) => at,
            None => rows::number(row, "created_at")?,
        };
        let (class, reason) = (rows::text(row, "class")?, rows::maybe_text(row, "reason")?);
        Ok((format!("{class}: {}", reason.unwrap_or_default()), moment(at)))
    };
    found.iter().map(failure).collect()
}
