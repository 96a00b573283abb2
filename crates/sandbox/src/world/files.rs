//! Files: what was uploaded or fetched, and what the Bot API says about pictures.

use axum::body::Bytes;
use serde_json::{Value, json};

use super::World;
use crate::answer::Refusal;

/// A stored file.
#[derive(Clone, Debug)]
pub struct StoredFile {
    /// The same for all bots; also the key.
    pub unique: String,
    /// The bytes.
    pub bytes: Bytes,
    /// Media type.
    pub mime: String,
    /// File name.
    pub name: String,
    /// Width and height of a picture in pixels.
    pub size: Option<(u32, u32)>,
}

impl StoredFile {
    /// The id by which one bot knows this file.
    pub fn id_for(&self, bot: i64) -> String {
        format!("AgACsb{:x}-{}", bot, self.unique)
    }

    /// The path for `/file/bot<token>/<path>`.
    pub fn path(&self) -> String {
        let folder = if self.size.is_some() { "photos" } else { "documents" };
        format!("{folder}/{}_{}", self.unique, self.name)
    }

    /// `PhotoSize` list: a thumbnail and the picture itself.
    pub fn photo_sizes(&self, bot: i64) -> Value {
        let (width, height) = self.size.unwrap_or((1, 1));
        let id = self.id_for(bot);
        let longest = width.max(height).max(1);
        let (small_w, small_h) =
            (width.saturating_mul(90) / longest, height.saturating_mul(90) / longest);
        let bytes = self.bytes.len();
        json!([
            {"file_id": format!("{id}-s"), "file_unique_id": format!("{}s", self.unique),
             "file_size": bytes.min(1_500), "width": small_w.max(1), "height": small_h.max(1)},
            {"file_id": id, "file_unique_id": self.unique, "file_size": bytes,
             "width": width, "height": height},
        ])
    }
}

impl World {
    /// Stores bytes and gives their unique id.
    pub fn store_file(&mut self, bytes: Bytes, name: &str) -> String {
        let unique = format!("AQADsb{:06x}", self.next_serial());
        let size = picture(&bytes);
        let mime = size.map_or("application/octet-stream", |_| mime_of(&bytes)).to_owned();
        let name = safe_name(name, &mime);
        let size = size.map(|(_, width, height)| (width, height));
        let file = StoredFile { unique: unique.clone(), bytes, mime, name, size };
        self.files.insert(unique.clone(), file);
        unique
    }

    /// The file behind a `file_id` that was given to `bot`.
    pub fn file_by_id(&self, bot: i64, id: &str) -> Result<&StoredFile, Refusal> {
        let id = id.strip_suffix("-s").unwrap_or(id);
        let unique = id.strip_prefix(&format!("AgACsb{bot:x}-"));
        unique
            .and_then(|unique| self.files.get(unique))
            .ok_or_else(|| Refusal::bad("wrong file identifier/HTTP URL specified"))
    }
}

fn safe_name(name: &str, mime: &str) -> String {
    let kept: String = name
        .chars()
        .filter(|symbol| symbol.is_alphanumeric() || matches!(symbol, '.' | '-' | '_'))
        .take(64)
        .collect();
    match (kept.is_empty(), mime) {
        (false, _) => kept,
        (true, "image/png") => "file.png".to_owned(),
        (true, mime) if mime.starts_with("image/") => "file.jpg".to_owned(),
        (true, _) => "file.bin".to_owned(),
    }
}

fn mime_of(bytes: &[u8]) -> &'static str {
    match picture(bytes) {
        Some((format, ..)) => format,
        None => "application/octet-stream",
    }
}

/// Media type, width and height of a picture, read from its header.
pub fn picture(bytes: &[u8]) -> Option<(&'static str, u32, u32)> {
    let at = |from: usize, length: usize| bytes.get(from..from + length);
    let le = |from: usize| Some(u32::from(u16::from_le_bytes(at(from, 2)?.try_into().ok()?)));
    let be = |from: usize| Some(u32::from_be_bytes(at(from, 4)?.try_into().ok()?));
    if bytes.starts_with(b"\x89PNG\r\n\x1a\n") {
        return Some(("image/png", be(16)?, be(20)?));
    }
    if bytes.starts_with(b"GIF8") {
        return Some(("image/gif", le(6)?, le(8)?));
    }
    if bytes.starts_with(b"BM") {
        return Some(("image/bmp", le(18)?, le(22)?));
    }
    if bytes.starts_with(b"RIFF") && at(8, 4)? == b"WEBP" {
        return webp(bytes).map(|(width, height)| ("image/webp", width, height));
    }
    jpeg(bytes).map(|(width, height)| ("image/jpeg", width, height))
}

fn webp(bytes: &[u8]) -> Option<(u32, u32)> {
    let le = |from: usize, length: usize| {
        let part = bytes.get(from..from + length)?;
        Some(part.iter().rev().fold(0u32, |sum, byte| (sum << 8) | u32::from(*byte)))
    };
    match bytes.get(12..16)? {
        b"VP8X" => Some((le(24, 3)? + 1, le(27, 3)? + 1)),
        b"VP8 " => Some((le(26, 2)? & 0x3fff, le(28, 2)? & 0x3fff)),
        b"VP8L" => {
            let packed = le(21, 4)?;
            Some(((packed & 0x3fff) + 1, ((packed >> 14) & 0x3fff) + 1))
        }
        _ => None,
    }
}

/// Walks over the segments of a JPEG up to its frame header.
fn jpeg(bytes: &[u8]) -> Option<(u32, u32)> {
    if !bytes.starts_with(&[0xff, 0xd8]) {
        return None;
    }
    let word = |at: usize| Some(u32::from(*bytes.get(at)?) << 8 | u32::from(*bytes.get(at + 1)?));
    let mut at = 2;
    loop {
        if *bytes.get(at)? != 0xff {
            return None;
        }
        let marker = *bytes.get(at + 1)?;
        let frame = matches!(marker, 0xc0..=0xcf) && !matches!(marker, 0xc4 | 0xc8 | 0xcc);
        if frame {
            return Some((word(at + 7)?, word(at + 5)?));
        }
        at += match marker {
            0xff => 1,
            _ => 2 + usize::try_from(word(at + 2)?).ok()?,
        };
    }
}
