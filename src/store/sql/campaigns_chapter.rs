//! See [`CampaignRecord`]. Who belongs to an audience is in [`super::audience`].

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::SqlDb;
use super::audience::{Condition, condition};
use super::engine::{Conn, moment, ms};
use super::outbox::{self, Intent};
use super::rows::{maybe_number, maybe_text, number, text, word};
use super::statement::{Row, query};
use super::{lanes, rows};
use crate::domain::campaign::{
    Audience, Campaign, CampaignId, CampaignOptions, CampaignState, NewCampaign, Progress,
    Recipient,
};
use crate::domain::delivery::Content;
use crate::domain::{ChatId, Class, DeliveryState, Language, NewDelivery, Outgoing};
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

async fn put(conn: &mut Conn, new: &NewCampaign, now: DateTime<Utc>) -> Result<bool, DbError> {
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

async fn list(
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

async fn remove(conn: &mut Conn, id: &CampaignId) -> Result<bool, DbError> {
    let removed = query("DELETE FROM campaigns WHERE id = $1 AND state = 'draft'")
        .bind(id.as_str())
        .execute(conn)
        .await?;
    Ok(removed.rows_affected() == 1)
}

async fn count(conn: &mut Conn, wanted: Condition) -> Result<Vec<(Language, i64)>, DbError> {
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

async fn start(conn: &mut Conn, id: &CampaignId, at: DateTime<Utc>) -> Result<bool, DbError> {
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

async fn freeze(
    conn: &mut Conn,
    id: &CampaignId,
    limit: usize,
    now: DateTime<Utc>,
) -> Result<Frozen, DbError> {
    let row = query(
        "UPDATE campaigns SET state = state WHERE id = $1 AND state = 'freezing' \
         RETURNING audience, cursor_at",
    )
    .bind(id.as_str())
    .fetch_optional(&mut *conn)
    .await?;
    let Some(row) = row else { return Ok(Frozen::default()) };
    let audience: Audience = serde_json::from_str(&text(&row, "audience")?)?;
    let cursor = maybe_number(&row, "cursor_at")?.unwrap_or(i64::MIN);
    let wanted = condition(&audience, now, 4);
    let statement = format!(
        "INSERT INTO campaign_recipients (campaign, user_id, chat, language, place) \
         SELECT $1, n.id, n.id, n.language, n.place \
         + (SELECT COALESCE(MAX(place), 0) FROM campaign_recipients WHERE campaign = $1) \
         FROM (SELECT f.id, f.language, ROW_NUMBER() OVER (ORDER BY f.id) AS place \
         FROM ({} AND c.id > $2 ORDER BY c.id LIMIT $3) f) n WHERE 1 = 1 \
         ON CONFLICT (campaign, user_id) DO NOTHING",
        wanted.select()
    );
    let rows = i64::try_from(limit).unwrap_or(i64::MAX);
    let query_ = query(statement).bind(id.as_str()).bind(cursor).bind(rows);
    let added = wanted.bind(query_).execute(&mut *conn).await?.rows_affected();
    let complete = added < limit as u64;
    query(
        "UPDATE campaigns SET state = CASE WHEN $2 = 1 THEN 'running' ELSE state END, \
         cursor_at = CASE WHEN $2 = 1 THEN NULL ELSE (SELECT MAX(r.chat) \
         FROM campaign_recipients r WHERE r.campaign = $1) END WHERE id = $1",
    )
    .bind(id.as_str())
    .bind(i64::from(complete))
    .execute(conn)
    .await?;
    Ok(Frozen { added, complete })
}

async fn enqueue(
    conn: &mut Conn,
    id: &CampaignId,
    ahead: usize,
    now: DateTime<Utc>,
) -> Result<Queued, DbError> {
    // Writing first takes the row's lock: a stop comes before or after, never in between.
    let row = query(
        "UPDATE campaigns SET state = state WHERE id = $1 AND state = 'running' \
         AND COALESCE(start_at, 0) <= $2 RETURNING options",
    )
    .bind(id.as_str())
    .bind(ms(now))
    .fetch_optional(&mut *conn)
    .await?;
    let Some(row) = row else { return Ok(Queued::default()) };
    let options: CampaignOptions = serde_json::from_str(&text(&row, "options")?)?;
    let open = open(conn, id).await?;
    let room = i64::try_from(ahead).unwrap_or(i64::MAX).saturating_sub(open).max(0);
    let next = query(
        "SELECT r.chat, r.language, COALESCE(c.active, 1) AS active, \
         COALESCE(u.banned, 0) AS banned FROM campaign_recipients r \
         LEFT JOIN chats c ON c.id = r.chat LEFT JOIN users u ON u.id = r.chat \
         WHERE r.campaign = $1 AND r.delivery IS NULL ORDER BY r.place LIMIT $2",
    )
    .bind(id.as_str())
    .bind(room)
    .fetch_all(&mut *conn)
    .await?;
    if next.is_empty() && open == 0 {
        return finish(conn, id, now).await;
    }
    let mut chats = Vec::with_capacity(next.len());
    for row in &next {
        let chat = ChatId(number(row, "chat")?);
        let open = number(row, "active")? == 1 && number(row, "banned")? == 0;
        let language = Language::from_tag(&text(row, "language")?);
        let content = Content::Campaign { id: id.clone(), paid: options.paid };
        hand_over(conn, content, id, chat, language, open, now).await?;
        chats.push(chat);
    }
    let queued = chats.len() as u64;
    lanes::refresh_all(conn, chats, now).await?;
    Ok(Queued { queued, done: false })
}

/// Deliveries that are queued or under way.
async fn open(conn: &mut Conn, id: &CampaignId) -> Result<i64, DbError> {
    let row = query(
        "SELECT COUNT(*) AS many FROM deliveries \
         WHERE campaign = $1 AND state IN ('pending', 'sending')",
    )
    .bind(id.as_str())
    .fetch_one(conn)
    .await?;
    number(&row, "many")
}

/// Done, if nobody waits: a room of nothing says nothing about that.
async fn finish(conn: &mut Conn, id: &CampaignId, now: DateTime<Utc>) -> Result<Queued, DbError> {
    let done = query(
        "UPDATE campaigns SET state = 'done', done_at = $2 WHERE id = $1 AND NOT EXISTS \
         (SELECT 1 FROM campaign_recipients r WHERE r.campaign = $1 AND r.delivery IS NULL)",
    )
    .bind(id.as_str())
    .bind(ms(now))
    .execute(conn)
    .await?;
    Ok(Queued { queued: 0, done: done.rows_affected() == 1 })
}

/// Writes the delivery of a recipient; one that may not be written to has its result at once.
async fn hand_over(
    conn: &mut Conn,
    content: Content,
    id: &CampaignId,
    chat: ChatId,
    language: Language,
    open: bool,
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    let new = NewDelivery {
        id: id.delivery(chat),
        class: Class::Broadcast,
        chat,
        thread: None,
        language,
        content,
        not_before: now,
    };
    outbox::insert(conn, &new, Intent::Wait, now).await?;
    query(
        "UPDATE deliveries SET campaign = $2, \
         state = CASE WHEN $3 = 1 OR state <> 'pending' THEN state ELSE 'dropped' END, \
         done_at = CASE WHEN $3 = 1 OR state <> 'pending' THEN done_at ELSE $4 END, \
         reason = CASE WHEN $3 = 1 OR state <> 'pending' THEN reason \
         ELSE 'the chat may not be written to' END WHERE id = $1",
    )
    .bind(new.id.as_str())
    .bind(id.as_str())
    .bind(i64::from(open))
    .bind(ms(now))
    .execute(&mut *conn)
    .await?;
    query("UPDATE campaign_recipients SET delivery = $3 WHERE campaign = $1 AND user_id = $2")
        .bind(id.as_str())
        .bind(chat.0)
        .bind(new.id.as_str())
        .execute(conn)
        .await?;
    Ok(())
}

async fn stop(
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
        .map(|row| rows::number(row, "chat").map(ChatId))
        .collect::<Result<Vec<_>, _>>()?;
    let count = chats.len() as u64;
    lanes::refresh_all(conn, chats, now).await?;
    Ok(Some(count))
}

async fn progress(conn: &mut Conn, id: &CampaignId) -> Result<Progress, DbError> {
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

/// The message of a broadcast for a reader of `language`; `None` when the broadcast is gone.
pub(crate) async fn message(
    conn: &mut Conn,
    id: &CampaignId,
    language: Language,
) -> Result<Option<Outgoing>, DbError> {
    let Some(campaign) = find(conn, id).await? else { return Ok(None) };
    let options = campaign.new.options;
    let message = campaign.new.wording.of(language).cloned();
    Ok(message.map(|message| Outgoing {
        paid: options.paid,
        silent: options.silent || message.silent,
        ..message
    }))
}
