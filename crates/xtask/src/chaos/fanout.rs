//! `chaos fanout` (Q01, Q02): the sender is killed at random moments in the middle of a fan-out.
//!
//! ```text
//! write N deliveries to N/k chats ─► sender ─► first message of this life ─► a random while ─► kill -9
//!                                      ▲                                                        │
//!                                      └────────────────────────── again ◄──────────────────────┘
//! the last sender finishes, what was set aside is sent again as a person would, then the checker judges
//! ```

use std::time::{Duration, Instant};

use anyhow::Context as _;
use magpie::domain::{Class, DeliveryState};
use serde_json::json;
use tokio::process::Child;

use super::check::{Call, Row, Verdict, call_of, check};
use super::outbox::{Outbox, mark_of, message};
use super::{Bar, Policy};
use crate::bench::world::{TOKEN, World};
use crate::dice::Dice;

const FIRST: i64 = 10_001;

/// How it is run.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// How often the sender is killed (20, with --long 200).
    #[arg(long)]
    kills: Option<u32>,
    /// Messages a second: 30 under the limits of the configuration, 1000 with limits off and 64 in flight.
    #[arg(long, default_value_t = 1_000, value_parser = rate)]
    rate: u32,
    /// What a doubt means.
    #[arg(long, value_enum, default_value_t = Policy::Resend)]
    policy: Policy,
    /// Decides when the kills come.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// The form that the bars were set for: 200 kills, 20,000 deliveries (2,600 at 30 a second).
    #[arg(long)]
    long: bool,
}

fn rate(text: &str) -> Result<u32, String> {
    match text {
        "30" => Ok(30),
        "1000" => Ok(1_000),
        _ => Err("write 30 or 1000".to_owned()),
    }
}

/// The sizes of a run.
struct Size {
    kills: u32,
    deliveries: usize,
    chats: usize,
    in_flight: usize,
    /// What the sandbox waits before it takes a message, ms.
    delay: i64,
    /// A life after its first message, ms.
    life: (u64, u64),
}

fn size(options: &Options) -> Size {
    let slow = options.rate == 30;
    let kills = options.kills.unwrap_or(if options.long { 200 } else { 20 });
    let (deliveries, chats) = match (slow, options.long) {
        (true, true) => (2_600, 650),
        (true, false) => (700, 350),
        (false, true) => (20_000, 2_000),
        (false, false) => (6_000, 600),
    };
    let (in_flight, delay, life) = if slow { (8, 30, (100, 700)) } else { (64, 40, (20, 140)) };
    Size { kills, deliveries, chats, in_flight, delay, life }
}

/// Runs it and answers the figures.
pub async fn run(options: &Options) -> anyhow::Result<Vec<Bar>> {
    let size = size(options);
    let mut world = World::start().await?;
    let per_second = if options.rate == 30 { "30" } else { "0" };
    let mut set = |key: &str, value: String| world.environment.insert(key.to_owned(), value);
    set("MAGPIE_DELIVER__PER_SECOND", per_second.to_owned());
    set("MAGPIE_DELIVER__IN_FLIGHT", size.in_flight.to_string());
    let chats = i64::try_from(size.chats)?;
    world
        .control("say", &json!({"bot": TOKEN, "user": FIRST, "meet": true, "count": chats}))
        .await?;
    let delay = json!({"match": {"method": "sendMessage"}, "action": {"delay_ms": size.delay}});
    world.control("faults", &delay).await?;
    let outbox = Outbox::open(&world).await?;
    fill(&outbox, options.policy, size.deliveries, chats).await?;
    let begin = Instant::now();
    let kills = kill_often(&world, &outbox, options, &size).await?;
    let mut sender = world.child("magpie", &["run", "--only", "send"])?;
    outbox.until_quiet(Duration::from_secs(1_200)).await?;
    let requeued = outbox.requeue_dead().await?;
    outbox.until_quiet(Duration::from_secs(300)).await?;
    sender.kill().await.context("the last sender cannot be ended")?;
    let took = begin.elapsed();
    let calls: Vec<Call> =
        world.journal(0, Duration::ZERO).await?.iter().filter_map(call_of).collect();
    let row = |one: &magpie::domain::Delivery| Row {
        chat: one.new.chat.0,
        mark: mark_of(one),
        state: one.state,
        doubts: one.doubts,
        requeued: requeued.contains(&mark_of(one)),
    };
    let rows: Vec<Row> = outbox.all().await?.iter().map(row).collect();
    outbox.db.close().await;
    Ok(bars(options, &size, kills, requeued.len(), took, &calls, &rows))
}

async fn fill(
    outbox: &Outbox,
    policy: Policy,
    deliveries: usize,
    chats: i64,
) -> anyhow::Result<()> {
    let class = if policy == Policy::Skip { Class::Broadcast } else { Class::Alert };
    let count = i64::try_from(deliveries)?;
    let all: Vec<_> =
        (0..count).map(|n| message(class, FIRST + n % chats, &format!("d{n}"))).collect();
    for chunk in all.chunks(2_000) {
        outbox.write(chunk.to_vec()).await?;
    }
    Ok(())
}

