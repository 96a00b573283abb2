//! The chat page: one page, its style and its script, compiled in.

use std::sync::Arc;

use axum::Router;
use axum::http::header;
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;

use crate::app::App;

/// The routes of the page.
pub fn routes() -> Router<Arc<App>> {
    Router::new()
        .route("/", get(async || Html(include_str!("page/index.html"))))
        .route("/favicon.ico", get(async || asset("image/svg+xml", include_str!("page/icon.svg"))))
        .route("/_sandbox/page.css", get(async || asset("text/css", include_str!("page/page.css"))))
        .route(
            "/_sandbox/topics.css",
            get(async || asset("text/css", include_str!("page/topics.css"))),
        )
        .route("/_sandbox/topics.js", get(async || script(include_str!("page/topics.js"))))
        .route("/_sandbox/page.js", get(async || script(include_str!("page/page.js"))))
        .route("/_sandbox/webapp.js", get(async || script(include_str!("page/webapp.js"))))
        .route("/_sandbox/message.js", get(async || script(include_str!("page/message.js"))))
}

fn script(text: &'static str) -> Response {
    asset("text/javascript", text)
}

fn asset(kind: &'static str, text: &'static str) -> Response {
    let headers = [(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, "no-cache")];
    (headers, text).into_response()
}
