//! Reading the listings of a page for which there is no site module.
//!
//! The flow: [`guess`] says where the site is at home → [`data`] proposes arrays of alike objects
//! (JSON body, feed, JSON-LD, state of scripts), [`cards`] proposes groups of alike elements, [`slots`]
//! and [`data`] name a source for each field, typed by its values → every proposal is written as a
//! `site.toml` ([`draft`]), compiled and read like any other module → the reading that explains most
//! wins. What is proposed is therefore exactly what was read.

mod address;
mod cards;
mod columns;
mod data;
mod draft;
mod guess;
mod keys;
mod outline;
mod slots;
mod values;

use url::Url;

use crate::extract::document::Document;
use crate::extract::items;
use crate::extract::layout::Layout;
use crate::judge::Judge;
use crate::listing::Listing;
use crate::page::{Page, Parsed};
use crate::site::Site;

pub(crate) use cards::ratio;
pub use draft::{Draft, Source};

/// What was found on a page without a module.
#[derive(Debug, Clone)]
pub struct Inferred {
    /// The listings, as a module would have read them.
    pub parsed: Parsed,
    /// Where they stand and how each field is read; `None` if no list was found.
    pub how: Option<Draft>,
    /// From 0 (nothing found) to 1 (every listing has address, title, price and picture).
    pub confidence: f64,
}

impl Inferred {
    /// A complete module that reads the same listings from the same page.
    pub fn site_toml(&self, id: &str, url: &Url) -> Option<String> {
        self.how.as_ref().map(|draft| draft.toml(id, url))
    }
}

/// One proposal, read.
struct Reading {
    draft: Draft,
    listings: Vec<Listing>,
    score: f64,
}

/// Finds the listings of any page.
pub fn infer(page: &Page) -> Inferred {
    let document = Document::new(page, 0);
    let home = guess::home(&document);
    let mut drafts = data::drafts(&document, &home);
    if let Some(html) = document.html() {
        let outline = outline::Outline::new(html, &document.base, &home.currency);
        for group in cards::groups(&outline) {
            drafts.extend(slots::draft(&outline, &group, &document, &home));
        }
    }
    let readings = drafts.into_iter().filter_map(|draft| read(draft, &document));
    let best = readings.reduce(|best, next| if next.score > best.score { next } else { best });
    let Some(best) = best else { return nothing(page) };
    let confidence = quality(&best.listings, page).clamp(0.0, 1.0);
    let Some(site) = compile(&best.draft, &page.url) else { return nothing(page) };
    Inferred { parsed: site.parse(page), how: Some(best.draft), confidence }
}

fn compile(draft: &Draft, url: &Url) -> Option<Site> {
    Site::from_toml("inferred/site.toml", &draft.toml("inferred", url)).ok()
}

fn read(draft: Draft, document: &Document<'_>) -> Option<Reading> {
    let site = compile(&draft, &document.page.url)?;
    let listings = if site.list.places.is_empty() {
        items::read(&site.list, document, &site.locale).listings
    } else {
        site.parse(document.page).listings
    };
    if listings.len() < 2 {
        return None;
    }
    let quality = quality(&listings, document.page);
    // Among equals, data made for programs comes before the looks of the page.
    let trust = draft.source.trust();
    let score = cards::weight(listings.len()) * quality.powi(4) * trust * draft.weight;
    Some(Reading { draft, listings, score })
}

/// The share of what a list of offers tells that was found.
fn quality(listings: &[Listing], page: &Page) -> f64 {
    let share = |test: &dyn Fn(&Listing) -> bool| {
        ratio(listings.iter().filter(|l| test(l)).count(), listings.len())
    };
    let distinct = |of: &dyn Fn(&Listing) -> &str| {
        let all: std::collections::HashSet<&str> = listings.iter().map(of).collect();
        ratio(all.len(), listings.len())
    };
    let own = page.url.as_str().split('#').next().unwrap_or("").to_owned() + "#";
    let links = distinct(&|l| &l.url) * share(&|l| !l.url.starts_with(&own));
    let titles = distinct(&|l| &l.title) * share(&|l| wordy(&l.title));
    0.25 * links
        + 0.25 * titles
        + 0.3 * share(&|l| l.price.is_some())
        + 0.1 * share(&|l| !l.images.is_empty())
        + 0.05 * share(&|l| l.location.is_some())
        + 0.05
}

/// Whether a title is more than a label; scripts without letters say more in fewer characters.
fn wordy(title: &str) -> bool {
    title.chars().count() >= if title.is_ascii() { 8 } else { 4 }
}

fn nothing(page: &Page) -> Inferred {
    let layout = Layout {
        items: Vec::new(),
        fields: Vec::new(),
        pairs: Vec::new(),
        total: Vec::new(),
        next: Vec::new(),
        gone: Vec::new(),
        empty: Vec::new(),
        places: Vec::new(),
    };
    let kind = Judge::default().kind(&Document::new(page, 0), &layout, 0);
    let parsed = Parsed {
        kind,
        listings: Vec::new(),
        complaints: Vec::new(),
        won: std::collections::BTreeMap::new(),
        total: None,
        next: None,
    };
    Inferred { parsed, how: None, confidence: 0.0 }
}
