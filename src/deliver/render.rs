//! A change as a message in the reader's language. Pure.
//!
//! ```text
//! 📉 Cheaper
//! Flat with balcony, second floor          (bold, a link to the listing)
//! €450,000 · was €500,000 (−10%) · €5,521 per m²        (the old price struck through)
//! 📍 Lviv, Halytskyi district
//! 81.5 m² · 3 rooms
//! Posted: 5 Nov 2026
//!
//! Watches: balcony, cheap flats
//! example.com
//! [ Open ]
//! ```
//!
//! Lines without a value are left out: an unknown area is not an area of zero. Everything from a page is
//! foreign text: cleaned, cut, and never read as markup. Links and pictures are http or https only.

use sites::Money;
use url::Url;

use crate::domain::identity::SameAs;
use crate::domain::message::Action;
use crate::domain::{Button, Change, ChangeKind, EntityKind, Language, Outgoing};
use crate::texts::builder::{CAPTION_LIMIT, TEXT_LIMIT, TextBuilder, clean, cut, web_address};
use crate::texts::money::{measure, moment, money, per_square_metre, percentage};
use crate::texts::{Value, plain, say};

/// Longest title that is shown, UTF-16 units: all other lines must still fit into a caption.
const TITLE_UNITS: usize = 250;

/// Longest place, name of a watch or printed price, UTF-16 units.
const WORDS_UNITS: usize = 80;

/// Names of watches that are shown before the rest becomes a number.
const WATCHES_SHOWN: usize = 4;

/// The message about `change` for a reader whose `watches` (by name) matched.
pub fn render(change: &Change, watches: &[String], language: Language) -> Outgoing {
    let listing = &change.listing;
    let link = web_address(&listing.url);
    let photo = listing.images.iter().find_map(|image| web_address(image)).map(String::from);
    let limit = if photo.is_some() { CAPTION_LIMIT } else { TEXT_LIMIT };
    let mut text = TextBuilder::new(limit);
    text.push(&plain(language, headline(change.kind))).line();
    title(&mut text, &listing.title, link.as_ref(), language);
    price(&mut text, change, language);
    facts(&mut text, change, language);
    sources(&mut text, change, watches, link.as_ref(), language);
    let (text, entities) = text.finish();
    let buttons = link.map(|link| vec![vec![open_button(&link, language)]]).unwrap_or_default();
    Outgoing { text, entities, photo, buttons, ..Outgoing::default() }
}

fn headline(kind: ChangeKind) -> &'static str {
    match kind {
        ChangeKind::New => "deliver-new",
        ChangeKind::PriceDown => "deliver-price-down",
        ChangeKind::PriceUp => "deliver-price-up",
        ChangeKind::Back => "deliver-back",
        ChangeKind::Edited => "deliver-edited",
        ChangeKind::Gone => "deliver-gone",
    }
}

fn title(text: &mut TextBuilder, title: &str, link: Option<&Url>, language: Language) {
    let shown = match cut(&clean(title), TITLE_UNITS) {
        empty if empty.is_empty() => plain(language, "deliver-untitled"),
        shown => shown,
    };
    text.styled(EntityKind::Bold, |bold| match link {
        Some(url) => {
            bold.styled(EntityKind::Link(url.to_string()), |link| {
                link.push(&shown);
            });
        }
        None => {
            bold.push(&shown);
        }
    });
}

/// The price, with the old one struck through when that is the news, and the price of a square metre.
fn price(text: &mut TextBuilder, change: &Change, language: Language) {
    let listing = &change.listing;
    let Some(now) = &listing.price else {
        if let Some(printed) = &listing.price_text {
            words(text, "", printed);
        }
        return;
    };
    text.line().push(&money(now, language));
    if matches!(change.kind, ChangeKind::PriceDown | ChangeKind::PriceUp)
        && let Some(before) = &change.price_before
    {
        old_price(text, before, now, language);
    }
    let metre = listing.area.and_then(|area| per_square_metre(now, area.0));
    if let Some(metre) = metre {
        let amount = money(&metre, language);
        let values = [("price", Value::Text(&amount))];
        text.push(" · ").push(&say(language, "deliver-per-metre", &values));
    }
}

