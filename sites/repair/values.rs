//! Single values: what is known of a listing, and what a text of the page would become.

use chrono::{DateTime, Utc};
use serde_json::Value as Json;
use url::Url;

use crate::extract::field::As;
use crate::extract::filter::Found;
use crate::extract::items::Locale;
use crate::listing::{Listing, Money};
use crate::transform::text::collapse;
use crate::transform::{date, image, measure, money, number};

use super::spec::FieldSpec;

/// A value of a field in a form that can be compared.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value {
    /// A line of text, or an absolute address.
    Text(String),
    /// An amount.
    Money(Money),
    /// A number, an area, rooms.
    Number(f64),
    /// A moment.
    When(DateTime<Utc>),
}

/// Dates that differ by less are the same: pages round them.
const ROUNDED_HOURS: i64 = 2;

impl Value {
    /// Whether two values say the same.
    pub(super) fn same(&self, other: &Value) -> bool {
        match (self, other) {
            (Value::Text(a), Value::Text(b)) => a == b,
            (Value::Money(a), Value::Money(b)) => a == b,
            (Value::Number(a), Value::Number(b)) => (a - b).abs() < 1e-6,
            (Value::When(a), Value::When(b)) => {
                (*a - *b).abs() <= chrono::TimeDelta::hours(ROUNDED_HOURS)
            }
            _ => false,
        }
    }

    /// The text, if it is one.
    pub(super) fn text(&self) -> Option<&str> {
        match self {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }
}

/// What is known of a field of a listing; flags are never sought, for "not there" is no value.
pub(super) fn known(field: &FieldSpec, listing: &Listing) -> Option<Value> {
    let text = |text: &Option<String>| text.clone().map(|t| Value::Text(collapse(&t)));
    if field.attribute {
        return listing.attributes.get(&field.name).map(|t| Value::Text(collapse(t)));
    }
    match field.name.as_str() {
        "id" => Some(Value::Text(listing.id.clone())),
        "url" => Some(Value::Text(listing.url.clone())),
        "title" => Some(Value::Text(collapse(&listing.title))),
        "price" => listing.price.clone().map(Value::Money),
        "price_text" => text(&listing.price_text),
        "former_price" => listing.former_price.clone().map(Value::Money),
        "location" => text(&listing.location),
        "area" => listing.area.map(|area| Value::Number(area.0)),
        "rooms" => listing.rooms.map(Value::Number),
        "seller" => text(&listing.seller),
        "images" => listing.images.first().cloned().map(Value::Text),
        "posted_at" => listing.posted_at.map(Value::When),
        "description" => text(&listing.description),
        _ => None,
    }
}

/// Against what a page is read.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reader<'a> {
    /// The site's currency, zone and marks.
    pub(super) locale: &'a Locale,
    /// Base of relative addresses.
    pub(super) base: &'a Url,
    /// When the page was fetched.
    pub(super) now: DateTime<Utc>,
}

impl Reader<'_> {
    /// What the engine would make of a found value.
    pub(super) fn convert(&self, field: &FieldSpec, found: &Found<'_>) -> Option<Value> {
        if field.kind == As::Image {
            let address = match found {
                Found::Element(element) => image::of_element(element)?,
                other => {
                    let text = other.text()?;
                    image::widest(&text).filter(|_| text.contains(' ')).unwrap_or(text)
                }
            };
            return image::absolute(&address, self.base).map(Value::Text);
        }
        let mut text = found.text()?;
        if let Some(mapped) = field.map.get(&text) {
            text.clone_from(mapped);
        }
        let json = matches!(found, Found::Json(_));
        let numeric = matches!(found, Found::Json(v) if matches!(v.as_ref(), Json::Number(_)));
        let decimal = field.decimal.unwrap_or(self.locale.decimal);
        let plain = || number::Decimal::plain(&text).filter(|_| json).map(|d| d.to_f64());
        match field.kind {
            _ if text.is_empty() => None,
            As::Text => Some(Value::Text(text)),
            As::Url => {
                let url = self.base.join(&text).ok()?;
                matches!(url.scheme(), "http" | "https").then(|| Value::Text(url.to_string()))
            }
            As::Money if field.attribute => {
                self.money(field, &text, numeric).map(|_| Value::Text(text))
            }
            As::Money => self.money(field, &text, numeric).map(Value::Money),
            As::Number => {
                let value =
                    plain().or_else(|| number::first(&text, decimal).map(|d| d.to_f64()))?;
                Some(if field.attribute {
                    Value::Text(value.to_string())
                } else {
                    Value::Number(value)
                })
            }
            As::Area => plain()
                .or_else(|| measure::area(&text, decimal).map(|a| a.0))
                .filter(|value| *value > 0.0)
                .map(Value::Number),
            As::Rooms => {
                let mark = if plain().is_some() { '.' } else { decimal };
                measure::rooms(&text, mark).map(Value::Number)
            }
            As::Date => {
                let context = date::Context {
                    now: self.now,
                    zone: self.locale.zone,
                    month_first: self.locale.month_first,
                };
                date::read(&text, context).map(|when| Value::When(when.at))
            }
            As::Image | As::Flag | As::Position => None,
        }
    }

    fn money(&self, field: &FieldSpec, text: &str, numeric: bool) -> Option<Money> {
        let own = self.locale.currency.as_str();
        if numeric {
            let minor =
                number::Decimal::plain(text)?.minor(crate::transform::currency::exponent(own))?;
            return (minor >= 0).then(|| Money { minor, currency: own.to_owned() });
        }
        let context = money::Context { currency: Some(own), hint: None, decimal: field.decimal };
        money::read(text, context)?.money()
    }
}
