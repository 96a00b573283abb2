//! The homes site: a shell whose script fetches the listings after load.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, Query as UrlQuery, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};
use serde_json::{Value, json};

use super::catalogue::{Offer, Site, grouped, iso};
use super::{Query, escape, lock, misbehave};
use crate::app::App;

/// The shell, the same for every search.
pub async fn shell(State(app): State<Arc<App>>) -> Response {
    if let Some(response) = misbehave(&app, Site::Homes).await {
        return response;
    }
    Html(include_str!("homes.html")).into_response()
}

/// What the script of the shell asks for.
pub async fn listings(State(app): State<Arc<App>>, UrlQuery(query): UrlQuery<Query>) -> Response {
    if let Some(response) = misbehave(&app, Site::Homes).await {
        return response;
    }
    let demo = lock(&app);
    let items: Vec<Value> = demo
        .search(Site::Homes, &query.q, &query.city, query.most())
        .into_iter()
        .map(json_of)
        .collect();
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
         <a href=\"/demo/homes\">Homes to rent</a></header><main><article class=\"home detail\" data-id=\"{id}\">\
         <img class=\"home-photo\" src=\"/demo/photos/{id}.jpg\" alt=\"\"><h1 class=\"home-title\">{title}</h1>\
         <p><span class=\"home-price\">{price} € / month</span> <span class=\"home-area\">{area} m²</span> \
         <span class=\"home-rooms\">{rooms}</span> <span class=\"home-place\">{place}</span> \
         <time class=\"home-posted\" datetime=\"{posted}\">{posted}</time></p>\
         <p class=\"home-text\">{text}</p></article></main></body></html>",
        title = escape(&offer.title),
        price = grouped(offer.minor / 100),
        area = offer.area,
        place = escape(&offer.place),
        posted = iso(offer.posted),
        text = escape(&offer.text),
    )
}
