//! The fields of a card: which part of every card holds address, id, title, price and the rest.
//!
//! Parts are named by short selectors and compared across the cards (alignment): a part is good for a
//! field if it is there in most cards, differs from card to card, and its values have the type.

use std::collections::{BTreeMap, HashMap, HashSet};

use scraper::ElementRef;

use crate::extract::document::{Document, text_of};
use crate::transform::image;
use crate::transform::{currency, money, number};

use super::address;
use super::cards::{Group, marks, ratio};
use super::draft::{Draft, Source};
use super::guess::Home;
use super::outline::{self, Outline};

/// Cards compared; the rest is read by what they taught.
const MAX_CARDS: usize = 50;

/// Elements of one card that are looked at.
const MAX_PARTS: usize = 400;

/// Text of a part above this length is no field, in bytes.
const MAX_TEXT: usize = 400;

/// One card on its way.
struct Card<'d> {
    node: ElementRef<'d>,
    /// The address of the offer.
    url: String,
    /// Places of its elements in the outline.
    parts: Vec<usize>,
}

/// The same part of every card.
struct Slot {
    selector: String,
    /// The text in each card that has it; first place wins.
    values: BTreeMap<usize, String>,
    /// The first price in each card, which may stand behind other values.
    prices: BTreeMap<usize, String>,
    /// In how many cards it stands in the link to the offer.
    linked: usize,
    heading: bool,
    struck: bool,
    /// Whether it stands in a button: a price there is that of a service.
    pressed: bool,
    /// Separate texts in all cards.
    pieces: usize,
    /// Its tag, classes and marks, for words that tell its meaning.
    words: String,
    order: usize,
}

impl Slot {
    fn share(&self, of: usize, test: impl Fn(&str) -> bool) -> f64 {
        ratio(self.values.values().filter(|v| test(v)).count(), of)
    }

    fn says(&self, words: &[&str]) -> bool {
        words.iter().any(|word| self.words.contains(word))
    }

    fn distinct(&self) -> f64 {
        let all: HashSet<&String> = self.values.values().collect();
        ratio(all.len(), self.values.len())
    }

