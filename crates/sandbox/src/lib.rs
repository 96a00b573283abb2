//! A small Telegram on one machine, for tests, for development and for showing Magpie.
//!
//! * `/bot<token>/<method>`: a Bot API server that enforces the documented rules ([`api`], [`methods`]).
//! * `/_sandbox/…`: journal, faults, acting as a user, state ([`control`], [`say`], [`journal`], [`faults`]).
//! * Mini Apps are opened with signed data ([`webapp`]).
//! * `/`: a page that shows the chats like a messenger ([`page`]).
//! * `/demo/…`: two listing sites that publish over time ([`demo`]).
//!
//! ```no_run
//! # async fn example() -> anyhow::Result<()> {
//! let sandbox = sandbox::start(sandbox::Options { port: 0, ..Default::default() }).await?;
//! println!("point TELEGRAM_API_URL to {}", sandbox.url());
//! sandbox.stop().await;
//! # Ok(())
//! # }
//! ```

pub mod answer;
pub mod api;
pub mod app;
pub mod clock;
pub mod control;
pub mod demo;
pub mod entities;
pub mod faults;
pub mod html;
pub mod journal;
pub mod limits;
pub mod line;
pub mod markup;
pub mod methods;
pub mod page;
pub mod say;
pub mod webapp;
pub mod world;

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use axum::extract::DefaultBodyLimit;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use app::App;
use clock::Clock;
use limits::Mode;
use line::{Door, Line};

/// How a sandbox is set up.
#[derive(Clone, Debug)]
pub struct Options {
    /// Address to listen on.
    pub bind: IpAddr,
    /// Port; 0 takes a free one.
    pub port: u16,
    /// File to which the journal is appended as well.
    pub journal: Option<PathBuf>,
    /// Pause between two new offers on each demo site; `None` publishes only on order.
    pub publish_every: Option<Duration>,
    /// How rate limits are counted.
    pub limits: Mode,
    /// Webhooks may be plain HTTP on local addresses and any port.
    pub local_webhooks: bool,
    /// Decides what the demo sites offer.
    pub seed: u64,
    /// The time.
    pub clock: Clock,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            bind: IpAddr::V4(Ipv4Addr::LOCALHOST),
            port: 0,
            journal: None,
            publish_every: None,
            limits: Mode::Sliding,
            local_webhooks: true,
            seed: 1,
            clock: Clock::system(),
        }
    }
}

/// A sandbox that runs in this process.
#[derive(Debug)]
pub struct Running {
    address: SocketAddr,
    app: Arc<App>,
    tasks: Vec<JoinHandle<()>>,
}

/// Starts a sandbox; it serves until [`Running::stop`] or until it is dropped with its runtime.
pub async fn start(options: Options) -> anyhow::Result<Running> {
    // Another part of the process may have chosen the provider already; then this one is not needed.
    let _already_there = rustls::crypto::ring::default_provider().install_default();
    let wanted = SocketAddr::new(options.bind, options.port);
    let listener = TcpListener::bind(wanted)
        .await
        .with_context(|| format!("cannot listen on {wanted}; choose another --port"))?;
    let address = listener.local_addr()?;
    let app = Arc::new(App::new(&options)?);
    let router = axum::Router::new()
        .merge(control::routes())
        .merge(page::routes())
        .merge(demo::routes())
        .fallback(api::handle)
        .layer(DefaultBodyLimit::max(60 * 1024 * 1024))
        .with_state(Arc::clone(&app));
    let service = router.into_make_service_with_connect_info::<Line>();
    let mut stopping = app.stopping.subscribe();
    let serving = axum::serve(Door(listener), service).with_graceful_shutdown(async move {
        let _asked_or_gone = stopping.wait_for(|stop| *stop).await.is_ok();
    });
    let mut tasks = vec![
        tokio::spawn(async move {
            if let Err(error) = serving.await {
                tracing::error!(%error, "the sandbox stopped serving");
            }
        }),
        tokio::spawn(api::push::run(Arc::clone(&app))),
    ];
    if let Some(pause) = options.publish_every {
        tasks.push(tokio::spawn(demo::publish(Arc::clone(&app), pause)));
    }
    Ok(Running { address, app, tasks })
}

impl Running {
    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The base URL without a slash at the end.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The clock, for tests that move it.
    pub fn clock(&self) -> &Clock {
        &self.app.clock
    }

    /// Acts as a user does by `POST /_sandbox/say`; answers what happened.
    ///
    /// # Errors
    /// What is wrong with the act, in words for its author.
    pub async fn say(&self, act: &str) -> Result<serde_json::Value, String> {
        let act = serde_json::from_str(act).map_err(|error| format!("not understood: {error}"))?;
        say::act(&self.app, act).await
    }

    /// Ends waiting requests and stops serving.
    pub async fn stop(self) {
        self.app.stopping.send_replace(true);
        for task in self.tasks {
            let stop = task.abort_handle();
            if tokio::time::timeout(Duration::from_secs(1), task).await.is_err() {
                stop.abort();
            }
        }
    }
}
