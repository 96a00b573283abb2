//! See [`crate::store::QuotaRecord`].

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::engine::{Conn, ms};
use super::statement::{Row, query};
use super::{SqlDb, effects, panel_chapter, rows};
use crate::domain::quota::{Act, Bucket, Toll};
use crate::domain::{Language, User, UserId};
use crate::store::{AuditEntry, DbError, Dues, Level, Overdrawn, QuotaRecord};

/// Buckets that are full say nothing.
pub(super) const PRUNE: &str = "DELETE FROM quotas WHERE (user_id, act) IN \
     (SELECT user_id, act FROM quotas WHERE full_at / 1000 < $1 LIMIT $2)";

/// Pays what an update owes; `Some` when it may not be committed, and then nothing was taken.
pub(super) async fn pay(
    conn: &mut Conn,
    dues: &Dues,
    now: DateTime<Utc>,
) -> Result<Option<Overdrawn>, DbError> {
    let micros = now.timestamp_micros();
    match dues {
        Dues::None => Ok(None),
        Dues::Tolls { user, tolls } => {
            for (paid, toll) in tolls.iter().enumerate() {
                if !take(conn, *user, toll, micros).await? {
                    give_back(conn, *user, &tolls[..paid]).await?;
                    return overdrawn(conn, *user, toll, micros).await.map(Some);
                }
            }
            Ok(None)
        }
        Dues::Telling { user, act } => {
            let told =
                query("UPDATE quotas SET told = 1 WHERE user_id = $1 AND act = $2 AND told = 0")
                    .bind(user.0)
                    .bind(act.as_str())
                    .execute(conn)
                    .await?;
            let first = told.rows_affected() == 1;
            Ok((!first).then_some(Overdrawn { act: *act, again_at: now, told: true }))
        }
    }
}

/// Puts back what an update paid that is not committed after all.
pub(super) async fn refund(conn: &mut Conn, dues: &Dues) -> Result<(), DbError> {
    match dues {
        Dues::Tolls { user, tolls } => give_back(conn, *user, tolls).await,
        Dues::None | Dues::Telling { .. } => Ok(()),
    }
}

/// Looks and takes in one statement: the arithmetic of [`Bucket::take`]. A bucket that was full forgets that its
/// person was told.
async fn take(conn: &mut Conn, user: UserId, toll: &Toll, now: i64) -> Result<bool, DbError> {
    let Bucket { step, room } = toll.bucket;
    let taken = query(
        "INSERT INTO quotas (user_id, act, full_at, told) VALUES ($1, $2, $3, 0) \
         ON CONFLICT (user_id, act) DO UPDATE SET \
         full_at = CASE WHEN quotas.full_at > $4 AND quotas.full_at <= $5 \
           THEN quotas.full_at + $6 ELSE excluded.full_at END, \
         told = CASE WHEN quotas.full_at > $4 THEN quotas.told ELSE 0 END \
         WHERE quotas.full_at <= $7 OR quotas.full_at > $5",
    )
    .bind(user.0)
    .bind(toll.act.as_str())
    .bind(now + step)
    .bind(now)
    .bind(toll.bucket.horizon(now))
    .bind(step)
    .bind(now + room - step)
    .execute(conn)
    .await?;
    Ok(taken.rows_affected() == 1)
}

/// The inverse of [`take`]: a bucket that was full is full at `now` instead of earlier, which is the same.
async fn give_back(conn: &mut Conn, user: UserId, tolls: &[Toll]) -> Result<(), DbError> {
    for toll in tolls {
        query("UPDATE quotas SET full_at = full_at - $3 WHERE user_id = $1 AND act = $2")
            .bind(user.0)
            .bind(toll.act.as_str())
            .bind(toll.bucket.step)
            .execute(conn)
            .await?;
    }
    Ok(())
}

