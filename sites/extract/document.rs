//! One page, parsed once: its DOM, its JSON, its feed and what is embedded in it.

use std::cell::OnceCell;
use std::sync::LazyLock;

use memchr::memmem;
use serde_json::Value;
use url::Url;

use crate::dom::{ElementRef, Html, Node, Selector, Tree};
use crate::page::Page;
use crate::transform::text::Collapsed;

use super::{depth, feed, structured};

/// Bodies above this size are cut before parsing, in bytes. The largest real list page seen has 2 MB.
const MAX_BODY: usize = 8 * 1024 * 1024;

/// Text of one element above this length is cut, in bytes.
const MAX_TEXT: usize = 256 * 1024;

/// Where JSON stands inside a page.
#[derive(Debug, Clone)]
pub enum Embedded {
    /// The text of the first element a selector finds that parses as JSON.
    Script(Selector),
    /// The value assigned to a name in a script: `window.__STATE__ = {…}`.
    State(String),
}

/// Where an item came from; the name under which its values are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// The body itself is JSON, or the module's script returned it.
    Api,
    /// An entry of a feed.
    Feed,
    /// JSON embedded in the page.
    Embedded,
    /// A JSON-LD node.
    JsonLd,
}

impl Origin {
    /// The name in [`crate::Parsed::won`].
    pub fn name(self) -> &'static str {
        match self {
            Origin::Api => "api",
            Origin::Feed => "feed",
            Origin::Embedded => "embedded",
            Origin::JsonLd => "json_ld",
        }
    }
}

/// One item of a page: the part a listing is read from.
#[derive(Debug, Clone, Copy)]
pub enum Item<'d> {
    /// An element of the DOM.
    Node(ElementRef<'d>),
    /// A JSON value.
    Json(&'d Value, Origin),
}

/// A parsed page.
pub struct Document<'p> {
    /// The page as fetched.
    pub page: &'p Page,
    /// Base for relative addresses.
    pub base: Url,
    body: &'p str,
    tree: OnceCell<Option<Parsed>>,
    api: OnceCell<Option<Value>>,
    feed: OnceCell<Vec<Value>>,
    nodes: OnceCell<Vec<Value>>,
    embedded: Vec<OnceCell<Option<Value>>>,
}

/// The tree of a page.
struct Parsed {
    tree: Tree,
    /// How much of the body was read.
    len: usize,
}

/// A selector of our own; what is written in this file compiles.
fn own(text: &str) -> Option<Selector> {
    Selector::parse(text).ok()
}

static BASE: LazyLock<Option<Selector>> = LazyLock::new(|| own("base[href]"));
static SHOWN: LazyLock<Option<Selector>> = LazyLock::new(|| own("body > pre:only-of-type"));
static LINKED: LazyLock<Option<Selector>> =
    LazyLock::new(|| own("script[type='application/ld+json']"));

impl<'p> Document<'p> {
    /// Prepares a page; parsing happens when a part is first asked for, once. `embedded` is the number
    /// of embedded places the layout knows.
    pub fn new(page: &'p Page, embedded: usize) -> Document<'p> {
        let body = page.body.as_str();
        let mut end = body.len().min(MAX_BODY);
        while !body.is_char_boundary(end) {
            end -= 1;
        }
        let mut document = Document {
            page,
            base: page.url.clone(),
            body: &body[..end],
            tree: OnceCell::new(),
            api: OnceCell::new(),
            feed: OnceCell::new(),
            nodes: OnceCell::new(),
            embedded: vec![OnceCell::new(); embedded],
        };
        if memmem::find(document.body.as_bytes(), b"<base").is_some() {
            let base = document.html().and_then(|html| {
                let base = html.select(BASE.as_ref()?).next()?;
                page.url.join(base.attr("href")?).ok()
            });
            document.base = base.unwrap_or(document.base);
        }
        document
    }

    /// Whether the body is JSON or XML rather than HTML.
    fn is_data(&self) -> bool {
        self.body.trim_start().starts_with(['{', '[']) || feed::is_feed(self.body)
    }

    /// The DOM; `None` for JSON and feeds. Where the fast builder is not sure of it, the reference
    /// parser reads what nests no deeper than it can bear.
    pub fn html(&self) -> Option<Html<'_>> {
        let parsed = self.tree.get_or_init(|| {
            if self.is_data() {
                return None;
            }
            let len = self.body.len();
            Some(Tree::fast(self.body).map_or_else(
                |_| {
                    let len = depth::shallow(self.body);
                    Parsed { tree: Tree::reference(&self.body[..len]), len }
                },
                |tree| Parsed { tree, len },
            ))
        });
        parsed.as_ref().map(|parsed| parsed.tree.html(self.body))
    }

