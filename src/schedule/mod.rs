//! When sources run.
//!
//! ```text
//! cron: every second ─┐                    ┌─► waits for its host ─► a worker ─► run ─┐
//! at the start ───────┴► claim due sources ┴─► …                                      ├─► done
//! cron: housekeeping ──► prune             cron: report ──► one line in the log       ┘
//! cron: every minute ──► intervals and due times (`care`), orders, invitations and ends of plans (`accounts`)
//! ```
//!
//! tokio-cron-scheduler drives the process's cron jobs; each only rings a bell, so none can overlap itself.
//! Which source is due is the record's answer: the claim moves the next time forward in the same statement,
//! so a crash delays a round, and two processes never run one source at once. A claimed source costs a small
//! task while it waits for its host; workers are for fetching and parsing only.

mod accounts;
mod care;
mod cron;
mod weather;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use anyhow::Context as _;
use tokio::task::JoinSet;

use crate::config::Schedule;
use crate::domain::OwnerId;
use crate::domain::account::Growth;
use crate::domain::source::{Source, SourceSpec};
use crate::matching::LiveIndex;
use crate::scrape::life::{sweep, wake_repaired};
use crate::scrape::repair::refresh;
use crate::scrape::{Ended, Modules, RunReport, Scraper, look_after, run_source};
use crate::shutdown::Stage;
use crate::store::DbError;

pub use accounts::audit;
pub use care::{apply_limits, policy, retune};
pub use cron::{Bell, Bells};
pub use weather::Weather;

/// Claimed sources per worker at most: room for those that wait for their hosts.
const CLAIMS_PER_WORKER: usize = 32;

/// How long a run whose end could not be recorded waits before it is repeated; doubles up to the interval of
/// its source, because a repetition asks the site again.
const DB_PAUSE: Duration = Duration::from_secs(5);

/// Runs of this process, by how they ended.
#[derive(Debug, Default)]
pub struct Tally {
    /// Good verdicts.
    pub good: AtomicU64,
    /// Other verdicts.
    pub bad: AtomicU64,
    /// Deliveries written.
    pub deliveries: AtomicU64,
}

/// Which of its duties a scheduler does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Work {
    /// Claims due sources and runs them.
    pub scrape: bool,
    /// Housekeeping and reports.
    pub care: bool,
}

/// The scheduler of a process.
#[derive(Clone)]
pub struct Scheduler {
    scraper: Arc<Scraper>,
    owner: OwnerId,
    settings: Schedule,
    tally: Arc<Tally>,
    weather: Arc<Weather>,
    work: Work,
    growth: Growth,
    told: Arc<dyn Fn() + Send + Sync>,
}

impl Scheduler {
    /// A scheduler that claims in the name of `owner`.
    pub fn new(scraper: Arc<Scraper>, owner: OwnerId, settings: Schedule) -> Self {
        let work = Work { scrape: true, care: true };
        let (tally, weather, told) = (Arc::default(), Arc::default(), Arc::new(|| ()));
        let growth = Growth::default();
        Self { scraper, owner, settings, tally, weather, work, growth, told }
    }

    /// Does only this work.
    #[must_use]
    pub fn doing(self, work: Work) -> Self {
        Self { work, ..self }
    }

    /// Credits invitations by these rules.
    #[must_use]
    pub fn growing(self, growth: Growth) -> Self {
        Self { growth, ..self }
    }

    /// Calls `told` whenever a run has written deliveries, so that a sender in this process need not poll.
    #[must_use]
    pub fn telling(self, told: Arc<dyn Fn() + Send + Sync>) -> Self {
        Self { told, ..self }
    }

    /// Writes the list of searches again (start, SIGHUP): new ones are due at once, known ones keep their
    /// history.
    pub async fn reload_sources(&self, specs: &[SourceSpec]) -> Result<(), DbError> {
        self.scraper.db.put_sources(specs, self.scraper.clock.now()).await
    }

    /// Takes other site modules from now on; runs under way keep theirs.
    pub fn reload_modules(&self, registry: sites::Registry) {
        self.scraper.modules.replace(registry);
    }

    /// Tries modules that were in quarantine and are others now.
    pub async fn wake_repaired(&self) -> Result<(), DbError> {
        wake_repaired(&self.scraper).await
    }

    /// Who wants a listing.
    pub fn matching(&self) -> Arc<LiveIndex> {
        Arc::clone(&self.scraper.matching)
    }

    /// The site modules in use.
    pub fn modules(&self) -> &Modules {
        &self.scraper.modules
    }

    /// Counts of this process.
    pub fn tally(&self) -> &Tally {
        &self.tally
    }

