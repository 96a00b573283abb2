//! See [`CampaignRecord`]. Who belongs to an audience is in [`super::audience`].

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::SqlDb;
use super::audience::{Condition, condition};
use super::campaign_queue::{enqueue, freeze};
use super::engine::{Conn, moment, ms};
use super::outbox::{self, Intent};
use super::rows::{maybe_number, maybe_text, number, text, word};
use super::statement::{Row, query};
use super::{lanes, rows};
use crate::domain::campaign::{
    Audience, Campaign, CampaignId, CampaignState, NewCampaign, Progress, Recipient,
};
use crate::domain::{ChatId, DeliveryState, Language, NewDelivery};
use crate::store::{CampaignRecord, DbError, Frozen, Queued};

#[async_trait]
impl CampaignRecord for SqlDb {
    async fn put_campaign(&self, new: &NewCampaign, now: DateTime<Utc>) -> Result<bool, DbError> {
        let new = new.clone();
        self.writer.run(move |conn| Box::pin(async move { put(conn, &new, now).await })).await
    }

    async fn campaign(&self, id: &CampaignId) -> Result<Option<Campaign>, DbError> {
        let id = id.clone();
        self.readers.run(move |conn| Box::pin(async move { find(conn, &id).await })).await
    }

    async fn campaigns(
        &self,
        states: &[CampaignState],
        limit: u32,
    ) -> Result<Vec<Campaign>, DbError> {
        let states = states.to_vec();
        self.readers
            .run(move |conn| Box::pin(async move { list(conn, &states, limit).await }))
            .await
    }

    async fn remove_campaign(&self, id: &CampaignId) -> Result<bool, DbError> {
        let id = id.clone();
        self.writer.run(move |conn| Box::pin(async move { remove(conn, &id).await })).await
    }

    async fn count_audience(
        &self,
        audience: &Audience,
        now: DateTime<Utc>,
    ) -> Result<Vec<(Language, i64)>, DbError> {
        let wanted = condition(audience, now, 1);
        self.readers.run(move |conn| Box::pin(async move { count(conn, wanted).await })).await
    }

    async fn start_campaign(&self, id: &CampaignId, at: DateTime<Utc>) -> Result<bool, DbError> {
        let id = id.clone();
        self.writer.run(move |conn| Box::pin(async move { start(conn, &id, at).await })).await
    }

    async fn freeze_recipients(
        &self,
        id: &CampaignId,
        limit: usize,
        now: DateTime<Utc>,
    ) -> Result<Frozen, DbError> {
        let id = id.clone();
        self.writer
            .run(move |conn| Box::pin(async move { freeze(conn, &id, limit, now).await }))
            .await
    }

    async fn queue_recipients(
        &self,
        id: &CampaignId,
        ahead: usize,
        now: DateTime<Utc>,
    ) -> Result<Queued, DbError> {
        let id = id.clone();
        self.writer
            .run(move |conn| Box::pin(async move { enqueue(conn, &id, ahead, now).await }))
            .await
    }

    async fn stop_campaign(
        &self,
        id: &CampaignId,
        now: DateTime<Utc>,
    ) -> Result<Option<u64>, DbError> {
        let id = id.clone();
        self.writer.run(move |conn| Box::pin(async move { stop(conn, &id, now).await })).await
    }

    async fn campaign_progress(&self, id: &CampaignId) -> Result<Progress, DbError> {
        let id = id.clone();
        self.readers.run(move |conn| Box::pin(async move { progress(conn, &id).await })).await
    }

    async fn recipients(
        &self,
        id: &CampaignId,
        state: Option<DeliveryState>,
        place: i64,
        limit: u32,
    ) -> Result<Vec<Recipient>, DbError> {
        let id = id.clone();
        self.readers
            .run(move |conn| {
                Box::pin(async move { recipients(conn, &id, state, place, limit).await })
            })
            .await
    }

    async fn put_delivery(&self, new: &NewDelivery, now: DateTime<Utc>) -> Result<bool, DbError> {
        let new = new.clone();
        self.writer
            .run(move |conn| {
                Box::pin(async move {
                    let written = outbox::insert(conn, &new, Intent::Wait, now).await?.is_some();
                    lanes::refresh(conn, new.chat, now).await?;
                    Ok(written)
                })
            })
            .await
    }

    async fn resend_unknown(&self, id: &CampaignId, now: DateTime<Utc>) -> Result<u64, DbError> {
        let id = id.clone();
        self.writer.run(move |conn| Box::pin(async move { resend(conn, &id, now).await })).await
    }
}

