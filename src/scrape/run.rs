//! One run of one claimed source, from the turn at its host to the released claim.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use futures_util::FutureExt;
use sites::{PageKind, Parsed, Site};
use tokio::sync::Semaphore;
use url::Url;

use super::accept::{Accepted, accept};
use super::attempt::{Attempt, status_error};
use super::climb::climb_known;
use super::fetcher::{FetchError, FetchFailure, Rung};
use super::host::Hosts;
use super::judge::{after_hold, judge};
use super::ladder::Ladder;
use super::life::{self, Admitted, Evidence, Life, Look, Weighed};
use super::modules::Modules;
use super::parse::words_of;
use super::session::Access;
use super::stages::{FirstPage, StageLimits, read_on};
use super::tell::count;
use crate::clock::Clock;
use crate::context::Context;
use crate::domain::SourceId;
use crate::domain::change::Rules;
use crate::domain::rhythm::{Rate, Sighting};
use crate::domain::source::{Source, Verdict};
use crate::matching::LiveIndex;
use crate::shutdown::{Shutdown, Stage};
use crate::store::{Db, DbError, RunRecord, Seen};

/// Everything a run needs; one per process.
pub struct Scraper {
    /// The record.
    pub db: Arc<dyn Db>,
    /// The fast filter.
    pub seen: Arc<dyn Seen>,
    /// Who wants a listing.
    pub matching: Arc<LiveIndex>,
    /// The time of day.
    pub clock: Arc<dyn Clock>,
    /// The site modules.
    pub modules: Arc<Modules>,
    /// The roads to a page.
    pub ladder: Ladder,
    /// Politeness.
    pub hosts: Arc<Hosts>,
    /// Log-ins and proxies.
    pub access: Access,
    /// Fetches and parses at the same time. A run that waits for its host holds none.
    pub workers: Arc<Semaphore>,
    /// How far we are on our way down.
    pub shutdown: Shutdown,
    /// Everything about one page must be over by then.
    pub page_deadline: Duration,
    /// Alerts that one run may cause per watch.
    pub max_alerts: usize,
    /// What counts as a change.
    pub changes: Rules,
    /// What is kept and told of the life of modules.
    pub life: Life,
    /// How much a run may ask for besides the first page.
    pub stages: StageLimits,
}

impl Scraper {
    /// Puts the parts together with the limits of the configuration.
    pub fn new(
        context: &Context,
        modules: Arc<Modules>,
        ladder: Ladder,
        hosts: Arc<Hosts>,
    ) -> Self {
        let config = &context.config;
        Self {
            db: context.db.clone(),
            seen: context.seen.clone(),
            matching: Arc::default(),
            clock: context.clock.clone(),
            modules,
            ladder,
            hosts,
            access: Access::default(),
            workers: Arc::new(Semaphore::new(config.schedule.workers.max(1))),
            shutdown: context.shutdown.clone(),
            page_deadline: config.scrape.page_deadline,
            max_alerts: config.scrape.max_alerts_per_run,
            changes: config.changes,
            life: Life::new(config),
            stages: StageLimits::of(&config.scrape),
        }
    }
}

/// How a run ended for the record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// The verdict is stored and the claim released.
    Recorded,
    /// Another run of the source has begun since: nothing was stored.
    Fenced,
    /// Cut by the shutdown: the source is due again at once.
    Released,
    /// Its host has refused somebody and is left alone, too many wait for it, or its module is in quarantine: the
    /// source comes back afterwards, and its own count of failures stays.
    Held,
}

/// What a run did.
#[derive(Debug, Clone)]
pub struct RunReport {
    /// Which source.
    pub source: SourceId,
    /// How it ended for the record.
    pub ended: Ended,
    /// The verdict, unless it was cut.
    pub verdict: Option<Verdict>,
    /// By which road the last attempt went.
    pub rung: Rung,
    /// Listings on the first page.
    pub items: usize,
    /// The ids of all listings that were shown, on all pages.
    pub shown: Vec<String>,
    /// Pages of the search that were read.
    pub pages: usize,
    /// Pages of new listings that were read.
    pub details: usize,
    /// What was written.
    pub accepted: Accepted,
    /// Messages about the health of the site that were written.
    pub notices: usize,
    /// What an operator should know.
    pub error: Option<String>,
    /// Why there was no page, if there was none.
    pub failure: Option<FetchFailure>,
    /// How long it took, waiting included.
    pub elapsed: Duration,
}

