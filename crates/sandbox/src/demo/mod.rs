//! Two listing sites that publish over time, for showing and for tests.
//!
//! `goods` is plain HTML from the server, `homes` a shell whose script fetches its listings after
//! load. What they offer depends only on the seed; when they publish, on the clock or on an order.

pub mod catalogue;
mod control;
mod goods;
mod homes;
mod offer;
pub mod pictures;

use std::sync::{Arc, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::{get, post};
use serde::Deserialize;

use crate::app::App;
use catalogue::{Catalogue, Offer, Site, Standing};
use control::Failure;

/// All routes of the sites and their control.
pub fn routes() -> Router<Arc<App>> {
    Router::new()
        .route("/robots.txt", get(async || "User-agent: *\nAllow: /\n"))
        .route("/demo", get(async || Html(include_str!("index.html"))))
        .route("/demo/site.css", get(style))
        .route("/demo/goods", get(goods::search))
        .route("/demo/goods/{id}", get(goods::detail))
        .route("/demo/homes", get(homes::shell))
        .route("/demo/homes/api/listings", get(homes::listings))
        .route("/demo/homes/api/v2/listings", get(homes::moved))
        .route("/demo/homes/{id}", get(homes::detail))
        .route("/demo/photos/{name}", get(photo))
        .route("/_sandbox/demo", post(control::order).get(control::state))
}

/// Publishes one offer on each site after every pause.
pub async fn publish(app: Arc<App>, pause: Duration) {
    let pause = i64::try_from(pause.as_millis()).unwrap_or(i64::MAX);
    let mut next = app.clock.now() + pause;
    while !app.is_stopping() {
        app.clock.sleep_until(next).await;
        let now = app.clock.now();
        let mut demo = lock(&app);
        if demo.auto {
            demo.publish(Site::Goods, now);
            demo.publish(Site::Homes, now);
        }
        next = next.max(now - pause) + pause;
    }
}

fn lock(app: &App) -> std::sync::MutexGuard<'_, Catalogue> {
    app.demo.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn style() -> Response {
    ([(header::CONTENT_TYPE, "text/css")], include_str!("site.css")).into_response()
}

async fn photo(State(app): State<Arc<App>>, Path(name): Path<String>) -> Response {
    match picture(&app, name.trim_end_matches(".jpg")).await {
        Some(picture) => {
            let headers = [
                (header::CONTENT_TYPE, "image/jpeg"),
                (header::CACHE_CONTROL, "public, max-age=86400"),
            ];
            (headers, picture).into_response()
        }
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

/// The picture of an offer, drawn outside the async threads.
pub async fn picture(app: &Arc<App>, id: &str) -> Option<Bytes> {
    let subject = lock(app).offer(id).map(|offer| offer.subject)?;
    let (app, id) = (Arc::clone(app), id.to_owned());
    tokio::task::spawn_blocking(move || app.gallery.picture(&id, subject)).await.ok()
}

/// Misbehaves as ordered: the answer that comes instead of the page, if any.
async fn misbehave(app: &App, site: Site) -> Option<Response> {
    let failure = lock(app).failure(site)?;
    match failure {
        Failure::Block => {
            Some((StatusCode::FORBIDDEN, Html(include_str!("blocked.html"))).into_response())
        }
        Failure::Error => {
            Some((StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error").into_response())
        }
        Failure::Empty => Some(Html(String::new()).into_response()),
        Failure::Slow => {
            app.clock.sleep_until(app.clock.now() + 20_000).await;
            None
        }
    }
}

/// What an offer's own page says about it being to be had.
fn mark(offer: &Offer) -> &'static str {
    match offer.standing {
        Standing::Open => "",
        Standing::Reserved => "<p class=\"reserved\">This offer is reserved.</p>",
        Standing::Sold => "<p class=\"sold\">This offer is sold.</p>",
    }
}

/// Text for HTML, attributes included.
fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// The query of both sites; empty fields are as good as absent, as a form sends them.
#[derive(Debug, Default, Deserialize)]
struct Query {
    #[serde(default)]
    q: String,
    #[serde(default)]
    city: String,
    #[serde(default)]
    max_price: String,
    #[serde(default)]
    page: String,
}

impl Query {
    /// Upper limit in minor units.
    fn most(&self) -> Option<i64> {
        self.max_price.trim().parse::<i64>().ok().map(|major| major * 100)
    }

    /// The number of the page, from 1.
    fn page(&self) -> usize {
        self.page.trim().parse::<usize>().map_or(1, |page| page.max(1))
    }
}
