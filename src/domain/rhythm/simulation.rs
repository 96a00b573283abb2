//! Sixty searches of one site through day and night, once at fixed intervals and once tuned, at the same number of
//! requests. Everything is decided by the code that runs in production; only visits and listings are played.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Timelike, Utc};

use super::{Demand, Policy, Rate, Sighting, changes, next_due, tune};
use crate::domain::source::{Source, SourceSpec};

const SEARCHES: u32 = 60;
const ASKED: Duration = Duration::from_secs(360);
const WARM_UP: i64 = 5;
const DAYS: i64 = 12;
/// Listings on a page.
const PAGE: usize = 25;

/// A small generator of its own, so that every run plays the same days.
struct Dice(u64);

impl Dice {
    fn unit(&mut self) -> f64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        f64::from(u32::try_from(self.0 >> 33).expect("31 bits")) / f64::from(1u32 << 31)
    }

    /// Exponential with mean 1.
    fn wait(&mut self) -> f64 {
        -(1.0 - self.unit()).ln()
    }

    /// Standard normal (Box and Muller).
    fn normal(&mut self) -> f64 {
        (2.0 * self.wait()).sqrt() * (std::f64::consts::TAU * self.unit()).cos()
    }
}

fn start() -> DateTime<Utc> {
    "2026-03-02T00:00:00Z".parse().expect("a moment")
}

/// How busy the site is at this time of the day; 1 on average.
fn profile(at: DateTime<Utc>) -> f64 {
    match at.hour() {
        0..6 => 0.15,
        6..9 => 0.8,
        9..21 => 1.6,
        _ => 0.25,
    }
}

/// The moments at which a search gets a new listing, in order.
fn published(per_hour: f64, dice: &mut Dice) -> Vec<DateTime<Utc>> {
    let (mut at, end) = (start(), start() + TimeDelta::days(DAYS));
    let mut all = Vec::new();
    loop {
        // The busiest hour's rate, thinned.
        let hours = dice.wait() / (per_hour * 1.6);
        at += Duration::from_secs_f64((hours * 3_600.0).min(1e8));
        if at >= end {
            return all;
        }
        if dice.unit() * 1.6 < profile(at) {
            all.push(at);
        }
    }
}

#[derive(Debug)]
struct Outcome {
    requests: usize,
    /// Seconds from publication to detection, sorted.
    delays: Vec<f64>,
    /// The longest time between two visits of each search.
    longest: Vec<Duration>,
    /// Changes of intervals.
    changes: usize,
    sources: Vec<Source>,
}

impl Outcome {
    fn median(&self) -> f64 {
        self.delays[self.delays.len() / 2]
    }

    fn mean(&self) -> f64 {
        self.delays.iter().sum::<f64>() / f64::from(u32::try_from(self.delays.len()).expect("few"))
    }
}

/// Plays the days; what counts comes after the warm-up.
fn play(news: &[Vec<DateTime<Utc>>], policy: Option<Policy>) -> Outcome {
    let spec = |n: usize| SourceSpec {
        site: "demo".into(),
        url: format!("https://demo.example/search?q={n}"),
        title: n.to_string(),
        interval: ASKED,
        offered: true,
        rhythm: super::Rhythm::default(),
    };
    let mut sources: Vec<Source> = (0..news.len()).map(|n| Source::new(spec(n), start())).collect();
    let demands: Vec<Demand> = sources
        .iter()
        .map(|source| Demand { source: source.id.clone(), watches: 1, unsold: 1, sold: None })
        .collect();
    let mut rates = vec![Rate::default(); news.len()];
    let mut found = vec![0; news.len()];
    let mut last: Vec<Option<DateTime<Utc>>> = vec![None; news.len()];
    let mut outcome = Outcome {
        requests: 0,
        delays: vec![],
        longest: vec![Duration::ZERO; news.len()],
        changes: 0,
        sources: vec![],
    };
    let (counts, end) = (start() + TimeDelta::days(WARM_UP), start() + TimeDelta::days(DAYS));
    let mut queue: BinaryHeap<Reverse<(DateTime<Utc>, usize)>> =
        (0..news.len()).map(|n| Reverse((start(), n))).collect();
    let mut care = start();
    while let Some(Reverse((now, n))) = queue.pop().filter(|Reverse((at, _))| *at < end) {
        while let Some(policy) = policy.filter(|_| care <= now) {
            for (source, rate) in sources.iter_mut().zip(&rates) {
                source.rate = Some(rate.write());
            }
            let choices = tune(&sources, &demands, &policy, care);
            for change in changes(&sources, &choices, care) {
                let n = sources.iter().position(|source| source.id == change.source);
                let n = n.expect("one of ours");
                sources[n].pace = change.pace;
                outcome.changes += usize::from(care >= counts);
                if let Some(due) = change.due.filter(|due| *due < sources[n].next_due_at) {
                    sources[n].next_due_at = due;
                    queue.push(Reverse((due, n)));
                }
            }
            care += TimeDelta::minutes(30);
        }
        if sources[n].next_due_at != now {
            continue;
        }
        let new: Vec<_> = news[n][found[n]..].iter().take_while(|at| **at <= now).collect();
        found[n] += new.len();
        let count = u32::try_from(new.len().min(PAGE)).expect("a page");
        let saw =
            if new.len() >= PAGE { Sighting::AtLeast(count) } else { Sighting::Exactly(count) };
        rates[n] = std::mem::take(&mut rates[n]).after(saw, now);
        if now >= counts {
            outcome.requests += 1;
            outcome.delays.extend(
                new.iter().filter(|at| ***at >= counts).map(|at| (now - **at).as_seconds_f64()),
            );
            let gap = last[n].map_or(Duration::ZERO, |last| (now - last).to_std().expect("later"));
            outcome.longest[n] = outcome.longest[n].max(gap);
        }
        last[n] = Some(now);
        let source = &mut sources[n];
        let next = next_due(&source.spec.rhythm, source.interval(), now, source.seed(), now);
        source.next_due_at = next;
        queue.push(Reverse((next, n)));
    }
    outcome.delays.sort_by(f64::total_cmp);
    outcome.sources = sources;
    outcome
}

