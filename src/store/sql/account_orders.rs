//! Orders, and paying them from the balance.

use chrono::{DateTime, Utc};
use sites::Money;

use super::account_ledger;
use super::engine::{Conn, moment, ms};
use super::rows::{maybe_number, number, text, word};
use super::statement::{Row, query};
use crate::domain::order::BALANCE;
use crate::domain::{Entry, Order, OrderId, OrderState, PlanId, UserId};
use crate::store::{DbError, Posted};

/// Orders that one step expires.
const CHUNK: i64 = 500;

/// Writes an order; one of this id stays as it is.
pub(crate) async fn insert(conn: &mut Conn, order: &Order) -> Result<(), DbError> {
    query(
        "INSERT INTO orders (id, user_id, plan, days, terms, minor, currency, provider, state, \
         created_at, expires_at, paid_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) \
         ON CONFLICT (id) DO NOTHING",
    )
    .bind(order.id.as_str())
    .bind(order.user.0)
    .bind(order.plan.as_str())
    .bind(order.days)
    .bind(serde_json::to_string(&order.terms)?)
    .bind(order.price.minor)
    .bind(order.price.currency.as_str())
    .bind(order.provider.as_str())
    .bind(order.state.as_str())
    .bind(ms(order.created_at))
    .bind(ms(order.expires_at))
    .bind(order.paid_at.map(ms))
    .execute(conn)
    .await?;
    Ok(())
}

/// One order.
pub(crate) async fn one(conn: &mut Conn, id: &OrderId) -> Result<Option<Order>, DbError> {
    let row = query("SELECT * FROM orders WHERE id = $1").bind(id.as_str());
    row.fetch_optional(conn).await?.as_ref().map(order).transpose()
}

/// Orders of a person, newest first.
pub(crate) async fn of_user(
    conn: &mut Conn,
    user: UserId,
    limit: u32,
) -> Result<Vec<Order>, DbError> {
    let found =
        query("SELECT * FROM orders WHERE user_id = $1 ORDER BY created_at DESC, id LIMIT $2")
            .bind(user.0)
            .bind(i64::from(limit))
            .fetch_all(conn)
            .await?;
    found.iter().map(order).collect()
}

fn order(row: &Row) -> Result<Order, DbError> {
    Ok(Order {
        id: OrderId(text(row, "id")?),
        user: UserId(number(row, "user_id")?),
        plan: PlanId(text(row, "plan")?),
        days: number(row, "days")?,
        terms: serde_json::from_str(&text(row, "terms")?)?,
        price: Money { minor: number(row, "minor")?, currency: text(row, "currency")? },
        provider: text(row, "provider")?,
        state: word(row, "state", OrderState::from_word)?,
        created_at: moment(number(row, "created_at")?),
        expires_at: moment(number(row, "expires_at")?),
        paid_at: maybe_number(row, "paid_at")?.map(moment),
    })
}

/// Ends an open order of a person because they do not want it.
pub(crate) async fn cancel(conn: &mut Conn, user: UserId, id: &OrderId) -> Result<(), DbError> {
    query("UPDATE orders SET state = 'cancelled' WHERE id = $1 AND user_id = $2 AND state = 'pending'")
        .bind(id.as_str())
        .bind(user.0)
        .execute(conn)
        .await?;
    Ok(())
}

/// Pays an open order of a person from the balance. [`DbError::Stale`] when it is not open, or the balance does not
/// bear it: the caller's transaction is undone.
pub(crate) async fn pay_from_balance(
    conn: &mut Conn,
    user: UserId,
    id: &OrderId,
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    let taken = query(
        "UPDATE orders SET state = 'paid', paid_at = $3, provider = $4 WHERE id = $1 AND user_id = $2 \
         AND state = 'pending' AND expires_at > $3 RETURNING *",
    )
    .bind(id.as_str())
    .bind(user.0)
    .bind(ms(now))
    .bind(BALANCE)
    .fetch_optional(&mut *conn)
    .await?;
    let Some(row) = taken else { return Err(DbError::Stale) };
    match account_ledger::post(conn, &Entry::from_balance(&order(&row)?, now), now).await? {
        Posted::Done => Ok(()),
        Posted::Already | Posted::Overdrawn => Err(DbError::Stale),
    }
}

/// See [`crate::store::AccountRecord::expire_orders`].
pub(crate) async fn expire(conn: &mut Conn, now: DateTime<Utc>) -> Result<u64, DbError> {
    let done = query(
        "UPDATE orders SET state = 'expired' WHERE state = 'pending' AND id IN (SELECT id FROM orders \
         WHERE state = 'pending' AND expires_at <= $1 ORDER BY expires_at LIMIT $2)",
    )
    .bind(ms(now))
    .bind(CHUNK)
    .execute(conn)
    .await?;
    Ok(done.rows_affected())
}
