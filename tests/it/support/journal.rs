//! The sandbox's journal: the witness of what reached "Telegram".

use std::time::{Duration, Instant};

use serde_json::Value;

/// A reader of the journal.
pub struct Journal {
    address: String,
    client: reqwest::Client,
}

impl Journal {
    /// Reads the journal of the sandbox at `url`.
    pub fn new(url: &str, client: reqwest::Client) -> Self {
        Self { address: format!("{url}/_sandbox/journal"), client }
    }

    /// Lines after `after`; waits up to `wait` for the first.
    pub async fn after(&self, after: u64, wait: Duration) -> Vec<Value> {
        let address = format!("{}?after={after}&wait={}", self.address, wait.as_millis());
        let answer = self.client.get(address).send().await.expect("the journal answers");
        let text = answer.text().await.expect("the journal can be read");
        text.lines()
            .map(|line| serde_json::from_str(line).expect("a journal line is JSON"))
            .collect()
    }

    /// All lines so far.
    pub async fn all(&self) -> Vec<Value> {
        self.after(0, Duration::ZERO).await
    }

    /// Waits until `enough` holds for all lines so far; panics with `what` at the deadline.
    pub async fn until(
        &self,
        what: &str,
        deadline: Duration,
        mut enough: impl FnMut(&[Value]) -> bool,
    ) -> Vec<Value> {
        let begin = Instant::now();
        let mut lines: Vec<Value> = Vec::new();
        loop {
            let after = lines.last().and_then(|line| line["seq"].as_u64()).unwrap_or(0);
            lines.extend(self.after(after, Duration::from_millis(500)).await);
            if enough(&lines) {
                return lines;
            }
            if begin.elapsed() > deadline {
                let tail: String = lines[lines.len().saturating_sub(12)..]
                    .iter()
                    .map(|line| format!("{line}\n"))
                    .collect();
                panic!("not within {deadline:?}: {what}; the last lines:\n{tail}");
            }
        }
    }
}
