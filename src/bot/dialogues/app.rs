//! What the Mini App sends when it is closed by its button.

use super::Scene;
use crate::bot::decide::Decision;
use crate::bot::state::State;

/// Data of the Mini App. Untrusted: anybody can send anything.
pub fn data(_scene: &Scene<'_>, _data: &str) -> Decision {
    Decision::nothing(State::Idle)
}
