//! A new watch, step by step, in one message that changes.
//!
//! ```text
//! anna> /new
//! bot> ➕ New search
//!
//!      Where shall I look? Or send me the address of a search …
//!      [All sites] [Demo] [Shop]
//!      [Cancel]
//! anna presses [Demo]
//! bot edits> ➕ New search
//!
//!            Where should it be? Write a city, … or send me a location.
//!            [‹ Back] [Skip: anywhere]
//!            [Cancel]
//! anna> Berlin, Potsdam
//! bot edits> ➕ New search
//!            🎯 in Berlin, Potsdam
//!
//!            What may it cost, in EUR? …
//! anna> до 900
//! bot edits> … Which words matter? …
//! anna presses [Skip: any words]
//! bot edits> … How shall I tell you? …
//! anna presses [every hour]
//! bot edits> “Demo: up to €900 · in Berlin, Potsdam”: is this right?
//!
//!            🔎 Demo flats
//!            🎯 up to €900 · in Berlin, Potsdam
//!            🔔 every hour
//!            📊 In the last week 12 listings would have matched.
//!            [✅ Save]
//!            [Change the filter…]
//!            [‹ Back] [Cancel]
//! anna presses [✅ Save]
//! bot edits> You watch “Demo: up to €900 · in Berlin, Potsdam” now. …
//! ```
//!
//! A location becomes a circle whose radius is asked for. What is no answer is for support, and the draft stays.
//! A press that does not fit the step (in an older message, or a second time) brings the present step and changes
//! nothing. In a group the words of people are not for us, so there the offered searches are shown instead.
//!
//! In reading order: [`draft`] (what was chosen, which step comes when), [`offers`], [`answers`] with [`price`] and
//! [`words`] (what people write), [`screen`] and [`summary`] (what is shown), [`paste`] (addresses), [`save`].

mod answers;
pub mod draft;
mod offers;
mod paste;
pub mod price;
mod save;
mod screen;
mod summary;
#[cfg(test)]
mod texts_tests;
pub mod words;

use super::{Press, Scene, cancel, note, searches};
use crate::bot::callback::wizard::WizardButton;
use crate::bot::decide::Decision;
use crate::bot::state::State;
use crate::domain::Outgoing;
use crate::domain::preferences::Digest;
use crate::store::Look;
use draft::Step;

pub use draft::Draft;
pub use paste::pasted;
pub(in crate::bot::dialogues) use save::make;
pub(in crate::bot::dialogues) use summary::looks_at;

/// Radii to choose from, kilometres.
const RADII: [u16; 5] = [1, 3, 5, 10, 25];

/// What brought us to a step, and so where it is shown.
#[derive(Debug, Clone, Copy)]
enum Way<'a> {
    /// A command or an address: a new message.
    New,
    /// A press: the pressed message changes.
    Press(Press<'a>),
    /// Words: the message of the draft changes.
    Words,
}

/// Answers `/new`.
pub fn begin(scene: &Scene<'_>) -> Decision {
    if !scene.view.has_searches {
        return look_first();
    }
    if scene.is_group() {
        return scene.answer([searches::menu(scene, 0)]);
    }
    start(scene, Way::New, None)
}

/// A button of the wizard.
pub fn press(
    scene: &Scene<'_>,
    press: Press<'_>,
    state: &State,
    button: &WizardButton,
) -> Decision {
    if scene.is_group() {
        return searches::turn(scene, press, 0);
    }
    let draft = match state {
        State::Drafting(draft) => Some(&**draft),
        _ => None,
    };
    let way = Way::Press(press);
    let late = || Some(scene.plain("wizard-out-of-date"));
    match (button, draft) {
        (WizardButton::Begin, _) => start(scene, way, None),
        // An older message: what is going on in the newer one goes on.
        (WizardButton::Cancel, Some(draft))
            if draft.message.is_some_and(|shown| press.message_id != Some(shown)) =>
        {
            Decision { state: state.clone(), ..cancel::press(scene, press) }
        }
        (WizardButton::Cancel, _) => cancel::press(scene, press),
        (WizardButton::Save, None) => note(press, scene.plain("wizard-saved-already")),
        (button, Some(draft)) if button.step().is_none_or(|step| step == draft.step) => {
            act(scene, press, draft, button)
        }
        (_, Some(draft)) => show(scene, draft.clone(), way, late()),
        (_, None) => start(scene, way, late()),
    }
}

/// Words while a watch is being made.
pub fn typed(scene: &Scene<'_>, draft: &Draft, message_id: i64, text: &str) -> Decision {
    let state = || State::Drafting(Box::new(draft.clone()));
    if scene.is_group() {
        return Decision::nothing(state());
    }
    if let Some(pasted) = pasted(scene, text) {
        return pasted;
    }
    if draft.step.asks_for_words() && !scene.view.has_searches {
        return look_first();
    }
    match answers::read(scene, draft, text) {
        Some(Ok(next)) => show(scene, next.further(), Way::Words, None),
        Some(Err(problem)) => show(scene, draft.clone(), Way::Words, Some(problem)),
        None => {
            let listened = super::support::listen(scene, state(), message_id, text);
            kept(&state(), listened)
        }
    }
}

