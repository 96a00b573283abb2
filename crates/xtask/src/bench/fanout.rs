//! From the commit of 10,000 alerts about one listing to the last of them at Telegram, with limits off and a sender
//! that was idle.

use std::time::{Duration, Instant};

use serde_json::json;

use super::world::{TOKEN, World};
use super::{Figure, quantile};

const PEOPLE: i64 = 10_000;
const FIRST: i64 = 100_001;

#[expect(clippy::cast_precision_loss, reason = "milliseconds")]
pub async fn measure() -> anyhow::Result<Vec<Figure>> {
    let mut world = World::start().await?;
    world.put_source("demo_goods", "/demo/goods", "1h")?;
    world.environment.insert("MAGPIE_DELIVER__IN_FLIGHT".to_owned(), "64".to_owned());
    let meet = json!({"bot": TOKEN, "user": FIRST, "meet": true, "count": PEOPLE});
    world.control("say", &meet).await?;
    let _sender = world.child("magpie", &["run", "--only", "send"])?;
    // Idle and ready: it has announced itself and looked at the empty outbox.
    tokio::time::sleep(Duration::from_secs(2)).await;
    let (begun, committed) = super::seed::alerts(&world, FIRST, PEOPLE).await?;
    let (begin, mut after, mut waits) = (Instant::now(), 0, Vec::new());
    while waits.len() < usize::try_from(PEOPLE)? {
        anyhow::ensure!(begin.elapsed() < Duration::from_secs(60), "only {} came", waits.len());
        let accepted = world.accepted(&mut after).await?;
        waits.extend(accepted.iter().map(|at| (at - begun.timestamp_millis()) as f64));
    }
    let write = (committed - begun).num_milliseconds() as f64;
    let p99 = quantile(&mut waits, 0.99);
    let median = quantile(&mut waits, 0.5);
    let how = format!(
        "{PEOPLE} chats, limits off, 64 in flight; from the begin of the write; median {median:.0} ms"
    );
    Ok(vec![
        Figure::new("write 10,000 alerts", write, "ms", "one transaction, committed"),
        Figure::new("change to chat, p99 of 10,000", p99, "ms", how),
    ])
}