/// Runs a claimed source. An error means that the record did not answer: the claim stays ours until it does
/// or until somebody buries us, and nothing of the run is lost.
pub async fn run_source(scraper: &Scraper, source: Source) -> Result<RunReport, DbError> {
    let begun = Instant::now();
    let cut = scraper.shutdown.reached(Stage::Cut);
    let result = tokio::select! {
        biased;
        () = cut => release(scraper, &source).await,
        result = contained_run(scraper, &source) => result,
    };
    let mut report = result?;
    report.elapsed = begun.elapsed();
    count(scraper, &source, &report);
    Ok(report)
}

/// Gives a claim back unused.
async fn release(scraper: &Scraper, source: &Source) -> Result<RunReport, DbError> {
    scraper.db.release_source(&source.id, source.epoch, scraper.clock.now()).await?;
    Ok(report_of(source, Ended::Released, None, Rung::Http))
}

/// Gives a claim back for the time after the hold, or for its place in the queue of the host.
async fn hold(
    scraper: &Scraper,
    source: &Source,
    rung: Rung,
    error: &FetchError,
) -> Result<RunReport, DbError> {
    let now = scraper.clock.now();
    let due = match error.class {
        FetchFailure::Queued => now + error.retry_after.unwrap_or_default(),
        _ => after_hold(source, error.retry_after, now),
    };
    scraper.db.release_source(&source.id, source.epoch, due).await?;
    let report = report_of(source, Ended::Held, None, rung);
    Ok(RunReport { error: Some(error.to_string()), ..report })
}

/// A run whose own code panics is a failed one: its claim is released, and the source backs off instead of
/// being held until the process ends, or of panicking again at once.
async fn contained_run(scraper: &Scraper, source: &Source) -> Result<RunReport, DbError> {
    let started_at = scraper.clock.now();
    match AssertUnwindSafe(whole_run(scraper, source)).catch_unwind().await {
        Ok(result) => result,
        Err(panic) => {
            let words = words_of(&*panic);
            tracing::error!(source = %source.id, words, "a run panicked; please report this");
            let error = status_error(format!("the run itself broke: {words}"));
            let attempt = Attempt::failed(source, error);
            conclude(scraper, source, Look::default(), attempt, started_at).await
        }
    }
}

async fn whole_run(scraper: &Scraper, source: &Source) -> Result<RunReport, DbError> {
    let look = match life::admit(scraper, source).await? {
        Admitted::Go(look) => *look,
        Admitted::Wait(until) => return quarantined(scraper, source, until).await,
    };
    let started_at = scraper.clock.now();
    let attempt = match prepared(scraper, source) {
        Ok((site, url)) => match climb_known(scraper, source, site, url).await {
            Some(attempt) => attempt,
            None => return release(scraper, source).await,
        },
        Err(error) => Attempt::failed(source, error),
    };
    match &attempt.result {
        Err(error) if matches!(error.class, FetchFailure::Held | FetchFailure::Queued) => {
            hold(scraper, source, attempt.rung, error).await
        }
        _ => conclude(scraper, source, look, attempt, started_at).await,
    }
}

/// Gives a claim back until the module's next probe.
async fn quarantined(
    scraper: &Scraper,
    source: &Source,
    until: DateTime<Utc>,
) -> Result<RunReport, DbError> {
    let now = scraper.clock.now();
    let due = after_hold(source, (until - now).to_std().ok(), now);
    scraper.db.release_source(&source.id, source.epoch, due).await?;
    let report = report_of(source, Ended::Held, None, Rung::Http);
    let site = &source.spec.site;
    Ok(RunReport { error: Some(format!("site {site} is in quarantine until {until}")), ..report })
}

/// Judges and weighs an attempt, records the run, and settles what follows from it.
async fn conclude(
    scraper: &Scraper,
    source: &Source,
    look: Look,
    attempt: Attempt,
    started_at: DateTime<Utc>,
) -> Result<RunReport, DbError> {
    let now = scraper.clock.now();
    let judgement = judge(source, &attempt.outcome(), now);
    let repair = super::repair::look(scraper, source, &attempt, judgement.verdict).await;
    let times = (started_at, now);
    let mut weighed = life::weigh(scraper, source, &look, &attempt, judgement, times).await?;
    let evidence = Evidence::of(&attempt, &weighed);
    // What became of a repair is no reason of the failure: equal failures stay one group.
    let is_ill = weighed.judgement.error.is_some() || !weighed.judgement.verdict.is_good();
    if let Some(words) = repair.filter(|_| is_ill) {
        let error = weighed.judgement.error.take();
        weighed.judgement.error = Some(error.map_or(words.clone(), |e| format!("{e}; {words}")));
    }
    let failure = attempt.result.as_ref().err().map(|error| error.class);
    let mut report = record(scraper, source, attempt, weighed, started_at, now).await?;
    if report.ended == Ended::Recorded {
        report.notices = life::settle(scraper, source, look, evidence, now).await;
    }
    Ok(RunReport { failure, ..report })
}

