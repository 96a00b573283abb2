//! The chapter of the record about plans that are sold, what a person has of them, the balance, invitations, promo
//! codes and the trial.
//!
//! - The ledger is only ever added to; the name of an entry is unique, so the same fact counts once.
//! - What a person holds (`entitlements`) and the balance (`balances`) are caches of the ledger, written in the same
//!   transaction; [`AccountRecord::audit_ledger`] computes them from empty and names every difference.
//! - A balance never goes below zero: the movement that would do it is refused, and nothing is written.
//! - What is bought keeps days and terms of the plan as they were then.

use std::collections::BTreeMap;

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use crate::domain::account::{AccountWord, Growth, Invited, Promo};
use crate::domain::ledger::{Entry, Holdings, Period};
use crate::domain::plan::Terms;
use crate::domain::{Language, Order, OrderId, Outgoing, Plan, PlanId, UserId};
use crate::store::DbError;

/// Movements that a view shows.
pub const MOVES: u32 = 10;

/// What a decision asks to see, beside the person's plans, balance, movements and invitations.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct AccountAsk {
    /// What this code would give to the person now; folded.
    pub promo: Option<String>,
    /// An order of the person.
    pub order: Option<OrderId>,
    /// The moment for which it is asked.
    pub now: DateTime<Utc>,
}

/// What a person has and may have.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct AccountView {
    /// All plans, in their order; those that are not offered too.
    pub plans: Vec<Plan>,
    /// Terms of everybody now.
    pub free: Terms,
    /// What the person holds, ended too.
    pub periods: Vec<Period>,
    /// Balance by currency, minor units.
    pub balances: BTreeMap<String, i64>,
    /// The last [`MOVES`] movements, newest first.
    pub moves: Vec<Entry>,
    /// Whether the trial was taken.
    pub trial_used: bool,
    /// Code of the person's invitations, if there is one yet.
    pub invite: Option<String>,
    /// A code that nobody has: what it would be.
    pub fresh: String,
    /// What the invitations achieved.
    pub invited: Invited,
    /// The asked code, if the person may use it now; whatever speaks against it looks alike.
    pub promo: Option<Promo>,
    /// The asked order, if it is the person's.
    pub order: Option<Order>,
    /// Zone in which the person's hours are meant.
    pub zone: String,
}

impl AccountView {
    /// The plan of this id.
    pub fn plan(&self, id: &PlanId) -> Option<&Plan> {
        self.plans.iter().find(|plan| plan.id == *id)
    }
}

/// A change of what a person has.
#[derive(Debug, Clone, PartialEq)]
pub enum AccountEffect {
    /// The person came by an invitation. Counts only for somebody who is met in this very update, and not one's own.
    Invited {
        /// Who came.
        user: UserId,
        /// Code of the link.
        code: String,
    },
    /// The person's invitations have this code from now on.
    InviteCode {
        /// Whose.
        user: UserId,
        /// Which, see [`AccountView::fresh`].
        code: String,
    },
    /// The person takes the trial. Stale when it was taken, or the plan is not what was seen.
    Trial {
        /// Who.
        user: UserId,
        /// Its plan.
        plan: PlanId,
        /// Revision of the plan that was seen.
        revision: i64,
        /// For how many days.
        days: i64,
    },
    /// The person uses a code. Stale when it cannot be used any more.
    Redeem {
        /// Who.
        user: UserId,
        /// Folded.
        code: String,
    },
    /// An order is made; one of the same id stays as it is.
    Order(Box<Order>),
    /// The person does not want it any more. One that is no longer open stays as it is.
    CancelOrder {
        /// Whose.
        user: UserId,
        /// Which.
        order: OrderId,
    },
    /// The order is paid from the balance: order, ledger, balance and what is given, all or nothing. Stale when the
    /// order is not open, or the balance does not bear it.
    PayFromBalance {
        /// Whose.
        user: UserId,
        /// Which.
        order: OrderId,
    },
}

