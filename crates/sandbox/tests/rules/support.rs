//! A sandbox with a bot, and short words for what tests do with them.

use std::time::Duration;

use sandbox::clock::Clock;
use sandbox::{Options, Running};
use serde_json::{Value, json};

/// 2026-11-20 20:00:00 UTC.
pub const START: i64 = 1_795_204_800_000;
pub const TOKEN: &str = "123456:test-token";
pub const BOT: i64 = 123_456;
/// A user who has pressed Start.
pub const ANN: i64 = 1001;

pub struct Bench {
    pub sandbox: Running,
    pub http: reqwest::Client,
}

impl Bench {
    /// A sandbox whose clock stands, without limits, with one started user.
    pub async fn new() -> Self {
        let bench = Self::with(Options::default()).await;
        bench.control("limits", json!({"mode": "off"})).await;
        bench.say(json!({"user": ANN, "name": "Ann", "lang": "en", "meet": true})).await;
        bench
    }

    /// The same with limits in force.
    pub async fn limited(mode: &str) -> Self {
        let bench = Self::new().await;
        bench.control("limits", json!({"mode": mode})).await;
        bench
    }

    /// A sandbox with other options; only its clock is replaced by a standing one.
    pub async fn with(options: Options) -> Self {
        let options = Options { clock: Clock::manual(START), ..options };
        let sandbox = sandbox::start(options).await.unwrap();
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        let bench = Self { sandbox, http };
        bench.ok("getMe", json!({})).await;
        bench
    }

    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.sandbox.url())
    }

    pub fn advance(&self, ms: i64) {
        self.sandbox.clock().advance(ms);
    }

    pub async fn call(&self, method: &str, params: Value) -> reqwest::Result<reqwest::Response> {
        let url = self.url(&format!("/bot{TOKEN}/{method}"));
        self.http.post(url).json(&params).send().await
    }

    /// The result of a call that must be accepted.
    pub async fn ok(&self, method: &str, params: Value) -> Value {
        let body: Value = self.call(method, params).await.unwrap().json().await.unwrap();
        assert_eq!(body["ok"], true, "{method}: {body}");
        body["result"].clone()
    }

    /// Status and description of a call that must be refused.
    pub async fn refused(&self, method: &str, params: Value) -> (u16, String) {
        let answer = self.call(method, params).await.unwrap();
        let status = answer.status().as_u16();
        let body: Value = answer.json().await.unwrap();
        assert_eq!(body["ok"], false, "{method}: {body}");
        assert_eq!(body["error_code"], status, "the code is the status");
        (status, body["description"].as_str().unwrap().to_owned())
    }

    /// Sends a text to Ann and gives its id.
    pub async fn text(&self, text: &str) -> i64 {
        let message = self.ok("sendMessage", json!({"chat_id": ANN, "text": text})).await;
        message["message_id"].as_i64().unwrap()
    }

    pub async fn say(&self, act: Value) -> Value {
        self.control("say", act).await
    }

    pub async fn control(&self, name: &str, body: Value) -> Value {
        let url = self.url(&format!("/_sandbox/{name}"));
        let body: Value =
            self.http.post(url).json(&body).send().await.unwrap().json().await.unwrap();
        assert_ne!(body["ok"], false, "{name}: {body}");
        body
    }

    pub async fn get(&self, path: &str) -> Value {
        self.http.get(self.url(path)).send().await.unwrap().json().await.unwrap()
    }

    pub async fn page(&self, path: &str) -> String {
        self.http.get(self.url(path)).send().await.unwrap().text().await.unwrap()
    }

    pub async fn updates(&self, params: Value) -> Vec<Value> {
        self.ok("getUpdates", params).await.as_array().unwrap().clone()
    }

    /// All journal lines so far.
    pub async fn journal(&self) -> Vec<Value> {
        let text = self.page("/_sandbox/journal").await;
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// Waits for the first journal line that fits.
    pub async fn journal_line(&self, fits: impl Fn(&Value) -> bool) -> Value {
        let mut after = 0;
        for _ in 0..200 {
            let text = self.page(&format!("/_sandbox/journal?after={after}&wait=1000")).await;
            for line in text.lines() {
                let line: Value = serde_json::from_str(line).unwrap();
                if fits(&line) {
                    return line;
                }
                after = line["seq"].as_u64().unwrap();
            }
        }
        panic!("no such journal line");
    }
}

/// Gives up on something that should have happened long ago.
pub async fn soon<T>(work: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(10), work).await.expect("this should not take so long")
}

/// A real picture: what the goods site shows.
pub async fn photo(bench: &Bench) -> Vec<u8> {
    let url = bench.url("/demo/photos/g-1001.jpg");
    bench.http.get(url).send().await.unwrap().bytes().await.unwrap().to_vec()
}
