//! Comparing what a module read with what the index expects.

use serde_json::Value;
use url::Url;

use crate::listing::{Listing, Money};
use crate::page::{Page, Parsed};
use crate::site::Site;
use crate::transform::currency;
use crate::transform::date;
use crate::transform::money;
use crate::transform::number::{self, Decimal};
use crate::transform::text::{collapse, strip_tags, unescape};

use super::report::PageScore;

/// Compares a list page: counts, ids in order, amounts, samples.
pub(super) fn list(
    expected: &Value,
    parsed: &Parsed,
    site: &Site,
    page: &Page,
    score: &mut PageScore,
) {
    let listings = &parsed.listings;
    let mut number = |what: &str, found: Option<u64>| {
        if let Some(wanted) = expected.get(what).and_then(Value::as_u64) {
            score.check(what, &wanted.to_string(), &shown(found.map(|n| n.to_string())));
        }
    };
    let count = |n: usize| u64::try_from(n).ok();
    let with = listings.iter().filter(|l| l.price.is_some()).count();
    // Ids are unique among listings; a page that repeats one counts it once.
    let repeats = expected.get("unique_ids") != expected.get("count");
    number(if repeats { "unique_ids" } else { "count" }, count(listings.len()));
    if !repeats {
        number("with_amount", count(with));
        number("without_amount", count(listings.len() - with));
        number("promoted", count(listings.iter().filter(|l| l.promoted).count()));
    }
    number("total_results_printed", parsed.total);
    if let Some(next) = expected.get("next_page_url").and_then(Value::as_str) {
        let found = parsed.next.as_ref().map(Url::as_str);
        score.check("next_page_url", next, found.unwrap_or("-"));
    }
    in_order(expected, listings, score);
    for sample in expected.get("listings").and_then(Value::as_array).into_iter().flatten() {
        let id = as_text(sample.get("id"));
        let name = format!("listing {}", as_text(sample.get("position")));
        let found = listings.iter().find(|l| l.id == id);
        score.check(&format!("{name} id"), &id, found.map_or("-", |l| &l.id));
        if let Some(found) = found {
            one(sample, found, site, page, &name, score);
        }
    }
}

/// Compares ids and amounts of all listings in page order.
fn in_order(expected: &Value, listings: &[Listing], score: &mut PageScore) {
    let of = |key: &str| expected.get(key).and_then(Value::as_array).cloned().unwrap_or_default();
    let (ids, amounts) = (of("item_ids"), of("amounts"));
    let mut seen = std::collections::HashSet::new();
    let unique: Vec<usize> =
        (0..ids.len()).filter(|at| seen.insert(as_text(ids.get(*at)))).collect();
    for (place, at) in unique.into_iter().enumerate() {
        let found = listings.get(place);
        let name = format!("item {}", place + 1);
        let id = as_text(ids.get(at));
        score.check(&format!("{name} id"), &id, found.map_or("-", |l| &l.id));
        if let Some(wanted) = amounts.get(at) {
            let found = found.and_then(|l| l.price.as_ref());
            amount(&format!("{name} amount"), wanted, found, score);
        }
    }
}

/// Compares the page of one offer.
pub(super) fn detail(
    expected: &Value,
    parsed: &Parsed,
    site: &Site,
    page: &Page,
    score: &mut PageScore,
) {
    let Some(wanted) = expected.get("listing") else {
        score.check("expected.listing", "an object", "none");
        return;
    };
    let id = as_text(wanted.get("id"));
    let found = parsed.listings.first();
    score.check("id", &id, found.map_or("-", |l| &l.id));
    let Some(found) = found else { return };
    one(wanted, found, site, page, "listing", score);
    let attributes = wanted.get("attributes").and_then(Value::as_object);
    for (name, value) in attributes.into_iter().flatten() {
        extra(name, value, found, site, page, "listing", score);
    }
}

