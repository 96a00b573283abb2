//! All of a draft before it is saved: its name, its searches, its wishes, how it is told, and what it would have told
//! in the last week. Pure.
//!
//! The count is made by the evaluator that judges news, over what the record saw for the first time in that week.

use chrono::TimeDelta;
use sites::Listing;

use super::draft::{Draft, Step};
use super::offers;
use super::screen::{cancel, kind_key, rows, told};
use crate::bot::callback::wizard::WizardButton;
use crate::bot::dialogues::{Scene, name};
use crate::domain::filter::{Facts, Prepared};
use crate::domain::paste::{By, paste};
use crate::domain::source::SourceSpec;
use crate::domain::{ChangeKind, Filter, Outgoing, watch};
use crate::store::{Look, MarketAsk, Recent};
use crate::texts::builder::cut;
use crate::texts::{Value, filter, paste as pasted_words};

/// Searches whose titles are shown.
const SHOWN: usize = 5;
/// Addresses whose filters are explained.
const EXPLAINED: usize = 3;
/// Longest list of wishes, and longest explanation of an address, UTF-16 units.
const LONGEST: usize = 800;

/// The summary of a draft; without what the last week brought, what must be seen for it.
pub(super) fn message(scene: &Scene<'_>, draft: &Draft) -> Result<Outgoing, Box<Look>> {
    let (searches, more) = offers::searches(scene, draft);
    let recent = recent(scene, &searches)?;
    let title = name(&called(scene, draft));
    let mut lines = vec![scene.say("wizard-summary", &[("title", Value::Text(&title))])];
    lines.push(String::new());
    lines.extend(looks_at(scene, &searches, more));
    let wishes = cut(&filter::summary(scene.language, &draft.filter), LONGEST);
    lines.push(format!("🎯 {wishes}"));
    lines.push(format!("🔔 {}", told(scene, draft)));
    lines.push(format!("📊 {}", last_week(scene, &draft.filter, searches.len(), recent)));
    lines.extend(explained(scene, draft));
    let mut message = Outgoing::text(lines.join("\n"));
    let save = (scene.plain("wizard-save"), WizardButton::Save);
    let change = (scene.plain("wizard-button-change"), WizardButton::Change);
    message.buttons = rows(scene, 1, vec![save, change]);
    let back = (scene.plain("wizard-back"), WizardButton::Back(Step::Summary));
    let has_back = draft.searches.is_empty();
    let ways = has_back.then_some(back).into_iter().chain([cancel(scene)]).collect();
    message.buttons.extend(rows(scene, 2, ways));
    Ok(message)
}

/// What it is called: as the person says, or by what it looks at and wants.
pub(super) fn called(scene: &Scene<'_>, draft: &Draft) -> String {
    if let Some(name) = &draft.name {
        return name.clone();
    }
    if let Some(first) = draft.searches.first() {
        let more = draft.searches.len() - 1;
        let title =
            if more == 0 { first.title.clone() } else { format!("{} +{more}", first.title) };
        return watch::name(&title).unwrap_or_else(|| first.site.clone());
    }
    let sites = offers::sites(scene);
    let of_site = |id: &String| sites.iter().find(|(known, _)| known == id);
    let base = match (&draft.site, draft.kind, sites.as_slice()) {
        (Some(id), _, _) => of_site(id).map_or_else(|| id.clone(), |(_, name)| name.clone()),
        (None, Some(kind), _) => scene.plain(kind_key(kind)),
        (None, None, [(_, only)]) => only.clone(),
        (None, None, _) => scene.plain("wizard-all-sites"),
    };
    let whole = match draft.filter == Filter::default() {
        true => base.clone(),
        false => format!("{base}: {}", filter::summary(scene.language, &draft.filter)),
    };
    watch::name(&whole).unwrap_or(base)
}

