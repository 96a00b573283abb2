//! The ledger, and what it amounts to.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};

use super::engine::{Conn, moment, ms};
use super::rows::{maybe_text, number, text, word};
use super::statement::{Row, query};
use super::{account_endings, watch_life};
use crate::domain::ledger::{Entry, EntryKey, Grant, Holdings, Kind, Period, holdings};
use crate::domain::{OrderId, PlanId, UserId};
use crate::store::{DbError, Difference, Posted};

/// The largest balance, minor units: sums of entries stay numbers that everybody reads alike.
const LARGEST_BALANCE: i64 = 1_000_000_000_000_000;

/// See [`crate::store::AccountRecord::post`]. Part of the caller's transaction: when another one wrote the same entry
/// in the meantime, it is [`DbError::Stale`] and all of it must be undone.
pub(crate) async fn post(
    conn: &mut Conn,
    entry: &Entry,
    now: DateTime<Utc>,
) -> Result<Posted, DbError> {
    entry.check().map_err(|bad| DbError::Broken(bad.to_string()))?;
    watch_life::hold(conn, entry.user).await?;
    if is_there(conn, &entry.key).await? {
        return Ok(Posted::Already);
    }
    if !move_balance(conn, entry, now).await? {
        return Ok(Posted::Overdrawn);
    }
    if !insert(conn, entry).await? {
        return Err(DbError::Stale);
    }
    if entry.grant.is_some() {
        let all = holdings(&of_user(conn, entry.user).await?);
        put_periods(conn, entry.user, &all.periods, now).await?;
        account_endings::note(conn, entry.user, &all.periods, now).await?;
    }
    Ok(Posted::Done)
}

/// Whether an entry of this name is written.
pub(crate) async fn is_there(conn: &mut Conn, key: &EntryKey) -> Result<bool, DbError> {
    let row = query(
        "SELECT 1 AS there FROM ledger WHERE provider = $1 AND payment_id = $2 AND kind = $3",
    )
    .bind(key.provider.as_str())
    .bind(key.payment.as_str())
    .bind(key.kind.as_str())
    .fetch_optional(conn)
    .await?;
    Ok(row.is_some())
}

/// Moves the balance in one statement that also says whether it bears it.
async fn move_balance(conn: &mut Conn, entry: &Entry, now: DateTime<Utc>) -> Result<bool, DbError> {
    if entry.balance == 0 {
        return Ok(true);
    }
    query(
        "INSERT INTO balances (user_id, currency, minor, updated_at) VALUES ($1, $2, 0, $3) \
         ON CONFLICT (user_id, currency) DO NOTHING",
    )
    .bind(entry.user.0)
    .bind(entry.currency.as_str())
    .bind(ms(now))
    .execute(&mut *conn)
    .await?;
    let moved = query(
        "UPDATE balances SET minor = minor + $3, updated_at = $4 \
         WHERE user_id = $1 AND currency = $2 AND minor + $3 >= 0 AND minor + $3 <= $5",
    )
    .bind(entry.user.0)
    .bind(entry.currency.as_str())
    .bind(entry.balance)
    .bind(ms(now))
    .bind(LARGEST_BALANCE)
    .execute(conn)
    .await?;
    Ok(moved.rows_affected() == 1)
}

