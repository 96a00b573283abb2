//! Finding the repeated list: groups of alike elements, ranked.
//!
//! A group is what one selector finds: a tag with a class, with a test or item mark, or the children
//! of one kind of parent. A list of offers is a group in which every element leads somewhere of its
//! own, and that holds text, prices and pictures. Lists of links hold little beside the links.

use std::collections::{BTreeMap, HashMap, HashSet};

use crate::dom::ElementRef;

use super::outline::{Outline, Totals};
use super::profile::{self, Looks};

/// Groups handed on for reading.
const MAX_GROUPS: usize = 10;

/// Groups of the same offers among them.
const MAX_KIN: usize = 3;

/// Groups looked at closely.
const MAX_ROUGH: usize = 40;

/// Alike elements.
#[derive(Debug, Clone)]
pub(super) struct Group {
    /// What finds them.
    pub(super) selector: String,
    /// Their places in the outline, in page order; none inside another.
    pub(super) cards: Vec<usize>,
    /// What the selector finds inside them.
    nested: Vec<usize>,
    /// How much they look like offers; higher is better.
    pub(super) score: f64,
    /// How much their place looks like that of the main list, from 0 to 1.
    pub(super) prior: f64,
}

impl Group {
    fn new(outline: &Outline<'_>, selector: String, cards: Vec<usize>) -> Group {
        let prior = prior(outline, &cards);
        Group { score: score(outline, &cards) * prior, selector, cards, prior, nested: Vec::new() }
    }

    fn times(self, factor: f64) -> Group {
        Group { score: self.score * factor, prior: self.prior * factor, ..self }
    }
}

/// The best groups of a page, best first.
pub(super) fn groups(outline: &Outline<'_>) -> Vec<Group> {
    let mut by_selector: BTreeMap<String, (Vec<usize>, Vec<usize>)> = BTreeMap::new();
    for (at, element) in outline.elements.iter().enumerate() {
        let links = element.after.links - element.before.links;
        if !may_be_card(element.node.value().name()) || links == 0 {
            continue;
        }
        for name in names(outline, at) {
            let (cards, nested) = by_selector.entry(name).or_default();
            // A card inside a card belongs to it.
            if cards.last().is_none_or(|last| outline.elements[*last].end <= at) {
                cards.push(at);
            } else {
                nested.push(at);
            }
        }
    }
    let rough = by_selector
        .into_iter()
        .filter(|(_, (cards, _))| cards.len() >= 2)
        .map(|(selector, (cards, nested))| Group { nested, ..Group::new(outline, selector, cards) })
        .filter(|group| group.score > 0.0);
    let rough = ranked(rough.collect(), MAX_ROUGH);
    let looks = Looks::new(outline);
    let fine = rough.into_iter().flat_map(|group| refined(outline, &looks, group));
    let fine: Vec<Group> = fine.collect();
    various(outline, ranked(fine, MAX_ROUGH * 2))
}

/// The best groups, but not many that wrap the same offers more or less tightly.
fn various(outline: &Outline<'_>, groups: Vec<Group>) -> Vec<Group> {
    let mut out: Vec<Group> = Vec::new();
    for group in groups {
        if out.iter().filter(|known| kin(outline, known, &group)).count() < MAX_KIN {
            out.push(group);
        }
        if out.len() >= MAX_GROUPS {
            break;
        }
    }
    out
}

/// Whether two groups are the same elements seen from inside and from outside.
fn kin(outline: &Outline<'_>, a: &Group, b: &Group) -> bool {
    let holds = |x: usize, y: usize| x <= y && y < outline.elements[x].end;
    let (Some(x), Some(y)) = (a.cards.last(), b.cards.last()) else { return false };
    a.cards.len().abs_diff(b.cards.len()) * 10 <= a.cards.len() && (holds(*x, *y) || holds(*y, *x))
}

/// Best first, each set of elements once under its shortest name.
fn ranked(mut groups: Vec<Group>, most: usize) -> Vec<Group> {
    groups
        .sort_by(|a, b| b.score.total_cmp(&a.score).then(a.selector.len().cmp(&b.selector.len())));
    let mut seen = HashSet::new();
    groups.retain(|group| seen.insert(group.cards.clone()));
    groups.truncate(most);
    groups
}

/// A group as it is, weighed by how alike its elements are; and the list proper inside it.
fn refined(outline: &Outline<'_>, looks: &Looks, group: Group) -> Vec<Group> {
    let (alike, likeness) = looks.alike(outline, &group.cards);
    let main = profile::main_part(outline, &alike);
    let mut out = Vec::new();
    let all = group.cards.len() + group.nested.len();
    if main.len() >= 2 && main.len() < all {
        let wanted: HashSet<usize> = main.iter().copied().collect();
        let others = group.cards.iter().chain(&group.nested);
        let others: Vec<usize> = others.filter(|card| !wanted.contains(card)).copied().collect();
        if let Some(selector) = profile::exact(outline, &group.selector, &main, &others) {
            out.push(Group::new(outline, selector, main.clone()).times(likeness));
        }
    }
    let pure = ratio(main.len(), all);
    out.push(group.times(likeness * pure.powi(2)));
    out
}

