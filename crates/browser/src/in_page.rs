//! A request made from inside a page of the site: its cookies, its origin, no rendering.
//!
//! ```text
//! ask ─► session ─► kept page of that origin? ── no ─► empty tab ─► address of the source, answered by us
//!                        │ yes                              with an empty document: nothing is loaded
//!                        └──────────────► fetch(…) in our own world ─► status, type, body up to the cap
//! ```
//!
//! The kept page holds a document of ours, so no script of the site runs in it and nothing goes on when we
//! are not looking. There is at most one for each session, and it goes with its session or its browser.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use chromiumoxide::Page;
use chromiumoxide::cdp::browser_protocol::fetch::{
    DisableParams, EnableParams, EventRequestPaused, FulfillRequestParams, HeaderEntry,
    RequestPattern,
};
use chromiumoxide::cdp::browser_protocol::network::ResourceType;
use chromiumoxide::error::CdpError;
use futures_util::StreamExt;
use serde::Deserialize;
use tokio::time::{Instant, timeout_at};
use url::Url;

use crate::browser::{Browser, Inner};
use crate::instance::{Instance, in_time};
use crate::page::{PageError, Stage};
use crate::script;
use crate::session::{Begin, Session, Tab};
use crate::state::SessionState;
use crate::visit::{call_error, decode, evaluate};

/// What is to be asked for from inside a page.
#[derive(Debug, Clone)]
pub struct InPageRequest {
    /// Whose cookies; as in [`crate::PageRequest::session`].
    pub session: String,
    /// As in [`crate::PageRequest::proxy`].
    pub proxy: Option<String>,
    /// As in [`crate::PageRequest::state`].
    pub state: Option<Arc<SessionState>>,
    /// Address of the page from which it is asked: origin and referrer.
    pub page: Url,
    /// Address to ask; `http` or `https`.
    pub url: Url,
    /// `GET` or `POST`.
    pub method: String,
    /// Headers beside the browser's own.
    pub headers: Vec<(String, String)>,
    /// What is sent.
    pub body: Option<String>,
    /// Time for everything, waiting for a free place included.
    pub deadline: Duration,
    /// Most bytes of the answer, decoded.
    pub max_bytes: usize,
}

/// The answer to an [`InPageRequest`].
#[derive(Debug, Clone)]
pub struct InPageAnswer {
    /// HTTP status.
    pub status: u16,
    /// `Content-Type`, lower case.
    pub content_type: Option<String>,
    /// `Retry-After`, if the server sent one that the page may see.
    pub retry_after: Option<String>,
    /// Address after redirects.
    pub final_url: Url,
    /// The body as text.
    pub body: String,
    /// From the free place to the answer.
    pub elapsed: Duration,
}

/// A page kept open to ask from.
pub(crate) struct Kept {
    origin: String,
    tab: Tab,
}

/// What our script returns.
#[derive(Debug, Deserialize)]
struct Said {
    status: Option<u16>,
    url: Option<String>,
    kind: Option<String>,
    wait: Option<String>,
    refused: Option<String>,
    body: Option<String>,
    #[serde(default)]
    size: u64,
    failed: Option<String>,
}

impl Browser {
    /// Asks for JSON from inside a page of the site. Returns by the request's deadline.
    ///
    /// As with [`Browser::fetch`], giving the future up does not stop the request, which ends by itself.
    pub async fn fetch_json(&self, request: InPageRequest) -> Result<InPageAnswer, PageError> {
        let web = |url: &Url| matches!(url.scheme(), "http" | "https");
        if !web(&request.url) || !web(&request.page) {
            return Err(PageError::Refused("scheme".to_owned()));
        }
        let inner = self.inner.clone();
        let asking = tokio::spawn(async move { inner.ask(request).await });
        asking.await.unwrap_or_else(|error| {
            tracing::error!(%error, "a request from inside a page ended unexpectedly");
            Err(PageError::Gone)
        })
    }
}

impl Inner {
    async fn ask(self: Arc<Inner>, request: InPageRequest) -> Result<InPageAnswer, PageError> {
        let deadline = Instant::now() + request.deadline;
        loop {
            let late = |_| PageError::Timeout { stage: Stage::Queue };
            let instance = timeout_at(deadline, self.instance()).await.map_err(late)??;
            let place = timeout_at(deadline, instance.places.acquire()).await.map_err(late)?;
            // A closed desk means that this browser is being replaced: ask for the next one.
            let Ok(_place) = place else { continue };
            return instance.ask(&request, deadline).await;
        }
    }
}

impl Instance {
    async fn ask(
        &self,
        request: &InPageRequest,
        deadline: Instant,
    ) -> Result<InPageAnswer, PageError> {
        let mut dead = self.dead.clone();
        tokio::select! {
            result = self.ask_alive(request, deadline) => result,
            _ = dead.wait_for(|dead| *dead) => Err(PageError::Gone),
            () = self.hangs(&request.session) => Err(PageError::Gone),
        }
    }

