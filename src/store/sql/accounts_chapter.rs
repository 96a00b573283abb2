//! See [`crate::store::AccountRecord`].

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::SqlDb;
use super::engine::Conn;
use crate::domain::UserId;
use crate::store::{AccountAsk, AccountEffect, AccountRecord, AccountView, DbError};

/// What a decision for this person looks at.
pub(super) async fn view(
    _conn: &mut Conn,
    _ask: &AccountAsk,
    _user: Option<UserId>,
) -> Result<AccountView, DbError> {
    Ok(AccountView {})
}

/// Applies a change that an update causes. [`DbError::Stale`] when what it was decided on has changed.
pub(super) async fn apply(
    _conn: &mut Conn,
    effect: &AccountEffect,
    _now: DateTime<Utc>,
) -> Result<(), DbError> {
    match *effect {}
}

#[async_trait]
impl AccountRecord for SqlDb {}
