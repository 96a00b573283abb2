//! The homes site: a shell whose script fetches the listings after load.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, Query as UrlQuery, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{Html, IntoResponse, Response};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::catalogue::{Offer, Site, grouped, iso};
use super::{Query, escape, lock, mark, misbehave};
use crate::app::App;

/// How the endpoint behaves that the script of the homes site asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Api {
    /// As it was built.
    Ok,
    /// It answers in another shape, which the site's own script understands.
    Reshape,
    /// It has moved, and the old address fails.
    Fail,
    /// It answers only to scripts in a page of the site.
    Guard,
}

/// The shell, the same for every search.
pub async fn shell(State(app): State<Arc<App>>) -> Response {
    if let Some(response) = misbehave(&app, Site::Homes).await {
        return response;
    }
    let shell = include_str!("homes.html");
    match lock(&app).api {
        Api::Fail => Html(shell.replace("/api/listings", "/api/v2/listings")).into_response(),
        Api::Ok | Api::Reshape | Api::Guard => Html(shell).into_response(),
    }
}

/// What the script of the shell asks for.
pub async fn listings(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    UrlQuery(query): UrlQuery<Query>,
) -> Response {
    if let Some(response) = misbehave(&app, Site::Homes).await {
        return response;
    }
    let api = lock(&app).api;
    let from_page = headers.get("sec-fetch-site").is_some_and(|site| site == "same-origin");
    match api {
        Api::Fail => (StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error").into_response(),
        Api::Guard if !from_page => {
            (StatusCode::FORBIDDEN, Json(json!({"error": "only from our pages"}))).into_response()
        }
        Api::Ok | Api::Reshape | Api::Guard => found(&app, &query, api),
    }
}

/// The endpoint at its new address.
pub async fn moved(State(app): State<Arc<App>>, UrlQuery(query): UrlQuery<Query>) -> Response {
    found(&app, &query, Api::Ok)
}

fn found(app: &App, query: &Query, api: Api) -> Response {
    let demo = lock(app);
    let items: Vec<Value> = demo
        .search(Site::Homes, &query.q, &query.city, query.most())
        .into_iter()
        .map(json_of)
        .collect();
    if api == Api::Reshape {
        let homes: Vec<Value> = items.into_iter().map(reshaped).collect();
        return Json(json!({"layout": demo.layout, "data": {"homes": homes}})).into_response();
    }
    Json(json!({"total": items.len(), "layout": demo.layout, "items": items})).into_response()
}

fn json_of(offer: &Offer) -> Value {
    json!({
        "id": offer.id, "title": offer.title, "url": format!("/demo/homes/{}", offer.id),
        "photo": format!("/demo/photos/{}.jpg", offer.id), "place": offer.place,
        "price": {"amount": offer.minor / 100, "currency": "EUR", "period": "month"},
        "area": offer.area, "rooms": offer.rooms, "posted": iso(offer.posted),
        "text": offer.text, "landlord": offer.seller,
    })
}

/// The same offer as another version of the endpoint tells it.
fn reshaped(mut offer: Value) -> Value {
    let cents = offer["price"]["amount"].as_i64().unwrap_or(0) * 100;
    offer["price"] = json!({"cents": cents, "currency": "EUR"});
    offer["name"] = offer["title"].take();
    json!({"home": offer})
}

/// The page of one home, from the server.
pub async fn detail(State(app): State<Arc<App>>, Path(id): Path<String>) -> Response {
    if let Some(response) = misbehave(&app, Site::Homes).await {
        return response;
    }
    let found = lock(&app).offer(&id).filter(|offer| offer.site == Site::Homes).cloned();
    match found {
        Some(offer) => Html(detail_page(&offer)).into_response(),
        None => (StatusCode::NOT_FOUND, Html(include_str!("gone.html"))).into_response(),
    }
}

fn detail_page(offer: &Offer) -> String {
    let id = &offer.id;
    let rooms =
        if offer.rooms == 1 { "1 room".to_owned() } else { format!("{} rooms", offer.rooms) };
    format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width,initial-scale=1\"><title>{title}</title>\
         <link rel=\"stylesheet\" href=\"/demo/site.css\"></head><body class=\"homes\"><header>\
         <a href=\"/demo/homes\">Homes to rent</a></header><main>{mark}<article class=\"home detail\" data-id=\"{id}\">\
         <img class=\"home-photo\" src=\"/demo/photos/{id}.jpg\" alt=\"\"><h1 class=\"home-title\">{title}</h1>\
         <p><span class=\"home-price\">{price} € / month</span> <span class=\"home-area\">{area} m²</span> \
         <span class=\"home-rooms\">{rooms}</span> <span class=\"home-place\">{place}</span> \
         <time class=\"home-posted\" datetime=\"{posted}\">{posted}</time></p>\
         <p class=\"home-text\">{text}</p></article></main></body></html>",
        mark = mark(offer),
        title = escape(&offer.title),
        price = grouped(offer.minor / 100),
        area = offer.area,
        place = escape(&offer.place),
        posted = iso(offer.posted),
        text = escape(&offer.text),
    )
}
