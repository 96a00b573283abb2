//! See [`crate::store::MarketRecord`].

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::SqlDb;
use super::engine::Conn;
use crate::domain::UserId;
use crate::store::{DbError, MarketAsk, MarketRecord, MarketView, ShareEffect};

/// What a decision for this person looks at.
pub(super) async fn view(
    _conn: &mut Conn,
    _ask: &MarketAsk,
    _user: Option<UserId>,
) -> Result<MarketView, DbError> {
    Ok(MarketView {})
}

/// Applies a change that an update causes. [`DbError::Stale`] when what it was decided on has changed.
pub(super) async fn apply(
    _conn: &mut Conn,
    effect: &ShareEffect,
    _now: DateTime<Utc>,
) -> Result<(), DbError> {
    match *effect {}
}

#[async_trait]
impl MarketRecord for SqlDb {}
