//! What operators see of broadcasts, orders and the service as a whole.

use chrono::{DateTime, TimeDelta, Utc};
use sites::Money;

use super::super::audience::condition;
use super::super::engine::{Conn, moment, ms};
use super::super::rows::{maybe_number, maybe_text, number, text};
use super::super::statement::{Row, query};
use super::super::{campaigns_chapter, care, outbox};
use super::sites::window;
use crate::domain::UserId;
use crate::domain::campaign::{Audience, Campaign, CampaignId, Progress};
use crate::store::{CampaignCard, DbError, OrderLine, OrdersPage, PAGE, ServiceView};

/// Broadcasts in the list.
const CAMPAIGNS: u32 = 10;

/// The last broadcasts, newest first.
pub(super) async fn campaigns(conn: &mut Conn) -> Result<Vec<(Campaign, Progress)>, DbError> {
    let mut all = Vec::new();
    for campaign in campaigns_chapter::list(conn, &[], CAMPAIGNS).await? {
        let progress = campaigns_chapter::progress(conn, &campaign.new.id).await?;
        all.push((campaign, progress));
    }
    Ok(all)
}

/// One broadcast.
pub(super) async fn campaign(
    conn: &mut Conn,
    id: &CampaignId,
    audience: Option<&Audience>,
    now: DateTime<Utc>,
) -> Result<Option<CampaignCard>, DbError> {
    let Some(campaign) = campaigns_chapter::find(conn, id).await? else { return Ok(None) };
    let progress = campaigns_chapter::progress(conn, id).await?;
    let audience = audience.unwrap_or(&campaign.new.audience).clone();
    let wanted = condition(&audience, now, 1);
    let counts = campaigns_chapter::count(conn, wanted).await?;
    let row = query("SELECT begun_at, begun_ended FROM campaign_reports WHERE campaign = $1")
        .bind(id.as_str())
        .fetch_optional(conn)
        .await?;
    let begun = |row: &Row| {
        Ok::<_, DbError>((moment(number(row, "begun_at")?), number(row, "begun_ended")?))
    };
    let begun = row.as_ref().map(begun).transpose()?;
    Ok(Some(CampaignCard { campaign, progress, audience, counts, begun }))
}

/// A page of orders, newest first.
pub(super) async fn orders(
    conn: &mut Conn,
    state: Option<&str>,
    page: usize,
    user: Option<UserId>,
) -> Result<OrdersPage, DbError> {
    let (limit, skip) = window(page);
    let found = query(
        "SELECT o.id, o.user_id, o.plan, o.minor, o.currency, o.provider, o.state, o.created_at, \
         o.paid_at, u.name, u.username, (SELECT p.state FROM payments p WHERE p.order_id = o.id \
         ORDER BY p.updated_at DESC, p.payment_id LIMIT 1) AS payment \
         FROM orders o LEFT JOIN users u ON u.id = o.user_id WHERE ($1 = '' OR o.state = $1) \
         ORDER BY o.created_at DESC, o.id LIMIT $2 OFFSET $3",
    )
    .bind(state.unwrap_or(""))
    .bind(limit)
    .bind(skip)
    .fetch_all(&mut *conn)
    .await?;
    let mut orders = found.iter().map(order).collect::<Result<Vec<_>, _>>()?;
    let has_more = orders.len() > PAGE;
    orders.truncate(PAGE);
    let states = query("SELECT state, COUNT(*) AS many FROM orders GROUP BY state ORDER BY state")
        .fetch_all(&mut *conn)
        .await?;
    let state = |row: &Row| Ok((text(row, "state")?, number(row, "many")?));
    let told = query("SELECT user_id FROM order_watchers WHERE user_id = $1")
        .bind(user.map_or(0, |user| user.0))
        .fetch_optional(conn)
        .await?;
    Ok(OrdersPage {
        orders,
        has_more,
        states: states.iter().map(state).collect::<Result<_, DbError>>()?,
        is_told: told.is_some(),
    })
}

fn order(row: &Row) -> Result<OrderLine, DbError> {
    let username = maybe_text(row, "username")?.map(|name| format!("@{name}"));
    Ok(OrderLine {
        id: text(row, "id")?,
        user: UserId(number(row, "user_id")?),
        name: username.or(maybe_text(row, "name")?).unwrap_or_default(),
        plan: text(row, "plan")?,
        price: Money { minor: number(row, "minor")?, currency: text(row, "currency")? },
        provider: text(row, "provider")?,
        state: text(row, "state")?,
        payment: maybe_text(row, "payment")?,
        created_at: moment(number(row, "created_at")?),
        paid_at: maybe_number(row, "paid_at")?.map(moment),
    })
}

/// The running service.
pub(super) async fn service(conn: &mut Conn, now: DateTime<Utc>) -> Result<ServiceView, DbError> {
    let sent =
        query("SELECT COUNT(*) AS many FROM deliveries WHERE done_at > $1 AND state = 'sent'")
            .bind(ms(now - TimeDelta::minutes(1)))
            .fetch_one(&mut *conn)
            .await?;
    let sources = query(
        "SELECT COUNT(*) AS many, \
         COALESCE(SUM(CASE WHEN claimed_by IS NOT NULL THEN 1 ELSE 0 END), 0) AS running, \
         COALESCE(SUM(CASE WHEN claimed_by IS NULL AND next_due_at <= $1 THEN 1 ELSE 0 END), 0) \
         AS due, \
         COALESCE(SUM(CASE WHEN claimed_by IS NULL AND next_due_at <= $2 THEN 1 ELSE 0 END), 0) \
         AS late, COALESCE(SUM(CASE WHEN failures > 0 THEN 1 ELSE 0 END), 0) AS failing \
         FROM sources WHERE paused = 0",
    )
    .bind(ms(now))
    .bind(ms(now - TimeDelta::minutes(5)))
    .fetch_one(&mut *conn)
    .await?;
    let sites = query("SELECT COUNT(*) AS many FROM site_health WHERE state = 'quarantined'")
        .fetch_one(&mut *conn)
        .await?;
    Ok(ServiceView {
        instances: care::instances(conn).await?,
        outbox: outbox::stats(conn).await?,
        sent_a_minute: number(&sent, "many")?,
        sources: number(&sources, "many")?,
        running: number(&sources, "running")?,
        due: number(&sources, "due")?,
        late: number(&sources, "late")?,
        failing: number(&sources, "failing")?,
        quarantined: number(&sites, "many")?,
    })
}
