//! What went wrong, for programs and people (RFC 9457, `application/problem+json`).
//!
//! ```json
//! { "type": "urn:magpie:problem:invalid", "title": "Invalid values", "status": 422,
//!   "detail": "…", "problems": [{ "field": "filter.ranges.rooms", "detail": "…" }] }
//! ```

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::json;

use crate::domain::Language;
use crate::domain::plan::Refusal;
use crate::store::DbError;
use crate::texts::import::refusal;
use crate::texts::plain;

/// Seconds after which a caller may try again when the record does not answer.
const RETRY_AFTER: HeaderValue = HeaderValue::from_static("5");

/// One value that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FieldProblem {
    /// Where it stands in what was sent: `filter.ranges.rooms`, `sources.1`.
    pub field: String,
    /// What is wrong, in the language of the person.
    pub detail: String,
}

/// An answer that is a refusal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    status: StatusCode,
    code: &'static str,
    title: &'static str,
    detail: String,
    problems: Vec<FieldProblem>,
}

impl Problem {
    fn new(status: StatusCode, code: &'static str, title: &'static str, detail: &str) -> Self {
        Self { status, code, title, detail: detail.to_owned(), problems: vec![] }
    }

    /// 401: who calls is not known.
    pub fn unauthorized(detail: &str) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "session", "No session", detail)
    }

    /// 403: the person is barred.
    pub fn barred() -> Self {
        let detail = "this account may not use the service";
        Self::new(StatusCode::FORBIDDEN, "barred", "Barred", detail)
    }

    /// 403: the person has never written to the bot, so it may not write to them.
    pub fn unknown(language: Language) -> Self {
        let detail = plain(language, "app-fault-unknown");
        Self::new(StatusCode::FORBIDDEN, "unknown", "Not known", &detail)
    }

    /// 403: the plan, or who paused a watch, does not allow it.
    pub fn refused(why: &Refusal, language: Language) -> Self {
        Self::new(StatusCode::FORBIDDEN, "plan", "Not allowed", &refusal(language, why))
    }

    /// 404: nothing of that name, or somebody else's.
    pub fn missing() -> Self {
        Self::new(StatusCode::NOT_FOUND, "missing", "Not found", "there is no such thing here")
    }

    /// 405: the address is right and the method is not.
    pub fn method() -> Self {
        let detail = "this address does not take that method";
        Self::new(StatusCode::METHOD_NOT_ALLOWED, "method", "Wrong method", detail)
    }

    /// 400: what was sent cannot be read.
    pub fn unreadable(detail: &str) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "unreadable", "Cannot be read", detail)
    }

    /// 413: the body is too long.
    pub fn too_large() -> Self {
        let detail = "the body is longer than 64 kB";
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "size", "Too large", detail)
    }

    /// 415: the body is not announced as JSON.
    pub fn media_type() -> Self {
        let detail = "send application/json";
        Self::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "media-type", "Not JSON", detail)
    }

    /// 422: values that do not fit, all at once.
    pub fn invalid(problems: Vec<FieldProblem>) -> Self {
        let detail = problems.first().map_or("", |first| first.detail.as_str()).to_owned();
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        Self { problems, ..Self::new(status, "invalid", "Invalid values", &detail) }
    }

    /// 429: too many calls of one person.
    pub fn too_many() -> Self {
        let detail = "too many calls; go slower";
        Self::new(StatusCode::TOO_MANY_REQUESTS, "pace", "Too many calls", detail)
    }

    /// 503: come again.
    pub fn busy() -> Self {
        let detail = "the service is busy; try again in a moment";
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "busy", "Busy", detail)
    }

    /// 500: our fault.
    pub fn broken() -> Self {
        let detail = "something is wrong on our side; it has been noted";
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "broken", "Our fault", detail)
    }
}

impl From<DbError> for Problem {
    fn from(error: DbError) -> Self {
        tracing::error!(%error, "a call of the app could not be answered");
        if error.is_transient() || matches!(error, DbError::Stale) {
            Self::busy()
        } else {
            Self::broken()
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut body = json!({
            "type": format!("urn:magpie:problem:{}", self.code),
            "title": self.title,
            "status": self.status.as_u16(),
            "detail": self.detail,
        });
        if !self.problems.is_empty() {
            body["problems"] = json!(self.problems);
        }
        let mut response = (self.status, Json(body)).into_response();
        let headers = response.headers_mut();
        let kind = HeaderValue::from_static("application/problem+json");
        headers.insert(header::CONTENT_TYPE, kind);
        match self.status {
            StatusCode::UNAUTHORIZED => {
                headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
            }
            StatusCode::TOO_MANY_REQUESTS => {
                headers.insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
            }
            StatusCode::SERVICE_UNAVAILABLE => {
                headers.insert(header::RETRY_AFTER, RETRY_AFTER);
            }
            _ => {}
        }
        response
    }
}