pub(super) async fn put(
    conn: &mut Conn,
    new: &NewCampaign,
    now: DateTime<Utc>,
) -> Result<bool, DbError> {
    let put = query(
        "INSERT INTO campaigns (id, title, content, audience, options, created_by, state, \
         created_at) VALUES ($1, $2, $3, $4, $5, $6, 'draft', $7) ON CONFLICT (id) DO UPDATE SET \
         title = excluded.title, content = excluded.content, audience = excluded.audience, \
         options = excluded.options WHERE campaigns.state = 'draft'",
    )
    .bind(new.id.as_str())
    .bind(new.title.as_str())
    .bind(serde_json::to_string(&new.wording)?)
    .bind(serde_json::to_string(&new.audience)?)
    .bind(serde_json::to_string(&new.options)?)
    .bind(new.created_by.as_str())
    .bind(ms(now))
    .execute(conn)
    .await?;
    Ok(put.rows_affected() == 1)
}

fn read(row: &Row) -> Result<Campaign, DbError> {
    Ok(Campaign {
        new: NewCampaign {
            id: CampaignId(text(row, "id")?),
            title: text(row, "title")?,
            wording: serde_json::from_str(&text(row, "content")?)?,
            audience: serde_json::from_str(&text(row, "audience")?)?,
            options: serde_json::from_str(&text(row, "options")?)?,
            created_by: text(row, "created_by")?,
        },
        state: word(row, "state", CampaignState::from_word)?,
        created_at: moment(number(row, "created_at")?),
        start_at: maybe_number(row, "start_at")?.map(moment),
        stopped_at: maybe_number(row, "stopped_at")?.map(moment),
        done_at: maybe_number(row, "done_at")?.map(moment),
    })
}

pub(crate) async fn find(conn: &mut Conn, id: &CampaignId) -> Result<Option<Campaign>, DbError> {
    let row = query("SELECT * FROM campaigns WHERE id = $1")
        .bind(id.as_str())
        .fetch_optional(conn)
        .await?;
    row.as_ref().map(read).transpose()
}

pub(super) async fn list(
    conn: &mut Conn,
    states: &[CampaignState],
    limit: u32,
) -> Result<Vec<Campaign>, DbError> {
    let all = i64::from(states.is_empty());
    let mut query = query(
        "SELECT * FROM campaigns WHERE ($1 = 1 OR state IN ($2, $3, $4, $5, $6)) \
         ORDER BY created_at DESC, id LIMIT $7",
    )
    .bind(all);
    for state in CampaignState::ALL {
        query = query.bind(if states.contains(&state) { state.as_str() } else { "" });
    }
    let rows = query.bind(i64::from(limit)).fetch_all(conn).await?;
    rows.iter().map(read).collect()
}

pub(super) async fn remove(conn: &mut Conn, id: &CampaignId) -> Result<bool, DbError> {
    let removed = query("DELETE FROM campaigns WHERE id = $1 AND state = 'draft'")
        .bind(id.as_str())
        .execute(conn)
        .await?;
    Ok(removed.rows_affected() == 1)
}

pub(super) async fn count(
    conn: &mut Conn,
    wanted: Condition,
) -> Result<Vec<(Language, i64)>, DbError> {
    let text_ = format!(
        "SELECT f.language AS language, COUNT(*) AS many FROM ({}) f \
         GROUP BY f.language ORDER BY f.language",
        wanted.select()
    );
    let rows = wanted.bind(query(text_)).fetch_all(conn).await?;
    let counted =
        |row: &Row| Ok((Language::from_tag(&text(row, "language")?), number(row, "many")?));
    rows.iter().map(counted).collect()
}

pub(super) async fn start(
    conn: &mut Conn,
    id: &CampaignId,
    at: DateTime<Utc>,
) -> Result<bool, DbError> {
    // A cursor is there exactly while the audience is not all written.
    let started = query(
        "UPDATE campaigns SET start_at = $2, stopped_at = NULL, \
         cursor_at = CASE WHEN state = 'draft' THEN CAST($3 AS BIGINT) ELSE cursor_at END, \
         state = CASE WHEN state = 'draft' OR cursor_at IS NOT NULL THEN 'freezing' ELSE 'running' END \
         WHERE id = $1 AND state IN ('draft', 'stopped')",
    )
    .bind(id.as_str())
    .bind(ms(at))
    .bind(i64::MIN)
    .execute(conn)
    .await?;
    Ok(started.rows_affected() == 1)
}

