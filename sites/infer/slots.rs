//! The fields of a card: which part of every card holds address, id, title, price and the rest.
//!
//! Parts are named by short selectors and compared across the cards (alignment): a part is good for a
//! field if it is there in most cards, differs from card to card, and its values have the type.

use std::collections::{BTreeMap, HashMap, HashSet};

use crate::dom::ElementRef;

use crate::extract::document::{Document, text_of};
use crate::transform::image;

use super::address;
use super::cards::{Group, marks, ratio};
use super::draft::{Draft, Source};
use super::guess::Home;
use super::keys::{id_sources, url_sources};
use super::outline::Outline;
use super::values::{
    LOCATION, complete, former, hinted, is_date, is_place, pictured_names, priced, prices,
    shortened, titles,
};

/// Cards compared; the rest is read by what they taught.
pub(super) const MAX_CARDS: usize = 50;

/// Elements of one card that are looked at.
pub(super) const MAX_PARTS: usize = 400;

/// Text of a part above this length is no field, in bytes.
pub(super) const MAX_TEXT: usize = 400;

/// One card on its way.
pub(super) struct Card<'d> {
    pub(super) node: ElementRef<'d>,
    /// The address of the offer.
    pub(super) url: String,
    /// Places of its elements in the outline.
    pub(super) parts: Vec<usize>,
}

/// The same part of every card.
pub(super) struct Slot {
    pub(super) selector: String,
    /// The text in each card that has it; first place wins.
    pub(super) values: BTreeMap<usize, String>,
    /// The first price in each card, which may stand behind other values.
    pub(super) prices: BTreeMap<usize, String>,
    /// In how many cards it stands in the link to the offer.
    pub(super) linked: usize,
    pub(super) heading: bool,
    pub(super) struck: bool,
    /// Whether it stands in a button: a price there is that of a service.
    pub(super) pressed: bool,
    /// Separate texts in all cards.
    pub(super) pieces: usize,
    /// Its tag, classes and marks, for words that tell its meaning.
    pub(super) words: String,
    pub(super) order: usize,
}

impl Slot {
    pub(super) fn share(&self, of: usize, test: impl Fn(&str) -> bool) -> f64 {
        ratio(self.values.values().filter(|v| test(v)).count(), of)
    }

    pub(super) fn says(&self, words: &[&str]) -> bool {
        words.iter().any(|word| self.words.contains(word))
    }

    pub(super) fn distinct(&self) -> f64 {
        let all: HashSet<&String> = self.values.values().collect();
        ratio(all.len(), self.values.len())
    }

    #[expect(clippy::cast_precision_loss, reason = "lengths of short texts")]
    pub(super) fn length(&self) -> f64 {
        let sum: usize = self.values.values().map(|v| v.chars().count()).sum();
        sum as f64 / self.values.len().max(1) as f64
    }
}

/// The module that reads a group of cards.
pub(super) fn draft(
    outline: &Outline<'_>,
    group: &Group,
    document: &Document<'_>,
    home: &Home,
) -> Option<Draft> {
    let cards = cards(outline, group, document);
    if cards.len() < 2 {
        return None;
    }
    let slots = slots(outline, &cards, &home.currency);
    let mut draft = Draft::new(Source::Elements, group.selector.clone(), home);
    let urls = url_sources(outline, &cards, document);
    draft.field("id", id_sources(&cards, &urls));
    draft.field("url", urls);
    let mut named = titles(&slots, cards.len());
    if shortened(&slots, &named) && complete(outline, &cards) {
        named.insert(0, "a[title]@title".to_owned());
    }
    if named.is_empty() && pictured_names(outline, &cards) {
        named.push("img@alt".to_owned());
    }
    draft.field("title", named);
    draft.field("price", prices(&slots, cards.len(), home));
    draft.field("former_price", former(&slots, cards.len(), home));
    draft.field("location", hinted(&slots, cards.len(), &LOCATION, is_place));
    let dates: [&str; 5] = ["date", "time", "posted", "publi", "datum"];
    draft.field("posted_at", hinted(&slots, cards.len(), &dates, is_date));
    let pictured = |card: &&Card<'_>| card.parts.iter().any(|at| picture(outline, *at));
    if ratio(cards.iter().filter(pictured).count(), cards.len()) >= 0.3 {
        draft.field("images", vec!["img".to_owned(), "source".to_owned()]);
    }
    let acting = cards.iter().filter(|card| address::acts(&card.url)).count();
    draft.weight = 1.0 - 0.7 * ratio(acting, cards.len());
    let known = |name: &str| draft.fields.iter().any(|(field, _)| field == name);
    (known("id") && known("url") && known("title")).then_some(draft)
}

