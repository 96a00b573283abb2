//! Whether the next page of a search is worth a request. Pure.
//!
//! Pages come newest first. While everything on a page is news, more news may stand behind it; the first page
//! that shows something known closes the gap. Promoted listings are shown wherever the site likes, so they
//! say nothing either way.

use std::collections::HashSet;

use sites::Listing;
use url::Url;

/// The pages of one search in one run.
#[derive(Debug, Clone)]
pub struct Trail {
    most: usize,
    pages: usize,
    ids: HashSet<String>,
    asked: HashSet<String>,
}

impl Trail {
    /// A trail of at most `most` pages that begins at `first`.
    pub fn new(most: usize, first: &Url) -> Self {
        Self { most, pages: 0, ids: HashSet::new(), asked: HashSet::from([name(first)]) }
    }

    /// Whether another page might be asked for, whatever the present one shows.
    pub fn may_go_on(&self) -> bool {
        self.pages + 1 < self.most
    }

    /// Takes in a page and answers which one to ask for next, if any. `is_known` says whether this source has
    /// shown a listing before this run.
    ///
    /// The trail ends at a page with a known listing, at one that shows nothing that the pages before it have
    /// not shown (some sites answer the last page for ever), at an address that was asked for before, and at
    /// the limit.
    pub fn step(
        &mut self,
        listings: &[Listing],
        is_known: impl Fn(&str) -> bool,
        next: Option<&Url>,
    ) -> Option<Url> {
        let may_go_on = self.may_go_on();
        self.pages += 1;
        let fresh = listings.iter().filter(|listing| self.ids.insert(listing.id.clone())).count();
        let organic = || listings.iter().filter(|listing| !listing.promoted);
        let all_news = organic().count() > 0 && organic().all(|listing| !is_known(&listing.id));
        let next = next.filter(|_| may_go_on && fresh > 0 && all_news)?;
        self.asked.insert(name(next)).then(|| next.clone())
    }
}

/// The address as a server sees it.
fn name(url: &Url) -> String {
    let mut url = url.clone();
    url.set_fragment(None);
    url.into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn url(page: usize) -> Url {
        Url::parse(&format!("https://example.com/s?page={page}")).expect("an address")
    }

    fn listing(id: usize, promoted: bool) -> Listing {
        Listing { promoted, ..Listing::new(id.to_string(), "https://example.com/1", "A bike") }
    }

    fn page(ids: std::ops::Range<usize>) -> Vec<Listing> {
        ids.map(|id| listing(id, false)).collect()
    }

    #[test]
    fn it_goes_on_while_everything_is_news_and_ends_at_something_known() {
        let mut trail = Trail::new(5, &url(1));
        let known = |id: &str| id == "25";
        assert_eq!(trail.step(&page(0..10), known, Some(&url(2))), Some(url(2)));
        assert_eq!(trail.step(&page(10..20), known, Some(&url(3))), Some(url(3)));
        assert_eq!(trail.step(&page(20..30), known, Some(&url(4))), None);
    }

    #[test]
    fn promoted_listings_say_nothing_either_way() {
        let mut trail = Trail::new(5, &url(1));
        let mut first = page(0..10);
        first.push(listing(99, true));
        assert_eq!(trail.step(&first, |id| id == "99", Some(&url(2))), Some(url(2)));
        let only_promoted = [listing(50, true)];
        assert_eq!(trail.step(&only_promoted, |_| false, Some(&url(3))), None);
    }

    #[test]
    fn a_site_that_repeats_itself_is_left() {
        let mut trail = Trail::new(9, &url(1));
        assert_eq!(trail.step(&page(0..10), |_| false, Some(&url(1))), None, "the same address");
        let mut trail = Trail::new(9, &url(1));
        assert_eq!(trail.step(&page(0..10), |_| false, Some(&url(2))), Some(url(2)));
        // One more listing came meanwhile and moved the others to the second page: still a page of its own.
        assert_eq!(trail.step(&page(9..19), |_| false, Some(&url(3))), Some(url(3)));
        assert_eq!(trail.step(&page(0..10), |_| false, Some(&url(4))), None, "the same listings");
    }

    #[test]
    fn one_page_is_enough_where_the_limit_says_so() {
        for most in [0, 1] {
            let mut trail = Trail::new(most, &url(1));
            assert!(!trail.may_go_on());
            assert_eq!(trail.step(&page(0..3), |_| false, Some(&url(2))), None);
        }
    }

    proptest! {
        #[test]
        fn it_reads_just_the_news_within_the_limit(
            news in 0usize..80, size in 1usize..15, most in 1usize..9, total in 1usize..120
        ) {
            let known = |id: &str| id.parse::<usize>().is_ok_and(|id| id >= news);
            let pages = total.div_ceil(size);
            let mut trail = Trail::new(most, &url(1));
            let mut read = 1;
            loop {
                let shown = page((read - 1) * size..(read * size).min(total));
                let next = (read < pages).then(|| url(read + 1));
                match trail.step(&shown, known, next.as_ref()) {
                    Some(_) => read += 1,
                    None => break,
                }
            }
            // The page that shows the first known listing, or the last one there is.
            let enough = (news / size + 1).min(pages);
            prop_assert_eq!(read, enough.min(most));
        }
    }
}
