//! See [`crate::store::AccountRecord`]. The parts: `account_plans`, `account_ledger`, `account_orders`,
//! `account_promos`, `account_invites`, `account_endings`.

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::engine::Conn;
use super::{
    SqlDb, account_endings, account_invites, account_ledger, account_orders, account_plans,
    account_promos, preferences_chapter,
};
use crate::domain::account::{Growth, Promo};
use crate::domain::ledger::{EntryKey, Grant, Kind};
use crate::domain::plan::Terms;
use crate::domain::{ChatId, Entry, Order, OrderId, Plan, PlanId, UserId};
use crate::store::chapters::MOVES;
use crate::store::{
    AccountAsk, AccountEffect, AccountRecord, AccountView, AccountWords, DbError, Difference,
    Posted, Seeded,
};

/// What a decision for this person looks at.
pub(super) async fn view(
    conn: &mut Conn,
    ask: &AccountAsk,
    user: Option<UserId>,
    free: &Terms,
) -> Result<AccountView, DbError> {
    let plans = account_plans::all(conn).await?;
    let free = account_plans::free_terms(conn, free).await?;
    let fresh = account_invites::fresh();
    let Some(user) = user else {
        return Ok(AccountView { plans, free, fresh, ..AccountView::default() });
    };
    let promo = match &ask.promo {
        Some(code) => account_promos::usable(conn, code, user, ask.now).await?,
        None => None,
    };
    let order = match &ask.order {
        Some(id) => account_orders::one(conn, id).await?.filter(|order| order.user == user),
        None => None,
    };
    Ok(AccountView {
        plans,
        free,
        periods: account_ledger::periods(conn, user).await?,
        balances: account_ledger::balances(conn, user).await?,
        moves: account_ledger::movements(conn, user, MOVES).await?,
        trial_used: account_ledger::is_there(conn, &trial_key(user)).await?,
        invite: account_invites::code_of(conn, user).await?,
        fresh,
        invited: account_invites::achieved(conn, user).await?,
        promo,
        order,
        zone: preferences_chapter::in_force(conn, (ChatId(user.0), None)).await?.zone,
    })
}

/// The name of the one trial of a person.
fn trial_key(user: UserId) -> EntryKey {
    EntryKey::new("trial", &user.to_string(), Kind::Trial)
}

/// Applies a change that an update causes. [`DbError::Stale`] when what it was decided on has changed.
pub(super) async fn apply(
    conn: &mut Conn,
    effect: &AccountEffect,
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    match effect {
        AccountEffect::Invited { user, code } => {
            account_invites::bind(conn, *user, code, now).await
        }
        AccountEffect::InviteCode { user, code } => {
            account_invites::set_code(conn, *user, code, now).await
        }
        AccountEffect::Trial { user, plan, revision, days } => {
            trial(conn, *user, plan, (*revision, *days), now).await
        }
        AccountEffect::Redeem { user, code } => {
            account_promos::redeem(conn, code, *user, now).await
        }
        AccountEffect::Order(order) => account_orders::insert(conn, order).await,
        AccountEffect::CancelOrder { user, order } => {
            account_orders::cancel(conn, *user, order).await
        }
        AccountEffect::PayFromBalance { user, order } => {
            account_orders::pay_from_balance(conn, *user, order, now).await
        }
    }
}

async fn trial(
    conn: &mut Conn,
    user: UserId,
    plan: &PlanId,
    (revision, days): (i64, i64),
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    let known = account_plans::one(conn, plan).await?;
    let Some(known) = known.filter(|known| known.revision == revision) else {
        return Err(DbError::Stale);
    };
    let grant = Some(Grant { plan: plan.clone(), days, terms: known.terms });
    let entry = Entry { grant, ..Entry::new(trial_key(user), user, now) };
    match account_ledger::post(conn, &entry, now).await? {
        Posted::Done => Ok(()),
        Posted::Already | Posted::Overdrawn => Err(DbError::Stale),
    }
}

#[async_trait]
impl AccountRecord for SqlDb {
    async fn plans(&self) -> Result<Vec<Plan>, DbError> {
        self.readers.run(|conn| Box::pin(account_plans::all(conn))).await
    }

    async fn set_plan(&self, plan: &Plan, now: DateTime<Utc>) -> Result<bool, DbError> {
        let plan = plan.clone();
        self.writer
            .run(move |conn| Box::pin(async move { account_plans::set(conn, &plan, now).await }))
            .await
    }

    async fn seed_plans(&self, plans: &[Plan], now: DateTime<Utc>) -> Result<Seeded, DbError> {
        let plans = plans.to_vec();
        self.writer
            .run(move |conn| Box::pin(async move { account_plans::seed(conn, &plans, now).await }))
            .await
    }

    async fn account(&self, user: UserId) -> Result<AccountView, DbError> {
        let free = self.free.clone();
        self.readers
            .run(move |conn| {
                Box::pin(async move { view(conn, &AccountAsk::default(), Some(user), &free).await })
            })
            .await
    }

    async fn post(&self, entry: &Entry) -> Result<Posted, DbError> {
        let entry = entry.clone();
        self.writer
            .run(move |conn| {
                Box::pin(async move { account_ledger::post(conn, &entry, entry.at).await })
            })
            .await
    }

    async fn movements(&self, user: UserId, limit: u32) -> Result<Vec<Entry>, DbError> {
        self.readers
            .run(move |conn| {
                Box::pin(async move { account_ledger::movements(conn, user, limit).await })
            })
            .await
    }

    async fn order(&self, id: &OrderId) -> Result<Option<Order>, DbError> {
        let id = id.clone();
        self.readers
            .run(move |conn| Box::pin(async move { account_orders::one(conn, &id).await }))
            .await
    }

    async fn orders_of(&self, user: UserId, limit: u32) -> Result<Vec<Order>, DbError> {
        self.readers
            .run(move |conn| {
                Box::pin(async move { account_orders::of_user(conn, user, limit).await })
            })
            .await
    }

    async fn expire_orders(&self, now: DateTime<Utc>) -> Result<u64, DbError> {
        self.writer.run(move |conn| Box::pin(account_orders::expire(conn, now))).await
    }

    async fn promos(&self) -> Result<Vec<Promo>, DbError> {
        self.readers.run(|conn| Box::pin(account_promos::all(conn))).await
    }

    async fn add_promo(&self, promo: &Promo) -> Result<bool, DbError> {
        let promo = promo.clone();
        self.writer
            .run(move |conn| Box::pin(async move { account_promos::add(conn, &promo).await }))
            .await
    }

    async fn stop_promo(&self, code: &str) -> Result<bool, DbError> {
        let code = code.to_owned();
        self.writer
            .run(move |conn| Box::pin(async move { account_promos::stop(conn, &code).await }))
            .await
    }

    async fn reward_invitations(
        &self,
        growth: &Growth,
        words: AccountWords,
        now: DateTime<Utc>,
    ) -> Result<u64, DbError> {
        let growth = growth.clone();
        self.writer
            .run(move |conn| {
                Box::pin(async move { account_invites::reward(conn, &growth, words, now).await })
            })
            .await
    }

    async fn remind_endings(
        &self,
        words: AccountWords,
        now: DateTime<Utc>,
    ) -> Result<u64, DbError> {
        self.writer.run(move |conn| Box::pin(account_endings::remind(conn, words, now))).await
    }

    async fn audit_ledger(&self) -> Result<Vec<Difference>, DbError> {
        self.readers.run(|conn| Box::pin(account_ledger::audit(conn))).await
    }
}