    /// How many bytes of the page were read; fewer than it has if it was cut.
    pub fn read(&self) -> usize {
        self.tree.get().and_then(Option::as_ref).map_or(self.body.len(), |parsed| parsed.len)
    }

    /// What the module's script returned, or the body if it is JSON.
    pub fn api(&self) -> Option<&Value> {
        if let Some(value) = &self.page.script {
            return Some(value);
        }
        let parse = || {
            let text = self.body.trim_start_matches('\u{feff}').trim();
            if text.starts_with(['{', '[']) {
                return serde_json::from_str(text).ok();
            }
            self.shown_json()
        };
        self.api.get_or_init(parse).as_ref()
    }

    /// JSON as a browser shows it: alone in a `pre`.
    fn shown_json(&self) -> Option<Value> {
        memmem::find(self.body.as_bytes(), b"<body><pre")?;
        let text = raw_text(&self.html()?.select(SHOWN.as_ref()?).next()?);
        text.trim_start().starts_with(['{', '[']).then(|| serde_json::from_str(&text).ok())?
    }

    /// Whether the body is a complete feed.
    pub fn is_feed(&self) -> bool {
        let end = self.body.trim_end();
        let closed = ["</rss>", "</rdf:RDF>", "</feed>"].iter().any(|tag| end.ends_with(tag));
        closed && feed::is_feed(self.body)
    }

    /// The entries, if the body is a feed.
    pub fn feed(&self) -> &[Value] {
        let parse = || if feed::is_feed(self.body) { feed::items(self.body) } else { Vec::new() };
        self.feed.get_or_init(parse)
    }

    /// All JSON-LD nodes of the page.
    pub fn nodes(&self) -> &[Value] {
        self.nodes.get_or_init(|| {
            let (Some(html), Some(selector)) = (self.html(), LINKED.as_ref()) else {
                return Vec::new();
            };
            let blocks = html.select(selector).map(|s| raw_text(&s));
            structured::nodes(blocks.filter_map(|b| structured::parse_json(&b)))
        })
    }

    /// The embedded JSON at a place, parsed once per page.
    pub fn embedded(&self, at: usize, place: &Embedded) -> Option<&Value> {
        self.embedded.get(at)?.get_or_init(|| self.parse_embedded(place)).as_ref()
    }

    fn parse_embedded(&self, place: &Embedded) -> Option<Value> {
        match place {
            Embedded::Script(selector) => self
                .html()?
                .select(selector)
                .find_map(|element| structured::parse_json(&raw_text(&element))),
            Embedded::State(name) => self.body.match_indices(name.as_str()).find_map(|(at, _)| {
                let tail = self.body[at + name.len()..].trim_start();
                let tail = tail.trim_start_matches(['"', '\'', ']']).trim_start();
                let tail = tail.strip_prefix('=').or_else(|| tail.strip_prefix(':'))?.trim_start();
                assigned(tail)
            }),
        }
    }

    /// The whole page as one item.
    pub fn root(&self) -> Option<Item<'_>> {
        match self.api() {
            Some(value) => Some(Item::Json(value, Origin::Api)),
            None => self.html().map(|html| Item::Node(html.root_element())),
        }
    }

    /// The body, for searching words.
    pub fn body(&self) -> &str {
        self.body
    }
}

