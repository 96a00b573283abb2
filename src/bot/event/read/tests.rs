use proptest::prelude::*;
use serde_json::json;

use super::*;

fn event(json: Value) -> Event {
    read(&json, "magpie_bot").expect("readable").event
}

fn said(text: &str) -> Value {
    json!({"update_id": 7, "message": {
        "message_id": 3, "date": 1, "text": text,
        "from": {"id": 11, "is_bot": false, "language_code": "uk"},
        "chat": {"id": 11, "type": "private"},
    }})
}

#[test]
fn commands_are_told_from_words() {
    let command = |name: &str, rest: &str, addressed| Event::Command {
        name: name.into(),
        rest: rest.into(),
        message_id: 3,
        addressed,
    };
    let words = |text: &str| Event::Text { message_id: 3, text: text.into() };
    let cases = [
        ("/help", command("help", "", false)),
        ("/HELP now", command("help", "now", false)),
        ("/help@Magpie_Bot", command("help", "", true)),
        ("/help@other_bot", Event::Ignored { why: "command_for_another_bot" }),
        ("/start@other_bot", Event::Ignored { why: "command_for_another_bot" }),
        ("/ help", words("/ help")),
        ("/naïve", words("/naïve")),
        ("help", words("help")),
    ];
    for (text, expected) in cases {
        assert_eq!(event(said(text)), expected, "{text}");
    }
}

#[test]
fn a_deep_link_is_read_by_a_closed_rule() {
    let id = "0123456789abcdef0123456789abcdef";
    let search = Payload::Search(SourceId(id.into()));
    let cases = [
        ("/start".to_owned(), Payload::None),
        (format!("/start s_{id}"), search),
        (format!("/start s_{}", id.to_uppercase()), Payload::Unknown),
        ("/start s_' or 1=1".to_owned(), Payload::Unknown),
        ("/start x".to_owned(), Payload::Unknown),
        ("/start c_Ab-9_z".to_owned(), Payload::Shared("Ab-9_z".into())),
        ("/start r_k7".to_owned(), Payload::Invited("k7".into())),
        ("/start p_plus".to_owned(), Payload::Plan("plus".into())),
        ("/start k_SUMMER".to_owned(), Payload::Promo("SUMMER".into())),
        ("/start r_".to_owned(), Payload::Unknown),
        ("/start r_a b".to_owned(), Payload::Unknown),
        (format!("/start p_{}", "x".repeat(63)), Payload::Unknown),
    ];
    for (text, payload) in cases {
        assert_eq!(event(said(&text)), Event::Start { payload }, "{text}");
    }
}

#[test]
fn a_press_names_its_message_only_while_it_can_be_edited() {
    let press = |date: i64| {
        json!({"update_id": 1, "callback_query": {"id": "q", "data": "d", "from": {"id": 5},
            "message": {"message_id": 9, "date": date, "chat": {"id": -4, "type": "supergroup"}}}})
    };
    let pressed = |message_id| Event::Press { id: "q".into(), data: "d".into(), message_id };
    assert_eq!(event(press(100)), pressed(Some(9)));
    assert_eq!(event(press(0)), pressed(None));
}

#[test]
fn membership_says_whether_we_may_write() {
    let change = |member: Value| {
        json!({"update_id": 1, "my_chat_member": {"chat": {"id": 5, "type": "private"},
            "from": {"id": 5}, "date": 1_000, "old_chat_member": {}, "new_chat_member": member}})
    };
    let at = DateTime::from_timestamp(1_000, 0).expect("a date");
    let cases = [
        (json!({"status": "member"}), true),
        (json!({"status": "kicked", "until_date": 0}), false),
        (json!({"status": "left"}), false),
        (json!({"status": "administrator", "can_post_messages": false}), false),
        (json!({"status": "restricted", "is_member": true, "can_send_messages": true}), true),
        (json!({"status": "restricted", "is_member": true, "can_send_messages": false}), false),
    ];
    for (member, active) in cases {
        assert_eq!(event(change(member.clone())), Event::Membership { active, at }, "{member}");
    }
    let strange = event(change(json!({"status": "ghost"})));
    assert_eq!(strange, Event::Ignored { why: "unreadable_membership" });
}

#[test]
fn a_topic_is_kept_and_the_general_topic_is_none() {
    let thread = |thread: Value| {
        let json = json!({"update_id": 1, "message": {"message_id": 1, "text": "/help",
            "message_thread_id": thread, "is_topic_message": true,
            "chat": {"id": -5, "type": "supergroup"}}});
        read(&json, "m").expect("readable").place.expect("a place").thread
    };
    assert_eq!(thread(json!(77)), Some(77));
    assert_eq!(thread(json!(1)), None);
    assert_eq!(thread(json!("77")), None);
}

#[test]
fn what_we_do_not_know_is_ignored() {
    let kinds = [
        json!({"update_id": 1, "edited_message": {}}),
        json!({"update_id": 1, "channel_post": {"text": "/start"}}),
        json!({"update_id": 1, "from_the_future": {"a": [1, 2]}}),
        json!({"update_id": 1, "message": "no object"}),
        json!({"update_id": 1, "message": {"chat": {"id": "5", "type": "private"}}}),
        json!({"update_id": 1}),
    ];
    for json in kinds {
        assert!(matches!(event(json.clone()), Event::Ignored { .. }), "{json}");
    }
}

#[test]
fn poison_is_named_by_what_could_be_read() {
    let bomb = format!("{{\"update_id\": 42, \"message\": {}", "[".repeat(100_000));
    let cases: [(&[u8], Option<i64>); 6] = [
        (bomb.as_bytes(), Some(42)),
        (b"{\"update_id\": 5, \"message\": \"\xff\"}", Some(5)),
        (b"[1]", None),
        (b"{\"message\": {}}", None),
        (b"{\"update_id\": \"9\"}", None),
        (b"", None),
    ];
    for (bytes, id) in cases {
        assert_eq!(parse(bytes, "m").expect_err("poison").update, id);
    }
}

/// JSON of the shape of an update, with a wrong thing anywhere.
fn nearly_an_update() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "(/start|/help@x|private|group|kicked|.{0,20})".prop_map(Value::from),
    ];
    let names = prop::sample::select(vec![
        "update_id",
        "message",
        "callback_query",
        "my_chat_member",
        "chat",
        "from",
        "id",
        "type",
        "text",
        "date",
        "data",
        "message_id",
        "new_chat_member",
        "status",
        "photo",
        "migrate_to_chat_id",
        "message_thread_id",
        "is_topic_message",
    ]);
    leaf.prop_recursive(5, 60, 8, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((names.clone(), inner), 0..8).prop_map(|pairs| {
                pairs.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
            }),
        ]
    })
}

proptest! {
    #[test]
    fn no_bytes_make_the_reader_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = parse(&bytes, "m");
    }

    #[test]
    fn every_object_with_an_id_is_an_update(json in nearly_an_update()) {
        let id = json.as_object().and_then(|o| o.get("update_id")).and_then(Value::as_i64);
        let bytes = serde_json::to_vec(&json).expect("JSON");
        prop_assert_eq!(parse(&bytes, "m").ok().map(|update| update.id), id);
    }
}