async fn insert(conn: &mut Conn, entry: &Entry) -> Result<bool, DbError> {
    let grant = entry.grant.as_ref();
    let terms = grant.map(|grant| serde_json::to_string(&grant.terms)).transpose()?;
    let done = query(
        "INSERT INTO ledger (provider, payment_id, kind, user_id, order_id, plan, days, terms, minor, \
         balance, currency, at, note) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) \
         ON CONFLICT (provider, payment_id, kind) DO NOTHING",
    )
    .bind(entry.key.provider.as_str())
    .bind(entry.key.payment.as_str())
    .bind(entry.key.kind.as_str())
    .bind(entry.user.0)
    .bind(entry.order.as_ref().map(|order| order.0.clone()))
    .bind(grant.map(|grant| grant.plan.0.clone()))
    .bind(grant.map_or(0, |grant| grant.days))
    .bind(terms.unwrap_or_else(|| "{}".to_owned()))
    .bind(entry.paid)
    .bind(entry.balance)
    .bind(entry.currency.as_str())
    .bind(ms(entry.at))
    .bind(entry.note.as_str())
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// All entries of a person.
pub(crate) async fn of_user(conn: &mut Conn, user: UserId) -> Result<Vec<Entry>, DbError> {
    let found =
        query("SELECT * FROM ledger WHERE user_id = $1").bind(user.0).fetch_all(conn).await?;
    found.iter().map(entry).collect()
}

/// The last movements of a person, newest first.
pub(crate) async fn movements(
    conn: &mut Conn,
    user: UserId,
    limit: u32,
) -> Result<Vec<Entry>, DbError> {
    let found = query(
        "SELECT * FROM ledger WHERE user_id = $1 ORDER BY at DESC, provider, payment_id, kind LIMIT $2",
    )
    .bind(user.0)
    .bind(i64::from(limit))
    .fetch_all(conn)
    .await?;
    found.iter().map(entry).collect()
}

fn entry(row: &Row) -> Result<Entry, DbError> {
    let key = EntryKey {
        provider: text(row, "provider")?,
        payment: text(row, "payment_id")?,
        kind: word(row, "kind", Kind::from_word)?,
    };
    let grant = match maybe_text(row, "plan")? {
        Some(plan) => Some(Grant {
            plan: PlanId(plan),
            days: number(row, "days")?,
            terms: serde_json::from_str(&text(row, "terms")?)?,
        }),
        None => None,
    };
    Ok(Entry {
        key,
        user: UserId(number(row, "user_id")?),
        order: maybe_text(row, "order_id")?.map(OrderId),
        currency: text(row, "currency")?,
        paid: number(row, "minor")?,
        balance: number(row, "balance")?,
        grant,
        at: moment(number(row, "at")?),
        note: maybe_text(row, "note")?.unwrap_or_default(),
    })
}

/// What a person holds, ended too, by plan and beginning.
pub(crate) async fn periods(conn: &mut Conn, user: UserId) -> Result<Vec<Period>, DbError> {
    let found = query("SELECT * FROM entitlements WHERE user_id = $1 ORDER BY plan, since")
        .bind(user.0)
        .fetch_all(conn)
        .await?;
    found.iter().map(period).collect()
}

fn period(row: &Row) -> Result<Period, DbError> {
    Ok(Period {
        plan: PlanId(text(row, "plan")?),
        since: moment(number(row, "since")?),
        until: moment(number(row, "until")?),
        terms: serde_json::from_str(&text(row, "terms")?)?,
    })
}

/// Replaces what a person holds.
async fn put_periods(
    conn: &mut Conn,
    user: UserId,
    periods: &[Period],
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    query("DELETE FROM entitlements WHERE user_id = $1").bind(user.0).execute(&mut *conn).await?;
    for period in periods {
        let interval = period.terms.interval_s.and_then(|seconds| i64::try_from(seconds).ok());
        query(
            "INSERT INTO entitlements (user_id, plan, since, until, terms, interval_s, updated_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
        )
        .bind(user.0)
        .bind(period.plan.as_str())
        .bind(ms(period.since))
        .bind(ms(period.until))
        .bind(serde_json::to_string(&period.terms)?)
        .bind(interval)
        .bind(ms(now))
        .execute(&mut *conn)
        .await?;
    }
    Ok(())
}

/// Balance of a person by currency; currencies that nothing was ever on are absent.
pub(crate) async fn balances(
    conn: &mut Conn,
    user: UserId,
) -> Result<BTreeMap<String, i64>, DbError> {
    let found = query("SELECT currency, minor FROM balances WHERE user_id = $1")
        .bind(user.0)
        .fetch_all(conn)
        .await?;
    found.iter().map(|row| Ok((text(row, "currency")?, number(row, "minor")?))).collect()
}

/// See [`crate::store::AccountRecord::audit_ledger`]. One person after the other, so that not everything is in memory.
pub(crate) async fn audit(conn: &mut Conn) -> Result<Vec<Difference>, DbError> {
    let people = query(
        "SELECT user_id FROM ledger UNION SELECT user_id FROM entitlements \
         UNION SELECT user_id FROM balances ORDER BY user_id",
    )
    .fetch_all(&mut *conn)
    .await?;
    let mut differences = Vec::new();
    for row in &people {
        let user = UserId(number(row, "user_id")?);
        let ledger = holdings(&of_user(conn, user).await?);
        let recorded =
            Holdings { balances: balances(conn, user).await?, periods: periods(conn, user).await? };
        if !agree(&ledger, &recorded) {
            differences.push(Difference { user, ledger, recorded });
        }
    }
    Ok(differences)
}

/// Whether both say the same; a balance of nothing is none.
fn agree(one: &Holdings, other: &Holdings) -> bool {
    let currencies: BTreeSet<&String> = one.balances.keys().chain(other.balances.keys()).collect();
    let on = |all: &Holdings, currency: &str| all.balances.get(currency).copied().unwrap_or(0);
    one.periods == other.periods
        && currencies.into_iter().all(|currency| on(one, currency) == on(other, currency))
}
