//! Whatever arrives, there is a clear answer or silence: never a crash, never another person's data.

use std::sync::Arc;

use axum::body::Bytes;
use magpie::bot::decide;
use magpie::bot::event::{self, Event};
use magpie::bot::handle::{Handled, Handler};
use magpie::domain::watch::{WatchEdit, WatchOrder};
use magpie::domain::{ChatId, UserId};
use magpie::store::{Db, Effect, SqlDb, UpdateCommit, ViewRequest};
use proptest::prelude::*;
use serde_json::{Value, json};
use tokio::runtime::Runtime;

use super::handle::handler;
use super::house::{open, presses, says};
use super::telegram::{Asked, FakeTelegram};
use super::transcripts::{files, play};
use super::world::World;

/// A bot of its own with its record.
struct Lab {
    handler: Arc<Handler>,
    telegram: Arc<FakeTelegram>,
    runtime: Runtime,
    _db: SqlDb,
    _folder: tempfile::TempDir,
}

impl Lab {
    fn new() -> Self {
        let runtime = Runtime::new().expect("a runtime");
        let folder = tempfile::tempdir().expect("a folder");
        let db = runtime.block_on(open(&folder));
        let telegram = Arc::new(FakeTelegram::default());
        let handler = runtime.block_on(async { handler(&db, &telegram, "a", decide::decide) });
        Self { handler, telegram, runtime, _db: db, _folder: folder }
    }

    fn handle(&self, body: impl Into<Bytes>) -> Handled {
        self.runtime.block_on(self.handler.handle(body.into()))
    }

    /// Waits for everything that is said and looks at it.
    fn said(self) -> Vec<Asked> {
        self.runtime.block_on(self.handler.finish());
        let asked = self.telegram.asked();
        // Before the runtime, whose end waits for the record's threads.
        drop((self.handler, self._db));
        asked
    }
}

/// What nobody should have to read, and what breaks those who count in the wrong unit.
const ODD: &[&str] = &[
    "",
    " ",
    "\u{0}",
    "a\u{0}b",
    "\u{200d}\u{200d}\u{200d}",
    "👩‍👩‍👧‍👦👩‍👩‍👧‍👦",
    "\u{202e}gnirts desrever\u{202c}",
    "\u{2067}مرحبا\u{2069} hello",
    "e\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}",
    "\u{feff}\u{feff}",
    "\u{d7ff}\u{e000}\u{10ffff}",
    "\r\n\r\n\t",
    "/",
    "//",
    "/start@",
    "/start@other_bot",
    "/START s_",
    "/help@magpie_bot@magpie_bot",
    "/help\u{200b}",
    "/start c_\u{202e}",
    "/start r_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    "https://",
    "https://\u{202e}/demo.example/search?",
    "https://demo.example/search?q=%00%ff&q=\u{0}",
    "1:w:",
    ":::::::",
    "1:l:18446744073709551616:b",
    "'; DROP TABLE users; --",
    "{ $count }",
    "<b>&amp;</b>",
];

fn odd_text() -> impl Strategy<Value = String> {
    prop_oneof![
        prop::sample::select(ODD).prop_map(str::to_owned),
        any::<String>(),
        (prop::sample::select(ODD), 1usize..3_000).prop_map(|(text, times)| text.repeat(times)),
        "[a-z0-9:_-]{64}",
        "/[a-z]{1,40}(@[a-z_]{0,40})?( .{0,80})?",
    ]
}