/// What became of an entry for the ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Posted {
    /// It is written, with what follows.
    Done,
    /// An entry of this name is there: nothing changed.
    Already,
    /// The balance does not bear it: nothing changed.
    Overdrawn,
}

/// What seeding did.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Seeded {
    /// Plans that were not there.
    pub added: Vec<PlanId>,
    /// Plans that follow the file, and differed from it.
    pub updated: Vec<PlanId>,
    /// Plans that differ from the file because they were changed here: left alone.
    pub kept: Vec<PlanId>,
}

/// A cache that differs from the ledger.
#[derive(Debug, Clone, PartialEq)]
pub struct Difference {
    /// Whose.
    pub user: UserId,
    /// What the ledger amounts to.
    pub ledger: Holdings,
    /// What is recorded.
    pub recorded: Holdings,
}

/// Makes the message of an [`AccountWord`]: the record knows no texts.
pub type AccountWords = fn(&AccountWord, Language) -> Outgoing;

/// Plans, ledger, balances, promo codes, invitations.
#[async_trait]
pub trait AccountRecord: Send + Sync {
    /// All plans, in their order.
    async fn plans(&self) -> Result<Vec<Plan>, DbError>;

    /// Writes a plan as an operator wants it. `revision` is the one that was read, 0 for a new plan; false when it is
    /// another one by now. What was bought stays as it was bought.
    async fn set_plan(&self, plan: &Plan, now: DateTime<Utc>) -> Result<bool, DbError>;

    /// Writes the plans of a file where they are missing, or follow the file; what operators changed is left alone.
    /// A plan that follows the file and is no longer in it is no longer offered.
    async fn seed_plans(&self, plans: &[Plan], now: DateTime<Utc>) -> Result<Seeded, DbError>;

    /// Plans, balance and movements of a person; empty for somebody unknown.
    async fn account(&self, user: UserId) -> Result<AccountView, DbError>;

    /// Adds an entry to the ledger, with balance and entitlements.
    ///
    /// # Errors
    /// [`DbError::Broken`] for an entry that can be none (see [`Entry::check`]).
    async fn post(&self, entry: &Entry) -> Result<Posted, DbError>;

    /// Movements of a person, newest first.
    async fn movements(&self, user: UserId, limit: u32) -> Result<Vec<Entry>, DbError>;

    /// One order.
    async fn order(&self, id: &OrderId) -> Result<Option<Order>, DbError>;

    /// Orders of a person, newest first.
    async fn orders_of(&self, user: UserId, limit: u32) -> Result<Vec<Order>, DbError>;

    /// Ends orders that nobody paid in time; answers how many.
    async fn expire_orders(&self, now: DateTime<Utc>) -> Result<u64, DbError>;

    /// All promo codes, newest first.
    async fn promos(&self) -> Result<Vec<Promo>, DbError>;

    /// Makes a promo code; false when there is one of this name.
    async fn add_promo(&self, promo: &Promo) -> Result<bool, DbError>;

    /// Stops a promo code; false when there is none.
    async fn stop_promo(&self, code: &str) -> Result<bool, DbError>;

    /// Credits invitations whose guests have done what [`Growth::after`] asks, each once, and tells both; answers how
    /// many. Banned people, and inviters above the cap, are credited nothing.
    async fn reward_invitations(
        &self,
        growth: &Growth,
        words: AccountWords,
        now: DateTime<Utc>,
    ) -> Result<u64, DbError>;

    /// Tells people whose plans end, each moment once; answers how many messages were written. A moment that was
    /// overtaken (by a renewal, or because another plan goes on) passes in silence.
    async fn remind_endings(&self, words: AccountWords, now: DateTime<Utc>)
    -> Result<u64, DbError>;

    /// Computes everybody's balance and entitlements from the ledger alone, and names every difference.
    async fn audit_ledger(&self) -> Result<Vec<Difference>, DbError>;
}
