//! What a person keeps.
//!
//! ```text
//! anna> /saved
//! bot> You keep 2 offers. Press one to let it go:
//!
//!      1. Flat with balcony — €450,000
//!      2. Loft — gone
//!      [✕ Flat with balcony]
//!      [✕ Loft]
//! anna presses [✕ Loft]
//! note> Let go
//! bot edits> You keep 1 offer. …
//! ```
//!
//! In a group the list is not shown: it is one person's.

use super::{PAGE, Press, Scene, label, name, note, page_of, turning};
use crate::bot::callback::Callback;
use crate::bot::decide::Decision;
use crate::domain::ids::digest;
use crate::domain::{EntityKind, Outgoing};
use crate::store::{Effect, Saved};
use crate::texts::Value;
use crate::texts::builder::{TEXT_LIMIT, TextBuilder, web_address};
use crate::texts::money::money;

/// Answers `/saved`.
pub fn list(scene: &Scene<'_>) -> Decision {
    if scene.is_group() {
        return scene.answer([Outgoing::text(scene.plain("alert-saved-in-private"))]);
    }
    scene.answer([menu(scene, &all(scene), 0)])
}

/// Another page of the list.
pub fn turn(scene: &Scene<'_>, press: Press<'_>, page: usize) -> Decision {
    scene.change(press, menu(scene, &all(scene), page), None)
}

/// Lets a listing go. One that is not kept is not kept.
pub fn forget(scene: &Scene<'_>, press: Press<'_>, wanted: &str) -> Decision {
    let mut left = all(scene);
    let Some(place) = left.iter().position(|saved| named(saved) == wanted) else {
        let menu = menu(scene, &left, 0);
        return scene.change(press, menu, Some(scene.plain("alert-saved-not-there")));
    };
    let key = left.remove(place).key.clone();
    let answer = note(press, scene.plain("alert-saved-let-go")).answer;
    let mut decision = scene.change(press, menu(scene, &left, place / PAGE), None);
    decision.answer = answer;
    decision.effects.push(Effect::Keep { user: scene.user, key, kept: false });
    decision
}

fn all<'a>(scene: &Scene<'a>) -> Vec<&'a Saved> {
    scene.view.saved.iter().collect()
}

/// A name that fits into a button, however long the site's own id is.
fn named(saved: &Saved) -> String {
    digest(&["saved", &saved.key.site, &saved.key.id])
}

fn menu(scene: &Scene<'_>, saved: &[&Saved], page: usize) -> Outgoing {
    if saved.is_empty() {
        return Outgoing::text(scene.plain("alert-saved-none"));
    }
    let (shown, back, on) = page_of(saved, page);
    let first = back.map_or(0, |back| (back + 1) * PAGE);
    let count = i64::try_from(saved.len()).unwrap_or(i64::MAX);
    let mut text = TextBuilder::new(TEXT_LIMIT);
    text.push(&scene.say("alert-saved-list", &[("count", Value::Count(count))])).line();
    let mut buttons = Vec::new();
    for (index, saved) in shown.iter().enumerate() {
        let listing = &saved.listing;
        text.line().push(&format!("{}. ", first + index + 1));
        let title = name(&listing.title);
        match web_address(&listing.url) {
            Some(url) => text.styled(EntityKind::Link(url.to_string()), |link| {
                link.push(&title);
            }),
            None => text.push(&title),
        };
        let price = listing.price.as_ref().map(|price| money(price, scene.language));
        let state = if saved.gone { Some(scene.plain("alert-saved-gone")) } else { price };
        if let Some(state) = state {
            text.push(" — ").push(&state);
        }
        let forget = Callback::Forget(named(saved));
        let button = scene.button(format!("✕ {}", label(&listing.title)), &forget);
        buttons.extend(button.map(|button| vec![button]));
    }
    buttons.extend(turning(scene, back, on, Callback::Kept));
    let (text, entities) = text.finish();
    Outgoing { text, entities, buttons, ..Outgoing::default() }
}
