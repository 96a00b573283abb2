//! One page by the rungs of the ladder: turn at the host, worker, fetch, parse.

use std::sync::Arc;

use sites::{Page, PageKind, Parsed, Site};
use url::Url;

use super::fetcher::{FetchError, FetchFailure, FetchJob, Fetched, Rung};
use super::host::{How, Manners};
use super::judge::Outcome;
use super::ladder::{climbs, rungs};
use super::parse::parse;
use super::run::Scraper;
use super::session::Known;
use crate::domain::source::{Source, Verdict};
use crate::shutdown::Stage;

/// What one road brought.
pub(super) struct Attempt {
    pub(super) rung: Rung,
    pub(super) result: Result<Brought, FetchError>,
}

/// An answer, and what the parser made of its page (`None`: nothing has changed).
pub(super) struct Brought {
    pub(super) bytes: usize,
    pub(super) etag: Option<String>,
    pub(super) last_modified: Option<String>,
    /// The page itself, for those who look at it again: learning, failures.
    pub(super) page: Option<Arc<Page>>,
    pub(super) parsed: Option<Result<Parsed, String>>,
}

impl Attempt {
    /// The attempt that came to nothing before any road was tried, or after it.
    pub(super) fn failed(source: &Source, error: FetchError) -> Self {
        Self { rung: last_rung(source).unwrap_or(Rung::Http), result: Err(error) }
    }

    pub(super) fn outcome(&self) -> Outcome<'_> {
        match &self.result {
            Err(error) => Outcome::NotFetched(error),
            Ok(Brought { parsed: None, .. }) => Outcome::Unchanged,
            Ok(Brought { parsed: Some(Ok(parsed)), .. }) => Outcome::Parsed(parsed),
            Ok(Brought { parsed: Some(Err(reason)), .. }) => Outcome::NotParsed(reason),
        }
    }

    fn is_login_wall(&self) -> bool {
        match &self.result {
            Ok(Brought { parsed: Some(Ok(parsed)), .. }) => parsed.kind == PageKind::LoginWall,
            _ => false,
        }
    }

    fn is_block_page(&self) -> bool {
        let blocked =
            |parsed: &Parsed| matches!(parsed.kind, PageKind::Blocked | PageKind::LoginWall);
        match &self.result {
            Ok(Brought { parsed: Some(Ok(parsed)), .. }) => blocked(parsed),
            _ => false,
        }
    }

    /// Whether a dearer road might show more.
    fn wants_more(&self) -> bool {
        match &self.result {
            Ok(Brought { parsed: Some(Ok(parsed)), .. }) => climbs(parsed),
            _ => false,
        }
    }
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
    let first = climb(scraper, source, site.clone(), url.clone(), &known).await?;
    if !first.is_login_wall() || known.session.is_none() {
        access.used(&site, &known, first.rung).await;
        return Some(first);
    }
    known = match access.again(&site, &known).await {
        Ok(known) => known,
        Err(error) => return Some(Attempt::failed(source, error)),
    };
    climb(scraper, source, site, url, &known).await
}

/// Tries the rungs in order; `None` when the shutdown began while we still waited for a turn.
async fn climb(
    scraper: &Scraper,
    source: &Source,
    site: Arc<Site>,
    url: Url,
    known: &Known,
) -> Option<Attempt> {
    let last = last_rung(source);
    let plan = rungs(site.fetch.render, last, scraper.ladder.has_browser(), source.epoch);
    let mut best: Option<Attempt> = None;
    for rung in plan {
        let attempt =
            attempt(scraper, &job(scraper, source, &site, &url, known, rung), rung).await?;
        // A browser that is missing or fails must not hide what HTTP has told.
        if best.is_some() && attempt.result.is_err() {
            return best;
        }
        let more = attempt.wants_more();
        best = Some(attempt);
        if !more {
            break;
        }
    }
    best
}

fn last_rung(source: &Source) -> Option<Rung> {
    source.rung.as_deref().and_then(Rung::from_word)
}

/// Validators are sent only when the last answer was understood: after a bad run "nothing has changed" would
/// pass for good.
fn job(
    scraper: &Scraper,
    source: &Source,
    site: &Arc<Site>,
    url: &Url,
    known: &Known,
    rung: Rung,
) -> FetchJob {
    let trusted = rung == Rung::Http
        && source.baseline_done
        && last_rung(source) == Some(Rung::Http)
        && source.verdict.is_some_and(Verdict::is_good);
    FetchJob {
        site: site.clone(),
        url: url.clone(),
        etag: source.etag.clone().filter(|_| trusted),
        last_modified: source.last_modified.clone().filter(|_| trusted),
        deadline: scraper.page_deadline,
        session: known.session.clone(),
        identity: known.identity.clone(),
    }
}

/// One page by one road. `None` when the shutdown began while we still waited for a turn.
pub(super) async fn attempt(scraper: &Scraper, job: &FetchJob, rung: Rung) -> Option<Attempt> {
    let manners = Manners::of(&job.site);
    let turn = tokio::select! {
        biased;
        () = scraper.shutdown.reached(Stage::Quiet) => return None,
        turn = scraper.hosts.turn_with(&job.url, manners) => turn,
    };
    let mut turn = match turn {
        Ok(turn) => turn,
        Err(error) => return Some(Attempt { rung, result: Err(error) }),
    };
    let Ok(_worker) = scraper.workers.acquire().await else { return None };
    let fetched = scraper.ladder.fetch(rung, job).await;
    let how = How::of(&fetched);
    turn.timed(rung, &fetched, job.deadline);
    let result = match fetched {
        Ok(fetched) => Ok(brought(&job.site, fetched).await),
        Err(error) => Err(error),
    };
    let attempt = Attempt { rung, result };
    // A block page is a refusal in other clothes: pauses grow with each one in a row. A wall in front of a session
    // that has ended is none.
    let ended = job.session.is_some() && attempt.is_login_wall();
    turn.end(if attempt.is_block_page() && !ended { How::Refused(None) } else { how });
    Some(attempt)
}

async fn brought(site: &Arc<Site>, fetched: Fetched) -> Brought {
    let page = fetched.page.map(Arc::new);
    let parsed = match &page {
        Some(page) => Some(parse(site.clone(), page.clone()).await),
        None => None,
    };
    let Fetched { bytes, etag, last_modified, .. } = fetched;
    Brought { bytes, etag, last_modified, page, parsed }
}

/// A source that cannot be asked for at all.
pub(super) fn status_error(text: String) -> FetchError {
    FetchError { class: FetchFailure::Status, text, status: None, retry_after: None }
}
