//! The goods site: everything is in the page as it comes from the server.

use std::fmt::Write;
use std::sync::Arc;

use axum::extract::{Path, Query as UrlQuery, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};

use super::catalogue::{Catalogue, Offer, Site, Standing, grouped, iso};
use super::{Query, escape, lock, mark, misbehave};
use crate::app::App;

/// The mark of a reserved offer in a list.
const RESERVED: &str = "<span class=\"reserved\">Reserved</span>";

/// The results page; answers 304 when nothing changed.
pub async fn search(
    State(app): State<Arc<App>>,
    UrlQuery(query): UrlQuery<Query>,
    headers: HeaderMap,
) -> Response {
    if let Some(response) = misbehave(&app, Site::Goods).await {
        return response;
    }
    let demo = lock(&app);
    let tag = format!("\"goods-{}-{}\"", demo.version, demo.layout);
    let changed = http_date(demo.changed);
    let known = match headers.get(header::IF_NONE_MATCH) {
        Some(value) => value.to_str().is_ok_and(|value| value.contains(&tag)),
        None => {
            headers.get(header::IF_MODIFIED_SINCE).is_some_and(|value| value == changed.as_str())
        }
    };
    let validators = [(header::ETAG, tag), (header::LAST_MODIFIED, changed)];
    if known {
        return (StatusCode::NOT_MODIFIED, validators).into_response();
    }
    (validators, Html(page(&demo, &query))).into_response()
}

fn http_date(moment: i64) -> String {
    let time = chrono::DateTime::from_timestamp_millis(moment).unwrap_or_default();
    time.format("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

fn price(offer: &Offer) -> String {
    format!("€ {}.{:02}", grouped(offer.minor / 100), offer.minor % 100)
}

fn page(demo: &Catalogue, query: &Query) -> String {
    let (offers, more) =
        demo.search_page(Site::Goods, &query.q, &query.city, query.most(), query.page());
    let mut list = String::new();
    for offer in &offers {
        list.push_str(&if demo.layout == 2 { card(offer) } else { item(offer) });
    }
    let results = match (offers.is_empty(), demo.layout) {
        (true, _) => "<p class=\"no-results\">No offers match.</p>".to_owned(),
        (false, 2) => format!("<div class=\"grid\">{list}</div>"),
        (false, _) => format!("<ul class=\"results\">{list}</ul>"),
    };
    let next = if more { next_link(query) } else { String::new() };
    format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\
         <title>Second-hand goods</title><link rel=\"stylesheet\" href=\"/demo/site.css\"></head>\
         <body class=\"goods\"><header><a href=\"/demo/goods\">Second hand</a>\
         <form action=\"/demo/goods\"><input name=\"q\" value=\"{}\" placeholder=\"What are you looking for?\">\
         <input name=\"max_price\" value=\"{}\" placeholder=\"Max €\" inputmode=\"numeric\">\
         <button>Search</button></form></header><main>{results}{next}</main></body></html>",
        escape(&query.q),
        escape(&query.max_price),
    )
}

/// The way to the page after this one.
fn next_link(query: &Query) -> String {
    let mut fields = url::form_urlencoded::Serializer::new(String::new());
    for (name, value) in [("q", &query.q), ("city", &query.city), ("max_price", &query.max_price)] {
        if !value.is_empty() {
            fields.append_pair(name, value);
        }
    }
    fields.append_pair("page", &(query.page() + 1).to_string());
    let address = escape(&format!("/demo/goods?{}", fields.finish()));
    format!("<a class=\"next\" rel=\"next\" href=\"{address}\">Next page</a>")
}

fn item(offer: &Offer) -> String {
    let Offer { id, place, seller, .. } = offer;
    let mut out = String::new();
    let _infallible = write!(
        out,
        "<li class=\"offer\" data-id=\"{id}\"><a class=\"title\" href=\"/demo/goods/{id}\">{}</a>\
         <img class=\"photo\" src=\"/demo/photos/{id}.jpg\" alt=\"\" loading=\"lazy\">\
         <span class=\"price\">{}</span><span class=\"place\">{}</span>\
         <time class=\"posted\" datetime=\"{}\">{}</time><p class=\"text\">{}</p>\
         <span class=\"seller\">{}</span>{}</li>",
        escape(&offer.title),
        price(offer),
        escape(place),
        iso(offer.posted),
        iso(offer.posted).replace('T', " ").trim_end_matches('Z'),
        escape(&offer.text),
        escape(seller),
        if offer.standing == Standing::Reserved { RESERVED } else { "" },
    );
    out
}

/// The same facts in other markup, to see what a changed site does to its readers.
fn card(offer: &Offer) -> String {
    let id = &offer.id;
    format!(
        "<article class=\"card\" data-offer=\"{id}\"><figure><img src=\"/demo/photos/{id}.jpg\" alt=\"\">\
         </figure><h3><a href=\"/demo/goods/{id}\">{}</a></h3><div class=\"meta\"><b>{}</b>\
         <i>{}</i><small data-time=\"{}\">by {}</small></div></article>",
        escape(&offer.title),
        price(offer),
        escape(&offer.place),
        iso(offer.posted),
        escape(&offer.seller),
    )
}

/// The page of one offer.
pub async fn detail(State(app): State<Arc<App>>, Path(id): Path<String>) -> Response {
    if let Some(response) = misbehave(&app, Site::Goods).await {
        return response;
    }
    let found = lock(&app).offer(&id).filter(|offer| offer.site == Site::Goods).cloned();
    match found {
        Some(offer) => Html(detail_page(&offer)).into_response(),
        None => (StatusCode::NOT_FOUND, Html(include_str!("gone.html"))).into_response(),
    }
}

fn detail_page(offer: &Offer) -> String {
    let id = &offer.id;
    format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width,initial-scale=1\"><title>{title}</title>\
         <link rel=\"stylesheet\" href=\"/demo/site.css\"></head><body class=\"goods\"><header>\
         <a href=\"/demo/goods\">Second hand</a></header><main>{mark}<article class=\"offer detail\" data-id=\"{id}\">\
         <img class=\"photo\" src=\"/demo/photos/{id}.jpg\" alt=\"\"><h1 class=\"title\">{title}</h1>\
         <p><span class=\"price\">{price}</span> <span class=\"place\">{place}</span>\
         <time class=\"posted\" datetime=\"{posted}\">{posted}</time></p><p class=\"text\">{text}</p>\
         <p>Offered by <span class=\"seller\">{seller}</span></p></article></main></body></html>",
        mark = mark(offer),
        title = escape(&offer.title),
        price = price(offer),
        place = escape(&offer.place),
        posted = iso(offer.posted),
        text = escape(&offer.text),
        seller = escape(&offer.seller),
    )
}
