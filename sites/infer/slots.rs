//! The fields of a card: which part of every card holds address, id, title, price and the rest.
//!
//! Parts are named by short selectors and compared across the cards (alignment): a part is good for a
//! field if it is there in most cards, differs from card to card, and its values have the type.

use std::collections::{BTreeMap, HashMap, HashSet};

use crate::dom::ElementRef;

use crate::extract::document::{Document, own_text, text_of};
use crate::extract::structured;
use crate::transform::text::collapse;

use super::address;
use super::cards::{Group, ratio};
use super::draft::{Draft, Source};
use super::evidence::Words;
use super::guess::Home;
use super::keys::{id_sources, url_sources};
use super::outline::Outline;
use super::parts::{
    in_heading, in_link, is_heading, part_names, picture, pressed, serves, struck, words,
};
use super::pieces::{hidden_price, measures, split_price};
use super::prices::{former, priced, prices};
use super::values::{LOCATION, hinted, is_date, is_place, titles};

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
    /// The words of its address that name the offer.
    pub(super) slug: Words,
    /// What its pictures and links are labelled with.
    pub(super) labels: Vec<Words>,
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
    /// In how many cards its own text, without that of its children, is a price.
    pub(super) owned: usize,
    /// Whether it is an attribute.
    pub(super) attribute: bool,
    /// Its tag, classes and marks, for words that tell its meaning.
    pub(super) words: String,
    pub(super) order: usize,
}

impl Slot {
    fn new(selector: &str, outline: &Outline<'_>, at: usize, order: usize) -> Slot {
        let node = &outline.elements[at].node;
        Slot {
            selector: selector.to_owned(),
            values: BTreeMap::new(),
            prices: BTreeMap::new(),
            linked: 0,
            heading: is_heading(outline, at),
            struck: struck(node),
            pressed: pressed(outline, at),
            pieces: 0,
            owned: 0,
            attribute: false,
            words: words(node),
            order,
        }
    }

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
    let named = titles(&slots, &cards);
    draft.field("title", named);
    price(&mut draft, outline, &cards, &slots);
    draft.field("former_price", former(&slots, cards.len(), home));
    draft.field("location", hinted(&slots, cards.len(), &LOCATION, is_place));
    let dates: [&str; 5] = ["date", "time", "posted", "publi", "datum"];
    draft.field("posted_at", hinted(&slots, cards.len(), &dates, is_date));
    let pictured = |card: &&Card<'_>| card.parts.iter().any(|at| picture(outline, *at));
    if ratio(cards.iter().filter(pictured).count(), cards.len()) >= 0.3 {
        draft.field("images", vec!["img".to_owned(), "source".to_owned()]);
    }
    draft.late = measures(&cards);
    let acting = cards.iter().filter(|card| address::acts(&card.url)).count();
    draft.weight = group.prior * (1.0 - 0.7 * ratio(acting, cards.len()));
    let known = |name: &str| draft.fields.iter().any(|(field, _)| field == name);
    (known("id") && known("url") && known("title")).then_some(draft)
}

/// The price as printed; in two parts; or only in an attribute.
fn price(draft: &mut Draft, outline: &Outline<'_>, cards: &[Card<'_>], slots: &[Slot]) {
    if let Some(split) = split_price(outline, cards) {
        draft.decimal = Some('.');
        draft.field("price", vec![split]);
        return;
    }
    let printed = prices(slots, cards.len(), &draft.home);
    if !printed.is_empty() {
        draft.field("price", printed);
    } else if let Some((price, currency)) = hidden_price(slots, cards.len()) {
        draft.decimal = Some('.');
        draft.currency = currency;
        draft.field("price", vec![price]);
    }
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
            let lettered = b.text - a.text >= 8;
            let held =
                if lettered { 0.3 + 0.2 * ratio((b.text - a.text).min(60), 60) } else { 0.0 }
                    + if b.headings > a.headings || in_heading(outline, *place) {
                        0.6
                    } else {
                        0.0
                    }
                    + if b.images > a.images { 0.5 } else { 0.0 }
                    + 0.1;
            let own = address::same_site(text, &document.page.url);
            let titled = words(&element.node).contains("title");
            let first = 1.5 * ratio(common, group.cards.len())
                + if own { 1.0 } else { 0.0 }
                + if titled { 0.6 } else { 0.0 }
                - if address::acts(text) { 1.2 } else { 0.0 };
            *scores.entry(*url).or_insert(first) += held;
        }
        let best = scores.iter().max_by(|a, b| a.1.total_cmp(b.1).then(b.0.cmp(a.0)));
        let Some((url, _)) = best else { continue };
        let end = outline.elements[*card].end.min(card + MAX_PARTS);
        out.push(Card {
            node: outline.elements[*card].node,
            url: outline.urls[*url].clone(),
            parts: (*card..end).collect(),
            slug: Words::of_address(&outline.urls[*url]),
            labels: labels(outline, *card..end),
        });
        if out.len() >= MAX_CARDS {
            break;
        }
    }
    out
}

