//! sendPhoto, sendDocument, sendMediaGroup and getFile.

use axum::body::Bytes;
use serde_json::{Value, json};

use super::Call;
use super::send::{Target, answer, caption, check_caption};
use crate::answer::{Done, Outcome, Refusal};
use crate::entities::Rich;
use crate::markup::Markup;
use crate::world::World;
use crate::world::files::picture;
use crate::world::message::{Body, Media, MediaKind};

const MIB: usize = 1024 * 1024;
/// Largest picture that may be uploaded, in bytes.
const PHOTO_LIMIT: usize = 10 * MIB;
/// Largest file that getFile hands out, in bytes.
const DOWNLOAD_LIMIT: usize = 20 * MIB;
/// How long the path holds that getFile names: an hour, which is what is promised.
pub const LINK_LIFE: crate::clock::Millis = 3_600_000;
/// Width and height of a picture together, in pixels.
const PHOTO_SIDES: u64 = 10_000;
/// Longest side divided by the shortest.
const PHOTO_RATIO: u32 = 20;

/// sendPhoto.
pub fn photo(world: &mut World, call: &Call) -> Outcome {
    single(world, call, MediaKind::Photo, "photo")
}

/// sendDocument.
pub fn document(world: &mut World, call: &Call) -> Outcome {
    single(world, call, MediaKind::Document, "document")
}

fn single(world: &mut World, call: &Call, kind: MediaKind, key: &str) -> Outcome {
    let caption = caption(call)?;
    let target = Target::read(world, call)?;
    let named = call.params.text(key);
    let file = source(world, call, kind, key, named.as_deref())?;
    let room = target.room;
    world.charge(call.bot, room, 1, call.params.flag("allow_paid_broadcast"), call.now)?;
    let media = Media {
        kind,
        file,
        caption,
        above: call.params.flag("show_caption_above_media"),
        spoiler: call.params.flag("has_spoiler"),
    };
    let id = target.post(world, call, Body::Media(media), None);
    answer(world, call, room, id)
}

/// Finds the file of a call: uploaded under `key`, `attach://`, by URL, or by file id.
pub fn source(
    world: &mut World,
    call: &Call,
    kind: MediaKind,
    key: &str,
    named: Option<&str>,
) -> Result<String, Refusal> {
    let attached = named.and_then(|named| named.strip_prefix("attach://"));
    if let Some(upload) = call.params.file(attached.unwrap_or(key)) {
        check(kind, &upload.bytes)?;
        return Ok(world.store_file(upload.bytes.clone(), &upload.name));
    }
    let word = if kind == MediaKind::Photo { "photo" } else { "document" };
    let named = named.filter(|named| !named.is_empty() && attached.is_none());
    let named = named.ok_or_else(|| Refusal::bad(format!("there is no {word} in the request")))?;
    if !is_url(named) {
        let file = world.file_by_id(call.bot, named)?;
        if kind == MediaKind::Photo && file.size.is_none() {
            return Err(Refusal::bad("can't use file of type Document as Photo"));
        }
        return Ok(file.unique.clone());
    }
    let fetched = call.fetched.get(named).cloned();
    let bytes = fetched.unwrap_or_else(|| Err(Refusal::bad("wrong HTTP URL specified")))?;
    if kind == MediaKind::Photo {
        check(kind, &bytes).map_err(|_| Refusal::bad("wrong type of the web page content"))?;
    }
    let name = named.rsplit('/').next().unwrap_or_default();
    Ok(world.store_file(bytes, name.split(['?', '#']).next().unwrap_or_default()))
}

/// Names a file by address instead of by id.
pub fn is_url(named: &str) -> bool {
    named.contains("://") && !named.starts_with("attach://")
}

/// All addresses that a call wants fetched.
pub fn addresses(method: &str, call: &Call) -> Vec<String> {
    let mut named = Vec::new();
    match method.to_ascii_lowercase().as_str() {
        "sendphoto" => named.extend(call.params.text("photo")),
        "senddocument" => named.extend(call.params.text("document")),
        "sendmediagroup" | "editmessagemedia" => {
            let media = match call.params.json("media") {
                Some(Ok(Value::Array(list))) => list,
                Some(Ok(one)) => vec![one],
                _ => Vec::new(),
            };
            let text = media.iter().filter_map(|item| item["media"].as_str());
            named.extend(text.map(str::to_owned));
        }
        _ => {}
    }
    named.retain(|text| is_url(text));
    named
}

