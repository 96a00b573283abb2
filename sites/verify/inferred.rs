//! Comparing what was found without a module.
//!
//! Items are named by their address or by an id that is part of it. A site's own id that no address of
//! the page holds cannot be known from outside; then items are compared by their place alone. What
//! counts: the number of items, each item, each amount, and address, title and price of the samples.
//! The note says if an item is missing or too many.

use std::path::Path;

use serde_json::Value;
use url::Url;

use crate::infer::{self, Inferred};
use crate::listing::Listing;
use crate::page::Page;
use crate::transform::currency;

use super::compare::{amount, as_text, price, same_url, seen, shown};
use super::index::Entry;
use super::report::{Difference, PageScore};

pub(super) fn score(dir: &Path, entry: &Entry) -> PageScore {
    let mut score = PageScore::new(&entry.file, &entry.kind, None);
    let bytes = match std::fs::read(dir.join(&entry.file)) {
        Ok(bytes) => bytes,
        Err(error) => {
            score.check("file", "a readable file", &error.to_string());
            return score;
        }
    };
    let sample = entry.expected.pointer("/listings/0/url").and_then(Value::as_str);
    let sample = sample.and_then(|url| Url::parse(url).ok());
    let home = sample.and_then(|url| url.join("/").ok());
    let Some(url) = entry.address().or(home).or_else(|| Url::parse("http://unknown.test/").ok())
    else {
        return score;
    };
    let page = Page {
        url,
        status: Some(200),
        content_type: None,
        body: super::decode(&bytes, &entry.encoding),
        script: None,
        fetched_at: super::fetched_at(entry),
    };
    let inferred = infer::infer(&page);
    score.site = inferred.how.as_ref().map(|how| format!("{:?}", how.source).to_lowercase());
    compare(&entry.expected, &inferred, &mut score);
    score
}

fn compare(expected: &Value, inferred: &Inferred, score: &mut PageScore) {
    let listings = &inferred.parsed.listings;
    let of = |key: &str| expected.get(key).and_then(Value::as_array).cloned().unwrap_or_default();
    let (ids, amounts, samples) = (of("item_ids"), of("amounts"), of("listings"));
    let mut known = std::collections::HashSet::new();
    let unique: Vec<usize> =
        (0..ids.len()).filter(|at| known.insert(as_text(ids.get(*at)))).collect();
    score.check("count", &unique.len().to_string(), &listings.len().to_string());
    let named = |id: &str| listings.iter().find(|l| l.id == id || holds(&l.url, id));
    let sampled = |sample: &Value| {
        let url = as_text(sample.get("url"));
        named(&as_text(sample.get("id")))
            .or_else(|| listings.iter().find(|l| same_url(&url, &l.url)))
    };
    let foreign = unique.iter().all(|at| named(&as_text(ids.get(*at))).is_none())
        && samples.iter().any(|sample| sampled(sample).is_some());
    let mut missing = 0;
    for (place, at) in unique.iter().enumerate() {
        let id = as_text(ids.get(*at));
        let found = if foreign { listings.get(place) } else { named(&id) };
        let name = format!("item {}", place + 1);
        score.check_that(&name, found.is_some(), &id, "-");
        missing += usize::from(found.is_none());
        if let Some(wanted) = amounts.get(*at) {
            let name = format!("{name} amount");
            match found {
                Some(found) => amount(&name, wanted, found.price.as_ref(), score),
                None => score.check(&name, &as_text(Some(wanted)), "no item"),
            }
        }
    }
    for sample in &samples {
        let name = format!("listing {}", as_text(sample.get("position")));
        match sampled(sample) {
            Some(found) => one(sample, found, &name, score),
            None => score.check(&name, &as_text(sample.get("id")), "-"),
        }
    }
    if missing > 0 || listings.len() != unique.len() {
        score.note = Some(format!("{} of {} items", listings.len(), unique.len()));
    }
    if let Some(how) = &inferred.how
        && score.right < score.checked
    {
        let way = format!("item {}; {:?}", how.item, how.fields);
        let what = "read by".to_owned();
        let way = Difference { what, expected: "-".to_owned(), found: way };
        score.differences.insert(0, way);
    }
}

fn one(sample: &Value, found: &Listing, name: &str, score: &mut PageScore) {
    if let Some(url) = sample.get("url").and_then(Value::as_str) {
        score.check_that(&format!("{name} url"), same_url(url, &found.url), url, &found.url);
    }
    let title = seen(&as_text(sample.get("title")));
    score.check(&format!("{name} title"), &title, &seen(&found.title));
    if let Some(wanted) = sample.get("price").filter(|v| !v.is_null()) {
        price(&format!("{name} price"), wanted, found, score);
    }
    if let Some(code) = sample.get("currency").and_then(Value::as_str) {
        let own = found.price.as_ref().map(|m| m.currency.clone());
        score.check(&format!("{name} currency"), &currency::canonical(code), &shown(own));
    }
}

/// Whether an address holds an id as a part of its own.
fn holds(url: &str, id: &str) -> bool {
    let edge = |c: Option<char>| c.is_none_or(|c| !c.is_ascii_alphanumeric());
    id.len() >= 2
        && url.match_indices(id).any(|(at, _)| {
            edge(url[..at].chars().next_back()) && edge(url[at + id.len()..].chars().next())
        })
}
