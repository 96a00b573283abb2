//! The chapter of the record about when sources run: rhythms, demands, chosen intervals.

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use crate::domain::SourceId;
use crate::domain::rhythm::{Demand, PaceChange};
use crate::store::DbError;

/// Another due time for a source, decided when its claims had this epoch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reschedule {
    /// Which source.
    pub source: SourceId,
    /// Its epoch when this was decided: a source that has been claimed since is left alone.
    pub epoch: i64,
    /// When it is due.
    pub due: DateTime<Utc>,
}

/// When sources run.
#[async_trait]
pub trait RhythmRecord: Send + Sync {
    /// Who waits for the news of each source that is watched: watches that may be told, as for
    /// [`watches_of`](crate::store::Db::watches_of), and the shortest interval among the plans that their owners
    /// are entitled to at `now` (`interval_s` in the plan's terms, seconds; a plan without it sells none).
    async fn demands(&self, now: DateTime<Utc>) -> Result<Vec<Demand>, DbError>;

    /// Writes chosen intervals. A due time only ever moves forward in the queue, and only that of a source which
    /// is not being run.
    async fn set_paces(&self, changes: &[PaceChange]) -> Result<(), DbError>;

    /// Moves due times of sources that are not being run and were not claimed since; answers how many moved.
    async fn reschedule(&self, moves: &[Reschedule]) -> Result<u64, DbError>;
}
