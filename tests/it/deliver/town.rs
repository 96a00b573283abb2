//! A sandbox with a client, and the few things that tests do to it.

use std::time::Duration;

use magpie::config;
use magpie::telegram::TelegramClient;
use serde_json::{Value, json};

/// The bot of these tests.
pub const TOKEN: &str = "77:sandbox-token";

/// A sandbox in this process.
pub struct Town {
    sandbox: sandbox::Running,
    http: reqwest::Client,
}

impl Town {
    /// Starts one without limits in which these people have begun a conversation.
    pub async fn with_people(people: &[i64]) -> Self {
        let options = sandbox::Options { limits: sandbox::limits::Mode::Off, ..Default::default() };
        let sandbox = sandbox::start(options).await.expect("a sandbox");
        let http = reqwest::Client::builder().no_proxy().build().expect("a client");
        let town = Self { sandbox, http };
        for person in people {
            town.say(json!({"bot": TOKEN, "user": person, "meet": true})).await;
        }
        town
    }

    pub fn url(&self) -> String {
        self.sandbox.url()
    }

    pub fn address(&self) -> std::net::SocketAddr {
        self.sandbox.address()
    }

    /// Tells the demo sites what to do.
    pub async fn demo(&self, order: Value) -> Value {
        self.post("demo", order).await
    }

    pub fn client(&self) -> TelegramClient {
        self.client_of(TOKEN)
    }

    pub fn client_of(&self, token: &str) -> TelegramClient {
        let config = config::Telegram {
            token: Some(token.to_owned().into()),
            api_url: self.sandbox.url(),
            connect_timeout: Duration::from_secs(5),
            timeout: Duration::from_secs(10),
        };
        TelegramClient::new(&config).expect("a client")
    }

    /// The address of a picture that Telegram can load.
    pub fn picture(&self, name: &str) -> String {
        format!("{}/demo/photos/{name}.jpg", self.sandbox.url())
    }

    async fn post(&self, path: &str, body: Value) -> Value {
        let url = format!("{}/_sandbox/{path}", self.sandbox.url());
        let response =
            self.http.post(url).body(body.to_string()).send().await.expect("the sandbox");
        let answer: Value = response.json().await.expect("JSON");
        assert_eq!(answer.get("error"), None, "{path} {body}");
        answer
    }

    /// Acts as a user.
    pub async fn say(&self, act: Value) -> Value {
        self.post("say", act).await
    }

    /// Makes a topic of a forum, by the bot; answers its id.
    pub async fn topic(&self, chat: i64, name: &str) -> i64 {
        let url = format!("{}/bot{TOKEN}/createForumTopic", self.sandbox.url());
        let body = json!({"chat_id": chat, "name": name}).to_string();
        let request = self.http.post(url).header("content-type", "application/json").body(body);
        let answer: Value = request.send().await.expect("an answer").json().await.expect("JSON");
        answer["result"]["message_thread_id"].as_i64().expect("a topic")
    }

    /// Adds a rule of misbehaviour.
    pub async fn fault(&self, fits: Value, action: Value) {
        self.post("faults", json!({"match": fits, "action": action})).await;
    }

    /// The calls in the journal, in order, without control acts.
    pub async fn calls(&self) -> Vec<Value> {
        let url = format!("{}/_sandbox/journal", self.sandbox.url());
        let lines = self.http.get(url).send().await.expect("the sandbox").text().await;
        lines
            .expect("a journal")
            .lines()
            .map(|line| serde_json::from_str::<Value>(line).expect("a line"))
            .filter(|line| line["kind"] == "call")
            .collect()
    }

    /// The calls that carry a message for `chat`.
    pub async fn sends(&self, chat: i64) -> Vec<Value> {
        let mut calls = self.calls().await;
        calls.retain(|call| {
            let to = &call["params"]["chat_id"];
            *to == json!(chat) || *to == json!(chat.to_string())
        });
        calls
    }

    /// The messages that stand in `chat`.
    pub async fn messages(&self, chat: i64) -> Vec<Value> {
        let url = format!("{}/_sandbox/chats/{chat}/messages?bot=77", self.sandbox.url());
        let answer = self.http.get(url).send().await.expect("the sandbox").json::<Value>().await;
        answer.expect("JSON")["messages"].as_array().cloned().unwrap_or_default()
    }

    pub async fn stop(self) {
        self.sandbox.stop().await;
    }
}

/// A picture of 32 × 32 points, as PNG: written by hand, since no part of the program draws.
pub fn png() -> Vec<u8> {
    let mut bytes = b"\x89PNG\r\n\x1a\n".to_vec();
    let header = [0, 0, 0, 32, 0, 0, 0, 32, 8, 0, 0, 0, 0];
    chunk(&mut bytes, b"IHDR", &header);
    // One stored (uncompressed) block of 32 rows: a filter byte and 32 grey points each.
    let rows = vec![0u8; 32 * 33];
    let length = u16::try_from(rows.len()).expect("a small picture");
    let mut data = vec![0x78, 0x01, 0x01];
    data.extend_from_slice(&length.to_le_bytes());
    data.extend_from_slice(&(!length).to_le_bytes());
    data.extend_from_slice(&rows);
    // Adler-32 of zeros: the low half stays 1, the high half counts the bytes.
    data.extend_from_slice(&((u32::from(length) << 16) | 1).to_be_bytes());
    chunk(&mut bytes, b"IDAT", &data);
    chunk(&mut bytes, b"IEND", &[]);
    bytes
}

fn chunk(bytes: &mut Vec<u8>, name: &[u8; 4], data: &[u8]) {
    let length = u32::try_from(data.len()).expect("a small picture");
    bytes.extend_from_slice(&length.to_be_bytes());
    let start = bytes.len();
    bytes.extend_from_slice(name);
    bytes.extend_from_slice(data);
    let mut crc = u32::MAX;
    for byte in &bytes[start..] {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = if crc & 1 == 1 { (crc >> 1) ^ 0xedb8_8320 } else { crc >> 1 };
        }
    }
    bytes.extend_from_slice(&(!crc).to_be_bytes());
}
