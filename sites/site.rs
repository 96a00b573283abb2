//! One site: who it is, how to fetch it, how to read it.
//!
//! A [`Site`] is data compiled from a folder's `site.toml`, and where the folder lists one, a function
//! from its `parse.rs`. It holds no connection and knows no clock.

use std::collections::BTreeMap;
use std::time::Duration;

use chrono_tz::Tz;
use serde::{Deserialize, Serialize};
use url::Url;

use crate::address::{AddressRules, Cleaned, Host};
use crate::extract::document::Document;
use crate::extract::field::Scope;
use crate::extract::items::{self, Locale};
use crate::extract::layout::Layout;
use crate::judge::Judge;
use crate::load::LoadError;
use crate::login::Login;
use crate::offer::Detail;
use crate::page::{Complaint, Page, Parsed};
use crate::transform::number::{self, Marks};

/// What kind of things a site lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Flats and houses.
    Home,
    /// Small advertisements of all kinds.
    Classified,
    /// Cars.
    Car,
    /// Jobs.
    Job,
    /// Things in shops.
    Goods,
}

/// How a site's pages are fetched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Render {
    /// The answer to a plain request holds the listings.
    Http,
    /// Only a browser sees them.
    Browser,
    /// The cheapest that works is learned.
    Auto,
}

/// Kinds of resources a browser need not load.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ResourceKind {
    /// Pictures.
    Image,
    /// Fonts.
    Font,
    /// Sound and films.
    Media,
    /// Style sheets.
    Stylesheet,
    /// Scripts.
    Script,
}

/// The rules of `[fetch]` and `[script]`.
#[derive(Debug, Clone)]
pub struct Fetch {
    /// Rung of the ladder.
    pub render: Render,
    /// CSS selector a browser waits for.
    pub wait_for: Option<String>,
    /// What a browser does not load.
    pub block: Vec<ResourceKind>,
    /// Shortest time between two requests to the host; the configuration's when the module names none.
    pub gap: Option<Duration>,
    /// Requests to the host at the same time, 1 to 4; the configuration's when the module names none.
    pub concurrency: Option<usize>,
    /// Words of the site's block page, lower case.
    pub blocked_when: Vec<String>,
    /// Words of the site's login page, lower case.
    pub login_when: Vec<String>,
    /// Whether a cheaper road may be learned from what the browser sees.
    pub learn: bool,
    /// JavaScript evaluated in the page; it returns the items as JSON.
    pub script: Option<String>,
}

/// A function of a module's `parse.rs`: gets the page and what the data made of it.
pub type Refine = fn(&Page, Parsed) -> Parsed;

/// One site.
#[derive(Debug, Clone)]
pub struct Site {
    /// Id; equals the folder's name.
    pub id: String,
    /// Name for people.
    pub name: String,
    /// Hosts, each with its subdomains.
    pub hosts: Vec<Host>,
    /// Only addresses whose path starts so belong to the site.
    pub path: String,
    /// What it lists.
    pub kind: Kind,
    /// ISO 3166 code of the country, lower case.
    pub country: String,
    /// Zone of printed times.
    pub time_zone: Tz,
    /// ISO 4217 code of printed prices.
    pub currency: String,
    /// Who repairs the module.
    pub owner: String,
    /// A digest of the text it was compiled from: another one is another module.
    pub mark: String,
    /// How to fetch.
    pub fetch: Fetch,
    /// Pages of one search that are read at most in a run; the configuration's when the module names none.
    pub max_pages: Option<usize>,
    /// How to log in, if the site wants that.
    pub login: Option<Login>,
    pub(crate) address: AddressRules,
    pub(crate) list: Layout,
    pub(crate) detail: Option<Detail>,
    pub(crate) judge: Judge,
    pub(crate) locale: Locale,
    pub(crate) refine: Option<Refine>,
}

impl Site {
    /// Compiles a module from the text of its `site.toml`. `file` names it in problems.
    pub fn from_toml(file: &str, text: &str) -> Result<Site, LoadError> {
        crate::load::site::compile(file, text)
    }

    /// Adds the function of a module's `parse.rs`.
    pub fn with_refine(mut self, refine: Refine) -> Site {
        self.refine = Some(refine);
        self
    }

    /// How well an address belongs to this site; `None`: not at all.
    pub(crate) fn claim(&self, url: &Url) -> Option<usize> {
        let host = self.hosts.iter().filter_map(|h| h.fits(url)).max()?;
        url.path().starts_with(&self.path).then_some(host * 1_000 + self.path.len())
    }

    /// Whether the address is a search page of this site.
    pub fn matches(&self, url: &Url) -> bool {
        let is_search = |url: &Url| self.address.is_search(url);
        // What was pasted may carry parameters that are dropped anyway.
        self.claim(url).is_some() && (is_search(url) || is_search(&self.address.clean(url).url))
    }

    /// Whether the address is the page of one offer.
    pub fn is_detail(&self, url: &Url) -> bool {
        self.claim(url).is_some() && self.detail.as_ref().is_some_and(|detail| detail.fits(url))
    }

    /// The canonical address of a search, and what it filters by.
    pub fn clean(&self, url: &Url) -> Cleaned {
        self.address.clean(url)
    }

    /// Whether the site shows the newest first whatever the address says.
    pub fn newest_by_default(&self) -> bool {
        self.address.newest_by_default
    }

