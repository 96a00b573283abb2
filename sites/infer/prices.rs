//! Which part of a card is its price.

use std::collections::{BTreeMap, HashSet};
use std::ops::Range;

use super::cards::ratio;
use super::guess::Home;
use super::outline;
use super::slots::Slot;
use super::values::best;
use crate::transform::{currency, money, number};

/// Words for a price in the names people give to parts of a page.
const NAMES: [&str; 12] = [
    "price", "preis", "prix", "precio", "preco", "prijs", "prezzo", "cena", "pris", "cost",
    "hinta", "amount",
];

/// Words for sums that are not the price: rates, financing, shipping.
const RATES: [&str; 14] = [
    "baseprice",
    "unit",
    "perm",
    "shipping",
    "versand",
    "delivery",
    "monthly",
    "financ",
    "finanz",
    "kredit",
    "credit",
    "leasing",
    "installment",
    "mortgage",
];

/// Whether a short text is a price, and no rate per square metre.
pub(super) fn priced(text: &str, own: &str) -> bool {
    if !outline::is_money(text, own) {
        return false;
    }
    let folded = number::fold(text);
    let behind = printed(&folded, own).and_then(|price| folded.get(price.end..));
    let behind = behind.unwrap_or("").trim_start();
    !["/m", "/ m", "/sq", "pro m²", "je m²", "per m²", "za m²"]
        .iter()
        .any(|r| behind.starts_with(r))
}

/// Sources of the price, best first.
pub(super) fn prices(slots: &[Slot], cards: usize, home: &Home) -> Vec<String> {
    let own = home.currency.as_str();
    let money: Vec<&Slot> = slots
        .iter()
        .filter(|slot| !slot.prices.is_empty() && !slot.struck && !slot.attribute)
        .take(120)
        .collect();
    // A part that holds only the front of a price stands for the part around it that holds all of it.
    let around = |slot: &Slot| {
        let fits = money.iter().filter(|whole| cut_from(slot, whole, own));
        fits.min_by_key(|whole| whole.prices.values().map(String::len).sum::<usize>()).copied()
    };
    let wholes: BTreeMap<&str, &Slot> =
        money.iter().filter_map(|slot| Some((slot.selector.as_str(), around(slot)?))).collect();
    let amounts: Vec<(&Slot, Amounts)> =
        money.iter().take(60).map(|slot| (*slot, amounts(slot, own))).collect();
    let score = |slot: &Slot| {
        if slot.struck || slot.attribute {
            return 0.0;
        }
        let mine = amounts.iter().find(|(known, _)| known.selector == slot.selector);
        let others = amounts.iter().filter(|(other, _)| !other.pressed).map(|(_, all)| all);
        // A sum that is always a small part of another one is a rate of it.
        let part = mine.is_some_and(|(_, mine)| others.clone().any(|all| is_part(mine, all)));
        price_score(slot, cards, own) * if part { 0.15 } else { 1.0 }
    };
    let mut out = best(slots, score, 0.04, 3);
    // A reduced price, where there is one, is the one to pay.
    let reduced = slots.iter().find(|slot| {
        let all = slot.values.values().all(|v| priced(v, own));
        !slot.struck
            && !slot.attribute
            && all
            && slot.says(&["special", "sale", "reduced", "final"])
    });
    if let Some(slot) = reduced.filter(|slot| !out.contains(&slot.selector)) {
        out.insert(0, slot.selector.clone());
    }
    for source in &mut out {
        let Some(slot) = slots.iter().find(|slot| slot.selector == *source) else { continue };
        let whole = wholes.get(source.as_str());
        *source = match whole.and_then(|whole| Some((whole, exact(whole, own)?))) {
            Some((whole, exact)) => format!("{}{exact}", whole.selector),
            None => format!("{source}{}", narrowed(slot, own)),
        };
    }
    let mut seen = HashSet::new();
    out.retain(|source| seen.insert(source.clone()));
    out
}

/// The amount in each card.
type Amounts = BTreeMap<usize, f64>;

fn amounts(slot: &Slot, own: &str) -> Amounts {
    let read = |text: &str| {
        let folded = number::fold(text);
        let price = printed(&folded, own)?;
        let tokens = number::scan(folded.get(price)?, number::Marks::default());
        Some(tokens.first()?.value.to_f64())
    };
    slot.prices.iter().filter_map(|(card, text)| Some((*card, read(text)?))).collect()
}

