//! Fetching a picture that a call names by its address, as Telegram's servers do.

use std::time::Duration;

use axum::body::Bytes;
use url::Url;

use crate::answer::Refusal;
use crate::app::App;

const MIB: usize = 1024 * 1024;
/// Redirects that are followed.
const HOPS: usize = 5;
const PATIENCE: Duration = Duration::from_secs(10);

fn wrong_address() -> Refusal {
    Refusal::bad("wrong HTTP URL specified")
}

fn unreachable() -> Refusal {
    Refusal::bad("failed to get HTTP URL content")
}

fn wrong_content() -> Refusal {
    Refusal::bad("wrong type of the web page content")
}

/// Gets the bytes, or one of the three documented errors.
pub async fn fetch(app: &App, address: &str, photo: bool) -> Result<Bytes, Refusal> {
    let url = Url::parse(address).map_err(|_| wrong_address())?;
    if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
        return Err(wrong_address());
    }
    let loading = load(app, url, photo);
    tokio::time::timeout(PATIENCE, loading).await.unwrap_or_else(|_| Err(unreachable()))
}

async fn load(app: &App, mut url: Url, photo: bool) -> Result<Bytes, Refusal> {
    for _ in 0..HOPS {
        let answer =
            app.http.get(url.clone()).header("User-Agent", "TelegramBot (like TwitterBot)");
        let answer = answer.send().await.map_err(|_| unreachable())?;
        let next = answer.headers().get("location").and_then(|value| value.to_str().ok());
        if let (true, Some(next)) = (answer.status().is_redirection(), next) {
            url = url.join(next).map_err(|_| unreachable())?;
            continue;
        }
        if !answer.status().is_success() {
            return Err(unreachable());
        }
        return read(answer, photo).await;
    }
    Err(unreachable())
}

async fn read(mut answer: reqwest::Response, photo: bool) -> Result<Bytes, Refusal> {
    let kind = answer.headers().get("content-type").and_then(|value| value.to_str().ok());
    let kind = kind.unwrap_or_default().to_ascii_lowercase();
    const PICTURES: [&str; 6] =
        ["image/jpeg", "image/jpg", "image/png", "image/gif", "image/webp", "image/bmp"];
    if photo && !PICTURES.iter().any(|known| kind.starts_with(known)) {
        return Err(wrong_content());
    }
    let limit = if photo { 5 * MIB } else { 20 * MIB };
    let mut body = Vec::new();
    while let Some(part) = answer.chunk().await.map_err(|_| unreachable())? {
        body.extend_from_slice(&part);
        if body.len() > limit {
            return Err(wrong_content());
        }
    }
    Ok(Bytes::from(body))
}