fn may_be_card(name: &str) -> bool {
    !matches!(
        name,
        "html"
            | "body"
            | "main"
            | "span"
            | "b"
            | "i"
            | "em"
            | "strong"
            | "h1"
            | "h2"
            | "h3"
            | "h4"
            | "h5"
            | "h6"
            | "button"
            | "label"
            | "figure"
            | "time"
            | "small"
            | "header"
            | "nav"
            | "footer"
            | "picture"
            | "img"
    )
}

/// All selectors under which an element may be one of many.
fn names(outline: &Outline<'_>, at: usize) -> Vec<String> {
    let node = &outline.elements[at].node;
    let tag = node.value().name();
    let mut out: Vec<String> = marks(node).map(|mark| format!("{tag}{mark}")).collect();
    if let Some(parent) = outline.elements[at].parent {
        let parent = &outline.elements[parent].node;
        let name = parent.value().name();
        let id = parent.value().attr("id").filter(|id| plain(id)).map(|id| format!("#{id}"));
        let mark = id.or_else(|| marks(parent).next());
        if let Some(mark) = mark {
            out.push(format!("{name}{mark} > {tag}"));
        }
        out.extend(
            matches!(tag, "li" | "article" | "tr" | "a" | "table" | "td" | "div" | "p" | "section")
                .then(|| format!("{name} > {tag}")),
        );
    }
    out
}

/// The classes and marks of an element as parts of a selector.
pub(super) fn marks<'e>(node: &'e ElementRef<'_>) -> impl Iterator<Item = String> + 'e {
    const MARKED: [&str; 7] =
        ["itemprop", "itemtype", "data-testid", "data-test", "data-qa", "data-cy", "role"];
    let value = node.value();
    let classes = value.classes().filter(|c| !c.is_empty()).take(12).map(|class| {
        if plain(class) { format!(".{class}") } else { format!("[class~={}]", quoted(class)) }
    });
    let marks = MARKED.iter().filter_map(move |name| {
        let text = value.attr(name).filter(|t| !t.is_empty() && t.len() < 60 && !numbered(t))?;
        Some(format!("[{name}={}]", quoted(text)))
    });
    classes.chain(marks)
}

/// Whether a mark counts or names one offer: it holds a long number.
fn numbered(mark: &str) -> bool {
    mark.as_bytes().windows(3).any(|three| three.iter().all(u8::is_ascii_digit))
}

pub(super) fn plain(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
}

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\\', "\\\\").replace('\'', "\\'"))
}

/// How much a group looks like a list of offers.
fn score(outline: &Outline<'_>, cards: &[usize]) -> f64 {
    let mut holders: HashMap<usize, usize> = HashMap::new();
    for card in cards {
        let own: HashSet<usize> = outline.links_in(*card).iter().map(|(_, url)| *url).collect();
        for url in own {
            *holders.entry(url).or_default() += 1;
        }
    }
    let leads = |card: &&usize| outline.links_in(**card).iter().any(|(_, url)| holders[url] == 1);
    let leading: Vec<usize> = cards.iter().filter(leads).copied().collect();
    if leading.len() < 2 {
        return 0.0;
    }
    let share = |test: &dyn Fn(&Totals, &Totals) -> bool| {
        let hits = leading.iter().filter(|card| {
            let element = &outline.elements[**card];
            test(&element.before, &element.after)
        });
        ratio(hits.count(), leading.len())
    };
    let money = share(&|a, b| b.money > a.money);
    let image = share(&|a, b| b.images > a.images);
    let heading = share(&|a, b| b.headings > a.headings);
    let text = share(&|a, b| b.text - a.text >= 40);
    // Half of the elements may be advertisements; more than that is another kind of list.
    let linked = ratio(leading.len(), cards.len());
    let quality = 0.15 + 0.4 * money + 0.25 * image + 0.15 * heading + 0.3 * text;
    weight(leading.len()) * quality.powi(3) * linked.sqrt()
}

/// How much the place of these elements looks like that of the main list: outside navigation and
/// carousels, with a good part of the page's text.
fn prior(outline: &Outline<'_>, cards: &[usize]) -> f64 {
    let of = |test: &dyn Fn(usize) -> bool| {
        ratio(cards.iter().filter(|card| test(**card)).count(), cards.len())
    };
    let aside = of(&|at| outline.elements[at].aside);
    let lateral = of(&|at| outline.elements[at].lateral);
    let (filled, level) = profile::arrangement(outline, cards);
    (1.0 - 0.9 * aside)
        * (1.0 - 0.7 * lateral)
        * (0.4 + 0.6 * coverage(outline, cards).sqrt())
        * (0.3 + 0.7 * filled)
        * (0.4 + 0.6 * level)
}

/// The share of the page's text, navigation and footers left out, that these elements hold.
pub(super) fn coverage(outline: &Outline<'_>, cards: &[usize]) -> f64 {
    let held = |at: &usize| {
        let element = &outline.elements[*at];
        element.after.text - element.before.text
    };
    ratio(cards.iter().map(held).sum(), outline.text.max(1)).min(1.0)
}

/// More is better, but ten times as many links are not ten times as good.
pub(super) fn weight(count: usize) -> f64 {
    ratio(count, 1).powf(0.6)
}

/// A share, as a number from 0 to 1.
#[expect(clippy::cast_precision_loss, reason = "counts of elements are far below 2^52")]
pub(crate) fn ratio(part: usize, whole: usize) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}