pub(super) async fn stop(
    conn: &mut Conn,
    id: &CampaignId,
    now: DateTime<Utc>,
) -> Result<Option<u64>, DbError> {
    let stopped = query(
        "UPDATE campaigns SET state = 'stopped', stopped_at = $2 \
         WHERE id = $1 AND state IN ('freezing', 'running')",
    )
    .bind(id.as_str())
    .bind(ms(now))
    .execute(&mut *conn)
    .await?;
    if stopped.rows_affected() == 0 {
        return Ok(None);
    }
    // What was in doubt before and waits to be sent again keeps its doubt: withdrawn, it could come a second time unseen.
    let doubted = query(
        "UPDATE deliveries SET state = 'unknown', done_at = $2, reason = 'the broadcast was stopped' \
         WHERE campaign = $1 AND state = 'pending' AND doubts > 0 RETURNING chat",
    )
    .bind(id.as_str())
    .bind(ms(now))
    .fetch_all(&mut *conn)
    .await?;
    query(
        "UPDATE campaign_recipients SET delivery = NULL WHERE campaign = $1 AND delivery IN \
         (SELECT d.id FROM deliveries d WHERE d.campaign = $1 AND d.state = 'pending')",
    )
    .bind(id.as_str())
    .execute(&mut *conn)
    .await?;
    // None of these was accepted by Telegram: what is pending was never sent, or refused for now.
    let withdrawn =
        query("DELETE FROM deliveries WHERE campaign = $1 AND state = 'pending' RETURNING chat")
            .bind(id.as_str())
            .fetch_all(&mut *conn)
            .await?;
    let chats = withdrawn
        .iter()
        .chain(&doubted)
        .map(|row| rows::number(row, "chat").map(ChatId))
        .collect::<Result<Vec<_>, _>>()?;
    lanes::refresh_all(conn, chats, now).await?;
    Ok(Some(withdrawn.len() as u64))
}

pub(super) async fn progress(conn: &mut Conn, id: &CampaignId) -> Result<Progress, DbError> {
    let row = query(
        "SELECT COUNT(*) AS recipients, COUNT(*) - COUNT(delivery) AS waiting \
         FROM campaign_recipients WHERE campaign = $1",
    )
    .bind(id.as_str())
    .fetch_one(&mut *conn)
    .await?;
    let mut progress = Progress {
        recipients: number(&row, "recipients")?,
        waiting: number(&row, "waiting")?,
        ..Progress::default()
    };
    let rows =
        query("SELECT state, COUNT(*) AS many FROM deliveries WHERE campaign = $1 GROUP BY state")
            .bind(id.as_str())
            .fetch_all(conn)
            .await?;
    for row in &rows {
        progress.add(word(row, "state", DeliveryState::from_word)?, number(row, "many")?);
    }
    Ok(progress)
}

async fn recipients(
    conn: &mut Conn,
    id: &CampaignId,
    state: Option<DeliveryState>,
    place: i64,
    limit: u32,
) -> Result<Vec<Recipient>, DbError> {
    let rows = query(
        "SELECT r.place, r.chat, r.language, d.state, d.reason FROM campaign_recipients r \
         LEFT JOIN deliveries d ON d.id = r.delivery WHERE r.campaign = $1 AND r.place > $2 \
         AND ($3 = '' OR d.state = $3) ORDER BY r.place LIMIT $4",
    )
    .bind(id.as_str())
    .bind(place)
    .bind(state.map_or("", DeliveryState::as_str))
    .bind(i64::from(limit))
    .fetch_all(conn)
    .await?;
    rows.iter()
        .map(|row| {
            Ok(Recipient {
                place: number(row, "place")?,
                chat: ChatId(number(row, "chat")?),
                language: Language::from_tag(&text(row, "language")?),
                state: maybe_text(row, "state")?.and_then(|word| DeliveryState::from_word(&word)),
                reason: maybe_text(row, "reason")?,
            })
        })
        .collect()
}

async fn resend(conn: &mut Conn, id: &CampaignId, now: DateTime<Utc>) -> Result<u64, DbError> {
    let again = query(
        "UPDATE deliveries SET state = 'pending', not_before = $2, done_at = NULL, \
         attempts_crashed = 0, reason = 'an operator sends it again' \
         WHERE campaign = $1 AND state = 'unknown' RETURNING chat",
    )
    .bind(id.as_str())
    .bind(ms(now))
    .fetch_all(&mut *conn)
    .await?;
    let chats = again
        .iter()
        .map(|row| rows::number(row, "chat").map(ChatId))
        .collect::<Result<Vec<_>, _>>()?;
    let count = chats.len() as u64;
    lanes::refresh_all(conn, chats, now).await?;
    if count > 0 {
        // It has somebody under way again, so it is not done.
        query(
            "UPDATE campaigns SET state = 'running', done_at = NULL \
             WHERE id = $1 AND state = 'done'",
        )
        .bind(id.as_str())
        .execute(conn)
        .await?;
    }
    Ok(count)
}
