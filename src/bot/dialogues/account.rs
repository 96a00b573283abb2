//! Plans, balance, trial, promo codes, invitations.

use super::{Press, Scene, searches};
use crate::bot::callback::account::AccountButton;
use crate::bot::decide::Decision;

/// Carries out a command of this part; `None` when it is none.
pub fn command(_scene: &Scene<'_>, _name: &str, _rest: &str) -> Option<Decision> {
    None
}

/// A button.
pub fn press(scene: &Scene<'_>, press: Press<'_>, _button: &AccountButton) -> Decision {
    searches::out_of_date(scene, press)
}
