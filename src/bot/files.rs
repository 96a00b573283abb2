//! Files of watches that people send.
//!
//! The file is got from Telegram before anything is decided or written, within [`PATIENCE`], while the chat is held:
//!
//! ```text
//! update ──► get the file ──► decide ──► one transaction: watches and report ──► 200
//!               │                                └─ a crash before: Telegram repeats the update, all of it again;
//!               │                                   after: the update is known, nothing is made twice
//!               └─ not to be had in time: the person is asked to send it again, and the update is done
//! ```
//!
//! A job after the commit would need the file's id to be kept, a worker, and a second message; a file of at most 1 MB
//! does not earn that. The modules that recognise addresses are loaded with the first file.

use std::time::Duration;

use tokio::time::timeout;

use super::counters;
use super::event::{Body, Document};
use super::rules::Modules;
use crate::domain::import::{self, FileProblem, MOST_BYTES, Row, check};
use crate::telegram::Messenger;

/// How long getting a file may take: shorter than an update may take as a whole.
pub const PATIENCE: Duration = Duration::from_secs(6);

/// Reads files of watches.
#[derive(Clone)]
pub struct Files {
    modules: Modules,
    interval: Duration,
}

impl Files {
    /// Knows these site modules; searches that are made are looked at every `interval`.
    pub fn new(modules: Modules, interval: Duration) -> Self {
        Self { modules, interval }
    }

    /// Gets and reads a file, if its name says that it holds watches.
    pub async fn read(&self, messenger: &dyn Messenger, file: &Document) -> Body {
        if !is_of_watches(&file.name) {
            return Body::Rest;
        }
        if file.size.is_some_and(|size| size > MOST_BYTES as u64) {
            return Body::Refused(FileProblem::TooLarge);
        }
        // One byte more than is read says that there is more.
        let bytes = match timeout(PATIENCE, messenger.fetch_file(&file.id, MOST_BYTES + 1)).await {
            Ok(Ok(bytes)) => bytes,
            Ok(Err(error)) => return lost(&error.to_string()),
            Err(_) => return lost("it took too long"),
        };
        let files = self.clone();
        let read = tokio::task::spawn_blocking(move || files.rows(&bytes));
        read.await.unwrap_or_else(|error| lost(&format!("reading it broke: {error}")))
    }

    fn rows(&self, bytes: &[u8]) -> Body {
        let rows = match import::read(bytes) {
            Ok(rows) => rows,
            Err(problem) => return Body::Refused(problem),
        };
        let registry = self.modules.get();
        let checked = |row: Row| check(row, registry, self.interval);
        Body::Rows(rows.into_iter().map(|(line, row)| (line, row.and_then(checked))).collect())
    }
}

fn lost(why: &str) -> Body {
    counters::error("file");
    tracing::warn!(why, "a file of watches could not be got");
    Body::Lost
}

/// Whether a name says that the file holds watches.
fn is_of_watches(name: &str) -> bool {
    let ending = name.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase());
    matches!(ending.as_deref(), Some("csv" | "json"))
}
