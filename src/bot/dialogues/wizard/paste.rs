//! A pasted address: a draft at once, whose summary says what becomes of the address. Pure.
//!
//! ```text
//! anna> https://shop.example/s?maxPrice=900&utm_source=x
//! bot> “Shop: 900”: is this right?
//!
//!      🔎 Shop: 900
//!      🎯 all offers
//!      🔔 as in /settings: each at once
//!      📊 Nobody has looked at this search yet.
//!
//!      The newest offers come first.
//!      The site filters by: price up to: 900.
//!      [✅ Save]
//!      [Change the filter…]
//!      [Cancel]
//! anna> https://elsewhere.example/
//! bot> I cannot read elsewhere.example yet. …
//!      [➕ New search]
//! ```
//!
//! Several addresses are one watch. A sentence that only mentions a page is for support, unless the page is a search
//! that we know.

use super::draft::{Draft, Search, Step};
use super::{Way, look_first, show};
use crate::bot::callback::Callback;
use crate::bot::callback::wizard::WizardButton;
use crate::bot::decide::Decision;
use crate::bot::dialogues::Scene;
use crate::domain::import::check::MOST_SOURCES;
use crate::domain::paste::{PasteError, Pasted, addresses, paste};
use crate::domain::{Filter, Outgoing};
use crate::texts::Value;
use crate::texts::paste as said;

/// Words beside an address up to which it is taken for what the person means.
const ASIDE: usize = 3;

/// Words that hold an address of a site; `None` when they do not.
pub fn pasted(scene: &Scene<'_>, text: &str) -> Option<Decision> {
    let found = addresses(text);
    if found.is_empty() || scene.is_group() {
        return None;
    }
    let registry = scene.rules.modules.get();
    let mut good: Vec<(Search, Pasted)> = Vec::new();
    let mut bad: Vec<PasteError> = Vec::new();
    for url in &found {
        match paste(registry.recognise(url), url) {
            Ok(pasted) => add(&mut good, pasted, url.as_str()),
            Err(error) => bad.push(error),
        }
    }
    let aside = text.split_whitespace().count().saturating_sub(found.len());
    let refused = |text: String| {
        let mut message = Outgoing::text(text);
        let new = (scene.plain("bot-key-new"), Callback::New(WizardButton::Begin));
        message.buttons.push(scene.row(&[new]));
        Some(scene.answer([message]))
    };
    match (good.first(), bad.first()) {
        (None, _) if aside > ASIDE => None,
        (None, Some(error)) => refused(said::error(scene.language, error)),
        (None, None) => None,
        (Some(_), _) if good.len() > MOST_SOURCES => {
            let most = MOST_SOURCES.to_string();
            refused(scene.say("wizard-paste-too-many", &[("most", Value::Text(&most))]))
        }
        (Some((_, first)), _) if good.iter().any(|(_, one)| one.filter != first.filter) => {
            refused(scene.plain("wizard-paste-different"))
        }
        _ if !scene.view.has_searches => Some(look_first()),
        (Some((_, first)), error) => {
            let filter = first.filter.clone();
            let problem = error.map(|error| said::error(scene.language, error));
            let searches = good.into_iter().map(|(search, _)| search).collect();
            Some(show(scene, draft(searches, filter), Way::New, problem))
        }
    }
}

/// Adds a search that is not there yet.
fn add(good: &mut Vec<(Search, Pasted)>, pasted: Pasted, text: &str) {
    if good.iter().any(|(_, known)| known.source() == pasted.source()) {
        return;
    }
    let search = Search {
        site: pasted.site.clone(),
        url: pasted.url.to_string(),
        title: pasted.title(),
        pasted: text.to_owned(),
    };
    good.push((search, pasted));
}

fn draft(searches: Vec<Search>, filter: Filter) -> Draft {
    Draft { searches, filter, ..Draft::default() }.at(Step::Summary)
}
