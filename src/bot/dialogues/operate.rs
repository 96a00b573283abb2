//! The panel of operators: sites, sources, broadcasts, orders.

use serde::{Deserialize, Serialize};

use super::{Press, Scene, searches};
use crate::bot::callback::operate::OperateButton;
use crate::bot::decide::Decision;
use crate::bot::event::Update;

/// What an operator is composing.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Composing {}

/// Carries out a command of this part; `None` when it is none. The person is an operator.
pub fn command(_scene: &Scene<'_>, _name: &str, _rest: &str) -> Option<Decision> {
    None
}

/// A button. The person is an operator.
pub fn press(scene: &Scene<'_>, press: Press<'_>, _button: &OperateButton) -> Decision {
    searches::out_of_date(scene, press)
}

/// Any message while something is composed; `None` when it is nothing for this part. The person is an operator.
pub fn composed(_scene: &Scene<'_>, _composing: &Composing, _update: &Update) -> Option<Decision> {
    None
}
