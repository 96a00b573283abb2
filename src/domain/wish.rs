//! A watch as the Mini App asks for it: a document from outside, checked as a whole. Pure.
//!
//! ```json
//! { "name": "Flats by the park",
//!   "sources": ["0f3a…", "https://shop.example/search?q=flat"],
//!   "filter": { "max_price": 90000, "place": { "near": [{ "lat": 49.84, "lon": 24.03, "km": 3 }] } },
//!   "telling": { "min_move_percent": 5 } }
//! ```
//!
//! A source is the id of one that the person can see (offered, or of their own watches), or an address.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use sites::Registry;

use super::filter::{Filter, check};
use super::ids::SourceId;
use super::import::check::{MOST_SOURCES, source};
use super::import::{Wanted, What};
use super::preferences::{Digest, WatchTelling};
use super::source::{Source, SourceSpec};
use super::watch;

/// Minutes of a day.
const DAY: u16 = 1_440;
/// Days of a week.
const WEEK: u8 = 7;

/// What is asked for.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Wish {
    /// What it is called; empty: as its first search.
    pub name: String,
    /// What it looks at.
    pub sources: Vec<String>,
    /// What it wants.
    pub filter: Filter,
    /// How it is told.
    pub telling: WatchTelling,
}

/// The searches that the person can name.
#[derive(Clone, Copy)]
pub struct Known<'a> {
    /// Offered to everybody.
    pub offered: &'a [Source],
    /// Addresses of those that the person's watches look at.
    pub links: &'a BTreeMap<SourceId, String>,
    /// The site modules.
    pub registry: &'a Registry,
    /// Time between two looks at a search that is made.
    pub interval: Duration,
}

/// What is wrong with a value.
#[derive(Debug, Clone, PartialEq)]
pub enum Fault {
    /// A name without a letter that can be shown.
    Name,
    /// No search is named.
    NoSources,
    /// More than [`MOST_SOURCES`].
    TooManySources,
    /// The search at this place of the list cannot be watched.
    Source(usize, What),
    /// A condition makes no sense.
    Filter(check::Problem),
    /// The smallest move is no percentage.
    Move,
    /// There is no such time.
    Digest,
}

impl Fault {
    /// Where it stands in the document.
    pub fn field(&self) -> String {
        match self {
            Self::Name => "name".to_owned(),
            Self::NoSources | Self::TooManySources => "sources".to_owned(),
            Self::Source(place, _) => format!("sources.{place}"),
            Self::Filter(problem) => format!("filter.{}", problem.field),
            Self::Move => "telling.min_move_percent".to_owned(),
            Self::Digest => "telling.digest".to_owned(),
        }
    }
}

impl Wish {
    /// The watch that it is, or everything that is wrong with it.
    pub fn check(self, known: &Known<'_>) -> Result<Wanted, Vec<Fault>> {
        let mut faults = Vec::new();
        let (sources, currency) = known.all(&self.sources, &mut faults);
        let mut filter = self.filter;
        if filter.min_price.is_some() || filter.max_price.is_some() {
            filter.currency = filter.currency.or(currency);
        }
        faults.extend(faults_of(&filter, &self.telling));
        let title = sources.first().map_or("", |spec| &spec.title);
        let asked = Some(self.name.as_str()).filter(|name| !name.trim().is_empty());
        let name = watch::name(asked.unwrap_or(title));
        if asked.is_some() && name.is_none() {
            faults.push(Fault::Name);
        }
        if !faults.is_empty() {
            return Err(faults);
        }
        let name = name.unwrap_or_default();
        Ok(Wanted { name, sources, filter, telling: self.telling, paused: false })
    }
}

/// What is wrong with conditions and with how to tell.
pub fn faults_of(filter: &Filter, telling: &WatchTelling) -> Vec<Fault> {
    let mut faults: Vec<Fault> = filter.check().into_iter().map(Fault::Filter).collect();
    if telling.min_move_percent.is_some_and(|percent| !(0.0..=100.0).contains(&percent)) {
        faults.push(Fault::Move);
    }
    let is_time = match telling.digest {
        None | Some(Digest::Off | Digest::Hour) => true,
        Some(Digest::Day { at }) => at < DAY,
        Some(Digest::Week { day, at }) => day < WEEK && at < DAY,
    };
    if !is_time {
        faults.push(Fault::Digest);
    }
    faults
}

