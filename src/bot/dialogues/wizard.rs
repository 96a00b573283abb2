//! A new watch, step by step.

use serde::{Deserialize, Serialize};

use super::{Press, Scene, searches};
use crate::bot::callback::wizard::WizardButton;
use crate::bot::decide::Decision;
use crate::bot::state::State;
use crate::store::Look;

/// What was chosen so far.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Draft {}

/// Answers `/new`.
pub fn begin(scene: &Scene<'_>) -> Decision {
    if !scene.view.has_searches {
        return Decision::look(State::Idle, Look { searches: true, ..Look::default() });
    }
    scene.answer([searches::menu(scene, 0)])
}

/// A button of the wizard.
pub fn press(
    scene: &Scene<'_>,
    press: Press<'_>,
    _state: &State,
    button: &WizardButton,
) -> Decision {
    match button {
        WizardButton::Begin => searches::turn(scene, press, 0),
    }
}

/// Words while a watch is being made.
pub fn typed(scene: &Scene<'_>, draft: &Draft, message_id: i64, text: &str) -> Decision {
    super::support::listen(scene, State::Drafting(Box::new(draft.clone())), message_id, text)
}

/// A place on the map while a watch is being made; `None` when none is asked for.
pub fn located(_scene: &Scene<'_>, _state: &State, _point: (f64, f64)) -> Option<Decision> {
    None
}

/// Words that hold an address of a site; `None` when they do not.
pub fn pasted(_scene: &Scene<'_>, _text: &str) -> Option<Decision> {
    None
}
