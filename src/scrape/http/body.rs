//! The body of an answer: decoded, capped, and no slower than a site in working order.

use std::time::Duration;

use reqwest::header;
use tokio::time::{Instant, timeout_at};

use super::answer::{is_text, looks_binary, text};
use super::client::{content_type, innermost, plain};
use super::coding::{CodingError, Decoder};
use crate::scrape::fetcher::{FetchError, FetchFailure};

/// A body that brings less than a kilobyte a second over this long is given up.
pub(super) const WINDOW: Duration = Duration::from_secs(10);
/// The least rate, bytes a second.
const LEAST: u64 = 1_000;
/// All fields of a head together, bytes.
const MOST_HEAD: usize = 64 * 1024;
/// Enough bytes to know a picture by.
const MARK: usize = 16;

/// How a body is read.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reading {
    /// Largest decoded body, bytes.
    pub(super) cap: usize,
    /// What is over the cap is left out instead of being an error.
    pub(super) cut: bool,
    /// The time over which the rate is measured.
    pub(super) window: Duration,
}

/// The decoded body, whole or not at all.
pub(super) async fn read(
    mut response: reqwest::Response,
    reading: Reading,
) -> Result<Vec<u8>, FetchError> {
    let declared = content_type(response.headers()).unwrap_or_default();
    if !is_text(&declared) {
        return Err(plain(FetchFailure::ContentType, format!("{declared} is not a page")));
    }
    let coding = text(response.headers(), header::CONTENT_ENCODING).unwrap_or_default();
    let failed = |error| failure(error, reading.cap);
    let mut decoder = Decoder::new(&coding, reading.cap).map_err(failed)?;
    let mut rate = Rate::new(reading.window, Instant::now());
    loop {
        let Ok(chunk) = timeout_at(rate.ends, response.chunk()).await else {
            return Err(too_slow(reading.window));
        };
        let Some(chunk) = chunk.map_err(|error| broken(&error))? else { break };
        if !rate.is_kept(chunk.len(), Instant::now()) {
            return Err(too_slow(reading.window));
        }
        match decoder.push(&chunk) {
            Err(CodingError::TooBig) if reading.cut => return Ok(decoder.into_part()),
            other => other.map_err(failed)?,
        }
        if decoder.so_far().len() >= MARK && looks_binary(decoder.so_far()) {
            break;
        }
    }
    if looks_binary(decoder.so_far()) {
        return Err(plain(FetchFailure::ContentType, "the body is not text".into()));
    }
    let body = decoder.end().map_err(failed)?;
    if looks_binary(&body) {
        return Err(plain(FetchFailure::ContentType, "the body is not text".into()));
    }
    Ok(body)
}

/// Refuses an answer whose head is out of proportion, such as one with thousands of cookies.
pub(super) fn check_head(headers: &header::HeaderMap) -> Result<(), FetchError> {
    let size: usize = headers.iter().map(|(name, value)| name.as_str().len() + value.len()).sum();
    if size > MOST_HEAD {
        return Err(head_too_big());
    }
    Ok(())
}

/// The answer's head is over the cap.
pub(super) fn head_too_big() -> FetchError {
    let text = format!("the head of the answer is larger than {MOST_HEAD} bytes");
    plain(FetchFailure::TooBig, text)
}

fn failure(error: CodingError, cap: usize) -> FetchError {
    match error {
        CodingError::TooBig => plain(
            FetchFailure::TooBig,
            format!("the body is larger than {cap} bytes (scrape.max_bytes)"),
        ),
        CodingError::Bomb => plain(
            FetchFailure::TooBig,
            "the body unfolds to more than 200 times what was received".into(),
        ),
        CodingError::Unknown(name) => {
            plain(FetchFailure::ContentType, format!("the body is encoded as {name:?}"))
        }
        CodingError::Damaged(reason) => {
            plain(FetchFailure::Truncated, format!("the body ended early or is damaged: {reason}"))
        }
    }
}

fn broken(error: &reqwest::Error) -> FetchError {
    if error.is_timeout() {
        return plain(FetchFailure::Timeout, "the body took too long".into());
    }
    let text = format!("the body ended early or is damaged: {}", innermost(error));
    plain(FetchFailure::Truncated, text)
}

fn too_slow(window: Duration) -> FetchError {
    let seconds = window.as_secs_f64();
    let text = format!("the body came slower than {LEAST} bytes a second for {seconds} s");
    plain(FetchFailure::Timeout, text)
}

/// How fast a body comes, window by window.
struct Rate {
    window: Duration,
    ends: Instant,
    bytes: u64,
}

impl Rate {
    fn new(window: Duration, now: Instant) -> Self {
        Self { window, ends: now + window, bytes: 0 }
    }

    /// Takes in bytes that came at `now`; false when a window has ended that had too few.
    fn is_kept(&mut self, bytes: usize, now: Instant) -> bool {
        self.bytes = self.bytes.saturating_add(bytes as u64);
        // Before the first window ends nothing is said: a body may begin late.
        let least =
            u64::try_from(self.window.as_millis()).unwrap_or(u64::MAX).saturating_mul(LEAST)
                / 1_000;
        if self.bytes >= least {
            (self.ends, self.bytes) = (now + self.window, 0);
        }
        now < self.ends
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trickle_is_given_up_after_one_window_and_a_steady_flow_never() {
        let begun = Instant::now();
        let second = |n: u64| begun + Duration::from_secs(n);
        let mut rate = Rate::new(WINDOW, begun);
        let given_up = (1..60).find(|n| !rate.is_kept(100, second(*n)));
        assert_eq!(given_up, Some(10));
        let mut rate = Rate::new(WINDOW, begun);
        assert!((1..600).all(|n| rate.is_kept(1_100, second(n))));
        // A good beginning does not excuse what follows.
        let mut rate = Rate::new(WINDOW, begun);
        assert!(rate.is_kept(1 << 20, second(3)));
        assert_eq!((4..60).find(|n| !rate.is_kept(1, second(*n))), Some(13));
    }
}