    #[expect(clippy::cast_precision_loss, reason = "lengths of short texts")]
    fn length(&self) -> f64 {
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

fn picture(outline: &Outline<'_>, at: usize) -> bool {
    let node = &outline.elements[at].node;
    matches!(node.value().name(), "img" | "source") && image::of_element(node).is_some()
}

/// The cards that lead to an offer of their own, with the address of it.
fn cards<'d>(outline: &Outline<'d>, group: &Group, document: &Document<'_>) -> Vec<Card<'d>> {
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

fn in_heading(outline: &Outline<'_>, at: usize) -> bool {
    outline.elements[at].parent.is_some_and(|p| {
        matches!(outline.elements[p].node.value().name(), "h1" | "h2" | "h3" | "h4" | "h5")
    })
}

/// Selectors for the link to the offer: the one that is right in most cards, then those that help.
fn url_sources(outline: &Outline<'_>, cards: &[Card<'_>], document: &Document<'_>) -> Vec<String> {
    // Selector → cards it is right in, cards it is wrong in.
    let mut found: BTreeMap<String, (HashSet<usize>, usize)> = BTreeMap::new();
    for (number, card) in cards.iter().enumerate() {
        let mut seen: HashSet<String> = HashSet::new();
        for at in &card.parts {
            let node = &outline.elements[*at].node;
            let Some(href) = node.value().attr("href").filter(|_| node.value().name() == "a")
            else {
                continue;
            };
            let own = node.id() == card.node.id();
            let mut names: Vec<String> = if own {
                vec![String::new()]
            } else {
                marks(node).map(|m| format!("a{m}")).collect()
            };
            if !own {
                names.push("a[href]".to_owned());
                if let Some(parent) = outline.elements[*at].parent {
                    let parent = &outline.elements[parent].node;
                    let tag = parent.value().name();
                    names.push(format!("{tag} > a[href]"));
                    names.extend(marks(parent).map(|m| format!("{tag}{m} > a[href]")));
                }
                names.extend(folder(href).map(|f| format!("a[href*='{f}']")));
            }
            let right = outline::address(href, &document.base).is_some_and(|u| u == card.url);
            for name in names {
                if seen.insert(name.clone()) {
                    let entry = found.entry(name).or_default();
                    if right {
                        entry.0.insert(number);
                    } else {
                        entry.1 += 1;
                    }
                }
            }
        }
    }
    let mut covered: HashSet<usize> = HashSet::new();
    let mut out = Vec::new();
    while out.len() < 4 && covered.len() < cards.len() {
        let gain = |(right, wrong): &(HashSet<usize>, usize)| {
            let new = right.difference(&covered).count();
            (new > *wrong).then(|| new - wrong)
        };
        let best = found
            .iter()
            .filter_map(|(name, entry)| Some((gain(entry)?, name, entry)))
            .max_by(|a, b| a.0.cmp(&b.0).then(b.1.len().cmp(&a.1.len())));
        let Some((_, name, (right, _))) = best else { break };
        out.push(format!("{name}@href"));
        covered.extend(right);
    }
    out
}

/// The first folder of a link's path, as a mark of links to offers.
fn folder(href: &str) -> Option<String> {
    let path = href.split(['?', '#']).next()?;
    let path = match path.split_once("://") {
        Some((_, rest)) => &rest[rest.find('/')?..],
        None => path,
    };
    let first = path.trim_start_matches('/').split('/').next()?;
    let plain = first.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'));
    (plain && first.len() >= 2 && path.contains(&format!("{first}/"))).then(|| format!("{first}/"))
}

/// Sources of the id: a mark of the card that is also in its address, a number in the address, a mark
/// named like an id, the last part of the address.
fn id_sources(cards: &[Card<'_>], urls: &[String]) -> Vec<String> {
    let addresses: Vec<&str> = cards.iter().map(|c| c.url.as_str()).collect();
    let pattern = address::id_pattern(&addresses);
    let numeric = pattern.as_ref().is_some_and(|p| p.contains(r"\d"));
    let mut best: Option<(bool, &str)> = None;
    let names: HashSet<&str> =
        cards.iter().flat_map(|c| c.node.value().attrs().map(|(name, _)| name)).collect();
    let mut names: Vec<&str> =
        names.into_iter().filter(|n| !matches!(*n, "href" | "style")).collect();
    names.sort_unstable();
    for name in names {
        let values: Vec<&str> = cards.iter().filter_map(|c| c.node.value().attr(name)).collect();
        let distinct: HashSet<&&str> = values.iter().collect();
        let token = |v: &&str| v.len() >= 3 && v.len() <= 40 && !v.contains(char::is_whitespace);
        if values.len() < cards.len() || distinct.len() < values.len() || !values.iter().all(token)
        {
            continue;
        }
        let inside = cards.iter().zip(&values).filter(|(c, v)| c.url.contains(**v)).count();
        let inside = ratio(inside, cards.len()) >= 0.9;
        let named = name.starts_with("data-") && (name.ends_with("id") || name.ends_with("asin"));
        if (inside || named) && best.is_none_or(|(known, _)| inside && !known) {
            best = Some((inside, name));
        }
    }
    let mut out = Vec::new();
    if let Some((inside, name)) = best
        && (inside || !numeric)
    {
        out.push(format!("@{name}"));
    }
    if let Some(pattern) = pattern {
        out.extend(urls.iter().map(|source| format!("{source} | regex {}", relative(&pattern))));
    }
    out
}

/// Links may be relative: a pattern for the whole address is made to fit both.
fn relative(pattern: &str) -> String {
    match pattern.strip_prefix("^https?://[^/]+") {
        Some(_) => "^(?:https?://[^/]+)?([^#]+)".to_owned(),
        None => match pattern.strip_prefix('/') {
            Some(rest) => format!("(?:^|/){rest}"),
            None => pattern.to_owned(),
        },
    }
}

/// All parts of the cards, by selector.
fn slots(outline: &Outline<'_>, cards: &[Card<'_>], own: &str) -> Vec<Slot> {
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

fn part_names(outline: &Outline<'_>, at: usize, own: bool) -> Vec<String> {
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

fn is_heading(outline: &Outline<'_>, at: usize) -> bool {
    let element = &outline.elements[at];
    matches!(element.node.value().name(), "h1" | "h2" | "h3" | "h4" | "h5")
        || in_heading(outline, at)
}

fn words(node: &ElementRef<'_>) -> String {
    let marks: Vec<String> = marks(node).collect();
    format!("{} {}", node.value().name(), marks.join(" ")).to_lowercase()
}

fn struck(node: &ElementRef<'_>) -> bool {
    let words = words(node);
    matches!(node.value().name(), "del" | "s" | "strike")
        || ["old", "was", "before", "strike", "uvp", "rrp", "original", "regular", "former"]
            .iter()
            .any(|word| words.split(|c: char| !c.is_alphanumeric()).any(|w| w.starts_with(word)))
}

fn pressed(outline: &Outline<'_>, at: usize) -> bool {
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

fn in_link(outline: &Outline<'_>, at: usize, url: &str) -> bool {
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

fn priced(text: &str, own: &str) -> bool {
    outline::is_money(text, own) && !text.contains("m²") && !text.contains("/m2")
}

fn titles(slots: &[Slot], cards: usize) -> Vec<String> {
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
fn shortened(slots: &[Slot], titles: &[String]) -> bool {
    let cut = |v: &String| v.ends_with("...") || v.ends_with('…');
    slots.iter().any(|s| titles.first() == Some(&s.selector) && s.values.values().any(cut))
}

/// Whether the links of the cards carry their title in full.
fn complete(outline: &Outline<'_>, cards: &[Card<'_>]) -> bool {
    let titled = |card: &&Card<'_>| {
        card.parts.iter().any(|at| {
            let value = outline.elements[*at].node.value();
            value.name() == "a" && value.attr("title").is_some_and(|t| t.len() >= 3)
        })
    };
    cards.iter().filter(titled).count() == cards.len()
}

/// Whether every card names its picture, each differently: galleries have no other titles.
fn pictured_names(outline: &Outline<'_>, cards: &[Card<'_>]) -> bool {
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
fn money_inside(text: &str) -> bool {
    ["€", "EUR", "£", "CHF"].iter().any(|sign| text.contains(sign))
}

fn prices(slots: &[Slot], cards: usize, home: &Home) -> Vec<String> {
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
fn cut_from(part: &Slot, whole: &Slot) -> bool {
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
        Some(sign) => format!(" | regex ^(.*{}.*)$", regex::escape(sign).replace('|', ".")),
        None => String::new(),
    }
}

fn former(slots: &[Slot], cards: usize, home: &Home) -> Vec<String> {
    let own = home.currency.as_str();
    let score = |slot: &Slot| if slot.struck { slot.share(cards, |v| priced(v, own)) } else { 0.0 };
    best(slots, score, 0.02, 1)
}

const LOCATION: [&str; 14] = [
    "locat", "address", "adresse", "place", "city", "ort ", "lieu", "region", "ville", "locality",
    "standort", "plaats", "-ort", "geo",
];

fn is_place(text: &str) -> bool {
    text.chars().any(char::is_alphabetic) && text.len() < 120 && !money_inside(text)
}

fn is_date(text: &str) -> bool {
    let context = crate::transform::date::Context {
        now: chrono::DateTime::UNIX_EPOCH + chrono::TimeDelta::days(20_000),
        zone: chrono_tz::UTC,
        month_first: false,
    };
    text.len() < 40 && crate::transform::date::read(text, context).is_some()
}

/// The best part whose name tells its meaning and whose values fit.
fn hinted(slots: &[Slot], cards: usize, words: &[&str], fits: fn(&str) -> bool) -> Vec<String> {
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
fn best(slots: &[Slot], score: impl Fn(&Slot) -> f64, least: f64, most: usize) -> Vec<String> {
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
