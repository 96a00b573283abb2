//! The browser rung: a page as a person's browser shows it, behind the same port as the HTTP rung.

use std::sync::Arc;
use std::time::Instant;

use async_trait::async_trait;
use browser::{Browser, PageAnswer, PageError, PageRequest};
use sites::Page;

use super::fetcher::{FetchError, FetchFailure, FetchJob, Fetched, Fetcher, Rung};
use super::http::{meaning, stays};
use super::session::door;
use crate::clock::Clock;

/// How often a page is asked for when the browser ends underneath it.
const ATTEMPTS: u32 = 3;

/// Gets rendered pages.
pub struct BrowserFetcher {
    browser: Browser,
    clock: Arc<dyn Clock>,
    max_bytes: usize,
    refusals: Vec<egress::Refusals>,
}

impl BrowserFetcher {
    /// A rung that uses `browser`, reads at most `max_bytes` of a document and dates pages by `clock`.
    pub fn new(browser: Browser, clock: Arc<dyn Clock>, max_bytes: usize) -> Self {
        Self { browser, clock, max_bytes, refusals: vec![] }
    }

    /// Asks the ways out whether it was they that refused a tunnel: the browser cannot tell.
    #[must_use]
    pub fn asking(self, refusals: Vec<egress::Refusals>) -> Self {
        Self { refusals, ..self }
    }

    /// The browser behind the rung.
    pub(super) fn browser(&self) -> &Browser {
        &self.browser
    }

    fn fetched(
        &self,
        job: &FetchJob,
        answer: PageAnswer,
        begun: Instant,
    ) -> Result<Fetched, FetchError> {
        if let Some(status) = answer.status {
            let headers = reqwest::header::HeaderMap::new();
            meaning(status, &headers, false, self.clock.now())?;
        }
        stays(&job.site, &job.url, &answer.final_url)?;
        let bytes = answer.html.len();
        let page = Page {
            url: answer.final_url,
            status: answer.status,
            content_type: Some("text/html; charset=utf-8".into()),
            body: answer.html,
            script: answer.script,
            fetched_at: self.clock.now(),
        };
        Ok(Fetched {
            page: Some(page),
            rung: Rung::Browser,
            bytes,
            elapsed: begun.elapsed(),
            etag: None,
            last_modified: None,
        })
    }
}

impl BrowserFetcher {
    fn explained(&self, error: &PageError, url: &url::Url) -> FetchError {
        let host = url.host_str().unwrap_or_default();
        let (class, text) = match refused_tunnel(error, &self.refusals, host) {
            Some(reason) => {
                (FetchFailure::Egress, format!("our egress rules forbid {host} ({reason})"))
            }
            None => (class(error), error.to_string()),
        };
        FetchError { class, text, status: None, retry_after: None }
    }
}

/// Why the way out refused a tunnel to `host`, if that is what the browser complains about.
fn refused_tunnel(
    error: &PageError,
    refusals: &[egress::Refusals],
    host: &str,
) -> Option<egress::Refusal> {
    match error {
        PageError::Navigation { text } if text.contains("ERR_TUNNEL_CONNECTION_FAILED") => {
            let mut reasons = refusals.iter().filter_map(|refusals| refusals.of(host));
            reasons.find(|reason| *reason != egress::Refusal::Busy)
        }
        _ => None,
    }
}

#[async_trait]
impl Fetcher for BrowserFetcher {
    async fn fetch(&self, job: &FetchJob) -> Result<Fetched, FetchError> {
        let begun = Instant::now();
        let rules = &job.site.fetch;
        let request = PageRequest {
            wait_for: rules.wait_for.clone(),
            block: rules.block.iter().copied().map(kind).collect(),
            script: rules.script.clone(),
            deadline: job.deadline,
            attempts: ATTEMPTS,
            max_bytes: self.max_bytes,
            ..place(job)
        };
        match self.browser.fetch(request).await {
            Ok(answer) => self.fetched(job, answer, begun),
            Err(error) => Err(self.explained(&error, &job.url)),
        }
    }

    async fn close(&self) {
        self.browser.close().await;
    }
}

/// Where the page is loaded: in the context of the session, or in that of the site and its proxy.
fn place(job: &FetchJob) -> PageRequest {
    let proxy = job.identity.clone();
    match &job.session {
        Some(ready) => PageRequest {
            state: Some(Arc::new(door::state(&ready.jar))),
            proxy: ready.identity.clone().or(proxy),
            ..PageRequest::new(job.url.clone(), ready.context.clone())
        },
        None => {
            let name = proxy.as_deref().map(|proxy| format!("{}@{proxy}", job.site.id));
            let context = name.unwrap_or_else(|| job.site.id.clone());
            PageRequest { proxy, ..PageRequest::new(job.url.clone(), context) }
        }
    }
}

