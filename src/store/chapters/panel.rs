//! The chapter of the record about what operators see and do about people and figures, and the log of all that they do.
//!
//! An effect carries what the operator saw when deciding. Where that does not hold any more, nothing is written and
//! the update is decided anew ([`DbError::Stale`]).

use std::collections::BTreeMap;

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use crate::domain::figures::{Board, Figures};
use crate::domain::offer::Category;
use crate::domain::{Language, Plan, PlanId, UserId};
use crate::store::{AuditEntry, DbError, Look, View};

/// What a decision asks to see.
#[derive(Debug, Clone, PartialEq)]
pub enum PanelAsk {
    /// The figures at this moment.
    Figures(DateTime<Utc>),
    /// The figures of the days to this moment, for a picture.
    Board(DateTime<Utc>),
    /// People by id, `@username` or a part of the name.
    Find(String),
    /// One person, at this moment.
    Person(UserId, DateTime<Utc>),
    /// What a person's own decision would see.
    Eyes(UserId, Box<Look>),
}

/// What the panel of operators shows: the answer to the [`PanelAsk`] of the same name.
#[derive(Debug, Clone, PartialEq)]
pub enum PanelView {
    /// See [`PanelAsk::Figures`].
    Figures(Box<Figures>),
    /// See [`PanelAsk::Board`]; on a light ground.
    Board(Box<Board>),
    /// Who was found, those seen last first, at most [`FOUND`], and how many there are.
    Found(Vec<Known>, u64),
    /// `None`: nobody of this id ever came.
    Person(Option<Box<PersonCard>>),
    /// See [`PanelAsk::Eyes`].
    Eyes(Box<View>),
}

/// Most people that a search names.
pub const FOUND: usize = 10;

/// Somebody who was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// Who.
    pub id: UserId,
    /// Name as people see it; may be empty.
    pub name: String,
    /// Name without `@`.
    pub username: Option<String>,
    /// Barred.
    pub banned: bool,
}

/// All that operators see of a person at a glance.
#[derive(Debug, Clone, PartialEq)]
pub struct PersonCard {
    /// Who.
    pub known: Known,
    /// Language of what we say.
    pub language: Language,
    /// When they came.
    pub since: DateTime<Utc>,
    /// Day when they did something last, since 1970; `None` if never noted.
    pub seen_on: Option<i64>,
    /// Whether their private chat may be written to.
    pub reachable: bool,
    /// Plans that they hold or held, with the end of each, the latest first.
    pub held: Vec<(PlanId, DateTime<Utc>)>,
    /// All plans, in their order.
    pub plans: Vec<Plan>,
    /// Balance by currency, minor units.
    pub balances: BTreeMap<String, i64>,
    /// Watches that they have.
    pub watches: i64,
    /// Watches that run.
    pub running: i64,
    /// Deliveries to their private chat in the last seven days that were sent, are dead, are unknown.
    pub deliveries: [i64; 3],
    /// Deliveries that wait for it.
    pub waiting: i64,
    /// Tickets, and how many of them are open.
    pub tickets: (i64, i64),
    /// Conversations with them that have a state.
    pub conversations: i64,
}

impl PersonCard {
    /// Until when they hold a plan, whether it is over or not.
    pub fn until(&self, plan: &PlanId) -> Option<DateTime<Utc>> {
        self.held.iter().find(|(held, _)| held == plan).map(|(_, until)| *until)
    }

    /// What a plan is called; its id when it is no longer known.
    pub fn title<'a>(&'a self, plan: &'a PlanId, language: Language) -> &'a str {
        let known = self.plans.iter().find(|known| known.id == *plan);
        known.map_or(plan.as_str(), |known| known.name(language))
    }

    /// Plans whose days can be given: those with an end that are offered, or that the person held.
    pub fn giveable(&self) -> impl Iterator<Item = &Plan> {
        let is_known = |plan: &Plan| plan.active || self.until(&plan.id).is_some();
        self.plans.iter().filter(move |plan| plan.category != Category::Free && is_known(plan))
    }
}

/// What an operator does to a person or a plan.
#[derive(Debug, Clone, PartialEq)]
pub enum PanelEffect {
    /// Bars a person, or lets them in again. Stale when that is so already.
    Ban {
        /// Who.
        user: UserId,
        /// Whether they are barred from now on.
        banned: bool,
    },
    /// Ends all conversations of a person: the next word of theirs begins anew.
    Reset {
        /// Who.
        user: UserId,
    },
    /// Gives days of a plan. Stale when the plan runs to another moment than the operator saw.
    Grant {
        /// Unique name: given once, however often this is written.
        id: String,
        /// To whom.
        user: UserId,
        /// Of which plan.
        plan: PlanId,
        /// How many.
        days: i64,
        /// Until when the person held it.
        was: Option<DateTime<Utc>>,
        /// Who gives them, for the ledger.
        by: String,
    },
    /// Changes a plan; what was bought stays as it was bought. Stale when its revision is another one by now.
    Plan(Box<Plan>),
}

/// Which entries of the log to list, newest first.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct AuditFilter {
    /// Only by this actor, such as `user 42`.
    pub actor: Option<String>,
    /// Only to this target, such as `user 77`.
    pub target: Option<String>,
    /// Only actions that begin so, such as `user.`.
    pub action: Option<String>,
    /// At most this many (0 means 100).
    pub limit: u32,
}

/// An entry of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Audited {
    /// What was done.
    pub entry: AuditEntry,
    /// When.
    pub at: DateTime<Utc>,
}

/// See the module.
#[async_trait]
pub trait PanelRecord: Send + Sync {
    /// Writes down what was done outside of a conversation; one of the same id is left as it is.
    async fn note_audit(&self, entry: &AuditEntry, now: DateTime<Utc>) -> Result<(), DbError>;

    /// Lists what was done.
    async fn audited(&self, filter: &AuditFilter) -> Result<Vec<Audited>, DbError>;

    /// Notes the figures of the days that are over, and what is known of today. Repeating it changes nothing.
    async fn note_figures(&self, now: DateTime<Utc>) -> Result<(), DbError>;

    /// What an operator sees.
    async fn panel(&self, ask: &PanelAsk) -> Result<PanelView, DbError>;

    /// Does what an operator orders outside of a conversation, with its entry in the log. [`DbError::Stale`] when what
    /// it was decided on has changed: nothing is written then.
    async fn carry_out(
        &self,
        effect: &PanelEffect,
        entry: &AuditEntry,
        now: DateTime<Utc>,
    ) -> Result<(), DbError>;
}