/// Checks what was uploaded.
fn check(kind: MediaKind, bytes: &Bytes) -> Result<(), Refusal> {
    if bytes.is_empty() {
        return Err(Refusal::bad("file must be non-empty"));
    }
    if kind == MediaKind::Document {
        return Ok(());
    }
    if bytes.len() > PHOTO_LIMIT {
        return Err(Refusal::bad(format!(
            "file of size {} bytes is too big for a photo; the maximum size is {PHOTO_LIMIT} bytes",
            bytes.len()
        )));
    }
    let (_, width, height) = picture(bytes).ok_or_else(|| Refusal::bad("IMAGE_PROCESS_FAILED"))?;
    let (long, short) = (width.max(height), width.min(height));
    let sides = u64::from(width) + u64::from(height);
    if short == 0 || sides > PHOTO_SIDES || long / short.max(1) > PHOTO_RATIO {
        return Err(Refusal::bad("PHOTO_INVALID_DIMENSIONS"));
    }
    Ok(())
}

/// sendMediaGroup.
pub fn group(world: &mut World, call: &Call) -> Outcome {
    let target = Target::read(world, call)?;
    let unreadable = || Refusal::bad("can't parse media JSON object");
    let list = call.params.json("media").ok_or_else(|| Refusal::bad("media is empty"))?;
    let list = list.map_err(|_| unreadable())?;
    let list = list.as_array().ok_or_else(unreadable)?;
    if list.is_empty() {
        return Err(Refusal::bad("there are no messages to send"));
    }
    if list.len() > 10 {
        return Err(Refusal::bad("too many messages to send as an album"));
    }
    let items = read_album(world, call, list)?;
    let room = target.room;
    world.charge(
        call.bot,
        room,
        items.len(),
        call.params.flag("allow_paid_broadcast"),
        call.now,
    )?;
    let album = format!("{}", 13_000_000_000_000_i64 + world.next_serial());
    let mut ids = Vec::new();
    for media in items {
        let one = Target {
            room,
            thread: target.thread,
            reply_to: target.reply_to,
            // The method has no keyboard: one that is sent is not seen.
            markup: Markup::default(),
        };
        ids.push(one.post(world, call, Body::Media(media), Some(album.clone())));
    }
    let shown: Result<Vec<String>, Refusal> =
        ids.iter().map(|id| answer(world, call, room, *id).map(|done| done.result)).collect();
    Ok(Done::json(format!("[{}]", shown?.join(","))).about(ids))
}

fn read_album(world: &mut World, call: &Call, list: &[Value]) -> Result<Vec<Media>, Refusal> {
    let mut items = Vec::new();
    for (index, item) in list.iter().enumerate() {
        let media = read_input(world, call, item).map_err(|refusal| {
            let single = list.len() == 1 || !refusal.description.starts_with("Bad Request: ");
            if single {
                return refusal;
            }
            let reason = refusal.description.trim_start_matches("Bad Request: ").to_owned();
            Refusal::bad(format!(
                "failed to send message #{} with the error message \"{reason}\"",
                index + 1
            ))
        })?;
        items.push(media);
    }
    if items.iter().any(|media| media.kind != items[0].kind) {
        return Err(Refusal::bad("document can't be mixed with other media types"));
    }
    if items.iter().any(|media| media.above != items[0].above) {
        return Err(Refusal::bad(
            "parameter show_caption_above_media must be the same for all messages",
        ));
    }
    Ok(items)
}

/// Reads one `InputMedia…` object.
pub fn read_input(world: &mut World, call: &Call, item: &Value) -> Result<Media, Refusal> {
    let kind = match item["type"].as_str() {
        Some("photo") => MediaKind::Photo,
        Some("document") => MediaKind::Document,
        Some(_) => {
            return Err(Refusal::bad("can't use the media of the specified type in the album"));
        }
        None => return Err(Refusal::bad("can't parse InputMedia: Can't find field \"type\"")),
    };
    let named = item["media"].as_str();
    let file = source(world, call, kind, "", named)?;
    let raw = item["caption"].as_str().unwrap_or_default();
    let explicit = item.get("caption_entities");
    let rich = Rich::parse(raw, item["parse_mode"].as_str(), explicit)?;
    Ok(Media {
        kind,
        file,
        caption: check_caption(rich)?,
        above: item["show_caption_above_media"].as_bool().unwrap_or(false),
        spoiler: item["has_spoiler"].as_bool().unwrap_or(false),
    })
}

/// getFile.
pub fn get_file(world: &mut World, call: &Call) -> Outcome {
    let id = call.params.text("file_id").unwrap_or_default();
    if id.is_empty() {
        return Err(Refusal::bad("file_id is empty"));
    }
    let file = world
        .file_by_id(call.bot, &id)
        .map_err(|_| Refusal::bad("wrong file_id or the file is temporarily unavailable"))?;
    if file.bytes.len() > DOWNLOAD_LIMIT {
        return Err(Refusal::bad("file is too big"));
    }
    let path = file.path();
    let shown = json!({"file_id": id, "file_unique_id": file.unique,
                       "file_size": file.bytes.len(), "file_path": path});
    world.links.insert((call.bot, path), call.now + LINK_LIFE);
    Ok(Done::value(shown))
}
