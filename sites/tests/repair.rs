//! Repairs on changed layouts: the saved pages of every module, rewritten by a seeded mutator as a site would
//! rewrite them, with the listings of the old page as what is known.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use scraper::{Html, Node};
use serde_json::Value;
use sites::builtin::BUILTIN;
use sites::repair::repair_keeping;
use sites::testing::{self, Case};
use sites::{Listing, Page, PageKind, Site};

type Tree<'d> = <scraper::ElementRef<'d> as std::ops::Deref>::Target;

/// What a site does to its pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Change {
    /// Classes, ids and data attributes get other names.
    Names,
    /// The same, made by a build tool.
    Hashes,
    /// Other elements for the same things.
    Tags,
    /// Other elements, other names, and everything in one box more.
    Nesting,
    /// Members of the data get other names, and the data stands elsewhere.
    Keys,
}

/// A rewriter whose answers depend on its seed alone.
struct Mutator {
    change: Change,
    seed: u64,
}

const WORDS: [&str; 24] = [
    "tile", "unit", "entry", "headline", "cost", "spot", "figure", "caption", "meta", "sum",
    "panel", "body", "offer", "lead", "note", "label", "media", "origin", "stamp", "person",
    "block", "line", "grid", "stack",
];

impl Mutator {
    fn number(&self, text: &str) -> u64 {
        let start = 0xcbf2_9ce4_8422_2325_u64 ^ self.seed.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        text.bytes()
            .fold(start, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
    }

    fn word(&self, text: &str) -> String {
        let number = self.number(text);
        let pick = |n: u64| WORDS[usize::try_from(n % 24).unwrap_or(0)];
        match self.change {
            Change::Hashes => {
                let letters: Vec<u8> =
                    (0..7).map(|at| b'a' + (number >> (at * 5)).to_le_bytes()[0] % 26).collect();
                format!("css-{}{}", String::from_utf8_lossy(&letters), number % 90 + 10)
            }
            _ => format!("{}-{}{}", pick(number), pick(number >> 8), letters_of(number >> 16)),
        }
    }

    fn tag<'t>(&self, tag: &'t str) -> &'t str {
        if !matches!(self.change, Change::Tags | Change::Nesting) {
            return tag;
        }
        match (tag, self.seed % 2) {
            ("li" | "article" | "section", 0) => "div",
            ("li", _) => "article",
            ("article" | "section", _) => "li",
            ("ul" | "ol", _) => "div",
            ("h2" | "h1", _) => "h4",
            ("h3", _) => "strong",
            ("span", 0) => "small",
            ("p", _) => "div",
            ("b", _) => "em",
            _ => tag,
        }
    }

    fn renames(&self) -> bool {
        matches!(self.change, Change::Names | Change::Hashes | Change::Nesting)
    }

    fn page(&self, page: &Page) -> Page {
        let text = page.body.trim_start();
        let body = if text.starts_with(['{', '[']) {
            serde_json::from_str(text).map(|v: Value| self.keys(v).to_string()).unwrap_or_default()
        } else {
            let html = Html::parse_document(&page.body);
            let mut out = String::from("<!doctype html>");
            self.node(*html.root_element(), &mut out);
            out
        };
        Page { body, ..page.clone() }
    }

    /// Other names for all members of all objects.
    fn keys(&self, value: Value) -> Value {
        if self.change != Change::Keys {
            return value;
        }
        match value {
            Value::Array(list) => list.into_iter().map(|inner| self.keys(inner)).collect(),
            Value::Object(map) => {
                let renamed = map.into_iter().map(|(name, inner)| {
                    let keep = self.number(&name).is_multiple_of(3) || name.starts_with('@');
                    let name = if keep {
                        name
                    } else {
                        format!("{name}{}", letters_of(self.number(&name)))
                    };
                    (name, self.keys(inner))
                });
                Value::Object(renamed.collect())
            }
            other => other,
        }
    }

    fn node(&self, node: Tree<'_>, out: &mut String) {
        match node.value() {
            Node::Text(text) => {
                let script = node
                    .parent()
                    .and_then(|p| p.value().as_element().map(|e| e.name() == "script"));
                if script == Some(true) {
                    match serde_json::from_str(text) {
                        Ok(value) => out.push_str(&self.keys(value).to_string()),
                        Err(_) => out.push_str(text),
                    }
                } else {
                    out.push_str(&text.replace('&', "&amp;").replace('<', "&lt;"));
                }
            }
            Node::Element(element) => {
                let tag = self.tag(element.name());
                let _ = write!(out, "<{tag}");
                for (name, value) in element.attrs() {
                    let (name, value) = self.attribute(name, value);
                    let _ = write!(
                        out,
                        " {name}=\"{}\"",
                        value.replace('&', "&amp;").replace('"', "&quot;")
                    );
                }
                out.push('>');
                if matches!(tag, "img" | "br" | "input" | "meta" | "link" | "hr") {
                    return;
                }
                let boxed =
                    self.change == Change::Nesting && matches!(tag, "div" | "li" | "small" | "h4");
                out.push_str(if boxed { "<span>" } else { "" });
                for child in node.children() {
                    self.node(child, out);
                }
                out.push_str(if boxed { "</span>" } else { "" });
                let _ = write!(out, "</{tag}>");
            }
            _ => {}
        }
    }

    fn attribute(&self, name: &str, value: &str) -> (String, String) {
        let is_name = !value.bytes().any(|b| b.is_ascii_digit());
        match name {
            "class" if self.renames() => {
                let words = value.split_whitespace().map(|class| self.word(class));
                (name.to_owned(), words.collect::<Vec<_>>().join(" "))
            }
            "id" if is_name && (self.renames() || self.change == Change::Keys) => {
                (name.to_owned(), self.word(value))
            }
            _ if name.starts_with("data-") && self.renames() && self.change != Change::Hashes => {
                let value =
                    if is_name && value.len() < 60 { self.word(value) } else { value.to_owned() };
                (format!("data-{}", letters_of(self.number(name))), value)
            }
            _ => (name.to_owned(), value.to_owned()),
        }
    }
}

