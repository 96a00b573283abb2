//! Every text of the Bot API that we know of, and what it means.

use super::*;

/// The class without its text.
fn class(error: &SendError) -> &'static str {
    match error {
        SendError::Blocked(_) => "blocked",
        SendError::ChatGone(_) => "gone",
        SendError::Migrated(_) => "migrated",
        SendError::RetryAfter(_) => "wait",
        SendError::Benign(_) => "benign",
        SendError::BadMedia(_) => "media",
        SendError::BadThread(_) => "thread",
        SendError::BadRequest(_) => "bad",
        SendError::Conflict(_) => "conflict",
        SendError::Auth(_) => "auth",
        SendError::Doubt(_) => "doubt",
        SendError::Unreached(_) => "unreached",
    }
}

fn refused(method: &str, status: u16, description: &str) -> SendError {
    let body = serde_json::json!({"ok": false, "error_code": status, "description": description});
    classify(method, status, None, body.to_string().as_bytes())
}

fn check(method: &str, status: u16, expected: &str, texts: &[&str]) {
    let prefix = match status {
        400 => "Bad Request: ",
        403 => "Forbidden: ",
        409 => "Conflict: ",
        _ => "",
    };
    for text in texts {
        let error = refused(method, status, &format!("{prefix}{text}"));
        assert_eq!(class(&error), expected, "{method} {status} {text}");
    }
}

#[test]
fn a_person_who_cannot_be_written_to_is_blocked() {
    check(
        "sendMessage",
        403,
        "blocked",
        &[
            "bot was blocked by the user",
            "user is deactivated",
            "bot can't initiate conversation with a user",
            "the bot can't send messages to the bot",
            "bot can't send messages to bots",
        ],
    );
    check("sendMessage", 400, "blocked", &["USER_IS_BLOCKED", "INPUT_USER_DEACTIVATED"]);
}

#[test]
fn a_chat_without_us_is_gone() {
    check(
        "sendMessage",
        403,
        "gone",
        &[
            "bot was kicked from the group chat",
            "bot was kicked from the supergroup chat",
            "bot was kicked from the channel chat",
            "bot is not a member of the group chat",
            "bot is not a member of the supergroup chat",
            "bot is not a member of the channel chat",
            "the group chat was deleted",
        ],
    );
    check(
        "sendMessage",
        400,
        "gone",
        &[
            "chat not found",
            "private chat not found",
            "not enough rights to send text messages to the chat",
            "have no rights to send a message",
            "CHAT_WRITE_FORBIDDEN",
        ],
    );
}

#[test]
fn refused_content_is_a_bad_request() {
    check(
        "sendMessage",
        400,
        "bad",
        &[
            "chat_id is empty",
            "message text is empty",
            "text must be non-empty",
            "message is too long",
            "text is too long",
            "message caption is too long",
            "can't parse entities: Unsupported start tag \"x\" at byte offset 3",
            "unsupported parse_mode",
            "parameter \"text\" is required",
            "message to edit not found",
            "message to copy not found",
            "message to forward not found",
            "message to react not found",
            "message to be replied not found",
            "message can't be edited",
            "message can't be deleted",
            "there are no messages to send",
            "too many messages to send as an album",
            "document can't be mixed with other media types",
            "parameter show_caption_above_media must be the same for all messages",
            "failed to send message #2 with the error message \"x\"",
            "group send failed",
            "reply markup is too long",
            "BUTTON_DATA_INVALID",
            "BUTTON_URL_INVALID",
            "BUTTON_TYPE_INVALID",
            "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard",
            "can't parse reply keyboard markup JSON object",
            "web App buttons can be used in private chats only",
            "message has protected content and can't be forwarded",
            "user is an administrator of the chat",
        ],
    );
}

#[test]
fn a_refused_picture_is_bad_media_only_where_there_is_a_picture() {
    let texts = [
        "wrong HTTP URL specified",
        "failed to get HTTP URL content",
        "wrong type of the web page content",
        "wrong file identifier/HTTP URL specified",
        "can't upload file by URL",
        "photo has unsupported extension. Use one of .jpg, .jpeg, .gif, .png, .tif or .bmp",
        "PHOTO_INVALID_DIMENSIONS",
        "IMAGE_PROCESS_FAILED",
        "PHOTO_SAVE_FILE_INVALID",
        "can't use the media of the specified type in the album",
        "file is too big",
        "wrong file_id or the file is temporarily unavailable",
        "there is no photo in the request",
        "not enough rights to send photos to the chat",
    ];
    check("sendPhoto", 400, "media", &texts);
    check("sendMessage", 400, "bad", &texts);
}

