//! What a browser run teaches: finds the endpoint, repeats it once, compares.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use sites::endpoint::{Agreement, Lesson, agree, learn};
use sites::{Listing, Page, PageKind, Parsed, Site};

use super::ask::{Ask, Endpoint, Recorded, Renewed};
use super::state::Road;
use crate::scrape::fetcher::{FetchError, FetchFailure};
use crate::scrape::http::stays;
use crate::scrape::parse::contained_work;

/// What the browser showed, with what the page fetched for itself.
pub(in crate::scrape) struct Shown<'s> {
    pub(in crate::scrape) page: &'s Arc<Page>,
    pub(in crate::scrape) parsed: &'s Parsed,
    pub(in crate::scrape) recorded: &'s [Recorded],
}

/// Takes in a browser run; `true` when the learned request should now be repeated and compared.
pub(in crate::scrape) async fn take_in(
    road: &mut Road,
    site: &Arc<Site>,
    shown: Shown<'_>,
    now: DateTime<Utc>,
) -> bool {
    match (shown.parsed.kind, road.endpoint.clone()) {
        (PageKind::NoResults, Some(_)) => {
            if prove_empty(road, shown.recorded) {
                road.agreed_on_nothing(now);
            }
            false
        }
        (PageKind::Results, Some(endpoint)) => renew(road, site, endpoint, &shown, now),
        (PageKind::Results, None) => {
            let Shown { page, parsed, recorded } = shown;
            match find_endpoint(site, page, parsed, recorded, now).await {
                Some(endpoint) => road.learned(endpoint),
                None => road.nothing(now),
            }
            road.endpoint.is_some()
        }
        _ => false,
    }
}

/// Whether the endpoint gave an empty list while the page said that there is nothing.
pub(in crate::scrape) fn prove_empty(road: &mut Road, recorded: &[Recorded]) -> bool {
    let Some(endpoint) = &mut road.endpoint else { return false };
    let answer = endpoint.ask.find(recorded);
    let proved = answer.is_some_and(|answer| endpoint.lesson.is_empty_in(&answer.body));
    endpoint.lesson.empty_proved |= proved;
    proved
}

/// Checks the known request against what the page did this time.
fn renew(
    road: &mut Road,
    site: &Site,
    mut endpoint: Endpoint,
    shown: &Shown<'_>,
    now: DateTime<Utc>,
) -> bool {
    match endpoint.ask.renewed(shown.recorded, now) {
        Renewed::Same => {}
        Renewed::Changed(ask) => {
            endpoint.ask = ask;
            road.renewed(endpoint.clone());
        }
        Renewed::Lost(reason) => {
            road.demote(reason, now);
            return false;
        }
    }
    endpoint.next.clone_from(&shown.parsed.next);
    road.endpoint = Some(endpoint.clone());
    let Some(answer) = endpoint.ask.find(shown.recorded) else { return true };
    let page = sites::endpoint::answer(shown.page, &answer.body);
    let read = endpoint.lesson.over(site).map(|site| site.parse(&page).listings);
    match read.map(|read| agree(&shown.parsed.listings, &read)) {
        Ok(Agreement::Same | Agreement::Drift) => true,
        Ok(Agreement::Differs(reason)) => {
            road.demote(
                format!("the page's own answer no longer gives its listings: {reason}"),
                now,
            );
            false
        }
        Err(error) => {
            road.demote(format!("the learned map is damaged: {error}"), now);
            false
        }
    }
}

/// Finds the answer from which the listings of a page can be read, if it may be asked for again. `parsed` was
/// read from `page`, which fetched `recorded` for itself.
pub async fn find_endpoint(
    site: &Arc<Site>,
    page: &Arc<Page>,
    parsed: &Parsed,
    recorded: &[Recorded],
    now: DateTime<Utc>,
) -> Option<Endpoint> {
    for recorded in recorded {
        let on_site = stays(site, &page.url, &recorded.url).is_ok();
        let Some(ask) = Ask::of(recorded, now).ok().filter(|_| on_site) else { continue };
        if let Some(lesson) = lesson(site, page, &parsed.listings, recorded).await {
            let next = parsed.next.clone();
            return Some(Endpoint { ask, page: page.url.clone(), lesson, next });
        }
    }
    None
}

/// Learning reads what a site sent: it has the same cage as parsing.
async fn lesson(
    site: &Arc<Site>,
    page: &Arc<Page>,
    listings: &[Listing],
    recorded: &Recorded,
) -> Option<Lesson> {
    let (site, page, listings) = (site.clone(), page.clone(), listings.to_vec());
    let body = recorded.body.clone();
    let learned = contained_work(move || learn(&site, &page, &listings, &body)).await;
    learned.unwrap_or_else(|reason| {
        tracing::warn!(url = %recorded.url, reason, "an answer could not be learned from");
        None
    })
}

/// What a shadow request says about the road.
pub(in crate::scrape) fn compare(
    road: &mut Road,
    shown: &[Listing],
    read: Result<Option<&Parsed>, &FetchError>,
    now: DateTime<Utc>,
) {
    match read {
        Ok(Some(parsed)) if parsed.kind == PageKind::Results => {
            match agree(shown, &parsed.listings) {
                Agreement::Same => road.agreed(now),
                // The page's own answer has been compared before: this one only had to come.
                Agreement::Drift if road.is_promoted() => road.agreed(now),
                Agreement::Drift => {}
                Agreement::Differs(reason) => road.demote(reason, now),
            }
        }
        Ok(Some(parsed)) if matches!(parsed.kind, PageKind::Blocked | PageKind::LoginWall) => {
            road.refused("the repeated request met a block page".to_owned(), now);
        }
        Ok(_) => road.demote("the repeated request brought something else".to_owned(), now),
        Err(error) => match (error.class, error.status) {
            (FetchFailure::Refused, Some(401 | 403)) => road.refused(error.to_string(), now),
            (
                FetchFailure::Refused
                | FetchFailure::Status
                | FetchFailure::Robots
                | FetchFailure::Redirect
                | FetchFailure::ContentType
                | FetchFailure::TooBig,
                _,
            ) => road.demote(error.to_string(), now),
            // The network, or we ourselves: says nothing about the road.
            _ => {}
        },
    }
}
