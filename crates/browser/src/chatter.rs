//! What the guard and Chromium say on stderr.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::ChildStderr;
use tokio::sync::oneshot;

use crate::guard;

/// Lines kept for error texts.
const LAST_WORDS: usize = 12;
/// Characters of them that fit into an error text.
const LAST_CHARACTERS: usize = 600;
/// Characters kept of one line.
const LINE: usize = 400;

/// The browser's own log: followed to its end, its last lines kept.
#[derive(Default)]
pub(crate) struct Log {
    lines: Mutex<VecDeque<String>>,
}

impl Log {
    /// Keeps reading, or Chromium would block on a full pipe. The receiver gets Chromium's
    /// process id when the guard has told it.
    pub(crate) fn follow(self: Arc<Log>, stderr: ChildStderr) -> oneshot::Receiver<u32> {
        let (tell, told) = oneshot::channel();
        let mut tell = Some(tell);
        tokio::spawn(async move {
            let mut reader = BufReader::new(stderr);
            let mut line = Vec::new();
            while reader.read_until(b'\n', &mut line).await.is_ok_and(|n| n > 0) {
                let text = String::from_utf8_lossy(&line).trim_end().chars().take(LINE).collect();
                line.clear();
                self.take(text, &mut tell);
            }
        });
        told
    }

    fn take(&self, text: String, tell: &mut Option<oneshot::Sender<u32>>) {
        let pid = text.strip_prefix(guard::STARTED).and_then(|pid| pid.parse().ok());
        if let (Some(pid), Some(tell)) = (pid, tell.take_if(|_| pid.is_some())) {
            let _ = tell.send(pid);
            return;
        }
        tracing::debug!(target: "browser::chromium", "{text}");
        if let Ok(mut lines) = self.lines.lock() {
            lines.push_back(text);
            if lines.len() > LAST_WORDS {
                lines.pop_front();
            }
        }
    }

    pub(crate) fn last_words(&self) -> String {
        let lines = self.lines.lock().map(|lines| Vec::from_iter(lines.iter().cloned()));
        lines.unwrap_or_default().join(" | ").chars().take(LAST_CHARACTERS).collect()
    }
}
