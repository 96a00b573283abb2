//! The tree of a page: what HTML is turned into before anything is read from it.
//!
//! A page has one tree, however it was built: [`fast`] builds it in one pass over what most pages
//! consist of, and says so where it cannot be sure of the exact tree of the HTML Standard; then
//! [`reference`] builds it with `html5ever` (through `scraper`) and copies it. Selectors are those of
//! `scraper` too: the `selectors` crate ([`select`]) matches them. decisions/0010 says why.
//!
//! Nodes stand in page order, so that everything inside an element is one range of numbers. Text and
//! values are places in the page where they stand there as they are; only what had to be decoded is
//! copied.

mod fast;
mod name;
mod reference;
mod select;
mod walk;

pub use fast::Unsure;
pub use select::{Matches, Selector};
pub use walk::{Children, Classes, ElementRef, Html, Node, NodeRef, Value};

use name::{NameId, Names};

/// No node.
const NONE: u32 = u32::MAX;

/// The tree of one page. [`Tree::html`] reads it together with the page it was made from.
#[derive(Debug)]
pub struct Tree {
    nodes: Vec<NodeData>,
    /// For each node the bits of its name, its attributes, its id and its classes; 0 for other nodes.
    marks: Vec<u64>,
    attributes: Vec<Attribute>,
    names: Names,
    /// The page with its line ends made equal, if they were not.
    source: Option<String>,
    /// Texts that do not stand in the page as they are.
    texts: String,
    /// Values of attributes that do not stand in the page as they are.
    values: String,
    /// Open elements looked at by the fast builder.
    steps: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Document,
    Fragment,
    Doctype,
    Comment,
    Text,
    Element,
    /// An element of a drawing or a formula.
    Foreign,
}

#[derive(Debug, Clone, Copy)]
struct NodeData {
    kind: Kind,
    name: NameId,
    parent: u32,
    /// The sibling before it.
    prev: u32,
    /// The first node behind everything in it.
    end: u32,
    /// The text, or the range of attributes.
    span: Span,
}

/// A part of the page, of the decoded texts or of the list of attributes.
#[derive(Debug, Clone, Copy, Default)]
struct Span {
    start: u32,
    len: u32,
    /// Whether it is a part of the decoded texts instead of the page.
    decoded: bool,
}

#[derive(Debug, Clone, Copy)]
struct Attribute {
    name: NameId,
    /// Whether it belongs to another namespace, like `xlink:href`.
    foreign: bool,
    value: Span,
}

/// A length or place inside a page; pages are far smaller than this can count.
fn place(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(NONE)
}

impl Span {
    fn range(self) -> std::ops::Range<usize> {
        self.start as usize..self.start as usize + self.len as usize
    }
}

impl Tree {
    fn new() -> Tree {
        Tree {
            nodes: Vec::new(),
            marks: Vec::new(),
            attributes: Vec::new(),
            names: Names::new(),
            source: None,
            texts: String::new(),
            values: String::new(),
            steps: 0,
        }
    }

    /// Builds the tree in one pass, or says why it cannot be sure of it.
    pub fn fast(page: &str) -> Result<Tree, Unsure> {
        fast::build(page)
    }

    /// Builds the tree with the reference parser.
    pub fn reference(page: &str) -> Tree {
        reference::build(page)
    }

    /// How many open elements the fast builder looked at: the part of its work that could grow faster
    /// than the page.
    pub fn steps(&self) -> usize {
        self.steps
    }

    /// The tree as readers see it. `page` must be what it was built from.
    pub fn html<'d>(&'d self, page: &'d str) -> Html<'d> {
        Html::new(self, self.source.as_deref().unwrap_or(page))
    }

    fn add(&mut self, kind: Kind, name: NameId, parent: u32, span: Span) -> u32 {
        let id = place(self.nodes.len());
        self.nodes.push(NodeData { kind, name, parent, prev: NONE, end: NONE, span });
        self.marks.push(0);
        id
    }

    /// Notes name, attributes, id and classes of an element, so that selectors find it.
    fn mark(&mut self, id: u32, page: &str) {
        let node = self.nodes[id as usize];
        let mut marks = 1 << 63 | self.names.mark(node.name);
        for attribute in &self.attributes[node.span.range()] {
            marks |= self.names.mark(attribute.name);
            let own = attribute.value.decoded;
            let text = if own { self.values.as_str() } else { page };
            match attribute.name {
                name::CLASS => {
                    let text = text.get(attribute.value.range()).unwrap_or("");
                    let classes = text.split_ascii_whitespace();
                    marks |= classes.fold(0, |m, c| m | name::mark(name::hash(c.as_bytes())));
                }
                name::ID => {
                    let text = text.get(attribute.value.range()).unwrap_or("");
                    marks |= name::mark(name::hash(text.as_bytes()));
                }
                _ => {}
            }
        }
        self.marks[id as usize] = marks;
    }

    /// Fills in siblings and ends, once all nodes are there.
    fn link(&mut self) {
        // On the way forward `end` holds the last child seen so far.
        for at in 1..self.nodes.len() {
            let parent = self.nodes[at].parent as usize;
            let last = std::mem::replace(&mut self.nodes[parent].end, place(at));
            self.nodes[at].prev = last;
        }
        for at in (0..self.nodes.len()).rev() {
            let last = self.nodes[at].end;
            self.nodes[at].end =
                if last == NONE { place(at + 1) } else { self.nodes[last as usize].end };
        }
    }
}
