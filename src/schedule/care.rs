//! The care for intervals and due times: every minute, at the start, and after an outage.
//!
//! ```text
//! every minute   sources + demands ─► tune ─► intervals that differ ─► set_paces
//!                due times that a wrong clock wrote ─► reschedule
//! at the start   sources that missed more than a round ─► spread over one interval ─► reschedule
//! after offline  sources that could not be reached ─► spread over one interval ─► reschedule
//! ```
//!
//! Two processes may do this at once: they compute the same, and each write names what it was decided on.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use crate::config::Schedule;
use crate::domain::rhythm::{Policy, astray, changes, overdue, spread, tune};
use crate::domain::source::Source;
use crate::scrape::{FetchFailure, Scraper};
use crate::store::{Db, DbError, Reschedule, SourceFilter};

/// The policy of intervals that the configuration names.
pub fn policy(settings: &Schedule) -> Policy {
    let Schedule { adaptive, stretch, idle_interval, .. } = *settings;
    Policy { adaptive, idle: idle_interval, stretch }
}

/// Decides all intervals anew and writes those that differ; answers how many.
pub async fn retune(db: &dyn Db, policy: Policy, now: DateTime<Utc>) -> Result<usize, DbError> {
    let sources = db.sources(&SourceFilter::default()).await?;
    let demands = db.demands(now).await?;
    let decided = tokio::task::spawn_blocking(move || {
        let choices = tune(&sources, &demands, &policy, now);
        changes(&sources, &choices, now)
    });
    let changes =
        decided.await.map_err(|error| DbError::Broken(format!("tuning broke: {error}")))?;
    if !changes.is_empty() {
        db.set_paces(&changes).await?;
    }
    Ok(changes.len())
}

/// The duties of a minute.
pub(super) async fn minute(scraper: Arc<Scraper>, policy: Policy) {
    let (db, now) = (scraper.db.as_ref(), scraper.clock.now());
    match retune(db, policy, now).await {
        Ok(0) => {}
        Ok(count) => tracing::debug!(count, "intervals were changed"),
        Err(error) => {
            tracing::warn!(%error, "intervals stay as they are; the next minute tries again")
        }
    }
    moved(
        reschedule(db, now, |source, pace| {
            astray(&source.spec.rhythm, pace, source.next_due_at, source.seed(), now)
        })
        .await,
        "due times lay in a future that no rhythm names; was the clock wrong?",
    );
}

/// At the start: what nobody has claimed for a while does not come all at once.
pub(super) async fn calm(scraper: &Scraper) {
    let now = scraper.clock.now();
    moved(
        reschedule(scraper.db.as_ref(), now, |source, pace| {
            overdue(&source.spec.rhythm, pace, source.next_due_at, source.seed(), now)
        })
        .await,
        "sources missed more than a round; they are spread over one interval",
    );
}

/// After an outage of the internet: what could not be reached comes back within one interval, not all at once, and
/// not as late as its failures would have it.
pub(super) async fn welcome_back(scraper: &Scraper) {
    let now = scraper.clock.now();
    moved(
        reschedule(scraper.db.as_ref(), now, |source, pace| {
            let due = spread(&source.spec.rhythm, pace, source.seed(), now);
            (was_unreachable(source) && due < source.next_due_at).then_some(due)
        })
        .await,
        "sources that could not be reached are spread over one interval",
    );
}

/// Whether the last run ended before any host.
fn was_unreachable(source: &Source) -> bool {
    let error = source.last_error.as_deref().unwrap_or_default();
    let class = error.split(':').next().unwrap_or_default();
    source.failures > 0
        && [FetchFailure::Dns, FetchFailure::Connect].iter().any(|one| one.as_str() == class)
}

/// Moves the sources for which `decide` names a moment.
async fn reschedule(
    db: &dyn Db,
    now: DateTime<Utc>,
    decide: impl Fn(&Source, std::time::Duration) -> Option<DateTime<Utc>>,
) -> Result<u64, DbError> {
    let sources = db.sources(&SourceFilter::default()).await?;
    let moves: Vec<Reschedule> = sources
        .iter()
        .filter(|source| !source.paused)
        .filter_map(|source| {
            let due = decide(source, source.interval())?.max(now);
            Some(Reschedule { source: source.id.clone(), epoch: source.epoch, due })
        })
        .collect();
    if moves.is_empty() { Ok(0) } else { db.reschedule(&moves).await }
}

fn moved(result: Result<u64, DbError>, what: &str) {
    match result {
        Ok(0) => {}
        Ok(count) => tracing::info!(count, "{what}"),
        Err(error) => tracing::warn!(%error, "due times stay as they are"),
    }
}
