//! How near the sender comes to Telegram's 30 a second, and whether it is ever refused: 3,000 messages to 3,000
//! chats, with the limit counted as a bucket and as a strict window.

use std::time::{Duration, Instant};

use magpie::domain::Class;
use sandbox::limits::Mode;
use serde_json::json;

use super::Figure;
use super::world::{TOKEN, World};
use crate::chaos::check::{Verdict, call_of};
use crate::chaos::outbox::{Outbox, message};

const PEOPLE: i64 = 3_000;
const FIRST: i64 = 10_001;

pub async fn measure() -> anyhow::Result<Vec<Figure>> {
    let mut figures = Vec::new();
    for (mode, word) in [(Mode::Bucket, "bucket"), (Mode::Sliding, "strict window")] {
        figures.extend(of(mode, word).await?);
    }
    Ok(figures)
}

#[expect(clippy::cast_precision_loss, reason = "counts and milliseconds")]
async fn of(mode: Mode, word: &str) -> anyhow::Result<Vec<Figure>> {
    let mut world = World::start_with(mode).await?;
    world.environment.insert("MAGPIE_DELIVER__PER_SECOND".to_owned(), "30".to_owned());
    let meet = json!({"bot": TOKEN, "user": FIRST, "meet": true, "count": PEOPLE});
    world.control("say", &meet).await?;
    let outbox = Outbox::open(&world).await?;
    let all = (0..PEOPLE).map(|n| message(Class::Alert, FIRST + n, &format!("m{n}")));
    outbox.write(all.collect()).await?;
    let _sender = world.child("magpie", &["run", "--only", "send"])?;
    let (begin, mut after) = (Instant::now(), 0);
    let (mut times, mut refused) = (Vec::new(), 0_u32);
    while times.len() < usize::try_from(PEOPLE)? {
        anyhow::ensure!(begin.elapsed() < Duration::from_secs(300), "only {} came", times.len());
        for line in world.journal(after, Duration::from_secs(1)).await? {
            after = line["seq"].as_u64().unwrap_or(after);
            match call_of(&line).map(|call| (call.verdict, call.decided_at)) {
                Some((Verdict::Accepted, at)) => times.push(at),
                Some((Verdict::Wait { .. }, _)) => refused += 1,
                _ => {}
            }
        }
    }
    outbox.db.close().await;
    let span = times.iter().max().unwrap_or(&0) - times.iter().min().unwrap_or(&0);
    let rate = (times.len() - 1) as f64 * 1_000.0 / span as f64;
    let how = format!("{PEOPLE} messages to {PEOPLE} chats, the limit of 30/s as a {word}");
    let share = format!("share of 30/s, {word}");
    Ok(vec![
        Figure::new(&format!("pace, {word}"), rate, "per second", how),
        Figure::new(&share, rate * 100.0 / 30.0, "%", "first to last acceptance"),
        Figure::new(&format!("429, {word}"), f64::from(refused), "", "refusals in all"),
    ])
}