    /// Works until the shutdown: quiet stops claiming, cut releases what is claimed.
    ///
    /// Fails at once when a cron expression of the configuration cannot be read.
    pub async fn run(&self) -> anyhow::Result<()> {
        let mut bells = Bells::start(&self.settings.housekeeping)
            .await
            .context("the scheduler's clockwork cannot be started")?;
        let mut runs = JoinSet::new();
        let mut care = JoinSet::new();
        let mut tuning = JoinSet::new();
        let looked = Arc::<care::LastLook>::default();
        if self.work.scrape {
            care::calm(self.scraper.db.as_ref(), self.scraper.clock.now()).await;
        }
        // The first claim does not wait for the first bell.
        self.claim(&mut runs).await;
        loop {
            tokio::select! {
                biased;
                () = self.scraper.shutdown.reached(Stage::Quiet) => break,
                Some(ended) = runs.join_next() => log_lost(ended),
                Some(ended) = care.join_next() => log_lost(ended),
                Some(ended) = tuning.join_next() => log_lost(ended),
                bell = bells.next() => match bell {
                    Bell::Heartbeat => self.claim(&mut runs).await,
                    Bell::Housekeeping if self.work.care && care.is_empty() => {
                        care.spawn(prune(self.scraper.clone()));
                    }
                    Bell::Housekeeping => {}
                    Bell::Tuning if self.work.care && tuning.is_empty() => {
                        let (scraper, looked) = (self.scraper.clone(), Arc::clone(&looked));
                        let (growth, told) = (self.growth.clone(), Arc::clone(&self.told));
                        let db = Arc::clone(&scraper.db);
                        let now = scraper.clock.now();
                        let duties = care::minute(scraper, policy(&self.settings), looked);
                        tuning.spawn(async move {
                            if accounts::minute(db.as_ref(), &growth, now).await > 0 {
                                told();
                            }
                            duties.await;
                        });
                    }
                    Bell::Tuning => {}
                    Bell::Report if self.work.care => self.report(runs.len()),
                    Bell::Report => {}
                },
            }
        }
        bells.stop().await;
        while let Some(ended) = runs.join_next().await {
            log_lost(ended);
        }
        care.shutdown().await;
        tuning.shutdown().await;
        Ok(())
    }

    /// Claims due sources and starts their runs.
    async fn claim(&self, runs: &mut JoinSet<()>) {
        if !self.work.scrape {
            return;
        }
        let room = (self.settings.workers.max(1) * CLAIMS_PER_WORKER).saturating_sub(runs.len());
        if room == 0 {
            return;
        }
        refresh(&self.scraper).await;
        let now = self.scraper.clock.now();
        match self.scraper.db.claim_due_sources(&self.owner, now, room).await {
            Ok(sources) => {
                for source in sources {
                    runs.spawn(one_run(self.clone(), source));
                }
            }
            Err(error) => {
                tracing::warn!(%error, "due sources cannot be claimed; the next second tries again");
            }
        }
    }

    fn report(&self, under_way: usize) {
        let stats = self.scraper.hosts.stats();
        let (requests, refusals) = stats
            .iter()
            .fold((0, 0), |sum, (_, host)| (sum.0 + host.requests, sum.1 + host.refusals));
        tracing::info!(
            good = self.tally.good.load(Ordering::Relaxed),
            bad = self.tally.bad.load(Ordering::Relaxed),
            deliveries = self.tally.deliveries.load(Ordering::Relaxed),
            under_way,
            hosts = stats.len(),
            requests,
            refusals,
            "scraping so far"
        );
    }
}

/// Runs a source; while the record does not answer, the claim is kept and the run repeated: its effects have
/// names, so repetition is harmless.
async fn one_run(scheduler: Scheduler, source: Source) {
    let Scheduler { scraper, tally, told, weather, .. } = scheduler;
    let mut pause = DB_PAUSE;
    loop {
        match run_source(&scraper, source.clone()).await {
            Ok(report) => {
                tally.count(&report);
                let now = scraper.clock.now();
                if weather.came_back(&source, &report, now) {
                    care::welcome_back(scraper.db.as_ref(), now).await;
                }
                if report.accepted.deliveries > 0 || report.notices > 0 {
                    told();
                }
                let after = look_after(&scraper, &source, &report).await;
                if after.deliveries > 0 {
                    tally.deliveries.fetch_add(after.deliveries, Ordering::Relaxed);
                    told();
                }
                return;
            }
            Err(error) if error.is_transient() && scraper.shutdown.is_running() => {
                tracing::warn!(source = %source.id, %error, "the run is not recorded and is repeated");
                tokio::select! {
                    () = tokio::time::sleep(pause) => {}
                    () = scraper.shutdown.reached(Stage::Quiet) => {}
                }
                pause = (pause * 2).min(source.spec.interval.max(DB_PAUSE));
            }
            Err(error) => {
                tracing::error!(source = %source.id, %error, "the run is lost; its claim is given back");
                let now = scraper.clock.now();
                if let Err(error) = scraper.db.release_source(&source.id, source.epoch, now).await {
                    tracing::error!(source = %source.id, %error, "the claim stays until we are gone");
                }
                return;
            }
        }
    }
}

impl Tally {
    fn count(&self, report: &RunReport) {
        if report.ended == Ended::Recorded {
            let good = report.verdict.is_some_and(crate::domain::Verdict::is_good);
            let counter = if good { &self.good } else { &self.bad };
            counter.fetch_add(1, Ordering::Relaxed);
            self.deliveries.fetch_add(report.accepted.deliveries, Ordering::Relaxed);
        }
    }
}

async fn prune(scraper: Arc<Scraper>) {
    accounts::audited(scraper.db.as_ref()).await;
    match scraper.db.prune(scraper.clock.now()).await {
        Ok(rows) => tracing::info!(rows, "housekeeping removed what has outlived its time"),
        Err(error) => tracing::warn!(%error, "housekeeping failed; the next one tries again"),
    }
    let life = &scraper.life;
    let Some(folder) = &life.folder else { return };
    match sweep(scraper.db.as_ref(), folder, life.caps, scraper.clock.now()).await {
        Ok(0) => {}
        Ok(pages) => tracing::info!(pages, "kept pages of old failures were removed"),
        Err(error) => {
            tracing::warn!(%error, "old failures stay; the next housekeeping tries again")
        }
    }
}

fn log_lost(ended: Result<(), tokio::task::JoinError>) {
    if let Err(error) = ended
        && error.is_panic()
    {
        tracing::error!(%error, "a task of the scheduler panicked; a claim that it held is released when this process ends");
    }
}
