//! `chaos limits` (Q15): conduct under Telegram's limits, with refusals at random and one chat that is always
//! refused.
//!
//! 1. calm: chats and groups, no faults: the pace that is reached, refusals by the limits;
//! 2. one chat is told to wait again and again: what the others notice of it;
//! 3. storm: half a percent of all calls are refused at random: nobody is called before the time asked for.

use std::time::Duration;

use magpie::domain::Class;
use serde_json::json;

use super::Bar;
use super::check::{Call, Verdict, call_of, check};
use super::outbox::{Outbox, mark_of, message};
use crate::bench::world::{TOKEN, World};
use crate::dice::Dice;

const FIRST: i64 = 10_001;
const SLOW: i64 = 9_001;

/// How it is run.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// Decides which chats get how much.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// The form that the bars were set for: 50,000 messages to 5,000 chats.
    #[arg(long)]
    long: bool,
}

/// Runs it and answers the figures.
pub async fn run(options: &Options) -> anyhow::Result<Vec<Bar>> {
    let (chats, groups, calm) = if options.long { (5_000, 100, 20_000) } else { (600, 6, 1_200) };
    let mut world = World::start_with(sandbox::limits::Mode::Sliding).await?;
    let per_second = "MAGPIE_DELIVER__PER_SECOND".to_owned();
    world.environment.insert(per_second, "30".to_owned());
    meet(&world, chats, groups).await?;
    let outbox = Outbox::open(&world).await?;
    let _sender = world.child("magpie", &["run", "--only", "send"])?;
    let mut dice = Dice::new(options.seed);
    let mut phases = Vec::new();
    let mut seen = 0;
    let storm = if options.long { 10_000 } else { 400 };
    for (phase, count) in [("calm", calm), ("slow", calm), ("storm", storm)] {
        if phase != "calm" {
            world.control("faults", &fault(phase)).await?;
        }
        outbox.write(load(&mut dice, phase, count, chats, groups)).await?;
        outbox.until_quiet(Duration::from_secs(3_600)).await?;
        world.clear_faults().await?;
        let lines = world.journal(seen, Duration::ZERO).await?;
        seen = lines.last().and_then(|line| line["seq"].as_u64()).unwrap_or(seen);
        phases.push(lines.iter().filter_map(call_of).collect::<Vec<Call>>());
    }
    let rows: Vec<_> = outbox.all().await?;
    outbox.db.close().await;
    let rows: Vec<_> = rows
        .iter()
        .map(|one| super::check::Row {
            chat: one.new.chat.0,
            mark: mark_of(one),
            state: one.state,
            doubts: one.doubts,
            requeued: false,
        })
        .collect();
    Ok(bars(options, &phases, &rows))
}

async fn meet(world: &World, chats: i64, groups: i64) -> anyhow::Result<()> {
    for (user, count) in [(FIRST, chats), (SLOW, 1)] {
        let meet = json!({"bot": TOKEN, "user": user, "meet": true, "count": count});
        world.control("say", &meet).await?;
    }
    for group in 1..=groups {
        let make = json!({"bot": TOKEN, "user": FIRST, "chat": -group, "bot_status": "member",
            "group": {"type": "group", "title": "A group"}});
        world.control("say", &make).await?;
    }
    Ok(())
}

fn fault(phase: &str) -> serde_json::Value {
    match phase {
        "slow" => json!({"match": {"method": "sendMessage", "chat": SLOW, "times": 3},
            "action": {"retry_after": 10}}),
        _ => {
            json!({"match": {"method": "sendMessage", "rate": 0.005}, "action": {"retry_after": 2}})
        }
    }
}

/// Messages of a phase: to random people, a few to each group, and with `slow` some to the refused chat.
fn load(
    dice: &mut Dice,
    phase: &str,
    count: i64,
    chats: i64,
    groups: i64,
) -> Vec<magpie::domain::NewDelivery> {
    let most = u64::try_from(chats - 1).unwrap_or(0);
    let mut all: Vec<_> = (0..count)
        .map(|n| {
            // Everybody in turn, with a few who get more: fair sharing is part of the conduct.
            let extra = i64::try_from(dice.between(0, most)).unwrap_or(0);
            let chat = if n % 10 == 0 { extra } else { n % chats };
            message(Class::Alert, FIRST + chat, &format!("{phase}{n}"))
        })
        .collect();
    for n in 0..groups * 8 {
        all.push(message(Class::Alert, -(n % groups) - 1, &format!("{phase}-group{n}")));
    }
    if phase == "slow" {
        all.extend((0..2).map(|n| message(Class::Alert, SLOW, &format!("slow-chat{n}"))));
    }
    all
}

/// Messages a second of the first nine tenths: the last ones wait for single chats.
#[expect(clippy::cast_precision_loss, reason = "counts and milliseconds")]
fn pace(calls: &[Call]) -> f64 {
    let accepted = |call: &&Call| call.verdict == Verdict::Accepted && call.chat != SLOW;
    let times: Vec<i64> = calls.iter().filter(accepted).map(|call| call.decided_at).collect();
    let last = times.len() * 9 / 10;
    match (times.first(), times.get(last)) {
        (Some(first), Some(at)) if last > 0 => last as f64 * 1_000.0 / (at - first) as f64,
        _ => f64::NAN,
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts")]
fn bars(options: &Options, phases: &[Vec<Call>], rows: &[super::check::Row]) -> Vec<Bar> {
    let calls: Vec<Call> = phases.concat();
    let found = check(&calls, rows);
    let paces: Vec<f64> = phases.iter().map(|calls| pace(calls)).collect();
    let refused = found.refused_by_limits as f64 * 100.0 / calls.len() as f64;
    let slower = (1.0 - paces[1] / paces[0]) * 100.0;
    vec![
        Bar::told("seed", options.seed.to_string()),
        Bar::told("messages", format!("{} in {} calls", found.accepted, calls.len())),
        Bar::most("lost", found.lost.len() as f64, 0.0, ""),
        Bar::most("copies", found.duplicates as f64, 0.0, ""),
        Bar::most("calls before the time asked for", found.early.len() as f64, 0.0, ""),
        Bar::most("out of order in their chat", found.disordered.len() as f64, 0.0, ""),
        Bar::most("refused by the limits", refused, 0.1, "%"),
        Bar::least("share of 30/s, calm", paces[0] * 100.0 / 30.0, 95.0, "%"),
        Bar::most("slower for a chat that is refused", slower, 1.0, "%"),
        Bar::told("pace with refusals at random", format!("{:.2}/s", paces[2])),
    ]
}
