//! The road of fall-backs, against a messenger that answers from a list.

use std::collections::VecDeque;
use std::sync::Mutex;

use async_trait::async_trait;

use super::*;
use crate::clock::ManualClock;
use crate::deliver::testing::{claimed, moment};
use crate::domain::{Button, Entity, EntityKind};
use crate::telegram::{BotIdentity, NoPhotos, Photo, PhotoKind, WebhookInfo, WebhookSetting};

/// Answers from a list and remembers what it was asked.
#[derive(Default)]
struct Scripted {
    answers: Mutex<VecDeque<Result<i64, SendError>>>,
    calls: Mutex<Vec<(Option<i64>, &'static str, Outgoing)>>,
}

impl Scripted {
    fn new(answers: impl IntoIterator<Item = Result<i64, SendError>>) -> Self {
        Self { answers: Mutex::new(answers.into_iter().collect()), calls: Mutex::default() }
    }

    fn answer(
        &self,
        target: Target,
        form: &'static str,
        message: &Outgoing,
    ) -> Result<i64, SendError> {
        self.calls.lock().expect("calls").push((target.thread, form, message.clone()));
        self.answers.lock().expect("answers").pop_front().expect("one answer for each request")
    }

    /// The forms in order: `photo`, `upload`, `text`, `bare`; `@` marks a topic.
    fn road(&self) -> Vec<String> {
        let calls = self.calls.lock().expect("calls");
        let word = |(thread, form, message): &(Option<i64>, &'static str, Outgoing)| {
            let form = match (*form, &message.photo, message.buttons.is_empty()) {
                ("upload", _, _) => "upload",
                (_, Some(_), _) => "photo",
                (_, None, false) => "text",
                (_, None, true) => "bare",
            };
            format!("{form}{}", if thread.is_some() { "@" } else { "" })
        };
        calls.iter().map(word).collect()
    }
}

fn never<T>() -> Result<T, SendError> {
    Err(SendError::BadRequest("not asked for here".into()))
}

#[async_trait]
impl Messenger for Scripted {
    async fn send(&self, target: Target, message: &Outgoing) -> Result<i64, SendError> {
        self.answer(target, "send", message)
    }
    async fn send_photo_bytes(
        &self,
        target: Target,
        message: &Outgoing,
        file_name: &str,
        bytes: Vec<u8>,
    ) -> Result<i64, SendError> {
        assert_eq!((file_name, bytes.as_slice()), ("photo.png", &b"png"[..]));
        self.answer(target, "upload", message)
    }
    async fn answer_callback(&self, _: &str, _: Option<&str>, _: bool) -> Result<(), SendError> {
        never()
    }
    async fn fetch_file(&self, _id: &str, _most: usize) -> Result<Vec<u8>, SendError> {
        Err(SendError::BadRequest("there are no files here".into()))
    }

