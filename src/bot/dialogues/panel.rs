//! The panel of operators: people, plans, figures.

use serde::{Deserialize, Serialize};

use super::{Press, Scene, searches};
use crate::bot::callback::panel::PanelButton;
use crate::bot::decide::Decision;

/// What an operator was asked for.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Asked {}

/// Carries out a command of this part; `None` when it is none. The person is an operator.
pub fn command(_scene: &Scene<'_>, _name: &str, _rest: &str) -> Option<Decision> {
    None
}

/// A button. The person is an operator.
pub fn press(scene: &Scene<'_>, press: Press<'_>, _button: &PanelButton) -> Decision {
    searches::out_of_date(scene, press)
}

/// Words that answer a question. The person is an operator.
pub fn typed(scene: &Scene<'_>, _asked: &Asked, message_id: i64, text: &str) -> Decision {
    super::support::listen(scene, crate::bot::state::State::Idle, message_id, text)
}
