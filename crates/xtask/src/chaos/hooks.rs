//! `chaos hooks` (Q05): a flood of updates, many of them twice and out of order, while the bot is killed.
//!
//! ```text
//! N updates, a share of them twice, shuffled within 50 ─► 40, then 100 connections ─► bot ─► 200
//!                                                                        kill -9 ─┴─► again, at random moments
//! ```
//!
//! Each update is of a person of its own, so that what it caused can be found: exactly one reply in the record for every
//! update that was answered 200, whose conversation has moved exactly once.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::Context as _;
use magpie::domain::{ChatId, UserId};
use magpie::store::{Db, ViewRequest};
use serde_json::json;
use tokio::sync::watch;

use super::Bar;
use super::hook::{Hook, prepare, says};
use super::outbox::Outbox;
use crate::bench::quantile;
use crate::bench::tree::pss_mb;
use crate::bench::world::{TOKEN, World};
use crate::dice::Dice;

const FIRST: i64 = 1_000_001;
/// Updates are out of order by so many at most.
const SHUFFLED: usize = 50;
/// How long an update is brought again.
const PATIENCE: Duration = Duration::from_secs(60);

/// How it is run.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// Updates a second (200, with --long 2000).
    #[arg(long)]
    rate: Option<u32>,
    /// The share of updates that come twice.
    #[arg(long, default_value_t = 0.3)]
    dup: f64,
    /// How often the bot is killed (3, with --long 10).
    #[arg(long)]
    kills: Option<u32>,
    /// Decides the order, the repeats and the moments of the kills.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// The form that the bars were set for: 60 seconds at 2,000 a second.
    #[arg(long)]
    long: bool,
}

/// What was seen of the calls.
#[derive(Default)]
struct Seen {
    times: Vec<f64>,
    taken: Vec<i64>,
    calls: u64,
}

/// Runs it and answers the figures.
pub async fn run(options: &Options) -> anyhow::Result<Vec<Bar>> {
    let rate = options.rate.unwrap_or(if options.long { 2_000 } else { 200 });
    let seconds = if options.long { 60 } else { 10 };
    let kills = options.kills.unwrap_or(if options.long { 10 } else { 3 });
    let count = i64::from(rate) * seconds;
    let mut dice = Dice::new(options.seed);
    let plan = Arc::new(plan(count, options.dup, &mut dice));
    let mut world = World::start().await?;
    prepare(&mut world);
    let meet = json!({"bot": TOKEN, "user": FIRST, "meet": true, "count": count});
    world.control("say", &meet).await?;
    let outbox = Outbox::open(&world).await?;
    let mut bot = world.child("magpie-bot", &[])?;
    let hook = Hook::of(&world).await?;
    let next = Arc::new(AtomicUsize::new(0));
    let begin = Instant::now();
    let (done, mut ended) = watch::channel(false);
    let flood = tokio::spawn({
        let (plan, next) = (Arc::clone(&plan), Arc::clone(&next));
        async move {
            let seen = flood(&plan, &next, &hook, rate, begin).await;
            done.send_replace(true);
            seen
        }
    });
    let planned = Duration::from_secs_f64(plan.len() as f64 / f64::from(rate));
    let mut moments: Vec<u64> = (0..kills)
        .map(|_| dice.between(200, u64::try_from(planned.as_millis()).unwrap_or(1_000)))
        .collect();
    moments.sort_unstable();
    let (mut memory, mut killed, mut gaps) = (0.0f64, 0u32, Vec::new());
    let mut moments = moments.into_iter().map(Duration::from_millis).peekable();
    while !*ended.borrow() {
        memory = memory.max(pss_mb(bot.id().context("the bot has ended by itself")?));
        if moments.next_if(|moment| begin.elapsed() >= *moment).is_some() {
            bot.kill().await.context("the bot cannot be killed")?;
            bot = world.child("magpie-bot", &[])?;
            killed += 1;
            gaps.push(
                world.until_ready(&format!("{}/health", world.bot_url())).await?.as_secs_f64(),
            );
        }
        let _ = tokio::time::timeout(Duration::from_millis(100), ended.changed()).await;
    }
    let seen = flood.await??;
    let took = begin.elapsed();
    outbox.until_quiet(Duration::from_secs(120)).await?;
    let found = judge(&seen.taken, &rows(&outbox, count).await?);
    bot.kill().await.context("the last bot cannot be ended")?;
    outbox.db.close().await;
    Ok(bars(
        &Run { options, rate, kills, killed, plan: plan.len(), took, memory },
        seen,
        gaps,
        &found,
    ))
}

