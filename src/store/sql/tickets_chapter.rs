//! See [`crate::store::TicketRecord`].

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::SqlDb;
use super::engine::Conn;
use crate::domain::UserId;
use crate::store::{DbError, TicketAsk, TicketEffect, TicketRecord, TicketView};

/// What a decision for this person looks at.
pub(super) async fn view(
    _conn: &mut Conn,
    _ask: &TicketAsk,
    _user: Option<UserId>,
) -> Result<TicketView, DbError> {
    Ok(TicketView {})
}

/// Applies a change that an update causes. [`DbError::Stale`] when what it was decided on has changed.
pub(super) async fn apply(
    _conn: &mut Conn,
    effect: &TicketEffect,
    _now: DateTime<Utc>,
) -> Result<(), DbError> {
    match *effect {}
}

#[async_trait]
impl TicketRecord for SqlDb {}
