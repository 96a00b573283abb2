//! A site module over all its sources, from healthy to quarantined and back.
//!
//! ```text
//! healthy ──a fault──► watching ──faults from most sources, or three panics──► quarantined 1 (15 min)
//!    ▲ ◄──a good run──────┘                                                      │ probe bad: 2 (1 h), 3 (6 h)
//!    └──another good run── recovering ◄──────────────── probe good ──────────────┘
//! ```
//!
//! In quarantine one source runs as a probe when its time has come; all others are given back until then, and that
//! is no failure of theirs. One broken search page quarantines nobody: without a single good run in between,
//! faults must come from more than half of the site's sources (of at most six). Refusals are the host's
//! matter, and an unreachable site is nobody's fault: neither counts.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::signs::Signs;
use crate::domain::SourceId;

/// Faults without a good run of the site in between.
const FAULTS: u32 = 3;
/// Panics without a good run in between.
const PANICS: u32 = 3;
/// Faults that end a recovery.
const RELAPSE: u32 = 2;
/// Good runs, the probe included, that end it well.
const GOOD: u32 = 2;
/// Of more sources than this, so many count.
const SOURCES: u32 = 6;
/// Minutes until the next probe, by step.
const WAIT_MINUTES: [i64; 3] = [15, 60, 360];
/// A probe has reported by then.
const PROBE_MINUTES: i64 = 3;
/// Given back for no longer, so that a repair is noticed.
const LONGEST_MINUTES: i64 = 60;

/// Where a module is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// It reads its site.
    Healthy,
    /// It had a fault.
    Watching,
    /// It runs only as a probe.
    Quarantined {
        /// 1 to 3.
        step: u8,
    },
    /// A probe was good.
    Recovering,
}

impl State {
    /// The stored word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Healthy => "healthy",
            Self::Watching => "watching",
            Self::Quarantined { .. } => "quarantined",
            Self::Recovering => "recovering",
        }
    }

    /// The step of a quarantine; 0 outside.
    pub fn step(self) -> u8 {
        if let Self::Quarantined { step } = self { step } else { 0 }
    }

    /// The state of a stored word and step.
    pub fn from_word(word: &str, step: i64) -> Option<Self> {
        Some(match word {
            "healthy" => Self::Healthy,
            "watching" => Self::Watching,
            "quarantined" => {
                Self::Quarantined { step: u8::try_from(step.clamp(1, 3)).unwrap_or(1) }
            }
            "recovering" => Self::Recovering,
            _ => return None,
        })
    }
}

/// What a run says about its module.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It read a page.
    Good,
    /// It understood nothing.
    Fault,
    /// It panicked or hung.
    Panic,
    /// Nothing: refused, unreachable, held, cut.
    Neutral,
}

/// A run that ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact {
    /// Of which source.
    pub source: SourceId,
    /// How.
    pub outcome: Outcome,
    /// Whether it was the probe.
    pub probe: bool,
    /// Sources of the site that are not paused.
    pub sources: u32,
    /// When.
    pub at: DateTime<Utc>,
}

/// What is remembered beside the state, as JSON.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Detail {
    /// Sources whose last telling run was a fault, with their faults in a row.
    pub bad: BTreeMap<SourceId, u32>,
    /// Faults since the last good run of any source.
    pub faults: u32,
    /// Panics since the last good run of any source.
    pub panics: u32,
    /// Good runs since the recovery began.
    pub good: u32,
    /// The step that a relapse returns to.
    pub step: u8,
    /// When the quarantine began; kept until it is over, relapses included. Names what is told of it.
    pub episode: Option<DateTime<Utc>>,
    /// The probe under way reports before this moment.
    pub probing_until: Option<DateTime<Utc>>,
    /// Mark of the module that the last probe used.
    pub module: String,
    /// What the sources show.
    pub signs: Signs,
}

/// The health of a site as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SiteHealth {
    /// Id of the site module.
    pub site: String,
    /// Where it is.
    pub state: State,
    /// Since when.
    pub since: DateTime<Utc>,
    /// In quarantine: when the next probe may run.
    pub probe_at: Option<DateTime<Utc>>,
    /// When subscribers were told of this episode.
    pub told_at: Option<DateTime<Utc>>,
    /// Rises with each write; a write that read an older one is refused.
    pub revision: i64,
    /// The rest.
    pub detail: Detail,
}

/// Whether a source may run now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Admission {
    /// Yes.
    Run,
    /// As the probe, if this can be stored.
    Probe(Box<SiteHealth>),
    /// Not before this moment.
    Wait(DateTime<Utc>),
}

impl SiteHealth {
    /// A site of which nothing is known.
    pub fn new(site: impl Into<String>, now: DateTime<Utc>) -> Self {
        Self {
            site: site.into(),
            state: State::Healthy,
            since: now,
            probe_at: None,
            told_at: None,
            revision: 0,
            detail: Detail::default(),
        }
    }

