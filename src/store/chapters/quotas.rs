//! The chapter of the record about how much a person may ask of us in a time, and about who may ask nothing.
//!
//! What an update takes from its person's buckets is part of its commit ([`UpdateCommit::dues`]): looking and taking
//! are one statement, so several processes on one record count together, and a repeated update is counted once.
//! A refused update leaves nothing behind; that the person was told is a commit of its own ([`Dues::Telling`]).
//!
//! [`UpdateCommit::dues`]: super::super::UpdateCommit::dues

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use crate::domain::quota::{Act, Toll};
use crate::domain::{User, UserId};
use crate::store::{AuditEntry, DbError};

/// What an update owes to the quotas.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Dues {
    /// Nothing: nobody's, or of somebody who is exempt.
    #[default]
    None,
    /// One token of each bucket, or the update is refused.
    Tolls {
        /// Whose buckets.
        user: UserId,
        /// Which; each act at most once.
        tolls: Vec<Toll>,
    },
    /// The update says that the bucket is empty; nothing is written if that has been said since it was last full.
    Telling {
        /// To whom.
        user: UserId,
        /// Of which bucket.
        act: Act,
    },
}

/// Why an update was not committed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Overdrawn {
    /// The bucket that was empty.
    pub act: Act,
    /// When a token is there again.
    pub again_at: DateTime<Utc>,
    /// Whether the person has been told since the bucket was last full.
    pub told: bool,
}

/// A bucket as an operator sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Level {
    /// For what.
    pub act: Act,
    /// When it is full again.
    pub full_at: DateTime<Utc>,
    /// Whether the person was told that it is empty.
    pub told: bool,
}

/// See the module.
#[async_trait]
pub trait QuotaRecord: Send + Sync {
    /// The buckets of a person that are not full at `now`.
    async fn levels(&self, user: UserId, now: DateTime<Utc>) -> Result<Vec<Level>, DbError>;

    /// A person who was met.
    async fn person(&self, user: UserId) -> Result<Option<User>, DbError>;

    /// Bars a person, or lets them in again, and writes down who did it; false when nothing changed. Somebody who
    /// was never met can be barred too. What a barred person asks is not heard and their watches rest; nothing of
    /// theirs is lost.
    async fn bar(
        &self,
        user: UserId,
        banned: bool,
        audit: &AuditEntry,
        now: DateTime<Utc>,
    ) -> Result<bool, DbError>;

    /// A digest of the webhook secret that Telegram was told last, since it does not tell it back.
    async fn webhook_digest(&self, bot: i64) -> Result<Option<String>, DbError>;

    /// Remembers the digest of the secret that Telegram was told.
    async fn set_webhook_digest(&self, bot: i64, digest: &str) -> Result<(), DbError>;
}
