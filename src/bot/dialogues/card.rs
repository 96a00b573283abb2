//! One watch with all that can be done to it.
//!
//! ```text
//! anna> /watches
//! bot> You watch one search. Press it to see or change it: …
//! anna presses [Demo flats]
//! bot edits> “Demo flats” runs.
//!            https://demo.example/flats
//!            [Pause] [Mute]
//!            [Rename] [Copy]
//!            [🔗 Share] [Delete]
//!            [My searches]
//! anna presses [Pause]
//! note> “Demo flats” rests
//! bot edits> “Demo flats” rests: you have paused it.
//!            [Resume] [Mute] …
//! anna presses [Mute]
//! bot edits> How long shall I be silent about “Demo flats”?
//!            [1 hour] [1 day] [1 week]
//!            [For ever] [Not at all]
//!            [‹]
//! anna presses [Rename]
//! bot> What shall I call “Demo flats”? Write its new name.
//! anna> Flats by the park
//! bot> It is called “Flats by the park” now.
//! anna presses [Delete]
//! bot edits> Delete “Demo flats”? What waits to be told of it is forgotten too.
//!            [Yes, delete] [‹]
//! ```
//!
//! A watch that is not there any more brings the list. What the plan or an operator has paused is not resumed here:
//! the answer says why.

use chrono::TimeDelta;

use super::{Press, Scene, alert, name, watches};
use crate::bot::callback::share::ShareButton;
use crate::bot::callback::{Callback, MuteFor};
use crate::bot::decide::Decision;
use crate::bot::state::State;
use crate::domain::ids::digest;
use crate::domain::plan::{Refusal, may_run};
use crate::domain::watch::{WatchOrder, copy_name, forever};
use crate::domain::{self, Outgoing, PausedBy, Watch, WatchId};
use crate::store::Effect;
use crate::texts::Value;
use crate::texts::dates::near;
use crate::texts::import::refusal;

/// Addresses that a card shows.
const SHOWN: usize = 5;

/// Shows a watch.
pub fn show(scene: &Scene<'_>, press: Press<'_>, id: &WatchId) -> Decision {
    match found(scene, id) {
        Some(watch) => scene.change(press, card(scene, watch), None),
        None => watches::gone(scene, press),
    }
}

/// Pauses a watch.
pub fn pause(scene: &Scene<'_>, press: Press<'_>, id: &WatchId) -> Decision {
    let Some(watch) = found(scene, id) else { return watches::gone(scene, press) };
    if watch.paused {
        return scene.change(press, card(scene, watch), None);
    }
    let after = Watch { paused: true, paused_by: PausedBy::Owner, ..watch.clone() };
    changed(scene, press, &after, WatchOrder::Pause, "watch-note-paused")
}

/// Lets a watch go on.
pub fn resume(scene: &Scene<'_>, press: Press<'_>, id: &WatchId) -> Decision {
    let Some(watch) = found(scene, id) else { return watches::gone(scene, press) };
    if !watch.paused {
        return scene.change(press, card(scene, watch), None);
    }
    if let Err(why) = may_resume(scene, watch) {
        return alert(press, shorter(&refusal(scene.language, &why)));
    }
    let after = Watch { paused: false, paused_by: PausedBy::Nobody, ..watch.clone() };
    changed(scene, press, &after, WatchOrder::Resume, "watch-note-resumed")
}

/// Whether the person may let their watch go on, and the plan has room.
pub fn may_resume(scene: &Scene<'_>, watch: &Watch) -> Result<(), Refusal> {
    if !PausedBy::Owner.may_end(watch.paused_by) {
        return Err(Refusal::PausedBy(watch.paused_by));
    }
    let own = &scene.view.own;
    may_run(&own.watches, &watch.id, &own.allowance().terms(scene.now))
}

