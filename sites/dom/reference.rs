//! The tree as `html5ever` builds it (through `scraper`), copied into ours.
//!
//! It knows every rule of the HTML Standard, and takes three to six times as long.

use scraper::node::Element;
use scraper::{Html, Node};

use super::{Attribute, Kind, NONE, Span, Tree, place};

/// Parses a page and copies the tree, in page order and without recursion.
pub(super) fn build(page: &str) -> Tree {
    let html = Html::parse_document(page);
    let mut tree = Tree::new();
    let root = html.tree.root();
    let mut node = root;
    let mut parent = NONE;
    loop {
        let id = copy(&mut tree, node.value(), parent);
        if let Some(child) = node.first_child() {
            (node, parent) = (child, id);
            continue;
        }
        loop {
            if node == root {
                tree.link();
                return tree;
            }
            if let Some(next) = node.next_sibling() {
                node = next;
                break;
            }
            let Some(above) = node.parent() else {
                tree.link();
                return tree;
            };
            node = above;
            parent = tree.nodes.get(parent as usize).map_or(NONE, |data| data.parent);
        }
    }
}

fn copy(tree: &mut Tree, node: &Node, parent: u32) -> u32 {
    let kind = match node {
        Node::Document => Kind::Document,
        Node::Fragment => Kind::Fragment,
        Node::Doctype(_) => Kind::Doctype,
        Node::Comment(_) | Node::ProcessingInstruction(_) => Kind::Comment,
        Node::Text(text) => {
            let span = keep(&mut tree.texts, text);
            return tree.add(Kind::Text, 0, parent, span);
        }
        Node::Element(element) => return copy_element(tree, element, parent),
    };
    tree.add(kind, 0, parent, Span::default())
}

fn copy_element(tree: &mut Tree, element: &Element, parent: u32) -> u32 {
    let start = tree.attributes.len();
    for (name, value) in &element.attrs {
        let value = keep(&mut tree.values, value);
        let foreign = !name.ns.is_empty();
        let name = tree.names.intern(&name.local);
        tree.attributes.push(Attribute { name, foreign, value });
    }
    let len = place(tree.attributes.len() - start);
    let kind = if &*element.name.ns == "http://www.w3.org/1999/xhtml" {
        Kind::Element
    } else {
        Kind::Foreign
    };
    let name = tree.names.intern(element.name());
    let span = Span { start: place(start), len, decoded: false };
    let id = tree.add(kind, name, parent, span);
    tree.mark(id, "");
    id
}

fn keep(into: &mut String, text: &str) -> Span {
    let start = place(into.len());
    into.push_str(text);
    Span { start, len: place(text.len()), decoded: true }
}
