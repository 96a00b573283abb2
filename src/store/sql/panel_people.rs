//! People as operators see them, and days of a plan that operators give.

use chrono::{DateTime, TimeDelta, Utc};

use super::daily::ended_in;
use super::engine::{Conn, moment};
use super::statement::{Row, query};
use super::{account_ledger, account_plans, rows};
use crate::domain::ledger::{EntryKey, Grant, Kind};
use crate::domain::{Entry, Language, PlanId, UserId};
use crate::store::{DbError, FOUND, Known, PersonCard};

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
        held: held(conn, user).await?,
        plans: account_plans::all(conn).await?,
        balances: account_ledger::balances(conn, user).await?,
        watches: number("watches")?,
        running: number("running")?,
        deliveries,
        waiting: number("waiting")?,
        tickets: (number("tickets")?, number("open")?),
        conversations: number("conversations")?,
    }))
}

/// The end of each plan that the person holds or held, the latest first.
async fn held(conn: &mut Conn, user: UserId) -> Result<Vec<(PlanId, DateTime<Utc>)>, DbError> {
    let found = query(
        "SELECT plan, MAX(until) AS until FROM entitlements WHERE user_id = $1 \
         GROUP BY plan ORDER BY until DESC, plan",
    )
    .bind(user.0)
    .fetch_all(conn)
    .await?;
    let held =
        |row: &Row| Ok((PlanId(rows::text(row, "plan")?), moment(rows::number(row, "until")?)));
    found.iter().map(held).collect()
}

/// Gives days of a plan, on the terms that it has now: from its end, or from now where it is over.
pub(super) async fn grant(
    conn: &mut Conn,
    id: &str,
    user: UserId,
    (plan, days): (&PlanId, i64),
    (was, by): (Option<DateTime<Utc>>, &str),
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    let until = held(conn, user).await?.into_iter().find(|(held, _)| held == plan);
    let known = account_plans::one(conn, plan).await?;
    let Some(known) = known.filter(|_| until.map(|(_, until)| until) == was) else {
        return Err(DbError::Stale);
    };
    let key = EntryKey::new("operator", id, Kind::Bonus);
    let entry = Entry {
        grant: Some(Grant { plan: plan.clone(), days, terms: known.terms }),
        note: format!("given by {by}"),
        ..Entry::new(key, user, now)
    };
    // One of this name was given before: nothing more to do.
    account_ledger::post(conn, &entry, now).await.map(drop)
}
