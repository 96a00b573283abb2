//! See [`crate::store::OperateRecord`]. What is shown of sites is in [`sites`], of the rest in
//! [`views`]; the message of a broadcast's progress is in [`reports`].

mod reports;
mod sites;
mod views;

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::engine::{Conn, ms};
use super::rows::{number, text};
use super::statement::{Row, query};
use super::{SqlDb, campaigns_chapter, modules_chapter, site_health, sources};
use crate::domain::health::SiteHealth;
use crate::domain::{ChatId, Language, UserId};
use crate::store::{
    CampaignReport, CampaignShown, DbError, OperateAsk, OperateEffect, OperateRecord, OperateView,
    OrderWatcher, SiteOrder,
};

/// What a decision for this person looks at.
pub(super) async fn view(
    conn: &mut Conn,
    ask: &OperateAsk,
    user: Option<UserId>,
) -> Result<OperateView, DbError> {
    Ok(match ask {
        OperateAsk::Sites => OperateView::Sites(sites::lines(conn).await?),
        OperateAsk::Site { site, hosts, now } => {
            OperateView::Site(Box::new(sites::card(conn, site, hosts, *now).await?))
        }
        OperateAsk::Sources { site, page } => {
            OperateView::Sources(sites::sources(conn, site, *page).await?)
        }
        OperateAsk::Source(id) => OperateView::Source(sites::source(conn, id).await?.map(Box::new)),
        OperateAsk::Proposal(site) => {
            OperateView::Proposal(sites::proposal(conn, site).await?.map(Box::new))
        }
        OperateAsk::Campaigns => OperateView::Campaigns(views::campaigns(conn).await?),
        OperateAsk::Campaign { id, audience, now } => OperateView::Campaign(
            views::campaign(conn, id, audience.as_ref(), *now).await?.map(Box::new),
        ),
        OperateAsk::Orders { state, page } => {
            OperateView::Orders(views::orders(conn, state.as_deref(), *page, user).await?)
        }
        OperateAsk::Service { now } => {
            OperateView::Service(Box::new(views::service(conn, *now).await?))
        }
    })
}

/// Applies a change that an update causes. [`DbError::Stale`] when what it was decided on has changed.
pub(super) async fn apply(
    conn: &mut Conn,
    effect: &OperateEffect,
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    let done = match effect {
        OperateEffect::Source(id, order) => sources::order(conn, id, *order, now).await?,
        OperateEffect::Site(site, order) => site_order(conn, site, *order, now).await?,
        OperateEffect::Module(site, decision, by) => {
            modules_chapter::carry_out(conn, site, *decision, (by, now)).await?.is_some()
        }
        OperateEffect::Draft(new) => campaigns_chapter::put(conn, new, now).await?,
        OperateEffect::Start(id, at) => campaigns_chapter::start(conn, id, *at).await?,
        OperateEffect::Stop(id) => campaigns_chapter::stop(conn, id, now).await?.is_some(),
        OperateEffect::Forget(id) => campaigns_chapter::remove(conn, id).await?,
        OperateEffect::Follow(follow) => {
            reports::follow(conn, follow, now).await?;
            true
        }
        OperateEffect::TellOrders { user, chat, language, on } => {
            tell_orders(
                conn,
                OrderWatcher { user: *user, chat: *chat, language: *language },
                *on,
                now,
            )
            .await?;
            true
        }
    };
    if done { Ok(()) } else { Err(DbError::Stale) }
}

async fn site_order(
    conn: &mut Conn,
    site: &str,
    order: SiteOrder,
    now: DateTime<Utc>,
) -> Result<bool, DbError> {
    let statement = match order {
        SiteOrder::Run => "UPDATE sources SET next_due_at = $2 WHERE site = $1 AND paused = 0",
        SiteOrder::Pause => "UPDATE sources SET paused = 1 WHERE site = $1 AND paused < $2",
        SiteOrder::Resume => "UPDATE sources SET paused = 0 WHERE site = $1 AND paused < $2",
        SiteOrder::Quarantine | SiteOrder::Release => {
            return judge(conn, site, order == SiteOrder::Quarantine, now).await;
        }
    };
    query(statement).bind(site).bind(ms(now)).execute(conn).await?;
    Ok(true)
}

/// An operator's word on a module; false when a run has judged it meanwhile.
async fn judge(
    conn: &mut Conn,
    site: &str,
    aside: bool,
    now: DateTime<Utc>,
) -> Result<bool, DbError> {
    let known = site_health::of_site(conn, site).await?;
    let before = known.unwrap_or_else(|| SiteHealth::new(site, now));
    let after = if aside {
        let row = query(
            "SELECT h.module FROM source_health h JOIN sources s ON s.id = h.source \
             WHERE s.site = $1 ORDER BY h.updated_at DESC LIMIT 1",
        )
        .bind(site)
        .fetch_optional(&mut *conn)
        .await?;
        let module = row.as_ref().map(|row| text(row, "module")).transpose()?;
        before.set_aside(&module.unwrap_or_default(), now)
    } else {
        before.released(now)
    };
    if !site_health::put_site(conn, &after, now).await? {
        return Ok(false);
    }
    if !aside {
        site_health::wake(conn, site, now).await?;
    }
    Ok(true)
}

async fn tell_orders(
    conn: &mut Conn,
    who: OrderWatcher,
    on: bool,
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    if !on {
        let gone = query("DELETE FROM order_watchers WHERE user_id = $1").bind(who.user.0);
        gone.execute(conn).await?;
        return Ok(());
    }
    query(
        "INSERT INTO order_watchers (user_id, chat, language, since) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (user_id) DO UPDATE SET chat = excluded.chat, language = excluded.language",
    )
    .bind(who.user.0)
    .bind(who.chat.0)
    .bind(who.language.code())
    .bind(ms(now))
    .execute(conn)
    .await?;
    Ok(())
}

async fn order_watchers(
    conn: &mut Conn,
    operators: &[UserId],
) -> Result<Vec<OrderWatcher>, DbError> {
    let rows = query("SELECT user_id, chat, language FROM order_watchers ORDER BY user_id")
        .fetch_all(conn)
        .await?;
    let one = |row: &Row| {
        Ok(OrderWatcher {
            user: UserId(number(row, "user_id")?),
            chat: ChatId(number(row, "chat")?),
            language: Language::from_tag(&text(row, "language")?),
        })
    };
    let all = rows.iter().map(one).collect::<Result<Vec<_>, DbError>>()?;
    Ok(all.into_iter().filter(|watcher| operators.contains(&watcher.user)).collect())
}

#[async_trait]
impl OperateRecord for SqlDb {
    async fn order_watchers(&self, operators: &[UserId]) -> Result<Vec<OrderWatcher>, DbError> {
        let operators = operators.to_vec();
        self.readers
            .run(move |conn| Box::pin(async move { order_watchers(conn, &operators).await }))
            .await
    }

    async fn campaign_reports(
        &self,
        before: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Result<Vec<CampaignReport>, DbError> {
        self.readers
            .run(move |conn| Box::pin(async move { reports::due(conn, before, now).await }))
            .await
    }

    async fn show_campaign(
        &self,
        shown: &CampaignShown,
        now: DateTime<Utc>,
    ) -> Result<bool, DbError> {
        let shown = shown.clone();
        self.writer
            .run(move |conn| Box::pin(async move { reports::show(conn, &shown, now).await }))
            .await
    }
}
