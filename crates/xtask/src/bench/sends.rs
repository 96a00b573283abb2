//! How fast the outbox empties when Telegram sets no limits, and what it costs us.

use std::time::{Duration, Instant};

use serde_json::json;

use super::world::{TOKEN, World};
use super::{Figure, tree};

const PEOPLE: i64 = 10_000;
const IN_FLIGHT: usize = 64;
const FIRST: i64 = 100_001;

pub async fn measure() -> anyhow::Result<Vec<Figure>> {
    let mut world = World::start().await?;
    world.put_source("demo_goods", "/demo/goods", "1h")?;
    world.environment.insert("MAGPIE_DELIVER__IN_FLIGHT".to_owned(), IN_FLIGHT.to_string());
    super::seed::alerts(&world, FIRST, PEOPLE).await?;
    let meet = json!({"bot": TOKEN, "user": FIRST, "meet": true, "count": PEOPLE});
    world.control("say", &meet).await?;
    let begin = Instant::now();
    let sender = world.child("magpie", &["run", "--only", "send"])?;
    let pid = sender.id().unwrap_or(0);
    let (mut sent, mut after) = (0, 0);
    let mut first = None;
    while sent < PEOPLE {
        anyhow::ensure!(begin.elapsed() < Duration::from_secs(120), "only {sent} were sent");
        sent += i64::try_from(world.accepted(&mut after).await?.len())?;
        if sent > 0 && first.is_none() {
            first = Some((Instant::now(), sent, spent(pid)));
        }
    }
    let (since, counted, before) = first.unwrap_or((begin, 0, (0.0, 0.0)));
    let after = spent(pid);
    #[expect(clippy::cast_precision_loss, reason = "a few thousand")]
    let rate = (sent - counted) as f64 / since.elapsed().as_secs_f64();
    #[expect(clippy::cast_precision_loss, reason = "a few thousand")]
    let each = |seconds: f64| seconds * 1e6 / (sent - counted) as f64;
    let how = format!(
        "{PEOPLE} alerts to {PEOPLE} chats, limits off, {IN_FLIGHT} in flight, intent and settle committed"
    );
    Ok(vec![
        Figure::new("sends", rate, "per second", how),
        Figure::new(
            "CPU of 1,000 sends",
            each(after.0 - before.0),
            "ms",
            "the sender process alone, after its start",
        ),
        Figure::new(
            "CPU of the sandbox beside them",
            each(after.1 - before.1),
            "ms",
            "the measuring process, which also reads the journal",
        ),
    ])
}

/// CPU seconds of the sender, and of this process without it.
fn spent(sender: u32) -> (f64, f64) {
    let (its, all) = (tree::cpu_seconds(sender), tree::cpu_seconds(std::process::id()));
    (its, all - its)
}