/// A JSON value of any shape.
fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        odd_text().prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 24, 6, |inner| {
        let name = prop::sample::select(vec![
            "id",
            "from",
            "chat",
            "type",
            "text",
            "data",
            "date",
            "message",
            "message_id",
            "is_bot",
            "new_chat_member",
            "status",
            "document",
            "file_id",
            "location",
            "x",
        ]);
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::btree_map(name.prop_map(str::to_owned), inner, 0..6)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

fn kind() -> impl Strategy<Value = String> {
    let known = prop::sample::select(vec![
        "message",
        "edited_message",
        "callback_query",
        "pre_checkout_query",
        "my_chat_member",
        "subscription",
        "inline_query",
        "poll",
        "managed_bot",
        "channel_post",
    ]);
    prop_oneof![4 => known.prop_map(str::to_owned), 1 => "[a-z_]{0,30}"]
}

/// An update that is almost one: the right shape with odd words in it, or any shape at all.
fn updates() -> impl Strategy<Value = Value> {
    let private = |user: i64| json!({ "id": user, "type": "private" });
    let from = |user: i64, name: &str| {
        json!({ "id": user, "is_bot": false, "first_name": name, "username": name,
            "language_code": name })
    };
    let message =
        (1i64..4, odd_text(), odd_text(), 0u8..6).prop_map(move |(user, text, name, shape)| {
            let mut body = json!({ "message_id": 5, "date": 1, "from": from(user, &name),
            "chat": private(user) });
            match shape {
                0 => body["photo"] = json!([]),
                1 => body["web_app_data"] = json!({ "data": text.clone() }),
                2 => body["location"] = json!({ "latitude": 1e300, "longitude": -0.0 }),
                3 => {
                    body["document"] =
                        json!({ "file_id": text.clone(), "file_name": name, "file_size": 7 })
                }
                _ => {}
            }
            body[if shape < 4 { "caption" } else { "text" }] = text.into();
            json!({ "message": body })
        });
    let press = (1i64..4, odd_text()).prop_map(move |(user, data)| {
        json!({ "callback_query": { "id": "p", "from": from(user, "A"), "data": data,
            "message": { "message_id": 5, "date": 1, "chat": private(user) } } })
    });
    let chaos = (kind(), any_json()).prop_map(|(kind, body)| json!({ kind: body }));
    prop_oneof![3 => message, 3 => press, 3 => chaos]
}

/// Whether what was said can be sent at all.
fn can_be_sent(asked: &Asked) -> bool {
    let units = |text: &str| text.encode_utf16().count();
    match asked {
        Asked::Send(_, message) => {
            (1..=4_096).contains(&units(&message.text)) && !message.text.contains('\0')
        }
        Asked::Answer(_, note) => note.as_deref().is_none_or(|note| units(note) <= 200),
        Asked::Checkout(_, refusal) => refusal.is_some(),
        _ => true,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..Default::default() })]

    #[test]
    fn odd_updates_are_answered_or_met_with_silence(
        all in prop::collection::vec(updates(), 1..40),
    ) {
        let lab = Lab::new();
        for (id, mut update) in all.into_iter().enumerate() {
            update["update_id"] = json!(id);
            let handled = lab.handle(update.to_string());
            prop_assert!(handled.is_done(), "{handled:?}: {update}");
        }
        prop_assert_eq!(lab.handle(says(1_000, 1, "/help").to_string()), Handled::Applied);
        for asked in lab.said() {
            prop_assert!(can_be_sent(&asked), "{asked:?}");
        }
    }

    #[test]
    fn any_bytes_are_poison_or_an_update(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = event::parse(&bytes, "magpie_bot");
        let named = [b"{\"update_id\":7,", &bytes[..], b"}"].concat();
        match event::parse(&named, "magpie_bot") {
            Ok(update) => prop_assert!(update.id == 7 || bytes.windows(9).any(|w| w == b"update_id")),
            Err(poison) => prop_assert!(!poison.reason.is_empty()),
        }
    }

    #[test]
    fn any_json_is_read_without_a_crash(kind in kind(), body in any_json()) {
        let update = event::read(&json!({ "update_id": 1, kind: body }), "magpie_bot");
        prop_assert_eq!(update.expect("it has an id").id, 1);
    }
}