/// The module and the address of a source.
fn prepared(scraper: &Scraper, source: &Source) -> Result<(Arc<Site>, Url), FetchError> {
    let spec = &source.spec;
    let url = Url::parse(&spec.url).map_err(|error| {
        status_error(format!("the address of this source is damaged ({error}); remove it"))
    })?;
    let site = scraper.modules.get(&spec.site).ok_or_else(|| {
        let id = &spec.site;
        status_error(format!(
            "there is no site module {id}; put its folder back or remove the source"
        ))
    })?;
    Ok((site, url))
}

async fn record(
    scraper: &Scraper,
    source: &Source,
    attempt: Attempt,
    weighed: Weighed,
    started_at: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<RunReport, DbError> {
    let Weighed { judgement, telling, .. } = weighed;
    let rung = attempt.rung;
    let (why, road) = (attempt.why, attempt.road);
    let (bytes, etag, last_modified, parsed) = match attempt.result {
        Ok(brought) => {
            let parsed = brought.parsed.and_then(Result::ok);
            (brought.bytes, brought.etag, brought.last_modified, parsed)
        }
        Err(_) => (0, None, None, None),
    };
    let items = match (&parsed, judgement.verdict) {
        (None, Verdict::Unchanged) => source.last_count.unwrap_or(0),
        (parsed, _) => parsed.as_ref().map_or(0, |p| i64::try_from(p.listings.len()).unwrap_or(0)),
    };
    let verdict = judgement.verdict;
    let mut run = RunRecord {
        source: source.id.clone(),
        epoch: source.epoch,
        started_at,
        finished_at: now,
        verdict,
        items,
        rung: rung.as_str().to_owned(),
        bytes: i64::try_from(bytes).unwrap_or(i64::MAX),
        error: judgement.error.clone(),
        won: won(parsed.as_ref()),
        etag,
        last_modified,
        next_due_at: judgement.next_due_at,
        why,
        road,
        rate: (verdict == Verdict::Unchanged).then(|| unchanged(source, now)),
    };
    let mut report = report_of(source, Ended::Recorded, Some(verdict), rung);
    report.items = usize::try_from(items).unwrap_or(0);
    report.error = judgement.error;
    if matches!(verdict, Verdict::Ok | Verdict::Empty) {
        let site = scraper.modules.get(&source.spec.site);
        let kind = site.as_ref().map(|site| site.kind);
        let read = read_on(scraper, source, site, first_page(parsed, rung)).await?;
        run.error = run.error.or(read.complaint);
        run.finished_at = scraper.clock.now();
        report.error.clone_from(&run.error);
        (report.shown, report.pages, report.details) = (read.shown, read.pages, read.details);
        let (db, seen) = (scraper.db.as_ref(), scraper.seen.as_ref());
        let sighting = read.sighting.of_kind(kind);
        let how = (&scraper.changes, telling);
        report.accepted = accept(db, seen, &scraper.matching, source, sighting, run, how).await?;
        if report.accepted.fenced {
            report.ended = Ended::Fenced;
        }
    } else if !scraper.db.record_run(&run).await? {
        report.ended = Ended::Fenced;
    }
    Ok(report)
}

/// What is known of the rate of change once the server has said that nothing is new.
fn unchanged(source: &Source, now: DateTime<Utc>) -> String {
    Rate::read(source.rate.as_deref()).after(Sighting::Exactly(0), now).write()
}

/// Where the further stages begin. Listings beside a "no results" are suggestions of the site, not results.
fn first_page(parsed: Option<Parsed>, rung: Rung) -> FirstPage {
    match parsed {
        Some(Parsed { kind: PageKind::Results, listings, next, .. }) => {
            FirstPage { listings, next, rung }
        }
        _ => FirstPage { listings: vec![], next: None, rung },
    }
}

fn won(parsed: Option<&Parsed>) -> String {
    parsed
        .and_then(|parsed| serde_json::to_string(&parsed.won).ok())
        .unwrap_or_else(|| "{}".to_owned())
}

fn report_of(source: &Source, ended: Ended, verdict: Option<Verdict>, rung: Rung) -> RunReport {
    RunReport {
        source: source.id.clone(),
        ended,
        verdict,
        rung,
        items: 0,
        shown: vec![],
        pages: 0,
        details: 0,
        accepted: Accepted::default(),
        notices: 0,
        error: None,
        failure: None,
        elapsed: Duration::ZERO,
    }
}