/// What the browser says, in our words.
pub(super) fn failed(error: &PageError) -> FetchError {
    FetchError { class: class(error), text: error.to_string(), status: None, retry_after: None }
}

fn kind(kind: sites::ResourceKind) -> browser::ResourceKind {
    match kind {
        sites::ResourceKind::Image => browser::ResourceKind::Image,
        sites::ResourceKind::Font => browser::ResourceKind::Font,
        sites::ResourceKind::Media => browser::ResourceKind::Media,
        sites::ResourceKind::Stylesheet => browser::ResourceKind::Stylesheet,
        sites::ResourceKind::Script => browser::ResourceKind::Script,
    }
}

/// Our class for what the browser says; Chromium's names are those of its `net_error_list.h`.
fn class(error: &PageError) -> FetchFailure {
    match error {
        PageError::Unavailable(_) => FetchFailure::BrowserUnavailable,
        PageError::Gone | PageError::Crashed => FetchFailure::BrowserGone,
        PageError::Timeout { .. } => FetchFailure::Timeout,
        PageError::TooBig(_) => FetchFailure::TooBig,
        PageError::Hostile(_) | PageError::Script(_) => FetchFailure::Hostile,
        PageError::Refused(_) => FetchFailure::Egress,
        PageError::Navigation { text } => class_of_navigation(text),
    }
}

fn class_of_navigation(text: &str) -> FetchFailure {
    let table = [
        ("ERR_NAME_", FetchFailure::Dns),
        ("ERR_CERT_", FetchFailure::Tls),
        ("ERR_SSL_", FetchFailure::Tls),
        ("ERR_TIMED_OUT", FetchFailure::Timeout),
        ("ERR_CONNECTION_TIMED_OUT", FetchFailure::Timeout),
        ("ERR_TOO_MANY_REDIRECTS", FetchFailure::Redirect),
        ("ERR_UNSAFE_REDIRECT", FetchFailure::Redirect),
        ("ERR_CONTENT_LENGTH_MISMATCH", FetchFailure::Truncated),
        ("ERR_INCOMPLETE_CHUNKED_ENCODING", FetchFailure::Truncated),
        ("ERR_TUNNEL_CONNECTION_FAILED", FetchFailure::Connect),
    ];
    table.iter().find(|(name, _)| text.contains(name)).map_or(FetchFailure::Connect, |(_, c)| *c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_browser_says_has_our_class() {
        let navigation = |text: &str| class(&PageError::Navigation { text: text.into() });
        assert_eq!(navigation("net::ERR_NAME_NOT_RESOLVED"), FetchFailure::Dns);
        assert_eq!(navigation("net::ERR_CERT_DATE_INVALID"), FetchFailure::Tls);
        assert_eq!(navigation("net::ERR_CONNECTION_REFUSED"), FetchFailure::Connect);
        assert_eq!(class(&PageError::Gone), FetchFailure::BrowserGone);
        assert_eq!(class(&PageError::Refused("address".into())), FetchFailure::Egress);
    }

    #[tokio::test]
    async fn a_tunnel_that_our_rules_refused_is_told_from_one_that_failed() {
        let proxy = egress::Proxy::start(egress::Policy::default()).await.expect("a proxy");
        let failed = PageError::Navigation { text: "net::ERR_TUNNEL_CONNECTION_FAILED".into() };
        let refusals = [egress::Refusals::default(), proxy.refusals()];
        let refused = || refused_tunnel(&failed, &refusals, "127.0.0.1");
        assert_eq!(refused(), None);
        let client = super::super::http::Client::new(super::super::http::Options {
            proxy: proxy.tcp_address(),
            user_agent: "Magpie".into(),
            max_bytes: 1,
        });
        let url = url::Url::parse("https://127.0.0.1/").expect("an address");
        let error = client.expect("a client").robots(&url).await.expect_err("refused");
        assert_eq!(error.class, FetchFailure::Egress);
        assert_eq!(refused(), Some(egress::Refusal::Address));
        let other = PageError::Navigation { text: "net::ERR_CONNECTION_RESET".into() };
        assert_eq!(refused_tunnel(&other, &refusals, "127.0.0.1"), None);
    }
}
