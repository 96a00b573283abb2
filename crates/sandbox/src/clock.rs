//! The time of the sandbox.
//!
//! Every rule that depends on time (rate limits, expiry of callbacks and updates, retries) asks this
//! clock. A running sandbox follows the system clock; a test may freeze it and move it by hand, so
//! that "one minute later" costs nothing.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use tokio::sync::watch;

/// Milliseconds since 1970-01-01 UTC.
pub type Millis = i64;

/// A shared clock; clones show the same time.
#[derive(Clone, Debug)]
pub struct Clock(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    /// The instant at which a manual clock stands; `None` follows the system.
    frozen: Option<Millis>,
    /// What `advance` has added so far.
    offset: AtomicI64,
    moved: watch::Sender<()>,
}

impl Default for Clock {
    fn default() -> Self {
        Self::system()
    }
}

impl Clock {
    /// A clock that follows the system clock.
    pub fn system() -> Self {
        Self::build(None)
    }

    /// A clock that stands at `start` and moves only by [`Clock::advance`].
    pub fn manual(start: Millis) -> Self {
        Self::build(Some(start))
    }

    fn build(frozen: Option<Millis>) -> Self {
        let moved = watch::Sender::new(());
        Self(Arc::new(Inner { frozen, offset: AtomicI64::new(0), moved }))
    }

    /// The present moment.
    pub fn now(&self) -> Millis {
        let base = self.0.frozen.unwrap_or_else(|| chrono::Utc::now().timestamp_millis());
        base + self.0.offset.load(Ordering::SeqCst)
    }

    /// Moves the clock forward and wakes everyone who waits for a moment.
    pub fn advance(&self, by: Millis) {
        self.0.offset.fetch_add(by.max(0), Ordering::SeqCst);
        self.0.moved.send_replace(());
    }

    /// Waits until this clock shows `deadline` or later.
    pub async fn sleep_until(&self, deadline: Millis) {
        let mut moved = self.0.moved.subscribe();
        loop {
            let left = deadline - self.now();
            if left <= 0 {
                return;
            }
            let running = self.0.frozen.is_none();
            let pause = Duration::from_millis(left.unsigned_abs());
            tokio::select! {
                () = tokio::time::sleep(pause), if running => {}
                _ = moved.changed() => {}
            }
        }
    }
}
