//! The scraper's own small server: `GET /health` and `GET /metrics`, for the operator's machines only. The bot
//! serves the same two from [`routes`] on its public port.

use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use tokio::net::TcpListener;

use super::health::Health;
use super::metrics::Handle;
use crate::shutdown::{Shutdown, Stage};

/// How long we wait before an address that is taken is tried again.
const RETRY: Duration = Duration::from_secs(5);

/// `GET /health` (200 or 503 with JSON) and `GET /metrics` (text of Prometheus).
pub fn routes(health: Health, metrics: Handle) -> Router {
    Router::new()
        .route("/health", get(move || std::future::ready(health_answer(&health))))
        .route("/metrics", get(move || std::future::ready(metrics_answer(&metrics))))
}

fn health_answer(health: &Health) -> Response {
    let report = health.report();
    let status = StatusCode::from_u16(report.http_status()).unwrap_or(StatusCode::OK);
    (status, [(header::CACHE_CONTROL, "no-store")], axum::Json(report)).into_response()
}

fn metrics_answer(metrics: &Handle) -> Response {
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], metrics.render()).into_response()
}

/// Serves until the shutdown begins: the process waits for this loop like for any other. An address that is taken
/// is tried again: during a deploy the old process leaves a moment later.
pub async fn serve(
    listen: SocketAddr,
    health: Health,
    metrics: Handle,
    shutdown: Shutdown,
) -> std::io::Result<()> {
    let Some(listener) = bind(listen, &shutdown).await else { return Ok(()) };
    tracing::info!(address = %listener.local_addr()?, "serving /health and /metrics");
    let quiet = shutdown.clone();
    tokio::select! {
        served = axum::serve(listener, routes(health, metrics)).into_future() => served,
        () = async move { quiet.reached(Stage::Quiet).await } => Ok(()),
    }
}

/// Binds, with patience; `None` when the shutdown came first.
pub async fn bind(listen: SocketAddr, shutdown: &Shutdown) -> Option<TcpListener> {
    loop {
        match TcpListener::bind(listen).await {
            Ok(listener) => return Some(listener),
            Err(error) => tracing::warn!(
                address = %listen,
                %error,
                retry_s = RETRY.as_secs(),
                "cannot listen on this address: is another Magpie running, or is it not an address of this machine?"
            ),
        }
        tokio::select! {
            () = tokio::time::sleep(RETRY) => {}
            () = shutdown.reached(Stage::Quiet) => return None,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::super::health::Status;
    use super::*;
    use crate::clock::SystemClock;

    async fn get_text(address: SocketAddr, path: &str) -> String {
        let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
        let request = format!("GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut text = String::new();
        stream.read_to_string(&mut text).await.unwrap();
        text
    }

    #[tokio::test]
    async fn health_and_metrics_are_served_until_the_shutdown() {
        let shutdown = Shutdown::default();
        let health = Health::new("scraper", Arc::new(SystemClock), shutdown.clone());
        let metrics = super::super::metrics::init().unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        drop(listener);
        let task = tokio::spawn(serve(address, health.clone(), metrics, shutdown.clone()));
        while tokio::net::TcpStream::connect(address).await.is_err() {
            tokio::task::yield_now().await;
        }
        let good = get_text(address, "/health").await;
        assert!(
            good.starts_with("HTTP/1.1 200") && good.contains("\"process\":\"scraper\""),
            "{good}"
        );
        health.set("database", Status::Down, "locked");
        let bad = get_text(address, "/health").await;
        assert!(bad.starts_with("HTTP/1.1 503") && bad.contains("locked"), "{bad}");
        assert!(get_text(address, "/metrics").await.contains("magpie_build_info"));
        shutdown.reach(Stage::Quiet);
        task.await.unwrap().unwrap();
    }
}
