//! One part of a card: how it is named, what its name says, where it stands.

use crate::dom::ElementRef;

use super::address::acts;
use super::cards::marks;
use super::outline::Outline;
use crate::transform::image;

pub(super) fn picture(outline: &Outline<'_>, at: usize) -> bool {
    let node = &outline.elements[at].node;
    matches!(node.value().name(), "img" | "source") && image::of_element(node).is_some()
}

pub(super) fn in_heading(outline: &Outline<'_>, at: usize) -> bool {
    outline.elements[at].parent.is_some_and(|p| {
        matches!(outline.elements[p].node.value().name(), "h1" | "h2" | "h3" | "h4" | "h5")
    })
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
        // Parts without names of their own are told apart by their place among their siblings.
        if marks(node).next().is_none() || node.value().classes().count() > 3 {
            let nth = nth_of_type(node);
            out.push(format!("{name} > {tag}:nth-of-type({nth})"));
            let mark = marks(parent).next();
            out.extend(mark.map(|mark| format!("{name}{mark} > {tag}:nth-of-type({nth})")));
        }
    }
    out
}

/// The place of an element among those of its tag, from 1.
pub(super) fn nth_of_type(node: &ElementRef<'_>) -> usize {
    let name = node.value().name();
    let before = node.prev_siblings().filter_map(ElementRef::wrap);
    1 + before.filter(|sibling| sibling.value().name() == name).count()
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

/// Whether a part stands in a link that does something else than show the offer: a sum there is that of
/// a service, as the rate in a link to financing.
pub(super) fn serves(outline: &Outline<'_>, at: usize, offer: &str) -> bool {
    let mut place = Some(at);
    for _ in 0..4 {
        let Some(at) = place else { break };
        if outline.elements[at].node.value().name() == "a" {
            let own = outline.links_in(at).iter().find(|(link, _)| *link == at);
            let url = own.map(|(_, number)| outline.urls[*number].as_str());
            return url.is_some_and(|url| url != offer && acts(url));
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
