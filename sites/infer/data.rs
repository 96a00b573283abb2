//! Arrays of alike objects: in a JSON body, a feed, JSON-LD, or the state a script carries.
//!
//! An object is an offer if it has a name and something of its own (an address or an id). Members are
//! typed by their values first; their names decide between members of the same type.

use std::sync::LazyLock;

use crate::dom::Selector;
use regex::Regex;
use serde_json::Value;

use crate::extract::document::{Document, raw_text};
use crate::extract::structured::{self, parse_json};

use crate::transform::text::unescape;

use super::address;
use super::cards::ratio;
use super::columns::{Column, columns};
use super::draft::{Draft, Source};
use super::guess::Home;
use super::outline;

/// Values visited in one place.
const MAX_VALUES: usize = 300_000;

/// Objects compared.
pub(super) const MAX_OBJECTS: usize = 50;

/// Arrays of one place that are proposed.
const MAX_ARRAYS: usize = 2;

/// A place that holds JSON: how a module names it, up to the path.
struct Place {
    source: Source,
    prefix: String,
    value: Value,
}

/// All proposals of the data in a page.
pub(super) fn drafts(document: &Document<'_>, home: &Home) -> Vec<Draft> {
    let mut out = Vec::new();
    let feed: Vec<&Value> = document.feed().iter().collect();
    if !feed.is_empty() {
        out.extend(draft(Source::Feed, "feed".to_owned(), &feed, document, home));
        return out;
    }
    for place in places(document) {
        let mut arrays = Vec::new();
        let mut left = MAX_VALUES;
        collect(&place.value, "$".to_owned(), 0, &mut left, &mut arrays);
        let mut drafts: Vec<(usize, Draft)> = arrays
            .into_iter()
            .filter_map(|(path, objects)| {
                let item = format!("{}{path}", place.prefix);
                Some((objects.len(), draft(place.source, item, &objects, document, home)?))
            })
            .collect();
        drafts.sort_by_key(|(count, draft)| std::cmp::Reverse(count * draft.fields.len().pow(2)));
        out.extend(drafts.into_iter().take(MAX_ARRAYS).map(|(_, draft)| draft));
    }
    out
}

fn places(document: &Document<'_>) -> Vec<Place> {
    if let Some(value) = document.api() {
        return vec![Place { source: Source::Api, prefix: String::new(), value: value.clone() }];
    }
    let mut out = Vec::new();
    for (at, node) in document.nodes().iter().enumerate().take(50) {
        let kind = node.get("@type").and_then(Value::as_str).unwrap_or("*");
        let earlier = document.nodes()[..at].iter().any(|n| structured::is_kind(n, kind));
        if !earlier {
            let prefix = format!("jsonld:{} ", kind.rsplit(['/', ':']).next().unwrap_or("*"));
            out.push(Place { source: Source::JsonLd, prefix, value: node.clone() });
        }
    }
    let (Some(html), Ok(selector)) = (document.html(), Selector::parse("script")) else {
        return out;
    };
    for script in html.select(&selector) {
        let value = script.value();
        let text = raw_text(&script);
        let json = value.attr("type").is_some_and(|t| t.ends_with("json") && !t.contains("ld+"));
        if let Some(id) = value.attr("id").filter(|_| json) {
            if let Some(value) = parse_json(&text) {
                let prefix = format!("script[id='{}'] | jsonpath ", id.replace(['\'', '\\'], ""));
                out.push(Place { source: Source::Embedded, prefix, value });
            }
            continue;
        }
        out.extend(assigned(&text));
    }
    out
}

static ASSIGNED: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"((?:window|self|globalThis)\.[A-Za-z_$][\w$.]*)\s*=\s*(JSON\.parse\()?[\[{\x22]")
        .ok()
});

/// State a script assigns to a name: `window.__STATE__ = {…}`.
fn assigned(text: &str) -> Vec<Place> {
    let Some(re) = ASSIGNED.as_ref() else { return Vec::new() };
    let mut out = Vec::new();
    for found in re.captures_iter(text).take(20) {
        let (Some(all), Some(name)) = (found.get(0), found.get(1)) else { continue };
        let mut values = serde_json::Deserializer::from_str(&text[all.end() - 1..]).into_iter();
        let Some(Ok(value)) = values.next() else { continue };
        let value = match value {
            Value::String(inner) if found.get(2).is_some() => serde_json::from_str(&inner).ok(),
            value @ (Value::Object(_) | Value::Array(_)) => Some(value),
            _ => None,
        };
        if let Some(value) = value {
            let prefix = format!("state:{} ", name.as_str());
            out.push(Place { source: Source::Embedded, prefix, value });
        }
    }
    out
}