/// The updates by number, a share of them twice, each a little out of its place.
fn plan(count: i64, dup: f64, dice: &mut Dice) -> Vec<i64> {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to 1000")]
    let share = (dup.clamp(0.0, 1.0) * 1_000.0) as u64;
    let mut all = Vec::new();
    for number in 0..count {
        all.push(number);
        if dice.between(1, 1_000) <= share {
            all.push(number);
        }
    }
    for chunk in all.chunks_mut(SHUFFLED) {
        for place in (1..chunk.len()).rev() {
            let other = usize::try_from(dice.between(0, place as u64)).unwrap_or(0);
            chunk.swap(place, other);
        }
    }
    all
}

/// Brings all of it at the given pace, over 40 connections in the first half and over 100 in the second.
async fn flood(
    plan: &Arc<Vec<i64>>,
    next: &Arc<AtomicUsize>,
    hook: &Hook,
    rate: u32,
    begin: Instant,
) -> anyhow::Result<Seen> {
    let half = plan.len() / 2;
    let mut seen = Seen::default();
    for (width, end) in [(40, half), (100, plan.len())] {
        let mut tasks = Vec::new();
        for _ in 0..width {
            let (plan, next, hook) = (Arc::clone(plan), Arc::clone(next), hook.clone());
            tasks.push(tokio::spawn(async move {
                connection(&plan, &next, end, &hook, rate, begin).await
            }));
        }
        for task in tasks {
            let part = task.await??;
            seen.times.extend(part.times);
            seen.taken.extend(part.taken);
            seen.calls += part.calls;
        }
    }
    Ok(seen)
}

async fn connection(
    plan: &[i64],
    next: &AtomicUsize,
    end: usize,
    hook: &Hook,
    rate: u32,
    begin: Instant,
) -> anyhow::Result<Seen> {
    let mut seen = Seen::default();
    loop {
        let claimed = next.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |place| {
            (place < end).then_some(place + 1)
        });
        let Ok(place) = claimed else { return Ok(seen) };
        let due = begin + Duration::from_secs_f64(place as f64 / f64::from(rate));
        tokio::time::sleep_until(due.into()).await;
        let number = plan[place];
        let taken = hook.bring(&says(number + 1, FIRST + number, "/help"), PATIENCE).await?;
        seen.times.push(taken.ms);
        seen.taken.push(number);
        seen.calls += u64::from(taken.calls);
    }
}

/// What the record has of each person: replies, and how often their conversation moved.
async fn rows(outbox: &Outbox, count: i64) -> anyhow::Result<BTreeMap<i64, (usize, i64)>> {
    let mut rows: BTreeMap<i64, (usize, i64)> = BTreeMap::new();
    for delivery in outbox.all().await? {
        rows.entry(delivery.new.chat.0 - FIRST).or_default().0 += 1;
    }
    for number in 0..count {
        let user = FIRST + number;
        let request = ViewRequest {
            chat: ChatId(user),
            thread: None,
            user: Some(UserId(user)),
            searches: false,
            sample_of: None,
            about: None,
            why: false,
            saved: false,
            told: false,
            look: Default::default(),
        };
        if let Some(dialogue) = outbox.db.load_view(&request).await?.dialogue {
            rows.entry(number).or_default().1 = dialogue.version;
        }
    }
    Ok(rows)
}

/// What is wrong, by number of the update.
#[derive(Debug, Default, PartialEq, Eq)]
struct Findings {
    /// Answered 200 and not in the record.
    missing: Vec<i64>,
    /// Applied more than once.
    doubled: Vec<i64>,
    /// In the record although it was never taken.
    strangers: Vec<i64>,
}

