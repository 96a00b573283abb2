//! One's own watches, and leaving one.
//!
//! ```text
//! anna> /watches
//! bot> You watch 2 searches. Press one to see or change it:
//!
//!      1. Demo flats
//!      2. Demo bikes (rests)
//!      [Demo flats]
//!      [⏸ Demo bikes]
//!      [All searches]
//! anna presses [Demo flats], [Delete], [Yes, delete]
//! note> You no longer watch “Demo flats”
//! bot edits> You no longer watch “Demo flats”.
//!            [Watch again]
//!            [All searches] [My searches]
//! anna presses [Yes, delete]          (in an older message)
//! note> You do not watch this search
//! bot edits> You watch one search. …
//! ```
//!
//! What can be done to one of them is in [`super::card`].

use super::{Press, Scene, label, name, page_of, turning};
use crate::bot::callback::Callback;
use crate::bot::decide::Decision;
use crate::domain::{Outgoing, Watch, WatchId};
use crate::store::Effect;
use crate::texts::Value;

/// Answers `/watches`.
pub fn list(scene: &Scene<'_>) -> Decision {
    let watches: Vec<_> = scene.own().collect();
    scene.answer([menu(scene, &watches, 0)])
}

/// Another page of the list.
pub fn turn(scene: &Scene<'_>, press: Press<'_>, page: usize) -> Decision {
    let watches: Vec<_> = scene.own().collect();
    scene.change(press, menu(scene, &watches, page), None)
}

/// A watch that is not there, or is somebody else's, is simply not watched.
pub fn gone(scene: &Scene<'_>, press: Press<'_>) -> Decision {
    let watches: Vec<_> = scene.own().collect();
    let note = scene.plain("bot-press-not-watched");
    scene.change(press, menu(scene, &watches, 0), Some(note))
}

/// Ends a watch.
pub fn leave(scene: &Scene<'_>, press: Press<'_>, id: &WatchId) -> Decision {
    let Some(watch) = scene.own().find(|watch| watch.id == *id) else {
        return gone(scene, press);
    };
    let title = name(&watch.name);
    let values = [("title", Value::Text(&title))];
    let mut message = Outgoing::text(scene.say("bot-left", &values));
    message.buttons.extend(again(scene, watch));
    let all = scene.plain("bot-button-searches");
    let mine = scene.plain("bot-button-watches");
    message.buttons.push(scene.row(&[(all, Callback::Searches(0)), (mine, Callback::Watches(0))]));
    let mut decision = scene.change(press, message, Some(scene.say("bot-left-now", &values)));
    decision.effects.push(Effect::Unsubscribe { watch: id.clone(), user: scene.user });
    decision
}

fn again(scene: &Scene<'_>, watch: &Watch) -> Option<Vec<crate::domain::Button>> {
    let source = watch.sources.first()?;
    let offered = scene.view.offered.iter().any(|offered| offered.id == *source);
    let text = scene.plain("bot-button-again");
    let button = offered.then(|| scene.button(text, &Callback::Watch(source.clone())))??;
    Some(vec![button])
}

fn menu(scene: &Scene<'_>, watches: &[&Watch], page: usize) -> Outgoing {
    let to_all = scene.row(&[(scene.plain("bot-button-searches"), Callback::Searches(0))]);
    if watches.is_empty() {
        let mut message = Outgoing::text(scene.plain("bot-watches-none"));
        message.buttons.push(to_all);
        return message;
    }
    let (shown, back, on) = page_of(watches, page);
    let first = back.map_or(0, |back| (back + 1) * super::PAGE);
    let count = i64::try_from(watches.len()).unwrap_or(i64::MAX);
    let mut message =
        Outgoing::text(scene.say("bot-watches-list", &[("count", Value::Count(count))]));
    message.text.push('\n');
    for (index, watch) in shown.iter().enumerate() {
        message.text.push_str(&format!("\n{}. {}", first + index + 1, name(&watch.name)));
        let is_muted = watch.muted_until.is_some_and(|until| until > scene.now);
        let (mark, word) = match (watch.paused, is_muted) {
            (true, _) => ("⏸ ", scene.plain("watch-list-rests")),
            (false, true) => ("🔕 ", scene.plain("watch-list-muted")),
            (false, false) => ("", String::new()),
        };
        if !word.is_empty() {
            message.text.push_str(&format!(" ({word})"));
        }
        let show = Callback::Card(watch.id.clone());
        let text = format!("{mark}{}", label(&watch.name));
        message.buttons.extend(scene.button(text, &show).map(|button| vec![button]));
    }
    message.buttons.extend(turning(scene, back, on, Callback::Watches));
    message.buttons.push(to_all);
    message
}
