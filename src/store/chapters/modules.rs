//! The chapter of the record about versions of field maps: proposals, and what became of them.
//!
//! ```text
//! shadow ──reads beside the old one, as well as it must──► proposed ──approve──► active ──rollback──► retired
//!    └──reads less or otherwise──► withdrawn                   └──reject──► rejected
//! ```
//!
//! At most one version of a site is active; without one the module of the program, or of the folder of modules,
//! is in force. A version is derived from the text of that module: when a new release brings another text, the
//! version is left aside until somebody decides anew.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use sites::Listing;

use crate::domain::{NewDelivery, SourceId};
use crate::store::DbError;

/// Where a version is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ModuleState {
    /// It reads pages beside the module in force, and nothing is done with what it reads.
    Shadow,
    /// It waits for an operator.
    Proposed,
    /// It is in force.
    Active,
    /// It was in force.
    Retired,
    /// An operator does not want it.
    Rejected,
    /// It did not stand its trial.
    Withdrawn,
}

impl ModuleState {
    /// All states.
    pub const ALL: [Self; 6] = [
        Self::Shadow,
        Self::Proposed,
        Self::Active,
        Self::Retired,
        Self::Rejected,
        Self::Withdrawn,
    ];

    /// The stored word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Shadow => "shadow",
            Self::Proposed => "proposed",
            Self::Active => "active",
            Self::Retired => "retired",
            Self::Rejected => "rejected",
            Self::Withdrawn => "withdrawn",
        }
    }

    /// The state of a stored word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == word)
    }

    /// Whether it is on its way to an operator.
    pub fn is_open(self) -> bool {
        matches!(self, Self::Shadow | Self::Proposed)
    }
}

/// A version to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewModule {
    /// Of which site.
    pub site: String,
    /// The whole module.
    pub toml: String,
    /// Digest of the module from which it was derived.
    pub base: String,
    /// Why it was made, in words for operators.
    pub origin: String,
    /// What is known of it, as JSON.
    pub report: String,
}

/// A version as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModuleVersion {
    /// What was written.
    pub new: NewModule,
    /// Its number, from 1, by site.
    pub version: i64,
    /// Where it is in its life.
    pub state: ModuleState,
    /// When it was written.
    pub created_at: DateTime<Utc>,
    /// When it came into its present state by a decision.
    pub decided_at: Option<DateTime<Utc>>,
    /// By whom.
    pub decided_by: Option<String>,
}

/// An operator's decision on the versions of a site.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// This proposed version is in force from now on.
    Approve(i64),
    /// This proposed version is not wanted.
    Reject(i64),
    /// The version in force goes; the one that was in force before it returns, if there was one.
    RollBack,
}

/// See the module.
#[async_trait]
pub trait ModuleRecord: Send + Sync {
    /// The last listings that a source has shown for the first time, newest first, gone ones left out: what a
    /// repair looks for.
    async fn last_shown(&self, source: &SourceId, limit: u32) -> Result<Vec<Listing>, DbError>;

    /// Writes a version in shadow; its number. `None` when another version of the site is open, or one of the
    /// same text was rejected or withdrawn.
    async fn propose_module(
        &self,
        new: &NewModule,
        now: DateTime<Utc>,
    ) -> Result<Option<i64>, DbError>;

    /// Writes what a version in shadow has shown, and its next state; with it what is told. False, and nothing is
    /// written, when it is in shadow no more or its report is not `before` (another process was faster).
    async fn report_module(
        &self,
        seen: &ModuleVersion,
        report: &str,
        state: ModuleState,
        told: &[NewDelivery],
        now: DateTime<Utc>,
    ) -> Result<bool, DbError>;

    /// Carries out a decision: states, a line of audit, and (but for a rejection) all sources of the site that
    /// are not paused are due now. The number of the version in force afterwards is no part of the answer: false
    /// means that there was nothing to decide, and nothing is written.
    async fn decide_module(
        &self,
        site: &str,
        decision: Decision,
        by: &str,
        now: DateTime<Utc>,
    ) -> Result<bool, DbError>;

    /// The versions of one site or of all, by site, newest first.
    async fn module_versions(&self, site: Option<&str>) -> Result<Vec<ModuleVersion>, DbError>;

    /// A text that is another one whenever a version has come or changed its state. Cheap: it is asked for every
    /// second.
    async fn modules_revision(&self) -> Result<String, DbError>;
}
