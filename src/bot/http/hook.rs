//! Telegram calls: everything that can refuse a call without reading it comes first.

use std::sync::Arc;

use axum::Json;
use axum::body::{Body, Bytes};
use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures_util::StreamExt;
use serde_json::{Value, json};
use tokio::time::timeout;

use super::Site;
use crate::bot::counters;
use crate::bot::decide::Answer;
use crate::bot::webhook::HookKeys;

/// What we ask Telegram to wait when we cannot commit (it honours `Retry-After`), seconds.
const RETRY_AFTER: &str = "5";
/// The same where only too much came at once.
const RETRY_SOON: &str = "1";
/// Most characters of the answer to a press (api "answerCallbackQuery").
const NOTE: usize = 200;
/// Carries the secret of `setWebhook` (api "setWebhook").
const SECRET_HEADER: &str = "x-telegram-bot-api-secret-token";

/// Receives one update; 200 only after its commit.
pub async fn receive(
    State(site): State<Arc<Site>>,
    Path(hash): Path<String>,
    request: Request,
) -> Response {
    let Some(keys) = site.parts.keys.as_ref().filter(|keys| keys.is_path(&hash)) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    if let Err(status) = admit(keys, request.headers(), site.parts.max_body) {
        return refuse(status);
    }
    let Some(handler) = site.parts.handler.get() else { return come_again(RETRY_AFTER) };
    if !site.flow.admits() {
        counters::limited("global");
        return come_again(RETRY_SOON);
    }
    let body = {
        let Ok(_reader) = site.readers.try_acquire() else { return come_again(RETRY_AFTER) };
        let reading = read(request.into_body(), site.parts.max_body);
        match timeout(site.parts.read_limit, reading).await {
            Ok(Ok(body)) => body,
            Ok(Err(status)) => return refuse(status),
            Err(_) => return refuse(StatusCode::REQUEST_TIMEOUT),
        }
    };
    let outcome = handler.handle_call(body).await;
    match (outcome.handled.is_done(), outcome.answer) {
        (true, None) => StatusCode::OK.into_response(),
        (true, Some(answer)) => Json(method(&answer)).into_response(),
        (false, _) => come_again(RETRY_AFTER),
    }
}

/// The answer to a press as the answer to the call that brought it (api "Making requests when getting updates"): Telegram
/// does it and tells nobody how that ended, so nothing that matters goes this way.
fn method(answer: &Answer) -> Value {
    let mut call = json!({ "method": "answerCallbackQuery", "callback_query_id": answer.id });
    if let Some(note) = &answer.note {
        call["text"] = note.chars().take(NOTE).collect::<String>().into();
        call["show_alert"] = answer.alert.into();
    }
    call
}

/// What the head of a call must say. Forged calls are counted, not logged: a log is an easy thing to fill.
fn admit(keys: &HookKeys, headers: &HeaderMap, max_body: usize) -> Result<(), StatusCode> {
    if !keys.are_secrets(headers.get_all(SECRET_HEADER).iter().map(|value| value.as_bytes())) {
        counters::forged();
        return Err(StatusCode::UNAUTHORIZED);
    }
    let length = headers.get(header::CONTENT_LENGTH);
    if length.is_some() && headers.contains_key(header::TRANSFER_ENCODING) {
        return Err(StatusCode::BAD_REQUEST);
    }
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or("");
    let kind = kind.split(';').next().unwrap_or("").trim();
    if !kind.eq_ignore_ascii_case("application/json") {
        return Err(StatusCode::UNSUPPORTED_MEDIA_TYPE);
    }
    let length =
        length.and_then(|length| length.to_str().ok()).and_then(|l| l.parse::<usize>().ok());
    if length.is_some_and(|length| length > max_body) {
        return Err(StatusCode::PAYLOAD_TOO_LARGE);
    }
    Ok(())
}

/// Reads a body of at most `max` bytes, whatever its head said.
async fn read(body: Body, max: usize) -> Result<Bytes, StatusCode> {
    let mut stream = body.into_data_stream();
    let mut read = Vec::new();
    while let Some(chunk) = stream.next().await {
        let chunk = chunk.map_err(|_| StatusCode::BAD_REQUEST)?;
        if read.len() + chunk.len() > max {
            return Err(StatusCode::PAYLOAD_TOO_LARGE);
        }
        read.extend_from_slice(&chunk);
    }
    Ok(read.into())
}

/// The body was not read, so the connection cannot be used again.
fn refuse(status: StatusCode) -> Response {
    (status, [(header::CONNECTION, "close")]).into_response()
}

fn come_again(seconds: &'static str) -> Response {
    (StatusCode::SERVICE_UNAVAILABLE, [(header::RETRY_AFTER, seconds)]).into_response()
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;
    use metrics_exporter_prometheus::PrometheusBuilder;

    use super::*;

    #[test]
    fn forged_calls_are_counted_and_true_ones_are_not() {
        let keys = HookKeys::derive(&"1:token".into(), None);
        let recorder = PrometheusBuilder::new().build_recorder();
        let call = |secret: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
            headers.insert(SECRET_HEADER, HeaderValue::from_str(secret).expect("a header"));
            metrics::with_local_recorder(&recorder, || admit(&keys, &headers, 100))
        };
        assert_eq!(call("guess"), Err(StatusCode::UNAUTHORIZED));
        assert_eq!(call(""), Err(StatusCode::UNAUTHORIZED));
        assert_eq!(call(keys.secret()), Ok(()));
        let metrics = recorder.handle().render();
        assert!(metrics.contains("magpie_webhook_forged_total 2"), "{metrics}");
    }

    #[test]
    fn a_call_with_two_lengths_is_refused() {
        let keys = HookKeys::derive(&"1:token".into(), None);
        let mut headers = HeaderMap::new();
        headers.insert(SECRET_HEADER, HeaderValue::from_str(keys.secret()).expect("a header"));
        headers.insert(header::CONTENT_LENGTH, HeaderValue::from_static("5"));
        headers.insert(header::TRANSFER_ENCODING, HeaderValue::from_static("chunked"));
        assert_eq!(admit(&keys, &headers, 100), Err(StatusCode::BAD_REQUEST));
    }
}
