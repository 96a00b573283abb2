//! Requests through the egress proxy, one hop at a time, with a name for everything that can go wrong.

use std::error::Error;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use reqwest::header::{self, HeaderMap};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use url::Url;

use super::answer::text;
use super::body::{self, Reading};
use super::charset::decode;
use super::coding::ACCEPTED;
use crate::scrape::fetcher::{FetchError, FetchFailure};

/// So much of a robots.txt is read (RFC 9309 section 2.5 asks for at least this), bytes.
const ROBOTS: usize = 500 * 1024;

/// What a client is made of.
#[derive(Debug, Clone)]
pub struct Options {
    /// The egress proxy: the only address that is ever dialled.
    pub proxy: SocketAddr,
    /// Who we say we are.
    pub user_agent: String,
    /// Largest decoded body, bytes.
    pub max_bytes: usize,
}

/// An HTTP client that reaches the network through the egress proxy only. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Client {
    inner: reqwest::Client,
    options: Options,
    window: Duration,
}

/// What a request asks besides its address.
#[derive(Debug, Clone, Default)]
pub(super) struct Validators {
    pub(super) etag: Option<String>,
    pub(super) last_modified: Option<String>,
    /// The `Cookie` header.
    pub(super) cookie: Option<String>,
}

impl Validators {
    pub(super) fn any(&self) -> bool {
        self.etag.is_some() || self.last_modified.is_some()
    }
}

impl Client {
    /// Builds the client; fails only on a user agent that cannot be a header.
    pub fn new(options: Options) -> Result<Self, FetchError> {
        if rustls::crypto::CryptoProvider::get_default().is_none() {
            // Somebody else may be first between the question and this line: the same provider, then.
            let _ = rustls::crypto::ring::default_provider().install_default();
        }
        let build = || {
            let proxy = reqwest::Proxy::all(format!("http://{}", options.proxy))?;
            reqwest::Client::builder()
                .proxy(proxy)
                .user_agent(&options.user_agent)
                .redirect(reqwest::redirect::Policy::none())
                .connect_timeout(Duration::from_secs(10))
                .pool_idle_timeout(Duration::from_secs(30))
                .pool_max_idle_per_host(1)
                // Bodies are decoded by ourselves, within measure.
                .no_gzip()
                .no_brotli()
                .no_deflate()
                .no_zstd()
                .build()
        };
        match build() {
            Ok(inner) => Ok(Self { inner, options, window: body::WINDOW }),
            Err(error) => Err(plain(
                FetchFailure::Connect,
                format!("the HTTP client cannot be built: {error}; check scrape.user_agent"),
            )),
        }
    }

    /// Measures the rate of bodies over this time instead of ten seconds.
    #[must_use]
    pub fn measuring(self, window: Duration) -> Self {
        Self { window, ..self }
    }

    /// Who we say we are.
    pub fn user_agent(&self) -> &str {
        &self.options.user_agent
    }

    /// The host's robots.txt; `None` when it has none. Up to five redirects are followed (RFC 9309
    /// section 2.3.1.2).
    pub async fn robots(&self, page: &Url) -> Result<Option<String>, FetchError> {
        let lost = |text: String| plain(FetchFailure::Robots, text);
        let mut url = page.join("/robots.txt").map_err(|error| lost(error.to_string()))?;
        for _ in 0..=5 {
            let response = self.send(&url, &Validators::default()).await?;
            match response.status().as_u16() {
                200..=299 => {
                    let declared = content_type(response.headers());
                    let reading = Reading { cap: ROBOTS, cut: true, window: self.window };
                    return match body::read(response, reading).await {
                        Ok(bytes) => Ok(decode(&bytes, declared.as_deref()).ok()),
                        // A picture or an archive in its place is no robots.txt.
                        Err(error) if error.class == FetchFailure::ContentType => Ok(None),
                        Err(error) => Err(error),
                    };
                }
                300..=399 => {
                    let next = text(response.headers(), header::LOCATION)
                        .and_then(|location| url.join(&location).ok())
                        .filter(|next| matches!(next.scheme(), "http" | "https"));
                    let Some(next) = next else { return Ok(None) };
                    url = next;
                }
                429 => return Err(lost("HTTP 429".into())),
                400..=499 => return Ok(None),
                status => return Err(lost(format!("HTTP {status}"))),
            }
        }
        Ok(None)
    }

    /// One request; redirects are answers.
    pub(super) async fn send(
        &self,
        url: &Url,
        validators: &Validators,
    ) -> Result<reqwest::Response, FetchError> {
        let mut request = self
            .inner
            .get(url.clone())
            .header(
                header::ACCEPT,
                "text/html,application/xhtml+xml,application/json;q=0.9,application/xml;q=0.9,*/*;q=0.1",
            )
            .header(header::ACCEPT_ENCODING, ACCEPTED);
        if let Some(etag) = &validators.etag {
            request = request.header(header::IF_NONE_MATCH, etag);
        }
        if let Some(date) = &validators.last_modified {
            request = request.header(header::IF_MODIFIED_SINCE, date);
        }
        if let Some(cookie) = validators.cookie.as_deref() {
            let value = header::HeaderValue::from_str(cookie).map(|mut value| {
                value.set_sensitive(true);
                value
            });
            if let Ok(value) = value {
                request = request.header(header::COOKIE, value);
            }
        }
        match request.send().await {
            Ok(response) => match proxy_refusal(url, &response) {
                Some(refusal) => Err(refusal),
                None => body::check_head(response.headers()).map(|()| response),
            },
            Err(error) => Err(self.explain(url, &error).await),
        }
    }

