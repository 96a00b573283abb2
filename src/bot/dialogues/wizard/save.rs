//! Saving a watch: within the plan, once, with a first word about what is there now. Pure.
//!
//! ```text
//! note> You watch “Demo: up to €900” now
//! bot edits> You watch “Demo: up to €900” now. What is there comes next, and from then on what changes.
//!            [Show it] [🔗 Share]
//!            [➕ New search] [My searches]
//! bot> This is what “Demo: up to €900” offers now: …          (sent with the watch, once)
//! ```

use chrono::TimeDelta;

use super::draft::Draft;
use super::{offers, start, summary};
use crate::bot::callback::Callback;
use crate::bot::callback::share::ShareButton;
use crate::bot::callback::wizard::WizardButton;
use crate::bot::decide::Decision;
use crate::bot::dialogues::{Press, Scene, account_plans, card, name};
use crate::bot::state::State;
use crate::domain::import::{Owner, Wanted};
use crate::domain::watch::{NewWatch, Sample};
use crate::domain::{Outgoing, WatchId};
use crate::store::{Effect, Look, MarketAsk};
use crate::texts::Value;
use crate::texts::sample::{sample, wants};

/// A sample shows what was seen within so many days.
const SEEN_WITHIN: i64 = 30;

/// Saves a draft.
pub(super) fn save(scene: &Scene<'_>, press: Press<'_>, draft: &Draft) -> Decision {
    let (sources, _) = offers::searches(scene, draft);
    if sources.is_empty() {
        let gone = scene.plain("bot-press-no-longer-offered");
        return start(scene, super::Way::Press(press), Some(gone));
    }
    let wanted = Wanted {
        name: summary::called(scene, draft),
        sources,
        filter: draft.filter.clone(),
        telling: draft.telling.clone(),
        paused: false,
    };
    let state = State::Drafting(Box::new(draft.clone()));
    make(scene, press, &state, wanted, MarketAsk::default())
}

/// Makes a watch and shows it; where it may not be, `state` stays. `ask` is what was looked at before this.
pub(in crate::bot::dialogues) fn make(
    scene: &Scene<'_>,
    press: Press<'_>,
    state: &State,
    wanted: Wanted,
    ask: MarketAsk,
) -> Decision {
    let owner = Owner {
        user: scene.user,
        chat: scene.place.chat,
        kind: Some(scene.place.kind),
        thread: scene.place.thread,
        language: scene.language,
    };
    let own = &scene.view.own;
    let new = owner.watch(wanted, Sample::Later, &own.watches);
    let title = name(&new.name);
    if let Some(present) = own.watches.iter().find(|watch| watch.equals(&new)) {
        let title = name(&present.name);
        let note = scene.say("bot-watching-already", &[("title", Value::Text(&title))]);
        return scene.change(press, card::card(scene, present), Some(note));
    }
    if let Err(why) = own.allowance().room_for(&new.source_ids(), scene.now) {
        let refused = account_plans::no_room(scene, press, &why);
        return Decision { state: state.clone(), ..refused };
    }
    let shown = scene.view.market.as_ref().and_then(|market| market.shown.as_ref());
    let Some(shown) = shown else {
        let since = scene.now - TimeDelta::days(SEEN_WITHIN);
        let market = Some(MarketAsk { shown: Some((new.source_ids(), since)), ..ask });
        return Decision::look(state.clone(), Look { searches: true, market, ..Look::default() });
    };
    let wanted = shown.iter().filter(|(site, listing)| wants(&new.filter, site, listing));
    let first = sample(&new.name, wanted.map(|(_, listing)| listing), scene.language);
    let now = scene.say("bot-watching-now", &[("title", Value::Text(&title))]);
    let mut decision =
        scene.change(press, saved(scene, &new.id, &title, first.is_some()), Some(now));
    let sample = first.map_or(Sample::Later, |message| Sample::Now(Box::new(message)));
    decision.effects.push(Effect::AddWatch(Box::new(NewWatch { sample, ..new })));
    decision
}

/// What is said of a watch that was just made, and what comes next.
fn saved(scene: &Scene<'_>, id: &WatchId, title: &str, has_sample: bool) -> Outgoing {
    let key = if has_sample { "wizard-saved-sample" } else { "wizard-saved-later" };
    let mut message = Outgoing::text(scene.say(key, &[("title", Value::Text(title))]));
    message.buttons.push(scene.row(&[
        (scene.plain("watch-button-show"), Callback::Card(id.clone())),
        (scene.plain("share-button"), Callback::Share(ShareButton::Ask(id.clone()))),
    ]));
    message.buttons.push(scene.row(&[
        (scene.plain("bot-key-new"), Callback::New(WizardButton::Begin)),
        (scene.plain("bot-button-watches"), Callback::Watches(0)),
    ]));
    message
}
