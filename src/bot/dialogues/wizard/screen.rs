//! What each step shows. Pure; a summary may need to see more of the record first.

use super::draft::{Draft, Step};
use super::{RADII, offers, summary};
use crate::bot::callback::Callback;
use crate::bot::callback::wizard::WizardButton;
use crate::bot::dialogues::{Scene, label, settings, turning};
use crate::domain::preferences::Digest;
use crate::domain::{Button, Filter, Outgoing};
use crate::store::Look;
use crate::texts::Value;
use crate::texts::builder::cut;
use crate::texts::filter;

use sites::Kind;

/// Sites on one page.
const SITES: usize = 12;

/// Times of daily digests to choose from, minutes of the day.
const DAILY: [u16; 2] = [9 * 60, 18 * 60];

/// Longest list of wishes, UTF-16 units.
const WISHES: usize = 600;

/// The message of a step.
pub(super) fn of(scene: &Scene<'_>, draft: &Draft) -> Result<Outgoing, Box<Look>> {
    let message = match draft.step {
        Step::Site => site(scene, draft, 0),
        Step::Kind => kind(scene, draft),
        Step::Place => asked(scene, draft, "wizard-place", Some("wizard-skip-place")),
        Step::Radius => radius(scene, draft),
        Step::Price => price(scene, draft),
        Step::Words => asked(scene, draft, "wizard-words", Some("wizard-skip-words")),
        Step::Telling => telling(scene, draft),
        Step::Name => asked(scene, draft, "wizard-name", None),
        Step::Change => change(scene, draft),
        Step::Summary => return summary::message(scene, draft),
    };
    Ok(message)
}

/// The name of a kind of things.
pub(super) fn kind_key(kind: Kind) -> &'static str {
    match kind {
        Kind::Home => "wizard-kind-home",
        Kind::Classified => "wizard-kind-classified",
        Kind::Car => "wizard-kind-car",
        Kind::Job => "wizard-kind-job",
        Kind::Goods => "wizard-kind-goods",
    }
}

/// How the watch is told, in words.
pub(super) fn told(scene: &Scene<'_>, draft: &Draft) -> String {
    let of_chat = settings::digest_text(scene, scene.view.preferences.digest);
    let digest = match draft.telling.digest {
        Some(digest) => settings::digest_text(scene, digest),
        None => scene.say("wizard-told-as-chat", &[("how", Value::Text(&of_chat))]),
    };
    match draft.telling.urgent {
        true => format!("{digest} · {}", scene.plain("wizard-told-urgent")),
        false => digest,
    }
}

/// A page of sites.
pub(super) fn site(scene: &Scene<'_>, draft: &Draft, page: usize) -> Outgoing {
    let sites = offers::sites(scene);
    let page = page.min(sites.len().saturating_sub(1) / SITES);
    let shown = sites.iter().skip(page * SITES).take(SITES);
    let mut buttons = vec![(scene.plain("wizard-all-sites"), WizardButton::AllSites)];
    buttons.extend(shown.map(|(id, name)| (label(name), WizardButton::Site(id.clone()))));
    let mut message = step(scene, draft, scene.plain("wizard-site"));
    message.buttons = rows(scene, 2, buttons);
    let on = (sites.len() > (page + 1) * SITES).then_some(page + 1);
    let to = |page| Callback::New(WizardButton::Sites(page));
    message.buttons.extend(turning(scene, page.checked_sub(1), on, to));
    with_ways(scene, draft, None, message)
}

fn kind(scene: &Scene<'_>, draft: &Draft) -> Outgoing {
    let mut buttons = vec![(scene.plain("wizard-all-kinds"), WizardButton::Kind(None))];
    let of = |kind: Kind| (scene.plain(kind_key(kind)), WizardButton::Kind(Some(kind)));
    buttons.extend(offers::kinds(scene).into_iter().map(of));
    let mut message = step(scene, draft, scene.plain("wizard-kind"));
    message.buttons = rows(scene, 2, buttons);
    with_ways(scene, draft, None, message)
}

fn asked(scene: &Scene<'_>, draft: &Draft, ask: &str, skip: Option<&str>) -> Outgoing {
    with_ways(scene, draft, skip, step(scene, draft, scene.plain(ask)))
}