impl Known<'_> {
    /// The searches that are named, each once, and the currency of the first one's site.
    pub fn all(
        &self,
        named: &[String],
        faults: &mut Vec<Fault>,
    ) -> (Vec<SourceSpec>, Option<String>) {
        let (mut specs, mut currency): (Vec<SourceSpec>, _) = (Vec::new(), None);
        for (place, name) in named.iter().enumerate().take(MOST_SOURCES) {
            match self.one(name) {
                Ok((spec, of_site)) => {
                    currency = currency.or(of_site);
                    if specs.iter().all(|known| known.id() != spec.id()) {
                        specs.push(spec);
                    }
                }
                Err(what) => faults.push(Fault::Source(place, what)),
            }
        }
        if named.is_empty() {
            faults.push(Fault::NoSources);
        }
        if named.len() > MOST_SOURCES {
            faults.push(Fault::TooManySources);
        }
        (specs, currency)
    }

    fn one(&self, name: &str) -> Result<(SourceSpec, Option<String>), What> {
        let id = SourceId(name.to_owned());
        if let Some(offered) = self.offered.iter().find(|source| source.id == id) {
            let site = self.registry.get(&offered.spec.site);
            return Ok((offered.spec.clone(), site.map(|site| site.currency.clone())));
        }
        let address = self.links.get(&id).map_or(name, String::as_str);
        source(address, self.registry, self.interval).map(|(spec, of_site)| (spec, Some(of_site)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::DateTime;

    fn offered() -> Source {
        let spec = SourceSpec {
            site: "demo_goods".into(),
            url: "http://127.0.0.1:8088/demo/goods".into(),
            title: "Bikes".into(),
            interval: Duration::from_secs(60),
            offered: true,
            rhythm: Default::default(),
        };
        Source::new(spec, DateTime::UNIX_EPOCH)
    }

    fn check(wish: Wish) -> Result<Wanted, Vec<Fault>> {
        let (offered, links) = ([offered()], BTreeMap::new());
        let registry = Registry::builtin().expect("the modules are good");
        let interval = Duration::from_secs(300);
        let known = Known { offered: &offered, links: &links, registry: &registry, interval };
        wish.check(&known)
    }

    #[test]
    fn an_offered_search_is_named_by_its_id_and_gives_name_and_currency() {
        let filter = Filter { max_price: Some(900), ..Filter::default() };
        let sources = vec![offered().id.0, offered().id.0];
        let wanted = check(Wish { sources, filter, ..Wish::default() }).expect("good");
        assert_eq!((wanted.name.as_str(), wanted.sources.len()), ("Bikes", 1));
        assert_eq!(wanted.filter.currency.as_deref(), Some("EUR"));
        assert!(wanted.sources[0].offered, "an offered search stays offered");
    }

    #[test]
    fn everything_that_is_wrong_is_told_at_once_with_its_field() {
        let filter = Filter { max_price: Some(-1), ..Filter::default() };
        let telling = WatchTelling {
            min_move_percent: Some(f64::NAN),
            digest: Some(Digest::Day { at: DAY }),
            ..WatchTelling::default()
        };
        let name = "\u{202e}".to_owned();
        let sources = vec!["nonsense".to_owned(), "https://nobody.example/".to_owned()];
        let faults = check(Wish { name, sources, filter, telling }).expect_err("bad");
        let fields: Vec<String> = faults.iter().map(Fault::field).collect();
        let expected = [
            "sources.0",
            "sources.1",
            "filter.max_price",
            "telling.min_move_percent",
            "telling.digest",
            "name",
        ];
        assert_eq!(fields, expected);
    }

    #[test]
    fn a_watch_looks_at_one_search_at_least_and_at_a_few_at_most() {
        assert_eq!(check(Wish::default()), Err(vec![Fault::NoSources]));
        let sources = vec![offered().id.0; MOST_SOURCES + 1];
        let many = check(Wish { sources, ..Wish::default() });
        assert_eq!(many, Err(vec![Fault::TooManySources]));
    }
}
