//! Who calls: init data is exchanged once for a short session.
//!
//! ```text
//! Telegram opens the app ──init data──► POST /api/v1/session ──► bearer token, 15 minutes
//! every other call: Authorization: Bearer … ──► the person, unless barred meanwhile
//! ```

pub mod init_data;
pub mod session;

use std::sync::Arc;

use axum::Json;
use axum::extract::{FromRequestParts, State};
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use serde::Deserialize;
use serde_json::{Value, json};

use super::problem::Problem;
use super::read::Body;
use super::{Api, Ask};
pub use init_data::{InitData, InitDataError, InitDataKey};
pub use session::{Session, SessionKey};

/// What begins a session.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Opening {
    init_data: String,
}

/// `POST /api/v1/session`.
pub async fn begin(
    State(api): State<Arc<Api>>,
    Body(opening): Body<Opening>,
) -> Result<Json<Value>, Problem> {
    let now = api.clock.now();
    let opened = api.init_data.check(&opening.init_data, now).map_err(|why| {
        tracing::info!(%why, "init data of the app is not taken");
        match why {
            InitDataError::Clock => Problem::broken(),
            why => Problem::unauthorized(&why.to_string()),
        }
    })?;
    let (token, session) = api.sessions.begin(&opened, now);
    // A barred person gets no session, and one that begins is looked at again with every call.
    let view = api.view(&session, Ask::default()).await?;
    let language = view.user.as_ref().map_or(session.language, |user| user.language);
    Ok(Json(json!({
        "token": token,
        "expires_at": session.until,
        "language": language.code(),
    })))
}

impl FromRequestParts<Arc<Api>> for Session {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, api: &Arc<Api>) -> Result<Self, Problem> {
        let mut headers = parts.headers.get_all(AUTHORIZATION).iter();
        let header = headers.next().filter(|_| headers.next().is_none());
        let token = header.and_then(|header| header.to_str().ok()).and_then(|header| {
            let (scheme, token) = header.split_once(' ')?;
            scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
        });
        let session = token.and_then(|token| api.sessions.read(token, api.clock.now()));
        let session =
            session.ok_or_else(|| Problem::unauthorized("there is no session, or it is over"))?;
        match api.pace.take(session.user, api.clock.now()) {
            true => Ok(session),
            false => Err(Problem::too_many()),
        }
    }
}
