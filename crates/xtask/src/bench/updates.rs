//! Webhook updates answered 200 after a durable commit: the bot process against a crowd on loopback.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};

use anyhow::Context as _;
use serde_json::json;

use super::world::World;
use super::{Figure, quantile, tree};

const SECRET: &str = "bench-secret";
const UPDATES: i64 = 20_000;
const CONNECTIONS: i64 = 40;
/// The first person of the crowd.
const FIRST: i64 = 1_000_000;

pub async fn measure() -> anyhow::Result<Vec<Figure>> {
    let mut world = World::start().await?;
    let url = world.bot_url();
    world.environment.insert("WEBHOOK_URL".to_owned(), url.clone());
    world.environment.insert("WEBHOOK_SECRET".to_owned(), SECRET.to_owned());
    // The limit of the process is for strangers; this is how much it could take.
    let free = "MAGPIE_LIMITS__UPDATES_PER_SECOND".to_owned();
    world.environment.insert(free, "0".to_owned());
    let bot = world.child("magpie-bot", &[])?;
    world.until_ready(&format!("{url}/health")).await?;
    let hook = webhook(&world).await?;
    let pid = bot.id().unwrap_or(0);
    // Whoever is answered must be somebody.
    let meet = json!({"bot": super::world::TOKEN, "user": FIRST, "meet": true, "count": UPDATES});
    world.control("say", &meet).await?;
    let mut figures = Vec::new();
    // Membership updates change the record and answer nothing: the commit path alone.
    figures.extend(crowd(&world, &hook, pid, false).await?);
    figures.extend(crowd(&world, &hook, pid, true).await?);
    Ok(figures)
}

/// Where the bot asked to be told.
async fn webhook(world: &World) -> anyhow::Result<String> {
    let address = format!("{}/bot{}/getWebhookInfo", world.sandbox.url(), super::world::TOKEN);
    for _ in 0..100 {
        let info: serde_json::Value = world.client.get(&address).send().await?.json().await?;
        if let Some(url) = info["result"]["url"].as_str().filter(|url| !url.is_empty()) {
            return Ok(url.to_owned());
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    anyhow::bail!("the bot did not set its webhook")
}

async fn crowd(world: &World, hook: &str, pid: u32, replies: bool) -> anyhow::Result<Vec<Figure>> {
    let next = Arc::new(AtomicI64::new(0));
    let before = tree::cpu_seconds(pid);
    let begin = Instant::now();
    let mut tasks = Vec::new();
    for _ in 0..CONNECTIONS {
        let (next, hook, client) = (Arc::clone(&next), hook.to_owned(), world.client.clone());
        tasks.push(tokio::spawn(one_connection(next, hook, client, replies)));
    }
    let mut times = Vec::new();
    for task in tasks {
        times.extend(task.await.context("a connection failed")??);
    }
    let elapsed = begin.elapsed().as_secs_f64();
    #[expect(clippy::cast_precision_loss, reason = "some thousands")]
    let count = UPDATES as f64;
    let cpu = (tree::cpu_seconds(pid) - before) * 1e6 / count;
    let p99 = quantile(&mut times, 0.99);
    let what = if replies { "updates with a reply" } else { "updates without a reply" };
    let how = format!(
        "{UPDATES} over {CONNECTIONS} connections, 200 after the commit; p99 {p99:.0} ms; \
         the crowd and the sandbox share the cores"
    );
    Ok(vec![
        Figure::new(&format!("webhook {what}"), count / elapsed, "per second", how),
        Figure::new(&format!("CPU of 1,000 {what}"), cpu, "ms", "the bot process alone"),
    ])
}

/// Posts updates until all are taken; the milliseconds of each.
async fn one_connection(
    next: Arc<AtomicI64>,
    hook: String,
    client: reqwest::Client,
    replies: bool,
) -> anyhow::Result<Vec<f64>> {
    let mut times = Vec::new();
    loop {
        let number = next.fetch_add(1, Ordering::Relaxed);
        if number >= UPDATES {
            return Ok(times);
        }
        let body = update(number, replies);
        let begin = Instant::now();
        let request = client.post(&hook).header("X-Telegram-Bot-Api-Secret-Token", SECRET);
        request.json(&body).send().await?.error_for_status()?;
        times.push(begin.elapsed().as_secs_f64() * 1000.0);
    }
}

fn update(number: i64, replies: bool) -> serde_json::Value {
    let user = FIRST + number;
    let from = json!({"id": user, "is_bot": false, "first_name": "Ann", "language_code": "en"});
    let chat = json!({"id": user, "type": "private", "first_name": "Ann"});
    if replies {
        let entities = json!([{"type": "bot_command", "offset": 0, "length": 5}]);
        return json!({"update_id": 2_000_000 + number, "message": {
            "message_id": 1, "date": 1_790_000_000, "from": from, "chat": chat,
            "text": "/help", "entities": entities}});
    }
    let member = |status: &str| json!({"user": {"id": 424_242, "is_bot": true, "first_name": "M"}, "status": status});
    json!({"update_id": 1_000_000 + number, "my_chat_member": {
        "chat": chat, "from": from, "date": 1_790_000_000,
        "old_chat_member": member("kicked"), "new_chat_member": member("member")}})
}
