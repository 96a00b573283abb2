//! Further pages of a search, until something known appears.

use std::collections::HashSet;
use std::sync::Arc;

use sites::{Listing, PageKind, Site};
use url::Url;

use super::FirstPage;
use super::trail::Trail;
use super::visit::visit;
use crate::domain::change::fingerprint;
use crate::domain::source::Source;
use crate::scrape::accept::CHUNK;
use crate::scrape::http::stays;
use crate::scrape::run::Scraper;
use crate::store::{DbError, SeenItem};

/// The listings of all pages that were read, in their order.
pub(super) struct Gathered {
    pub(super) listings: Vec<Listing>,
    pub(super) pages: usize,
    pub(super) complaint: Option<String>,
}

impl Gathered {
    /// The first page alone.
    pub(super) fn only(listings: Vec<Listing>) -> Self {
        Self { listings, pages: 1, complaint: None }
    }
}

/// Reads on from the first page. What a later page cannot give is a complaint; what was read is kept.
pub(super) async fn gather(
    scraper: &Scraper,
    source: &Source,
    site: &Arc<Site>,
    first: FirstPage,
) -> Result<Gathered, DbError> {
    let FirstPage { listings, mut next, rung } = first;
    let mut all = Gathered::only(listings);
    let Ok(begin) = Url::parse(&source.spec.url) else { return Ok(all) };
    let mut trail = Trail::new(scraper.stages.pages_of(source, site), &begin);
    let mut from = 0;
    while trail.may_go_on() && next.is_some() {
        let page = all.listings.get(from..).unwrap_or_default();
        let known = known(scraper, source, page).await?;
        let way = next.as_ref().filter(|url| stays(site, &begin, url).is_ok());
        let Some(url) = trail.step(page, |id| known.contains(id), way) else { break };
        let Some(visited) = visit(scraper, site, &url, site.fetch.render, Some(rung)).await else {
            break;
        };
        let number = all.pages + 1;
        let parsed = match visited {
            Ok(visit) => visit.parsed,
            Err(trouble) => {
                all.complaint = Some(format!("page {number} of the search: {}", trouble.text()));
                break;
            }
        };
        match parsed.kind {
            PageKind::Results if !parsed.listings.is_empty() => {}
            PageKind::NoResults => break,
            kind => {
                all.complaint = Some(format!(
                    "page {number} of the search is none that we know ({kind:?}); \
                     what stands on it is not told"
                ));
                break;
            }
        }
        from = all.listings.len();
        all.listings.extend(parsed.listings);
        all.pages = number;
        next = parsed.next;
    }
    Ok(all)
}

/// Which listings of a page this source has shown before. The seen-set may end the question, because then there
/// is nothing to look for; that a page is all news only the record can say.
async fn known(
    scraper: &Scraper,
    source: &Source,
    page: &[Listing],
) -> Result<HashSet<String>, DbError> {
    if !source.baseline_done {
        return Ok(HashSet::new());
    }
    let item = |one: &Listing| SeenItem { id: one.id.clone(), fingerprint: fingerprint(one) };
    let organic: Vec<SeenItem> = page.iter().filter(|one| !one.promoted).map(item).collect();
    let unseen = scraper.seen.unseen(&source.id, &organic).await;
    let all_seen =
        |unseen: &Vec<bool>| unseen.len() == organic.len() && unseen.iter().all(|unseen| !unseen);
    if unseen.as_ref().is_ok_and(all_seen) {
        return Ok(organic.into_iter().map(|item| item.id).collect());
    }
    let ids: Vec<String> = organic.into_iter().map(|item| item.id).collect();
    let mut known = HashSet::new();
    for chunk in ids.chunks(CHUNK) {
        let rows = scraper.db.known_listings(&source.id, &source.spec.site, chunk).await?;
        known.extend(rows.into_iter().filter(|row| row.in_source).map(|row| row.listing.id));
    }
    Ok(known)
}
