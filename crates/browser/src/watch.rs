//! What happens in a page while we wait for it.
//!
//! All subscriptions of one visit in one place. They are made before the navigation, so nothing
//! is missed, and dropped with the visit, because the client queues events without bound.

use std::sync::Arc;

use chromiumoxide::Page;
use chromiumoxide::cdp::browser_protocol::browser::BrowserContextId;
use chromiumoxide::cdp::browser_protocol::fetch::{EventRequestPaused, FailRequestParams};
use chromiumoxide::cdp::browser_protocol::network::{
    ErrorReason, EventLoadingFailed, EventRequestWillBeSent, EventResponseReceived, RequestId,
    ResourceType,
};
use chromiumoxide::cdp::browser_protocol::page::{
    EventDomContentEventFired, EventJavascriptDialogOpening, HandleJavaScriptDialogParams,
};
use chromiumoxide::cdp::browser_protocol::target::{
    CloseTargetParams, EventTargetCrashed, EventTargetCreated, TargetId,
};
use chromiumoxide::error::Result;
use chromiumoxide::listeners::EventStream;
use futures_util::future::BoxFuture;
use futures_util::stream::FuturesUnordered;
use futures_util::{FutureExt, StreamExt};

use crate::options::Options;
use crate::page::PageError;
use crate::record::Recorder;

/// The main document's answer.
#[derive(Debug, Clone)]
pub(crate) struct Document {
    pub(crate) status: Option<u16>,
    /// Class of the reason if the proxy refused the address.
    pub(crate) refused: Option<String>,
    /// Whether Chromium shows such an answer; others are downloads, or nothing at all.
    pub(crate) shown: bool,
}

/// Budgets of a page.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Budget {
    requests: u32,
    targets: u32,
    navigations: u32,
}

impl Budget {
    pub(crate) fn of(options: &Options) -> Budget {
        Budget {
            requests: options.max_requests,
            targets: options.max_targets,
            navigations: options.max_navigations,
        }
    }
}

/// Frames from other sites have targets of their own; advertising needs more of them than
/// anything honest needs pop-ups.
const FRAMES_PER_TARGET: u32 = 3;

/// Everything seen so far, and the streams that tell more.
pub(crate) struct Watch {
    browser: Arc<chromiumoxide::Browser>,
    page: Page,
    context: BrowserContextId,
    main: TargetId,
    budget: Budget,
    ready: EventStream<EventDomContentEventFired>,
    responses: EventStream<EventResponseReceived>,
    sent: EventStream<EventRequestWillBeSent>,
    failed: EventStream<EventLoadingFailed>,
    dialogs: EventStream<EventJavascriptDialogOpening>,
    paused: EventStream<EventRequestPaused>,
    crashes: EventStream<EventTargetCrashed>,
    targets: EventStream<EventTargetCreated>,
    reactions: FuturesUnordered<BoxFuture<'static, ()>>,
    /// Times the document became ready; more than once if scripts navigate.
    pub(crate) documents: u32,
    pub(crate) document: Option<Document>,
    pub(crate) requests: u32,
    pub(crate) blocked: u32,
    /// Request of the newest main document.
    newest: Option<RequestId>,
    navigations: u32,
    popups: u32,
    frames: u32,
    /// Takes in the JSON that the page fetches, if that is wanted.
    pub(crate) recorder: Option<Recorder>,
}

impl Watch {
    /// Subscribes to a page of the given context.
    pub(crate) async fn start(
        browser: Arc<chromiumoxide::Browser>,
        page: Page,
        context: BrowserContextId,
        budget: Budget,
    ) -> Result<Watch> {
        Ok(Watch {
            ready: page.event_listener().await?,
            responses: page.event_listener().await?,
            sent: page.event_listener().await?,
            failed: page.event_listener().await?,
            dialogs: page.event_listener().await?,
            paused: page.event_listener().await?,
            crashes: browser.event_listener().await?,
            targets: browser.event_listener().await?,
            main: page.target_id().clone(),
            browser,
            page,
            context,
            budget,
            reactions: FuturesUnordered::new(),
            documents: 0,
            document: None,
            requests: 0,
            blocked: 0,
            newest: None,
            navigations: 0,
            popups: 0,
            frames: 0,
            recorder: None,
        })
    }

    /// Whether the page has shown more than the one document that it was asked for.
    pub(crate) fn has_moved(&self) -> bool {
        self.documents > 1 || self.navigations > 1
    }

    /// Takes in the next event. Returns `Err` when the page must be given up.
    ///
    /// Safe to cancel: an event is either taken in whole or still queued.
    pub(crate) async fn next(&mut self) -> Result<(), PageError> {
        tokio::select! {
            biased;
            Some(crash) = self.crashes.next() => self.on_crash(&crash),
            Some(dialog) = self.dialogs.next() => { self.on_dialog(&dialog); Ok(()) }
            // A new document is announced before the old one is given up.
            Some(sent) = self.sent.next() => self.on_sent(&sent),
            Some(response) = self.responses.next() => { self.on_response(&response); Ok(()) }
            Some(failed) = self.failed.next() => self.on_failed(&failed),
            Some(_) = self.ready.next() => { self.documents += 1; Ok(()) }
            Some(paused) = self.paused.next() => { self.on_paused(&paused); Ok(()) }
            Some(target) = self.targets.next() => self.on_target(&target),
            Some(()) = self.reactions.next() => Ok(()),
            else => Err(PageError::Gone),
        }
    }

