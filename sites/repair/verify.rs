//! What a repaired module must hold before anybody is asked to approve it.

use std::collections::HashMap;

use crate::judge::has;
use crate::listing::Listing;
use crate::page::{Page, PageKind, Parsed};
use crate::site::Site;
use crate::testing::{self, Case};
use crate::transform::text::collapse;

/// Fields whose share is compared with the past.
const SHARED: [&str; 4] = ["price", "location", "area", "images"];

/// What a module read of a page on which some listings are known.
#[derive(Debug, Clone)]
pub struct Reproduced {
    /// Known listings read again, with equal values.
    pub found: usize,
    /// Listings of which nothing had been known.
    pub new: usize,
    /// Everything read.
    pub parsed: Parsed,
}

/// Reads a page and compares it with what is known: equal addresses and titles for every known id, equal prices
/// but for the few that may have changed, ids only once, and no field filled much less than before (`lost` are
/// those of which that is known). The error says what is wrong.
pub fn reproduces(
    site: &Site,
    page: &Page,
    known: &[Listing],
    lost: &[String],
) -> Result<Reproduced, String> {
    let parsed = site.parse(page);
    if parsed.kind != PageKind::Results {
        return Err(format!("the page reads as {:?}, not as results", parsed.kind));
    }
    let by_id: HashMap<&str, &Listing> = known.iter().map(|l| (l.id.as_str(), l)).collect();
    let (mut found, mut priced, mut other_price) = (0, 0, 0);
    for listing in &parsed.listings {
        let Some(old) = by_id.get(listing.id.as_str()) else { continue };
        for (name, now, before) in
            [("title", &listing.title, &old.title), ("url", &listing.url, &old.url)]
        {
            if collapse(now) != collapse(before) {
                let id = &listing.id;
                return Err(format!("{name} of {id} would be `{now}`, but it is `{before}`"));
            }
        }
        found += 1;
        if let (Some(now), Some(before)) = (&listing.price, &old.price) {
            priced += 1;
            other_price += usize::from(now != before);
        }
    }
    if found < super::least(known.len()) {
        return Err(format!("only {found} of {} known listings are read again", known.len()));
    }
    if other_price * 5 > priced {
        return Err(format!("{other_price} of {priced} prices are not those that are known"));
    }
    let ids: usize = parsed.won.get("id").map_or(0, |won| won.values().sum());
    // A site may show an offer twice, but not most of them.
    if ids > parsed.listings.len() + parsed.listings.len().div_ceil(5) {
        return Err(format!("{ids} items share {} ids", parsed.listings.len()));
    }
    shares(&parsed.listings, known, lost)?;
    Ok(Reproduced { found, new: parsed.listings.len() - found, parsed })
}

/// No field may be filled much less than before.
fn shares(now: &[Listing], before: &[Listing], lost: &[String]) -> Result<(), String> {
    for name in SHARED.iter().filter(|name| lost.iter().all(|lost| lost != *name)) {
        let count = |all: &[Listing]| all.iter().filter(|l| has(l, name)).count();
        let (with, had) = (count(now), count(before));
        // Half of the old share, in whole numbers.
        if had * 2 >= before.len() && with * before.len() * 2 < had * now.len() {
            return Err(format!(
                "{name} is read for {with} of {} listings; it was known for {had} of {}",
                now.len(),
                before.len()
            ));
        }
    }
    Ok(())
}

/// Reads saved cases again and names every difference. Which of several sources won, and what was complained
/// about, may differ: that is what a repair changes.
pub fn replay(site: &Site, cases: &[Case]) -> Vec<String> {
    let matters = |text: &String| !text.starts_with("/won") && !text.starts_with("/complaints");
    let of_case = |case: &Case| {
        let name = case.name.clone();
        testing::check(site, case)
            .into_iter()
            .filter(matters)
            .map(move |text| format!("{name}: {text}"))
    };
    cases.iter().flat_map(of_case).collect()
}
