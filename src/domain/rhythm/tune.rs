//! Which interval each source has at present, and why: what people are entitled to, and where a visit helps most.
//!
//! The policy:
//!
//! 1. A cron expression decides alone.
//! 2. A source that is watched has the shortest interval that one of its watchers is entitled to: the one that was
//!    sold to them, else the one that was asked for with the source.
//! 3. A source that is offered but watched by nobody has the interval that was asked for.
//! 4. A source that is neither offered nor watched is idle: it runs at the idle interval, if that is longer.
//! 5. Of the intervals of 2 and 3, those of one host are tuned (see [`super::allocate`]): together they cost the host
//!    as many requests a day as before, but busy sources, busy hours and sources with many watchers get more of
//!    them. What was asked for is a measure: a tuned interval stays within `stretch` times and an `stretch`th of it.
//!    What was sold is a promise: it only ever gets shorter.
//! 6. A source with windows, or one that is to be `exact`, is not tuned; an exact one is never idle.
//!
//! An interval is changed only when the new one differs by more than a tenth, so that nothing flaps.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Timelike, Utc};

use super::allocate::{SourceLoad, allocate};
use super::next_due;
use super::rate::{HOURS, Rate};
use super::season::fit;
use crate::domain::SourceId;
use crate::domain::source::Source;

/// Tuning never asks more often than this, unless the operator asked for it.
pub const SHORTEST: Duration = Duration::from_secs(30);

/// The weight of an offered search that nobody watches; one watch weighs 1.
const NOBODY: f64 = 0.25;

/// A change of an interval by less than this factor is none.
const NOTICEABLE: f64 = 1.1;

/// The measures of the policy.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Policy {
    /// Whether intervals are tuned to the rates of change.
    pub adaptive: bool,
    /// The interval of a source that nobody watches and nobody is offered.
    pub idle: Duration,
    /// How many times longer or shorter than asked for a tuned interval may be.
    pub stretch: f64,
}

/// Who waits for the news of a source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Demand {
    /// Which source.
    pub source: SourceId,
    /// Watches that are told.
    pub watches: u32,
    /// Those of them whose owners were sold no interval.
    pub unsold: u32,
    /// The shortest interval that was sold to an owner.
    pub sold: Option<Duration>,
}

/// Why a source has its interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Why {
    /// It was asked for with the source.
    Asked,
    /// It was sold to one of its watchers.
    Sold,
    /// Nobody watches it and it is not offered.
    Idle,
    /// A cron expression decides.
    Cron,
    /// It was tuned: the host's requests go where they help most.
    Tuned {
        /// The interval that it would have without tuning.
        asked: Duration,
        /// New listings per hour that are expected at this time of the day.
        per_hour: f64,
        /// Watches that are told.
        watches: u32,
    },
}

/// The interval that a source should have.
#[derive(Debug, Clone, PartialEq)]
pub struct Choice {
    /// Which source.
    pub source: SourceId,
    /// The interval.
    pub interval: Duration,
    /// Never longer than this.
    pub most: Duration,
    /// Why.
    pub why: Why,
}

/// A new interval for a source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaceChange {
    /// Which source.
    pub source: SourceId,
    /// The interval; `None`: the one that was asked for.
    pub pace: Option<Duration>,
    /// Due no later than this, if it is not being run.
    pub due: Option<DateTime<Utc>>,
}

/// The interval of each source at `now`, in their order.
pub fn tune(
    sources: &[Source],
    demands: &[Demand],
    policy: &Policy,
    now: DateTime<Utc>,
) -> Vec<Choice> {
    let demands: HashMap<&SourceId, &Demand> =
        demands.iter().map(|demand| (&demand.source, demand)).collect();
    let demand = |source: &Source| demands.get(&source.id).copied();
    let mut choices: Vec<Choice> =
        sources.iter().map(|source| entitled(source, demand(source), policy)).collect();
    if !policy.adaptive {
        return choices;
    }
    let mut hosts: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (place, source) in sources.iter().enumerate() {
        let rhythm = &source.spec.rhythm;
        let tunable = matches!(choices[place].why, Why::Asked | Why::Sold)
            && !rhythm.exact
            && rhythm.windows.is_empty()
            && !source.paused;
        if tunable {
            hosts.entry(host_of(source)).or_default().push(place);
        }
    }
    for places in hosts.into_values().filter(|places| places.len() > 1) {
        let watches =
            |place: usize| demand(&sources[place]).map_or(0, |demand: &Demand| demand.watches);
        tune_host(sources, &places, watches, policy, now, &mut choices);
    }
    choices
}

