//! What is asked of a page and what comes back.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use url::Url;

use crate::state::SessionState;

/// Kinds of sub-resources that can be left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ResourceKind {
    /// Pictures.
    Image,
    /// Web fonts.
    Font,
    /// Audio and video.
    Media,
    /// Style sheets.
    Stylesheet,
    /// Scripts.
    Script,
    /// Beacons, manifests and whatever has no kind of its own. Never XHR, fetch or documents.
    Other,
}

/// One page to load.
#[derive(Debug, Clone)]
pub struct PageRequest {
    /// Address; `http` or `https`.
    pub url: Url,
    /// Requests with the same session share cookies and storage; others never do.
    pub session: String,
    /// Name of another way out (see [`crate::Options::identities`]); a session is made with one and keeps it.
    pub proxy: Option<String>,
    /// CSS selector to wait for; without one the page is read at `DOMContentLoaded`.
    pub wait_for: Option<String>,
    /// Cookies and storage with which the session begins, if it has to be made anew.
    pub state: Option<Arc<SessionState>>,
    /// Kinds of resources not to fetch.
    pub block: Vec<ResourceKind>,
    /// JavaScript expression (a promise is awaited), evaluated in a world of its own that sees
    /// the document but not the page's variables. Its value returns as JSON.
    pub script: Option<String>,
    /// Time for everything, waiting for a free place included.
    pub deadline: Duration,
    /// How often the page is asked for at most, within the deadline: again only when the browser or the page's
    /// process ended underneath it.
    pub attempts: u32,
    /// Most bytes of HTML, and most bytes of script value.
    pub max_bytes: usize,
}

impl PageRequest {
    /// A request with the usual limits: 30 s, 8 MB, nothing blocked.
    pub fn new(url: Url, session: impl Into<String>) -> PageRequest {
        PageRequest {
            url,
            session: session.into(),
            proxy: None,
            wait_for: None,
            state: None,
            block: Vec::new(),
            script: None,
            deadline: Duration::from_secs(30),
            attempts: 1,
            max_bytes: 8 << 20,
        }
    }
}

/// A loaded page.
#[derive(Debug, Clone)]
pub struct PageAnswer {
    /// HTTP status of the document; absent for documents that had no answer, as `data:`.
    pub status: Option<u16>,
    /// Address after redirects and scripts.
    pub final_url: Url,
    /// The document as it stands, serialised.
    pub html: String,
    /// Value of [`PageRequest::script`].
    pub script: Option<serde_json::Value>,
    /// From the free place to the answer.
    pub elapsed: Duration,
    /// Requests the page made, blocked ones included.
    pub requests: u32,
    /// Requests that were blocked.
    pub blocked: u32,
}

/// Where a page was when its time ran out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Waiting for the browser to start or for a free place.
    Queue,
    /// Preparing a session and a tab.
    Open,
    /// Waiting for the document.
    Navigate,
    /// Waiting for the selector.
    WaitFor,
    /// Reading the document.
    Read,
    /// Waiting for the script.
    Script,
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Stage::Queue => "waiting for a free browser page",
            Stage::Open => "opening a tab",
            Stage::Navigate => "waiting for the document",
            Stage::WaitFor => "waiting for the selector",
            Stage::Read => "reading the document",
            Stage::Script => "running the script",
        })
    }
}

/// Why there is no page.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PageError {
    /// No browser can be had now; the text says why and what to do.
    #[error("no browser: {0}")]
    Unavailable(String),
    /// The browser ended or the connection to it was lost while the page was loading.
    #[error("the browser ended while the page was loading")]
    Gone,
    /// The page's own process crashed.
    #[error("the page crashed")]
    Crashed,
    /// Out of time.
    #[error("time ran out while {stage}")]
    Timeout {
        /// What was going on.
        stage: Stage,
    },
    /// The page cannot be reached or is no page; the text is Chromium's error name or a
    /// sentence.
    #[error("the page did not load: {text}")]
    Navigation {
        /// For example `net::ERR_NAME_NOT_RESOLVED`.
        text: String,
    },
    /// More bytes than [`PageRequest::max_bytes`].
    #[error("the page is too big: {0} characters")]
    TooBig(u64),
    /// The page does what no listing site does; the text names it.
    #[error("the page misbehaves: {0}")]
    Hostile(String),
    /// The way out refuses the address; the text is the class of the reason.
    #[error("the address is refused: {0}")]
    Refused(String),
    /// The selector or the script is wrong, or the script threw.
    #[error("the script failed: {0}")]
    Script(String),
}

impl PageError {
    /// Whether the browser itself is to blame: it ended, or one of its services did.
    pub fn is_own(&self) -> bool {
        match self {
            PageError::Gone | PageError::Crashed => true,
            PageError::Navigation { text } => OWN.contains(&text.as_str()),
            _ => false,
        }
    }

    /// Whether the same request may succeed if it is simply made again.
    pub fn is_transient(&self) -> bool {
        match self {
            PageError::Unavailable(_)
            | PageError::Gone
            | PageError::Crashed
            | PageError::Timeout { .. } => true,
            PageError::Navigation { text } => {
                text.starts_with("net::")
                    && !LASTING.iter().any(|lasting| text.starts_with(lasting))
            }
            PageError::TooBig(_)
            | PageError::Hostile(_)
            | PageError::Refused(_)
            | PageError::Script(_) => false,
        }
    }
}

/// What Chromium says of a request that its own network service dropped (`net_error_list.h`).
const OWN: [&str; 3] =
    ["net::ERR_ABORTED", "net::ERR_NETWORK_CHANGED", "net::ERR_CONTEXT_SHUT_DOWN"];

/// Network errors that a repetition does not mend, by their beginnings.
const LASTING: [&str; 5] = [
    "net::ERR_CERT_",
    "net::ERR_TOO_MANY_REDIRECTS",
    "net::ERR_UNKNOWN_URL_SCHEME",
    "net::ERR_INVALID_URL",
    "net::ERR_BLOCKED_BY_CLIENT",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_may_pass_by_itself_is_transient() {
        let navigation = |text: &str| PageError::Navigation { text: text.to_owned() };
        for passing in [
            PageError::Gone,
            PageError::Crashed,
            PageError::Unavailable(String::new()),
            PageError::Timeout { stage: Stage::WaitFor },
            navigation("net::ERR_CONNECTION_RESET"),
            navigation("net::ERR_TUNNEL_CONNECTION_FAILED"),
        ] {
            assert!(passing.is_transient(), "{passing}");
        }
        for lasting in [
            PageError::TooBig(1),
            PageError::Hostile(String::new()),
            PageError::Refused(String::new()),
            PageError::Script(String::new()),
            navigation("net::ERR_TOO_MANY_REDIRECTS"),
            navigation("net::ERR_CERT_DATE_INVALID"),
            navigation("the address is a download or has no content"),
        ] {
            assert!(!lasting.is_transient(), "{lasting}");
        }
    }
}
