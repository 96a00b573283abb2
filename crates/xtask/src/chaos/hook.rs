//! The bot process behind its webhook, and a Telegram that brings updates to it until they are taken.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::bench::world::World;

const SECRET: &str = "chaos-secret";

/// Where the bot is told, and by whom.
#[derive(Clone)]
pub struct Hook {
    url: String,
    client: reqwest::Client,
}

/// The answer to a call that was taken.
pub struct Taken {
    /// Milliseconds of the call that was answered 200, the former ones left out.
    pub ms: f64,
    /// Calls that it took.
    pub calls: u32,
    /// What the answer asks Telegram to do, if anything.
    pub method: Value,
}

/// The variables of a bot that is called by webhook, without the limit of the process.
pub fn prepare(world: &mut World) {
    let url = world.bot_url();
    let mut set = |key: &str, value: &str| {
        world.environment.insert(key.to_owned(), value.to_owned());
    };
    set("WEBHOOK_URL", &url);
    set("WEBHOOK_SECRET", SECRET);
    set("MAGPIE_LIMITS__UPDATES_PER_SECOND", "0");
}

impl Hook {
    /// Waits until the bot is well and has told the sandbox its address.
    pub async fn of(world: &World) -> anyhow::Result<Self> {
        world.until_ready(&format!("{}/health", world.bot_url())).await?;
        let address =
            format!("{}/bot{}/getWebhookInfo", world.sandbox.url(), crate::bench::world::TOKEN);
        for _ in 0..200 {
            let info: Value = world.client.get(&address).send().await?.json().await?;
            if let Some(url) = info["result"]["url"].as_str().filter(|url| !url.is_empty()) {
                return Ok(Self { url: url.to_owned(), client: world.client.clone() });
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        anyhow::bail!("the bot did not set its webhook")
    }

    /// Brings an update again and again until it is taken, as Telegram does, but sooner.
    pub async fn bring(&self, update: &Value, limit: Duration) -> anyhow::Result<Taken> {
        let begin = Instant::now();
        let mut calls = 0;
        while begin.elapsed() < limit {
            calls += 1;
            let called = Instant::now();
            let request = self.client.post(&self.url);
            let request = request.header("X-Telegram-Bot-Api-Secret-Token", SECRET).json(update);
            if let Ok(answer) = request.send().await
                && answer.status().is_success()
            {
                let ms = called.elapsed().as_secs_f64() * 1_000.0;
                // The 200 itself is the promise; its body may be cut with the process.
                let body = answer.bytes().await.unwrap_or_default();
                let method = serde_json::from_slice(&body).unwrap_or(Value::Null);
                return Ok(Taken { ms, calls, method });
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        anyhow::bail!("update {} was not taken in {limit:?}", update["update_id"])
    }
}

/// A person of the crowd.
pub fn person(user: i64) -> Value {
    json!({"id": user, "is_bot": false, "first_name": "Ann", "language_code": "en"})
}

/// Words in the private chat of a person.
pub fn says(update: i64, user: i64, text: &str) -> Value {
    json!({"update_id": update, "message": {"message_id": 1, "date": 1_790_000_000,
        "from": person(user), "chat": {"id": user, "type": "private"}, "text": text}})
}

/// A press in the private chat of a person.
pub fn presses(update: i64, user: i64, data: &str) -> Value {
    json!({"update_id": update, "callback_query": {"id": format!("press {update}"), "data": data,
        "from": person(user), "message": {"message_id": 1, "date": 1_790_000_000,
        "chat": {"id": user, "type": "private"}}}})
}
