//! What is known of the roads to a source, and what follows from it. Pure: the time is an argument.
//!
//! ```text
//!             ┌──────── nothing learned three times, or a difference ────────┐
//!             ▼                                                              │
//!  Resting ─► Learning (agreed 0‥2) ─ third agreement in a row ─► Promoted (endpoint or in_page)
//!   until     ▲                                                      │ every 20th run, or after a day:
//!             └── the rest is over                                   │ a browser run; the same: go on
//! ```

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use sites::Render;

use super::ask::Endpoint;
use crate::scrape::fetcher::Rung;
use crate::scrape::ladder;

/// Agreements in a row that make a road.
const AGREEMENTS: u8 = 3;
/// Runs with nothing to learn from before learning rests.
const NOTHING: u8 = 3;
/// A browser run checks a road after so many of its runs …
const CHECK_AFTER_RUNS: u32 = 20;
/// … or after this time.
const CHECK_AFTER: TimeDelta = TimeDelta::hours(24);
/// The first rest after a failure; each further one is twice as long.
const REST: Duration = Duration::from_secs(3_600);
/// The longest rest.
const LONGEST_REST: Duration = Duration::from_secs(7 * 86_400);

/// What is known of the roads to a source; kept with it as JSON.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Road {
    /// How far learning is.
    pub stage: Stage,
    /// The request that stands for the page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub endpoint: Option<Endpoint>,
    /// Failures in a row: differences, refusals, nothing found.
    pub failures: u32,
    /// Why it is as it is, in words for operators.
    pub reason: String,
    /// The last body that was understood.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seen: Option<Seen>,
}

/// How far learning is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// The browser is watched.
    Learning {
        /// Agreements in a row.
        agreed: u8,
        /// Whether the request is made from inside a page, because plain HTTP is refused.
        inside: bool,
        /// Runs in a row from which nothing could be learned.
        nothing: u8,
    },
    /// The learned road is used.
    Promoted {
        /// [`Rung::Endpoint`] or [`Rung::InPage`].
        rung: Rung,
        /// Since when.
        since: DateTime<Utc>,
        /// When the browser last showed the same.
        checked_at: DateTime<Utc>,
        /// Runs since then.
        runs: u32,
    },
    /// Nothing is tried before this moment.
    Resting {
        /// The end of the rest.
        until: DateTime<Utc>,
    },
}

impl Default for Stage {
    fn default() -> Self {
        Self::Learning { agreed: 0, inside: false, nothing: 0 }
    }
}

/// A body that was understood.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen {
    /// By which road it came.
    pub rung: Rung,
    /// Its hash.
    pub hash: String,
}

/// What decides about a run beside the road.
#[derive(Debug, Clone, Copy)]
pub struct Circumstances {
    /// What the site's module says.
    pub render: Render,
    /// Whether the site's module lets roads be learned.
    pub learn: bool,
    /// Whether this process can render pages.
    pub browser: bool,
    /// What worked last.
    pub last: Option<Rung>,
    /// The number of the run.
    pub run: i64,
    /// The time.
    pub now: DateTime<Utc>,
}

/// What a run tries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// The rungs, in order; each is tried only if those before it do not do.
    pub rungs: Vec<Rung>,
    /// Whether what the browser sees is learned from, or compared.
    pub learn: bool,
    /// Why, in words for operators.
    pub why: String,
}

impl Road {
    /// The road of a source; one that cannot be read is begun anew.
    pub fn of(text: Option<&str>) -> Self {
        text.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default()
    }

