//! See [`crate::store::PanelRecord`].

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::engine::{Conn, moment};
use super::statement::{Bound, Query, query};
use super::{
    SqlDb, account_plans, chats, daily, effects, feed_chapter, lanes, panel_figures, panel_people,
    rows, updates,
};
use crate::domain::{ChatId, Terms, UserId};
use crate::store::{
    AuditEntry, AuditFilter, Audited, DbError, Look, PanelAsk, PanelEffect, PanelRecord, PanelView,
    ViewRequest,
};

/// What a decision looks at.
pub(super) async fn view(
    conn: &mut Conn,
    ask: &PanelAsk,
    free: &Terms,
) -> Result<PanelView, DbError> {
    Ok(match ask {
        PanelAsk::Figures(now) => {
            PanelView::Figures(Box::new(panel_figures::figures(conn, *now).await?))
        }
        PanelAsk::Board(now) => PanelView::Board(Box::new(panel_figures::board(conn, *now).await?)),
        PanelAsk::Find(words) => {
            let (found, count) = panel_people::find(conn, words).await?;
            PanelView::Found(found, count)
        }
        PanelAsk::Person(user, now) => {
            PanelView::Person(panel_people::card(conn, *user, *now).await?.map(Box::new))
        }
        PanelAsk::Eyes(user, look) => {
            let request = eyes(*user, look);
            // A person's own view never asks for eyes again, so this ends.
            let view = Box::pin(updates::load_view(conn, &request, free)).await?;
            PanelView::Eyes(Box::new(view))
        }
    })
}

/// What the person's own decision in their private chat looks at.
fn eyes(user: UserId, look: &Look) -> ViewRequest {
    ViewRequest {
        chat: ChatId(user.0),
        thread: None,
        user: Some(user),
        searches: true,
        sample_of: None,
        about: None,
        why: false,
        saved: false,
        told: false,
        look: Look { panel: None, operate: None, ..look.clone() },
    }
}

/// Applies what an operator does. [`DbError::Stale`] when what it was decided on has changed.
pub(super) async fn apply(
    conn: &mut Conn,
    effect: &PanelEffect,
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    match effect {
        PanelEffect::Ban { user, banned } => ban(conn, *user, *banned, now).await,
        PanelEffect::Reset { user } => {
            query("DELETE FROM dialogues WHERE user_id = $1").bind(user.0).execute(conn).await?;
            Ok(())
        }
        PanelEffect::Grant { id, user, plan, days, was, by } => {
            panel_people::grant(conn, id, *user, (plan, *days), (*was, by), now).await
        }
        PanelEffect::Plan(plan) => match account_plans::set(conn, plan, now).await? {
            true => Ok(()),
            false => Err(DbError::Stale),
        },
    }
}

/// See [`follow_ban`].
async fn ban(
    conn: &mut Conn,
    user: UserId,
    banned: bool,
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    let done = query("UPDATE users SET banned = $2 WHERE id = $1 AND banned <> $2")
        .bind(user.0)
        .bind(i64::from(banned))
        .execute(&mut *conn)
        .await?;
    if done.rows_affected() == 0 {
        return Err(DbError::Stale);
    }
    follow_ban(conn, user, banned, now).await
}

/// What follows when a person is barred or heard again, whoever says so: their watches rest or go on in every
/// process, and what waits for a barred person is dropped.
pub(super) async fn follow_ban(
    conn: &mut Conn,
    user: UserId,
    banned: bool,
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    feed_chapter::log_where(conn, "w.user_id = $1", user.0, now).await?;
    if banned {
        let chat = ChatId(user.0);
        chats::drop_pending(conn, chat, "the person was barred by an operator", now).await?;
        lanes::refresh(conn, chat, now).await?;
    }
    Ok(())
}

async fn audited(conn: &mut Conn, filter: &AuditFilter) -> Result<Vec<Audited>, DbError> {
    let mut text =
        String::from("SELECT id, actor, action, target, detail, at FROM audit WHERE 1 = 1");
    let mut values: Vec<Bound<'_>> = Vec::new();
    let mut condition = |form: &str, value: Bound<'static>| {
        values.push(value);
        text.push_str(&format!(" AND {form}${}", values.len()));
    };
    if let Some(actor) = &filter.actor {
        condition("actor = ", actor.clone().into());
    }
    if let Some(target) = &filter.target {
        condition("target = ", target.clone().into());
    }
    if let Some(action) = &filter.action {
        // Actions are lower-case letters and dots, and "~" comes after all of them.
        condition("action >= ", action.clone().into());
        condition("action < ", format!("{action}~").into());
    }
    let limit = if filter.limit == 0 { 100 } else { filter.limit };
    text.push_str(&format!(" ORDER BY at DESC, id DESC LIMIT {limit}"));
    let found = values.into_iter().fold(query(text), Query::bind).fetch_all(conn).await?;
    let one = |row: &super::statement::Row| {
        let entry = AuditEntry {
            id: rows::text(row, "id")?,
            actor: rows::text(row, "actor")?,
            action: rows::text(row, "action")?,
            target: rows::text(row, "target")?,
            detail: rows::maybe_text(row, "detail")?.unwrap_or_default(),
        };
        Ok(Audited { entry, at: moment(rows::number(row, "at")?) })
    };
    found.iter().map(one).collect()
}

#[async_trait]
impl PanelRecord for SqlDb {
    async fn note_audit(&self, entry: &AuditEntry, now: DateTime<Utc>) -> Result<(), DbError> {
        let entry = entry.clone();
        self.writer
            .run(move |conn| Box::pin(async move { effects::audit(conn, &entry, now).await }))
            .await
    }

    async fn audited(&self, filter: &AuditFilter) -> Result<Vec<Audited>, DbError> {
        let filter = filter.clone();
        self.readers.run(|conn| Box::pin(async move { audited(conn, &filter).await })).await
    }

    async fn note_figures(&self, now: DateTime<Utc>) -> Result<(), DbError> {
        self.writer.run(move |conn| Box::pin(daily::note(conn, now))).await
    }

    async fn panel(&self, ask: &PanelAsk) -> Result<PanelView, DbError> {
        let (ask, free) = (ask.clone(), self.free.clone());
        self.readers.run(|conn| Box::pin(async move { view(conn, &ask, &free).await })).await
    }

    async fn carry_out(
        &self,
        effect: &PanelEffect,
        entry: &AuditEntry,
        now: DateTime<Utc>,
    ) -> Result<(), DbError> {
        let (effect, entry) = (effect.clone(), entry.clone());
        self.writer
            .run(move |conn| {
                Box::pin(async move {
                    apply(conn, &effect, now).await?;
                    effects::audit(conn, &entry, now).await
                })
            })
            .await
    }
}
