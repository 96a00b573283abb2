//! The message of a digest. Pure.
//!
//! ```text
//! 🗞 3 offers
//!
//! Flats by the park
//! 1. 🆕 Flat with balcony — €450,000, Lviv
//! 2. 📉 Loft — €430,000 · was €450,000 (−4.4%)
//!
//! Bicycles
//! 3. ⛔ Old bicycle — no longer on offer
//! [1] [2] [3]
//! ```
//!
//! One line for each listing, with its last state: what changed twice since is told once. What does not fit is a
//! number.

use url::Url;

use crate::domain::delivery::Content;
use crate::domain::message::Action;
use crate::domain::{Button, Change, ChangeKind, EntityKind, Language, Outgoing};
use crate::store::Collected;
use crate::texts::builder::{TEXT_LIMIT, TextBuilder, shorten, utf16_len, web_address};
use crate::texts::money::{money, percentage};
use crate::texts::{Value, plain, say};
use sites::{Listing, Money};

/// Room for the first line, and for the one that says how many more there are, UTF-16 units each.
const REST: usize = 80;
/// Longest title, UTF-16 units.
const TITLE: usize = 100;
/// Longest place, or price as the page had it, UTF-16 units.
const WORDS: usize = 40;
/// Longest heading, UTF-16 units.
const HEADING: usize = 120;
/// Buttons that open listings, in rows of [`ROW`].
const BUTTONS: usize = 16;
const ROW: usize = 8;

/// A listing of the digest.
struct Line<'a> {
    listing: &'a Listing,
    kind: ChangeKind,
    before: Option<&'a Money>,
}

/// The listings of a digest under the names of the watches that matched.
struct Part<'a> {
    heading: String,
    lines: Vec<Line<'a>>,
}

/// The message that tells `told`, all in one language and in the order of writing.
pub fn page(told: &[Collected], language: Language) -> Outgoing {
    let parts = parts(told);
    let total = parts.iter().map(|part| part.lines.len()).sum::<usize>();
    let mut text = TextBuilder::new(TEXT_LIMIT);
    text.push(&say(language, "digest-head", &[("count", count(total))])).line();
    let mut room = TEXT_LIMIT - 2 * REST;
    let (mut shown, mut links) = (0, Vec::new());
    'parts: for part in &parts {
        let mut is_headed = false;
        for line in &part.lines {
            let mut piece = TextBuilder::new(TEXT_LIMIT);
            write(&mut piece, shown + 1, line, language);
            let heading = if is_headed { 0 } else { utf16_len(&part.heading) + 2 };
            let units = utf16_len(&piece.finish().0) + 1 + heading;
            if units > room {
                break 'parts;
            }
            room -= units;
            if !std::mem::replace(&mut is_headed, true) {
                text.line();
                text.styled(EntityKind::Bold, |bold| {
                    bold.push(&part.heading);
                });
                text.line();
            }
            shown += 1;
            write(&mut text, shown, line, language);
            text.line();
            links.extend(web_address(&line.listing.url).map(|link| (shown, link)));
        }
    }
    if shown < total {
        text.line().push(&say(language, "digest-more", &[("count", count(total - shown))]));
    }
    let (text, entities) = text.finish();
    Outgoing { entities, buttons: buttons(&links), ..Outgoing::text(text) }
}

fn count(number: usize) -> Value<'static> {
    Value::Count(i64::try_from(number).unwrap_or(i64::MAX))
}

/// One line per listing, in the order in which it was first told, below the watches of its last change.
fn parts(told: &[Collected]) -> Vec<Part<'_>> {
    let mut listings: Vec<(&Change, &Collected)> = Vec::new();
    for one in told {
        let Some(change) = &one.change else { continue };
        match listings.iter_mut().find(|(first, _)| first.key == change.key) {
            Some((_, last)) => *last = one,
            None => listings.push((change, one)),
        }
    }
    let mut parts: Vec<Part<'_>> = Vec::new();
    for (first, last) in listings {
        let heading = heading(last);
        let line = line(first, last);
        match parts.iter_mut().find(|part| part.heading == heading) {
            Some(part) => part.lines.push(line),
            None => parts.push(Part { heading, lines: vec![line] }),
        }
    }
    parts
}

