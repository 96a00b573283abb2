//! Finding the repeated list: groups of alike elements, ranked.
//!
//! A group is what one selector finds: a tag with a class, with a test or item mark, or the children
//! of one kind of parent. A list of offers is a group in which every element leads somewhere of its
//! own, and that holds text, prices and pictures. Lists of links hold little beside the links.

use std::collections::{BTreeMap, HashMap, HashSet};

use crate::dom::ElementRef;

use super::outline::{Outline, Totals};

/// Groups handed on for reading.
const MAX_GROUPS: usize = 6;

/// Alike elements.
#[derive(Debug, Clone)]
pub(super) struct Group {
    /// What finds them.
    pub(super) selector: String,
    /// Their places in the outline, in page order; none inside another.
    pub(super) cards: Vec<usize>,
    /// How much they look like offers; higher is better.
    pub(super) score: f64,
}

/// The best groups of a page, best first.
pub(super) fn groups(outline: &Outline<'_>) -> Vec<Group> {
    let mut by_selector: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (at, element) in outline.elements.iter().enumerate() {
        let links = element.after.links - element.before.links;
        if !may_be_card(element.node.value().name()) || links == 0 {
            continue;
        }
        for name in names(outline, at) {
            let cards = by_selector.entry(name).or_default();
            // A card inside a card belongs to it.
            if cards.last().is_none_or(|last| outline.elements[*last].end <= at) {
                cards.push(at);
            }
        }
    }
    let mut groups: Vec<Group> = by_selector
        .into_iter()
        .filter(|(_, cards)| cards.len() >= 2)
        .map(|(selector, cards)| Group { score: score(outline, &cards), selector, cards })
        .filter(|group| group.score > 0.0)
        .collect();
    groups
        .sort_by(|a, b| b.score.total_cmp(&a.score).then(a.selector.len().cmp(&b.selector.len())));
    let mut seen = HashSet::new();
    groups.retain(|group| seen.insert(group.cards.clone()));
    groups.truncate(MAX_GROUPS);
    groups
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
        let text = value.attr(name).filter(|t| !t.is_empty() && t.len() < 60)?;
        Some(format!("[{name}={}]", quoted(text)))
    });
    classes.chain(marks)
}

fn plain(name: &str) -> bool {
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
    let aside = ratio(cards.iter().filter(|c| outline.elements[**c].aside).count(), cards.len());
    // Half of the elements may be advertisements; more than that is another kind of list.
    let linked = ratio(leading.len(), cards.len());
    let quality = 0.15 + 0.4 * money + 0.25 * image + 0.15 * heading + 0.3 * text;
    weight(leading.len()) * quality.powi(3) * linked.sqrt() * (1.0 - 0.9 * aside)
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
