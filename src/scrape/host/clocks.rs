//! The clocks that a process goes by: its own, and those that it shares with others.
//!
//! Its own are always kept, so that a shared store that does not answer costs nothing but the agreement with the
//! others: in this process requests never come faster than agreed.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio_util::task::TaskTracker;

use crate::clock::Clock;
use crate::domain::host::{HostAsk, HostPace, HostReport, HostSlot, HostStep};
use crate::store::{HostClock, MemoryClock};

/// The shared clocks must answer within this time.
const ANSWER: Duration = Duration::from_secs(2);

/// The clocks of a process.
pub(super) struct Clocks {
    pub(super) time: Arc<dyn Clock>,
    own: MemoryClock,
    shared: Option<Arc<dyn HostClock>>,
    alone: AtomicBool,
    reports: TaskTracker,
}

impl Clocks {
    pub(super) fn new(time: Arc<dyn Clock>, shared: Option<Arc<dyn HostClock>>) -> Self {
        let (own, alone) = (MemoryClock::default(), AtomicBool::new(false));
        Self { time, own, shared, alone, reports: TaskTracker::new() }
    }

    /// The present moment (ms).
    pub(super) fn now(&self) -> i64 {
        self.time.now().timestamp_millis()
    }

    /// The clocks of a host as this process knows them.
    pub(super) fn own(&self, host: &str) -> HostPace {
        self.own.take(host, &HostStep::Look).0
    }

    /// Takes a slot, or a place in the queue.
    pub(super) async fn reserve(&self, host: &str, ask: HostAsk) -> HostSlot {
        let mine = |ask| self.own_slot(host, HostStep::Reserve(ask), ask.now);
        match self.shared(host, &HostStep::Reserve(ask)).await {
            // Our own gap holds as well: the others' clocks may have been away for a while.
            Some((_, Some(HostSlot::At(slot)))) => {
                mine(HostAsk { earliest: slot, latest: i64::MAX, ..ask })
            }
            Some((_, Some(later))) => later,
            _ => mine(ask),
        }
    }

    /// Takes a place in the queue.
    pub(super) async fn queue(&self, host: &str, ask: HostAsk) -> HostSlot {
        match self.shared(host, &HostStep::Queue(ask)).await {
            Some((_, Some(place))) => place,
            _ => self.own_slot(host, HostStep::Queue(ask), ask.now),
        }
    }

    /// Until when a host is held, by anybody's experience, and why.
    pub(super) async fn held(&self, host: &str) -> (i64, String) {
        let own = self.own(host);
        let theirs = self.shared(host, &HostStep::Look).await.map(|(pace, _)| pace);
        let held = |pace: HostPace| (pace.held_until, pace.why);
        theirs.map(held).filter(|(until, _)| *until > own.held_until).unwrap_or(held(own))
    }

    /// Tells how a request ended; the others learn it in the background. Answers our own clocks.
    pub(super) fn report(self: &Arc<Self>, host: &str, report: HostReport) -> HostPace {
        let step = HostStep::Report(report);
        let pace = self.own.take(host, &step).0;
        if self.shared.is_some() && tokio::runtime::Handle::try_current().is_ok() {
            let (clocks, host) = (Arc::clone(self), host.to_owned());
            self.reports.spawn(async move { clocks.shared(&host, &step).await });
        }
        pace
    }

    /// Waits until everything that was reported is with the others.
    pub(super) async fn settle(&self) {
        self.reports.close();
        self.reports.wait().await;
        self.reports.reopen();
    }

    fn own_slot(&self, host: &str, step: HostStep, now: i64) -> HostSlot {
        // A step that takes a slot answers one.
        self.own.take(host, &step).1.unwrap_or(HostSlot::At(now))
    }

    async fn shared(&self, host: &str, step: &HostStep) -> Option<(HostPace, Option<HostSlot>)> {
        let clock = self.shared.as_ref()?;
        let now = self.time.now();
        let error = match tokio::time::timeout(ANSWER, clock.step(host, step, now)).await {
            Ok(Ok(answer)) => {
                if self.alone.swap(false, Ordering::Relaxed) {
                    tracing::info!("the clocks of hosts are shared with other processes again");
                }
                return Some(answer);
            }
            Ok(Err(error)) => error.to_string(),
            Err(_) => format!("no answer within {} s", ANSWER.as_secs()),
        };
        if !self.alone.swap(true, Ordering::Relaxed) {
            tracing::warn!(
                error,
                "the clocks of hosts are not shared: this process keeps the agreed gaps by itself until they are"
            );
        }
        None
    }
}
