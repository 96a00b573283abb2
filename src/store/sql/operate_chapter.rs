//! See [`crate::store::OperateRecord`].

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::SqlDb;
use super::engine::Conn;
use crate::domain::UserId;
use crate::store::{DbError, OperateAsk, OperateEffect, OperateRecord, OperateView};

/// What a decision for this person looks at.
pub(super) async fn view(
    _conn: &mut Conn,
    _ask: &OperateAsk,
    _user: Option<UserId>,
) -> Result<OperateView, DbError> {
    Ok(OperateView {})
}

/// Applies a change that an update causes. [`DbError::Stale`] when what it was decided on has changed.
pub(super) async fn apply(
    _conn: &mut Conn,
    effect: &OperateEffect,
    _now: DateTime<Utc>,
) -> Result<(), DbError> {
    match *effect {}
}

#[async_trait]
impl OperateRecord for SqlDb {}