    async fn get_me(&self) -> Result<BotIdentity, SendError> {
        never()
    }
    async fn get_updates(
        &self,
        _: Option<i64>,
        _: u32,
        _: &[String],
    ) -> Result<Vec<serde_json::Value>, SendError> {
        never()
    }
    async fn set_webhook(&self, _: &WebhookSetting) -> Result<(), SendError> {
        never()
    }
    async fn delete_webhook(&self) -> Result<(), SendError> {
        never()
    }
    async fn webhook_info(&self) -> Result<WebhookInfo, SendError> {
        never()
    }
    async fn set_commands(&self, _: &[(String, String)], _: Option<&str>) -> Result<(), SendError> {
        never()
    }
}

/// Has a picture for every address.
struct OnePhoto;

#[async_trait]
impl PhotoSource for OnePhoto {
    async fn photo(&self, _: &str) -> Option<Photo> {
        Some(Photo { bytes: b"png".to_vec(), kind: PhotoKind::Png })
    }
}

fn alert() -> Outgoing {
    Outgoing {
        text: "Flat".into(),
        entities: vec![Entity { kind: EntityKind::Bold, offset: 0, length: 4 }],
        photo: Some("https://a.b/p.webp".into()),
        buttons: vec![vec![Button {
            text: "Open".into(),
            action: Action::Url("https://a.b/7".into()),
        }]],
        ..Outgoing::default()
    }
}

async fn run(
    messenger: &Scripted,
    photos: &dyn PhotoSource,
    message: Outgoing,
    thread: Option<i64>,
) -> Outcome {
    let mut claimed = claimed(message);
    claimed.delivery.new.thread = thread;
    let clock = ManualClock::new(moment(0));
    let settlement = send_one(messenger, photos, &clock, &claimed).await;
    assert_eq!((settlement.epoch, settlement.chat), (1, claimed.delivery.new.chat));
    settlement.outcome
}

fn media<T>() -> Result<T, SendError> {
    Err(SendError::BadMedia("failed to get HTTP URL content".into()))
}

fn content<T>() -> Result<T, SendError> {
    Err(SendError::BadRequest("BUTTON_URL_INVALID".into()))
}

fn topic<T>() -> Result<T, SendError> {
    Err(SendError::BadThread("message thread not found".into()))
}

#[tokio::test]
async fn a_refused_picture_is_uploaded_and_then_left_out() {
    let messenger = Scripted::new([media(), media(), Ok(9)]);
    let outcome = run(&messenger, &OnePhoto, alert(), None).await;
    assert_eq!(outcome, Outcome::Sent { message_id: 9 });
    assert_eq!(messenger.road(), ["photo", "upload", "text"]);
}

#[tokio::test]
async fn a_picture_that_cannot_be_loaded_is_left_out_without_a_request() {
    let messenger = Scripted::new([media(), Ok(9)]);
    let outcome = run(&messenger, &NoPhotos, alert(), None).await;
    assert_eq!(outcome, Outcome::Sent { message_id: 9 });
    assert_eq!(messenger.road(), ["photo", "text"]);
}

#[tokio::test]
async fn refused_content_is_said_once_in_plain_words_with_its_link() {
    let messenger = Scripted::new([content(), Ok(9)]);
    assert_eq!(run(&messenger, &OnePhoto, alert(), None).await, Outcome::Sent { message_id: 9 });
    assert_eq!(messenger.road(), ["photo", "bare"]);
    let calls = messenger.calls.lock().expect("calls");
    assert_eq!(calls[1].2, Outgoing::text("Flat\nhttps://a.b/7"));
}

#[tokio::test]
async fn plain_words_that_are_refused_too_are_for_a_person() {
    let messenger = Scripted::new([content(), content()]);
    let outcome = run(&messenger, &OnePhoto, alert(), None).await;
    assert!(matches!(outcome, Outcome::Dead { .. }), "{outcome:?}");
}

#[tokio::test]
async fn a_lost_topic_costs_the_topic_and_not_the_picture() {
    let messenger = Scripted::new([topic(), Ok(9)]);
    assert_eq!(run(&messenger, &OnePhoto, alert(), Some(4)).await, Outcome::Sent { message_id: 9 });
    assert_eq!(messenger.road(), ["photo@", "photo"]);
}

#[tokio::test]
async fn every_road_of_refusals_ends() {
    let messenger = Scripted::new([media(), topic(), media(), topic(), topic()]);
    let outcome = run(&messenger, &OnePhoto, alert(), Some(4)).await;
    assert!(matches!(outcome, Outcome::Dead { .. }), "{outcome:?}");
    assert_eq!(messenger.road(), ["photo@", "upload@", "upload", "text", "bare"]);
}

#[tokio::test]
async fn a_doubt_is_never_followed_by_another_form() {
    let doubt = || Err(SendError::Doubt("reset".into()));
    for answers in [vec![doubt()], vec![media(), doubt()]] {
        let messenger = Scripted::new(answers);
        let outcome = run(&messenger, &OnePhoto, alert(), None).await;
        assert!(matches!(outcome, Outcome::Doubt { .. }), "{outcome:?}");
    }
}

#[tokio::test]
async fn an_edit_of_a_message_that_is_gone_is_said_anew_with_its_buttons() {
    let messenger = Scripted::new([content(), Ok(12)]);
    let edit = Outgoing { edit: Some(3), photo: None, ..alert() };
    assert_eq!(run(&messenger, &NoPhotos, edit, None).await, Outcome::Sent { message_id: 12 });
    assert_eq!(messenger.road(), ["text", "text"]);
    let calls = messenger.calls.lock().expect("calls");
    assert_eq!((calls[0].2.edit, calls[1].2.edit), (Some(3), None));
}

#[tokio::test]
async fn an_edit_that_changes_nothing_is_a_success() {
    let messenger = Scripted::new([Err(SendError::Benign("message is not modified".into()))]);
    let edit = Outgoing { edit: Some(3), ..Outgoing::text("menu") };
    assert_eq!(run(&messenger, &NoPhotos, edit, None).await, Outcome::Sent { message_id: 3 });
}

#[tokio::test]
async fn a_change_that_is_no_longer_stored_is_dropped_without_a_request() {
    let messenger = Scripted::new([]);
    let mut claimed = claimed(alert());
    let event = crate::domain::EventId("e".into());
    claimed.delivery.new.content =
        Content::Change { event, watches: vec![], ids: vec![], answers: None, urgent: false };
    let clock = ManualClock::new(moment(0));
    let settlement = send_one(&messenger, &NoPhotos, &clock, &claimed).await;
    assert!(matches!(settlement.outcome, Outcome::Dropped { .. }), "{settlement:?}");
}
