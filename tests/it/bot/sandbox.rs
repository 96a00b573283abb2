//! The bot against a Bot API server that enforces the documented rules, through our own client.

use std::sync::Arc;
use std::time::Duration;

use magpie::config;
use magpie::telegram::{Messenger, TelegramClient};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use super::house::{Raised, TOKEN, raise};

/// A sandbox and a person in it.
struct Town {
    sandbox: sandbox::Running,
    http: reqwest::Client,
}

const ANNA: i64 = 501;

impl Town {
    async fn start() -> Self {
        let options = sandbox::Options {
            limits: sandbox::limits::Mode::Off,
            local_webhooks: true,
            ..Default::default()
        };
        let sandbox = sandbox::start(options).await.expect("a sandbox");
        let http = reqwest::Client::builder().no_proxy().build().expect("a client");
        Self { sandbox, http }
    }

    fn client(&self) -> Arc<dyn Messenger> {
        let config = config::Telegram {
            token: Some(TOKEN.to_owned().into()),
            api_url: self.sandbox.url(),
            connect_timeout: Duration::from_secs(5),
            timeout: Duration::from_secs(60),
        };
        Arc::new(TelegramClient::new(&config).expect("a client"))
    }

    /// Anna does something.
    async fn anna(&self, mut act: Value) -> Value {
        act["bot"] = json!(TOKEN);
        act["user"] = json!(ANNA);
        let url = format!("{}/_sandbox/say", self.sandbox.url());
        let response = self.http.post(url).body(act.to_string()).send().await.expect("a sandbox");
        let answer: Value = response.json().await.expect("JSON");
        assert_eq!(answer.get("error"), None, "{act}");
        answer
    }

    /// Waits for a message in Anna's chat that satisfies `is_it`.
    async fn message(&self, is_it: impl Fn(&Value) -> bool) -> Value {
        let url = format!("{}/_sandbox/chats/{ANNA}/messages?bot=77", self.sandbox.url());
        let looking = async {
            loop {
                let answer = self.http.get(&url).send().await.expect("a sandbox");
                let answer: Value = answer.json().await.expect("JSON");
                let messages = answer["messages"].as_array().cloned().unwrap_or_default();
                if let Some(found) = messages.into_iter().rev().find(|m| is_it(m)) {
                    return found;
                }
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(20), looking).await.expect("it is shown in time")
    }
}

fn says(words: &str) -> impl Fn(&Value) -> bool {
    move |message| message["text"].as_str().is_some_and(|text| text.contains(words))
}

/// Anna starts, chooses a search and leaves it, all by buttons of one message.
async fn choose_and_leave(town: &Town) {
    town.anna(json!({ "text": "/start", "lang": "en" })).await;
    let menu = town.message(says("Choose a search")).await;
    let id = menu["message_id"].clone();
    town.anna(json!({ "press": { "message_id": id, "button": "Demo flats" } })).await;
    let card = town.message(says("You watch “Demo flats”")).await;
    assert_eq!(card["message_id"], id, "the pressed message is changed in place");
    town.anna(json!({ "press": { "message_id": id, "button": "Stop watching" } })).await;
    let left = town.message(says("You no longer watch “Demo flats”")).await;
    assert_eq!(left["message_id"], id);
}

async fn end(raised: Raised) {
    raised.shutdown.reach(magpie::shutdown::Stage::Quiet);
    let ended = tokio::time::timeout(Duration::from_secs(20), raised.running).await;
    ended.expect("it ends").expect("no panic").expect("no error");
}

#[tokio::test]
async fn a_conversation_by_polling() {
    let town = Town::start().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let raised = raise(listener, None, town.client()).await;
    choose_and_leave(&town).await;
    end(raised).await;
    town.sandbox.stop().await;
}

#[tokio::test]
async fn a_conversation_by_webhook() {
    let town = Town::start().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let base = format!("http://{}", listener.local_addr().expect("an address"));
    let raised = raise(listener, Some(&base), town.client()).await;
    choose_and_leave(&town).await;
    end(raised).await;
    town.sandbox.stop().await;
}

#[tokio::test]
async fn watches_go_out_as_a_file_and_come_back() {
    let town = Town::start().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let raised = raise(listener, None, town.client()).await;
    town.anna(json!({ "text": "/start", "lang": "en" })).await;
    let menu = town.message(says("Choose a search")).await;
    let press = json!({ "message_id": menu["message_id"], "button": "Demo flats" });
    town.anna(json!({ "press": press })).await;
    town.message(says("You watch “Demo flats”")).await;
    town.anna(json!({ "text": "/export" })).await;
    let sent = town.message(|message| message["document"]["file_name"] == "watches.csv").await;
    let url = format!("{}{}", town.sandbox.url(), sent["media_url"].as_str().expect("an address"));
    let file = town.http.get(url).send().await.expect("a sandbox").text().await.expect("text");
    assert!(file.starts_with("name,urls,") && file.contains("Demo flats"), "{file}");
    let nonsense = format!("{file}=1+1,nonsense\n");
    town.anna(json!({ "document": { "name": "watches.csv", "content": nonsense } })).await;
    let report = town.message(says("with problems")).await;
    let text = report["text"].as_str().expect("text");
    assert!(text.contains("Line 3, urls “nonsense”: this is no complete address"), "{text}");
    end(raised).await;
    town.sandbox.stop().await;
}