async fn overdrawn(
    conn: &mut Conn,
    user: UserId,
    toll: &Toll,
    now: i64,
) -> Result<Overdrawn, DbError> {
    let row = query("SELECT full_at, told FROM quotas WHERE user_id = $1 AND act = $2")
        .bind(user.0)
        .bind(toll.act.as_str())
        .fetch_one(conn)
        .await?;
    let again = toll.bucket.take(rows::number(&row, "full_at")?, now).err().unwrap_or(now);
    let told = rows::number(&row, "told")? == 1;
    Ok(Overdrawn { act: toll.act, again_at: moment(again), told })
}

fn moment(micros: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_micros(micros).unwrap_or(DateTime::<Utc>::MAX_UTC)
}

fn level(row: &Row) -> Result<Level, DbError> {
    Ok(Level {
        act: rows::word(row, "act", Act::from_word)?,
        full_at: moment(rows::number(row, "full_at")?),
        told: rows::number(row, "told")? == 1,
    })
}

async fn bar(
    conn: &mut Conn,
    user: UserId,
    banned: bool,
    audit: &AuditEntry,
    now: DateTime<Utc>,
) -> Result<bool, DbError> {
    let change = match banned {
        true => query(
            "INSERT INTO users (id, language, banned, created_at) VALUES ($1, $2, 1, $3) \
             ON CONFLICT (id) DO UPDATE SET banned = 1 WHERE users.banned = 0",
        )
        .bind(user.0)
        .bind(Language::default().code())
        .bind(ms(now)),
        false => query("UPDATE users SET banned = 0 WHERE id = $1 AND banned = 1").bind(user.0),
    };
    let changed = change.execute(&mut *conn).await?.rows_affected() == 1;
    if changed {
        panel_chapter::follow_ban(conn, user, banned, now).await?;
        effects::audit(conn, audit, now).await?;
    }
    Ok(changed)
}

fn hook_name(bot: i64) -> String {
    format!("webhook {bot}")
}

#[async_trait]
impl QuotaRecord for SqlDb {
    async fn levels(&self, user: UserId, now: DateTime<Utc>) -> Result<Vec<Level>, DbError> {
        self.readers
            .run(move |conn| {
                Box::pin(async move {
                    let found = query(
                        "SELECT act, full_at, told FROM quotas WHERE user_id = $1 AND full_at > $2 \
                         ORDER BY act",
                    )
                    .bind(user.0)
                    .bind(now.timestamp_micros())
                    .fetch_all(conn)
                    .await?;
                    found.iter().map(level).collect()
                })
            })
            .await
    }

    async fn person(&self, user: UserId) -> Result<Option<User>, DbError> {
        self.readers
            .run(move |conn| {
                Box::pin(async move {
                    let found = query("SELECT * FROM users WHERE id = $1")
                        .bind(user.0)
                        .fetch_optional(conn);
                    found.await?.as_ref().map(rows::user).transpose()
                })
            })
            .await
    }

    async fn bar(
        &self,
        user: UserId,
        banned: bool,
        audit: &AuditEntry,
        now: DateTime<Utc>,
    ) -> Result<bool, DbError> {
        let audit = audit.clone();
        self.writer
            .run(move |conn| Box::pin(async move { bar(conn, user, banned, &audit, now).await }))
            .await
    }

    async fn webhook_digest(&self, bot: i64) -> Result<Option<String>, DbError> {
        self.readers
            .run(move |conn| {
                Box::pin(async move {
                    let found = query("SELECT value FROM meta WHERE name = $1")
                        .bind(hook_name(bot))
                        .fetch_optional(conn)
                        .await?;
                    found.map(|row| rows::text(&row, "value")).transpose()
                })
            })
            .await
    }

    async fn set_webhook_digest(&self, bot: i64, digest: &str) -> Result<(), DbError> {
        let digest = digest.to_owned();
        self.writer
            .run(move |conn| {
                Box::pin(async move {
                    query(
                        "INSERT INTO meta (name, value) VALUES ($1, $2) \
                         ON CONFLICT (name) DO UPDATE SET value = excluded.value",
                    )
                    .bind(hook_name(bot))
                    .bind(digest)
                    .execute(conn)
                    .await?;
                    Ok(())
                })
            })
            .await
    }
}
