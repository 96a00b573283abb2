//! One offer found on a site, in values that other parts can compare and print.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// The stable name of a listing: the site module's id and the site's own id of the offer.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ListingKey {
    /// Id of the site module, for example `kleinanzeigen`.
    pub site: String,
    /// The site's id of the offer, as text.
    pub id: String,
}

/// An amount of money, exact.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Money {
    /// Amount in the smallest unit of the currency (cents; yen for JPY).
    pub minor: i64,
    /// ISO 4217 code, upper case.
    pub currency: String,
}

/// A floor or plot area in square metres.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Serialize, Deserialize)]
pub struct Area(pub f64);

/// A point on the earth (WGS 84), in degrees.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Position {
    /// Latitude, −90 to 90, north positive.
    pub lat: f64,
    /// Longitude, −180 to 180, east positive.
    pub lon: f64,
}

/// One offer as read from a page. Only `id`, `url` and `title` are mandatory; an unread value is
/// `None`: unknown, never zero and never today.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Listing {
    /// The site's id of the offer.
    pub id: String,
    /// Absolute address of the offer's own page.
    pub url: String,
    /// Title as printed, white space collapsed.
    pub title: String,
    /// Asking price.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub price: Option<Money>,
    /// The price as printed, white space collapsed (shown when no amount could be read).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub price_text: Option<String>,
    /// The struck-through price that the page prints beside the asking price.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub former_price: Option<Money>,
    /// Place as printed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location: Option<String>,
    /// Living area, square metres.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub area: Option<Area>,
    /// Number of rooms.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rooms: Option<f64>,
    /// Where it is, if the page says so exactly.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub position: Option<Position>,
    /// Name or kind of the seller as printed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seller: Option<String>,
    /// Absolute addresses of pictures, best first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub images: Vec<String>,
    /// When the offer was published, if the page says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub posted_at: Option<DateTime<Utc>>,
    /// Short description as printed on the page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Whether the site marks the offer as paid promotion.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub promoted: bool,
    /// Further fields of the module, by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub attributes: BTreeMap<String, String>,
}

impl Listing {
    /// An offer of which nothing is known but the mandatory values.
    pub fn new(id: impl Into<String>, url: impl Into<String>, title: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            url: url.into(),
            title: title.into(),
            price: None,
            price_text: None,
            former_price: None,
            location: None,
            area: None,
            rooms: None,
            position: None,
            seller: None,
            images: Vec::new(),
            posted_at: None,
            description: None,
            promoted: false,
            attributes: BTreeMap::new(),
        }
    }
}
