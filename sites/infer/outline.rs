//! The elements of a page in page order, with what each of them holds.
//!
//! One walk. Every total (text, links, prices, pictures, headings) is remembered at the start and at
//! the end of an element, so that what an element holds is a subtraction, however deep it nests.

use std::collections::HashMap;

use crate::dom::{ElementRef, Html, Node, NodeRef};
use url::Url;

use crate::transform::{currency, money, number};

/// Elements above this number are not looked at.
const MAX_ELEMENTS: usize = 100_000;

/// What was seen up to a place of the page.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Totals {
    /// Characters of text.
    pub(super) text: usize,
    /// Separate texts.
    pub(super) pieces: usize,
    /// Texts that are a price with its currency.
    pub(super) money: usize,
    /// Pictures.
    pub(super) images: usize,
    /// Headings.
    pub(super) headings: usize,
    /// Links, as a place in [`Outline::links`].
    pub(super) links: usize,
}

/// One element.
pub(super) struct Element<'d> {
    /// The element in the tree.
    pub(super) node: ElementRef<'d>,
    /// Place of its parent.
    pub(super) parent: Option<usize>,
    /// Place of the first element behind it.
    pub(super) end: usize,
    /// Whether it stands in navigation, in a footer or the like.
    pub(super) aside: bool,
    /// Totals where it starts.
    pub(super) before: Totals,
    /// Totals where it ends.
    pub(super) after: Totals,
}

/// All elements of a page.
pub(super) struct Outline<'d> {
    /// In page order.
    pub(super) elements: Vec<Element<'d>>,
    /// Numbers of the addresses of all links, in page order, with the place of the link.
    pub(super) links: Vec<(usize, usize)>,
    /// Absolute addresses by number, without fragment.
    pub(super) urls: Vec<String>,
}

impl<'d> Outline<'d> {
    /// Walks a page once, without recursion.
    pub(super) fn new(html: Html<'d>, base: &Url, own: &str) -> Outline<'d> {
        let mut walk = Walk {
            out: Outline { elements: Vec::new(), links: Vec::new(), urls: Vec::new() },
            known: HashMap::new(),
            totals: Totals::default(),
            open: Vec::new(),
            base,
            own,
        };
        let root = html.root_element();
        let mut node = *root;
        loop {
            let inside = walk.enter(node);
            if let Some(child) = node.first_child().filter(|_| inside) {
                node = child;
                continue;
            }
            loop {
                walk.leave(node);
                if node.id() == root.id() {
                    return walk.out;
                }
                if let Some(next) = node.next_sibling() {
                    node = next;
                    break;
                }
                match node.parent() {
                    Some(parent) => node = parent,
                    None => return walk.out,
                }
            }
        }
    }

    /// Numbers of the addresses an element links to, itself included.
    pub(super) fn links_in(&self, at: usize) -> &[(usize, usize)] {
        let element = &self.elements[at];
        self.links.get(element.before.links..element.after.links).unwrap_or_default()
    }
}

struct Walk<'d, 'b> {
    out: Outline<'d>,
    known: HashMap<String, usize>,
    totals: Totals,
    open: Vec<usize>,
    base: &'b Url,
    own: &'b str,
}

impl<'d> Walk<'d, '_> {
    /// Notes a node; says whether its children are worth a look.
    fn enter(&mut self, node: NodeRef<'d>) -> bool {
        if let Node::Text(text) = node.value() {
            self.text(text);
            return false;
        }
        let Some(node) = ElementRef::wrap(node) else { return true };
        let name = node.value().name();
        if matches!(name, "script" | "style" | "template" | "noscript" | "svg" | "head" | "select")
            || self.out.elements.len() >= MAX_ELEMENTS
        {
            return false;
        }
        let parent = self.open.last().copied();
        let at = self.out.elements.len();
        let before = self.totals;
        if name == "a" {
            self.link(&node, at);
        }
        self.totals.images += usize::from(matches!(name, "img" | "picture"));
        self.totals.headings += usize::from(matches!(name, "h1" | "h2" | "h3" | "h4" | "h5"));
        let aside = parent.is_some_and(|p| self.out.elements[p].aside) || is_aside(&node);
        let element = Element { node, parent, end: at + 1, aside, before, after: self.totals };
        self.out.elements.push(element);
        self.open.push(at);
        true
    }

    fn leave(&mut self, node: NodeRef<'d>) {
        let Some(at) = self.open.last().copied() else { return };
        if self.out.elements[at].node.id() != node.id() {
            return;
        }
        self.open.pop();
        self.out.elements[at].after = self.totals;
        self.out.elements[at].end = self.out.elements.len();
    }

    fn text(&mut self, text: &str) {
        let text = text.trim();
        self.totals.text += text.len();
        self.totals.money += usize::from(is_money(text, self.own));
        self.totals.pieces += usize::from(!text.is_empty());
    }

    fn link(&mut self, node: &ElementRef<'d>, at: usize) {
        let Some(url) = node.value().attr("href").and_then(|href| address(href, self.base)) else {
            return;
        };
        let next = self.known.len();
        let number = *self.known.entry(url.clone()).or_insert(next);
        if number == next {
            self.out.urls.push(url);
        }
        self.out.links.push((at, number));
        self.totals.links += 1;
    }
}

/// Absolute address of a link that leads to another page, without its fragment.
pub(super) fn address(href: &str, base: &Url) -> Option<String> {
    let href = href.trim();
    if href.is_empty() || href.starts_with('#') {
        return None;
    }
    let mut url = base.join(href).ok()?;
    url.set_fragment(None);
    let page = url.path() != "/" || url.query().is_some();
    (matches!(url.scheme(), "http" | "https") && page && url != *base).then(|| url.to_string())
}

/// Whether a short text is a price with its currency.
pub(super) fn is_money(text: &str, own: &str) -> bool {
    if text.len() > 60 || text.is_empty() {
        return false;
    }
    if matches!(text, "€" | "$" | "£" | "EUR" | "CHF") {
        return true;
    }
    if !text.bytes().any(|b| b.is_ascii_digit()) {
        return false;
    }
    let folded = number::fold(text);
    let spelled = currency::find(&folded, Some(own));
    // Units and abbreviations look like currencies of far countries: `5 km`, `3 P`.
    let known = |s: &currency::Spelling| {
        let sign = folded.get(s.start..s.end).unwrap_or("");
        s.strength != currency::Strength::Weak
            && (s.code == own
                || s.strength == currency::Strength::Code
                || !sign.is_ascii()
                || sign.contains('$'))
            && sign != "км"
    };
    spelled.iter().any(known) && money::money(text, own).is_some()
}

fn is_aside(node: &ElementRef<'_>) -> bool {
    let value = node.value();
    if matches!(value.name(), "nav" | "footer") {
        return true;
    }
    const WORDS: [&str; 12] = [
        "nav",
        "navbar",
        "navigation",
        "menu",
        "footer",
        "breadcrumb",
        "breadcrumbs",
        "pagination",
        "pager",
        "facets",
        "filters",
        "cookie",
    ];
    let role = value.attr("role").is_some_and(|r| matches!(r, "navigation" | "menu" | "dialog"));
    let named = value.attr("id").into_iter().chain(value.classes());
    let hit = |name: &str| {
        let name = name.to_ascii_lowercase();
        name.split(['-', '_']).any(|word| WORDS.contains(&word))
    };
    role || (!matches!(value.name(), "html" | "body" | "main") && named.into_iter().any(hit))
}
