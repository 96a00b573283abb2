//! `chaos backlog` (Q14): very many deliveries wait.
//!
//! 1. enqueue them in chunks, as runs and broadcasts do: rate, memory, disk;
//! 2. claim 50 and settle 50 with the whole backlog behind: p99;
//! 3. a real sender works on broadcasts at 30 a second, and fresh alerts come: until they are at Telegram, p99;
//! 4. the sender's own loop against a Telegram that answers at once and limits nothing: how fast it empties.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use magpie::clock::{Clock, SystemClock};
use magpie::config;
use magpie::context::Context;
use magpie::deliver::sender::{self, SenderOptions};
use magpie::deliver::wake::Wake;
use magpie::domain::delivery::{Outcome, Settlement};
use magpie::domain::pace::Limits;
use magpie::domain::{ChatId, Class, Outgoing, OwnerId, PostForm};
use magpie::shutdown::{Shutdown, Stage};
use magpie::store::{ClaimRequest, Db, MemorySeen};
use magpie::telegram::{
    Accepted, BotIdentity, Messenger, SendError, Target, WebhookInfo, WebhookSetting,
};
use serde_json::{Value, json};

use super::Bar;
use super::check::{Verdict, call_of};
use super::outbox::{Outbox, message};
use crate::bench::world::{TOKEN, World};
use crate::bench::{quantile, tree};

/// People of the backlog, and those who get fresh alerts.
const FIRST: i64 = 100_001;
const FRESH: i64 = 10_001;
/// Deliveries in one transaction.
const CHUNK: i64 = 5_000;

/// How it is run.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// Deliveries that wait.
    #[arg(long, default_value_t = 1_000_000)]
    rows: i64,
    /// How many of them are emptied at the end.
    #[arg(long, default_value_t = 50_000)]
    drain: i64,
}

/// Runs it and answers the figures.
pub async fn run(options: &Options) -> anyhow::Result<Vec<Bar>> {
    let mut world = World::start().await?;
    let outbox = Outbox::open(&world).await?;
    let mut bars = enqueue(&world, &outbox, options.rows).await?;
    bars.push(claims(&outbox).await?);
    bars.push(overtaking(&mut world, &outbox).await?);
    bars.push(drain(&outbox, options.drain).await?);
    outbox.db.close().await;
    Ok(bars)
}

fn own_mb() -> f64 {
    tree::pss_mb(std::process::id())
}

/// Every chat has five of them.
#[expect(clippy::cast_precision_loss, reason = "counts and bytes")]
async fn enqueue(world: &World, outbox: &Outbox, rows: i64) -> anyhow::Result<Vec<Bar>> {
    let chats = (rows / 5).max(1);
    let write = |from: i64, to: i64| {
        (from..to).map(|n| message(Class::Broadcast, FIRST + n % chats, &format!("b{n}"))).collect()
    };
    // The first chunk warms what stays: statements, caches.
    let first = CHUNK.min(rows);
    outbox.write(write(0, first)).await?;
    let (before, begin) = (own_mb(), Instant::now());
    let (mut from, mut making) = (first, Duration::ZERO);
    while from < rows {
        let to = (from + CHUNK).min(rows);
        let made = Instant::now();
        let chunk = write(from, to);
        making += made.elapsed();
        outbox.write(chunk).await?;
        from = to;
    }
    let took = (begin.elapsed() - making).as_secs_f64();
    let (grown, rate) = (own_mb() - before, (rows - first) as f64 / took);
    let folder = world.folder.path().join("data");
    let size = std::fs::metadata(folder.join("magpie.db"))?.len() as f64 / rows as f64;
    Ok(vec![
        Bar::told("deliveries", format!("{rows} to {chats} chats")),
        Bar::least("enqueue", rate, 20_000.0, "per second"),
        Bar::most("memory while enqueueing", grown, 20.0, "MB more"),
        Bar::most("disk, the lanes of the chats included", size, 450.0, "bytes each"),
    ])
}

