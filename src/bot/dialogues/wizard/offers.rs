//! What a draft can look at: the searches that operators offer, by site and kind. Pure.

use sites::{Kind, Site};

use super::draft::{Draft, Step};
use crate::bot::dialogues::Scene;
use crate::domain::import::check::MOST_SOURCES;
use crate::domain::source::SourceSpec;
use crate::domain::{Source, SourceId};

/// The module of an offered search, if this program has it.
fn module<'a>(scene: &Scene<'a>, source: &Source) -> Option<&'a Site> {
    scene.rules.modules.get().get(&source.spec.site)
}

/// The sites of offered searches with their names, by name.
pub(super) fn sites(scene: &Scene<'_>) -> Vec<(String, String)> {
    let named = |source: &Source| {
        let id = source.spec.site.clone();
        let name = module(scene, source).map_or_else(|| id.clone(), |site| site.name.clone());
        (id, name)
    };
    let mut all: Vec<(String, String)> = scene.view.offered.iter().map(named).collect();
    all.sort_by(|one, other| (&one.1, &one.0).cmp(&(&other.1, &other.0)));
    all.dedup();
    all
}

/// The kinds of things on offer.
pub(super) fn kinds(scene: &Scene<'_>) -> Vec<Kind> {
    let all = [Kind::Home, Kind::Classified, Kind::Car, Kind::Job, Kind::Goods];
    let there = |kind: &Kind| {
        let mut offered = scene.view.offered.iter();
        offered.any(|source| module(scene, source).is_some_and(|site| site.kind == *kind))
    };
    all.into_iter().filter(there).collect()
}

/// The step before [`Step::Place`], if there is something to choose at all.
pub(super) fn first(scene: &Scene<'_>, draft: &Draft) -> Option<Step> {
    if !draft.searches.is_empty() {
        return None;
    }
    let by_kind = draft.site.is_none() && kinds(scene).len() > 1;
    let by_site = sites(scene).len() > 1;
    match (by_site, by_kind) {
        (true, true) => Some(Step::Kind),
        (true, false) => Some(Step::Site),
        (false, _) => None,
    }
}

/// What the draft looks at, with how many more there would be.
pub(super) fn searches(scene: &Scene<'_>, draft: &Draft) -> (Vec<SourceSpec>, usize) {
    let mut all: Vec<SourceSpec> = if draft.searches.is_empty() {
        let fits = |source: &&Source| {
            let of_site = draft.site.as_ref().is_none_or(|site| *site == source.spec.site);
            let of_kind = draft
                .kind
                .is_none_or(|kind| module(scene, source).is_some_and(|site| site.kind == kind));
            of_site && of_kind
        };
        scene.view.offered.iter().filter(fits).map(|source| source.spec.clone()).collect()
    } else {
        let spec = |search: &super::draft::Search| SourceSpec {
            site: search.site.clone(),
            url: search.url.clone(),
            title: search.title.clone(),
            interval: scene.rules.interval,
            offered: false,
            rhythm: Default::default(),
        };
        draft.searches.iter().map(spec).collect()
    };
    let more = all.len().saturating_sub(MOST_SOURCES);
    all.truncate(MOST_SOURCES);
    (all, more)
}

/// The names of what the draft looks at.
pub(super) fn ids(searches: &[SourceSpec]) -> Vec<SourceId> {
    crate::domain::watch::ids_of(searches)
}

/// The currency that is meant where none is named: that of most of the searches' sites.
pub(super) fn currency(scene: &Scene<'_>, draft: &Draft) -> String {
    let (searches, _) = searches(scene, draft);
    let registry = scene.rules.modules.get();
    let codes: Vec<&str> = searches
        .iter()
        .filter_map(|spec| registry.get(&spec.site))
        .map(|site| site.currency.as_str())
        .collect();
    let count = |code: &str| codes.iter().filter(|other| **other == code).count();
    let most = codes.iter().rev().max_by_key(|code| count(code));
    most.map_or_else(|| "EUR".to_owned(), |code| (*code).to_owned())
}
