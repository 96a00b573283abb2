//! robots.txt of one host, kept for a day (RFC 9309 section 2.4).
//!
//! Missing (4xx): everything is allowed. Unreachable (5xx, no answer): nothing is, until it can be read; an
//! older copy goes on counting meanwhile (sections 2.3.1.3 and 2.3.1.4).

use std::time::{Duration, Instant};

use sites::Robots;
use url::Url;

use super::error;
use crate::scrape::fetcher::{FetchError, FetchFailure};
use crate::scrape::http::Client;

/// How long a copy counts.
const FRESH: Duration = Duration::from_secs(24 * 60 * 60);
/// When an unreachable file is asked for again.
const RETRY: Duration = Duration::from_secs(5 * 60);
/// The file must come within this time.
const DEADLINE: Duration = Duration::from_secs(15);

/// The copy of a host's file.
#[derive(Default)]
pub(super) struct RobotsFile {
    rules: Option<Robots>,
    fresh_until: Option<Instant>,
    unreachable: Option<FetchError>,
}

impl RobotsFile {
    /// Reads the file again when its time has come. Fails only when there is no copy at all.
    pub(super) async fn refresh(
        &mut self,
        client: &Client,
        url: &Url,
        now: Instant,
    ) -> Result<(), FetchError> {
        if self.fresh_until.is_none_or(|until| until <= now) {
            let read = tokio::time::timeout(DEADLINE, client.robots(url)).await;
            let read = read.unwrap_or_else(|_| {
                Err(error(FetchFailure::Timeout, "robots.txt did not come in time".into()))
            });
            self.take(read, now);
        }
        match (&self.rules, &self.unreachable) {
            (None, Some(error)) => Err(error.clone()),
            _ => Ok(()),
        }
    }

    /// Takes in what a reading brought: `None` is a missing file.
    fn take(&mut self, read: Result<Option<String>, FetchError>, now: Instant) {
        let result = match &read {
            Ok(Some(_)) => "read",
            Ok(None) => "missing",
            Err(_) => "unreachable",
        };
        metrics::counter!("magpie_robots_total", "result" => result).increment(1);
        match read {
            Ok(text) => {
                self.rules = Some(text.as_deref().map(Robots::parse).unwrap_or_default());
                self.unreachable = None;
                self.fresh_until = Some(now + FRESH);
            }
            Err(reason) => {
                let text =
                    format!("robots.txt cannot be read, so nothing is asked: {}", reason.text);
                self.unreachable = Some(FetchError { text, ..reason });
                self.fresh_until = Some(now + RETRY);
            }
        }
    }

    pub(super) fn allows(&self, agent: &str, url: &Url) -> bool {
        self.rules.as_ref().is_none_or(|rules| rules.allowed(agent, url.as_str()))
    }

    pub(super) fn delay(&self, agent: &str) -> Option<Duration> {
        self.rules.as_ref()?.crawl_delay(agent)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(path: &str) -> Url {
        Url::parse("https://example.com").expect("an address").join(path).expect("a path")
    }

    #[test]
    fn a_missing_file_allows_everything_and_rules_are_kept() {
        let mut file = RobotsFile::default();
        file.take(Ok(None), Instant::now());
        assert!(file.allows("magpie", &url("/search")));
        file.take(
            Ok(Some("User-agent: *\nDisallow: /search\nCrawl-delay: 7".into())),
            Instant::now(),
        );
        assert!(!file.allows("magpie", &url("/search")));
        assert_eq!(file.delay("magpie"), Some(Duration::from_secs(7)));
    }

    #[test]
    fn an_older_copy_counts_while_the_file_is_unreachable() {
        let now = Instant::now();
        let gone = || Err(error(FetchFailure::Connect, "no answer".into()));
        let mut file = RobotsFile::default();
        file.take(gone(), now);
        assert!(file.rules.is_none() && file.unreachable.is_some());
        assert_eq!(file.fresh_until, Some(now + RETRY));
        file.take(Ok(Some("User-agent: *\nDisallow: /x".into())), now);
        file.take(gone(), now + FRESH);
        assert!(!file.allows("magpie", &url("/x")));
    }
}
