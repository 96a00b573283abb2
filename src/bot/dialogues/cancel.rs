//! Ending what is going on.
//!
//! ```text
//! anna> /cancel                       (in the middle of something, or of nothing)
//! bot> All right, nothing is going on any more.
//!      [All searches] [My searches]
//! anna presses [Cancel]
//! note> Cancelled
//! bot edits> All right, nothing is going on any more. …
//! ```

use super::{Press, Scene};
use crate::bot::callback::Callback;
use crate::bot::decide::Decision;
use crate::domain::Outgoing;

/// Answers `/cancel`.
pub fn cancel(scene: &Scene<'_>) -> Decision {
    scene.answer([word(scene)])
}

/// The button below a question.
pub fn press(scene: &Scene<'_>, press: Press<'_>) -> Decision {
    scene.change(press, word(scene), Some(scene.plain("bot-cancelled-now")))
}

fn word(scene: &Scene<'_>) -> Outgoing {
    let mut message = Outgoing::text(scene.plain("bot-cancelled"));
    let all = scene.plain("bot-button-searches");
    let mine = scene.plain("bot-button-watches");
    message.buttons.push(scene.row(&[(all, Callback::Searches(0)), (mine, Callback::Watches(0))]));
    message
}
