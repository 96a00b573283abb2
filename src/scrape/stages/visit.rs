//! One page beyond the first: the cheapest road that its kind of page allows, in a turn of its own.

use std::sync::Arc;

use sites::{Page, Parsed, Render, Site};
use url::Url;

use crate::scrape::attempt::{Attempt, Brought, attempt};
use crate::scrape::fetcher::{FetchError, FetchFailure, FetchJob, Rung};
use crate::scrape::ladder::{climbs, rungs};
use crate::scrape::run::Scraper;

/// A page that was read.
pub(super) struct Visit {
    pub(super) page: Arc<Page>,
    pub(super) parsed: Parsed,
}

/// Why there is no page.
#[derive(Debug, Clone)]
pub(super) enum Trouble {
    /// It could not be fetched.
    Fetch(FetchError),
    /// It came, but the parser died, or it was empty.
    Parse(String),
}

impl Trouble {
    /// Whether the host wants to be left alone: nothing more is asked for in this run.
    pub(super) fn ends_the_stage(&self) -> bool {
        let ends = [FetchFailure::Refused, FetchFailure::Held];
        matches!(self, Self::Fetch(error) if ends.contains(&error.class))
    }

    /// Whether the page was not asked for at all.
    pub(super) fn is_unasked(&self) -> bool {
        matches!(self, Self::Fetch(error) if error.class == FetchFailure::Held)
    }

    /// For operators.
    pub(super) fn text(&self) -> String {
        match self {
            Self::Fetch(error) => error.to_string(),
            Self::Parse(text) => text.clone(),
        }
    }
}

/// Gets and reads the page at `url`; `render` and the road that worked last decide how. `None` when the shutdown
/// has begun.
pub(super) async fn visit(
    scraper: &Scraper,
    site: &Arc<Site>,
    url: &Url,
    render: Render,
    last: Option<Rung>,
) -> Option<Result<Visit, Trouble>> {
    // Asked as the same visitor as the list; a login wall here is no page, and the next run deals with it.
    let known = match scraper.access.of(site).await {
        Ok(known) => known,
        Err(error) => return Some(Err(Trouble::Fetch(error))),
    };
    let job = FetchJob {
        site: site.clone(),
        url: url.clone(),
        etag: None,
        last_modified: None,
        deadline: scraper.page_deadline,
        session: known.session.clone(),
        identity: known.identity.clone(),
    };
    let mut best: Option<Result<Visit, Trouble>> = None;
    for rung in rungs(render, last, scraper.ladder.has_browser(), 1) {
        let Some(tried) = attempt(scraper, &job, rung).await else { break };
        scraper.access.used(site, &known, tried.rung).await;
        let read = read(tried);
        // A browser that is missing or fails must not hide what HTTP has told.
        if best.is_some() && read.is_err() {
            break;
        }
        let more = read.as_ref().is_ok_and(|visit| climbs(&visit.parsed));
        best = Some(read);
        if !more {
            break;
        }
    }
    best
}

fn read(tried: Attempt) -> Result<Visit, Trouble> {
    match tried.result {
        Err(error) => Err(Trouble::Fetch(error)),
        Ok(Brought { page: Some(page), parsed: Some(Ok(parsed)), .. }) => {
            Ok(Visit { page, parsed })
        }
        Ok(Brought { parsed: Some(Err(reason)), .. }) => {
            Err(Trouble::Parse(format!("the module failed: {reason}")))
        }
        Ok(_) => Err(Trouble::Parse("an answer without a page".into())),
    }
}
