//! What an event lets a decision look at.

use crate::bot::event::Event;

/// How much of the record a decision looks at: what is not looked at need not be loaded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sight {
    /// Nothing: the event says it all.
    Nothing,
    /// The person and the conversation.
    Person,
    /// The watches of the chat and the offered searches too.
    Searches,
}

/// How much of the record [`decide`](super::decide) looks at for `event`.
pub fn sight(event: &Event) -> Sight {
    match event {
        Event::Membership { .. }
        | Event::Migrated { .. }
        | Event::PreCheckout { .. }
        | Event::Ignored { .. } => Sight::Nothing,
        Event::Text { .. }
        | Event::Media { .. }
        | Event::Edited { .. }
        | Event::Location { .. }
        | Event::AppData { .. } => Sight::Person,
        Event::Command { name, .. }
            if !matches!(name.as_str(), "watches" | "export" | "settings") =>
        {
            Sight::Person
        }
        Event::Document { .. }
        | Event::Start { .. }
        | Event::Command { .. }
        | Event::Press { .. } => Sight::Searches,
    }
}
