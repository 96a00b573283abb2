//! One's watches: seen, made, changed, ended. What another person owns is not there.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, TimeDelta, Utc};
use serde::Deserialize;
use serde_json::{Value, json};

use super::auth::Session;
use super::listings;
use super::preview::first_word;
use super::problem::{FieldProblem, Problem};
use super::read::Body;
use super::{Api, Ask, language};
use crate::domain::ids::{SourceId, WatchId, digest};
use crate::domain::import::Owner;
use crate::domain::import::check::source;
use crate::domain::preferences::WatchTelling;
use crate::domain::watch::{self, NewWatch, Sample, WatchEdit, WatchOrder, Who, forever};
use crate::domain::wish::{Fault, Wish, faults_of};
use crate::domain::{ChatId, ChatKind, Filter, Language, Watch};
use crate::store::{View, WatchDone};
use crate::texts;

/// Longest key of a creation.
const LONGEST_KEY: usize = 64;

/// `GET /api/v1/watches`.
pub async fn list(State(api): State<Arc<Api>>, session: Session) -> Result<Json<Value>, Problem> {
    let view = api.view(&session, Ask::default()).await?;
    let shown: Vec<Value> =
        view.own.watches.iter().map(|watch| shown(&api, &session, &view, watch)).collect();
    Ok(Json(json!({ "watches": shown })))
}

/// `GET /api/v1/watches/{id}`.
pub async fn one(
    State(api): State<Arc<Api>>,
    session: Session,
    Path(id): Path<String>,
) -> Result<Json<Value>, Problem> {
    fresh(&api, &session, &WatchId(id)).await
}

/// `POST /api/v1/watches`. The same `Idempotency-Key` makes one watch, however often it is sent.
pub async fn create(
    State(api): State<Arc<Api>>,
    session: Session,
    headers: HeaderMap,
    Body(wish): Body<Wish>,
) -> Result<Response, Problem> {
    let key = headers.get("idempotency-key").and_then(|key| key.to_str().ok());
    let key = key.filter(|key| is_key(key)).ok_or_else(|| {
        Problem::unreadable("name the creation: Idempotency-Key, 1 to 64 of A-Z a-z 0-9 _ -")
    })?;
    let view = api.view(&session, Ask::default()).await?;
    let speech = language(&session, &view);
    if view.user.is_none() {
        return Err(Problem::unknown(speech));
    }
    let wanted = wish.check(&api.known(&view)).map_err(|faults| invalid(&faults, speech))?;
    let owner = Owner {
        user: session.user,
        chat: ChatId(session.user.0),
        kind: Some(ChatKind::Private),
        thread: None,
        language: speech,
    };
    let new = owner.watch(wanted, Sample::Later, &view.own.watches);
    let id = WatchId(digest(&["app", &session.user.to_string(), key]));
    let new = NewWatch { sample: first_word(&api, &new).await?, id, ..new };
    let (status, id) = match api.db.add_watch(&new, api.clock.now()).await? {
        WatchDone::Done => (StatusCode::CREATED, new.id),
        WatchDone::Already(there) => (StatusCode::OK, there),
        WatchDone::Missing => return Err(Problem::missing()),
        WatchDone::Refused(why) => return Err(Problem::refused(&why, speech)),
    };
    let place = format!("/api/v1/watches/{id}");
    let watch = fresh(&api, &session, &id).await?;
    Ok((status, [(header::LOCATION, place)], watch).into_response())
}

fn is_key(key: &str) -> bool {
    let fits = |b: u8| b.is_ascii_alphanumeric() || b == b'_' || b == b'-';
    (1..=LONGEST_KEY).contains(&key.len()) && key.bytes().all(fits)
}

/// What is to change; what is not named stays.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Patch {
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    sources: Option<Vec<String>>,
    #[serde(default)]
    filter: Option<Filter>,
    #[serde(default)]
    telling: Option<WatchTelling>,
}

/// `PATCH /api/v1/watches/{id}`.
pub async fn change(
    State(api): State<Arc<Api>>,
    session: Session,
    Path(id): Path<String>,
    Body(patch): Body<Patch>,
) -> Result<Json<Value>, Problem> {
    let view = api.view(&session, Ask::default()).await?;
    let id = WatchId(id);
    let watch = own(&view, &id)?;
    let edit = edit(&api, &view, watch, patch)
        .map_err(|faults| invalid(&faults, language(&session, &view)))?;
    order(&api, &session, id, WatchOrder::Edit(Box::new(edit))).await
}

fn edit(api: &Api, view: &View, watch: &Watch, patch: Patch) -> Result<WatchEdit, Vec<Fault>> {
    let mut faults = Vec::new();
    let (filter, telling) = (patch.filter, patch.telling);
    faults.extend(faults_of(
        filter.as_ref().unwrap_or(&watch.filter),
        telling.as_ref().unwrap_or(&watch.telling),
    ));
    let name = patch.name.map(|name| watch::name(&name));
    if name == Some(None) {
        faults.push(Fault::Name);
    }
    // A search that cannot be read any more does not stand in the way of other changes.
    let present: Vec<&str> = watch.sources.iter().map(SourceId::as_str).collect();
    let sources = patch.sources.filter(|asked| *asked != present);
    let sources = sources.map(|asked| api.known(view).all(&asked, &mut faults).0);
    match faults.is_empty() {
        true => Ok(WatchEdit { name: name.flatten(), filter, telling, sources }),
        false => Err(faults),
    }
}