/// What the pictures and links of a card are labelled with.
fn labels(outline: &Outline<'_>, parts: std::ops::Range<usize>) -> Vec<Words> {
    let mut out = Vec::new();
    for at in parts {
        let value = outline.elements[at].node.value();
        let names: &[&str] = match value.name() {
            "img" => &["alt", "title"],
            "a" | "article" => &["title", "aria-label"],
            _ => continue,
        };
        let texts = names.iter().filter_map(|name| value.attr(name)).filter(|t| t.len() >= 4);
        out.extend(texts.map(Words::of));
        if out.len() >= 8 {
            break;
        }
    }
    out
}

/// All parts of the cards, by selector.
pub(super) fn slots(outline: &Outline<'_>, cards: &[Card<'_>], own: &str) -> Vec<Slot> {
    let mut slots: HashMap<String, Slot> = HashMap::new();
    for (number, card) in cards.iter().enumerate() {
        for at in &card.parts {
            printed(outline, cards, (number, *at), own, &mut slots);
            let node = &outline.elements[*at].node;
            for (selector, text) in attributes(node, node.id() == card.node.id()) {
                let order = slots.len();
                let slot = slots.entry(selector).or_insert_with_key(|selector| {
                    let words = selector.to_lowercase();
                    Slot { attribute: true, words, ..Slot::new(selector, outline, *at, order) }
                });
                if slot.values.insert(number, text).is_none() {
                    slot.pieces += 1;
                    slot.linked += usize::from(in_link(outline, *at, &card.url));
                }
            }
        }
    }
    let mut slots: Vec<Slot> = slots.into_values().collect();
    slots.sort_by_key(|slot| slot.order);
    slots
}

/// Notes the text of one element under all its selectors.
fn printed(
    outline: &Outline<'_>,
    cards: &[Card<'_>],
    (number, at): (usize, usize),
    own: &str,
    slots: &mut HashMap<String, Slot>,
) {
    let (card, element) = (&cards[number], &outline.elements[at]);
    let (a, b) = (element.before, element.after);
    if b.text == a.text || b.text - a.text > MAX_TEXT {
        return;
    }
    let node = &element.node;
    let (mut text, mut price) = (None, None);
    for selector in part_names(outline, at, node.id() == card.node.id()) {
        let order = slots.len();
        let slot = slots
            .entry(selector)
            .or_insert_with_key(|selector| Slot::new(selector, outline, at, order));
        if slot.prices.contains_key(&number) {
            continue;
        }
        let text = text.get_or_insert_with(|| text_of(node));
        if *price.get_or_insert_with(|| priced(text, own) && !serves(outline, at, &card.url)) {
            slot.prices.insert(number, text.clone());
            let bare = own_text(node);
            slot.owned += usize::from(bare != *text && priced(&bare, own));
        }
        if !text.is_empty() && !slot.values.contains_key(&number) {
            slot.values.insert(number, text.clone());
            slot.pieces += b.pieces - a.pieces;
            slot.linked += usize::from(in_link(outline, at, &card.url));
        }
    }
}

/// Values that stand in attributes: labels, microdata, data made for scripts.
fn attributes(node: &ElementRef<'_>, own: bool) -> Vec<(String, String)> {
    let value = node.value();
    let tag = if own { "" } else { value.name() };
    let mut out = Vec::new();
    if let Some(name) = value.attr("itemprop").filter(|n| super::cards::plain(n)) {
        out.push((format!("microdata:{name}"), structured::microdata_value(node)));
    }
    for (name, text) in value.attrs() {
        let source = match name {
            "alt" if tag == "img" => "img@alt".to_owned(),
            "title" | "aria-label" if own || tag == "a" => format!("{tag}@{name}"),
            "datetime" => format!("{tag}@datetime"),
            _ if name.starts_with("data-") && own => format!("@{name}"),
            _ if name.starts_with("data-") => format!("[{name}]@{name}"),
            _ => continue,
        };
        out.push((source, collapse(text)));
    }
    out.retain(|(_, text)| !text.is_empty() && text.len() <= MAX_TEXT);
    out
}
