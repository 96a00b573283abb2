//! A world of two chats for transcripts of support: people in private, staff in a group with or without topics. The
//! Bot API is the sandbox, which enforces the documented rules; record, handler and sender are the real ones.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use axum::body::Bytes;
use chrono::{DateTime, TimeDelta};
use magpie::bot::files::Files;
use magpie::bot::handle::{Deps, Handler};
use magpie::bot::lanes::{ReplyLanes, ReplySender};
use magpie::bot::late_tickets;
use magpie::bot::rules::Rules;
use magpie::clock::{Clock, ManualClock};
use magpie::config;
use magpie::context::Context;
use magpie::deliver::sender::{self, Step};
use magpie::deliver::{Desk, SenderOptions, Wake, send_one};
use magpie::domain::delivery::Claimed;
use magpie::domain::pace::Limits;
use magpie::domain::{ChatId, DeliveryState, Language, OwnerId, UserId};
use magpie::shutdown::Shutdown;
use magpie::store::{Canned, Db, DeliveryFilter, SqlDb, SqlSeen, TicketRecord};
use magpie::telegram::{BotIdentity, Messenger, NoPhotos, TelegramClient};
use serde_json::{Value, json};

use super::house::{TOKEN, open};

/// The group of support.
pub const GROUP: i64 = -1_000_000_000_777;
/// 2026-11-20 20:00:00 UTC.
const START: i64 = 1_795_204_800_000;

/// See the module.
pub struct Support {
    pub db: SqlDb,
    pub context: Context,
    pub options: SenderOptions,
    pub has_group: bool,
    clock: Arc<ManualClock>,
    handler: Arc<Handler>,
    sandbox: sandbox::Running,
    http: reqwest::Client,
    people: Vec<(String, i64, String)>,
    topics: BTreeMap<i64, String>,
    shown: BTreeMap<(i64, i64), Value>,
    offset: i64,
    _folder: tempfile::TempDir,
}

/// Sends replies by the clock of the world.
struct Mail {
    messenger: Arc<dyn Messenger>,
    db: SqlDb,
    clock: Arc<ManualClock>,
}

#[async_trait]
impl ReplySender for Mail {
    async fn send(&self, reply: Claimed) {
        let sent = send_one(&*self.messenger, &Desk::default(), &*self.clock, &reply).await;
        self.db.settle_deliveries(&[sent], self.clock.now()).await.expect("settled");
    }
}