/// The interval without tuning.
fn entitled(source: &Source, demand: Option<&Demand>, policy: &Policy) -> Choice {
    let spec = &source.spec;
    let choice = |interval, most, why| Choice { source: source.id.clone(), interval, most, why };
    let Some(demand) = demand.filter(|demand| demand.watches > 0) else {
        return match (&spec.rhythm.cron, spec.offered || spec.rhythm.exact) {
            (Some(_), _) => choice(spec.interval, spec.interval, Why::Cron),
            (None, true) => choice(spec.interval, Duration::MAX, Why::Asked),
            (None, false) if policy.idle <= spec.interval => {
                choice(spec.interval, spec.interval, Why::Asked)
            }
            (None, false) => choice(policy.idle, policy.idle, Why::Idle),
        };
    };
    if spec.rhythm.cron.is_some() {
        return choice(spec.interval, spec.interval, Why::Cron);
    }
    let promise = demand.sold.unwrap_or(Duration::MAX);
    let counts = demand.unsold > 0 || demand.sold.is_none() || spec.rhythm.exact;
    if counts && spec.interval < promise {
        choice(spec.interval, promise, Why::Asked)
    } else {
        choice(promise, promise, Why::Sold)
    }
}

/// Tunes the intervals of one host's sources: each hour of the day is a load of its own, so that the busy hours may
/// have what the calm ones leave, and the present hour's part is the answer.
fn tune_host(
    sources: &[Source],
    places: &[usize],
    watches: impl Fn(usize) -> u32,
    policy: &Policy,
    now: DateTime<Utc>,
    choices: &mut [Choice],
) {
    let rates: Vec<Rate> =
        places.iter().map(|place| Rate::read(sources[*place].rate.as_deref())).collect();
    let season = fit(&rates);
    let mut loads = Vec::with_capacity(places.len() * HOURS);
    for (place, level) in places.iter().zip(&season.levels) {
        let Choice { interval: asked, most, .. } = choices[*place];
        let stretch = policy.stretch.max(1.0);
        let watches = watches(*place);
        let weight = if watches == 0 { NOBODY } else { f64::from(watches) };
        loads.extend(season.profile.iter().map(|part| SourceLoad {
            asked,
            rate: level * part,
            weight,
            share: 1.0 / 24.0,
            least: asked.div_f64(stretch).max(SHORTEST.min(asked)),
            most: asked.mul_f64(stretch).min(most),
        }));
    }
    let hour = now.hour() as usize;
    let intervals = allocate(&loads);
    for (place, chunk) in places.iter().zip(intervals.chunks(HOURS).zip(loads.chunks(HOURS))) {
        let (intervals, loads) = chunk;
        let asked = choices[*place].interval;
        // Whole seconds are exact enough, and easier to read.
        let interval = Duration::from_secs_f64(intervals[hour].as_secs_f64().round().max(1.0));
        choices[*place].most = loads[hour].most;
        choices[*place].interval = interval.min(loads[hour].most).max(loads[hour].least);
        choices[*place].why =
            Why::Tuned { asked, per_hour: loads[hour].rate, watches: watches(*place) };
    }
}

/// What has to be written so that the sources have the chosen intervals.
pub fn changes(sources: &[Source], choices: &[Choice], now: DateTime<Utc>) -> Vec<PaceChange> {
    let change = |(source, choice): (&Source, &Choice)| {
        let present = source.interval();
        let pace = (choice.interval != source.spec.interval).then_some(choice.interval);
        let ratio = choice.interval.as_secs_f64() / present.as_secs_f64().max(1e-3);
        let is_tuned = matches!(choice.why, Why::Tuned { .. });
        let small = ratio < NOTICEABLE && ratio > 1.0 / NOTICEABLE;
        if pace == source.pace || is_tuned && small && present <= choice.most {
            return None;
        }
        Some(PaceChange { source: source.id.clone(), pace, due: sooner(source, choice, now) })
    };
    sources.iter().zip(choices).filter_map(change).collect()
}

/// A source that waits for longer than any round of its new interval is due earlier, unless it waits because it
/// fails.
fn sooner(source: &Source, choice: &Choice, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let round = TimeDelta::from_std(choice.interval.saturating_mul(3) / 2).ok()?;
    let waits_long = source.failures == 0 && source.next_due_at - now > round;
    waits_long.then(|| next_due(&source.spec.rhythm, choice.interval, now, source.seed(), now))
}

/// The host that answers for a source.
pub fn host_of(source: &Source) -> String {
    url::Url::parse(&source.spec.url)
        .ok()
        .and_then(|url| url.host_str().map(str::to_owned))
        .unwrap_or_else(|| source.spec.site.clone())
}