/// A place on the map while a watch is being made; `None` when none is asked for.
pub fn located(scene: &Scene<'_>, state: &State, point: (f64, f64)) -> Option<Decision> {
    let State::Drafting(draft) = state else { return None };
    let is_asked = matches!(draft.step, Step::Place | Step::Radius) && !scene.is_group();
    is_asked.then(|| {
        let next = Draft { point: Some(point), ..(**draft).clone() };
        match scene.view.has_searches {
            true => show(scene, next.at(Step::Radius), Way::Words, None),
            false => look_first(),
        }
    })
}

/// What is done or written in between takes nothing from a watch that is being made.
pub fn kept(state: &State, decision: Decision) -> Decision {
    match state {
        State::Drafting(_) => Decision { state: state.clone(), ..decision },
        _ => decision,
    }
}

fn look_first() -> Decision {
    Decision::look(State::Idle, Look { searches: true, ..Look::default() })
}

/// The first step of a new draft. Where nothing is on offer, only an address helps.
fn start(scene: &Scene<'_>, way: Way<'_>, word: Option<String>) -> Decision {
    let draft = Draft::default();
    let step = match offers::sites(scene).len() {
        0 => return nothing_offered(scene, way),
        1 => Step::Place,
        _ => Step::Site,
    };
    show(scene, draft.at(step), way, word)
}

fn nothing_offered(scene: &Scene<'_>, way: Way<'_>) -> Decision {
    let message = Outgoing::text(scene.plain("wizard-nothing-offered"));
    match way {
        Way::Press(press) => scene.change(press, message, None),
        Way::New | Way::Words => scene.answer([message]),
    }
}

/// Shows the step of a draft; `word` is the note of a press, or a line above the question.
fn show(scene: &Scene<'_>, mut draft: Draft, way: Way<'_>, word: Option<String>) -> Decision {
    if !summary::has_searches(scene, &draft) {
        return start(scene, way, Some(scene.plain("bot-press-no-longer-offered")));
    }
    match way {
        Way::New => draft.message = None,
        Way::Press(press) => draft.message = press.message_id,
        Way::Words => {}
    }
    let mut message = match screen::of(scene, &draft) {
        Ok(message) => message,
        Err(look) => return Decision::look(State::Idle, *look),
    };
    let decision = match way {
        Way::Press(press) => scene.change(press, message, word),
        Way::New | Way::Words => {
            if let Some(word) = word {
                message.text = format!("⚠️ {word}\n\n{}", message.text);
            }
            scene.answer([Outgoing { edit: draft.message, ..message }])
        }
    };
    Decision { state: State::Drafting(Box::new(draft)), ..decision }
}

/// A press that fits the step.
fn act(scene: &Scene<'_>, press: Press<'_>, draft: &Draft, button: &WizardButton) -> Decision {
    let way = Way::Press(press);
    let late = || show(scene, draft.clone(), way, Some(scene.plain("wizard-out-of-date")));
    let mut next = draft.clone();
    match button {
        WizardButton::Begin | WizardButton::Cancel => return late(),
        WizardButton::Sites(page) => return turn(scene, press, draft, *page),
        WizardButton::AllSites => {
            (next.site, next.kind) = (None, None);
            if offers::kinds(scene).len() > 1 {
                return show(scene, next.at(Step::Kind), way, None);
            }
        }
        WizardButton::Site(id) => {
            if !offers::sites(scene).iter().any(|(known, _)| known == id) {
                return late();
            }
            (next.site, next.kind) = (Some(id.clone()), None);
        }
        WizardButton::Kind(kind) => {
            if kind.is_some_and(|kind| !offers::kinds(scene).contains(&kind)) {
                return late();
            }
            next.kind = *kind;
        }
        WizardButton::Radius(km) => match answers::around(draft, f64::from(*km)) {
            Some(around) => next = around,
            None => return late(),
        },
        WizardButton::Tell(digest) => {
            // What is urgent waits for no digest.
            next.telling.urgent &= digest.is_off();
            next.telling.digest = Some(*digest);
        }
        WizardButton::Urgent => {
            next.telling.urgent = !next.telling.urgent;
            next.telling.digest = next.telling.urgent.then_some(Digest::Off);
            return show(scene, next, way, None);
        }
        WizardButton::Skip(step) => next = next.without(*step),
        WizardButton::Back(_) => {
            return show(scene, next.back(offers::first(scene, draft)), way, None);
        }
        WizardButton::Change => return show(scene, next.at(Step::Change), way, None),
        WizardButton::Edit(step) => match step {
            Step::Site if !draft.searches.is_empty() => return late(),
            Step::Site | Step::Place | Step::Price | Step::Words | Step::Telling | Step::Name => {
                return show(scene, next.at(*step), way, None);
            }
            _ => return late(),
        },
        WizardButton::Save => return save::save(scene, press, draft),
    }
    show(scene, next.further(), way, None)
}

/// Another page of sites.
fn turn(scene: &Scene<'_>, press: Press<'_>, draft: &Draft, page: usize) -> Decision {
    let message = screen::site(scene, draft, page);
    let draft = Draft { message: press.message_id, ..draft.clone() };
    let state = State::Drafting(Box::new(draft));
    Decision { state, ..scene.change(press, message, None) }
}
