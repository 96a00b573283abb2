//! Values that no part of a card holds alone: prices printed in two parts without a mark between them
//! (`12<sup>99</sup>`), areas and rooms in the running text.

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::dom::ElementRef;
use regex::Regex;

use super::cards::ratio;
use super::outline::Outline;
use super::parts::{part_names, words};
use super::slots::{Card, Slot};
use crate::extract::document::{own_text, text_of};

/// A number of square metres.
const AREA: &str =
    r"([0-9]+(?:[.,\s][0-9]{3})*(?:[.,][0-9]+)?\s?(?:m²|m2|qm|sqm))(?:[\s.,;:|·/()–-]|$)";

/// A number of rooms, in several languages.
const ROOMS: &str = r"(?i)([0-9]{1,2}(?:[.,][05])?)[\s-]?(?:zimmer|zi\.|rooms?|bedrooms?|beds?|pokoj|pokoi|quartos?|dormit|habitac|hab\.|pièces?|kamers?|rum|rom|locali|комн)";

static AREA_RE: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(AREA).ok());
static ROOMS_RE: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(ROOMS).ok());

/// A price whose last two digits stand apart: `12<sup>99</sup>` reads as 12.99.
pub(super) fn split_price(outline: &Outline<'_>, cards: &[Card<'_>]) -> Option<String> {
    let mut found: HashMap<String, usize> = HashMap::new();
    for card in cards {
        let source = card.parts.iter().find_map(|at| split_at(outline, *at));
        if let Some(source) = source {
            *found.entry(source).or_default() += 1;
        }
    }
    let (source, hits) = found.into_iter().max_by(|a, b| a.1.cmp(&b.1).then(b.0.cmp(&a.0)))?;
    (hits >= 2 && ratio(hits, cards.len()) >= 0.5).then_some(source)
}

/// The template for one price, if this element holds its hundredths.
fn split_at(outline: &Outline<'_>, at: usize) -> Option<String> {
    let node = &outline.elements[at].node;
    let small = node.value().name() == "sup"
        || ["cent", "decimal", "fraction", "minor"].iter().any(|w| words(node).contains(w));
    let text = text_of(node);
    let digits = |t: &str| !t.is_empty() && t.bytes().all(|b| b.is_ascii_digit());
    if !small || text.len() != 2 || !digits(&text) {
        return None;
    }
    let parent = outline.elements[at].parent?;
    let all = text_of(&outline.elements[parent].node);
    let (before, _) = all.split_once(&text).map(|_| all.rsplit_once(&text))??;
    // With a mark before them the digits read well as they are.
    if !before.ends_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let selector = |at: usize| {
        part_names(outline, at, false).into_iter().find(|s| s.contains(['.', '>', '[']))
    };
    let cents = selector(at)?;
    let own = own_text(&outline.elements[parent].node).bytes().any(|b| b.is_ascii_digit());
    let whole = if own {
        format!("{} | own", selector(parent)?)
    } else {
        let before = node.prev_siblings().find_map(ElementRef::wrap)?;
        let place = (parent..at).find(|at| outline.elements[*at].node.id() == before.id())?;
        selector(place)?
    };
    Some(format!("template:{{{whole} | regex ([0-9][0-9.,]*)}}.{{{cents}}}"))
}

/// Sources of area and rooms, where most offers print them somewhere in their text.
pub(super) fn measures(cards: &[Card<'_>]) -> Vec<(&'static str, String)> {
    let texts: Vec<String> = cards.iter().map(|card| text_of(&card.node)).collect();
    let share = |re: &LazyLock<Option<Regex>>| {
        let Some(re) = re.as_ref() else { return 0.0 };
        ratio(texts.iter().filter(|text| re.is_match(text)).count(), texts.len())
    };
    [("area", AREA, &AREA_RE), ("rooms", ROOMS, &ROOMS_RE)]
        .into_iter()
        .filter(|(_, _, re)| share(re) >= 0.5)
        .map(|(name, pattern, _)| (name, format!("text | regex {pattern}")))
        .collect()
}

/// A price in an attribute, for pages that print none a person could read: source of the amount and, if
/// there is one, of its currency.
pub(super) fn hidden_price(slots: &[Slot], cards: usize) -> Option<(String, Option<String>)> {
    let number = |t: &str| t.parse::<f64>().is_ok_and(|n| n > 0.0) && t.len() < 14;
    let price = slots.iter().find(|slot| {
        slot.attribute
            && slot.says(&["price", "preis", "amount"])
            && slot.share(cards, number) >= 0.5
    })?;
    let code = |t: &str| t.len() == 3 && t.bytes().all(|b| b.is_ascii_uppercase());
    let currency = slots
        .iter()
        .find(|slot| slot.attribute && slot.says(&["currency"]) && slot.share(cards, code) >= 0.5);
    Some((price.selector.clone(), currency.map(|slot| slot.selector.clone())))
}
