//! The road of fall-backs, against a messenger that answers from a list.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;

use super::*;
use crate::clock::ManualClock;
use crate::deliver::testing::{claimed, moment};
use crate::domain::delivery::Content;
use crate::domain::{Button, ChatId, Entity, EntityKind, PostForm};
use crate::telegram::{
    BotIdentity, NoPhotos, Photo, PhotoKind, PhotoSource, WebhookInfo, WebhookSetting,
};

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
    ) -> Result<Accepted, SendError> {
        self.calls.lock().expect("calls").push((target.thread, form, message.clone()));
        let answer = self.answers.lock().expect("answers").pop_front();
        let id = answer.expect("one answer for each request")?;
        let pictures = if message.album.is_empty() {
            i64::from(message.photo.is_some())
        } else {
            i64::try_from(message.album.len()).expect("few")
        };
        let form = if pictures > 0 { PostForm::Caption } else { PostForm::Text };
        let files = (0..pictures).map(|place| format!("file-{place}")).collect();
        Ok(Accepted { ids: vec![id], form, files })
    }

    /// The forms in order: `photo`, `upload`, `text`, `bare`; `@` marks a topic.
    fn road(&self) -> Vec<String> {
        let calls = self.calls.lock().expect("calls");
        let word = |(thread, form, message): &(Option<i64>, &'static str, Outgoing)| {
            let form = match (*form, &message.photo, message.buttons.is_empty()) {
                ("upload", _, _) => "upload",
                _ if message.edit.is_some() && message.edit_caption => "caption",
                _ if !message.album.is_empty() => "album",
                (_, Some(photo), _) if photo.starts_with("file-") => "file",
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
    async fn send(&self, target: Target, message: &Outgoing) -> Result<Accepted, SendError> {
        self.answer(target, "send", message)
    }
    async fn send_photo_bytes(
        &self,
        target: Target,
        message: &Outgoing,
        file_name: &str,
        bytes: Vec<u8>,
    ) -> Result<Accepted, SendError> {
        assert_eq!((file_name, bytes.as_slice()), ("photo.png", &b"png"[..]));
        self.answer(target, "upload", message)
    }
    async fn create_topic(&self, _: ChatId, _: &str) -> Result<i64, SendError> {
        never()
    }
    async fn set_topic_open(&self, _: ChatId, _: i64, _: bool) -> Result<(), SendError> {
        never()
    }
    async fn answer_callback(&self, _: &str, _: Option<&str>, _: bool) -> Result<(), SendError> {
        never()
    }
    async fn answer_checkout(&self, _: &str, _: Option<&str>) -> Result<(), SendError> {
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
    async fn set_commands(
        &self,
        _: &[(String, String)],
        _: crate::telegram::CommandScope,
        _: Option<&str>,
    ) -> Result<(), SendError> {
        never()
    }
    async fn set_menu_button(&self, _: &str, _: Option<&str>) -> Result<(), SendError> {
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
    photos: impl PhotoSource + 'static,
    message: Outgoing,
    thread: Option<i64>,
) -> Outcome {
    let desk = Desk::new(crate::deliver::render::Renderer::default(), Arc::new(photos));
    run_at(&desk, messenger, message, thread).await
}

/// With what attempts before have left at the desk.
async fn run_at(
    desk: &Desk,
    messenger: &Scripted,
    message: Outgoing,
    thread: Option<i64>,
) -> Outcome {
    let mut claimed = claimed(message);
    claimed.delivery.new.thread = thread;
    let clock = ManualClock::new(moment(0));
    let settlement = send_one(messenger, desk, &clock, &claimed).await;
    assert_eq!((settlement.epoch, settlement.chat), (1, claimed.delivery.new.chat));
    settlement.outcome
}

fn sent(message_id: i64, form: PostForm) -> Outcome {
    Outcome::Sent { message_id, form, version: 0 }
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
    let outcome = run(&messenger, OnePhoto, alert(), None).await;
    assert_eq!(outcome, sent(9, PostForm::Text));
    assert_eq!(messenger.road(), ["photo", "upload", "text"]);
}

#[tokio::test]
async fn a_picture_that_cannot_be_loaded_is_left_out_without_a_request() {
    let messenger = Scripted::new([media(), Ok(9)]);
    let outcome = run(&messenger, NoPhotos, alert(), None).await;
    assert_eq!(outcome, sent(9, PostForm::Text));
    assert_eq!(messenger.road(), ["photo", "text"]);
}

#[tokio::test]
async fn refused_content_is_said_once_in_plain_words_with_its_link() {
    let messenger = Scripted::new([content(), Ok(9)]);
    assert_eq!(run(&messenger, OnePhoto, alert(), None).await, sent(9, PostForm::Text));
    assert_eq!(messenger.road(), ["photo", "bare"]);
    let calls = messenger.calls.lock().expect("calls");
    assert_eq!(calls[1].2, Outgoing::text("Flat\nhttps://a.b/7"));
}

#[tokio::test]
async fn plain_words_that_are_refused_too_are_for_a_person() {
    let messenger = Scripted::new([content(), content()]);
    let outcome = run(&messenger, OnePhoto, alert(), None).await;
    assert!(matches!(outcome, Outcome::Dead { .. }), "{outcome:?}");
}

#[tokio::test]
async fn a_lost_topic_costs_the_topic_and_not_the_picture() {
    let messenger = Scripted::new([topic(), Ok(9)]);
    assert_eq!(run(&messenger, OnePhoto, alert(), Some(4)).await, sent(9, PostForm::Caption));
    assert_eq!(messenger.road(), ["photo@", "photo"]);
}

#[tokio::test]
async fn every_road_of_refusals_ends() {
    let messenger = Scripted::new([media(), topic(), media(), topic(), topic()]);
    let outcome = run(&messenger, OnePhoto, alert(), Some(4)).await;
    assert!(matches!(outcome, Outcome::Dead { .. }), "{outcome:?}");
    assert_eq!(messenger.road(), ["photo@", "upload@", "upload", "text", "bare"]);
}

#[tokio::test]
async fn a_doubt_is_never_followed_by_another_form() {
    let doubt = || Err(SendError::Doubt("reset".into()));
    for answers in [vec![doubt()], vec![media(), doubt()]] {
        let messenger = Scripted::new(answers);
        let outcome = run(&messenger, OnePhoto, alert(), None).await;
        assert!(matches!(outcome, Outcome::Doubt { .. }), "{outcome:?}");
    }
}

#[tokio::test]
async fn an_edit_of_a_message_that_is_gone_is_said_anew_with_its_buttons() {
    let messenger = Scripted::new([content(), Ok(12)]);
    let edit = Outgoing { edit: Some(3), photo: None, ..alert() };
    assert_eq!(run(&messenger, NoPhotos, edit, None).await, sent(12, PostForm::Text));
    assert_eq!(messenger.road(), ["text", "text"]);
    let calls = messenger.calls.lock().expect("calls");
    assert_eq!((calls[0].2.edit, calls[1].2.edit), (Some(3), None));
}

#[tokio::test]
async fn an_edit_that_changes_nothing_is_a_success() {
    let messenger = Scripted::new([Err(SendError::Benign("message is not modified".into()))]);
    let edit = Outgoing { edit: Some(3), ..Outgoing::text("menu") };
    assert_eq!(run(&messenger, NoPhotos, edit, None).await, sent(3, PostForm::Text));
}

#[tokio::test]
async fn a_change_that_is_no_longer_stored_is_dropped_without_a_request() {
    let messenger = Scripted::new([]);
    let mut claimed = claimed(alert());
    let event = crate::domain::EventId("e".into());
    claimed.delivery.new.content =
        Content::Change { event, watches: vec![], ids: vec![], answers: None, urgent: false };
    let clock = ManualClock::new(moment(0));
    let settlement = send_one(&messenger, &Desk::default(), &clock, &claimed).await;
    assert!(matches!(settlement.outcome, Outcome::Dropped { .. }), "{settlement:?}");
}

fn album() -> Outgoing {
    let album = vec!["https://a.b/1.jpg".into(), "https://a.b/2.jpg".into()];
    Outgoing { album, ..Outgoing::default() }
}

#[tokio::test]
async fn a_refused_album_becomes_its_first_picture_and_then_an_upload() {
    let messenger = Scripted::new([media(), media(), Ok(9)]);
    let outcome = run(&messenger, OnePhoto, album(), None).await;
    assert_eq!(outcome, sent(9, PostForm::Caption));
    assert_eq!(messenger.road(), ["album", "photo", "upload"]);
}

#[tokio::test]
async fn pictures_without_words_that_nobody_can_load_are_given_up() {
    let messenger = Scripted::new([media(), media(), media()]);
    let outcome = run(&messenger, OnePhoto, album(), None).await;
    assert!(matches!(outcome, Outcome::Dropped { .. }), "{outcome:?}");
    assert_eq!(messenger.road(), ["album", "photo", "upload"]);
}

#[tokio::test]
async fn the_second_reader_gets_the_picture_by_its_name_and_a_lost_name_costs_one_request() {
    let desk = Desk::default();
    let messenger = Scripted::new([Ok(1), Ok(2), media(), Ok(3), Ok(4)]);
    for _ in 0..4 {
        let outcome = run_at(&desk, &messenger, alert(), None).await;
        assert!(matches!(outcome, Outcome::Sent { .. }), "{outcome:?}");
    }
    assert_eq!(messenger.road(), ["photo", "file", "file", "photo", "file"]);
}

fn amend(messenger: &Scripted) -> impl Future<Output = Outcome> {
    let message = Outgoing { edit: Some(3), edit_caption: true, photo: None, ..alert() };
    let mut claimed = claimed(message);
    claimed.delivery.new.class = Class::Amend;
    async move {
        let clock = ManualClock::new(moment(0));
        send_one(messenger, &Desk::default(), &clock, &claimed).await.outcome
    }
}

#[tokio::test]
async fn a_standing_message_that_is_gone_is_not_said_anew() {
    let gone = "Bad Request: message to edit not found";
    let messenger = Scripted::new([Err(SendError::BadRequest(gone.into()))]);
    let outcome = amend(&messenger).await;
    assert!(matches!(outcome, Outcome::Dropped { .. }), "{outcome:?}");
    assert_eq!(messenger.road(), ["caption"]);
}

#[tokio::test]
async fn a_standing_message_whose_looks_are_refused_is_amended_in_plain_words() {
    let messenger = Scripted::new([content(), Ok(3)]);
    let outcome = amend(&messenger).await;
    assert!(matches!(outcome, Outcome::Sent { message_id: 3, .. }), "{outcome:?}");
    assert_eq!(messenger.road(), ["caption", "caption"]);
}

#[tokio::test]
async fn a_standing_message_that_says_so_already_is_good() {
    let messenger = Scripted::new([Err(SendError::Benign("message is not modified".into()))]);
    assert_eq!(amend(&messenger).await, sent(3, PostForm::Caption));
}
