//! Claims: intent is committed before a byte goes out, and slots are taken under the limits in the same
//! transaction, so all processes together keep them.
//!
//! A claim reads the heads of the most urgent lanes with their deliveries in one question, gives each a slot of
//! the free pace and writes intent and lane. When the free slots of the horizon are gone, broadcasts that may be
//! paid for take paid slots as far as the budget goes: its count is written in the same transaction.

use chrono::{DateTime, Utc};

use super::engine::{Conn, span_ms};
use super::lanes::{self, Head};
use super::statement::query;
use super::{rows, standing};
use crate::domain::Delivery;
use crate::domain::delivery::{Claimed, PAID_PRIORITY, Standing};
use crate::domain::pace::{Limits, next_fit};
use crate::store::slots::{Pace, PaidPace, list_text, mark_paid, read_list, weight, weight_in};
use crate::store::{ClaimRequest, DbError};

/// Reads the overall pace. Writing first takes the row's lock where several writers exist.
pub(crate) async fn load_pace(conn: &mut Conn, limits: &Limits) -> Result<Pace, DbError> {
    if limits.gap_us == 0 {
        return Ok(Pace::default());
    }
    let row = query(
        "UPDATE pace SET next_at = next_at WHERE scope = 'telegram' RETURNING next_at, recent",
    )
    .fetch_one(conn)
    .await?;
    let recent: String = row.try_get("recent")?;
    Ok(Pace::new(limits, rows::number(&row, "next_at")?, read_list(&recent)))
}

/// Writes the overall pace back.
pub(crate) async fn store_pace(conn: &mut Conn, pace: &Pace) -> Result<(), DbError> {
    if !pace.is_off() {
        query("UPDATE pace SET next_at = $1, recent = $2 WHERE scope = 'telegram'")
            .bind(pace.next_at)
            .bind(list_text(&pace.recent))
            .execute(conn)
            .await?;
    }
    Ok(())
}

/// Reads the paid pace and what was spent today.
async fn load_paid(conn: &mut Conn, request: &ClaimRequest) -> Result<Option<PaidPace>, DbError> {
    let limits = &request.limits;
    if limits.gap_us == 0 || limits.paid.gap_us == 0 {
        return Ok(None);
    }
    let row = query(
        "UPDATE pace SET next_at = next_at WHERE scope = 'paid' RETURNING next_at, spent, spent_on",
    )
    .fetch_one(conn)
    .await?;
    let next_at = rows::number(&row, "next_at")?;
    let (spent, day) = (rows::number(&row, "spent")?, rows::number(&row, "spent_on")?);
    Ok(Some(PaidPace::new(limits.paid, next_at, spent, day, request.now)))
}

async fn store_paid(conn: &mut Conn, pool: &PaidPace) -> Result<(), DbError> {
    query("UPDATE pace SET next_at = $1, spent = $2, spent_on = $3 WHERE scope = 'paid'")
        .bind(pool.next_at)
        .bind(pool.spent)
        .bind(pool.day)
        .execute(conn)
        .await?;
    Ok(())
}

/// See [`crate::store::Db::claim_deliveries`]. A delivery behind one of another class waits for it, also
/// when only some classes are asked for.
pub(crate) async fn claim(
    conn: &mut Conn,
    request: &ClaimRequest,
) -> Result<Vec<Claimed>, DbError> {
    lanes::wake(conn, request.now).await?;
    let mut claim = Claim::new(request);
    let mut pace = load_pace(conn, &request.limits).await?;
    claim.free(conn, &mut pace).await?;
    store_pace(conn, &pace).await?;
    if claim.room() > 0
        && let Some(mut pool) = load_paid(conn, request).await?
    {
        claim.paid(conn, &mut pool).await?;
        store_paid(conn, &pool).await?;
    }
    standing::load(conn, &mut claim.taken).await?;
    for (one, paid) in claim.taken.iter_mut().zip(claim.paid) {
        mark_paid(one, paid);
    }
    Ok(claim.taken)
}

/// A claim that goes on. Moments are microseconds.
struct Claim<'r> {
    request: &'r ClaimRequest,
    now: i64,
    horizon: i64,
    taken: Vec<Claimed>,
    /// Which of them have a paid slot.
    paid: Vec<bool>,
}

impl<'r> Claim<'r> {
    fn new(request: &'r ClaimRequest) -> Self {
        let now = request.now.timestamp_micros();
        let horizon = now.saturating_add(span_ms(request.horizon).saturating_mul(1_000));
        Self { request, now, horizon, taken: Vec::new(), paid: Vec::new() }
    }

    /// How many more may be taken.
    fn room(&self) -> usize {
        self.request.limit - self.taken.len()
    }