fn letters_of(number: u64) -> String {
    (0..4).map(|at| char::from(b'a' + (number >> (at * 7)).to_le_bytes()[0] % 26)).collect()
}

fn saved(id: &str) -> Vec<Case> {
    testing::cases(&Path::new(env!("CARGO_MANIFEST_DIR")).join(id)).unwrap_or_default()
}

/// Id, address, title, price.
type Fact = (String, String, String, Option<sites::Money>);

/// What must be read again.
fn facts(listings: &[Listing]) -> Vec<Fact> {
    listings
        .iter()
        .map(|l| (l.id.clone(), l.url.clone(), l.title.clone(), l.price.clone()))
        .collect()
}

/// Whether everything that was read is right, though something may be missing.
fn is_part_of(read: &[Fact], before: &[Fact]) -> bool {
    read.iter().all(|now| {
        before.iter().any(|old| {
            (&now.0, &now.1, &now.2) == (&old.0, &old.1, &old.2)
                && (now.3.is_none() || now.3 == old.3)
        })
    })
}

#[derive(Default, Debug)]
struct Score {
    broken: usize,
    repaired: usize,
}

/// Runs a kind of change over all pages; answers the score and every wrong reading that was accepted.
fn run(
    changes: &[Change],
    is_kind: fn(&Page) -> bool,
) -> (Score, BTreeMap<String, Score>, Vec<String>) {
    let mut score = Score::default();
    let mut by_site: BTreeMap<String, Score> = BTreeMap::new();
    let mut wrong = Vec::new();
    for module in BUILTIN {
        let Ok(site) = Site::from_toml(module.id, module.toml) else { continue };
        let cases = saved(module.id);
        for case in
            cases.iter().filter(|case| case.kind == PageKind::Results && is_kind(&case.page))
        {
            let before = site.parse(&case.page).listings;
            if before.len() < 2 || site.is_detail(&case.page.url) {
                continue;
            }
            for change in changes {
                for seed in 0..2 + 2 * u64::from(*change == Change::Keys) {
                    let page = Mutator { change: *change, seed }.page(&case.page);
                    if facts(&site.parse(&page).listings) == facts(&before) {
                        continue;
                    }
                    score.broken += 1;
                    let own = by_site.entry(format!("{}/{}", module.id, case.name)).or_default();
                    own.broken += 1;
                    let name = format!("{} {} {change:?} {seed}", module.id, case.name);
                    match repair_keeping(module.toml, &page, &before, &cases) {
                        Ok(repaired) => {
                            let now =
                                Site::from_toml(module.id, &repaired.toml).expect("it compiles");
                            let read = now.parse(&page).listings;
                            if facts(&read) == facts(&before) {
                                score.repaired += 1;
                                own.repaired += 1;
                            } else if is_part_of(&facts(&read), &facts(&before)) {
                                println!("{name}: incomplete");
                            } else {
                                let changes = &repaired.changes;
                                wrong.push(format!("{name}: {changes:?}\n{:?}", facts(&read)));
                            }
                        }
                        Err(no) => println!("{name}: {no}"),
                    }
                }
            }
        }
    }
    (score, by_site, wrong)
}

fn is_html(page: &Page) -> bool {
    let text = page.body.trim_start();
    text.starts_with('<') && !text.starts_with("<?xml") && !text.contains("__NEXT_DATA__")
}

fn is_data(page: &Page) -> bool {
    let text = page.body.trim_start();
    text.starts_with(['{', '[']) || text.contains("__NEXT_DATA__")
}

#[test]
fn most_changed_pages_are_repaired_and_none_is_read_wrongly() {
    let changes = [Change::Names, Change::Hashes, Change::Tags, Change::Nesting];
    let (score, by_site, wrong) = run(&changes, is_html);
    println!("{score:?} {by_site:#?}");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(score.broken >= 60, "{score:?}");
    assert!(score.repaired * 100 >= score.broken * 80, "{score:?} {by_site:#?}");
}

#[test]
fn changed_data_is_repaired_and_none_is_read_wrongly() {
    let (score, by_site, wrong) = run(&[Change::Keys], is_data);
    println!("{score:?} {by_site:#?}");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(score.broken >= 24, "{score:?}");
    assert!(score.repaired * 100 >= score.broken * 80, "{score:?} {by_site:#?}");
}
