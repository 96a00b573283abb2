//! See [`crate::store::PanelRecord`].

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::SqlDb;
use super::engine::Conn;
use crate::domain::UserId;
use crate::store::{DbError, PanelAsk, PanelEffect, PanelRecord, PanelView};

/// What a decision for this person looks at.
pub(super) async fn view(
    _conn: &mut Conn,
    _ask: &PanelAsk,
    _user: Option<UserId>,
) -> Result<PanelView, DbError> {
    Ok(PanelView {})
}

/// Applies a change that an update causes. [`DbError::Stale`] when what it was decided on has changed.
pub(super) async fn apply(
    _conn: &mut Conn,
    effect: &PanelEffect,
    _now: DateTime<Utc>,
) -> Result<(), DbError> {
    match *effect {}
}

#[async_trait]
impl PanelRecord for SqlDb {}