#[test]
fn json_that_is_made_to_hurt_is_kept_as_poison_and_the_next_one_is_served() {
    let lab = Lab::new();
    let deep = |open: &str, close: &str| {
        format!("{{\"update_id\":1,\"message\":{}{}}}", open.repeat(100_000), close.repeat(100_000))
    };
    assert_eq!(lab.handle(deep("[", "]")), Handled::Poison);
    assert_eq!(lab.handle(deep("{\"a\":", "}")), Handled::Poison);
    assert_eq!(
        lab.handle(&b"{\"update_id\":2,\"message\":{\"text\":\"\xff\xfe\"}}"[..]),
        Handled::Poison
    );
    assert_eq!(lab.handle("{\"update_id\":1e999}"), Handled::Poison);
    assert_eq!(lab.handle("{\"update_id\":99999999999999999999999}"), Handled::Poison);
    assert_eq!(lab.handle("{\"update_id\":\"3\"}"), Handled::Poison);
    assert_eq!(lab.handle("[]"), Handled::Poison);
    assert_eq!(lab.handle(""), Handled::Poison);
    // Of two values of one name the last one counts, as everywhere where JSON is read.
    let text =
        says(4, 11, "/help").to_string().replacen('{', "{\"update_id\":5,\"update_id\":4,", 1);
    assert_eq!(lab.handle(text), Handled::Applied);
    assert_eq!(lab.handle(says(4, 11, "/help").to_string()), Handled::Repeat);
    assert_eq!(lab.said().len(), 1);
}

#[test]
fn commands_for_another_bot_are_not_ours() {
    let lab = Lab::new();
    for (id, text) in
        ["/start@other_bot", "/help@OTHER_bot x", "/new@", "/x@magpie_bot_"].iter().enumerate()
    {
        let id = i64::try_from(id).expect("few");
        assert_eq!(lab.handle(says(id, 11, text).to_string()), Handled::Ignored, "{text}");
    }
    assert_eq!(lab.handle(says(9, 11, "/help@Magpie_Bot").to_string()), Handled::Applied);
    assert_eq!(lab.said().len(), 1);
}

#[test]
fn a_hundred_different_buttons_at_once_are_all_answered() {
    let lab = Lab::new();
    let letters: Vec<char> = ('a'..='z').chain('A'..='Z').collect();
    lab.runtime.block_on(async {
        let all = (0..100usize).map(|press| {
            let data = match press % 3 {
                0 => format!("1:{}:0:b", letters[press / 3]),
                1 => format!("1:{}:{}:b", letters[press / 3], "z".repeat(48)),
                _ => "\u{202e}".repeat(21),
            };
            let id = i64::try_from(press).expect("few");
            let (handler, body) = (Arc::clone(&lab.handler), presses(id, 11, 11, &data));
            async move { handler.handle(body.to_string().into()).await }
        });
        let handled = futures_util::future::join_all(all).await;
        assert!(handled.iter().all(|one| one.is_done()), "{handled:?}");
    });
    let answers: std::collections::BTreeSet<String> = lab
        .said()
        .into_iter()
        .filter_map(|asked| match asked {
            Asked::Answer(id, _) => Some(id),
            _ => None,
        })
        .collect();
    assert_eq!(answers.len(), 100);
}

const CANARY: &str = "canary7f3a";

/// Writes the canary into everything that the people of a world have.
async fn plant(db: &SqlDb, people: &[i64], chat: ChatId) {
    for (number, person) in people.iter().enumerate() {
        let user = UserId(*person);
        let named = Effect::Name {
            user,
            name: format!("{CANARY} name"),
            username: Some(format!("{CANARY}_{number}")),
        };
        let mut effects = vec![named];
        for watch in own(db, user, chat).await {
            let edit = WatchEdit { name: Some(format!("{CANARY} watch")), ..WatchEdit::default() };
            let order = WatchOrder::Edit(Box::new(edit));
            effects.push(Effect::ChangeWatch { id: watch.id, user, order });
        }
        let update = 900_000 + i64::try_from(number).expect("few");
        let commit = UpdateCommit {
            bot: 77,
            update,
            kind: "message".to_owned(),
            received_at: magpie::clock::Clock::now(&magpie::clock::SystemClock),
            dialogue: None,
            effects,
            replies: vec![],
            owner: magpie::domain::OwnerId("a".to_owned()),
            limits: magpie::domain::pace::Limits::OFF,
            dues: Default::default(),
        };
        db.commit_update(&commit).await.expect("planted");
    }
}