/// Compares one listing with its expected fields.
fn one(
    wanted: &Value,
    found: &Listing,
    site: &Site,
    page: &Page,
    name: &str,
    score: &mut PageScore,
) {
    for (key, value) in wanted.as_object().into_iter().flatten() {
        let what = format!("{name} {key}");
        match key.as_str() {
            "id" | "position" | "attributes" => {}
            "url" => {
                let url = as_text(Some(value));
                score.check_that(&what, same_url(&url, &found.url), &url, &found.url);
            }
            "title" => score.check(&what, &seen(&as_text(Some(value))), &seen(&found.title)),
            "price" => price(&what, value, found, score),
            "amount" => amount(&what, value, found.price.as_ref(), score),
            "currency" => {
                let code = value.as_str().map(currency::canonical);
                let own = found.price.as_ref().map(|m| m.currency.clone());
                score.check(&what, &shown(code), &shown(own));
            }
            "location" => text(&what, value, found.location.as_deref(), score),
            _ => extra(key, value, found, site, page, name, score),
        }
    }
}

/// Compares a value that only some entries have.
fn extra(
    key: &str,
    value: &Value,
    found: &Listing,
    site: &Site,
    page: &Page,
    name: &str,
    score: &mut PageScore,
) {
    let what = format!("{name} {key}");
    let wanted = as_text(Some(value));
    let numeric = |text: &str| number::first(text, '.').map(Decimal::to_f64);
    match key {
        "promoted" => score.check(&what, &wanted, &found.promoted.to_string()),
        "employer" | "seller" => text(&what, value, found.seller.as_deref(), score),
        "old_price" => {
            let old = money::money(&wanted, &site.currency);
            let same = old.is_some() && old == found.former_price;
            score.check_that(&what, same, &wanted, &format!("{:?}", found.former_price));
        }
        "date" => {
            let context = date::Context {
                now: page.fetched_at,
                zone: site.time_zone,
                month_first: site.country == "us",
            };
            let at = date::read(&wanted, context).map(|when| when.at);
            let same = at.is_some() && at == found.posted_at;
            score.check_that(&what, same, &wanted, &shown(found.posted_at.map(|t| t.to_string())));
        }
        "area" => {
            let own = found.area.map(|a| a.0);
            score.check_that(&what, numeric(&wanted) == own, &wanted, &format!("{own:?}"));
        }
        "rooms" => {
            let same = numeric(&wanted) == found.rooms;
            score.check_that(&what, same, &wanted, &format!("{:?}", found.rooms));
        }
        key => text(&what, value, found.attributes.get(key).map(String::as_str), score),
    }
}

/// Compares the printed price. A stored structure (an object in an API) is not a printed text: its
/// amount and currency are compared elsewhere.
pub(super) fn price(what: &str, value: &Value, found: &Listing, score: &mut PageScore) {
    let structure = value.as_str().is_some_and(|t| t.trim_start().starts_with('{'));
    if !structure {
        text(what, value, found.price_text.as_deref(), score);
    }
}

pub(super) fn amount(what: &str, wanted: &Value, found: Option<&Money>, score: &mut PageScore) {
    let own = found.map(|money| Decimal {
        digits: i128::from(money.minor),
        scale: currency::exponent(&money.currency),
    });
    let wanted_text = if wanted.is_null() { "-".to_owned() } else { as_text(Some(wanted)) };
    let same = match Decimal::plain(&wanted_text) {
        Some(wanted) => own == Some(wanted),
        None => wanted.is_null() && own.is_none(),
    };
    score.check_that(what, same, &wanted_text, &shown(own.map(|d| d.to_string())));
}

pub(super) fn text(what: &str, wanted: &Value, found: Option<&str>, score: &mut PageScore) {
    let wanted = if wanted.is_null() { "-".to_owned() } else { collapse(&as_text(Some(wanted))) };
    score.check(what, &wanted, found.unwrap_or("-"));
}

/// A title as a reader sees it: feeds store markup and references escaped.
pub(super) fn seen(title: &str) -> String {
    collapse(&strip_tags(&unescape(title)))
}

/// Same address; query strings may differ, since tracking parameters are dropped.
pub(super) fn same_url(a: &str, b: &str) -> bool {
    let bare = |url: &str| {
        let mut url = Url::parse(url).ok()?;
        url.set_query(None);
        url.set_fragment(None);
        Some(url)
    };
    a == b || (bare(a).is_some() && bare(a) == bare(b))
}

pub(super) fn as_text(value: Option<&Value>) -> String {
    match value {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    }
}

pub(super) fn shown(value: Option<String>) -> String {
    value.unwrap_or_else(|| "-".to_owned())
}
