//! How one kind of page (a list, or one offer) is laid out: where items stand, how fields are read.

use super::document::{Document, Embedded, Item, Origin};
use super::field::Field;
use super::filter::Found;
use super::source::{Alternative, Source};
use super::structured;

/// Names and values of further attributes, from lists such as `<li>Rooms <span>3</span></li>`.
#[derive(Debug, Clone)]
pub struct Pairs {
    /// The entries, inside the item.
    pub each: Alternative,
    /// The name, inside an entry.
    pub name: Alternative,
    /// The value, inside an entry.
    pub value: Alternative,
}

/// The layout of one kind of page.
#[derive(Debug, Clone)]
pub struct Layout {
    /// Where items stand, in the fixed order of sources; the first that yields a listing counts.
    pub items: Vec<ItemSource>,
    /// The fields, `id`, `url` and `title` first.
    pub fields: Vec<Field>,
    /// Further attributes.
    pub pairs: Vec<Pairs>,
    /// Number of all results, as the page prints it.
    pub total: Vec<Alternative>,
    /// Address of the next page.
    pub next: Vec<Alternative>,
    /// Positive proof that nothing matches: an element, or an empty list or zero in JSON.
    pub empty: Vec<Alternative>,
    /// Proof that an offer is no longer to be had, each with the word for it (`sold`, `reserved`, `gone`): inside the
    /// item of a list, anywhere on an offer's own page.
    pub gone: Vec<(String, Alternative)>,
    /// Places of embedded JSON that fields name by number.
    pub places: Vec<Embedded>,
}

/// Where items stand.
#[derive(Debug, Clone)]
pub enum ItemSource {
    /// The entries of a feed.
    Feed,
    /// Any source that finds elements or JSON values.
    Found(Alternative),
}

impl ItemSource {
    /// Rank in the fixed order of sources.
    pub fn rank(&self) -> u8 {
        match self {
            ItemSource::Feed => 0,
            ItemSource::Found(alternative) => alternative.rank(),
        }
    }

    /// All items of a page.
    pub fn items<'d>(&self, document: &'d Document<'d>, places: &'d [Embedded]) -> Vec<Item<'d>> {
        let alternative = match self {
            ItemSource::Feed => {
                return document.feed().iter().map(|v| Item::Json(v, Origin::Feed)).collect();
            }
            ItemSource::Found(alternative) => alternative,
        };
        match (&alternative.source, document.root()) {
            (Source::Path(path), Some(Item::Json(root, origin))) => {
                path.all(root).into_iter().map(|v| Item::Json(v, origin)).collect()
            }
            (Source::Embedded(at, path), _) => {
                let value = places.get(*at).and_then(|place| document.embedded(*at, place));
                let all = value.map(|v| path.all(v)).unwrap_or_default();
                all.into_iter().map(|v| Item::Json(v, Origin::Embedded)).collect()
            }
            (Source::JsonLd(kind, path), _) => document
                .nodes()
                .iter()
                .filter(|n| kind.as_ref().is_none_or(|k| structured::is_kind(n, k)))
                .flat_map(|n| path.all(n))
                .map(|v| Item::Json(v, Origin::JsonLd))
                .collect(),
            (Source::Css(None, _), Some(root @ Item::Node(_))) => vec![root],
            (Source::Css(Some(selector), _), Some(Item::Node(_))) => {
                // From the document, not from its root element: `html:has(…)` may be an item.
                let all = document.html().into_iter().flat_map(|html| html.select(selector));
                all.map(Item::Node).collect()
            }
            _ => Vec::new(),
        }
    }
}

/// The items inside an entry, for [`Pairs`]: elements or JSON values that live as long as the page.
pub fn entry(found: Found<'_>, origin: Origin) -> Option<Item<'_>> {
    match found {
        Found::Element(element) => Some(Item::Node(element)),
        Found::Json(std::borrow::Cow::Borrowed(value)) => Some(Item::Json(value, origin)),
        _ => None,
    }
}
