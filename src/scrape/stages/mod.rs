//! What a run looks at besides the first page of its search.
//!
//! ```text
//! list    first page ─► all of it news? ─► next page, until something known, at most `scrape.max_pages`
//! detail  new listings that a watch could want ─► their own pages, at most `scrape.details_per_run`
//!         ─► accept: one plan over all pages, one transaction ─► the run is over, its news is on its way
//! alive   listings that are no longer shown ─► their own pages, at most `scrape.probes_per_run`
//! price   ─► still there at another price: a change; not there, proven: gone
//! ```
//!
//! Every request takes its turn at the host like any other. The first two stages happen inside the run, before
//! anything is written: a crash repeats them. The last two happen after it ([`look_after`]), in a transaction of
//! their own that is fenced by the run's epoch, so that nobody waits for them to hear what is new.
//!
//! Nothing here can spoil a run: a second page or a detail that cannot be had leaves what the list has said.
//! Nothing is gone because it is missing: see [`alive`] for what counts as proof. Pure: [`trail`], [`merge`],
//! [`alive`]. Shells: `pages`, `detail`, `probe`, `visit`.

pub mod alive;
mod detail;
pub mod merge;
mod pages;
mod probe;
pub mod trail;
mod visit;

use std::sync::Arc;

use sites::{Listing, Site};

use super::accept::{Sighting, look};
use super::fetcher::Rung;
use super::run::Scraper;
use crate::config::Scrape;
use crate::domain::source::Source;
use crate::store::DbError;

pub use probe::{LookedAfter, look_after};

/// How much a run may ask for besides the first page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StageLimits {
    /// Pages of a search in one run, unless the module says otherwise.
    pub max_pages: usize,
    /// Pages of a search in its first good run.
    pub baseline_pages: usize,
    /// Pages of new listings in one run.
    pub details: usize,
    /// Pages of old listings after one run.
    pub probes: usize,
}

impl StageLimits {
    /// The limits of the configuration.
    pub fn of(scrape: &Scrape) -> Self {
        Self {
            max_pages: scrape.max_pages,
            baseline_pages: scrape.baseline_pages,
            details: scrape.details_per_run,
            probes: scrape.probes_per_run,
        }
    }

    /// How many pages of a search this run may read.
    pub fn pages_of(self, source: &Source, site: &Site) -> usize {
        if source.baseline_done {
            site.max_pages.unwrap_or(self.max_pages)
        } else {
            self.baseline_pages
        }
    }
}

/// The first page of a good run: where the further stages begin.
pub(super) struct FirstPage {
    pub(super) listings: Vec<Listing>,
    /// Address of the next page.
    pub(super) next: Option<url::Url>,
    /// The road by which it came.
    pub(super) rung: Rung,
}

/// Everything that a run has read.
pub(super) struct Read {
    /// The listings of all pages, completed by their own pages, against what was known.
    pub(super) sighting: Sighting,
    /// The ids of all listings that were shown.
    pub(super) shown: Vec<String>,
    /// How many pages of the search.
    pub(super) pages: usize,
    /// How many pages of listings.
    pub(super) details: usize,
    /// What could not be read, for operators.
    pub(super) complaint: Option<String>,
}

/// Goes through the stages that belong to a good run, from its first page.
pub(super) async fn read_on(
    scraper: &Scraper,
    source: &Source,
    site: Option<Arc<Site>>,
    first: FirstPage,
) -> Result<Read, DbError> {
    let gathered = match &site {
        Some(site) => pages::gather(scraper, source, site, first).await?,
        None => pages::Gathered::only(first.listings),
    };
    let shown = gathered.listings.iter().map(|listing| listing.id.clone()).collect();
    let (db, seen) = (scraper.db.as_ref(), scraper.seen.as_ref());
    let mut sighting = look(db, seen, source, gathered.listings).await?;
    let (mut details, mut complaint) = (0, gathered.complaint);
    if let Some(site) = site.filter(|site| site.wants_detail()) {
        let detailed = detail::complete(scraper, source, &site, &mut sighting).await?;
        details = detailed.read;
        complaint = complaint.or(detailed.complaint);
    }
    Ok(Read { sighting, shown, pages: gathered.pages, details, complaint })
}
