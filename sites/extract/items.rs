//! From items to listings: reads every field, counts which source won, complains about the rest.

use std::collections::{BTreeMap, HashSet};

use chrono_tz::Tz;
use serde_json::Value;

use crate::listing::{Listing, Money, Position};
use crate::page::Complaint;
use crate::transform::{currency, date, image, measure, money, number, position};

use super::document::{Document, Item, Origin};
use super::field::{As, Field, Scope};
use super::filter::Found;
use super::layout::{Layout, Pairs, entry};
use super::source::Alternative;

/// What the site is like: needed to understand its prices, numbers and dates.
#[derive(Debug, Clone)]
pub struct Locale {
    /// ISO 4217 code of the prices.
    pub currency: String,
    /// The zone of printed times.
    pub zone: Tz,
    /// The decimal mark of the country.
    pub decimal: char,
    /// Whether `03/04/2026` means March 4.
    pub month_first: bool,
}

/// What was read from all items of a page.
#[derive(Debug, Default)]
pub struct Reading {
    /// Listings in page order, ids unique.
    pub listings: Vec<Listing>,
    /// What could not be read.
    pub complaints: Vec<Complaint>,
    /// Field → source → how often it won.
    pub won: BTreeMap<String, BTreeMap<String, usize>>,
}

/// Items above this number on one page are not read; real pages hold a few hundred at most.
const MAX_ITEMS: usize = 5_000;

/// The attribute that says whether an offer can be had, if the module knows how its pages say so: a word of
/// `gone_when`, or [`OFFERED`].
pub const STATE: &str = "state";

/// See [`STATE`]: the page would mark a reserved offer, and does not mark this one.
pub const OFFERED: &str = "offered";

/// Reads all listings of a page in this layout.
pub fn read(layout: &Layout, document: &Document<'_>, locale: &Locale) -> Reading {
    let mut first: Option<Reading> = None;
    for source in &layout.items {
        let items = source.items(document, &layout.places);
        if items.is_empty() {
            continue;
        }
        let reading = read_items(layout, document, &items, locale);
        if !reading.listings.is_empty() {
            return reading;
        }
        first.get_or_insert(reading);
    }
    first.unwrap_or_default()
}

fn read_items<'d>(
    layout: &'d Layout,
    document: &'d Document<'d>,
    items: &[Item<'d>],
    locale: &Locale,
) -> Reading {
    let mut reading = Reading::default();
    let mut seen: HashSet<String> = HashSet::new();
    for (at, item) in items.iter().take(MAX_ITEMS).enumerate() {
        let scope = Scope { document, item: *item, places: &layout.places, id: "" };
        let mut reader = Reader { scope, locale, at: at + 1, reading: &mut reading };
        let Some(listing) = reader.listing(layout) else { continue };
        if seen.insert(listing.id.clone()) {
            reading.listings.push(listing);
        }
    }
    reading
}

/// Reads one item.
struct Reader<'r, 'd> {
    scope: Scope<'d>,
    locale: &'r Locale,
    at: usize,
    reading: &'r mut Reading,
}

/// A value of a field in its final form.
enum Read {
    Text(String),
    Money(Money, String),
    Number(f64),
    Point(Position),
    When(chrono::DateTime<chrono::Utc>),
    Images(Vec<String>),
    Flag,
}

