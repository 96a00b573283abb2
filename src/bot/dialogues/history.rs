//! Prices over time.
//!
//! ```text
//! anna> /history
//! bot> Whose prices would you like to see?
//!      [Flat with balcony — €450,000]
//!      [Loft — €380,000]
//! anna presses [Loft — €380,000]
//! note> The prices are on their way
//! bot> (a picture) Loft. Now €380,000. −5% since 3 Oct 2026, when it was €400,000
//! boris> /history                  (nothing with a price was told yet)
//! bot> There is nothing to show yet: no offer with a price was told here.
//! ```
//!
//! Listed is what this chat was told of last; the press is that of the button under an alert
//! ([`alert::history`](super::alert::history)).

use std::collections::HashSet;

use super::{PAGE, Scene};
use crate::bot::callback::Callback;
use crate::bot::decide::Decision;
use crate::domain::Outgoing;
use crate::store::Told;
use crate::texts::builder::{clean, shorten};
use crate::texts::money::money;

/// Longest title on a button, UTF-16 units.
const TITLE: usize = 32;

/// Answers `/history`.
pub fn list(scene: &Scene<'_>) -> Decision {
    let mut known = HashSet::new();
    let told = scene.view.told.iter().filter(|told| known.insert(&told.key));
    let rows: Vec<_> = told
        .filter_map(|told| {
            scene.button(label(told, scene)?, &Callback::History(told.event.clone()))
        })
        .take(PAGE)
        .map(|button| vec![button])
        .collect();
    if rows.is_empty() {
        return scene.answer([Outgoing::text(scene.plain("history-none"))]);
    }
    let mut message = Outgoing::text(scene.plain("history-intro"));
    message.buttons = rows;
    scene.answer([message])
}

/// The title and what it costs; nothing for a listing without a price.
fn label(told: &Told, scene: &Scene<'_>) -> Option<String> {
    let price = money(told.listing.price.as_ref()?, scene.language);
    let title = shorten(&clean(&told.listing.title), TITLE);
    Some(format!("{title} — {price}"))
}