    /// The parameters that put the newest first.
    pub fn newest_parameters(&self) -> &BTreeMap<String, String> {
        &self.address.newest
    }

    /// The words for what addresses of this site may filter by.
    pub fn filters_understood(&self) -> Vec<String> {
        let named = self.address.path.iter().flat_map(regex::Regex::capture_names).flatten();
        let mut all: Vec<String> = self.address.filters.values().cloned().collect();
        all.extend(named.map(str::to_owned));
        all.sort();
        all.dedup();
        all
    }

    /// Reads a page. Never fails: whatever comes in, a verdict comes out.
    pub fn parse(&self, page: &Page) -> Parsed {
        let parsed = self.parse_data(page);
        match self.refine {
            Some(refine) => refine(page, parsed),
            None => parsed,
        }
    }

    fn parse_data(&self, page: &Page) -> Parsed {
        if let Some(detail) = &self.detail
            && self.is_detail(&page.url)
        {
            return self.parse_layout(page, &detail.layout, false);
        }
        self.parse_layout(page, &self.list, true)
    }

    fn parse_layout(&self, page: &Page, layout: &Layout, list: bool) -> Parsed {
        let document = Document::new(page, layout.places.len());
        let mut reading = items::read(layout, &document, &self.locale);
        if !list {
            reading.listings.truncate(1);
        }
        let kind = self.judge.kind(&document, layout, reading.listings.len());
        if list {
            reading.complaints.extend(self.judge.shares(&reading.listings));
        }
        if page.body.len() > document.read() {
            reading.complaints.push(Complaint {
                item: None,
                field: None,
                text: format!("the page is cut at {} bytes", document.read()),
            });
        }
        Parsed {
            kind,
            total: total(layout, &document),
            next: next(layout, &document),
            listings: reading.listings,
            complaints: reading.complaints,
            won: reading.won,
        }
    }
}

fn page_scope<'d>(layout: &'d Layout, document: &'d Document<'d>) -> Option<Scope<'d>> {
    Some(Scope { document, item: document.root()?, places: &layout.places, id: "" })
}

fn total(layout: &Layout, document: &Document<'_>) -> Option<u64> {
    let scope = page_scope(layout, document)?;
    layout.total.iter().find_map(|alternative| {
        let text = number::fold(&scope.first_text(alternative)?);
        let found = number::scan(&text, Marks::default());
        u64::try_from(found.first()?.value.minor(0)?).ok()
    })
}

fn next(layout: &Layout, document: &Document<'_>) -> Option<Url> {
    let scope = page_scope(layout, document)?;
    layout.next.iter().find_map(|alternative| {
        let url = document.base.join(&scope.first_text(alternative)?).ok()?;
        (matches!(url.scheme(), "http" | "https") && url != document.page.url).then_some(url)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::page::PageKind;
    use crate::registry::Registry;

    fn demo(body: &str) -> Result<(Site, Page), Box<dyn std::error::Error>> {
        let site = Registry::builtin()?.get("demo_goods").cloned().ok_or("no demo_goods")?;
        let page = Page {
            url: Url::parse("http://127.0.0.1:8088/demo/goods?q=x")?,
            status: Some(200),
            content_type: None,
            body: body.to_owned(),
            script: None,
            fetched_at: chrono::DateTime::UNIX_EPOCH,
        };
        Ok((site, page))
    }

    #[test]
    fn a_page_that_nests_without_end_is_cut_and_judged() -> Result<(), Box<dyn std::error::Error>> {
        let bomb = "<div>".repeat(300_000);
        let (site, page) = demo(&bomb)?;
        let parsed = site.parse(&page);
        assert_eq!(parsed.kind, PageKind::Unrecognised);
        assert!(parsed.complaints.iter().any(|c| c.text.contains("cut")), "{parsed:?}");
        let tricky = "<div></x>".repeat(100_000);
        assert_eq!(site.parse(&demo(&tricky)?.1).kind, PageKind::Unrecognised);
        Ok(())
    }

    #[test]
    fn items_without_id_are_complaints_and_repeated_ids_count_once()
    -> Result<(), Box<dyn std::error::Error>> {
        let item =
            |id: &str| format!("<li class=offer {id}><a class=title href=/demo/goods/1>T</a></li>");
        let items = [item("data-id=1"), item(""), item("data-id=1")].concat();
        let (site, page) = demo(&format!("<ul class=results>{items}</ul>"))?;
        let parsed = site.parse(&page);
        assert_eq!(parsed.listings.len(), 1);
        let skipped: Vec<_> = parsed.complaints.iter().filter(|c| c.item.is_some()).collect();
        assert_eq!(skipped.len(), 1);
        assert_eq!((skipped[0].item, skipped[0].field.as_deref()), (Some(2), Some("id")));
        assert_eq!(parsed.won["id"]["dom"], 2);
        Ok(())
    }

    #[test]
    fn the_function_of_a_module_sees_page_and_result() -> Result<(), Box<dyn std::error::Error>> {
        let (site, page) = demo("<p class=no-results>")?;
        assert_eq!(site.parse(&page).total, None);
        let site = site.with_refine(|page, parsed| Parsed {
            total: u64::try_from(page.body.len()).ok(),
            ..parsed
        });
        assert_eq!(site.parse(&page).total, Some(20));
        Ok(())
    }
}
