//! Searches that are offered, addresses that are pasted, listings and their prices.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use chrono::TimeDelta;
use serde::Deserialize;
use serde_json::{Value, json};
use sites::transform::currency::exponent;
use sites::{Listing, ListingKey};

use super::auth::Session;
use super::problem::{FieldProblem, Problem};
use super::read::Body;
use super::{Api, Ask, language};
use crate::domain::paste::{address, paste as read_address};
use crate::domain::source::SourceSpec;
use crate::domain::{Language, SourceId};
use crate::store::SourceFilter;
use crate::texts::builder::web_address;
use crate::texts::money::money;
use crate::texts::paste::{error, report};

/// Listings of a list at most.
const MOST: usize = 200;

/// `GET /api/v1/sources`: what everybody may watch. There is nothing personal in it, and the app that was opened by a
/// key below the chat gets no init data, so it needs no session.
pub async fn sources(State(api): State<Arc<Api>>) -> Result<Json<Value>, Problem> {
    let filter = SourceFilter { offered: true, ..SourceFilter::default() };
    let sources = api.db.sources(&filter).await?;
    let shown: Vec<Value> = sources.iter().map(|one| search(&api, &one.spec, &one.id)).collect();
    let map = json!({ "tiles": api.tiles.address, "attribution": api.tiles.attribution });
    Ok(Json(json!({ "sources": shown, "map": map })))
}

/// A search as lists show it.
pub(super) fn search(api: &Api, spec: &SourceSpec, id: &SourceId) -> Value {
    let site = api.modules.get().get(&spec.site);
    json!({
        "id": id,
        "title": spec.title,
        "site": spec.site,
        "site_name": site.map(|site| site.name.as_str()),
        "url": spec.url,
        "currency": site.map(|site| site.currency.as_str()),
        "exponent": site.map(|site| exponent(&site.currency)),
    })
}

/// What was pasted.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pasted {
    text: String,
}

/// `POST /api/v1/paste`.
pub async fn paste(
    State(api): State<Arc<Api>>,
    session: Session,
    Body(pasted): Body<Pasted>,
) -> Result<Json<Value>, Problem> {
    let view = api.view(&session, Ask::default()).await?;
    let speech = language(&session, &view);
    let registry = api.modules.get();
    let read = address(&pasted.text).and_then(|url| {
        let site = registry.recognise(&url);
        Ok((read_address(site, &url)?, site))
    });
    let (ready, site) = read.map_err(|why| {
        let detail = error(speech, &why);
        Problem::invalid(vec![FieldProblem { field: "text".to_owned(), detail }])
    })?;
    Ok(Json(json!({
        "source": {
            "id": ready.source(),
            "title": ready.title(),
            "site": ready.site,
            "site_name": ready.name,
            "url": ready.url,
            "currency": site.map(|site| site.currency.as_str()),
            "exponent": site.map(|site| exponent(&site.currency)),
        },
        "filter": ready.filter,
        "report": report(speech, &ready),
    })))
}

/// `GET /api/v1/saved`: newest first.
pub async fn saved(State(api): State<Arc<Api>>, session: Session) -> Result<Json<Value>, Problem> {
    let view = api.view(&session, Ask { saved: true, ..Ask::default() }).await?;
    let speech = language(&session, &view);
    let shown = view.saved.iter().take(MOST).map(|kept| {
        let mut card = card(&kept.key.site, &kept.listing, speech);
        card["gone"] = kept.gone.into();
        card["saved_at"] = json!(kept.saved_at);
        card
    });
    Ok(Json(json!({ "listings": shown.collect::<Vec<_>>() })))
}

/// `GET /api/v1/told`: what the chat was told of last, each listing once.
pub async fn told(State(api): State<Arc<Api>>, session: Session) -> Result<Json<Value>, Problem> {
    let view = api.view(&session, Ask { told: true, ..Ask::default() }).await?;
    let speech = language(&session, &view);
    let mut keys: Vec<&ListingKey> = Vec::new();
    let mut shown = Vec::new();
    for told in &view.told {
        if !keys.contains(&&told.key) {
            keys.push(&told.key);
            shown.push(card(&told.key.site, &told.listing, speech));
        }
    }
    Ok(Json(json!({ "listings": shown })))
}

/// `GET /api/v1/listings/{site}/{id}/prices`, for as many days as the plan shows.
pub async fn prices(
    State(api): State<Arc<Api>>,
    session: Session,
    Path((site, id)): Path<(String, String)>,
) -> Result<Json<Value>, Problem> {
    let view = api.view(&session, Ask::default()).await?;
    let speech = language(&session, &view);
    let key = ListingKey { site, id };
    let history = api.db.price_history(&key).await?.ok_or_else(Problem::missing)?;
    let now = api.clock.now();
    let days = view.own.allowance().terms(now).history_days.filter(|days| *days > 0);
    let since = days
        .and_then(|days| TimeDelta::try_days(i64::try_from(days).ok()?))
        .and_then(|span| now.checked_sub_signed(span));
    // The price that holds at the beginning of the time shown is part of it, however old.
    let first =
        history.points.iter().rposition(|point| since.is_some_and(|since| point.at < since));
    let points: Vec<Value> = history.points[first.unwrap_or(0)..]
        .iter()
        .map(|point| {
            json!({
                "at": point.at,
                "minor": point.price.minor,
                "currency": point.price.currency,
                "exponent": exponent(&point.price.currency),
                "text": money(&point.price, speech),
            })
        })
        .collect();
    let mut listing = card(&key.site, &history.latest.listing, speech);
    listing["gone"] = history.latest.gone.into();
    Ok(Json(json!({ "listing": listing, "points": points, "now": now })))
}

/// A listing as lists show it: texts are foreign, the address is of the web or absent.
pub(super) fn card(site: &str, listing: &Listing, language: Language) -> Value {
    let price = match (&listing.price, &listing.price_text) {
        (Some(price), _) => Some(money(price, language)),
        (None, printed) => printed.clone(),
    };
    json!({
        "site": site,
        "id": listing.id,
        "title": listing.title,
        "url": web_address(&listing.url).map(|url| url.to_string()),
        "price": price,
        "place": listing.location,
        "position": listing.position.map(|at| json!({ "lat": at.lat, "lon": at.lon })),
        "rooms": listing.rooms,
        "area": listing.area.map(|area| area.0),
    })
}
