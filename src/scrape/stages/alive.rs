//! What the page of an old listing proves. Pure.
//!
//! | the page says | it means |
//! |---|---|
//! | the offer, readable | it is there; another price is a change like on a list |
//! | sold, removed, in its own words | gone, at once |
//! | reserved, in its own words | reserved, at once; it is asked about again |
//! | the offer, where the module knows how a reserved one is marked | a reserved one is back |
//! | 404 or 410, or leads to where the site sends people | gone when another run is told so, too |
//! | a block page, an error, a timeout, something unreadable | nothing, and the looks are counted anew |
//!
//! A site that is being repaired answers 404 for everything for a while, hence the second look.

use chrono::{DateTime, TimeDelta, Utc};
use sites::{Listing, ListingKey, Standing};

use super::merge::reread;
use crate::domain::change::{Judged, PriceWrite, Rules, Sight, ended, fingerprint, judge};
use crate::domain::source::Source;
use crate::scrape::accept::{Happening, Interest};
use crate::scrape::fetcher::{FetchError, FetchFailure};
use crate::store::{Asked, StaleListing, StaleQuery};

/// Looks at a page that is not there before the listing counts as gone.
const LOOKS: i64 = 2;
/// A listing is old when its source has not shown it for this many intervals.
const INTERVALS: u32 = 3;
/// A page is asked for again after this many intervals at the earliest, …
const REST_INTERVALS: u32 = 10;
/// … and after this time, hours.
const REST_HOURS: i64 = 1;
/// Listings that were shown last before this time, days, are left alone for ever.
const FORGET_DAYS: i64 = 60;

/// What asking for the page of a listing came to.
#[derive(Debug, Clone, PartialEq)]
pub enum Said {
    /// It is there and reads like this.
    There(Box<Listing>),
    /// The page says that it is not to be had, in this word.
    Gone(String),
    /// The site says that there is no such page.
    NotThere,
    /// Nothing that proves anything.
    Nothing,
}

impl Said {
    /// What a page says that could be read.
    pub fn of_standing(standing: Standing) -> Self {
        match standing {
            Standing::There(listing) => Self::There(listing),
            Standing::Gone(word) => Self::Gone(word),
            Standing::LedAway => Self::NotThere,
            Standing::Unknown => Self::Nothing,
        }
    }

    /// What an answer without a page says: only "not found" and "gone for good" are words about the offer.
    pub fn of_error(error: &FetchError) -> Self {
        match (error.class, error.status) {
            (FetchFailure::Status, Some(404 | 410)) => Self::NotThere,
            _ => Self::Nothing,
        }
    }
}

/// What is to be written about a listing that was asked about.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// That it was asked about.
    pub asked: Asked,
    /// What happened to it, if anything.
    pub happening: Option<Happening>,
}

/// Which listings of `source` to ask about at `now`, at most `limit`. `is_read` says whether this run has read
/// the search anew; otherwise what it showed last is taken as still there.
pub fn question(source: &Source, is_read: bool, limit: usize, now: DateTime<Utc>) -> StaleQuery {
    let intervals = |count: u32| {
        TimeDelta::from_std(source.interval().saturating_mul(count)).unwrap_or(TimeDelta::days(365))
    };
    StaleQuery {
        source: source.id.clone(),
        site: source.spec.site.clone(),
        seen_before: now - intervals(INTERVALS),
        seen_after: now - TimeDelta::days(FORGET_DAYS),
        spare_latest: !is_read,
        asked_before: now - intervals(REST_INTERVALS).max(TimeDelta::hours(REST_HOURS)),
        limit,
    }
}

/// Judges what the page of a listing said at `at`.
pub fn finding(
    source: &Source,
    stale: &StaleListing,
    said: Said,
    rules: &Rules,
    at: DateTime<Utc>,
) -> Finding {
    let (missing, judged) = match said {
        // Not in a row any more: a page that cannot be had must not stand at the head of the queue for ever.
        Said::Nothing => (0, None),
        Said::There(read) => (0, Some(there(stale, &read, rules, at))),
        Said::Gone(word) => (0, over(stale, &word)),
        Said::NotThere if stale.missing + 1 >= LOOKS => (0, over(stale, "removed")),
        Said::NotThere => (stale.missing + 1, None),
    };
    let asked = Asked { id: stale.known.listing.id.clone(), missing };
    let is_news = |judged: &Judged| {
        judged.event.is_some()
            || judged.price.point.is_some()
            || judged.price.held != stale.known.prices.held
    };
    let happening = judged.filter(is_news).map(|judged| {
        let Judged { listing, event, price, doubt } = judged;
        let key = ListingKey { site: source.spec.site.clone(), id: listing.id.clone() };
        Happening {
            fingerprint: fingerprint(&listing),
            change: event.map(|event| event.of(key, at, listing.clone())),
            listing,
            price,
            doubt,
            interest: Interest::Change,
            is_new_here: false,
        }
    });
    Finding { asked, happening }
}

