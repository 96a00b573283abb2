//! Connections: HTTP/1.1 with limits on everything a stranger can stretch.
//!
//! `axum::serve` has no limit on how long a head may take to arrive, so the connections are driven here.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::time::{sleep, timeout};
use tokio_util::task::TaskTracker;

use crate::shutdown::{Shutdown, Stage};

/// How long a head may take to arrive, and how long an idle connection is kept.
const HEAD_LIMIT: Duration = Duration::from_secs(15);
/// A connection is closed at the next pause after this; a busy one is cut [`LAST_WORDS`] later.
const CONNECTION_LIFE: Duration = Duration::from_secs(600);
/// How long an ending connection may take for the answer in hand.
const LAST_WORDS: Duration = Duration::from_secs(30);
/// Connections at the same time; further ones wait in the system's queue.
const CONNECTIONS: usize = 1_024;
/// Largest head, bytes.
const HEAD_BYTES: usize = 32 * 1024;
/// Most headers in a head.
const HEADERS: usize = 64;
/// Pause after a refused `accept` (out of file handles).
const BREATH: Duration = Duration::from_millis(100);

/// Serves until the shutdown is quiet, then lets every answer in hand finish; returns when the last
/// connection is closed or the shutdown cuts.
pub async fn serve(listener: TcpListener, router: Router, shutdown: Shutdown) {
    let places = Arc::new(Semaphore::new(CONNECTIONS));
    let connections = TaskTracker::new();
    loop {
        let accept = async {
            // The semaphore is never closed.
            let place = Arc::clone(&places).acquire_owned().await.ok();
            (place, listener.accept().await)
        };
        let (place, accepted) = tokio::select! {
            accepted = accept => accepted,
            () = shutdown.reached(Stage::Quiet) => break,
        };
        match accepted {
            Ok((stream, _)) => {
                let (router, shutdown) = (router.clone(), shutdown.clone());
                connections.spawn(async move {
                    converse(stream, router, shutdown).await;
                    drop(place);
                });
            }
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted");
                sleep(BREATH).await;
            }
        }
    }
    drop(listener);
    connections.close();
    tokio::select! {
        () = connections.wait() => {}
        () = shutdown.reached(Stage::Cut) => {}
    }
}

async fn converse(stream: TcpStream, router: Router, shutdown: Shutdown) {
    let _ = stream.set_nodelay(true);
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_LIMIT)
        .max_buf_size(HEAD_BYTES)
        .max_headers(HEADERS)
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(router));
    tokio::pin!(connection);
    let ended = tokio::select! {
        ended = &mut connection => Some(ended),
        () = shutdown.reached(Stage::Quiet) => None,
        () = sleep(CONNECTION_LIFE) => None,
    };
    let ended = match ended {
        Some(ended) => Ok(ended),
        None => {
            connection.as_mut().graceful_shutdown();
            timeout(LAST_WORDS, connection).await
        }
    };
    if let Ok(Err(error)) = ended {
        tracing::debug!(%error, "a connection ended badly");
    }
}