/// Finds arrays and maps whose members are mostly objects with members in common.
fn collect<'v>(
    value: &'v Value,
    path: String,
    depth: usize,
    left: &mut usize,
    out: &mut Vec<(String, Vec<&'v Value>)>,
) {
    if depth > 40 || *left == 0 {
        return;
    }
    *left -= 1;
    match value {
        Value::Array(list) => {
            let objects: Vec<&Value> = list.iter().filter(|v| v.is_object()).collect();
            if objects.len() >= 2 && objects.len() * 2 > list.len() {
                // Lists of JSON-LD wrap what they list.
                let wrapped: Vec<&Value> = objects
                    .iter()
                    .filter_map(|v| v.get("item").filter(|i| i.is_object()))
                    .collect();
                if wrapped.len() * 2 > objects.len() {
                    out.push((format!("{path}[*].item"), wrapped));
                }
                out.push((format!("{path}[*]"), objects));
            }
            // Alike objects hold alike lists; a look into the first ones is enough.
            for (at, inner) in list.iter().enumerate().take(4) {
                collect(inner, format!("{path}[{at}]"), depth + 1, left, out);
            }
        }
        Value::Object(map) => {
            let objects: Vec<&Value> = map.values().filter(|v| v.is_object()).collect();
            let keyed = map.keys().filter(|k| k.bytes().any(|b| b.is_ascii_digit())).count();
            if objects.len() >= 3 && keyed == map.len() {
                out.push((format!("{path}[*]"), objects));
            }
            for (name, inner) in map.iter().take(500) {
                if let Some(member) = member(name) {
                    collect(inner, format!("{path}{member}"), depth + 1, left, out);
                }
            }
        }
        _ => {}
    }
}

/// A member as a step of a path.
pub(super) fn member(name: &str) -> Option<String> {
    (!name.contains(['\'', '\\', '|', '{', '}'])).then(|| format!("['{name}']"))
}

fn draft(
    source: Source,
    item: String,
    objects: &[&Value],
    document: &Document<'_>,
    home: &Home,
) -> Option<Draft> {
    let columns = columns(objects);
    let count = objects.len().min(MAX_OBJECTS);
    let pick = |score: &dyn Fn(&Column) -> f64, least: f64| {
        let scored = columns.iter().map(|c| (score(c), c)).filter(|(s, _)| *s >= least);
        scored.reduce(|best, next| if next.0 > best.0 { next } else { best }).map(|(_, c)| c)
    };
    let mut draft = Draft::new(source, item, home);
    let unique = |c: &Column| ratio(c.texts.len(), count) * c.distinct();
    let url = pick(
        &|c| {
            let links = c.share(count, |t| is_address(t, document));
            let named =
                c.named(&["url", "link", "href", "@id", "permalink", "uri", "path", "alternate"]);
            let picture = c.named(&[
                "image", "img", "photo", "picture", "logo", "thumb", "icon", "api", "report",
                "self",
            ]);
            let served = c.share(count, |t| t.contains("//api."));
            links
                * c.distinct()
                * (0.3 + named)
                * c.shallow()
                * (1.0 - picture)
                * (1.0 - 0.7 * served)
        },
        0.25,
    );
    let id = pick(
        &|c| {
            let token = c.share(count, |t| t.len() <= 60 && !t.contains(' ') && !t.contains('/'));
            let named = c.named(&["id", "sku", "itemid", "listingid", "guid", "identifier"]);
            let exact = c.last() == "id" || c.last().ends_with("id") || c.last() == "sku";
            unique(c) * token * c.shallow().powi(2) * if exact { named.max(0.7) } else { 0.0 }
        },
        0.25,
    );
    let title = pick(
        &|c| {
            let words = c.share(count, |t| {
                !t.starts_with("http") && t.chars().filter(|c| c.is_alphabetic()).count() >= 3
            });
            let named = c.named(&[
                "title",
                "name",
                "headline",
                "subject",
                "heading",
                "position",
                "titel",
                "titre",
                "titulo",
                "bezeichnung",
            ]);
            let spaced = c.share(count, |t| t.contains(' ') || !t.is_ascii());
            let short = c.share(count, |t| t.chars().count() <= 200);
            let other =
                c.named(&["seller", "brand", "category", "author", "employer", "agent", "area"]);
            words
                * c.distinct()
                * named
                * short
                * (0.3 + 0.7 * spaced)
                * c.shallow()
                * (1.0 - 0.7 * other)
        },
        0.1,
    )?;
    let urls = address_sources(url, id, document)?;
    if url.is_none() && source != Source::Api {
        draft.weight = 0.5;
    }
    draft.field("id", ids(url, id));
    draft.field("url", urls);
    let markup = if title.texts.iter().any(|t| t.contains('&') || t.contains('<')) {
        " | unescape | strip_tags"
    } else {
        ""
    };
    draft.field("title", vec![format!("{}{markup}", title.path)]);
    price(&mut draft, &columns, title, count);
    let place = pick(
        &|c| {
            let fits = c.share(count, |t| t.chars().any(char::is_alphabetic) && t.len() < 120);
            let place = [
                "location",
                "city",
                "address",
                "locality",
                "place",
                "addresslocality",
                "town",
                "ort",
                "ville",
                "ciudad",
            ];
            fits * c.named(&place) * c.shallow()
        },
        0.2,
    );
    draft.field("location", place.map(|c| vec![c.path.clone()]).unwrap_or_default());
    let image = pick(
        &|c| {
            let fits = c.share(count, |t| t.starts_with("http") || t.starts_with('/'));
            let picture = ["image", "photo", "picture", "thumb", "img", "enclosure", "media"];
            fits * c.named(&picture) * c.shallow()
        },
        0.1,
    );
    draft.field("images", image.map(|c| vec![c.path.clone()]).unwrap_or_default());
    let date = pick(
        &|c| {
            let fits = c.share(count, |t| {
                t.len() >= 10 && t.bytes().filter(|b| b.is_ascii_digit()).count() >= 6
            });
            fits * c.named(&["published", "pubdate", "created", "date", "posted", "listed"])
                * c.shallow()
        },
        0.3,
    );
    draft.field("posted_at", date.map(|c| vec![c.path.clone()]).unwrap_or_default());
    (draft.fields.iter().any(|(name, _)| name == "id")).then_some(draft)
}