impl<'d> Reader<'_, 'd> {
    fn listing(&mut self, layout: &Layout) -> Option<Listing> {
        let by_name = |name: &str| layout.fields.iter().find(|f| f.name == name);
        let id = self.mandatory(by_name("id"), "id", "")?;
        let url = self.mandatory(by_name("url"), "url", &id)?;
        let title = self.mandatory(by_name("title"), "title", &id)?;
        let mut listing = Listing::new(id, url, title);
        for field in &layout.fields {
            if !matches!(field.name.as_str(), "id" | "url" | "title") {
                self.optional(field, &mut listing);
            }
        }
        for pairs in &layout.pairs {
            self.pairs(pairs, &mut listing);
        }
        if let Some(word) = state(layout, &self.scope) {
            listing.attributes.insert(STATE.to_owned(), word.to_owned());
        }
        Some(listing)
    }

    /// Reads `id`, `url` or `title`; without it the item becomes a complaint.
    fn mandatory(&mut self, field: Option<&Field>, name: &str, id: &str) -> Option<String> {
        let value = field.and_then(|field| self.value(field, id));
        if let Some(Read::Text(text)) = value {
            return Some(text);
        }
        let text = format!("no {name} in the item; it is skipped");
        self.reading.complaints.push(Complaint {
            item: Some(self.at),
            field: Some(name.to_owned()),
            text,
        });
        None
    }

    fn optional(&mut self, field: &Field, listing: &mut Listing) {
        let id = listing.id.clone();
        let value = self.value(field, &id);
        if value.is_none() && field.kind != As::Flag {
            self.complain_unread(field, &id, listing);
        }
        if let Some(value) = value {
            put(listing, &field.name, value);
        }
    }

    /// A printed text that gives no value is worth a word, unless it is a price in words ("VB").
    fn complain_unread(&mut self, field: &Field, id: &str, listing: &mut Listing) {
        let scope = Scope { id, ..self.scope };
        let printed = field.alternatives.iter().find_map(|a| scope.first_text(a));
        let Some(printed) = printed else { return };
        if field.name == "price" {
            listing.price_text.get_or_insert(printed);
            return;
        }
        if matches!(field.kind, As::Text | As::Image | As::Url) {
            return;
        }
        let shown: String = printed.chars().take(60).collect();
        self.reading.complaints.push(Complaint {
            item: Some(self.at),
            field: Some(field.name.clone()),
            text: format!("`{shown}` could not be read"),
        });
    }

    /// The first valid value, in the order of the alternatives; the winner is counted.
    fn value(&mut self, field: &Field, id: &str) -> Option<Read> {
        let scope = Scope { id, ..self.scope };
        for (at, alternative) in field.alternatives.iter().enumerate() {
            let mut images = Vec::new();
            let mut out = None;
            scope.find(alternative, &mut |found| {
                if field.kind == As::Image {
                    collect_image(&found, &scope, &mut images);
                    return images.len() >= 20;
                }
                out = self.convert(field, &scope, &found);
                out.is_some()
            });
            if !images.is_empty() {
                out = Some(Read::Images(images));
            }
            if out.is_some() {
                let mut name = scope.source_name(alternative).to_owned();
                let same = |a: &&super::source::Alternative| scope.source_name(a) == name;
                let before = field.alternatives[..at].iter().filter(same).count();
                if before > 0 {
                    name = format!("{name}#{}", before + 1);
                }
                let counts = self.reading.won.entry(field.name.clone()).or_default();
                *counts.entry(name).or_default() += 1;
                return out;
            }
        }
        None
    }

    fn convert(&self, field: &Field, scope: &Scope<'d>, found: &Found<'d>) -> Option<Read> {
        let mut text = found.text()?;
        if let Some(mapped) = field.map.get(&text) {
            text.clone_from(mapped);
        }
        let decimal = field.decimal.unwrap_or(self.locale.decimal);
        if field.kind == As::Flag {
            return truthy(found, &text).then_some(Read::Flag);
        }
        if text.is_empty() {
            return None;
        }
        let numeric = match found {
            Found::Json(value) => matches!(value.as_ref(), Value::Number(_)),
            _ => false,
        };
        match field.kind {
            As::Text => Some(Read::Text(text)),
            As::Url => {
                let url = scope.document.base.join(&text).ok()?;
                matches!(url.scheme(), "http" | "https").then(|| Read::Text(url.to_string()))
            }
            As::Money => self.money(field, scope, &text, numeric).map(|m| Read::Money(m, text)),
            As::Number if numeric => text.parse().ok().map(Read::Number),
            As::Number => number::first(&text, decimal).map(|d| Read::Number(d.to_f64())),
            As::Area if numeric => text.parse().ok().filter(|v: &f64| *v > 0.0).map(Read::Number),
            As::Area => {
                // A machine-readable number ("81.8") keeps its dot, whatever the country.
                let plain = number::Decimal::plain(&text).filter(|_| is_json(found));
                plain
                    .map(|d| d.to_f64())
                    .or_else(|| measure::area(&text, decimal).map(|a| a.0))
                    .filter(|v| *v > 0.0)
                    .map(Read::Number)
            }
            As::Rooms => {
                let plain = number::Decimal::plain(&text).filter(|_| is_json(found));
                let mark = if plain.is_some() { '.' } else { decimal };
                measure::rooms(&text, mark).map(Read::Number)
            }
            As::Position => position::read(&text).map(Read::Point),
            As::Date => {
                let context = date::Context {
                    now: scope.document.page.fetched_at,
                    zone: self.locale.zone,
                    month_first: self.locale.month_first,
                };
                date::read(&text, context).map(|when| Read::When(when.at))
            }
            As::Image | As::Flag => None,
        }
    }

    fn money(&self, field: &Field, scope: &Scope<'d>, text: &str, numeric: bool) -> Option<Money> {
        let named = field.currency.as_ref().and_then(|a| scope.first_text(a));
        let own = named.map_or_else(
            || self.locale.currency.clone(),
            |name| currency::resolve(&name, None).unwrap_or_else(|| currency::canonical(&name)),
        );
        if own.len() != 3 {
            return None;
        }
        if numeric {
            let text = text.parse::<f64>().ok().map(|v| format!("{v}")).unwrap_or_default();
            let minor = number::Decimal::plain(&text)?.minor(currency::exponent(&own))?;
            return (minor >= 0).then_some(Money { minor, currency: own });
        }
        let context = money::Context { currency: Some(&own), hint: None, decimal: field.decimal };
        money::read(text, context)?.money()
    }

    fn pairs(&mut self, pairs: &Pairs, listing: &mut Listing) {
        let scope = Scope { id: &listing.id.clone(), ..self.scope };
        let origin = match scope.item {
            Item::Json(_, origin) => origin,
            Item::Node(_) => Origin::Api,
        };
        let mut found = Vec::new();
        scope.find(&pairs.each, &mut |value| {
            found.extend(entry(value, origin));
            found.len() >= 200
        });
        for item in found {
            let inner = Scope { item, ..scope };
            let name = inner.first_text(&pairs.name);
            let value = inner.first_text(&pairs.value);
            if let (Some(name), Some(value)) = (name, value) {
                let name = name.trim_end_matches(':').trim().to_owned();
                listing.attributes.entry(name).or_insert(value);
            }
        }
    }
}

