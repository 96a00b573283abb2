//! Politeness: one object per host through which every request to it passes, by whatever road.
//!
//! ```text
//! turn(url) ─► queue of the host: first come, first served; who would wait longer than a minute is sent away
//!              with a moment to come back at; waiting holds no worker
//!           ─► slot: agreed pace and reaction (`domain::host`), by clocks that all processes share
//!           ─► held after a refusal: "not now" at once, with the moment and the reason
//!           ─► robots.txt (once a day, through the same client) ─► "forbidden" at once
//!           ─► Turn ── fetch ──► Turn::end: the next slot, a hold or its end, counts
//! ```
//!
//! Being told to slow down is never retried harder: the pause doubles with each refusal in a row.

mod clocks;
mod robots;
mod stats;
mod turn;

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::Semaphore;
use url::Url;

pub use stats::HostStats;
pub use turn::{How, Turn};

use self::clocks::Clocks;
use self::robots::RobotsFile;
use super::fetcher::{FetchError, FetchFailure};
use super::http::Client;
use crate::clock::{Clock, SystemClock};
use crate::domain::host::{HostAsk, HostSlot, millis};
use crate::store::HostClock;

/// Who would wait longer than this for a slot is sent away with a place in the queue: claims and tasks are not
/// held for hours.
const PATIENCE: Duration = Duration::from_secs(60);

/// Requests to one host at the same time, at most.
pub const MOST_AT_ONCE: usize = 4;

/// After a wait longer than this somebody else may have been refused meanwhile.
const LONG_WAIT: Duration = Duration::from_secs(1);

/// All hosts of the process.
pub struct Hosts {
    client: Client,
    respect_robots: bool,
    gap: Duration,
    at_once: usize,
    patience: Duration,
    clocks: Arc<Clocks>,
    table: Mutex<HashMap<String, Arc<Host>>>,
}

/// One host (name and port).
struct Host {
    name: String,
    places: Arc<Semaphore>,
    at_once: Mutex<usize>,
    waiting: AtomicUsize,
    stats: Mutex<HostStats>,
    robots: tokio::sync::Mutex<RobotsFile>,
    /// `Crawl-delay` of robots.txt, as far as we keep it.
    delay: Mutex<Duration>,
}

/// What a site asks of the pace at its hosts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Manners {
    /// Shortest time between two requests; the configured one if none is named.
    pub gap: Option<Duration>,
    /// Requests at once; as many as so far (at first: as configured) if no number is named.
    pub at_once: Option<usize>,
}

impl Manners {
    /// The manners of a site's module.
    pub fn of(site: &sites::Site) -> Self {
        Self { gap: site.fetch.gap, at_once: site.fetch.concurrency }
    }
}

impl Hosts {
    /// Hosts whose robots.txt is read through `client`, unless `respect_robots` is off; `gap` is kept between the
    /// requests of a site whose module names none. One request at once to each; nobody else asks them.
    pub fn new(client: Client, respect_robots: bool, gap: Duration) -> Self {
        let clocks = Arc::new(Clocks::new(Arc::new(SystemClock), None));
        let table = Mutex::default();
        Self { client, respect_robots, gap, at_once: 1, patience: PATIENCE, clocks, table }
    }

    /// Shares the clocks with other processes; `time` is the time of day by which they go.
    #[must_use]
    pub fn sharing(self, clock: Arc<dyn HostClock>, time: Arc<dyn Clock>) -> Self {
        Self { clocks: Arc::new(Clocks::new(time, Some(clock))), ..self }
    }

    /// So many requests at once to a host (1 to [`MOST_AT_ONCE`]) whose site names no number.
    #[must_use]
    pub fn at_once(self, count: usize) -> Self {
        Self { at_once: count.clamp(1, MOST_AT_ONCE), ..self }
    }

    /// Sends away who would wait longer than this; a minute unless it is said otherwise.
    #[must_use]
    pub fn patience(self, patience: Duration) -> Self {
        Self { patience, ..self }
    }

    /// Waits for a turn to ask for `url`, with at least the module's `gap`, or else the configured one, since the
    /// last request to its host by any process.
    ///
    /// Answers an error at once when the host is held ([`FetchFailure::Held`]), when too many wait already
    /// ([`FetchFailure::Queued`]; `retry_after` is how far away the place in the queue is), or when robots.txt
    /// forbids the address.
    pub async fn turn(&self, url: &Url, gap: Option<Duration>) -> Result<Turn, FetchError> {
        self.turn_with(url, Manners { gap, at_once: None }).await
    }

    /// As [`Hosts::turn`], with all that a site asks for.
    pub async fn turn_with(&self, url: &Url, manners: Manners) -> Result<Turn, FetchError> {
        let host = self.host(url);
        if let Some(count) = manners.at_once {
            host.allow(count.clamp(1, MOST_AT_ONCE));
        }
        let gap = manners.gap.unwrap_or(self.gap).max(*lock(&host.delay));
        let begun = Instant::now();
        let _waiting = self.line_up(&host, gap).await?;
        let place = Arc::clone(&host.places).acquire_owned().await.map_err(|_| closed())?;
        self.slot(&host, gap, begun).await?;
        lock(&host.stats).begun(&host.name);
        let mut turn = Turn::new(host, Arc::clone(&self.clocks), gap, place);
        if self.respect_robots {
            turn.ask_robots(&self.client, url).await?;
        }
        Ok(turn)
    }

