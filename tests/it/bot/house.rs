//! A whole bot process in the test: its port, its record in a file, a Telegram that remembers.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use magpie::bot::lanes::ReplySender;
use magpie::bot::webhook::HookKeys;
use magpie::bot::{self, Wiring};
use magpie::clock::{Clock, SystemClock};
use magpie::config::{self, Config, LimitsSection};
use magpie::context::Context;
use magpie::deliver::{self, Desk};
use magpie::domain::delivery::Claimed;
use magpie::domain::pace::Limits;
use magpie::domain::quota::Quotas;
use magpie::domain::source::SourceSpec;
use magpie::domain::{ChatId, OwnerId, SourceId, UserId};
use magpie::shutdown::{Shutdown, Stage};
use magpie::store::{Db, DeliveryFilter, SqlDb, SqlOptions, SqlSeen, View, ViewRequest};
use magpie::telegram::Messenger;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

use super::telegram::FakeTelegram;

pub const TOKEN: &str = "77:canary-of-the-token";

/// See the module.
pub struct House {
    pub address: SocketAddr,
    pub telegram: Arc<FakeTelegram>,
    pub db: SqlDb,
    pub keys: HookKeys,
    pub shutdown: Shutdown,
    running: Option<JoinHandle<anyhow::Result<()>>>,
    _folder: tempfile::TempDir,
}

/// A running bot, whatever Telegram it talks to.
pub struct Raised {
    pub db: SqlDb,
    pub shutdown: Shutdown,
    pub running: JoinHandle<anyhow::Result<()>>,
    pub folder: tempfile::TempDir,
}

/// Starts a bot with two offered searches.
pub async fn raise(
    listener: TcpListener,
    public_url: Option<&str>,
    messenger: Arc<dyn Messenger>,
) -> Raised {
    let folder = tempfile::tempdir().expect("a folder");
    raise_in(folder, listener, config(public_url), messenger).await
}

/// The same in a folder that another bot may have used.
async fn raise_in(
    folder: tempfile::TempDir,
    listener: TcpListener,
    mut config: Config,
    messenger: Arc<dyn Messenger>,
) -> Raised {
    config.paths.data = folder.path().to_owned();
    let db = open(&folder).await;
    let specs = [offered("Demo flats"), offered("Demo bikes")];
    db.put_sources(&specs, SystemClock.now()).await.expect("searches");
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let seen = SqlSeen::new(db.clone(), Arc::clone(&clock), Duration::from_secs(60));
    let shutdown = Shutdown::default();
    let context = Context {
        config: Arc::new(config),
        clock,
        db: Arc::new(db.clone()),
        seen: Arc::new(seen),
        messenger: Arc::clone(&messenger),
        begun: Default::default(),
        owner: OwnerId("bot".to_owned()),
        shutdown: shutdown.clone(),
    };
    let wiring = Wiring {
        limits: Limits::OFF,
        replies: Arc::new(Mail { messenger, db: db.clone() }),
        render_metrics: Arc::new(|| "magpie_updates_total 1\n".to_owned()),
        modules: Default::default(),
        routes: Default::default(),
    };
    let running = tokio::spawn(bot::run_on(listener, context, wiring));
    Raised { db, shutdown, running, folder }
}

/// Sends replies as the process does: one attempt, then its settlement.
pub struct Mail {
    pub messenger: Arc<dyn Messenger>,
    pub db: SqlDb,
}

#[async_trait]
impl ReplySender for Mail {
    async fn send(&self, reply: Claimed) {
        let settlement =
            deliver::send_one(&*self.messenger, &Desk::default(), &SystemClock, &reply).await;
        let now = SystemClock.now();
        // A closed record is part of some tests.
        let _ = self.db.settle_deliveries(&[settlement], now).await;
    }
}

pub async fn open(folder: &tempfile::TempDir) -> SqlDb {
    let url = format!("sqlite://{}", folder.path().join("magpie.db").display());
    SqlDb::open(&url, SqlOptions::default()).await.expect("a record")
}

pub fn offered(title: &str) -> SourceSpec {
    SourceSpec {
        site: "demo".to_owned(),
        url: format!("https://demo.example/{}", title.replace(' ', "-")),
        title: title.to_owned(),
        interval: Duration::from_secs(360),
        offered: true,
        rhythm: Default::default(),
    }
}

/// A configuration under which nobody asks too much.
pub fn config(public_url: Option<&str>) -> Config {
    let mut env = BTreeMap::new();
    env.insert("LOG_LEVEL".to_owned(), "info".to_owned());
    let mut config = config::load_from(config::DEFAULT, None, &env).expect("a configuration");
    config.telegram.token = Some(TOKEN.to_owned().into());
    config.bot.webhook_url = public_url.map(str::to_owned);
    config.bot.max_body = 64 * 1024;
    config.limits = LimitsSection { quotas: Quotas::default(), updates_per_second: 0 };
    config
}

