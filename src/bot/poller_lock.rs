//! One process polls for a bot at a time. The lock is a file that the kernel releases when its holder ends, however it
//! ends. The file stays: a process that waits has it open, and a new file of that name would be another lock.

use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::path::Path;
use std::time::Duration;

use tokio::time::sleep;

use crate::shutdown::{Shutdown, Stage};

/// How often a process that waits looks again.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// Held while the process polls.
#[derive(Debug)]
pub struct PollerLock {
    // Holding the open file is holding the lock.
    _file: File,
}

/// Takes the lock of `bot` in `folder`; `None` while another process holds it.
///
/// # Errors
/// When the file cannot be made or locked.
pub fn take(folder: &Path, bot: i64) -> io::Result<Option<PollerLock>> {
    std::fs::create_dir_all(folder)?;
    let path = folder.join(format!("poller-{bot}.lock"));
    let file = OpenOptions::new().create(true).truncate(false).write(true).open(path)?;
    match file.try_lock() {
        Ok(()) => Ok(Some(PollerLock { _file: file })),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(error)) => Err(error),
    }
}

/// Waits for the lock; `None` when the shutdown came first. A folder that has no locks is polled without: two processes
/// would only take each other's turns, and no update takes effect twice.
pub async fn wait(folder: &Path, bot: i64, shutdown: &Shutdown) -> Option<Option<PollerLock>> {
    let mut is_told = false;
    while shutdown.is_running() {
        match take(folder, bot) {
            Ok(Some(lock)) => return Some(Some(lock)),
            Ok(None) if !is_told => {
                is_told = true;
                tracing::info!(
                    bot,
                    "another process polls for this bot; this one waits for its end"
                );
            }
            Ok(None) => {}
            Err(error) => {
                tracing::warn!(%error, folder = %folder.display(), "polling without a lock");
                return Some(None);
            }
        }
        tokio::select! {
            () = sleep(LOOK_EVERY) => {}
            () = shutdown.reached(Stage::Quiet) => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_second_process_waits_until_the_first_has_ended() {
        let folder = tempfile::tempdir().expect("a folder");
        let first = take(folder.path(), 7).expect("a lock").expect("free");
        assert!(take(folder.path(), 7).expect("a lock").is_none());
        assert!(take(folder.path(), 8).expect("a lock").is_some(), "another bot");
        let shutdown = Shutdown::default();
        let mut waiting = Box::pin(wait(folder.path(), 7, &shutdown));
        assert!(futures_util::poll!(&mut waiting).is_pending());
        drop(first);
        assert!(waiting.await.expect("no shutdown").is_some());
    }

    #[tokio::test]
    async fn a_shutdown_ends_the_wait() {
        let folder = tempfile::tempdir().expect("a folder");
        let _first = take(folder.path(), 7).expect("a lock");
        let shutdown = Shutdown::default();
        let waiting = wait(folder.path(), 7, &shutdown);
        shutdown.reach(Stage::Quiet);
        assert!(waiting.await.is_none());
    }
}
