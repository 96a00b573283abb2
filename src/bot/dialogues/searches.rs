//! The menu of offered searches.
//!
//! ```text
//! anna presses [All searches]
//! bot edits> Choose a search, and I will tell you about its listings:
//!            [✓ Demo flats]
//!            [Demo bikes]
//! ```
//!
//! A button that this version no longer understands brings a fresh menu instead of silence:
//!
//! ```text
//! anna presses [something old]
//! note> This menu is out of date. Here is a fresh one.
//! bot edits> Choose a search, …
//! ```

use super::{Press, Scene, alert, label, page_of, turning};
use crate::bot::callback::Callback;
use crate::bot::decide::Decision;
use crate::domain::{Outgoing, Source};

/// The menu of page `page` (the last page, if there are fewer).
pub fn menu(scene: &Scene<'_>, page: usize) -> Outgoing {
    let offered = &scene.view.offered;
    if offered.is_empty() {
        return Outgoing::text(scene.plain("bot-searches-none"));
    }
    let (shown, back, on) = page_of(offered, page);
    let mut message = Outgoing::text(scene.plain("bot-searches-choose"));
    for source in shown {
        let watch = Callback::Watch(source.id.clone());
        message.buttons.extend(scene.button(label_of(scene, source), &watch).map(|b| vec![b]));
    }
    message.buttons.extend(turning(scene, back, on, Callback::Searches));
    message
}

/// What the button of a search says; a watched one is ticked.
pub fn label_of(scene: &Scene<'_>, source: &Source) -> String {
    let watched = scene.watches().any(|watch| watch.sources.contains(&source.id));
    let title = label(&source.spec.title);
    if watched { format!("✓ {title}") } else { title }
}

/// Another page of the menu.
pub fn turn(scene: &Scene<'_>, press: Press<'_>, page: usize) -> Decision {
    scene.change(press, menu(scene, page), None)
}

/// A press that we cannot read. In a group we do not know whose menu it is, so nothing there is changed.
pub fn out_of_date(scene: &Scene<'_>, press: Press<'_>) -> Decision {
    let note = scene.plain("bot-press-out-of-date");
    if scene.is_group() {
        return alert(press, note);
    }
    scene.change(press, menu(scene, 0), Some(note))
}