    /// The decoded body, whole or not at all.
    pub(super) async fn body(&self, response: reqwest::Response) -> Result<Vec<u8>, FetchError> {
        let reading = Reading { cap: self.options.max_bytes, cut: false, window: self.window };
        body::read(response, reading).await
    }

    /// Names the reason of a request without an answer.
    async fn explain(&self, url: &Url, error: &reqwest::Error) -> FetchError {
        let host = url.host_str().unwrap_or_default();
        if error.is_timeout() {
            return plain(FetchFailure::Timeout, format!("{host} did not answer in time"));
        }
        let reasons = chain(error);
        if reasons.iter().any(|reason| reason.is_tls) {
            let text = format!("no secure connection to {host}: {}", innermost(error));
            return plain(FetchFailure::Tls, text);
        }
        if reasons.iter().any(|reason| reason.text.contains("tunnel error: unsuccessful")) {
            return self.ask_proxy(url).await;
        }
        if reasons.iter().any(|reason| reason.text.contains("head is too large")) {
            return body::head_too_big();
        }
        if error.is_connect() && !reasons.iter().any(|reason| reason.text.contains("tunnel")) {
            let text = format!("the egress proxy does not answer: {}", innermost(error));
            return plain(FetchFailure::Egress, text);
        }
        plain(FetchFailure::Connect, format!("no answer from {host}: {}", innermost(error)))
    }

    /// Why the proxy refused a tunnel: the client keeps that to itself, so we ask once more by hand.
    async fn ask_proxy(&self, url: &Url) -> FetchError {
        let (host, port) =
            (url.host_str().unwrap_or_default(), url.port_or_known_default().unwrap_or(443));
        let ask = async {
            let mut stream = tokio::net::TcpStream::connect(self.options.proxy).await?;
            let head = format!("CONNECT {host}:{port} HTTP/1.1\r\nHost: {host}:{port}\r\n\r\n");
            stream.write_all(head.as_bytes()).await?;
            let mut answer = vec![0; 512];
            let length = stream.read(&mut answer).await?;
            answer.truncate(length);
            io::Result::Ok(String::from_utf8_lossy(&answer).into_owned())
        };
        let answer = tokio::time::timeout(Duration::from_secs(10), ask).await;
        let answer = answer.ok().and_then(Result::ok).unwrap_or_default();
        let status = answer.split(' ').nth(1).and_then(|code| code.parse().ok()).unwrap_or(502);
        let class = answer
            .lines()
            .find_map(|line| line.strip_prefix(egress::REFUSED_HEADER)?.strip_prefix(':'))
            .unwrap_or("dead");
        refusal(host, status, class.trim())
    }
}

/// The declared content type in lower case.
pub(super) fn content_type(headers: &HeaderMap) -> Option<String> {
    text(headers, header::CONTENT_TYPE).map(|value| value.to_ascii_lowercase())
}

/// An error without status.
pub(super) fn plain(class: FetchFailure, text: String) -> FetchError {
    FetchError { class, text, status: None, retry_after: None }
}

/// A plain answer that comes from the proxy itself. Inside a tunnel nobody but the server can speak.
fn proxy_refusal(url: &Url, response: &reqwest::Response) -> Option<FetchError> {
    if url.scheme() != "http" {
        return None;
    }
    let class = response.headers().get(egress::REFUSED_HEADER)?.to_str().ok()?;
    Some(refusal(url.host_str().unwrap_or_default(), response.status().as_u16(), class))
}

fn refusal(host: &str, status: u16, class: &str) -> FetchError {
    match (class, status) {
        ("dead", 504) => plain(FetchFailure::Connect, format!("{host} cannot be reached")),
        ("dead", _) => {
            plain(FetchFailure::Dns, format!("{host} has no address or does not answer"))
        }
        ("head", 502) => body::head_too_big(),
        ("broken", 502) => {
            plain(FetchFailure::Connect, format!("{host} closed the connection without an answer"))
        }
        ("garbled", 502) => {
            plain(FetchFailure::Connect, format!("{host} answered something that is not HTTP"))
        }
        ("upstream", _) => plain(
            FetchFailure::Connect,
            format!("the proxy through which {host} is asked does not answer or refuses"),
        ),
        ("timeout" | "busy", _) => plain(
            FetchFailure::Timeout,
            format!("the egress proxy had no time for {host} ({class})"),
        ),
        _ => plain(FetchFailure::Egress, format!("our egress rules forbid {host} ({class})")),
    }
}

struct Reason {
    text: String,
    is_tls: bool,
}

/// The errors behind an error, outermost first; what an `io::Error` wraps is looked into.
fn chain(error: &reqwest::Error) -> Vec<Reason> {
    let mut reasons = Vec::new();
    let mut next: Option<&(dyn Error + 'static)> = error.source();
    while let Some(error) = next {
        let wrapped = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        let is_tls =
            error.is::<rustls::Error>() || wrapped.is_some_and(|e| e.is::<rustls::Error>());
        reasons.push(Reason { text: error.to_string(), is_tls });
        next = error.source();
    }
    reasons
}

pub(super) fn innermost(error: &reqwest::Error) -> String {
    chain(error).pop().map_or_else(|| "no reason given".to_owned(), |reason| reason.text)
}