/// Claim 50 and settle 50, with their commits.
async fn claims(outbox: &Outbox) -> anyhow::Result<Bar> {
    let mut times = Vec::new();
    for _ in 0..200 {
        let begin = Instant::now();
        let request = ClaimRequest {
            owner: OwnerId("backlog".to_owned()),
            now: SystemClock.now(),
            limit: 50,
            limits: Limits::OFF,
            horizon: Duration::from_millis(250),
            classes: vec![],
        };
        let claimed = outbox.db.claim_deliveries(&request).await?;
        let ends: Vec<_> = claimed
            .iter()
            .map(|one| Settlement {
                id: one.delivery.new.id.clone(),
                chat: one.delivery.new.chat,
                epoch: one.delivery.epoch,
                outcome: Outcome::Sent { message_id: 1, form: PostForm::Text, version: 0 },
            })
            .collect();
        outbox.db.settle_deliveries(&ends, SystemClock.now()).await?;
        times.push(begin.elapsed().as_secs_f64() * 1_000.0);
    }
    let median = quantile(&mut times, 0.5);
    let what = format!("claim 50 and settle 50, p99 of 200 (median {median:.1} ms)");
    Ok(Bar::most(&what, quantile(&mut times, 0.99), 25.0, "ms"))
}

/// Fresh alerts while a sender works on the backlog at 30 a second.
#[expect(clippy::cast_precision_loss, reason = "milliseconds")]
async fn overtaking(world: &mut World, outbox: &Outbox) -> anyhow::Result<Bar> {
    let meet =
        |user: i64, count: i64| json!({"bot": TOKEN, "user": user, "meet": true, "count": count});
    world.control("say", &meet(FRESH, 60)).await?;
    world.control("say", &meet(FIRST, 100_000)).await?;
    world.environment.insert("MAGPIE_DELIVER__PER_SECOND".to_owned(), "30".to_owned());
    let mut sender = world.child("magpie", &["run", "--only", "send"])?;
    // It is at work when the journal has something.
    anyhow::ensure!(
        !world.journal(0, Duration::from_secs(20)).await?.is_empty(),
        "nothing is sent"
    );
    let mut begun = Vec::new();
    for n in 0..60_i64 {
        tokio::time::sleep(Duration::from_millis(150)).await;
        begun.push(SystemClock.now().timestamp_millis());
        outbox.write(vec![message(Class::Alert, FRESH + n, &format!("fresh{n}"))]).await?;
    }
    tokio::time::sleep(Duration::from_secs(5)).await;
    sender.kill().await?;
    let mut waits = Vec::new();
    for line in world.journal(0, Duration::ZERO).await? {
        let Some(call) = call_of(&line).filter(|call| call.verdict == Verdict::Accepted) else {
            continue;
        };
        let number = call.mark.strip_prefix("fresh").and_then(|n| n.parse::<usize>().ok());
        if let Some(at) = number.and_then(|n| begun.get(n)) {
            waits.push((call.decided_at - at) as f64);
        }
    }
    anyhow::ensure!(waits.len() >= 60, "only {} fresh alerts of 60 arrived", waits.len());
    let median = quantile(&mut waits, 0.5);
    let what = format!("a fresh alert, p99 of 60 (median {median:.0} ms)");
    Ok(Bar::most(&what, quantile(&mut waits, 0.99), 2_000.0, "ms"))
}

