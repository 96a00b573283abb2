//! The clockwork: cron jobs that ring bells.
//!
//! Cron entries only (an interval job of the library stops for ever after one long stall), one channel with
//! one place per bell (missed rings coalesce), UTC (its offsets ignore daylight saving).

use anyhow::Context as _;
use tokio::sync::mpsc;
use tokio_cron_scheduler::{Job, JobScheduler};

/// Every second.
const HEARTBEAT: &str = "* * * * * *";
/// Every minute, away from the full one, when everybody asks for something.
const TUNING: &str = "20 * * * * *";
/// Every ten minutes.
const REPORT: &str = "0 */10 * * * *";

/// What the clockwork asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bell {
    /// Look for due sources.
    Heartbeat,
    /// Remove what has outlived its time.
    Housekeeping,
    /// Look after intervals and due times.
    Tuning,
    /// Write a line into the log.
    Report,
}

/// A running clockwork.
pub struct Bells {
    scheduler: JobScheduler,
    heartbeat: mpsc::Receiver<()>,
    housekeeping: mpsc::Receiver<()>,
    tuning: mpsc::Receiver<()>,
    report: mpsc::Receiver<()>,
}

impl Bells {
    /// Starts the clockwork; `housekeeping` is a cron expression with six fields, seconds first, in UTC.
    pub async fn start(housekeeping: &str) -> anyhow::Result<Self> {
        let scheduler = JobScheduler::new().await?;
        let heartbeat = ring(&scheduler, HEARTBEAT, "the heartbeat").await?;
        let housekeeping = ring(&scheduler, housekeeping, "schedule.housekeeping").await?;
        let tuning = ring(&scheduler, TUNING, "the tuning").await?;
        let report = ring(&scheduler, REPORT, "the report").await?;
        scheduler.start().await?;
        Ok(Self { scheduler, heartbeat, housekeeping, tuning, report })
    }

    /// Waits for the next bell.
    pub async fn next(&mut self) -> Bell {
        tokio::select! {
            Some(()) = self.housekeeping.recv() => Bell::Housekeeping,
            Some(()) = self.tuning.recv() => Bell::Tuning,
            Some(()) = self.report.recv() => Bell::Report,
            Some(()) = self.heartbeat.recv() => Bell::Heartbeat,
            else => std::future::pending().await,
        }
    }

    /// Stops the clockwork.
    pub async fn stop(mut self) {
        if let Err(error) = self.scheduler.shutdown().await {
            tracing::warn!(%error, "the clockwork did not stop cleanly");
        }
    }
}

async fn ring(
    scheduler: &JobScheduler,
    expression: &str,
    name: &str,
) -> anyhow::Result<mpsc::Receiver<()>> {
    let (bell, heard) = mpsc::channel(1);
    let job = Job::new_async(expression, move |_, _| {
        // A full place means that the last ring was not heard yet: once is enough.
        let _ = bell.try_send(());
        Box::pin(std::future::ready(()))
    });
    let job = job.with_context(|| {
        format!(
            "{name}: \"{expression}\" is no cron expression; write six fields, seconds first, \
             for example \"0 30 3 * * *\" for half past three UTC"
        )
    })?;
    scheduler.add(job).await?;
    Ok(heard)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_bad_expression_is_refused_with_an_example() {
        for bad in ["", "0 3 * * *", "every day", "*/0 * * * * *"] {
            let Err(error) = Bells::start(bad).await else { panic!("{bad} was taken") };
            let text = format!("{error:#}");
            assert!(text.contains("schedule.housekeeping") && text.contains("0 30 3"), "{text}");
        }
    }

    #[tokio::test]
    async fn the_heartbeat_rings_and_missed_rings_are_one() -> anyhow::Result<()> {
        let mut bells = Bells::start("0 30 3 * * *").await?;
        let wait = std::time::Duration::from_secs(10);
        assert_eq!(tokio::time::timeout(wait, bells.next()).await?, Bell::Heartbeat);
        assert!(bells.heartbeat.capacity() + bells.heartbeat.len() == 1);
        bells.stop().await;
        Ok(())
    }
}
