//! Where a known listing shows itself: its address, its id, its title. One bit per listing.

use std::collections::HashMap;

use serde_json::Value;
use url::Url;

use crate::listing::Listing;
use crate::transform::text::collapse;

/// Listings looked for at most: one bit each.
pub(super) const MAX_KNOWN: usize = 64;

/// Which listings were seen at a place.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Mask {
    /// By anything that is only theirs.
    pub(super) any: u64,
    /// By their title.
    pub(super) title: u64,
}

impl Mask {
    pub(super) fn join(&mut self, other: Mask) {
        self.any |= other.any;
        self.title |= other.title;
    }

    /// The one listing that is seen here in full: by title, and nobody else by anything.
    pub(super) fn only(self) -> Option<usize> {
        (self.any.count_ones() == 1 && self.title & self.any == self.any)
            .then(|| self.any.trailing_zeros() as usize)
    }

    /// Whether several listings are seen here.
    pub(super) fn many(self) -> bool {
        self.any.count_ones() > 1
    }
}

/// What to look for.
pub(super) struct Evidence<'k> {
    urls: HashMap<String, usize>,
    ids: HashMap<&'k str, usize>,
    /// `None`: several listings share the title, so it tells nobody apart.
    titles: HashMap<String, Option<usize>>,
    base: Url,
}

impl<'k> Evidence<'k> {
    /// Of these listings, read against the base address of the page.
    pub(super) fn of(known: &'k [Listing], base: &Url) -> Evidence<'k> {
        let mut out = Evidence {
            urls: HashMap::new(),
            ids: HashMap::new(),
            titles: HashMap::new(),
            base: base.clone(),
        };
        let mut bare: HashMap<String, Option<usize>> = HashMap::new();
        for (at, listing) in known.iter().enumerate().take(MAX_KNOWN) {
            let one = Some(at);
            let shared = |held: &mut Option<usize>| {
                if *held != one {
                    *held = None;
                }
            };
            bare.entry(stripped(&listing.url)).and_modify(shared).or_insert(one);
            let title = collapse(&listing.title);
            out.titles.entry(title).and_modify(shared).or_insert(one);
            out.urls.insert(listing.url.clone(), at);
            // A short number stands in many places of a page and means other things there.
            if listing.id.len() >= 4 || listing.id.bytes().any(|b| !b.is_ascii_digit()) {
                out.ids.insert(listing.id.as_str(), at);
            }
        }
        out.urls.extend(bare.into_iter().filter_map(|(url, at)| Some((url, at?))));
        out
    }

    fn url(&self, text: &str) -> Option<usize> {
        let url = self.base.join(text.trim()).ok()?.to_string();
        self.urls.get(&url).or_else(|| self.urls.get(&stripped(&url))).copied()
    }

    /// What an attribute or a string says.
    pub(super) fn in_value(&self, text: &str, may_link: bool) -> Mask {
        let mut mask = self.in_text(text);
        if let Some(at) = self.ids.get(text.trim()) {
            mask.any |= 1 << at;
        }
        let links = may_link || text.starts_with("http") || text.starts_with('/');
        if let Some(at) = links.then(|| self.url(text)).flatten() {
            mask.any |= 1 << at;
        }
        mask
    }

    /// What a printed text says.
    pub(super) fn in_text(&self, text: &str) -> Mask {
        match self.titles.get(collapse(text).as_str()) {
            Some(Some(at)) => Mask { any: 1 << at, title: 1 << at },
            _ => Mask::default(),
        }
    }

    /// What a JSON value says, with all that is in it.
    pub(super) fn in_json(&self, value: &Value, depth: usize) -> Mask {
        let mut mask = Mask::default();
        match value {
            _ if depth > 40 => {}
            Value::String(text) => mask = self.in_value(text, false),
            Value::Number(number) => {
                if let Some(at) = self.ids.get(number.to_string().as_str()) {
                    mask.any |= 1 << at;
                }
            }
            Value::Array(list) => {
                list.iter().for_each(|inner| mask.join(self.in_json(inner, depth + 1)));
            }
            Value::Object(map) => {
                map.values().for_each(|inner| mask.join(self.in_json(inner, depth + 1)));
            }
            Value::Null | Value::Bool(_) => {}
        }
        mask
    }
}

/// An address without what may differ from one visit to the next.
fn stripped(url: &str) -> String {
    url.split(['?', '#']).next().unwrap_or("").trim_end_matches('/').to_owned()
}
