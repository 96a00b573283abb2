//! What kind of page it was. Empty and blocked are different words, and both need proof.
//!
//! Order: listings were found → results; the page proves that nothing matches → no results; the answer
//! or the words of a block page → blocked; of a login page → login wall; otherwise unrecognised, which
//! is how a changed layout shows.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::extract::document::Document;
use crate::extract::field::Scope;
use crate::extract::filter::Found;
use crate::extract::layout::Layout;
use crate::listing::Listing;
use crate::page::{Complaint, PageKind};

/// Words of the block pages that stand before many sites, lower case.
const BLOCK_PAGES: [&str; 14] = [
    "just a moment...</title>",
    "attention required! | cloudflare",
    "challenge-platform/h/",
    "pardon our interruption",
    "captcha-delivery.com",
    "px-captcha",
    "_incapsula_resource",
    "request unsuccessful. incapsula",
    "access denied</title>",
    "ich bin kein roboter</title>",
    "g-recaptcha",
    "h-captcha",
    "unusual traffic",
    "too many requests",
];

/// The rules of `[fetch]` and `[check]` about whole pages.
#[derive(Debug, Clone, Default)]
pub struct Judge {
    /// Words of the site's block page, lower case.
    pub blocked_when: Vec<String>,
    /// Words of the site's login page, lower case.
    pub login_when: Vec<String>,
    /// Field → smallest share of listings that should have it.
    pub min_share: BTreeMap<String, f64>,
}

impl Judge {
    /// Judges a page whose listings have been read.
    pub fn kind(&self, document: &Document<'_>, layout: &Layout, listings: usize) -> PageKind {
        if listings > 0 {
            return PageKind::Results;
        }
        let status = document.page.status;
        let good = status.is_none_or(|s| (200..300).contains(&s));
        let empty_feed = document.is_feed() && document.feed().is_empty();
        if good && (empty_feed || proves_empty(document, layout)) {
            return PageKind::NoResults;
        }
        let body = document.body().to_lowercase();
        let says = |words: &[String]| words.iter().any(|w| body.contains(w.as_str()));
        if says(&self.blocked_when) || matches!(status, Some(403 | 429)) {
            return PageKind::Blocked;
        }
        if says(&self.login_when) || status == Some(401) {
            return PageKind::LoginWall;
        }
        if BLOCK_PAGES.iter().any(|words| body.contains(words)) {
            return PageKind::Blocked;
        }
        PageKind::Unrecognised
    }

    /// Complaints about fields that too few listings have.
    pub fn shares(&self, listings: &[Listing]) -> Vec<Complaint> {
        let mut out = Vec::new();
        if listings.is_empty() {
            return out;
        }
        for (field, least) in &self.min_share {
            let with = listings.iter().filter(|l| has(l, field)).count();
            #[expect(clippy::cast_precision_loss, reason = "a page holds few listings")]
            let share = with as f64 / listings.len() as f64;
            if share < *least {
                out.push(Complaint {
                    item: None,
                    field: Some(field.clone()),
                    text: format!(
                        "{with} of {} listings have it, fewer than the share of {least} expected",
                        listings.len()
                    ),
                });
            }
        }
        out
    }
}

/// Whether the page says by itself that nothing matches.
fn proves_empty<'d>(document: &'d Document<'d>, layout: &'d Layout) -> bool {
    let Some(item) = document.root() else { return false };
    let scope = Scope { document, item, places: &layout.places, id: "" };
    layout.empty.iter().any(|alternative| {
        scope.find(alternative, &mut |found: Found<'_>| match found {
            Found::Element(_) => true,
            Found::Text(text) => !text.trim().is_empty(),
            Found::Json(value) => match value.as_ref() {
                Value::Array(list) => list.is_empty(),
                Value::Number(number) => number.as_i64() == Some(0),
                Value::String(text) => text == "0",
                _ => false,
            },
        })
    })
}

/// Whether a listing has a field, by the field's name.
pub fn has(listing: &Listing, field: &str) -> bool {
    match field {
        "id" | "url" | "title" => true,
        "price" => listing.price.is_some(),
        "price_text" => listing.price_text.is_some(),
        "former_price" => listing.former_price.is_some(),
        "location" => listing.location.is_some(),
        "area" => listing.area.is_some(),
        "rooms" => listing.rooms.is_some(),
        "position" => listing.position.is_some(),
        "seller" => listing.seller.is_some(),
        "images" => !listing.images.is_empty(),
        "posted_at" => listing.posted_at.is_some(),
        "description" => listing.description.is_some(),
        "promoted" => listing.promoted,
        name => listing.attributes.contains_key(name),
    }
}
