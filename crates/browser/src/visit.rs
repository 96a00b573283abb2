//! One page, from navigation to HTML.
//!
//! ```text
//! subscribe → block kinds → navigate → document ready → wait for the selector and read
//!                              │             (again after each navigation by script)
//!                              └ network error, refusal, dialog, crash, budgets, deadline:
//!                                watched all the time
//! ```
//!
//! The client's own navigation call returns when every frame and picture has loaded, which may
//! be never. It is only listened to for its error; a page whose call has not returned is not
//! used again, since the next navigation on it would hang.

use std::pin::Pin;
use std::time::Duration;

use chromiumoxide::Page;
use chromiumoxide::cdp::browser_protocol::fetch::{DisableParams, EnableParams, RequestPattern};
use chromiumoxide::cdp::browser_protocol::network::ResourceType;
use chromiumoxide::cdp::browser_protocol::page::{CaptureScreenshotFormat, NavigateParams};
use chromiumoxide::cdp::js_protocol::runtime::{EvaluateParams, EvaluateReturns};
use chromiumoxide::error::CdpError;
use chromiumoxide::page::ScreenshotParams;
use futures_util::FutureExt;
use serde::de::DeserializeOwned;
use tokio::time::{Instant, timeout_at};
use url::Url;

use crate::page::{PageError, PageRequest, RecordedResponse, ResourceKind, Stage};
use crate::record;
use crate::script::{self, Ran, Read};
use crate::watch::{Document, Watch};

/// How long the client's navigation call may take to return once we have what we came for.
const SETTLE: Duration = Duration::from_millis(150);

/// Events taken in after a page has been read, at most.
const MOST_QUEUED: usize = 5_000;
/// How long a picture may take.
const PICTURE: Duration = Duration::from_secs(3);
/// Bytes of the largest picture.
const PICTURE_BYTES: usize = 500 << 10;
/// Quality of pictures, of 100: for people to see what kind of page it was.
const PICTURE_QUALITY: i64 = 40;

/// What a visit brings home.
pub(crate) struct Visited {
    pub(crate) status: Option<u16>,
    pub(crate) final_url: Url,
    pub(crate) html: String,
    pub(crate) script: Option<serde_json::Value>,
    pub(crate) picture: Option<Vec<u8>>,
    pub(crate) requests: u32,
    pub(crate) blocked: u32,
    pub(crate) responses: Vec<RecordedResponse>,
    /// Whether the page may be used again.
    pub(crate) settled: bool,
}

/// Loads one page before the deadline.
pub(crate) async fn visit(
    page: &Page,
    watch: &mut Watch,
    request: &PageRequest,
    deadline: Instant,
) -> Result<Visited, PageError> {
    if request.record_json {
        record::prepare(page).await;
    }
    let url = request.url.as_str().to_owned();
    let navigation = async { page.goto(NavigateParams::new(url)).await.map(|_| ()) };
    tokio::pin!(navigation);

    let ready = until_ready(watch, navigation.as_mut());
    let mut settled = in_time_or(deadline, Stage::Navigate, ready).await?;

    let stage = if request.wait_for.is_some() { Stage::WaitFor } else { Stage::Read };
    let reading = read_document(page, watch, request);
    let (html, final_url) = in_time_or(deadline, stage, reading).await?;

    let script = match &request.script {
        Some(expression) => {
            let running = run_script(page, watch, expression, request.max_bytes);
            Some(in_time_or(deadline, Stage::Script, running).await?)
        }
        None => None,
    };
    let responses = recorded(page, watch, deadline).await;
    let picture = if request.picture { pictured(page, watch, deadline).await } else { None };
    if !settled {
        settled = settles(watch, navigation, deadline).await;
    }
    // A page that leads on by itself may do so once more, into the next visit.
    settled = settled && !watch.has_moved();
    Ok(Visited {
        status: watch.document.as_ref().and_then(|document| document.status),
        final_url,
        html,
        script,
        picture,
        requests: watch.requests,
        blocked: watch.blocked,
        responses,
        settled,
    })
}

/// What the page fetched for itself. Never worth losing a page over.
async fn recorded(page: &Page, watch: &mut Watch, deadline: Instant) -> Vec<RecordedResponse> {
    if watch.recorder.is_none() {
        return Vec::new();
    }
    // What has been announced and not yet been taken in: the script's answer may have come first.
    for _ in 0..MOST_QUEUED {
        if !matches!(watch.next().now_or_never(), Some(Ok(()))) {
            break;
        }
    }
    let Some(recorder) = watch.recorder.take() else { return Vec::new() };
    timeout_at(deadline, recorder.collect(page)).await.unwrap_or_default()
}

