//! One update from its bytes to its commit, when things go wrong on the way.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::body::Bytes;
use chrono::{DateTime, Utc};
use magpie::bot::decide::{self, Decision};
use magpie::bot::event::{Event, Update};
use magpie::bot::handle::{Decide, Deps, Handled, Handler};
use magpie::bot::lanes::ReplyLanes;
use magpie::bot::state::State;
use magpie::clock::SystemClock;
use magpie::domain::pace::Limits;
use magpie::domain::{ChatId, OwnerId, UserId};
use magpie::shutdown::Shutdown;
use magpie::store::{Db, SqlDb, View, ViewRequest};
use magpie::telegram::BotIdentity;

use super::house::{Mail, open, says};
use super::telegram::FakeTelegram;

fn handler(db: &SqlDb, telegram: &Arc<FakeTelegram>, owner: &str, decide: Decide) -> Arc<Handler> {
    let mail = Mail { messenger: Arc::clone(telegram) as _, db: db.clone() };
    let (db, clock): (Arc<dyn Db>, _) = (Arc::new(db.clone()), Arc::new(SystemClock));
    let lanes =
        ReplyLanes::new(Arc::new(mail), Arc::clone(&db), clock.clone(), Shutdown::default());
    let deps = Deps {
        bot: BotIdentity { id: 77, username: "magpie_bot".to_owned() },
        db,
        messenger: Arc::clone(telegram) as _,
        clock,
        owner: OwnerId(owner.to_owned()),
        limits: Limits::OFF,
        lanes,
    };
    Handler::deciding_by(deps, decide)
}

fn body(update: i64, text: &str) -> Bytes {
    says(update, 11, text).to_string().into()
}

async fn version(db: &SqlDb) -> i64 {
    let request = ViewRequest { chat: ChatId(11), user: Some(UserId(11)), sample_of: None };
    db.load_view(&request).await.expect("a view").dialogue.map_or(0, |d| d.version)
}

/// Panics at "boom", decides like the bot otherwise.
fn fragile(view: &View, state: State, update: &Update, now: DateTime<Utc>) -> Decision {
    if matches!(&update.event, Event::Text { text, .. } if text == "boom") {
        panic!("this decision always fails");
    }
    decide::decide(view, state, update, now)
}

static STUMBLES: AtomicUsize = AtomicUsize::new(0);

/// Panics once.
fn stumbling(view: &View, state: State, update: &Update, now: DateTime<Utc>) -> Decision {
    assert!(STUMBLES.fetch_add(1, Ordering::SeqCst) > 0, "the first decision fails");
    decide::decide(view, state, update, now)
}

#[tokio::test]
async fn a_decision_that_always_panics_is_poison_and_the_chat_goes_on() {
    let folder = tempfile::tempdir().expect("a folder");
    let (db, telegram) = (open(&folder).await, Arc::default());
    let handler = handler(&db, &telegram, "a", fragile);
    assert_eq!(handler.handle(body(1, "boom")).await, Handled::Poison);
    assert_eq!(handler.handle(body(2, "/watches")).await, Handled::Applied);
    assert_eq!(handler.handle(body(1, "/help")).await, Handled::Repeat, "it is kept by its id");
    handler.finish().await;
    assert_eq!(telegram.texts().len(), 1);
}

#[tokio::test]
async fn a_decision_that_panics_once_is_decided_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let (db, telegram) = (open(&folder).await, Arc::default());
    let handler = handler(&db, &telegram, "a", stumbling);
    assert_eq!(handler.handle(body(1, "/help")).await, Handled::Applied);
    handler.finish().await;
    assert_eq!(telegram.texts().len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_processes_in_one_conversation_lose_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let (db, telegram) = (open(&folder).await, Arc::default());
    let handlers = ["a", "b"].map(|owner| handler(&db, &telegram, owner, decide::decide));
    let work = (0..40).map(|update| {
        let handler = Arc::clone(&handlers[usize::try_from(update % 2).expect("small")]);
        async move {
            // Telegram repeats what was not done.
            for _ in 0..100 {
                if handler.handle(body(1 + update, "/watches")).await.is_done() {
                    return;
                }
            }
            panic!("update {update} was never done");
        }
    });
    futures_util::future::join_all(work).await;
    for handler in &handlers {
        handler.finish().await;
    }
    assert_eq!(version(&db).await, 40);
    assert_eq!(telegram.texts().len(), 40);
}

#[tokio::test]
async fn a_caller_that_hangs_up_changes_nothing_about_the_work() {
    let folder = tempfile::tempdir().expect("a folder");
    let (db, telegram) = (open(&folder).await, Arc::default());
    let handler = handler(&db, &telegram, "a", decide::decide);
    let mut handling = Box::pin(handler.handle(body(1, "/help")));
    assert!(futures_util::poll!(&mut handling).is_pending());
    drop(handling);
    handler.finish().await;
    assert_eq!(version(&db).await, 1);
    assert_eq!(telegram.texts().len(), 1, "the reply of a commit is sent, whoever waits for it");
}
