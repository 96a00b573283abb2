//! What goes over the wire.

use super::*;
use crate::domain;

const HERE: Target = Target { chat: domain::ChatId(-7), thread: None };

fn body(call: &Call) -> Value {
    serde_json::from_slice(&call.body).expect("JSON")
}

fn outgoing() -> Outgoing {
    let button = Button { text: "Open".into(), action: Action::Url("https://a.b/c".into()) };
    Outgoing {
        text: "<b>new</b>".into(),
        entities: vec![Entity { kind: EntityKind::Bold, offset: 0, length: 3 }],
        photo: None,
        buttons: vec![vec![], vec![button]],
        ..Outgoing::default()
    }
}

#[test]
fn a_text_goes_with_entities_without_parse_mode_and_without_preview() {
    let call = message(HERE, &outgoing()).expect("a call");
    assert_eq!(call.method, "sendMessage");
    assert_eq!(
        body(&call),
        serde_json::json!({
            "chat_id": -7,
            "text": "<b>new</b>",
            "entities": [{"type": "bold", "offset": 0, "length": 3}],
            "link_preview_options": {"is_disabled": true},
            "reply_markup": {"inline_keyboard": [[{"text": "Open", "url": "https://a.b/c"}]]},
        })
    );
}

#[test]
fn the_general_topic_is_written_to_without_an_id() {
    let topic = |thread| {
        let call = message(Target { thread, ..HERE }, &outgoing()).expect("a call");
        body(&call).get("message_thread_id").and_then(Value::as_i64)
    };
    assert_eq!(topic(Some(1)), None);
    assert_eq!(topic(Some(5)), Some(5));
    let far = message(Target { thread: Some(i64::MAX), ..HERE }, &outgoing());
    assert!(matches!(far, Err(SendError::BadThread(_))));
}

#[test]
fn an_edit_chooses_the_method_by_what_it_edits() {
    let text = Outgoing { edit: Some(9), ..outgoing() };
    let call = message(HERE, &text).expect("a call");
    assert_eq!((call.method, &body(&call)["message_id"]), ("editMessageText", &9.into()));
    let picture = Outgoing { photo: Some("https://a.b/p.jpg".into()), ..text };
    let call = message(HERE, &picture).expect("a call");
    assert_eq!(call.method, "editMessageCaption");
    assert_eq!(body(&call)["caption"], "<b>new</b>");
}

#[test]
fn an_amended_caption_needs_no_picture_to_be_known() {
    let caption = Outgoing { edit: Some(9), edit_caption: true, ..outgoing() };
    let call = message(HERE, &caption).expect("a call");
    assert_eq!(
        (call.method, &body(&call)["caption"]),
        ("editMessageCaption", &"<b>new</b>".into())
    );
}

#[test]
fn an_album_has_its_words_on_the_first_picture_and_no_buttons() {
    let album = vec!["https://a.b/1.jpg".to_owned(), "file-2".to_owned()];
    let message_ = Outgoing { album: album.clone(), silent: true, ..outgoing() };
    let call = message(Target { thread: Some(5), ..HERE }, &message_).expect("a call");
    assert_eq!(call.method, "sendMediaGroup");
    assert_eq!(
        body(&call),
        serde_json::json!({
            "chat_id": -7,
            "message_thread_id": 5,
            "disable_notification": true,
            "media": [
                {
                    "type": "photo", "media": "https://a.b/1.jpg", "caption": "<b>new</b>",
                    "caption_entities": [{"type": "bold", "offset": 0, "length": 3}],
                },
                {"type": "photo", "media": "file-2"},
            ],
        })
    );
    for wrong in [album[..1].to_vec(), vec!["x".to_owned(); 11]] {
        let refused = message(HERE, &Outgoing { album: wrong, ..outgoing() });
        assert!(matches!(refused, Err(SendError::BadMedia(_))), "{refused:?}");
    }
}

#[test]
fn an_answer_a_silent_and_a_paid_message_say_so_and_others_say_nothing() {
    let said = Outgoing { reply_to: Some(4), silent: true, paid: true, ..outgoing() };
    for photo in [None, Some("https://a.b/p.jpg".to_owned())] {
        let call = message(HERE, &Outgoing { photo, ..said.clone() }).expect("a call");
        let body = body(&call);
        assert_eq!(
            body["reply_parameters"],
            serde_json::json!({"message_id": 4, "allow_sending_without_reply": true})
        );
        assert_eq!(body["disable_notification"], true);
        assert_eq!(body["allow_paid_broadcast"], true);
    }
}

#[test]
fn an_upload_attaches_the_bytes_under_a_name_of_ours() {
    let call =
        photo_upload(HERE, &outgoing(), "photo.jpg", b"\xff\xd8\xff", "xyz").expect("a call");
    let text = String::from_utf8_lossy(&call.body);
    assert_eq!(call.content_type, "multipart/form-data; boundary=xyz");
    assert!(text.contains("name=\"photo\"\r\n\r\nattach://picture\r\n"), "{text}");
    assert!(text.contains("name=\"picture\"; filename=\"photo.jpg\""), "{text}");
    assert!(text.contains("name=\"caption\"\r\n\r\n<b>new</b>\r\n"), "{text}");
    assert!(text.ends_with("\r\n--xyz--\r\n"), "{text}");
    assert!(call.body.windows(3).any(|bytes| bytes == b"\xff\xd8\xff"));
}

#[test]
fn an_unknown_kind_of_update_is_refused_before_it_is_asked_for() {
    let call = crate::telegram::setup::get_updates(
        Some(4),
        50,
        &["message".into(), "callback_query".into()],
    );
    assert_eq!(
        body(&call.expect("a call")),
        serde_json::json!({
            "offset": 4, "limit": 100, "timeout": 50,
            "allowed_updates": ["message", "callback_query"],
        })
    );
    assert!(crate::telegram::setup::get_updates(None, 0, &["telepathy".into()]).is_err());
}

#[test]
fn only_what_has_a_paid_slot_is_paid_for() {
    for photo in [None, Some("https://a.b/c.jpg".to_owned())] {
        let paid = |paid| {
            let message = Outgoing { paid, photo: photo.clone(), ..outgoing() };
            body(&super::message(HERE, &message).expect("a call"))["allow_paid_broadcast"].clone()
        };
        assert_eq!((paid(true), paid(false)), (Value::Bool(true), Value::Null));
    }
}