    async fn ask_alive(
        &self,
        request: &InPageRequest,
        deadline: Instant,
    ) -> Result<InPageAnswer, PageError> {
        let begun = Instant::now();
        let begin = Begin {
            name: &request.session,
            proxy: request.proxy.as_deref(),
            state: request.state.as_ref(),
        };
        let session = timeout_at(deadline, self.session(begin)).await;
        let session = match session {
            Ok(session) => session.map_err(|error| call_error(&error))?,
            Err(_) => return Err(PageError::Timeout { stage: Stage::Open }),
        };
        let result = match self.kept(&session, request, deadline).await {
            Ok(kept) => {
                let asking = timeout_at(deadline, fetch(&kept.tab.page, request, deadline));
                let result =
                    asking.await.unwrap_or(Err(PageError::Timeout { stage: Stage::Script }));
                self.keep(&session, kept, result.is_ok()).await;
                result
            }
            Err(error) => {
                self.put_down(&session).await;
                Err(error)
            }
        };
        if matches!(result, Err(PageError::Timeout { .. })) && !self.answers().await {
            self.condemned.send_replace(true);
        }
        let said = result?;
        answer(said, request, begun.elapsed())
    }

    /// The kept page of the origin, or a new one.
    async fn kept(
        &self,
        session: &Session,
        request: &InPageRequest,
        deadline: Instant,
    ) -> Result<Kept, PageError> {
        let origin = request.page.origin().ascii_serialization();
        let there = session.kept.lock().await.take();
        let tab = match there {
            Some(kept) if kept.origin == origin => return Ok(kept),
            Some(kept) => kept.tab,
            None => self.tab(session, &[]).await.map_err(|error| call_error(&error))?,
        };
        let opened = timeout_at(deadline, open(&tab.page, &request.page)).await;
        match opened {
            Ok(Ok(())) => Ok(Kept { origin, tab }),
            other => {
                self.close_tab(tab).await;
                Err(other.map_or(PageError::Timeout { stage: Stage::Open }, |result| {
                    result.err().map_or(PageError::Gone, |error| call_error(&error))
                }))
            }
        }
    }

    /// Closes a tab. A browser that cannot do that is replaced.
    pub(crate) async fn close_tab(&self, tab: Tab) {
        if in_time(tab.page.close()).await.is_err() && !self.answers().await {
            self.condemned.send_replace(true);
        }
    }

    /// Keeps a page that is still good and leaves the session.
    async fn keep(&self, session: &Session, kept: Kept, good: bool) {
        if !session.retired.load(Ordering::Acquire) {
            let mut place = session.kept.lock().await;
            if good && place.is_none() {
                *place = Some(kept);
            } else {
                drop(place);
                self.close_tab(kept.tab).await;
            }
        }
        self.put_down(session).await;
    }
}

/// Gives a tab the address of a page without loading anything: we answer in the site's place.
async fn open(page: &Page, url: &Url) -> Result<(), CdpError> {
    let mut paused = page.event_listener::<EventRequestPaused>().await?;
    let documents =
        RequestPattern::builder().url_pattern("*").resource_type(ResourceType::Document).build();
    page.execute(EnableParams::builder().pattern(documents).build()).await?;
    let navigation = page.goto(url.as_str());
    tokio::pin!(navigation);
    loop {
        tokio::select! {
            biased;
            Some(event) = paused.next() => {
                let mut empty = FulfillRequestParams::new(event.request_id.clone(), 200);
                empty.response_headers = Some(vec![
                    HeaderEntry::new("content-type", "text/html; charset=utf-8"),
                    HeaderEntry::new("cache-control", "no-store"),
                ]);
                empty.body = Some(EMPTY_DOCUMENT.to_owned().into());
                page.execute(empty).await?;
            }
            ended = &mut navigation => { ended?; break }
        }
    }
    page.execute(DisableParams::default()).await.map(|_| ())
}

/// `<!doctype html><title></title>` in base 64, as the protocol wants it.
const EMPTY_DOCUMENT: &str = "PCFkb2N0eXBlIGh0bWw+PHRpdGxlPjwvdGl0bGU+";

async fn fetch(page: &Page, request: &InPageRequest, deadline: Instant) -> Result<Said, PageError> {
    let left = deadline.saturating_duration_since(Instant::now());
    let ask = serde_json::json!({
        "page": request.page, "url": request.url, "method": request.method,
        "headers": request.headers, "body": request.body, "limit": request.max_bytes,
        "milliseconds": u64::try_from(left.as_millis()).unwrap_or(u64::MAX),
    });
    let said = evaluate(page, &script::fetch(&ask)).await.map_err(|error| call_error(&error))?;
    decode(said)
}

fn answer(
    said: Said,
    request: &InPageRequest,
    elapsed: Duration,
) -> Result<InPageAnswer, PageError> {
    if let Some(text) = said.failed {
        // Only our own timer aborts.
        if text.starts_with("AbortError") {
            return Err(PageError::Timeout { stage: Stage::Script });
        }
        return Err(PageError::Navigation { text: text.chars().take(200).collect() });
    }
    // Over TLS the header is the site's own; only plain http passes the proxy's words on.
    if let Some(class) = said.refused.filter(|_| request.url.scheme() == "http") {
        return Err(PageError::Refused(class));
    }
    let tampered = || PageError::Hostile("it tampers with our script".to_owned());
    let final_url = said.url.and_then(|url| Url::parse(&url).ok()).ok_or_else(tampered)?;
    let body = said.body.filter(|body| body.len() <= request.max_bytes);
    Ok(InPageAnswer {
        status: said.status.ok_or_else(tampered)?,
        content_type: said.kind.map(|kind| kind.to_ascii_lowercase()),
        retry_after: said.wait,
        final_url,
        body: body.ok_or(PageError::TooBig(said.size))?,
        elapsed,
    })
}
