//! Words that many fields share. Pure.

use sites::Listing;

use super::fields::WORDS_UNITS;
use crate::domain::change::{STATE, Status};
use crate::domain::{Change, ChangeKind, Language};
use crate::texts::builder::{clean, cut};
use crate::texts::money::measure;
use crate::texts::{Value, say};

/// The text of what happened.
pub(super) fn headline(change: &Change) -> &'static str {
    match change.kind {
        ChangeKind::New => "deliver-new",
        ChangeKind::PriceDown => "deliver-price-down",
        ChangeKind::PriceUp => "deliver-price-up",
        ChangeKind::Back => "deliver-back",
        ChangeKind::Edited => "deliver-edited",
        ChangeKind::Reserved => "deliver-reserved",
        ChangeKind::Gone => match farewell(&change.listing) {
            Farewell::Sold => "deliver-sold",
            Farewell::Let => "deliver-let",
            Farewell::Removed => "deliver-gone",
        },
    }
}

/// How a listing left.
pub(super) enum Farewell {
    Sold,
    Let,
    Removed,
}

/// How the page says that it left.
pub(super) fn farewell(listing: &Listing) -> Farewell {
    match listing.attributes.get(STATE).map(String::as_str) {
        Some("rented" | "let") => Farewell::Let,
        Some(_) if Status::stated(listing) == Some(Status::Sold) => Farewell::Sold,
        _ => Farewell::Removed,
    }
}

/// Foreign words on one line, if anything of them can be seen.
pub(super) fn words(foreign: &str) -> Option<String> {
    let shown = cut(&clean(foreign), WORDS_UNITS);
    (!shown.is_empty()).then_some(shown)
}

/// The number of rooms in words: the count chooses the plural form, the number is written by us. Half rooms
/// take the form of many.
#[expect(clippy::cast_possible_truncation, reason = "measure() has checked the range")]
pub(super) fn rooms_text(rooms: f64, language: Language) -> Option<String> {
    let number = measure(rooms, language)?;
    let values = [("number", Value::Text(&number)), ("count", Value::Count(rooms.round() as i64))];
    let key = if rooms.fract() == 0.0 { "deliver-rooms" } else { "deliver-rooms-part" };
    Some(say(language, key, &values))
}
