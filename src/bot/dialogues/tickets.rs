//! Support: what people write to us, and what we answer.

use serde::{Deserialize, Serialize};

use super::{Press, Scene, searches};
use crate::bot::callback::ticket::TicketButton;
use crate::bot::decide::Decision;
use crate::bot::event::Update;

/// What a person who writes to support, or an operator who answers, is doing.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Writing {}

/// Carries out a command of this part; `None` when it is none.
pub fn command(_scene: &Scene<'_>, _name: &str, _rest: &str) -> Option<Decision> {
    None
}

/// A button.
pub fn press(scene: &Scene<'_>, press: Press<'_>, _button: &TicketButton) -> Decision {
    searches::out_of_date(scene, press)
}

/// Whatever is said in the group of support; `None` when it is nothing for us.
pub fn staff(_scene: &Scene<'_>, _update: &Update) -> Option<Decision> {
    None
}
