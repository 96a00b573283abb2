//! One page by the rungs of the ladder, and what the run teaches about them.
//!
//! ```text
//! plan ─► http ─ more behind it? ─────────────► browser ─► teach: find, repeat once, compare
//!     └─► endpoint or in_page ─ good ─► done
//!                             ├ refused ─► an answer: done, demoted
//!                             └ doubtful ─► browser ─ the same? ─► the road stays
//!                                                   └ more? ─────► demoted, with the reason
//! ```

use std::sync::Arc;

use sites::endpoint::{Agreement, agree};
use sites::{PageKind, Parsed, Site};
use url::Url;

use super::attempt::{Attempt, Reading, attempt, last_rung};
use super::fetcher::{FetchFailure, FetchJob, Rung, Want};
use super::road::teach::{Shown, compare, prove_empty, take_in};
use super::road::{Circumstances, Endpoint, Road, Seen};
use super::run::Scraper;
use super::session::Known;
use crate::domain::source::{Source, Verdict};

/// Below this share (percent) of the last count an endpoint's list is not trusted.
const COLLAPSE_PERCENT: i64 = 25;
/// There must have been at least this many listings before for a collapse to mean anything.
const COLLAPSE_FROM: i64 = 8;

/// Why a list that a cheap road has brought is too short to be believed: a dearer one has to see it.
fn collapse(count: i64, last: Option<i64>) -> Option<String> {
    let last = last.filter(|last| *last >= COLLAPSE_FROM)?;
    (count * 100 < last * COLLAPSE_PERCENT)
        .then(|| format!("only {count} listings where there were {last}"))
}

/// A run on its way.
struct Climb<'c> {
    scraper: &'c Scraper,
    source: &'c Source,
    site: Arc<Site>,
    url: Url,
    known: Known,
    road: Road,
    learn: bool,
    why: String,
}

/// What a learned road brought, beside the good.
struct Doubt {
    reason: String,
    parsed: Option<Parsed>,
}

/// What follows from what a learned road brought.
enum Learned {
    Good,
    /// It was not asked, or told to go away: the end of the run.
    Over,
    Doubtful(Box<Doubt>),
}

/// Climbs as somebody whom the site knows, where it wants that. A login wall in spite of the session means a new
/// login and one more try in the same run.
pub(super) async fn climb_known(
    scraper: &Scraper,
    source: &Source,
    site: Arc<Site>,
    url: Url,
) -> Option<Attempt> {
    let access = &scraper.access;
    let mut known = match access.of(&site).await {
        Ok(known) => known,
        Err(error) => return Some(Attempt::failed(source, error)),
    };
    let first = climb(scraper, source, site.clone(), url.clone(), known.clone()).await?;
    if !first.is_login_wall() || known.session.is_none() {
        access.used(&site, &known, first.rung).await;
        return Some(first);
    }
    known = match access.again(&site, &known).await {
        Ok(known) => known,
        Err(error) => return Some(Attempt::failed(source, error)),
    };
    climb(scraper, source, site, url, known).await
}

/// Tries the rungs in order; `None` when the shutdown began while we still waited for a turn.
async fn climb(
    scraper: &Scraper,
    source: &Source,
    site: Arc<Site>,
    url: Url,
    known: Known,
) -> Option<Attempt> {
    let road = Road::of(source.road.as_deref());
    let plan = road.plan(Circumstances {
        render: site.fetch.render,
        learn: site.fetch.learn,
        browser: scraper.ladder.has_browser(),
        last: last_rung(source),
        run: source.epoch,
        now: scraper.clock.now(),
    });
    let (learn, why) = (plan.learn, plan.why);
    let mut climb = Climb { scraper, source, site, url, known, road, learn, why };
    let mut attempt = climb.rungs(plan.rungs).await?;
    climb.remember(&attempt);
    attempt.why = climb.why;
    attempt.road = Some(climb.road.to_json()).filter(|road| source.road.as_ref() != Some(road));
    Some(attempt)
}

