//! From `/start` to its menu: 200 people a second begin, and the sandbox sees when the answer comes.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use magpie::clock::{Clock, SystemClock};
use serde_json::json;

use super::world::{TOKEN, World};
use super::{Figure, quantile};
use crate::chaos::check::{Verdict, call_of};
use crate::chaos::hook::{Hook, prepare, says};

const RATE: u32 = 200;
const SECONDS: u32 = 15;
const FIRST: i64 = 5_000_001;

#[expect(clippy::cast_precision_loss, reason = "milliseconds and counts")]
pub async fn measure() -> anyhow::Result<Vec<Figure>> {
    let mut world = World::start().await?;
    prepare(&mut world);
    let people = i64::from(RATE * SECONDS);
    let meet = json!({"bot": TOKEN, "user": FIRST, "meet": true, "count": people});
    world.control("say", &meet).await?;
    let _bot = world.child("magpie-bot", &[])?;
    let hook = Arc::new(Hook::of(&world).await?);
    let begin = Instant::now();
    let mut tasks = Vec::new();
    for number in 0..people {
        let hook = Arc::clone(&hook);
        tasks.push(tokio::spawn(async move {
            let due = begin + Duration::from_secs_f64(number as f64 / f64::from(RATE));
            tokio::time::sleep_until(due.into()).await;
            let sent_at = SystemClock.now().timestamp_millis();
            let update = says(number + 1, FIRST + number, "/start");
            hook.bring(&update, Duration::from_secs(20)).await?;
            anyhow::Ok((FIRST + number, sent_at))
        }));
    }
    let mut sent = HashMap::new();
    for task in tasks {
        let (chat, at) = task.await??;
        sent.insert(chat, at);
    }
    // The first message that each person gets.
    let mut first: HashMap<i64, i64> = HashMap::new();
    let mut after = 0;
    while first.len() < sent.len() {
        anyhow::ensure!(begin.elapsed() < Duration::from_secs(60), "{} were answered", first.len());
        for line in world.journal(after, Duration::from_secs(1)).await? {
            after = line["seq"].as_u64().unwrap_or(after);
            if let Some(call) = call_of(&line).filter(|call| call.verdict == Verdict::Accepted) {
                first.entry(call.chat).or_insert(call.at);
            }
        }
    }
    let mut times: Vec<f64> =
        sent.iter().filter_map(|(chat, at)| Some((first.get(chat)? - at) as f64)).collect();
    let how =
        format!("{people} people, {RATE} a second, each new; update sent to sendMessage arrived");
    Ok(vec![
        Figure::new("/start to menu, p50", quantile(&mut times, 0.5), "ms", how),
        Figure::new("/start to menu, p99", quantile(&mut times, 0.99), "ms", "bar: 50 ms"),
    ])
}