/// The sender's loop with a Telegram that answers at once.
#[expect(clippy::cast_precision_loss, reason = "counts")]
async fn drain(outbox: &Outbox, count: i64) -> anyhow::Result<Bar> {
    let telegram = Arc::new(Instantly::default());
    let config = config::load_from(config::DEFAULT, None, &Default::default())
        .map_err(|problems| anyhow::anyhow!("the defaults are refused: {problems:?}"))?;
    let shutdown = Shutdown::default();
    let context = Context {
        config: Arc::new(config),
        clock: Arc::new(SystemClock),
        db: Arc::new(outbox.db.clone()),
        seen: Arc::new(MemorySeen::new(Arc::new(SystemClock), Duration::from_secs(1))),
        messenger: Arc::clone(&telegram) as Arc<dyn Messenger>,
        begun: Default::default(),
        owner: OwnerId("drain".to_owned()),
        shutdown: shutdown.clone(),
    };
    // What the killed sender held belongs to nobody that lives.
    magpie::deliver::recovery::run_once(&outbox.db, &SystemClock, &context.owner).await?;
    let options = SenderOptions {
        in_flight: 128,
        limits: Limits::OFF,
        horizon: Duration::from_millis(250),
        poll: Duration::from_millis(500),
        classes: vec![],
        desk: Arc::default(),
        wake: Wake::default(),
    };
    let (begin, cpu) = (Instant::now(), tree::cpu_seconds(std::process::id()));
    let running = tokio::spawn(async move { sender::run(&context, options).await });
    while telegram.sent.load(Ordering::Relaxed) < count && !running.is_finished() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let (took, sent) = (begin.elapsed(), telegram.sent.load(Ordering::Relaxed) as f64);
    let cpu = (tree::cpu_seconds(std::process::id()) - cpu) * 1e6 / sent;
    shutdown.reach(Stage::Quiet);
    running.await?;
    let what = format!("emptied without limits ({cpu:.0} ms of CPU for each 1,000)");
    Ok(Bar::least(&what, sent / took.as_secs_f64(), 5_000.0, "per second"))
}

/// A Telegram that takes every message at once.
#[derive(Debug, Default)]
struct Instantly {
    sent: AtomicI64,
}

#[async_trait]
impl Messenger for Instantly {
    async fn send(&self, _: Target, _: &Outgoing) -> Result<Accepted, SendError> {
        Ok(Accepted::text(self.sent.fetch_add(1, Ordering::Relaxed) + 1))
    }

    async fn send_photo_bytes(
        &self,
        target: Target,
        message: &Outgoing,
        _: &str,
        _: Vec<u8>,
    ) -> Result<Accepted, SendError> {
        self.send(target, message).await
    }

    async fn fetch_file(&self, _: &str, _: usize) -> Result<Vec<u8>, SendError> {
        Err(SendError::BadRequest("nobody asks this".to_owned()))
    }

    async fn create_topic(&self, _: ChatId, _: &str) -> Result<i64, SendError> {
        Err(SendError::BadRequest("nobody asks this".to_owned()))
    }

    async fn set_topic_open(&self, _: ChatId, _: i64, _: bool) -> Result<(), SendError> {
        Err(SendError::BadRequest("nobody asks this".to_owned()))
    }

    async fn answer_callback(&self, _: &str, _: Option<&str>, _: bool) -> Result<(), SendError> {
        Ok(())
    }

    async fn answer_checkout(&self, _: &str, _: Option<&str>) -> Result<(), SendError> {
        Ok(())
    }

    async fn get_me(&self) -> Result<BotIdentity, SendError> {
        Err(SendError::BadRequest("nobody asks this".to_owned()))
    }

    async fn get_updates(
        &self,
        _: Option<i64>,
        _: u32,
        _: &[String],
    ) -> Result<Vec<Value>, SendError> {
        Ok(vec![])
    }

    async fn set_webhook(&self, _: &WebhookSetting) -> Result<(), SendError> {
        Ok(())
    }

    async fn delete_webhook(&self) -> Result<(), SendError> {
        Ok(())
    }

    async fn webhook_info(&self) -> Result<WebhookInfo, SendError> {
        Err(SendError::BadRequest("nobody asks this".to_owned()))
    }

    async fn set_commands(
        &self,
        _: &[(String, String)],
        _: magpie::telegram::CommandScope,
        _: Option<&str>,
    ) -> Result<(), SendError> {
        Ok(())
    }

    async fn set_menu_button(&self, _: &str, _: Option<&str>) -> Result<(), SendError> {
        Ok(())
    }
}
