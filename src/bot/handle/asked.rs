//! What an update itself says that its decision must see.

use crate::bot::callback::{Callback, Pressed};
use crate::bot::decide::{self, Sight};
use crate::bot::event::{Event, Update};
use crate::domain::{EventId, SourceId};
use crate::store::{Look, ViewRequest};

/// What to load for an update, with what its decision asked to see beyond; `None` where nothing is looked at.
pub(super) fn request(update: &Update, look: &Look) -> Option<ViewRequest> {
    let sight = decide::sight(&update.event);
    let place = update.place.filter(|_| sight > Sight::Nothing)?;
    let (chat, thread) = (place.chat, place.thread);
    Some(ViewRequest {
        chat,
        thread,
        user: update.who.as_ref().filter(|who| !who.is_bot).map(|who| who.id),
        searches: sight == Sight::Searches,
        sample_of: sample_of(update),
        about: about_of(update).map(|event| (event, thread)),
        why: matches!(&update.event, Event::Press { data, .. }
            if matches!(Pressed::decode(data), Some(Pressed { callback: Callback::Why(_), .. }))),
        saved: looks_at_saved(update),
        told: matches!(&update.event, Event::Command { name, .. } if name == "history"),
        look: look.clone(),
    })
}

/// The change whose listing a decision is about.
fn about_of(update: &Update) -> Option<EventId> {
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
fn looks_at_saved(update: &Update) -> bool {
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
fn sample_of(update: &Update) -> Option<SourceId> {
    let Event::Press { data, .. } = &update.event else { return None };
    match Pressed::decode(data)?.callback {
        Callback::Watch(source) => Some(source),
        _ => None,
    }
}
