//! Which road to a page: the cheapest one that has proved itself for this source.
//!
//! A site says `http`, `browser` or `auto`. With `auto`, a source begins with HTTP; when the page is none we
//! know, the same run climbs to the browser, and what worked is remembered. From time to time HTTP is tried
//! again, because sites get simpler too. A refusal never makes us climb: a block is an answer. Between the two
//! lie the learned rungs of [`super::road`], which stand for the browser once they have proved themselves.

use std::sync::Arc;

use sites::{PageKind, Parsed, Render};

use super::fetcher::{FetchError, FetchFailure, FetchJob, Fetched, Fetcher, Rung};

/// After this many runs by browser an `auto` source tries HTTP first once.
const PROBE_EVERY: i64 = 50;

/// The rungs to try in order, given what worked last and the number of the run.
pub fn rungs(render: Render, last: Option<Rung>, browser: bool, run: i64) -> Vec<Rung> {
    match render {
        Render::Http => vec![Rung::Http],
        Render::Browser => vec![Rung::Browser],
        Render::Auto if !browser => vec![Rung::Http],
        Render::Auto if is_browsers(last) && run % PROBE_EVERY != 0 => vec![Rung::Browser],
        Render::Auto => vec![Rung::Http, Rung::Browser],
    }
}

/// Whether the road is the browser's, or was learned from what it showed.
fn is_browsers(rung: Option<Rung>) -> bool {
    matches!(rung, Some(Rung::Endpoint | Rung::InPage | Rung::Browser))
}

/// Whether a page that came by HTTP might hold more when it is rendered.
pub fn climbs(parsed: &Parsed) -> bool {
    match parsed.kind {
        PageKind::Unrecognised => true,
        PageKind::Results => parsed.listings.is_empty(),
        PageKind::NoResults | PageKind::Blocked | PageKind::LoginWall => false,
    }
}

/// The roads of this process.
#[derive(Clone)]
pub struct Ladder {
    http: Arc<dyn Fetcher>,
    browser: Option<Arc<dyn Fetcher>>,
}

impl Ladder {
    /// A ladder with these roads.
    pub fn new(http: Arc<dyn Fetcher>, browser: Option<Arc<dyn Fetcher>>) -> Self {
        Self { http, browser }
    }

    /// Whether pages can be rendered.
    pub fn has_browser(&self) -> bool {
        self.browser.is_some()
    }

    /// Gets a page by one road.
    pub async fn fetch(&self, rung: Rung, job: &FetchJob) -> Result<Fetched, FetchError> {
        match (rung, &self.browser) {
            (Rung::Http | Rung::Endpoint, _) => self.http.fetch(job).await,
            (Rung::InPage | Rung::Browser, Some(browser)) => browser.fetch(job).await,
            (Rung::InPage | Rung::Browser, None) => Err(FetchError {
                class: FetchFailure::BrowserUnavailable,
                text: format!(
                    "site {} needs a browser and this process has none; install \
                     chromium-headless-shell or set CHROMIUM",
                    job.site.id
                ),
                status: None,
                retry_after: None,
            }),
        }
    }

    /// Releases what the roads hold.
    pub async fn close(&self) {
        self.http.close().await;
        if let Some(browser) = &self.browser {
            browser.close().await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Rung::{Browser, Http};

    #[test]
    fn the_site_decides_and_auto_learns() {
        let table = [
            (Render::Http, Some(Browser), true, 1, vec![Http]),
            (Render::Browser, Some(Http), true, 1, vec![Browser]),
            (Render::Browser, None, false, 1, vec![Browser]),
            (Render::Auto, None, true, 1, vec![Http, Browser]),
            (Render::Auto, Some(Http), true, 1, vec![Http, Browser]),
            (Render::Auto, Some(Browser), true, 1, vec![Browser]),
            (Render::Auto, Some(Rung::Endpoint), true, 1, vec![Browser]),
            (Render::Auto, Some(Browser), true, 100, vec![Http, Browser]),
            (Render::Auto, Some(Browser), false, 1, vec![Http]),
        ];
        for (render, last, browser, run, expected) in table {
            assert_eq!(rungs(render, last, browser, run), expected, "{render:?} {last:?} {run}");
        }
    }

    #[test]
    fn only_an_unknown_page_makes_us_climb() {
        let parsed = |kind| Parsed {
            kind,
            listings: vec![],
            complaints: vec![],
            won: std::collections::BTreeMap::default(),
            total: None,
            next: None,
        };
        assert!(climbs(&parsed(PageKind::Unrecognised)));
        assert!(climbs(&parsed(PageKind::Results)));
        for kind in [PageKind::NoResults, PageKind::Blocked, PageKind::LoginWall] {
            assert!(!climbs(&parsed(kind)), "{kind:?}");
        }
    }
}
