//! Pictures that Telegram could not load itself, loaded by us.
//!
//! Shops keep their pictures behind hot-link rules or refuse Telegram's fetcher; the sender then loads the
//! picture and uploads it. The address comes from a page that we did not write, so the request goes through
//! the filtering egress proxy and nothing else, and what comes back is believed by its first bytes only.

use std::time::Duration;

use async_trait::async_trait;
use reqwest::header::{ACCEPT, CONTENT_TYPE};

use super::client::error_chain;
use super::envelope::one_line;

/// Largest picture, bytes: the same as Telegram's own limit for a photo by address.
pub const PHOTO_CAP: usize = 5 << 20;

/// Everything about one picture must be over by then.
const DEADLINE: Duration = Duration::from_secs(15);

/// What a picture is, by its first bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PhotoKind {
    /// JPEG.
    Jpeg,
    /// PNG.
    Png,
    /// GIF.
    Gif,
    /// WebP.
    Webp,
    /// Windows bitmap.
    Bmp,
}

impl PhotoKind {
    /// The kind by the first bytes; `None` for anything that Telegram does not show as a photo (SVG, AVIF,
    /// pages that call themselves pictures).
    pub fn sniff(bytes: &[u8]) -> Option<Self> {
        match bytes {
            [0xff, 0xd8, 0xff, ..] => Some(Self::Jpeg),
            [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => Some(Self::Png),
            [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => Some(Self::Gif),
            [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some(Self::Webp),
            [b'B', b'M', ..] if bytes.len() > 26 => Some(Self::Bmp),
            _ => None,
        }
    }

    /// A file name that Telegram accepts for a photo. It refuses `.webp` by name but reads the content, so
    /// WebP travels as `.jpg`; at worst it is refused and the message goes as text.
    pub fn file_name(self) -> &'static str {
        match self {
            Self::Jpeg | Self::Webp => "photo.jpg",
            Self::Png => "photo.png",
            Self::Gif => "photo.gif",
            Self::Bmp => "photo.bmp",
        }
    }
}

/// A picture in memory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Photo {
    /// Its bytes, at most [`PHOTO_CAP`].
    pub bytes: Vec<u8>,
    /// What it is.
    pub kind: PhotoKind,
}

/// Loads pictures.
#[async_trait]
pub trait PhotoSource: Send + Sync {
    /// The picture at `url`, or `None` when there is none that could be sent. Never fails: a message without
    /// its picture is better than no message.
    async fn photo(&self, url: &str) -> Option<Photo>;
}

/// Loads nothing: where there is no egress proxy, pictures that Telegram cannot load are left out.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoPhotos;

#[async_trait]
impl PhotoSource for NoPhotos {
    async fn photo(&self, _url: &str) -> Option<Photo> {
        None
    }
}

/// Loads pictures by HTTP through the egress proxy.
#[derive(Debug, Clone)]
pub struct HttpPhotos {
    http: reqwest::Client,
}

impl HttpPhotos {
    /// `proxy` is the address of the egress proxy (`http://127.0.0.1:…`), the only way out. The error says
    /// what is wrong with it.
    pub fn new(proxy: &str, user_agent: &str) -> Result<Self, String> {
        let explain = |error: reqwest::Error| {
            format!("pictures cannot be loaded through {proxy:?}: {}", error_chain(&error))
        };
        // The process entry installs the same provider first; a second installation is refused harmlessly.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder()
            .proxy(reqwest::Proxy::all(proxy).map_err(explain)?)
            .user_agent(user_agent)
            .redirect(reqwest::redirect::Policy::limited(5))
            .timeout(DEADLINE)
            .pool_max_idle_per_host(1)
            .build()
            .map_err(explain)?;
        Ok(Self { http })
    }

    async fn load(&self, url: &str) -> Result<Photo, String> {
        let request =
            self.http.get(url).header(ACCEPT, "image/jpeg,image/png,image/webp,image/gif");
        let said = |error: reqwest::Error| error_chain(&error.without_url());
        let mut response = request.send().await.map_err(said)?;
        if !response.status().is_success() {
            return Err(format!("status {}", response.status().as_u16()));
        }
        let kind = response.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
        if !kind.is_some_and(|kind| kind.trim().to_ascii_lowercase().starts_with("image/")) {
            return Err("the server does not call it a picture".into());
        }
        if response.content_length().is_some_and(|length| length > PHOTO_CAP as u64) {
            return Err("too large".into());
        }
        let mut bytes = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(said)? {
            if bytes.len() + chunk.len() > PHOTO_CAP {
                return Err("too large".into());
            }
            bytes.extend_from_slice(&chunk);
        }
        let kind =
            PhotoKind::sniff(&bytes).ok_or("its first bytes are no picture that can be sent")?;
        Ok(Photo { bytes, kind })
    }
}

#[async_trait]
impl PhotoSource for HttpPhotos {
    async fn photo(&self, url: &str) -> Option<Photo> {
        let photo = self.load(url).await;
        if let Err(why) = &photo {
            tracing::debug!(
                why = one_line(why),
                "a picture could not be loaded, the message goes without it"
            );
        }
        photo.ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_is_what_its_first_bytes_say() {
        assert_eq!(PhotoKind::sniff(b"\xff\xd8\xff\xe0rest"), Some(PhotoKind::Jpeg));
        assert_eq!(PhotoKind::sniff(b"\x89PNG\r\n\x1a\nrest"), Some(PhotoKind::Png));
        assert_eq!(PhotoKind::sniff(b"GIF89a"), Some(PhotoKind::Gif));
        assert_eq!(PhotoKind::sniff(b"RIFF\0\0\0\0WEBPVP8 "), Some(PhotoKind::Webp));
        for other in [&b""[..], b"<svg xmlns=", b"<!doctype html>", b"BM", b"\0\0\0 ftypavif"] {
            assert_eq!(PhotoKind::sniff(other), None);
        }
    }
}