/// The titles of searches, the first few.
pub(in crate::bot::dialogues) fn looks_at(
    scene: &Scene<'_>,
    searches: &[SourceSpec],
    more: usize,
) -> Vec<String> {
    let mut lines: Vec<String> =
        searches.iter().take(SHOWN).map(|spec| format!("🔎 {}", name(&spec.title))).collect();
    let rest = i64::try_from(searches.len().saturating_sub(SHOWN)).unwrap_or(i64::MAX);
    if rest > 0 {
        lines.push(scene.say("wizard-more-searches", &[("count", Value::Count(rest))]));
    }
    if more > 0 {
        let most = searches.len().to_string();
        lines.push(scene.say("wizard-too-many-searches", &[("most", Value::Text(&most))]));
    }
    lines
}

/// What the searches found in the last week.
fn recent<'a>(scene: &Scene<'a>, searches: &[SourceSpec]) -> Result<&'a Recent, Box<Look>> {
    let seen = scene.view.market.as_ref().and_then(|market| market.recent.as_ref());
    seen.ok_or_else(|| {
        let since = scene.now - TimeDelta::weeks(1);
        let recent = Some((offers::ids(searches), since));
        let market = Some(MarketAsk { recent, ..MarketAsk::default() });
        Box::new(Look { searches: true, market, ..Look::default() })
    })
}

/// How many listings of the last week the filter wants.
fn last_week(scene: &Scene<'_>, filter: &Filter, searches: usize, recent: &Recent) -> String {
    if recent.looked_at == 0 {
        return scene.plain("wizard-week-nobody");
    }
    let count = i64::try_from(wanted(filter, &recent.listings)).unwrap_or(i64::MAX);
    let key = if recent.is_cut { "wizard-week-at-least" } else { "wizard-week" };
    let said = scene.say(key, &[("count", Value::Count(count))]);
    if recent.looked_at < searches {
        return format!("{said} {}", scene.plain("wizard-week-some"));
    }
    said
}

/// How many of these a filter wants, whatever kinds of change it is for.
fn wanted(filter: &Filter, listings: &[(String, Listing)]) -> usize {
    let prepared = Prepared::new(filter);
    let kind = filter.changes.first().copied().unwrap_or(ChangeKind::New);
    let wants =
        |(site, listing): &&(String, Listing)| prepared.wants(kind, &Facts::new(site, listing));
    listings.iter().filter(wants).count()
}

/// What becomes of the filters of each pasted address.
fn explained(scene: &Scene<'_>, draft: &Draft) -> Vec<String> {
    let registry = scene.rules.modules.get();
    let mut lines = Vec::new();
    for search in draft.searches.iter().take(EXPLAINED) {
        let Ok(url) = url::Url::parse(&search.pasted) else { continue };
        let Ok(mut pasted) = paste(registry.recognise(&url), &url) else { continue };
        if pasted.filter != draft.filter {
            // The person wants something else of what we see to; the wishes above say what.
            pasted.parts.retain(|part| part.by != By::Us);
        }
        lines.push(String::new());
        if draft.searches.len() > 1 {
            lines.push(format!("{}:", name(&search.title)));
        }
        lines.push(cut(&pasted_words::report(scene.language, &pasted).join("\n"), LONGEST));
    }
    lines
}

/// Whether the summary can be shown at all: something is there to look at.
pub(super) fn has_searches(scene: &Scene<'_>, draft: &Draft) -> bool {
    draft.step != Step::Summary || !offers::searches(scene, draft).0.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_week_brought_is_judged_by_the_filter_whatever_change_it_waits_for() {
        let listing = |id: &str, minor: i64| {
            let price = sites::Money { minor, currency: "EUR".into() };
            let listing = Listing::new(id, "https://demo.example/1", format!("Flat {id}"));
            ("demo".to_owned(), Listing { price: Some(price), ..listing })
        };
        let listings = [listing("1", 50_000), listing("2", 90_000), listing("3", 95_000)];
        let filter = Filter {
            max_price: Some(90_000),
            currency: Some("EUR".into()),
            changes: vec![ChangeKind::PriceDown],
            ..Filter::default()
        };
        assert_eq!(wanted(&filter, &listings), 2);
        assert_eq!(wanted(&Filter::default(), &listings), 3);
    }
}
