//! The port that gets a page, by one road at a time.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use sites::Page;
use url::Url;

use super::session::Ready;

/// A road to a page, cheapest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Rung {
    /// Our HTTP client, with validators when there are any.
    Http,
    /// A rendered page.
    Browser,
}

impl Rung {
    /// The stored word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Browser => "browser",
        }
    }

    /// The rung of a stored word.
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Http, Self::Browser].into_iter().find(|rung| rung.as_str() == word)
    }
}

/// What is to be fetched.
#[derive(Clone)]
pub struct FetchJob {
    /// The site's rules: how to render, what to wait for and block.
    pub site: Arc<sites::Site>,
    /// The address.
    pub url: Url,
    /// `ETag` of the last answer.
    pub etag: Option<String>,
    /// `Last-Modified` of the last answer.
    pub last_modified: Option<String>,
    /// Everything must be over by then.
    pub deadline: Duration,
    /// Who we are at the site, if it wants to know.
    pub session: Option<Arc<Ready>>,
    /// The proxy through which the site is asked; `None`: directly.
    pub identity: Option<String>,
}

/// A page and how it came.
#[derive(Debug, Clone)]
pub struct Fetched {
    /// The page; `None` when the server says that nothing has changed.
    pub page: Option<Page>,
    /// By which road.
    pub rung: Rung,
    /// Bytes of the decoded body.
    pub bytes: usize,
    /// How long it took.
    pub elapsed: Duration,
    /// Validator for the next request.
    pub etag: Option<String>,
    /// Validator for the next request.
    pub last_modified: Option<String>,
}

/// The class of a failed fetch: what an operator groups by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FetchFailure {
    /// The name does not resolve.
    Dns,
    /// No connection.
    Connect,
    /// The certificate or handshake was refused.
    Tls,
    /// Too slow.
    Timeout,
    /// The body is over the cap.
    TooBig,
    /// Too many redirects, or to a place we do not go.
    Redirect,
    /// The answer comes from another site than the one that was asked.
    Moved,
    /// Not a page: a picture, an archive.
    ContentType,
    /// The text is in another encoding than the page says.
    Encoding,
    /// The body ended early.
    Truncated,
    /// 403, 429 or 503: told to go away or to slow down.
    Refused,
    /// The host has refused us before and is left alone: it was not asked.
    Held,
    /// Too many wait for the host already: it was not asked, and has a place in the queue.
    Queued,
    /// Another HTTP status that is no page.
    Status,
    /// robots.txt forbids it.
    Robots,
    /// Our own egress rules forbid it.
    Egress,
    /// The browser is missing or cannot start.
    BrowserUnavailable,
    /// The browser or its page died.
    BrowserGone,
    /// There is no session at a site that wants one.
    Login,
    /// The page misbehaved: floods, pop-ups, endless scripts.
    Hostile,
}

impl FetchFailure {
    /// The stored and printed word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Dns => "dns",
            Self::Connect => "connect",
            Self::Tls => "tls",
            Self::Timeout => "timeout",
            Self::TooBig => "too_big",
            Self::Redirect => "redirect",
            Self::Moved => "moved",
            Self::ContentType => "content_type",
            Self::Encoding => "encoding",
            Self::Truncated => "truncated",
            Self::Refused => "refused",
            Self::Held => "held",
            Self::Queued => "queued",
            Self::Status => "status",
            Self::Robots => "robots",
            Self::Egress => "egress",
            Self::BrowserUnavailable => "browser_unavailable",
            Self::BrowserGone => "browser_gone",
            Self::Login => "login",
            Self::Hostile => "hostile",
        }
    }

    /// Whether the host was reached; `None` where the failure does not say.
    pub fn reached(self) -> Option<bool> {
        match self {
            Self::Dns | Self::Connect => Some(false),
            Self::TooBig
            | Self::Redirect
            | Self::ContentType
            | Self::Truncated
            | Self::Refused
            | Self::Tls => Some(true),
            _ => None,
        }
    }
}

/// A fetch that gave no page.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{}: {text}", class.as_str())]
pub struct FetchError {
    /// Its class.
    pub class: FetchFailure,
    /// One sentence for an operator.
    pub text: String,
    /// HTTP status, if there was one.
    pub status: Option<u16>,
    /// What the server asked us to wait, clamped to 1 s – 6 h; how long a host is still held, or how far
    /// away the place in its queue is.
    pub retry_after: Option<Duration>,
}

/// Gets a page by one road.
#[async_trait]
pub trait Fetcher: Send + Sync {
    /// Fetches; never follows more than ten redirects, never reads past the size cap.
    async fn fetch(&self, job: &FetchJob) -> Result<Fetched, FetchError>;

    /// Releases what the road holds (a browser). Idempotent.
    async fn close(&self);
}