fn judge(taken: &[i64], rows: &BTreeMap<i64, (usize, i64)>) -> Findings {
    let taken: std::collections::BTreeSet<i64> = taken.iter().copied().collect();
    let of = |number: &i64| rows.get(number).copied().unwrap_or_default();
    let beyond = |number: &i64| of(number).0 > 1 || of(number).1 > 1;
    Findings {
        missing: taken.iter().filter(|n| of(n).0 < 1 || of(n).1 < 1).copied().collect(),
        doubled: rows.keys().filter(|number| beyond(number)).copied().collect(),
        strangers: rows.keys().filter(|number| !taken.contains(number)).copied().collect(),
    }
}

struct Run<'a> {
    options: &'a Options,
    rate: u32,
    kills: u32,
    killed: u32,
    plan: usize,
    took: Duration,
    memory: f64,
}

#[expect(clippy::cast_precision_loss, reason = "counts")]
fn bars(run: &Run<'_>, mut seen: Seen, mut gaps: Vec<f64>, found: &Findings) -> Vec<Bar> {
    let count = |numbers: &[i64]| numbers.len() as f64;
    let (p99, p999) = (quantile(&mut seen.times, 0.99), quantile(&mut seen.times, 0.999));
    let rate = seen.times.len() as f64 / run.took.as_secs_f64();
    let mut bars = vec![
        Bar::told("seed", run.options.seed.to_string()),
        Bar::least("kills", f64::from(run.killed), f64::from(run.kills), ""),
        Bar::told("updates, repeats counted", format!("{} at {}/s", run.plan, run.rate)),
        Bar::told("reached", format!("{rate:.0}/s in {:.0} s", run.took.as_secs_f64())),
        Bar::told(
            "calls that were not answered 200",
            (seen.calls - seen.times.len() as u64).to_string(),
        ),
        Bar::most("answered 200 and not in the record", count(&found.missing), 0.0, ""),
        Bar::most("applied twice", count(&found.doubled), 0.0, ""),
        Bar::most("in the record and never taken", count(&found.strangers), 0.0, ""),
        Bar::told("well again after a kill, at most", format!("{:.2} s", quantile(&mut gaps, 1.0))),
        Bar::most("memory of the bot", run.memory, 150.0, "MB"),
    ];
    // The figures are for a release build on a machine of its own; other builds only say what they reach.
    let timed = |what: &str, value: f64, most: f64| match cfg!(debug_assertions) {
        true => Bar::told(what, format!("{value:.0} ms (release: at most {most:.0})")),
        false => Bar::most(what, value, most, "ms"),
    };
    bars.push(timed("p99 of a call answered 200", p99, 50.0));
    bars.push(timed("p99.9", p999, 250.0));
    bars
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn planted_faults_are_found() {
        let good: BTreeMap<i64, (usize, i64)> = (0..10).map(|number| (number, (1, 1))).collect();
        let taken: Vec<i64> = (0..10).chain([3, 3]).collect();
        assert_eq!(judge(&taken, &good), Findings::default());
        let planted = |number, row| {
            let mut rows = good.clone();
            rows.insert(number, row);
            judge(&taken, &rows)
        };
        assert_eq!(planted(4, (0, 1)).missing, [4], "the reply is lost");
        assert_eq!(planted(4, (1, 0)).missing, [4], "the conversation is lost");
        assert_eq!(planted(4, (2, 1)).doubled, [4]);
        assert_eq!(planted(4, (1, 2)).doubled, [4]);
        assert_eq!(planted(77, (1, 1)).strangers, [77]);
        let mut rows = good.clone();
        rows.remove(&5);
        assert_eq!(judge(&taken, &rows).missing, [5]);
    }

    #[test]
    fn the_plan_repeats_its_share_and_shuffles_within_bounds() {
        let all = plan(10_000, 0.3, &mut Dice::new(1));
        assert!((12_700..13_300).contains(&all.len()), "{}", all.len());
        let distinct: std::collections::BTreeSet<i64> = all.iter().copied().collect();
        assert_eq!(distinct.len(), 10_000);
        assert!(all.windows(2).any(|pair| pair[0] > pair[1]));
    }
}
