//! What an update itself says that its decision must see.

use crate::bot::callback::{Callback, Pressed};
use crate::bot::event::{Event, Update};
use crate::domain::{EventId, SourceId};

/// The change whose listing a decision is about.
pub(super) fn about_of(update: &Update) -> Option<EventId> {
    let Event::Press { data, .. } = &update.event else { return None };
    match Pressed::decode(data)?.callback {
        Callback::Keep(event)
        | Callback::MuteListing(event)
        | Callback::UnmuteListing(event)
        | Callback::Hide(event)
        | Callback::Unhide(event)
        | Callback::History(event)
        | Callback::Why(event) => Some(event),
        _ => None,
    }
}

/// Whether a decision is about what the person keeps.
pub(super) fn looks_at_saved(update: &Update) -> bool {
    match &update.event {
        Event::Command { name, .. } => name == "saved",
        Event::Press { data, .. } => {
            let pressed = Pressed::decode(data).map(|pressed| pressed.callback);
            matches!(pressed, Some(Callback::Kept(_) | Callback::Forget(_)))
        }
        _ => false,
    }
}

/// The source whose offers a decision may want to show.
pub(super) fn sample_of(update: &Update) -> Option<SourceId> {
    let Event::Press { data, .. } = &update.event else { return None };
    match Pressed::decode(data)?.callback {
        Callback::Watch(source) => Some(source),
        _ => None,
    }
}
