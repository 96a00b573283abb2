//! Our words as calls of the Bot API: method name and body. Pure.
//!
//! The shapes are frankenstein's parameter types, so that a renamed field is a compile error. All public
//! functions here are plain ones, not generic: the derived code of these large types is compiled once, here, and not
//! again in every binary that sends a message.
//!
//! Texts go with entities and never with `parse_mode`; link previews are off, because a page that we did
//! not write would choose what stands under our message.

use frankenstein::input_media::{InputMediaPhoto, MediaGroupInputMedia};
use frankenstein::methods::{
    AnswerCallbackQueryParams, AnswerPreCheckoutQueryParams, EditMessageCaptionParams,
    EditMessageTextParams, SendMediaGroupParams, SendMessageParams, SendPhotoParams,
};
use frankenstein::types::{
    InlineKeyboardButton, InlineKeyboardMarkup, KeyboardButton, LinkPreviewOptions, MessageEntity,
    MessageEntityType, ReplyKeyboardMarkup, ReplyMarkup, ReplyParameters, WebAppInfo,
};
use serde_json::{Map, Value};

use super::messenger::{SendError, Target};
use crate::domain::message::{Action, Key};
use crate::domain::{Button, Entity, EntityKind, Outgoing};

/// The part that carries an uploaded picture; the field `photo` points to it.
const PICTURE_PART: &str = "picture";

/// A call, ready for the wire.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// Method of the Bot API.
    pub method: &'static str,
    /// `Content-Type` of the body.
    pub content_type: String,
    /// The body.
    pub body: Vec<u8>,
}

/// Pictures that an album may have (api "sendMediaGroup").
const ALBUM: std::ops::RangeInclusive<usize> = 2..=10;

/// The call that sends or edits `message`.
pub fn message(target: Target, message: &Outgoing) -> Result<Call, SendError> {
    if let Some(file) = &message.document {
        return super::document::upload(target.chat.0, thread(target)?, &message.text, file);
    }
    if let Some(copied) = &message.copy {
        return super::topics::copies(target, message, copied, keyboard(&message.buttons));
    }
    match (message.edit, &message.photo) {
        // The picture itself stays: an edit changes what stands under it.
        (Some(id), photo) if photo.is_some() || message.edit_caption => {
            json("editMessageCaption", &edit_caption(target, message, id)?)
        }
        (Some(id), _) => json("editMessageText", &edit_text(target, message, id)?),
        (None, _) if !message.album.is_empty() => {
            json("sendMediaGroup", &send_album(target, message)?)
        }
        (None, Some(photo)) => json("sendPhoto", &send_photo(target, message, photo)?),
        (None, None) => json("sendMessage", &send_message(target, message)?),
    }
}