/// Mutes a watch, or asks how long.
pub fn mute(scene: &Scene<'_>, press: Press<'_>, span: Option<MuteFor>, id: &WatchId) -> Decision {
    let Some(watch) = found(scene, id) else { return watches::gone(scene, press) };
    let Some(span) = span else { return scene.change(press, how_long(scene, watch), None) };
    let until = match span {
        MuteFor::Hour => Some(scene.now + TimeDelta::hours(1)),
        MuteFor::Day => Some(scene.now + TimeDelta::days(1)),
        MuteFor::Week => Some(scene.now + TimeDelta::weeks(1)),
        MuteFor::Ever => Some(forever()),
        MuteFor::Off => None,
    };
    let note = if until.is_some() { "watch-note-muted" } else { "watch-note-unmuted" };
    let after = Watch { muted_until: until, ..watch.clone() };
    changed(scene, press, &after, WatchOrder::Mute(until), note)
}

fn how_long(scene: &Scene<'_>, watch: &Watch) -> Outgoing {
    let title = name(&watch.name);
    let mut message =
        Outgoing::text(scene.say("watch-mute-ask", &[("title", Value::Text(&title))]));
    let button = |key: &str, span| (scene.plain(key), Callback::Mute(Some(span), watch.id.clone()));
    message.buttons.push(scene.row(&[
        button("watch-mute-hour", MuteFor::Hour),
        button("watch-mute-day", MuteFor::Day),
        button("watch-mute-week", MuteFor::Week),
    ]));
    message.buttons.push(
        scene.row(&[
            button("watch-mute-ever", MuteFor::Ever),
            button("watch-mute-off", MuteFor::Off),
        ]),
    );
    message.buttons.push(back(scene, watch));
    message
}

/// Asks for another name; the next words of the person are it.
pub fn ask_name(scene: &Scene<'_>, press: Press<'_>, id: &WatchId) -> Decision {
    let Some(watch) = found(scene, id) else { return watches::gone(scene, press) };
    let title = name(&watch.name);
    let text = scene.say("watch-name-ask", &[("title", Value::Text(&title))]);
    let decision = scene.change(Press { message_id: None, ..press }, Outgoing::text(text), None);
    Decision { state: State::Naming { watch: id.clone() }, ..decision }
}

/// Takes the name that was asked for.
pub fn name_it(scene: &Scene<'_>, id: &WatchId, text: &str) -> Decision {
    let Some(new) = domain::watch::name(text) else {
        let again = scene.answer([Outgoing::text(scene.plain("watch-name-none"))]);
        return Decision { state: State::Naming { watch: id.clone() }, ..again };
    };
    let said = scene.say("watch-name-taken", &[("title", Value::Text(&name(&new)))]);
    let mut message = Outgoing::text(said);
    let buttons = [
        (scene.plain("watch-button-show"), Callback::Card(id.clone())),
        (scene.plain("bot-button-watches"), Callback::Watches(0)),
    ];
    message.buttons.push(scene.row(&buttons));
    let mut decision = scene.answer([message]);
    let order = WatchOrder::rename(new);
    decision.effects.push(Effect::ChangeWatch { id: id.clone(), user: scene.user, order });
    decision
}

/// Makes another watch like this one and shows it.
pub fn copy(scene: &Scene<'_>, press: Press<'_>, id: &WatchId) -> Decision {
    let Some(watch) = found(scene, id) else { return watches::gone(scene, press) };
    if let Err(why) = scene.view.own.allowance().room_for(&watch.sources, scene.now) {
        return alert(press, shorter(&refusal(scene.language, &why)));
    }
    let taken: Vec<&str> = scene.own().map(|own| own.name.as_str()).collect();
    // The press names the copy: the same press again is the same copy.
    let fresh = Watch {
        id: WatchId(digest(&["copy", id.as_str(), press.id])),
        name: copy_name(&watch.name, &taken),
        paused: false,
        paused_by: PausedBy::Nobody,
        muted_until: None,
        ..watch.clone()
    };
    let order = WatchOrder::Clone { id: fresh.id.clone(), name: fresh.name.clone() };
    let title = name(&fresh.name);
    let note = scene.say("watch-note-copied", &[("title", Value::Text(&title))]);
    let mut decision = scene.change(press, card(scene, &fresh), Some(note));
    decision.effects.push(Effect::ChangeWatch { id: id.clone(), user: scene.user, order });
    decision
}

