//! What one run brought, in numbers that can be compared with other runs.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use sites::{Listing, Parsed};

/// How often a field was there, and where it came from.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FieldCount {
    /// Items that have it.
    pub filled: u64,
    /// Items that could have it.
    pub of: u64,
    /// Place of the page → how often it gave the value.
    pub by: BTreeMap<String, u64>,
}

/// The counts of one run.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct RunCounts {
    /// Listings.
    pub items: u64,
    /// Fields by name; attributes as `attributes.name`.
    pub fields: BTreeMap<String, FieldCount>,
    /// Bytes of the page.
    pub bytes: u64,
    /// How long the run took, ms.
    pub millis: u64,
    /// By which road the page came.
    pub rung: String,
    /// Whether the page has its end (see [`is_whole`]).
    pub whole: bool,
    /// When the latest of the listings was published, as far as the page says so.
    pub newest: Option<DateTime<Utc>>,
}

impl RunCounts {
    /// Counts what a parser made of a page whose text is `body`.
    pub fn of(parsed: &Parsed, body: &str, bytes: u64, millis: u64, rung: &str) -> Self {
        let items = parsed.listings.len() as u64;
        let mut fields: BTreeMap<String, FieldCount> = BTreeMap::new();
        for listing in &parsed.listings {
            for name in filled(listing) {
                fields.entry(name).or_default().filled += 1;
            }
        }
        for name in ["id", "url", "title"] {
            let skipped = parsed
                .complaints
                .iter()
                .filter(|one| one.item.is_some() && one.field.as_deref() == Some(name))
                .count() as u64;
            let field = fields.entry(name.to_owned()).or_default();
            (field.filled, field.of) = (items, items + skipped);
        }
        for (name, by) in &parsed.won {
            let field = fields.entry(name.clone()).or_default();
            field.by = by.iter().map(|(place, count)| (place.clone(), *count as u64)).collect();
        }
        for field in fields.values_mut() {
            field.of = field.of.max(items);
        }
        let newest = parsed.listings.iter().filter_map(|one| one.posted_at).max();
        let (whole, rung) = (is_whole(body), rung.to_owned());
        Self { items, fields, bytes, millis, rung, whole, newest }
    }
}

/// Names of the optional fields that a listing has.
fn filled(listing: &Listing) -> impl Iterator<Item = String> + '_ {
    OPTIONAL
        .iter()
        .filter(|name| has(listing, name))
        .map(|name| (*name).to_owned())
        .chain(listing.attributes.keys().map(|name| format!("attributes.{name}")))
}

/// The optional fields of a listing.
pub const OPTIONAL: [&str; 9] = [
    "price",
    "former_price",
    "location",
    "area",
    "rooms",
    "seller",
    "images",
    "posted_at",
    "description",
];

/// Whether a listing has an optional field; of a price, words count too ("on request").
pub fn has(listing: &Listing, field: &str) -> bool {
    match field {
        "price" => listing.price.is_some(),
        "former_price" => listing.former_price.is_some(),
        "location" => listing.location.is_some(),
        "area" => listing.area.is_some(),
        "rooms" => listing.rooms.is_some(),
        "seller" => listing.seller.is_some(),
        "images" => !listing.images.is_empty(),
        "posted_at" => listing.posted_at.is_some(),
        "description" => listing.description.is_some(),
        _ => false,
    }
}

/// Whether a page has its end: a document of HTML its closing tag, another one its last bracket. A page that
/// never had one says nothing; the profile knows.
pub fn is_whole(body: &str) -> bool {
    let end = body.trim_end();
    let tail: String = end.chars().rev().take(400).collect::<Vec<_>>().into_iter().rev().collect();
    tail.to_ascii_lowercase().contains("</html") || end.ends_with(['}', ']'])
}

#[cfg(test)]
mod tests {
    use super::*;
    use sites::{Complaint, Money, PageKind};

    #[test]
    fn items_without_a_mandatory_field_count_as_missing_it() {
        let mut listing = Listing::new("1", "https://example.com/1", "A flat");
        listing.price = Some(Money { minor: 1, currency: "EUR".into() });
        let parsed = Parsed {
            kind: PageKind::Results,
            listings: vec![listing, Listing::new("2", "https://example.com/2", "B")],
            complaints: vec![Complaint {
                item: Some(3),
                field: Some("url".into()),
                text: "no url in the item; it is skipped".into(),
            }],
            won: BTreeMap::from([("price".into(), BTreeMap::from([("json_ld".into(), 1)]))]),
            total: None,
            next: None,
        };
        let counts = RunCounts::of(&parsed, "<html></html>", 10, 5, "http");
        let share = |name: &str| (counts.fields[name].filled, counts.fields[name].of);
        assert_eq!(counts.items, 2);
        assert_eq!((share("url"), share("id"), share("price")), ((2, 3), (2, 2), (1, 2)));
        assert_eq!(counts.fields["price"].by["json_ld"], 1);
    }

    #[test]
    fn a_page_is_whole_when_it_has_its_end() {
        for whole in ["<p>a</p></body></html>\n", "</HTML> <!-- cached -->", "{\"a\":1}\n", "[]"] {
            assert!(is_whole(whole), "{whole}");
        }
        for cut in ["<html><p>a", "", "{\"a\":[1,", "<html></ht"] {
            assert!(!is_whole(cut), "{cut}");
        }
    }
}