    /// Takes what the free pace allows. Every lane that comes up is claimed, closed or refreshed away, so this
    /// ends.
    async fn free(&mut self, conn: &mut Conn, pace: &mut Pace) -> Result<(), DbError> {
        while self.room() > 0 && pace.slot(self.now, 1) <= self.horizon {
            let heads = lanes::heads(conn, &self.request.classes, self.room()).await?;
            if heads.is_empty() {
                return Ok(());
            }
            for head in heads {
                let weight = head.delivery.as_ref().map_or(1, weight);
                let slot = pace.slot(self.now, weight);
                if slot > self.horizon {
                    return Ok(());
                }
                if self.take(conn, head, slot, false).await? {
                    pace.take(slot, weight);
                }
            }
        }
        Ok(())
    }

    /// Takes what the budget allows of the broadcasts that may be paid for.
    async fn paid(&mut self, conn: &mut Conn, pool: &mut PaidPace) -> Result<(), DbError> {
        while self.room() > 0 && pool.slot(self.now, 1).is_some_and(|slot| slot <= self.horizon) {
            let heads = lanes::heads_of(conn, PAID_PRIORITY, self.room()).await?;
            if heads.is_empty() {
                return Ok(());
            }
            for head in heads {
                let weight = head.delivery.as_ref().map_or(1, weight);
                let Some(slot) = pool.slot(self.now, weight).filter(|slot| *slot <= self.horizon)
                else {
                    return Ok(());
                };
                if self.take(conn, head, slot, true).await? {
                    pool.take(slot, weight);
                }
            }
        }
        Ok(())
    }

    /// Commits the intent for the head of a lane at `slot`, or closes the lane until its window opens, or
    /// derives anew what it says. True when the slot is used.
    async fn take(
        &mut self,
        conn: &mut Conn,
        head: Head,
        slot: i64,
        paid: bool,
    ) -> Result<bool, DbError> {
        let request = self.request;
        let Head { mut lane, delivery } = head;
        let due = |one: &Delivery| one.new.not_before <= request.now;
        let Some(mut delivery) = delivery.filter(due) else {
            lanes::refresh(conn, lane.chat, request.now).await?;
            return Ok(false);
        };
        let window = request.limits.window(lane.kind);
        let weight = weight_in(lane.kind, weight(&delivery));
        let slot_ms = slot.div_euclid(1_000);
        let fit = next_fit(&lane.recent, window.count, window.per_ms, weight, slot_ms);
        if fit > slot_ms {
            lanes::close_until(conn, lane.chat, fit).await?;
            return Ok(false);
        }
        if !intend(conn, &mut delivery, slot_ms, request).await? {
            lanes::refresh(conn, lane.chat, request.now).await?;
            return Ok(false);
        }
        lane.take(conn, &vec![slot_ms; weight], 1, &request.limits).await?;
        let send_at = DateTime::from_timestamp_micros(slot).unwrap_or(request.now);
        let standing = Standing::default();
        self.paid.push(paid);
        self.taken.push(Claimed { delivery, send_at, change: None, standing });
        Ok(true)
    }
}

/// Commits the intent for a delivery; false when it is no longer what was read.
async fn intend(
    conn: &mut Conn,
    delivery: &mut Delivery,
    slot_ms: i64,
    request: &ClaimRequest,
) -> Result<bool, DbError> {
    let done = query(
        "UPDATE deliveries SET state = 'sending', epoch = $2 + 1, owner = $3, intent_at = $4 \
         WHERE id = $1 AND epoch = $2 AND state = 'pending'",
    )
    .bind(delivery.new.id.as_str())
    .bind(delivery.epoch)
    .bind(request.owner.as_str())
    .bind(slot_ms)
    .execute(conn)
    .await?;
    delivery.state = crate::domain::DeliveryState::Sending;
    delivery.epoch += 1;
    delivery.owner = Some(request.owner.clone());
    delivery.intent_at = DateTime::from_timestamp_millis(slot_ms);
    Ok(done.rows_affected() == 1)
}

/// See [`crate::store::Db::next_delivery_at`]: the earliest lane, but not before the overall pace, unless
/// something may be paid for.
pub(crate) async fn next_at(conn: &mut Conn) -> Result<Option<DateTime<Utc>>, DbError> {
    let row = query(
        "SELECT (SELECT MIN(since) FROM lanes WHERE ready = 1) AS ready, \
         (SELECT MIN(wake_at) FROM lanes WHERE wake_at IS NOT NULL) AS wakes, \
         (SELECT next_at FROM pace WHERE scope = 'telegram') AS slot, \
         (SELECT MIN(since) FROM lanes WHERE ready = 1 AND priority = $1) AS payable",
    )
    .bind(PAID_PRIORITY)
    .fetch_one(conn)
    .await?;
    let at = |column: &str| -> Result<Option<i64>, DbError> {
        Ok(rows::maybe_number(&row, column)?.map(|ms| ms.saturating_mul(1_000)))
    };
    let slot = rows::maybe_number(&row, "slot")?.unwrap_or(0);
    let first = at("ready")?.into_iter().chain(at("wakes")?).min().map(|first| first.max(slot));
    let first = first.into_iter().chain(at("payable")?).min();
    Ok(first.and_then(DateTime::from_timestamp_micros))
}
