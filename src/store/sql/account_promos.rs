//! Promo codes: what speaks for one is asked in the statement that uses it.

use chrono::{DateTime, Utc};
use sites::Money;

use super::account_ledger;
use super::account_plans;
use super::engine::{Conn, moment, ms};
use super::rows::{maybe_number, maybe_text, number, text};
use super::statement::{Query, Row, query};
use crate::domain::account::{Gift, NEW_FOR, Promo};
use crate::domain::ledger::{EntryKey, Grant, Kind};
use crate::domain::{Entry, PlanId, UserId};
use crate::store::{DbError, Posted};

/// The provider of what codes give.
const PROVIDER: &str = "promo";

/// The code $1 may be used by the person $2 at $3; who came after $4 is new.
const USABLE: &str = "code = $1 AND stopped = 0 AND (uses = 0 OR used < uses) \
     AND (valid_from IS NULL OR valid_from <= $3) AND (valid_until IS NULL OR valid_until > $3) \
     AND (only_new = 0 OR EXISTS (SELECT 1 FROM users u WHERE u.id = $2 AND u.created_at > $4)) \
     AND (only_plan IS NULL OR EXISTS (SELECT 1 FROM entitlements e WHERE e.user_id = $2 \
     AND e.plan = promos.only_plan AND e.since <= $3 AND e.until > $3)) \
     AND (plan IS NULL OR EXISTS (SELECT 1 FROM plans p WHERE p.id = promos.plan)) \
     AND NOT EXISTS (SELECT 1 FROM ledger l WHERE l.provider = 'promo' AND l.kind = 'promo' \
     AND l.payment_id = $5)";

fn asked<'q>(query: Query<'q>, code: &'q str, user: UserId, now: DateTime<Utc>) -> Query<'q> {
    query.bind(code).bind(user.0).bind(ms(now)).bind(ms(now - NEW_FOR)).bind(payment(code, user))
}

/// The name of the use of a code by a person: there is one.
fn payment(code: &str, user: UserId) -> String {
    format!("{code}/{user}")
}

/// A code that the person may use now.
pub(crate) async fn usable(
    conn: &mut Conn,
    code: &str,
    user: UserId,
    now: DateTime<Utc>,
) -> Result<Option<Promo>, DbError> {
    let text = format!("SELECT * FROM promos WHERE {USABLE}");
    let row = asked(query(text), code, user, now).fetch_optional(conn).await?;
    row.as_ref().map(promo).transpose()
}

/// Uses a code: checks and counts in one statement. [`DbError::Stale`] when it cannot be used (any more).
pub(crate) async fn redeem(
    conn: &mut Conn,
    code: &str,
    user: UserId,
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    let text = format!("UPDATE promos SET used = used + 1 WHERE {USABLE} RETURNING *");
    let row = asked(query(text), code, user, now).fetch_optional(&mut *conn).await?;
    let Some(row) = row else { return Err(DbError::Stale) };
    let key = EntryKey::new(PROVIDER, &payment(code, user), Kind::Promo);
    let mut entry = Entry::new(key, user, now);
    match promo(&row)?.gift {
        Gift::Days { plan, days } => {
            let Some(known) = account_plans::one(conn, &plan).await? else {
                return Err(DbError::Stale);
            };
            entry.grant = Some(Grant { plan, days, terms: known.terms });
        }
        Gift::Credit(money) => (entry.currency, entry.balance) = (money.currency, money.minor),
    }
    match account_ledger::post(conn, &entry, now).await? {
        Posted::Done => Ok(()),
        Posted::Already | Posted::Overdrawn => Err(DbError::Stale),
    }
}

/// All codes, newest first.
pub(crate) async fn all(conn: &mut Conn) -> Result<Vec<Promo>, DbError> {
    let found =
        query("SELECT * FROM promos ORDER BY created_at DESC, code").fetch_all(conn).await?;
    found.iter().map(promo).collect()
}

/// Makes a code; false when there is one of this name.
pub(crate) async fn add(conn: &mut Conn, promo: &Promo) -> Result<bool, DbError> {
    let (plan, days, money) = match &promo.gift {
        Gift::Days { plan, days } => {
            (Some(plan.0.clone()), *days, Money { minor: 0, currency: String::new() })
        }
        Gift::Credit(money) => (None, 0, money.clone()),
    };
    let done = query(
        "INSERT INTO promos (code, plan, days, minor, currency, uses, valid_from, valid_until, \
         only_new, only_plan, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) \
         ON CONFLICT (code) DO NOTHING",
    )
    .bind(promo.code.as_str())
    .bind(plan)
    .bind(days)
    .bind(money.minor)
    .bind(money.currency)
    .bind(promo.uses)
    .bind(promo.valid_from.map(ms))
    .bind(promo.valid_until.map(ms))
    .bind(i64::from(promo.only_new))
    .bind(promo.only_plan.as_ref().map(|plan| plan.0.clone()))
    .bind(ms(promo.created_at))
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Stops a code; false when there is none.
pub(crate) async fn stop(conn: &mut Conn, code: &str) -> Result<bool, DbError> {
    let done =
        query("UPDATE promos SET stopped = 1 WHERE code = $1").bind(code).execute(conn).await?;
    Ok(done.rows_affected() == 1)
}

fn promo(row: &Row) -> Result<Promo, DbError> {
    let gift = match maybe_text(row, "plan")? {
        Some(plan) => Gift::Days { plan: PlanId(plan), days: number(row, "days")? },
        None => {
            Gift::Credit(Money { minor: number(row, "minor")?, currency: text(row, "currency")? })
        }
    };
    Ok(Promo {
        code: text(row, "code")?,
        gift,
        uses: number(row, "uses")?,
        used: number(row, "used")?,
        valid_from: maybe_number(row, "valid_from")?.map(moment),
        valid_until: maybe_number(row, "valid_until")?.map(moment),
        only_new: number(row, "only_new")? == 1,
        only_plan: maybe_text(row, "only_plan")?.map(PlanId),
        stopped: number(row, "stopped")? == 1,
        created_at: moment(number(row, "created_at")?),
    })
}
