//! The life of site modules around a run: may it begin, is what it read believed, what follows.
//!
//! ```text
//! claimed source ─► admit: quarantined? ──► given back until the probe, no failure of its own
//!        │ go, or go as the probe
//!        ▼
//! page, verdict ─► weigh: counts against the source's past, listings against known ones ─► taken or held
//!        │
//!        ▼  (run recorded)
//! settle: profile, state of the module, signs, alarms, notices: one transaction, compare and set
//!        └► failures: the page of a bad run, once per group
//! ```
//!
//! The decisions are in [`crate::domain::health`]. If the process dies between the record of a run and
//! `settle`, the health misses one run, and the next one says the same.

mod alarms;
mod evidence;
mod failures;
mod notices;
mod rollup;
mod settle;
mod weigh;

use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};

pub(super) use evidence::Evidence;
pub(crate) use failures::extension;
pub use failures::{Folder, KeepError, sweep};
pub(super) use rollup::Rollup;
pub(super) use settle::settle;
pub(super) use weigh::{Weighed, weigh};

use super::run::Scraper;
use crate::config::Config;
use crate::domain::ChatId;
use crate::domain::health::quarantine::Admission;
use crate::domain::health::{FailureCaps, Offline};
use crate::domain::source::Source;
use crate::store::{DbError, HealthWrite, LifeView};

/// How often a lost race for the probe is looked at again.
const TRIES: usize = 3;

/// What a process needs for the life of its modules.
pub struct Life {
    /// Where pages of failures are kept; without it none are.
    pub folder: Option<Folder>,
    /// How much of each site.
    pub caps: FailureCaps,
    /// Chats that are told of faults; without any, the log is.
    pub operators: Vec<ChatId>,
    /// Alerts that the first good run after a repair may cause per watch.
    pub max_alerts_after_repair: usize,
    offline: Mutex<Watched>,
    rollup: Mutex<Rollup>,
}

/// Whether the network is there, as this process sees it.
#[derive(Default)]
struct Watched {
    offline: Offline,
    /// Whether an alarm of ours, or of a process before us, may stand.
    told: Option<bool>,
}

impl Life {
    /// A life that keeps no pages and tells the log alone.
    pub fn quiet() -> Self {
        Self {
            folder: None,
            caps: FailureCaps {
                groups: 20,
                bytes: 50 << 20,
                age: Duration::from_secs(30 * 86_400),
            },
            operators: vec![],
            max_alerts_after_repair: 5,
            offline: Mutex::default(),
            rollup: Mutex::default(),
        }
    }

    /// The life that the configuration asks for.
    pub fn new(config: &Config) -> Self {
        let scrape = &config.scrape;
        Self {
            folder: Some(Folder(failures_folder(config))),
            caps: FailureCaps {
                groups: scrape.failure_groups,
                bytes: i64::try_from(scrape.failure_bytes).unwrap_or(i64::MAX),
                age: scrape.failure_age,
            },
            operators: config.bot.admin_ids.iter().copied().map(ChatId).collect(),
            max_alerts_after_repair: scrape.max_alerts_after_repair,
            ..Self::quiet()
        }
    }

    fn watched(&self) -> MutexGuard<'_, Watched> {
        self.offline.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes the lines that stand for several bad runs, if their time has come.
    pub(super) fn tell_summed(&self, now: DateTime<Utc>) {
        for line in self.rollup().due(now) {
            let (site, runs, error) = (line.site, line.runs, line.error);
            tracing::warn!(site, runs, error, "runs ended as before");
        }
    }

    /// The lines about bad runs that were written lately.
    pub(super) fn rollup(&self) -> MutexGuard<'_, Rollup> {
        self.rollup.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Where the pages of failures of an installation are.
pub fn failures_folder(config: &Config) -> PathBuf {
    config.paths.data.join("failures")
}

/// What a run knew when it began.
#[derive(Default)]
pub(super) struct Look {
    view: LifeView,
    probe: bool,
    module: String,
}

/// Whether a run may begin.
pub(super) enum Admitted {
    /// It may.
    Go(Box<Look>),
    /// Its module is in quarantine: not before this moment.
    Wait(DateTime<Utc>),
}

/// After modules were replaced: where the module of a site in quarantine is another one now, its searches are due at
/// once, and the first of them tries it.
pub async fn wake_repaired(scraper: &Scraper) -> Result<(), DbError> {
    for health in scraper.db.site_healths().await? {
        let module = scraper.modules.get(&health.site);
        let is_other = module.is_some_and(|module| module.mark != health.detail.module);
        if health.state.step() > 0 && is_other {
            let woken = scraper.db.wake_sources(&health.site, scraper.clock.now()).await?;
            tracing::info!(site = health.site, woken, "the repaired module is tried");
        }
    }
    Ok(())
}

/// Asks whether a claimed source may run; takes the place of the probe if it is due.
pub(super) async fn admit(scraper: &Scraper, source: &Source) -> Result<Admitted, DbError> {
    let site = &source.spec.site;
    let module = scraper.modules.get(site).map(|site| site.mark.clone()).unwrap_or_default();
    let now = scraper.clock.now();
    for _ in 0..TRIES {
        let mut view = scraper.db.life_of(&source.id, site).await?;
        let admission = view.site.as_ref().map_or(Admission::Run, |site| site.admit(&module, now));
        match admission {
            Admission::Run => return Ok(go(view, false, module)),
            Admission::Wait(until) => return Ok(Admitted::Wait(until)),
            Admission::Probe(claimed) => {
                let write =
                    HealthWrite { site: Some((*claimed).clone()), ..HealthWrite::default() };
                if scraper.db.record_health(&write, now).await? {
                    tracing::info!(site = %site, source = %source.id, "the module in quarantine is tried");
                    let revision = claimed.revision + 1;
                    view.site = Some(crate::domain::health::SiteHealth { revision, ..*claimed });
                    return Ok(go(view, true, module));
                }
            }
        }
    }
    Ok(Admitted::Wait(now + chrono::TimeDelta::minutes(1)))
}

fn go(view: LifeView, probe: bool, module: String) -> Admitted {
    Admitted::Go(Box::new(Look { view, probe, module }))
}