    /// What happened with each host so far in this process, by name.
    pub fn stats(&self) -> Vec<(String, HostStats)> {
        let table = lock(&self.table);
        let mut stats: Vec<_> =
            table.iter().map(|(name, host)| (name.clone(), *lock(&host.stats))).collect();
        stats.sort_by(|a, b| a.0.cmp(&b.0));
        stats
    }

    /// Waits until the shared clocks know everything that happened here.
    pub async fn settle(&self) {
        self.clocks.settle().await;
    }

    /// Joins those who wait, unless there are too many already.
    async fn line_up(&self, host: &Arc<Host>, gap: Duration) -> Result<Waiting, FetchError> {
        let waiting = Waiting::at(host);
        let pace = self.clocks.own(&host.name);
        let ahead = u32::try_from(waiting.ahead).unwrap_or(u32::MAX);
        // Each of them takes a slot, and slots are a gap apart.
        if pace.gap(gap).saturating_mul(ahead) <= self.patience {
            return Ok(waiting);
        }
        let ask = self.ask(gap, self.patience);
        Err(self.sent_away(host, self.clocks.queue(&host.name, ask).await, ask.now))
    }

    /// Waits for the next slot.
    async fn slot(&self, host: &Host, gap: Duration, begun: Instant) -> Result<(), FetchError> {
        loop {
            let ask = self.ask(gap, self.patience.saturating_sub(begun.elapsed()));
            let slot = match self.clocks.reserve(&host.name, ask).await {
                HostSlot::At(slot) => slot,
                later => return Err(self.sent_away(host, later, ask.now)),
            };
            let wait = until(slot, self.clocks.now());
            tokio::time::sleep(wait).await;
            if wait <= LONG_WAIT {
                return Ok(());
            }
            let (held_until, _) = self.clocks.held(&host.name).await;
            if held_until <= self.clocks.now() {
                return Ok(());
            }
        }
    }

    fn ask(&self, gap: Duration, patience: Duration) -> HostAsk {
        let now = self.clocks.now();
        HostAsk { gap, earliest: 0, latest: now.saturating_add(millis(patience)), now }
    }

    fn sent_away(&self, host: &Host, slot: HostSlot, now: i64) -> FetchError {
        let name = &host.name;
        let (class, at, text) = match slot {
            HostSlot::Held(at, why) => {
                let seconds = until(at, now).as_secs();
                let text =
                    format!("{name} refused us ({why}) and is left alone for {seconds} s more");
                (FetchFailure::Held, at, text)
            }
            HostSlot::Queued(at) | HostSlot::At(at) => {
                lock(&host.stats).sent_away(name);
                let seconds = until(at, now).as_secs();
                let text =
                    format!("many wait for {name} already; its next free place is in {seconds} s");
                (FetchFailure::Queued, at, text)
            }
        };
        FetchError { class, text, status: None, retry_after: Some(until(at, now)) }
    }

    fn host(&self, url: &Url) -> Arc<Host> {
        let name = url.host_str().unwrap_or_default();
        let name = match url.port() {
            Some(port) => format!("{name}:{port}"),
            None => name.to_owned(),
        };
        let new = || Arc::new(Host::new(name.clone(), self.at_once));
        lock(&self.table).entry(name.clone()).or_insert_with(new).clone()
    }
}

impl Host {
    fn new(name: String, at_once: usize) -> Self {
        Self {
            name,
            places: Arc::new(Semaphore::new(at_once)),
            at_once: Mutex::new(at_once),
            waiting: AtomicUsize::new(0),
            stats: Mutex::default(),
            robots: tokio::sync::Mutex::default(),
            delay: Mutex::default(),
        }
    }

    /// From now on so many at once. Places that are taken away while in use are given up when they come back.
    fn allow(&self, count: usize) {
        let mut at_once = lock(&self.at_once);
        if count > *at_once {
            self.places.add_permits(count - *at_once);
            *at_once = count;
        } else {
            *at_once -= self.places.forget_permits(*at_once - count);
        }
    }

    /// Whether requests run one after the other.
    fn is_single(&self) -> bool {
        *lock(&self.at_once) == 1
    }
}

/// Somebody who waits for a turn.
struct Waiting {
    host: Arc<Host>,
    ahead: usize,
}

impl Waiting {
    fn at(host: &Arc<Host>) -> Self {
        let ahead = host.waiting.fetch_add(1, Ordering::Relaxed);
        Self { host: Arc::clone(host), ahead }
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        self.host.waiting.fetch_sub(1, Ordering::Relaxed);
    }
}

/// How long from `now` to `at`, both in ms.
fn until(at: i64, now: i64) -> Duration {
    Duration::from_millis(at.saturating_sub(now).max(0).unsigned_abs())
}

fn closed() -> FetchError {
    error(FetchFailure::Connect, "the queue of the host is closed".into())
}

fn error(class: FetchFailure, text: String) -> FetchError {
    FetchError { class, text, status: None, retry_after: None }
}

/// A panic while one of these short locks is held leaves plain numbers behind: still usable.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