pub(super) fn picture(outline: &Outline<'_>, at: usize) -> bool {
    let node = &outline.elements[at].node;
    matches!(node.value().name(), "img" | "source") && image::of_element(node).is_some()
}

/// The cards that lead to an offer of their own, with the address of it.
pub(super) fn cards<'d>(
    outline: &Outline<'d>,
    group: &Group,
    document: &Document<'_>,
) -> Vec<Card<'d>> {
    let mut holders: HashMap<usize, usize> = HashMap::new();
    for card in &group.cards {
        let own: HashSet<usize> = outline.links_in(*card).iter().map(|(_, url)| *url).collect();
        for url in own {
            *holders.entry(url).or_default() += 1;
        }
    }
    let single = |url: &usize| holders.get(url) == Some(&1);
    let mut families: HashMap<String, usize> = HashMap::new();
    for card in &group.cards {
        let links = outline.links_in(*card).iter().filter(|(_, url)| single(url));
        let own: HashSet<String> =
            links.map(|(_, url)| address::family(&outline.urls[*url])).collect();
        for family in own {
            *families.entry(family).or_default() += 1;
        }
    }
    let mut out = Vec::new();
    for card in &group.cards {
        let mut scores: BTreeMap<usize, f64> = BTreeMap::new();
        for (place, url) in outline.links_in(*card).iter().filter(|(_, url)| single(url)) {
            let text = &outline.urls[*url];
            let common = families.get(&address::family(text)).copied().unwrap_or(0);
            let element = &outline.elements[*place];
            let (a, b) = (element.before, element.after);
            let held = 0.3 * ratio((b.text - a.text).min(60), 60)
                + if b.headings > a.headings || in_heading(outline, *place) { 0.5 } else { 0.0 }
                + if b.images > a.images { 0.3 } else { 0.0 }
                + 0.1;
            let own = address::same_site(text, &document.page.url);
            let titled = words(&element.node).contains("title");
            let first = 2.0 * ratio(common, group.cards.len())
                + if own { 1.0 } else { 0.0 }
                + if titled { 0.6 } else { 0.0 }
                - if address::acts(text) { 1.0 } else { 0.0 };
            *scores.entry(*url).or_insert(first) += held;
        }
        let best = scores.iter().max_by(|a, b| a.1.total_cmp(b.1).then(b.0.cmp(a.0)));
        let Some((url, _)) = best else { continue };
        let end = outline.elements[*card].end.min(card + MAX_PARTS);
        out.push(Card {
            node: outline.elements[*card].node,
            url: outline.urls[*url].clone(),
            parts: (*card..end).collect(),
        });
        if out.len() >= MAX_CARDS {
            break;
        }
    }
    out
}

pub(super) fn in_heading(outline: &Outline<'_>, at: usize) -> bool {
    outline.elements[at].parent.is_some_and(|p| {
        matches!(outline.elements[p].node.value().name(), "h1" | "h2" | "h3" | "h4" | "h5")
    })
}