#[test]
fn what_is_done_already_is_benign() {
    check(
        "editMessageText",
        400,
        "benign",
        &[
            "message is not modified: specified new message content and reply markup are exactly \
             the same as a current content and reply markup of the message",
            "query is too old and response timeout expired or query ID is invalid",
            "message to delete not found",
            "CHARGE_ALREADY_REFUNDED",
        ],
    );
}

#[test]
fn a_lost_topic_is_not_a_lost_chat() {
    check(
        "sendMessage",
        400,
        "thread",
        &["message thread not found", "the chat is not a forum", "TOPIC_CLOSED"],
    );
}

#[test]
fn the_status_decides_before_the_text() {
    check(
        "getUpdates",
        409,
        "conflict",
        &[
            "can't use getUpdates method while webhook is active; use deleteWebhook to delete the \
             webhook first",
            "terminated by other getUpdates request; make sure that only one bot instance is running",
            "terminated by setWebhook request",
            "terminated by other setWebhook",
        ],
    );
    check("getMe", 401, "auth", &["Unauthorized", "Unauthorized: invalid token specified"]);
    check("getMe", 404, "auth", &["Not Found", "Not Found: method not found"]);
    check("sendMessage", 500, "doubt", &["Internal Server Error: restart", "chat not found"]);
    check("sendMessage", 418, "doubt", &["a new idea"]);
}

#[test]
fn a_group_that_moved_names_its_new_id() {
    let body = br#"{"ok":false,"error_code":400,
        "description":"Bad Request: group chat was upgraded to a supergroup chat",
        "parameters":{"migrate_to_chat_id":-1001234567890}}"#;
    assert_eq!(classify("sendMessage", 400, None, body), SendError::Migrated(-1_001_234_567_890));
    let nameless = "Bad Request: group chat was upgraded to a supergroup chat";
    assert_eq!(class(&refused("sendMessage", 400, nameless)), "gone");
}

#[test]
fn the_wait_comes_from_body_then_header_then_text_then_thirty() {
    let full = br#"{"ok":false,"error_code":429,"description":"Too Many Requests: retry after 7",
        "parameters":{"retry_after":1209600}}"#;
    assert_eq!(classify("sendMessage", 429, Some(3), full), SendError::RetryAfter(1_209_600));
    let bare = br#"{"ok":false,"error_code":429,"description":"Too Many Requests: retry after 7"}"#;
    assert_eq!(classify("sendMessage", 429, Some(3), bare), SendError::RetryAfter(3));
    assert_eq!(classify("sendMessage", 429, None, bare), SendError::RetryAfter(7));
    let mute = br#"{"ok":false,"error_code":429,"description":"Too Many Requests"}"#;
    assert_eq!(classify("sendMessage", 429, None, mute), SendError::RetryAfter(30));
    assert_eq!(classify("sendMessage", 429, Some(9), b"<html>"), SendError::RetryAfter(9));
    assert_eq!(classify("sendMessage", 429, None, b""), SendError::RetryAfter(30));
}

#[test]
fn a_page_instead_of_an_envelope_leaves_a_doubt() {
    for status in [200, 301, 403, 500, 502, 503, 504] {
        let error = classify("sendMessage", status, None, b"<html>Bad Gateway</html>");
        assert_eq!(class(&error), "doubt", "{status}");
    }
    assert_eq!(class(&classify("sendMessage", 401, None, b"no")), "auth");
}

#[test]
fn a_refusal_inside_a_200_counts_by_its_own_code() {
    let body = br#"{"ok":false,"error_code":403,"description":"Forbidden: user is deactivated"}"#;
    assert_eq!(class(&classify("sendMessage", 200, None, body)), "blocked");
}

#[test]
fn a_description_cannot_forge_log_lines() {
    let error = refused("sendMessage", 400, "Bad Request: a\nERROR b\u{1b}[31m");
    assert_eq!(error, SendError::BadRequest("Bad Request: a ERROR b [31m".into()));
}