/// `DELETE /api/v1/watches/{id}`.
pub async fn remove(
    State(api): State<Arc<Api>>,
    session: Session,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    api.view(&session, Ask::default()).await?;
    let (id, who, now) = (WatchId(id), Who::Person(session.user), api.clock.now());
    match api.db.change_watch(&id, who, &WatchOrder::Remove, now).await? {
        WatchDone::Missing => Err(Problem::missing()),
        _ => Ok(StatusCode::NO_CONTENT),
    }
}

/// `POST /api/v1/watches/{id}/pause`.
pub async fn pause(
    State(api): State<Arc<Api>>,
    session: Session,
    Path(id): Path<String>,
) -> Result<Json<Value>, Problem> {
    order(&api, &session, WatchId(id), WatchOrder::Pause).await
}

/// `POST /api/v1/watches/{id}/resume`.
pub async fn resume(
    State(api): State<Arc<Api>>,
    session: Session,
    Path(id): Path<String>,
) -> Result<Json<Value>, Problem> {
    order(&api, &session, WatchId(id), WatchOrder::Resume).await
}

/// How long nothing is told.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Silence {
    /// Seconds; 0 ends the silence, `null` means for ever.
    for_s: Option<u32>,
}

/// `POST /api/v1/watches/{id}/mute`.
pub async fn mute(
    State(api): State<Arc<Api>>,
    session: Session,
    Path(id): Path<String>,
    Body(silence): Body<Silence>,
) -> Result<Json<Value>, Problem> {
    let until: Option<DateTime<Utc>> = match silence.for_s {
        None => Some(forever()),
        Some(0) => None,
        Some(seconds) => Some(api.clock.now() + TimeDelta::seconds(i64::from(seconds))),
    };
    order(&api, &session, WatchId(id), WatchOrder::Mute(until)).await
}

/// Orders something of one's own watch and shows it as it is then.
async fn order(
    api: &Arc<Api>,
    session: &Session,
    id: WatchId,
    order: WatchOrder,
) -> Result<Json<Value>, Problem> {
    let view = api.view(session, Ask::default()).await?;
    let (who, now) = (Who::Person(session.user), api.clock.now());
    match api.db.change_watch(&id, who, &order, now).await? {
        WatchDone::Done | WatchDone::Already(_) => fresh(api, session, &id).await,
        WatchDone::Missing => Err(Problem::missing()),
        WatchDone::Refused(why) => Err(Problem::refused(&why, language(session, &view))),
    }
}

async fn fresh(api: &Api, session: &Session, id: &WatchId) -> Result<Json<Value>, Problem> {
    let view = api.view(session, Ask::default()).await?;
    let watch = own(&view, id)?;
    Ok(Json(shown(api, session, &view, watch)))
}

fn own<'a>(view: &'a View, id: &WatchId) -> Result<&'a Watch, Problem> {
    view.own.watches.iter().find(|watch| watch.id == *id).ok_or_else(Problem::missing)
}

/// Problems of values in the language of the person.
pub fn invalid(faults: &[Fault], language: Language) -> Problem {
    let told = |fault: &Fault| FieldProblem {
        field: fault.field(),
        detail: texts::wish::fault(language, fault),
    };
    Problem::invalid(faults.iter().map(told).collect())
}

fn shown(api: &Api, session: &Session, view: &View, watch: &Watch) -> Value {
    let now = api.clock.now();
    let sources: Vec<Value> = watch.sources.iter().map(|id| search(api, view, id)).collect();
    json!({
        "id": watch.id,
        "name": watch.name,
        "sources": sources,
        "filter": watch.filter,
        "telling": watch.telling,
        "summary": texts::filter::summary(language(session, view), &watch.filter),
        "paused": watch.paused,
        "paused_by": watch.paused_by.as_str(),
        "muted_until": watch.muted_until.filter(|until| *until > now),
        "muted_forever": watch.muted_until.is_some_and(|until| until >= forever()),
        "elsewhere": watch.chat != ChatId(session.user.0),
        "created_at": watch.created_at,
    })
}

/// A search as its watch shows it.
fn search(api: &Api, view: &View, id: &SourceId) -> Value {
    if let Some(offered) = view.offered.iter().find(|offered| offered.id == *id) {
        return listings::search(api, &offered.spec, id);
    }
    let url = view.own.links.get(id).map_or("", String::as_str);
    match source(url, api.modules.get(), api.interval) {
        Ok((spec, _)) => listings::search(api, &spec, id),
        Err(_) => json!({ "id": id, "title": url, "url": url, "site": null }),
    }
}
