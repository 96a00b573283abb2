//! `POST /_sandbox/demo`: publish, reprice, rewrite, reserve, sell, break and heal the demo sites.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::catalogue::{Catalogue, Rewrite, Site, Standing};
use super::homes::Api;
use super::lock;
use crate::app::App;
use crate::clock::Millis;

/// How a site fails on order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Failure {
    /// A page that asks whether one is human, with 403.
    Block,
    /// 500.
    #[serde(rename = "500")]
    Error,
    /// 200 with nothing in it.
    Empty,
    /// An answer after 20 s.
    Slow,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Order {
    publish: Option<Publish>,
    price: Option<Price>,
    edit: Option<Edit>,
    reserve: Option<String>,
    release: Option<String>,
    sold: Option<String>,
    sell: Option<String>,
    layout: Option<u8>,
    api: Option<Api>,
    fail: Option<String>,
    site: Option<Site>,
    auto: Option<bool>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Publish {
    site: Site,
    #[serde(default = "one")]
    count: usize,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Price {
    id: String,
    minor: i64,
}

#[derive(Deserialize)]
struct Edit {
    id: String,
    #[serde(flatten)]
    new: Rewrite,
}

fn one() -> usize {
    1
}

/// Carries out an order; everything in it happens, in the order of the fields above.
pub async fn order(State(app): State<Arc<App>>, body: Bytes) -> Response {
    let order: Order = match serde_json::from_slice(&body) {
        Ok(order) => order,
        Err(error) => return refuse(format!("not understood: {error}")),
    };
    let now = app.clock.now();
    let mut demo = lock(&app);
    match carry_out(&mut demo, order, now) {
        Ok(done) => Json(done).into_response(),
        Err(why) => refuse(why),
    }
}

fn refuse(why: String) -> Response {
    (StatusCode::BAD_REQUEST, Json(json!({"ok": false, "error": why}))).into_response()
}

fn carry_out(demo: &mut Catalogue, order: Order, now: Millis) -> Result<Value, String> {
    let mut ids = Vec::new();
    if let Some(publish) = order.publish {
        // Each a millisecond after the other, so that "newest first" is one certain order.
        for step in 0..publish.count.min(1_000) {
            let later = i64::try_from(step).unwrap_or(0);
            ids.push(demo.publish(publish.site, now + later));
        }
    }
    if let Some(Price { id, minor }) = order.price {
        if !demo.set_price(&id, minor, now) {
            return Err(format!("there is no offer {id}"));
        }
        ids.push(id);
    }
    if let Some(Edit { id, new }) = order.edit {
        if !demo.rewrite(&id, new, now) {
            return Err(format!("there is no offer {id}"));
        }
        ids.push(id);
    }
    let marks = [
        (order.reserve, Standing::Reserved),
        (order.release, Standing::Open),
        (order.sold, Standing::Sold),
    ];
    for (id, standing) in marks.into_iter().filter_map(|(id, standing)| Some((id?, standing))) {
        if !demo.mark(&id, standing, now) {
            return Err(format!("there is no offer {id}"));
        }
        ids.push(id);
    }
    if let Some(id) = order.sell {
        if !demo.sell(&id, now) {
            return Err(format!("there is no offer {id}"));
        }
        ids.push(id);
    }
    if let Some(layout) = order.layout {
        if !(1..=2).contains(&layout) {
            return Err("layout is 1 or 2".to_owned());
        }
        demo.layout = layout;
    }
    if let Some(failure) = order.fail {
        let failure = match failure.as_str() {
            "block" => Some(Failure::Block),
            "500" => Some(Failure::Error),
            "empty" => Some(Failure::Empty),
            "slow" => Some(Failure::Slow),
            "none" => None,
            _ => return Err("fail is block, 500, empty, slow or none".to_owned()),
        };
        demo.fail(order.site, failure);
    }
    if let Some(api) = order.api {
        demo.api = api;
    }
    if let Some(auto) = order.auto {
        demo.auto = auto;
    }
    Ok(json!({"ok": true, "ids": ids}))
}

/// What is going on.
pub async fn state(State(app): State<Arc<App>>) -> Response {
    let demo = lock(&app);
    let newest = |site| demo.search(site, "", "", None).first().map(|offer| offer.id.clone());
    Json(json!({
        "auto": demo.auto, "layout": demo.layout, "api": demo.api, "version": demo.version,
        "goods": {"offers": demo.count(Site::Goods), "newest": newest(Site::Goods),
                  "fail": demo.failure(Site::Goods)},
        "homes": {"offers": demo.count(Site::Homes), "newest": newest(Site::Homes),
                  "fail": demo.failure(Site::Homes)},
    }))
    .into_response()
}