/// Whether these amounts are mostly a twentieth or less of the others in the same cards.
fn is_part(mine: &Amounts, all: &Amounts) -> bool {
    let both: Vec<(f64, f64)> =
        mine.iter().filter_map(|(card, a)| Some((*a, *all.get(card)?))).collect();
    let small = both.iter().filter(|(a, b)| a * 20.0 <= *b).count();
    both.len() >= 2 && ratio(both.len(), mine.len()) >= 0.6 && ratio(small, both.len()) >= 0.7
}

fn price_score(slot: &Slot, cards: usize, own: &str) -> f64 {
    let named = slot.says(&NAMES);
    let letters = |v: &str| v.chars().any(char::is_alphabetic);
    let plain = |v: &str| named && v.len() < 30 && !letters(v) && money::money(v, own).is_some();
    let plains = slot.values.values().filter(|v| plain(v)).count();
    let hits = ratio(slot.prices.len().max(plains), cards);
    if hits == 0.0 {
        return 0.0;
    }
    let first = slot.values.values().filter(|v| priced(v, own) || plain(v)).count();
    let clean = 0.5 + 0.5 * ratio(first, slot.values.len());
    let short = (10.0 / slot.length().max(10.0)).powf(0.4);
    let rate = |v: &str| {
        [" per ", "/kg", "/100", "/m", "pro ", "m²", " je ", " mtl", "monatl"]
            .iter()
            .any(|r| v.contains(r))
    };
    let rated = slot.share(cards, rate) > 0.5 || slot.says(&RATES) || slot.pressed;
    // A price alone is better than one among other texts; its own text may be alone.
    let alone = slot.prices.values().filter(|v| !crowded(v, own)).count();
    let alone = ratio(alone.max(slot.owned), slot.prices.len().max(1));
    let pieces = ratio(slot.pieces, slot.values.len());
    let owned = slot.owned > 0 && slot.owned * 10 >= slot.prices.len() * 8;
    let pieces = if owned { 1.0 } else { pieces };
    let whole = (2.0 / pieces.max(2.0)).powi(2) * (0.6 + 0.4 * alone);
    let fit = hits * clean * short * whole * if named { 1.3 } else { 1.0 };
    if rated { 0.3 * fit } else { fit }
}

/// Whether a text holds numbers beside its price; the upper end of a range belongs to it.
fn crowded(text: &str, own: &str) -> bool {
    let folded = number::fold(text);
    let Some(price) = printed(&folded, own) else { return false };
    let (before, behind) = (&folded[..price.start], &folded[price.end..]);
    let range = behind.trim_start();
    let range =
        ["-", "–", "—", "bis", "to ", "до", "à ", "a "].iter().any(|to| range.starts_with(to));
    let digits = |part: &str| part.bytes().any(|b| b.is_ascii_digit());
    digits(before) || (digits(behind) && !range)
}

/// Whether a text says that its price is one: `399.900 € Kaufpreis`.
fn labelled(text: &str, own: &str) -> bool {
    const LABELS: [&str; 14] = [
        "price",
        "preis",
        "kaufpreis",
        "kaltmiete",
        "warmmiete",
        "miete",
        "prix",
        "precio",
        "preço",
        "prijs",
        "prezzo",
        "cena",
        "pris",
        "hinta",
    ];
    let folded = number::fold(text);
    let Some(price) = printed(&folded, own) else { return false };
    let rest = format!("{} {}", &folded[..price.start], &folded[price.end..]).to_lowercase();
    LABELS.contains(&rest.trim_matches(|c: char| !c.is_alphabetic()))
}

/// Where a text prints its first price: the number and the sign beside it.
fn printed(text: &str, own: &str) -> Option<Range<usize>> {
    let tokens = number::scan(text, number::Marks::default());
    for sign in signs(text, own) {
        let glued = |a: usize, b: usize| text.get(a..b).is_some_and(|gap| gap.trim().is_empty());
        for token in &tokens {
            if glued(token.end, sign.start) {
                return Some(token.start..sign.end);
            }
            if glued(sign.end, token.start) {
                return Some(sign.start..token.end);
            }
        }
    }
    None
}

fn signs(text: &str, own: &str) -> impl Iterator<Item = currency::Spelling> {
    let own = own.to_owned();
    currency::find(text, Some(&own))
        .into_iter()
        .filter(move |s| s.strength != currency::Strength::Weak || s.code == own)
}