/// The JSON value at the start of a script text; `JSON.parse("…")` is opened.
fn assigned(text: &str) -> Option<Value> {
    let quoted = text.strip_prefix("JSON.parse(");
    let mut values =
        serde_json::Deserializer::from_str(quoted.unwrap_or(text)).into_iter::<Value>();
    match values.next()?.ok()? {
        Value::String(inner) if quoted.is_some() => serde_json::from_str(&inner).ok(),
        value @ (Value::Object(_) | Value::Array(_)) => Some(value),
        _ => None,
    }
}

/// All text of an element as it stands, for scripts.
pub fn raw_text(element: &ElementRef<'_>) -> String {
    element.text().collect()
}

/// The text a reader sees: white space collapsed, blocks kept apart, scripts and styles left out.
pub fn text_of(element: &ElementRef<'_>) -> String {
    let mut out = Collapsed::default();
    let mut seen = 0;
    element.seen(|text| {
        if seen < MAX_TEXT {
            seen += text.len();
            out.push(text);
        }
    });
    out.finish()
}

/// Only the text that stands directly in an element, not in its children.
pub fn own_text(element: &ElementRef<'_>) -> String {
    let mut out = Collapsed::default();
    for child in element.children() {
        match child.value() {
            Node::Text(text) => out.push(text),
            _ => out.push(" "),
        }
    }
    out.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn page(body: &str) -> Result<Page, url::ParseError> {
        Ok(Page {
            url: Url::parse("https://example.com/a/b")?,
            status: None,
            content_type: None,
            body: body.to_owned(),
            script: None,
            fetched_at: chrono::DateTime::UNIX_EPOCH,
        })
    }

    #[test]
    fn json_is_found_as_a_body_in_a_browser_and_from_a_script() -> Result<(), url::ParseError> {
        let wanted = json!({"a": "<b>"});
        for body in [
            "{\"a\": \"<b>\"}",
            "<html><head></head><body><pre>{\"a\": \"&lt;b&gt;\"}</pre></body></html>",
        ] {
            let page = page(body)?;
            assert_eq!(Document::new(&page, 0).api(), Some(&wanted), "{body}");
        }
        let page = Page { script: Some(wanted.clone()), ..page("<p>x")? };
        assert_eq!(Document::new(&page, 0).api(), Some(&wanted));
        Ok(())
    }

    #[test]
    fn state_is_found_where_a_script_assigns_it() -> Result<(), url::ParseError> {
        let place = Embedded::State("window.__S__".to_owned());
        for body in [
            "<script>if(window.__S__){} window.__S__ = {\"n\": 1};go()</script>",
            "<script>window.__S__=JSON.parse(\"{\\\"n\\\": 1}\")</script>",
            "<script>window.__S__ = {\"n\": 1}</script>",
        ] {
            let page = page(body)?;
            assert_eq!(
                Document::new(&page, 1).embedded(0, &place),
                Some(&json!({"n": 1})),
                "{body}"
            );
        }
        Ok(())
    }

    #[test]
    fn text_keeps_blocks_apart_and_leaves_scripts_out() -> Result<(), url::ParseError> {
        let page = page("<div id=x>a<b>b</b><p>c</p><script>no</script><br>d</div>")?;
        let document = Document::new(&page, 0);
        let selector = Selector::parse("#x").expect("a selector");
        let element = document.html().and_then(|html| html.select(&selector).next());
        assert_eq!(element.map(|e| text_of(&e)).as_deref(), Some("ab c d"));
        assert_eq!(element.map(|e| own_text(&e)).as_deref(), Some("a d"));
        Ok(())
    }

    #[test]
    fn relative_addresses_follow_the_base_element() -> Result<(), url::ParseError> {
        let page = page("<head><base href='/base/'></head>")?;
        assert_eq!(Document::new(&page, 0).base.as_str(), "https://example.com/base/");
        Ok(())
    }
}
