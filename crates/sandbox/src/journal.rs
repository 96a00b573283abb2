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
    /// All lines, each ended by a newline.
    text: String,
    /// Where each line ends.
    ends: Vec<usize>,
    file: Option<File>,
}

impl Journal {
    /// Opens a journal; with a path every line is appended to that file too.
    pub fn open(path: Option<&Path>) -> anyhow::Result<Self> {
        let file = path.map(|path| {
            let file = File::options().create(true).append(true).open(path);
            file.with_context(|| format!("cannot open the journal file {}", path.display()))
        });
        let pages = Pages { file: file.transpose()?, ..Pages::default() };
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
        let sequence = pages.ends.len() + 1;
        // Writing to a string does not fail.
        let _written = writeln!(line, ",\"seq\":{sequence}}}");
        if let Some(file) = &mut pages.file
            && let Err(error) = file.write_all(line.as_bytes())
        {
            tracing::warn!(%error, "the journal file cannot be written");
        }
        pages.text.push_str(&line);
        let end = pages.text.len();
        pages.ends.push(end);
        drop(pages);
        self.length.send_replace(sequence);
        sequence
    }

    /// The lines after number `after`, each ended by a newline.
    pub fn after(&self, after: usize) -> String {
        let pages = self.pages.lock().unwrap_or_else(PoisonError::into_inner);
        let begin = match after.checked_sub(1) {
            Some(last) => pages.ends.get(last).copied().unwrap_or(pages.text.len()),
            None => 0,
        };
        pages.text[begin..].to_owned()
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_reader_gets_the_lines_after_the_one_it_knows_each_with_its_number() {
        let journal = Journal::open(None).unwrap();
        assert_eq!(journal.write(json!({"kind": "say", "text": "ä}"})), 1);
        assert_eq!(journal.write_text(r#"{"kind":"call","params":{}}"#.to_owned()), 2);
        let second = "{\"kind\":\"call\",\"params\":{},\"seq\":2}\n";
        assert_eq!(journal.after(1), second);
        let first = "{\"kind\":\"say\",\"text\":\"ä}\",\"seq\":1}\n";
        assert_eq!(journal.after(0), format!("{first}{second}"));
        assert_eq!((journal.after(2), journal.after(9)), (String::new(), String::new()));
    }
}
