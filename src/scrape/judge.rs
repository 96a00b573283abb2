//! What a run says about its source: verdict, a sentence for operators, and when to ask again.
//!
//! Judged against the source's own past. Silence is a fault until the page proves otherwise: no listings
//! without the page's own word for it is "changed", never "empty". Nothing is ever recorded as gone here.

use std::time::Duration;

use chrono::{DateTime, Utc};
use sites::{Complaint, PageKind, Parsed};

use super::fetcher::{FetchError, FetchFailure};
use crate::domain::rhythm::{after_failure, first_from};
use crate::domain::source::{Source, Verdict};

/// Below this share (percent) of the last count a page is suspicious.
const COLLAPSE_PERCENT: i64 = 25;
/// A page must have held at least this many listings before for a collapse to mean anything.
const COLLAPSE_FROM: i64 = 8;

/// What came of fetching and parsing.
#[derive(Debug)]
pub enum Outcome<'a> {
    /// The server says that nothing has changed.
    Unchanged,
    /// A page was parsed.
    Parsed(&'a Parsed),
    /// No page.
    NotFetched(&'a FetchError),
    /// The parser died or took too long, in these words.
    NotParsed(&'a str),
}

/// The judgement of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judgement {
    /// How the run ended.
    pub verdict: Verdict,
    /// What an operator should know, if anything.
    pub error: Option<String>,
    /// When the source is due again, where that differs from its rhythm.
    pub next_due_at: Option<DateTime<Utc>>,
}

/// Judges a run of `source` that ended at `now`.
pub fn judge(source: &Source, outcome: &Outcome<'_>, now: DateTime<Utc>) -> Judgement {
    let (verdict, error) = match outcome {
        Outcome::Unchanged => (Verdict::Unchanged, None),
        Outcome::Parsed(parsed) => judge_page(parsed, source.last_count),
        Outcome::NotFetched(error) if error.class == FetchFailure::Refused => {
            (Verdict::Blocked, Some(error.to_string()))
        }
        Outcome::NotFetched(error) => (Verdict::Failed, Some(error.to_string())),
        Outcome::NotParsed(reason) => {
            let site = &source.spec.site;
            (Verdict::Failed, Some(format!("the module of site {site} failed: {reason}")))
        }
    };
    let asked = match outcome {
        Outcome::NotFetched(error) => error.retry_after,
        _ => None,
    };
    let next_due_at = (!verdict.is_good()).then(|| later(source, asked, now));
    Judgement { verdict, error, next_due_at }
}

fn judge_page(parsed: &Parsed, last_count: Option<i64>) -> (Verdict, Option<String>) {
    let count = i64::try_from(parsed.listings.len()).unwrap_or(i64::MAX);
    let told = || first_complaint(&parsed.complaints);
    match parsed.kind {
        PageKind::Blocked => {
            (Verdict::Blocked, Some("the page is a block page; the host is left alone".into()))
        }
        PageKind::LoginWall => {
            (Verdict::Blocked, Some("the site wants a login before it shows listings".into()))
        }
        PageKind::Results if count > 0 => (Verdict::Ok, collapse(count, last_count)),
        PageKind::NoResults => (Verdict::Empty, None),
        PageKind::Results | PageKind::Unrecognised => {
            let why = told().map_or_else(String::new, |text| format!(" ({text})"));
            let text = format!(
                "no listings and no word that there are none: the layout may have changed{why}; \
                 look at the page and repair the module"
            );
            (Verdict::Changed, Some(text))
        }
    }
}

/// A sudden collapse is told, but what is missing is not taken for gone.
fn collapse(count: i64, last: Option<i64>) -> Option<String> {
    let last = last.filter(|last| *last >= COLLAPSE_FROM)?;
    (count * 100 < last * COLLAPSE_PERCENT).then(|| {
        format!("only {count} listings where there were {last}: the page may be cut short")
    })
}

fn first_complaint(complaints: &[Complaint]) -> Option<String> {
    complaints.first().map(|complaint| complaint.text.clone())
}

/// When a source whose host is left alone for another `wait` comes back: no sooner than its own rhythm says, and
/// not all sources of the host at once.
pub fn after_hold(source: &Source, wait: Option<Duration>, now: DateTime<Utc>) -> DateTime<Utc> {
    open_from(source, asked_for(source, wait, now)).max(source.next_due_at)
}

/// The end of a pause that was asked for, spread over the sources.
fn asked_for(source: &Source, wait: Option<Duration>, now: DateTime<Utc>) -> DateTime<Utc> {
    let spread = i64::try_from(source.seed() % 10_000).unwrap_or(0);
    wait.and_then(|wait| chrono::TimeDelta::from_std(wait).ok())
        .map_or(now, |wait| now + wait + chrono::TimeDelta::milliseconds(spread))
}

/// Bad runs in a row widen the interval; what a server asks for is kept; sources spread out, inside their windows.
fn later(source: &Source, asked: Option<Duration>, now: DateTime<Utc>) -> DateTime<Utc> {
    let (interval, failures) = (source.interval(), source.failures.saturating_add(1));
    let rhythm = after_failure(&source.spec.rhythm, interval, failures, source.seed(), now);
    if asked.is_none() {
        return rhythm;
    }
    rhythm.max(open_from(source, asked_for(source, asked, now)))
}

/// The first moment from `at` on at which the source may run.
fn open_from(source: &Source, at: DateTime<Utc>) -> DateTime<Utc> {
    first_from(&source.spec.rhythm, source.interval(), at, source.seed())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::source::SourceSpec;

    fn now() -> DateTime<Utc> {
        "2026-03-01T12:00:00Z".parse().expect("a moment")
    }

    fn source(last_count: Option<i64>, failures: i64) -> Source {
        let spec = SourceSpec {
            site: "demo".into(),
            url: "https://example.com/s".into(),
            title: "Demo".into(),
            interval: Duration::from_secs(360),
            offered: true,
            rhythm: crate::domain::rhythm::Rhythm::default(),
        };
        Source {
            epoch: 1,
            baseline_done: true,
            failures,
            verdict: Some(Verdict::Ok),
            last_count,
            ..Source::new(spec, now())
        }
    }

    fn page(kind: PageKind, count: usize) -> Parsed {
        let listing = |n: usize| {
            serde_json::from_value(serde_json::json!({
                "id": n.to_string(), "url": "https://example.com/1", "title": "A flat"
            }))
            .expect("a listing")
        };
        Parsed {
            kind,
            listings: (0..count).map(listing).collect(),
            complaints: vec![],
            won: std::collections::BTreeMap::default(),
            total: None,
            next: None,
        }
    }

    fn verdict(kind: PageKind, count: usize) -> Verdict {
        judge(&source(None, 0), &Outcome::Parsed(&page(kind, count)), now()).verdict
    }

    #[test]
    fn silence_is_a_fault_until_proved_otherwise() {
        assert_eq!(verdict(PageKind::Results, 3), Verdict::Ok);
        assert_eq!(verdict(PageKind::NoResults, 0), Verdict::Empty);
        assert_eq!(verdict(PageKind::Results, 0), Verdict::Changed);
        assert_eq!(verdict(PageKind::Unrecognised, 0), Verdict::Changed);
        assert_eq!(verdict(PageKind::Blocked, 0), Verdict::Blocked);
        assert_eq!(verdict(PageKind::LoginWall, 0), Verdict::Blocked);
    }

    #[test]
    fn a_collapse_is_told_but_stays_a_good_run() {
        let few = page(PageKind::Results, 3);
        let judged = judge(&source(Some(40), 0), &Outcome::Parsed(&few), now());
        assert_eq!(judged.verdict, Verdict::Ok);
        assert!(judged.error.is_some_and(|text| text.contains("only 3 listings")));
        for usual in [None, Some(4), Some(12)] {
            assert_eq!(judge(&source(usual, 0), &Outcome::Parsed(&few), now()).error, None);
        }
    }

    #[test]
    fn bad_runs_in_a_row_wait_longer_and_good_ones_keep_the_rhythm() {
        let changed = page(PageKind::Unrecognised, 0);
        let wait = |failures| {
            let judged = judge(&source(None, failures), &Outcome::Parsed(&changed), now());
            judged.next_due_at.expect("a later moment") - now()
        };
        assert!(wait(0) >= chrono::TimeDelta::seconds(360));
        assert!(wait(3) >= chrono::TimeDelta::seconds(360 * 8));
        assert!(wait(90) <= chrono::TimeDelta::seconds(360 * 16 * 2));
        let unchanged = judge(&source(None, 2), &Outcome::Unchanged, now());
        assert_eq!((unchanged.verdict, unchanged.next_due_at), (Verdict::Unchanged, None));
    }

    #[test]
    fn what_the_server_asks_for_is_kept() {
        let refused = FetchError {
            class: FetchFailure::Refused,
            text: "HTTP 429".into(),
            status: Some(429),
            retry_after: Some(Duration::from_secs(21_600)),
        };
        let judged = judge(&source(None, 0), &Outcome::NotFetched(&refused), now());
        assert_eq!(judged.verdict, Verdict::Blocked);
        assert!(judged.next_due_at.expect("later") >= now() + chrono::TimeDelta::seconds(21_600));
        let gone = FetchError { class: FetchFailure::Truncated, retry_after: None, ..refused };
        assert_eq!(
            judge(&source(None, 0), &Outcome::NotFetched(&gone), now()).verdict,
            Verdict::Failed
        );
    }

    #[test]
    fn a_held_source_comes_back_after_the_hold_and_not_before_its_turn() {
        let mut held = source(None, 0);
        let hour = Some(Duration::from_secs(3_600));
        let back = after_hold(&held, hour, now()) - now();
        assert!(back >= chrono::TimeDelta::hours(1) && back <= chrono::TimeDelta::seconds(3_610));
        held.next_due_at = now() + chrono::TimeDelta::hours(5);
        assert_eq!(after_hold(&held, hour, now()), held.next_due_at);
    }

    #[test]
    fn a_dead_parser_is_named_with_its_site() {
        let judged = judge(&source(None, 0), &Outcome::NotParsed("it panicked"), now());
        assert_eq!(judged.verdict, Verdict::Failed);
        assert!(judged.error.is_some_and(|text| text.contains("site demo")));
    }
}
