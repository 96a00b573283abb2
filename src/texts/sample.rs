//! What a search offers right now, as one message, so that a watch does not begin with silence. The bot sends
//! it with a new watch; the scraper sends it to those who came before the first good run. Pure.
//!
//! ```text
//! This is what “Demo flats” offers now:
//!
//! • Bright flat near the park — €1,450, Berlin
//! • Loft with balcony — €980.50
//! • Room in a shared flat — price on request
//! ```
//!
//! Titles link to the offers. A price that was read is printed by us; one that was not read is printed as the
//! page had it.

use sites::Listing;

use super::builder::{TEXT_LIMIT, TextBuilder, shorten, web_address};
use super::money::money;
use super::{Value, say};
use crate::domain::{ChangeKind, EntityKind, Filter, Language, Outgoing};

/// Listings in a sample at most.
pub const SAMPLE: usize = 3;

/// Longest name of a search or of an offer, UTF-16 units.
const NAME: usize = 120;
/// Longest price as the page had it, UTF-16 units.
const PRICE: usize = 40;
/// Longest place, UTF-16 units.
const PLACE: usize = 60;

/// The sample of the search `title`, if there is anything to show; the first [`SAMPLE`] listings are.
pub fn sample<'a>(
    title: &str,
    listings: impl IntoIterator<Item = &'a Listing>,
    language: Language,
) -> Option<Outgoing> {
    let mut listings = listings.into_iter().take(SAMPLE).peekable();
    listings.peek()?;
    let mut text = TextBuilder::new(TEXT_LIMIT);
    let title = shorten(title, NAME);
    text.push(&say(language, "sample-head", &[("title", Value::Text(&title))])).line();
    for listing in listings {
        line(&mut text, language, listing);
    }
    let (text, entities) = text.finish();
    Some(Outgoing { entities, ..Outgoing::text(text) })
}

/// Whether a filter wants a listing of the module `site`, whatever kinds of change it is for: a sample is none of
/// them.
pub fn wants(filter: &Filter, site: &str, listing: &Listing) -> bool {
    let kind = filter.changes.first().copied().unwrap_or(ChangeKind::New);
    filter.wants(kind, site, listing)
}

fn line(text: &mut TextBuilder, language: Language, listing: &Listing) {
    let name = shorten(&listing.title, NAME);
    text.line().push("• ");
    match web_address(&listing.url) {
        Some(url) => text.styled(EntityKind::Link(url.to_string()), |link| {
            link.push(&name);
        }),
        None => text.push(&name),
    };
    let price = match (&listing.price, &listing.price_text) {
        (Some(price), _) => Some(money(price, language)),
        (None, Some(printed)) => shown(printed, PRICE),
        (None, None) => None,
    };
    let place = listing.location.as_deref().and_then(|place| shown(place, PLACE));
    let rest: Vec<_> = price.into_iter().chain(place).collect();
    if !rest.is_empty() {
        text.push(" — ").push(&rest.join(", "));
    }
}

fn shown(text: &str, limit: usize) -> Option<String> {
    (!text.trim().is_empty()).then(|| shorten(text, limit))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listing(value: serde_json::Value) -> Listing {
        serde_json::from_value(value).expect("a listing")
    }

    #[test]
    fn it_shows_three_offers_with_links_prices_and_places() {
        let price = serde_json::json!({ "minor": 95_000, "currency": "EUR" });
        let listings = [
            listing(serde_json::json!({
                "id": "1", "url": "https://a.example/1", "title": "Loft", "price": price, "location": "Berlin"
            })),
            listing(serde_json::json!({
                "id": "2", "url": "javascript:alert(1)", "title": "Room\u{202e}", "price_text": "on\nrequest"
            })),
            listing(serde_json::json!({ "id": "3", "url": "https://a.example/3", "title": " " })),
            listing(
                serde_json::json!({ "id": "4", "url": "https://a.example/4", "title": "Not shown" }),
            ),
        ];
        let message = sample("Flats", &listings, Language::En).expect("something to show");
        assert_eq!(
            message.text,
            "This is what “Flats” offers now:\n\n• Loft — €950, Berlin\n• Room — on request\n• …"
        );
        let links: Vec<&EntityKind> = message.entities.iter().map(|one| &one.kind).collect();
        let link = |url: &str| EntityKind::Link(url.into());
        assert_eq!(links, [&link("https://a.example/1"), &link("https://a.example/3")]);
    }

    #[test]
    fn an_empty_search_has_no_sample() {
        assert_eq!(sample("Flats", [], Language::Uk), None);
    }
}
