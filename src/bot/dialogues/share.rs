//! Sharing a watch by a link.

use super::{Press, Scene, searches};
use crate::bot::callback::share::ShareButton;
use crate::bot::decide::Decision;

/// A button of sharing.
pub fn press(scene: &Scene<'_>, press: Press<'_>, _button: &ShareButton) -> Decision {
    searches::out_of_date(scene, press)
}

/// Somebody followed the link of a shared watch.
pub fn open(scene: &Scene<'_>, _token: &str) -> Decision {
    super::start::greet(scene, &crate::bot::event::Payload::None)
}
