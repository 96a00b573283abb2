//! What a refusal of the Bot API means: status and body in, [`SendError`] out. Pure.
//!
//! Telegram's texts have no codes. The server writes `Bad Request: ` and a sentence whose first letter is
//! lowered, or a raw word such as `BUTTON_DATA_INVALID`; so we match lower-cased pieces, never whole lines
//! (tdlib/telegram-bot-api, `Client::fail_query_with_error`). The status decides first, the text second:
//!
//! ```text
//! 5xx           nobody knows: the server may have done it before it fell over
//! 429           wait: body, else header, else text, else 30 s
//! 401, 404      the token is wrong
//! 409           somebody else polls
//! 403           the person or the chat is gone
//! 400           moved? nothing to do? topic? chat gone? picture? else: the content was refused
//! anything else without Telegram's envelope: a middleman answered, nobody knows
//! ```

use super::envelope::{Refusal, one_line, read_refusal};
use super::messenger::SendError;

/// Seconds to wait after a 429 that says no number at all.
pub const DEFAULT_RETRY_AFTER: u64 = 30;

/// Done already, or too late to matter.
const BENIGN: &[&str] = &[
    "message is not modified",
    "query is too old",
    "query id is invalid",
    "message to delete not found",
    "charge_already_refunded",
];

/// The topic is gone or closed, or there are no topics.
const THREAD: &[&str] = &[
    "message thread not found",
    "the chat is not a forum",
    "topic_closed",
    "topic_deleted",
    "topic_id_invalid",
];

/// The person cannot be written to.
const BLOCKED: &[&str] = &[
    "bot was blocked by the user",
    "user is deactivated",
    "bot can't initiate conversation",
    "bot can't send messages to",
    "bots can't send messages to",
    "user_is_blocked",
    "user_deactivated",
    "input_user_deactivated",
];

/// The chat is gone, or we may not write there.
const CHAT_GONE: &[&str] = &[
    "chat not found",
    "bot was kicked",
    "bot is not a member",
    "chat was deleted",
    "chat was deactivated",
    "group chat was upgraded",
    "not enough rights to send text messages",
    "have no rights to send a message",
    "need administrator rights",
    "chat_write_forbidden",
    "chat_restricted",
    "peer_id_invalid",
    "channel_private",
];

/// The picture was refused, not the message.
const MEDIA: &[&str] = &[
    "wrong http url specified",
    "failed to get http url content",
    "wrong type of the web page content",
    "wrong file identifier",
    "wrong file_id",
    "wrong remote file",
    "can't upload file by url",
    "photo has unsupported extension",
    "photo_invalid_dimensions",
    "photo_save_file_invalid",
    "photo_ext_invalid",
    "image_process_failed",
    "there is no photo in the request",
    "file is too big",
    "file must be non-empty",
    "request entity too large",
    "media_empty",
    "media_invalid",
    "can't use the media of the specified type",
    "not enough rights to send photos",
    "wc_convert_url_invalid",
    "external_url_invalid",
    "webpage_",
    "group send failed",
];

/// The class of a failed call. `retry_after` is the header of that name, in seconds. The same words mean
/// different things for different methods: only a call that carries a picture can have a bad picture.
pub fn classify(method: &str, status: u16, retry_after: Option<u64>, body: &[u8]) -> SendError {
    match read_refusal(body) {
        Some(refusal) => classify_refusal(method, status, retry_after, &refusal),
        None => classify_bare(method, status, retry_after),
    }
}

/// An answer with Telegram's envelope.
fn classify_refusal(
    method: &str,
    status: u16,
    retry_after: Option<u64>,
    refusal: &Refusal,
) -> SendError {
    let lower = refusal.description.to_lowercase();
    let text = one_line(&refusal.description);
    // A 200 that says `"ok": false` carries the real code in the body.
    let code = refusal.code.filter(|_| status == 200).unwrap_or(status);
    match code {
        401 | 404 => SendError::Auth(text),
        409 => SendError::Conflict(text),
        429 => SendError::RetryAfter(
            refusal
                .retry_after
                .or(retry_after)
                .or_else(|| seconds_in(&lower))
                .unwrap_or(DEFAULT_RETRY_AFTER),
        ),
        403 if contains_any(&lower, BLOCKED) => SendError::Blocked(text),
        403 => SendError::ChatGone(text),
        400 => match refusal.migrate_to {
            Some(chat) => SendError::Migrated(chat),
            None => classify_text(method, &lower, text),
        },
        _ => SendError::Doubt(format!("{method}: status {code}: {text}")),
    }
}

/// A 400 by its text.
fn classify_text(method: &str, lower: &str, text: String) -> SendError {
    let carries_media = matches!(method, "sendPhoto" | "sendMediaGroup" | "editMessageMedia");
    if contains_any(lower, BENIGN) {
        SendError::Benign(text)
    } else if contains_any(lower, THREAD) {
        SendError::BadThread(text)
    } else if contains_any(lower, BLOCKED) {
        SendError::Blocked(text)
    } else if carries_media && contains_any(lower, MEDIA) {
        SendError::BadMedia(text)
    } else if contains_any(lower, CHAT_GONE) {
        SendError::ChatGone(text)
    } else {
        SendError::BadRequest(text)
    }
}

/// An answer without Telegram's envelope: a page of a server in between, or a cut body.
fn classify_bare(method: &str, status: u16, retry_after: Option<u64>) -> SendError {
    match status {
        429 => SendError::RetryAfter(retry_after.unwrap_or(DEFAULT_RETRY_AFTER)),
        401 | 404 => SendError::Auth(format!(
            "{method}: status {status} without Telegram's envelope: check the token and the API address"
        )),
        413 if matches!(method, "sendPhoto" | "sendMediaGroup") => {
            SendError::BadMedia(format!("{method}: the server in between says it is too large"))
        }
        _ => SendError::Doubt(format!("{method}: status {status} without a readable answer")),
    }
}

fn contains_any(text: &str, pieces: &[&str]) -> bool {
    pieces.iter().any(|piece| text.contains(piece))
}

/// The number in `retry after 7`.
fn seconds_in(lower: &str) -> Option<u64> {
    let (_, tail) = lower.split_once("retry after ")?;
    let digits: String = tail.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().ok()
}

#[cfg(test)]
#[path = "errors_tests.rs"]
mod tests;
