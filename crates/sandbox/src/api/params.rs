//! Parameters of a call, from any of the four documented encodings.
//!
//! URL query, `application/x-www-form-urlencoded`, `application/json` and `multipart/form-data` all
//! end in the same map; in the text encodings structured values (lists, keyboards) are JSON strings,
//! in JSON they may be either.

use std::borrow::Cow;
use std::collections::BTreeMap;

use axum::body::Bytes;
use axum::extract::{FromRequest, Multipart, Request};
use axum::http::{HeaderMap, header};
use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};
use serde_json::Value;

use crate::answer::Refusal;

/// The largest request that is read: the documented 50 MB of an upload and some room.
const BODY_LIMIT: usize = 52 * 1024 * 1024;

/// A file that came in a multipart request.
#[derive(Clone, Debug)]
pub struct Upload {
    /// The file name given by the client; may be empty.
    pub name: String,
    /// The bytes.
    pub bytes: Bytes,
}

/// The parameters of one call.
#[derive(Clone, Debug, Default)]
pub struct Params {
    values: BTreeMap<String, Value>,
    files: BTreeMap<String, Upload>,
}

impl Params {
    /// Reads the parameters of a request, query first, body over it.
    pub async fn read(request: Request) -> Result<Self, Refusal> {
        let mut params = Self::default();
        if let Some(query) = request.uri().query() {
            params.add_form(query.as_bytes());
        }
        if is_multipart(request.headers()) {
            params.add_multipart(request).await?;
            return Ok(params);
        }
        let kind = content_type(request.headers());
        let body = axum::body::to_bytes(request.into_body(), BODY_LIMIT)
            .await
            .map_err(|_| Refusal::new(413, "Request Entity Too Large"))?;
        params.add_body(&kind, &body)?;
        Ok(params)
    }

    /// Reads parameters that came as a whole body, e.g. in the answer of a webhook.
    pub fn from_body(kind: &str, body: &[u8]) -> Result<Self, Refusal> {
        let mut params = Self::default();
        params.add_body(&kind.to_ascii_lowercase(), body)?;
        Ok(params)
    }

    fn add_body(&mut self, kind: &str, body: &[u8]) -> Result<(), Refusal> {
        if body.is_empty() {
            return Ok(());
        }
        if kind.starts_with("application/json") {
            let unreadable = || Refusal::bad("can't parse JSON object");
            let map: BTreeMap<String, Value> =
                serde_json::from_slice(body).map_err(|_| unreadable())?;
            self.values.extend(map.into_iter().filter(|(_, value)| !value.is_null()));
        } else {
            self.add_form(body);
        }
        Ok(())
    }

    fn add_form(&mut self, form: &[u8]) {
        for (key, value) in url::form_urlencoded::parse(form) {
            self.values.insert(key.into_owned(), Value::String(value.into_owned()));
        }
    }

    async fn add_multipart(&mut self, request: Request) -> Result<(), Refusal> {
        let unreadable = |_| Refusal::bad("can't parse multipart/form-data");
        let too_large = |()| Refusal::new(413, "Request Entity Too Large");
        // The whole body first: a reader of parts stops at the last boundary, and a connection with something unread
        // behind it is closed, sometimes under the next request.
        let (head, body) = request.into_parts();
        let body = axum::body::to_bytes(body, BODY_LIMIT).await.map_err(|_| too_large(()))?;
        let request = Request::from_parts(head, body.into());
        let mut parts = Multipart::from_request(request, &()).await.map_err(unreadable)?;
        while let Some(part) = parts.next_field().await.map_err(|_| Refusal::bad("broken body"))? {
            let name = part.name().unwrap_or_default().to_owned();
            let file = part.file_name().map(str::to_owned);
            let bytes = part.bytes().await.map_err(|_| too_large(()))?;
            match file {
                Some(file) => {
                    self.files.insert(name, Upload { name: file, bytes });
                }
                None => {
                    let text = String::from_utf8_lossy(&bytes).into_owned();
                    self.values.insert(name, Value::String(text));
                }
            }
        }
        Ok(())
    }

    /// Sets a value, as the sandbox does for its own calls.
    pub fn set(&mut self, key: &str, value: Value) {
        self.values.insert(key.to_owned(), value);
    }

    /// Takes a value out.
    pub fn take(&mut self, key: &str) -> Option<Value> {
        self.values.remove(key)
    }

    /// The value as text; numbers and booleans are written out.
    pub fn text(&self, key: &str) -> Option<String> {
        match self.values.get(key)? {
            Value::String(text) => Some(text.clone()),
            other => Some(other.to_string()),
        }
    }

    /// The value as a whole number; absent, empty and unreadable values are `None`.
    pub fn int(&self, key: &str) -> Option<i64> {
        match self.values.get(key)? {
            Value::Number(number) => number.as_i64(),
            Value::String(text) => text.trim().parse().ok(),
            _ => None,
        }
    }

    /// The value as a yes or no: `true`, `yes` and `1` in any case are yes.
    pub fn flag(&self, key: &str) -> bool {
        self.text(key)
            .is_some_and(|text| matches!(text.to_ascii_lowercase().as_str(), "true" | "yes" | "1"))
    }

    /// A structured value: JSON itself, or a string that holds JSON. Empty strings count as absent.
    pub fn json(&self, key: &str) -> Option<Result<Value, serde_json::Error>> {
        Some(self.borrow(key)?.map(Cow::into_owned))
    }

    /// [`Params::json`] without a copy of what is there as JSON.
    pub fn borrow(&self, key: &str) -> Option<Result<Cow<'_, Value>, serde_json::Error>> {
        match self.values.get(key)? {
            Value::String(text) if text.trim().is_empty() => None,
            Value::String(text) => Some(serde_json::from_str(text).map(Cow::Owned)),
            other => Some(Ok(Cow::Borrowed(other))),
        }
    }

    /// An uploaded file by the name of its part.
    pub fn file(&self, key: &str) -> Option<&Upload> {
        self.files.get(key)
    }

    /// What the journal keeps, as JSON: values as given, files as name and size, secrets not at all.
    pub fn record(&self) -> String {
        serde_json::to_string(&Kept(self)).unwrap_or_else(|_| "{}".to_owned())
    }
}

/// See [`Params::record`].
struct Kept<'a>(&'a Params);

impl Serialize for Kept<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Params { values, files } = self.0;
        let mut kept = serializer.serialize_map(None)?;
        for (key, value) in values.iter().filter(|(key, _)| !files.contains_key(*key)) {
            match key.as_str() {
                "secret_token" => kept.serialize_entry(key, "…")?,
                _ => kept.serialize_entry(key, value)?,
            }
        }
        for (key, file) in files {
            let note = serde_json::json!({"file": file.name, "bytes": file.bytes.len()});
            kept.serialize_entry(key, &note)?;
        }
        kept.end()
    }
}

fn content_type(headers: &HeaderMap) -> String {
    let value = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    value.unwrap_or_default().to_ascii_lowercase()
}

fn is_multipart(headers: &HeaderMap) -> bool {
    content_type(headers).starts_with("multipart/form-data")
}