const TUNED: Policy = Policy { adaptive: true, idle: Duration::from_secs(3_600), stretch: 3.0 };

#[test]
fn at_the_same_number_of_requests_the_median_delay_falls() {
    let mut dice = Dice(2_026);
    // Log-normal rates: half of the searches have less than one new listing an hour, some have a dozen.
    let rates: Vec<f64> = (0..SEARCHES).map(|_| (1.3 * dice.normal()).exp()).collect();
    let news: Vec<_> = rates.iter().map(|rate| published(*rate, &mut dice)).collect();
    let fixed = play(&news, None);
    let tuned = play(&news, Some(TUNED));

    let as_float = |count: usize| f64::from(u32::try_from(count).expect("few"));
    let requests = as_float(tuned.requests) / as_float(fixed.requests);
    let (median, mean) = (tuned.median() / fixed.median(), tuned.mean() / fixed.mean());
    println!(
        "requests {} and {} ({requests:.4}), listings {}, median {:.1} s and {:.1} s ({median:.3}), \
         mean {:.1} s and {:.1} s ({mean:.3})",
        fixed.requests,
        tuned.requests,
        fixed.delays.len(),
        fixed.median(),
        tuned.median(),
        fixed.mean(),
        tuned.mean(),
    );
    assert!((requests - 1.0).abs() < 0.01, "{requests}");
    assert!(median < 0.8 && mean < 0.8, "{median} {mean}");
    // The site gets busier or calmer four times a day; beside that nothing flaps.
    let each_day = as_float(tuned.changes) / f64::from(SEARCHES) / (DAYS - WARM_UP) as f64;
    assert!(each_day < 12.0, "{each_day} changes a day");
    // Whoever pays for it waits within the stretch, a round's jitter included.
    let longest = tuned.longest.iter().max().expect("searches");
    assert!(*longest <= ASKED.mul_f64(TUNED.stretch * 1.6), "{longest:?}");
}

#[test]
fn a_search_that_stops_is_still_visited_within_the_stretch() {
    let mut dice = Dice(7);
    let mut news: Vec<_> = (0..8).map(|_| published(4.0, &mut dice)).collect();
    news[3].retain(|at| *at < start() + TimeDelta::days(3));
    let tuned = play(&news, Some(TUNED));
    let stopped = &tuned.sources[3];
    assert!(stopped.interval() > ASKED * 2, "{:?}", stopped.interval());
    assert!(stopped.interval() <= ASKED.mul_f64(TUNED.stretch));
    assert!(tuned.longest[3] <= ASKED.mul_f64(TUNED.stretch * 1.6), "{:?}", tuned.longest[3]);
    let last = stopped.rate.as_deref().map(|text| Rate::read(Some(text)).totals());
    assert!(last.is_some_and(|(news, hours)| news / hours < 2.0), "{last:?}");
}
