//! Reading a tree: nodes, elements and what they hold.

use super::name::{self, NameId, flags, is};
use super::select::{Matches, Selector};
use super::{Attribute, Kind, NONE, NodeData, Tree};

/// A tree with the page it was made from.
#[derive(Clone, Copy)]
pub struct Html<'d> {
    pub(super) tree: &'d Tree,
    pub(super) page: &'d str,
}

/// A node of a tree.
#[derive(Clone, Copy)]
pub struct NodeRef<'d> {
    pub(super) html: Html<'d>,
    pub(super) id: u32,
}

/// A node that is an element.
#[derive(Clone, Copy)]
pub struct ElementRef<'d>(pub(super) NodeRef<'d>);

/// What a node is.
#[derive(Debug, Clone, Copy)]
pub enum Node<'d> {
    /// The root.
    Document,
    /// The content of a `template`.
    Fragment,
    /// The document type.
    Doctype,
    /// A comment; its words are not kept.
    Comment,
    /// Text.
    Text(&'d str),
    /// An element.
    Element(Value<'d>),
}

/// Name and attributes of an element.
#[derive(Clone, Copy)]
pub struct Value<'d>(ElementRef<'d>);

impl<'d> Html<'d> {
    pub(super) fn new(tree: &'d Tree, page: &'d str) -> Html<'d> {
        Html { tree, page }
    }

    /// All elements that match, in page order.
    pub fn select<'s>(self, selector: &'s Selector) -> Matches<'d, 's> {
        Matches::new(self, selector, 0, self.tree.nodes.len(), None)
    }

    /// The `html` element; for an empty tree the first node.
    pub fn root_element(self) -> ElementRef<'d> {
        let found = self.root().children().find_map(ElementRef::wrap);
        found.unwrap_or(ElementRef(self.root()))
    }

    /// The document itself.
    pub fn root(self) -> NodeRef<'d> {
        NodeRef { html: self, id: 0 }
    }

    /// How many nodes there are.
    pub fn len(self) -> usize {
        self.tree.nodes.len()
    }

    /// Whether there is nothing, not even a root.
    pub fn is_empty(self) -> bool {
        self.tree.nodes.is_empty()
    }

    fn text(self, node: &NodeData) -> &'d str {
        let from = if node.span.decoded { self.tree.texts.as_str() } else { self.page };
        from.get(node.span.range()).unwrap_or("")
    }
}

impl<'d> NodeRef<'d> {
    pub(super) fn data(self) -> &'d NodeData {
        &self.html.tree.nodes[self.id as usize]
    }

    fn at(self, id: u32) -> NodeRef<'d> {
        NodeRef { html: self.html, id }
    }

    /// The number of the node; numbers rise in page order.
    pub fn id(self) -> usize {
        self.id as usize
    }

    /// What it is.
    pub fn value(self) -> Node<'d> {
        let data = self.data();
        match data.kind {
            Kind::Document => Node::Document,
            Kind::Fragment => Node::Fragment,
            Kind::Doctype => Node::Doctype,
            Kind::Comment => Node::Comment,
            Kind::Text => Node::Text(self.html.text(data)),
            Kind::Element | Kind::Foreign => Node::Element(Value(ElementRef(self))),
        }
    }

    /// The node it is in.
    pub fn parent(self) -> Option<NodeRef<'d>> {
        let parent = self.data().parent;
        (parent != NONE).then(|| self.at(parent))
    }

    /// The first node in it.
    pub fn first_child(self) -> Option<NodeRef<'d>> {
        (self.data().end > self.id + 1).then(|| self.at(self.id + 1))
    }

    /// The node behind it in the same parent.
    pub fn next_sibling(self) -> Option<NodeRef<'d>> {
        let end = self.data().end;
        let parent = self.parent()?;
        (end < parent.data().end).then(|| self.at(end))
    }

    /// The node before it in the same parent.
    pub fn prev_sibling(self) -> Option<NodeRef<'d>> {
        let prev = self.data().prev;
        (prev != NONE).then(|| self.at(prev))
    }

    /// The nodes before it in the same parent, nearest first.
    pub fn prev_siblings(self) -> impl Iterator<Item = NodeRef<'d>> {
        std::iter::successors(self.prev_sibling(), |node| node.prev_sibling())
    }

    /// The nodes behind it in the same parent, nearest first.
    pub fn next_siblings(self) -> impl Iterator<Item = NodeRef<'d>> {
        std::iter::successors(self.next_sibling(), |node| node.next_sibling())
    }

    /// The nodes directly in it.
    pub fn children(self) -> Children<'d> {
        Children(self.first_child())
    }

    /// The texts in it, in page order.
    pub fn text(self) -> impl Iterator<Item = &'d str> {
        let nodes = &self.html.tree.nodes[self.id()..self.data().end as usize];
        nodes.iter().filter(|n| n.kind == Kind::Text).map(move |n| self.html.text(n))
    }

    /// Calls `sink` with the texts a reader sees and with a space wherever a block starts or ends.
    pub(crate) fn seen(self, mut sink: impl FnMut(&'d str)) {
        let nodes = &self.html.tree.nodes;
        let mut open: Vec<u32> = Vec::new();
        let (mut at, end) = (self.id + 1, self.data().end);
        if self.data().kind == Kind::Text {
            sink(self.html.text(self.data()));
        }
        while at < end {
            while open.last().is_some_and(|end| *end <= at) {
                open.pop();
                sink(" ");
            }
            let node = &nodes[at as usize];
            at += 1;
            match node.kind {
                Kind::Text => sink(self.html.text(node)),
                Kind::Element | Kind::Foreign => {
                    let flags = flags(node.name);
                    if flags & is::BLOCK != 0 {
                        sink(" ");
                        if node.end > at {
                            open.push(node.end);
                        }
                    }
                    if flags & is::HIDDEN != 0 {
                        at = node.end;
                    }
                }
                _ => {}
            }
        }
    }
}

