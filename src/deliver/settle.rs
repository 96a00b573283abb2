//! Writes how attempts ended, a few at a time.
//!
//! Settlements that come within 5 ms of each other share a transaction, when the last one had several too. Longer would be cheaper, but each
//! millisecond between Telegram's answer and our commit is one in which a kill leaves a doubt.
//! A store that does not answer is asked again until the process is cut; a settlement is final and
//! idempotent, so repeating it is harmless.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

use crate::clock::Clock;
use crate::domain::delivery::Settlement;
use crate::shutdown::{Shutdown, Stage};
use crate::store::{Db, SettleReport};

/// How long the first settlement waits for others.
const GATHER: Duration = Duration::from_millis(5);

/// Most settlements in one transaction.
const BATCH: usize = 128;

/// First and longest pause before the store is asked again.
const PATIENCE: (Duration, Duration) = (Duration::from_millis(50), Duration::from_secs(2));

/// A settlement, and who waits for it.
type Waiting = (Settlement, oneshot::Sender<bool>);

/// A handle on the task that settles. The task ends when all handles are gone.
#[derive(Debug, Clone)]
pub struct Settler {
    queue: mpsc::Sender<Waiting>,
}

impl Settler {
    /// Starts the task.
    pub fn start(
        db: Arc<dyn Db>,
        clock: Arc<dyn Clock>,
        shutdown: Shutdown,
    ) -> (Self, JoinHandle<()>) {
        let (queue, waiting) = mpsc::channel(BATCH);
        let task = tokio::spawn(settle_all(db, clock, shutdown, waiting));
        (Self { queue }, task)
    }

    /// Returns when the settlement is committed; false when it could not be, and recovery will find the
    /// delivery in doubt.
    pub async fn settle(&self, settlement: Settlement) -> bool {
        let (done, settled) = oneshot::channel();
        self.queue.send((settlement, done)).await.is_ok() && settled.await.unwrap_or(false)
    }
}

async fn settle_all(
    db: Arc<dyn Db>,
    clock: Arc<dyn Clock>,
    shutdown: Shutdown,
    mut waiting: mpsc::Receiver<Waiting>,
) {
    let mut last = 1;
    while let Some(first) = waiting.recv().await {
        // At a slow pace nobody else comes, and each millisecond is one more in which a kill leaves a doubt.
        let until = tokio::time::Instant::now() + if last > 1 { GATHER } else { Duration::ZERO };
        let (settlements, waiters) = gather(first, &mut waiting, until).await;
        last = settlements.len();
        let settled = settle_batch(&*db, &*clock, &shutdown, &settlements).await;
        for waiter in waiters {
            // Nobody listens any more: the settlement is committed all the same.
            let _ = waiter.send(settled);
        }
    }
}

async fn gather(
    first: Waiting,
    waiting: &mut mpsc::Receiver<Waiting>,
    until: tokio::time::Instant,
) -> (Vec<Settlement>, Vec<oneshot::Sender<bool>>) {
    let mut settlements = vec![first.0];
    let mut waiters = vec![first.1];
    while settlements.len() < BATCH {
        match tokio::time::timeout_at(until, waiting.recv()).await {
            Ok(Some((settlement, waiter))) => {
                settlements.push(settlement);
                waiters.push(waiter);
            }
            Ok(None) | Err(_) => break,
        }
    }
    (settlements, waiters)
}

/// Settles until the store has answered, or until the cut.
async fn settle_batch(
    db: &dyn Db,
    clock: &dyn Clock,
    shutdown: &Shutdown,
    settlements: &[Settlement],
) -> bool {
    let mut pause = PATIENCE.0;
    loop {
        let error = match db.settle_deliveries(settlements, clock.now()).await {
            Ok(report) => {
                count(&report);
                return true;
            }
            Err(error) => error,
        };
        if !error.is_transient() || shutdown.stage() == Stage::Cut {
            let ids: Vec<&str> = settlements.iter().map(|one| one.id.as_str()).collect();
            tracing::error!(
                %error, deliveries = ?ids,
                "these deliveries were attempted but could not be settled: they will be found in doubt"
            );
            return false;
        }
        tracing::warn!(%error, count = settlements.len(), "settling deliveries waits for the database");
        tokio::select! {
            () = tokio::time::sleep(pause) => pause = (pause * 2).min(PATIENCE.1),
            () = shutdown.reached(Stage::Cut) => {}
        }
    }
}

/// A fenced settlement means that somebody else has the delivery now: counted, nothing else to do.
pub(super) fn count(report: &SettleReport) {
    if report.fenced > 0 {
        metrics::counter!("magpie_settlements_fenced_total").increment(report.fenced);
        tracing::warn!(
            count = report.fenced,
            "settlements came too late: others hold the deliveries"
        );
    }
}
