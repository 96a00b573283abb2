//! People as operators see them, and days of a plan that operators give.

use chrono::{DateTime, TimeDelta, Utc};

use super::daily::ended_in;
use super::engine::{Conn, moment, ms};
use super::rows;
use super::statement::{Row, query};
use crate::domain::{Language, UserId};
use crate::store::{DbError, FOUND, Held, Known, PersonCard};

/// Name and name at Telegram in lower case, as they are searched.
pub(super) fn folded(name: &str, username: Option<&str>) -> String {
    format!("{name} {}", username.unwrap_or_default()).trim().to_lowercase()
}

fn known(row: &Row) -> Result<Known, DbError> {
    Ok(Known {
        id: UserId(rows::number(row, "id")?),
        name: rows::text(row, "name")?,
        username: rows::maybe_text(row, "username")?,
        banned: rows::number(row, "banned")? == 1,
    })
}

/// People by id, `@username` or a part of the name, those seen last first, and how many there are.
pub(super) async fn find(conn: &mut Conn, words: &str) -> Result<(Vec<Known>, u64), DbError> {
    let words = words.trim();
    if let Ok(id) = words.parse::<i64>() {
        let found = query("SELECT id, name, username, banned FROM users WHERE id = $1")
            .bind(id)
            .fetch_all(&mut *conn)
            .await?;
        if !found.is_empty() {
            return Ok((found.iter().map(known).collect::<Result<_, _>>()?, 1));
        }
    }
    let wanted = words.strip_prefix('@').unwrap_or(words).to_lowercase();
    let escaped = wanted.replace('!', "!!").replace('%', "!%").replace('_', "!_");
    let condition = match words.starts_with('@') {
        true => "LOWER(username) LIKE $1 ESCAPE '!'",
        false => "folded LIKE $1 ESCAPE '!'",
    };
    let pattern = format!("%{escaped}%");
    let count = query(format!("SELECT COUNT(*) AS many FROM users WHERE {condition}"))
        .bind(pattern.as_str())
        .fetch_one(&mut *conn)
        .await?;
    let found = query(format!(
        "SELECT id, name, username, banned FROM users WHERE {condition} \
         ORDER BY seen_on DESC, id LIMIT {FOUND}"
    ))
    .bind(pattern.as_str())
    .fetch_all(conn)
    .await?;
    let count = u64::try_from(rows::number(&count, "many")?).unwrap_or(0);
    Ok((found.iter().map(known).collect::<Result<_, _>>()?, count))
}

/// All of a person.
pub(super) async fn card(
    conn: &mut Conn,
    user: UserId,
    now: DateTime<Utc>,
) -> Result<Option<PersonCard>, DbError> {
    let row = query(
        "SELECT u.id, u.name, u.username, u.banned, u.language, u.created_at, u.seen_on, \
         COALESCE((SELECT c.active FROM chats c WHERE c.id = u.id), 0) AS reachable, \
         (SELECT COUNT(*) FROM watches w WHERE w.user_id = u.id) AS watches, \
         (SELECT COUNT(*) FROM watches w WHERE w.user_id = u.id AND w.paused = 0) AS running, \
         (SELECT COUNT(*) FROM tickets t WHERE t.user_id = u.id) AS tickets, \
         (SELECT COUNT(*) FROM tickets t WHERE t.user_id = u.id AND t.state = 'open') AS open, \
         (SELECT COUNT(*) FROM dialogues d WHERE d.user_id = u.id \
          AND d.state NOT LIKE '%\"idle\"%') AS conversations, \
         (SELECT COUNT(*) FROM deliveries d WHERE d.chat = u.id \
          AND d.state IN ('pending', 'collected')) AS waiting \
         FROM users u WHERE u.id = $1",
    )
    .bind(user.0)
    .fetch_optional(&mut *conn)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let number = |column: &str| rows::number(&row, column);
    let deliveries = ended_in(conn, user.0, now - TimeDelta::days(7)).await?;
    Ok(Some(PersonCard {
        known: known(&row)?,
        language: Language::from_tag(&rows::text(&row, "language")?),
        since: moment(number("created_at")?),
        seen_on: Some(number("seen_on")?).filter(|day| *day > 0),
        reachable: number("reachable")? == 1,
        plans: plans(conn, user).await?,
        offered: offered(conn).await?,
        watches: number("watches")?,
        running: number("running")?,
        deliveries,
        waiting: number("waiting")?,
        tickets: (number("tickets")?, number("open")?),
        conversations: number("conversations")?,
    }))
}

async fn plans(conn: &mut Conn, user: UserId) -> Result<Vec<Held>, DbError> {
    let found = query(
        "SELECT e.plan, e.until, COALESCE(p.title, e.plan) AS title FROM entitlements e \
         LEFT JOIN plans p ON p.id = e.plan WHERE e.user_id = $1 ORDER BY e.until DESC, e.plan",
    )
    .bind(user.0)
    .fetch_all(conn)
    .await?;
    let held = |row: &Row| {
        let (plan, title) = (rows::text(row, "plan")?, rows::text(row, "title")?);
        Ok(Held { plan, title, until: moment(rows::number(row, "until")?) })
    };
    found.iter().map(held).collect()
}

async fn offered(conn: &mut Conn) -> Result<Vec<(String, String)>, DbError> {
    let found = query("SELECT id, title FROM plans WHERE active = 1 ORDER BY days, id")
        .fetch_all(conn)
        .await?;
    found.iter().map(|row| Ok((rows::text(row, "id")?, rows::text(row, "title")?))).collect()
}

/// Gives days of a plan: from its end, or from now where it is over.
pub(super) async fn grant(
    conn: &mut Conn,
    id: &str,
    user: UserId,
    (plan, days): (&str, i64),
    was: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    let row = query("SELECT until FROM entitlements WHERE user_id = $1 AND plan = $2")
        .bind(user.0)
        .bind(plan)
        .fetch_optional(&mut *conn)
        .await?;
    let until = row.map(|row| rows::number(&row, "until")).transpose()?;
    let offered =
        query("SELECT id FROM plans WHERE id = $1").bind(plan).fetch_optional(&mut *conn).await?;
    if until != was.map(ms) || offered.is_none() {
        return Err(DbError::Stale);
    }
    let written = query(
        "INSERT INTO ledger (provider, payment_id, kind, user_id, plan, days, minor, currency, at, \
         note) VALUES ('operator', $1, 'credit', $2, $3, $4, 0, '', $5, 'given by an operator') \
         ON CONFLICT (provider, payment_id, kind) DO NOTHING",
    )
    .bind(id)
    .bind(user.0)
    .bind(plan)
    .bind(days)
    .bind(ms(now))
    .execute(&mut *conn)
    .await?;
    if written.rows_affected() == 0 {
        return Ok(());
    }
    let from = was.map_or(now, |was| was.max(now));
    let end = from.checked_add_signed(TimeDelta::days(days)).unwrap_or(from);
    query(
        "INSERT INTO entitlements (user_id, plan, until, updated_at) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (user_id, plan) DO UPDATE SET until = excluded.until, \
         updated_at = excluded.updated_at",
    )
    .bind(user.0)
    .bind(plan)
    .bind(ms(end))
    .bind(ms(now))
    .execute(conn)
    .await?;
    Ok(())
}