fn radius(scene: &Scene<'_>, draft: &Draft) -> Outgoing {
    let of = |km: u16| {
        let text = km.to_string();
        (scene.say("wizard-km", &[("km", Value::Text(&text))]), WizardButton::Radius(km))
    };
    let mut message = step(scene, draft, scene.plain("wizard-radius"));
    message.buttons = rows(scene, RADII.len(), RADII.map(of).to_vec());
    with_ways(scene, draft, None, message)
}

fn price(scene: &Scene<'_>, draft: &Draft) -> Outgoing {
    let currency = offers::currency(scene, draft);
    let ask = scene.say("wizard-price", &[("currency", Value::Text(&currency))]);
    with_ways(scene, draft, Some("wizard-skip-price"), step(scene, draft, ask))
}

fn telling(scene: &Scene<'_>, draft: &Draft) -> Outgoing {
    let of = |digest| (settings::digest_text(scene, digest), WizardButton::Tell(digest));
    let mut buttons = vec![of(Digest::Off), of(Digest::Hour)];
    buttons.extend(DAILY.map(|at| of(Digest::Day { at })));
    let now = told(scene, draft);
    let ask = scene.say("wizard-telling", &[("how", Value::Text(&now))]);
    let mut message = step(scene, draft, ask);
    message.buttons = rows(scene, 2, buttons);
    let urgent = match draft.telling.urgent {
        true => scene.plain("wizard-urgent-on"),
        false => scene.plain("wizard-urgent-off"),
    };
    message.buttons.extend(rows(scene, 1, vec![(urgent, WizardButton::Urgent)]));
    with_ways(scene, draft, Some("wizard-skip-telling"), message)
}

fn change(scene: &Scene<'_>, draft: &Draft) -> Outgoing {
    let mut steps = vec![
        ("wizard-edit-place", Step::Place),
        ("wizard-edit-price", Step::Price),
        ("wizard-edit-words", Step::Words),
        ("wizard-edit-telling", Step::Telling),
        ("wizard-edit-name", Step::Name),
    ];
    if draft.searches.is_empty() && offers::sites(scene).len() > 1 {
        steps.push(("wizard-edit-site", Step::Site));
    }
    let of = |(key, to): (&str, Step)| (scene.plain(key), WizardButton::Edit(to));
    let mut message = step(scene, draft, scene.plain("wizard-change"));
    message.buttons = rows(scene, 2, steps.into_iter().map(of).collect());
    with_ways(scene, draft, None, message)
}

/// The head of a step: what was wished so far, and the question.
fn step(scene: &Scene<'_>, draft: &Draft, ask: String) -> Outgoing {
    let head = scene.plain("wizard-head");
    if draft.filter == Filter::default() {
        return Outgoing::text(format!("{head}\n\n{ask}"));
    }
    let wishes = cut(&filter::summary(scene.language, &draft.filter), WISHES);
    Outgoing::text(format!("{head}\n🎯 {wishes}\n\n{ask}"))
}

/// The ways out of a step below its answers: back, leaving it out, giving up.
fn with_ways(
    scene: &Scene<'_>,
    draft: &Draft,
    skip: Option<&str>,
    mut message: Outgoing,
) -> Outgoing {
    let has_back = match draft.step {
        Step::Site => draft.seen,
        Step::Place => draft.seen || offers::first(scene, draft).is_some(),
        _ => true,
    };
    let back = has_back.then(|| (scene.plain("wizard-back"), WizardButton::Back(draft.step)));
    let skip = skip.map(|key| (scene.plain(key), WizardButton::Skip(draft.step)));
    let ways: Vec<_> = back.into_iter().chain(skip).collect();
    message.buttons.extend(rows(scene, 2, ways));
    message.buttons.extend(rows(scene, 1, vec![cancel(scene)]));
    message
}

/// The button that gives up.
pub(super) fn cancel(scene: &Scene<'_>) -> (String, WizardButton) {
    (scene.plain("wizard-cancel"), WizardButton::Cancel)
}

/// Buttons in rows of so many.
pub(super) fn rows(
    scene: &Scene<'_>,
    columns: usize,
    buttons: Vec<(String, WizardButton)>,
) -> Vec<Vec<Button>> {
    let made = buttons.into_iter().filter_map(|(text, to)| scene.button(text, &Callback::New(to)));
    let made: Vec<Button> = made.collect();
    made.chunks(columns).map(<[Button]>::to_vec).collect()
}