/// What a layout says about an offer being to be had: the word of the first sign that it is not, or, where it knows
/// how a reserved offer is marked, that this one is not marked.
pub(crate) fn state<'l>(layout: &'l Layout, scope: &Scope<'_>) -> Option<&'l str> {
    let says = |found: Found<'_>| truthy(&found, &found.text().unwrap_or_default());
    let shown = |proof: &Alternative| scope.find(proof, &mut |found| says(found));
    let sign = layout.gone.iter().find(|(_, proof)| shown(proof));
    let marks = || layout.gone.iter().any(|(word, _)| word == "reserved");
    sign.map(|(word, _)| word.as_str()).or_else(|| marks().then_some(OFFERED))
}

fn is_json(found: &Found<'_>) -> bool {
    matches!(found, Found::Json(_))
}

fn collect_image(found: &Found<'_>, scope: &Scope<'_>, images: &mut Vec<String>) {
    let address = match found {
        Found::Element(element) => image::of_element(element),
        other => other.text().map(|t| image::widest(&t).filter(|_| t.contains(' ')).unwrap_or(t)),
    };
    let absolute = address.and_then(|a| image::absolute(&a, &scope.document.base));
    images.extend(absolute.filter(|a| !images.contains(a)));
}

/// Whether a flag is set: an element that exists, a text that does not say no.
pub(crate) fn truthy(found: &Found<'_>, text: &str) -> bool {
    matches!(found, Found::Element(_))
        || !matches!(text, "" | "false" | "False" | "0" | "no" | "null" | "[]" | "{}")
}

/// Puts a value where it belongs; a field the listing does not know becomes an attribute.
fn put(listing: &mut Listing, name: &str, value: Read) {
    match (name, value) {
        ("price", Read::Money(money, text)) => {
            listing.price = Some(money);
            listing.price_text.get_or_insert(text);
        }
        ("former_price", Read::Money(money, _)) => listing.former_price = Some(money),
        ("price_text", Read::Text(text)) => listing.price_text = Some(text),
        ("location", Read::Text(text)) => listing.location = Some(text),
        ("seller", Read::Text(text)) => listing.seller = Some(text),
        ("description", Read::Text(text)) => listing.description = Some(text),
        ("area", Read::Number(value)) => listing.area = Some(crate::listing::Area(value)),
        ("rooms", Read::Number(value)) => listing.rooms = Some(value),
        ("position", Read::Point(point)) => listing.position = Some(point),
        ("posted_at", Read::When(at)) => listing.posted_at = Some(at),
        ("images", Read::Images(images)) => listing.images = images,
        ("promoted", Read::Flag) => listing.promoted = true,
        (name, value) => {
            listing.attributes.insert(name.to_owned(), as_text(value));
        }
    }
}

fn as_text(value: Read) -> String {
    match value {
        Read::Text(text) | Read::Money(_, text) => text,
        Read::Number(number) => number.to_string(),
        Read::Point(point) => format!("{}, {}", point.lat, point.lon),
        Read::When(at) => at.to_rfc3339(),
        Read::Images(images) => images.join(" "),
        Read::Flag => "yes".to_owned(),
    }
}
