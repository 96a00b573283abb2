//! The envelope of every Bot API answer, and the refusals that go into it.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

/// What a method gives back when it was accepted.
#[derive(Clone, Debug)]
pub struct Done {
    /// The `result` of the envelope, as JSON.
    pub result: String,
    /// The remark that a few methods add (`Webhook was set`).
    pub description: Option<String>,
    /// Ids of the messages that the call made or touched, for the journal.
    pub messages: Vec<i64>,
}

impl Done {
    /// An answer without any message.
    pub fn value(result: Value) -> Self {
        Self::json(result.to_string())
    }

    /// The same from what is JSON already.
    pub fn json(result: String) -> Self {
        Self { result, description: None, messages: Vec::new() }
    }

    /// The plain `true` of most methods.
    pub fn yes() -> Self {
        Self::value(Value::Bool(true))
    }

    /// Names the messages that were made or touched.
    pub fn about(mut self, messages: Vec<i64>) -> Self {
        self.messages = messages;
        self
    }

    /// Adds the remark of the envelope.
    pub fn remark(mut self, text: &str) -> Self {
        self.description = Some(text.to_owned());
        self
    }
}

/// Why a method was refused: HTTP status, text and the machine-readable parameters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// `error_code`, which is also the HTTP status.
    pub code: u16,
    /// The whole `description`, prefix included.
    pub description: String,
    /// Seconds to wait, for 429.
    pub retry_after: Option<i64>,
    /// The new id of a group that became a supergroup.
    pub migrate_to: Option<i64>,
}

/// What became of a call.
pub type Outcome = Result<Done, Refusal>;

impl Refusal {
    /// A refusal with any code and a complete text.
    pub fn new(code: u16, description: impl Into<String>) -> Self {
        Self { code, description: description.into(), retry_after: None, migrate_to: None }
    }

    /// 400: the text follows `Bad Request: ` as it is.
    pub fn bad(text: impl AsRef<str>) -> Self {
        Self::new(400, format!("Bad Request: {}", text.as_ref()))
    }

    /// 403: the text follows `Forbidden: `.
    pub fn forbidden(text: impl AsRef<str>) -> Self {
        Self::new(403, format!("Forbidden: {}", text.as_ref()))
    }

    /// 409: the text follows `Conflict: `.
    pub fn conflict(text: impl AsRef<str>) -> Self {
        Self::new(409, format!("Conflict: {}", text.as_ref()))
    }

    /// 429 with the seconds in text, parameters and header.
    pub fn too_many(seconds: i64) -> Self {
        let text = format!("Too Many Requests: retry after {seconds}");
        Self { retry_after: Some(seconds), ..Self::new(429, text) }
    }

    /// 400 for a group that lives on under another id.
    pub fn migrated(to: i64) -> Self {
        let refusal = Self::bad("group chat was upgraded to a supergroup chat");
        Self { migrate_to: Some(to), ..refusal }
    }

    /// The envelope as JSON.
    pub fn body(&self) -> Value {
        let mut body =
            json!({"ok": false, "error_code": self.code, "description": self.description});
        if let Some(seconds) = self.retry_after {
            body["parameters"]["retry_after"] = seconds.into();
        }
        if let Some(chat) = self.migrate_to {
            body["parameters"]["migrate_to_chat_id"] = chat.into();
        }
        body
    }
}

const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// Turns an outcome into the HTTP answer.
pub fn respond(outcome: &Outcome) -> Response {
    match outcome {
        Ok(done) => {
            let description = done.description.as_deref().map(Value::from);
            let description =
                description.map(|text| format!(",\"description\":{text}")).unwrap_or_default();
            let body = format!("{{\"ok\":true,\"result\":{}{description}}}", done.result);
            ([(header::CONTENT_TYPE, JSON)], body).into_response()
        }
        Err(refusal) => {
            let status = StatusCode::from_u16(refusal.code).unwrap_or(StatusCode::BAD_REQUEST);
            let mut response = (status, axum::Json(refusal.body())).into_response();
            if let Some(seconds) = refusal.retry_after {
                response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
            }
            response
        }
    }
}
