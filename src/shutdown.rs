//! The soft stop: tell everyone, stop claiming, wait until the last one is done, then cut.
//!
//! A [`Shutdown`] is cloned into every loop. `quiet` means "take no new work"; `cut` means "drop what
//! you hold now". The process entry turns signals into these two calls.

use std::time::Duration;

use tokio::sync::watch;

/// How far the process is on its way down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// Working.
    Running,
    /// Take no new work, finish what is in flight.
    Quiet,
    /// The deadline has passed: drop everything and release what is held.
    Cut,
}

/// The deadline between [`Stage::Quiet`] and [`Stage::Cut`]. Supervisors wait longer than this.
pub const DEADLINE: Duration = Duration::from_secs(20);

/// A handle on the stage, cheap to clone.
#[derive(Debug, Clone)]
pub struct Shutdown {
    stage: watch::Sender<Stage>,
}

impl Default for Shutdown {
    fn default() -> Self {
        Self { stage: watch::Sender::new(Stage::Running) }
    }
}

impl Shutdown {
    /// Moves to `stage`; never backwards.
    pub fn reach(&self, stage: Stage) {
        self.stage.send_if_modified(|now| {
            let forward = *now < stage;
            if forward {
                *now = stage;
            }
            forward
        });
    }

    /// The present stage.
    pub fn stage(&self) -> Stage {
        *self.stage.borrow()
    }

    /// Whether new work may be taken.
    pub fn is_running(&self) -> bool {
        self.stage() == Stage::Running
    }

    /// Returns as soon as `stage` or a later one is reached.
    pub async fn reached(&self, stage: Stage) {
        let mut stages = self.stage.subscribe();
        // The sender lives in `self`, so the channel cannot close while we wait.
        let _ = stages.wait_for(|now| *now >= stage).await;
    }
}
