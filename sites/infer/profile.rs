//! Which of alike elements are really alike, and how to name only those.
//!
//! One class often marks more than the offers: an advertisement in the list, three promoted offers in a
//! box above it, a carousel below. The parts most of the elements have in common tell the offers from
//! the rest, and so does the container that holds nearly all of them.

use std::collections::{HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};

use super::address;
use super::cards::{marks, ratio};
use super::outline::Outline;

/// Parts of one element that are compared.
const MAX_PARTS: usize = 90;

/// An element with a smaller share of the common parts is something else.
const ALIKE: f64 = 0.45;

/// A container that holds so many of the elements is the list.
const MAIN: f64 = 0.75;

/// What each element of a page contributes to the look of a card, computed once.
pub(super) struct Looks {
    of: Vec<Vec<u64>>,
}

impl Looks {
    pub(super) fn new(outline: &Outline<'_>) -> Looks {
        let of = (0..outline.elements.len()).map(|at| look(outline, at)).collect();
        Looks { of }
    }

    /// Splits elements into those that share the common parts and the others; how alike the former are.
    pub(super) fn alike(&self, outline: &Outline<'_>, cards: &[usize]) -> (Vec<usize>, f64) {
        let parts: Vec<HashSet<u64>> = cards.iter().map(|at| self.parts(outline, *at)).collect();
        let mut counts: HashMap<u64, usize> = HashMap::new();
        for part in parts.iter().flatten() {
            *counts.entry(*part).or_default() += 1;
        }
        let common: Vec<u64> =
            counts.into_iter().filter(|(_, n)| n * 2 > cards.len()).map(|(part, _)| part).collect();
        if common.len() < 3 {
            return (cards.to_vec(), 0.5);
        }
        let mut sum = 0.0;
        let mut alike = Vec::new();
        for (card, own) in cards.iter().zip(&parts) {
            let share =
                ratio(common.iter().filter(|part| own.contains(part)).count(), common.len());
            if share >= ALIKE {
                alike.push(*card);
                sum += share;
            }
        }
        let mean = sum * ratio(1, alike.len().max(1));
        (alike, mean)
    }

    fn parts(&self, outline: &Outline<'_>, card: usize) -> HashSet<u64> {
        let element = &outline.elements[card];
        let end = element.end.min(card + MAX_PARTS);
        let mut out: HashSet<u64> = self.of[card + 1..end].iter().flatten().copied().collect();
        let (a, b) = (element.before, element.after);
        let held = [b.money > a.money, b.images > a.images, b.headings > a.headings];
        out.extend(held.iter().zip(1..).filter(|(has, _)| **has).map(|(_, number)| number));
        let own: HashSet<usize> = outline.links_in(card).iter().map(|(_, url)| *url).collect();
        out.extend(own.iter().map(|url| hashed(&address::family(&outline.urls[*url]))));
        out
    }
}

fn look(outline: &Outline<'_>, at: usize) -> Vec<u64> {
    let element = &outline.elements[at];
    let name = element.node.value().name();
    let parent = element.parent.map_or("", |p| outline.elements[p].node.value().name());
    let mut out = vec![hashed(&(parent, name))];
    out.extend(element.node.value().classes().take(4).map(|class| hashed(&(name, "class", class))));
    out
}

