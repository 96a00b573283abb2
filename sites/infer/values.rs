//! Which part of a card is its title, its place, its date: judged by what stands in it over all cards.

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};

use super::cards::ratio;
use super::evidence::Words;
use super::profile::hashed;
use super::slots::{Card, Slot};

/// Cards whose titles are compared with addresses and labels.
const COMPARED: usize = 16;

/// Sources of the title: what is there in every card, differs, reads like a name, and agrees with the
/// address and the labels of the card.
pub(super) fn titles(slots: &[Slot], cards: &[Card<'_>]) -> Vec<String> {
    let count = cards.len();
    let known = RefCell::new(HashMap::new());
    best(slots, |slot| title_score(slot, cards, &known), 0.15, 3)
        .into_iter()
        .take_while(|source| {
            let slot = slots.iter().find(|slot| slot.selector == *source);
            slot.is_some_and(|slot| slot.values.len() * 10 >= count)
        })
        .collect()
}

/// Agreement of texts that were already compared, by their hash.
type Known = RefCell<HashMap<u64, (f64, f64)>>;

fn title_score(slot: &Slot, cards: &[Card<'_>], known: &Known) -> f64 {
    let count = cards.len();
    let share = ratio(slot.values.len(), count);
    let wordy = slot.share(count, |v| v.chars().filter(|c| c.is_alphabetic()).count() >= 3);
    if share * wordy < 0.1 {
        return 0.0;
    }
    let label = ["@alt", "@title", "@aria-label", "name", "title", "headline"];
    if slot.attribute && !label.iter().any(|end| slot.selector.ends_with(end)) {
        return 0.0;
    }
    let length = slot.length();
    let fits = match length {
        l if l < 6.0 => 0.2,
        l if l > 160.0 => 0.3,
        _ => 1.0,
    };
    let named = ["title", "name", "headline", "heading", "titel", "subject", "description--header"];
    let other =
        ["price", "date", "locat", "address", "seller", "badge", "desc", "region", "brand", "user"];
    let mut meaning = 0.3;
    meaning += if slot.heading && !slot.attribute { 0.5 } else { 0.0 };
    meaning += if slot.says(&named) { 0.5 } else { 0.0 };
    meaning += 0.4 * ratio(slot.linked, slot.values.len());
    meaning += 0.2 * (length / 60.0).min(1.0);
    meaning -= if slot.says(&other) { 0.4 } else { 0.0 };
    let (slug, label) = if share * wordy >= 0.3 && slot.pieces <= slot.values.len() * 6 {
        *known.borrow_mut().entry(hashed(&slot.values)).or_insert_with(|| agreement(slot, cards))
    } else {
        (0.0, 0.0)
    };
    // What the address was made of is the title, whatever its name.
    meaning = meaning.max(0.1) + 1.2 * slug + 0.4 * label;
    let money = slot.share(count, money_inside);
    // A part that holds many texts is the frame of a card, not its name.
    let pieces = ratio(slot.pieces, slot.values.len());
    let whole = if pieces <= 1.5 { 1.0 } else { (1.5 / pieces).powi(2).max(0.05) };
    // A text on the page comes before a label; but a text that is cut to fit does not.
    let cut = slot.share(count, |v| v.ends_with("...") || v.ends_with('…'));
    let shown = if slot.attribute { 0.72 } else { 1.0 - 0.6 * cut.sqrt() };
    let distinct = slot.distinct().powf(if slot.heading { 0.4 } else { 0.7 });
    share * wordy * fits * distinct * meaning * whole * (1.0 - money) * shown
}

/// How well the values agree with the addresses, and with the labels of pictures and links.
fn agreement(slot: &Slot, cards: &[Card<'_>]) -> (f64, f64) {
    let (mut slug, mut label) = (0.0, 0.0);
    for (card, value) in slot.values.iter().take(COMPARED) {
        let Some(card) = cards.get(*card) else { continue };
        let words = Words::of(value);
        slug += words.agreement(&card.slug);
        label += card.labels.iter().map(|l| words.agreement(l)).fold(0.0, f64::max);
    }
    let mean = ratio(1, slot.values.len().clamp(1, COMPARED));
    (slug * mean, label * mean)
}

/// A text that ends or begins with a price holds more than a title.
pub(super) fn money_inside(text: &str) -> bool {
    ["€", "EUR", "£", "CHF"].iter().any(|sign| text.contains(sign))
}

pub(super) const LOCATION: [&str; 14] = [
    "locat", "address", "adresse", "place", "city", "ort ", "lieu", "region", "ville", "locality",
    "standort", "plaats", "-ort", "geo",
];

pub(super) fn is_place(text: &str) -> bool {
    text.chars().any(char::is_alphabetic) && text.len() < 120 && !money_inside(text)
}

pub(super) fn is_date(text: &str) -> bool {
    let context = crate::transform::date::Context {
        now: chrono::DateTime::UNIX_EPOCH + chrono::TimeDelta::days(20_000),
        zone: chrono_tz::UTC,
        month_first: false,
    };
    text.len() < 40 && crate::transform::date::read(text, context).is_some()
}

/// The best part whose name tells its meaning and whose values fit.
pub(super) fn hinted(
    slots: &[Slot],
    cards: usize,
    words: &[&str],
    fits: fn(&str) -> bool,
) -> Vec<String> {
    let score = |slot: &Slot| {
        if !slot.says(words) {
            return 0.0;
        }
        let clean = ratio(slot.values.values().filter(|v| fits(v)).count(), slot.values.len());
        slot.share(cards, fits) * clean * clean
    };
    best(slots, score, 0.4, 1)
}

/// The best part, then parts that help where the ones before are missing.
pub(super) fn best(
    slots: &[Slot],
    score: impl Fn(&Slot) -> f64,
    least: f64,
    most: usize,
) -> Vec<String> {
    let mut ranked: Vec<(f64, &Slot)> = slots.iter().map(|slot| (score(slot), slot)).collect();
    ranked.retain(|(score, _)| *score >= least);
    // Longer selectors say more; of equals the first on the card counts.
    ranked.sort_by(|a, b| {
        b.0.total_cmp(&a.0)
            .then(b.1.selector.contains(['.', '[']).cmp(&a.1.selector.contains(['.', '['])))
            .then(a.1.order.cmp(&b.1.order))
    });
    let mut covered: HashSet<usize> = HashSet::new();
    let mut out = Vec::new();
    for (_, slot) in ranked {
        if out.len() >= most {
            break;
        }
        if slot.values.keys().any(|card| !covered.contains(card)) {
            covered.extend(slot.values.keys());
            out.push(slot.selector.clone());
        }
    }
    out
}