/// The nodes directly in another.
pub struct Children<'d>(Option<NodeRef<'d>>);

impl<'d> Iterator for Children<'d> {
    type Item = NodeRef<'d>;

    fn next(&mut self) -> Option<NodeRef<'d>> {
        let node = self.0?;
        self.0 = node.next_sibling();
        Some(node)
    }
}

impl<'d> ElementRef<'d> {
    /// The node as an element, if it is one.
    pub fn wrap(node: NodeRef<'d>) -> Option<ElementRef<'d>> {
        matches!(node.data().kind, Kind::Element | Kind::Foreign).then_some(ElementRef(node))
    }

    /// Name and attributes.
    pub fn value(self) -> Value<'d> {
        Value(self)
    }

    /// The value of an attribute.
    pub fn attr(self, name: &str) -> Option<&'d str> {
        self.value().attr(name)
    }

    /// All elements inside that match, in page order.
    pub fn select<'s>(self, selector: &'s Selector) -> Matches<'d, 's> {
        let data = self.0.data();
        Matches::new(self.0.html, selector, self.0.id() + 1, data.end as usize, Some(self))
    }

    pub(super) fn attributes(self) -> &'d [Attribute] {
        let tree = self.0.html.tree;
        tree.attributes.get(self.0.data().span.range()).unwrap_or_default()
    }

    pub(super) fn text_of(self, attribute: &Attribute) -> &'d str {
        let html = self.0.html;
        let from = if attribute.value.decoded { html.tree.values.as_str() } else { html.page };
        from.get(attribute.value.range()).unwrap_or("")
    }

    /// The value of an attribute by its number, whatever its namespace.
    pub(super) fn known_attr(self, name: NameId) -> Option<&'d str> {
        let attribute = self.attributes().iter().find(|a| a.name == name)?;
        Some(self.text_of(attribute))
    }
}

impl<'d> std::ops::Deref for ElementRef<'d> {
    type Target = NodeRef<'d>;

    fn deref(&self) -> &NodeRef<'d> {
        &self.0
    }
}

impl PartialEq for ElementRef<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.0.id == other.0.id && std::ptr::eq(self.0.html.tree, other.0.html.tree)
    }
}

impl<'d> Value<'d> {
    /// The name: in lower case, but for a few of drawings (`linearGradient`).
    pub fn name(self) -> &'d str {
        self.0.0.html.tree.names.get(self.0.0.data().name)
    }

    /// Whether it is an element of HTML, not of a drawing or formula.
    pub fn is_html(self) -> bool {
        self.0.0.data().kind == Kind::Element
    }

    /// The value of an attribute.
    pub fn attr(self, name: &str) -> Option<&'d str> {
        let names = &self.0.0.html.tree.names;
        let known = name::known(name);
        let same = |a: &&Attribute| match known {
            Some(id) => a.name == id,
            None => names.get(a.name) == name,
        };
        let attribute = self.0.attributes().iter().find(|a| !a.foreign && same(a))?;
        Some(self.0.text_of(attribute))
    }

    /// The id.
    pub fn id(self) -> Option<&'d str> {
        self.0.known_attr(name::ID)
    }

    /// All attributes with their values.
    pub fn attrs(self) -> impl Iterator<Item = (&'d str, &'d str)> {
        let names = &self.0.0.html.tree.names;
        self.0.attributes().iter().map(move |a| (names.get(a.name), self.0.text_of(a)))
    }

    /// The classes, each once, in the order of their letters.
    pub fn classes(self) -> Classes<'d> {
        let of = |a: &&Attribute| a.name == name::CLASS;
        let all = self.0.attributes().iter().filter(of);
        let mut classes: Vec<&str> =
            all.flat_map(|a| self.0.text_of(a).split_ascii_whitespace()).collect();
        classes.sort_unstable();
        classes.dedup();
        Classes(classes.into_iter())
    }
}

/// The classes of an element.
pub struct Classes<'d>(std::vec::IntoIter<&'d str>);

impl<'d> Iterator for Classes<'d> {
    type Item = &'d str;

    fn next(&mut self) -> Option<&'d str> {
        self.0.next()
    }
}

impl<'d> Node<'d> {
    /// The element, if it is one.
    pub fn as_element(self) -> Option<Value<'d>> {
        match self {
            Node::Element(value) => Some(value),
            _ => None,
        }
    }

    /// Whether it is text.
    pub fn is_text(self) -> bool {
        matches!(self, Node::Text(_))
    }
}

impl std::fmt::Debug for Value<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "<{}", self.name())?;
        for (name, value) in self.attrs() {
            write!(f, " {name}={value:?}")?;
        }
        f.write_str(">")
    }
}

impl std::fmt::Debug for ElementRef<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.value().fmt(f)
    }
}

impl std::fmt::Debug for NodeRef<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.value().fmt(f)
    }
}

impl std::fmt::Debug for Html<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "a tree of {} nodes", self.tree.nodes.len())
    }
}