    /// Whether a source of the site may run with a module of this mark. A module that has changed is tried at once.
    pub fn admit(&self, module: &str, now: DateTime<Utc>) -> Admission {
        let State::Quarantined { step } = self.state else { return Admission::Run };
        let is_other = self.detail.module != module;
        if let Some(until) = self.detail.probing_until.filter(|until| *until > now && !is_other) {
            return Admission::Wait(until);
        }
        let probe_at = self.probe_at.unwrap_or(now);
        if now < probe_at && !is_other {
            return Admission::Wait(probe_at.min(now + TimeDelta::minutes(LONGEST_MINUTES)));
        }
        let mut next = self.clone();
        let step = if is_other { 1 } else { step };
        next.state = State::Quarantined { step };
        next.probe_at = Some(now + wait(step));
        next.detail.probing_until = Some(now + TimeDelta::minutes(PROBE_MINUTES));
        module.clone_into(&mut next.detail.module);
        Admission::Probe(Box::new(next))
    }

    /// The health after a run.
    #[must_use]
    pub fn after(&self, fact: &Fact) -> Self {
        let mut next = self.clone();
        match self.state {
            State::Healthy | State::Watching => next.count(fact, FAULTS, 1),
            State::Recovering => {
                next.count(fact, RELAPSE, self.detail.step.max(1));
                if fact.outcome == Outcome::Good {
                    next.detail.good += 1;
                    if next.detail.good >= GOOD {
                        next.enter(State::Healthy, fact.at);
                    }
                }
            }
            State::Quarantined { step } if fact.probe => next.probed(fact, step),
            State::Quarantined { .. } => {}
        }
        next
    }

    /// The health after an operator has put the module aside; `module` is the mark of the one in force, so that the
    /// next probe is six hours off.
    #[must_use]
    pub fn set_aside(&self, module: &str, now: DateTime<Utc>) -> Self {
        let mut next = self.clone();
        next.quarantine(3, now);
        module.clone_into(&mut next.detail.module);
        next.detail.probing_until = None;
        next
    }

    /// The health after an operator has released the module: as if nothing had been wrong.
    #[must_use]
    pub fn released(&self, now: DateTime<Utc>) -> Self {
        let mut next = self.clone();
        next.enter(State::Healthy, now);
        next.probe_at = None;
        next.detail.probing_until = None;
        next.detail.bad.clear();
        (next.detail.faults, next.detail.panics) = (0, 0);
        next
    }

    /// Counts a run outside quarantine; `faults` of them lead into it, at `step`.
    fn count(&mut self, fact: &Fact, faults: u32, step: u8) {
        match fact.outcome {
            Outcome::Neutral => {}
            Outcome::Good => {
                self.detail.bad.remove(&fact.source);
                (self.detail.faults, self.detail.panics) = (0, 0);
                if self.state == State::Watching {
                    self.enter(State::Healthy, fact.at);
                }
            }
            Outcome::Fault | Outcome::Panic => {
                *self.detail.bad.entry(fact.source.clone()).or_default() += 1;
                self.detail.faults += 1;
                self.detail.panics += u32::from(fact.outcome == Outcome::Panic);
                if self.trips(fact.sources, faults) {
                    self.quarantine(step, fact.at);
                } else if self.state == State::Healthy {
                    self.enter(State::Watching, fact.at);
                }
            }
        }
    }

    fn trips(&self, sources: u32, faults: u32) -> bool {
        let bad = u32::try_from(self.detail.bad.len()).unwrap_or(u32::MAX);
        let most = bad.saturating_mul(2) > sources.clamp(1, SOURCES);
        self.detail.panics >= PANICS || (self.detail.faults >= faults && most)
    }

    fn quarantine(&mut self, step: u8, now: DateTime<Utc>) {
        self.enter(State::Quarantined { step }, now);
        self.probe_at = Some(now + wait(step));
        self.detail.episode.get_or_insert(now);
        self.detail.step = step;
    }

    fn probed(&mut self, fact: &Fact, step: u8) {
        self.detail.probing_until = None;
        match fact.outcome {
            Outcome::Good => {
                self.enter(State::Recovering, fact.at);
                self.probe_at = None;
                self.detail.step = step;
                self.detail.good = 1;
                self.detail.bad.clear();
                (self.detail.faults, self.detail.panics) = (0, 0);
            }
            Outcome::Fault | Outcome::Panic => {
                let step = (step + 1).min(3);
                self.state = State::Quarantined { step };
                self.detail.step = step;
                self.probe_at = Some(fact.at + wait(step));
            }
            Outcome::Neutral => self.probe_at = Some(fact.at + wait(step)),
        }
    }

    fn enter(&mut self, state: State, now: DateTime<Utc>) {
        if self.state.word() != state.word() {
            self.since = now;
        }
        if state == State::Healthy {
            self.detail.episode = None;
            self.detail.good = 0;
            self.detail.step = 0;
            self.told_at = None;
        }
        self.state = state;
    }
}

/// The time to the next probe.
fn wait(step: u8) -> TimeDelta {
    TimeDelta::minutes(WAIT_MINUTES[usize::from(step.clamp(1, 3)) - 1])
}
