//! The messages that show how far broadcasts are.

use chrono::{DateTime, Utc};

use super::super::campaigns_chapter;
use super::super::engine::{Conn, moment, ms};
use super::super::lanes;
use super::super::outbox::{self, Intent};
use super::super::rows::{maybe_number, maybe_text, number, text};
use super::super::statement::query;
use crate::domain::campaign::CampaignId;
use crate::domain::{ChatId, DeliveryState, Language};
use crate::store::{CampaignReport, CampaignShown, DbError, Follow};

/// Shows the progress of a broadcast in this message from now on.
pub(super) async fn follow(
    conn: &mut Conn,
    follow: &Follow,
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    let ended = campaigns_chapter::progress(conn, &follow.campaign).await?.ended();
    query(
        "INSERT INTO campaign_reports (campaign, chat, thread, message_id, language, press_stop, \
         press_card, begun_at, begun_ended, shown_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $8) \
         ON CONFLICT (campaign) DO UPDATE SET chat = excluded.chat, thread = excluded.thread, \
         message_id = excluded.message_id, language = excluded.language, \
         press_stop = excluded.press_stop, press_card = excluded.press_card, \
         begun_at = CASE WHEN $10 = 1 THEN excluded.begun_at ELSE campaign_reports.begun_at END, \
         begun_ended = CASE WHEN $10 = 1 THEN excluded.begun_ended \
         ELSE campaign_reports.begun_ended END, \
         shown_at = excluded.shown_at, delivery = NULL, shown = '', ended = 0",
    )
    .bind(follow.campaign.as_str())
    .bind(follow.chat.0)
    .bind(follow.thread)
    .bind(follow.message_id)
    .bind(follow.language.code())
    .bind(follow.press_stop.as_str())
    .bind(follow.press_card.as_str())
    .bind(ms(now))
    .bind(ended)
    .bind(i64::from(follow.begins))
    .execute(conn)
    .await?;
    Ok(())
}

/// See [`crate::store::OperateRecord::campaign_reports`].
pub(super) async fn due(
    conn: &mut Conn,
    before: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<Vec<CampaignReport>, DbError> {
    let rows = query(
        "SELECT r.*, d.state AS last, d.message_id AS stands_at FROM campaign_reports r \
         JOIN campaigns c ON c.id = r.campaign LEFT JOIN deliveries d ON d.id = r.delivery \
         WHERE r.ended = 0 AND r.shown_at <= $1 \
         AND (c.state IN ('stopped', 'done') OR COALESCE(c.start_at, 0) <= $2) \
         ORDER BY r.shown_at LIMIT 100",
    )
    .bind(ms(before))
    .bind(ms(now))
    .fetch_all(&mut *conn)
    .await?;
    let mut reports = Vec::with_capacity(rows.len());
    for row in &rows {
        let id = CampaignId(text(row, "campaign")?);
        let Some(campaign) = campaigns_chapter::find(conn, &id).await? else { continue };
        let progress = campaigns_chapter::progress(conn, &id).await?;
        // An edit that could not be made was sent as a new message: that one is edited from then on.
        let stands_at = maybe_number(row, "stands_at")?.filter(|id| *id > 0);
        let follow = Follow {
            campaign: id,
            chat: ChatId(number(row, "chat")?),
            thread: maybe_number(row, "thread")?,
            message_id: stands_at.unwrap_or(number(row, "message_id")?),
            language: Language::from_tag(&text(row, "language")?),
            press_stop: text(row, "press_stop")?,
            press_card: text(row, "press_card")?,
            begins: false,
        };
        reports.push(CampaignReport {
            campaign,
            progress,
            follow,
            begun: (moment(number(row, "begun_at")?), number(row, "begun_ended")?),
            edits: number(row, "edits")?,
            shown: text(row, "shown")?,
            last: maybe_text(row, "last")?.and_then(|word| DeliveryState::from_word(&word)),
        });
    }
    Ok(reports)
}

/// See [`crate::store::OperateRecord::show_campaign`].
pub(super) async fn show(
    conn: &mut Conn,
    shown: &CampaignShown,
    now: DateTime<Utc>,
) -> Result<bool, DbError> {
    let delivery = shown.delivery.as_ref();
    let edited = delivery.and_then(|delivery| match &delivery.content {
        crate::domain::delivery::Content::Message(message) => message.edit,
        _ => None,
    });
    let done = query(
        "UPDATE campaign_reports SET edits = edits + 1, shown_at = $3, \
         delivery = COALESCE(CAST($4 AS TEXT), delivery), \
         message_id = COALESCE(CAST($5 AS BIGINT), message_id), shown = $6, ended = $7 \
         WHERE campaign = $1 AND edits = $2 AND ended = 0",
    )
    .bind(shown.campaign.as_str())
    .bind(shown.edits)
    .bind(ms(now))
    .bind(delivery.map(|delivery| delivery.id.as_str().to_owned()))
    .bind(edited)
    .bind(shown.shown.as_str())
    .bind(i64::from(shown.ended))
    .execute(&mut *conn)
    .await?;
    if done.rows_affected() == 0 {
        return Ok(false);
    }
    if let Some(delivery) = delivery {
        outbox::insert(conn, delivery, Intent::Wait, now).await?;
        lanes::refresh(conn, delivery.chat, now).await?;
    }
    Ok(true)
}
