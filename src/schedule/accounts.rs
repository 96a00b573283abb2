//! The care for accounts: every minute orders that nobody paid, invitations that are to be credited, and plans that
//! end; every night the books.
//!
//! ```text
//! every minute   orders past their time ─► expired
//!                guests who have come to stay ─► both are credited and told
//!                moments of ends ─► reminders
//! every night    the ledger, added up from empty ─► differences are an error in the log, by name
//! ```
//!
//! Each is a row with a unique key, so it may be done by several processes, and again.

use chrono::{DateTime, Utc};

use crate::domain::account::Growth;
use crate::store::{Db, DbError};
use crate::texts::offers::word;

/// Does what a minute asks for; answers how many messages wait because of it.
pub(super) async fn minute(db: &dyn Db, growth: &Growth, now: DateTime<Utc>) -> u64 {
    let done = |what: &str, result: Result<u64, DbError>| match result {
        Ok(0) => 0,
        Ok(count) => {
            tracing::info!(count, "{what}");
            count
        }
        Err(error) => {
            tracing::warn!(%error, "accounts were not looked after; the next minute tries again");
            0
        }
    };
    done("orders were not paid in time", db.expire_orders(now).await);
    done("invitations were credited", db.reward_invitations(growth, word, now).await)
        + done("people were told that a plan ends", db.remind_endings(word, now).await)
}

/// Adds up the books from empty; answers how many people's do not agree, each named in the log.
///
/// # Errors
/// The record does not answer.
pub async fn audit(db: &dyn Db) -> Result<usize, DbError> {
    let differences = db.audit_ledger().await?;
    for one in &differences {
        tracing::error!(
            user = one.user.0,
            ledger = ?one.ledger,
            recorded = ?one.recorded,
            "what a person holds is not what the ledger amounts to"
        );
    }
    Ok(differences.len())
}

/// The same by night.
pub(super) async fn audited(db: &dyn Db) {
    match audit(db).await {
        Ok(0) => tracing::info!("the ledger agrees with what people hold"),
        Ok(people) => tracing::error!(people, "the books do not agree"),
        Err(error) => tracing::warn!(%error, "the books were not looked at"),
    }
}
