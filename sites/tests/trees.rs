//! The fast tree against the reference: the same tree, or none. On saved pages (where that folder
//! stands beside the checkout), on pages made to be difficult, and on pages broken at random.

mod pages;

use std::collections::BTreeMap;
use std::fmt::Write as _;

use proptest::prelude::*;
use sites::dom::{ElementRef, Html, Node, Selector, Tree};

/// Selectors of every kind that the language has.
const SELECTORS: [&str; 44] = [
    "*",
    "a",
    "div",
    "a[href]",
    "a[href^='/']",
    "a[href*=offer]",
    "a[href$='.html']",
    "img[src]",
    "[class~=card]",
    "[class|=card]",
    "[data-id]",
    "[DATA-ID]",
    "div > a",
    "div a",
    "ul > li",
    "li + li",
    "li ~ li",
    "li:first-child",
    "li:last-child",
    "li:nth-child(2n+1)",
    "div:nth-of-type(2)",
    "a:only-child",
    "p:empty",
    "*:empty",
    ":root",
    ":root > body",
    "div:not([class])",
    "div:has(> a)",
    "div:has(img, b)",
    ":is(h1, h2, h3) a",
    ":where(ul, ol) > li:last-of-type",
    "table tr td",
    "tr > td:nth-child(2)",
    "svg *",
    "svg path",
    "linearGradient",
    "viewBox",
    "[viewBox]",
    "script[type='application/ld+json']",
    "meta[property]",
    "body *:not(div):not(span)",
    "#main",
    "span.price, b",
    "[type=TEXT i]",
];

/// The tree as text, one node a line.
fn outline(html: Html<'_>) -> String {
    let mut out = String::new();
    let root = html.root();
    let (mut node, mut depth) = (root, 0);
    loop {
        let _ = match node.value() {
            Node::Text(text) => writeln!(out, "{depth} {text:?}"),
            Node::Element(value) => {
                let mut attributes: Vec<_> = value.attrs().collect();
                attributes.sort_unstable();
                let kind = if value.is_html() { "" } else { "foreign " };
                writeln!(out, "{depth} {kind}<{}> {attributes:?}", value.name())
            }
            other => writeln!(out, "{depth} {other:?}"),
        };
        if let Some(child) = node.first_child() {
            node = child;
            depth += 1;
            continue;
        }
        loop {
            if node.id() == root.id() {
                return out;
            }
            if let Some(next) = node.next_sibling() {
                assert_eq!(next.prev_sibling().map(|n| n.id()), Some(node.id()));
                node = next;
                break;
            }
            let Some(parent) = node.parent() else { return out };
            node = parent;
            depth -= 1;
        }
    }
}

/// Compares; says whether the fast builder was sure.
fn same_or_unsure(page: &str) -> Result<(), String> {
    let fast = Tree::fast(page).map_err(|unsure| unsure.to_string())?;
    let reference = Tree::reference(page);
    let (a, b) = (outline(fast.html(page)), outline(reference.html(page)));
    if a != b {
        let at = a.lines().zip(b.lines()).position(|(a, b)| a != b).unwrap_or(0);
        let part = |text: &str| {
            text.lines().skip(at.saturating_sub(4)).take(8).collect::<Vec<_>>().join("\n")
        };
        let page = if page.len() < 2_000 { page } else { "" };
        panic!("line {at}\nfast:\n{}\nreference:\n{}\n{page}", part(&a), part(&b));
    }
    Ok(())
}

/// Places of the elements a selector finds, counted over all elements.
fn found(html: Html<'_>, selector: &Selector) -> Vec<usize> {
    html.select(selector).map(|element| element.id()).collect()
}

/// The same by `scraper` itself.
fn found_by_scraper(html: &scraper::Html, selector: &scraper::Selector) -> Vec<usize> {
    let mut order: BTreeMap<_, usize> = BTreeMap::new();
    for (at, node) in html.tree.root().descendants().enumerate() {
        order.insert(node.id(), at);
    }
    let mut found: Vec<usize> =
        html.select(selector).filter_map(|element| order.get(&element.id()).copied()).collect();
    found.sort_unstable();
    found
}

fn selectors_agree(page: &str) {
    let old = scraper::Html::parse_document(page);
    let reference = Tree::reference(page);
    let fast = Tree::fast(page);
    for text in SELECTORS {
        let selector = Selector::parse(text).unwrap_or_else(|e| panic!("{text}: {e}"));
        let theirs = scraper::Selector::parse(text).unwrap_or_else(|e| panic!("{text}: {e}"));
        let expected = found_by_scraper(&old, &theirs);
        assert_eq!(found(reference.html(page), &selector), expected, "{text}");
        if let Ok(fast) = &fast {
            assert_eq!(found(fast.html(page), &selector), expected, "{text} (fast)");
        }
    }
}

#[test]
fn saved_pages_have_the_same_tree_either_way() {
    let mut unsure: BTreeMap<String, usize> = BTreeMap::new();
    let (mut sure, mut all) = (0, 0);
    for (name, page) in pages::saved() {
        all += 1;
        match same_or_unsure(&page) {
            Ok(()) => sure += 1,
            Err(reason) => {
                println!("{name}: {reason}");
                *unsure.entry(reason).or_default() += 1;
            }
        }
    }
    println!("{sure} of {all} pages are built fast; the others: {unsure:#?}");
    assert!(sure * 100 >= all * 60, "{sure} of {all}: {unsure:#?}");
}

#[test]
fn selectors_find_what_scraper_finds_on_saved_pages() {
    for (at, (_, page)) in pages::saved().into_iter().enumerate() {
        if at % 3 == 0 {
            selectors_agree(&page);
        }
    }
}