fn old_price(text: &mut TextBuilder, before: &Money, now: &Money, language: Language) {
    text.push(" · ").push(&plain(language, "deliver-was")).push(" ");
    text.styled(EntityKind::Strikethrough, |struck| {
        struck.push(&money(before, language));
    });
    if let Some(share) = percentage(before, now, language) {
        text.push(&format!(" ({share})"));
    }
}

/// Place, size and date.
fn facts(text: &mut TextBuilder, change: &Change, language: Language) {
    let listing = &change.listing;
    if let Some(place) = &listing.location {
        words(text, "📍 ", place);
    }
    let area = listing.area.and_then(|area| measure(area.0, language));
    let area = area.map(|area| say(language, "deliver-area", &[("area", Value::Text(&area))]));
    let rooms = listing.rooms.and_then(|rooms| rooms_text(rooms, language));
    let size: Vec<String> = area.into_iter().chain(rooms).collect();
    if !size.is_empty() {
        text.line().push(&size.join(" · "));
    }
    if let Some(at) = listing.posted_at {
        let at = moment(at, language);
        text.line().push(&say(language, "deliver-posted", &[("at", Value::Text(&at))]));
    }
}

/// The number of rooms in words: the count chooses the plural form, the number is written by us. Half rooms
/// take the form of many.
#[expect(clippy::cast_possible_truncation, reason = "measure() has checked the range")]
fn rooms_text(rooms: f64, language: Language) -> Option<String> {
    let number = measure(rooms, language)?;
    let values = [("number", Value::Text(&number)), ("count", Value::Count(rooms.round() as i64))];
    let key = if rooms.fract() == 0.0 { "deliver-rooms" } else { "deliver-rooms-part" };
    Some(say(language, key, &values))
}

/// Whose wish it was and where it was found.
fn sources(
    text: &mut TextBuilder,
    change: &Change,
    watches: &[String],
    link: Option<&Url>,
    language: Language,
) {
    text.line();
    let names: Vec<String> = watches
        .iter()
        .map(|name| cut(&clean(name), WORDS_UNITS))
        .filter(|name| !name.is_empty())
        .collect();
    if !names.is_empty() {
        let shown = names.iter().take(WATCHES_SHOWN).cloned().collect::<Vec<_>>().join(", ");
        let count = Value::Count(i64::try_from(names.len()).unwrap_or(i64::MAX));
        let values = [("names", Value::Text(&shown)), ("count", count)];
        text.line().push(&say(language, "deliver-watches", &values));
        if let Some(more) = names.len().checked_sub(WATCHES_SHOWN).filter(|more| *more > 0) {
            let more = more.to_string();
            text.push(" ").push(&say(language, "deliver-more", &[("number", Value::Text(&more))]));
        }
    }
    if let Some(same) = &change.same_as {
        also(text, same, language);
    }
    let host = link.and_then(Url::host_str).unwrap_or(&change.key.site);
    text.line().foreign(&cut(host.strip_prefix("www.").unwrap_or(host), WORDS_UNITS));
}

/// Where else the same thing is, or that it was offered before.
fn also(text: &mut TextBuilder, same: &SameAs, language: Language) {
    if same.gone {
        text.line().push(&plain(language, "things-reposted"));
        return;
    }
    let url = web_address(&same.url);
    let host = url.as_ref().and_then(Url::host_str).unwrap_or(&same.key.site);
    let site = cut(&clean(host.strip_prefix("www.").unwrap_or(host)), WORDS_UNITS);
    let price = same.price.as_ref().map(|price| money(price, language));
    let words = match &price {
        Some(price) => {
            let values = [("site", Value::Text(&site)), ("price", Value::Text(price))];
            say(language, "things-also-price", &values)
        }
        None => say(language, "things-also", &[("site", Value::Text(&site))]),
    };
    text.line();
    match url {
        Some(url) => {
            text.styled(EntityKind::Link(url.to_string()), |link| {
                link.push(&words);
            });
        }
        None => {
            text.push(&words);
        }
    }
}

/// A line of foreign words, if anything of them can be seen.
fn words(text: &mut TextBuilder, before: &str, foreign: &str) {
    let shown = cut(&clean(foreign), WORDS_UNITS);
    if !shown.is_empty() {
        text.line().push(before).push(&shown);
    }
}

fn open_button(link: &Url, language: Language) -> Button {
    Button { text: plain(language, "deliver-open"), action: Action::Url(link.to_string()) }
}

#[cfg(test)]
#[path = "render_tests.rs"]
mod tests;
