//! The page of a single offer, and what it says about the offer still being there.
//!
//! Three answers are proof: the offer itself, read from its page; a sign on the page that it is sold, reserved
//! or removed (`[detail] gone_when`); and having been led to a page to which the site sends those who ask
//! for what is not there (`[detail] gone_at`). Everything else is no answer: a block page, a log-in, another
//! offer, a page that nobody understands.

use regex::Regex;
use url::Url;

use crate::extract::document::Document;
use crate::extract::field::Scope;
use crate::extract::items::{OFFERED, state};
use crate::extract::layout::Layout;
use crate::listing::Listing;
use crate::page::{Page, PageKind, Parsed};
use crate::site::{Render, Site};

/// The rules of `[detail]`.
#[derive(Debug, Clone)]
pub struct Detail {
    /// Addresses of single offers.
    pub matches: Vec<Regex>,
    /// How such a page is read.
    pub layout: Layout,
    /// Whether the page says something worth a request that the list does not say.
    pub wanted: bool,
    /// How such pages are fetched, where it is not as lists are.
    pub render: Option<Render>,
    /// Addresses to which the site leads when the offer is not there.
    pub gone_at: Vec<Regex>,
}

impl Detail {
    /// Whether the address is that of a single offer.
    pub fn fits(&self, url: &Url) -> bool {
        self.matches.iter().any(|rule| rule.is_match(url.as_str()))
    }
}

/// What a page says about an offer.
#[derive(Debug, Clone, PartialEq)]
pub enum Standing {
    /// It is there, and reads like this now.
    There(Box<Listing>),
    /// The page says by itself that it is not to be had, in this word of the module (`sold`, `reserved`, `gone`).
    Gone(String),
    /// The site led us to where it sends people for what is not there.
    LedAway,
    /// Nothing: another page, or none that we know.
    Unknown,
}

impl Site {
    /// Whether pages of single offers are read at all.
    pub fn has_detail(&self) -> bool {
        self.detail.is_some()
    }

    /// Whether the page of a new offer is worth a request (`[detail] fetch = "wanted"`).
    pub fn wants_detail(&self) -> bool {
        self.detail.as_ref().is_some_and(|detail| detail.wanted)
    }

    /// How pages of single offers are fetched.
    pub fn detail_render(&self) -> Render {
        self.detail.as_ref().and_then(|detail| detail.render).unwrap_or(self.fetch.render)
    }

    /// What `page`, which was asked for as that of the offer `id` and read as `parsed`, says about the offer.
    pub fn standing(&self, page: &Page, parsed: &Parsed, id: &str) -> Standing {
        let Some(detail) = &self.detail else { return Standing::Unknown };
        if detail.gone_at.iter().any(|rule| rule.is_match(page.url.as_str())) {
            return Standing::LedAway;
        }
        if matches!(parsed.kind, PageKind::Blocked | PageKind::LoginWall) || !detail.fits(&page.url)
        {
            return Standing::Unknown;
        }
        let read = parsed.listings.first();
        if read.is_some_and(|listing| listing.id != id) {
            return Standing::Unknown;
        }
        let document = Document::new(page, detail.layout.places.len());
        match (sign(&detail.layout, &document), read) {
            (Some(word), _) => Standing::Gone(word),
            (None, Some(listing)) => Standing::There(Box::new(listing.clone())),
            (None, None) => Standing::Unknown,
        }
    }
}

