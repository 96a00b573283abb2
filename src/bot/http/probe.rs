//! What machines and operators ask. Anybody may ask as often as they like, so answers that cost something are
//! remembered for a moment.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::json;
use tokio::sync::Mutex;
use tokio::time::{Instant, timeout};

use super::Site;

/// How long one store may take to answer.
const PING_LIMIT: Duration = Duration::from_secs(3);
/// How long a health report is remembered.
const HEALTH_LIFE: Duration = Duration::from_secs(1);
/// How long Telegram's count of waiting updates is remembered.
const PENDING_LIFE: Duration = Duration::from_secs(10);

/// A value that is asked for at most once in a while, by one asker at a time.
#[derive(Debug)]
pub struct Cached<T>(Mutex<Option<(Instant, T)>>);

impl<T> Default for Cached<T> {
    fn default() -> Self {
        Self(Mutex::new(None))
    }
}

impl<T: Clone> Cached<T> {
    async fn get(&self, life: Duration, ask: impl Future<Output = T>) -> T {
        let mut kept = self.0.lock().await;
        match &*kept {
            Some((at, value)) if at.elapsed() < life => value.clone(),
            _ => {
                let value = ask.await;
                *kept = Some((Instant::now(), value.clone()));
                value
            }
        }
    }
}

/// What `/health` says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Health {
    /// `ok`, `degraded` (works, slower), `starting` or `down`.
    status: &'static str,
    /// `ok` or `down`.
    database: &'static str,
    /// `ok` or `down`. Without the fast filter the bot works.
    seen: &'static str,
    /// `ok`, or `unknown` while Telegram has not told us who we are.
    telegram: &'static str,
}

impl Health {
    fn status_code(self) -> StatusCode {
        match self.status {
            "ok" | "degraded" => StatusCode::OK,
            _ => StatusCode::SERVICE_UNAVAILABLE,
        }
    }
}

/// `GET /health`.
pub async fn health(State(site): State<Arc<Site>>) -> Response {
    let health = site.health.get(HEALTH_LIFE, examine(&site)).await;
    (health.status_code(), Json(health)).into_response()
}

async fn examine(site: &Site) -> Health {
    let database = timeout(PING_LIMIT, site.parts.db.ping());
    let seen = timeout(PING_LIMIT, site.parts.seen.ping());
    let (database, seen) = tokio::join!(database, seen);
    let (database, seen) = (matches!(database, Ok(Ok(()))), matches!(seen, Ok(Ok(()))));
    let is_known = site.parts.handler.get().is_some();
    let word = |works| if works { "ok" } else { "down" };
    let status = match (database, is_known, seen) {
        (false, _, _) => "down",
        (true, false, _) => "starting",
        (true, true, false) => "degraded",
        (true, true, true) => "ok",
    };
    let telegram = if is_known { "ok" } else { "unknown" };
    Health { status, database: word(database), seen: word(seen), telegram }
}

/// `GET /status`.
pub async fn status(State(site): State<Arc<Site>>) -> Response {
    let pending = site.pending.get(PENDING_LIFE, pending(&site)).await;
    Json(json!({
        "bot_mode": site.parts.mode.as_str(),
        "application_running": site.parts.handler.get().is_some(),
        "pending_update_count": pending,
        "versions": { "magpie": env!("CARGO_PKG_VERSION") },
    }))
    .into_response()
}

/// How many updates wait at Telegram; `None` when it does not say.
async fn pending(site: &Site) -> Option<i64> {
    let info = timeout(PING_LIMIT, site.parts.messenger.webhook_info()).await.ok()?;
    Some(info.ok()?.pending_update_count)
}

/// `GET /metrics`.
pub async fn metrics(State(site): State<Arc<Site>>) -> Response {
    let kind = "text/plain; version=0.0.4; charset=utf-8";
    ([(header::CONTENT_TYPE, kind)], (site.parts.render_metrics)()).into_response()
}
