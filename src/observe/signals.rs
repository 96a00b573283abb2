//! Signals become stages of the [`Shutdown`] and orders to reload.
//!
//! ```text
//! SIGTERM or SIGINT   quiet: nothing new is claimed; after the deadline: cut
//! a second one        two seconds later: cut
//! SIGHUP              reload sites, searches and texts; a thousand of them while one reload runs are one more
//! ```

use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook_tokio::Signals;
use tokio::sync::Notify;
use tokio::task::JoinHandle;

use crate::shutdown::{DEADLINE, Shutdown, Stage};

/// What a second SIGTERM leaves to the work in flight.
pub const IMPATIENT: Duration = Duration::from_secs(2);

/// What follows from a signal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// Stop claiming; cut after this long.
    Stop(Duration),
    /// Read sites, searches and texts again.
    Reload,
    /// Nothing: we are on our way down.
    Ignore,
}

/// The decision: `stops` is the number of SIGTERM and SIGINT before this one.
pub fn react(signal: i32, stops: u32) -> Action {
    match (signal, stops) {
        (SIGTERM | SIGINT, 0) => Action::Stop(DEADLINE),
        (SIGTERM | SIGINT, _) => Action::Stop(IMPATIENT),
        (SIGHUP, 0) => Action::Reload,
        _ => Action::Ignore,
    }
}

/// Listens from now on until the process ends. `reload` is notified once per SIGHUP, and at most one notice
/// waits for the listener.
pub fn listen(shutdown: Shutdown, reload: Arc<Notify>) -> std::io::Result<JoinHandle<()>> {
    let mut signals = Signals::new([SIGTERM, SIGINT, SIGHUP])?;
    Ok(tokio::spawn(async move {
        let mut stops = 0;
        while let Some(signal) = signals.next().await {
            let name = signal_hook::low_level::signal_name(signal).unwrap_or("a signal");
            match react(signal, stops) {
                Action::Stop(patience) => {
                    stops += 1;
                    tracing::info!(signal = name, patience_s = patience.as_secs(), "stopping");
                    shutdown.reach(Stage::Quiet);
                    tokio::spawn(cut_after(shutdown.clone(), patience));
                }
                Action::Reload => {
                    tracing::info!(signal = name, "reloading");
                    reload.notify_one();
                }
                Action::Ignore => tracing::info!(signal = name, "ignored while stopping"),
            }
        }
    }))
}

async fn cut_after(shutdown: Shutdown, patience: Duration) {
    tokio::time::sleep(patience).await;
    shutdown.reach(Stage::Cut);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_stop_shortens_the_deadline_and_a_reload_no_longer_counts() {
        assert_eq!(react(SIGTERM, 0), Action::Stop(DEADLINE));
        assert_eq!(react(SIGINT, 1), Action::Stop(IMPATIENT));
        assert_eq!(react(SIGHUP, 0), Action::Reload);
        assert_eq!(react(SIGHUP, 1), Action::Ignore);
    }

    #[tokio::test]
    async fn a_signal_to_this_process_reaches_the_loops() {
        let (shutdown, reload) = (Shutdown::default(), Arc::new(Notify::new()));
        let task = listen(shutdown.clone(), Arc::clone(&reload)).unwrap();
        signal_hook::low_level::raise(SIGHUP).unwrap();
        reload.notified().await;
        assert!(shutdown.is_running());
        signal_hook::low_level::raise(SIGTERM).unwrap();
        shutdown.reached(Stage::Quiet).await;
        assert_eq!(shutdown.stage(), Stage::Quiet);
        signal_hook::low_level::raise(SIGTERM).unwrap();
        tokio::time::timeout(Duration::from_secs(10), shutdown.reached(Stage::Cut)).await.unwrap();
        task.abort();
    }
}