    /// As it is kept.
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).unwrap_or_else(|_| "{}".to_owned())
    }

    /// What the next run tries.
    pub fn plan(&self, at: Circumstances) -> Plan {
        let usual = ladder::rungs(at.render, at.last, at.browser, at.run);
        let simple = |learn: bool, why: String| Plan { rungs: usual.clone(), learn, why };
        if at.render == Render::Http {
            return simple(false, "the site's pages hold their listings".to_owned());
        }
        if !at.learn {
            return simple(false, "the site's module lets no road be learned".to_owned());
        }
        match &self.stage {
            Stage::Promoted { rung, checked_at, runs, .. }
                if self.endpoint.is_some() && (at.browser || *rung == Rung::Endpoint) =>
            {
                let due = *runs >= CHECK_AFTER_RUNS || at.now - *checked_at >= CHECK_AFTER;
                if !at.browser {
                    let why = "learned; this process has no browser to check it".to_owned();
                    return Plan { rungs: vec![*rung], learn: false, why };
                }
                if due {
                    let why = format!("the road by {} is checked by browser", rung.as_str());
                    // Without a browser at the moment the road is as good as before.
                    return Plan { rungs: vec![Rung::Browser, *rung], learn: true, why };
                }
                let why = format!("learned: {}", self.reason);
                Plan { rungs: vec![*rung, Rung::Browser], learn: true, why }
            }
            Stage::Resting { until } if at.now < *until => {
                let until = until.format("%Y-%m-%d %H:%M");
                simple(false, format!("no road is learned before {until}: {}", self.reason))
            }
            Stage::Learning { agreed, .. } if self.endpoint.is_some() => {
                simple(at.browser, format!("a learned road agreed {agreed} times of {AGREEMENTS}"))
            }
            _ => simple(at.browser, "nothing cheaper has proved itself".to_owned()),
        }
    }

    /// The learned rung to which a shadow request belongs.
    pub fn shadow(&self) -> Rung {
        match self.stage {
            Stage::Learning { inside: true, .. } => Rung::InPage,
            Stage::Promoted { rung, .. } => rung,
            _ => Rung::Endpoint,
        }
    }

    /// Whether the learned road is in use.
    pub fn is_promoted(&self) -> bool {
        matches!(self.stage, Stage::Promoted { .. })
    }

    /// A request was found that stands for the page.
    pub fn learned(&mut self, endpoint: Endpoint) {
        self.reason = format!("{} holds the listings", endpoint.ask.url.path());
        self.endpoint = Some(endpoint);
        self.stage = Stage::default();
    }

    /// The request is now made with other values; what agreed before did so with the old ones.
    pub fn renewed(&mut self, endpoint: Endpoint) {
        self.endpoint = Some(endpoint);
        if let Stage::Learning { agreed, .. } = &mut self.stage {
            *agreed = 0;
        }
    }

    /// A browser run held nothing to learn from.
    pub fn nothing(&mut self, now: DateTime<Utc>) {
        let Stage::Learning { nothing, .. } = &mut self.stage else {
            self.stage = Stage::Learning { agreed: 0, inside: false, nothing: 1 };
            return;
        };
        *nothing += 1;
        "no answer that the page fetched holds its listings".clone_into(&mut self.reason);
        if *nothing >= NOTHING {
            self.rest(now);
        }
    }

    /// The road showed the same as the browser.
    pub fn agreed(&mut self, now: DateTime<Utc>) {
        let rung = self.shadow();
        match &mut self.stage {
            Stage::Learning { agreed, .. } => {
                *agreed += 1;
                if *agreed >= AGREEMENTS {
                    self.reason = format!("the same as the browser {AGREEMENTS} runs in a row");
                    self.stage = Stage::Promoted { rung, since: now, checked_at: now, runs: 0 };
                }
            }
            Stage::Promoted { checked_at, runs, .. } => {
                *checked_at = now;
                *runs = 0;
                self.failures = 0;
            }
            Stage::Resting { .. } => {}
        }
    }

    /// Page and endpoint both say that there is nothing: as good as the same listings to a road in use, no
    /// proof for one that is still learned.
    pub fn agreed_on_nothing(&mut self, now: DateTime<Utc>) {
        if self.is_promoted() {
            self.agreed(now);
        }
    }

    /// Plain HTTP was refused. From inside a page it may work; a refusal there too ends it.
    pub fn refused(&mut self, reason: String, now: DateTime<Utc>) {
        if matches!(self.stage, Stage::Learning { inside: false, .. }) {
            self.reason = reason;
            self.stage = Stage::Learning { agreed: 0, inside: true, nothing: 0 };
        } else {
            self.demote(reason, now);
        }
    }

    /// The learned road was used and did.
    pub fn used(&mut self) {
        if let Stage::Promoted { runs, .. } = &mut self.stage {
            *runs = runs.saturating_add(1);
        }
    }

    /// The road showed something else than the browser, or nothing.
    pub fn demote(&mut self, reason: String, now: DateTime<Utc>) {
        self.reason = reason;
        self.rest(now);
    }

    /// Whether this body was the last one understood on this road.
    pub fn has_seen(&self, rung: Rung, hash: &str) -> bool {
        self.seen.as_ref().is_some_and(|seen| seen.rung == rung && seen.hash == hash)
    }

    fn rest(&mut self, now: DateTime<Utc>) {
        self.failures = self.failures.saturating_add(1);
        self.endpoint = None;
        self.stage = Stage::Resting { until: now + rest(self.failures) };
    }

    /// How it stands, in words for operators.
    pub fn words(&self) -> String {
        match &self.stage {
            Stage::Promoted { rung, since, .. } => {
                format!("{} since {}: {}", rung.as_str(), since.format("%F %H:%M"), self.reason)
            }
            Stage::Resting { until } => {
                format!("rests until {}: {}", until.format("%F %H:%M"), self.reason)
            }
            Stage::Learning { agreed, .. } if self.endpoint.is_some() => {
                format!("learning, agreed {agreed} of {AGREEMENTS}: {}", self.reason)
            }
            Stage::Learning { .. } => self.reason.clone(),
        }
    }
}

fn rest(failures: u32) -> TimeDelta {
    let factor = 1u32 << failures.saturating_sub(1).min(10);
    TimeDelta::from_std((REST * factor).min(LONGEST_REST)).unwrap_or_default()
}

#[cfg(test)]
#[path = "state_tests.rs"]
mod tests;
