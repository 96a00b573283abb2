//! One update from its bytes to its commit, when things go wrong on the way.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use axum::body::Bytes;
use chrono::{DateTime, Utc};
use magpie::bot::decide::{self, Decision};
use magpie::bot::event::{Event, Update};
use magpie::bot::files::Files;
use magpie::bot::handle::{Decide, Deps, Handled, Handler};
use magpie::bot::lanes::{ReplyLanes, ReplySender};
use magpie::bot::rules::{Modules, Rules};
use magpie::bot::state::State;
use magpie::clock::SystemClock;
use magpie::domain::delivery::Claimed;
use magpie::domain::pace::Limits;
use magpie::domain::{ChatId, DeliveryState, Language, NewDelivery, OwnerId, UserId};
use magpie::shutdown::{Shutdown, Stage};
use magpie::store::{Db, DeliveryFilter, SqlDb, View, ViewRequest};
use magpie::telegram::BotIdentity;
use sites::Registry;

use super::house::{Mail, open, says};
use super::telegram::FakeTelegram;

/// A handler of the process `owner`, whose replies are sent at once.
pub fn handler(
    db: &SqlDb,
    telegram: &Arc<FakeTelegram>,
    owner: &str,
    decide: Decide,
) -> Arc<Handler> {
    let mail = Mail { messenger: Arc::clone(telegram) as _, db: db.clone() };
    handler_sending_by(Arc::new(mail), Shutdown::default(), db, telegram, owner, decide)
}

fn handler_sending_by(
    sender: Arc<dyn ReplySender>,
    shutdown: Shutdown,
    db: &SqlDb,
    telegram: &Arc<FakeTelegram>,
    owner: &str,
    decide: Decide,
) -> Arc<Handler> {
    let (db, clock): (Arc<dyn Db>, _) = (Arc::new(db.clone()), Arc::new(SystemClock));
    let lanes = ReplyLanes::new(sender, Arc::clone(&db), clock.clone(), shutdown);
    let deps = Deps {
        bot: BotIdentity { id: 77, username: "magpie_bot".to_owned() },
        db,
        messenger: Arc::clone(telegram) as _,
        clock,
        owner: OwnerId(owner.to_owned()),
        limits: Limits::OFF,
        lanes,
        files: Files::new(rules().modules, rules().interval),
        rules: rules(),
    };
    Handler::deciding_by(deps, decide)
}

/// Rules of a bot that knows one site.
pub fn rules() -> Rules {
    Rules {
        username: "magpie_bot".to_owned(),
        operators: [UserId(99)].into(),
        interval: std::time::Duration::from_secs(360),
        modules: Modules::of_registry(modules()),
        ..Rules::default()
    }
}

/// A site that every test knows.
fn modules() -> Registry {
    let site = sites::Site::from_toml(
        "demo/site.toml",
        r#"
        [site]
        id = "demo"
        name = "Demo"
        hosts = ["demo.example"]
        kind = "home"
        country = "de"
        time_zone = "Europe/Berlin"
        currency = "EUR"
        owner = "ops"
        [fetch]
        render = "http"
        [search]
        match = '^https://demo\.example/search\?'
        [listing]
        item = "li"
        id = "@data-id"
        url = "a@href"
        title = "a"
        "#,
    );
    let mut registry = Registry::default();
    registry.insert(site.expect("a module"));
    registry
}

fn body(update: i64, text: &str) -> Bytes {
    says(update, 11, text).to_string().into()
}

async fn version(db: &SqlDb) -> i64 {
    let request = ViewRequest {
        chat: ChatId(11),
        thread: None,
        user: Some(UserId(11)),
        searches: true,
        sample_of: None,
        about: None,
        why: false,
        saved: false,
        told: true,
        look: Default::default(),
    };
    db.load_view(&request).await.expect("a view").dialogue.map_or(0, |d| d.version)
}

/// Panics at "boom", decides like the bot otherwise.
fn fragile(
    rules: &Rules,
    view: &View,
    state: State,
    update: &Update,
    now: DateTime<Utc>,
) -> Decision {
    if matches!(&update.event, Event::Text { text, .. } if text == "boom") {
        panic!("this decision always fails");
    }
    decide::decide(rules, view, state, update, now)
}

static STUMBLES: AtomicUsize = AtomicUsize::new(0);

/// Panics once.
fn stumbling(
    rules: &Rules,
    view: &View,
    state: State,
    update: &Update,
    now: DateTime<Utc>,
) -> Decision {
    assert!(STUMBLES.fetch_add(1, Ordering::SeqCst) > 0, "the first decision fails");
    decide::decide(rules, view, state, update, now)
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

/// Begins to send and never ends.
#[derive(Default)]
struct Stuck {
    begun: tokio::sync::Notify,
}

#[async_trait]
impl ReplySender for Stuck {
    async fn send(&self, _reply: Claimed) {
        self.begun.notify_one();
        std::future::pending::<()>().await;
    }
}

#[tokio::test]
async fn replies_whose_turn_has_not_come_are_given_back_at_the_cut() {
    let folder = tempfile::tempdir().expect("a folder");
    let (db, telegram) = (open(&folder).await, Arc::default());
    let (stuck, shutdown): (Arc<Stuck>, _) = (Arc::default(), Shutdown::default());
    let sender = Arc::clone(&stuck) as _;
    let handler = handler_sending_by(sender, shutdown.clone(), &db, &telegram, "a", decide::decide);
    for update in 1..=3 {
        assert_eq!(handler.handle(body(update, "/help")).await, Handled::Applied);
    }
    stuck.begun.notified().await;
    shutdown.reach(Stage::Cut);
    handler.finish().await;
    let count = async |state| {
        let filter = DeliveryFilter { state: Some(state), ..DeliveryFilter::default() };
        db.deliveries(&filter).await.expect("deliveries").len()
    };
    assert_eq!(count(DeliveryState::Sending).await, 1, "under way: in doubt until it is buried");
    assert_eq!(count(DeliveryState::Pending).await, 2, "never begun: others may send them");
}

/// Notes the order of what it is given, slowly enough that a wrong order would show.
#[derive(Default)]
struct Slow {
    sent: std::sync::Mutex<Vec<(ChatId, String)>>,
}

#[async_trait]
impl ReplySender for Slow {
    async fn send(&self, reply: Claimed) {
        for _ in 0..5 {
            tokio::task::yield_now().await;
        }
        let id = reply.delivery.new.id.to_string();
        self.sent.lock().expect("not poisoned").push((reply.delivery.new.chat, id));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn replies_to_a_chat_go_out_in_the_order_of_its_updates() {
    let folder = tempfile::tempdir().expect("a folder");
    let (db, telegram) = (open(&folder).await, Arc::default());
    let slow: Arc<Slow> = Arc::default();
    let sender = Arc::clone(&slow) as _;
    let handler =
        handler_sending_by(sender, Shutdown::default(), &db, &telegram, "a", decide::decide);
    for update in 1..=20 {
        assert_eq!(handler.handle(body(update, "/help")).await, Handled::Applied);
    }
    handler.finish().await;
    let reply = |update| {
        let message = magpie::domain::Outgoing::text("");
        let (chat, at) = (ChatId(11), DateTime::UNIX_EPOCH);
        NewDelivery::reply(update, 0, chat, None, Language::En, message, at).id.to_string()
    };
    let expected: Vec<_> = (1..=20).map(|update| (ChatId(11), reply(update))).collect();
    assert_eq!(*slow.sent.lock().expect("not poisoned"), expected);
}
