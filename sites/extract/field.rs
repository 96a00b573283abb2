//! One field of a listing: its alternatives, and how the first valid value is found.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde_json::Value;

use crate::dom::ElementRef;

use super::document::{Document, Embedded, Item, text_of};
use super::filter::{Filter, Found};
use super::source::{Alternative, Piece, Source, Take};
use super::structured;

/// What a value becomes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum As {
    /// A line of text.
    Text,
    /// An amount of money.
    Money,
    /// A plain number.
    Number,
    /// Square metres.
    Area,
    /// A number of rooms.
    Rooms,
    /// A point on the earth.
    Position,
    /// A moment.
    Date,
    /// An absolute address.
    Url,
    /// Pictures.
    Image,
    /// Whether something is there.
    Flag,
}

impl As {
    /// All names, for messages.
    pub const NAMES: [&'static str; 10] =
        ["text", "money", "number", "area", "rooms", "position", "date", "url", "image", "flag"];

    /// The transform of this name.
    pub fn named(name: &str) -> Option<As> {
        Some(match name {
            "text" => As::Text,
            "money" => As::Money,
            "number" => As::Number,
            "area" => As::Area,
            "rooms" => As::Rooms,
            "position" => As::Position,
            "date" => As::Date,
            "url" => As::Url,
            "image" => As::Image,
            "flag" => As::Flag,
            _ => return None,
        })
    }
}

/// How a field is read.
#[derive(Debug, Clone)]
pub struct Field {
    /// Name of the field, as in [`crate::Listing`].
    pub name: String,
    /// What the value becomes.
    pub kind: As,
    /// Ways to read it, in the fixed order of sources.
    pub alternatives: Vec<Alternative>,
    /// For money: where the currency stands, if apart.
    pub currency: Option<Alternative>,
    /// Replacements of whole values (`ONE` → `1`).
    pub map: BTreeMap<String, String>,
    /// The decimal mark, where it is not that of the country.
    pub decimal: Option<char>,
}

/// What reading needs beside the field.
#[derive(Clone, Copy)]
pub struct Scope<'d> {
    /// The page.
    pub document: &'d Document<'d>,
    /// The item.
    pub item: Item<'d>,
    /// The embedded places of the layout.
    pub places: &'d [Embedded],
    /// The id of the item, once it is known.
    pub id: &'d str,
}

impl<'d> Scope<'d> {
    /// Hands every value an alternative finds to `sink`, until it has enough.
    pub fn find(&self, alternative: &Alternative, sink: &mut dyn FnMut(Found<'d>) -> bool) -> bool {
        let item = if alternative.page {
            match self.document.root() {
                Some(root) => root,
                None => return false,
            }
        } else {
            self.item
        };
        let mut each = |found: Found<'d>| Filter::apply(&alternative.filters, found, &mut *sink);
        match (&alternative.source, item) {
            (Source::Path(path), Item::Json(value, _)) => {
                path.all(value).into_iter().any(|v| each(json(v)))
            }
            (Source::Embedded(at, path), _) => {
                let Some(place) = self.places.get(*at) else { return false };
                let Some(value) = self.document.embedded(*at, place) else { return false };
                path.all(value).into_iter().any(|v| each(json(v)))
            }
            (Source::JsonLd(kind, path), _) => self
                .document
                .nodes()
                .iter()
                .filter(|n| kind.as_ref().is_none_or(|k| structured::is_kind(n, k)))
                .any(|node| path.all(node).into_iter().any(|v| each(json(v)))),
            (Source::Microdata(selector), Item::Node(node)) => node
                .select(selector)
                .any(|e| each(Found::Text(Cow::Owned(structured::microdata_value(&e))))),
            (Source::OpenGraph(selector), _) => self.document.html().is_some_and(|html| {
                html.select(selector)
                    .filter_map(|e| e.value().attr("content"))
                    .any(|content| each(Found::Text(Cow::Borrowed(content))))
            }),
            (Source::Css(None, take), Item::Node(node)) => taken(node, take).is_some_and(each),
            (Source::Css(Some(selector), take), Item::Node(node)) => {
                node.select(selector).filter_map(|e| taken(e, take)).any(each)
            }
            (Source::Text, Item::Node(node)) => each(Found::Text(Cow::Owned(text_of(&node)))),
            (Source::Url, _) => each(Found::Text(Cow::Borrowed(self.document.page.url.as_str()))),
            (Source::Const(text), _) => each(Found::Text(Cow::Owned(text.clone()))),
            (Source::Template(pieces), _) => {
                self.fill(pieces).is_some_and(|text| each(Found::Text(Cow::Owned(text))))
            }
            // A source for another kind of item: the module serves several kinds of page.
            (Source::Path(_), Item::Node(_))
            | (Source::Microdata(_) | Source::Css(..) | Source::Text, Item::Json(..)) => false,
        }
    }

    /// The first text an alternative finds that is not empty.
    pub fn first_text(&self, alternative: &Alternative) -> Option<String> {
        let mut out = None;
        self.find(alternative, &mut |found| {
            out = found.text().filter(|t| !t.is_empty());
            out.is_some()
        });
        out
    }

    fn fill(&self, pieces: &[Piece]) -> Option<String> {
        let mut out = String::new();
        for piece in pieces {
            match piece {
                Piece::Literal(text) => out.push_str(text),
                Piece::Id if self.id.is_empty() => return None,
                Piece::Id => out.push_str(self.id),
                Piece::Value(alternative) => out.push_str(&self.first_text(alternative)?),
            }
        }
        Some(out)
    }

    /// The name under which a win of this alternative is counted.
    pub fn source_name(&self, alternative: &Alternative) -> &'static str {
        match (&alternative.source, self.item) {
            (Source::Path(_), Item::Json(_, origin)) if !alternative.page => origin.name(),
            _ => alternative.name(),
        }
    }
}

fn json(value: &Value) -> Found<'_> {
    Found::Json(Cow::Borrowed(value))
}

fn taken<'d>(element: ElementRef<'d>, take: &Take) -> Option<Found<'d>> {
    match take {
        Take::Whole => Some(Found::Element(element)),
        Take::Attribute(name) => element.value().attr(name).map(|v| Found::Text(Cow::Borrowed(v))),
    }
}