/// The word of the first sign that the offer is not to be had.
fn sign<'d>(layout: &'d Layout, document: &'d Document<'d>) -> Option<String> {
    let scope = Scope { document, item: document.root()?, places: &layout.places, id: "" };
    state(layout, &scope).filter(|word| *word != OFFERED).map(ToOwned::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MODULE: &str = r#"
[site]
id = "example"
name = "Example"
hosts = ["example.com"]
kind = "goods"
country = "de"
time_zone = "Europe/Berlin"
currency = "EUR"

[fetch]
blocked_when = ["are you human"]

[search]
match = '^https://example\.com/search'
max_pages = 3

[listing]
item = "li"
id = "@id"
url = "a@href"
title = "a"

[detail]
match = '^https://example\.com/offer/\d+'
fetch = "wanted"
gone_at = '^https://example\.com/(\?|$)'
gone_when = { sold = [".sold", "h1 | regex (?i)^sold:"], reserved = "script#state | jsonpath $.reserved" }
id = 'url | regex /offer/(\d+)'
url = "url"
title = "h1"
price = ".price"
"#;

    fn standing(url: &str, body: &str) -> Standing {
        let site = Site::from_toml("example/site.toml", MODULE).expect("a module");
        assert!(site.wants_detail());
        assert_eq!(site.max_pages, Some(3));
        let page = Page {
            url: Url::parse(url).expect("an address"),
            status: Some(200),
            content_type: None,
            body: body.to_owned(),
            script: None,
            fetched_at: chrono::DateTime::UNIX_EPOCH,
        };
        site.standing(&page, &site.parse(&page), "7")
    }

    fn offer(body: &str) -> Standing {
        standing("https://example.com/offer/7", body)
    }

    #[test]
    fn an_offer_that_reads_well_is_there() {
        let Standing::There(listing) = offer("<h1>Bike</h1><b class=price>€ 12</b>") else {
            panic!("not there");
        };
        assert_eq!((listing.id.as_str(), listing.price.map(|p| p.minor)), ("7", Some(1_200)));
    }

    #[test]
    fn the_page_may_say_by_itself_that_it_is_gone_and_why() {
        let gone = |word: &str| Standing::Gone(word.to_owned());
        assert_eq!(offer("<h1>Bike</h1><p class=sold>Sold</p>"), gone("sold"));
        assert_eq!(offer("<h1>Sold: bike</h1>"), gone("sold"));
        assert_eq!(offer("<p class=sold>"), gone("sold"));
        let state = |value| {
            let script = r#"<script id="state" type="application/json">"#;
            offer(&format!(r#"<h1>Bike</h1>{script}{{"reserved":{value}}}</script>"#))
        };
        assert_eq!(state("true"), gone("reserved"));
        for free in ["false", "null"] {
            let Standing::There(listing) = state(free) else { panic!("not there") };
            assert_eq!(listing.attributes["state"], "offered", "the page would say so");
        }
    }

    #[test]
    fn a_list_marks_its_items_if_the_module_says_how() {
        let marked = "gone_when = { reserved = \".reserved\" }\n\n[detail]";
        let module = MODULE.replacen("[detail]", marked, 1);
        let states = |module: &str| {
            let site = Site::from_toml("example/site.toml", module).expect("a module");
            let item =
                |id, mark| format!("<li id={id}><a href='/offer/{id}'>Bike {id}</a>{mark}</li>");
            let page = Page {
                url: Url::parse("https://example.com/search").expect("an address"),
                status: Some(200),
                content_type: None,
                body: item(1, "") + &item(2, "<i class=reserved></i>"),
                script: None,
                fetched_at: chrono::DateTime::UNIX_EPOCH,
            };
            let listings = site.parse(&page).listings;
            listings.iter().map(|one| one.attributes.get("state").cloned()).collect::<Vec<_>>()
        };
        let said = [Some("offered".to_owned()), Some("reserved".to_owned())];
        assert_eq!(states(&module), said);
        assert_eq!(states(MODULE), [None, None], "a module that cannot say so says nothing");
    }

    #[test]
    fn silence_blocks_and_other_offers_are_no_proof() {
        assert_eq!(offer(""), Standing::Unknown);
        assert_eq!(offer("Are you human? <p class=sold>"), Standing::Unknown);
        let other = "https://example.com/offer/8";
        assert_eq!(standing(other, "<h1>Lamp</h1><p class=sold>"), Standing::Unknown);
        let elsewhere = "https://example.com/help";
        assert_eq!(standing(elsewhere, "<h1>Help</h1><p class=sold>"), Standing::Unknown);
        assert_eq!(standing("https://example.com/", "<h1>Welcome</h1>"), Standing::LedAway);
    }

    #[test]
    fn the_keys_are_checked_like_all_others() {
        let bad = MODULE
            .replace("\"wanted\"", "\"always\"")
            .replace("max_pages = 3", "max_pages = 0")
            .replace("gone_at = '^", "gone_at = '(^");
        let error = Site::from_toml("x/site.toml", &bad).expect_err("refused").to_string();
        for part in ["detail.fetch: `always`", "search.max_pages: write a whole", "detail.gone_at"]
        {
            assert!(error.contains(part), "{part}\n---\n{error}");
        }
    }
}
