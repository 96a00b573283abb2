//! Failures that are one: the same site, class, reason and structure of the page. Of each group one page is kept.

use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::domain::SourceId;
use crate::domain::ids::digest;

/// Letters of a reason that count.
const REASON: usize = 120;

/// A kept page of a failed run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FailurePage {
    /// Id of the site module.
    pub site: String,
    /// Name of the group.
    pub group: String,
    /// Class of the failure: the verdict, or a sign.
    pub class: String,
    /// The source that showed it first.
    pub source: SourceId,
    /// Address of the page.
    pub url: String,
    /// The page, compressed: a path below the folder of failures.
    pub path: String,
    /// What the browser showed, if it was asked: a path as above.
    pub picture: Option<String>,
    /// In words, for operators.
    pub reason: String,
    /// Bytes of both files.
    pub bytes: i64,
    /// How often it was seen.
    pub times: i64,
    /// First seen.
    pub first_at: DateTime<Utc>,
    /// Last seen.
    pub last_at: DateTime<Utc>,
}

/// How much is kept of each site.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FailureCaps {
    /// Groups.
    pub groups: usize,
    /// Bytes in all.
    pub bytes: i64,
    /// Since a group was last seen.
    pub age: Duration,
}

/// The name of a group of failures; `outline` is [`super::outline::outline`] of the page.
pub fn group_key(class: &str, reason: &str, outline: &str) -> String {
    let mut key = digest(&[class, &normalised(reason), outline]);
    key.truncate(12);
    key
}

/// A reason without what differs from run to run: numbers, addresses, quoted values, case.
pub fn normalised(text: &str) -> String {
    let mut out = String::new();
    let words = text.split_whitespace().filter(|word| !word.contains("://"));
    for word in words {
        if !out.is_empty() {
            out.push(' ');
        }
        let mut in_number = false;
        for c in word.chars().flat_map(char::to_lowercase) {
            let digit = c.is_numeric() || (in_number && matches!(c, '.' | ','));
            if digit && !in_number {
                out.push('#');
            } else if !digit {
                out.push(c);
            }
            in_number = digit;
        }
    }
    without_quotes(&out).chars().take(REASON).collect()
}

/// Quoted values are this run's.
fn without_quotes(text: &str) -> String {
    let quote = |c: char| matches!(c, '"' | '`' | '“' | '”');
    let parts: Vec<&str> = text.split(quote).collect();
    let kept: Vec<&str> = parts.iter().step_by(2).copied().collect();
    if parts.len() % 2 == 1 { kept.join("…") } else { text.to_owned() }
}

/// Which pages of a site go: those not seen for too long, then the longest unseen until the rest fits.
pub fn excess(pages: &[FailurePage], caps: FailureCaps, now: DateTime<Utc>) -> Vec<&FailurePage> {
    let mut latest_first: Vec<&FailurePage> = pages.iter().collect();
    latest_first.sort_by(|a, b| b.last_at.cmp(&a.last_at).then_with(|| a.group.cmp(&b.group)));
    let age = chrono::TimeDelta::from_std(caps.age).unwrap_or(chrono::TimeDelta::MAX);
    let (mut kept, mut bytes) = (0, 0);
    let mut gone = Vec::new();
    for page in latest_first {
        let fits = kept < caps.groups && bytes + page.bytes <= caps.bytes;
        if now - page.last_at <= age && fits {
            kept += 1;
            bytes += page.bytes;
        } else {
            gone.push(page);
        }
    }
    gone
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(group: &str, bytes: i64, day: i64) -> FailurePage {
        let at = DateTime::from_timestamp(day * 86_400, 0).expect("a moment");
        FailurePage {
            site: "demo".into(),
            group: group.into(),
            class: "changed".into(),
            source: SourceId("s".into()),
            url: "https://example.com/".into(),
            path: String::new(),
            picture: None,
            reason: String::new(),
            bytes,
            times: 1,
            first_at: at,
            last_at: at,
        }
    }

    #[test]
    fn what_differs_from_run_to_run_makes_no_new_group() {
        let key = |reason: &str| group_key("changed", reason, "a b");
        let first = key("no listings in 12 items: `Flat 7` at https://example.com/?p=1 (1.5 s)");
        assert_eq!(first, key("No listings in 3 items: `Haus` at https://example.com/?p=2 (20 s)"));
        assert_ne!(first, key("the module panicked"));
        assert_ne!(first, group_key("blocked", "no listings", "a b"));
        assert_eq!(first.len(), 12);
    }

    #[test]
    fn old_ones_go_and_then_the_longest_unseen_until_the_rest_fits() {
        let caps = FailureCaps { groups: 3, bytes: 100, age: Duration::from_secs(30 * 86_400) };
        let pages = [page("a", 50, 1), page("b", 40, 40), page("c", 40, 41), page("d", 30, 42)];
        let now = DateTime::from_timestamp(42 * 86_400, 0).expect("a moment");
        let gone: Vec<&str> =
            excess(&pages, caps, now).into_iter().map(|page| page.group.as_str()).collect();
        assert_eq!(gone, ["b", "a"]);
        assert_eq!(excess(&pages[2..], caps, now), Vec::<&FailurePage>::new());
    }
}
