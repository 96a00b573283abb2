//! The HTTP side of the bot process.
//!
//! | route | answers |
//! |---|---|
//! | `POST /telegram/<hash>` | 200 after the commit, with the answer to a press; 401 forged, 404 wrong path, 408, 413, 415, 503 come again |
//! | `GET /health` | 200 or 503: process, record, seen-set |
//! | `GET /status` | mode, whether updates are taken, how many wait at Telegram, versions |
//! | `GET /metrics` | Prometheus text |
//!
//! Nothing here is secret but the hash and the header of the first route, and both are compared in constant
//! time.

pub mod hook;
pub mod probe;
pub mod serve;

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use axum::Router;
use axum::routing::{get, post};
use tokio::sync::Semaphore;

use super::handle::Handler;
use super::quota::flow::Flow;
use super::webhook::HookKeys;
use crate::store::{Db, Seen};
use crate::telegram::Messenger;

pub use serve::serve;

/// Renders the metrics of the process as Prometheus text.
pub type RenderMetrics = Arc<dyn Fn() -> String + Send + Sync>;

/// Bodies that are read at the same time; further ones are told to come again.
const READERS: usize = 256;

/// How long the body of an update may take to arrive.
pub const READ_LIMIT: Duration = Duration::from_secs(10);

/// How updates come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Telegram calls us.
    Webhook,
    /// We ask Telegram.
    Polling,
}

impl Mode {
    /// The printed word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Webhook => "webhook",
            Self::Polling => "polling",
        }
    }
}

/// What the routes need.
pub struct Parts {
    /// How updates come.
    pub mode: Mode,
    /// What only Telegram and we know; `None` closes the webhook route.
    pub keys: Option<HookKeys>,
    /// Largest body of an update, bytes.
    pub max_body: usize,
    /// How long a body may take to arrive.
    pub read_limit: Duration,
    /// Updates taken in a second; 0: without limit.
    pub updates_per_second: u32,
    /// The handler, once we know who we are.
    pub handler: Arc<OnceLock<Arc<Handler>>>,
    /// The record.
    pub db: Arc<dyn Db>,
    /// The fast filter.
    pub seen: Arc<dyn Seen>,
    /// Telegram.
    pub messenger: Arc<dyn Messenger>,
    /// The metrics.
    pub render_metrics: RenderMetrics,
}

/// The routes' shared state.
pub struct Site {
    parts: Parts,
    readers: Semaphore,
    flow: Flow,
    health: probe::Cached<probe::Health>,
    pending: probe::Cached<Option<i64>>,
}

/// All routes.
pub fn router(parts: Parts) -> Router {
    let site = Arc::new(Site {
        flow: Flow::new(parts.updates_per_second),
        parts,
        readers: Semaphore::new(READERS),
        health: probe::Cached::default(),
        pending: probe::Cached::default(),
    });
    Router::new()
        .route("/telegram/{hash}", post(hook::receive))
        .route("/health", get(probe::health))
        .route("/status", get(probe::status))
        .route("/metrics", get(probe::metrics))
        .with_state(site)
}
