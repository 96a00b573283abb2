//! The witness: an append-only list of everything that happened.
//!
//! One JSON line per event, numbered from 1. The line of a call is written when its decision is
//! made, before the answer leaves; whatever happens to the answer afterwards, the decision stands.

use std::fmt::Write as _;
use std::fs::File;
use std::io::Write as _;
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use anyhow::Context;
use serde_json::Value;
use tokio::sync::watch;

/// The journal in memory and, if wanted, in a file.
#[derive(Debug)]
pub struct Journal {
    pages: Mutex<Pages>,
    length: watch::Sender<usize>,
}

#[derive(Debug, Default)]
struct Pages {
    lines: Vec<String>,
    file: Option<File>,
}

impl Journal {
    /// Opens a journal; with a path every line is appended to that file too.
    pub fn open(path: Option<&Path>) -> anyhow::Result<Self> {
        let file = path.map(|path| {
            let file = File::options().create(true).append(true).open(path);
            file.with_context(|| format!("cannot open the journal file {}", path.display()))
        });
        let pages = Pages { lines: Vec::new(), file: file.transpose()? };
        Ok(Self { pages: Mutex::new(pages), length: watch::Sender::new(0) })
    }

    /// Appends one event (an object); its sequence number is added and returned.
    pub fn write(&self, event: Value) -> usize {
        self.write_text(event.to_string())
    }

    /// The same for an object that is text already; it has at least one field.
    pub fn write_text(&self, mut line: String) -> usize {
        // Its closing brace.
        line.pop();
        let mut pages = self.pages.lock().unwrap_or_else(PoisonError::into_inner);
        let sequence = pages.lines.len() + 1;
        // Writing to a string does not fail.
        let _written = write!(line, ",\"seq\":{sequence}}}");
        if let Some(file) = &mut pages.file
            && let Err(error) = writeln!(file, "{line}")
        {
            tracing::warn!(%error, "the journal file cannot be written");
        }
        pages.lines.push(line);
        drop(pages);
        self.length.send_replace(sequence);
        sequence
    }

    /// The lines after number `after`, each ended by a newline.
    pub fn after(&self, after: usize) -> String {
        let pages = self.pages.lock().unwrap_or_else(PoisonError::into_inner);
        let mut text = String::new();
        for line in pages.lines.iter().skip(after) {
            text.push_str(line);
            text.push('\n');
        }
        text
    }

    /// Like [`Journal::after`], but waits for the first new line for up to `wait`.
    pub async fn wait_after(&self, after: usize, wait: Duration) -> String {
        let mut length = self.length.subscribe();
        let arrival = length.wait_for(|length| *length > after);
        // A time-out is no fault: the reader simply gets nothing new.
        let _in_time = tokio::time::timeout(wait, arrival).await.is_ok();
        self.after(after)
    }
}
