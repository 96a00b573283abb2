//! The right to one request, and how it ended.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::OwnedSemaphorePermit;
use url::Url;

use super::clocks::Clocks;
use super::{Host, error, lock};
use crate::domain::host::{HostEnding, HostReport, millis};
use crate::scrape::fetcher::{FetchError, FetchFailure, Fetched, Rung};
use crate::scrape::http::Client;

/// The longest `Crawl-delay` that we keep; a longer one means "rarely", which our intervals are.
const LONGEST_DELAY: Duration = Duration::from_secs(60);

/// The right to one request. Ends with [`Turn::end`]; dropped without it (a cut) it only makes place.
pub struct Turn {
    host: Arc<Host>,
    clocks: Arc<Clocks>,
    gap: Duration,
    took: Option<Duration>,
    _place: OwnedSemaphorePermit,
}

/// How a request ended, as far as its host is concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum How {
    /// With an answer of this many bytes.
    Answered(usize),
    /// With a block page or a login wall; the pause that was asked for, if any.
    Refused(Option<Duration>),
    /// With a refusal by this status; the pause that was asked for, if any.
    RefusedFor(u16, Option<Duration>),
    /// Otherwise.
    Failed,
}

impl How {
    /// How a fetch ended, before its page was read: a block page has to be told apart by the caller.
    pub fn of(result: &Result<Fetched, FetchError>) -> Self {
        match result {
            Ok(fetched) => Self::Answered(fetched.bytes),
            Err(error) if error.class == FetchFailure::Refused => match error.status {
                Some(status) => Self::RefusedFor(status, error.retry_after),
                None => Self::Refused(error.retry_after),
            },
            Err(_) => Self::Failed,
        }
    }
}

impl Turn {
    pub(super) fn new(
        host: Arc<Host>,
        clocks: Arc<Clocks>,
        gap: Duration,
        place: OwnedSemaphorePermit,
    ) -> Self {
        Self { host, clocks, gap, took: None, _place: place }
    }

    /// Tells how long the host took, so that a slow one is asked less often. Only plain HTTP measures the host; a
    /// browser measures itself as well. `limit` is what a fetch that was too slow had.
    pub fn timed(&mut self, rung: Rung, result: &Result<Fetched, FetchError>, limit: Duration) {
        self.took = match result {
            _ if rung != Rung::Http => None,
            Ok(fetched) => Some(fetched.elapsed),
            Err(error) if error.class == FetchFailure::Timeout => Some(limit),
            Err(_) => None,
        };
    }

    /// Tells the host how the request ended.
    pub fn end(self, how: How) {
        let now = self.clocks.now();
        let took = self.took.map(millis);
        let ending = match how {
            How::Answered(_) => HostEnding::Answered(took),
            How::Failed => HostEnding::Failed(took),
            How::Refused(asked) => HostEnding::Refused("a block page".into(), asked),
            How::RefusedFor(status, asked) => HostEnding::Refused(format!("HTTP {status}"), asked),
        };
        let rest = if self.host.is_single() { self.gap } else { Duration::ZERO };
        let pace = self.clocks.report(&self.host.name, HostReport { ending, rest, now });
        lock(&self.host.stats).ended(&self.host.name, how, &pace, now);
    }

    pub(super) async fn ask_robots(
        &mut self,
        client: &Client,
        url: &Url,
    ) -> Result<(), FetchError> {
        let mut file = self.host.robots.lock().await;
        file.refresh(client, url, Instant::now()).await?;
        if !file.allows(client.user_agent(), url) {
            metrics::counter!("magpie_robots_total", "result" => "forbidden").increment(1);
            let text =
                format!("robots.txt of {} forbids this address", url.host_str().unwrap_or(""));
            return Err(error(FetchFailure::Robots, text));
        }
        let delay = file.delay(client.user_agent()).unwrap_or_default().min(LONGEST_DELAY);
        *lock(&self.host.delay) = delay;
        self.gap = self.gap.max(delay);
        Ok(())
    }
}