fn heading(one: &Collected) -> String {
    match &one.delivery.new.content {
        Content::Change { watches, .. } => shorten(&watches.join(", "), HEADING),
        _ => "…".to_owned(),
    }
}

/// What a listing is now, seen from before its first change.
fn line<'a>(first: &'a Change, last: &'a Collected) -> Line<'a> {
    let told = last.change.as_ref().unwrap_or(first);
    let (listing, is_gone) = match &last.latest {
        Some(latest) => (&latest.listing, latest.gone),
        None => (&told.listing, told.kind == ChangeKind::Gone),
    };
    let before = first.price_before.as_ref();
    let moved = before.zip(listing.price.as_ref()).filter(|(a, b)| a.currency == b.currency);
    let kind = match (first.kind, moved) {
        _ if is_gone => ChangeKind::Gone,
        (ChangeKind::New | ChangeKind::Back, _) => first.kind,
        (_, Some((before, now))) if now.minor < before.minor => ChangeKind::PriceDown,
        (_, Some((before, now))) if now.minor > before.minor => ChangeKind::PriceUp,
        // Gone in between and there again, or the same price as before.
        (ChangeKind::Gone, _) => ChangeKind::Back,
        _ => ChangeKind::Edited,
    };
    Line {
        listing,
        kind,
        before: before.filter(|_| matches!(kind, ChangeKind::PriceDown | ChangeKind::PriceUp)),
    }
}

fn sign(kind: ChangeKind) -> &'static str {
    match kind {
        ChangeKind::New => "🆕",
        ChangeKind::PriceDown => "📉",
        ChangeKind::PriceUp => "📈",
        ChangeKind::Back => "🔁",
        ChangeKind::Edited => "✏️",
        ChangeKind::Reserved => "⏳",
        ChangeKind::Gone => "⛔",
    }
}

fn write(text: &mut TextBuilder, number: usize, line: &Line<'_>, language: Language) {
    let Line { listing, kind, before } = line;
    text.push(&format!("{number}. {} ", sign(*kind)));
    let title = shorten(&listing.title, TITLE);
    match web_address(&listing.url) {
        Some(url) => text.styled(EntityKind::Link(url.to_string()), |link| {
            link.push(&title);
        }),
        None => text.push(&title),
    };
    if *kind == ChangeKind::Gone {
        text.push(" — ").push(&plain(language, "digest-gone"));
        return;
    }
    let shown = |text: &str| (!text.trim().is_empty()).then(|| shorten(text, WORDS));
    let price = match (&listing.price, &listing.price_text) {
        (Some(price), _) => Some(money(price, language)),
        (None, Some(printed)) => shown(printed),
        (None, None) => None,
    };
    let place = listing.location.as_deref().and_then(shown);
    let rest: Vec<_> = price.into_iter().chain(place).collect();
    if !rest.is_empty() {
        text.push(" — ").push(&rest.join(", "));
    }
    if let (Some(before), Some(now)) = (before, &listing.price) {
        text.push(" · ").push(&plain(language, "digest-was")).push(" ");
        text.push(&money(before, language));
        if let Some(share) = percentage(before, now, language) {
            text.push(&format!(" ({share})"));
        }
    }
}

fn buttons(links: &[(usize, Url)]) -> Vec<Vec<Button>> {
    let button = |(number, link): &(usize, Url)| Button {
        text: number.to_string(),
        action: Action::Url(link.to_string()),
    };
    let shown: Vec<Button> = links.iter().take(BUTTONS).map(button).collect();
    shown.chunks(ROW).map(<[Button]>::to_vec).collect()
}

#[cfg(test)]
#[path = "page_tests.rs"]
mod tests;
