//! What an address tells: which of a card's links is the offer, and which part of it is the id.

use std::collections::{HashMap, HashSet};

use regex::Regex;
use url::Url;

use super::cards::ratio;

/// The part of an address that all offers of a page tend to share: host and first folder.
pub(super) fn family(url: &str) -> String {
    let Ok(url) = Url::parse(url) else { return String::new() };
    let path = url.path();
    let first = match path.trim_matches('/').split_once('/') {
        Some((first, _)) => first,
        None => "",
    };
    let shape: String =
        first.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).take(40).collect();
    format!("{}/{shape}", url.host_str().unwrap_or(""))
}

/// Whether two addresses belong to one site: the last two names of the host agree.
pub(super) fn same_site(a: &str, b: &Url) -> bool {
    let site = |host: &str| -> String {
        let names: Vec<&str> = host.rsplit('.').take(2).collect();
        names.join(".")
    };
    let host = Url::parse(a).ok().and_then(|url| url.host_str().map(site));
    host.is_some() && host == b.host_str().map(site)
}

/// Whether an address does something instead of showing an offer.
pub(super) fn acts(url: &str) -> bool {
    const WORDS: [&str; 23] = [
        "login",
        "signin",
        "register",
        "favorite",
        "favourite",
        "wishlist",
        "watchlist",
        "merken",
        "compare",
        "cart",
        "basket",
        "checkout",
        "contact",
        "share",
        "review",
        "report",
        "profile",
        "facebook",
        "twitter",
        "finanz",
        "financ",
        "kredit",
        "mortgage",
    ];
    let lower = url.to_ascii_lowercase();
    WORDS.iter().any(|word| lower.contains(word))
}

/// The pattern (with one group) that takes a different id out of each address, if there is one.
pub(super) fn id_pattern(urls: &[&str]) -> Option<String> {
    let mut patterns = vec![
        r"#(\d{3,})$".to_owned(),
        r"/(\d{3,})/?(?:[?#]|$)".to_owned(),
        r"[-_./=](\d{3,})(?:\.[a-z]+)?/?(?:[?#]|$)".to_owned(),
        r"/[a-z]{0,2}(\d{5,})[^/]*/?(?:[?#]|$)".to_owned(),
    ];
    patterns.extend(parameters(urls));
    let exact = folders(urls);
    patterns.extend(exact.iter().cloned());
    patterns.extend([
        r"/(\d{5,})(?:[/?#-]|$)".to_owned(),
        r"[-_/=](\d{4,})(?:\D|$)".to_owned(),
        r"_(\d+)(?:/|\.)".to_owned(),
        r"/([^/?#]+?)(?:\.html?|\.php|\.aspx?)?/?(?:[?#]|$)".to_owned(),
        r"^https?://[^/]+(/[^#]+)".to_owned(),
    ]);
    patterns.into_iter().find(|pattern| {
        let Ok(re) = Regex::new(pattern) else { return false };
        let ids: Vec<&str> = urls
            .iter()
            .filter_map(|url| re.captures(url).and_then(|c| c.get(1)).map(|m| m.as_str()))
            .collect();
        let distinct: HashSet<&&str> = ids.iter().collect();
        if counted(&ids) {
            return false;
        }
        // An advertisement among the offers has another kind of address; without id it is left out.
        let least = if exact.contains(pattern) { 1.0 } else { 0.85 };
        ratio(ids.len(), urls.len()) >= least && distinct.len() == ids.len()
    })
}

/// Whether these are places in the list and no ids: small numbers close together.
fn counted(ids: &[&str]) -> bool {
    let numbers: Vec<usize> = ids.iter().filter_map(|id| id.parse().ok()).collect();
    let most = numbers.iter().max().copied().unwrap_or(0);
    ids.len() > 2 && numbers.len() == ids.len() && most < ids.len() * 3
}

/// Patterns for what stands behind a folder that all addresses share: `/dp/B07…/`.
fn folders(urls: &[&str]) -> Vec<String> {
    let parts = |url: &str| -> Vec<String> {
        let path = Url::parse(url).map(|url| url.path().to_owned()).unwrap_or_default();
        path.split('/').filter(|part| !part.is_empty()).map(str::to_owned).collect()
    };
    let Some(first) = urls.first() else { return Vec::new() };
    let all: Vec<HashSet<String>> =
        urls.iter().take(30).map(|url| parts(url).into_iter().collect()).collect();
    let shared = |part: &String| {
        let hits = all.iter().filter(|own| own.contains(part)).count();
        ratio(hits, all.len()) >= 0.9 && part.len() <= 30
    };
    let first = parts(first);
    let mut names: Vec<&String> = first.iter().filter(|part| shared(part)).collect();
    names.reverse();
    names.iter().map(|name| format!(r"/{}/([^/?#]*\d[^/?#]*)", regex::escape(name))).collect()
}

/// Patterns for query parameters, those named like an id first.
fn parameters(urls: &[&str]) -> Vec<String> {
    let mut values: HashMap<String, HashSet<String>> = HashMap::new();
    for url in urls {
        let Ok(url) = Url::parse(url) else { continue };
        for (name, value) in url.query_pairs() {
            values.entry(name.into_owned()).or_default().insert(value.into_owned());
        }
    }
    let mut names: Vec<String> = values
        .into_iter()
        .filter(|(_, values)| ratio(values.len(), urls.len()) >= 0.95)
        .map(|(name, _)| name)
        .collect();
    names.sort_by_key(|name| (!name.to_ascii_lowercase().contains("id"), name.len()));
    names.iter().map(|name| format!(r"[?&]{}=([^&#]+)", regex::escape(name))).collect()
}