/// Whether a page failed because we have no browser now: a learned road may still do.
fn is_ours(attempt: &Attempt) -> bool {
    let ours = [FetchFailure::BrowserUnavailable, FetchFailure::BrowserGone];
    attempt.result.as_ref().is_err_and(|error| ours.contains(&error.class))
}

impl Climb<'_> {
    async fn rungs(&mut self, rungs: Vec<Rung>) -> Option<Attempt> {
        let mut best: Option<Attempt> = None;
        let mut doubt: Option<Box<Doubt>> = None;
        for rung in rungs {
            let attempt = self.attempt(rung, false).await?;
            match rung {
                Rung::Endpoint | Rung::InPage => match self.weigh(&attempt) {
                    Learned::Good => {
                        self.road.used();
                        return Some(attempt);
                    }
                    Learned::Over => return Some(attempt),
                    Learned::Doubtful(open) => {
                        self.why = format!("{} was not enough: {}", rung.as_str(), open.reason);
                        doubt = Some(open);
                    }
                },
                Rung::Http => {
                    if !attempt.wants_more() {
                        return Some(attempt);
                    }
                    "plain HTTP shows no listings".clone_into(&mut self.why);
                }
                Rung::Browser => {
                    // A browser that is missing or fails must not hide what HTTP has told.
                    if attempt.result.is_err() && doubt.is_none() && best.is_some() {
                        return best;
                    }
                    if !is_ours(&attempt) {
                        self.after_browser(&attempt, doubt.take()).await?;
                        return Some(attempt);
                    }
                }
            }
            best = Some(attempt);
        }
        best
    }

    /// What the browser's page says about the learned road.
    async fn after_browser(&mut self, attempt: &Attempt, doubt: Option<Box<Doubt>>) -> Option<()> {
        let Some((page, parsed, recorded)) = attempt.shown() else { return Some(()) };
        let now = self.scraper.clock.now();
        if let Some(doubt) = doubt {
            let same = match (&doubt.parsed, parsed.kind) {
                (Some(read), PageKind::Results) => {
                    !matches!(agree(&parsed.listings, &read.listings), Agreement::Differs(_))
                }
                (_, PageKind::NoResults) => prove_empty(&mut self.road, recorded),
                _ => false,
            };
            if same {
                self.road.used();
            } else {
                self.road.demote(doubt.reason, now);
            }
            return Some(());
        }
        if !self.learn {
            return Some(());
        }
        let shown = Shown { page, parsed, recorded };
        if take_in(&mut self.road, &self.site, shown, now).await {
            let shadow = self.attempt(self.road.shadow(), true).await?;
            let read = match &shadow.result {
                Ok(brought) => Ok(brought.parsed.as_ref().and_then(|parsed| parsed.as_ref().ok())),
                Err(error) => Err(error),
            };
            compare(&mut self.road, &parsed.listings, read, self.scraper.clock.now());
        }
        Some(())
    }

    /// Judges what a learned road brought, before anybody relies on it.
    fn weigh(&mut self, attempt: &Attempt) -> Learned {
        let doubt = |reason: String, parsed: Option<&Parsed>| {
            Learned::Doubtful(Box::new(Doubt { reason, parsed: parsed.cloned() }))
        };
        let parsed = match &attempt.result {
            Err(error) if error.class == FetchFailure::Held => return Learned::Over,
            Err(error) if error.class == FetchFailure::Refused => {
                self.road.refused(error.to_string(), self.scraper.clock.now());
                return Learned::Over;
            }
            Err(error) => return doubt(error.to_string(), None),
            Ok(brought) => match &brought.parsed {
                None => return Learned::Good,
                Some(Err(reason)) => return doubt(reason.clone(), None),
                Some(Ok(parsed)) => parsed,
            },
        };
        match parsed.kind {
            PageKind::Results if !parsed.listings.is_empty() => {
                let count = i64::try_from(parsed.listings.len()).unwrap_or(i64::MAX);
                let lost = self.road.endpoint.as_ref().and_then(|e| e.lesson.lost(parsed));
                if let Some(field) = lost {
                    doubt(format!("few of its listings have {field} any more"), Some(parsed))
                } else if let Some(reason) = collapse(count, self.source.last_count) {
                    doubt(reason, Some(parsed))
                } else {
                    Learned::Good
                }
            }
            PageKind::NoResults => Learned::Good,
            PageKind::Blocked | PageKind::LoginWall => {
                self.road.refused("it answers with a block page".into(), self.scraper.clock.now());
                Learned::Over
            }
            PageKind::Results | PageKind::Unrecognised => {
                doubt("its answer holds no listings where they stood".to_owned(), Some(parsed))
            }
        }
    }

    async fn attempt(&self, rung: Rung, shadow: bool) -> Option<Attempt> {
        let endpoint = self.road.endpoint.clone().map(Arc::new);
        let endpoint = endpoint.filter(|_| matches!(rung, Rung::Endpoint | Rung::InPage));
        let overlaid = endpoint.as_ref().and_then(|e| e.lesson.over(&self.site).ok());
        let site = overlaid.map_or_else(|| self.site.clone(), Arc::new);
        let trusted = self.trusted(rung) && !shadow;
        let known = self.road.seen.as_ref().filter(|seen| trusted && seen.rung == rung);
        let reading = Reading { site, known: known.map(|seen| seen.hash.clone()), shadow };
        let next = endpoint.as_ref().and_then(|endpoint| endpoint.next.clone());
        let job = self.job(rung, endpoint, trusted);
        let mut attempt = attempt(self.scraper, &job, rung, reading).await?;
        // What follows the first page stands on the page, not in the answer.
        if let (Some(next), Ok(brought)) = (next, &mut attempt.result)
            && let Some(Ok(parsed)) = &mut brought.parsed
        {
            parsed.next.get_or_insert(next);
        }
        Some(attempt)
    }

    /// Validators and hashes count only when the last answer was understood and came by the same road: after
    /// a bad run "nothing has changed" would pass for good.
    fn trusted(&self, rung: Rung) -> bool {
        let source = self.source;
        rung != Rung::Browser
            && source.baseline_done
            && last_rung(source) == Some(rung)
            && source.verdict.is_some_and(Verdict::is_good)
    }

    fn job(&self, rung: Rung, endpoint: Option<Arc<Endpoint>>, trusted: bool) -> FetchJob {
        let source = self.source;
        FetchJob {
            site: self.site.clone(),
            url: self.url.clone(),
            etag: source.etag.clone().filter(|_| trusted),
            last_modified: source.last_modified.clone().filter(|_| trusted),
            deadline: self.scraper.page_deadline,
            // It costs time, so only a source that is ill has one taken.
            picture: source.verdict.is_some_and(|verdict| !verdict.is_good()),
            session: self.known.session.clone(),
            identity: self.known.identity.clone(),
            want: match (rung, endpoint) {
                (_, Some(endpoint)) => Want::Replay(endpoint),
                (Rung::Browser, None) if self.learn => Want::Recorded,
                _ => Want::Page,
            },
        }
    }

    /// Keeps the hash of a body that was understood.
    fn remember(&mut self, attempt: &Attempt) {
        let Ok(brought) = &attempt.result else { return };
        let Some(parsed) = &brought.parsed else { return };
        let good = parsed.as_ref().is_ok_and(|parsed| match parsed.kind {
            PageKind::Results => !parsed.listings.is_empty(),
            PageKind::NoResults => true,
            _ => false,
        });
        let seen = brought.hash.clone().map(|hash| Seen { rung: attempt.rung, hash });
        self.road.seen = seen.filter(|_| good);
    }
}