/// Kills the sender again and again while there is something to send; answers how often.
async fn kill_often(
    world: &World,
    outbox: &Outbox,
    options: &Options,
    size: &Size,
) -> anyhow::Result<u32> {
    let mut dice = Dice::new(options.seed);
    let mut after = 0;
    for kill in 0..size.kills {
        if outbox.open_count().await? == 0 {
            return Ok(kill);
        }
        let mut sender = world.child("magpie", &["run", "--only", "send"])?;
        if !first_message(world, &mut sender, &mut after).await? {
            sender.kill().await?;
            return Ok(kill);
        }
        let life = dice.between(size.life.0, size.life.1);
        tokio::time::sleep(Duration::from_millis(life)).await;
        sender.kill().await.context("the sender cannot be killed")?;
    }
    Ok(size.kills)
}

/// Waits for the first message of this life; false when none comes, since nothing is left.
async fn first_message(world: &World, sender: &mut Child, after: &mut u64) -> anyhow::Result<bool> {
    // What the last life had under way is decided by now.
    for line in world.journal(*after, Duration::ZERO).await? {
        *after = line["seq"].as_u64().unwrap_or(*after);
    }
    let begin = Instant::now();
    while begin.elapsed() < Duration::from_secs(20) {
        anyhow::ensure!(sender.try_wait()?.is_none(), "the sender ended by itself");
        for line in world.journal(*after, Duration::from_millis(200)).await? {
            *after = line["seq"].as_u64().unwrap_or(*after);
            if call_of(&line).is_some() {
                return Ok(true);
            }
        }
    }
    Ok(false)
}

#[expect(clippy::cast_precision_loss, reason = "counts of some thousands")]
fn bars(
    options: &Options,
    size: &Size,
    kills: u32,
    requeued: usize,
    took: Duration,
    calls: &[Call],
    rows: &[Row],
) -> Vec<Bar> {
    let found = check(calls, rows);
    let count = |marks: &[String]| marks.len() as f64;
    let mut bars = vec![
        Bar::told("seed", options.seed.to_string()),
        Bar::least("kills", f64::from(kills), f64::from(size.kills), ""),
        Bar::told("deliveries", format!("{} to {} chats", found.deliveries, size.chats)),
        Bar::told("took", format!("{:.0} s", took.as_secs_f64())),
        Bar::most("lost", count(&found.lost), 0.0, ""),
        Bar::most("copies that no doubt explains", count(&found.unexplained), 0.0, ""),
        Bar::most("out of order in their chat", count(&found.disordered), 0.0, ""),
        Bar::most("messages of no delivery", found.strangers as f64, 0.0, ""),
        Bar::told("upper bound of losses (95 %)", format!("{:.5}", 3.0 / rows.len() as f64)),
        Bar::told("set aside after two kills, sent again by hand", requeued.to_string()),
    ];
    let per_kill = |value: f64| value / f64::from(kills.max(1));
    match options.policy {
        Policy::Skip => {
            bars.push(Bar::most("copies", found.duplicates as f64, 0.0, ""));
            let flying = f64::from(kills) * size.in_flight as f64;
            bars.push(Bar::most("unknown", found.unknown as f64, flying, ""));
            bars.push(Bar::told(
                "unknown per kill",
                format!("{:.2}", per_kill(found.unknown as f64)),
            ));
            let lost = per_kill(found.unknown_lost as f64);
            let what = "of them never arrived, per kill";
            // With limits off a whole batch is claimed for the same moment, so the mark of what was begun says less.
            if options.long && options.rate == 30 {
                bars.push(Bar::most(what, lost, 0.02, ""));
            } else {
                bars.push(Bar::told(what, format!("{lost:.2}")));
            }
        }
        Policy::Resend => {
            bars.push(Bar::most("copies", found.duplicates as f64, found.doubts as f64, ""));
            let mean = per_kill(found.duplicates as f64);
            let round_trip = round_trip_ms(calls);
            let rate = rate_of(options, calls);
            let most = rate * (round_trip + 5.0) / 1_000.0;
            let how = format!("copies per kill (λ {rate:.0}/s, round trip {round_trip:.0} ms)");
            if options.long {
                bars.push(Bar::most(&how, mean, most, ""));
            } else {
                bars.push(Bar::told(&how, format!("{mean:.2} (long form: at most {most:.2})")));
            }
        }
    }
    let sent = rows.iter().filter(|row| row.state == DeliveryState::Sent).count();
    bars.push(Bar::told("sent", sent.to_string()));
    bars
}

/// Median of the time between arrival and decision.
#[expect(clippy::cast_precision_loss, reason = "milliseconds")]
fn round_trip_ms(calls: &[Call]) -> f64 {
    let mut times: Vec<i64> = calls.iter().map(|call| call.decided_at - call.at).collect();
    times.sort_unstable();
    times.get(times.len() / 2).map_or(f64::NAN, |time| *time as f64)
}

/// Messages a second: that of the configuration, or the median of what a tenth of a second held.
#[expect(clippy::cast_precision_loss, reason = "counts")]
fn rate_of(options: &Options, calls: &[Call]) -> f64 {
    if options.rate == 30 {
        return 30.0;
    }
    let mut tenths = std::collections::BTreeMap::<i64, usize>::new();
    for call in calls.iter().filter(|call| call.verdict == Verdict::Accepted) {
        *tenths.entry(call.decided_at / 100).or_default() += 1;
    }
    let mut counts: Vec<usize> = tenths.into_values().collect();
    counts.sort_unstable();
    counts.get(counts.len() / 2).map_or(f64::NAN, |count| *count as f64 * 10.0)
}
