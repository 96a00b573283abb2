//! What a wish would have told: the domain judges what was seen lately.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use chrono::TimeDelta;
use serde::Deserialize;
use serde_json::{Value, json};
use sites::Listing;

use super::auth::Session;
use super::listings::card;
use super::problem::Problem;
use super::read::Body;
use super::watches::invalid;
use super::{Api, Ask, language};
use crate::domain::filter::{Facts, Prepared};
use crate::domain::ids::SourceId;
use crate::domain::watch::{NewWatch, Sample};
use crate::domain::wish::faults_of;
use crate::domain::{ChangeKind, Filter};
use crate::texts::sample::{sample, wants};

/// Listings that are looked through.
const LOOKED_THROUGH: u32 = 2_000;
/// Listings that are shown.
const SHOWN: usize = 10;
/// Dots of the map.
const DOTS: usize = 300;

/// What is tried.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Trial {
    sources: Vec<String>,
    #[serde(default)]
    filter: Filter,
}

/// `POST /api/v1/watches/preview`.
pub async fn show(
    State(api): State<Arc<Api>>,
    session: Session,
    Body(trial): Body<Trial>,
) -> Result<Json<Value>, Problem> {
    let view = api.view(&session, Ask::default()).await?;
    let speech = language(&session, &view);
    let mut faults = Vec::new();
    let (specs, currency) = api.known(&view).all(&trial.sources, &mut faults);
    let mut filter = trial.filter;
    if filter.min_price.is_some() || filter.max_price.is_some() {
        filter.currency = filter.currency.or(currency);
    }
    faults.extend(faults_of(&filter, &Default::default()));
    if !faults.is_empty() {
        return Err(invalid(&faults, speech));
    }
    let ids: Vec<SourceId> = specs.iter().map(|spec| spec.id()).collect();
    let since = api.clock.now() - TimeDelta::days(7);
    let seen = api.db.recent_listings(&ids, since, LOOKED_THROUGH).await?;
    let looked = seen.len();
    let judged = judge(&filter, &seen);
    let wanted: Vec<&(String, Listing)> =
        judged.iter().filter(|(_, wanted)| *wanted).map(|(one, _)| *one).collect();
    let cards: Vec<Value> =
        wanted.iter().take(SHOWN).map(|(site, listing)| card(site, listing, speech)).collect();
    let dots: Vec<Value> = judged
        .iter()
        .filter_map(|((_, listing), wanted)| {
            let at = listing.position?;
            Some(json!({ "lat": at.lat, "lon": at.lon, "wanted": wanted }))
        })
        .take(DOTS)
        .collect();
    Ok(Json(json!({
        "week": wanted.len(),
        "looked": looked,
        "more": looked >= LOOKED_THROUGH as usize,
        "listings": cards,
        "dots": dots,
    })))
}

/// Whether each listing is wanted, whatever kinds of change the filter is for.
fn judge<'a>(filter: &Filter, seen: &'a [(String, Listing)]) -> Vec<(&'a (String, Listing), bool)> {
    let prepared = Prepared::new(filter);
    let kind = filter.changes.first().copied().unwrap_or(ChangeKind::New);
    let one = |one: &'a (String, Listing)| (one, prepared.wants(kind, &Facts::new(&one.0, &one.1)));
    seen.iter().map(one).collect()
}

/// The first word of a new watch: what its searches show now.
pub(super) async fn first_word(api: &Api, new: &NewWatch) -> Result<Sample, Problem> {
    let since = api.clock.now() - TimeDelta::days(30);
    let seen = api.db.recent_listings(&new.source_ids(), since, LOOKED_THROUGH).await?;
    let wanted = seen.iter().filter(|(site, listing)| wants(&new.filter, site, listing));
    let message = sample(&new.name, wanted.map(|(_, listing)| listing), new.language);
    Ok(message.map_or(Sample::Later, |message| Sample::Now(Box::new(message))))
}
