//! The person of a session.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde_json::{Value, json};

use super::auth::Session;
use super::problem::Problem;
use super::{Api, Ask, language};

/// `GET /api/v1/me`.
pub async fn show(State(api): State<Arc<Api>>, session: Session) -> Result<Json<Value>, Problem> {
    let view = api.view(&session, Ask::default()).await?;
    let now = api.clock.now();
    let allowance = view.own.allowance();
    let terms = allowance.terms(now);
    let until = view.own.held.iter().map(|plan| plan.until).filter(|until| *until > now).max();
    let limit = |most: Option<u64>| most.filter(|most| *most > 0);
    Ok(Json(json!({
        "user": {
            "id": session.user,
            "name": view.user.as_ref().map(|user| user.name.as_str()),
            "language": language(&session, &view).code(),
            "known": view.user.is_some(),
        },
        "plan": { "paid": until.is_some(), "until": until },
        "terms": terms,
        "limits": { "watches": limit(terms.watches), "sources": limit(terms.sources) },
        "used": {
            "watches": allowance.watches,
            "sources": allowance.sources.len(),
            "running": view.own.watches.iter().filter(|watch| !watch.paused).count(),
        },
        "zone": view.preferences.zone,
        "map": { "tiles": api.tiles.address, "attribution": api.tiles.attribution },
    })))
}
