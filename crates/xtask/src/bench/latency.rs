//! From the moment a demo site publishes an offer to the moment Telegram has the message.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::world::{World, is_message};
use super::{Figure, quantile};

const USER: i64 = 77;

pub async fn measure() -> anyhow::Result<Vec<Figure>> {
    let mut figures = Vec::new();
    for (site, path) in [("demo_goods", "/demo/goods"), ("demo_homes", "/demo/homes")] {
        figures.push(of(site, path).await?);
    }
    Ok(figures)
}

async fn of(site: &str, path: &str) -> anyhow::Result<Figure> {
    let mut world = World::start().await?;
    world.put_source(site, path, "1s")?;
    let _bot = world.child("magpie-bot", &[])?;
    let _scraper = world.child("magpie", &["run"])?;
    world.until_ready(&format!("{}/health", world.bot_url())).await?;
    let mut after = 0;
    let (message, data) = menu(&world, &mut after).await?;
    let press = json!({"user": USER, "press": {"message_id": message, "data": data}});
    say(&world, &mut after, press).await?;
    // The first good run is silent; give it time to be over.
    tokio::time::sleep(Duration::from_secs(4)).await;
    let _ = next_message(&world, &mut after, Duration::from_millis(100)).await;
    let mut waits = Vec::new();
    for round in 0..20_u64 {
        tokio::time::sleep(Duration::from_millis(1_100 + round * 53 % 700)).await;
        let begin = Instant::now();
        let which = site.trim_start_matches("demo_");
        world.control("demo", &json!({"publish": {"site": which, "count": 1}})).await?;
        next_message(&world, &mut after, Duration::from_secs(20)).await?;
        waits.push(begin.elapsed().as_secs_f64() * 1000.0);
    }
    let worst = quantile(&mut waits, 1.0);
    let median = quantile(&mut waits, 0.5);
    let how = format!("median of 20, worst {worst:.0} ms; the source is due every second");
    Ok(Figure::new(&format!("publish to chat, {site}"), median, "ms", how))
}

/// Asks for the menu until the scraper has offered its searches: the first button of it.
async fn menu(world: &World, after: &mut u64) -> anyhow::Result<(i64, String)> {
    let start = json!({"user": USER, "name": "Ann", "lang": "en", "text": "/start"});
    let begin = Instant::now();
    loop {
        let menu = say(world, after, start.clone()).await?;
        match button(&menu) {
            Err(error) if begin.elapsed() > Duration::from_secs(20) => return Err(error),
            Err(_) => tokio::time::sleep(Duration::from_millis(300)).await,
            found => return found,
        }
    }
}

async fn say(world: &World, after: &mut u64, what: Value) -> anyhow::Result<Value> {
    world.control("say", &what).await?;
    next(world, after, Duration::from_secs(20), |line| is_message(line) || is_edit(line)).await
}

fn is_edit(line: &Value) -> bool {
    line["decision"] == "accepted" && line["method"].as_str().unwrap_or("").starts_with("edit")
}

/// The next accepted message.
async fn next_message(world: &World, after: &mut u64, limit: Duration) -> anyhow::Result<Value> {
    next(world, after, limit, is_message).await
}

/// The next line of the journal that `wanted` accepts.
async fn next(
    world: &World,
    after: &mut u64,
    limit: Duration,
    wanted: fn(&Value) -> bool,
) -> anyhow::Result<Value> {
    let begin = Instant::now();
    while begin.elapsed() < limit {
        for line in world.journal(*after, Duration::from_millis(200)).await? {
            *after = line["seq"].as_u64().unwrap_or(*after);
            if wanted(&line) {
                return Ok(line);
            }
        }
    }
    anyhow::bail!("no message within {limit:?}")
}

/// The first button with callback data: its message and data.
fn button(line: &Value) -> anyhow::Result<(i64, String)> {
    let mut markup = line["params"]["reply_markup"].clone();
    if let Some(text) = markup.as_str() {
        markup = serde_json::from_str(text)?;
    }
    let rows = markup["inline_keyboard"].as_array().cloned().unwrap_or_default();
    let buttons = rows.iter().filter_map(Value::as_array).flatten();
    let data = buttons.filter_map(|button| button["callback_data"].as_str()).next();
    let data = data.ok_or_else(|| anyhow::anyhow!("the menu has no button: {line}"))?;
    let message = line["message_id"].as_i64().unwrap_or(0);
    Ok((message, data.to_owned()))
}
