//! The port that gets a page, by one road at a time.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use sites::Page;
use url::Url;

use super::road::{Endpoint, Recorded};
use super::session::Ready;

/// A road to a page, cheapest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rung {
    /// Our HTTP client, with validators when there are any.
    Http,
    /// The request that a page makes for its listings, repeated by our HTTP client.
    Endpoint,
    /// The same request, made from inside a page of the site.
    InPage,
    /// A rendered page.
    Browser,
}

impl Rung {
    /// The stored word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Endpoint => "endpoint",
            Self::InPage => "in_page",
            Self::Browser => "browser",
        }
    }

    /// The rung of a stored word.
    pub fn from_word(word: &str) -> Option<Self> {
        let all = [Self::Http, Self::Endpoint, Self::InPage, Self::Browser];
        all.into_iter().find(|rung| rung.as_str() == word)
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
    /// What is wanted of it.
    pub want: Want,
    /// Whether a picture of the page is wanted, where the road can take one.
    pub picture: bool,
    /// Who we are at the site, if it wants to know.
    pub session: Option<Arc<Ready>>,
    /// The proxy through which the site is asked; `None`: directly.
    pub identity: Option<String>,
}

/// What is wanted of an address.
#[derive(Debug, Clone, Default)]
pub enum Want {
    /// The page.
    #[default]
    Page,
    /// The page, and the JSON that it fetches for itself.
    Recorded,
    /// The answer of a learned endpoint in place of the page.
    Replay(Arc<Endpoint>),
}

impl FetchJob {
    /// The address that will be asked: its host has to grant a turn.
    pub fn asked(&self) -> &Url {
        match &self.want {
            Want::Page | Want::Recorded => &self.url,
            Want::Replay(endpoint) => &endpoint.ask.url,
        }
    }
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
    /// The JSON that the page fetched for itself, if that was wanted.
    pub recorded: Vec<Recorded>,
    /// What the page looked like (PNG or JPEG), if that was asked for.
    pub picture: Option<Vec<u8>>,
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
