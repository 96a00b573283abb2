//! Bodies of calls: JSON that says so, at most 64 kB.

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::header::CONTENT_TYPE;
use serde::de::DeserializeOwned;

use super::problem::Problem;

/// Largest body, bytes.
pub const MOST_BYTES: usize = 64 * 1024;

/// A body that was read.
pub struct Body<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let kind = request.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
        let kind = kind.unwrap_or("").split(';').next().unwrap_or("").trim();
        // A page of somebody else cannot send this kind without asking first, and is then refused.
        if !kind.eq_ignore_ascii_case("application/json") {
            return Err(Problem::media_type());
        }
        let bytes = Bytes::from_request(request, state).await.map_err(|why| {
            match why.status().as_u16() {
                413 => Problem::too_large(),
                _ => Problem::unreadable("the body did not arrive whole"),
            }
        })?;
        let read = serde_json::from_slice(&bytes);
        read.map(Self).map_err(|error| Problem::unreadable(&error.to_string()))
    }
}
