//! What only the running process knows of itself, measured every few seconds and read by whoever asks: uptime, how
//! updates come and how many wait, how fast the stores answer, memory, the last errors.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::time::{Instant, sleep, timeout};

use super::errors::{self, ErrorLine};
use crate::clock::Clock;
use crate::shutdown::{Shutdown, Stage};
use crate::store::{Db, Seen};
use crate::telegram::Messenger;

/// Time between two measurements.
const EVERY: Duration = Duration::from_secs(10);
/// Telegram is asked with each measurement of so many.
const TELEGRAM: u32 = 6;
/// How long one answer may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// How a part answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// After this time.
    In(Duration),
    /// Not; in words, without secrets.
    Failed(String),
}

/// The measurements of one moment.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Pulse {
    /// When the process started.
    pub started_at: Option<DateTime<Utc>>,
    /// When this was measured.
    pub measured_at: Option<DateTime<Utc>>,
    /// How updates come: `webhook` or `polling`.
    pub mode: String,
    /// Updates that wait at Telegram.
    pub pending: Option<i64>,
    /// What Telegram last complained of.
    pub complaint: Option<String>,
    /// How the record answered.
    pub database: Option<Answer>,
    /// How the fast filter answered.
    pub seen: Option<Answer>,
    /// How Telegram answered.
    pub telegram: Option<Answer>,
    /// Memory of the process, bytes.
    pub memory: Option<u64>,
    /// The last errors, latest first.
    pub errors: Vec<ErrorLine>,
}

/// The last measurements; cheap to share.
#[derive(Debug, Default)]
pub struct Vitals(Mutex<Pulse>);

impl Vitals {
    /// Of these measurements.
    pub fn of(pulse: Pulse) -> Self {
        Self(Mutex::new(pulse))
    }

    /// The last measurements.
    pub fn read(&self) -> Pulse {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn change(&self, change: impl FnOnce(&mut Pulse)) {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner));
    }
}

/// What is measured.
pub struct Measured {
    /// How updates come.
    pub mode: &'static str,
    /// The record.
    pub db: Arc<dyn Db>,
    /// The fast filter.
    pub seen: Arc<dyn Seen>,
    /// Telegram.
    pub messenger: Arc<dyn Messenger>,
    /// The time of day.
    pub clock: Arc<dyn Clock>,
    /// When to end.
    pub shutdown: Shutdown,
}

/// Measures until the shutdown.
pub async fn measure(vitals: &Vitals, parts: Measured) {
    let started = parts.clock.now();
    vitals.change(|pulse| {
        pulse.started_at = Some(started);
        parts.mode.clone_into(&mut pulse.mode);
    });
    let mut round = 0u32;
    while parts.shutdown.is_running() {
        once(vitals, &parts, round.is_multiple_of(TELEGRAM)).await;
        round = round.wrapping_add(1);
        tokio::select! {
            () = sleep(EVERY) => {}
            () = parts.shutdown.reached(Stage::Quiet) => {}
        }
    }
}

async fn once(vitals: &Vitals, parts: &Measured, asks_telegram: bool) {
    let database = answered(parts.db.ping()).await.0;
    let seen = answered(parts.seen.ping()).await.0;
    let hook = match asks_telegram {
        true => Some(answered(parts.messenger.webhook_info()).await),
        false => None,
    };
    let (now, memory) = (parts.clock.now(), memory());
    vitals.change(|pulse| {
        pulse.measured_at = Some(now);
        pulse.database = Some(database);
        pulse.seen = Some(seen);
        pulse.memory = memory;
        pulse.errors = errors::last();
        if let Some((answer, info)) = hook {
            pulse.telegram = Some(answer);
            pulse.pending = info.as_ref().map(|info| info.pending_update_count);
            pulse.complaint = info.and_then(|info| info.last_error_message);
        }
    });
}

/// How an answer came, and what it was.
async fn answered<T, E: std::fmt::Display>(
    asking: impl Future<Output = Result<T, E>>,
) -> (Answer, Option<T>) {
    let begun = Instant::now();
    match timeout(PATIENCE, asking).await {
        Ok(Ok(value)) => (Answer::In(begun.elapsed()), Some(value)),
        Ok(Err(error)) => (Answer::Failed(error.to_string()), None),
        Err(_) => (Answer::Failed("no answer within five seconds".to_owned()), None),
    }
}

/// Memory that the process occupies, bytes; `None` where the system does not say (proc(5), "statm": pages of 4 kB).
fn memory() -> Option<u64> {
    let pages = std::fs::read_to_string("/proc/self/statm").ok()?;
    Some(pages.split_whitespace().nth(1)?.parse::<u64>().ok()? * 4_096)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_silent_part_is_told_from_one_that_answers() {
        let (answer, value) = answered(async { Ok::<_, String>(7) }).await;
        assert!(matches!(answer, Answer::In(_)) && value == Some(7));
        let (answer, value) = answered(async { Err::<u8, _>("it is locked") }).await;
        assert_eq!((answer, value), (Answer::Failed("it is locked".to_owned()), None));
    }

    #[test]
    fn the_memory_of_this_process_is_known() {
        assert!(memory().is_none_or(|bytes| bytes > 100_000));
    }
}