#[test]
fn difficult_pages_have_the_same_tree_or_none() {
    let mut sure = 0;
    for page in pages::DIFFICULT {
        sure += usize::from(same_or_unsure(page).is_ok());
        selectors_agree(page);
    }
    assert!(sure * 2 > pages::DIFFICULT.len(), "{sure} of {}", pages::DIFFICULT.len());
}

/// Pieces that broken pages are put together from.
fn piece() -> impl Strategy<Value = String> {
    let name = prop::sample::select(pages::NAMES.to_vec());
    prop_oneof![
        5 => name.clone().prop_map(|n| format!("<{n}>")),
        5 => name.clone().prop_map(|n| format!("</{n}>")),
        2 => (name.clone(), prop::sample::select(pages::ATTRIBUTES.to_vec()))
            .prop_map(|(n, a)| format!("<{n} {a}>")),
        1 => name.prop_map(|n| format!("<{n}/>").to_uppercase()),
        5 => prop::sample::select(pages::PIECES.to_vec()).prop_map(str::to_owned),
    ]
}

proptest! {
    #[test]
    fn tag_soup_has_the_same_tree_or_none(pieces in prop::collection::vec(piece(), 0..40), doctype: bool) {
        let page = format!("{}{}", if doctype { "<!doctype html>" } else { "" }, pieces.concat());
        let _ = same_or_unsure(&page);
        let page = format!("<!DOCTYPE html><html><head><title>t</title></head><body>{}</body></html>", pieces.concat());
        let _ = same_or_unsure(&page);
        selectors_agree(&page);
    }

    #[test]
    fn broken_lists_have_the_same_tree_or_none(
        cuts in prop::collection::vec((0usize..4_000, 0usize..40, piece()), 0..6),
        end in 0usize..8_000,
    ) {
        let mut page = pages::LIST.repeat(3);
        for (at, len, piece) in cuts {
            let floor = |mut at: usize| { at = at.min(page.len()); while !page.is_char_boundary(at) { at -= 1; } at };
            let (from, to) = (floor(at), floor(at + len));
            page.replace_range(from..to, &piece);
        }
        if end > 1_000 {
            let mut end = end.min(page.len());
            while !page.is_char_boundary(end) { end -= 1; }
            page.truncate(end);
        }
        let _ = same_or_unsure(&page);
    }
}

#[test]
fn text_and_classes_read_as_scraper_reads_them() {
    let page = "<!doctype html><p class='b a  b' ID=x title='&lt;'>a<b>&amp;</b><!-- c -->d<svg viewbox=1 />";
    for tree in [Tree::fast(page).unwrap_or_else(|e| panic!("{e}")), Tree::reference(page)] {
        let html = tree.html(page);
        let p = html.select(&Selector::parse("p").unwrap_or_else(|e| panic!("{e}"))).next();
        let p: ElementRef<'_> = p.unwrap_or_else(|| panic!("no p"));
        assert_eq!(p.value().classes().collect::<Vec<_>>(), ["a", "b"]);
        assert_eq!(
            (p.value().id(), p.attr("title"), p.attr("TITLE")),
            (Some("x"), Some("<"), None)
        );
        assert_eq!(p.text().collect::<String>(), "a&d");
        assert_eq!(p.children().count(), 5);
    }
}

/// A page of a megabyte from a repeated piece.
fn megabyte(start: &str, piece: &str) -> String {
    format!("<!doctype html><body>{start}{}", piece.repeat(1_000_000 / piece.len()))
}

/// Steps are counted, not time: the work of a page must grow with its length alone.
#[test]
fn hostile_pages_cost_no_more_than_their_length_allows() {
    let formats: String = (0..60).map(|n| format!("<b c={n}>")).collect();
    let deep = "<div>".repeat(240);
    let names: String = (0..250).map(|n| format!(" a{n}")).collect();
    for page in [
        megabyte("", "<div>"),
        megabyte("", "<div></x>"),
        megabyte(&deep, "</x>"),
        megabyte(&deep, "</p>"),
        megabyte(&deep, "<p>a"),
        megabyte(&deep, "<li>"),
        megabyte(&deep, "<b>a</b></i>"),
        megabyte(&deep, "<option></select>"),
        megabyte(&format!("<div>{formats}</div>"), "<div>x</div>"),
        megabyte("", "<p><b>x"),
        megabyte("", "<a><p>"),
        megabyte("", &format!("<i{names}>x</i>")),
        megabyte("", "a<tr title=&lt;>b</x>"),
        megabyte("", "<table><tr><td>"),
        megabyte("", "</table></td>"),
        megabyte("", "<template>"),
        megabyte("<svg>", "<g></g></x>"),
        megabyte("", "<body a>"),
        megabyte("", "<!---"),
        megabyte("", "<script></scrip"),
        megabyte("", "<select><input>"),
        megabyte("", "&am"),
        megabyte("", "<form></div>"),
        megabyte("", "<x a='"),
    ] {
        let start: String = page.chars().take(300).collect();
        match Tree::fast(&page) {
            Ok(tree) => {
                let tags = page.matches('<').count();
                let (nodes, steps) = (tree.html(&page).len(), tree.steps());
                assert!(nodes <= 2 * tags + 5_000, "{nodes} nodes of {tags} tags: {start}");
                // At most all open elements, of which there are at most 256, some times for each tag.
                assert!(steps <= tags * 4 * 256, "{steps} steps for {tags} tags: {start}");
            }
            Err(unsure) => {
                let read = sites::extract::depth::shallow(&page);
                let tree = Tree::reference(&page[..read]);
                let nodes = tree.html(&page).len();
                assert!(nodes <= 1_500_000, "{nodes} nodes ({unsure}): {start}");
            }
        }
    }
}
