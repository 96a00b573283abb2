//! Listings of the saved real pages, read where they lie.

use std::collections::HashSet;
use std::path::PathBuf;

use chrono::{TimeZone, Utc};
use serde::Deserialize;
use sites::verify::decode;
use sites::{Page, Registry};
use url::Url;

use super::Base;

#[derive(Deserialize)]
struct Entry {
    file: String,
    kind: String,
    url: Option<String>,
    encoding: Option<String>,
    role: Option<String>,
}

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/pages")
}

/// Every listing of the search pages for which there is a module; `None` without the folder.
pub fn bases() -> Option<Vec<Base>> {
    let text = std::fs::read_to_string(folder().join("index.json")).ok()?;
    let entries: Vec<Entry> = serde_json::from_str(&text).unwrap();
    let registry = Registry::builtin().unwrap();
    let mut known = HashSet::new();
    let mut all = Vec::new();
    for entry in entries.iter().filter(|entry| entry.role.is_none()) {
        if !matches!(entry.kind.as_str(), "search" | "api" | "feed") {
            continue;
        }
        let name = entry.file.split('/').next().unwrap_or_default().replace('-', "_");
        let url = entry.url.as_deref().and_then(|url| Url::parse(url.split(' ').next()?).ok());
        let site = url.as_ref().and_then(|url| registry.recognise(url)).or(registry.get(&name));
        let Some(site) = site else { continue };
        let host = site.hosts.first().map(|host| format!("https://{}/", host.name));
        let Some(url) = url.or_else(|| Url::parse(&host?).ok()) else { continue };
        let Ok(bytes) = std::fs::read(folder().join(&entry.file)) else { continue };
        let page = Page {
            url,
            status: Some(200),
            content_type: None,
            body: decode(&bytes, entry.encoding.as_deref().unwrap_or("utf-8")),
            script: None,
            fetched_at: Utc.with_ymd_and_hms(2026, 8, 1, 12, 0, 0).unwrap(),
        };
        for listing in site.parse(&page).listings {
            if known.insert((site.id.clone(), listing.id.clone())) {
                all.push(Base { kind: site.kind, listing });
            }
        }
    }
    (!all.is_empty()).then_some(all)
}

/// Whether nobody can say that two listings are different: the site itself shows the same title and price twice.
pub fn may_be_the_same(a: &Base, b: &Base) -> bool {
    let (a, b) = (&a.listing, &b.listing);
    a.title == b.title && a.price == b.price && a.location == b.location
}