fn is_address(text: &str, document: &Document<'_>) -> bool {
    (text.starts_with("http") || text.starts_with('/'))
        && !text.contains(' ')
        && ![".jpg", ".jpeg", ".png", ".webp", ".svg"].iter().any(|end| text.contains(end))
        && outline::address(text, &document.base).is_some()
}

/// The address as it stands; without one, the page with the id as a fragment.
fn address_sources(
    url: Option<&Column>,
    id: Option<&Column>,
    document: &Document<'_>,
) -> Option<Vec<String>> {
    if let Some(url) = url {
        return Some(vec![url.path.clone()]);
    }
    let page = document.page.url.as_str().split('#').next()?;
    let id = id?;
    Some(vec![format!("template:{}#{{{}}}", page.replace(['{', '}', '|'], ""), id.path)])
}

fn ids(url: Option<&Column>, id: Option<&Column>) -> Vec<String> {
    if let Some(id) = id {
        return vec![id.path.clone()];
    }
    let Some(url) = url else { return Vec::new() };
    let texts: Vec<&str> = url.texts.iter().map(String::as_str).collect();
    address::id_pattern(&texts)
        .map(|pattern| vec![format!("{} | regex {pattern}", url.path)])
        .unwrap_or_default()
}

/// A price inside a text, for feeds that print it in the title.
const PRINTED: &str =
    r"((?:[$€£¥₽]|EUR|USD|GBP|CHF|R\$) ?\d[\d.,]*|\d[\d.,]* ?(?:[€£₽]|EUR|USD|CHF|zł|kr))";

fn price(draft: &mut Draft, columns: &[Column], title: &Column, count: usize) {
    let home = draft.home.currency.clone();
    let own = home.as_str();
    let names = ["price", "lowprice", "amount", "totalprice", "cost", "salary", "preis", "now"];
    let score = |c: &Column| {
        let number = |t: &str| t.parse::<f64>().is_ok();
        let fits = c.share(count, |t| number(t) || outline::is_money(t, own));
        let other =
            c.named(&["old", "was", "original", "unit", "per", "currency", "former", "type"]);
        let mut named = c.named(&names);
        if named == 0.0 {
            named = 0.6 * c.share(count, |t| outline::is_money(t, own));
        }
        fits.sqrt() * named * c.shallow() * (1.0 - other)
    };
    let best = columns.iter().map(|c| (score(c), c)).filter(|(s, _)| *s >= 0.15);
    let best = best.reduce(|best, next| if next.0 > best.0 { next } else { best });
    let Some((_, column)) = best else {
        if title.share(count, |t| unescape(&unescape(t)).contains(['$', '€', '£'])) >= 0.3 {
            let source = format!("{} | unescape | regex {PRINTED}", title.path);
            draft.field("price", vec![source]);
        }
        return;
    };
    let cents = column.last().contains("cent");
    let filter = if cents { " | hundredths" } else { "" };
    let machine =
        column.numeric || column.texts.iter().all(|t| t.parse::<f64>().is_ok() && t.len() < 16);
    if machine {
        draft.decimal = Some('.');
    }
    // A stored zero is no price: the offer names none.
    let some = if machine { " | regex (.*[1-9].*)" } else { "" };
    draft.field("price", vec![format!("{}{filter}{some}", column.path)]);
    let apart = columns.iter().find(|c| {
        c.last().contains("currency") && c.texts.iter().all(|t| t.len() == 3 && t.is_ascii())
    });
    draft.currency = apart.map(|c| c.path.clone());
}