pub(super) fn hashed(value: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

/// The elements of the list proper, if some of these stand in boxes apart from it.
pub(super) fn main_part(outline: &Outline<'_>, cards: &[usize]) -> Vec<usize> {
    let proper: Vec<usize> =
        cards.iter().filter(|c| !outline.elements[**c].beside()).copied().collect();
    let mut current =
        if proper.len() >= 2 && proper.len() * 3 >= cards.len() { proper } else { cards.to_vec() };
    let enough = |n: usize| ratio(n, cards.len()) >= MAIN;
    while let (Some(first), Some(last)) = (current.first(), current.last()) {
        let Some(root) = common_ancestor(outline, *first, *last) else { break };
        let mut boxes: Vec<(usize, Vec<usize>)> = Vec::new();
        for card in &current {
            let child = child_of(outline, root, *card);
            match boxes.last_mut() {
                Some((at, inside)) if *at == child => inside.push(*card),
                _ => boxes.push((child, vec![*card])),
            }
        }
        let Some(at) = (0..boxes.len()).max_by_key(|at| boxes[*at].1.len()) else { break };
        let size = boxes[at].1.len();
        if size < 2 || size == current.len() || !enough(size) {
            break;
        }
        // A list that goes on behind an advertisement stands in a second box of the same make.
        let like = |one: &(usize, Vec<usize>)| look(outline, one.0) == look(outline, boxes[at].0);
        if at + 1 < boxes.len() && boxes[at + 1..].iter().any(like) {
            break;
        }
        current = boxes.swap_remove(at).1;
    }
    current
}

/// How much of the boxes they stand in the elements fill, and how many of them nest equally deep.
///
/// The offers of a list fill its boxes; a part of each offer, or the flats inside each house, do not.
pub(super) fn arrangement(outline: &Outline<'_>, cards: &[usize]) -> (f64, f64) {
    let (Some(first), Some(last)) = (cards.first(), cards.last()) else { return (0.0, 0.0) };
    let Some(root) = common_ancestor(outline, *first, *last) else { return (1.0, 1.0) };
    let text = |at: usize| {
        let element = &outline.elements[at];
        element.after.text - element.before.text
    };
    let mut boxes: HashSet<usize> = HashSet::new();
    let mut depths: HashMap<usize, usize> = HashMap::new();
    for card in cards {
        let depth = ancestors(outline, *card).take_while(|at| *at != root).count();
        *depths.entry(depth).or_default() += 1;
        boxes.insert(child_of(outline, root, *card));
    }
    let held: usize = cards.iter().map(|card| text(*card)).sum();
    let around: usize = boxes.into_iter().map(text).sum();
    let level = depths.values().max().copied().unwrap_or(0);
    (ratio(held, around.max(1)).min(1.0), ratio(level, cards.len()))
}

/// A selector that finds `wanted` of the elements `selector` finds, but not `others`.
pub(super) fn exact(
    outline: &Outline<'_>,
    selector: &str,
    wanted: &[usize],
    others: &[usize],
) -> Option<String> {
    let tries: [Try<'_>; 4] = [&in_container, &with_part, &without_mark, &in_nth_container];
    let wanted_set: HashSet<usize> = wanted.iter().copied().collect();
    let right = |selector: &String| {
        let found = outline.found_by(selector);
        found.len() == wanted.len() && found.iter().all(|at| wanted_set.contains(at))
    };
    tries.iter().flat_map(|one| one(outline, selector, wanted, others)).take(12).find(right)
}

/// One way to name some of many elements: proposals, best first.
type Try<'t> = &'t dyn Fn(&Outline<'_>, &str, &[usize], &[usize]) -> Vec<String>;

fn in_container(
    outline: &Outline<'_>,
    selector: &str,
    wanted: &[usize],
    others: &[usize],
) -> Vec<String> {
    let around: HashSet<String> = others
        .iter()
        .flat_map(|card| ancestors(outline, *card))
        .flat_map(|at| names(outline, at))
        .collect();
    let root = match (wanted.first(), wanted.last()) {
        (Some(first), Some(last)) => common_ancestor(outline, *first, *last),
        _ => None,
    };
    let Some(root) = root else { return Vec::new() };
    // The parent's own step of the selector is replaced; other containers stand before it.
    let inner = selector.rsplit_once(" > ").map_or(selector, |(_, tag)| tag);
    let direct = names(outline, root).into_iter().map(|name| format!("{name} > {inner}"));
    let above = std::iter::once(root)
        .chain(ancestors(outline, root))
        .flat_map(|at| names(outline, at))
        .filter(|name| !around.contains(name))
        .map(|name| format!("{name} {selector}"));
    direct.take(3).chain(above.take(3)).collect()
}

fn with_part(
    outline: &Outline<'_>,
    selector: &str,
    wanted: &[usize],
    others: &[usize],
) -> Vec<String> {
    let parts = |card: usize| -> Vec<String> {
        let end = outline.elements[card].end.min(card + MAX_PARTS);
        let mut out: Vec<String> = Vec::new();
        for at in card + 1..end {
            out.extend(names(outline, at));
            out.push(outline.elements[at].node.value().name().to_owned());
        }
        out
    };
    let Some((first, rest)) = wanted.split_first() else { return Vec::new() };
    let mut left = parts(*first);
    for card in rest {
        let own: HashSet<String> = parts(*card).into_iter().collect();
        left.retain(|name| own.contains(name));
    }
    for card in others {
        let own: HashSet<String> = parts(*card).into_iter().collect();
        left.retain(|name| !own.contains(name));
    }
    left.into_iter().take(1).map(|part| format!("{selector}:has({part})")).collect()
}

fn without_mark(
    outline: &Outline<'_>,
    selector: &str,
    wanted: &[usize],
    others: &[usize],
) -> Vec<String> {
    let own = |card: &usize| marks(&outline.elements[*card].node).collect::<HashSet<String>>();
    let known: HashSet<String> = wanted.iter().flat_map(own).collect();
    let Some(first) = others.first() else { return Vec::new() };
    let mut left: Vec<String> = marks(&outline.elements[*first].node).collect();
    for card in others {
        let own = own(card);
        left.retain(|mark| own.contains(mark) && !known.contains(mark));
    }
    left.into_iter().take(1).map(|mark| format!("{selector}:not({mark})")).collect()
}

/// The container by its place among containers of the same make.
fn in_nth_container(
    outline: &Outline<'_>,
    selector: &str,
    wanted: &[usize],
    others: &[usize],
) -> Vec<String> {
    let name = |at: usize| {
        let node = &outline.elements[at].node;
        let mark = marks(node).next()?;
        let nth = super::parts::nth_of_type(node);
        Some(format!("{}{mark}:nth-of-type({nth})", node.value().name()))
    };
    let around: HashSet<String> =
        others.iter().flat_map(|card| ancestors(outline, *card)).filter_map(name).collect();
    let (Some(first), Some(last)) = (wanted.first(), wanted.last()) else { return Vec::new() };
    let Some(root) = common_ancestor(outline, *first, *last) else { return Vec::new() };
    let names = std::iter::once(root).chain(ancestors(outline, root)).filter_map(name);
    let names = names.filter(|name| !around.contains(name)).take(1);
    names.map(|name| format!("{name} {selector}")).collect()
}

/// Selectors for one element: its id, its classes and marks.
fn names(outline: &Outline<'_>, at: usize) -> Vec<String> {
    let node = &outline.elements[at].node;
    let value = node.value();
    let id = value.attr("id").filter(|id| super::cards::plain(id)).map(|id| format!("#{id}"));
    // A number in an id counts the elements of one day.
    let id = id.filter(|id| !id.bytes().any(|b| b.is_ascii_digit()));
    let mut out: Vec<String> = id.into_iter().collect();
    out.extend(marks(node).map(|mark| format!("{}{mark}", value.name())));
    out
}

fn ancestors<'o>(outline: &'o Outline<'_>, at: usize) -> impl Iterator<Item = usize> + 'o {
    std::iter::successors(outline.elements[at].parent, |at| outline.elements[*at].parent)
}

fn common_ancestor(outline: &Outline<'_>, a: usize, b: usize) -> Option<usize> {
    ancestors(outline, a).find(|at| outline.elements[*at].end > b)
}

/// The child of `root` that holds `card`, or is it.
fn child_of(outline: &Outline<'_>, root: usize, card: usize) -> usize {
    let mut at = card;
    while let Some(parent) = outline.elements[at].parent.filter(|parent| *parent != root) {
        at = parent;
    }
    at
}