/// All parts of the cards, by selector.
pub(super) fn slots(outline: &Outline<'_>, cards: &[Card<'_>], own: &str) -> Vec<Slot> {
    let mut slots: HashMap<String, Slot> = HashMap::new();
    for (number, card) in cards.iter().enumerate() {
        for at in &card.parts {
            let element = &outline.elements[*at];
            let (a, b) = (element.before, element.after);
            if b.text == a.text || b.text - a.text > MAX_TEXT {
                continue;
            }
            let node = &element.node;
            let mut text: Option<String> = None;
            let mut price: Option<bool> = None;
            for selector in part_names(outline, *at, node.id() == card.node.id()) {
                let order = slots.len();
                let slot = slots.entry(selector).or_insert_with_key(|selector| Slot {
                    selector: selector.clone(),
                    values: BTreeMap::new(),
                    prices: BTreeMap::new(),
                    linked: 0,
                    heading: is_heading(outline, *at),
                    struck: struck(node),
                    pressed: pressed(outline, *at),
                    pieces: 0,
                    words: words(node),
                    order,
                });
                if slot.prices.contains_key(&number) {
                    continue;
                }
                let text = text.get_or_insert_with(|| text_of(node));
                if *price.get_or_insert_with(|| priced(text, own)) {
                    slot.prices.insert(number, text.clone());
                }
                if slot.values.contains_key(&number) {
                    continue;
                }
                if !text.is_empty() {
                    slot.values.insert(number, text.clone());
                    slot.pieces += b.pieces - a.pieces;
                    slot.linked += usize::from(in_link(outline, *at, &card.url));
                }
            }
        }
    }
    let mut slots: Vec<Slot> = slots.into_values().collect();
    slots.sort_by_key(|slot| slot.order);
    slots
}

pub(super) fn part_names(outline: &Outline<'_>, at: usize, own: bool) -> Vec<String> {
    let node = &outline.elements[at].node;
    let tag = node.value().name();
    if own {
        return Vec::new();
    }
    let mut out: Vec<String> = marks(node).map(|mark| format!("{tag}{mark}")).collect();
    out.push(tag.to_owned());
    if let Some(parent) = outline.elements[at].parent {
        let parent = &outline.elements[parent].node;
        let name = parent.value().name();
        out.extend(marks(parent).take(2).map(|mark| format!("{name}{mark} > {tag}")));
    }
    out
}

pub(super) fn is_heading(outline: &Outline<'_>, at: usize) -> bool {
    let element = &outline.elements[at];
    matches!(element.node.value().name(), "h1" | "h2" | "h3" | "h4" | "h5")
        || in_heading(outline, at)
}

pub(super) fn words(node: &ElementRef<'_>) -> String {
    let marks: Vec<String> = marks(node).collect();
    format!("{} {}", node.value().name(), marks.join(" ")).to_lowercase()
}

pub(super) fn struck(node: &ElementRef<'_>) -> bool {
    let words = words(node);
    matches!(node.value().name(), "del" | "s" | "strike")
        || ["old", "was", "before", "strike", "uvp", "rrp", "original", "regular", "former"]
            .iter()
            .any(|word| words.split(|c: char| !c.is_alphanumeric()).any(|w| w.starts_with(word)))
}

pub(super) fn pressed(outline: &Outline<'_>, at: usize) -> bool {
    let mut place = Some(at);
    for _ in 0..5 {
        let Some(at) = place else { break };
        if outline.elements[at].node.value().name() == "button" {
            return true;
        }
        place = outline.elements[at].parent;
    }
    false
}

pub(super) fn in_link(outline: &Outline<'_>, at: usize, url: &str) -> bool {
    let inside = outline.links_in(at).iter().any(|(_, number)| outline.urls[*number] == url);
    let mut parent = outline.elements[at].parent;
    for _ in 0..4 {
        let Some(place) = parent else { break };
        if outline.elements[place].node.value().name() == "a" {
            return true;
        }
        parent = outline.elements[place].parent;
    }
    inside
}