/// The client's navigation call.
type Navigation<'a, F> = Pin<&'a mut F>;

/// Waits until the document can be read; true if the navigation call has returned by then.
async fn until_ready<F>(watch: &mut Watch, mut call: Navigation<'_, F>) -> Result<bool, PageError>
where
    F: Future<Output = Result<(), CdpError>>,
{
    let mut returned = false;
    while watch.documents == 0 {
        tokio::select! {
            biased;
            seen = watch.next() => seen?,
            ended = &mut call, if !returned => {
                returned = true;
                ended.map_err(navigation_error)?;
                // Everything has loaded; the event is at most a turn behind.
                watch.documents = watch.documents.max(1);
            }
        }
    }
    check_document(watch.document.as_ref())?;
    Ok(returned)
}

/// The document and its address, once the selector is there.
async fn read_document(
    page: &Page,
    watch: &mut Watch,
    request: &PageRequest,
) -> Result<(String, Url), PageError> {
    let source = script::read_document(request.wait_for.as_deref(), request.max_bytes);
    let read: Read = evaluate_watched(page, watch, source).await?;
    // A script may have led somewhere else meanwhile.
    check_document(watch.document.as_ref())?;
    let html = read.html.filter(|html| html.len() <= request.max_bytes);
    let html = html.ok_or(PageError::TooBig(read.size))?;
    let unreadable = |_| PageError::Hostile("its address cannot be read".to_owned());
    let url = Url::parse(&read.url).map_err(unreadable)?;
    if url.scheme() == "chrome-error" {
        return Err(PageError::Navigation { text: "net::ERR_FAILED".to_owned() });
    }
    Ok((html, url))
}

async fn run_script(
    page: &Page,
    watch: &mut Watch,
    expression: &str,
    limit: usize,
) -> Result<serde_json::Value, PageError> {
    let ran: Ran = evaluate_watched(page, watch, script::run(expression, limit)).await?;
    match ran.json {
        Some(json) if json.len() <= limit => {
            serde_json::from_str(&json).map_err(|error| PageError::Script(error.to_string()))
        }
        None if ran.size == 0 => Ok(serde_json::Value::Null),
        _ => Err(PageError::TooBig(ran.size)),
    }
}

/// A picture of the window as it stands. Whatever goes wrong, there is none.
async fn pictured(page: &Page, watch: &mut Watch, deadline: Instant) -> Option<Vec<u8>> {
    let params = ScreenshotParams::builder()
        .format(CaptureScreenshotFormat::Jpeg)
        .quality(PICTURE_QUALITY)
        .build();
    let soon = deadline.min(Instant::now() + PICTURE);
    let taken = timeout_at(soon, async {
        tokio::select! {
            taken = page.screenshot(params) => taken.ok(),
            () = until_trouble(watch) => None,
        }
    });
    taken.await.ok().flatten().filter(|picture| picture.len() <= PICTURE_BYTES)
}

/// Whether the navigation call returns soon, so that the page can be used again.
async fn settles<F>(watch: &mut Watch, call: Navigation<'_, F>, deadline: Instant) -> bool
where
    F: Future<Output = Result<(), CdpError>>,
{
    let soon = deadline.min(Instant::now() + SETTLE);
    let settled = timeout_at(soon, async {
        tokio::select! {
            ended = call => ended.is_ok(),
            () = until_trouble(watch) => false,
        }
    });
    settled.await.unwrap_or(false)
}

async fn in_time_or<T>(
    deadline: Instant,
    stage: Stage,
    work: impl Future<Output = Result<T, PageError>>,
) -> Result<T, PageError> {
    timeout_at(deadline, work).await.unwrap_or(Err(PageError::Timeout { stage }))
}

async fn until_trouble(watch: &mut Watch) {
    while watch.next().await.is_ok() {}
}

fn check_document(document: Option<&Document>) -> Result<(), PageError> {
    match document.and_then(|document| document.refused.as_deref()) {
        // What is not the rules' doing has Chromium's name for it.
        Some("dead") => navigation("net::ERR_PROXY_TARGET_DEAD"),
        Some("broken") => navigation("net::ERR_EMPTY_RESPONSE"),
        Some("upstream") => navigation("net::ERR_PROXY_CONNECTION_FAILED"),
        Some("timeout" | "busy") => navigation("net::ERR_TIMED_OUT"),
        Some(class) => Err(PageError::Refused(class.to_owned())),
        None => Ok(()),
    }
}

fn navigation(text: &str) -> Result<(), PageError> {
    Err(PageError::Navigation { text: text.to_owned() })
}

/// Evaluates in our own world while watching the page; starts again when the document is
/// replaced underneath, once the next one is ready.
pub(crate) async fn evaluate_watched<T: DeserializeOwned>(
    page: &Page,
    watch: &mut Watch,
    source: String,
) -> Result<T, PageError> {
    loop {
        let documents = watch.documents;
        let evaluation = evaluate(page, &source);
        tokio::pin!(evaluation);
        let outcome = loop {
            tokio::select! {
                biased;
                outcome = &mut evaluation => break outcome,
                seen = watch.next() => seen?,
            }
        };
        match outcome {
            Ok(answer) => return decode(answer),
            Err(error) if document_was_replaced(&error) => {
                while watch.documents == documents {
                    watch.next().await?;
                }
            }
            Err(error) => return Err(call_error(&error)),
        }
    }
}

pub(crate) async fn evaluate(page: &Page, source: &str) -> Result<EvaluateReturns, CdpError> {
    let world = page.secondary_execution_context().await?;
    // Without a world the document is being replaced at this very moment.
    let world = world.ok_or_else(|| CdpError::ChromeMessage(NO_WORLD.to_owned()))?;
    let mut call = EvaluateParams::new(source);
    call.context_id = Some(world);
    call.await_promise = Some(true);
    call.return_by_value = Some(true);
    page.execute(call).await.map(|answer| answer.result)
}

const NO_WORLD: &str = "Cannot find context";

fn document_was_replaced(error: &CdpError) -> bool {
    let text = error.to_string();
    ["Cannot find context", "context was destroyed", "navigated or closed", "Promise was collected"]
        .iter()
        .any(|sign| text.contains(sign))
}

pub(crate) fn decode<T: DeserializeOwned>(answer: EvaluateReturns) -> Result<T, PageError> {
    if let Some(thrown) = answer.exception_details {
        let described = thrown.exception.and_then(|exception| exception.description);
        let text = described.unwrap_or(thrown.text);
        let first = text.lines().next().unwrap_or_default();
        return Err(PageError::Script(first.chars().take(300).collect()));
    }
    let value = answer.result.value.unwrap_or_default();
    serde_json::from_value(value)
        .map_err(|_| PageError::Hostile("it tampers with our script".to_owned()))
}

/// Chromium's word on why a navigation failed.
fn navigation_error(error: CdpError) -> PageError {
    match error {
        CdpError::ChromeMessage(text) => PageError::Navigation { text },
        other => call_error(&other),
    }
}

/// What a failed call says about the browser.
pub(crate) fn call_error(error: &CdpError) -> PageError {
    match error {
        CdpError::Timeout => PageError::Timeout { stage: Stage::Navigate },
        CdpError::Chrome(_) | CdpError::ChromeMessage(_) => {
            let text = error.to_string();
            if text.contains("crashed") || text.contains("detached") {
                PageError::Crashed
            } else {
                PageError::Script(text)
            }
        }
        _ => PageError::Gone,
    }
}

/// Tells Chromium which kinds of requests to hand to us (we fail them all).
pub(crate) async fn set_blocking(page: &Page, kinds: &[ResourceKind]) -> Result<(), CdpError> {
    if kinds.is_empty() {
        return page.execute(DisableParams::default()).await.map(|_| ());
    }
    let patterns = kinds
        .iter()
        .flat_map(|kind| chromium_kinds(*kind))
        .map(|kind| RequestPattern::builder().url_pattern("*").resource_type(kind.clone()).build());
    page.execute(EnableParams::builder().patterns(patterns).build()).await.map(|_| ())
}

fn chromium_kinds(kind: ResourceKind) -> &'static [ResourceType] {
    match kind {
        ResourceKind::Image => &[ResourceType::Image],
        ResourceKind::Font => &[ResourceType::Font],
        ResourceKind::Media => &[ResourceType::Media],
        ResourceKind::Stylesheet => &[ResourceType::Stylesheet],
        ResourceKind::Script => &[ResourceType::Script],
        ResourceKind::Other => &[
            ResourceType::Ping,
            ResourceType::Manifest,
            ResourceType::TextTrack,
            ResourceType::CspViolationReport,
            ResourceType::Prefetch,
            ResourceType::Other,
        ],
    }
}
