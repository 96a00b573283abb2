//! From a row as written to a watch that could be made.

use std::time::Duration;

use sites::Registry;
use url::Url;

use super::{Problem, Row, What, amount};
use crate::domain::filter::Filter;
use crate::domain::paste::paste;
use crate::domain::preferences::WatchTelling;
use crate::domain::source::SourceSpec;
use crate::domain::watch;

/// Most searches of one watch.
pub const MOST_SOURCES: usize = 20;

/// A row without problems.
#[derive(Debug, Clone, PartialEq)]
pub struct Wanted {
    /// What it is called.
    pub name: String,
    /// What it looks at.
    pub sources: Vec<SourceSpec>,
    /// What it wants.
    pub filter: Filter,
    /// How it is told.
    pub telling: WatchTelling,
    /// It rests.
    pub paused: bool,
}

/// Checks a row, or names all its problems. New searches are looked at every `interval`.
pub fn check(row: Row, registry: &Registry, interval: Duration) -> Result<Wanted, Vec<Problem>> {
    let mut problems = Vec::new();
    let mut sources: Vec<SourceSpec> = Vec::new();
    let mut currency = row.filter.currency.clone();
    for text in &row.urls {
        match source(text, registry, interval) {
            Ok((spec, site_currency)) => {
                currency.get_or_insert(site_currency);
                if sources.iter().all(|known| known.id() != spec.id()) {
                    sources.push(spec);
                }
            }
            Err(what) => problems.push(Problem::new("urls", text, what)),
        }
    }
    if row.urls.is_empty() {
        problems.push(Problem::new("urls", "", What::NoAddress));
    }
    if sources.len() > MOST_SOURCES {
        let what = format!("a watch looks at {MOST_SOURCES} searches at most");
        problems.push(Problem::new("urls", "", What::Unreadable(what)));
    }
    let mut filter = row.filter;
    let amounts = [
        ("min_price", &row.min_price, &mut filter.min_price),
        ("max_price", &row.max_price, &mut filter.max_price),
    ];
    for (column, text, place) in amounts {
        let (Some(text), Some(code)) = (text, &currency) else { continue };
        match amount::minor(text, code) {
            Some(minor) => *place = Some(minor),
            None => problems.push(Problem::new(column, text, What::BadAmount)),
        }
    }
    if row.min_price.is_some() || row.max_price.is_some() {
        filter.currency = currency;
    }
    problems.extend(of_filter(&filter));
    if !problems.is_empty() {
        return Err(problems);
    }
    let title = sources.first().map_or("", |spec| &spec.title);
    let name = row.name.as_deref().and_then(watch::name).or_else(|| watch::name(title));
    let (telling, paused) = (row.telling, row.paused);
    Ok(Wanted { name: name.unwrap_or_default(), sources, filter, telling, paused })
}

/// What is wrong with a filter.
pub fn of_filter(filter: &Filter) -> Vec<Problem> {
    let problem = |one: crate::domain::filter::check::Problem| {
        Problem::new("filter", "", What::BadFilter(one.to_string()))
    };
    filter.check().into_iter().map(problem).collect()
}

/// The canonical search behind an address, with the currency of its site.
pub fn source(
    text: &str,
    registry: &Registry,
    interval: Duration,
) -> Result<(SourceSpec, String), What> {
    let url = Url::parse(text.trim()).ok().filter(|url| {
        matches!(url.scheme(), "http" | "https") && url.has_host() && url.username().is_empty()
    });
    let url = url.ok_or(What::BadAddress)?;
    let host = url.host_str().unwrap_or_default().to_owned();
    let site = registry.recognise(&url).ok_or(What::UnknownSite(host))?;
    let pasted = paste(Some(site), &url).map_err(|_| What::NotASearch(site.name.clone()))?;
    let spec = SourceSpec {
        site: site.id.clone(),
        url: pasted.url.to_string(),
        title: pasted.title(),
        interval,
        offered: false,
        rhythm: Default::default(),
    };
    Ok((spec, site.currency.clone()))
}