impl House {
    /// A bot that Telegram calls.
    pub async fn webhook() -> Self {
        let house = Self::start(Some("https://bot.example"), FakeTelegram::default()).await;
        house.until_healthy().await;
        house
    }

    /// A bot of any kind.
    pub async fn start(public_url: Option<&str>, telegram: FakeTelegram) -> Self {
        Self::configured(config(public_url), telegram).await
    }

    /// A bot with a configuration of its own.
    pub async fn configured(config: Config, telegram: FakeTelegram) -> Self {
        let telegram = Arc::new(telegram);
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let folder = tempfile::tempdir().expect("a folder");
        let raised = raise_in(folder, listener, config, Arc::clone(&telegram) as _).await;
        let Raised { db, shutdown, running, folder } = raised;
        let keys = HookKeys::derive(&TOKEN.into(), None);
        Self { address, telegram, db, keys, shutdown, running: Some(running), _folder: folder }
    }

    /// Waits until the process says that it is well.
    pub async fn until_healthy(&self) {
        let well = async {
            while self.get("/health").await.status != 200 {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(20), well).await.expect("well within 20 s");
    }

    /// Stops the process softly and waits for its end.
    pub async fn stop(&mut self) {
        self.shutdown.reach(Stage::Quiet);
        let running = self.running.take().expect("it runs");
        let ended = tokio::time::timeout(Duration::from_secs(20), running).await;
        ended.expect("it ends").expect("no panic").expect("no error");
    }

    /// Delivers an update as Telegram does.
    pub async fn deliver(&self, update: &Value) -> Answer {
        self.deliver_bytes(update.to_string().as_bytes()).await
    }

    pub async fn deliver_bytes(&self, body: &[u8]) -> Answer {
        let secret = self.keys.secret();
        let head = format!("X-Telegram-Bot-Api-Secret-Token: {secret}\r\n");
        let answer = self.post(&self.keys.path(), &head, body).await;
        // Telegram carries out what the answer asks for.
        if let Ok(call) = serde_json::from_str::<Value>(&answer.body) {
            self.telegram.carry_out(&call).await;
        }
        answer
    }

    pub async fn post(&self, path: &str, more_head: &str, body: &[u8]) -> Answer {
        let length = body.len();
        let head = format!(
            "POST {path} HTTP/1.1\r\nHost: bot\r\nConnection: close\r\n\
             Content-Type: application/json\r\nContent-Length: {length}\r\n{more_head}\r\n"
        );
        self.raw(&[head.as_bytes(), body].concat()).await
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.raw(
            format!("GET {path} HTTP/1.1\r\nHost: bot\r\nConnection: close\r\n\r\n").as_bytes(),
        )
        .await
    }

    /// Sends bytes and reads until the other side closes.
    pub async fn raw(&self, bytes: &[u8]) -> Answer {
        let mut stream = TcpStream::connect(self.address).await.expect("a connection");
        // The other side may refuse before it has read everything.
        let _ = stream.write_all(bytes).await;
        let mut read = Vec::new();
        let _ = stream.read_to_end(&mut read).await;
        Answer::of(&String::from_utf8_lossy(&read))
    }

    /// What the record knows of a person's private chat.
    pub async fn view(&self, user: i64) -> View {
        self.view_of(user, user).await
    }

    pub async fn view_of(&self, user: i64, chat: i64) -> View {
        let request = ViewRequest {
            chat: ChatId(chat),
            thread: None,
            user: Some(UserId(user)),
            searches: true,
            sample_of: None,
            about: None,
            why: false,
            saved: true,
            told: true,
            look: Default::default(),
        };
        self.db.load_view(&request).await.expect("a view")
    }

    /// How many deliveries there are in the record.
    pub async fn deliveries(&self) -> usize {
        self.db.deliveries(&DeliveryFilter::default()).await.expect("deliveries").len()
    }

    pub fn source(title: &str) -> SourceId {
        offered(title).id()
    }
}

impl Drop for House {
    fn drop(&mut self) {
        self.shutdown.reach(Stage::Cut);
    }
}

/// An HTTP answer.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub head: String,
    pub body: String,
}

impl Answer {
    fn of(text: &str) -> Self {
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or((text, ""));
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0);
        Self { status, head: head.to_ascii_lowercase(), body: body.to_owned() }
    }
}

/// A message of a person in their private chat.
pub fn says(update: i64, user: i64, text: &str) -> Value {
    json!({ "update_id": update, "message": { "message_id": update, "date": 1_763_600_000,
        "text": text, "from": { "id": user, "is_bot": false, "language_code": "en" },
        "chat": { "id": user, "type": "private" } } })
}

/// A press on a button of message 5 in `chat`.
pub fn presses(update: i64, user: i64, chat: i64, data: &str) -> Value {
    let kind = if chat < 0 { "supergroup" } else { "private" };
    json!({ "update_id": update, "callback_query": { "id": format!("press {update}"), "data": data,
        "from": { "id": user, "is_bot": false, "language_code": "en" },
        "message": { "message_id": 5, "date": 1_763_600_000, "chat": { "id": chat, "type": kind } } } })
}
