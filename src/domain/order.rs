//! The intent to buy. It is recorded before any money is asked for, with what is bought and what it costs, so that a
//! later change of the plan changes nothing about it. Pure.
//!
//! ```text
//! pending ──paid──► paid ──given back──► refunded
//!    │ │ └─ the provider says no ──────► failed
//!    │ └─── the person says no ────────► cancelled
//!    ├───── nobody paid in time ───────► expired
//!    └───── amounts do not agree ──────► review ─► paid or failed, by a person
//! ```

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use sites::Money;

use super::ids::{OrderId, PlanId, UserId, digest};
use super::offer::Plan;
use super::plan::Terms;

/// How long an order may be paid.
pub const ORDER_LIFE: TimeDelta = TimeDelta::minutes(60);
/// The provider of what is paid from the balance.
pub const BALANCE: &str = "balance";

/// How far an order is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OrderState {
    /// Waits for money.
    Pending,
    /// Paid; what was bought is given.
    Paid,
    /// Paid, and given back.
    Refunded,
    /// The person does not want it.
    Cancelled,
    /// Not paid in time.
    Expired,
    /// The provider refused.
    Failed,
    /// A person must look at it.
    Review,
}

impl OrderState {
    /// All.
    pub const ALL: [Self; 7] = [
        Self::Pending,
        Self::Paid,
        Self::Refunded,
        Self::Cancelled,
        Self::Expired,
        Self::Failed,
        Self::Review,
    ];

    /// The stored word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Paid => "paid",
            Self::Refunded => "refunded",
            Self::Cancelled => "cancelled",
            Self::Expired => "expired",
            Self::Failed => "failed",
            Self::Review => "review",
        }
    }

    /// The state of a stored word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.as_str() == word)
    }
}

/// An order.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Order {
    /// Its name everywhere.
    pub id: OrderId,
    /// Whose.
    pub user: UserId,
    /// What is bought.
    pub plan: PlanId,
    /// For how many days, as the plan said then.
    pub days: i64,
    /// What it allows, as the plan said then.
    pub terms: Terms,
    /// What it costs.
    pub price: Money,
    /// Where it is paid.
    pub provider: String,
    /// How far it is.
    pub state: OrderState,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// Not to be paid from then on.
    pub expires_at: DateTime<Utc>,
    /// When it was paid.
    pub paid_at: Option<DateTime<Utc>>,
}

impl Order {
    /// An order of a period of `plan` in `currency`; `seed` makes its id, so that the same intent again is the same
    /// order. `None` when the plan is not sold so.
    pub fn new(
        (user, seed): (UserId, &str),
        plan: &Plan,
        currency: &str,
        provider: &str,
        now: DateTime<Utc>,
    ) -> Option<Self> {
        let price = plan.price(currency).filter(|_| plan.is_sold())?;
        Some(Self {
            id: OrderId(digest(&["order", &user.to_string(), seed])),
            user,
            plan: plan.id.clone(),
            days: plan.days,
            terms: plan.terms.clone(),
            price,
            provider: provider.to_owned(),
            state: OrderState::Pending,
            created_at: now,
            expires_at: now + ORDER_LIFE,
            paid_at: None,
        })
    }

    /// Whether money for it is welcome at `now`.
    pub fn is_open(&self, now: DateTime<Utc>) -> bool {
        self.state == OrderState::Pending && now < self.expires_at
    }
}