/// The offer, as its own page shows it. Its words for the same things are not those of a list, so nothing of it is
/// an edit.
fn there(stale: &StaleListing, read: &Listing, rules: &Rules, at: DateTime<Utc>) -> Judged {
    let listing = reread(&stale.known.listing, read.clone());
    let sight = Sight { read, listing, edits: false, confirmed: false, at };
    judge(Some(&stale.known), sight, rules)
}

/// The offer is not to be had, in this word.
fn over(stale: &StaleListing, word: &str) -> Option<Judged> {
    let (event, listing) = ended(&stale.known, word)?;
    let held = stale.known.prices.held.clone();
    Some(Judged {
        listing,
        event: Some(event),
        price: PriceWrite { point: None, held },
        doubt: None,
    })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::domain::ChangeKind;
    use crate::domain::change::{Doubt, KnownListing, STATE};
    use crate::domain::source::SourceSpec;
    use proptest::prelude::*;
    use sites::Money;

    fn now() -> DateTime<Utc> {
        "2026-03-01T12:00:00Z".parse().expect("a moment")
    }

    fn source() -> Source {
        let spec = SourceSpec {
            rhythm: Default::default(),
            site: "demo".into(),
            url: "https://example.com/s".into(),
            title: "Demo".into(),
            interval: Duration::from_secs(360),
            offered: true,
        };
        Source::new(spec, now())
    }

    fn listing(minor: Option<i64>) -> Listing {
        let price = minor.map(|minor| Money { minor, currency: "EUR".into() });
        Listing { price, ..Listing::new("7", "https://example.com/7", "Bike") }
    }

    fn stale(missing: i64) -> StaleListing {
        let listing = listing(Some(100));
        let known = KnownListing::new(listing, 3);
        StaleListing { known, missing, events: vec![], shown_in: vec![] }
    }

    fn found(stale: &StaleListing, said: Said) -> Finding {
        finding(&source(), stale, said, &Rules::default(), now())
    }

    fn event(finding: &Finding) -> Option<(ChangeKind, i64)> {
        let change = finding.happening.as_ref()?.change.as_ref()?;
        Some((change.kind, change.version))
    }

    fn error(class: FetchFailure, status: Option<u16>) -> FetchError {
        FetchError { class, text: String::new(), status, retry_after: None }
    }

    #[test]
    fn a_page_that_is_not_there_is_looked_for_twice() {
        let first = found(&stale(0), Said::NotThere);
        assert_eq!((first.asked.missing, event(&first)), (1, None));
        let second = found(&stale(1), Said::NotThere);
        assert_eq!((second.asked.missing, event(&second)), (0, Some((ChangeKind::Gone, 4))));
        let there = found(&stale(1), Said::There(Box::new(listing(None))));
        assert_eq!((there.asked.missing, event(&there)), (0, None), "a doubt that is cleared");
        let silent = found(&stale(1), Said::Nothing);
        assert_eq!((silent.asked.missing, event(&silent)), (0, None), "a row that is broken");
    }

    #[test]
    fn a_page_that_says_so_itself_is_believed_at_once() {
        let sold = found(&stale(0), Said::Gone("sold".into()));
        assert_eq!(event(&sold), Some((ChangeKind::Gone, 4)));
        let listing = sold.happening.expect("gone").listing;
        assert_eq!(listing.attributes[STATE], "sold");
    }

    #[test]
    fn another_price_is_a_change_and_an_unread_one_is_none() {
        let read = |minor| found(&stale(0), Said::There(Box::new(listing(minor))));
        assert_eq!(event(&read(Some(90))), Some((ChangeKind::PriceDown, 4)));
        assert_eq!(event(&read(Some(110))), Some((ChangeKind::PriceUp, 4)));
        assert_eq!((event(&read(Some(100))), event(&read(None))), (None, None));
        let before = read(Some(90)).happening.and_then(|one| one.change?.price_before);
        assert_eq!(before.map(|price| price.minor), Some(100));
    }

    #[test]
    fn reserved_is_not_gone_and_only_a_page_that_would_say_so_sets_it_free() {
        let reserved = found(&stale(0), Said::Gone("reserved".into()));
        assert_eq!(event(&reserved), Some((ChangeKind::Reserved, 4)));
        let mut stale = stale(0);
        stale.known.listing = reserved.happening.expect("reserved").listing;
        assert_eq!(event(&found(&stale, Said::Gone("reserved".into()))), None);
        let there = |word: Option<&str>| {
            let mut read = listing(Some(100));
            read.attributes.extend(word.map(|word| (STATE.to_owned(), word.to_owned())));
            found(&stale, Said::There(Box::new(read)))
        };
        assert_eq!(event(&there(None)), None);
        assert_eq!(event(&there(Some("offered"))), Some((ChangeKind::Back, 4)));
        assert_eq!(event(&found(&stale, Said::Gone("sold".into()))), Some((ChangeKind::Gone, 4)));
    }

    #[test]
    fn a_price_that_is_not_believed_waits_like_one_of_a_list() {
        let slip = found(&stale(0), Said::There(Box::new(listing(Some(10_000)))));
        let happening = slip.happening.expect("a wait");
        assert_eq!((happening.change, happening.doubt), (None, Some(Doubt::Power)));
        assert_eq!(happening.listing.price.map(|price| price.minor), Some(100));
        assert_eq!(happening.price.held.map(|held| held.reads), Some(1));
    }

    #[test]
    fn only_words_about_the_offer_are_proof() {
        for status in [404, 410] {
            assert_eq!(Said::of_error(&error(FetchFailure::Status, Some(status))), Said::NotThere);
        }
        for (class, status) in [
            (FetchFailure::Status, Some(500)),
            (FetchFailure::Refused, Some(403)),
            (FetchFailure::Refused, Some(429)),
            (FetchFailure::Timeout, None),
            (FetchFailure::Redirect, Some(302)),
            (FetchFailure::Robots, None),
            (FetchFailure::BrowserGone, Some(404)),
        ] {
            assert_eq!(Said::of_error(&error(class, status)), Said::Nothing, "{class:?}");
        }
        assert_eq!(Said::of_standing(Standing::LedAway), Said::NotThere);
        assert_eq!(Said::of_standing(Standing::Unknown), Said::Nothing);
    }

    #[test]
    fn a_page_is_left_alone_for_a_while_after_it_was_asked_for() {
        let asked = question(&source(), true, 2, now());
        assert_eq!(asked.seen_before, now() - TimeDelta::minutes(18));
        assert_eq!(asked.asked_before, now() - TimeDelta::hours(1));
        assert!(!asked.spare_latest && question(&source(), false, 2, now()).spare_latest);
        let mut slow = source();
        slow.pace = Some(Duration::from_secs(3_600));
        assert_eq!(question(&slow, true, 2, now()).asked_before, now() - TimeDelta::hours(10));
    }

    fn said() -> impl Strategy<Value = Said> {
        prop_oneof![
            (50i64..150).prop_map(|minor| Said::There(Box::new(listing(Some(minor))))),
            Just(Said::There(Box::new(listing(None)))),
            Just(Said::NotThere),
            Just(Said::Nothing),
        ]
    }

    proptest! {
        #[test]
        fn without_two_looks_in_a_row_nothing_is_ever_gone(all in proptest::collection::vec(said(), 1..30)) {
            let mut stale = stale(0);
            let mut row = 0;
            for said in all {
                row = match said {
                    Said::NotThere => row + 1,
                    _ => 0,
                };
                let found = found(&stale, said);
                let is_gone = event(&found).is_some_and(|(kind, _)| kind == ChangeKind::Gone);
                prop_assert_eq!(is_gone, row >= 2);
                if is_gone {
                    break;
                }
                stale.missing = found.asked.missing;
                if let Some(happening) = found.happening {
                    stale.known.version += 1;
                    stale.known.listing = happening.listing;
                }
            }
        }
    }
}