async fn own(db: &SqlDb, user: UserId, chat: ChatId) -> Vec<magpie::domain::Watch> {
    let request = ViewRequest {
        chat,
        thread: None,
        user: Some(user),
        searches: true,
        sample_of: None,
        about: None,
        why: false,
        saved: false,
        told: false,
        look: Default::default(),
    };
    db.load_view(&request).await.expect("a view").own.watches
}

/// The end of a button's data says whose it is: the same button as another person's.
fn forged(data: &str, user: i64) -> String {
    let mut number = user;
    let mut digits = Vec::new();
    while number > 0 {
        let digit = u32::try_from(number % 36).expect("a digit");
        digits.push(char::from_digit(digit, 36).expect("a digit"));
        number /= 36;
    }
    let own: String = digits.into_iter().rev().collect();
    data.rsplit_once(':').map_or_else(|| data.to_owned(), |(rest, _)| format!("{rest}:{own}"))
}

#[test]
fn no_button_of_one_person_shows_another_what_the_first_one_has() {
    const MALLORY: i64 = 666;
    let (mut pressed, mut planted) = (0, 0);
    for file in files() {
        let script = std::fs::read_to_string(&file).expect("readable");
        let (_, world) = play(&script, World::on_file());
        let people: Vec<i64> = world.people.iter().map(|one| one.id).collect();
        let (db, runtime) = world.record().parts();
        let chat = world.chat();
        let telegram = Arc::new(FakeTelegram::default());
        let (before, after) = runtime.block_on(async {
            plant(db, &people, chat).await;
            let mut before = Vec::new();
            for person in &people {
                before.push(own(db, UserId(*person), chat).await);
            }
            let handler = handler(db, &telegram, "m", decide::decide);
            let mut update = 1_000_000;
            let mut press = async |data: &str, place: i64| {
                update += 1;
                let body = presses(update, MALLORY, place, data).to_string();
                let handled = handler.handle(body.into()).await;
                assert!(handled.is_done(), "{data}: {handled:?}");
            };
            // In their own chat: the data of a button is no secret.
            for button in &world.shown {
                press(&button.data, MALLORY).await;
                press(&forged(&button.data, MALLORY), MALLORY).await;
                pressed += 2;
            }
            handler.finish().await;
            let mut after = Vec::new();
            for person in &people {
                after.push(own(db, UserId(*person), chat).await);
            }
            (before, after)
        });
        let name = file.display();
        assert_eq!(before, after, "{name}: somebody else's watches changed");
        planted += before.iter().flatten().filter(|watch| watch.name.contains(CANARY)).count();
        for asked in telegram.asked() {
            let text = format!("{asked:?}");
            assert!(!text.contains(CANARY), "{name}: {text}");
            let there = |target: ChatId| people.contains(&target.0) || target == chat;
            assert!(
                !matches!(&asked, Asked::Send(target, _) if there(target.chat)),
                "{name}: {text}"
            );
        }
    }
    assert!(pressed > 200 && planted > 5, "{pressed} buttons, {planted} watches");
}

#[test]
fn words_with_a_zero_character_are_read_without_it() {
    let update = event::read(&says(1, 11, "a\u{0}b"), "magpie_bot").expect("an update");
    assert!(matches!(update.event, Event::Text { text, .. } if text == "a\u{fffd}b"));
}
