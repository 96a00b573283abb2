//! What an answer means, told from status, headers and first bytes. Pure.

use chrono::{DateTime, Utc};
use reqwest::header::{self, HeaderMap};

use super::retry::retry_after;
use crate::scrape::fetcher::{FetchError, FetchFailure};

/// What is to be done with an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::scrape) enum Meaning {
    /// Read the body.
    Page,
    /// Nothing has changed.
    Unchanged,
    /// Go there, if we go there at all.
    Elsewhere(String),
}

/// Reads status and headers; `conditional` says whether we sent validators.
pub(in crate::scrape) fn meaning(
    status: u16,
    headers: &HeaderMap,
    conditional: bool,
    now: DateTime<Utc>,
) -> Result<Meaning, FetchError> {
    match status {
        304 if conditional => Ok(Meaning::Unchanged),
        301 | 302 | 303 | 307 | 308 => match text(headers, header::LOCATION) {
            Some(location) => Ok(Meaning::Elsewhere(location)),
            None => Err(failure(FetchFailure::Redirect, status, "a redirect without Location")),
        },
        401 | 403 | 429 | 503 => {
            let wait = text(headers, header::RETRY_AFTER).and_then(|v| retry_after(&v, now));
            let mut error = failure(
                FetchFailure::Refused,
                status,
                "the site refuses us; it is asked less often from now on",
            );
            error.retry_after = wait;
            Err(error)
        }
        204..=206 => Err(failure(FetchFailure::Status, status, "the answer has no page")),
        200..=299 => Ok(Meaning::Page),
        404 | 410 => Err(failure(
            FetchFailure::Status,
            status,
            "the page is not there; open the search in a browser and correct its address",
        )),
        _ => Err(failure(FetchFailure::Status, status, "the site answered with an error")),
    }
}

/// A header as text, unless it is absurdly long.
pub(super) fn text(headers: &HeaderMap, name: header::HeaderName) -> Option<String> {
    let value = headers.get(name)?.to_str().ok()?.trim();
    (!value.is_empty() && value.len() <= 4096).then(|| value.to_owned())
}

/// Whether a declared content type can hold listings.
pub(super) fn is_text(content_type: &str) -> bool {
    let kind = content_type.split(';').next().unwrap_or("").trim().to_ascii_lowercase();
    kind.starts_with("text/")
        || kind.ends_with("+json")
        || kind.ends_with("+xml")
        || matches!(
            kind.as_str(),
            "" | "application/json" | "application/xml" | "application/x-json"
        )
}

/// Whether the first bytes belong to a well-known binary format, whatever the header says.
pub(super) fn looks_binary(bytes: &[u8]) -> bool {
    const MARKS: [&[u8]; 9] = [
        b"%PDF-",
        b"\x89PNG",
        b"GIF8",
        b"\xff\xd8\xff",
        b"PK\x03\x04",
        b"\x1f\x8b",
        b"RIFF",
        b"\x7fELF",
        b"7z\xbc\xaf",
    ];
    MARKS.iter().any(|mark| bytes.starts_with(mark))
}

/// An error of a certain class with the status that told it.
fn failure(class: FetchFailure, status: u16, text: &str) -> FetchError {
    let text = format!("HTTP {status}: {text}");
    FetchError { class, text, status: Some(status), retry_after: None }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn now() -> DateTime<Utc> {
        DateTime::UNIX_EPOCH
    }

    fn class(status: u16) -> Option<FetchFailure> {
        meaning(status, &HeaderMap::new(), false, now()).err().map(|error| error.class)
    }

    #[test]
    fn statuses_are_sorted_by_what_follows() {
        assert_eq!(class(200), None);
        for status in [401, 403, 429, 503] {
            assert_eq!(class(status), Some(FetchFailure::Refused), "{status}");
        }
        for status in [204, 304, 404, 410, 418, 500, 502] {
            assert_eq!(class(status), Some(FetchFailure::Status), "{status}");
        }
        assert_eq!(class(302), Some(FetchFailure::Redirect));
    }

    #[test]
    fn a_refusal_carries_what_the_site_asks_for() {
        let mut headers = HeaderMap::new();
        headers.insert(header::RETRY_AFTER, header::HeaderValue::from_static("90"));
        let error = meaning(429, &headers, false, now()).expect_err("refused");
        assert_eq!(error.retry_after, Some(Duration::from_secs(90)));
    }

    #[test]
    fn not_modified_counts_only_when_we_asked_for_it() {
        assert_eq!(meaning(304, &HeaderMap::new(), true, now()).ok(), Some(Meaning::Unchanged));
        assert!(meaning(304, &HeaderMap::new(), false, now()).is_err());
    }

    #[test]
    fn only_text_can_hold_listings() {
        for good in ["text/html; charset=utf-8", "application/ld+json", "application/json", ""] {
            assert!(is_text(good), "{good}");
        }
        for bad in ["image/png", "application/pdf", "application/octet-stream", "video/mp4"] {
            assert!(!is_text(bad), "{bad}");
        }
        assert!(looks_binary(b"%PDF-1.7") && !looks_binary(b"<!doctype html>"));
    }
}
