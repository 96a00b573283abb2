//! The pages of new listings, for what a list does not say.
//!
//! Only a listing that one of the source's watches could still want is worth a request; what its page tells may
//! then drop it. One that cannot be had, or for which there is no room in this run, goes out with what the list
//! has said, and is not asked for again: by then it is no longer new.

use std::sync::Arc;

use sites::{Listing, Site, Standing};
use url::Url;

use super::merge::{STATE, with_detail};
use super::visit::{Trouble, Visit, visit};
use crate::domain::ChangeKind;
use crate::domain::filter::{Facts, Prepared};
use crate::domain::source::Source;
use crate::scrape::accept::Sighting;
use crate::scrape::parse::standing;
use crate::scrape::run::Scraper;
use crate::store::DbError;

/// What the stage did.
#[derive(Default)]
pub(super) struct Detailed {
    pub(super) read: usize,
    pub(super) complaint: Option<String>,
}

/// Whether the page of a new listing of the module `site` is worth a request to those with these filters. Pure.
pub fn is_worth(site: &str, listing: &Listing, filters: &[Prepared]) -> bool {
    let facts = Facts::new(site, listing);
    filters.iter().any(|filter| filter.may_want(ChangeKind::New, &facts))
}

/// Completes new listings by their own pages.
pub(super) async fn complete(
    scraper: &Scraper,
    source: &Source,
    site: &Arc<Site>,
    sighting: &mut Sighting,
) -> Result<Detailed, DbError> {
    let mut done = Detailed::default();
    // The baseline is silent, so nobody would hear of it.
    if !source.baseline_done || scraper.stages.details == 0 || !sighting.has_new() {
        return Ok(done);
    }
    let watches = scraper.db.watches_of(&source.id).await?;
    let filters: Vec<Prepared> = watches.iter().map(|watch| Prepared::new(&watch.filter)).collect();
    let mut asked = 0;
    for listing in sighting.new_listings() {
        if asked == scraper.stages.details {
            break;
        }
        let own = Url::parse(&listing.url).ok().filter(|url| site.is_detail(url));
        let Some(url) = own.filter(|_| is_worth(&site.id, listing, &filters)) else { continue };
        asked += 1;
        let Some(visited) = visit(scraper, site, &url, site.detail_render(), None).await else {
            break;
        };
        match read(site, visited, listing).await {
            Ok(merged) => {
                *listing = merged;
                done.read += 1;
            }
            Err((text, ends)) => {
                let text = format!("the page of listing {}: {text}", listing.id);
                done.complaint.get_or_insert(text);
                if ends {
                    break;
                }
            }
        }
    }
    Ok(done)
}

/// The completed listing, or why there is none and whether the stage is over.
async fn read(
    site: &Arc<Site>,
    visited: Result<Visit, Trouble>,
    listing: &Listing,
) -> Result<Listing, (String, bool)> {
    let visit = visited.map_err(|trouble| (trouble.text(), trouble.ends_the_stage()))?;
    let said = standing(site.clone(), visit.page, visit.parsed, listing.id.clone()).await;
    match said.map_err(|reason| (format!("the module failed: {reason}"), false))? {
        Standing::There(detail) => Ok(with_detail(listing, *detail)),
        Standing::Gone(word) => {
            let mut listing = listing.clone();
            listing.attributes.insert(STATE.into(), word);
            Ok(listing)
        }
        Standing::LedAway => Err(("the site led us away from it".into(), false)),
        Standing::Unknown => Err(("it could not be read".into(), false)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Filter;
    use proptest::prelude::*;
    use sites::Money;

    fn listing(title: &str, minor: Option<i64>) -> Listing {
        let price = minor.map(|minor| Money { minor, currency: "EUR".into() });
        Listing { price, ..Listing::new("7", "https://example.com/7", title) }
    }

    fn words(words: &[&str]) -> Vec<String> {
        words.iter().map(|word| (*word).to_owned()).collect()
    }

    #[test]
    fn what_the_list_rules_out_is_not_worth_a_request() {
        let cheap = Filter { max_price: Some(100), ..Filter::default() };
        let sound = Filter { none_words: words(&["broken"]), ..Filter::default() };
        let cheaper = Filter { changes: vec![ChangeKind::PriceDown], ..Filter::default() };
        let worth = |filter: &Filter, title, minor| {
            is_worth("demo", &listing(title, minor), &[Prepared::new(filter)])
        };
        assert!(worth(&cheap, "Bike", Some(100)) && !worth(&cheap, "Bike", Some(101)));
        assert!(worth(&cheap, "Bike", None), "an unread price may be low");
        assert!(worth(&sound, "Bike", None) && !worth(&sound, "Broken bike", None));
        assert!(!worth(&cheaper, "Bike", Some(1)), "a new one is none that got cheaper");
        let carbon = Filter { any_words: words(&["carbon"]), ..Filter::default() };
        assert!(worth(&carbon, "Bike", None), "the word may stand on the page");
        assert!(is_worth(
            "demo",
            &listing("Bike", Some(101)),
            &[Prepared::new(&cheap), Prepared::new(&carbon)]
        ));
        assert!(!is_worth("demo", &listing("Bike", None), &[]));
    }

    proptest! {
        #[test]
        fn what_would_be_told_in_the_end_is_always_looked_at(
            title in "(bike|broken|carbon| )*", text in proptest::option::of("(bike|broken|carbon| )*"),
            price in proptest::option::of(0i64..300), later in proptest::option::of(0i64..300),
            any in proptest::sample::subsequence(vec!["carbon", "steel"], 0..=2),
            none in proptest::sample::subsequence(vec!["broken"], 0..=1),
            most in proptest::option::of(0i64..300),
        ) {
            let filter = Filter {
                max_price: most,
                any_words: words(&any),
                none_words: words(&none),
                ..Filter::default()
            };
            let list = listing(&title, price);
            let own = Listing { description: text, ..listing(&title, later) };
            let told = filter.wants(ChangeKind::New, "demo", &with_detail(&list, own));
            prop_assert!(!told || is_worth("demo", &list, &[Prepared::new(&filter)]));
        }
    }
}
