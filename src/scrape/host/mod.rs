//! Politeness: one object per host through which every request to it passes.
//!
//! ```text
//! turn(url) ─► queue of the host (first come, first served; the queue holds no worker)
//!           ─► gap since the last request, or a long pause after a refusal ─► "not now" at once
//!           ─► robots.txt (once a day, through the same client) ─► "forbidden" at once
//!           ─► Turn ── fetch ──► Turn::end: the next gap, back-off or its end, counts
//! ```
//!
//! Being told to slow down is never retried harder: the pause doubles with each refusal in a row.

mod pace;
mod robots;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use url::Url;

pub use pace::{HostPace, HostStats};

use self::robots::RobotsFile;
use super::fetcher::{FetchError, FetchFailure, Fetched};
use super::http::Client;

/// Requests to one host at the same time.
const CONCURRENCY: usize = 1;

/// A pause longer than this is not waited for: the source comes back when it is over.
/// Shorter than the pause after the first refusal.
const PATIENCE: Duration = Duration::from_secs(10);

/// The longest `Crawl-delay` that we keep; a longer one means "rarely", which our intervals are.
const LONGEST_DELAY: Duration = Duration::from_secs(60);

/// All hosts of the process.
pub struct Hosts {
    client: Client,
    respect_robots: bool,
    gap: Duration,
    table: Mutex<HashMap<String, Arc<Host>>>,
}

/// One host (name and port).
struct Host {
    places: Arc<Semaphore>,
    pace: Mutex<HostPace>,
    robots: tokio::sync::Mutex<RobotsFile>,
}

/// The right to one request. Ends with [`Turn::end`]; dropped without it (a cut) it only makes place.
pub struct Turn {
    host: Arc<Host>,
    gap: Duration,
    _place: OwnedSemaphorePermit,
}

/// How a request ended, as far as its host is concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum How {
    /// With an answer of this many bytes.
    Answered(usize),
    /// With a refusal, a block page or a login wall; the pause that was asked for, if any.
    Refused(Option<Duration>),
    /// Otherwise.
    Failed,
}

impl How {
    /// How a fetch ended, before its page was read: a block page has to be told apart by the caller.
    pub fn of(result: &Result<Fetched, FetchError>) -> Self {
        match result {
            Ok(fetched) => Self::Answered(fetched.bytes),
            Err(error) if error.class == FetchFailure::Refused => Self::Refused(error.retry_after),
            Err(_) => Self::Failed,
        }
    }
}

impl Hosts {
    /// Hosts whose robots.txt is read through `client`, unless `respect_robots` is off; `gap` is kept between the
    /// requests of a site whose module names none.
    pub fn new(client: Client, respect_robots: bool, gap: Duration) -> Self {
        Self { client, respect_robots, gap, table: Mutex::default() }
    }

    /// Waits for a turn to ask for `url`, with at least the module's `gap`, or else the configured one, since the
    /// last request to its host.
    ///
    /// Answers an error at once when the host asked for a long pause or robots.txt forbids the address.
    pub async fn turn(&self, url: &Url, gap: Option<Duration>) -> Result<Turn, FetchError> {
        let gap = gap.unwrap_or(self.gap);
        let host = self.host(url);
        let place = host.places.clone().acquire_owned().await.map_err(|_| closed())?;
        loop {
            let now = Instant::now();
            let (ready, held) = {
                let pace = lock(&host.pace);
                (pace.ready_at(now), pace.is_held(now))
            };
            let wait = ready.saturating_duration_since(now);
            if held && wait > PATIENCE {
                return Err(not_now(url, wait));
            }
            if wait.is_zero() {
                break;
            }
            tokio::time::sleep(wait).await;
        }
        lock(&host.pace).begin(gap, Instant::now());
        let mut turn = Turn { host, gap, _place: place };
        if self.respect_robots {
            turn.ask_robots(&self.client, url).await?;
        }
        Ok(turn)
    }

    /// What happened with each host so far, by name.
    pub fn stats(&self) -> Vec<(String, HostStats)> {
        let table = lock(&self.table);
        let mut stats: Vec<_> =
            table.iter().map(|(name, host)| (name.clone(), lock(&host.pace).stats())).collect();
        stats.sort_by(|a, b| a.0.cmp(&b.0));
        stats
    }

    fn host(&self, url: &Url) -> Arc<Host> {
        let name = url.host_str().unwrap_or_default();
        let name = match url.port() {
            Some(port) => format!("{name}:{port}"),
            None => name.to_owned(),
        };
        let new = || {
            Arc::new(Host {
                places: Arc::new(Semaphore::new(CONCURRENCY)),
                pace: Mutex::default(),
                robots: tokio::sync::Mutex::default(),
            })
        };
        lock(&self.table).entry(name).or_insert_with(new).clone()
    }
}

impl Turn {
    /// Tells the host how the request ended.
    pub fn end(self, how: How) {
        let now = Instant::now();
        let mut pace = lock(&self.host.pace);
        match how {
            How::Answered(bytes) => pace.answered(self.gap, bytes, now),
            How::Refused(asked) => pace.refused(asked, now),
            How::Failed => pace.failed(self.gap, now),
        }
    }

    async fn ask_robots(&mut self, client: &Client, url: &Url) -> Result<(), FetchError> {
        let mut file = self.host.robots.lock().await;
        file.refresh(client, url, Instant::now()).await?;
        if !file.allows(client.user_agent(), url) {
            let text =
                format!("robots.txt of {} forbids this address", url.host_str().unwrap_or(""));
            return Err(error(FetchFailure::Robots, text));
        }
        if let Some(delay) = file.delay(client.user_agent()) {
            self.gap = self.gap.max(delay.min(LONGEST_DELAY));
        }
        Ok(())
    }
}

fn not_now(url: &Url, wait: Duration) -> FetchError {
    let (host, seconds) = (url.host_str().unwrap_or_default(), wait.as_secs());
    let text = format!("{host} refused us and is left alone for {seconds} s more");
    FetchError { class: FetchFailure::Held, text, status: None, retry_after: Some(wait) }
}

fn closed() -> FetchError {
    error(FetchFailure::Connect, "the queue of the host is closed".into())
}

fn error(class: FetchFailure, text: String) -> FetchError {
    FetchError { class, text, status: None, retry_after: None }
}

/// A panic while one of these short locks is held leaves plain numbers behind: still usable.
fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scrape::http::Options;

    #[tokio::test]
    async fn the_configured_gap_holds_where_a_module_names_none() {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let options = Options {
            proxy: ([127, 0, 0, 1], 9).into(),
            user_agent: "Magpie".into(),
            max_bytes: 1,
        };
        let client = Client::new(options).expect("a client");
        let hosts = Hosts::new(client, false, Duration::from_millis(40));
        let url = |host: &str| Url::parse(&format!("http://{host}/")).expect("an address");
        let pause = async |host: &str, gap| {
            hosts.turn(&url(host), gap).await.expect("a turn").end(How::Answered(1));
            let begun = Instant::now();
            hosts.turn(&url(host), gap).await.expect("a turn").end(How::Answered(1));
            begun.elapsed()
        };
        assert!(pause("a.example", None).await >= Duration::from_millis(39));
        assert!(
            pause("b.example", Some(Duration::from_millis(90))).await >= Duration::from_millis(89)
        );
        assert!(pause("c.example", Some(Duration::ZERO)).await < Duration::from_millis(39));
    }
}
