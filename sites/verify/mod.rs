//! The score of the modules on a folder of saved real pages.
//!
//! The folder holds an `index.json`: a list of entries with `file`, `kind`, `url`, `encoding` and
//! `expected`. The flow per entry: decode the file → pick the module → read the page → compare every
//! expected value → a [`PageScore`]. A page of a site without a module is listed, not judged.
//!
//! The module is picked by the address of the page. Where an entry has none, the name of the file's
//! folder counts, with `-` for `_` (`hh-ru/…` is the site `hh_ru`). What stands behind a space in an
//! address is a remark and is ignored.

mod compare;
mod index;
mod inferred;
mod report;
mod tables;

pub use report::{Difference, PageScore, Report};

use std::path::Path;

use chrono::{DateTime, NaiveDate, Utc};
use url::Url;

use crate::page::Page;
use crate::registry::Registry;
use crate::site::Site;

use index::Entry;

/// Why a folder cannot be verified at all.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The index is not there or cannot be read.
    #[error("cannot read {file}: {source}; the folder needs an index.json")]
    Unreadable {
        /// The index.
        file: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// The index is no list of entries.
    #[error("{file} is no list of entries: {source}")]
    Index {
        /// The index.
        file: String,
        /// Where it goes wrong.
        source: serde_json::Error,
    },
}

/// Compares the modules with every page of a folder; `only` limits it to sites of these ids (tables
/// of prices, dates and robots files then count only if their kind is named).
pub fn run(dir: &Path, registry: &Registry, only: Option<&[&str]>) -> Result<Report, Error> {
    let entries = entries(dir)?;
    let mut report = Report::default();
    for entry in entries.iter().filter(|e| e.role.as_deref() != Some("golden")) {
        let site = pick(registry, entry);
        let named = site.map_or(entry.kind.as_str(), |s| s.id.as_str());
        if only.is_some_and(|ids| !ids.contains(&named)) {
            continue;
        }
        report.add(score(dir, entry, site));
    }
    Ok(report)
}

/// Scores detection without modules ([`crate::infer`]) on the search pages, API answers and feeds of a
/// folder; `only` limits it to these folders.
pub fn run_inferred(dir: &Path, only: Option<&[&str]>) -> Result<Report, Error> {
    let mut report = Report::default();
    for entry in entries(dir)?.iter().filter(|e| e.role.as_deref() != Some("golden")) {
        let list = matches!(entry.kind.as_str(), "search" | "api" | "feed");
        let ids = entry.expected.get("item_ids").is_some();
        let wanted = only.is_none_or(|names| names.contains(&entry.folder()));
        if list && ids && wanted {
            report.add(inferred::score(dir, entry));
        }
    }
    Ok(report)
}

fn entries(dir: &Path) -> Result<Vec<Entry>, Error> {
    let file = dir.join("index.json");
    let name = file.display().to_string();
    let text = std::fs::read_to_string(&file)
        .map_err(|source| Error::Unreadable { file: name.clone(), source })?;
    serde_json::from_str(&text).map_err(|source| Error::Index { file: name, source })
}

/// The module for an entry.
fn pick<'r>(registry: &'r Registry, entry: &Entry) -> Option<&'r Site> {
    if matches!(entry.kind.as_str(), "robots" | "prices" | "dates") {
        return None;
    }
    match entry.address() {
        Some(url) => registry.recognise(&url),
        None => registry.get(&entry.folder().replace('-', "_")),
    }
}

fn score(dir: &Path, entry: &Entry, site: Option<&Site>) -> PageScore {
    let mut score = PageScore::new(&entry.file, &entry.kind, site.map(|s| s.id.clone()));
    let bytes = match std::fs::read(dir.join(&entry.file)) {
        Ok(bytes) => bytes,
        Err(error) => {
            score.check("file", "a readable file", &error.to_string());
            return score;
        }
    };
    let text = decode(&bytes, &entry.encoding);
    match entry.kind.as_str() {
        "prices" => tables::prices(&text, &mut score),
        "dates" => tables::dates(&text, &mut score),
        "robots" => tables::robots(&text, &entry.expected, &mut score),
        _ => match site {
            None => score.note = Some("no module for this site".to_owned()),
            Some(site) => page(entry, site, text, &mut score),
        },
    }
    score
}

fn page(entry: &Entry, site: &Site, body: String, score: &mut PageScore) {
    let fallback = site.hosts.first().map(|h| format!("https://{}/", h.name)).unwrap_or_default();
    let Some(url) = entry.address().or_else(|| Url::parse(&fallback).ok()) else {
        score.check("url", "an address", "none");
        return;
    };
    let page = Page {
        url,
        status: Some(200),
        content_type: None,
        body,
        script: None,
        fetched_at: fetched_at(entry),
    };
    let parsed = site.parse(&page);
    if entry.kind == "detail" || entry.expected.get("listing").is_some() {
        compare::detail(&entry.expected, &parsed, site, &page, score);
    } else {
        compare::list(&entry.expected, &parsed, site, &page, score);
    }
}

/// Decodes bytes by the name of an encoding; broken places become replacement characters.
pub fn decode(bytes: &[u8], encoding: &str) -> String {
    let label = encoding.split_whitespace().next().unwrap_or("utf-8");
    let encoding = encoding_rs::Encoding::for_label(label.as_bytes()).unwrap_or(encoding_rs::UTF_8);
    encoding.decode(bytes).0.into_owned()
}

/// The capture as far as known: the day, the first of the month, or the day the file was published.
fn fetched_at(entry: &Entry) -> DateTime<Utc> {
    let known = [entry.captured.as_deref(), entry.source_commit_date.as_deref()];
    let day = known.into_iter().flatten().find_map(|text| {
        let full = if text.len() == 7 { format!("{text}-01") } else { text.to_owned() };
        full.get(..10)?.parse::<NaiveDate>().ok()
    });
    let day = day.or_else(|| NaiveDate::from_ymd_opt(2026, 1, 1)).unwrap_or_default();
    day.and_hms_opt(12, 0, 0).unwrap_or_default().and_utc()
}
