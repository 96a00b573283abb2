//! How an audience becomes rows, and rows become deliveries.

use chrono::{DateTime, Utc};

use super::audience::condition;
use super::campaigns_chapter::find;
use super::engine::{Conn, ms};
use super::lanes;
use super::outbox::{self, Intent};
use super::rows::{maybe_number, number, text};
use super::statement::query;
use crate::domain::campaign::{Audience, CampaignId, CampaignOptions, Wording};
use crate::domain::delivery::Content;
use crate::domain::{ChatId, Class, Language, NewDelivery, Outgoing};
use crate::store::{DbError, Frozen, Queued};

/// See [`CampaignRecord::freeze_recipients`](crate::store::CampaignRecord::freeze_recipients).
pub(super) async fn freeze(
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

/// See [`CampaignRecord::queue_recipients`](crate::store::CampaignRecord::queue_recipients).
pub(super) async fn enqueue(
    conn: &mut Conn,
    id: &CampaignId,
    ahead: usize,
    now: DateTime<Utc>,
) -> Result<Queued, DbError> {
    // Writing first takes the row's lock: a stop comes before or after, never in between.
    let row = query(
        "UPDATE campaigns SET state = state WHERE id = $1 AND state = 'running' \
         AND COALESCE(start_at, 0) <= $2 RETURNING options, content",
    )
    .bind(id.as_str())
    .bind(ms(now))
    .fetch_optional(&mut *conn)
    .await?;
    let Some(row) = row else { return Ok(Queued::default()) };
    let options: CampaignOptions = serde_json::from_str(&text(&row, "options")?)?;
    let wording: Wording = serde_json::from_str(&text(&row, "content")?)?;
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
        let count = wording.of(language).map(Outgoing::count).filter(|count| *count > 1);
        let content = Content::Campaign { id: id.clone(), paid: options.paid, count };
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
        fate: crate::domain::preferences::Telling::Send,
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