    fn on_crash(&self, crash: &EventTargetCrashed) -> Result<(), PageError> {
        if crash.target_id == self.main { Err(PageError::Crashed) } else { Ok(()) }
    }

    /// Alerts and questions are closed without an answer; they hold up the whole page.
    fn on_dialog(&mut self, _: &EventJavascriptDialogOpening) {
        let page = self.page.clone();
        self.react(async move {
            let _ = page.execute(HandleJavaScriptDialogParams::new(false)).await;
        });
    }

    fn on_response(&mut self, event: &EventResponseReceived) {
        if let Some(recorder) = &mut self.recorder {
            recorder.received(event);
        }
        let main =
            event.frame_id.as_ref().is_some_and(|frame| frame.as_ref() == self.main.as_ref());
        if !main || event.r#type != ResourceType::Document {
            return;
        }
        let response = &event.response;
        // Only plain http passes the proxy's own words on; over TLS the header is the site's.
        let refused = response.url.starts_with("http:").then(|| refusal(response.headers.inner()));
        self.document = Some(Document {
            status: u16::try_from(response.status).ok().filter(|status| *status > 0),
            refused: refused.flatten(),
            shown: is_shown(response.status, &response.mime_type, response.headers.inner()),
        });
    }

    fn on_sent(&mut self, event: &EventRequestWillBeSent) -> Result<(), PageError> {
        self.requests += 1;
        if let Some(recorder) = &mut self.recorder {
            recorder.sent(event);
        }
        let main =
            event.frame_id.as_ref().is_some_and(|frame| frame.as_ref() == self.main.as_ref());
        let document = event.r#type == Some(ResourceType::Document);
        if main && document && event.redirect_response.is_none() {
            self.navigations += 1;
            self.newest = Some(event.request_id.clone());
        }
        if self.requests > self.budget.requests {
            return Err(PageError::Hostile(format!("more than {} requests", self.budget.requests)));
        }
        if self.navigations > self.budget.navigations {
            return Err(PageError::Hostile("it keeps navigating".to_owned()));
        }
        Ok(())
    }

    /// A main document that did not arrive, or not whole. Half a page is no page: what it does
    /// not show is not gone.
    fn on_failed(&self, event: &EventLoadingFailed) -> Result<(), PageError> {
        let stopped_by_script = self.documents > 0 && event.error_text == ABORTED;
        if self.newest.as_ref() != Some(&event.request_id) || stopped_by_script {
            return Ok(());
        }
        let text = match event.error_text.as_str() {
            ABORTED if self.document.as_ref().is_some_and(|document| !document.shown) => {
                "the address is a download or has no content"
            }
            text => text,
        };
        Err(PageError::Navigation { text: text.to_owned() })
    }

    fn on_paused(&mut self, event: &EventRequestPaused) {
        self.blocked += 1;
        let page = self.page.clone();
        let id = event.request_id.clone();
        self.react(async move {
            let _ = page.execute(FailRequestParams::new(id, ErrorReason::BlockedByClient)).await;
        });
    }

    /// Closes pop-ups, counts workers and frames.
    fn on_target(&mut self, event: &EventTargetCreated) -> Result<(), PageError> {
        let target = &event.target_info;
        if target.browser_context_id.as_ref() != Some(&self.context) {
            return Ok(());
        }
        match target.r#type.as_str() {
            "iframe" => self.frames += 1,
            "page" if target.opener_id.is_none() => {}
            kind => {
                self.popups += 1;
                if kind == "page" {
                    let (browser, id) = (self.browser.clone(), target.target_id.clone());
                    self.react(async move {
                        let _ = browser.execute(CloseTargetParams::new(id)).await;
                    });
                }
            }
        }
        let most = self.budget.targets;
        if self.popups > most || self.frames > most * FRAMES_PER_TARGET {
            return Err(PageError::Hostile("too many pop-ups, workers or frames".to_owned()));
        }
        Ok(())
    }

    fn react(&self, reaction: impl Future<Output = ()> + Send + 'static) {
        self.reactions.push(reaction.boxed());
    }
}

/// Chromium's word for a navigation that ended without a document.
const ABORTED: &str = "net::ERR_ABORTED";

/// Header with which the filtering proxy marks its refusals.
const REFUSED_HEADER: &str = "x-egress-refused";

/// Whether Chromium shows an answer in a page: one with content, of a type for pages, and not as a file.
fn is_shown(status: i64, mime_type: &str, headers: &serde_json::Value) -> bool {
    let attached = headers.as_object().is_some_and(|headers| {
        headers.iter().any(|(name, value)| {
            let value = value.as_str().unwrap_or_default().trim_start().to_ascii_lowercase();
            name.eq_ignore_ascii_case("content-disposition") && !value.starts_with("inline")
        })
    });
    let mime_type = mime_type.to_ascii_lowercase();
    let shown = mime_type.starts_with("text/")
        || mime_type.starts_with("image/")
        || ["html", "xml", "json"].iter().any(|kind| mime_type.ends_with(kind));
    shown && !attached && !matches!(status, 204 | 205)
}

fn refusal(headers: &serde_json::Value) -> Option<String> {
    let headers = headers.as_object()?;
    let (_, value) = headers.iter().find(|(name, _)| name.eq_ignore_ascii_case(REFUSED_HEADER))?;
    Some(value.as_str()?.to_owned())
}
