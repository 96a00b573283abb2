//! Which part of a card is its title, its price, its place: judged by what stands in it over all cards.

use super::cards::ratio;
use super::guess::Home;
use super::outline::{self, Outline};
use super::slots::{Card, Slot};
use crate::transform::{currency, money, number};
use std::collections::HashSet;

pub(super) fn priced(text: &str, own: &str) -> bool {
    outline::is_money(text, own) && !text.contains("m²") && !text.contains("/m2")
}

pub(super) fn titles(slots: &[Slot], cards: usize) -> Vec<String> {
    let score = |slot: &Slot| {
        let share = ratio(slot.values.len(), cards);
        let wordy = slot.share(cards, |v| v.chars().filter(|c| c.is_alphabetic()).count() >= 3);
        let length = slot.length();
        let fits = if length < 6.0 {
            0.2
        } else if length > 160.0 {
            0.3
        } else {
            1.0
        };
        let mut meaning = 0.3;
        meaning += if slot.heading { 0.5 } else { 0.0 };
        meaning +=
            if slot.says(&["title", "name", "headline", "heading", "titel"]) { 0.5 } else { 0.0 };
        meaning += 0.4 * ratio(slot.linked, slot.values.len());
        meaning += 0.2 * (length / 60.0).min(1.0);
        meaning -= if slot
            .says(&["price", "date", "locat", "address", "seller", "badge", "desc", "region"])
        {
            0.4
        } else {
            0.0
        };
        let money = slot.share(cards, money_inside);
        // A part that holds many texts is the frame of a card, not its name.
        let pieces = ratio(slot.pieces, slot.values.len());
        let whole = if pieces <= 1.5 { 1.0 } else { (1.5 / pieces).powi(2).max(0.05) };
        share
            * wordy
            * fits
            * slot.distinct().powf(if slot.heading { 0.25 } else { 0.5 })
            * meaning
            * whole
            * (1.0 - money)
    };
    best(slots, score, 0.15, 3)
}

/// Whether titles are cut to fit.
pub(super) fn shortened(slots: &[Slot], titles: &[String]) -> bool {
    let cut = |v: &String| v.ends_with("...") || v.ends_with('…');
    slots.iter().any(|s| titles.first() == Some(&s.selector) && s.values.values().any(cut))
}

/// Whether the links of the cards carry their title in full.
pub(super) fn complete(outline: &Outline<'_>, cards: &[Card<'_>]) -> bool {
    let titled = |card: &&Card<'_>| {
        card.parts.iter().any(|at| {
            let value = outline.elements[*at].node.value();
            value.name() == "a" && value.attr("title").is_some_and(|t| t.len() >= 3)
        })
    };
    cards.iter().filter(titled).count() == cards.len()
}

/// Whether every card names its picture, each differently: galleries have no other titles.
pub(super) fn pictured_names(outline: &Outline<'_>, cards: &[Card<'_>]) -> bool {
    let name = |card: &Card<'_>| {
        card.parts.iter().find_map(|at| {
            let value = outline.elements[*at].node.value();
            value.attr("alt").filter(|alt| value.name() == "img" && alt.len() >= 5)
        })
    };
    let names: HashSet<&str> = cards.iter().filter_map(name).collect();
    ratio(names.len(), cards.len()) >= 0.8
}

/// A text that ends or begins with a price holds more than a title.
pub(super) fn money_inside(text: &str) -> bool {
    ["€", "EUR", "£", "CHF"].iter().any(|sign| text.contains(sign))
}