impl Support {
    /// A world whose staff is a group, or these operators.
    pub async fn new(forum: Option<bool>, operators: &[i64]) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let db = open(&folder).await;
        let options = sandbox::Options {
            limits: sandbox::limits::Mode::Off,
            clock: sandbox::clock::Clock::manual(START),
            ..Default::default()
        };
        let sandbox = sandbox::start(options).await.expect("a sandbox");
        let messenger = client(&sandbox.url());
        let clock =
            Arc::new(ManualClock::new(DateTime::from_timestamp_millis(START).expect("a date")));
        let mut config =
            config::load_from(config::DEFAULT, None, &BTreeMap::new()).expect("a configuration");
        config.bot.support_chat_id = forum.map(|_| GROUP);
        config.bot.admin_ids = operators.to_vec();
        let seen_clock: Arc<dyn Clock> = Arc::clone(&clock) as _;
        let seen = SqlSeen::new(db.clone(), seen_clock, Duration::from_secs(60));
        let context = Context {
            config: Arc::new(config),
            clock: Arc::clone(&clock) as _,
            db: Arc::new(db.clone()),
            seen: Arc::new(seen),
            messenger: Arc::clone(&messenger),
            begun: Default::default(),
            owner: OwnerId("bot".to_owned()),
            shutdown: Shutdown::default(),
        };
        let rules = Rules {
            support: forum.map(|_| ChatId(GROUP)),
            operators: operators.iter().copied().map(UserId).collect(),
            ..super::handle::rules()
        };
        let mail = Mail { messenger, db: db.clone(), clock: Arc::clone(&clock) };
        let lanes = ReplyLanes::new(
            Arc::new(mail),
            Arc::new(db.clone()),
            Arc::clone(&clock) as _,
            Shutdown::default(),
        );
        let handler = Handler::new(Deps {
            bot: BotIdentity { id: 77, username: "magpie_bot".to_owned() },
            db: Arc::new(db.clone()),
            messenger: Arc::clone(&context.messenger),
            clock: Arc::clone(&clock) as _,
            owner: context.owner.clone(),
            limits: Limits::OFF,
            lanes,
            files: Files::new(rules.modules.clone(), rules.interval),
            rules,
        });
        let settings = &context.config.deliver;
        let mut options = SenderOptions::new(settings, Arc::new(NoPhotos), Wake::default());
        options.limits = Limits::OFF;
        let http = reqwest::Client::builder().no_proxy().build().expect("a client");
        let (people, topics, shown) = Default::default();
        let world = Self {
            db,
            context,
            options,
            has_group: forum.is_some(),
            clock,
            handler,
            sandbox,
            http,
            people,
            topics,
            shown,
            offset: 0,
            _folder: folder,
        };
        world.bot("getMe", json!({})).await;
        if let Some(forum) = forum {
            let kind = if forum { "supergroup" } else { "group" };
            let group = json!({ "type": kind, "title": "Support", "forum": forum });
            world.control("say", json!({ "chat": GROUP, "group": group })).await;
            let status = if forum { "administrator" } else { "member" };
            world.control("say", json!({ "user": 9, "chat": GROUP, "bot_status": status })).await;
        }
        world
    }

    /// Calls the sandbox as the bot would.
    pub async fn bot(&self, method: &str, params: Value) -> Value {
        let url = format!("{}/bot{TOKEN}/{method}", self.sandbox.url());
        let answer = self.http.post(url).body(params.to_string());
        let answer = answer.header("content-type", "application/json");
        answer.send().await.expect("a sandbox").json().await.expect("JSON")
    }

    /// All calls that the sandbox has had.
    pub async fn journal(&self) -> String {
        let url = format!("{}/_sandbox/journal", self.sandbox.url());
        self.http.get(url).send().await.expect("a sandbox").text().await.expect("text")
    }

    /// Steers the sandbox.
    pub async fn control(&self, name: &str, body: Value) -> Value {
        let url = format!("{}/_sandbox/{name}", self.sandbox.url());
        let answer = self.http.post(url).body(body.to_string()).send().await.expect("a sandbox");
        let answer: Value = answer.json().await.expect("JSON");
        assert_ne!(answer["ok"], false, "{name} {body}: {answer}");
        answer
    }

    pub fn person(&mut self, name: &str, language: &str) -> i64 {
        if let Some((_, id, _)) = self.people.iter().find(|(known, _, _)| known == name) {
            return *id;
        }
        let id = 11 + i64::try_from(self.people.len()).expect("few");
        self.people.push((name.to_owned(), id, language.to_owned()));
        id
    }

    /// Somebody does something; the bot answers.
    pub async fn act(&mut self, name: &str, mut act: Value) -> Vec<String> {
        let user = self.person(name, "en");
        let (_, _, language) = self.people.iter().find(|(_, id, _)| *id == user).expect("known");
        act["user"] = json!(user);
        act["name"] = json!(name);
        act["lang"] = json!(language);
        let waits = act.get("press").is_some();
        let url = format!("{}/_sandbox/say", self.sandbox.url());
        let asked = self.http.post(url).body(act.to_string());
        let asking = tokio::spawn(async move {
            let answer = asked.send().await.expect("a sandbox");
            answer.json::<Value>().await.expect("JSON")
        });
        while waits && !asking.is_finished() {
            self.handle_updates().await;
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        let said = asking.await.expect("no panic");
        assert_ne!(said["ok"], false, "{act}: {said}");
        let mut lines = Vec::new();
        if let Some(text) = said["answer"]["text"].as_str() {
            let is_alert = said["answer"]["show_alert"] == true;
            lines.push(format!("{} {text}", if is_alert { "alert>" } else { "note>" }));
        }
        lines.extend(self.settle().await);
        lines
    }

    /// Handles what waits, sends what is due; answers what the chats show now that they did not before.
    pub async fn settle(&mut self) -> Vec<String> {
        self.handle_updates().await;
        self.replies_are_sent().await;
        while let Step::Did(_) = sender::step(&self.context, &self.options).await.expect("a step") {
        }
        self.news().await
    }

    /// Handles what waits without sending anything but replies.
    pub async fn handle_updates(&mut self) {
        loop {
            let asked = json!({ "offset": self.offset, "timeout": 0 });
            let answer = self.bot("getUpdates", asked).await;
            let updates = answer["result"].as_array().cloned().expect("updates");
            if updates.is_empty() {
                return;
            }
            for update in updates {
                self.offset = update["update_id"].as_i64().expect("an id") + 1;
                self.feed(&update).await;
            }
        }
    }

    /// Hands an update to the bot.
    pub async fn feed(&self, update: &Value) {
        let handled = self.handler.handle(Bytes::from(update.to_string())).await;
        assert!(handled.is_done(), "{update}: {handled:?}");
    }

    async fn replies_are_sent(&self) {
        let sending =
            DeliveryFilter { state: Some(DeliveryState::Sending), ..DeliveryFilter::default() };
        let limit = tokio::time::Instant::now() + Duration::from_secs(20);
        while self.db.count_deliveries(&sending).await.expect("a count") > 0 {
            assert!(tokio::time::Instant::now() < limit, "a reply was not sent");
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }

    pub async fn pass(&mut self, minutes: i64) -> Vec<String> {
        self.clock.advance(TimeDelta::minutes(minutes));
        self.control("clock", json!({ "advance_ms": minutes * 60_000 })).await;
        late_tickets::look(&self.context).await.expect("looked");
        self.settle().await
    }

    pub async fn keep_ready(&self, name: &str, language: &str, text: &str) {
        let (name, text) = (name.to_owned(), text.to_owned());
        let language = Language::from_tag(language);
        self.db.put_canned(&Canned { name, language, text }).await.expect("kept");
    }

    /// The topic of that name.
    pub fn topic(&self, name: &str) -> i64 {
        let found = self.topics.iter().rev().find(|(_, known)| known.as_str() == name);
        *found.unwrap_or_else(|| panic!("no topic {name} in {:?}", self.topics)).0
    }

    async fn messages(&self, chat: i64) -> Vec<Value> {
        let url = format!("{}/_sandbox/chats/{chat}/messages?bot=77", self.sandbox.url());
        let answer = self.http.get(&url).send().await.expect("a sandbox");
        let answer: Value = answer.json().await.expect("JSON");
        answer["messages"].as_array().cloned().unwrap_or_default()
    }

    /// The newest message of a chat that fits.
    pub async fn newest(&self, chat: i64, fits: impl Fn(&Value) -> bool) -> i64 {
        let messages = self.messages(chat).await;
        let found = messages.iter().rev().find(|message| fits(message));
        let found = found.unwrap_or_else(|| panic!("no such message in {chat}: {messages:#?}"));
        found["message_id"].as_i64().expect("an id")
    }

    async fn news(&mut self) -> Vec<String> {
        let mut chats: Vec<(i64, String)> =
            self.people.iter().map(|(name, id, _)| (*id, name.clone())).collect();
        if self.has_group {
            chats.push((GROUP, "the group".to_owned()));
        }
        let mut lines = Vec::new();
        for (chat, name) in chats {
            for message in self.messages(chat).await {
                self.show(chat, &name, &message, &mut lines);
            }
        }
        lines
    }

    fn show(&mut self, chat: i64, name: &str, message: &Value, lines: &mut Vec<String>) {
        let id = message["message_id"].as_i64().expect("an id");
        let is_first = !self.shown.contains_key(&(chat, id));
        let thread = message["message_thread_id"].as_i64();
        let kept = json!([message["text"], message["caption"], message["reply_markup"]]);
        let same = self.shown.insert((chat, id), kept.clone()).as_ref() == Some(&kept);
        if let Some(created) = message["forum_topic_created"]["name"].as_str() {
            self.topics.insert(thread.expect("a thread"), created.to_owned());
        }
        if same || message["from"]["is_bot"] != true {
            return;
        }
        let place = match thread.and_then(|thread| self.topics.get(&thread)) {
            Some(topic) => format!("in “{topic}”"),
            None => format!("to {name}"),
        };
        for (key, what) in [
            ("forum_topic_created", "the topic is made"),
            ("forum_topic_closed", "the topic is closed"),
            ("forum_topic_reopened", "the topic is open again"),
        ] {
            if message.get(key).is_some() {
                return lines.push(format!("{place}: {what}"));
            }
        }
        lines.extend(printed(&place, message, !is_first));
    }
}

fn printed(place: &str, message: &Value, edits: bool) -> Vec<String> {
    let mut lines = Vec::new();
    let kind = if message.get("photo").is_some() { "[photo] " } else { "" };
    let text = message["text"].as_str().or(message["caption"].as_str()).unwrap_or("");
    let answered = &message["reply_to_message"];
    let quoted = answered["text"].as_str().or(answered["caption"].as_str());
    let quoted = quoted.map(|quoted| {
        let short: String = quoted.lines().next().unwrap_or("").chars().take(30).collect();
        format!(" (answers “{short}”)")
    });
    let verb = if edits { " edits" } else { "" };
    let head = format!("{place}{verb}{}> {kind}", quoted.unwrap_or_default());
    for (index, line) in text.split('\n').enumerate() {
        let line = if index == 0 { format!("{head}{line}") } else { format!("   | {line}") };
        lines.push(line.trim_end().to_owned());
    }
    for row in message["reply_markup"]["inline_keyboard"].as_array().into_iter().flatten() {
        let labels = row.as_array().into_iter().flatten();
        let labels: Vec<String> =
            labels.map(|one| format!("[{}]", one["text"].as_str().unwrap_or(""))).collect();
        lines.push(format!("     {}", labels.join(" ")));
    }
    lines
}

fn client(url: &str) -> Arc<dyn Messenger> {
    let config = config::Telegram {
        token: Some(TOKEN.to_owned().into()),
        api_url: url.to_owned(),
        connect_timeout: Duration::from_secs(5),
        timeout: Duration::from_secs(60),
    };
    Arc::new(TelegramClient::new(&config).expect("a client"))
}
