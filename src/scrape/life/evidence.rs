//! What a run says about its module, its host and the network, once it is judged. Pure.

use std::sync::Arc;

use sites::{Page, PageKind, Parsed};

use super::Weighed;
use crate::domain::Verdict;
use crate::domain::health::{Outcome, Sign, SourceHealth};
use crate::scrape::attempt::{Attempt, Brought};
use crate::scrape::fetcher::{FetchError, FetchFailure};

/// The page of a run that went wrong.
pub(in crate::scrape) struct Exhibit {
    /// The page.
    pub(super) page: Arc<Page>,
    /// What the browser showed.
    pub(super) picture: Option<Vec<u8>>,
    /// Class of the failure.
    pub(super) class: &'static str,
    /// In words.
    pub(super) reason: String,
}

/// What remains of a run after it was recorded.
pub(in crate::scrape) struct Evidence {
    /// For the state of the module.
    pub(super) outcome: Outcome,
    /// What it shows.
    pub(super) signs: Vec<(Sign, String)>,
    /// Whether a page was read and believed.
    pub(super) read: bool,
    /// Whether the host could be connected to, if it was asked.
    pub(super) reached: Option<bool>,
    /// What is known of the source from now on.
    pub(super) health: Option<SourceHealth>,
    /// The page to be kept.
    pub(super) exhibit: Option<Exhibit>,
}

impl Evidence {
    /// Reads a judged and weighed attempt.
    pub(in crate::scrape) fn of(attempt: &Attempt, weighed: &Weighed) -> Self {
        let error = weighed.judgement.error.clone().unwrap_or_default();
        let access = access(attempt, weighed.judgement.verdict, weighed.is_held);
        let mut signs: Vec<(Sign, String)> =
            weighed.doubts.iter().map(|doubt| (doubt.sign(), doubt.to_string())).collect();
        signs.extend(access.map(|(sign, _)| (sign, error.clone())));
        let outcome = match access {
            Some((_, outcome)) => outcome,
            None if weighed.judgement.verdict.is_good() => Outcome::Good,
            None => Outcome::Neutral,
        };
        let exhibited = access.map(|(sign, _)| sign).or_else(|| {
            let kept = |sign: &Sign| !matches!(sign, Sign::Fewer | Sign::Moved | Sign::Storm);
            signs.iter().map(|(sign, _)| *sign).find(kept)
        });
        Self {
            outcome,
            // "Nothing has changed" says nothing about fields: what was odd about the page still is.
            read: weighed.judgement.verdict == Verdict::Ok || weighed.is_held,
            reached: reached(attempt),
            health: weighed.health.clone(),
            exhibit: exhibited.and_then(|sign| exhibit(attempt, sign, error)),
            signs,
        }
    }
}

/// The sign of a run that got no page to read, and what it means for the module.
fn access(attempt: &Attempt, verdict: Verdict, is_held: bool) -> Option<(Sign, Outcome)> {
    if is_held || verdict.is_good() {
        return None;
    }
    match &attempt.result {
        Err(error) => failure(error),
        Ok(Brought { parsed: Some(Err(_)), .. }) => Some((Sign::Broken, Outcome::Panic)),
        Ok(Brought { parsed: Some(Ok(parsed)), .. }) => Some(of_page(parsed)),
        Ok(Brought { parsed: None, .. }) => None,
    }
}

fn of_page(parsed: &Parsed) -> (Sign, Outcome) {
    match parsed.kind {
        PageKind::Blocked | PageKind::LoginWall => (Sign::Blocked, Outcome::Neutral),
        PageKind::Results | PageKind::NoResults | PageKind::Unrecognised => {
            (Sign::Changed, Outcome::Fault)
        }
    }
}

/// A search page that is gone is a matter of its source, a refusal one of its host, silence one of the network.
fn failure(error: &FetchError) -> Option<(Sign, Outcome)> {
    match error.class {
        FetchFailure::Refused => Some((Sign::Blocked, Outcome::Neutral)),
        FetchFailure::Status if matches!(error.status, Some(404 | 410)) => {
            Some((Sign::Gone, Outcome::Neutral))
        }
        FetchFailure::Status if error.status.is_none() => None,
        FetchFailure::Dns
        | FetchFailure::Connect
        | FetchFailure::Tls
        | FetchFailure::Timeout
        | FetchFailure::Status => Some((Sign::Unreachable, Outcome::Neutral)),
        FetchFailure::TooBig
        | FetchFailure::Redirect
        | FetchFailure::ContentType
        | FetchFailure::Hostile => Some((Sign::Changed, Outcome::Fault)),
        _ => None,
    }
}

fn reached(attempt: &Attempt) -> Option<bool> {
    match &attempt.result {
        Ok(_) => Some(true),
        Err(error) => match error.class {
            FetchFailure::Dns | FetchFailure::Connect => Some(false),
            FetchFailure::Tls
            | FetchFailure::TooBig
            | FetchFailure::Redirect
            | FetchFailure::ContentType
            | FetchFailure::Truncated
            | FetchFailure::Refused => Some(true),
            FetchFailure::Status if error.status.is_some() => Some(true),
            _ => None,
        },
    }
}

fn exhibit(attempt: &Attempt, sign: Sign, reason: String) -> Option<Exhibit> {
    let Ok(Brought { page: Some(page), picture, .. }) = &attempt.result else { return None };
    Some(Exhibit { page: page.clone(), picture: picture.clone(), class: sign.word(), reason })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(class: FetchFailure, status: Option<u16>) -> FetchError {
        FetchError { class, text: "x".into(), status, retry_after: None }
    }

    #[test]
    fn only_what_a_module_is_to_blame_for_counts_against_it() {
        let outcome = |class, status| failure(&error(class, status)).map(|(_, outcome)| outcome);
        assert_eq!(outcome(FetchFailure::Status, Some(404)), Some(Outcome::Neutral));
        assert_eq!(outcome(FetchFailure::Status, Some(500)), Some(Outcome::Neutral));
        assert_eq!(outcome(FetchFailure::Refused, Some(429)), Some(Outcome::Neutral));
        assert_eq!(outcome(FetchFailure::Dns, None), Some(Outcome::Neutral));
        assert_eq!(outcome(FetchFailure::ContentType, None), Some(Outcome::Fault));
        assert_eq!(outcome(FetchFailure::Robots, None), None);
        assert_eq!(outcome(FetchFailure::BrowserUnavailable, None), None);
    }
}
