//! Reading the listings of a page for which there is no site module.
//!
//! The flow: [`guess`] says where the site is at home → [`data`] proposes arrays of alike objects
//! (JSON body, feed, JSON-LD, state of scripts), [`cards`] proposes groups of alike elements, [`slots`]
//! and [`data`] name a source for each field, typed by its values → every proposal is written as a
//! `site.toml` ([`draft`]), compiled and read like any other module → the reading that explains most
//! wins. What is proposed is therefore exactly what was read.

mod address;
mod aside;
mod cards;
mod columns;
mod data;
mod data_price;
mod draft;
mod evidence;
mod guess;
mod keys;
mod kind;
mod links;
mod outline;
mod paging;
mod parts;
mod pieces;
mod prices;
mod profile;
mod slots;
mod target;
mod values;

use url::Url;

use crate::extract::document::{Document, text_of};
use crate::extract::items;
use crate::extract::layout::Layout;
use crate::judge::Judge;
use crate::listing::Listing;
use crate::page::{Page, Parsed};
use crate::site::{Render, Site};

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
        self.module(id, url, Render::Http)
    }

    /// The same, for pages that must be fetched in another way.
    pub fn module(&self, id: &str, url: &Url, render: Render) -> Option<String> {
        self.how.as_ref().map(|draft| draft.toml(id, url, render))
    }
}

/// A site that knows nothing but its host: for fetching a page that no module knows.
pub fn guest(url: &Url) -> Option<Site> {
    let host = url.host_str()?;
    let module = format!(
        "[site]\nid = \"unknown\"\nname = {host:?}\nhosts = [{host:?}]\nkind = \"classified\"\n\
         country = \"us\"\ntime_zone = \"UTC\"\ncurrency = \"USD\"\n\
         [fetch]\nrender = \"auto\"\n[search]\nmatch = \"^https?://\"\n\
         [listing]\nitem = \"x-none\"\nid = \"@id\"\nurl = \"@href\"\ntitle = \"text\"\n"
    );
    Site::from_toml("unknown/site.toml", &module).ok()
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
    let outline =
        document.html().map(|html| outline::Outline::new(html, &document.base, &home.currency));
    let links = outline.as_ref().map_or(&[][..], |outline| outline.urls.as_slice());
    let mut drafts = data::drafts(&document, &home, links);
    if let Some(outline) = &outline {
        for group in cards::groups(outline) {
            drafts.extend(slots::draft(outline, &group, &document, &home));
        }
    }
    let readings = drafts.into_iter().filter_map(|draft| read(draft, &document));
    let best = readings.reduce(|best, next| if next.score > best.score { next } else { best });
    let Some(mut best) = best else { return nothing(page) };
    let confidence = quality(&best.listings, page).clamp(0.0, 1.0);
    for (name, source) in std::mem::take(&mut best.draft.late) {
        best.draft.field(name, vec![source]);
    }
    let Some(site) = compile(&best.draft, &page.url) else { return nothing(page) };
    best.listings = site.parse(page).listings;
    complete(&mut best, &document);
    let Some(site) = compile(&best.draft, &page.url) else { return nothing(page) };
    Inferred { parsed: site.parse(page), how: Some(best.draft), confidence }
}

/// Adds to the chosen proposal what is known of the page beside its list.
fn complete(best: &mut Reading, document: &Document<'_>) {
    let Reading { draft, listings, .. } = best;
    let types: Vec<String> = document
        .nodes()
        .iter()
        .filter_map(|node| node.get("@type")?.as_str().map(str::to_owned))
        .collect();
    let texts = texts(draft, listings, document);
    draft.kind = kind::kind(document.page.url.as_str(), listings, &texts, &types);
    draft.next = paging::next(document);
    draft.newest = paging::sorting(document);
    draft.offers = listings.len();
    for (name, _) in &draft.fields {
        let values = listings.iter().filter_map(|listing| shown(listing, name));
        let mut values = values.peekable();
        let example = values.peek().cloned().unwrap_or_default();
        draft.found.insert(name.clone(), (values.count(), example));
    }
}

/// The texts of some offers in full, where they are elements.
fn texts(draft: &Draft, listings: &[Listing], document: &Document<'_>) -> Vec<String> {
    let selector = crate::dom::Selector::parse(&draft.item).ok();
    let selector = selector.filter(|_| draft.source == Source::Elements);
    let (Some(selector), Some(html)) = (selector, document.html()) else {
        return listings.iter().take(30).filter_map(|l| l.description.clone()).collect();
    };
    html.select(&selector).take(30).map(|card| text_of(&card)).collect()
}

/// A field of a listing as a person reads it.
fn shown(listing: &Listing, name: &str) -> Option<String> {
    match name {
        "id" => Some(listing.id.clone()),
        "url" => Some(listing.url.clone()),
        "title" => Some(listing.title.clone()),
        "price" => listing.price.as_ref().map(|money| crate::transform::money::print(money, '.')),
        "price_text" => listing.price_text.clone(),
        "former_price" => {
            listing.former_price.as_ref().map(|money| crate::transform::money::print(money, '.'))
        }
        "location" => listing.location.clone(),
        "images" => listing.images.first().cloned(),
        "posted_at" => listing.posted_at.map(|at| at.to_rfc3339()),
        "area" => listing.area.map(|area| format!("{} m²", area.0)),
        "rooms" => listing.rooms.map(|rooms| rooms.to_string()),
        "description" => listing.description.clone(),
        "seller" => listing.seller.clone(),
        name => listing.attributes.get(name).cloned(),
    }
}

fn compile(draft: &Draft, url: &Url) -> Option<Site> {
    Site::from_toml("inferred/site.toml", &draft.toml("inferred", url, Render::Http)).ok()
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