pub(super) fn prices(slots: &[Slot], cards: usize, home: &Home) -> Vec<String> {
    let hint = ["price", "preis", "prix", "precio", "prijs", "cena", "pris", "cost"];
    let own = home.currency.as_str();
    let money: Vec<&Slot> = slots.iter().filter(|slot| !slot.prices.is_empty()).take(80).collect();
    let score = |slot: &Slot| {
        if slot.struck || money.iter().any(|whole| cut_from(slot, whole)) {
            return 0.0;
        }
        let named = slot.says(&hint);
        let letters = |v: &str| v.chars().any(char::is_alphabetic);
        let plain =
            |v: &str| named && v.len() < 30 && !letters(v) && money::money(v, own).is_some();
        let plains = slot.values.values().filter(|v| plain(v)).count();
        let hits = ratio(slot.prices.len().max(plains), cards);
        let first = slot.values.values().filter(|v| priced(v, own) || plain(v)).count();
        let clean = 0.6 + 0.4 * ratio(first, slot.values.len());
        let short = (10.0 / slot.length().max(10.0)).powf(0.4);
        let rate = |v: &str| {
            [" per ", "/kg", "/100", "/m", "pro ", "m²", " je "].iter().any(|r| v.contains(r))
        };
        let rated = slot.share(cards, rate) > 0.5
            || slot.says(&["baseprice", "unit", "perm"])
            || slot.pressed;
        let pieces = ratio(slot.pieces, slot.values.len());
        let whole = (2.0 / pieces.max(2.0)).powi(2);
        let fit = hits * clean * short * whole * if named { 1.3 } else { 1.0 };
        if rated { 0.3 * fit } else { fit }
    };
    let mut out = best(slots, score, 0.04, 3);
    // A reduced price, where there is one, is the one to pay.
    let reduced = slots.iter().find(|slot| {
        let all = slot.values.values().all(|v| priced(v, own));
        !slot.struck && all && slot.says(&["special", "sale", "reduced", "final"])
    });
    if let Some(slot) = reduced.filter(|slot| !out.contains(&slot.selector)) {
        out.insert(0, slot.selector.clone());
    }
    for source in &mut out {
        if let Some(slot) = slots.iter().find(|slot| slot.selector == *source)
            && (!slot.says(&hint)
                || (slot.prices.len() > 1
                    && slot
                        .values
                        .values()
                        .any(|v| !priced(v, own) && v.chars().any(|c| c.is_ascii_digit()))))
        {
            source.push_str(&signed(slot, own));
        }
    }
    out
}

/// Whether a part is the front of a price that is printed in pieces: `$4` of `$4.19`.
pub(super) fn cut_from(part: &Slot, whole: &Slot) -> bool {
    let longer = part.prices.iter().filter(|(card, front)| {
        let tail = whole.prices.get(card).and_then(|all| all.strip_prefix(front.as_str()));
        tail.is_some_and(|tail| {
            let tail = tail.trim_start_matches(['.', ',']);
            tail.starts_with(|c: char| c.is_ascii_digit())
        })
    });
    part.prices.len() > 1 && ratio(longer.count(), part.prices.len()) >= 0.8
}

/// A part without a telling name is a price only where it shows the sign that all its prices show.
pub(super) fn signed(slot: &Slot, own: &str) -> String {
    let values: Vec<String> = slot.prices.values().map(|v| number::fold(v)).collect();
    let signs = values.iter().flat_map(|v| {
        let found = currency::find(v, Some(own));
        found
            .into_iter()
            .filter_map(|s| v.get(s.start..s.end).map(str::to_owned))
            .collect::<Vec<_>>()
    });
    let signs: HashSet<String> = signs.collect();
    let common = signs.iter().find(|sign| {
        ratio(values.iter().filter(|v| v.contains(sign.as_str())).count(), values.len()) >= 0.8
    });
    match common {
        Some(sign) => format!(" | regex ^(.*{}.*)$", regex::escape(sign).replace('|', ".")),
        None => String::new(),
    }
}

pub(super) fn former(slots: &[Slot], cards: usize, home: &Home) -> Vec<String> {
    let own = home.currency.as_str();
    let score = |slot: &Slot| if slot.struck { slot.share(cards, |v| priced(v, own)) } else { 0.0 };
    best(slots, score, 0.02, 1)
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
