//! The care for intervals and due times: every minute, at the start, and after an outage.
//!
//! ```text
//! every minute   sources + demands ─► tune ─► intervals that differ ─► set_paces
//!                due times that a wrong clock wrote ─► reschedule
//!                entitlements that ended ─► the newest watches rest, and go on when there is room again
//! every hour     the figures of the day ─► note_figures
//! at the start   sources that missed more than a round ─► spread over one interval ─► reschedule
//! after offline  sources that could not be reached ─► spread over one interval ─► reschedule
//! ```
//!
//! Two processes may do this at once: they compute the same, and each write names what it was decided on.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};

use crate::config::Schedule;
use crate::domain::rhythm::{Policy, astray, changes, overdue, spread, tune};
use crate::domain::source::Source;
use crate::scrape::{FetchFailure, Scraper};
use crate::store::{Db, DbError, Reschedule, SourceFilter};
use crate::texts::plan::resting;

/// When plans were looked at last; `None`: not yet by this process.
pub(super) type LastLook = Mutex<Option<DateTime<Utc>>>;

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

/// The duties of a minute. With very many watches they take a while: then the next ones wait until this has been no
/// more than a fiftieth of the time.
pub(super) async fn minute(scraper: Arc<Scraper>, policy: Policy, looked: Arc<LastLook>) {
    let begun = Instant::now();
    duties(&scraper, policy).await;
    let (db, now) = (scraper.db.as_ref(), scraper.clock.now());
    let since = *looked.lock().unwrap_or_else(PoisonError::into_inner);
    note_figures(db, since, now).await;
    let next = follow_plans(db, since, now).await;
    *looked.lock().unwrap_or_else(PoisonError::into_inner) = next;
    tokio::time::sleep(begun.elapsed() * 50).await;
}

/// Once an hour: the figures of the day, and of days that are over.
async fn note_figures(db: &dyn Db, since: Option<DateTime<Utc>>, now: DateTime<Utc>) {
    let hour = |at: DateTime<Utc>| at.timestamp().div_euclid(3_600);
    if since.is_some_and(|since| hour(since) == hour(now)) {
        return;
    }
    if let Err(error) = db.note_figures(now).await {
        tracing::warn!(%error, "the figures of the day are not noted; the next hour tries again");
    }
}

async fn duties(scraper: &Scraper, policy: Policy) {
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

/// Brings the watches of those in line with their plans whose entitlements ended after `since`, whose watches rest by
/// the plan's limit, or, without `since`, who have more than is free. Whatever is done is named in the log; doing it
/// again changes nothing. Answers how many watches rest or go on from now on.
pub async fn apply_limits(
    db: &dyn Db,
    since: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> Result<usize, DbError> {
    let mut changed = 0;
    for user in db.limit_suspects(since, now).await? {
        let limited = db.apply_limits(user, resting, now).await?;
        if limited.paused + limited.resumed > 0 {
            let (paused, resumed) = (limited.paused, limited.resumed);
            tracing::info!(
                user = user.0,
                paused,
                resumed,
                "the watches of a person follow the plan"
            );
        }
        changed += limited.paused + limited.resumed;
    }
    Ok(changed)
}

/// See [`apply_limits`]; answers since when to look the next time.
async fn follow_plans(
    db: &dyn Db,
    since: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> Option<DateTime<Utc>> {
    match apply_limits(db, since, now).await {
        Ok(_) => Some(now),
        Err(error) => {
            tracing::warn!(%error, "plans were not looked at; the next minute tries again");
            since
        }
    }
}

/// At the start: what nobody has claimed for a while does not come all at once.
pub(super) async fn calm(db: &dyn Db, now: DateTime<Utc>) {
    moved(
        reschedule(db, now, |source, pace| {
            overdue(&source.spec.rhythm, pace, source.next_due_at, source.seed(), now)
        })
        .await,
        "sources missed more than a round; they are spread over one interval",
    );
}

/// After an outage of the internet: what could not be reached comes back within one interval, not all at once, and
/// not as late as its failures would have it.
pub(super) async fn welcome_back(db: &dyn Db, now: DateTime<Utc>) {
    moved(
        reschedule(db, now, |source, pace| {
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
    decide: impl Fn(&Source, Duration) -> Option<DateTime<Utc>>,
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

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;
    use crate::domain::OwnerId;
    use crate::domain::rhythm::Rhythm;
    use crate::domain::source::{SourceSpec, Verdict};
    use crate::store::RunRecord;
    use crate::store::scratch::{Scratch, scratch};

    const INTERVAL: Duration = Duration::from_secs(360);

    fn start() -> DateTime<Utc> {
        "2026-03-06T12:00:00Z".parse().expect("a moment")
    }

    async fn record(count: usize) -> Scratch {
        let spec = |n: usize| SourceSpec {
            site: "demo".into(),
            url: format!("https://demo.example/search?q={n}"),
            title: n.to_string(),
            interval: INTERVAL,
            offered: true,
            rhythm: Rhythm::default(),
        };
        let db = scratch().await;
        let specs: Vec<SourceSpec> = (0..count).map(spec).collect();
        db.put_sources(&specs, start()).await.expect("memory takes everything");
        db
    }

    async fn dues(db: &Scratch) -> Vec<DateTime<Utc>> {
        let all = db.sources(&SourceFilter::default()).await.expect("memory answers");
        all.iter().map(|source| source.next_due_at).collect()
    }

    /// Due times are inside one interval from `now`, and no minute of it has more than half of them.
    fn assert_spread(dues: &[DateTime<Utc>], now: DateTime<Utc>) {
        let mut minutes = [0; 6];
        for due in dues {
            let seconds = (*due - now).num_seconds();
            minutes[usize::try_from(seconds / 60).expect("inside the interval")] += 1;
        }
        assert!(minutes.iter().all(|count| count * 2 <= dues.len()), "{minutes:?}");
    }

    #[tokio::test]
    async fn a_start_after_a_long_pause_is_no_burst_and_a_quick_one_changes_nothing() {
        let db = record(40).await;
        calm(&*db, start() + TimeDelta::minutes(5)).await;
        assert_eq!(dues(&db).await, vec![start(); 40]);
        let later = start() + TimeDelta::hours(5);
        calm(&*db, later).await;
        assert_spread(&dues(&db).await, later);
    }

    #[tokio::test]
    async fn what_could_not_be_reached_comes_back_within_one_interval() {
        let db = record(41).await;
        let owner = OwnerId("one".into());
        let claimed = db.claim_due_sources(&owner, start(), 100).await.expect("memory answers");
        let far = start() + TimeDelta::hours(2);
        for (n, source) in claimed.iter().enumerate() {
            let error = if n == 0 { "status: HTTP 500" } else { "dns: the name does not resolve" };
            let run = RunRecord {
                source: source.id.clone(),
                epoch: source.epoch,
                started_at: start(),
                finished_at: start(),
                verdict: Verdict::Failed,
                items: 0,
                rung: "http".into(),
                bytes: 0,
                error: Some(error.into()),
                won: "{}".into(),
                etag: None,
                last_modified: None,
                next_due_at: Some(far),
                why: String::new(),
                road: None,
                rate: None,
            };
            assert!(db.record_run(&run).await.expect("memory answers"));
        }
        let back = start() + TimeDelta::hours(1);
        welcome_back(&*db, back).await;
        let (left, moved): (Vec<_>, Vec<_>) =
            dues(&db).await.into_iter().partition(|due| *due == far);
        assert_eq!((left.len(), moved.len()), (1, 40), "a site that answers 500 is ill itself");
        assert_spread(&moved, back);
    }
}
