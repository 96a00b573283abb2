//! The person of a session: plan, limits, what is used, balance.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde_json::{Value, json};
use sites::Money;

use super::auth::Session;
use super::problem::Problem;
use super::{Api, Ask, language};
use crate::domain::Language;
use crate::store::AccountView;
use crate::texts::money::money;

/// `GET /api/v1/me`.
pub async fn show(State(api): State<Arc<Api>>, session: Session) -> Result<Json<Value>, Problem> {
    let view = api.view(&session, Ask { account: true, ..Ask::default() }).await?;
    let (now, speech) = (api.clock.now(), language(&session, &view));
    let allowance = view.own.allowance();
    let terms = allowance.terms(now);
    let until = view.own.held.iter().map(|plan| plan.until).filter(|until| *until > now).max();
    let limit = |most: Option<u64>| most.filter(|most| *most > 0);
    let account = view.account.unwrap_or_default();
    let held = account.periods.iter().filter(|period| period.holds(now)).map(|period| {
        let name = account.plan(&period.plan).and_then(|plan| {
            plan.names.get(&speech).or_else(|| plan.names.get(&Language::default()))
        });
        json!({ "id": period.plan, "name": name, "until": period.until })
    });
    Ok(Json(json!({
        "user": {
            "id": session.user,
            "name": view.user.as_ref().map(|user| user.name.as_str()),
            "language": speech.code(),
            "known": view.user.is_some(),
        },
        "plan": { "paid": until.is_some(), "until": until, "held": held.collect::<Vec<_>>() },
        "terms": terms,
        "limits": { "watches": limit(terms.watches), "sources": limit(terms.sources) },
        "used": {
            "watches": allowance.watches,
            "sources": allowance.sources.len(),
            "running": view.own.watches.iter().filter(|watch| !watch.paused).count(),
        },
        "balance": balance(&account, speech),
        "zone": view.preferences.zone,
        "map": { "tiles": api.tiles.address, "attribution": api.tiles.attribution },
    })))
}

/// What the person has in each currency.
fn balance(account: &AccountView, language: Language) -> Vec<Value> {
    let one = |(currency, minor): (&String, &i64)| {
        let amount = Money { minor: *minor, currency: currency.clone() };
        json!({ "currency": currency, "minor": minor, "text": money(&amount, language) })
    };
    account.balances.iter().map(one).collect()
}
