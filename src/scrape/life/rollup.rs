//! Equal lines about bad runs are written once a minute, with their number.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};

use crate::domain::health::failure::normalised;

/// How long equal lines are counted before they are written again.
const SECONDS: i64 = 60;

/// Lines that were written lately.
#[derive(Debug, Default)]
pub(in crate::scrape) struct Rollup {
    lines: BTreeMap<(String, String), Line>,
}

#[derive(Debug)]
struct Line {
    written_at: DateTime<Utc>,
    waiting: u64,
    text: String,
}

/// A line that stands for several runs.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::scrape) struct Summed {
    /// The site.
    pub(in crate::scrape) site: String,
    /// How many runs.
    pub(in crate::scrape) runs: u64,
    /// What the last of them said.
    pub(in crate::scrape) error: String,
}

impl Rollup {
    /// Whether the line of a bad run is written now; otherwise it is counted.
    pub(in crate::scrape) fn note(&mut self, site: &str, error: &str, now: DateTime<Utc>) -> bool {
        let key = (site.to_owned(), normalised(error));
        if let Some(line) = self.lines.get_mut(&key) {
            line.waiting += 1;
            error.clone_into(&mut line.text);
            return false;
        }
        self.lines.insert(key, Line { written_at: now, waiting: 0, text: error.to_owned() });
        true
    }

    /// The lines whose minute is over and that others have joined.
    pub(in crate::scrape) fn due(&mut self, now: DateTime<Utc>) -> Vec<Summed> {
        let over = |line: &Line| now - line.written_at >= TimeDelta::seconds(SECONDS);
        let summed = self
            .lines
            .iter()
            .filter(|(_, line)| over(line) && line.waiting > 0)
            .map(|((site, _), line)| Summed {
                site: site.clone(),
                runs: line.waiting,
                error: line.text.clone(),
            })
            .collect();
        self.lines.retain(|_, line| {
            let goes_on = !over(line) || line.waiting > 0;
            if over(line) {
                line.written_at = now;
                line.waiting = 0;
            }
            goes_on
        });
        summed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_lines_are_written_once_a_minute_with_their_number() {
        let at = |seconds| DateTime::from_timestamp(seconds, 0).expect("a moment");
        let mut rollup = Rollup::default();
        assert!(rollup.note("demo", "no answer after 20 s", at(0)));
        for second in 1..30 {
            assert!(!rollup.note("demo", &format!("no answer after {second} s"), at(second)));
            assert_eq!(rollup.due(at(second)), []);
        }
        assert!(rollup.note("demo", "refused", at(5)), "another line");
        let expected =
            Summed { site: "demo".into(), runs: 29, error: "no answer after 29 s".into() };
        assert_eq!(rollup.due(at(60)), [expected]);
        assert_eq!(rollup.due(at(65)), []);
        assert!(!rollup.note("demo", "no answer after 7 s", at(70)));
        assert_eq!(rollup.due(at(121)).len(), 1);
        assert_eq!(rollup.due(at(182)), []);
        assert!(rollup.note("demo", "no answer after 7 s", at(300)), "a new story");
    }
}
