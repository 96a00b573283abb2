//! What programs ask over HTTP, and the Mini App, which is the first of them.
//!
//! | route | answers |
//! |---|---|
//! | `POST /api/v1/session` | a session for init data of Telegram |
//! | `GET /api/v1/me` | the person: language, plan, limits, what is used |
//! | `GET`, `POST /api/v1/watches` | one's watches; a new one (`Idempotency-Key`) |
//! | `GET`, `PATCH`, `DELETE /api/v1/watches/{id}` | one of them |
//! | `POST /api/v1/watches/{id}/pause`, `/resume`, `/mute` | its state |
//! | `POST /api/v1/watches/preview` | what a wish would have told in the last week |
//! | `GET /api/v1/sources` | the offered searches; the only route without a session |
//! | `POST /api/v1/paste` | what becomes of an address |
//! | `GET /api/v1/saved`, `/told` | listings that one keeps, or was told of |
//! | `GET /api/v1/listings/{site}/{id}/prices` | asking prices over time |
//! | `GET /app/…` | the Mini App |
//!
//! Nothing is decided here: values are checked by the domain, limits and owners by the transaction that writes. CORS is
//! closed, there are no cookies, refusals are of RFC 9457 ([`problem`]).

pub mod auth;
pub mod listings;
pub mod me;
pub mod pace;
pub mod page;
pub mod preview;
pub mod problem;
pub mod read;
pub mod watches;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::{HeaderValue, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::Semaphore;
use tokio::time::timeout;

use crate::clock::Clock;
use crate::domain::wish::Known;
use crate::domain::{ChatId, Language};
use crate::modules::Modules;
use crate::store::{AccountAsk, Db, Look, View, ViewRequest};
use auth::{InitDataKey, Session, SessionKey};
use problem::Problem;

/// How long a call may take.
const LIMIT: Duration = Duration::from_secs(10);
/// Calls at the same time; further ones are told to come again.
const CALLS: usize = 64;

/// Where the pictures of the map come from.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct MapTiles {
    /// Address with `{z}`, `{x}` and `{y}`; `None`: the map has no pictures.
    pub address: Option<String>,
    /// Who made the map.
    pub attribution: String,
}

/// What the routes need.
pub struct Parts<'a> {
    /// The record.
    pub db: Arc<dyn Db>,
    /// The time of day.
    pub clock: Arc<dyn Clock>,
    /// The bot's token, by which init data is known.
    pub token: &'a SecretString,
    /// The configured secret of sessions, if there is one.
    pub secret: Option<&'a SecretString>,
    /// The site modules.
    pub modules: Modules,
    /// Time between two looks at a search that somebody makes.
    pub interval: Duration,
    /// The map.
    pub tiles: MapTiles,
    /// Pages beside Telegram's that may show the app in a frame.
    pub frames: Vec<String>,
}

/// The routes' shared state.
pub struct Api {
    db: Arc<dyn Db>,
    clock: Arc<dyn Clock>,
    init_data: InitDataKey,
    sessions: SessionKey,
    modules: Modules,
    interval: Duration,
    tiles: MapTiles,
    places: Semaphore,
    pace: pace::Pace,
}

/// What of a person's view a call looks at beside the watches.
#[derive(Debug, Clone, Copy, Default)]
pub struct Ask {
    saved: bool,
    told: bool,
    account: bool,
}

/// All routes.
pub fn router(parts: Parts<'_>) -> Router {
    let page = page::router(&parts.tiles, &parts.frames);
    let api = Arc::new(Api {
        db: parts.db,
        clock: parts.clock,
        init_data: InitDataKey::of_token(parts.token.expose_secret()),
        sessions: SessionKey::derive(parts.token, parts.secret),
        modules: parts.modules,
        interval: parts.interval,
        tiles: parts.tiles,
        places: Semaphore::new(CALLS),
        pace: pace::Pace::default(),
    });
    let one = get(watches::one).patch(watches::change).delete(watches::remove);
    let calls = Router::new()
        .route("/session", post(auth::begin))
        .route("/me", get(me::show))
        .route("/watches", get(watches::list).post(watches::create))
        .route("/watches/preview", post(preview::show))
        .route("/watches/{id}", one)
        .route("/watches/{id}/pause", post(watches::pause))
        .route("/watches/{id}/resume", post(watches::resume))
        .route("/watches/{id}/mute", post(watches::mute))
        .route("/sources", get(listings::sources))
        .route("/paste", post(listings::paste))
        .route("/saved", get(listings::saved))
        .route("/told", get(listings::told))
        .route("/listings/{site}/{id}/prices", get(listings::prices))
        .fallback(async || Problem::missing())
        .method_not_allowed_fallback(async || Problem::method())
        .layer(DefaultBodyLimit::max(read::MOST_BYTES))
        .layer(middleware::from_fn_with_state(Arc::clone(&api), bounded))
        .with_state(api);
    Router::new().nest("/api/v1", calls).merge(page)
}

/// Every call is over in time, and its answer is nobody else's.
async fn bounded(State(api): State<Arc<Api>>, request: Request, next: Next) -> Response {
    let mut response = match api.places.try_acquire() {
        Ok(_place) => match timeout(LIMIT, next.run(request)).await {
            Ok(response) => response,
            Err(_) => Problem::busy().into_response(),
        },
        Err(_) => Problem::busy().into_response(),
    };
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}

impl Api {
    /// What the record knows of the person; barred ones are refused with every call.
    async fn view(&self, session: &Session, ask: Ask) -> Result<View, Problem> {
        let account = AccountAsk { now: self.clock.now(), ..AccountAsk::default() };
        let request = ViewRequest {
            // The private chat of a person has the person's id.
            chat: ChatId(session.user.0),
            thread: None,
            user: Some(session.user),
            searches: true,
            sample_of: None,
            about: None,
            why: false,
            saved: ask.saved,
            told: ask.told,
            look: Look { account: ask.account.then_some(account), ..Look::default() },
        };
        let view = self.db.load_view(&request).await?;
        match view.user.as_ref().is_some_and(|user| user.banned) {
            true => Err(Problem::barred()),
            false => Ok(view),
        }
    }

    /// The searches that the person can name.
    fn known<'a>(&'a self, view: &'a View) -> Known<'a> {
        Known {
            offered: &view.offered,
            links: &view.own.links,
            registry: self.modules.get(),
            interval: self.interval,
        }
    }
}

/// The language of the person.
fn language(session: &Session, view: &View) -> Language {
    view.user.as_ref().map_or(session.language, |user| user.language)
}