/// The call that uploads a photo with `message` as caption. `boundary` separates the parts and must not
/// occur in them; `file_name` is ours, never foreign text.
pub fn photo_upload(
    target: Target,
    message: &Outgoing,
    file_name: &str,
    bytes: &[u8],
    boundary: &str,
) -> Result<Call, SendError> {
    let attached = format!("attach://{PICTURE_PART}");
    let fields =
        fields("sendPhoto", serde_json::to_value(send_photo(target, message, &attached)?))?;
    let mut body = Vec::with_capacity(bytes.len() + 2_048);
    for (name, value) in &fields {
        let value = match value {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        let head =
            format!("--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n");
        body.extend_from_slice(head.as_bytes());
        body.extend_from_slice(value.as_bytes());
        body.extend_from_slice(b"\r\n");
    }
    let head = format!(
        "--{boundary}\r\nContent-Disposition: form-data; name=\"{PICTURE_PART}\"; \
         filename=\"{file_name}\"\r\nContent-Type: application/octet-stream\r\n\r\n"
    );
    body.extend_from_slice(head.as_bytes());
    body.extend_from_slice(bytes);
    body.extend_from_slice(format!("\r\n--{boundary}--\r\n").as_bytes());
    let content_type = format!("multipart/form-data; boundary={boundary}");
    Ok(Call { method: "sendPhoto", content_type, body })
}

/// `answerCallbackQuery`.
pub fn answer_callback(id: &str, text: Option<&str>, alert: bool) -> Result<Call, SendError> {
    let params = AnswerCallbackQueryParams::builder()
        .callback_query_id(id)
        .maybe_text(text.map(|text| text.chars().take(200).collect::<String>()))
        .show_alert(alert)
        .build();
    json("answerCallbackQuery", &params)
}

/// `answerPreCheckoutQuery`.
pub fn answer_checkout(id: &str, refusal: Option<&str>) -> Result<Call, SendError> {
    let params = AnswerPreCheckoutQueryParams::builder()
        .pre_checkout_query_id(id)
        .ok(refusal.is_none())
        .maybe_error_message(refusal)
        .build();
    json("answerPreCheckoutQuery", &params)
}

/// `getMe`, `getWebhookInfo` and others without parameters.
pub fn bare(method: &'static str) -> Call {
    Call { method, content_type: "application/json".into(), body: b"{}".to_vec() }
}

fn send_message(target: Target, message: &Outgoing) -> Result<SendMessageParams, SendError> {
    let params = SendMessageParams::builder()
        .chat_id(target.chat.0)
        .maybe_message_thread_id(thread(target)?)
        .text(message.text.as_str())
        .maybe_entities(entities(&message.entities)?)
        .link_preview_options(LinkPreviewOptions::DISABLED)
        .maybe_disable_notification(yes(message.silent))
        .maybe_allow_paid_broadcast(yes(message.paid))
        .maybe_reply_parameters(answers(message)?)
        .maybe_reply_markup(markup(message))
        .build();
    Ok(params)
}

fn send_photo(
    target: Target,
    message: &Outgoing,
    photo: &str,
) -> Result<SendPhotoParams, SendError> {
    let params = SendPhotoParams::builder()
        .chat_id(target.chat.0)
        .maybe_message_thread_id(thread(target)?)
        .photo(photo.to_owned())
        .caption(message.text.as_str())
        .maybe_caption_entities(entities(&message.entities)?)
        .maybe_disable_notification(yes(message.silent))
        .maybe_allow_paid_broadcast(yes(message.paid))
        .maybe_reply_parameters(answers(message)?)
        .maybe_reply_markup(markup(message))
        .build();
    Ok(params)
}

/// An album: its words are the caption of the first picture, which shows them under all of them. The method has
/// no place for buttons.
fn send_album(target: Target, message: &Outgoing) -> Result<SendMediaGroupParams, SendError> {
    let count = message.album.len();
    if !ALBUM.contains(&count) {
        return Err(SendError::BadMedia(format!("an album of {count} pictures; it takes 2 to 10")));
    }
    let mut media = Vec::with_capacity(count);
    for (place, picture) in message.album.iter().enumerate() {
        let said = place == 0 && !message.text.is_empty();
        let words = if said { entities(&message.entities)? } else { None };
        let photo = InputMediaPhoto::builder()
            .media(picture.clone())
            .maybe_caption(said.then(|| message.text.clone()))
            .maybe_caption_entities(words)
            .build();
        media.push(MediaGroupInputMedia::Photo(photo));
    }
    let params = SendMediaGroupParams::builder()
        .chat_id(target.chat.0)
        .maybe_message_thread_id(thread(target)?)
        .media(media)
        .maybe_disable_notification(yes(message.silent))
        .maybe_allow_paid_broadcast(yes(message.paid))
        .maybe_reply_parameters(answers(message)?)
        .build();
    Ok(params)
}

/// A flag that is only written when it is set.
fn yes(flag: bool) -> Option<bool> {
    flag.then_some(true)
}

/// The message that is answered; one that is gone costs the quote and not the answer.
pub(super) fn answers(message: &Outgoing) -> Result<Option<ReplyParameters>, SendError> {
    let Some(id) = message.reply_to else { return Ok(None) };
    let answers = ReplyParameters::builder()
        .message_id(message_number(id)?)
        .allow_sending_without_reply(true)
        .build();
    Ok(Some(answers))
}

fn edit_text(
    target: Target,
    message: &Outgoing,
    id: i64,
) -> Result<EditMessageTextParams, SendError> {
    let params = EditMessageTextParams::builder()
        .chat_id(target.chat.0)
        .message_id(message_number(id)?)
        .text(message.text.as_str())
        .maybe_entities(entities(&message.entities)?)
        .link_preview_options(LinkPreviewOptions::DISABLED)
        .maybe_reply_markup(keyboard(&message.buttons))
        .build();
    Ok(params)
}

fn edit_caption(
    target: Target,
    message: &Outgoing,
    id: i64,
) -> Result<EditMessageCaptionParams, SendError> {
    let params = EditMessageCaptionParams::builder()
        .chat_id(target.chat.0)
        .message_id(message_number(id)?)
        .caption(message.text.as_str())
        .maybe_caption_entities(entities(&message.entities)?)
        .maybe_reply_markup(keyboard(&message.buttons))
        .build();
    Ok(params)
}

/// The topic. Topic 1 is General, which is written to without an id (the server refuses 1).
pub(super) fn thread(target: Target) -> Result<Option<i32>, SendError> {
    target
        .thread
        .filter(|id| *id > 1)
        .map(|id| i32::try_from(id).map_err(|_| SendError::BadThread(format!("no topic {id}"))))
        .transpose()
}

fn message_number(id: i64) -> Result<i32, SendError> {
    i32::try_from(id).map_err(|_| SendError::BadRequest(format!("message {id} cannot be edited")))
}

fn entities(entities: &[Entity]) -> Result<Option<Vec<MessageEntity>>, SendError> {
    if entities.is_empty() {
        return Ok(None);
    }
    entities.iter().map(entity).collect::<Result<Vec<_>, _>>().map(Some)
}

fn entity(entity: &Entity) -> Result<MessageEntity, SendError> {
    let (kind, url) = match &entity.kind {
        EntityKind::Bold => (MessageEntityType::Bold, None),
        EntityKind::Italic => (MessageEntityType::Italic, None),
        EntityKind::Strikethrough => (MessageEntityType::Strikethrough, None),
        EntityKind::Code => (MessageEntityType::Code, None),
        EntityKind::Link(url) => (MessageEntityType::TextLink, Some(url.clone())),
    };
    let units = |value: usize| {
        u16::try_from(value)
            .map_err(|_| SendError::BadRequest(format!("an entity reaches unit {value}")))
    };
    Ok(MessageEntity::builder()
        .type_field(kind)
        .offset(units(entity.offset)?)
        .length(units(entity.length)?)
        .maybe_url(url)
        .build())
}

fn keyboard(rows: &[Vec<Button>]) -> Option<InlineKeyboardMarkup> {
    let rows: Vec<Vec<_>> = rows
        .iter()
        .filter(|row| !row.is_empty())
        .map(|row| row.iter().map(button).collect())
        .collect();
    let some = !rows.is_empty();
    some.then(|| InlineKeyboardMarkup::builder().inline_keyboard(rows).build())
}

fn button(button: &Button) -> InlineKeyboardButton {
    let (mut data, mut url, mut app) = (None, None, None);
    match &button.action {
        Action::Callback(carried) => data = Some(carried.clone()),
        Action::Url(to) => url = Some(to.clone()),
        Action::App(at) => app = Some(web_app(at)),
    }
    InlineKeyboardButton::builder()
        .text(button.text.as_str())
        .maybe_callback_data(data)
        .maybe_url(url)
        .maybe_web_app(app)
        .build()
}

fn web_app(at: &str) -> WebAppInfo {
    WebAppInfo::builder().url(at).build()
}

/// Buttons under the message, or keys below the chat.
fn markup(message: &Outgoing) -> Option<ReplyMarkup> {
    if let Some(buttons) = keyboard(&message.buttons) {
        return Some(ReplyMarkup::InlineKeyboardMarkup(buttons));
    }
    let rows: Vec<Vec<_>> =
        message.keyboard.iter().map(|row| row.iter().map(key).collect()).collect();
    let markup = ReplyKeyboardMarkup::builder()
        .keyboard(rows)
        .resize_keyboard(true)
        .is_persistent(true)
        .build();
    (!message.keyboard.is_empty()).then_some(ReplyMarkup::ReplyKeyboardMarkup(markup))
}

fn key(key: &Key) -> KeyboardButton {
    let app = key.app.as_deref().map(web_app);
    KeyboardButton::builder().text(key.text.as_str()).maybe_web_app(app).build()
}

/// Written straight into the body: an intermediate tree costs more than all the rest of a call.
pub(super) fn json<T: serde::Serialize>(
    method: &'static str,
    params: &T,
) -> Result<Call, SendError> {
    let body = serde_json::to_vec(params).map_err(|_| unwritable(method))?;
    Ok(Call { method, content_type: "application/json".into(), body })
}

fn fields(
    method: &str,
    value: Result<Value, serde_json::Error>,
) -> Result<Map<String, Value>, SendError> {
    match value {
        Ok(Value::Object(fields)) => Ok(fields),
        Ok(_) | Err(_) => Err(unwritable(method)),
    }
}

fn unwritable(method: &str) -> SendError {
    SendError::BadRequest(format!("{method} cannot be written as JSON"))
}

#[cfg(test)]
#[path = "calls_tests.rs"]
mod tests;
