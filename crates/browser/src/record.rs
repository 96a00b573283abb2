//! The JSON that a page fetches for itself while it is being rendered.
//!
//! ```text
//! request sent (XHR, fetch) → answer (JSON by its type) → ... the page is read ... → body, once
//! ```
//!
//! Bodies are asked for when the page has been read: what it shows has arrived by then. What is kept is
//! bounded three times: by Chromium's own buffers, by the number of answers, and by the bytes of all.

use std::collections::HashMap;

use chromiumoxide::Page;
use chromiumoxide::cdp::browser_protocol::network::{
    EnableParams, EventRequestWillBeSent, EventResponseReceived, GetRequestPostDataParams,
    GetResponseBodyParams, RequestId, ResourceType,
};
use url::Url;

use crate::page::RecordedResponse;

/// Answers kept of one page.
const MOST: usize = 20;
/// Requests remembered while their answers are awaited.
const MOST_PENDING: usize = 200;
/// Bytes of one answer, decoded.
const MOST_BYTES: usize = 2 << 20;
/// Bytes of all answers of a page.
const MOST_TOGETHER: usize = 8 << 20;
/// Bytes of what a page sends.
const MOST_SENT: usize = 64 << 10;
/// Chromium counts two bytes a character where a text is not plain ASCII.
const PER_CHARACTER: usize = 2;

/// Headers that belong to a connection or are the browser's own business.
const NOT_OURS: [&str; 14] = [
    "accept-encoding",
    "connection",
    "content-length",
    "cookie",
    "dnt",
    "expect",
    "host",
    "keep-alive",
    "origin",
    "referer",
    "te",
    "transfer-encoding",
    "upgrade",
    "user-agent",
];

/// Words in the names of headers that carry credentials.
const SECRET: [&str; 10] =
    ["auth", "token", "secret", "session", "csrf", "xsrf", "key", "sign", "passw", "credential"];

/// A request whose answer may be worth keeping.
struct Pending {
    url: String,
    method: String,
    headers: Vec<(String, String)>,
    sends: bool,
    answer: Option<(u16, String)>,
}

/// What the page at hand has asked for so far.
#[derive(Default)]
pub(crate) struct Recorder {
    pending: HashMap<RequestId, Pending>,
    /// Answered with JSON, in order.
    answered: Vec<RequestId>,
}

/// Tells Chromium how much it may keep of a page's answers.
pub(crate) async fn prepare(page: &Page) {
    let bytes = |count: usize| i64::try_from(count * PER_CHARACTER).unwrap_or(i64::MAX);
    let enable = EnableParams::builder()
        .max_resource_buffer_size(bytes(MOST_BYTES))
        .max_total_buffer_size(bytes(MOST_TOGETHER))
        .build();
    if let Err(error) = page.execute(enable).await {
        tracing::debug!(%error, "the buffers of a page cannot be set");
    }
}

impl Recorder {
    pub(crate) fn sent(&mut self, event: &EventRequestWillBeSent) {
        let asked = matches!(event.r#type, Some(ResourceType::Xhr | ResourceType::Fetch));
        if !asked || self.pending.len() >= MOST_PENDING {
            return;
        }
        let request = &event.request;
        let pending = Pending {
            url: request.url.clone(),
            method: request.method.clone(),
            headers: harmless(request.headers.inner()),
            sends: request.has_post_data.unwrap_or(false),
            answer: None,
        };
        // A redirect is announced as the same request with another address.
        self.pending.insert(event.request_id.clone(), pending);
    }

    pub(crate) fn received(&mut self, event: &EventResponseReceived) {
        let Some(pending) = self.pending.get_mut(&event.request_id) else { return };
        let mime = event.response.mime_type.to_ascii_lowercase();
        let status = u16::try_from(event.response.status).unwrap_or(0);
        let fits = mime.contains("json") || matches!(mime.as_str(), "text/plain" | "");
        if fits && self.answered.len() < MOST {
            pending.answer = Some((status, mime));
            self.answered.push(event.request_id.clone());
        }
    }

    /// The answers with their bodies. What cannot be had any more is left out.
    pub(crate) async fn collect(mut self, page: &Page) -> Vec<RecordedResponse> {
        let mut kept = Vec::new();
        let mut bytes = 0;
        for id in std::mem::take(&mut self.answered) {
            let Some(pending) = self.pending.remove(&id) else { continue };
            let Some(response) = pending.complete(page, id).await else { continue };
            bytes += response.body.len();
            if bytes > MOST_TOGETHER {
                break;
            }
            kept.push(response);
        }
        kept
    }
}

impl Pending {
    async fn complete(self, page: &Page, id: RequestId) -> Option<RecordedResponse> {
        let (status, content_type) = self.answer?;
        let url = Url::parse(&self.url).ok()?;
        let answer = page.execute(GetResponseBodyParams::new(id.clone())).await.ok()?.result;
        let text = answer.body;
        let is_json = !answer.base64_encoded && text.trim_start().starts_with(['{', '[']);
        if !is_json || text.len() > MOST_BYTES {
            return None;
        }
        let sent = if self.sends {
            let sent = page.execute(GetRequestPostDataParams::new(id)).await.ok()?.result;
            Some(sent.post_data).filter(|data| data.len() <= MOST_SENT)
        } else {
            None
        };
        // A request whose body we could not read cannot be understood.
        if self.sends && sent.is_none() {
            return None;
        }
        Some(RecordedResponse {
            url,
            method: self.method,
            headers: self.headers,
            sent,
            status,
            content_type,
            body: text,
        })
    }
}

/// Headers that tell what was asked, without those that say who asks.
fn harmless(headers: &serde_json::Value) -> Vec<(String, String)> {
    let all = headers.as_object().into_iter().flatten();
    all.filter_map(|(name, value)| {
        let name = name.to_ascii_lowercase();
        let own = NOT_OURS.contains(&name.as_str())
            || ["sec-", "proxy-", ":"].iter().any(|start| name.starts_with(start));
        let secret = SECRET.iter().any(|word| name.contains(word));
        let value = value.as_str().filter(|value| value.len() <= 1_000)?;
        (!own && !secret).then(|| (name, value.to_owned()))
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neither_credentials_nor_the_connection_are_recorded() {
        let headers = serde_json::json!({
            "Accept": "application/json", "Cookie": "a=b", "Authorization": "Bearer x",
            "X-CSRF-Token": "1", "X-Api-Key": "k", "Sec-Fetch-Mode": "cors", "Host": "h",
            "X-Requested-With": "XMLHttpRequest", "Proxy-Authorization": "p",
            "Referer": "http://h/", "User-Agent": "u", "X-Session-Id": "s",
        });
        let mut names: Vec<_> = harmless(&headers).into_iter().map(|(name, _)| name).collect();
        names.sort();
        assert_eq!(names, ["accept", "x-requested-with"]);
    }
}
