//! Answers in words: what each step makes of them. Pure.

use super::draft::{Draft, Step};
use super::{offers, price, words};
use crate::bot::dialogues::Scene;
use crate::domain::filter::check::NEAR_KM;
use crate::domain::filter::{Circle, Place};
use crate::domain::watch;
use crate::texts::filter;

/// The draft with the answer, or why it is none, in words; `None` where no words are asked for.
pub(super) fn read(scene: &Scene<'_>, draft: &Draft, text: &str) -> Option<Result<Draft, String>> {
    match draft.step {
        Step::Place => Some(placed(scene, draft, text)),
        Step::Radius => Some(distant(scene, draft, text)),
        Step::Price => Some(priced(scene, draft, text)),
        Step::Words => Some(worded(scene, draft, text)),
        Step::Name => Some(named(scene, draft, text)),
        Step::Site | Step::Kind | Step::Telling | Step::Summary | Step::Change => None,
    }
}

/// The draft with a circle around its point.
pub(super) fn around(draft: &Draft, km: f64) -> Option<Draft> {
    let (lat, lon) = draft.point.filter(|_| NEAR_KM.contains(&km))?;
    let mut next = draft.clone();
    next.filter.place = Place { near: vec![Circle { lat, lon, km }], ..Place::default() };
    next.filter.check().is_empty().then_some(next)
}

fn placed(scene: &Scene<'_>, draft: &Draft, text: &str) -> Result<Draft, String> {
    let names = words::places(text).ok_or_else(|| scene.plain("wizard-place-none"))?;
    let mut next = draft.clone();
    next.filter.place = Place { names, ..Place::default() };
    checked(scene, next)
}

fn distant(scene: &Scene<'_>, draft: &Draft, text: &str) -> Result<Draft, String> {
    let number = text.trim_end_matches(|c: char| c.is_alphabetic() || c == '.').trim();
    let km = number.replace(',', ".").parse::<f64>().ok();
    km.and_then(|km| around(draft, km)).ok_or_else(|| scene.plain("wizard-radius-none"))
}

fn priced(scene: &Scene<'_>, draft: &Draft, text: &str) -> Result<Draft, String> {
    let own = offers::currency(scene, draft);
    let wish = price::read(text, &own).ok_or_else(|| scene.plain("wizard-price-none"))?;
    let mut next = draft.clone();
    let filter = &mut next.filter;
    (filter.min_price, filter.max_price) = (wish.min, wish.max);
    filter.currency = Some(wish.currency);
    checked(scene, next)
}

fn worded(scene: &Scene<'_>, draft: &Draft, text: &str) -> Result<Draft, String> {
    let wish = words::read(text).ok_or_else(|| scene.plain("wizard-words-none"))?;
    let mut next = draft.clone();
    let filter = &mut next.filter;
    (filter.all_words, filter.any_words, filter.none_words) = (wish.all, wish.any, wish.none);
    checked(scene, next)
}

fn named(scene: &Scene<'_>, draft: &Draft, text: &str) -> Result<Draft, String> {
    let name = watch::name(text).ok_or_else(|| scene.plain("watch-name-none"))?;
    Ok(Draft { name: Some(name), ..draft.clone() })
}

/// The draft, if its filter makes sense; otherwise what does not.
fn checked(scene: &Scene<'_>, draft: Draft) -> Result<Draft, String> {
    match draft.filter.check().first() {
        None => Ok(draft),
        Some(problem) => Err(filter::problem(scene.language, problem)),
    }
}