/// Asks whether to end a watch.
pub fn ask_leave(scene: &Scene<'_>, press: Press<'_>, id: &WatchId) -> Decision {
    let Some(watch) = found(scene, id) else { return watches::gone(scene, press) };
    let title = name(&watch.name);
    let text = scene.say("watch-delete-ask", &[("title", Value::Text(&title))]);
    let mut message = Outgoing::text(text);
    let yes = (scene.plain("watch-delete-yes"), Callback::Leave(id.clone()));
    message.buttons.push(scene.row(&[yes]));
    message.buttons.push(back(scene, watch));
    scene.change(press, message, None)
}

fn found<'a>(scene: &Scene<'a>, id: &WatchId) -> Option<&'a Watch> {
    scene.view.watches.iter().find(|watch| watch.user == scene.user && watch.id == *id)
}

/// Orders something of a watch, and shows it as it is afterwards.
fn changed(
    scene: &Scene<'_>,
    press: Press<'_>,
    after: &Watch,
    order: WatchOrder,
    note: &str,
) -> Decision {
    let title = name(&after.name);
    let note = scene.say(note, &[("title", Value::Text(&title))]);
    let mut decision = scene.change(press, card(scene, after), Some(note));
    decision.effects.push(Effect::ChangeWatch { id: after.id.clone(), user: scene.user, order });
    decision
}

fn back(scene: &Scene<'_>, watch: &Watch) -> Vec<domain::Button> {
    scene.row(&[("‹".to_owned(), Callback::Card(watch.id.clone()))])
}

/// A note has 200 characters at most (api "answerCallbackQuery").
fn shorter(text: &str) -> String {
    crate::texts::builder::shorten(text, 200)
}

/// The message that shows a watch.
pub(super) fn card(scene: &Scene<'_>, watch: &Watch) -> Outgoing {
    let mut message = Outgoing::text(state(scene, watch));
    for source in watch.sources.iter().take(SHOWN) {
        if let Some(url) = scene.view.own.links.get(source) {
            message.text.push('\n');
            message.text.push_str(url);
        }
    }
    if watch.sources.len() > SHOWN {
        message.text.push_str("\n…");
    }
    let button = |key: &str, callback: fn(WatchId) -> Callback| {
        (scene.plain(key), callback(watch.id.clone()))
    };
    let run = match watch.paused {
        true => button("watch-button-resume", Callback::Resume),
        false => button("watch-button-pause", Callback::Pause),
    };
    let mute = (scene.plain("watch-button-mute"), Callback::Mute(None, watch.id.clone()));
    message.buttons.push(scene.row(&[run, mute]));
    message.buttons.push(scene.row(&[
        button("watch-button-rename", Callback::Rename),
        button("watch-button-copy", Callback::Copy),
    ]));
    let share = Callback::Share(ShareButton::Ask(watch.id.clone()));
    message.buttons.push(scene.row(&[
        (scene.plain("share-button"), share),
        button("watch-button-delete", Callback::AskLeave),
    ]));
    let mine = (scene.plain("bot-button-watches"), Callback::Watches(0));
    message.buttons.push(scene.row(&[mine]));
    message
}

/// What a watch does at present, in a sentence.
fn state(scene: &Scene<'_>, watch: &Watch) -> String {
    let key = match (watch.paused_by, watch.muted_until) {
        (PausedBy::Owner, _) => "watch-state-paused",
        (PausedBy::Plan, _) => "watch-state-plan",
        (PausedBy::Operator, _) => "watch-state-operator",
        (PausedBy::Nobody, Some(until)) if until >= forever() => "watch-state-muted-ever",
        (PausedBy::Nobody, Some(until)) if until > scene.now => "watch-state-muted",
        (PausedBy::Nobody, _) => "watch-state-runs",
    };
    let end = watch.muted_until.unwrap_or(scene.now);
    let until = near(end, scene.view.preferences.tz(), scene.now, scene.language);
    let title = name(&watch.name);
    scene.say(key, &[("title", Value::Text(&title)), ("until", Value::Text(&until))])
}
