//! One try of one road: turn at the host, worker, fetch, parse.

use std::sync::Arc;
use std::time::Duration;

use sha2::{Digest as _, Sha256};
use sites::{Page, PageKind, Parsed, Site};

use super::fetcher::{FetchError, FetchFailure, FetchJob, Fetched, Rung};
use super::host::{How, Manners};
use super::judge::Outcome;
use super::ladder::climbs;
use super::parse::parse;
use super::road::Recorded;
use super::run::Scraper;
use crate::domain::source::Source;
use crate::shutdown::Stage;

/// What one road brought.
pub(super) struct Attempt {
    pub(super) rung: Rung,
    pub(super) result: Result<Brought, FetchError>,
    /// Why this road was taken, in words for operators.
    pub(super) why: String,
    /// What is now known of the roads to the source, if that has changed.
    pub(super) road: Option<String>,
}

/// An answer, and what the parser made of its page (`None`: nothing has changed).
pub(super) struct Brought {
    pub(super) bytes: usize,
    pub(super) etag: Option<String>,
    pub(super) last_modified: Option<String>,
    /// The page itself, for those who look at it again: learning, failures.
    pub(super) page: Option<Arc<Page>>,
    /// What it looked like, if that was asked for.
    pub(super) picture: Option<Vec<u8>>,
    pub(super) parsed: Option<Result<Parsed, String>>,
    /// Names the body, where the same one may come again.
    pub(super) hash: Option<String>,
    /// The JSON that the page fetched for itself, if that was wanted.
    pub(super) recorded: Vec<Recorded>,
}

impl Attempt {
    /// The attempt that came to nothing before any road was tried, or after it.
    pub(super) fn failed(source: &Source, error: FetchError) -> Self {
        Self::of(last_rung(source).unwrap_or(Rung::Http), Err(error))
    }

    fn of(rung: Rung, result: Result<Brought, FetchError>) -> Self {
        Self { rung, result, why: String::new(), road: None }
    }

    /// A page that was understood, what was read from it, and what it fetched for itself.
    pub(super) fn shown(&self) -> Option<(&Arc<Page>, &Parsed, &[Recorded])> {
        let brought = self.result.as_ref().ok()?;
        let parsed = brought.parsed.as_ref()?.as_ref().ok()?;
        let good = match parsed.kind {
            PageKind::Results => !parsed.listings.is_empty(),
            PageKind::NoResults => true,
            _ => false,
        };
        good.then_some((brought.page.as_ref()?, parsed, &brought.recorded))
    }

    pub(super) fn outcome(&self) -> Outcome<'_> {
        match &self.result {
            Err(error) => Outcome::NotFetched(error),
            Ok(Brought { parsed: None, .. }) => Outcome::Unchanged,
            Ok(Brought { parsed: Some(Ok(parsed)), .. }) => Outcome::Parsed(parsed),
            Ok(Brought { parsed: Some(Err(reason)), .. }) => Outcome::NotParsed(reason),
        }
    }

    pub(super) fn is_login_wall(&self) -> bool {
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
    pub(super) fn wants_more(&self) -> bool {
        match &self.result {
            Ok(Brought { parsed: Some(Ok(parsed)), .. }) => climbs(parsed),
            _ => false,
        }
    }
}

/// The road that worked last.
pub(super) fn last_rung(source: &Source) -> Option<Rung> {
    source.rung.as_deref().and_then(Rung::from_word)
}

/// A shadow request waits no longer for its host: what the page has shown is not to be held up.
const PATIENCE: Duration = Duration::from_secs(10);

/// How what a road brings is read.
pub(super) struct Reading {
    /// The module, or the learned map over it.
    pub(super) site: Arc<Site>,
    /// Hash of the body that was understood last: the same one holds nothing to parse.
    pub(super) known: Option<String>,
    /// Whether it is only compared: a refusal then says nothing about the host's patience with the page.
    pub(super) shadow: bool,
}

impl Reading {
    /// By the module, whatever was seen before.
    pub(super) fn plain(site: &Arc<Site>) -> Self {
        Self { site: site.clone(), known: None, shadow: false }
    }
}

/// Tries one road; `None` when the shutdown began while we still waited for a turn.
pub(super) async fn attempt(
    scraper: &Scraper,
    job: &FetchJob,
    rung: Rung,
    reading: Reading,
) -> Option<Attempt> {
    let manners = Manners::of(&job.site);
    let turn = tokio::select! {
        biased;
        () = scraper.shutdown.reached(Stage::Quiet) => return None,
        turn = scraper.hosts.turn_with(job.asked(), manners) => turn,
        () = tokio::time::sleep(PATIENCE), if reading.shadow => Err(not_now()),
    };
    let mut turn = match turn {
        Ok(turn) => turn,
        Err(error) => return Some(Attempt::of(rung, Err(error))),
    };
    let Ok(_worker) = scraper.workers.acquire().await else { return None };
    let fetched = scraper.ladder.fetch(rung, job).await;
    let how = match &fetched {
        Err(error) if reading.shadow && matches!(error.status, Some(401 | 403)) => How::Failed,
        fetched => How::of(fetched),
    };
    turn.timed(rung, &fetched, job.deadline);
    let result = match fetched {
        Ok(fetched) => Ok(brought(reading, fetched).await),
        Err(error) => Err(error),
    };
    let attempt = Attempt::of(rung, result);
    // A block page is a refusal in other clothes: pauses grow with each one in a row. A wall in front of a session
    // that has ended is none.
    let ended = job.session.is_some() && attempt.is_login_wall();
    turn.end(if attempt.is_block_page() && !ended { How::Refused(None) } else { how });
    Some(attempt)
}

async fn brought(reading: Reading, fetched: Fetched) -> Brought {
    let Fetched { page, bytes, etag, last_modified, rung, recorded, picture, .. } = fetched;
    let page = page.map(Arc::new);
    // A rendered page is never the same twice, byte for byte.
    let hash = page
        .as_ref()
        .filter(|_| rung != Rung::Browser)
        .map(|page| hash(&reading.site.mark, &page.body));
    let same = hash.is_some() && hash == reading.known;
    let parsed = match &page {
        Some(page) if !same => Some(parse(reading.site, page.clone()).await),
        _ => None,
    };
    Brought { bytes, etag, last_modified, page, picture, parsed, hash, recorded }
}

/// The name of a body as a module reads it: 128 bits of SHA-256. Another module has to read the same body anew.
fn hash(module: &str, body: &str) -> String {
    let digest = Sha256::new().chain_update(module).chain_update([0]).chain_update(body).finalize();
    hex::encode(&digest[..16])
}

fn not_now() -> FetchError {
    let text = "the host had no turn for a comparison".to_owned();
    FetchError { class: FetchFailure::Held, text, status: None, retry_after: None }
}

/// A source that cannot be asked for at all.
pub(super) fn status_error(text: String) -> FetchError {
    FetchError { class: FetchFailure::Status, text, status: None, retry_after: None }
}