/// A pattern for a price with the sign of this one, on the same side of the number.
fn pattern(text: &str, own: &str) -> Option<String> {
    const NUMBER: &str = r"[0-9]+(?:[.,'’\s][0-9]{3})*(?:[.,][0-9]{1,2})?";
    let folded = number::fold(text);
    let price = printed(&folded, own)?;
    let sign = signs(&folded, own).find(|s| price.contains(&s.start))?;
    let name = regex::escape(folded.get(sign.start..sign.end)?.trim()).replace('|', ".");
    Some(if sign.start == price.start {
        format!(r"{name}\s?{NUMBER}")
    } else {
        format!(r"{NUMBER}\s?{name}")
    })
}

/// Whether a part is the front of a price that is printed in pieces: `$4` of `$4.19`.
fn cut_from(part: &Slot, whole: &Slot, own: &str) -> bool {
    if part.prices.len() < 2 || part.selector == whole.selector {
        return false;
    }
    let longer = part.prices.iter().filter(|(card, front)| {
        let Some((before, tail)) =
            whole.prices.get(card).and_then(|all| all.split_once(front.as_str()))
        else {
            return false;
        };
        let goes_on = tail.trim_start_matches(['.', ',']).starts_with(|c: char| c.is_ascii_digit());
        goes_on && printed(&number::fold(before), own).is_none()
    });
    ratio(longer.count(), part.prices.len()) >= 0.8
}

/// What takes only the price out of the text of a part.
fn exact(slot: &Slot, own: &str) -> Option<String> {
    let mut patterns: Vec<String> = slot.prices.values().filter_map(|v| pattern(v, own)).collect();
    patterns.sort();
    patterns.dedup();
    (1..=3).contains(&patterns.len()).then(|| format!(" | regex ({})", patterns.join("|")))
}

/// What makes a price of the text of a part: only its own text, only the price in it, or only texts
/// that show the sign all its prices show.
fn narrowed(slot: &Slot, own: &str) -> String {
    if slot.prices.is_empty() {
        return String::new();
    }
    if ratio(slot.owned, slot.prices.len()) >= 0.8 {
        return " | own".to_owned();
    }
    let share = |test: &dyn Fn(&str) -> bool| {
        ratio(slot.prices.values().filter(|v| test(v)).count(), slot.prices.len())
    };
    if (share(&|v| crowded(v, own)) >= 0.3 || share(&|v| labelled(v, own)) >= 0.6)
        && let Some(exact) = exact(slot, own)
    {
        return exact;
    }
    // A code and its number stand in two elements without a space between them.
    let glued = |v: &str| {
        v.len() > 3
            && v.bytes().take(3).all(|b| b.is_ascii_uppercase())
            && v.as_bytes().get(3).is_some_and(u8::is_ascii_digit)
    };
    if share(&glued) >= 0.8 {
        return " | replace ^([A-Z]{3})([0-9]) => $1 $2".to_owned();
    }
    let mixed = slot.prices.len() > 1
        && slot.values.values().any(|v| !priced(v, own) && v.bytes().any(|c| c.is_ascii_digit()));
    if slot.says(&NAMES) && !mixed { String::new() } else { signed(slot, own) }
}

/// A part without a telling name is a price only where it shows the sign that all its prices show, in
/// a short text.
fn signed(slot: &Slot, own: &str) -> String {
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
        Some(sign) => {
            let lettered = sign.chars().any(char::is_alphabetic);
            let sign = regex::escape(sign).replace('|', ".");
            // A sign of letters is a word of its own: `17 kr`, not `Skrivbord`.
            let (before, behind) =
                if lettered { (r"(?:^|[\s0-9.,:()/])", r"(?:[\s0-9.,:()/*]|$)") } else { ("", "") };
            let sign = format!("{before}{sign}{behind}");
            format!(" | regex ^(.{{0,30}}{sign}.{{0,30}})$")
        }
        None => String::new(),
    }
}

/// The source of the price before a reduction.
pub(super) fn former(slots: &[Slot], cards: usize, home: &Home) -> Vec<String> {
    let own = home.currency.as_str();
    let score = |slot: &Slot| if slot.struck { slot.share(cards, |v| priced(v, own)) } else { 0.0 };
    best(slots, score, 0.02, 1)
}
